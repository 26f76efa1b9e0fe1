"""Who has read which later text of an edited message, and when. Pure; knows ids and names, not messages.

A message as it was posted is edition 0, and who has read that is in `readings` alone, so messages that nobody
has edited cost nothing here. Of each reader the latest edition is kept: what is once read never becomes unread. So
is the latest that others may see, where that is an earlier one: what was read in public stays seen.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, pairwise

Edition = tuple[int, int]
"""A message's id and the number of its text: 1 after the first edit, then 2, 3 …"""

EditionRow = tuple[int, str, int, int, int]
"""Message, reader, edition, when (Unix ms), and the room's revision at that time."""


_Read = tuple[int, int, int]
"""Edition, when (Unix ms), and the room's revision at that time."""


class Editions:
    """The latest edition that each reader has read of each edited message of a room, and the latest seen so."""

    __slots__ = ("_read",)

    def __init__(self, rows: Iterable[EditionRow] = ()) -> None:
        """Take rows as `rows()` gave them."""
        self._read: dict[int, dict[str, tuple[_Read, ...]]] = {}
        for message_id, reader, *read in rows:
            self._keep(message_id, reader, (*self._of(message_id, reader), (read[0], read[1], read[2])))

    def _of(self, message_id: int, reader: str) -> tuple[_Read, ...]:
        """At most two, ascending: the latest that others may see, if it is not the latest of all, and that."""
        return self._read.get(message_id, {}).get(reader, ())

    def _keep(self, message_id: int, reader: str, reads: tuple[_Read, ...]) -> None:
        self._read.setdefault(message_id, {})[reader] = reads

    def rows(self) -> tuple[EditionRow, ...]:
        """Everything, in the order in which it goes on."""
        return tuple((message_id, *row) for message_id in self._read for row in self.read(message_id))

    def of(self, message_id: int, reader: str) -> int:
        """The latest edition that this reader has read; 0 where it is none of those after the first text."""
        reads = self._of(message_id, reader)
        return reads[-1][0] if reads else 0

    def read(self, message_id: int) -> Iterator[tuple[str, int, int, int]]:
        """Each reader of a later text with edition, time and revision; of one reader at most two, ascending."""
        for reader, reads in self._read.get(message_id, {}).items():
            yield from ((reader, *read) for read in reads)

    def advance(
        self,
        reader: str,
        editions: Iterable[Edition],
        at_ms: int,
        revision: int,
        is_public: Callable[[int], bool],
    ) -> None:
        """Note that the reader has read these, each later than what was known of them.

        `is_public`: whether others may see what this reader read at a revision.
        """
        for message_id, edition in editions:
            assert self.of(message_id, reader) < edition
            before = () if is_public(revision) else self._of(message_id, reader)
            seen = (each for each in before if is_public(each[2]))
            self._keep(message_id, reader, (*seen, (edition, at_ms, revision)))

    def has_read(self, reader: str, revision: int) -> bool:
        """Whether the reader has read any of what is kept after this revision."""
        return any(reads[-1][2] > revision for by in self._read.values() if (reads := by.get(reader)))

    def forget(self, message_id: int) -> None:
        """Keep nothing of a message, which has been deleted."""
        self._read.pop(message_id, None)

    def rename(self, name: str, to: str) -> None:
        """Make all that is `name`'s `to`'s; the order stays as it was."""
        names = {name: to}
        self._read = {
            message_id: {names.get(reader, reader): reads for reader, reads in by.items()}
            for message_id, by in self._read.items()
        }

    def told(self, ids: range, revision: int = -1) -> Iterator[tuple[str, int, int, tuple[Edition, ...]]]:
        """What of these messages was read after this revision: reader, when, as of which revision, and what."""
        found = [
            (at_revision, reader, at_ms, (message_id, edition))
            for message_id in self._read
            if message_id in ids
            for reader, edition, at_ms, at_revision in self.read(message_id)
            if at_revision > revision
        ]
        for (advanced, reader, at_ms), together in groupby(sorted(found), key=lambda row: row[:3]):
            yield reader, at_ms, advanced, tuple(edition for *_, edition in together)


def could_be_kept(rows: Iterable[EditionRow], is_public: Callable[[str, int], bool]) -> bool:
    """Whether rows are of each reader the latest of a message, and the latest that others may see before it."""
    kept: dict[tuple[int, str], list[_Read]] = {}
    for message_id, reader, *read in rows:
        kept.setdefault((message_id, reader), []).append((read[0], read[1], read[2]))
    return all(
        len(reads) <= 2
        and all(
            seen[0] < latest[0]
            and seen[2] < latest[2]
            and is_public(reader, seen[2])
            and not is_public(reader, latest[2])
            for seen, latest in pairwise(reads)
        )
        for (_, reader), reads in kept.items()
    )
