"""Bytes that are no WebSocket, no text, no JSON or no request: each is refused, or ends its connection alone."""

import asyncio
import json
import os
import zlib
from contextlib import suppress
from random import Random
from typing import get_args

import pytest

from chat_server.protocol import (
    Acknowledge,
    AnyRequest,
    Ban,
    ChangeSettings,
    Delete,
    Direct,
    Edit,
    FetchBans,
    FetchHistory,
    FetchHorizons,
    FetchInfo,
    FetchMembers,
    FetchPins,
    FetchRooms,
    Hello,
    Join,
    Kick,
    Leave,
    MakeLink,
    Mute,
    Pass,
    Pin,
    Post,
    Prove,
    React,
    Read,
    Search,
    TellTyping,
    Topic,
    Unban,
    Unmute,
    Unpin,
    encode,
)
from tests.hostile.attacks import Scene
from tests.hostile.mutations import mutate
from tests.hostile.raw import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Raw, frame
from tests.identities import NONCE, signature, signer

KIB = 1024
MIB = 1024 * KIB
MARK = "xyzzy"
"""In all text of these tests, so that it would be found in a log."""
SHORT = pytest.param(20, id="short")
LONG = pytest.param(500, id="long", marks=pytest.mark.soak)


async def greeted(port: int, name: str) -> Raw:
    """A connection that is let in, and whose welcome has come."""
    raw = await Raw.open(port)
    hello = {"type": "hello", "name": name, "version": 1, "key": signer(name).public, "nonce": NONCE}
    await raw.send(frame(TEXT, json.dumps(hello).encode()))
    challenge = json.loads((await raw.hear())[1])
    proof = signature(name, challenge["nonce"], challenge["server"])
    await raw.send(frame(TEXT, json.dumps({"type": "prove", "signature": proof}).encode()))
    assert json.loads((await raw.hear())[1])["type"] == "welcome"
    return raw


