"""What is written to a connection, when, and what of it waits: by a transport and a clock that the tests move."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import cast

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.protocol import State

from chat_server import fanout, pace
from chat_server.effects import Close, Send
from chat_server.fanout import Fanout, Outgoing
from chat_server.framing import text_frame
from chat_server.protocol import Ok, Presence, encode
from tests.chat_server.clocks import MS, Clock, settle

FRAME = Presence(room="general", name="ann", online=True)
LENGTH = len(text_frame(encode(FRAME)))


class FakeSocket:
    """Stands for a connection whose system takes what is written at once, or when it is told to."""

    def __init__(self) -> None:
        self.transport = self
        self.state = State.OPEN
        self.is_full = False
        """Whether the system takes nothing now."""
        self.unsent = 0
        self.writes: list[bytes] = []
        self.closes: list[tuple[int, str]] = []
        self.aborts = 0

    def write(self, data: bytes) -> None:
        assert self.state is State.OPEN
        assert not self.closes
        self.writes.append(data)
        self.unsent += len(data) * self.is_full

    async def close(self, code: int, reason: str) -> None:
        self.closes.append((code, reason))

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def is_closing(self) -> bool:
        return self.aborts > 0

    def abort(self) -> None:
        self.aborts += 1
        self.unsent = 0


class Fanned:
    """A fan-out that runs, and connections of it, numbered from 1 on."""

    def __init__(self, clock: Clock) -> None:
        self.fanout = Fanout()
        self.sockets: list[FakeSocket] = []
        self.running = asyncio.ensure_future(self.fanout.run())
        self._clock = clock

    def add(self) -> tuple[Outgoing, FakeSocket]:
        self.sockets.append(FakeSocket())
        return self.fanout.add(len(self.sockets), cast("ServerConnection", self.sockets[-1])), self.sockets[-1]

    async def window(self) -> None:
        """Until a window that is open now has ended."""
        await settle()
        await self._clock.pass_(5 * MS)

    @property
    def waiting(self) -> int:
        return self.fanout._backlog.bytes


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(pace, "WINDOW_S", 5 * MS)
    return Clock(monkeypatch)


@pytest.fixture
async def fanned(clock: Clock) -> AsyncIterator[Fanned]:
    fanned = Fanned(clock)
    await settle()
    yield fanned
    fanned.running.cancel()
    await asyncio.wait([fanned.running])


# When, and in how many writes


async def test_what_comes_after_a_quiet_while_is_written_at_once_as_one(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    for each in (b"one", b"two", b"three"):
        outgoing.put(each)
    assert socket.writes == []
    await settle()
    assert socket.writes == [b"onetwothree"]


async def test_an_answer_waits_for_no_window_and_takes_along_what_does(fanned: Fanned) -> None:
    _, socket = fanned.add()
    told, answer = text_frame(encode(FRAME)), text_frame(encode(Ok(ref="r")))
    fanned.fanout.perform(Send((1,), FRAME))
    await settle()
    fanned.fanout.perform(Send((1,), FRAME))
    await settle()
    assert socket.writes == [told]
    fanned.fanout.perform(Send((1,), Ok(ref="r")))
    await settle()
    assert socket.writes == [told, told + answer]
    for _ in range(2):
        await fanned.window()
    assert socket.writes == [told, told + answer]


async def test_answers_to_one_who_does_not_read_take_no_more_turns_for_each(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    socket.is_full = True
    for _ in range(50):
        fanned.fanout.perform(Send((1,), Ok(ref="r")))
        await settle()
    turns, write = 0, outgoing.write

    def counted() -> bool:
        nonlocal turns
        turns += 1
        return write()

    outgoing.write = counted  # type: ignore[method-assign]
    for _ in range(3):
        await fanned.window()
    assert turns <= 3
    socket.is_full, socket.unsent = False, 0
    await fanned.window()
    assert b"".join(socket.writes) == 50 * text_frame(encode(Ok(ref="r")))


async def test_an_answer_to_one_who_has_gone_is_passed_over(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    outgoing.cut("it is gone")
    fanned.fanout.perform(Send((1,), Ok(ref="r")))
    await settle()
    assert socket.writes == []


async def test_what_comes_soon_after_a_write_gathers_for_one_write(fanned: Fanned, clock: Clock) -> None:
    outgoing, socket = fanned.add()
    for at in range(12):
        outgoing.put(b"%d," % at)
        await settle()
        await clock.pass_(1 * MS)
    assert socket.writes == [b"0,", b"1,2,3,4,", b"5,6,7,8,9,"]
    await fanned.window()
    assert socket.writes[3:] == [b"10,11,"]
    await fanned.window()
    outgoing.put(b"quiet again")
    await settle()
    assert socket.writes[4:] == [b"quiet again"]


async def test_a_frame_is_written_to_all_its_receivers_and_to_nobody_else(fanned: Fanned) -> None:
    for _ in range(3):
        fanned.add()
    fanned.fanout.perform(Send((1, 3, 4), FRAME))
    await settle()
    built = text_frame(encode(FRAME))
    assert [each.writes for each in fanned.sockets] == [[built], [], [built]]


async def test_nothing_more_is_handed_over_while_the_system_has_not_taken_the_last(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    socket.is_full = True
    outgoing.put(b"one")
    await fanned.window()
    for each in (b"two", b"three"):
        outgoing.put(each)
        await fanned.window()
    assert socket.writes == [b"one"]
    assert outgoing.waiting == fanned.waiting == 11
    socket.unsent = 0
    await fanned.window()
    assert socket.writes == [b"one", b"twothree"]


async def test_what_waits_at_the_end_is_written(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    outgoing.put(b"one")
    await settle()
    outgoing.put(b"two")
    fanned.running.cancel()
    await asyncio.wait([fanned.running])
    assert socket.writes == [b"one", b"two"]


# Closing


async def test_a_close_comes_after_what_was_put_before_it_and_nothing_after(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    outgoing.put(b"one")
    fanned.fanout.perform(Close(1, 4003, "first"))
    outgoing.put(b"two")
    fanned.fanout.perform(Close(1, 1001, "second"))
    await settle()
    outgoing.put(b"three")
    await fanned.window()
    assert (socket.writes, socket.closes) == ([b"one"], [(4003, "first")])
    assert fanned.waiting == 0


async def test_a_close_waits_until_the_system_has_taken_all(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    socket.is_full = True
    outgoing.put(b"one")
    await settle()
    outgoing.put(b"two")
    fanned.fanout.close(1001)
    await fanned.window()
    socket.unsent = 0
    await fanned.window()
    assert (socket.writes, socket.closes) == ([b"one", b"two"], [])
    socket.unsent = 1
    await fanned.window()
    assert socket.closes == []
    socket.unsent = 0
    await fanned.window()
    assert socket.closes == [(1001, "")]


async def test_a_silent_connection_is_closed_at_once(fanned: Fanned) -> None:
    _, socket = fanned.add()
    fanned.fanout.perform(Close(1, 4004, ""))
    fanned.fanout.perform(Close(2, 4004, ""))  # who has gone is passed over
    await settle()
    assert socket.closes == [(4004, "")]


@pytest.mark.parametrize("state", [State.CLOSING, State.CLOSED])
async def test_nothing_is_written_once_websockets_is_closing(fanned: Fanned, state: State) -> None:
    outgoing, socket = fanned.add()
    outgoing.put(b"one")
    socket.state = state
    await settle()
    assert socket.writes == []
    assert fanned.waiting == 0


async def test_nothing_is_written_to_who_has_gone(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    outgoing.put(b"one")
    fanned.fanout.perform(Close(1, 1000, ""))
    fanned.fanout.remove(1)
    fanned.fanout.remove(1)
    fanned.fanout.answered(1)
    outgoing.put(b"two")
    await fanned.window()
    assert (socket.writes, socket.closes, fanned.waiting) == ([], [], 0)


# Requests


async def test_requests_beyond_the_bound_wait_for_answers(fanned: Fanned) -> None:
    outgoing, _ = fanned.add()
    for _ in range(fanout.PIPELINE_MAX):
        await outgoing.asked()
    asking = asyncio.ensure_future(outgoing.asked())
    await fanned.window()
    assert not asking.done()
    fanned.fanout.answered(1)
    await settle()
    assert asking.done()
    outgoing.put(b"an answer")  # and waiting for answers alone has begun no window
    await settle()
    assert fanned.sockets[0].writes == [b"an answer"]


async def test_a_request_waits_while_more_than_half_of_the_bound_does(
    monkeypatch: pytest.MonkeyPatch, fanned: Fanned
) -> None:
    monkeypatch.setattr(fanout, "OUTGOING_BYTES_MAX", 20)
    outgoing, socket = fanned.add()
    socket.is_full = True
    outgoing.put(b"x" * 10)
    await outgoing.asked()
    await settle()
    outgoing.put(b"x")
    asking = asyncio.ensure_future(outgoing.asked())
    await fanned.window()
    assert not asking.done()
    socket.unsent = 9
    await fanned.window()
    assert asking.done()


async def test_a_request_waits_for_what_websockets_has_written_as_well(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    socket.unsent = fanout.OUTGOING_BYTES_MAX // 2 + 1
    asking = asyncio.ensure_future(outgoing.asked())
    for _ in range(3):
        await fanned.window()
    assert not asking.done()
    socket.unsent -= 1
    await fanned.window()
    assert asking.done()


async def test_a_request_waits_no_longer_once_the_connection_is_being_closed(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    for _ in range(fanout.PIPELINE_MAX):
        await outgoing.asked()
    asking = asyncio.ensure_future(outgoing.asked())
    await settle()
    fanned.fanout.perform(Close(1, 1008, ""))
    await settle()
    assert socket.closes == [(1008, "")]
    assert asking.done()


async def test_a_request_waits_no_longer_once_the_connection_is_cut(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    socket.unsent = fanout.OUTGOING_BYTES_MAX
    asking = asyncio.ensure_future(outgoing.asked())
    await settle()
    outgoing.cut("of a whim")
    await settle()
    assert asking.done()


# Bounds of time


def check(fanned: Fanned) -> int:
    """How often the first connection has been cut, once it was looked at."""
    fanned.fanout._outgoing[1].check()
    return fanned.sockets[0].aborts


async def test_a_peer_that_reads_however_slowly_is_not_cut(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    socket.is_full = True
    outgoing.put(b"x" * 100)
    await settle()
    for _ in range(100):
        assert check(fanned) == 0
        socket.unsent -= 1
    assert check(fanned) == 0
    assert check(fanned) == 0  # and nothing waits any more


async def test_a_peer_for_which_more_waits_each_time_is_not_cut_while_it_reads(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    socket.is_full = True
    for at in range(1, 5):
        outgoing.put(b"x" * 100 * at)
        await fanned.window()
        assert check(fanned) == 0
        socket.unsent = 0
        await fanned.window()


async def test_a_peer_is_cut_at_the_second_look_even_if_more_is_put_meanwhile(
    fanned: Fanned, caplog: pytest.LogCaptureFixture
) -> None:
    outgoing, socket = fanned.add()
    socket.is_full = True
    outgoing.put(b"x" * 100)
    await settle()
    assert check(fanned) == 0
    outgoing.put(b"more")
    await fanned.window()
    socket.unsent += 6  # a ping, which we have not written
    assert check(fanned) == 1
    socket.unsent = 1
    check(fanned)
    assert check(fanned) == 2
    assert len(caplog.records) == 1


# Bounds of bytes


async def test_a_connections_bytes_at_the_bound_and_one_past_it(
    fanned: Fanned, caplog: pytest.LogCaptureFixture
) -> None:
    outgoing, socket = fanned.add()
    socket.is_full = True
    largest = b"x" * (fanout.OUTGOING_BYTES_MAX // 2)
    outgoing.put(largest)
    await settle()
    outgoing.put(largest)
    assert (socket.aborts, outgoing.waiting) == (0, fanout.OUTGOING_BYTES_MAX)
    outgoing.put(b"x")
    assert socket.aborts == 1
    outgoing.put(largest)
    await fanned.window()
    assert outgoing.waiting == fanned.waiting == 0
    assert socket.writes == [largest]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_what_the_system_has_taken_meanwhile_cuts_nobody(fanned: Fanned) -> None:
    outgoing, socket = fanned.add()
    socket.is_full = True
    largest = b"x" * fanout.OUTGOING_BYTES_MAX
    outgoing.put(largest)
    await settle()
    socket.unsent = 0
    outgoing.put(largest)
    assert (socket.aborts, fanned.waiting) == (0, len(largest))


async def test_all_bytes_at_the_bound_and_one_past_it(monkeypatch: pytest.MonkeyPatch, fanned: Fanned) -> None:
    assert fanout.BACKLOG_BYTES_MAX == 256 * 1024 * 1024
    queues = [fanned.add()[0] for _ in range(3)]
    for each in fanned.sockets:
        each.is_full = True
    monkeypatch.setattr(fanout, "BACKLOG_BYTES_MAX", 4 * LENGTH)
    fanned.fanout.perform(Send((1, 2, 3), FRAME))
    await settle()
    fanned.fanout.perform(Send((2,), FRAME))
    assert [each.aborts for each in fanned.sockets] == [0, 0, 0]
    fanned.fanout.perform(Send((1,), FRAME))  # as many for 1 as for 2 now, and 1 came first
    assert [each.aborts for each in fanned.sockets] == [1, 0, 0]
    assert [each.waiting for each in queues] == [0, 2 * LENGTH, LENGTH]
    fanned.fanout.perform(Send((3,), FRAME))
    assert [each.aborts for each in fanned.sockets] == [1, 0, 0]
    assert fanned.waiting == 4 * LENGTH


async def test_what_can_be_written_is_written_before_anybody_is_cut(
    monkeypatch: pytest.MonkeyPatch, fanned: Fanned
) -> None:
    for _ in range(3):
        fanned.add()
    monkeypatch.setattr(fanout, "OUTGOING_BYTES_MAX", 5 * LENGTH)
    monkeypatch.setattr(fanout, "BACKLOG_BYTES_MAX", 5 * LENGTH)
    for _ in range(100):
        fanned.fanout.perform(Send((1, 2, 3), FRAME))
        fanned.fanout.perform(Send((1,), FRAME))
    assert [each.aborts for each in fanned.sockets] == [0, 0, 0]
    await settle()
    assert [len(b"".join(each.writes)) for each in fanned.sockets] == [200 * LENGTH, 100 * LENGTH, 100 * LENGTH]


async def test_what_was_written_or_has_gone_waits_no_longer(fanned: Fanned) -> None:
    for _ in range(2):
        fanned.add()
    fanned.sockets[0].is_full = True
    fanned.fanout.perform(Send((1, 2), FRAME))
    assert fanned.waiting == 2 * LENGTH
    await settle()
    assert fanned.waiting == LENGTH
    fanned.fanout.perform(Send((1,), FRAME))
    assert fanned.waiting == 2 * LENGTH
    fanned.fanout.remove(1)
    assert fanned.waiting == 0


async def test_what_the_system_has_taken_meanwhile_does_not_count(
    monkeypatch: pytest.MonkeyPatch, fanned: Fanned
) -> None:
    monkeypatch.setattr(fanout, "BACKLOG_BYTES_MAX", 2 * LENGTH)
    for _ in range(2):
        _, socket = fanned.add()
        socket.is_full = True
    fanned.fanout.perform(Send((1, 2), FRAME))
    await settle()
    fanned.sockets[0].unsent = 0
    fanned.fanout.perform(Send((2,), FRAME))
    assert [each.aborts for each in fanned.sockets] == [0, 0]
    assert fanned.waiting == 2 * LENGTH
