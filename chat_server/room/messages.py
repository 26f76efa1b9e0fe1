"""The messages of one room, and where to find them: by id, by nonce, by sender. Pure; knows nothing of readers."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, overload

from msgspec.structs import replace

from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_server.records import Entry

CHUNK: Final = 512
"""Messages that are kept together, and copied when one of them becomes another."""


class Kept(Sequence[Entry]):
    """Messages, oldest first, the one with id 1 at 0; as long as nobody adds to them, the same for good.

    They are in tuples of `CHUNK`, but for the last: to keep what there is at some moment is to keep a list of
    those, and the garbage collector need not look into tuples of what refers to nothing.
    """

    __slots__ = ("_chunks", "_length")

    def __init__(self, chunks: list[Sequence[Entry]], length: int) -> None:
        """Take the chunks, and how many messages are in them."""
        self._chunks = chunks
        self._length = length

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Entry]: ...
    def __getitem__(self, at: int | slice) -> Entry | Sequence[Entry]:
        """The message with the id `at` + 1, or those of a slice. No id is below 1, so `at` is not below 0."""
        if isinstance(at, slice):
            return self.of(range(1, self._length + 1)[at])
        if at < 0:
            raise IndexError(at)
        return self._chunks[at // CHUNK][at % CHUNK]

    def __iter__(self) -> Iterator[Entry]:
        """All of them, in less time than one by one."""
        return chain.from_iterable(self._chunks)

    def __len__(self) -> int:
        """How many there are, deleted ones too: the newest message's id."""
        return self._length

    def of(self, ids: Iterable[int]) -> list[Entry]:
        """The messages with these ids, which exist."""
        chunks = self._chunks
        return [chunks[(each - 1) // CHUNK][(each - 1) % CHUNK] for each in ids]


class Messages(Kept):
    """What was said in a room that goes on. What cannot be fails an assertion."""

    __slots__ = ("_deleted", "_ids_by_nonce", "_ids_by_sender", "_last")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        """Take messages as they were kept, without gaps."""
        self._last: list[Entry] = []
        """The last chunk, always there and never full."""
        super().__init__([self._last], 0)
        self._ids_by_nonce: dict[str, dict[str, int]] = {}
        """By sender and nonce."""
        self._ids_by_sender: dict[str, array[int]] = {}
        """Ascending, without those of deleted messages."""
        self._deleted = array("q")
        """The ids of deleted messages, ascending."""
        for entry in entries:
            self.append(entry)

    def freeze(self) -> Kept:
        """The messages as they are now, at the cost of a list of chunks and of the last chunk."""
        return Kept([*self._chunks[:-1], tuple(self._last)], self._length)

    # What changes it

    def append(self, entry: Entry) -> None:
        """Keep one more, the newest."""
        sender, each = entry.sender, entry.id
        assert each == self._length + 1
        if (nonces := self._ids_by_nonce.get(sender)) is None:
            nonces = self._ids_by_nonce[sender] = {}
            self._ids_by_sender[sender] = array("q")
        assert entry.nonce not in nonces
        nonces[entry.nonce] = each
        (self._ids_by_sender[sender] if entry.deleted_at is None else self._deleted).append(each)
        self._last.append(entry)
        self._length = each
        if each % CHUNK == 0:
            self._chunks[-1] = tuple(self._last)
            self._last = []
            self._chunks.append(self._last)

    def edit(self, message_id: int, content: str, at_ms: int) -> None:
        """Give a message that is there its next text."""
        entry = self[message_id - 1]
        self._replace(replace(entry, content=content, edition=entry.edition + 1, edited_at=at_ms))

    def delete(self, message_id: int, by: str, at_ms: int) -> None:
        """Take away a message's text; its id and its nonce stay."""
        entry = self[message_id - 1]
        self._replace(
            replace(entry, content="", deleted_at=at_ms, deleted_by=by, edition=0, edited_at=None),
        )
        own = self._ids_by_sender[entry.sender]
        del own[bisect_left(own, message_id)]
        insort(self._deleted, message_id)

    def _replace(self, entry: Entry) -> None:
        number, at = divmod(entry.id - 1, CHUNK)
        chunk = self._chunks[number]
        if chunk is self._last:
            self._last[at] = entry
        else:
            self._chunks[number] = (*chunk[:at], entry, *chunk[at + 1 :])

    def rename(self, name: str, to: str) -> None:
        """Make all that is `name`'s `to`'s, of whom nothing is kept; as costly as there are messages."""
        if name in self._ids_by_nonce:
            self._ids_by_nonce[to] = self._ids_by_nonce.pop(name)
            self._ids_by_sender[to] = self._ids_by_sender.pop(name)
        names = {name: to}
        for number, chunk in enumerate(self._chunks):
            if any(name in (entry.sender, entry.deleted_by) for entry in chunk):
                self._chunks[number] = tuple(_renamed(entry, names) for entry in chunk)
        self._last = list(self._chunks[-1])
        self._chunks[-1] = self._last

    # What is asked of it

    def posted_as(self, sender: str, nonce: str) -> int | None:
        """The id that this sender's nonce was given, if it has been posted."""
        return self._ids_by_nonce.get(sender, {}).get(nonce)

    def own_ids(self, sender: str, ranges: Ranges) -> Iterator[int]:
        """The ids in `ranges` of what this sender wrote and nobody has deleted, ascending."""
        return _within(self._ids_by_sender.get(sender), ranges)

    def own_count(self, sender: str, ranges: Ranges) -> int:
        """How many `own_ids` there are."""
        return _count_within(self._ids_by_sender.get(sender), ranges)

    def deleted(self, ranges: Ranges) -> Iterator[int]:
        """The ids in `ranges` of deleted messages, ascending."""
        return _within(self._deleted, ranges)

    def deleted_count(self, ranges: Ranges) -> int:
        """How many `deleted` there are."""
        return _count_within(self._deleted, ranges)

    def alive(self, ranges: Ranges) -> Ranges:
        """The part of `ranges` that has not been deleted."""
        return rangesets.subtract(ranges, rangesets.of_ids(self.deleted(ranges)))

    def senders(self, ranges: Ranges) -> dict[str, Ranges]:
        """Who wrote the messages in `ranges`: per sender the ids of theirs, without deleted ones."""
        found: dict[str, list[int]] = {}
        for each in rangesets.ids(self.alive(ranges)):
            found.setdefault(self[each - 1].sender, []).append(each)
        return {sender: rangesets.of_ids(own) for sender, own in found.items()}


def _renamed(entry: Entry, names: dict[str, str]) -> Entry:
    sender, deleted_by = (names.get(each, each) for each in (entry.sender, entry.deleted_by))
    return replace(entry, sender=sender, deleted_by=deleted_by)


def _count_within(ids: "array[int] | None", ranges: Ranges) -> int:
    """How many of ascending ids are in the ranges."""
    if not ids:
        return 0
    return sum(bisect_right(ids, last) - bisect_left(ids, first) for first, last in ranges)


def _within(ids: "array[int] | None", ranges: Ranges) -> Iterator[int]:
    """Those of ascending ids that are in the ranges."""
    if not ids:
        return iter(())
    return chain.from_iterable(ids[bisect_left(ids, first) : bisect_right(ids, last)] for first, last in ranges)
