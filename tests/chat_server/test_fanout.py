"""Fan-out by real sockets: a frame is built once, and whoever does not read makes nobody wait but is cut."""

import logging
from typing import cast

import pytest
from websockets.asyncio.server import ServerConnection

from chat_server import fanout
from chat_server.effects import Send
from chat_server.fanout import Backlog, Fanout, Outgoing
from chat_server.protocol import CONTENT_CHARS_MAX, ID_MAX, AnyFrame, Presence, encode
from tests.chat_server.conftest import Joining
from tests.chat_server.peers import Running, types

LONG = "x" * CONTENT_CHARS_MAX


async def test_a_frame_is_built_once_for_all_who_receive_it(
    monkeypatch: pytest.MonkeyPatch, join: Joining
) -> None:
    ann, *others = [await join(name) for name in ("ann", "bob", "cid", "dan")]
    built = []

    def build(frame: AnyFrame) -> bytes:
        built.append(type(frame).__name__)
        return encode(frame)

    monkeypatch.setattr(fanout, "encode", build)
    await ann.post("hi")
    await ann.hear("message")
    for each in others:
        assert (await each.hear("message"))["content"] == "hi"
    # An answer and a message with a nonce for ann, one message for all others.
    assert built == ["Ok", "Message", "Message"]


async def test_a_peer_past_the_bound_of_bytes_is_cut_and_nobody_else_waits(
    monkeypatch: pytest.MonkeyPatch, join: Joining, stall: Joining, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fanout, "OUTGOING_BYTES_MAX", 500_000)
    ann, bob = await join("ann"), await join("bob")
    stalled = await stall("deaf")
    await ann.flood(200, LONG)
    await ann.hear("presence", name="deaf", online=False)
    assert [(await bob.hear("message"))["id"] for _ in range(200)] == list(range(1, 201))
    assert await stalled.closed() == 1006
    assert [record.getMessage() for record in caplog.records if record.name == "chat_server.fanout"] == [
        "a slow connection was cut (4001): too many bytes wait for it"
    ]


