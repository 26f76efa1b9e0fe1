"""Receipts, messages and orders in somebody else's name, or for rooms that one is not in."""

from collections import Counter

import pytest

from tests.chat_server import peers
from tests.chat_server.peers import Peer
from tests.hostile.attacks import Scene, outcome, patiently
from tests.hostile.honest import ROOM

ROUNDS = [pytest.param(2, id="short"), pytest.param(300, id="long", marks=pytest.mark.soak)]
ID_MAX = 2**53 - 1


async def told_nothing(peer: Peer, kind: str) -> None:
    """Nobody has told this peer of such a thing."""
    await peer.fence()
    assert (await peer.ask("rooms"))["type"] == "rooms"
    assert [each for each in peer.told if each["type"] == kind] == []


async def counted(counts: Counter[str], peer: Peer, kind: str, **fields: object) -> str:
    """Ask patiently, and count what comes of it."""
    answer = await patiently(peer, kind, **fields)
    counts[f"{kind} {outcome(answer)}"] += 1
    return outcome(answer)


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_a_receipt_speaks_for_its_sender_alone(scene: Scene, rounds: int) -> None:
    url = scene.server.url
    victim, forger = await peers.greet(url, "vera"), await peers.greet(url, "mallory")
    theirs = [await victim.post(f"a message {number}") for number in range(3)]
    await forger.post("mine")
    async with scene.attacked("forged reader") as counts:
        for _ in range(rounds):
            for name in ("vera", "ann", "bob"):
                for extra in ({"reader": name}, {"name": name}, {"readAt": 1}, {"sender": name}):
                    ranges = [[theirs[0], theirs[0]]]
                    assert await counted(counts, forger, "read", room="general", ranges=ranges, **extra) == (
                        "refused bad-request"
                    )
            assert await counted(counts, forger, "read", room=ROOM, ranges=[[1, ID_MAX]]) == "refused not-a-member"
            for wrong in ([[2, 1]], [[0, 1]], [[-1, 1]], [[1, ID_MAX + 1]], [], [[1, 1]] * 1001, [["1", "1"]]):
                assert await counted(counts, forger, "read", room="general", ranges=wrong) == "refused bad-request"
        for each in theirs:
            assert (await victim.ask("info", room="general", messageID=each))["readBy"] == []
        await told_nothing(victim, "receipt")


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_an_acknowledgement_speaks_for_its_sender_alone(scene: Scene, rounds: int) -> None:
    url = scene.server.url
    victim, forger = await peers.greet(url, "vera"), await peers.greet(url, "mallory")
    theirs, own = await victim.post("take note of this"), await forger.post("mine")
    async with scene.attacked("forged acknowledgement") as counts:
        for _ in range(rounds):
            for name in ("vera", "ann", "bob"):
                for extra in ({"reader": name}, {"name": name}, {"acknowledgedAt": 1}, {"on": False}):
                    asked = await counted(counts, forger, "acknowledge", room="general", messageID=theirs, **extra)
                    assert asked == "refused bad-request"
            for room, each, edition, code in (
                ("general", own, 0, "not-allowed"),
                ("general", theirs, 1, "no-such-message"),
                ("general", ID_MAX, 0, "no-such-message"),
                (ROOM, 1, 0, "not-a-member"),
            ):
                fields = {"room": room, "messageID": each, "edition": edition}
                assert await counted(counts, forger, "acknowledge", **fields) == f"refused {code}"
        for each in (theirs, own):
            assert "acknowledged" not in await victim.ask("info", room="general", messageID=each)
        await told_nothing(victim, "acknowledged")


async def test_a_receipt_for_what_is_ones_own_or_not_there_yet_changes_nothing(scene: Scene) -> None:
    url = scene.server.url
    victim, forger = await peers.greet(url, "vera"), await peers.greet(url, "mallory")
    own = await forger.post("mine too")
    async with scene.attacked("receipts for one's own, and beyond the last") as counts:
        assert await counted(counts, forger, "read", room="general", ranges=[[own, own]]) == "ok"
        assert await counted(counts, forger, "read", room="general", ranges=[[own + 1, ID_MAX]]) == "ok"
        later = await victim.post("not there when it was read")
        assert (await forger.ask("info", room="general", messageID=own))["readBy"] == []
        assert (await forger.ask("info", room="general", messageID=later))["readBy"] == []


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_a_message_is_its_senders(scene: Scene, rounds: int) -> None:
    url = scene.server.url
    victim, forger = await peers.greet(url, "vera"), await peers.greet(url, "mallory")
    await victim.fence()
    victim.told.clear()
    last = (await victim.ask("history", room="general", before=ID_MAX, limit=1))["messages"][-1:]
    async with scene.attacked("forged sender") as counts:
        for number in range(rounds):
            for extra in (
                {"sender": "vera"}, {"name": "vera"}, {"author": "vera"}, {"id": 1}, {"messageID": 1},
                {"sentAt": 1}, {"readBy": 9}, {"audience": 9}, {"deletedAt": 1},
            ):  # fmt: skip
                fields = {"room": "general", "nonce": f"forged {number}", "content": "not hers"}
                assert await counted(counts, forger, "post", **fields, **extra) == "refused bad-request"
        await told_nothing(victim, "message")
        assert (await victim.ask("history", room="general", before=ID_MAX, limit=1))["messages"][-1:] == last


