"""Readings against a naive table of who read what when, and the cost of what is kept."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_server.readings import Reading, Readings

IDS = range(1, 16)
RANGES = st.lists(
    st.tuples(st.integers(1, 12), st.integers(0, 3)).map(lambda each: (each[0], sum(each))), max_size=4
).map(rangesets.normalise)
RECEIPTS = st.lists(st.tuples(RANGES, st.integers(0, 9)), max_size=12)
"""Ranges with the time at which they come; times may go back, as clocks do."""


def read(receipts: list[tuple[Ranges, int]]) -> tuple[Reading, dict[int, tuple[int, int]]]:
    """A reading after these receipts, the nth of revision n; and a table of time and revision by id."""
    reading = Reading()
    table: dict[int, tuple[int, int]] = {}
    for revision, (ranges, at_ms) in enumerate(receipts, 1):
        reading.advance(ranges, at_ms, revision)
        for each in rangesets.ids(ranges):
            table.setdefault(each, (at_ms, revision))
    return reading, table


@given(RECEIPTS)
def test_a_message_keeps_the_time_of_the_advance_that_first_covered_it(receipts: list[tuple[Ranges, int]]) -> None:
    reading, table = read(receipts)
    assert {each: reading.read_at(each) for each in IDS} == {each: table.get(each, (None,))[0] for each in IDS}
    assert reading.ranges() == rangesets.of_ids(table)


@given(RECEIPTS)
def test_advances_are_disjoint_ascending_and_hold_time_and_revision(receipts: list[tuple[Ranges, int]]) -> None:
    reading, table = read(receipts)
    rows = list(reading.advances())
    spread = [
        (each, (at_ms, revision)) for first, last, at_ms, revision in rows for each in range(first, last + 1)
    ]
    assert spread == sorted(table.items())
    assert list(Reading(rows).advances()) == rows


@given(RECEIPTS)
def test_receipts_again_change_nothing(receipts: list[tuple[Ranges, int]]) -> None:
    reading, _ = read(receipts)
    before = list(reading.advances())
    for ranges, _ in receipts:
        reading.advance(ranges, 99, 99)
    assert list(reading.advances()) == before


@given(RECEIPTS, st.randoms(use_true_random=False))
def test_what_has_been_read_does_not_depend_on_order(receipts: list[tuple[Ranges, int]], random: Random) -> None:
    shuffled = random.sample(receipts, len(receipts))
    assert read(shuffled)[0].ranges() == read(receipts)[0].ranges()


@given(RECEIPTS, RANGES)
def test_uncovered_is_what_has_not_been_read(receipts: list[tuple[Ranges, int]], wanted: Ranges) -> None:
    reading, table = read(receipts)
    assert reading.uncovered(wanted) == rangesets.of_ids(set(rangesets.ids(wanted)) - set(table))


@given(RECEIPTS, st.integers(1, 16), st.integers(0, 15))
def test_overlapping_cuts_advances_to_a_window(receipts: list[tuple[Ranges, int]], first: int, size: int) -> None:
    reading, table = read(receipts)
    last = first + size
    rows = list(reading.overlapping(first, last))
    spread = {each: (at, revision) for start, end, at, revision in rows for each in range(start, end + 1)}
    assert spread == {each: row for each, row in table.items() if first <= each <= last}
    assert all(start <= end for start, end, _, _ in rows)


@given(RECEIPTS, st.integers(0, 12))
def test_since_gives_what_came_after_a_revision(receipts: list[tuple[Ranges, int]], revision: int) -> None:
    reading, table = read(receipts)
    ids = [each for first, last, _, _ in reading.since(revision) for each in range(first, last + 1)]
    assert ids == sorted(each for each, row in table.items() if row[1] > revision)


def test_the_newest_come_first() -> None:
    reading = Reading()
    reading.advance(((5, 6),), 100, 1)
    reading.advance(((1, 7),), 200, 2)
    assert list(reading.newest_first()) == [*reversed(list(reading.advances()))]
    assert [each[:2] for each in reading.newest_first()] == [(7, 7), (5, 6), (1, 4)]


def test_the_edges_of_an_advance() -> None:
    reading = Reading([(5, 8, 100, 1)])
    assert [reading.read_at(each) for each in (4, 5, 8, 9)] == [None, 100, 100, None]
    assert reading.uncovered(((4, 9),)) == ((4, 4), (9, 9))
    assert reading.uncovered(((5, 8),)) == ()
    assert reading.uncovered(()) == ()


def test_what_is_kept_grows_with_advances_and_not_with_messages() -> None:
    reading = Reading()
    for step in range(10):
        reading.advance(((1, 1_000_000 * (step + 1)),), step, step)
    assert len(list(reading.advances())) == 10


def test_a_copy_is_independent() -> None:
    readings = Readings()
    readings.advance("ann", ((1, 2),), 10, 1)
    copy = readings.copy()
    readings.advance("ann", ((3, 3),), 20, 2)
    readings.advance("bob", ((1, 1),), 30, 3)
    assert [(name, list(each.advances())) for name, each in copy.items()] == [("ann", [(1, 2, 10, 1)])]
    copy.advance("ann", ((9, 9),), 40, 4)
    assert readings.of("ann").ranges() == ((1, 3),)


def test_readers_come_earliest_first() -> None:
    readings = Readings({"ann": Reading([(1, 3, 30, 3)])})
    readings.advance("bob", ((1, 1),), 10, 4)
    readings.advance("cid", ((2, 2),), 5, 5)
    readings.advance("dan", ((1, 1),), 30, 6)
    assert readings.read_by(1) == [("bob", 10), ("ann", 30), ("dan", 30)]
    assert readings.read_by(4) == []


def test_asking_for_who_has_read_nothing_notes_nothing() -> None:
    readings = Readings()
    assert readings.of("ann").ranges() == ()
    assert list(readings.items()) == []


def test_who_is_called_otherwise_goes_on_with_what_they_have_read() -> None:
    readings = Readings()
    readings.advance("ann", ((1, 1),), 10, 1)
    readings.advance("ann", ((2, 2),), 20, 2)
    before = readings.copy()
    readings.rename("ann", "anna")
    readings.advance("anna", ((3, 3),), 30, 3)
    assert [name for name, _ in readings.items()] == ["anna"]
    assert readings.of("anna").ranges() == ((1, 3),)
    assert before.of("ann").ranges() == ((1, 2),)
