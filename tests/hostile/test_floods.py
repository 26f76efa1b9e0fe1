"""More requests than anybody may send, answers that nobody reads, and all that there is only so much of."""

import asyncio
import json
from collections import Counter
from typing import Final

import pytest

from chat_server.protocol import ROOMS_MAX
from tests.chat_server import peers
from tests.hostile.attacks import Scene, outcome, patiently
from tests.hostile.conftest import SceneMaker
from tests.hostile.raw import TEXT, Raw, frame
from tests.hostile.test_frames import greeted
from tests.identities import NONCE

LONG = pytest.mark.soak
FLOODS: Final[dict[str, dict[str, object]]] = {
    "post": {"room": "general", "content": "flood"},
    "read": {"room": "general", "ranges": [[1, 1]]},
    "history": {"room": "general", "after": 0},
    "info": {"room": "general", "messageID": 1},
    "members": {"room": "general"},
    "rooms": {},
    "join": {"room": "general"},
    "delete": {"room": "general", "messageID": 1},
    "settings": {"receipts": "private"},
    "kick": {"room": "general", "name": "ann"},
}


@pytest.mark.parametrize(
    ("count", "kinds"),
    [
        pytest.param(130, ("post", "read", "history", "join"), id="short"),
        pytest.param(3_000, tuple(FLOODS), id="long", marks=LONG),
    ],
)
async def test_floods_are_refused_with_a_time_to_come_back(
    scene: Scene, count: int, kinds: tuple[str, ...]
) -> None:
    """From several connections of one name, as each of them has less than the name has."""
    for kind in kinds:
        flooding = [await peers.greet(scene.server.url, f"flood-{kind}") for _ in range(3)]
        await patiently(flooding[0], "post", room="general", nonce="first", content="first")
        async with scene.attacked(f"a flood of {kind}") as counts:
            waits = await asyncio.gather(*(_flood(peer, kind, count, counts) for peer in flooding))
            assert counts["refused rate-limited"] >= count
            assert all(0 < wait_ms <= 60_000 for each in waits for wait_ms in each)


async def _flood(peer: peers.Peer, kind: str, count: int, counts: Counter[str]) -> list[int]:
    """Ask so often without waiting; for how long each refusal says to wait."""
    for number in range(count):
        nonce = {"nonce": f"{id(peer)} {number}"} if kind == "post" else {}
        await peer.send(kind, ref=f"f{number}", **FLOODS[kind], **nonce)
    waits = []
    for number in range(count):
        while (answer := await peer.receive()).get("ref") != f"f{number}":
            pass
        counts[outcome(answer)] += 1
        if answer.get("code") == "rate-limited":
            waits.append(answer["retryAfterMs"])
    return waits


@pytest.mark.parametrize("count", [500, pytest.param(20_000, marks=LONG)])
async def test_a_flood_of_what_is_refused_anyway_costs_others_little(scene: Scene, count: int) -> None:
    flooding = [await peers.greet(scene.server.url, f"garble{each}") for each in range(4)]

    async def flood(peer: peers.Peer) -> None:
        for number in range(count):
            await peer.send("nothing", ref=f"f{number}")
        for number in range(count):
            counts[outcome(await peer.hear("refused", ref=f"f{number}"))] += 1

    async with scene.attacked("a flood of what is no request") as counts:
        await asyncio.gather(*map(flood, flooding))
        assert set(counts) <= {"refused bad-request", "refused rate-limited"}


def pages(room: str, count: int) -> bytes:
    """Requests for a page each, as frames."""
    asked = (
        json.dumps({"type": "history", "room": room, "before": 2**53 - 1, "ref": f"{at}"}) for at in range(count)
    )
    return b"".join(frame(TEXT, each.encode()) for each in asked)


async def fill(scene: Scene, name: str, rooms: list[str], *, messages: int, chars: int) -> None:
    """Rooms full of long messages, by somebody whom no limit holds up."""
    writer = await peers.greet(scene.server.url, name)
    for room in rooms:
        assert (await writer.ask("join", room=room))["type"] == "ok"
        for number in range(messages):
            await writer.send("post", room=room, nonce=f"n{number}", content="x" * chars, ref=f"{room} {number}")
        for number in range(messages):
            await writer.hear("ok", ref=f"{room} {number}")
        writer.told.clear()


@pytest.mark.parametrize("names", [3, pytest.param(10, marks=LONG)])
async def test_pages_within_the_limits_hold_nobody_up(scene: Scene, names: int) -> None:
    """A page costs most of all that one can ask for; here everybody asks for as many as they may."""
    people = [await peers.greet(scene.server.url, f"pager{names}-{each}") for each in range(names)]
    for number, peer in enumerate(people):
        assert (await patiently(peer, "join", room="shelf"))["type"] == "ok"
        for at in range(18):
            fields = {"room": "shelf", "nonce": f"{number} {at}", "content": "x" * 8_000}
            assert (await patiently(peer, "post", **fields))["type"] == "ok"
    async with scene.attacked("pages within the limits", memory_mb=40 + 16 * names, patience_ms=5_000) as counts:
        asked = (_pages(scene.server.url, f"pager{names}-{at % names}", counts) for at in range(2 * names))
        await asyncio.gather(*asked)


