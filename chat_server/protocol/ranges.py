"""Sets of message ids as inclusive ranges: how receipts are counted, sent and kept.

A leaf that server and client share; it knows nothing of either.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

Range = tuple[int, int]
"""First and last id, both included."""

Ranges = tuple[Range, ...]
"""In canonical form: ascending, neither overlapping nor touching. `()` is the empty set."""

FEW: Final = 4
"""So many ranges are put among others one by one."""


def normalise(pairs: Iterable[Range]) -> Ranges:
    """Any pairs, in any order and overlapping, in canonical form. Raises ValueError where last < first."""
    found = tuple(pairs)
    if len(found) == 1 and found[0][0] <= found[0][1]:
        return found  # as almost every receipt is
    merged: list[Range] = []
    for first, last in sorted(found):
        if last < first:
            raise ValueError(f"a range ends before it begins: [{first}, {last}]")
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def of_ids(ids: Iterable[int]) -> Ranges:
    """The ranges that hold exactly these ids."""
    return normalise((each, each) for each in ids)


def union(left: Ranges, right: Ranges) -> Ranges:
    """The ids of either. A few beside many cost no more than a copy: so readings grow, and in many pieces."""
    if len(right) > FEW:
        return normalise((*left, *right))
    for pair in right:
        left = _with(left, *pair)
    return left


def _with(ranges: Ranges, first: int, last: int) -> Ranges:
    """These ids too; of those there, the ones that overlap or touch them become one with them."""
    start = bisect_left(ranges, first - 1, key=lambda pair: pair[1])
    end = bisect_right(ranges, last + 1, key=lambda pair: pair[0])
    if start < end:
        first, last = min(first, ranges[start][0]), max(last, ranges[end - 1][1])
    return (*ranges[:start], (first, last), *ranges[end:])


def intersect(left: Ranges, right: Ranges) -> Ranges:
    """The ids of both; linear in the number of ranges."""
    if not left or not right:
        return ()
    if left and len(right) == 1 and right[0][0] <= left[0][0] and left[-1][1] <= right[0][1]:
        return left
    both: list[Range] = []
    i = j = 0
    while i < len(left) and j < len(right):
        first, last = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if first <= last:
            both.append((first, last))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(both)


def subtract(left: Ranges, right: Ranges) -> Ranges:
    """The ids of `left` that are not in `right`; linear in the number of ranges."""
    if not left or not right:
        return left
    rest: list[Range] = []
    j = 0
    for first, last in left:
        start = first
        while j < len(right) and right[j][1] < start:
            j += 1
        k = j
        while k < len(right) and right[k][0] <= last:
            if start < right[k][0]:
                rest.append((start, right[k][0] - 1))
            start = right[k][1] + 1
            k += 1
        if start <= last:
            rest.append((start, last))
    return tuple(rest)


def contains(ranges: Ranges, message_id: int) -> bool:
    """Whether the id is in one of them; logarithmic."""
    at = bisect_right(ranges, message_id, key=lambda pair: pair[0]) - 1
    return at >= 0 and message_id <= ranges[at][1]


def count(ranges: Ranges) -> int:
    """How many ids they hold."""
    return sum(last - first + 1 for first, last in ranges)


def ids(ranges: Iterable[Range]) -> Iterator[int]:
    """Every id, ascending. The caller bounds the ranges first: a range may hold 2^53 ids."""
    for first, last in ranges:
        yield from range(first, last + 1)