async def test_past_the_bound_of_all_bytes_whoever_has_most_waiting_is_cut(
    monkeypatch: pytest.MonkeyPatch, join: Joining, stall: Joining, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fanout, "BACKLOG_BYTES_MAX", 1_000_000)
    ann, bob = await join("ann"), await join("bob")
    stalled = [await stall(f"deaf{at}") for at in range(4)]
    await ann.flood(200, LONG)
    for at in range(4):
        await ann.hear("presence", name=f"deaf{at}", online=False)
    assert [(await bob.hear("message"))["id"] for _ in range(200)] == list(range(1, 201))
    assert [await each.closed() for each in stalled] == [1006] * 4
    said = [record.getMessage() for record in caplog.records if record.name == "chat_server.fanout"]
    assert (
        said
        == ["a slow connection was cut (4001): too many bytes wait for all together, and most of them for it"] * 4
    )


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have servers that are started from now on notice a stall soon."""
    monkeypatch.setattr(fanout, "STALL_S", 0.05)


@pytest.mark.usefixtures("hasty")
class TestStall:
    async def test_a_peer_that_stops_reading_is_cut_after_a_time(self, join: Joining, stall: Joining) -> None:
        ann = await join("ann")
        stalled = await stall("deaf")
        await ann.flood(100, LONG)
        await ann.hear("presence", name="deaf", online=False)
        assert await stalled.closed() == 1006
        assert (await ann.ask("rooms"))["type"] == "rooms"

    async def test_a_peer_that_does_not_read_its_close_is_cut_as_well(self, join: Joining, stall: Joining) -> None:
        ann = await join("ann")
        stalled = await stall("deaf")
        await ann.flood(100, LONG)
        await stalled.socket.send("no JSON")
        await ann.hear("presence", name="deaf", online=False)
        assert await stalled.closed() == 1006


async def test_whoever_reads_may_ask_for_far_more_at_once_than_may_wait_for_it(
    monkeypatch: pytest.MonkeyPatch, join: Joining
) -> None:
    ann = await join("ann")
    await ann.flood(40, LONG)
    monkeypatch.setattr(fanout, "OUTGOING_BYTES_MAX", 16 * 40 * CONTENT_CHARS_MAX)
    for at in range(200):
        await ann.send("history", ref=str(at), room="general", before=ID_MAX)
    for at in range(200):
        assert len((await ann.hear("history", ref=str(at)))["messages"]) == 40


async def test_whoever_asks_and_does_not_read_is_no_longer_listened_to(
    running: Running, join: Joining, stall: Joining
) -> None:
    ann = await join("ann")
    await ann.flood(40, LONG)
    stalled = await stall("deaf")
    for at in range(100):
        await stalled.send("history", ref=str(at), room="general", before=ID_MAX)
    await ann.flood(10, "nobody waits")
    waiting = [each.waiting for each in running.server._fanout._outgoing.values()]
    assert max(waiting) < fanout.OUTGOING_BYTES_MAX
    assert len(waiting) == 2


class FakeSocket:
    """Stands for a connection whose peer reads when it is told to."""

    def __init__(self) -> None:
        self.transport = self
        self.unsent = 0
        self.aborts = 0

    async def send(self, frame: bytes, *, text: bool) -> None:
        assert text
        self.unsent += len(frame)

    async def close(self, code: int, reason: str) -> None:
        raise AssertionError((code, reason))

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def abort(self) -> None:
        self.aborts += 1


async def written(socket: FakeSocket, *frames: bytes) -> Outgoing:
    outgoing = Outgoing(cast("ServerConnection", socket), Backlog())
    for frame in frames:
        await outgoing._write(frame)
    return outgoing


async def test_a_peer_that_reads_however_slowly_is_not_cut() -> None:
    socket = FakeSocket()
    outgoing = await written(socket, b"x" * 100)
    for _ in range(100):
        outgoing.check()
        socket.unsent -= 1
    outgoing.check()
    outgoing.check()  # and nothing waits any more
    assert socket.aborts == 0


async def test_a_peer_is_cut_at_the_second_look_even_if_more_is_written_meanwhile(
    caplog: pytest.LogCaptureFixture,
) -> None:
    socket = FakeSocket()
    outgoing = await written(socket, b"x" * 100)
    outgoing.check()
    await outgoing._write(b"more")
    socket.unsent += 6  # a ping, which we have not written
    assert socket.aborts == 0
    outgoing.check()
    assert socket.aborts == 1
    outgoing.check()
    assert len(caplog.records) == 1


async def test_a_connection_that_was_cut_takes_no_more(caplog: pytest.LogCaptureFixture) -> None:
    socket = FakeSocket()
    outgoing = await written(socket)
    largest = b"x" * (fanout.OUTGOING_BYTES_MAX // 2)
    outgoing.put(largest)
    outgoing.put(largest)
    assert socket.aborts == 0
    outgoing.put(b"x")
    assert socket.aborts == 1
    outgoing.put(largest)
    assert outgoing.waiting == 0
    await outgoing.drain()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def fanned_out(*sockets: FakeSocket) -> tuple[Fanout, list[Outgoing]]:
    """A fanout to these, numbered from 1 on."""
    to_all = Fanout()
    return to_all, [to_all.add(at, cast("ServerConnection", socket)) for at, socket in enumerate(sockets, 1)]


async def test_all_bytes_at_the_bound_and_one_past_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fanout.BACKLOG_BYTES_MAX == 256 * 1024 * 1024
    frame = Presence(room="general", name="ann", online=True)
    length = len(encode(frame))
    sockets = [FakeSocket() for _ in range(3)]
    to_all, queues = fanned_out(*sockets)
    monkeypatch.setattr(fanout, "BACKLOG_BYTES_MAX", 4 * length)
    to_all.perform(Send((1, 2, 3), frame))
    to_all.perform(Send((2,), frame))
    assert [each.aborts for each in sockets] == [0, 0, 0]
    to_all.perform(Send((1,), frame))  # as many for 1 as for 2 now, and 1 came first
    assert [each.aborts for each in sockets] == [1, 0, 0]
    assert [each.waiting for each in queues] == [0, 2 * length, length]
    to_all.perform(Send((3,), frame))
    assert [each.aborts for each in sockets] == [1, 0, 0]


async def test_what_is_written_or_gone_waits_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = Presence(room="general", name="ann", online=True)
    sockets = [FakeSocket(), FakeSocket()]
    to_all, queues = fanned_out(*sockets)
    monkeypatch.setattr(fanout, "BACKLOG_BYTES_MAX", 2 * len(encode(frame)))
    for _ in range(20):
        to_all.perform(Send((1, 2), frame))
        await queues[0]._write(queues[0]._frames.popleft())
        to_all.remove(2)
        queues[1:] = [to_all.add(2, cast("ServerConnection", sockets[1]))]
    assert [each.aborts for each in sockets] == [0, 0]


async def test_presence_and_answers_to_whoever_has_gone_are_passed_over(join: Joining) -> None:
    ann, bob = await join("ann"), await join("bob")
    for _ in range(20):
        await bob.send("history", room="general", before=ID_MAX)
    bob.socket.transport.abort()
    await ann.hear("presence", name="bob", online=False)
    assert types([await ann.ask("rooms")]) == ["rooms"]
