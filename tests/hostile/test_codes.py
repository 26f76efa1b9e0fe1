"""One-time codes that were stolen, are too old, are somebody else's, or are guessed."""

import asyncio
import secrets
import time
from typing import Final

import pytest

from chat_server import admin
from chat_server.orders import Answer, AnyOrder, BanName, Invite, ListPeople, ResetName
from chat_server.protocol.proofs import code_digest, code_of
from tests.chat_server import peers
from tests.hostile.attacks import Scene, outcome
from tests.hostile.conftest import ServerMaker
from tests.hostile.processes import ServerProcess

SCENE: Final = {"options": ("--join", "invite"), "link_ms": 1_000, "invited": True}
"""A server by invitation, whose honest people have theirs; codes for further devices last a second."""
HOUR_MS: Final = 3_600_000
CODES: Final = 32**20


async def order(server: ServerProcess, given: AnyOrder) -> Answer:
    """What comes of an order of the server's own user."""
    return (await asyncio.to_thread(admin.ask, server.data, given)).answer


async def code(server: ServerProcess, *, name: str = "", uses: int = 1, lasts_ms: int = HOUR_MS) -> str:
    """A new code."""
    made = code_of(secrets.token_bytes(16))
    asked = Invite(digest=code_digest(made), name=name, uses=uses, lasts_ms=lasts_ms)
    assert (await order(server, asked)).refused == ""
    return made


async def attempt(server: ServerProcess, name: str, invite: str, *, key: str = "") -> str:
    """What comes of trying to get in with a code."""
    peer = await peers.dial(server.url)
    answer = await peer.greet(name, key=key, invite=invite)
    if answer["type"] == "welcome":
        await peer.socket.close()
    return outcome(answer)


async def test_a_code_is_good_once_in_time_and_for_its_name(scene: Scene) -> None:
    server = scene.server
    async with scene.attacked("stolen codes") as counts:
        used = await code(server)
        assert await attempt(server, "guest", used) == "welcome"
        old = await code(server, lasts_ms=1)
        named = await code(server, name="frida")
        for what, name, stolen in (
            ("used up", "thief", used),
            ("too old", "thief", old),
            ("of another name", "thief", named),
            ("of another name, which is known", "ann", named),
            ("never made", "thief", "AAAAA-AAAAA-AAAAA-AAAAA"),
            ("empty", "thief", ""),
        ):
            came = await attempt(server, name, stolen, key="thief")
            assert came in ("refused invite-wrong", "refused invite-needed")
            counts[f"{what}: {came}"] += 1
        assert await attempt(server, "frida", named) == "welcome"
        assert await attempt(server, "frida", named, key="thief") == "refused invite-wrong"
        open_code = await code(server, uses=2)
        assert await attempt(server, "guest", open_code, key="thief") == "refused invite-wrong"


async def test_of_many_who_share_a_code_only_so_many_get_in(scene: Scene) -> None:
    server = scene.server
    async with scene.attacked("one code, used by many at once") as counts:
        shared = await code(server, uses=3)
        came = await asyncio.gather(*(attempt(server, f"many{each}", shared) for each in range(20)))
        for each in came:
            counts[each] += 1
        assert counts["welcome"] == 3
        assert counts["refused invite-wrong"] == 17


async def test_a_device_code_is_good_once_and_not_for_long(scene: Scene) -> None:
    server = scene.server
    ann = await peers.greet(server.url, "ann")
    async with scene.attacked("device codes") as counts:
        first = code_of(secrets.token_bytes(16))
        assert (await ann.ask("link", digest=code_digest(first)))["type"] == "ok"
        assert await attempt(server, "bob", first, key="thief") == "refused invite-wrong"
        assert await attempt(server, "ann", first, key="ann 2") == "welcome"
        counts[f"used up: {await attempt(server, 'ann', first, key='thief')}"] += 1
        second = code_of(secrets.token_bytes(16))
        assert (await ann.ask("link", digest=code_digest(second)))["type"] == "ok"
        await asyncio.sleep(1.1)  # the server's own clock decides, and there is nothing to wait for
        counts[f"too old: {await attempt(server, 'ann', second, key='thief')}"] += 1
        third, fourth = (code_of(secrets.token_bytes(16)) for _ in range(2))
        for each in (third, fourth):
            assert (await ann.ask("link", digest=code_digest(each)))["type"] == "ok"
        counts[f"one that a newer one replaced: {await attempt(server, 'ann', third, key='thief')}"] += 1
        assert set(counts.elements()) == {
            f"{each}: refused invite-wrong" for each in ("used up", "too old", "one that a newer one replaced")
        }


