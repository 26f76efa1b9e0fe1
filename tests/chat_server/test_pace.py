"""Turns, by a clock that the tests move."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chat_server import pace as pacing
from chat_server.pace import Pace, Paced
from tests.chat_server.clocks import MS, Clock, settle


class Writer(Paced):
    """Notes when it has its turns."""

    def __init__(self, clock: Clock, *, lasts_s: float = 0.0) -> None:
        super().__init__()
        self.turns: list[float] = []
        """In ms since the clock was stopped."""
        self.left = 0
        """How many turns it needs besides the one it asks for."""
        self._clock = clock
        self._lasts_s = lasts_s
        self._begun_s = clock.now_s

    def write(self) -> bool:
        self.turns.append((self._clock.now_s - self._begun_s) / MS)
        self._clock.now_s += self._lasts_s
        self.left -= 1
        return self.left >= 0


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
async def pace(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pace]:
    """One that runs."""
    assert pacing.WINDOW_S == 0.005
    monkeypatch.setattr(pacing, "WINDOW_S", 5 * MS)
    running = Pace()
    tasks = [asyncio.ensure_future(each) for each in (running.run_quiet(), running.run_busy())]
    yield running
    for each in tasks:
        each.cancel()
    await asyncio.wait(tasks)


async def test_whoever_is_quiet_has_its_turn_at_once_but_after_all_that_is_put_now(
    pace: Pace, clock: Clock
) -> None:
    writer = Writer(clock)
    pace.ask(writer)
    pace.ask(writer)
    assert writer.turns == []
    await settle()
    assert writer.turns == [0]
    await clock.pass_(1)
    assert writer.turns == [0]


async def test_whoever_has_had_a_turn_has_the_next_when_its_window_ends(pace: Pace, clock: Clock) -> None:
    writer = Writer(clock)
    pace.ask(writer)
    await settle()
    await clock.pass_(1 * MS)
    for _ in range(3):
        pace.ask(writer)
        await settle()
    await clock.pass_(3.875 * MS)
    assert writer.turns == [0]
    await clock.pass_(0.125 * MS)
    assert writer.turns == [0, 5]
    await clock.pass_(5 * MS)
    pace.ask(writer)
    await settle()
    assert writer.turns == [0, 5, 10]


async def test_the_windows_of_others_delay_nobody(pace: Pace, clock: Clock) -> None:
    first, second, third = writers = [Writer(clock) for _ in range(3)]
    for each in writers:
        pace.ask(each)
        await settle()
        await clock.pass_(2 * MS)
    pace.ask(third)
    pace.ask(first)
    for _ in range(6):
        await clock.pass_(1 * MS)
    assert (first.turns, second.turns, third.turns) == ([0, 7], [2], [4, 9])


async def test_turns_come_in_the_order_of_asking(pace: Pace, clock: Clock) -> None:
    first, second = Writer(clock, lasts_s=1 * MS), Writer(clock, lasts_s=1 * MS)
    for writers in ((first, second), (second, first)):
        for each in writers:
            pace.ask(each)
        await clock.pass_(1)
    assert first.turns[0] < second.turns[0]
    assert second.turns[1] < first.turns[1]


async def test_a_window_begins_when_all_have_been_written_to(pace: Pace, clock: Clock) -> None:
    slow, other = Writer(clock, lasts_s=7 * MS), Writer(clock)
    pace.ask(slow)
    pace.ask(other)
    await settle()
    pace.ask(other)
    await clock.pass_(4.875 * MS)
    assert other.turns == [7]
    await clock.pass_(0.125 * MS)
    assert other.turns == [7, 12]


async def test_whoever_needs_more_turns_has_one_at_the_end_of_each_window(pace: Pace, clock: Clock) -> None:
    writer = Writer(clock)
    writer.left = 2
    pace.ask(writer)
    await settle()
    for _ in range(25):
        await clock.pass_(1 * MS)
    assert writer.turns == [0, 5, 10]


async def test_at_the_end_all_have_their_turns_at_once(pace: Pace, clock: Clock) -> None:
    busy, quiet, silent = Writer(clock), Writer(clock), Writer(clock)
    pace.ask(busy)
    await settle()
    pace.ask(busy)
    pace.ask(quiet)
    pace.finish()
    assert (busy.turns, quiet.turns, silent.turns) == ([0, 0], [0], [])
