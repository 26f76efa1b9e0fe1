"""Connections that cost a load generator little: just enough of RFC 6455 and of the protocol to hear of messages.

For benchmarks alone, where a thousand clients share one process; it takes every frame to be whole and well made.
"""

import asyncio
import json
import time
from typing import Final, cast

from tests.identities import NONCE, signature, signer

REQUEST: Final = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TEXT, PING, PONG = 0x1, 0x9, 0xA
QUIET_S: Final = 0.5


class Listener(asyncio.Protocol):
    """One connection: it proves who it is, answers pings, and notes how long each message was on its way."""

    def __init__(self, name: str) -> None:
        """Take a name that nobody else has."""
        self.name = name
        self.greeted = asyncio.Event()
        self.latencies: list[tuple[float, float]] = []
        """Of each message that came: when it was sent, on the steady clock in seconds, and its way in ms."""
        self.gone: dict[str, float] = {}
        """Who has gone offline, and when, by the steady clock in seconds."""
        self._received = bytearray()
        self._upgraded = False
        self._heard_s = 0.0
        self._posted = 0
        self._closed = asyncio.Event()

    # What others do with it

    def post(self, content: str) -> None:
        """Send a message that carries the time, for whoever measures."""
        self._posted += 1
        fields = {"room": "general", "nonce": f"{self.name}-{self._posted}"}
        self._send(TEXT, {"type": "post", **fields, "content": f"@{time.monotonic_ns():020} {content}"})

    def stall(self) -> None:
        """Read nothing any more."""
        self._transport.pause_reading()

    async def quiet(self) -> None:
        """Until nothing has come for a while."""
        heard_s = 0.0
        while self._heard_s > heard_s:
            heard_s = self._heard_s
            await asyncio.sleep(QUIET_S)

    async def leave(self) -> None:
        self._transport.abort()
        await self._closed.wait()

    # What asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        port = self._transport.get_extra_info("peername")[1]
        self._transport.write(REQUEST.format(port=port).encode())

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._closed.set()

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._heard_s = time.monotonic()
        if not self._upgraded:
            head, parted, rest = bytes(self._received).partition(b"\r\n\r\n")
            if not parted:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._received, self._upgraded = bytearray(rest), True
            key = {"key": signer(self.name).public, "nonce": NONCE}
            self._send(TEXT, {"type": "hello", "name": self.name, "version": 1, **key})
        while (payload := self._next()) is not None:
            self._hear(*payload)

    # Frames

    def _next(self) -> tuple[int, bytes] | None:
        """The next whole frame's opcode and payload; servers do not mask."""
        received = self._received
        if len(received) < 2:
            return None
        length, start = received[1] & 0x7F, 2
        if length == 126:
            length, start = int.from_bytes(received[2:4]), 4
        elif length == 127:
            length, start = int.from_bytes(received[2:10]), 10
        if len(received) < max(start, start + length):
            return None
        opcode, payload = received[0] & 0xF, bytes(received[start : start + length])
        del received[: start + length]
        return opcode, payload

    def _hear(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self._write(PONG, payload)
        elif payload.startswith(b'{"type":"message"'):
            at = payload.index(b'"content":"@') + 12
            sent_ns = int(payload[at : at + 20])
            self.latencies.append((sent_ns / 1e9, (time.monotonic_ns() - sent_ns) / 1e6))
        elif payload.startswith(b'{"type":"challenge"'):
            asked = json.loads(payload)
            self._send(TEXT, {"type": "prove", "signature": signature(self.name, asked["nonce"], asked["server"])})
        elif payload.startswith(b'{"type":"welcome"'):
            self.greeted.set()
        elif payload.startswith(b'{"type":"presence"') and payload.endswith(b'"online":false}'):
            self.gone[json.loads(payload)["name"]] = time.monotonic()

    def _send(self, opcode: int, request: dict[str, object]) -> None:
        self._write(opcode, json.dumps(request).encode())

    def _write(self, opcode: int, payload: bytes) -> None:
        """Masked, with a mask of zeros, which leaves the payload as it is (RFC 6455 §5.3)."""
        length = bytes([len(payload)]) if len(payload) < 126 else bytes([126]) + len(payload).to_bytes(2)
        self._transport.write(bytes([0x80 | opcode, 0x80 | length[0]]) + length[1:] + bytes(4) + payload)


async def listen(port: int, name: str) -> Listener:
    """Connect."""
    loop = asyncio.get_running_loop()
    _, listener = await loop.create_connection(lambda: Listener(name), "127.0.0.1", port)
    return listener
