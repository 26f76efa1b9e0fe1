"""What a session wants done, in the imperative, in this order."""

from dataclasses import dataclass

from chat_server.protocol import AnyRequest


@dataclass(frozen=True, slots=True)
class Say:
    """Send a request; it is lost with the connection."""

    request: AnyRequest


@dataclass(frozen=True, slots=True)
class Save:
    """Put `Session.owed` on disk, before anything that is said after this."""


@dataclass(frozen=True, slots=True)
class Announce:
    """Somebody has read messages of one's own: ids, with their text where it is at hand."""

    reader: str
    messages: dict[int, str | None]


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not connect again: the server has said why."""

    reason: str


Effect = Say | Save | Announce | GiveUp
