"""Range sets against plain sets."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol import ID_MAX
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Range, Ranges

PAIRS = st.lists(st.tuples(st.integers(1, 24), st.integers(0, 5)).map(lambda each: (each[0], sum(each))))
RANGES = PAIRS.map(rangesets.normalise)
ALL: Ranges = ((1, ID_MAX),)


def as_set(pairs: list[Range] | Ranges) -> set[int]:
    return {each for first, last in pairs for each in range(first, last + 1)}


def is_canonical(ranges: Ranges) -> bool:
    """Whether every range holds something, and a hole of at least one id parts it from the next."""
    return all(first <= last for first, last in ranges) and all(
        left[1] + 1 < right[0] for left, right in pairwise(ranges)
    )


@given(PAIRS)
def test_normal_form_holds_the_same_ids(pairs: list[Range]) -> None:
    ranges = rangesets.normalise(pairs)
    assert is_canonical(ranges)
    assert as_set(ranges) == as_set(pairs)
    assert list(rangesets.ids(ranges)) == sorted(as_set(pairs))
    assert rangesets.count(ranges) == len(as_set(pairs))
    assert rangesets.normalise(ranges) == ranges


@given(RANGES, RANGES)
def test_union_intersection_and_difference_are_those_of_sets(left: Ranges, right: Ranges) -> None:
    union, both = rangesets.union(left, right), rangesets.intersect(left, right)
    rest = rangesets.subtract(left, right)
    assert as_set(union) == as_set(left) | as_set(right)
    assert as_set(both) == as_set(left) & as_set(right)
    assert as_set(rest) == as_set(left) - as_set(right)
    assert all(map(is_canonical, (union, both, rest)))


@given(RANGES, PAIRS)
def test_what_is_taken_away_may_touch(left: Ranges, right: list[Range]) -> None:
    singles = tuple((each, each) for each in sorted(as_set(right)))
    assert as_set(rangesets.subtract(left, singles)) == as_set(left) - as_set(right)


@given(RANGES)
def test_contains_every_id_and_no_other(ranges: Ranges) -> None:
    held = as_set(ranges)
    assert [each for each in range(32) if rangesets.contains(ranges, each)] == sorted(held)


@given(st.sets(st.integers(1, 30)))
def test_ranges_of_ids_hold_exactly_these(ids: set[int]) -> None:
    assert set(rangesets.ids(rangesets.of_ids(ids))) == ids


@pytest.mark.parametrize(
    ("pairs", "ranges"),
    [
        ([], ()),
        ([(3, 3)], ((3, 3),)),
        ([(1, 2), (3, 4)], ((1, 4),)),
        ([(1, 2), (4, 5)], ((1, 2), (4, 5))),
        ([(4, 9), (1, 5), (6, 7)], ((1, 9),)),
    ],
)
def test_ranges_that_touch_become_one(pairs: list[Range], ranges: Ranges) -> None:
    assert rangesets.normalise(pairs) == ranges


def test_a_reversed_range_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"\[5, 4\]"):
        rangesets.normalise([(1, 2), (5, 4)])


def test_the_largest_range_costs_no_more_than_the_smallest() -> None:
    assert rangesets.count(ALL) == ID_MAX
    assert rangesets.contains(ALL, ID_MAX)
    assert not rangesets.contains(ALL, ID_MAX + 1)
    assert rangesets.intersect(ALL, ((7, 7),)) == ((7, 7),)
    assert rangesets.subtract(ALL, ((7, 7),)) == ((1, 6), (8, ID_MAX))
    assert rangesets.union(ALL, ((7, 7),)) == ALL
