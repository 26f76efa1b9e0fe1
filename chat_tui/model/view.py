"""What is on screen, as frozen values: drawn by widgets, made by the session, knowing nothing of either.

Everything in a view has been made safe to show (see `safetext`), and widgets draw nothing else.
"""

from dataclasses import dataclass
from enum import Enum

from chat_server.protocol.requests import Mode


class TickState(Enum):
    """How far a message of one's own has come; the order is the order of progress."""

    QUEUED = "queued"
    """On this machine, not yet acknowledged."""
    SENT = "sent"
    """On the server's disk."""
    READ = "read"
    """Read by somebody."""
    READ_BY_ALL = "read by all"
    """Read by everybody it was sent to."""
    REFUSED = "refused"
    """The server will not have it; the reason is in `MessageView.reason`."""


@dataclass(frozen=True, slots=True)
class Tick:
    """The state of one's own message and how many have read it, out of how many."""

    state: TickState
    read_by: int = 0
    audience: int = 0


GLYPHS = {
    TickState.QUEUED: ("…", "."),
    TickState.SENT: ("✓", "v"),
    TickState.READ: ("✓✓", "vv"),
    TickState.READ_BY_ALL: ("✓✓", "VV"),
    TickState.REFUSED: ("!", "!"),
}
"""Per state the glyph and its ASCII form; brightness (a style) parts READ from READ_BY_ALL in the former."""


def tick_text(tick: Tick, *, ascii_only: bool) -> str:
    """The glyph, with `n/m` after it once somebody has read a message that was sent to more than one."""
    glyph = GLYPHS[tick.state][ascii_only]
    if tick.state in (TickState.READ, TickState.READ_BY_ALL) and tick.audience > 1:
        return f"{glyph} {tick.read_by}/{tick.audience}"
    return glyph


@dataclass(frozen=True, slots=True)
class ReplyView:
    """The message that another one answers."""

    sender: str
    snippet: str
    """The beginning of its text, on one line."""
    id: int

    @property
    def line(self) -> str:
        """Who said what; only what, where it is not known who."""
        return f"{self.sender}: {self.snippet}" if self.sender else self.snippet


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message as it is drawn. The same object stands for the same look: widgets compare by identity."""

    key: str
    """Unique in the conversation and stable: the id's digits, or the nonce while it is queued or refused."""
    id: int | None
    """The server's id; None while queued or refused."""
    sender: str
    text: str
    """Safe to show; lines are parted by newlines."""
    at_ms: int
    """When it was sent, Unix milliseconds; when it was typed, while queued."""
    own: bool
    tick: Tick | None = None
    """Only on one's own."""
    reason: str = ""
    """Why it was refused."""
    removed: bool = False
    """It was deleted: `text` says so and by whom, and there is nothing to read."""
    reply: ReplyView | None = None
    edited: bool = False
    edition: int = 0
    """Which text of it this is: 0 as it was posted, then 1, 2 …"""
    pinned: bool = False
    reactions: tuple[tuple[str, int, bool], ...] = ()
    """Each an emoji, how many reacted with it, and whether one did so oneself; in the order to show them."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Where the view is to go, once."""

    room: str
    message_id: int | None
    """The cursor goes to it, and it to the middle of the screen; None for the end, which is followed."""
    number: int
    """The later the greater: who has gone there before does not go again."""


@dataclass(frozen=True, slots=True)
class ConversationView:
    """The window of a room's history that this client holds."""

    room: str = ""
    messages: tuple[MessageView, ...] = ()
    """Oldest first, without gaps; then what is queued or refused."""
    new_before: int | None = None
    """The "new since you left" line stands before this message's id; None for no line."""
    at_start: bool = True
    """The window begins with the room's first message."""
    at_end: bool = True
    """The window ends with the room's last message."""
    below: int = 0
    """How many messages the room has after the window's end."""
    loading: bool = False
    """Nothing has been heard of this room yet."""
    notice: str = ""
    """Why there is nothing to see, where more can be said than that it is so; safe to show."""
    read_to: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """Messages by ascending ids, each with those who have read so far and no farther; names are safe to show."""
    closed: str = ""
    """Why one cannot write here, as a sentence; empty where one can."""
    aim: Aim | None = None
    sought: str = ""
    """That a place in the history is looked for, as a sentence; safe to show, empty where none is."""


class Link(Enum):
    """How the connection to the server stands."""

    CONNECTING = "connecting"
    ONLINE = "connected"
    WAITING = "offline"
    """It is tried again at `Status.retry_at_ms`."""
    STOPPED = "stopped"
    """It is not tried again; `Status.reason` says why."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the status bar tells besides the state of receipts."""

    link: Link
    reason: str
    """Why there is no connection, or why messages wait although there is one; else empty."""
    retry_at_ms: int | None
    """When either is tried again, on the steady clock of the client's events."""
    name: str
    room: str
    members: int
    online: int
    queued: int
    """Messages that wait for a connection."""
    writers: tuple[str, ...] = ()
    """Who else is writing in the room; safe to show."""
    label: str = ""
    """What the room is called, safe to show."""
    title: str = ""
    """What else it is called, safe to show; empty where that is its name."""
    direct: bool = False
    """Whether it is a conversation of two."""
    pins: int = 0
    """Messages that are pinned in the shown room."""
    sharing: Mode = "public"
    """Who is shown what one reads in the room."""
