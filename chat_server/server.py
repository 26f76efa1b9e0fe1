"""The running server: sockets in, frames out, and between them the loop.

    reader per connection -> Loop -> Fanout -> joined writes

Each task belongs to a group: a fault in any of them ends the server.
"""

import asyncio
import itertools
import logging
import secrets
import socket as sockets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from websockets.asyncio.server import Server as Listener
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.typing import Data

from chat_server.entrance import Entrance, Present
from chat_server.events import Connected, Garbled, Lost, PeerEvent, Received
from chat_server.fanout import Fanout, Outgoing
from chat_server.handshake import CLOSE_S, address_of, listen
from chat_server.hub import UNLIMITED, Hub
from chat_server.loop import Cue, Loop
from chat_server.orders import Answer, AnyOrder
from chat_server.policy import Joining
from chat_server.protocol import (
    REQUEST_BYTES_MAX,
    CloseCode,
    ProtocolError,
    decode_request,
)
from chat_server.protocol.proofs import NONCE_BYTES, text_of
from chat_server.rates import Limits, origin
from chat_server.store import Store

CONNECTIONS_MAX: Final = 10_000
UNGREETED_MAX: Final = 256
"""Connections that have not said hello; they cost the peer nothing, so they may not crowd out those that have."""
UNGREETED_BYTES_MAX: Final = 16 * 1024
"""Bytes in a frame before the welcome; afterwards as many as a request may have."""
HELLO_S: Final = 10.0
"""How long a connection may take to say and prove whose it is."""
GREETING_FRAMES: Final = 2
"""Hello and the proof of it."""
FAILED_S: Final = 0.5
"""How long peers may take to answer a close once the disk, or we, have failed."""

log = logging.getLogger(__name__)


