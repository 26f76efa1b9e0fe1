"""Pages of a room's history, with the receipts of the asker's own messages in them. Pure."""

from collections.abc import Callable, Iterator, Sequence

from msgspec import json

from chat_server.answers.messages import bounded, message, tallies_for
from chat_server.answers.receipting import acknowledged_told, editions_told, first_seen, receipts, shown_to
from chat_server.protocol import (
    PAGE_BYTES_MAX,
    PAGE_RECEIPTS_BYTES_MAX,
    FetchHistory,
    History,
    PageAcknowledgement,
    PageReceipt,
)
from chat_server.room import Entry, Room

Selection = tuple[Sequence[Entry], bool]
"""Messages for a page, oldest first and without gaps, and whether there are more of them."""


def history(room: Room, asker: str, wanted: FetchHistory) -> History:
    """The page that was asked for, with the receipts of the asker's own messages in it."""

    def select(limit: int) -> Selection:
        if wanted.after is not None:
            page, cut = bounded(room, room.between(wanted.after + 1, wanted.after + limit))
            return page, cut or wanted.after + limit < room.last_id
        if wanted.before is not None:
            end = min(wanted.before - 1, room.last_id)
            page, cut = bounded(room, room.between(end - limit + 1, end), from_end=True)
            return page, cut or end - limit >= 1
        assert wanted.around is not None
        page = _around(room, wanted.around, limit)
        return page, len(page) < room.last_id

    return page_of(room, asker, select, wanted.limit, wanted.ref)


def _around(room: Room, middle: int, limit: int) -> Sequence[Entry]:
    """Half a page up to and half a page after an id; the whole page where the room ends before its half."""
    half = limit // 2
    first = max(min(middle - half, room.last_id - limit + 1), 1)
    budget = PAGE_BYTES_MAX // 2
    older, _ = bounded(room, room.between(first, min(middle, first + limit - 1)), budget, from_end=True)
    newer, _ = bounded(room, room.between(middle + 1, first + limit - 1), budget)
    return [*older, *newer]


def page_of(
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


def _page_receipts(room: Room, asker: str, page: Sequence[Entry]) -> Iterator[PageReceipt]:
    if not page:
        return
    for reader, reading in room.readings.items():
        for start, end, read_at, advanced in reading.overlapping(page[0].id, page[-1].id):
            told = shown_to(room, asker, reader, ((start, end),), advanced)
            for each in receipts(room, reader, told, read_at, advanced=advanced, revision=0):
                yield PageReceipt(reader=reader, ranges=each.ranges, read_at=read_at, late=each.late)
    for reader, read_at, advanced, editions in editions_told(room, asker, range(page[0].id, page[-1].id + 1)):
        first = first_seen(room, reader, editions) if reader != asker else ()
        for each in receipts(room, reader, first, read_at, advanced=advanced, revision=0, editions=editions):
            yield PageReceipt(
                reader=reader, ranges=each.ranges, read_at=read_at, late=each.late, editions=each.editions
            )


def _page_acknowledged(room: Room, asker: str, page: Sequence[Entry]) -> Iterator[PageAcknowledgement]:
    ids = range(page[0].id, page[-1].id + 1) if page else range(0)
    for message_id, reader, edition, at_ms in acknowledged_told(room, asker, ids):
        yield PageAcknowledgement(message_id=message_id, reader=reader, acknowledged_at=at_ms, edition=edition)
