"""What one client knows, in a file that only grows: written before or after it acts, so that it stays evidence.

A line that a kill cut off is passed over. It stands for less than happened, never for more.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from chat_server.protocol.ranges import Ranges


class Line(Struct, frozen=True, tag_field="type"):
    """The base of all lines."""


class Started(Line, frozen=True, tag="started"):
    """The client's process has begun."""


class Typing(Line, frozen=True, tag="typing"):
    """Before a message is entered: no other one may ever be in the room."""

    nonce: str
    digest: str


class Entered(Line, frozen=True, tag="entered"):
    """After a message was entered, which is after it was saved: it must come into the room."""

    nonce: str


class Sent(Line, frozen=True, tag="sent"):
    """Before a post is sent, each time."""

    nonce: str
    at: int
    """Unix ms."""


class PostAcknowledged(Line, frozen=True, tag="post acknowledged"):
    """The server has answered a post with this id."""

    nonce: str
    id: int


class Seeing(Line, frozen=True, tag="seeing"):
    """Before messages are seen: nobody may be told of others."""

    ranges: Ranges


class Seen(Line, frozen=True, tag="seen"):
    """After messages were seen, which is after the receipts were saved: they must come to be read."""

    ranges: Ranges


class ReadAcknowledged(Line, frozen=True, tag="read acknowledged"):
    """The server has answered a receipt for these."""

    ranges: Ranges


class Told(Line, frozen=True, tag="told"):
    """The server has shown a message."""

    id: int
    digest: str


class ToldRead(Line, frozen=True, tag="told read"):
    """The server has told of a receipt."""

    reader: str
    ranges: Ranges


class Troubled(Line, frozen=True, tag="troubled"):
    """Something was refused, or the client gave up."""

    reason: str


AnyLine = (
    Started
    | Typing
    | Entered
    | Sent
    | PostAcknowledged
    | Seeing
    | Seen
    | ReadAcknowledged
    | Told
    | ToldRead
    | Troubled
)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(AnyLine).decode


def digest(content: str) -> str:
    """A short word for a content."""
    return hashlib.sha256(content.encode()).hexdigest()[:16]


class Ledger:
    """One client's file, opened for appending; one process at a time writes it."""

    def __init__(self, path: Path) -> None:
        """Begin after what is there; a line that was cut off ends here."""
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(self._descriptor, b"\n")

    def write(self, line: AnyLine) -> None:
        """Have the line survive this process when this returns."""
        text = _encode(line) + b"\n"
        assert os.write(self._descriptor, text) == len(text)

    def close(self) -> None:
        os.close(self._descriptor)


def lines(path: Path) -> Iterator[AnyLine]:
    """All whole lines, oldest first."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for text in file:
            try:
                yield _decode(text)
            except msgspec.DecodeError:  # an empty line, or one that a kill cut off
                continue
