"""What members are told of a room: frames made from it, never changing it. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import starmap
from typing import Final

from msgspec import json
from msgspec.structs import replace

from chat_server import records
from chat_server.changes import Change
from chat_server.editions import Edition
from chat_server.protocol import (
    PAGE_BYTES_MAX,
    PAGE_MAX,
    PAGE_RECEIPTS_BYTES_MAX,
    PINS_BYTES_MAX,
    RANGES_MAX,
    Acknowledged,
    AcknowledgedBy,
    Changed,
    FetchHistory,
    History,
    Horizon,
    Horizons,
    Info,
    Members,
    Message,
    PageAcknowledgement,
    PageReceipt,
    Pins,
    ReadBy,
    Receipt,
    Renamed,
    RoomCursor,
    RoomListing,
    RoomSummary,
)
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_server.room import Entry, Room, Tally

CHANGES_BYTES_MAX: Final = 2 * 1024 * 1024
"""Bytes of changes that whoever returns is told; past it they start over with the room."""
HIDDEN: Final = Tally(audience=0, read_by=0)
"""What is counted for who does not share."""

Missed = Renamed | Changed | Receipt | Acknowledged
"""What a returning member is told of messages that they hold."""
Selection = tuple[Sequence[Entry], bool]
"""Messages for a page, oldest first and without gaps, and whether there are more of them."""


def summary(room: Room, name: str, online: Collection[str]) -> RoomSummary:
    """The room as this member finds it on connecting."""
    members = room.members
    return RoomSummary(
        name=room.name,
        title=room.partner(name) if room.direct else room.title,
        last_id=room.last_id,
        revision=room.revision,
        first_unread=room.first_unread(name),
        unread=room.unread_count(name),
        members=tuple(members),
        online=tuple(each for each in members if each in online),
        owner=room.owner,
        muted=tuple(filter(room.is_muted, members)),
        pins=room.marks.pinned,
        sharing=room.mode_of(name),
        policy=policy(room),
        direct=room.direct,
    )


def listing(room: Room, name: str) -> RoomListing:
    """The room as anybody may see it, and whether this one is in it."""
    return RoomListing(room.name, room.title, len(room.members), room.is_member(name), policy(room))


def policy(room: Room) -> dict[str, str]:
    """What is asked of whoever is in the room."""
    return {"receipts": "required"} if room.receipts_required else {}


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


def history(room: Room, asker: str, wanted: FetchHistory) -> History:
    """The page that was asked for, with the receipts of the asker's own messages in it."""

    def select(limit: int) -> Selection:
        if wanted.after is not None:
            page, cut = _bounded(room, room.between(wanted.after + 1, wanted.after + limit))
            return page, cut or wanted.after + limit < room.last_id
        if wanted.before is not None:
            end = min(wanted.before - 1, room.last_id)
            page, cut = _bounded(room, room.between(end - limit + 1, end), from_end=True)
            return page, cut or end - limit >= 1
        assert wanted.around is not None
        page = _around(room, wanted.around, limit)
        return page, len(page) < room.last_id

    return _page(room, asker, select, wanted.limit, wanted.ref)


def _around(room: Room, middle: int, limit: int) -> Sequence[Entry]:
    """Half a page up to and half a page after an id; the whole page where the room ends before its half."""
    half = limit // 2
    first = max(min(middle - half, room.last_id - limit + 1), 1)
    budget = PAGE_BYTES_MAX // 2
    older, _ = _bounded(room, room.between(first, min(middle, first + limit - 1)), budget, from_end=True)
    newer, _ = _bounded(room, room.between(middle + 1, first + limit - 1), budget)
    return [*older, *newer]


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
        page, _ = _bounded(
            room, room.between(max(held + 1, room.last_id - limit + 1), room.last_id), from_end=True
        )
        return page, len(page) < room.last_id - held

    page = _page(room, asker, select, PAGE_MAX)
    told = [*_changes_told(room, asker, changes, held)]
    if sum(len(json.encode(each)) for each in told) > CHANGES_BYTES_MAX:
        return _afresh(room, asker)
    receipts = _receipts_since(room, asker, cursor.revision, held)
    return page, [*told, *receipts, *_acknowledged_since(room, asker, cursor.revision, held)]


