"""What a session wants done, in the imperative, in this order."""

from dataclasses import dataclass

from chat_server.protocol import AnyRequest, Challenge


@dataclass(frozen=True, slots=True)
class Say:
    """Send a request; it is lost with the connection."""

    request: AnyRequest


@dataclass(frozen=True, slots=True)
class Save:
    """Put `Session.owed` on disk, before anything that is said after this."""


class Notice:
    """Something for a person to know or answer: who has no person to tell it to can pass over it, of any kind."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Announce(Notice):
    """Somebody has read messages of one's own: ids, with their text where it is at hand."""

    reader: str
    messages: dict[int, str | None]
    room: str
    watched: bool = False
    """It was asked to be told of them."""
    acknowledged: bool = False
    """They have not only read them: they have said so."""


@dataclass(frozen=True, slots=True)
class Alert(Notice):
    """A message has come that names one or is for one alone, for the first time on any connection."""

    room: str
    message_id: int
    sender: str
    text: str
    direct: bool = False
    """It was said in a conversation of two."""
    edition: int = 0
    """Which of its texts names one, after it had been edited to do so."""


@dataclass(frozen=True, slots=True)
class Show(Notice):
    """Show a sentence for a while; it has been made safe to show."""

    sentence: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Confirm(Notice):
    """Ask whether somebody wants into a room in which everybody sees what they read: `Turned` with `agreed`."""

    room: str


@dataclass(frozen=True, slots=True)
class Answer:
    """See whether the server is the one that it should be, and sign its challenge: `Proved` or `Distrusted`."""

    nonce: str
    """What was sent to be signed by it."""
    challenge: Challenge


@dataclass(frozen=True, slots=True)
class GiveUp:
    """End the connection, and do not connect again."""

    reason: str


Effect = Alert | Answer | Confirm | Say | Save | Announce | Show | GiveUp
