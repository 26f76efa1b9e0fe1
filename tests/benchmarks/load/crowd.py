"""Many connections that are open, greeted and in their rooms, made one after the other on plain blocking sockets.

Just enough of RFC 6455 and of the protocol for that; every frame is taken to be whole and well made. From then on
`driver` has the sockets.
"""

import json
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from tests.benchmarks.figures import Skipped
from tests.identities import NONCE, signature, signer

REQUEST: Final = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
PATIENCE_S: Final = 30.0
NAMES_MAX: Final = 1_000
"""As many members a room can have; past it everybody has several devices."""
DRAIN_S: Final = 3.0
"""How often all read what they are told while others still connect: a server has its pings answered in 15 s."""

NARROW_BYTES: Final = 4_096
MARKED: Final = b'{"type":"ok","ref":"end"'


def masked(payload: bytes, opcode: int = TEXT) -> bytes:
    """A frame with a mask of zeros, which leaves the payload as it is (RFC 6455 §5.3)."""
    length = bytes([len(payload)]) if len(payload) < 126 else bytes([126]) + len(payload).to_bytes(2)
    return bytes([0x80 | opcode, 0x80 | length[0]]) + length[1:] + bytes(4) + payload


class Peer:
    """One connection."""

    def __init__(self, port: int, *, narrow: bool = False) -> None:
        """Connect, and upgrade; a narrow one has little room for what it does not read."""
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE_S)
        if narrow:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_BYTES)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = bytearray()
        self.socket.sendall(REQUEST.format(port=port).encode())
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            self._receive()
        assert self._received.startswith(b"HTTP/1.1 101"), bytes(self._received)
        del self._received[: end + 4]

    def ask(self, request: dict[str, object], answer: bytes) -> bytes:
        """Send a request; the first frame that begins so. What comes before it is passed over."""
        self.say(request)
        return self.until(answer)

    def say(self, request: dict[str, object]) -> None:
        self.socket.sendall(masked(json.dumps(request, separators=(",", ":")).encode()))

    def until(self, answer: bytes) -> bytes:
        """The next frame that begins so. Raises Skipped where the server ends the connection instead."""
        while True:
            opcode, payload = self._next()
            if opcode == PING:
                self.socket.sendall(masked(payload, PONG))
            elif payload.startswith(answer):
                return payload
            elif opcode == CLOSE:
                raise Skipped(f"the server closed a connection: {payload[2:].decode()}")
            else:
                assert opcode == TEXT, payload
                assert not payload.startswith(b'{"type":"refused"'), payload

    def greet(self, name: str) -> None:
        """Prove to a server of ours who one is."""
        key = {"key": signer(name).public, "nonce": NONCE}
        asked = json.loads(self.ask({"type": "hello", "name": name, "version": 1, **key}, b'{"type":"challenge"'))
        proof = signature(name, asked["nonce"], asked["server"])
        self.ask({"type": "prove", "signature": proof}, b'{"type":"welcome"')

    def join(self, room: str) -> None:
        """Be told of what is said in this room; an anchor takes it as the first request of all."""
        self.ask({"type": "join", "room": room, "ref": "join"}, b'{"type":"')

    def mark(self, room: str) -> None:
        """Ask something that changes nothing: its answer comes after all that was sent before."""
        self.say({"type": "read", "room": room, "ranges": [[2**50, 2**50]], "ref": "end"})

    def _receive(self) -> None:
        data = self.socket.recv(1 << 20)
        if not data:
            raise Skipped("the server ended a connection")
        self._received += data

    def _next(self) -> tuple[int, bytes]:
        """The next whole frame's opcode and payload; servers do not mask."""
        received = self._received
        while True:
            length, start = (received[1] & 0x7F, 2) if len(received) >= 2 else (0, 2)
            if length == 126:
                length, start = int.from_bytes(received[2:4]), 4
            elif length == 127:
                length, start = int.from_bytes(received[2:10]), 10
            if len(received) >= start + length:
                break
            self._receive()
        opcode, payload = received[0] & 0xF, bytes(received[start : start + length])
        del received[: start + length]
        return opcode, payload


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody, by room."""

    rooms: Sequence[tuple[str, Sequence[Peer]]]

    def __enter__(self) -> Self:
        """Hang up at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, peers in self.rooms:
            for each in peers:
                each.socket.close()


@contextmanager
def crowd(port: int, members: int, *, rooms: int = 1, ours: bool = True, narrow: int = 0) -> Iterator[Crowd]:
    """So many connections in each of so many rooms, the last ones narrow; of a server of ours, or of an anchor."""
    named = ["general"] if rooms == 1 else [f"room-{each}" for each in range(rooms)]
    peers: list[tuple[str, list[Peer]]] = [(room, []) for room in named]
    with Crowd(peers) as gathered:
        everybody: list[Peer] = []
        drained_s = time.monotonic()
        for room, inside in peers:
            for at in range(members):
                peer = Peer(port, narrow=at >= members - narrow)
                _enter(peer, f"n{len(everybody) % NAMES_MAX}", room, ours=ours)
                inside.append(peer)
                everybody.append(peer)
                if time.monotonic() - drained_s > DRAIN_S:
                    _drain(peers, ours=ours)
                    drained_s = time.monotonic()
        _drain(peers, ours=ours)
        yield gathered


def _enter(peer: Peer, name: str, room: str, *, ours: bool) -> None:
    if ours:
        peer.greet(name)
    if not ours or room != "general":
        peer.join(room)


def _drain(peers: Sequence[tuple[str, Sequence[Peer]]], *, ours: bool) -> None:
    """Have everybody read what they have been told; anchors tell nobody of who comes."""
    if ours:
        for room, inside in peers:
            for each in inside:
                each.mark(room)
        for _, inside in peers:
            for each in inside:
                each.until(MARKED)
