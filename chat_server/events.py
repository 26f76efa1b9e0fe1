"""What happens to a hub, in the past tense. Time and connection numbers arrive in the events."""

from dataclasses import dataclass

from chat_server.protocol import AnyRequest


@dataclass(frozen=True, slots=True)
class Received:
    """A request came in on a connection; the first one makes the connection known."""

    connection: int
    request: AnyRequest
    now_ms: int


@dataclass(frozen=True, slots=True)
class Garbled:
    """A JSON object came in that is no request: it is refused in its turn, and ends a connection without hello."""

    connection: int
    reason: str
    ref: str | None


@dataclass(frozen=True, slots=True)
class Lost:
    """A connection has ended, whoever ended it. Its number is never used again."""

    connection: int


@dataclass(frozen=True, slots=True)
class Filled:
    """The disk is full: nothing more can be put on it."""


@dataclass(frozen=True, slots=True)
class Freed:
    """There is space on the disk again."""


PeerEvent = Received | Garbled | Lost
Event = PeerEvent | Filled | Freed
