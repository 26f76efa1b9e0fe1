"""The messages of one room, and where to find them: by id, by nonce, by sender. Pure; knows nothing of readers."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import overload

from msgspec.structs import replace

from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_server.records import Entry


class Messages(Sequence[Entry]):
    """What was said, oldest first: the message with id 1 is at 0. What cannot be fails an assertion."""

    __slots__ = ("_deleted", "_entries", "_ids_by_nonce", "_ids_by_sender")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        """Take messages as they were kept, without gaps."""
        self._entries: list[Entry] = []
        self._ids_by_nonce: dict[tuple[str, str], int] = {}
        self._ids_by_sender: dict[str, list[int]] = {}
        """Without those of deleted messages."""
        self._deleted: list[int] = []
        """The ids of deleted messages, ascending."""
        for entry in entries:
            self.append(entry)

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Entry]: ...
    def __getitem__(self, at: int | slice) -> Entry | Sequence[Entry]:
        """The message with the id `at` + 1, or those of a slice."""
        return self._entries[at]

    def __len__(self) -> int:
        """How many there are, deleted ones too: the newest message's id."""
        return len(self._entries)

    # What changes it

    def append(self, entry: Entry) -> None:
        """Keep one more, the newest."""
        assert entry.id == len(self) + 1
        assert (entry.sender, entry.nonce) not in self._ids_by_nonce
        self._entries.append(entry)
        self._ids_by_nonce[entry.sender, entry.nonce] = entry.id
        if entry.deleted_at is None:
            self._ids_by_sender.setdefault(entry.sender, []).append(entry.id)
        else:
            self._deleted.append(entry.id)

    def edit(self, message_id: int, content: str, at_ms: int) -> None:
        """Give a message that is there its next text."""
        entry = self._entries[message_id - 1]
        edited = replace(entry, content=content, edition=entry.edition + 1, edited_at=at_ms)
        self._entries[message_id - 1] = edited

    def delete(self, message_id: int, by: str, at_ms: int) -> None:
        """Take away a message's text; its id and its nonce stay."""
        entry = self._entries[message_id - 1]
        gone = replace(entry, content="", deleted_at=at_ms, deleted_by=by, edition=0, edited_at=None)
        self._entries[message_id - 1] = gone
        own = self._ids_by_sender[entry.sender]
        del own[bisect_left(own, message_id)]
        insort(self._deleted, message_id)

    def rename(self, name: str, to: str) -> None:
        """Make all that is `name`'s `to`'s, of whom nothing is kept."""
        if (own := self._ids_by_sender.pop(name, None)) is not None:
            self._ids_by_sender[to] = own
        for at, entry in enumerate(self._entries):
            if name in (entry.sender, entry.deleted_by):
                sender = to if entry.sender == name else entry.sender
                deleted_by = to if entry.deleted_by == name else entry.deleted_by
                self._entries[at] = replace(entry, sender=sender, deleted_by=deleted_by)
            if entry.sender == name:
                self._ids_by_nonce[to, entry.nonce] = self._ids_by_nonce.pop((name, entry.nonce))

    # What is asked of it

    def posted_as(self, sender: str, nonce: str) -> int | None:
        """The id that this sender's nonce was given, if it has been posted."""
        return self._ids_by_nonce.get((sender, nonce))

    def own_ids(self, sender: str, ranges: Ranges) -> Iterator[int]:
        """The ids in `ranges` of what this sender wrote and nobody has deleted, ascending."""
        return _within(self._ids_by_sender.get(sender, []), ranges)

    def own_count(self, sender: str, ranges: Ranges) -> int:
        """How many `own_ids` there are."""
        return _count_within(self._ids_by_sender.get(sender, []), ranges)

    def deleted(self, ranges: Ranges) -> Iterator[int]:
        """The ids in `ranges` of deleted messages, ascending."""
        return _within(self._deleted, ranges)

    def alive(self, ranges: Ranges) -> Ranges:
        """The part of `ranges` that has not been deleted."""
        return rangesets.subtract(ranges, rangesets.of_ids(self.deleted(ranges)))

    def senders(self, ranges: Ranges) -> dict[str, Ranges]:
        """Who wrote the messages in `ranges`: per sender the ids of theirs, without deleted ones."""
        found: dict[str, list[int]] = {}
        for each in rangesets.ids(self.alive(ranges)):
            found.setdefault(self[each - 1].sender, []).append(each)
        return {sender: rangesets.of_ids(own) for sender, own in found.items()}


def _count_within(ids: list[int], ranges: Ranges) -> int:
    return sum(bisect_right(ids, last) - bisect_left(ids, first) for first, last in ranges)


def _within(ids: list[int], ranges: Ranges) -> Iterator[int]:
    """Those of ascending ids that are in the ranges."""
    return chain.from_iterable(ids[bisect_left(ids, first) : bisect_right(ids, last)] for first, last in ranges)