def requests(room: str, name: str) -> list[tuple[str, dict[str, object]]]:
    """Everything that only a member may ask."""
    asked: list[tuple[str, dict[str, object]]] = [
        ("post", {"nonce": "n", "content": "hi"}),
        ("read", {"ranges": [[1, ID_MAX]]}),
        ("history", {"before": ID_MAX}),
        ("history", {"after": 0, "limit": 1}),
        ("info", {"messageID": 1}),
        ("members", {}),
        ("leave", {}),
        ("delete", {"messageID": 1}),
        ("edit", {"messageID": 1, "content": "not hers"}),
        ("react", {"messageID": 1, "emoji": "+"}),
        ("acknowledge", {"messageID": 1}),
        ("pin", {"messageID": 1}),
        ("unpin", {"messageID": 1}),
        ("pins", {}),
        ("typing", {}),
        ("topic", {"title": "Mine"}),
        ("bans", {}),
        ("search", {"query": "hi"}),
        ("pass", {"name": name}),
    ]
    asked += [(kind, {"name": name}) for kind in ("kick", "ban", "unban", "mute", "unmute")]
    return [(kind, {"room": room, **fields}) for kind, fields in asked]


@pytest.mark.parametrize("rounds", [2, pytest.param(20, id="long", marks=pytest.mark.soak)])
async def test_a_room_is_its_members(scene: Scene, rounds: int) -> None:
    url = scene.server.url
    stranger = await peers.greet(url, "mallory")
    resumed = {"epoch": stranger.told[0]["epoch"], "rooms": {ROOM: {"message": 0, "revision": 0}}}
    async with scene.attacked("a room that one is not in") as counts:
        for _ in range(rounds):
            for kind, fields in requests(ROOM, "ann"):
                assert await counted(counts, stranger, kind, **fields) == "refused not-a-member"
        again = await peers.dial(url)
        welcome = await again.greet("mallory", resume=resumed)
        assert ROOM not in [each["name"] for each in welcome["rooms"]]
        for peer in (again, stranger):
            await peer.fence()
            assert [each for each in peer.told[1:] if each.get("room") == ROOM] == []


@pytest.mark.parametrize("sanction", ["kick", "ban"])
async def test_who_was_put_out_of_a_room_is_out_of_it(scene: Scene, sanction: str) -> None:
    url, room = scene.server.url, f"den-{sanction}"
    owner, member = await peers.greet(url, f"olaf-{sanction}"), await peers.greet(url, f"mary-{sanction}")
    for peer in (owner, member):
        assert (await patiently(peer, "join", room=room))["type"] == "ok"
    await owner.post("before", room=room)
    async with scene.attacked(f"going on after a {sanction}") as counts:
        assert (await patiently(owner, sanction, room=room, name=f"mary-{sanction}"))["type"] == "ok"
        await member.hear("left", room=room, name=f"mary-{sanction}")
        member.told.clear()
        await owner.post("after", room=room)
        for kind, fields in requests(room, f"olaf-{sanction}"):
            assert await counted(counts, member, kind, **fields) == "refused not-a-member"
        await member.fence()
        assert [each for each in member.told if each.get("room") == room] == []
        entered = await counted(counts, member, "join", room=room)
        assert entered == {"kick": "ok", "ban": "refused banned"}[sanction]


async def test_who_is_muted_writes_nothing(scene: Scene) -> None:
    url, room = scene.server.url, "quiet"
    owner, member = await peers.greet(url, "olga"), await peers.greet(url, "mina")
    for peer in (owner, member):
        assert (await patiently(peer, "join", room=room))["type"] == "ok"
    async with scene.attacked("going on while muted") as counts:
        assert (await patiently(owner, "mute", room=room, name="mina"))["type"] == "ok"
        for number in range(5):
            fields = {"room": room, "nonce": f"n{number}", "content": "hi"}
            assert await counted(counts, member, "post", **fields) == "refused muted"
        assert (await patiently(member, "leave", room=room))["type"] == "ok"
        assert (await patiently(member, "join", room=room))["type"] == "ok"
        assert await counted(counts, member, "post", room=room, nonce="n", content="back") == "refused muted"
        assert (await owner.ask("history", room=room, after=0))["messages"] == []


async def test_who_moderates_has_the_right_to(scene: Scene) -> None:
    url, room = scene.server.url, "court"
    owner, member = await peers.greet(url, "otto"), await peers.greet(url, "milo")
    ann = await peers.greet(url, "ann")
    for peer in (owner, member, ann):
        assert (await patiently(peer, "join", room=room))["type"] == "ok"
    theirs = await owner.post("mine", room=room)
    lobby = await owner.post("in the lobby")
    sanctions = ("kick", "ban", "unban", "mute", "unmute")
    async with scene.attacked("moderation without the right") as counts:
        for kind in sanctions:
            for victim in ("otto", "ann"):
                asked = await counted(counts, member, kind, room=room, name=victim)
                assert asked == "refused not-allowed"
            assert await counted(counts, owner, kind, room=room, name="ann") == "refused not-allowed"
            assert await counted(counts, member, kind, room="general", name="ann") == "refused not-allowed"
            assert await counted(counts, owner, kind, room="general", name="milo") == "refused not-allowed"
        assert await counted(counts, member, "delete", room=room, messageID=theirs) == "refused not-allowed"
        assert await counted(counts, member, "delete", room="general", messageID=lobby) == "refused not-allowed"
        assert (await owner.ask("members", room=room))["members"] == ["otto", "milo", "ann"]
        page = await owner.ask("history", room=room, after=0)
        assert [each["content"] for each in page["messages"]] == ["mine"]
