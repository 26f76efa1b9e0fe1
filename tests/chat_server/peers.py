"""For tests over real sockets: a server in this process, and a client of nothing but `json` and `websockets`.

Everybody greets with the key that `tests.identities` makes of their name.
"""

import asyncio
import itertools
import json
import socket as sockets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chat_server.protocol import CloseCode
from chat_server.protocol.proofs import is_signed, server_lines
from chat_server.server import Server
from chat_server.store import Store
from tests.identities import NONCE, signature, signer

Json = dict[str, Any]

DEADLINE_S = 10.0
"""When a test that waits for what does not come is given up."""


class Peer:
    """One connection to a server. Frames that nobody has asked for yet wait in `told`, in their order."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.told: list[Json] = []
        self._refs = itertools.count(1)

    async def send(self, kind: str, **fields: object) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def receive(self) -> Json:
        async with asyncio.timeout(DEADLINE_S):
            frame: Json = json.loads(await self.socket.recv())
        return frame

    async def ask(self, kind: str, **fields: object) -> Json:
        """The answer to a request."""
        ref = f"r{next(self._refs)}"
        await self.send(kind, ref=ref, **fields)
        while (frame := await self.receive()).get("ref") != ref:
            self.told.append(frame)
        return frame

    async def hello(self, name: str, *, key: str = "", **fields: object) -> Json:
        """The challenge, or a refusal; `key`: by the key of the person of that name."""
        asked = {"name": name, "version": 1, "key": signer(key or name).public, "nonce": NONCE}
        return await self.ask("hello", **{**asked, **fields})

    async def prove(self, name: str, challenge: Json, *, key: str = "") -> Json:
        """The welcome, or a refusal."""
        mine = signature(name, challenge["nonce"], challenge["server"], key=key)
        return await self.ask("prove", signature=mine)

    async def greet(self, name: str, *, key: str = "", **fields: object) -> Json:
        """Say and prove who one is; the welcome, or whichever refusal comes instead."""
        challenge = await self.hello(name, key=key, **fields)
        if challenge["type"] != "challenge":
            return challenge
        server = challenge["server"]
        assert is_signed(server_lines(NONCE, challenge["nonce"], server), challenge["signature"], server)
        return await self.prove(name, challenge, key=key)

    async def hear(self, kind: str, **fields: object) -> Json:
        """The first frame of this type with these values that is still to be heard."""
        wanted = {"type": kind, **fields}
        for at, frame in enumerate(self.told):
            if wanted.items() <= frame.items():
                return self.told.pop(at)
        while not wanted.items() <= (frame := await self.receive()).items():
            self.told.append(frame)
        return frame

    async def post(self, content: str, **fields: object) -> int:
        """The new message's id."""
        nonce = f"{content[:20]}-{next(self._refs)}"
        answer = await self.ask("post", **{"room": "general", "nonce": nonce, "content": content, **fields})
        assert answer["type"] == "ok", answer
        message_id: int = answer["messageID"]
        return message_id

    async def flood(self, count: int, content: str) -> None:
        """Post so often without waiting for answers in between, and return once all have come."""
        nonces = [f"flood-{next(self._refs)}" for _ in range(count)]
        for nonce in nonces:
            await self.send("post", ref=nonce, room="general", nonce=nonce, content=content)
        for nonce in nonces:
            await self.hear("ok", ref=nonce)

    async def fence(self) -> None:
        """Return once whatever the server had sent before has come in, and it has seen what we sent."""
        for _ in range(2):
            async with asyncio.timeout(DEADLINE_S):
                await (await self.socket.ping())

    async def closed(self) -> int | None:
        """The close code, once the connection has ended; what came before it is in `told`."""
        try:
            while True:
                self.told.append(await self.receive())
        except ConnectionClosed:
            return self.socket.close_code


opened: list[ClientConnection] = []
"""By the test that is running; its fixtures hang up."""


async def hang_up() -> None:
    """End all connections at once."""
    while opened:
        socket = opened.pop()
        socket.transport.abort()
        await socket.wait_closed()


def types(frames: list[Json]) -> list[str]:
    return [frame["type"] for frame in frames]


async def dial(url: str, **options: Any) -> Peer:
    """Connect without a word. It reads whatever comes, asked for or not, unless it is given a `max_queue`."""
    options = {"proxy": None, "max_size": None, "max_queue": None, "ping_interval": None, **options}
    opened.append(await connect(url, close_timeout=1, **options))
    return Peer(opened[-1])


async def greet(url: str, name: str, *, key: str = "", **fields: object) -> Peer:
    """Connect and greet; the welcome, or a refusal, is the first frame in `told`."""
    peer = await dial(url, subprotocols=["doubletick.v1"])
    peer.told.append(await peer.greet(name, key=key, **fields))
    return peer


async def deaf(url: str, name: str) -> Peer:
    """Greet and read hardly more than the answer, with little room for the rest in the system's hands."""
    socket = sockets.socket()
    socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    host, port = url.removeprefix("ws://").removesuffix("/ws").split(":")
    socket.settimeout(0)
    await asyncio.get_running_loop().sock_connect(socket, (host, int(port)))
    peer = await dial(url, sock=socket, max_queue=1)
    await peer.greet(name)
    return peer


@dataclass
class Running:
    """A server in this process, on a free port of the loopback interface."""

    server: Server
    store: Store
    bound: sockets.socket
    stop: asyncio.Future[int] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    task: asyncio.Task[None] = field(init=False)

    def __post_init__(self) -> None:
        self.port: int = self.bound.getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}/ws"

    def halt(self, code: int = CloseCode.GOING) -> None:
        """Have it stop; a second time does nothing."""
        if not self.stop.done():
            self.stop.set_result(code)

    async def end(self) -> None:
        """Stop it and raise what it raises."""
        self.halt()
        async with asyncio.timeout(DEADLINE_S):
            await self.task

    async def failed(self) -> BaseException | None:
        """What it ended with by itself."""
        await asyncio.wait([self.task], timeout=DEADLINE_S)
        return self.task.exception()


async def start(directory: Path, **options: Any) -> Running:
    """Open the directory and serve it; `end` and `release` it afterwards."""
    bound = sockets.create_server(("127.0.0.1", 0))
    # Less is in the system's hands, so that a peer that does not read is felt soon.
    bound.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, 65536)
    store = Store.open(directory)
    running = Running(Server(store, **options), store, bound)
    ready = asyncio.Event()
    running.task = asyncio.create_task(running.server.run(bound, running.stop, ready.set))
    await ready.wait()
    return running


async def release(running: Running) -> None:
    """Stop it if need be, whatever it ends with, and let go of its directory and address."""
    running.halt()
    await asyncio.wait([running.task], timeout=DEADLINE_S)
    await running.store.close()
    running.bound.close()