def _afresh(room: Room, asker: str) -> tuple[History, Sequence[Missed]]:
    """The newest page of the room, for whoever is to forget what they hold of it."""

    def select(limit: int) -> Selection:
        page, _ = _bounded(room, room.between(room.last_id - limit + 1, room.last_id), from_end=True)
        return page, len(page) < room.last_id

    return replace(_page(room, asker, select, PAGE_MAX), afresh=True), ()


def _changes_told(room: Room, asker: str, changes: Iterable[Change], held: int) -> Iterator[Renamed | Changed]:
    for name, to in (each.renamed for each in changes if each.renamed is not None):
        yield Renamed(room=room.name, name=name, to=to)
    altered = {each.deleted or each.altered for each in changes}
    ids = sorted(each for each in altered if each is not None and each <= held)
    for message_id, tally in zip(ids, tallies_of(room, asker, ids), strict=True):
        told = _text_changed(room, message_id, tally, revision=0)
        if room.is_deleted(message_id):
            yield told
            continue
        if room.messages[message_id - 1].sender == asker:
            told = replace(told, audience=None, read_by=None)
        by = room.marks.pinned_by(message_id)
        yield replace(told, reactions=room.marks.reactions(message_id), pinned=by is not None, pinned_by=by or "")


def reacted(room: Room, message_id: int, *, revision: int) -> Changed:
    """What is on a message now."""
    reactions = room.marks.reactions(message_id)
    return Changed(room=room.name, message_id=message_id, reactions=reactions, revision=revision)


def changed(room: Room, message_id: int, *, revision: int) -> Changed:
    """What has become of a message's text, as it is told to who shares; see `uncounted` for the others."""
    [tally] = room.tallies(message_id, message_id)
    return _text_changed(room, message_id, tally, revision=revision)


def uncounted(told: Changed) -> Changed:
    """The same, as it is told to who does not share."""
    if told.audience is None:
        return told
    return replace(told, audience=HIDDEN.audience, read_by=HIDDEN.read_by)


def _text_changed(room: Room, message_id: int, tally: Tally, *, revision: int) -> Changed:
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


def _receipts_since(room: Room, asker: str, revision: int, held: int) -> Iterator[Receipt]:
    for reader, reading in room.readings.items():
        for first, last, read_at, advanced in reading.since(revision):
            covered = ((first, min(last, held)),) if first <= held else ()
            told = _told(room, asker, reader, covered, advanced)
            yield from receipts(room, reader, told, read_at, advanced=advanced, revision=0)
    for reader, read_at, advanced, editions in _editions_told(room, asker, range(1, held + 1), revision):
        seen = _first_seen(room, reader, editions) if reader != asker else ()
        yield from receipts(room, reader, seen, read_at, advanced=advanced, revision=0, editions=editions)


def _editions_told(
    room: Room, asker: str, ids: range, revision: int = -1
) -> Iterator[tuple[str, int, int, tuple[Edition, ...]]]:
    """What of these messages the asker has read of later texts after this revision, and others of the asker's.

    Of others what they shared when they read it, if the asker shares too. As `Editions.told`.
    """
    for reader, read_at, advanced, editions in room.editions.told(ids, revision):
        if reader == asker:
            yield reader, read_at, advanced, editions
            continue
        told = tuple(each for each in editions if room.messages[each[0] - 1].sender == asker)
        if told and room.shares(asker) and room.sharing.is_public_at(reader, advanced):
            yield reader, read_at, advanced, told


def _first_seen(room: Room, reader: str, editions: Iterable[Edition]) -> Ranges:
    """Those of these messages that others see read by this reader only by a later text of them."""
    return rangesets.of_ids(each for each, _ in editions if not room.is_reading_seen(reader, each))


def _acknowledged_since(room: Room, asker: str, revision: int, held: int) -> Iterator[Acknowledged]:
    for message_id, reader, edition, at_ms in _acknowledged_told(room, asker, range(1, held + 1), revision):
        said = records.Acknowledged(room=room.name, id=message_id, reader=reader, edition=edition, at=at_ms)
        yield acknowledged(said, revision=0)


