"""What a server sends. A client ignores fields and types that it does not know."""

from typing import Any

from msgspec import Struct, field

from chat_server.protocol.limits import CONTENT_CHARS_MAX, PAGE_MAX, RANGES_MAX, REQUEST_BYTES_MAX
from chat_server.protocol.requests import Mode


class Frame(Struct, frozen=True, omit_defaults=True, rename="camel", tag_field="type"):
    """The base of all frames from the server."""


class RoomSummary(Struct, frozen=True, rename="camel", kw_only=True):
    """A room as one member finds it on connecting."""

    name: str
    title: str
    last_id: int
    """0 while the room is empty."""
    revision: int
    """How many changes the room has seen; goes back in `resume`."""
    first_unread: int | None
    """The oldest message that was sent to this member and has not been read; None where there is none."""
    unread: int
    members: tuple[str, ...]
    """Everybody, in the order of their first joining."""
    online: tuple[str, ...]
    """Those of them who are connected."""
    pins: tuple[int, ...] = ()
    policy: dict[str, Any] = {}
    """`{"receipts": "required"}` where whoever is in the room says what they have read; else empty."""
    owner: str = ""
    """Who made the room and moderates it; empty where only admins do."""
    muted: tuple[str, ...] = ()
    """Members who can read and not write."""
    sharing: Mode = "public"
    """Who is shown what this member reads here; only who is public is shown what others read."""
    direct: bool = False
    """Whether it is a conversation of two, whose title is the other's name."""


class Limits(Struct, frozen=True, rename="camel", kw_only=True):
    """The bounds that a client keeps to."""

    content_chars: int = CONTENT_CHARS_MAX
    request_bytes: int = REQUEST_BYTES_MAX
    page: int = PAGE_MAX
    ranges: int = RANGES_MAX


class Challenge(Frame, frozen=True, tag="challenge", kw_only=True):
    """The answer to `hello`: the server proves who it is, and asks the same; see `proofs.server_lines`."""

    nonce: str
    server: str
    """The server's public key."""
    signature: str
    ref: str | None = None


class Settings(Frame, frozen=True, tag="settings", kw_only=True):
    """Who is shown what one reads: the answer to `settings`, told to one's other connections once it changes."""

    receipts: Mode
    """In all rooms that are not named in `rooms`."""
    rooms: dict[str, Mode]
    """What holds in those of one's rooms for which it was chosen, or where it is another one than `receipts`."""
    ref: str | None = None


class Welcome(Frame, frozen=True, tag="welcome", kw_only=True):
    """The answer to `prove`: who one is here, and where."""

    name: str
    epoch: str
    """Names this history: cursors of another epoch mean nothing here."""
    rooms: tuple[RoomSummary, ...]
    limits: Limits = field(default_factory=Limits)
    settings: Settings = field(default_factory=lambda: Settings(receipts="public", rooms={}))
    ref: str | None = None


class Message(Frame, frozen=True, tag="message", kw_only=True):
    """A message, as it is told to members."""

    room: str
    id: int
    sender: str
    content: str
    sent_at: int
    audience: int
    """How many it was sent to who have read it or are still members, and how many read it who came later."""
    read_by: int
    """How many have read it: never more than `audience`."""
    reply_to: int | None = None
    nonce: str | None = None
    """Only to the sender's own connections: which of the posts in the outbox this is."""
    deleted_at: int | None = None
    """When its text was taken away: `content` is empty then, and nobody counts as its reader."""
    deleted_by: str = ""
    """Who did that."""
    edition: int = 0
    """How often its text has been edited; `read_by` counts the readers of this text alone."""
    edited_at: int | None = None
    """When that was done last."""
    reactions: dict[str, tuple[str, ...]] = {}
    """By emoji who has put it there, in the order of their doing so."""


class Changed(Frame, frozen=True, tag="changed", kw_only=True):
    """A message is not as it was told; what is left out is as it was.

    Deletion takes its text and its readers away; an edit gives it another text, whose readers are counted anew.
    """

    room: str
    message_id: int = field(name="messageID")
    deleted_at: int | None = None
    deleted_by: str = ""
    content: str | None = None
    """Its new text, if it was edited."""
    edited_at: int | None = None
    edition: int = 0
    audience: int | None = None
    """As in `Message`, of the new text. On resuming it is left out of one's own, whose receipts come as well."""
    read_by: int | None = None
    reactions: dict[str, tuple[str, ...]] | None = None
    """All that are on it now."""
    pinned: bool | None = None
    pinned_by: str = ""
    """Who has pinned it, or has undone that; empty where only the state is told."""
    revision: int = 0
    """Goes back in `resume`; 0 where the page that follows carries it."""


