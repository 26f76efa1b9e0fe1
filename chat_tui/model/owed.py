"""What a client owes its server, as it is kept on disk. Pure."""

from typing import Final

import msgspec
from msgspec import Struct

from chat_server.protocol.ranges import Ranges
from chat_server.protocol.requests import Mode
from chat_tui.model.editions import Text

FORMAT: Final = 1


class OwedPost(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A message that the server has not acknowledged."""

    room: str
    nonce: str
    content: str
    typed_at: int
    """Unix ms."""
    refused: str = ""
    """Why the server will not have it; empty while it may yet be sent."""
    reply_to: int | None = None
    """The message that it answers, in the history that it was written in."""
    to: str = ""
    """For whom it is, while the conversation with them is not there; `room` is empty until then."""


class Mark(Struct, frozen=True, rename="camel"):
    """Where one has marked a room as unread, privately: no receipt is recalled by it."""

    message: int
    """The id of the message at which the room opens next time."""
    count: int
    """How many messages of others were read from there on when it was marked: they count as unread again."""


class Owed(Struct, frozen=True, rename="camel"):
    """Everything that must survive the client's end."""

    format: int = FORMAT
    epoch: str = ""
    """Which history of the server `reads` speaks of: in another one the same ids are other messages."""
    posts: tuple[OwedPost, ...] = ()
    """In the order of typing."""
    reads: dict[str, Ranges] = {}
    """Per room the receipts that were earned and not acknowledged."""
    editions: dict[str, tuple[Text, ...]] = {}
    """Which text of edited messages in `reads` it was; of those not named here, the one that was posted."""
    drafts: dict[str, str] = {}
    """Per room what is written and not yet entered."""
    marks: dict[str, Mark] = {}
    """Per room where it was marked as unread."""
    silenced: tuple[str, ...] = ()
    """Rooms that tell only of mentions, by name."""
    horizons: tuple[str, ...] = ()
    """Rooms in which one wants to see how far others have read, by name."""
    modes: dict[str, Mode] = {}
    """Per room who was last shown what one reads, where that is not everybody: `reads` was earned so."""

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is lost with it."""
        return not (self.posts or self.reads or self.drafts or self.marks or self.silenced or self.horizons)


def encode(owed: Owed) -> bytes:
    """As indented JSON, for people who look."""
    return msgspec.json.format(msgspec.json.encode(owed), indent=2) + b"\n"


def decode(text: bytes) -> Owed:
    """What `encode` was given. Raises ValueError for anything else, and for a format that is not known here."""
    owed = msgspec.json.decode(text, type=Owed)
    if owed.format != FORMAT:
        raise ValueError(f"format {owed.format} is not {FORMAT}")
    return owed
