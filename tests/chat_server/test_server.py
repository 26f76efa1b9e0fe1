"""The server by real sockets: what it takes and refuses, in which order it tells, and how it ends."""

import asyncio
import json
import socket as sockets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from chat_server import handshake, loop, pace, server
from chat_server.chat import AnyRecord
from chat_server.fanout import Outgoing
from chat_server.hub import Hub
from chat_server.protocol import CONTENT_CHARS_MAX, ID_MAX, PAGE_MAX, REQUEST_BYTES_MAX, ProtocolError
from chat_server.store import DiskFailed, Sealed, Store, ballast
from chat_server.store.errors import NoSpace
from tests.chat_server.conftest import Joining, Starting
from tests.chat_server.peers import DEADLINE_S, Peer, Running, dial, greet, types
from tests.identities import NONCE, signature, signer

HELLO: dict[str, object] = {
    "type": "hello",
    "name": "ann",
    "version": 1,
    "key": signer("ann").public,
    "nonce": NONCE,
}


class Gate:
    """Stands before a method of a store: lets calls through once it is open, and counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, store: Store, method: str) -> None:
        self.opened = asyncio.Event()
        self.entered = asyncio.Event()
        self.calls: list[Any] = []
        self._method = getattr(store, method)
        monkeypatch.setattr(store, method, self._pass)

    async def _pass(self, given: Sequence[AnyRecord] | Sealed) -> Any:
        self.calls.append(given)
        self.entered.set()
        await self.opened.wait()
        return await self._method(given)

    async def wait_entered(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await self.entered.wait()


async def http(port: int, request: str) -> str:
    """The whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.replace("\n", "\r\n").encode())
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    return answer


# Opening


@pytest.mark.parametrize(
    ("path", "status"),
    [("/health", "200 OK"), ("/health?x=1", "200 OK"), ("/", "404 Not Found"), ("/ws/", "404 Not Found")],
)
async def test_paths_other_than_the_chats(running: Running, path: str, status: str) -> None:
    answer = await http(running.port, f"GET {path} HTTP/1.1\nHost: localhost\n\n")
    assert answer.splitlines()[0] == f"HTTP/1.1 {status}"
    assert answer.splitlines()[-1] == ("ok" if status == "200 OK" else "The chat is at /ws.")


async def test_the_chat_takes_no_other_path_for_a_websocket(running: Running) -> None:
    with pytest.raises(InvalidStatus, match="404"):
        await dial(f"ws://127.0.0.1:{running.port}/")


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8080", "https://evil.example", "null"])
async def test_browsers_are_refused(running: Running, origin: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        await dial(running.url, origin=origin)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [(None, None), (["doubletick.v1"], "doubletick.v1"), (["chat", "doubletick.v1"], "doubletick.v1")],
)
async def test_subprotocol(dial: Joining, offered: list[str] | None, chosen: str | None) -> None:
    peer = await dial(subprotocols=offered)
    assert peer.socket.subprotocol == chosen
    assert (await peer.greet("ann"))["type"] == "welcome"


async def test_a_peer_that_speaks_only_other_subprotocols_is_refused(running: Running) -> None:
    with pytest.raises(InvalidStatus, match="400"):
        await dial(running.url, subprotocols=["doubletick.v2"])


async def test_compression_is_not_agreed_on(dial: Joining) -> None:
    peer = await dial(compression="deflate")
    assert peer.socket.response is not None
    assert "Sec-WebSocket-Extensions" not in peer.socket.response.headers


async def test_small_frames_are_not_held_back(running: Running, join: Joining) -> None:
    await join("ann")
    (socket,) = running.server._sockets
    assert socket.transport.get_extra_info("socket").getsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY) != 0


async def test_one_connection_too_many(starting: Starting) -> None:
    running = await starting(connections_max=2)
    ann, bob = await greet(running.url, "ann"), await greet(running.url, "bob")
    assert await (await dial(running.url)).closed() == 1013
    await bob.socket.close()
    await ann.hear("presence", name="bob", online=False)
    cid = await greet(running.url, "cid")
    assert types(cid.told) == ["welcome"]


