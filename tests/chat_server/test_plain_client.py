"""A conversation by a client written from `docs/protocol.md`, with `json`, `websockets` and PyNaCl alone.

It keeps what that page tells a client to keep, so that what is missing there is missing here.
"""

import base64
import hashlib
import itertools
import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey
from websockets.asyncio.client import ClientConnection, connect

from tests.chat_server.conftest import Starting

Json = dict[str, Any]
ROOM = "general"
NEWEST = 9007199254740991


def written(value: bytes) -> str:
    """Unpadded base64url."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def value_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Impostor(Exception):
    """The server is not the one that it was, or cannot prove that it is."""


class Client:
    """One device of one person, who looks at `general`."""

    def __init__(self, url: str, name: str, key: SigningKey | None = None) -> None:
        self.url, self.name = url, name
        self.key = key or SigningKey(secrets.token_bytes(32))
        self.public = written(bytes(self.key.verify_key))
        self.server = ""
        """Its key, once it is known."""
        self.epoch = ""
        self.messages: dict[int, Json] = {}
        self.readers: dict[int, set[str]] = {}
        self.cursor = 0
        self.outbox: dict[str, str] = {}
        """Content by nonce of what has not been acknowledged."""
        self.members: set[str] = set()
        self._refs = (str(each) for each in itertools.count())
        self._socket: ClientConnection

    async def connect(self) -> None:
        self._socket = await connect(self.url, subprotocols=["doubletick.v1"], proxy=None, max_size=4194304)  # type: ignore[list-item]
        resumes = bool(self.messages)
        resume: Json = {}
        if resumes:
            rooms = {ROOM: {"message": max(self.messages), "revision": self.cursor}}
            resume = {"resume": {"epoch": self.epoch, "rooms": rooms}}
        welcome = await self.greet(**resume)
        assert welcome["type"] == "welcome", welcome
        (room,) = (each for each in welcome["rooms"] if each["name"] == ROOM)
        self.members = set(room["members"])
        if resumes and welcome["epoch"] == self.epoch:
            while (await self.hear())["type"] != "history":
                pass
        else:
            self.epoch, self.cursor = welcome["epoch"], room["revision"]
            self.messages, self.readers = {}, {}
            await self.ask({"type": "history", "room": ROOM, "before": NEWEST})
        for nonce, content in list(self.outbox.items()):
            await self.post(content, nonce)

    async def greet(self, **fields: object) -> Json:
        """Say and prove who one is, once the server has."""
        nonce = written(secrets.token_bytes(32))
        hello = {"type": "hello", "name": self.name, "version": 1, "key": self.public, "nonce": nonce, **fields}
        challenge = await self.ask(hello)
        if challenge["type"] != "challenge":
            return challenge
        said = [nonce, challenge["nonce"], challenge["server"]]
        lines = "\n".join(["doubletick.v1 server", *said]).encode()
        try:
            VerifyKey(value_of(challenge["server"])).verify(lines, value_of(challenge["signature"]))
        except BadSignatureError:
            raise Impostor from None
        if self.server not in ("", challenge["server"]):
            raise Impostor
        self.server = challenge["server"]
        lines = "\n".join(["doubletick.v1 client", *said, self.name, self.public]).encode()
        return await self.ask({"type": "prove", "signature": written(self.key.sign(lines).signature)})

    async def link(self) -> str:
        """A code for another device of one's own."""
        code = "".join(secrets.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(20))
        digest = written(hashlib.sha256(code.encode()).digest())
        assert (await self.ask({"type": "link", "digest": digest}))["type"] == "ok"
        return code

    async def hang_up(self) -> None:
        self._socket.transport.abort()
        await self._socket.wait_closed()

    async def send(self, request: Json) -> None:
        await self._socket.send(json.dumps(request))

    async def ask(self, request: Json) -> Json:
        ref = next(self._refs)
        await self.send({**request, "ref": ref})
        while (frame := await self.hear()).get("ref") != ref:
            pass
        return frame

    async def post(self, content: str, nonce: str) -> Json:
        self.outbox[nonce] = content
        answer = await self.ask({"type": "post", "room": ROOM, "nonce": nonce, "content": content})
        if answer["type"] == "ok":
            self.outbox.pop(nonce, None)
        return answer

    async def read(self, *ranges: tuple[int, int]) -> Json:
        return await self.ask({"type": "read", "room": ROOM, "ranges": ranges})

    async def info(self, message_id: int) -> Json:
        return await self.ask({"type": "info", "room": ROOM, "messageID": message_id})

    async def until(self, kind: str) -> Json:
        while (frame := await self.hear())["type"] != kind:
            pass
        return frame

    async def hear(self) -> Json:
        frame: Json = json.loads(await self._socket.recv())
        match frame["type"]:
            case "message":
                self._keep(frame)
            case "receipt":
                self._count(frame)
            case "history":
                for message in frame["messages"]:
                    self._keep(message)
                for receipt in frame.get("receipts", ()):
                    self._note(receipt)
            case "joined":
                self.members.add(frame["name"])
            case "left":
                self.members.discard(frame["name"])
            case _:
                pass
        if frame["type"] in {"receipt", "history"}:
            self.cursor = max(self.cursor, frame.get("revision", 0))
        return frame

    def _keep(self, message: Json) -> None:
        self.messages[message["id"]] = message
        self.outbox.pop(message.get("nonce", ""), None)

    def _note(self, receipt: Json) -> list[int]:
        """Which messages this is news of."""
        fresh = []
        for first, last in receipt["ranges"]:
            for each in range(first, last + 1):
                readers = self.readers.setdefault(each, set())
                if receipt["reader"] not in readers:
                    readers.add(receipt["reader"])
                    fresh.append(each)
        return fresh

    def _count(self, receipt: Json) -> None:
        for each in self._note(receipt):
            message = self.messages.get(each)
            if message is not None and message["sender"] != receipt["reader"]:
                message["readBy"] += 1
                message["audience"] += 1 if receipt.get("late") else 0

    def counts(self, message_id: int) -> tuple[int, int]:
        message = self.messages[message_id]
        return message["readBy"], message["audience"]