class Receipt(Frame, frozen=True, tag="receipt", kw_only=True):
    """Somebody has read messages of the receiver's, or the receiver has on another device."""

    room: str
    reader: str
    ranges: tuple[tuple[int, int], ...]
    read_at: int
    late: bool = False
    """These messages were sent before the reader joined, so the reader comes on top of their audience."""
    revision: int = 0
    """Goes back in `resume`; 0 while more is to come that belongs to the same revision."""
    editions: tuple[tuple[int, int], ...] = ()
    """Which later texts of edited messages: pairs of message and edition, the latest that the reader has read."""


class Acknowledged(Frame, frozen=True, tag="acknowledged", kw_only=True):
    """Somebody has acknowledged a message of the receiver's, or the receiver has on another device."""

    room: str
    message_id: int = field(name="messageID")
    reader: str
    acknowledged_at: int
    edition: int = 0
    """Which text of it, as far as the reader has come; another one than the message has now is an earlier text."""
    revision: int = 0
    """Goes back in `resume`; 0 where the page that follows carries it."""


class Joined(Frame, frozen=True, tag="joined", kw_only=True):
    """Somebody has become a member, and is connected."""

    room: str
    name: str
    back: bool = False
    """They had been a member before, so what they were sent then and have not read is missing from them again."""


class Entered(Frame, frozen=True, tag="entered", kw_only=True):
    """One is in this room from now on, by what another device of one's own or somebody else has done."""

    room: RoomSummary


class Left(Frame, frozen=True, tag="left", kw_only=True):
    """Somebody is no longer a member, and is no longer missing from anybody's readers."""

    room: str
    name: str
    by: str = ""
    """Who put them out; empty where they left."""
    barred: bool = False
    """They cannot come back."""


class Muted(Frame, frozen=True, tag="muted", kw_only=True):
    """Somebody can read and not write from now on, or can write again."""

    room: str
    name: str
    muted: bool
    by: str


class Passed(Frame, frozen=True, tag="passed", kw_only=True):
    """The room has another owner."""

    room: str
    owner: str
    by: str


class Retitled(Frame, frozen=True, tag="retitled", kw_only=True):
    """The room has another title."""

    room: str
    title: str
    by: str


class Renamed(Frame, frozen=True, tag="renamed", kw_only=True):
    """All that was one name's in this room is another's, which nobody has had before."""

    room: str
    name: str
    to: str
    revision: int = 0
    """As in `changed`."""


class Presence(Frame, frozen=True, tag="presence", kw_only=True):
    """A member's first connection has come, or the last one gone."""

    room: str
    name: str
    online: bool


class Ok(Frame, frozen=True, tag="ok", kw_only=True):
    """Done, and on disk."""

    ref: str | None = None
    message_id: int | None = field(default=None, name="messageID")
    """Answers a post."""
    room: RoomSummary | None = None
    """Answers a join."""


class Refused(Frame, frozen=True, tag="refused", kw_only=True):
    """Not done, and nothing has changed."""

    code: str
    """A word of the list in `docs/protocol.md`."""
    reason: str
    """A sentence for a person."""
    retry_after_ms: int | None = None
    """How long to wait before asking again; with `rate-limited`."""
    ref: str | None = None


