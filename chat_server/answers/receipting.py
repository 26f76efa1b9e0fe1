"""Who is told what of what others have read and acknowledged. Pure."""

from collections.abc import Iterable, Iterator

from chat_server import records
from chat_server.editions import Edition
from chat_server.protocol import (
    RANGES_MAX,
    Acknowledged,
    Receipt,
)
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_server.room import Room


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


def shown_to(room: Room, asker: str, reader: str, covered: Ranges, advanced: int) -> Ranges:
    """What the asker is told of what a reader read at a revision: their own, or of theirs where both share."""
    if reader == asker:
        return covered
    if not (room.shares(asker) and room.sharing.is_public_at(reader, advanced)):
        return ()
    return rangesets.of_ids(room.own_ids(asker, covered))


def editions_told(
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


def first_seen(room: Room, reader: str, editions: Iterable[Edition]) -> Ranges:
    """Those of these messages that others see read by this reader only by a later text of them."""
    return rangesets.of_ids(each for each, _ in editions if not room.is_reading_seen(reader, each))


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


def acknowledged_told(
    room: Room, asker: str, ids: range, revision: int = -1
) -> Iterator[tuple[int, str, int, int]]:
    """Which of these messages the asker has acknowledged after this revision, and others of the asker's own.

    Of others only where the asker shares, but whatever these share: message, reader, edition and time.
    """
    for message_id, reader, edition, at_ms, _ in room.acknowledgements.told(ids, revision):
        if reader == asker or (room.messages[message_id - 1].sender == asker and room.shares(asker)):
            yield message_id, reader, edition, at_ms
