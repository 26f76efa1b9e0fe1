"""Who has read what, of a million messages and a thousand readers: what it takes in memory, and to be asked."""

import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from time import process_time
from typing import Final

from chat_server.readings import Readings
from chat_server.room import Room
from tests.benchmarks.figures import Figure, Measuring, at_most, at_most_times
from tests.benchmarks.histories import readings_of, room_of
from tests.benchmarks.sizes import Sizes

PART: Final = "read state"
VISIBLE: Final = 100
ASKED: Final = 30
GROWN: Final = 10
"""So much longer is the history beside which the time that a question takes is put."""


def run(sizes: Sizes) -> Measuring:
    messages, readers = sizes.state_messages, sizes.state_readers
    readings, taken_mb = _weighed(sizes)
    rows = sum(1 for _, each in readings.items() for _ in each.advances())
    naive_mb = messages * sys.getsizeof([""] * (readers // 2)) / 1e6
    name = f"{messages:,} messages, {readers:,} readers"
    anchor, note = "a list of names per message (reckoned)", f"{rows:,} advances with times"
    yield Figure(PART, f"memory, {name}", taken_mb, "MB", at_most(100), anchor, naive_mb, note)
    shorter = _with(
        readings_of(messages // GROWN, readers, sizes.state_advances // GROWN), messages // GROWN, readers
    )
    before_us = _each_us(lambda at: shorter.unread_count(f"member{at % readers}"))
    room = _with(readings, messages, readers)
    yield from _asked(room, readers, name, before_us)


def _weighed(sizes: Sizes) -> tuple[Readings, float]:
    """And how many MB they take."""
    tracemalloc.start()
    readings = readings_of(sizes.state_messages, sizes.state_readers, sizes.state_advances)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return readings, taken / 1e6


def _with(readings: Readings, messages: int, readers: int) -> Room:
    """A room of so many messages, which have been read so."""
    return Room.thaw(replace(room_of(messages, readers, 1).freeze(), readings=readings))


def _asked(room: Room, readers: int, name: str, before_us: float) -> Measuring:
    last = room.last_id
    read_by_us = _each_us(lambda at: room.readers(last * (at + 1) // (ASKED + 1)))
    yield Figure(PART, f"read-by of one message, {name}", read_by_us / 1e3, "ms", at_most(1))
    counts_us = _each_us(lambda at: room.tallies(last - VISIBLE - at + 1, last - at))
    yield Figure(PART, f"counts of {VISIBLE} messages, {name}", counts_us, "µs", at_most(50))
    unread_us = _each_us(lambda at: room.unread_count(f"member{at % readers}"))
    anchor = f"a {GROWN}th of the history"
    yield Figure(PART, f"unread of one member, {name}", unread_us, "µs", at_most_times(2), anchor, before_us)


def _each_us(ask: Callable[[int], object]) -> float:
    """The median of some questions, of which each is another one, in processor time."""
    taken = []
    for at in range(ASKED):
        began_s = process_time()
        ask(at)
        taken.append(process_time() - began_s)
    return median(taken) * 1e6
