"""What a person is told of a data directory: figures, what is intact, what is kept and what is lost."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from chat_server.room import Room
from chat_server.snapshot import VERSION
from chat_server.store.checking import Checked, Generation
from chat_server.store.layout import SNAPSHOT
from chat_server.store.observing import figures
from chat_server.store.repairing import Loss, Salvage, Unread

Rows = Sequence[tuple[str, str]]

UNREAD_MAX = 10
"""Damaged places that are named one by one."""


def amount(rooms: Mapping[str, Room]) -> str:
    """How much there is: `2 rooms with 1,204 messages`."""
    counted = figures(rooms.values())
    return f"{_count(counted.rooms, 'room')} with {_count(counted.messages, 'message')}"


def report(checked: Checked) -> Iterator[str]:
    """What `check` says of an intact directory, in lines."""
    recovered = checked.recovered
    yield from (f"Note: {warning}" for warning in recovered.warnings)
    if recovered.torn:
        yield (
            f"Note: {recovered.segment} ends with an unfinished write, {_count(len(recovered.torn), 'byte')} from "
            f"byte {recovered.size:,} on. A running server is at it; else a crash cut it off, and the next start "
            "sets it aside. Nobody was told of it."
        )
    counted = figures(recovered.rooms.values())
    first = checked.generations[-1].head.sequence + 1
    yield from _table(
        [
            ("format version", str(VERSION)),
            ("epoch", shown(recovered.head.epoch)),
            *(_generation(each) for each in checked.generations),
            ("journal", _journal(checked, first)),
            ("commits", f"{recovered.sequence:,}"),
            ("rooms", f"{counted.rooms:,}"),
            ("messages", f"{counted.messages:,}"),
            ("members", f"{counted.members:,}"),
            ("readers", f"{counted.readers:,}"),
            ("advances", f"{counted.advances:,}"),
            ("bytes", f"{_bytes(checked):,}"),
        ]
    )


def _generation(each: Generation) -> tuple[str, str]:
    label = "snapshot" if each.name == SNAPSHOT else "previous snapshot"
    return label, (
        f"generation {each.head.generation:,}, up to commit {each.head.sequence:,}, "
        f"{_time(each.head.written_at)}, {_count(each.size, 'byte')}"
    )


def _journal(checked: Checked, first: int) -> str:
    last, files = checked.recovered.sequence, _count(len(checked.segments), "file")
    commits = f"commits {first:,} to {last:,}" if first <= last else "no commits"
    return f"{files}, {commits}, {_count(sum(checked.segments.values()), 'byte')}"


def _bytes(checked: Checked) -> int:
    return sum(each.size for each in checked.generations) + sum(checked.segments.values())


def account(found: Salvage) -> Iterator[str]:
    """What a repair keeps and loses, in lines."""
    last = found.recovered.sequence
    base = f"{found.base} (up to commit {found.recovered.head.sequence:,})" if found.base else "the journal alone"
    commits = f"commits 1 to {last:,}, from {base}" if last else found.base
    rows = [("kept", f"{commits}: {amount(found.recovered.rooms)}")]
    rows += [("lost", text) for text in _losses(found.loss)] if found.loses else [("lost", "nothing known of")]
    rows += [("not used", text) for text in found.unusable]
    rows += [("unreadable", text) for text in _places(found.unread)]
    yield from _table(rows)


def _losses(loss: Loss) -> Iterator[str]:
    first, last = loss.commits
    intact = (
        f"{loss.intact:,} of them can be read in the journal, but not used" if loss.intact else "none readable"
    )
    yield f"commits {first:,} to {last:,}; {intact}"
    for room, (start, end) in loss.messages.items():
        if start <= end:
            yield f"messages {start:,} to {end:,} of room {room!r}"
    if loss.receipts:
        yield f"{_count(loss.receipts, 'receipt')} in the commits that can be read"


def _places(unread: Sequence[Unread]) -> Iterator[str]:
    for each in unread[:UNREAD_MAX]:
        yield f"{each.name}, bytes {each.first:,} to {each.last:,}"
    if len(unread) > UNREAD_MAX:
        yield f"and {len(unread) - UNREAD_MAX:,} more places"


def shown(text: str) -> str:
    """Text of a file as a terminal may have it."""
    return text if text.isprintable() else ascii(text)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _time(at_ms: int) -> str:
    try:
        return f"{datetime.fromtimestamp(at_ms // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):  # a number, but no time of this calendar
        return f"at {at_ms} ms"


def _table(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Two columns; a label is said once for the rows that follow it."""
    before = ""
    for label, text in rows:
        yield f"  {'' if label == before else label:19}{text}"
        before = label
