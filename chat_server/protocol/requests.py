"""What a client may send. Unknown fields are refused, so that a misspelt option is never silently ignored."""

from typing import Annotated

from msgspec import Meta, Struct, field

from chat_server.protocol.limits import CONTENT_CHARS_MAX, ID_MAX, PAGE_MAX, RANGES_MAX, REF_CHARS_MAX

Id = Annotated[int, Meta(ge=1, le=ID_MAX)]
Cursor = Annotated[int, Meta(ge=0, le=ID_MAX)]
"""An id, or 0 for "before the first"."""
Word = Annotated[str, Meta(min_length=1, max_length=64)]
Content = Annotated[str, Meta(min_length=1, max_length=CONTENT_CHARS_MAX)]
Ref = Annotated[str, Meta(max_length=REF_CHARS_MAX)]
WireRanges = Annotated[tuple[tuple[Id, Id], ...], Meta(min_length=1, max_length=RANGES_MAX)]


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
    """The first frame on a connection."""

    name: Annotated[str, Meta(max_length=256)]
    version: Annotated[int, Meta(ge=1, le=ID_MAX)]
    key: Annotated[str, Meta(max_length=64)] | None = None
    nonce: Annotated[str, Meta(max_length=64)] | None = None
    invite: Annotated[str, Meta(max_length=256)] | None = None
    client: Word | None = None
    """A random word that an installation keeps: tells one person's devices from another person."""
    resume: Resume | None = None


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


class Join(Request, frozen=True, tag="join", kw_only=True):
    """Become a member; a room that is not there yet is made."""

    room: Word


class Leave(Request, frozen=True, tag="leave", kw_only=True):
    """Be no longer a member."""

    room: Word


class FetchRooms(Request, frozen=True, tag="rooms", kw_only=True):
    """All rooms of the server."""


class FetchMembers(Request, frozen=True, tag="members", kw_only=True):
    """The members of a room, and who of them is connected."""

    room: Word


AnyRequest = Hello | Post | Read | FetchHistory | FetchInfo | Join | Leave | FetchRooms | FetchMembers
RoomRequest = Post | Read | FetchHistory | FetchInfo | Leave | FetchMembers
"""What only a member of the room may ask."""