async def test_of_too_many_that_have_not_been_greeted_the_oldest_is_cut(
    monkeypatch: pytest.MonkeyPatch, dial: Joining, join: Joining
) -> None:
    assert server.UNGREETED_MAX == 256
    monkeypatch.setattr(server, "UNGREETED_MAX", 3)
    everybody = [await join(name) for name in ("ann", "bob", "cid", "dan")]  # these do not count any more
    silent = [await dial() for _ in range(3)]
    for each in silent:
        await each.fence()
    challenge = await silent[1].hello("eve")
    late = await dial()
    await late.fence()
    assert await silent[0].closed() == 1006
    assert (await silent[1].prove("eve", challenge))["type"] == "welcome"
    last = await dial()
    for each in (silent[2], late, last):
        await each.fence()
    assert types((await join("fay")).told) == ["welcome"]
    assert await silent[2].closed() == 1006
    for each in everybody:
        assert (await each.ask("rooms"))["type"] == "rooms"


# Frames


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", 4000),
        ("hello", 4000),
        ("{", 4000),
        ("[]", 4000),
        ('"hello"', 4000),
        ('{"type":"rooms"} ok', 4000),
        ("é" * 200, 4000),
        ("[" * 16_000, 4000),
        (b'{"type":"rooms"}', 1003),
    ],
    ids=lambda each: repr(each)[:20],
)
@pytest.mark.parametrize("greeted", [True, False])
async def test_what_is_no_frame_ends_the_connection(
    dial: Joining, join: Joining, frame: str | bytes, code: int, *, greeted: bool
) -> None:
    peer = await (join("ann") if greeted else dial())
    await peer.socket.send(frame)
    assert await peer.closed() == code


async def test_bad_utf8_ends_the_connection(join: Joining) -> None:
    ann = await join("ann")
    await ann.socket.send(b'{"type":"rooms","ref":"\xff"}', text=True)
    assert await ann.closed() == 1007


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "dance"},
        {"type": 7},
        {"type": None},
        {"type": "rooms", "colour": "red"},
        {"type": "post", "room": "general", "content": "no nonce"},
        {"type": "post", "room": "general", "nonce": "n", "content": ""},
        {"type": "post", "room": "general", "nonce": "n", "content": 7},
        {"type": "post", "room": "general", "nonce": "n" * 65, "content": "hi"},
        {"type": "post", "room": "general", "nonce": "n", "content": "hi", "replyTo": 0},
        {"type": "read", "room": "general", "ranges": []},
        {"type": "read", "room": "general", "ranges": [[2, 1]]},
        {"type": "read", "room": "general", "ranges": [[1, ID_MAX + 1]]},
        {"type": "read", "room": "general", "ranges": [[1, 1]] * 1001},
        {"type": "read", "room": "general", "ranges": [[1, 1]], "reader": "bob"},
        {"type": "info", "room": "general", "messageID": 10**400},
        {"type": "info", "room": "general", "messageID": 1.5},
        {"type": "history", "room": "general"},
        {"type": "history", "room": "general", "before": 1, "after": 1},
        {"type": "history", "room": "general", "before": 1, "limit": PAGE_MAX + 1},
        {"type": "welcome"},
        {"type": "rooms" * 20_000},
    ],
    ids=lambda fields: repr(fields)[:40],
)
async def test_a_wrong_request_is_refused_and_the_connection_goes_on(
    join: Joining, fields: dict[str, object]
) -> None:
    ann = await join("ann")
    await ann.socket.send(json.dumps({**fields, "ref": "mine"}))
    refusal = await ann.receive()
    assert refusal.items() >= {"type": "refused", "code": "bad-request", "ref": "mine"}.items()
    assert 0 < len(refusal["reason"]) <= 200
    assert (await ann.ask("rooms"))["type"] == "rooms"


async def test_a_ref_that_is_too_long_does_not_come_back(join: Joining) -> None:
    ann = await join("ann")
    await ann.send("rooms", ref="r" * 65)
    refusal = await ann.receive()
    assert refusal["code"] == "bad-request"
    assert "ref" not in refusal


async def test_a_request_as_large_as_may_be_and_one_byte_more(join: Joining) -> None:
    ann = await join("ann")
    frame = '{"type":"rooms","ref":"large"}'
    await ann.socket.send(frame.ljust(REQUEST_BYTES_MAX))
    assert (await ann.receive())["ref"] == "large"
    await ann.socket.send(frame.ljust(REQUEST_BYTES_MAX + 1))
    assert await ann.closed() == 1009