def _acknowledged_told(
    room: Room, asker: str, ids: range, revision: int = -1
) -> Iterator[tuple[int, str, int, int]]:
    """Which of these messages the asker has acknowledged after this revision, and others of the asker's own.

    Of others only where the asker shares, but whatever these share: message, reader, edition and time.
    """
    for message_id, reader, edition, at_ms, _ in room.acknowledgements.told(ids, revision):
        if reader == asker or (room.messages[message_id - 1].sender == asker and room.shares(asker)):
            yield message_id, reader, edition, at_ms


def acknowledged(said: records.Acknowledged, *, revision: int) -> Acknowledged:
    """What the author and the reader's other devices are told."""
    return Acknowledged(
        room=said.room,
        message_id=said.id,
        reader=said.reader,
        acknowledged_at=said.at,
        edition=said.edition,
        revision=revision,
    )


def _told(room: Room, asker: str, reader: str, covered: Ranges, advanced: int) -> Ranges:
    """What the asker is told of what a reader read at a revision: their own, or of theirs where both share."""
    if reader == asker:
        return covered
    if not (room.shares(asker) and room.sharing.is_public_at(reader, advanced)):
        return ()
    return rangesets.of_ids(room.own_ids(asker, covered))


def receipts(  # noqa: PLR0913 - what one record of reading says
    room: Room,
    reader: str,
    covered: Ranges,
    read_at: int,
    *,
    advanced: int,
    revision: int,
    editions: tuple[Edition, ...] = (),
) -> list[Receipt]:
    """Receipts for these messages, read at the room's revision `advanced`: late ones apart, and none with more
    than `RANGES_MAX` ranges.

    Only the last carries the revision, for whoever was cut off before it must be sent all of them again, and it
    carries the editions, of which one `read` has no more than `RANGES_MAX`.
    """
    sent = room.counted_for(reader, advanced)
    split = ((rangesets.intersect(covered, sent), False), (rangesets.subtract(covered, sent), True))
    parts = [(part[at : at + RANGES_MAX], late) for part, late in split for at in range(0, len(part), RANGES_MAX)]
    if editions and not parts:
        parts = [((), False)]
    return [
        Receipt(
            room=room.name,
            reader=reader,
            ranges=part,
            read_at=read_at,
            late=late,
            revision=revision if at == len(parts) else 0,
            editions=editions if at == len(parts) else (),
        )
        for at, (part, late) in enumerate(parts, 1)
    ]


def info(room: Room, asker: str, message_id: int, ref: str | None) -> Info:
    """Who has read a message, earliest first, and who has not; nobody to who does not share the same.

    Who has acknowledged it is told whatever they share: they have said so for that.
    """
    if not room.shares(asker):
        return Info(
            room=room.name, message_id=message_id, read_by=(), missing=(), unshared=(), hidden=True, ref=ref
        )
    edition = room.messages[message_id - 1].edition
    return Info(
        room=room.name,
        message_id=message_id,
        read_by=tuple(ReadBy(reader, read_at) for reader, read_at in room.readers(message_id)),
        missing=tuple(room.missing(message_id)),
        unshared=tuple(room.unshared(message_id)),
        read_earlier=tuple(ReadBy(reader, read_at) for reader, read_at in room.earlier_readers(message_id)),
        acknowledged=tuple(starmap(AcknowledgedBy, room.acknowledgements.of(message_id, edition))),
        acknowledged_earlier=tuple(starmap(AcknowledgedBy, room.acknowledgements.of_earlier(message_id, edition))),
        ref=ref,
    )


def horizons(room: Room, asker: str, ref: str | None) -> Horizons:
    """How far each of the others has read who shares it; nobody to who does not. Costs O(members · log readings).

    It tells nothing that `info` of the same messages would not.
    """
    if not room.shares(asker):
        return Horizons(room=room.name, horizons=(), hidden=True, ref=ref)
    found = ((each, room.horizon(each)) for each in room.members if each != asker and room.shares(each))
    told = tuple(Horizon(name, *horizon) for name, horizon in found if horizon is not None)
    return Horizons(room=room.name, horizons=told, ref=ref)


