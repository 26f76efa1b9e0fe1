"""Getting to know what somebody reads who does not share it."""

import json

import pytest

from tests.chat_server import peers
from tests.hostile.attacks import Scene, outcome, patiently

ROUNDS = [pytest.param(2, id="short"), pytest.param(100, id="long", marks=pytest.mark.soak)]
ID_MAX = 2**53 - 1


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_what_is_not_shared_is_told_to_nobody(scene: Scene, rounds: int) -> None:
    url, room = scene.server.url, f"hide-{rounds}"
    spy, reader = await peers.greet(url, "mallory"), await peers.greet(url, "vera")
    for peer in (spy, reader):
        assert (await patiently(peer, "join", room=room))["type"] == "ok"
    for mode in ("private", "public", "off"):
        assert (await patiently(reader, "settings", rooms={room: mode}))["type"] == "settings"
        if mode == "private":
            await spy.post("who reads this?", room=room)
            assert outcome(await patiently(reader, "read", room=room, ranges=[[1, ID_MAX]])) == "ok"
    async with scene.attacked("what is not shared") as counts:
        for _ in range(rounds):
            for mode in ("off", "public"):
                assert (await patiently(reader, "settings", rooms={room: mode}))["type"] == "settings"
                assert outcome(await patiently(reader, "read", room=room, ranges=[[1, ID_MAX]])) == "ok"
                info = await patiently(spy, "info", room=room, messageID=1)
                assert (info["readBy"], info["missing"], info["unshared"]) == ([], [], ["vera"])
                page = await patiently(spy, "history", room=room, after=0)
                assert [(each["audience"], each["readBy"]) for each in page["messages"]] == [(0, 0)]
                assert "receipts" not in page
                horizons = await patiently(spy, "horizons", room=room)
                assert (horizons["horizons"], horizons.get("hidden")) == ([], None)
                counts[mode] += 1
        again = await peers.dial(url)
        resume = {"epoch": spy.told[0]["epoch"], "rooms": {room: {"message": 1, "revision": 0}}}
        await again.greet("mallory", resume=resume)
        for peer in (again, spy):
            await peer.fence()
            told = [each for each in peer.told if each["type"] in ("receipt", "settings", "history")]
            assert "vera" not in json.dumps(told)
