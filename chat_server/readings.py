"""Who has read which messages of a room, and when. Pure; knows ids and names, not messages.

Each advance of a reader is kept as the ranges that it newly covered, with its time, so cost grows with
advances and never with messages x members. What is once covered never changes: applying a receipt twice, late
or out of order is the same as applying it once.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Range, Ranges

Advance = tuple[int, int, int, int]
"""First id, last id, when (Unix ms), and the room's revision at that time."""


class Reading:
    """What one reader has read: disjoint advances by ascending ids, in parallel arrays of 64-bit integers."""

    __slots__ = ("_firsts", "_lasts", "_revisions", "_times")

    def __init__(self, advances: Iterable[Advance] = ()) -> None:
        """Take advances as `advances()` gave them: disjoint, by ascending ids."""
        rows = list(advances)
        self._firsts = array("q", (row[0] for row in rows))
        self._lasts = array("q", (row[1] for row in rows))
        self._times = array("q", (row[2] for row in rows))
        self._revisions = array("q", (row[3] for row in rows))

    def advances(self) -> Iterator[Advance]:
        """Every advance, by ascending ids."""
        return zip(self._firsts, self._lasts, self._times, self._revisions, strict=True)

    def overlapping(self, first: int, last: int) -> Iterator[Advance]:
        """The advances that touch [first, last], cut to it."""
        at = bisect_right(self._lasts, first - 1)
        while at < len(self._firsts) and self._firsts[at] <= last:
            start, end = max(first, self._firsts[at]), min(last, self._lasts[at])
            yield start, end, self._times[at], self._revisions[at]
            at += 1

    def at(self, message_id: int) -> tuple[int, int] | None:
        """When the advance came that first covered this message, in Unix ms, and the room's revision; or None."""
        at = bisect_left(self._lasts, message_id)
        if at == len(self._lasts) or message_id < self._firsts[at]:
            return None
        return self._times[at], self._revisions[at]

    def read_at(self, message_id: int) -> int | None:
        """When the advance came that first covered this message, in Unix ms; None if it is unread."""
        read = self.at(message_id)
        return None if read is None else read[0]

    def ranges(self) -> Ranges:
        """All that has been read, whenever."""
        return rangesets.normalise(zip(self._firsts, self._lasts, strict=True))

    def gaps(self, wanted: Ranges) -> Iterator[Range]:
        """The part of `wanted` that has not been read, ascending, looked for as far as it is asked for."""
        for first, last in wanted:
            start = first
            for covered, end, _, _ in self.overlapping(first, last):
                if start < covered:
                    yield start, covered - 1
                start = end + 1
            if start <= last:
                yield start, last

    def uncovered(self, wanted: Ranges) -> Ranges:
        """The part of `wanted` that has not been read."""
        return tuple(self.gaps(wanted))

    def advance(self, wanted: Ranges, at_ms: int, revision: int) -> None:
        """Cover what of `wanted` is still uncovered, as of this time and revision."""
        for first, last in self.uncovered(wanted):
            at = bisect_right(self._firsts, first)
            self._firsts.insert(at, first)
            self._lasts.insert(at, last)
            self._times.insert(at, at_ms)
            self._revisions.insert(at, revision)

    def since(self, revision: int) -> Iterator[Advance]:
        """The advances that came after this revision, by ascending ids."""
        return (row for row in self.advances() if row[3] > revision)

    def newest_first(self) -> Iterator[Advance]:
        """Every advance, by descending ids."""
        for at in reversed(range(len(self._firsts))):
            yield self._firsts[at], self._lasts[at], self._times[at], self._revisions[at]

    def copy(self) -> "Reading":
        """An independent copy, at the cost of four memory copies."""
        twin = Reading()
        twin._firsts, twin._lasts = self._firsts[:], self._lasts[:]
        twin._times, twin._revisions = self._times[:], self._revisions[:]
        return twin


class Readings:
    """The readings of all readers of a room."""

    __slots__ = ("_by_reader", "_owned")

    def __init__(self, by_reader: dict[str, Reading] | None = None) -> None:
        """Take each reader's reading; the mapping and all in it are owned from now on."""
        self._by_reader = by_reader if by_reader is not None else {}
        self._owned = set(self._by_reader)
        """Whose reading no copy of this has too."""

    def of(self, reader: str) -> Reading:
        """This reader's; an empty one for who has read nothing."""
        return self._by_reader.get(reader) or Reading()

    def items(self) -> Iterator[tuple[str, Reading]]:
        """Every reader with the reading, in the order of their first advance."""
        return iter(self._by_reader.items())

    def advance(self, reader: str, wanted: Ranges, at_ms: int, revision: int) -> None:
        """Note that the reader has read `wanted`; what had been read before keeps its time."""
        if reader not in self._owned:
            self._by_reader[reader] = self.of(reader).copy()
            self._owned.add(reader)
        self._by_reader[reader].advance(wanted, at_ms, revision)

    def rename(self, name: str, to: str) -> None:
        """Make what is `name`'s `to`'s, of whom nothing is kept; the order stays as it was."""
        names = {name: to}
        self._by_reader = {names.get(each, each): reading for each, reading in self.items()}
        self._owned = {names.get(each, each) for each in self._owned}

    def read_by(self, message_id: int) -> list[tuple[str, int]]:
        """Each reader of a message with the time in Unix ms, earliest first."""
        found = [(name, at_ms) for name, each in self.items() if (at_ms := each.read_at(message_id)) is not None]
        return sorted(found, key=lambda pair: pair[1])

    def copy(self) -> "Readings":
        """An independent copy, at the cost of a dictionary: each reading is copied once it goes on in either."""
        twin = Readings(dict(self._by_reader))
        self._owned, twin._owned = set(), set()
        return twin