def pins(room: Room, asker: str, ref: str | None) -> Pins:
    """The pinned messages, or the newest pins where all are too long for one frame."""
    entries = [room.messages[each - 1] for each in room.marks.pinned]
    told, more = _bounded(room, entries, PINS_BYTES_MAX, from_end=True)
    ids = sorted(each.id for each in told)
    tallies = dict(zip(ids, tallies_of(room, asker, ids), strict=True))
    messages = tuple(message(room, each, tallies[each.id], to=asker) for each in told)
    return Pins(room=room.name, messages=messages, more=more, ref=ref)


def members(room: Room, online: Collection[str], ref: str | None) -> Members:
    """Everybody in the room, and who of them is connected."""
    names = room.members
    return Members(
        room=room.name, members=tuple(names), online=tuple(each for each in names if each in online), ref=ref
    )


def _bounded(
    room: Room, entries: Sequence[Entry], budget: int = PAGE_BYTES_MAX, *, from_end: bool = False
) -> tuple[Sequence[Entry], bool]:
    """As many entries as fit into so many bytes on the wire, at least one; and whether any were left out."""
    for taken, entry in enumerate(reversed(entries) if from_end else entries):
        reactions = room.marks.reactions(entry.id)
        budget -= len(json.encode(entry.content)) + (len(json.encode(reactions)) if reactions else 0)
        if budget < 0 and taken:
            return (entries[-taken:] if from_end else entries[:taken]), True
    return entries, False


def _page(
    room: Room, asker: str, select: Callable[[int], Selection], limit: int, ref: str | None = None
) -> History:
    """The page selected for the limit, or for as small a part of it as makes its receipts few enough."""
    while True:
        page, more = select(limit)
        told, said = tuple(_page_receipts(room, asker, page)), tuple(_page_acknowledged(room, asker, page))
        if limit == 1 or len(json.encode((*told, *said))) <= PAGE_RECEIPTS_BYTES_MAX:
            break
        limit //= 2
    tallies = tallies_for(room, asker, page[0].id, page[-1].id) if page else []
    return History(
        room=room.name,
        messages=tuple(message(room, entry, tally, to=asker) for entry, tally in zip(page, tallies, strict=True)),
        more=more,
        receipts=told,
        acknowledged=said,
        revision=room.revision,
        ref=ref,
    )


def tallies_for(room: Room, asker: str, first: int, last: int) -> list[Tally]:
    """As `Room.tallies`, and nothing counted for who does not share."""
    return tallies_of(room, asker, range(first, last + 1))


def tallies_of(room: Room, asker: str, ids: Sequence[int]) -> list[Tally]:
    """As `tallies_for`, of any existing messages by ascending ids, each once."""
    return room.tallies_of(ids) if room.shares(asker) else [HIDDEN] * len(ids)


def _page_acknowledged(room: Room, asker: str, page: Sequence[Entry]) -> Iterator[PageAcknowledgement]:
    ids = range(page[0].id, page[-1].id + 1) if page else range(0)
    for message_id, reader, edition, at_ms in _acknowledged_told(room, asker, ids):
        yield PageAcknowledgement(message_id=message_id, reader=reader, acknowledged_at=at_ms, edition=edition)


def _page_receipts(room: Room, asker: str, page: Sequence[Entry]) -> Iterator[PageReceipt]:
    if not page:
        return
    for reader, reading in room.readings.items():
        for start, end, read_at, advanced in reading.overlapping(page[0].id, page[-1].id):
            told = _told(room, asker, reader, ((start, end),), advanced)
            for each in receipts(room, reader, told, read_at, advanced=advanced, revision=0):
                yield PageReceipt(reader=reader, ranges=each.ranges, read_at=read_at, late=each.late)
    for reader, read_at, advanced, editions in _editions_told(room, asker, range(page[0].id, page[-1].id + 1)):
        first = _first_seen(room, reader, editions) if reader != asker else ()
        for each in receipts(room, reader, first, read_at, advanced=advanced, revision=0, editions=editions):
            yield PageReceipt(
                reader=reader, ranges=each.ranges, read_at=read_at, late=each.late, editions=each.editions
            )
