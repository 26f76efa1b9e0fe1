"""A WebSocket client that need not keep to RFC 6455: bytes out, and the frames that come back."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
DEADLINE_S: Final = 10.0
MASK: Final = b"\x37\xfa\x21\x3d"


def request(port: int, *lines: str, path: str = "/ws") -> bytes:
    """The HTTP request that opens a connection, with further header lines."""
    head = (
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13",
        *lines,
        "\r\n",
    )
    return "\r\n".join(head).encode("latin-1")


def masked(payload: bytes) -> bytes:
    whole = MASK * (len(payload) // 4 + 1)
    return (int.from_bytes(payload) ^ int.from_bytes(whole[: len(payload)])).to_bytes(len(payload))


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    mask: bool = True,
    rsv: int = 0,
    claim: int | None = None,
) -> bytes:
    """A frame (RFC 6455 §5.2); `rsv` sets reserved bits, `claim` says another length than the payload has."""
    length = len(payload) if claim is None else claim
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    high = 0x80 if mask else 0
    if length < 126:
        head = bytes((first, high | length))
    elif length < 1 << 16:
        head = bytes((first, high | 126)) + length.to_bytes(2)
    else:
        head = bytes((first, high | 127)) + length.to_bytes(8)
    return head + (MASK + masked(payload) if mask else payload)


@dataclass
class Raw:
    """One TCP connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: bytes = b""
    """What the server answered to the HTTP request."""
    heard: list[tuple[int, bytes]] = field(default_factory=list)
    """Opcodes and payloads."""

    @classmethod
    async def connect(cls, port: int) -> "Raw":
        """A connection on which nothing was said."""
        raw = cls(*await asyncio.open_connection("127.0.0.1", port))
        opened.append(raw)
        return raw

    @classmethod
    async def open(cls, port: int, *lines: str) -> "Raw":
        """A connection that is open."""
        raw = await cls.connect(port)
        raw.head = await raw.say_http(request(port, *lines))
        assert raw.head.startswith(b"HTTP/1.1 101"), raw.head
        return raw

    async def say_http(self, sent: bytes) -> bytes:
        """The head of the answer; empty where the connection ends without one."""
        self.writer.write(sent)
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""

    async def send(self, *frames: bytes) -> None:
        """Write, however much waits; a connection that has ended is no matter."""
        try:
            for each in frames:
                self.writer.write(each)
                await self.writer.drain()
        except ConnectionError:
            pass

    async def hear(self) -> tuple[int, bytes]:
        """The next frame."""
        async with asyncio.timeout(DEADLINE_S):
            first, second = await self.reader.readexactly(2)
            length = second & 0x7F
            if length >= 126:
                length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8))
            payload = await self.reader.readexactly(length)
        self.heard.append((first & 0xF, payload))
        return self.heard[-1]

    async def closed(self) -> int:
        """The close code, once the server has ended the connection; 1006 where it said none (RFC 6455 §7.1.5)."""
        try:
            while True:
                opcode, payload = await self.hear()
                if opcode == CLOSE:
                    self.end()
                    return int.from_bytes(payload[:2])
        except (asyncio.IncompleteReadError, ConnectionError):
            self.end()
            return 1006

    def end(self) -> None:
        self.writer.transport.abort()


opened: list[Raw] = []
"""By the test that is running; its fixtures hang up."""


def hang_up() -> None:
    """End all connections at once."""
    while opened:
        opened.pop().end()
