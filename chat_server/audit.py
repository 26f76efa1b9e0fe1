"""What is told of those who use power over others, a line each. Pure.

Names are written as ASCII, in quotation marks, so that none looks like another line; messages are never written.
"""

from typing import assert_never

from chat_server.chat import AnyRecord
from chat_server.people import Banned, Bound, Chose, Founded, Invited, Promoted, Removed, Renamed, Reset
from chat_server.room import (
    Acknowledged,
    Advanced,
    Barred,
    Deleted,
    Departed,
    Edited,
    Entered,
    Muted,
    Opened,
    Passed,
    Pinned,
    Posted,
    Reacted,
    Retitled,
    Shared,
    Unbarred,
    Unmuted,
    Unpinned,
)

HOST = "the server's host"


def audit_line(record: AnyRecord) -> str | None:
    """Who has done what to whom; None for what everybody may do."""
    match record:
        case Deleted(room=room, id=message_id, by=by):
            return f"{by!a} deleted message {message_id} in {room!a}"
        case Departed(room=room, name=name, by=by):
            return f"{by!a} kicked {name!a} from {room!a}" if by else None
        case Barred(room=room, name=name, by=by):
            return f"{by!a} banned {name!a} from {room!a}"
        case Unbarred(room=room, name=name, by=by):
            return f"{by!a} lets {name!a} join {room!a} again"
        case Muted(room=room, name=name, by=by):
            return f"{by!a} muted {name!a} in {room!a}"
        case Unmuted(room=room, name=name, by=by):
            return f"{by!a} lets {name!a} write in {room!a} again"
        case Retitled(room=room, by=by):
            return f"{by!a} gave {room!a} another title"
        case Passed(room=room, name=name, by=by):
            return f"{by!a} made {name!a} the owner of {room!a}"
        case Opened() | Entered() | Posted() | Advanced() | Shared():
            return None
        case Edited() | Reacted() | Acknowledged() | Pinned() | Unpinned():
            return None
        case _:
            return _of_people(record)


def _of_people(
    record: Founded | Bound | Reset | Promoted | Banned | Removed | Renamed | Invited | Chose,
) -> str | None:
    match record:
        case Bound(name=name, key=key, admin=admin):
            return f"key {key} was bound to {name!a}" + (", who is an admin" if admin else "")
        case Reset(name=name):
            return f"{HOST} took all keys from {name!a}"
        case Promoted(name=name, admin=admin):
            return f"{HOST} made {name!a} " + ("an admin" if admin else "no admin any more")
        case Banned(name=name, banned=banned):
            return f"{HOST} banned {name!a}" if banned else f"{HOST} lets {name!a} in again"
        case Removed(name=name):
            return f"{HOST} removed {name!a}"
        case Renamed(name=name, to=to):
            return f"{HOST} renamed {name!a} to {to!a}"
        case Invited(name=name, uses=uses):
            return f"a code was made for {name!a}" if name else f"an invitation was made for {uses}"
        case Founded() | Chose():
            return None
        case _:
            assert_never(record)
