"""Who has read which later text of an edited message, and when. Pure; knows ids and names, not messages.

A message as it was posted is edition 0, and who has read that is in `readings` alone, so messages that nobody
has edited cost nothing here. Of each reader the latest edition is kept: what is once read never becomes unread.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

Edition = tuple[int, int]
"""A message's id and the number of its text: 1 after the first edit, then 2, 3 …"""

EditionRow = tuple[int, str, int, int, int]
"""Message, reader, edition, when (Unix ms), and the room's revision at that time."""


class Editions:
    """The latest edition that each reader has read of each edited message of a room."""

    __slots__ = ("_read",)

    def __init__(self, rows: Iterable[EditionRow] = ()) -> None:
        """Take rows as `rows()` gave them."""
        self._read: dict[int, dict[str, tuple[int, int, int]]] = {}
        for message_id, reader, edition, at_ms, revision in rows:
            self._read.setdefault(message_id, {})[reader] = edition, at_ms, revision

    def rows(self) -> tuple[EditionRow, ...]:
        """Everything, in the order in which it goes on."""
        return tuple(
            (message_id, reader, *read) for message_id, by in self._read.items() for reader, read in by.items()
        )

    def of(self, message_id: int, reader: str) -> int:
        """The latest edition that this reader has read; 0 where it is none of those after the first text."""
        return self._read.get(message_id, {}).get(reader, (0,))[0]

    def read(self, message_id: int) -> dict[str, tuple[int, int]]:
        """Each reader of a later text, with the latest edition they have read and when."""
        return {reader: (edition, at_ms) for reader, (edition, at_ms, _) in self._read.get(message_id, {}).items()}

    def advance(self, reader: str, editions: Iterable[Edition], at_ms: int, revision: int) -> None:
        """Note that the reader has read these, each later than what was known of them."""
        for message_id, edition in editions:
            assert self.of(message_id, reader) < edition
            self._read.setdefault(message_id, {})[reader] = edition, at_ms, revision

    def forget(self, message_id: int) -> None:
        """Keep nothing of a message, which has been deleted."""
        self._read.pop(message_id, None)

    def rename(self, name: str, to: str) -> None:
        """Make all that is `name`'s `to`'s; the order stays as it was."""
        names = {name: to}
        self._read = {
            message_id: {names.get(reader, reader): read for reader, read in by.items()}
            for message_id, by in self._read.items()
        }

    def told(self, ids: range, revision: int = -1) -> Iterator[tuple[str, int, tuple[Edition, ...]]]:
        """What of these messages was read after this revision: reader, when, and what was read together then."""
        found = [
            (at_revision, reader, at_ms, (message_id, edition))
            for message_id, by in self._read.items()
            if message_id in ids
            for reader, (edition, at_ms, at_revision) in by.items()
            if at_revision > revision
        ]
        for (_, reader, at_ms), together in groupby(sorted(found), key=lambda row: row[:3]):
            yield reader, at_ms, tuple(edition for *_, edition in together)
