"""What happens to a hub, in the past tense. Time and connection numbers arrive in the events."""

from dataclasses import dataclass

from chat_server.orders import AnyOrder
from chat_server.protocol import AnyRequest


@dataclass(frozen=True, slots=True)
class Connected:
    """Somebody has opened a connection, and has said nothing."""

    connection: int
    address: str | None
    """Whose requests are counted together; see `rates.origin`."""
    nonce: str
    """32 fresh random bytes as base64url, for the proof that this connection is asked for."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request came in on a connection."""

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
class Ordered:
    """The server's admin wants something; the number comes back in the `Reply`."""

    number: int
    order: AnyOrder
    now_ms: int


@dataclass(frozen=True, slots=True)
class Filled:
    """The disk is full: nothing more can be put on it."""


@dataclass(frozen=True, slots=True)
class Freed:
    """There is space on the disk again."""


PeerEvent = Connected | Received | Garbled | Lost
Event = PeerEvent | Ordered | Filled | Freed