@pytest.mark.parametrize("greeting", [True, False])
async def test_a_first_frame_as_large_as_may_be_and_one_byte_more(dial: Joining, *, greeting: bool) -> None:
    assert server.UNGREETED_BYTES_MAX == 16 * 1024
    frame = json.dumps({**HELLO, "client": "\N{GRINNING FACE}"}, ensure_ascii=False)
    padding = server.UNGREETED_BYTES_MAX - len(frame.encode())
    peer = await dial()
    if greeting:
        await peer.socket.send(frame + " " * padding)
        assert (await peer.receive())["type"] == "challenge"
    await peer.socket.send(frame + " " * (padding + 1))
    assert await peer.closed() == 1009


async def test_a_text_as_long_as_may_be_and_one_character_more(join: Joining) -> None:
    ann = await join("ann")
    longest = "\N{GRINNING FACE}" * CONTENT_CHARS_MAX
    await ann.post(longest)  # `json` writes each of its characters as twelve bytes
    assert (await ann.hear("message"))["content"] == longest
    refusal = await ann.ask("post", room="general", nonce="n", content="x" * (CONTENT_CHARS_MAX + 1))
    assert refusal["code"] == "bad-request"


async def test_control_characters_and_nulls_come_back_as_they_were_sent(join: Joining) -> None:
    ann = await join("ann")
    content = "\x00\x1b[31m\u202e[/b]\r\n\u2028\N{GRINNING FACE}"
    await ann.post(content)
    assert (await ann.hear("message"))["content"] == content


async def test_the_reason_of_a_close_is_cut_to_what_a_close_frame_holds(
    monkeypatch: pytest.MonkeyPatch, join: Joining
) -> None:
    ann = await join("ann")

    def refuse(_: str) -> None:
        raise ProtocolError("x" + "é" * 200, code=4000)

    monkeypatch.setattr(server, "decode_request", refuse)
    await ann.send("rooms")
    assert await ann.closed() == 4000
    assert ann.socket.close_reason == "x" + "é" * 59


# Hello


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "rooms"}, "hello-first"),
        ({"type": "post", "room": "general", "nonce": "n", "content": "hi"}, "hello-first"),
        ({"type": "prove", "signature": "s" * 86}, "hello-first"),
        ({"type": "hello"}, "bad-request"),
        ({"type": "hello", "name": "ann", "version": 1}, "bad-request"),
        ({**HELLO, "key": signer("ann").public + "="}, "bad-request"),
        ({"type": "dance"}, "bad-request"),
        ({**HELLO, "name": "a b"}, "bad-name"),
        ({**HELLO, "version": 2}, "version"),
    ],
)
async def test_whoever_does_not_begin_with_a_good_hello_is_told_why_and_let_go(
    dial: Joining, frame: dict[str, object], code: str
) -> None:
    peer = await dial()
    await peer.socket.send(json.dumps({**frame, "ref": "mine"}))
    await peer.send("rooms", ref="after")
    assert await peer.closed() == 1008
    assert [(each["code"], each["ref"]) for each in peer.told] == [(code, "mine")]


async def test_a_name_is_refused_to_another_key_even_once_its_owner_has_gone(join: Joining, dial: Joining) -> None:
    async def check_that_eve_is_refused() -> None:
        eve = await dial()
        assert (await eve.hello("ann", key="eve"))["code"] == "name-taken"
        assert await eve.closed() == 4003

    ann, bob = await join("ann"), await join("bob")
    await check_that_eve_is_refused()
    await ann.socket.close()
    await bob.hear("presence", name="ann", online=False)
    await check_that_eve_is_refused()
    assert types((await join("ann")).told) == ["welcome"]


async def test_another_device_of_ones_own_comes_in_by_the_same_key(join: Joining) -> None:
    ann, again = await join("ann"), await join("ann")
    await ann.post("hi")
    assert (await again.hear("message"))["nonce"]


async def test_whoever_does_not_prove_the_key_is_told_and_let_go(join: Joining, dial: Joining) -> None:
    await join("ann")
    for name, key in (("ann", "ann"), ("bob", "bob")):
        peer = await dial()
        challenge = await peer.hello(name, key=key)
        by_eve = signature(name, challenge["nonce"], challenge["server"], key="eve")
        assert (await peer.ask("prove", signature=by_eve))["code"] == "not-proven"
        assert await peer.closed() == 1008
    assert types((await join("bob")).told) == ["welcome"]


async def test_each_connection_is_challenged_anew_by_the_same_server(dial: Joining) -> None:
    challenges = [await (await dial()).hello("ann") for _ in range(3)]
    assert len({each["nonce"] for each in challenges}) == 3
    assert len({each["server"] for each in challenges}) == 1
    old, new = challenges[0], await dial()
    await new.hello("ann")
    assert (await new.prove("ann", old))["code"] == "not-proven"


