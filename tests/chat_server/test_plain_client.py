"""A conversation by a client written from `docs/protocol.md`, with `json` and `websockets` and nothing else.

It keeps what that page tells a client to keep, so that what is missing there is missing here.
"""

import itertools
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.chat_server.conftest import Starting

Json = dict[str, Any]
ROOM = "general"
NEWEST = 9007199254740991


class Client:
    """One device of one person, who looks at `general`."""

    def __init__(self, url: str, name: str, word: str) -> None:
        self.url, self.name, self.word = url, name, word
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
        hello: Json = {"type": "hello", "name": self.name, "version": 1, "client": self.word}
        resumes = bool(self.messages)
        if resumes:
            rooms = {ROOM: {"message": max(self.messages), "revision": self.cursor}}
            hello["resume"] = {"epoch": self.epoch, "rooms": rooms}
        welcome = await self.ask(hello)
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
    ann, bob = Client(url, "ann", "ann's laptop"), Client(url, "bob", "bob's")
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

    # The other device of the same person, and somebody else under the same name.
    phone = Client(url, "ann", "ann's laptop")
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
    cid = Client(url, "cid", "cid's")
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
    ann, bob = Client(url, "ann", "ann's"), Client(url, "bob", "bob's")
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
    ann = Client(url, "ann", "ann's")
    await ann.connect()
    await ann.post("hi", "n1")
    await ann.hang_up()
    ann.epoch, ann.messages = "of another time", {77: {}}
    await ann.connect()
    assert sorted(ann.messages) == [1]
    await ann.hang_up()
