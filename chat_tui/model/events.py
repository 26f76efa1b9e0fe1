"""What happens to a session, in the past tense. `now_ms` is one steady clock; `wall_ms` is the time of day."""

from dataclasses import dataclass
from enum import Enum

from chat_server.protocol import AnyFrame, ChangeSettings
from chat_tui.model.deeds import DeedRequest
from chat_tui.model.editions import Text


@dataclass(frozen=True, slots=True)
class Linked:
    """A connection is open; nothing has been said on it."""

    nonce: str
    """Random bytes that were never used before, as they travel in `hello`."""


@dataclass(frozen=True, slots=True)
class Proved:
    """The server is the one that it should be, and this is the proof of oneself that it asked for."""

    signature: str


@dataclass(frozen=True, slots=True)
class Distrusted:
    """The server is not to be spoken to, or there is no proof for it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A frame has come."""

    frame: AnyFrame
    now_ms: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is gone, or could not be made."""

    reason: str
    retry_at_ms: int | None
    """When the next attempt is made, on the clock of all events; None where none is."""


@dataclass(frozen=True, slots=True)
class Dialling:
    """An attempt to connect has begun."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A message was entered."""

    content: str
    nonce: str
    wall_ms: int
    """The time of day to show beside it, Unix ms."""
    room: str | None = None
    """Where it is said; None for the room that is shown."""
    reply_to: int | None = None
    """The message in that room that it answers."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """This is written in the composer now, and was not entered."""

    text: str
    room: str | None = None
    """To which room; None for the one that is shown."""


@dataclass(frozen=True, slots=True)
class Wrote:
    """Some of a message was written just now, and it was not entered."""

    room: str
    now_ms: int


@dataclass(frozen=True, slots=True)
class Seen:
    """These messages have been in front of the person, by all that `attention` asks for."""

    room: str
    ids: frozenset[int]
    now_ms: int
    texts: frozenset[Text] = frozenset()
    """Which text of edited ones it was; of those that are not named here, the one that was posted."""


@dataclass(frozen=True, slots=True)
class Turned:
    """Somebody wants to be in a room and see it; one that is not there yet is made."""

    room: str
    title: str = ""
    """What it is to be called besides, if it is made."""
    required: bool = False
    """If it is made, everybody in it is to say what they read."""
    agreed: bool = False
    """One knows that this is so there."""


@dataclass(frozen=True, slots=True)
class Approached:
    """Somebody wants to be in the conversation with one other person, and may have something to say there."""

    name: str
    content: str
    """Empty for nothing."""
    nonce: str
    wall_ms: int
    """As in `Typed`."""
    stays: bool = False
    """They stay in the room that is shown, and only say it."""


@dataclass(frozen=True, slots=True)
class Departed:
    """Somebody wants to be a member of a room no more."""

    room: str


@dataclass(frozen=True, slots=True)
class Marked:
    """The shown room is to count as unread from this message on, the next time it is opened."""

    message_id: int


@dataclass(frozen=True, slots=True)
class Watched:
    """One wants to be told when a message of one's own in the shown room is read, or no more."""

    message_id: int


@dataclass(frozen=True, slots=True)
class Silenced:
    """A room is to tell only of mentions, or of everything again."""

    room: str


@dataclass(frozen=True, slots=True)
class HorizonsToggled:
    """It is to be shown in a room how far others have read, or no more."""

    room: str


@dataclass(frozen=True, slots=True)
class HorizonsDue:
    """Somebody looks at the shown room, and how far others have read may have changed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody wants to see all rooms of the server."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Whether the person is looking, and whether the view follows the newest message."""

    attended: bool
    following: bool


class Part(Enum):
    """A part of the room's history that somebody looks for."""

    OLDER = "older"
    NEWER = "newer"
    OLDEST = "oldest"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Sought:
    """The view has come to the window's edge, or a jump was asked for."""

    part: Part


@dataclass(frozen=True, slots=True)
class Jumped:
    """Somebody wants to see a message."""

    room: str
    message_id: int
    here: int | None = None
    """The message of the shown room that they are at; None for its end, which is followed."""


@dataclass(frozen=True, slots=True)
class Returned:
    """Somebody wants to be where they were before they went where they are."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that somebody wants to see."""

    at_ms: int
    """Where it begins, Unix ms."""
    until_ms: int | None
    """Where the day that was named ends; None where a time of the day was."""
    label: str
    """As people say it: `12 March`."""


@dataclass(frozen=True, slots=True)
class MomentSought:
    """Somebody wants to see what was said in the shown room at a time."""

    moment: Moment
    here: int | None = None
    """As in `Jumped`."""


@dataclass(frozen=True, slots=True)
class UnreadSought:
    """Somebody wants to see what is unread in the shown room below a message, the next of it."""

    below: int
    here: int | None = None
    """As in `Jumped`."""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Somebody does not want to see any more what is being looked for."""


@dataclass(frozen=True, slots=True)
class Searched:
    """Somebody looks for messages with these words."""

    query: str
    """Empty where for none any more."""
    room: str | None
    """Only in this room; None for all that they are in."""


@dataclass(frozen=True, slots=True)
class SearchedOn:
    """Somebody wants to see more of what they look for."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """The info pane of a message was opened, refreshed, or (None) closed."""

    message_id: int | None


@dataclass(frozen=True, slots=True)
class PinsViewed:
    """The list of what is pinned in the shown room was opened or refreshed, or (not `is_open`) closed."""

    is_open: bool


@dataclass(frozen=True, slots=True)
class Retried:
    """A refused message is to be sent again."""

    nonce: str


@dataclass(frozen=True, slots=True)
class Discarded:
    """A refused message is to be forgotten."""

    nonce: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Something is to be done with a message, to somebody or to the room; the request has no ref yet."""

    request: DeedRequest


@dataclass(frozen=True, slots=True)
class Chose:
    """Others are to be shown what one reads, or not; with an empty request, how that stands is asked."""

    request: ChangeSettings
    """It has no ref yet."""
    aloud: bool = True
    """What comes of it is to be said, as it cannot be seen."""


@dataclass(frozen=True, slots=True)
class Elapsed:
    """It is this time now."""

    now_ms: int


# What a session takes, by which part of it takes that

Linking = Linked | Proved | Distrusted | Dialling | Cut
"""What becomes of the connection."""
Going = Turned | Departed | Marked | Silenced | Listed | Watched
"""What somebody does with rooms."""
Looking = Looked | HorizonsToggled | HorizonsDue | Inspected | PinsViewed
"""What somebody looks at, where they are."""
Roaming = Sought | Jumped | Returned | MomentSought | UnreadSought | Abandoned
"""Where in the history of a room somebody wants to be."""
Owing = Seen | Typed | Drafted | Retried | Discarded | Wrote | Approached
"""What somebody has written or read, and the server is to be told."""
Finding = Searched | SearchedOn
"""What somebody searches."""

Event = Heard | Elapsed | Linking | Going | Looking | Roaming | Owing | Finding | Asked | Chose
