"""Connections that are many, slow or silent: whoever is known goes on, and whoever is new gets in.

All come from this machine, whose connections the server does not count. Where a test needs addresses, they are
said as a proxy that the server trusts says them, and are nobody's (RFC 5737).
"""

import asyncio
import time
from collections import Counter
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed, WebSocketException

from tests.chat_server import peers
from tests.hostile.attacks import Scene, outcome, report
from tests.hostile.conftest import SceneMaker, ServerMaker
from tests.hostile.raw import TEXT, Raw, frame, request

OPTIONS = ("--trusted-proxy", "127.0.0.1", "--join", "open")
SCENE = {"options": OPTIONS}
ATTACKER = {"X-Forwarded-For": "203.0.113.7"}
HONEST = {"X-Forwarded-For": "198.51.100.9"}


async def dribble(raw: Raw, text: bytes, seconds: float) -> None:
    """Send a byte per second of what is never finished."""
    with suppress(ConnectionError):
        for at in range(int(seconds)):
            raw.writer.write(text[at : at + 1])
            await raw.writer.drain()
            await asyncio.sleep(1)


@pytest.mark.parametrize(
    ("count", "seconds"), [(200, 1), pytest.param(1_000, 20, id="long", marks=pytest.mark.soak)]
)
async def test_half_open_connections_keep_nobody_out(scene: Scene, count: int, seconds: int) -> None:
    async with scene.attacked("half-open connections, a byte per second") as counts:
        dribbling = [
            asyncio.create_task(dribble(raw, request(scene.server.port), seconds))
            for raw in await _connected(scene.server.port, count, counts)
        ]
        begun_s = time.monotonic()
        await scene.newcomers(f"slow{count}n", 10, additional_headers=HONEST)
        counts["ms for 10 newcomers to get in"] = round((time.monotonic() - begun_s) * 1000)
        await asyncio.gather(*dribbling)


async def _connected(port: int, count: int, counts: Counter[str]) -> list[Raw]:
    found = [await Raw.connect(port) for _ in range(count)]
    counts["connections"] += count
    return found


@pytest.mark.parametrize("count", [300, pytest.param(1_000, marks=pytest.mark.soak)])
async def test_silent_connections_of_one_address_keep_nobody_out(scene: Scene, count: int) -> None:
    port = scene.server.port
    line = f"X-Forwarded-For: {ATTACKER['X-Forwarded-For']}"
    async with scene.attacked("connections that never say hello", memory_mb=64) as counts:
        for _ in range(count):
            raw = await Raw.connect(port)
            head = await raw.say_http(request(port, line))
            counts[f"opened with {head.split(b' ')[1].decode() if head else 'nothing'}"] += 1
        await scene.newcomers(f"silent{count}n", 10, additional_headers=HONEST)


@pytest.mark.parametrize("count", [300, pytest.param(1_000, marks=pytest.mark.soak)])
async def test_silent_connections_of_this_machine_keep_nobody_out(make_scene: SceneMaker, count: int) -> None:
    """As of another user of the host, or of all the world through a tunnel or a proxy that says no addresses."""
    scene = make_scene()
    async with scene.attacked("silent connections of the server's own machine", memory_mb=64) as counts:
        for _ in range(count):
            await Raw.open(scene.server.port)
            counts["opened"] += 1
        await scene.newcomers("fresh", 10)


@pytest.mark.parametrize("count", [40, pytest.param(400, marks=pytest.mark.soak)])
async def test_one_address_has_its_share_of_connections(make_scene: SceneMaker, count: int) -> None:
    scene = make_scene(*OPTIONS, "--connections-per-address", "8")
    port = scene.server.port
    async with scene.attacked("one address, many connections") as counts:
        held = [await Raw.open(port, "X-Forwarded-For: 203.0.113.7") for _ in range(count)]
        fates = await asyncio.gather(*map(_fate, held))
        for fate in fates:
            counts[fate] += 1
        assert counts == {"left open": 8, "cut with 1013": count - 8}
        await scene.newcomers("share", 3, additional_headers=HONEST)


async def _fate(raw: Raw) -> str:
    """Whether a connection is left open, at least for a while."""
    try:
        async with asyncio.timeout(0.5):
            return f"cut with {await raw.closed()}"
    except TimeoutError:
        return "left open"


