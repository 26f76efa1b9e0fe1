"""What members do with messages that are there: who may, and what follows. Pure; changes nothing.

Doing again what is done already is no mistake, and changes nothing.
"""

from typing import assert_never

from chat_server import answers
from chat_server.moderation import Refusal, Ruling, refusal_to_write
from chat_server.protocol import (
    EDITIONS_MAX,
    PINS_MAX,
    Acknowledge,
    Changed,
    Edit,
    MessageRequest,
    Pin,
    React,
    Unpin,
)
from chat_server.records import Acknowledged, AnyRoomRecord, Edited, Entry, Pinned, Reacted, Unpinned
from chat_server.room import Room


def rule(room: Room, actor: str, request: MessageRequest, now_ms: int) -> Ruling:
    """Rule on a request of a member; what to tell of it is made once the records are applied."""
    if (refusal := _against(room, actor, request.message_id)) is not None:
        return Ruling(refusal)
    match request:
        case Edit():
            return _edit(room, actor, room.messages[request.message_id - 1], request, now_ms)
        case React():
            return _react(room, actor, request, now_ms)
        case Pin(message_id=message_id):
            return _pin(room, actor, message_id, now_ms)
        case Unpin(message_id=message_id):
            return _unpin(room, actor, message_id, now_ms)
        case _:
            assert_never(request)


def told(room: Room, actor: str, request: MessageRequest) -> Changed:
    """What the members are told of it, once its records are applied."""
    match request:
        case Edit(message_id=message_id):
            return answers.changed(room, message_id, revision=room.revision)
        case React(message_id=message_id):
            return answers.reacted(room, message_id, revision=room.revision)
        case Pin(message_id=message_id) | Unpin(message_id=message_id):
            return Changed(
                room=room.name,
                message_id=message_id,
                pinned=isinstance(request, Pin),
                pinned_by=actor,
                revision=room.revision,
            )
        case _:
            assert_never(request)


def acknowledge(room: Room, actor: str, request: Acknowledge, now_ms: int) -> Ruling:
    """Rule on whether a member acknowledges a message. Who may not write may: it is about reading."""
    message_id, edition = request.message_id, request.edition
    if (refusal := _absence(room, message_id)) is not None:
        return Ruling(refusal)
    entry = room.messages[message_id - 1]
    if actor == entry.sender:
        return Ruling(Refusal("not-allowed", "Only others can acknowledge what you wrote."))
    if edition > entry.edition:
        return Ruling(Refusal("no-such-message", f"Message {message_id} has no text {edition}."))
    if not room.acknowledgements.is_news(message_id, actor, edition):
        return Ruling()
    return _done(Acknowledged(room=room.name, id=message_id, reader=actor, edition=edition, at=now_ms))


def _against(room: Room, actor: str, message_id: int) -> Refusal | None:
    """What stands against putting anything on a message."""
    return _absence(room, message_id) or refusal_to_write(room, actor)


def _absence(room: Room, message_id: int) -> Refusal | None:
    """What stands against doing anything at all with a message."""
    if message_id > room.last_id:
        return Refusal("no-such-message", f"The room has no message {message_id}.")
    if room.is_deleted(message_id):
        return Refusal("deleted", f"Message {message_id} has been deleted.")
    return None


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


def _react(room: Room, actor: str, react: React, now_ms: int) -> Ruling:
    if react.on == room.marks.has_reacted(react.message_id, actor, react.emoji):
        return Ruling()
    if react.on and not room.marks.takes(react.message_id, react.emoji):
        return Ruling(Refusal("too-many-reactions", "This message has as many reactions as it may have."))
    return _done(
        Reacted(room=room.name, id=react.message_id, name=actor, emoji=react.emoji, on=react.on, at=now_ms)
    )


def _pin(room: Room, actor: str, message_id: int, now_ms: int) -> Ruling:
    if room.marks.pinned_by(message_id) is not None:
        return Ruling()
    if room.marks.is_pinned_full:
        return Ruling(Refusal("too-many-pins", f"This room has {PINS_MAX} pinned messages; unpin one first."))
    return _done(Pinned(room=room.name, id=message_id, by=actor, at=now_ms))


def _unpin(room: Room, actor: str, message_id: int, now_ms: int) -> Ruling:
    if room.marks.pinned_by(message_id) is None:
        return Ruling()
    return _done(Unpinned(room=room.name, id=message_id, by=actor, at=now_ms))
