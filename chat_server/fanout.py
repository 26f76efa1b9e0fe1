"""Frames to connections: built once, queued per connection, written by one task each.

A peer that does not read costs its own queue, up to a bound of bytes and of time; it makes nobody else wait.
"""

import asyncio
import logging
from collections import deque
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from chat_server.effects import Close, Send
from chat_server.protocol import AnyFrame, CloseCode, encode

OUTGOING_BYTES_MAX: Final = 8 * 1024 * 1024
"""Bytes that may wait for one connection: two of the largest frames."""
STALL_S: Final = 10.0
"""How long one frame may wait for a peer to read."""

log = logging.getLogger(__name__)


class Outgoing:
    """What waits to be written to one connection, in order."""

    def __init__(self, socket: ServerConnection) -> None:
        """Take an open connection; `drain` must run beside its reader."""
        self._socket = socket
        self._frames: deque[bytes | Close] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()

    def put(self, frame: bytes | Close) -> None:
        """Queue a frame, or the close after which nothing follows. Past the bound the connection is cut."""
        self._frames.append(frame)
        self._bytes += len(frame) if isinstance(frame, bytes) else 0
        self._filled.set()
        if self._bytes > OUTGOING_BYTES_MAX:
            self._cut("too many bytes wait for it")

    async def drain(self) -> None:
        """Write what is put, until the connection ends or was closed by a `Close`."""
        try:
            while True:
                await self._filled.wait()
                self._filled.clear()
                while self._frames:
                    if not await self._write(self._frames.popleft()):
                        return
        except ConnectionClosed:
            return
        except TimeoutError:
            self._cut(f"it has read nothing for {STALL_S:g} s")

    async def _write(self, frame: bytes | Close) -> bool:
        """Write one frame within `STALL_S`; whether more may follow."""
        if isinstance(frame, Close):
            await self._socket.close(frame.code, frame.reason)
            return False
        async with asyncio.timeout(STALL_S):
            # The keepalive of websockets waits for the same full buffer as we do, so it never ends this wait.
            await self._socket.send(frame, text=True)
        self._bytes -= len(frame)
        return True

    def _cut(self, why: str) -> None:
        """End the connection at once. The close code cannot reach a peer that does not read: it sees 1006."""
        log.warning("cut a slow connection (%s): %s", CloseCode.TOO_SLOW, why)
        self._socket.transport.abort()


class Fanout:
    """All connections' queues, by connection number."""

    def __init__(self) -> None:
        """Begin with no connection."""
        self._outgoing: dict[int, Outgoing] = {}

    def __len__(self) -> int:
        """How many connections there are."""
        return len(self._outgoing)

    def add(self, connection: int, socket: ServerConnection) -> Outgoing:
        """Begin to send to a connection; run the result's `drain`."""
        self._outgoing[connection] = Outgoing(socket)
        return self._outgoing[connection]

    def remove(self, connection: int) -> None:
        """Stop sending to a connection."""
        self._outgoing.pop(connection, None)

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
