"""What a client may send. Unknown fields are refused, so that a misspelt option is never silently ignored."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from chat_server.protocol.limits import (
    CONTENT_CHARS_MAX,
    EMOJI_CHARS_MAX,
    ID_MAX,
    PAGE_MAX,
    QUERY_CHARS_MAX,
    RANGES_MAX,
    REF_CHARS_MAX,
    ROOMS_JOINED_MAX,
    SEARCH_HITS_MAX,
    SEARCH_ROOMS_MAX,
    TITLE_CHARS_MAX,
)

Id = Annotated[int, Meta(ge=1, le=ID_MAX)]
Cursor = Annotated[int, Meta(ge=0, le=ID_MAX)]
"""An id, or 0 for "before the first"."""
Word = Annotated[str, Meta(min_length=1, max_length=64)]
Title = Annotated[str, Meta(min_length=1, max_length=TITLE_CHARS_MAX)]
"""One line of a room's, for people; see `codec`."""
Content = Annotated[str, Meta(min_length=1, max_length=CONTENT_CHARS_MAX)]
Emoji = Annotated[str, Meta(min_length=1, max_length=EMOJI_CHARS_MAX)]
"""See `reactions.is_reaction`."""
Key = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}\Z")]
"""32 bytes as unpadded base64url: a public key, a nonce, or the digest of a one-time code."""
Signature = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{86}\Z")]
Ref = Annotated[str, Meta(max_length=REF_CHARS_MAX)]
WireEditions = Annotated[tuple[tuple[Id, Cursor], ...], Meta(max_length=RANGES_MAX)]
"""Message and edition: 0 for the text as it was posted."""
WireRanges = Annotated[tuple[tuple[Id, Id], ...], Meta(min_length=1, max_length=RANGES_MAX)]


Mode = Literal["public", "private", "off"]
"""Who is shown what one reads: all, one's own devices, or nobody, as nothing is kept of it."""


class Request(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel", tag_field="type"
):
    """What every request may carry."""

    ref: Ref | None = field(default=None, name="ref")
    """Comes back in the answer."""


class RoomCursor(Struct, frozen=True, forbid_unknown_fields=True):
    """How much of a room a client holds."""

    message: Cursor = 0
    revision: Cursor = 0


class Resume(Struct, frozen=True, forbid_unknown_fields=True):
    """What a returning client holds, so that it is sent the rest and no more."""

    epoch: Word
    rooms: dict[Word, RoomCursor] = {}


class Hello(Request, frozen=True, tag="hello", kw_only=True):
    """The first frame on a connection, answered by `challenge`."""

    name: Annotated[str, Meta(max_length=256)]
    version: Annotated[int, Meta(ge=1, le=ID_MAX)]
    key: Key
    """The public key that `prove` will be signed with."""
    nonce: Key
    """Fresh random bytes, so that the server's proof is of now."""
    invite: Annotated[str, Meta(max_length=256)] | None = None
    """A one-time code: an invitation, or what lets a further key speak for a name."""
    client: Word | None = None
    """What the program calls itself; nothing depends on it."""
    resume: Resume | None = None


class Prove(Request, frozen=True, tag="prove", kw_only=True):
    """The second frame on a connection, answered by `welcome`; see `proofs.client_lines`."""

    signature: Signature


class MakeLink(Request, frozen=True, tag="link", kw_only=True):
    """Let whoever has the code of this digest add a key to one's own name, once, within ten minutes."""

    digest: Key


class Post(Request, frozen=True, tag="post", kw_only=True):
    """Say something in a room, once per nonce."""

    room: Word
    nonce: Word
    content: Content
    reply_to: Id | None = None


class Read(Request, frozen=True, tag="read", kw_only=True):
    """These messages were in front of the reader, who is whoever the connection belongs to."""

    room: Word
    ranges: WireRanges
    editions: WireEditions = ()
    """Which text of edited messages it was; of those that are not named here the one that was posted."""


class FetchHistory(Request, frozen=True, tag="history", kw_only=True):
    """A page: the messages before, after or around an id; exactly one of the three."""

    room: Word
    before: Cursor | None = None
    after: Cursor | None = None
    around: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = PAGE_MAX


class FetchInfo(Request, frozen=True, tag="info", kw_only=True):
    """Who has read a message, and when."""

    room: Word
    message_id: Id = field(name="messageID")


class FetchHorizons(Request, frozen=True, tag="horizons", kw_only=True):
    """Up to which message each of the others has read who shares it."""

    room: Word


class Join(Request, frozen=True, tag="join", kw_only=True):
    """Become a member; a room that is not there yet is made, and only then the rest is looked at."""

    room: Word
    title: Title | None = None
    """The room's name where it is left out."""
    receipts: Literal["required"] | None = None
    """Whether whoever is in the room says what they have read."""


class Topic(Request, frozen=True, tag="topic", kw_only=True):
    """Give the room another title."""

    room: Word
    title: Title


