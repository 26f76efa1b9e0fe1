"""Messages, with their counts, as members are told of them. Pure."""

from collections.abc import Sequence
from typing import Final

from msgspec import json
from msgspec.structs import replace

from chat_server.protocol import (
    PAGE_BYTES_MAX,
    Changed,
    Message,
)
from chat_server.room import Entry, Room, Tally

HIDDEN: Final = Tally(audience=0, read_by=0)
"""What is counted for who does not share."""


def message(room: Room, entry: Entry, tally: Tally, *, to: str | None = None) -> Message:
    """A message with its counts, as it is told to `to`; with its nonce where that is its sender."""
    return Message(
        room=room.name,
        id=entry.id,
        sender=entry.sender,
        content=entry.content,
        sent_at=entry.sent_at,
        reply_to=entry.reply_to,
        audience=tally.audience,
        read_by=tally.read_by,
        nonce=entry.nonce if to == entry.sender else None,
        deleted_at=entry.deleted_at,
        deleted_by=entry.deleted_by,
        edition=entry.edition,
        edited_at=entry.edited_at,
        reactions=room.marks.reactions(entry.id),
    )


def tallies_for(room: Room, asker: str, first: int, last: int) -> list[Tally]:
    """As `Room.tallies`, and nothing counted for who does not share."""
    return tallies_of(room, asker, range(first, last + 1))


def tallies_of(room: Room, asker: str, ids: Sequence[int]) -> list[Tally]:
    """As `tallies_for`, of any existing messages by ascending ids, each once."""
    return room.tallies_of(ids) if room.shares(asker) else [HIDDEN] * len(ids)


def reacted(room: Room, message_id: int, *, revision: int) -> Changed:
    """What is on a message now."""
    reactions = room.marks.reactions(message_id)
    return Changed(room=room.name, message_id=message_id, reactions=reactions, revision=revision)


def changed(room: Room, message_id: int, *, revision: int) -> Changed:
    """What has become of a message's text, as it is told to who shares; see `uncounted` for the others."""
    [tally] = room.tallies(message_id, message_id)
    return text_changed(room, message_id, tally, revision=revision)


def uncounted(told: Changed) -> Changed:
    """The same, as it is told to who does not share."""
    if told.audience is None:
        return told
    return replace(told, audience=HIDDEN.audience, read_by=HIDDEN.read_by)


def text_changed(room: Room, message_id: int, tally: Tally, *, revision: int) -> Changed:
    entry = room.messages[message_id - 1]
    if entry.edition == 0:
        return Changed(
            room=room.name,
            message_id=message_id,
            deleted_at=entry.deleted_at,
            deleted_by=entry.deleted_by,
            revision=revision,
        )
    return Changed(
        room=room.name,
        message_id=message_id,
        content=entry.content,
        edited_at=entry.edited_at,
        edition=entry.edition,
        audience=tally.audience,
        read_by=tally.read_by,
        revision=revision,
    )


def bounded(
    room: Room, entries: Sequence[Entry], budget: int = PAGE_BYTES_MAX, *, from_end: bool = False
) -> tuple[Sequence[Entry], bool]:
    """As many entries as fit into so many bytes on the wire, at least one; and whether any were left out."""
    for taken, entry in enumerate(reversed(entries) if from_end else entries):
        reactions = room.marks.reactions(entry.id)
        budget -= len(json.encode(entry.content)) + (len(json.encode(reactions)) if reactions else 0)
        if budget < 0 and taken:
            return (entries[-taken:] if from_end else entries[:taken]), True
    return entries, False
