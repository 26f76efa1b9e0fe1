"""What a member lacks who comes back. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import json
from msgspec.structs import replace

from chat_server import records
from chat_server.answers.messages import bounded, tallies_of, text_changed
from chat_server.answers.pages import Selection, page_of
from chat_server.answers.receipting import (
    acknowledged,
    acknowledged_told,
    editions_told,
    first_seen,
    receipts,
    shown_to,
)
from chat_server.changes import Change
from chat_server.protocol import (
    PAGE_MAX,
    Acknowledged,
    Changed,
    History,
    Receipt,
    Renamed,
    RoomCursor,
)
from chat_server.room import Room

CHANGES_BYTES_MAX: Final = 2 * 1024 * 1024
"""Bytes of changes that whoever returns is told; past it they start over with the room."""
Missed = Renamed | Changed | Receipt | Acknowledged
"""What a returning member is told of messages that they hold."""


def resumed(room: Room, asker: str, cursor: RoomCursor) -> tuple[History, Sequence[Missed]]:
    """What a returning member lacks: a page, and what is to be told before it, in order.

    The later messages, or the newest page of them with `more` where they are too many for one; and, for messages
    that the member holds already, new names, deletions, new texts, and the receipts newer than the cursor: of the
    asker's messages, and of what the asker has read on another device; and acknowledgements alike. Names come
    first, as all that comes after them is told by the new ones. Only the page carries the new revision, so it is
    sent last: whoever is cut off before it comes back with the old cursor and is sent all of this again. Where not
    all changes since the cursor are known any more, or they are too many, or where the asker shares or hides what
    they read since then and so is shown other things, the page is the newest of the room and is to be taken
    `afresh`.
    """
    changes = room.changes.since(cursor.revision)
    if changes is None or room.sharing.since(asker) > cursor.revision:
        return _afresh(room, asker)
    held = min(cursor.message, room.last_id)

    def select(limit: int) -> Selection:
        page, _ = bounded(room, room.between(max(held + 1, room.last_id - limit + 1), room.last_id), from_end=True)
        return page, len(page) < room.last_id - held

    page = page_of(room, asker, select, PAGE_MAX)
    told = [*_changes_told(room, asker, changes, held)]
    if sum(len(json.encode(each)) for each in told) > CHANGES_BYTES_MAX:
        return _afresh(room, asker)
    receipts = _receipts_since(room, asker, cursor.revision, held)
    return page, [*told, *receipts, *_acknowledged_since(room, asker, cursor.revision, held)]


def _afresh(room: Room, asker: str) -> tuple[History, Sequence[Missed]]:
    """The newest page of the room, for whoever is to forget what they hold of it."""

    def select(limit: int) -> Selection:
        page, _ = bounded(room, room.between(room.last_id - limit + 1, room.last_id), from_end=True)
        return page, len(page) < room.last_id

    return replace(page_of(room, asker, select, PAGE_MAX), afresh=True), ()


def _changes_told(room: Room, asker: str, changes: Iterable[Change], held: int) -> Iterator[Renamed | Changed]:
    for name, to in (each.renamed for each in changes if each.renamed is not None):
        yield Renamed(room=room.name, name=name, to=to)
    altered = {each.deleted or each.altered for each in changes}
    ids = sorted(each for each in altered if each is not None and each <= held)
    for message_id, tally in zip(ids, tallies_of(room, asker, ids), strict=True):
        told = text_changed(room, message_id, tally, revision=0)
        if room.is_deleted(message_id):
            yield told
            continue
        if room.messages[message_id - 1].sender == asker:
            told = replace(told, audience=None, read_by=None)
        by = room.marks.pinned_by(message_id)
        yield replace(told, reactions=room.marks.reactions(message_id), pinned=by is not None, pinned_by=by or "")


def _receipts_since(room: Room, asker: str, revision: int, held: int) -> Iterator[Receipt]:
    for reader, reading in room.readings.items():
        for first, last, read_at, advanced in reading.since(revision):
            covered = ((first, min(last, held)),) if first <= held else ()
            told = shown_to(room, asker, reader, covered, advanced)
            yield from receipts(room, reader, told, read_at, advanced=advanced, revision=0)
    for reader, read_at, advanced, editions in editions_told(room, asker, range(1, held + 1), revision):
        seen = first_seen(room, reader, editions) if reader != asker else ()
        yield from receipts(room, reader, seen, read_at, advanced=advanced, revision=0, editions=editions)


def _acknowledged_since(room: Room, asker: str, revision: int, held: int) -> Iterator[Acknowledged]:
    for message_id, reader, edition, at_ms in acknowledged_told(room, asker, range(1, held + 1), revision):
        said = records.Acknowledged(room=room.name, id=message_id, reader=reader, edition=edition, at=at_ms)
        yield acknowledged(said, revision=0)