async def test_a_server_keeps_its_key_and_whose_a_name_is(
    running: Running, join: Joining, starting: Starting
) -> None:
    first = await (await dial(running.url)).hello("bob")
    await join("ann")
    await running.end()
    await running.store.close()
    url = (await starting()).url
    assert (await (await dial(url)).hello("bob"))["server"] == first["server"]
    assert (await greet(url, "ann", key="eve")).told[0]["code"] == "name-taken"
    assert types((await greet(url, "ann")).told) == ["welcome"]


async def test_whoever_does_not_say_and_prove_in_time_who_they_are_is_let_go(
    monkeypatch: pytest.MonkeyPatch, dial: Joining, join: Joining
) -> None:
    monkeypatch.setattr(server, "HELLO_S", 0.5)
    ann, silent, unproven = await join("ann"), await dial(), await dial()
    await unproven.hello("bob")
    assert [await each.closed() for each in (silent, unproven)] == [1008, 1008]
    assert (await ann.ask("rooms"))["type"] == "rooms"  # she may be silent for as long as she likes


# Order and durability


async def test_requests_on_one_connection_are_answered_in_order(join: Joining) -> None:
    ann = await join("ann")
    kinds: list[tuple[str, dict[str, object]]] = [
        ("post", {"room": "general", "content": "hi"}),
        ("history", {"room": "general", "before": ID_MAX}),
        ("read", {"room": "general", "ranges": [[1, 1]]}),
        ("dance", {}),
        ("info", {"room": "general", "messageID": 1}),
        ("rooms", {}),
    ]
    refs = [str(at) for at in range(300)]
    for at, ref in enumerate(refs):
        kind, fields = kinds[at % len(kinds)]
        await ann.send(kind, ref=ref, **fields, **({"nonce": ref} if kind == "post" else {}))
    answers = [await ann.receive() for _ in range(350)]  # a message for each post among them
    assert [frame["ref"] for frame in answers if "ref" in frame] == refs
    assert [frame["id"] for frame in answers if frame["type"] == "message"] == list(range(1, 51))


async def test_nothing_is_told_before_it_is_on_disk(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining
) -> None:
    ann, bob = await join("ann"), await join("bob")
    await ann.hear("presence", name="bob")
    gate = Gate(monkeypatch, running.store, "commit")
    await ann.send("post", room="general", nonce="n", content="hi", ref="post")
    hearing = [asyncio.create_task(each.receive()) for each in (ann, bob)]
    await gate.wait_entered()
    await bob.send("rooms", ref="rooms")  # what has nothing to do with it waits as well, so that order holds
    for each in (ann, bob):
        await each.fence()
    assert not any(each.done() for each in hearing)
    gate.opened.set()
    assert [(await each)["type"] for each in hearing] == ["ok", "message"]
    assert (await bob.receive())["ref"] == "rooms"


async def test_all_that_comes_in_during_a_commit_shares_the_next(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining
) -> None:
    everybody = [await join(f"n{at}") for at in range(40)]
    gate = Gate(monkeypatch, running.store, "commit")
    first, *others = [
        asyncio.create_task(peer.ask("post", room="general", nonce="n", content="hi")) for peer in everybody
    ]
    await gate.wait_entered()
    for peer in everybody:
        async with asyncio.timeout(DEADLINE_S):
            await (await peer.socket.ping())
    gate.opened.set()
    assert [answer["type"] for answer in await asyncio.gather(first, *others)] == ["ok"] * 40
    assert len(gate.calls) <= 3


async def test_the_bound_of_a_batch_is_kept(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining
) -> None:
    monkeypatch.setattr(loop, "BATCH_MAX", 2)
    everybody = [await join(f"n{at}") for at in range(8)]
    gate = Gate(monkeypatch, running.store, "commit")
    gate.opened.set()
    await asyncio.gather(*(peer.post("hi") for peer in everybody))
    assert max(map(len, gate.calls)) <= 2


