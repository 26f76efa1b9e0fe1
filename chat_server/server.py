"""The running server: sockets in, one loop that thinks and commits, frames out.

    reader per connection -> bounded queue -> Hub -> one commit per batch -> fsync -> Fanout

The loop takes whatever has queued up as one batch, so a commit is shared by everybody who waits for it, and
carries out nothing of a batch before all its records are on disk.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, NegotiationError
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from chat_server.effects import Append, Close, Effect, Send
from chat_server.events import Event, Garbled, Lost, Received
from chat_server.fanout import Fanout
from chat_server.hub import Hub
from chat_server.protocol import (
    PATH,
    REQUEST_BYTES_MAX,
    SUBPROTOCOL,
    CloseCode,
    ProtocolError,
    decode_request,
)
from chat_server.store import Store

QUEUE_MAX: Final = 1_024
"""Events that may wait for the loop; past it readers wait, and with them their peers."""
BATCH_MAX: Final = 256
"""Events of one commit: bounds how long the first of them waits for the last."""
CONNECTIONS_MAX: Final = 10_000
HELLO_S: Final = 10.0
"""How long a connection may stay silent before its first frame."""
CLOSE_S: Final = 2.0
"""How long a peer may take to answer a close."""
SNAPSHOT_COMMITS: Final = 10_000
SNAPSHOT_S: Final = 300.0
"""A snapshot is written after so many commits, or so long after the first commit that the last one lacks."""

log = logging.getLogger(__name__)


class Server:
    """One hub, its store and its sockets."""

    def __init__(self, store: Store) -> None:
        """Take an open store; its rooms are the server's from now on."""
        self._store = store
        self._hub = Hub(store.epoch, store.rooms)
        self._fanout = Fanout()
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(QUEUE_MAX)
        self._connections = itertools.count(1)
        self._snapshot: asyncio.Task[None] | None = None
        self._snapshot_due_s = time.monotonic() + SNAPSHOT_S

    async def run(self, host: str, port: int, stop: asyncio.Event, ready: Callable[[int], None]) -> None:
        """Serve until `stop` is set: then end all connections with 1001 and leave a snapshot behind.

        `ready` is called with the port once connections are taken. Raises OSError where the address cannot be
        had, and DiskFailed as soon as the disk fails: nothing more is acknowledged then.
        """
        async with serve(
            self._connection,
            host,
            port,
            compression=None,
            max_size=REQUEST_BYTES_MAX,
            max_queue=8,
            open_timeout=5,
            close_timeout=CLOSE_S,
            origins=[None],
            process_request=_answer_http,
            select_subprotocol=_choose_subprotocol,
            server_header=None,
        ) as listener:
            ready(next(iter(listener.sockets)).getsockname()[1])
            thinking = asyncio.create_task(self._think())
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait([thinking, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            listener.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(2 * CLOSE_S):
                    await listener.wait_closed()
        if not thinking.done():
            await self._queue.put(None)
        await thinking
        await self._finish()

    # One connection

    async def _connection(self, socket: ServerConnection) -> None:
        """Read one peer's frames into the queue, while another task writes what is sent to it."""
        if len(self._fanout) >= CONNECTIONS_MAX:
            await socket.close(CloseCode.OVERLOADED, "too many connections")
            return
        connection = next(self._connections)
        outgoing = self._fanout.add(connection, socket)
        writing = asyncio.create_task(outgoing.drain())
        try:
            await self._read(connection, socket)
        except ConnectionClosed:
            pass
        finally:
            self._fanout.remove(connection)
            writing.cancel()
            await self._queue.put(Lost(connection))

    async def _read(self, connection: int, socket: ServerConnection) -> None:
        try:
            async with asyncio.timeout(HELLO_S):
                frame = await socket.recv()
        except TimeoutError:
            await socket.close(CloseCode.NOT_ALLOWED, "no hello came")
            return
        while True:
            if isinstance(frame, bytes):
                await socket.close(CloseCode.BAD_DATA, "text frames only")
                return
            try:
                request = decode_request(frame)
                event: Event = Received(connection, request, time.time_ns() // 1_000_000)
            except ProtocolError as error:
                if error.code is not None:
                    await socket.close(error.code, error.reason[:100])
                    return
                event = Garbled(connection, error.reason, error.ref)
            await self._queue.put(event)
            frame = await socket.recv()

    # The loop

    async def _think(self) -> None:
        """Handle events batch by batch, until None comes."""
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH_MAX and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            effects = [effect for event in batch if event is not None for effect in self._hub.handle(event)]
            await self._perform(effects)
            if None in batch:
                return
            await self._keep_snapshots()

    async def _perform(self, effects: Iterable[Effect]) -> None:
        records = []
        told: list[Send | Close] = []
        for effect in effects:
            if isinstance(effect, Append):
                records.append(effect.record)
            else:
                told.append(effect)
        if records:
            await self._store.commit(records)
        for each in told:
            self._fanout.perform(each)

    # Snapshots

    async def _keep_snapshots(self) -> None:
        """Between two commits: begin a snapshot when it is time, and hear how the last one ended."""
        if self._snapshot is not None and self._snapshot.done():
            self._snapshot.result()
            self._snapshot = None
        commits = self._store.commits_since_snapshot
        due = commits >= SNAPSHOT_COMMITS or (commits > 0 and time.monotonic() >= self._snapshot_due_s)
        if due and self._snapshot is None:
            sealed = self._store.seal([room.freeze() for room in self._hub.rooms.values()])
            self._snapshot = asyncio.create_task(self._store.write(sealed))
            self._snapshot_due_s = time.monotonic() + SNAPSHOT_S

    async def _finish(self) -> None:
        """Leave a snapshot of everything behind."""
        if self._snapshot is not None:
            await self._snapshot
        if self._store.commits_since_snapshot:
            await self._store.snapshot([room.freeze() for room in self._hub.rooms.values()])


def _answer_http(socket: ServerConnection, request: Request) -> Response | None:
    """Answer what is no WebSocket of ours: /health, and 404 for any other path."""
    path = request.path.partition("?")[0]
    if path == "/health":
        return socket.respond(HTTPStatus.OK, "ok\n")
    if path != PATH:
        return socket.respond(HTTPStatus.NOT_FOUND, f"The chat is at {PATH}.\n")
    return None


def _choose_subprotocol(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Ours, or none where the peer offers none. A peer that offers only others speaks something else."""
    if not offered:
        return None
    if SUBPROTOCOL not in offered:
        raise NegotiationError(f"this server speaks {SUBPROTOCOL}")
    return Subprotocol(SUBPROTOCOL)
