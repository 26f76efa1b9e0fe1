"""A number for each message of a room, to which something can be added for whole ranges at once. Pure.

Each number is in two parts, its own and that of its block, so that adding to a range costs its blocks and its two
ends, and reading costs the same wherever and however much was added.
"""

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

from chat_server.protocol.ranges import Range

BLOCK: Final = 512
"""Messages: the best of a range of 1,000,000, which is 2,000 blocks, and of one of two blocks' ends."""


class Counts:
    """As many numbers as there are messages."""

    __slots__ = ("_blocks", "_each")

    def __init__(self, marks: Sequence[int] = ()) -> None:
        """Take for each message how much more its number is than that of the one before it."""
        self._each = array("i", accumulate(marks))
        self._blocks = array("i", bytes(4 * -(-len(self._each) // BLOCK)))
        """What is added to all of a block, of which there is one even for the first message in it."""

    def append(self, count: int) -> None:
        """Begin with the number of the next message."""
        if len(self._each) % BLOCK == 0:
            self._blocks.append(0)
        self._each.append(count)

    def add(self, ranges: Iterable[Range], by: int) -> None:
        """Add to the number of each message in these ranges, all of which exist."""
        for first, last in ranges:
            at = first - 1
            while at < last:
                block = at // BLOCK
                end = min(last, (block + 1) * BLOCK)
                if end - at == BLOCK:
                    self._blocks[block] += by
                else:
                    self.add_each(range(at + 1, end + 1), by)
                at = end

    def add_each(self, ids: Iterable[int], by: int) -> None:
        """Add to the number of each of these messages."""
        each = self._each
        for one in ids:
            each[one - 1] += by

    def of(self, ids: Iterable[int]) -> list[int]:
        """The numbers of these messages."""
        each, blocks = self._each, self._blocks
        return [each[one - 1] + blocks[(one - 1) // BLOCK] for one in ids]


def mark(marks: list[int], ranges: Iterable[Range]) -> None:
    """Note, for `Counts` to be made of, that there is one more in each of these ranges."""
    for first, last in ranges:
        marks[first - 1] += 1
        marks[last] -= 1