async def test_a_whole_conversation(starting: Starting) -> None:
    url = (await starting()).url
    ann, bob = Client(url, "ann"), Client(url, "bob")
    await ann.connect()
    await bob.connect()
    await ann.until("presence")
    assert ann.members == {"ann", "bob"}

    # A post, and its receipt.
    assert (await ann.post("Deploy at five?", "n1"))["messageID"] == 1
    assert (await ann.until("message"))["nonce"] == "n1"
    assert "nonce" not in await bob.until("message")
    assert ann.counts(1) == (0, 1)
    assert (await bob.read((1, 40)))["type"] == "ok"
    receipt = await ann.until("receipt")
    assert (receipt["reader"], receipt["ranges"]) == ("bob", [[1, 1]])
    assert ann.counts(1) == (1, 1)
    info = await ann.info(1)
    assert info["readBy"] == [{"reader": "bob", "readAt": receipt["readAt"]}]
    assert (info["missing"], info["unshared"]) == ([], [])

    # What changes nothing: a receipt again, for one's own message, beyond the last, for another's room.
    assert (await bob.read((1, 1)))["type"] == (await ann.read((1, 1)))["type"] == "ok"
    assert (await bob.read((7, NEWEST)))["type"] == "ok"
    elsewhere = await bob.ask({"type": "read", "room": "attic", "ranges": [[1, 1]]})
    assert elsewhere["code"] == "not-a-member"
    assert await ann.info(1) | {"ref": ""} == info | {"ref": ""}

    # Another device of the same person.
    phone = Client(url, "ann", ann.key)
    await phone.connect()
    assert phone.counts(1) == (1, 1)
    assert phone.readers[1] == {"bob"}
    await bob.post("Yes.", "n1")
    await ann.until("message")
    await phone.until("message")
    await phone.read((2, 2))
    await ann.until("receipt")
    assert ann.readers[2] == {"ann"}
    await bob.until("receipt")
    assert bob.counts(2) == (1, 1)

    # A late joiner reads what was said before.
    cid = Client(url, "cid")
    await cid.connect()
    assert sorted(cid.messages) == [1, 2]
    await cid.read((1, 2))
    assert (await ann.until("receipt"))["late"] is True
    assert ann.counts(1) == (2, 2)

    # Cut off, with a post whose answer was lost and one that never left.
    await ann.post("Then let us.", "n2")
    await ann.hang_up()
    ann.outbox = {"n2": "Then let us.", "n3": "Are you there?"}
    await bob.post("Done.", "n2")
    await bob.read((1, 3))
    await cid.read((3, 4))
    await ann.connect()
    assert [ann.messages[each]["content"] for each in sorted(ann.messages)] == [
        "Deploy at five?",
        "Yes.",
        "Then let us.",
        "Done.",
    ]
    await ann.until("message")
    assert (sorted(ann.messages), ann.outbox) == ([1, 2, 3, 4, 5], {})
    assert ann.counts(3) == (2, 2)

    # All devices, however they came to it, know the same as the server says.
    for client in (ann, phone, bob, cid):
        await client.ask({"type": "rooms"})
    for each in (1, 3):
        info = await ann.info(each)
        readers = {reader["reader"] for reader in info["readBy"]}
        assert ann.readers[each] - {"ann"} == phone.readers[each] - {"ann"} == readers
        assert ann.counts(each) == phone.counts(each) == (len(readers), len(readers) + len(info["missing"]))
    assert all(client.messages.keys() == ann.messages.keys() for client in (phone, bob, cid))
    for client in (ann, phone, bob, cid):
        await client.hang_up()


