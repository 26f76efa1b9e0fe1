"""What an anchor makes of a request: where its sender goes, or what the room is told."""

import itertools
import time
from collections import defaultdict
from typing import Final

import msgspec


class Request(msgspec.Struct, frozen=True):
    """All that an anchor takes."""

    type: str
    room: str
    content: str = ""
    ranges: tuple[tuple[int, int], ...] = ()


class Message(msgspec.Struct, frozen=True, tag="message", rename="camel"):
    """As ours are, of the same size."""

    room: str
    id: int
    sender: str
    content: str
    sent_at: int
    audience: int
    read_by: int = 0


class Receipt(msgspec.Struct, frozen=True, tag="receipt", rename="camel"):
    room: str
    reader: str
    ranges: tuple[tuple[int, int], ...]
    read_at: int


JOINED: Final = b'{"type":"ok"}'
_decode: Final = msgspec.json.Decoder(Request).decode
_encode: Final = msgspec.json.Encoder().encode
_ids: Final[defaultdict[str, "itertools.count[int]"]] = defaultdict(lambda: itertools.count(1))


def decoded(payload: bytes | str) -> Request:
    return _decode(payload)


def told(request: Request, sender: str, members: int) -> bytes:
    """What everybody in the room is told of this post or read."""
    now_ms = time.time_ns() // 1_000_000
    if request.type == "read":
        return _encode(Receipt(request.room, sender, request.ranges, now_ms))
    assert request.type == "post", request
    return _encode(Message(request.room, next(_ids[request.room]), sender, request.content, now_ms, members - 1))