async def _pages(url: str, name: str, counts: Counter[str]) -> None:
    """Ask for all that may be asked for at once, and read it."""
    peer = await peers.greet(url, name)
    for number in range(100):
        await peer.send("history", ref=f"p{number}", room="shelf", before=2**53 - 1)
    for number in range(100):
        while (answer := await peer.receive()).get("ref") != f"p{number}":
            pass
        counts[outcome(answer)] += 1


@pytest.mark.parametrize(("readers", "seconds"), [(6, 1), pytest.param(40, 25, marks=LONG)])
async def test_whoever_asks_and_never_reads_costs_a_bounded_amount(
    make_scene: SceneMaker, readers: int, seconds: int
) -> None:
    """Each may make 8 MiB wait for it, and a little in the system's hands."""
    scene = make_scene("--no-rate-limits")
    await fill(scene, "writer", ["library"], messages=200, chars=2_500)
    # Without limits, what they ask for at first is made for all of them before anybody else has a turn.
    async with scene.attacked(
        "answers that nobody reads", memory_mb=40 + readers * 10, patience_ms=10_000
    ) as counts:
        deaf = [await greeted(scene.server.port, f"deaf{each}") for each in range(readers)]
        for each in deaf:
            each.writer.transport.pause_reading()  # type: ignore[attr-defined]
            joined = frame(TEXT, json.dumps({"type": "join", "room": "library"}).encode())
            each.writer.write(joined + pages("library", 200))
        await asyncio.sleep(seconds)  # so long it lasts
        counts["connections"] += readers
        counts["cut"] += await _cut(deaf)
        if seconds > 20:
            assert counts["cut"] == readers


async def _cut(connections: list[Raw]) -> int:
    """How many the server has ended."""
    cut = 0
    for each in connections:
        each.writer.write(frame(TEXT, b"{}"))
        await asyncio.sleep(0.01)
        each.writer.write(frame(TEXT, b"{}"))
        cut += each.writer.is_closing()
        each.end()
    return cut


@pytest.mark.parametrize(("rooms", "rounds"), [(10, 5), pytest.param(100, 20, marks=LONG)])
async def test_a_hello_that_asks_for_everything_holds_nobody_up(
    make_scene: SceneMaker, rooms: int, rounds: int
) -> None:
    """With a cursor at the beginning of every room, and of as many that are not there as one frame holds."""
    scene = make_scene("--no-rate-limits")
    names = [f"archive{number}" for number in range(rooms)]
    await fill(scene, "writer", names, messages=200, chars=2_500)
    writer = await peers.greet(scene.server.url, "writer")
    epoch = writer.told[0]["epoch"]
    none: dict[str, object] = {f"none{number}": {} for number in range(300)}
    resume = {"epoch": epoch, "rooms": {**{name: {} for name in names}, **none}}
    async with scene.attacked("hello with a huge resume", memory_mb=40 + rooms) as counts:
        for _ in range(rounds):
            peer = await peers.dial(scene.server.url)
            answer = await peer.greet("writer", resume=resume)
            assert answer["type"] == "welcome", answer
            counts[f"welcome with {len(answer['rooms'])} rooms"] += 1
            peer.socket.transport.abort()
        huge = {"epoch": epoch, "rooms": {f"none{each}": {} for each in range(7_000)}}
        peer = await peers.dial(scene.server.url)
        await peer.send("hello", name="writer", version=1, key=NONCE, nonce=NONCE, resume=huge)
        counts[f"7,000 rooms: cut with {await peer.closed()}"] += 1


async def test_nobody_takes_all_rooms_that_there_may_be(make_scene: SceneMaker) -> None:
    """A server has only so many rooms; one person must not have them all, nor for ever."""
    scene = make_scene("--no-rate-limits")
    squatter, other = await peers.greet(scene.server.url, "squatter"), await peers.greet(scene.server.url, "rita")
    async with scene.attacked("taking all rooms", memory_mb=64) as counts:
        for number in range(ROOMS_MAX):
            await squatter.send("join", ref=f"j{number}", room=f"squat{number}")
        for number in range(ROOMS_MAX):
            while (answer := await squatter.receive()).get("ref") != f"j{number}":
                pass
            counts[outcome(answer)] += 1
        answer = await patiently(other, "join", room="honest")
        counts[f"somebody else's room: {outcome(answer)}"] += 1
        assert answer["type"] == "ok", answer


async def test_rooms_cannot_be_taken_for_one_another(scene: Scene) -> None:
    owner, thief = await peers.greet(scene.server.url, "oscar"), await peers.greet(scene.server.url, "mallory")
    assert (await patiently(owner, "join", room="deploys"))["type"] == "ok"
    async with scene.attacked("rooms that look like others") as counts:
        for room in ("Deploys", "dep1oys", "General", "genera1", "GENERAL", "Parlour"):
            counts[outcome(await patiently(thief, "join", room=room))] += 1
        assert set(counts) <= {"refused bad-name", "refused room-taken", "refused name-taken"}