def deflated(text: bytes) -> bytes:
    """As permessage-deflate would have it (RFC 7692 §7.2.1)."""
    packer = zlib.compressobj(wbits=-15)
    return (packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


BOMB = deflated(b"a" * 64 * MIB)[: 100 * KIB]

POST = json.dumps({"type": "post", "room": "general", "nonce": "n", "content": MARK}).encode()
FAULTS = {
    "1 MiB in one frame": ([frame(TEXT, b"a" * MIB)], {1009}),
    "a frame that claims 2^62 bytes": ([frame(TEXT, b"a" * 100, claim=1 << 62)], {1009}),
    "a frame that claims 2^63 bytes": ([frame(TEXT, b"a" * 100, claim=1 << 63)], {1002, 1009}),
    "fragments of 1 KiB that add up to 200": (
        [frame(TEXT, b"a" * KIB, fin=False), *([frame(CONTINUATION, b"a" * KIB, fin=False)] * 200)],
        {1009},
    ),
    "fragments without end": (
        [frame(TEXT, fin=False), *([frame(CONTINUATION, fin=False) * 100] * 100)],
        {1009},
    ),
    "fragments of one byte, with pings in between": (
        [frame(TEXT, b"a", fin=False), *([(frame(CONTINUATION, b"a", fin=False) + frame(PING, b"p")) * 50] * 200)],
        {1009},
    ),
    "a new message within another": ([frame(TEXT, b"{", fin=False), frame(TEXT, b"}")], {1002}),
    "a continuation of nothing": ([frame(CONTINUATION, b"{}")], {1002}),
    "a compressed frame that nobody agreed on": ([frame(TEXT, BOMB, rsv=4)], {1002}),
    "reserved bits": ([frame(TEXT, b"{}", rsv=1)], {1002}),
    "a reserved opcode": ([frame(0x3, b"{}")], {1002}),
    "no mask": ([frame(TEXT, POST, mask=False)], {1002}),
    "bytes that are no UTF-8": ([frame(TEXT, b'{"type":"post","content":"\xff\xfe"}')], {1007}),
    "a surrogate in UTF-8": ([frame(TEXT, b'{"a":"\xed\xa0\x80"}')], {1007}),
    "a binary frame": ([frame(BINARY, POST)], {1003}),
    "a ping of 126 bytes": ([frame(PING, b"a" * 126)], {1002}),
    "a ping in fragments": ([frame(PING, b"a", fin=False)], {1002}),
    "a close of one byte": ([frame(CLOSE, b"a")], {1002}),
    "a close code that nobody may send": ([frame(CLOSE, (1006).to_bytes(2))], {1002}),
    "a close whose reason is no UTF-8": ([frame(CLOSE, (1000).to_bytes(2) + b"\xff")], {1002, 1007}),
    "no JSON": ([frame(TEXT, b"hello")], {4000}),
    "an array": ([frame(TEXT, b"[1]")], {4000}),
    "100,000 open brackets": ([frame(TEXT, b"[" * 100_000)], {4000, 1009}),
    "an object 20,000 deep": ([frame(TEXT, b'{"a":' * 20_000)], {4000, 1009}),
    "an empty frame": ([frame(TEXT)], {4000}),
}


@pytest.mark.parametrize(
    "rounds", [pytest.param(1, id="short"), pytest.param(20, id="long", marks=pytest.mark.soak)]
)
async def test_whoever_breaks_the_rules_of_frames_is_cut(scene: Scene, rounds: int) -> None:
    # Fragments are let go of when Python looks for cycles, now and then: it is a bound, and no leak.
    async with scene.attacked("frames against RFC 6455, or no request", memory_mb=120) as counts:
        for what, (frames, codes) in FAULTS.items():
            for _ in range(rounds):
                for known in (False, True):
                    raw = await (greeted(scene.server.port, "mallory") if known else Raw.open(scene.server.port))
                    await raw.send(*frames)
                    code = await raw.closed()
                    assert code in codes | {1006} if len(frames) > 1 else code in codes, (what, code, raw.heard)
                    counts[f"cut with {code}"] += 1


@pytest.mark.parametrize("count", [SHORT, LONG])
async def test_large_frames_cost_their_connection(scene: Scene, count: int) -> None:
    async with scene.attacked("frames of 1 MiB, many at once") as counts:

        async def one() -> None:
            raw = await greeted(scene.server.port, "mallory")
            await raw.send(frame(TEXT, b"a" * MIB))
            counts[f"cut with {await raw.closed()}"] += 1

        for _ in range(count // 20):
            await asyncio.gather(*(one() for _ in range(20)))
        assert set(counts) <= {"cut with 1009", "cut with 1006"}


@pytest.mark.parametrize("count", [SHORT, LONG])
async def test_compression_is_not_agreed_on(scene: Scene, count: int) -> None:
    async with scene.attacked("compressed bombs") as counts:
        for _ in range(count):
            raw = await Raw.open(
                scene.server.port, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
            )
            assert b"sec-websocket-extensions" not in raw.head.lower()
            await raw.send(frame(TEXT, BOMB, rsv=4))
            counts[f"cut with {await raw.closed()}"] += 1
        assert set(counts) == {"cut with 1002"}


SEEDS = (
    Post(room="general", nonce=MARK, content=MARK, reply_to=1),
    Read(room="general", ranges=((1, 3), (5, 9))),
    FetchHistory(room="general", before=9, limit=50),
    Delete(room="general", message_id=1),
    FetchInfo(room="general", message_id=1),
    FetchHorizons(room="general"),
    Join(room=MARK),
    Leave(room=MARK),
    Kick(room="general", name=MARK),
    Ban(room="general", name=MARK),
    Unban(room="general", name=MARK),
    Mute(room="general", name=MARK),
    Unmute(room="general", name=MARK),
    Pass(room="general", name=MARK),
    Topic(room="general", title=MARK),
    FetchBans(room="general"),
    FetchMembers(room="general"),
    FetchRooms(),
    FetchPins(room="general"),
    TellTyping(room="general"),
    Direct(name=MARK),
    Search(room="general", query=MARK, before={"general": 9}, limit=5),
    ChangeSettings(receipts="private", rooms={"general": "off"}),
    Edit(room="general", message_id=1, content=MARK),
    React(room="general", message_id=1, emoji="+", on=False),
    Acknowledge(room="general", message_id=1, edition=1),
    Pin(room="general", message_id=1),
    Unpin(room="general", message_id=1),
    MakeLink(digest=NONCE),
    Hello(name=MARK, version=1, key=NONCE, nonce=NONCE),
    Prove(signature="A" * 86),
)
"""Of each type one."""
MUTATED = tuple(map(encode, SEEDS))


def test_every_request_is_mutated() -> None:
    assert {type(each) for each in SEEDS} == {*get_args(AnyRequest)}


@pytest.mark.parametrize("count", [250, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_malformed_requests_are_answered_or_end_the_connection(scene: Scene, count: int) -> None:
    random = Random(7)
    async with scene.attacked("mutated requests") as counts:
        raw, number = await greeted(scene.server.port, "mallory"), 0
        while sum(counts.values()) < count:
            number += 1
            fence = f"fence {number}"
            await raw.send(frame(TEXT, mutate(random, MUTATED)), frame(TEXT, _unknown(fence)))
            counts[await _fate(raw, fence)] += 1
            if raw.writer.is_closing():
                raw = await greeted(scene.server.port, "mallory")
        raw.end()
        assert {"refused", "cut with 4000", "cut with 1007"} <= set(counts)
        assert not {"cut with 1006", "cut with 1011"} & set(counts)
    assert "Traceback" not in scene.server.complaint


def _unknown(ref: str) -> bytes:
    """A request that is refused in its turn, at any rate."""
    return json.dumps({"type": "nothing", "ref": ref}).encode()


async def _fate(raw: Raw, fence: str) -> str:
    """What has become of all before the fence."""
    fate = "passed over"
    try:
        while True:
            opcode, payload = await raw.hear()
            if opcode == CLOSE:
                raw.end()
                return f"cut with {int.from_bytes(payload[:2])}"
            told = json.loads(payload)
            if told.get("ref") == fence:
                return fate
            if told["type"] in ("refused", "ok", "history", "info", "rooms", "members"):
                fate = told["type"]
    except (asyncio.IncompleteReadError, ConnectionError):
        raw.end()
        return "cut with 1006"


@pytest.mark.parametrize("count", [200, pytest.param(5_000, marks=pytest.mark.soak)])
async def test_malformed_greetings_end_the_connection(scene: Scene, count: int) -> None:
    random = Random(8)
    hello = Hello(name="mallory", version=1, key=signer("mallory").public, nonce=NONCE)
    seeds = (encode(hello), encode(Prove(signature="A" * 86)))
    async with scene.attacked("mutated greetings") as counts:
        for _ in range(count):
            raw = await Raw.open(scene.server.port)
            await raw.send(frame(TEXT, mutate(random, seeds)), frame(TEXT, mutate(random, seeds)))
            counts[f"cut with {await raw.closed()}"] += 1
        assert set(counts) <= {f"cut with {code}" for code in (1007, 1008, 1009, 4000, 4003)}
    assert "Traceback" not in scene.server.complaint


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_noise_in_place_of_http_ends_the_connection(scene: Scene, count: int) -> None:
    random = Random(9)
    whole = b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    seeds = (whole + b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA\r\n\r\n",)
    async with scene.attacked("mutated HTTP, and noise") as counts:
        for number in range(count):
            raw = await Raw.connect(scene.server.port)
            noise = os.urandom(random.choice((1, 100, 20_000))) if number % 3 == 0 else mutate(random, seeds)
            raw.writer.write(noise + b"\r\n\r\n")
            status = await _status(raw)
            raw.end()
            counts[f"answered {status}"] += 1
        assert "answered 500" not in counts
        assert "answered 101" not in counts


async def _status(raw: Raw) -> str:
    """The status of the answer, or `nothing`; the request may lack its end, and then nothing is waited for."""
    head = b""
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(0.2):
            head = await raw.reader.read(1000)
    return head.split(b" ")[1].decode() if head else "nothing"


# Pings ask for answers, too, and no limit of the protocol counts them


async def _ping(raw: Raw, megabytes: int, *, reads: bool) -> int:
    """Send pings, and read nothing or a byte now and then; how many megabytes were taken until one was cut."""
    burst = frame(PING, b"p" * 125) * 500
    raw.writer.transport.pause_reading()  # type: ignore[attr-defined]
    for sent in range(0, megabytes * MIB, len(burst)):
        try:
            raw.writer.write(burst)
            async with asyncio.timeout(5):
                await raw.writer.drain()
        except (ConnectionError, TimeoutError):
            return sent // MIB
        if reads:
            raw.writer.transport.resume_reading()  # type: ignore[attr-defined]
            await asyncio.sleep(0)
            raw.writer.transport.pause_reading()  # type: ignore[attr-defined]
        if raw.writer.is_closing():
            return sent // MIB
    return megabytes


@pytest.mark.parametrize("megabytes", [40, pytest.param(400, marks=pytest.mark.soak)])
async def test_pings_whose_answers_nobody_reads_cost_little(scene: Scene, megabytes: int) -> None:
    async with scene.attacked("pings, and their pongs unread") as counts:
        raw = await greeted(scene.server.port, "mallory")
        counts["MB of pings taken"] += await _ping(raw, megabytes, reads=False)
        raw.end()


async def test_pongs_that_nobody_asked_for_cost_nothing(scene: Scene) -> None:
    async with scene.attacked("pongs that nobody asked for") as counts:
        raw = await greeted(scene.server.port, "mallory")
        for _ in range(100):
            await raw.send(frame(PONG, b"p" * 125) * 100)
            counts["pongs"] += 100
        await raw.send(frame(TEXT, _unknown("fence")))
        assert await _fate(raw, "fence") == "passed over"
        raw.end()
