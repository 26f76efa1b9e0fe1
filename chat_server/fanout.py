"""Frames to connections: built once, queued per connection, written by one task each.

A peer that does not read costs its own queue, up to a bound of bytes and of time; it makes nobody else wait. All
queues together have a bound, too: past it the longest one is cut, so many peers that do not read cost no more.
"""

import asyncio
import logging
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from chat_server.effects import Close, Send
from chat_server.protocol import FRAME_BYTES_MAX, AnyFrame, CloseCode, encode

OUTGOING_BYTES_MAX: Final = 2 * FRAME_BYTES_MAX
"""Bytes that may wait for one connection, 8 MiB. Past half of it no further request is taken from it."""
BACKLOG_BYTES_MAX: Final = 256 * 1024 * 1024
"""Bytes that may wait for all connections together."""
PIPELINE_MAX: Final = 8
"""Requests of one connection that may wait for their answers; what comes after them stays in its socket."""
STALL_S: Final = 10.0
"""How long a peer may read nothing of what waits for it; it is noticed within twice that."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Backlog:
    """What waits for all connections together."""

    bytes: int = 0


class Outgoing:
    """What waits to be written to one connection, in order."""

    def __init__(self, socket: ServerConnection, backlog: Backlog) -> None:
        """Take an open connection, and what its bytes are counted in too; `drain` must run beside its reader."""
        self._socket = socket
        self._backlog = backlog
        self._frames: deque[bytes | Close] = deque()
        self._bytes = 0
        self._counted = 0
        """Bytes in the backlog: those that wait here and those that are just being written."""
        self._written = 0
        self._left: int | None = None
        self._unanswered = 0
        self._ended = False
        self._filled = asyncio.Event()
        self._eased = asyncio.Event()

    def put(self, frame: bytes | Close) -> None:
        """Queue a frame, or the close after which nothing follows. Past the bound the connection is cut."""
        if self._ended:
            return
        self._frames.append(frame)
        self._filled.set()
        if isinstance(frame, bytes):
            self._bytes += len(frame)
            self._count(len(frame))
            if self.waiting > OUTGOING_BYTES_MAX:
                self.cut("too many bytes wait for it")

    async def drain(self) -> None:
        """Write what is put, until the connection ends or was closed by a `Close`."""
        with suppress(ConnectionClosed):
            while not self._ended:
                await self._filled.wait()
                self._filled.clear()
                while self._frames:
                    await self._write(self._frames.popleft())
                    self._eased.set()
        self.end()

    async def asked(self) -> None:
        """Count a request in, once few enough wait for their answers and few enough bytes for the peer."""
        while not self._ended and (self._unanswered >= PIPELINE_MAX or self.waiting > OUTGOING_BYTES_MAX // 2):
            self._eased.clear()
            await self._eased.wait()
        self._unanswered += 1

    def answered(self) -> None:
        """Count a request out: all that answers it has been put."""
        self._unanswered -= 1
        self._eased.set()

    def check(self) -> None:
        """Cut the connection if bytes wait and none has left since the last check, when some waited already."""
        unsent = self._unsent
        left = self._written - unsent
        if unsent and self._left is not None and left <= self._left:
            self.cut(f"it has read nothing for {STALL_S:g} s")
        self._left = left if unsent else None

    @property
    def waiting(self) -> int:
        """Bytes that the peer has not been sent."""
        return self._bytes + self._unsent

    def cut(self, why: str) -> None:
        """End the connection at once. The close code cannot reach a peer that does not read: it sees 1006."""
        if not self._ended:
            log.warning("a slow connection was cut (%s): %s", CloseCode.TOO_SLOW, why)
        self.end()
        self._socket.transport.abort()

    @property
    def _unsent(self) -> int:
        """Bytes that were written and that the system has not taken yet."""
        return self._socket.transport.get_write_buffer_size()

    async def _write(self, frame: bytes | Close) -> None:
        if isinstance(frame, Close):
            self.end()
            await self._socket.close(frame.code, frame.reason)
        else:
            self._bytes -= len(frame)
            self._written += len(frame)
            await self._socket.send(frame, text=True)
            if not self._ended:
                self._count(-len(frame))  # but for a few KiB, the system has it

    def _count(self, length: int) -> None:
        self._counted += length
        self._backlog.bytes += length

    def end(self) -> None:
        """Let go of what waits and take no more."""
        self._ended = True
        self._frames.clear()
        self._bytes = 0
        self._count(-self._counted)
        self._filled.set()
        self._eased.set()


class Fanout:
    """All connections' queues, by connection number."""

    def __init__(self) -> None:
        """Begin with no connection."""
        self._outgoing: dict[int, Outgoing] = {}
        self._backlog = Backlog()

    def add(self, connection: int, socket: ServerConnection) -> Outgoing:
        """Begin to send to a connection; run the result's `drain`."""
        self._outgoing[connection] = Outgoing(socket, self._backlog)
        return self._outgoing[connection]

    def remove(self, connection: int) -> None:
        """Stop sending to a connection."""
        if outgoing := self._outgoing.pop(connection, None):
            outgoing.end()

    def close(self, code: int) -> None:
        """Close all connections, each after what waits for it."""
        for connection, outgoing in self._outgoing.items():
            outgoing.put(Close(connection, code, ""))

    def answered(self, connection: int) -> None:
        """All that answers one request of this connection has been performed."""
        if outgoing := self._outgoing.get(connection):
            outgoing.answered()

    async def watch(self) -> None:
        """Cut whoever stops reading, until cancelled.

        Only this bounds how long writing and closing take: the keepalive of websockets waits for the same full
        buffer as they do.
        """
        while True:
            await asyncio.sleep(STALL_S)
            for outgoing in self._outgoing.values():
                outgoing.check()

    def perform(self, effect: Send | Close) -> None:
        """Queue a frame for its receivers, encoded once, or a close; who has gone is passed over."""
        match effect:
            case Send(to=to, frame=frame):
                self._send(to, frame)
            case Close(connection=connection):
                if outgoing := self._outgoing.get(connection):
                    outgoing.put(effect)

    def _send(self, to: tuple[int, ...], frame: AnyFrame) -> None:
        receivers = [outgoing for each in to if (outgoing := self._outgoing.get(each))]
        if receivers:
            encoded = encode(frame)
            for outgoing in receivers:
                outgoing.put(encoded)
            while self._backlog.bytes > BACKLOG_BYTES_MAX:
                longest = max(self._outgoing.values(), key=lambda each: each.waiting)
                longest.cut("too many bytes wait for all together, and most of them for it")
