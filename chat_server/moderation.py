"""Who may moderate whom in a room, and what follows from it. Pure; changes nothing.

| | in their room an owner | an admin |
| --- | --- | --- |
| delete a message | any | any |
| give it another title | yes | yes |
| make a member its owner | yes | yes |
| see who is banned | yes | yes |
| kick, ban, mute and their opposites | anybody but admins and themselves | anybody but themselves |

Everybody may delete what they wrote. In the lobby, which nobody owns and nobody leaves, only admins moderate, and
nobody is kicked or banned; in a direct conversation nobody moderates. Doing again what is done already is no
mistake, and changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from chat_server import protocol
from chat_server.protocol import (
    LOBBY,
    ROOMS_OWNED_MAX,
    AnyFrame,
    Ban,
    Changed,
    Delete,
    Kick,
    Left,
    ModerationRequest,
    Mute,
    Pass,
    Topic,
    Unban,
    Unmute,
)
from chat_server.records import (
    AnyRoomRecord,
    Barred,
    Deleted,
    Departed,
    Muted,
    Passed,
    Retitled,
    Unbarred,
    Unmuted,
)
from chat_server.room import Room

IsAdmin = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something may not be done."""

    code: str
    """One of those in `docs/protocol.md`."""
    reason: str
    """A sentence for a person."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What comes of a request: a refusal, or records and what to tell of them; neither where all is so already."""

    refusal: Refusal | None = None
    records: tuple[AnyRoomRecord, ...] = ()
    """To be applied in this order."""
    frames: tuple[AnyFrame, ...] = ()
    """To be told in this order, once the records are applied."""
    told: tuple[str, ...] = ()
    """Whom: everybody who is a member before that, whoever is put out among them."""


def moderate(room: Room, actor: str, request: ModerationRequest, *, is_admin: IsAdmin, now_ms: int) -> Ruling:
    """Rule on a request of somebody who is in the room."""
    if isinstance(request, Delete):
        refusal = _against_deleting(room, actor, request.message_id, is_admin)
        return Ruling(refusal) if refusal else _delete(room, actor, request.message_id, now_ms)
    refusal = _against(room, actor, request, is_admin)
    return Ruling(refusal) if refusal else _change(room, actor, request, now_ms)


def retitle(room: Room, actor: str, topic: Topic, *, is_admin: IsAdmin, now_ms: int) -> Ruling:
    """Rule on another title, by somebody who is in the room; white space around it is nothing."""
    if room.direct:
        return Ruling(Refusal("not-allowed", "A direct conversation is called after the other one in it."))
    if not _moderates(room, actor, is_admin):
        return Ruling(_not_a_moderator(room, "give the room another title"))
    title = topic.title.strip()
    if title == room.title:
        return Ruling()
    frame = protocol.Retitled(room=room.name, title=title, by=actor)
    return _ruled(room, Retitled(room=room.name, title=title, by=actor, at=now_ms), frame)


def pass_on(
    room: Room, actor: str, request: Pass, *, owned: Callable[[str], int], is_admin: IsAdmin, now_ms: int
) -> Ruling:
    """Rule on another owner, by somebody who is in the room; `owned` says how many rooms somebody owns."""
    name = request.name
    if room.direct or room.name == LOBBY:
        return Ruling(Refusal("not-allowed", "This room is nobody's to pass on."))
    if not _moderates(room, actor, is_admin):
        return Ruling(_not_a_moderator(room, "pass it on"))
    if not room.is_member(name):
        return Ruling(Refusal("no-such-member", f"Nobody named {name!a} is in this room."))
    if name == room.owner:
        return Ruling()
    if owned(name) >= ROOMS_OWNED_MAX:
        return Ruling(Refusal("too-many-rooms", f"{name} owns {ROOMS_OWNED_MAX} rooms already."))
    frame = protocol.Passed(room=room.name, owner=name, by=actor)
    return _ruled(room, Passed(room=room.name, name=name, by=actor, at=now_ms), frame)


def refusal_of_bans(room: Room, actor: str, is_admin: IsAdmin) -> Refusal | None:
    """Why somebody cannot see who is banned; None where they moderate."""
    return None if _moderates(room, actor, is_admin) else _not_a_moderator(room, "see who is banned")


def refusal_to_join(room: Room, name: str) -> Refusal | None:
    """Why somebody cannot become a member of this room; None where nobody has barred them."""
    if not room.is_barred(name):
        return None
    return Refusal("banned", f"You are banned from {room.name}; its owner or an admin can let you in again.")


