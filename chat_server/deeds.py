"""What members do with messages that are there: who may, and what follows. Pure; changes nothing.

Doing again what is done already is no mistake, and changes nothing.
"""

from chat_server.moderation import Refusal, Ruling, refusal_to_write
from chat_server.protocol import EDITIONS_MAX, Edit, MessageRequest
from chat_server.records import AnyRoomRecord, Edited, Entry
from chat_server.room import Room


def rule(room: Room, actor: str, request: MessageRequest, now_ms: int) -> Ruling:
    """Rule on a request of a member; what to tell of it is made once the records are applied."""
    if (refusal := _against(room, actor, request.message_id)) is not None:
        return Ruling(refusal)
    entry = room.messages[request.message_id - 1]
    return _edit(room, actor, entry, request, now_ms)


def _against(room: Room, actor: str, message_id: int) -> Refusal | None:
    """What stands against doing anything with a message."""
    if message_id > room.last_id:
        return Refusal("no-such-message", f"The room has no message {message_id}.")
    if room.is_deleted(message_id):
        return Refusal("deleted", f"Message {message_id} has been deleted.")
    return refusal_to_write(room, actor)


def _done(record: AnyRoomRecord) -> Ruling:
    return Ruling(records=(record,))


def _edit(room: Room, actor: str, entry: Entry, edit: Edit, now_ms: int) -> Ruling:
    if actor != entry.sender:
        return Ruling(Refusal("not-allowed", f"Only {entry.sender} can edit what they wrote."))
    if edit.content == entry.content:
        return Ruling()
    if entry.edition >= EDITIONS_MAX:
        return Ruling(Refusal("too-many-edits", f"This message has been edited {EDITIONS_MAX} times already."))
    return _done(Edited(room=room.name, id=entry.id, content=edit.content, at=now_ms))