async def test_the_bound_of_a_batchs_bytes_is_kept(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining
) -> None:
    assert 2 * (loop.BATCH_BYTES_MAX + REQUEST_BYTES_MAX) < ballast.RESERVE_BYTES
    monkeypatch.setattr(loop, "BATCH_BYTES_MAX", 3 * CONTENT_CHARS_MAX)
    everybody = [await join(f"n{at}") for at in range(12)]
    gate = Gate(monkeypatch, running.store, "commit")
    first, *others = [asyncio.create_task(peer.post("x" * CONTENT_CHARS_MAX)) for peer in everybody]
    await gate.wait_entered()
    for peer in everybody:
        await peer.fence()
    gate.opened.set()
    await asyncio.gather(first, *others)
    assert max(map(len, gate.calls)) == 3


async def test_writers_have_their_turn_between_batches_that_commit_nothing(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining
) -> None:
    monkeypatch.setattr(loop, "BATCH_MAX", 1)
    monkeypatch.setattr(pace, "WINDOW_S", 0)
    ann, *others = [await join(f"n{at}") for at in range(6)]
    gate = Gate(monkeypatch, running.store, "commit")
    await ann.send("post", room="general", nonce="n", content="hi")
    await gate.wait_entered()
    done = note_calls(monkeypatch, (Hub, "handle"), (Outgoing, "write"))
    asking = [asyncio.create_task(each.ask("rooms")) for each in others]
    for each in others:
        await each.fence()
    gate.opened.set()
    await asyncio.gather(*asking)
    assert done.index("write") < len(done) - 1 - done[::-1].index("handle")