def refusal_to_write(room: Room, name: str) -> Refusal | None:
    """Why a member cannot write here; None where nobody has muted them."""
    if not room.is_muted(name):
        return None
    return Refusal("muted", f"You are muted in {room.name}: you can read and not write.")


# Who may


def _moderates(room: Room, actor: str, is_admin: IsAdmin) -> bool:
    return not room.direct and (is_admin(actor) or (room.name != LOBBY and actor == room.owner))


def _not_a_moderator(room: Room, what: str) -> Refusal:
    who = "an admin" if room.name == LOBBY or not room.owner else f"{room.owner}, whose room this is, or an admin"
    return Refusal("not-allowed", f"Only {who} can {what}.")


def _against_deleting(room: Room, actor: str, message_id: int, is_admin: IsAdmin) -> Refusal | None:
    if message_id > room.last_id:
        return Refusal("no-such-message", f"The room has no message {message_id}.")
    author = room.messages[message_id - 1].sender
    if actor == author or _moderates(room, actor, is_admin):
        return None
    if room.direct:
        return Refusal("not-allowed", f"Only {author} can delete what {author} wrote.")
    return _not_a_moderator(room, f"delete what {author} wrote")


Sanction = Kick | Ban | Unban | Mute | Unmute


def _against(room: Room, actor: str, request: Sanction, is_admin: IsAdmin) -> Refusal | None:
    verb = type(request).__name__.lower()
    if room.direct:
        return Refusal("not-allowed", f"Nobody can {verb} anybody in a direct conversation.")
    if not _moderates(room, actor, is_admin):
        return _not_a_moderator(room, f"{verb} somebody")
    if actor == request.name:
        return Refusal("not-allowed", f"Nobody can {verb} themselves.")
    if not room.has_met(request.name):
        return Refusal("no-such-member", f"Nobody named {request.name!a} has been in this room.")
    if is_admin(request.name) and not is_admin(actor):
        return Refusal("not-allowed", f"{request.name} is an admin: only an admin can {verb} them.")
    return _against_in_lobby(request) if room.name == LOBBY else None


def _against_in_lobby(request: Sanction) -> Refusal | None:
    match request:
        case Kick():
            return Refusal("not-allowed", f"Everybody stays in {LOBBY}.")
        case Ban(name=name):
            return Refusal(
                "not-allowed",
                f"Everybody stays in {LOBBY}. To ban {name} from the server, its host runs: "
                f"chat-server user ban {name}",
            )
        case Unban() | Mute() | Unmute():
            return None
        case _:
            assert_never(request)


# What follows


def _delete(room: Room, actor: str, message_id: int, now_ms: int) -> Ruling:
    if room.is_deleted(message_id):
        return Ruling()
    changed = Changed(
        room=room.name,
        message_id=message_id,
        deleted_at=now_ms,
        deleted_by=actor,
        revision=room.revision + 1,
    )
    return _ruled(room, Deleted(room=room.name, id=message_id, by=actor, at=now_ms), changed)


def _change(room: Room, actor: str, request: Sanction, now_ms: int) -> Ruling:
    name = request.name
    match request:
        case Kick() if room.is_member(name):
            record: AnyRoomRecord = Departed(room=room.name, name=name, at=now_ms, by=actor)
            return _ruled(room, record, Left(room=room.name, name=name, by=actor))
        case Ban() if not room.is_barred(name):
            record = Barred(room=room.name, name=name, by=actor, at=now_ms)
            left = Left(room=room.name, name=name, by=actor, barred=True)
            return _ruled(room, record, *([left] if room.is_member(name) else []))
        case Unban() if room.is_barred(name):
            return _ruled(room, Unbarred(room=room.name, name=name, by=actor, at=now_ms))
        case Mute() if not room.is_muted(name):
            record = Muted(room=room.name, name=name, by=actor, at=now_ms)
            return _ruled(room, record, protocol.Muted(room=room.name, name=name, muted=True, by=actor))
        case Unmute() if room.is_muted(name):
            record = Unmuted(room=room.name, name=name, by=actor, at=now_ms)
            return _ruled(room, record, protocol.Muted(room=room.name, name=name, muted=False, by=actor))
        case Kick() | Ban() | Unban() | Mute() | Unmute():
            return Ruling()
        case _:
            assert_never(request)


def _ruled(room: Room, record: AnyRoomRecord, *frames: AnyFrame) -> Ruling:
    return Ruling(records=(record,), frames=frames, told=tuple(room.members))