async def test_nobody_chooses_their_address_but_through_a_proxy(make_scene: SceneMaker) -> None:
    """What a header says counts for nothing where no trusted proxy has sent it."""
    scene = make_scene("--trusted-proxy", "192.0.2.1", "--join", "open", "--connections-per-address", "8")
    async with scene.attacked("addresses that a client says itself") as counts:
        for number in range(20):
            raw = await Raw.open(scene.server.port, f"X-Forwarded-For: 203.0.113.{number}")
            await raw.send(frame(TEXT, b"x"))
            counts[f"cut with {await raw.closed()}"] += 1
        assert "203.0.113" not in scene.server.complaint


@pytest.mark.parametrize("seconds", [1, pytest.param(30, marks=pytest.mark.soak)])
async def test_storms_of_reconnects_are_weathered(scene: Scene, seconds: int) -> None:
    async with scene.attacked("200 clients that connect and go", memory_mb=64) as counts:
        end_s = time.monotonic() + seconds

        async def storm(number: int) -> None:
            while time.monotonic() < end_s:
                with suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError):
                    raw = await Raw.connect(scene.server.port)
                    if number % 2:
                        raw.writer.write(request(scene.server.port))
                        await raw.reader.read(1)
                    raw.end()
                    counts["connections"] += 1

        await asyncio.gather(*(storm(number) for number in range(200)))


@pytest.mark.parametrize("seconds", [1, pytest.param(30, marks=pytest.mark.soak)])
async def test_storms_of_greetings_are_weathered(scene: Scene, seconds: int) -> None:
    async with scene.attacked("20 clients that greet and go", memory_mb=64) as counts:
        end_s = time.monotonic() + seconds

        async def storm(number: int) -> None:
            while time.monotonic() < end_s:
                peer = await peers.dial(scene.server.url, additional_headers=ATTACKER)
                try:
                    answer = await peer.greet(f"storm{number}")
                    counts[outcome(answer)] += 1
                except ConnectionClosed as closed:
                    counts[f"cut with {closed.rcvd.code if closed.rcvd else 1006}"] += 1
                peer.socket.transport.abort()

        await asyncio.gather(*(storm(number) for number in range(20)))
        assert set(counts) <= {"welcome", "refused rate-limited", "cut with 1013"}


async def test_silent_connections_cut_nobody_who_has_said_hello(scene: Scene) -> None:
    """Whoever is far away takes a while between hello and proof; silence from many places must not end that."""
    newcomer = await peers.dial(scene.server.url, additional_headers=HONEST)
    challenge = await newcomer.hello("faraway")
    async with scene.attacked("silent connections from many places", memory_mb=64) as counts:
        for number in range(300):
            await Raw.open(scene.server.port, f"X-Forwarded-For: 203.0.{number // 200 + 1}.{number % 200 + 1}")
            counts["opened"] += 1
        answer = await newcomer.prove("faraway", challenge)
        assert answer["type"] == "welcome"


async def test_open_files_that_run_out_end_no_server(serve: ServerMaker) -> None:
    """Connections that are not even open cost files; the server's own files must not be what is left out."""
    limit = 512
    server = serve(snapshot_commits=5, preexec_fn=lambda: _limit_files(limit))
    ann = await peers.greet(server.url, "ann")
    held = await _as_many_as_it_takes(server.port, 2 * limit)
    for number in range(15):
        await ann.post(f"message {number}")
    assert server.is_running
    for each in held:
        each.end()
    page = await ann.ask("history", room="general", after=0)
    assert len(page["messages"]) == 15
    await _greeted_in_the_end(server.url)
    assert server.complaint.count("Traceback") <= 1, "it fills its log"
    report("half-open connections up to the limit of open files", Counter({"connections": len(held)}))


def _limit_files(count: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


async def _as_many_as_it_takes(port: int, most: int) -> list[Raw]:
    """Connections on which nothing is said, until one is not taken any more."""
    held: list[Raw] = []
    with suppress(TimeoutError, ConnectionError):
        while len(held) < most:
            async with asyncio.timeout(1.5):
                held.append(await Raw.connect(port))
    return held


async def _greeted_in_the_end(url: str) -> None:
    """Somebody new gets in, at the latest when whoever is silent has run out of time."""
    async with asyncio.timeout(30):
        while True:
            with suppress(OSError, TimeoutError, WebSocketException):
                peer = await peers.greet(url, "bob")
                assert peer.told[0]["type"] == "welcome"
                return
