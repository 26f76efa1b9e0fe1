"""The changes of one room, of which its journal is made, and a message as it is kept. Pure data.

Fields are only ever added, with defaults, so that a journal of any version reads the same.
"""

from msgspec import Struct

from chat_server.protocol import Mode
from chat_server.protocol.ranges import Ranges


class Entry(Struct, frozen=True, omit_defaults=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """A message as it is kept; without anything that could refer back to it, so never looked at for garbage."""

    id: int
    sender: str
    nonce: str
    content: str
    """Empty once it is deleted."""
    sent_at: int
    """Unix ms."""
    reply_to: int | None = None
    deleted_at: int | None = None
    """Unix ms; None while it is not deleted."""
    deleted_by: str = ""
    edition: int = 0
    """How often the text has been edited; 0 of a deleted message."""
    edited_at: int | None = None
    """Unix ms, of the latest edit."""


class Record(
    Struct,
    frozen=True,
    omit_defaults=True,
    rename="camel",
    tag_field="type",
    kw_only=True,
    forbid_unknown_fields=True,
):
    """A change of one room: what a journal is made of."""

    room: str


class Opened(Record, frozen=True, tag="opened", kw_only=True):
    """The room was made."""

    title: str
    at: int
    by: str = ""
    """Its owner; empty for the lobby, and in journals from before rooms had owners."""
    direct: bool = False
    """It is of the two who enter it first, for good."""
    receipts_required: bool = False
    """Whoever is in it says what they have read."""


class Entered(Record, frozen=True, tag="entered", kw_only=True):
    """Somebody became a member; messages from now on are sent to them."""

    name: str
    at: int


class Departed(Record, frozen=True, tag="departed", kw_only=True):
    """Somebody stopped being a member."""

    name: str
    at: int
    by: str = ""
    """Who put them out; empty where they left."""


class Posted(Record, frozen=True, tag="posted", kw_only=True):
    """Somebody said something; its id is the room's last id plus one."""

    entry: Entry


class Advanced(Record, frozen=True, tag="advanced", kw_only=True):
    """Somebody has read these messages; `ranges` holds what was unread until then."""

    reader: str
    ranges: Ranges
    read_at: int
    editions: tuple[tuple[int, int], ...] = ()
    """Which later texts of edited messages, by message and edition, each later than what they had read of it."""


class Deleted(Record, frozen=True, tag="deleted", kw_only=True):
    """A message's text was taken away, and with it its place in all counts."""

    id: int
    by: str
    at: int


class Barred(Record, frozen=True, tag="barred", kw_only=True):
    """Somebody who is or was a member cannot be one any more."""

    name: str
    by: str
    at: int


class Unbarred(Record, frozen=True, tag="unbarred", kw_only=True):
    """Somebody may join again."""

    name: str
    by: str
    at: int


class Muted(Record, frozen=True, tag="muted", kw_only=True):
    """Somebody who is or was a member can read and not write."""

    name: str
    by: str
    at: int


class Unmuted(Record, frozen=True, tag="unmuted", kw_only=True):
    """Somebody can write again."""

    name: str
    by: str
    at: int


class Edited(Record, frozen=True, tag="edited", kw_only=True):
    """The author gave a message another text, which is its next edition."""

    id: int
    content: str
    at: int


class Reacted(Record, frozen=True, tag="reacted", kw_only=True):
    """Somebody put an emoji on a message, or (`on` false) took theirs away."""

    id: int
    name: str
    emoji: str
    on: bool = True
    at: int


class Acknowledged(Record, frozen=True, tag="acknowledged", kw_only=True):
    """Somebody has told the author that they have read this text of a message and take note of it."""

    id: int
    reader: str
    edition: int = 0
    at: int


class Pinned(Record, frozen=True, tag="pinned", kw_only=True):
    """A message is at hand for everybody."""

    id: int
    by: str
    at: int


class Unpinned(Record, frozen=True, tag="unpinned", kw_only=True):
    """A message is no longer pinned."""

    id: int
    by: str
    at: int


class Shared(Record, frozen=True, tag="shared", kw_only=True):
    """From now on others are shown, or not, what a member reads here."""

    name: str
    mode: Mode
    chosen: bool = False
    """Whether that was chosen for this room; else it goes by what the member has chosen for all."""


class Retitled(Record, frozen=True, tag="retitled", kw_only=True):
    """The room was given another title."""

    title: str
    by: str
    at: int


class Passed(Record, frozen=True, tag="passed", kw_only=True):
    """A member became the room's owner."""

    name: str
    by: str
    at: int


AnyRoomRecord = (
    Opened
    | Entered
    | Departed
    | Posted
    | Advanced
    | Deleted
    | Barred
    | Unbarred
    | Muted
    | Unmuted
    | Edited
    | Reacted
    | Acknowledged
    | Pinned
    | Unpinned
    | Shared
    | Retitled
    | Passed
)
