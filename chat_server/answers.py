"""What members are told of a room: frames made from it, never changing it. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from msgspec import json
from msgspec.structs import replace

from chat_server.changes import Change
from chat_server.protocol import (
    PAGE_BYTES_MAX,
    PAGE_MAX,
    PAGE_RECEIPTS_BYTES_MAX,
    RANGES_MAX,
    Changed,
    FetchHistory,
    History,
    Info,
    Members,
    Message,
    PageReceipt,
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
    )


def history(room: Room, asker: str, wanted: FetchHistory) -> History:
    """The page that was asked for, with the receipts of the asker's own messages in it."""

    def select(limit: int) -> Selection:
        if wanted.after is not None:
            page, cut = _bounded(room.between(wanted.after + 1, wanted.after + limit))
            return page, cut or wanted.after + limit < room.last_id
        if wanted.before is not None:
            end = min(wanted.before - 1, room.last_id)
            page, cut = _bounded(room.between(end - limit + 1, end), from_end=True)
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
    older, _ = _bounded(room.between(first, min(middle, first + limit - 1)), budget, from_end=True)
    newer, _ = _bounded(room.between(middle + 1, first + limit - 1), budget)
    return [*older, *newer]


def resumed(room: Room, asker: str, cursor: RoomCursor) -> tuple[History, Sequence[Renamed | Changed | Receipt]]:
    """What a returning member lacks: a page, and what is to be told before it, in order.

    The later messages, or the newest page of them with `more` where they are too many for one; and, for
    messages that the member holds already, new names, deletions, and the receipts newer than the cursor: of the
    asker's messages, and of what the asker has read on another device. Names come first, as all that comes after
    them is told by the new ones. Only the page carries the new revision, so it is sent last: whoever is cut off
    before it comes back with the old cursor and is sent all of this again. Where not all changes since the cursor
    are known any more, the page is the newest of the room and is to be taken `afresh`.
    """
    changes = room.changes.since(cursor.revision)
    held = min(cursor.message, room.last_id) if changes is not None else 0

    def select(limit: int) -> Selection:
        page, _ = _bounded(room.between(max(held + 1, room.last_id - limit + 1), room.last_id), from_end=True)
        return page, len(page) < room.last_id - held

    page = _page(room, asker, select, PAGE_MAX)
    if changes is None:
        return replace(page, afresh=True), ()
    return page, [*_changes_told(room, changes, held), *_receipts_since(room, asker, cursor.revision, held)]


def _changes_told(room: Room, changes: Iterable[Change], held: int) -> Iterator[Renamed | Changed]:
    for name, to in (each.renamed for each in changes if each.renamed is not None):
        yield Renamed(room=room.name, name=name, to=to)
    for deleted in (each.deleted for each in changes if each.deleted is not None):
        if deleted <= held:
            yield changed(room, deleted, revision=0)


def changed(room: Room, message_id: int, *, revision: int) -> Changed:
    """What has become of a message."""
    entry = room.messages[message_id - 1]
    return Changed(
        room=room.name,
        message_id=message_id,
        deleted_at=entry.deleted_at,
        deleted_by=entry.deleted_by,
        revision=revision,
    )


def _receipts_since(room: Room, asker: str, revision: int, held: int) -> Iterator[Receipt]:
    for reader, reading in room.readings.items():
        for first, last, read_at, _ in reading.since(revision):
            covered = ((first, min(last, held)),) if first <= held else ()
            told = covered if reader == asker else rangesets.of_ids(room.own_ids(asker, covered))
            yield from receipts(room, reader, told, read_at, revision=0)


def receipts(room: Room, reader: str, covered: Ranges, read_at: int, *, revision: int) -> list[Receipt]:
    """Receipts for these messages: late ones apart, and none with more than `RANGES_MAX` ranges.

    Only the last carries the revision, for whoever was cut off before it must be sent all of them again.
    """
    sent = room.sent_to(reader)
    split = ((rangesets.intersect(covered, sent), False), (rangesets.subtract(covered, sent), True))
    parts = [(part[at : at + RANGES_MAX], late) for part, late in split for at in range(0, len(part), RANGES_MAX)]
    return [
        Receipt(
            room=room.name,
            reader=reader,
            ranges=part,
            read_at=read_at,
            late=late,
            revision=revision if at == len(parts) else 0,
        )
        for at, (part, late) in enumerate(parts, 1)
    ]


def info(room: Room, message_id: int, ref: str | None) -> Info:
    """Who has read a message, earliest first, and who has not."""
    return Info(
        room=room.name,
        message_id=message_id,
        read_by=tuple(ReadBy(reader, read_at) for reader, read_at in room.readers(message_id)),
        missing=tuple(room.missing(message_id)),
        unshared=(),
        ref=ref,
    )


def members(room: Room, online: Collection[str], ref: str | None) -> Members:
    """Everybody in the room, and who of them is connected."""
    names = room.members
    return Members(
        room=room.name, members=tuple(names), online=tuple(each for each in names if each in online), ref=ref
    )


def _bounded(
    entries: Sequence[Entry], budget: int = PAGE_BYTES_MAX, *, from_end: bool = False
) -> tuple[Sequence[Entry], bool]:
    """As many entries as fit into so many bytes on the wire, at least one; and whether any were left out."""
    for taken, entry in enumerate(reversed(entries) if from_end else entries):
        budget -= len(json.encode(entry.content))
        if budget < 0 and taken:
            return (entries[-taken:] if from_end else entries[:taken]), True
    return entries, False


def _page(
    room: Room, asker: str, select: Callable[[int], Selection], limit: int, ref: str | None = None
) -> History:
    """The page selected for the limit, or for as small a part of it as makes its receipts few enough."""
    while True:
        page, more = select(limit)
        told = tuple(_page_receipts(room, asker, page))
        if limit == 1 or len(json.encode(told)) <= PAGE_RECEIPTS_BYTES_MAX:
            break
        limit //= 2
    tallies = room.tallies(page[0].id, page[-1].id) if page else []
    return History(
        room=room.name,
        messages=tuple(message(room, entry, tally, to=asker) for entry, tally in zip(page, tallies, strict=True)),
        more=more,
        receipts=told,
        revision=room.revision,
        ref=ref,
    )


def _page_receipts(room: Room, asker: str, page: Sequence[Entry]) -> Iterator[PageReceipt]:
    if not page:
        return
    for reader, reading in room.readings.items():
        for start, end, read_at, _ in reading.overlapping(page[0].id, page[-1].id):
            covered = ((start, end),)
            told = covered if reader == asker else rangesets.of_ids(room.own_ids(asker, covered))
            for each in receipts(room, reader, told, read_at, revision=0):
                yield PageReceipt(reader=reader, ranges=each.ranges, read_at=read_at, late=each.late)