async def test_a_gap_is_told_and_filled(starting: Starting) -> None:
    url = (await starting()).url
    ann, bob = Client(url, "ann"), Client(url, "bob")
    await ann.connect()
    await bob.connect()
    await ann.post("before", "n")
    await ann.until("message")
    await ann.hang_up()
    for at in range(250):
        await bob.send({"type": "post", "room": ROOM, "nonce": f"n{at}", "content": "meanwhile"})
    await bob.ask({"type": "rooms"})
    await ann.connect()
    assert sorted(ann.messages) == [1, *range(52, 252)]
    page = await ann.ask({"type": "history", "room": ROOM, "after": 1, "limit": 50})
    assert page["more"]
    assert sorted(ann.messages) == list(range(1, 252))
    for client in (ann, bob):
        await client.hang_up()


async def test_another_epoch_begins_anew(starting: Starting) -> None:
    url = (await starting()).url
    ann = Client(url, "ann")
    await ann.connect()
    await ann.post("hi", "n1")
    await ann.hang_up()
    ann.epoch, ann.messages = "of another time", {77: {}}
    await ann.connect()
    assert sorted(ann.messages) == [1]
    await ann.hang_up()


async def opened(client: Client) -> Client:
    """The client with a connection on which nothing has been said."""
    client._socket = await connect(client.url, subprotocols=["doubletick.v1"], proxy=None)  # type: ignore[list-item]
    return client


async def test_another_key_under_the_same_name_needs_a_code(starting: Starting) -> None:
    url = (await starting()).url
    ann = Client(url, "ann")
    await ann.connect()
    eve = await opened(Client(url, "ann"))
    assert (await eve.greet())["code"] == "name-taken"

    code = await ann.link()
    phone = await opened(Client(url, "ann"))
    typed = "-".join(code[at : at + 5] for at in range(0, 20, 5)).lower()
    assert (await phone.greet(invite=typed))["type"] == "welcome"
    again = await opened(Client(url, "ann", phone.key))
    assert (await again.greet())["type"] == "welcome"
    late = await opened(Client(url, "ann"))
    assert (await late.greet(invite=code))["code"] == "invite-wrong"
    for client in (ann, eve, phone, again, late):
        await client.hang_up()


async def test_whoever_pins_the_server_notices_another(starting: Starting, tmp_path: Path) -> None:
    first, second = await starting(), await starting(tmp_path / "other")
    ann = Client(first.url, "ann")
    await ann.connect()
    await ann.hang_up()
    await ann.connect()
    await ann.hang_up()
    ann.url = second.url
    with pytest.raises(Impostor):
        await ann.connect()
    await ann.hang_up()