def note_calls(monkeypatch: pytest.MonkeyPatch, *methods: tuple[type, str]) -> list[str]:
    """The names of these methods, one for each call from now on."""
    calls: list[str] = []

    def note(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            calls.append(name)
            return method(*args)

        return call

    for owner, name in methods:
        monkeypatch.setattr(owner, name, note(name, getattr(owner, name)))
    return calls


async def test_more_peers_than_the_queue_holds_are_all_answered(
    monkeypatch: pytest.MonkeyPatch, starting: Starting
) -> None:
    monkeypatch.setattr(loop, "QUEUE_MAX", 2)
    running = await starting()
    everybody = [await greet(running.url, f"n{at}") for at in range(10)]
    ids = await asyncio.gather(*(peer.post("hi") for peer in everybody))
    assert sorted(ids) == list(range(1, 11))


async def test_a_failed_disk_acknowledges_nothing_and_ends_the_server(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining
) -> None:
    ann, bob = await join("ann"), await join("bob")
    await ann.hear("presence", name="bob")

    async def fail(_: Sequence[AnyRecord]) -> None:
        raise DiskFailed("The disk failed.")

    monkeypatch.setattr(running.store, "commit", fail)
    for at in range(5):
        await ann.send("post", room="general", nonce=f"n{at}", content="hi")
    assert isinstance(await running.failed(), DiskFailed)
    assert (await ann.closed(), await bob.closed()) == (1001, 1001)
    assert types(ann.told) == ["welcome", "joined"]
    assert types(bob.told) == ["welcome"]


# Bugs


class Bug(Exception):
    """Something that must not happen."""


async def check_that_it_ends_with_the_bug(running: Running, ann: Peer) -> None:
    await ann.send("rooms")
    assert isinstance(await running.failed(), Bug)
    assert await ann.closed() == 1001
    with pytest.raises(ConnectionRefusedError):
        await dial(f"ws://127.0.0.1:{running.port}/ws")


def fail(*_: object) -> None:
    raise Bug


async def test_a_bug_in_the_hub_ends_the_server(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining
) -> None:
    ann = await join("ann")
    monkeypatch.setattr(Hub, "handle", fail)
    await check_that_it_ends_with_the_bug(running, ann)


async def test_a_bug_in_a_reader_ends_the_server(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining
) -> None:
    ann = await join("ann")
    monkeypatch.setattr(server, "decode_request", fail)
    await check_that_it_ends_with_the_bug(running, ann)


async def test_a_bug_in_a_writer_ends_the_server(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining
) -> None:
    ann = await join("ann")
    monkeypatch.setattr("chat_server.fanout.Outgoing.write", fail)
    await check_that_it_ends_with_the_bug(running, ann)


# Snapshots


async def test_a_snapshot_follows_so_many_commits_and_the_loop_goes_on_meanwhile(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining, tmp_path: Path
) -> None:
    ann = await join("ann")
    monkeypatch.setattr(loop, "SNAPSHOT_COMMITS", 5)
    gate = Gate(monkeypatch, running.store, "write")
    for _ in range(3):
        await ann.post("hi")
    await gate.wait_entered()  # after five commits, the server's key and ann's coming among them
    for _ in range(9):
        await ann.post("there")
    assert len(gate.calls) == 1  # one at a time
    assert b"hi" not in (tmp_path / "data/snapshot.json").read_bytes()
    gate.opened.set()
    await ann.post("and on")
    while len(gate.calls) < 2:
        await ann.post("and on")
    await running.end()
    assert b"and on" in (tmp_path / "data/snapshot.json").read_bytes()


async def test_a_snapshot_follows_a_commit_after_a_time_even_if_nothing_else_happens(
    monkeypatch: pytest.MonkeyPatch, starting: Starting
) -> None:
    monkeypatch.setattr(loop, "SNAPSHOT_S", 0.01)
    running = await starting()
    gate = Gate(monkeypatch, running.store, "write")
    gate.opened.set()
    await greet(running.url, "ann")
    await gate.wait_entered()


async def test_a_snapshot_that_fails_ends_the_server_at_once(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining
) -> None:
    monkeypatch.setattr(loop, "SNAPSHOT_COMMITS", 3)

    async def fail(_: Sealed) -> None:
        raise DiskFailed("The disk failed.")

    monkeypatch.setattr(running.store, "write", fail)
    ann = await join("ann")
    await ann.post("hi")
    assert isinstance(await running.failed(), DiskFailed)
    assert await ann.closed() == 1001


def raise_no_space(*_: object) -> None:
    raise NoSpace(28, "No space left on device")


async def test_a_snapshot_without_space_is_given_up_said_once_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, starting: Starting, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr(loop, "SNAPSHOT_COMMITS", 4)
    monkeypatch.setattr(loop, "SNAPSHOT_S", 0.01)
    running = await starting()
    ann = await greet(running.url, "ann")
    tries = 0

    def fail(*_: object) -> None:
        nonlocal tries
        tries += 1
        raise_no_space()

    monkeypatch.setattr("chat_server.store.store.write_temporary", fail)
    while tries < 3:
        await ann.post("hi")
    assert [each.getMessage() for each in caplog.records if each.name == "chat_server.loop"] == [
        "the disk has no space for a snapshot; the journal has everything"
    ]
    monkeypatch.undo()
    await ann.post("the last word")
    await running.end()
    assert running.store.commits_since_snapshot == 0
    assert b"the last word" in (tmp_path / "data/snapshot.json").read_bytes()


async def test_commits_alone_do_not_try_a_snapshot_that_was_given_up(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining
) -> None:
    monkeypatch.setattr(loop, "SNAPSHOT_COMMITS", 2)
    gate = Gate(monkeypatch, running.store, "write")
    gate.opened.set()

    monkeypatch.setattr("chat_server.store.store.write_temporary", raise_no_space)
    ann = await join("ann")
    for _ in range(10):
        await ann.post("hi")
    assert len(gate.calls) == 1
    assert running.store.commits_since_snapshot > 8


# A full disk


async def test_the_hub_hears_between_two_commits_that_the_disk_is_full_and_that_it_is_not(
    monkeypatch: pytest.MonkeyPatch, starting: Starting, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loop, "SPACE_S", 0.01)
    running = await starting()
    ann = await greet(running.url, "ann")
    held, tries = running.store._appender.ballast, 0

    def fail() -> None:
        nonlocal tries
        tries += 1
        raise_no_space()

    monkeypatch.setattr(held, "_write", fail)
    held.give_up()
    refusal = await ann.ask("post", room="general", nonce="n", content="hi")
    assert (refusal["type"], refusal["code"]) == ("refused", "disk-full")
    while tries < 3:
        await ann.fence()
    monkeypatch.undo()
    while (await ann.ask("post", room="general", nonce="n", content="hi"))["type"] == "refused":
        await ann.fence()
    assert held.stands
    said = [each.getMessage() for each in caplog.records if each.name == "chat_server.loop"]
    assert said == ["the disk is full: nothing new is taken until there is space", "the disk has space again"]


# The end, and the next beginning


async def test_stopping_tells_everybody_and_leaves_a_snapshot(
    running: Running, join: Joining, dial: Joining, tmp_path: Path
) -> None:
    ann, bob, nobody = await join("ann"), await join("bob"), await dial()
    await ann.post("the last word")
    await running.end()
    assert [await each.closed() for each in (ann, bob, nobody)] == [1001, 1001, 1001]
    assert b"the last word" in (tmp_path / "data/snapshot.json").read_bytes()
    assert running.store.commits_since_snapshot == 0


async def test_what_a_snapshot_under_way_at_the_stop_lacks_is_in_the_next(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining, tmp_path: Path
) -> None:
    monkeypatch.setattr(loop, "SNAPSHOT_COMMITS", 2)
    gate = Gate(monkeypatch, running.store, "write")
    ann = await join("ann")
    await ann.post("hi")
    await gate.wait_entered()
    await ann.post("the last word")
    running.halt()
    assert await ann.closed() == 1001
    gate.opened.set()
    await running.end()
    assert len(gate.calls) == 2
    assert b"the last word" in (tmp_path / "data/snapshot.json").read_bytes()


async def test_stopping_waits_for_no_peer(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining, stall: Joining
) -> None:
    monkeypatch.setattr(handshake, "CLOSE_S", 0.1)
    monkeypatch.setattr(server, "CLOSE_S", 0.1)
    ann = await join("ann")
    silent = sockets.create_connection(("127.0.0.1", running.port))  # says nothing, not even HTTP
    await stall("deaf")
    await ann.flood(200, "x" * CONTENT_CHARS_MAX)
    assert await ended_within(2, running)
    silent.close()


async def ended_within(seconds: float, running: Running) -> bool:
    running.halt()
    await asyncio.wait([running.task], timeout=seconds)
    return running.task.done()


@pytest.mark.parametrize("code", [1001, 1012])
async def test_what_has_come_in_at_the_stop_is_kept_and_told_before_the_close(
    monkeypatch: pytest.MonkeyPatch, running: Running, join: Joining, starting: Starting, code: int
) -> None:
    ann, bob = await join("ann"), await join("bob")
    await ann.hear("presence", name="bob")
    gate = Gate(monkeypatch, running.store, "commit")
    for at in range(5):
        await ann.send("post", room="general", nonce=f"n{at}", content="hi", ref=f"n{at}")
    await gate.wait_entered()
    await ann.fence()
    running.halt(code)
    while running.bound.fileno() >= 0:
        await ann.fence()
    with pytest.raises(ConnectionRefusedError):
        await dial(running.url)
    await ann.send("post", room="general", nonce="late", content="not taken any more", ref="late")
    await ann.fence()
    gate.opened.set()
    assert [await each.closed() for each in (ann, bob)] == [code, code]
    assert [frame["ref"] for frame in ann.told if frame["type"] == "ok"] == [f"n{at}" for at in range(5)]
    assert [frame["id"] for frame in bob.told if frame["type"] == "message"] == [1, 2, 3, 4, 5]
    await running.end()
    assert running.store.commits_since_snapshot == 0
    await running.store.close()
    again = await greet((await starting()).url, "ann")
    assert again.told[0]["rooms"][0]["lastId"] == 5


async def test_a_restart_gives_back_what_was(running: Running, join: Joining, starting: Starting) -> None:
    ann, bob, _ = await join("ann"), await join("bob"), await join("cid")
    assert (await ann.ask("join", room="attic"))["type"] == "ok"
    first = await ann.post("hi")
    await ann.ask("post", room="general", nonce="kept", content="again")
    await bob.ask("read", room="general", ranges=[[first, first]])
    before = await all_there_is(ann)
    await running.end()
    await running.store.close()
    again = await greet((await starting()).url, "ann")
    assert await all_there_is(again) == before
    assert (await again.ask("post", room="general", nonce="kept", content="again"))["messageID"] == first + 1


async def all_there_is(peer: Peer) -> list[Any]:
    """What can be asked of the server, without who is connected."""
    answers = [
        await peer.ask("rooms"),
        await peer.ask("history", room="general", after=0),
        await peer.ask("info", room="general", messageID=1),
        await peer.ask("members", room="general"),
        await peer.ask("members", room="attic"),
    ]
    return [{key: value for key, value in each.items() if key not in {"ref", "online"}} for each in answers]


async def test_events_are_dated_by_the_servers_clock(monkeypatch: pytest.MonkeyPatch, join: Joining) -> None:
    monkeypatch.setattr(server, "time", Clock())
    ann = await join("ann")
    await ann.post("hi")
    assert (await ann.hear("message"))["sentAt"] == 1_700_000_000_123


class Clock:
    """Stands still."""

    @staticmethod
    def time_ns() -> int:
        return 1_700_000_000_123_999_999