class Server:
    """One hub, its store and its sockets; it runs once."""

    def __init__(
        self,
        store: Store,
        *,
        joining: Joining = Joining.OPEN,
        limits: Limits = UNLIMITED,
        connections_max: int = CONNECTIONS_MAX,
        entrance: Entrance | None = None,
    ) -> None:
        """Take an open store, whose chat is the server's from now on; who may join and connect, and how fast."""
        self._entrance = entrance or Entrance()
        self._present = Present(self._entrance.connections_per_address)
        self._fanout = Fanout()
        self._tasks = asyncio.TaskGroup()
        hub = Hub(store.epoch, store.chat, joining=joining, limits=limits)
        self._loop = Loop(store, self._fanout, self._tasks, hub)
        self._conversations = asyncio.TaskGroup()
        self._numbers = itertools.count(1)
        self._sockets: set[ServerConnection] = set()
        self._ungreeted: dict[int, ServerConnection] = {}
        """By number, oldest first, those among them that have been greeted since it was last looked at."""
        self._heard: set[int] = set()
        """Connections that have said something, until they have gone."""
        self._connections_max = connections_max
        self._draining = False
        self._code: int = CloseCode.GOING

    async def run(self, bound: sockets.socket, stop: asyncio.Future[int], ready: Callable[[], None]) -> None:
        """Serve on a bound socket until `stop` is a close code; then end all connections with it, and snapshot.

        `ready` is called once connections are taken. What has come in by then is answered, within bounds of time
        that no peer can stretch. Raises DiskFailed as soon as the disk fails: nothing more is acknowledged then.
        Anything else that it raises is a bug.
        """
        with _first_of_group():
            async with self._tasks:
                watches = (self._loop.remind(), self._loop.watch_space(), self._fanout.run())
                beside = [self._tasks.create_task(each) for each in watches]
                thinking = self._tasks.create_task(self._loop.run())
                await self._listen(bound, stop, ready)
                await self._loop.put(Cue.STOP)
                await thinking
                for each in beside:
                    each.cancel()

    async def _listen(self, bound: sockets.socket, stop: asyncio.Future[int], ready: Callable[[], None]) -> None:
        """Converse with whoever connects until the stop, then until all conversations have ended."""
        listener = await listen(self._connection, bound, self._entrance, self._connections_max)
        try:
            async with self._conversations:
                ready()
                self._code = await stop
                await self._drain(listener)
        except BaseException:  # the conversations have been cancelled, so what peers still send is lost on us
            await self._hang_up(listener, FAILED_S)
            raise

    async def _drain(self, listener: Listener) -> None:
        """Take nothing more, answer what was taken, and then close, after what waits for each peer."""
        listener.close(close_connections=False)
        self._draining = True
        await self._loop.put(Cue.DRAIN)
        await self._loop.drained.wait()
        self._fanout.close(self._code)
        await self._hang_up(listener, 1.5 * CLOSE_S)

    async def _hang_up(self, listener: Listener, within_s: float) -> None:
        """Wait for connections, which are being closed, and end those of peers that do not answer or read."""
        listener.close(close_connections=False)
        closed = asyncio.ensure_future(listener.wait_closed())
        await asyncio.wait([closed], timeout=0.8 * within_s)
        for each in self._sockets:
            each.transport.abort()
        # What is left now is a peer in the middle of its first HTTP request, and ends with the event loop.
        await asyncio.wait([closed], timeout=0.2 * within_s)
        closed.cancel()

    async def order(self, order: AnyOrder) -> Answer:
        """Have an order of the server's admin carried out; what came of it, once that is on disk."""
        return await self._loop.order(order)

    # One connection

    async def _connection(self, socket: ServerConnection) -> None:
        """What websockets runs for a peer. The work is a task of ours, as websockets would go on after a bug."""
        address = address_of(socket, self._entrance.trusted_proxies)
        place = origin(address) if address else None
        if (crowd := self._crowd(place)) is not None:
            await socket.close(CloseCode.OVERLOADED, crowd)
            return
        self._sockets.add(socket)
        with self._present.counted(place):
            await asyncio.wait([self._conversations.create_task(self._converse(socket, address, place))])
            await socket.close(self._code)
        self._sockets.discard(socket)

    def _crowd(self, place: str | None) -> str | None:
        """Why no other connection from there can be taken now."""
        if self._present.is_full(place):
            return "too many connections from your address"
        if len(self._sockets) >= self._connections_max:
            return "too many connections"
        return None

    def _make_room(self) -> None:
        """Where too many have not been greeted, cut the oldest of those that are silent, else the oldest.

        Whoever means to be greeted says hello at once, but may be far away, and take a while to prove it.
        """
        if len(self._ungreeted) >= UNGREETED_MAX:
            greeted = self._loop.is_greeted
            self._ungreeted = {each: socket for each, socket in self._ungreeted.items() if not greeted(each)}
        if len(self._ungreeted) >= UNGREETED_MAX:
            log.info("the oldest of %d connections without a hello was cut", UNGREETED_MAX)
            silent = (each for each in self._ungreeted if each not in self._heard)
            oldest = next(silent, next(iter(self._ungreeted)))
            self._ungreeted.pop(oldest).transport.abort()

    async def _converse(self, socket: ServerConnection, address: str, place: str | None) -> None:
        """Read one peer's frames into the loop's queue, while the fan-out writes what is sent to it."""
        connection = next(self._numbers)
        log.info("connection %d is from %s", connection, address or "an address that has gone")
        self._make_room()
        self._ungreeted[connection] = socket
        outgoing = self._fanout.add(connection, socket)
        await self._loop.put(Connected(connection, place, text_of(secrets.token_bytes(NONCE_BYTES))))
        with suppress(ConnectionClosed):
            await self._read(connection, socket, outgoing)
        self._fanout.remove(connection)
        self._ungreeted.pop(connection, None)
        self._heard.discard(connection)
        await self._loop.put(Lost(connection))

    async def _read(self, connection: int, socket: ServerConnection, outgoing: Outgoing) -> None:
        """Read until the peer ends the connection, which raises ConnectionClosed, or has to be closed itself."""
        deadline = asyncio.get_running_loop().time() + HELLO_S
        try:
            for at in itertools.count():
                # Whoever has sent hello and one frame more has been greeted or is turned away.
                async with asyncio.timeout_at(deadline if at < GREETING_FRAMES else None):
                    frame = await socket.recv()
                self._heard.add(connection)
                await outgoing.asked()
                if not self._draining:
                    await self._loop.put(_event(connection, frame, self._bytes_max(connection)))
        except TimeoutError:
            await socket.close(CloseCode.NOT_ALLOWED, "no hello and proof came")
        except ProtocolError as error:
            # A close frame holds 123 bytes of text (RFC 6455 §5.5).
            reason = error.reason.encode()[:120].decode(errors="ignore")
            await socket.close(error.code or CloseCode.PROTOCOL_ERROR, reason)

    def _bytes_max(self, connection: int) -> int:
        return REQUEST_BYTES_MAX if self._loop.is_greeted(connection) else UNGREETED_BYTES_MAX


@contextmanager
def _first_of_group() -> Iterator[None]:
    """Raise what came first in place of the group that holds it: the rest is what it led to."""
    try:
        yield
    except BaseExceptionGroup as group:
        first: BaseException = group
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from first.__cause__


def _event(connection: int, frame: Data, bytes_max: int) -> PeerEvent:
    """What a frame means to the hub. Raises ProtocolError with a close code where the connection cannot go on."""
    if not isinstance(frame, str):
        raise ProtocolError("text frames only", code=CloseCode.BAD_DATA)
    # A character has four bytes at most, so few frames have to be encoded to be measured.
    if 4 * len(frame) > bytes_max and len(frame.encode()) > bytes_max:
        raise ProtocolError(f"more than {bytes_max} bytes", code=CloseCode.TOO_LARGE)
    try:
        return Received(connection, decode_request(frame), time.time_ns() // 1_000_000)
    except ProtocolError as error:
        if error.code is not None:
            raise
        return Garbled(connection, error.reason[:200], error.ref)
