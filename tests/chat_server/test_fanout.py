"""Fan-out by real sockets: a frame is built once, and whoever does not read makes nobody wait but is cut."""

import asyncio

import pytest

from chat_server import fanout
from chat_server.effects import Close, Send
from chat_server.protocol import CONTENT_CHARS_MAX, ID_MAX, AnyFrame, Refused, encode
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


def refusal(length: int) -> Refused:
    """A frame of so many bytes."""
    return Refused(code="long", reason="x" * (length - len(encode(Refused(code="long", reason="")))))


@pytest.mark.parametrize("length", [125, 126, 65_535, 65_536])
async def test_frames_of_all_lengths_arrive_whole(running: Running, join: Joining, length: int) -> None:
    ann = await join("ann")
    await ann.fence()
    sent = [refusal(length), refusal(100), refusal(length)]
    for each in sent:
        running.server._fanout.perform(Send((1,), each))
    heard = [await ann.socket.recv(decode=False) for _ in sent]
    assert heard == [encode(each) for each in sent]


async def test_pings_and_pongs_come_between_frames_and_never_within(join: Joining) -> None:
    ann, bob = await join("ann"), await join("bob")
    writing = asyncio.create_task(ann.flood(100, LONG))
    while not writing.done():
        await asyncio.gather(ann.fence(), bob.fence())
    for each in (ann, bob):
        assert [(await each.hear("message"))["id"] for _ in range(100)] == list(range(1, 101))


async def test_whoever_reads_late_is_sent_all_that_waits_and_then_closed(
    running: Running, join: Joining, stall: Joining
) -> None:
    ann = await join("ann")
    late = await stall("deaf")
    await ann.flood(100, LONG)
    assert running.server._fanout._outgoing[2].waiting > 100_000
    running.server._fanout.perform(Close(2, 4004, "late"))
    running.server._fanout.perform(Send((2,), refusal(100)))
    assert await late.closed() == 4004
    assert late.socket.close_reason == "late"
    assert [frame["id"] for frame in late.told if frame["type"] == "message"] == list(range(1, 101))
    assert late.told[-1]["type"] == "message"


async def test_presence_and_answers_to_whoever_has_gone_are_passed_over(join: Joining) -> None:
    ann, bob = await join("ann"), await join("bob")
    for _ in range(20):
        await bob.send("history", room="general", before=ID_MAX)
    bob.socket.transport.abort()
    await ann.hear("presence", name="bob", online=False)
    assert types([await ann.ask("rooms")]) == ["rooms"]
