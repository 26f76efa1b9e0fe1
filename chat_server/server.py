"""The running server: sockets in, one loop that thinks and commits, frames out.

    reader per connection -> bounded queue -> Hub -> one commit per batch -> fsync -> Fanout

The loop takes whatever has queued up as one batch, so a commit is shared by everybody who waits for it, and
carries out nothing of a batch before all its records are on disk. Each task belongs to a group: a fault in any
of them ends the server.
"""

import asyncio
import itertools
import socket as sockets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from typing import Final

from websockets.asyncio.server import Server as Listener
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.typing import Data

from chat_server.effects import Append, Close, Effect, Send
from chat_server.events import Event, Garbled, Lost, Received
from chat_server.fanout import Fanout, Outgoing
from chat_server.handshake import CLOSE_S, listen
from chat_server.hub import Hub
from chat_server.protocol import (
    CloseCode,
    ProtocolError,
    decode_request,
)
from chat_server.room import RoomState
from chat_server.store import Store

QUEUE_MAX: Final = 1_024
"""Events that may wait for the loop; past it readers wait, and with them their peers."""
BATCH_MAX: Final = 256
"""Events of one commit: bounds how long the first of them waits for the last."""
CONNECTIONS_MAX: Final = 10_000
HELLO_S: Final = 10.0
"""How long a connection may stay silent before its first frame."""
SNAPSHOT_COMMITS: Final = 10_000
SNAPSHOT_S: Final = 300.0
"""A snapshot is written after so many commits, and this often if there has been any."""


class Cue(Enum):
    """What the loop is told besides events."""

    SNAPSHOT = auto()
    STOP = auto()


class Server:
    """One hub, its store and its sockets; it runs once."""

    def __init__(self, store: Store, *, connections_max: int = CONNECTIONS_MAX) -> None:
        """Take an open store; its rooms are the server's from now on."""
        self._store = store
        self._hub = Hub(store.epoch, store.rooms)
        self._fanout = Fanout()
        self._queue: asyncio.Queue[Event | Cue] = asyncio.Queue(QUEUE_MAX)
        self._tasks = asyncio.TaskGroup()
        self._conversations = asyncio.TaskGroup()
        self._numbers = itertools.count(1)
        self._sockets: set[ServerConnection] = set()
        self._connections_max = connections_max
        self._snapshot: asyncio.Task[None] | None = None

    async def run(self, bound: sockets.socket, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        """Serve on a bound socket until `stop` is set; then end all connections with 1001 and leave a snapshot.

        `ready` is called once connections are taken. Raises DiskFailed as soon as the disk fails: nothing more
        is acknowledged then. Anything else that it raises is a bug.
        """
        with _first_of_group():
            async with self._tasks:
                beside = [self._tasks.create_task(each) for each in (self._remind(), self._fanout.watch())]
                thinking = self._tasks.create_task(self._think())
                await self._listen(bound, stop, ready)
                await self._queue.put(Cue.STOP)
                await thinking
                for each in beside:
                    each.cancel()
        if self._store.commits_since_snapshot:
            await self._store.snapshot(self._freeze())

    async def _listen(self, bound: sockets.socket, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        """Converse with whoever connects until `stop` is set, then until all conversations have ended."""
        listener = await listen(self._connection, bound)
        try:
            async with self._conversations:
                ready()
                await stop.wait()
                await self._hang_up(listener)
        except BaseException:  # the conversations have been cancelled, so what peers still send is lost on us
            await self._hang_up(listener)
            raise

    async def _hang_up(self, listener: Listener) -> None:
        """End all connections with 1001, and those of peers that do not answer or read with nothing."""
        listener.close()
        closed = asyncio.ensure_future(listener.wait_closed())
        await asyncio.wait([closed], timeout=1.25 * CLOSE_S)
        for each in self._sockets:
            each.transport.abort()
        # What is left now is a peer in the middle of its first HTTP request, and ends with the event loop.
        await asyncio.wait([closed], timeout=0.25 * CLOSE_S)
        closed.cancel()

    # One connection

    async def _connection(self, socket: ServerConnection) -> None:
        """What websockets runs for a peer. The work is a task of ours, as websockets would go on after a bug."""
        if len(self._sockets) >= self._connections_max:
            await socket.close(CloseCode.OVERLOADED, "too many connections")
            return
        self._sockets.add(socket)
        await asyncio.wait([self._conversations.create_task(self._converse(socket))])
        await socket.close(CloseCode.GOING)
        self._sockets.discard(socket)

    async def _converse(self, socket: ServerConnection) -> None:
        """Read one peer's frames into the queue, while another task writes what is sent to it."""
        connection = next(self._numbers)
        outgoing = self._fanout.add(connection, socket)
        writing = self._conversations.create_task(outgoing.drain())
        with suppress(ConnectionClosed):
            await self._read(connection, socket, outgoing)
        writing.cancel()
        self._fanout.remove(connection)
        await self._queue.put(Lost(connection))

    async def _read(self, connection: int, socket: ServerConnection, outgoing: Outgoing) -> None:
        """Read until the peer ends the connection, which raises ConnectionClosed, or has to be closed itself."""
        try:
            async with asyncio.timeout(HELLO_S):
                frame = await socket.recv()
            while True:
                await outgoing.asked()
                await self._queue.put(_event(connection, frame))
                frame = await socket.recv()
        except TimeoutError:
            await socket.close(CloseCode.NOT_ALLOWED, "no hello came")
        except ProtocolError as error:
            # A close frame holds 123 bytes of text (RFC 6455 §5.5).
            reason = error.reason.encode()[:120].decode(errors="ignore")
            await socket.close(error.code or CloseCode.PROTOCOL_ERROR, reason)

    # The loop

    async def _think(self) -> None:
        """Handle events batch by batch, until told to stop."""
        while True:
            batch = await self._next_batch()
            events = [each for each in batch if not isinstance(each, Cue)]
            await self._perform([effect for event in events for effect in self._hub.handle(event)])
            for event in events:
                self._fanout.answered(event.connection)
            if Cue.STOP in batch:
                return
            if Cue.SNAPSHOT in batch or self._store.commits_since_snapshot >= SNAPSHOT_COMMITS:
                self._begin_snapshot()

    async def _next_batch(self) -> list[Event | Cue]:
        batch = [await self._queue.get()]
        while len(batch) < BATCH_MAX and not self._queue.empty():
            batch.append(self._queue.get_nowait())
        return batch

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
        # Readers and writers have their turn even where nothing had to be waited for.
        await asyncio.sleep(0)

    # Snapshots

    async def _remind(self) -> None:
        while True:
            await asyncio.sleep(SNAPSHOT_S)
            await self._queue.put(Cue.SNAPSHOT)

    def _begin_snapshot(self) -> None:
        """Between two commits: write what there is now to a snapshot while the loop goes on, one at a time."""
        running = self._snapshot is not None and not self._snapshot.done()
        if self._store.commits_since_snapshot and not running:
            sealed = self._store.seal(self._freeze())
            self._snapshot = self._tasks.create_task(self._store.write(sealed))

    def _freeze(self) -> list[RoomState]:
        return [room.freeze() for room in self._hub.rooms.values()]


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


def _event(connection: int, frame: Data) -> Event:
    """What a frame means to the hub. Raises ProtocolError with a close code where the connection cannot go on."""
    if not isinstance(frame, str):
        raise ProtocolError("text frames only", code=CloseCode.BAD_DATA)
    try:
        return Received(connection, decode_request(frame), time.time_ns() // 1_000_000)
    except ProtocolError as error:
        if error.code is not None:
            raise
        return Garbled(connection, error.reason[:200], error.ref)
