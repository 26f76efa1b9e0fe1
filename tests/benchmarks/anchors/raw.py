"""The machine's limit in Python: a protocol of its own on bare transports, frames built once for all.

    python -m tests.benchmarks.anchors.raw each|joined [uvloop]

`each` writes once per recipient and message, `joined` once per recipient and pass of the event loop. It takes it
that clients mask with zeros, as the load generator does.
"""

import asyncio
import base64
import hashlib
import itertools
import sys
from collections import defaultdict
from typing import Final, cast

from chat_server.framing import text_frame
from tests.benchmarks.anchors.loops import run, say_port
from tests.benchmarks.anchors.messages import JOINED, decoded, told

ACCEPTED: Final = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: {}\r\n\r\n"
)
GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
JOINING: Final = "joined" in sys.argv


class Room:
    """Who is in it, and what waits for all of them."""

    def __init__(self) -> None:
        self.members: dict[Peer, asyncio.Transport] = {}
        self._waiting: list[bytes] = []

    def tell(self, frame: bytes) -> None:
        if not JOINING:
            self._write(frame)
            return
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        self._waiting.append(frame)

    def _flush(self) -> None:
        frames, self._waiting = b"".join(self._waiting), []
        self._write(frames)

    def _write(self, frames: bytes) -> None:
        for transport in self.members.values():
            transport.write(frames)


_rooms: Final[defaultdict[str, Room]] = defaultdict(Room)
_names: Final = itertools.count()


class Peer(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._name = f"n{next(_names)}"
        self._received = b""
        self._is_open = False
        self._room = ""

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        _rooms[self._room].members.pop(self, None)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._is_open:
            self._open()
        if self._is_open:
            self._hear_all()

    def _open(self) -> None:
        head, ended, rest = self._received.partition(b"\r\n\r\n")
        if ended:
            lines = head.split(b"\r\n")
            key = next(line for line in lines if line.lower().startswith(b"sec-websocket-key:")).split()[1]
            accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
            self._transport.write(ACCEPTED.format(accept).encode())
            self._received, self._is_open = rest, True

    def _hear_all(self) -> None:
        received, at = self._received, 0
        while len(received) - at >= 6:
            length, head = received[at + 1] & 0x7F, 6
            if length == 126:
                length, head = int.from_bytes(received[at + 2 : at + 4]), 8
            if len(received) - at < head + length:
                break
            self._hear(received[at + head : at + head + length])
            at += head + length
        self._received = received[at:]

    def _hear(self, payload: bytes) -> None:
        request = decoded(payload)
        room = _rooms[request.room]
        if request.type == "join":
            self._room = request.room
            room.members[self] = self._transport
            self._transport.write(text_frame(JOINED))
        else:
            room.tell(text_frame(told(request, self._name, len(room.members))))


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Peer, "127.0.0.1", 0, backlog=1024)
    say_port(server.sockets[0].getsockname()[1])
    await server.serve_forever()


if __name__ == "__main__":
    run(main())