class Pass(Request, frozen=True, tag="pass", kw_only=True):
    """Make another member the room's owner."""

    room: Word
    name: Word


class FetchBans(Request, frozen=True, tag="bans", kw_only=True):
    """Who cannot join the room."""

    room: Word


class Direct(Request, frozen=True, tag="direct", kw_only=True):
    """Talk with one other person; the room is made at the first asking, and found again later."""

    name: Word


class Search(Request, frozen=True, tag="search", kw_only=True):
    """Which messages have these words, the newest first; in one room, or in all that one is in."""

    room: Word | None = None
    query: Annotated[str, Meta(min_length=1, max_length=QUERY_CHARS_MAX)]
    before: Annotated[dict[Word, Id], Meta(max_length=SEARCH_ROOMS_MAX)] | None = None
    """Of each room, the messages with smaller ids; one that is left out is not searched. None for all."""
    limit: Annotated[int, Meta(ge=1, le=SEARCH_HITS_MAX)] = SEARCH_HITS_MAX


class Leave(Request, frozen=True, tag="leave", kw_only=True):
    """Be no longer a member."""

    room: Word


class FetchRooms(Request, frozen=True, tag="rooms", kw_only=True):
    """All rooms of the server."""


class FetchMembers(Request, frozen=True, tag="members", kw_only=True):
    """The members of a room, and who of them is connected."""

    room: Word


class Delete(Request, frozen=True, tag="delete", kw_only=True):
    """Take a message's text away, for everybody and for good."""

    room: Word
    message_id: Id = field(name="messageID")


class Kick(Request, frozen=True, tag="kick", kw_only=True):
    """Put somebody out of the room, who may come back."""

    room: Word
    name: Word


class Ban(Request, frozen=True, tag="ban", kw_only=True):
    """Put somebody out of the room, who may not come back until `unban`."""

    room: Word
    name: Word


class Unban(Request, frozen=True, tag="unban", kw_only=True):
    """Let somebody join again."""

    room: Word
    name: Word


class Mute(Request, frozen=True, tag="mute", kw_only=True):
    """Let somebody read and not write."""

    room: Word
    name: Word


class Unmute(Request, frozen=True, tag="unmute", kw_only=True):
    """Let somebody write again."""

    room: Word
    name: Word


class Edit(Request, frozen=True, tag="edit", kw_only=True):
    """Give a message of one's own another text."""

    room: Word
    message_id: Id = field(name="messageID")
    content: Content


class ChangeSettings(Request, frozen=True, tag="settings", kw_only=True):
    """Share what one reads, or not; with neither field it only asks how it stands."""

    receipts: Mode | None = None
    """In all rooms for which nothing else is chosen."""
    rooms: Annotated[dict[Word, Mode | None], Meta(max_length=ROOMS_JOINED_MAX)] = {}
    """In these rooms; None to go by `receipts` there."""


ModerationRequest = Delete | Kick | Ban | Unban | Mute | Unmute
"""What only some may do, and only some of it to some; see `docs/protocol.md`."""


class React(Request, frozen=True, tag="react", kw_only=True):
    """Put an emoji on a message, or (`on` false) take one's own away."""

    room: Word
    message_id: Id = field(name="messageID")
    emoji: Emoji
    on: bool = True


class Pin(Request, frozen=True, tag="pin", kw_only=True):
    """Keep a message at hand for everybody."""

    room: Word
    message_id: Id = field(name="messageID")


class Unpin(Request, frozen=True, tag="unpin", kw_only=True):
    """Undo a `pin`, whoever's it was."""

    room: Word
    message_id: Id = field(name="messageID")


class Acknowledge(Request, frozen=True, tag="acknowledge", kw_only=True):
    """Tell the author that one has read a message and takes note of it, whatever one shares of what one reads."""

    room: Word
    message_id: Id = field(name="messageID")
    edition: Cursor = 0
    """Which text of it one had in front of one."""


class FetchPins(Request, frozen=True, tag="pins", kw_only=True):
    """The pinned messages of a room."""

    room: Word


class TellTyping(Request, frozen=True, tag="typing", kw_only=True):
    """One is writing something for the room; it is told to the others and kept nowhere."""

    room: Word


MessageRequest = Edit | React | Pin | Unpin
"""What one can do with a message that is there."""
RoomRequest = (
    Post
    | Read
    | FetchHistory
    | FetchInfo
    | FetchHorizons
    | Leave
    | FetchMembers
    | ModerationRequest
    | MessageRequest
    | Acknowledge
    | FetchPins
    | TellTyping
    | Topic
    | Pass
    | FetchBans
)
"""What only a member of the room may ask."""
GreetedRequest = MakeLink | Join | Direct | Search | FetchRooms | ChangeSettings | RoomRequest
"""What only somebody may ask who has proved who they are."""
AnyRequest = Hello | Prove | GreetedRequest
