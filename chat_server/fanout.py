"""Frames to connections: built once for all, and joined per connection into as few writes as its pace asks for.

A peer that does not read costs what waits for it, up to a bound of bytes and of time; it makes nobody else wait.
What waits for all together has a bound, too: past it the longest is cut, so many such peers cost no more.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.protocol import State

from chat_server.effects import Close, Send
from chat_server.framing import text_frame
from chat_server.pace import Pace, Paced
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

Starting = Callable[[Coroutine[Any, Any, None]], object]
"""Runs something beside us as a task of a group."""


@dataclass(slots=True)
class Backlog:
    """What waits for all connections together."""

    bytes: int = 0


class Outgoing(Paced):
    """What waits to be written to one connection, in order.

    It writes past websockets, which goes on with pings, pongs and closing beside it. Every write of either is of
    whole frames, and a transport keeps writes in order, so they never mix within a frame.
    """

    def __init__(self, socket: ServerConnection, backlog: Backlog, pace: Pace, start: Starting) -> None:
        """Take an open connection, what counts its bytes too, what gives it turns, and what runs a close."""
        super().__init__()
        self._socket = socket
        # The transport is no documented attribute, but has been there under this name since websockets 13; the
        # documented way to write, `send`, builds each frame anew and waits, so it needs a task per connection.
        self._transport = socket.transport
        self._backlog = backlog
        self._pace = pace
        self._start = start
        self._frames: list[bytes] = []
        self._held = 0
        """Bytes of these frames."""
        self._unsent = 0
        """Bytes that were written and that the system had not taken when it was last looked at."""
        self._written = 0
        self._left: int | None = None
        self._unanswered = 0
        self._close: Close | None = None
        self._takes = True
        """Whether anything may follow what was put."""
        self._ended = False
        self._eased = asyncio.Event()

    def put(self, frame: bytes) -> None:
        """Have a whole frame written after those before it. Past the bound the connection is cut."""
        if not self._takes:
            return
        self._frames.append(frame)
        self._held += len(frame)
        self._backlog.bytes += len(frame)
        if self._held + self._unsent > OUTGOING_BYTES_MAX and self.hand_over() > OUTGOING_BYTES_MAX:
            self.cut("too many bytes wait for it")
        elif not self.is_due:
            self._pace.ask(self)

    def hurry(self) -> None:
        """Have what waits written without waiting for the end of a window."""
        if not self._ended:
            self._pace.hurry(self)

    def close(self, close: Close) -> None:
        """End the connection after what waits for it has been sent; nothing follows."""
        if self._takes:
            self._close = close
            self._takes = False
            self._pace.ask(self)

    async def asked(self) -> None:
        """Count a request in, once few enough wait for their answers and few enough bytes for the peer."""
        while not self._ended and ((crowded := self._is_crowded) or self._unanswered >= PIPELINE_MAX):
            self._eased.clear()
            if crowded:
                self._pace.ask(self)  # and so look again and again while bytes wait, whoever has written them
            await self._eased.wait()
        self._unanswered += 1

    def answered(self) -> None:
        """Count a request out: all that answers it has been put."""
        self._unanswered -= 1
        self._eased.set()

    def check(self) -> None:
        """Cut the connection if bytes wait and none has left since the last check, when some waited already."""
        unsent = self._transport.get_write_buffer_size()
        left = self._written - unsent
        if unsent and self._left is not None and left <= self._left:
            self.cut(f"it has read nothing for {STALL_S:g} s")
        self._left = left if unsent else None

    @property
    def waiting(self) -> int:
        """Bytes that the peer has not been sent."""
        return self._held + self._transport.get_write_buffer_size()

    def hand_over(self) -> int:
        """Write what waits as one, once the system has taken all that was written before; how much waits then.

        Until then a copy in the transport would be of no use: frames are shared by all for whom they wait.
        """
        if self._socket.state is not State.OPEN:  # websockets has written its Close, or the peer has gone
            self._let_go()
        elif self._frames and not self._transport.get_write_buffer_size():
            self._written += self._held
            self._transport.write(b"".join(self._frames))
            self._let_go()
        self._count_unsent(self._transport.get_write_buffer_size())
        return self._held + self._unsent

    def cut(self, why: str) -> None:
        """End the connection at once. The close code cannot reach a peer that does not read: it sees 1006."""
        if not self._transport.is_closing():
            log.warning("a slow connection was cut (%s): %s", CloseCode.TOO_SLOW, why)
        self.end()
        self._transport.abort()

    def end(self) -> None:
        """Let go of what waits and take no more."""
        self._takes = False
        self._ended = True
        self._close = None
        self._let_go()
        self._count_unsent(0)
        self._eased.set()

    @property
    def _is_crowded(self) -> bool:
        """Whether so much waits that nothing more is to be asked for."""
        return self.waiting > OUTGOING_BYTES_MAX // 2

    def write(self) -> bool:
        """Write what can be written, and close where that was all; whether some is left."""
        if self._ended:
            return False
        waiting = self.hand_over()
        if waiting <= OUTGOING_BYTES_MAX // 2:
            self._eased.set()
        if not waiting and self._close is not None:
            self._start(self._socket.close(self._close.code, self._close.reason))
            self.end()
        return waiting > 0

    def _let_go(self) -> None:
        self._frames.clear()
        self._backlog.bytes -= self._held
        self._held = 0

    def _count_unsent(self, unsent: int) -> None:
        self._backlog.bytes += unsent - self._unsent
        self._unsent = unsent


class Fanout:
    """What waits for all connections, by connection number."""

    def __init__(self) -> None:
        """Begin with no connection."""
        self._outgoing: dict[int, Outgoing] = {}
        self._backlog = Backlog()
        self._pace = Pace()
        self._tasks = asyncio.TaskGroup()

    def add(self, connection: int, socket: ServerConnection) -> Outgoing:
        """Begin to send to a connection, which has agreed on no extension."""
        outgoing = Outgoing(socket, self._backlog, self._pace, self._tasks.create_task)
        self._outgoing[connection] = outgoing
        return outgoing

    def remove(self, connection: int) -> None:
        """Stop sending to a connection."""
        if outgoing := self._outgoing.pop(connection, None):
            outgoing.end()

    def close(self, code: int) -> None:
        """Close all connections, each after what waits for it."""
        for connection, outgoing in self._outgoing.items():
            outgoing.close(Close(connection, code, ""))

    def answered(self, connection: int) -> None:
        """All that answers one request of this connection has been performed."""
        if outgoing := self._outgoing.get(connection):
            outgoing.answered()

    async def run(self) -> None:
        """Write what is put, and cut whoever stops reading, until cancelled; then write what is left."""
        async with self._tasks:
            self._tasks.create_task(self._pace.run_quiet())
            self._tasks.create_task(self._pace.run_busy())
            try:
                await self._watch()
            finally:
                self._pace.finish()

    async def _watch(self) -> None:
        """Cut whoever stops reading.

        Only this bounds how long writing and closing take: the keepalive of websockets waits for the same full
        buffer as they do.
        """
        while True:
            await asyncio.sleep(STALL_S)
            for outgoing in self._outgoing.values():
                outgoing.check()

    def perform(self, effect: Send | Close) -> None:
        """Have a frame, built once, written to its receivers, or a connection closed; passes over who has gone."""
        match effect:
            case Send(to=to, frame=frame):
                self._send(to, frame)
            case Close(connection=connection):
                if outgoing := self._outgoing.get(connection):
                    outgoing.close(effect)

    def _send(self, to: tuple[int, ...], frame: AnyFrame) -> None:
        receivers = [outgoing for each in to if (outgoing := self._outgoing.get(each))]
        if receivers:
            built = text_frame(encode(frame))
            for outgoing in receivers:
                outgoing.put(built)
            if getattr(frame, "ref", None) is not None:
                # Whoever asks one thing after the other would wait for a window each time.
                receivers[0].hurry()
            if self._backlog.bytes > BACKLOG_BYTES_MAX:
                self._relieve()

    def _relieve(self) -> None:
        """Cut whoever has most waiting, of what cannot be written now, until all of it is within its bound."""
        for outgoing in self._outgoing.values():
            outgoing.hand_over()
        while self._backlog.bytes > BACKLOG_BYTES_MAX:
            longest = max(self._outgoing.values(), key=lambda each: each.waiting)
            longest.cut("too many bytes wait for all together, and most of them for it")