class PageReceipt(Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """A `receipt` that comes with a page."""

    reader: str
    ranges: tuple[tuple[int, int], ...]
    read_at: int
    late: bool = False
    editions: tuple[tuple[int, int], ...] = ()


class PageAcknowledgement(Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """An `acknowledged` that comes with a page."""

    message_id: int = field(name="messageID")
    reader: str
    acknowledged_at: int
    edition: int = 0


class History(Frame, frozen=True, tag="history", kw_only=True):
    """A page of a room. Unasked, after `welcome`, it is what a returning client lacks."""

    room: str
    messages: tuple[Message, ...]
    """Oldest first, without gaps."""
    more: bool
    """There is more in the direction asked for; in a resumed page, a gap precedes it."""
    receipts: tuple[PageReceipt, ...] = ()
    """Who has read those of the messages that are the asker's own, and which of them all the asker has read."""
    acknowledged: tuple[PageAcknowledgement, ...] = ()
    """As `receipts`, of those who have acknowledged."""
    afresh: bool = False
    """Only in a resumed page: too much has changed to be told, so what was held of the room is to be forgotten."""
    revision: int = 0
    ref: str | None = None


class ReadBy(Struct, frozen=True, rename="camel"):
    """One reader of a message."""

    reader: str
    read_at: int


class AcknowledgedBy(Struct, frozen=True, rename="camel"):
    """One who has acknowledged a message."""

    reader: str
    acknowledged_at: int


class Info(Frame, frozen=True, tag="info", kw_only=True):
    """Who has read a message, earliest first; who has not; who does not say."""

    room: str
    message_id: int = field(name="messageID")
    read_by: tuple[ReadBy, ...]
    missing: tuple[str, ...]
    unshared: tuple[str, ...]
    read_earlier: tuple[ReadBy, ...] = ()
    """Who has read only an earlier text of it, and the latest of these when."""
    acknowledged: tuple[AcknowledgedBy, ...] = ()
    """Who has acknowledged what it says now, whatever they share of what they read."""
    acknowledged_earlier: tuple[AcknowledgedBy, ...] = ()
    """Who has acknowledged only an earlier text of it."""
    hidden: bool = False
    """The asker does not share here, and so is shown nobody: all of these are empty."""
    ref: str | None = None


class Horizon(Struct, frozen=True, rename="camel"):
    """The newest message of others that somebody has read, and when."""

    reader: str
    message_id: int = field(name="messageID")
    read_at: int


class Horizons(Frame, frozen=True, tag="horizons", kw_only=True):
    """How far others have read, in the order of their first joining; who has read nothing is left out."""

    room: str
    horizons: tuple[Horizon, ...]
    hidden: bool = False
    """The asker does not share here, and so is shown nobody."""
    ref: str | None = None


class RoomListing(Struct, frozen=True, rename="camel"):
    """A room as anybody may see it."""

    name: str
    title: str
    members: int
    joined: bool
    policy: dict[str, Any] = {}
    """As in `RoomSummary`, so that it is seen before one joins."""


class Rooms(Frame, frozen=True, tag="rooms", kw_only=True):
    """All rooms of the server, by name."""

    rooms: tuple[RoomListing, ...]
    ref: str | None = None


class Members(Frame, frozen=True, tag="members", kw_only=True):
    """The members of a room, in the order of their first joining."""

    room: str
    members: tuple[str, ...]
    online: tuple[str, ...]
    ref: str | None = None


class Pins(Frame, frozen=True, tag="pins", kw_only=True):
    """The pinned messages of a room, the newest pin last."""

    room: str
    messages: tuple[Message, ...]
    more: bool = False
    """There are older ones, which are too long to be told as well."""
    ref: str | None = None


class Typing(Frame, frozen=True, tag="typing", kw_only=True):
    """Another member is writing something for the room, as of now."""

    room: str
    name: str


class Bans(Frame, frozen=True, tag="bans", kw_only=True):
    """Who cannot join a room, as it happened."""

    room: str
    names: tuple[str, ...]
    ref: str | None = None


class Hit(Struct, frozen=True, rename="camel"):
    """A message that was looked for."""

    message: Message
    matches: tuple[tuple[int, int], ...]
    """Which of its characters the words are: from the first up to and without the second; ascending, disjoint."""


class Found(Frame, frozen=True, tag="search", kw_only=True):
    """The answer to `search`."""

    query: str
    hits: tuple[Hit, ...]
    """The newest first."""
    next: dict[str, int] | None = None
    """Where to go on, as `before`, also where nothing was found yet; None where all has been looked at."""
    ref: str | None = None


AnyFrame = (
    Challenge
    | Welcome
    | Message
    | Changed
    | Receipt
    | Acknowledged
    | Joined
    | Entered
    | Left
    | Muted
    | Renamed
    | Retitled
    | Passed
    | Presence
    | Ok
    | Refused
    | History
    | Info
    | Rooms
    | Members
    | Pins
    | Typing
    | Settings
    | Found
    | Bans
    | Horizons
)