@pytest.mark.parametrize("seconds", [1.0, pytest.param(30.0, marks=pytest.mark.soak)])
async def test_codes_are_not_guessed(scene: Scene, seconds: float) -> None:
    server = scene.server
    wanted = await code(server)
    async with scene.attacked("guessing codes") as counts:
        end_s = time.monotonic() + seconds

        async def guess(number: int) -> None:
            while time.monotonic() < end_s:
                tried = code_of(secrets.token_bytes(16))
                counts[await attempt(server, f"guess{number}", tried)] += 1

        await asyncio.gather(*(guess(number) for number in range(20)))
        assert set(counts) <= {"refused invite-wrong", "refused rate-limited"}
        rate = counts["refused invite-wrong"] / seconds
        counts[f"centuries until half of all codes are tried at {rate:.0f} per second"] = round(
            CODES / 2 / rate / (100 * 365 * 86400)
        )
    assert await attempt(server, "guest", wanted) == "welcome"


async def test_a_reset_takes_the_name_from_whoever_has_its_keys(scene: Scene) -> None:
    server = scene.server
    stolen = await peers.greet(server.url, "frida", invite=await code(server, name="frida"), key="thief")
    assert stolen.told[0]["type"] == "welcome"
    async with scene.attacked("a stolen key after a reset") as counts:
        fresh = code_of(secrets.token_bytes(16))
        asked = ResetName(name="frida", digest=code_digest(fresh), lasts_ms=HOUR_MS)
        assert (await order(server, asked)).refused == ""
        assert await stolen.closed() == 1008
        counts[await attempt(server, "frida", "", key="thief")] += 1
        assert await attempt(server, "frida", fresh) == "welcome"
        counts[await attempt(server, "frida", fresh, key="thief")] += 1
        assert "welcome" not in counts


async def test_who_is_banned_from_the_server_is_out_of_it(scene: Scene) -> None:
    server = scene.server
    rogue = await peers.greet(server.url, "rogue", invite=await code(server))
    async with scene.attacked("going on after a ban from the server") as counts:
        assert (await order(server, BanName(name="rogue"))).refused == ""
        assert await rogue.closed() == 1008
        for invite in ("", await code(server)):
            counts[await attempt(server, "rogue", invite)] += 1
        counts[f"under a new key: {await attempt(server, 'rogue', '', key='rogue 2')}"] += 1
        assert set(counts) == {"refused banned", "under a new key: refused banned"}


async def test_a_stranger_is_no_admin_once_the_admin_is_named(serve: ServerMaker) -> None:
    server = serve("--admin", "boss")
    stranger = await peers.greet(server.url, "stranger")
    assert stranger.told[0]["type"] == "welcome"
    listed = {each.name: each.admin for each in (await order(server, ListPeople())).people}
    assert listed == {"boss": True, "stranger": False}


async def test_a_stranger_is_no_admin_after_the_only_one_lost_their_keys(serve: ServerMaker) -> None:
    server = serve()
    await peers.greet(server.url, "boss")
    asked = ResetName(name="boss", digest=code_digest(code_of(secrets.token_bytes(16))), lasts_ms=HOUR_MS)
    assert (await order(server, asked)).refused == ""
    stranger = await peers.greet(server.url, "stranger")
    assert stranger.told[0]["type"] == "welcome"
    listed = {each.name: each.admin for each in (await order(server, ListPeople())).people}
    assert listed == {"boss": True, "stranger": False}
