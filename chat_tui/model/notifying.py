"""Telling a person who is not looking: what is gathered, when it is told, and when that is taken back. Pure.

    Caught, Read, Mentioned, Addressed, Looked, Elapsed -> Notifier -> Tell, Withdraw

Until a notice has been looked at, the next of its kind is told `PAUSE_MS` later at the earliest, about everything
of that kind so far; what comes meanwhile is gathered for it. It takes the place of the last.
Whoever is attended gets no notice of what they have before them, and none of what is elsewhere but a toast.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, assert_never

from chat_tui.text.safetext import bounded

GATHER_MS: Final = 1_000
"""How long the first of its kind waits for others."""
QUOTE_CHARS: Final = 40
COUNTED_MAX: Final = 999
"""Beyond this, messages and people are not told apart any more."""


class Kind(Enum):
    """What a notice is about; the value is part of its identifier."""

    READ = "read"
    """Messages of one's own have been read."""
    WATCHED = "watched"
    """As above, of messages for which that was asked."""
    ACKNOWLEDGED = "acknowledged"
    """Messages of one's own have been acknowledged."""
    MENTION = "mention"
    DIRECT = "direct"


PAUSE_MS: Final = {
    Kind.READ: 30_000,
    Kind.WATCHED: 5_000,
    Kind.ACKNOWLEDGED: 10_000,
    Kind.MENTION: 10_000,
    Kind.DIRECT: 10_000,
}
"""From one notice of a kind to the next."""


@dataclass(frozen=True, slots=True)
class Caught:
    """The room was entered for the first time: messages up to this id are history, and nobody is told of them."""

    room: str
    last_id: int


@dataclass(frozen=True, slots=True)
class Read:
    """Somebody has read messages of one's own: per id its text, or None where that is not at hand."""

    room: str
    reader: str
    messages: dict[int, str | None]
    watched: bool = False
    """It was asked to be told of them."""
    acknowledged: bool = False
    """They have said that they take note of them."""


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A message names this person."""

    room: str
    message_id: int
    sender: str
    text: str
    edition: int = 0
    """Above 0 where it did not before it was edited: it is news, however old the message is."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """A direct message."""

    room: str
    """That of the conversation."""
    message_id: int
    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class Looked:
    """Whether somebody is there, and which room they have before them, with its newest message in view."""

    attended: bool
    room: str | None


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Time has passed; see `Notifier.next_deadline_ms`."""


Event = Caught | Read | Mentioned | Addressed | Looked | Elapsed


@dataclass(frozen=True, slots=True)
class Tell:
    """Show a notice in place of the last of its kind."""

    kind: Kind
    title: str
    """A few words, such as `#general`."""
    sentence: str
    """Made safe to show."""
    aloud: bool
    """Nobody is there: ring, and use the desktop."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take the notice of this kind back: it has been looked at."""

    kind: Kind


Effect = Tell | Withdraw


@dataclass(slots=True)
class _Gathered:
    """What there is to tell of one kind, since it was last looked at."""

    people: dict[tuple[str, str], None] = field(default_factory=dict)
    """By room and name."""
    messages: dict[tuple[str, int], str | None] = field(default_factory=dict)
    """By room and id, the text."""
    due_ms: int | None = None
    told_ms: int | None = None
    """When it was last told; its notice still stands."""

    def add(self, person: str, room: str, messages: dict[int, str | None]) -> None:
        if len(self.people) < COUNTED_MAX:
            self.people[room, person] = None
        for id_, text in messages.items():
            if len(self.messages) < COUNTED_MAX or (room, id_) in self.messages:
                self.messages[room, id_] = text

    def forget(self, room: str) -> None:
        """What is of that room has been looked at."""
        self.people = {key: None for key in self.people if key[0] != room}
        self.messages = {key: text for key, text in self.messages.items() if key[0] != room}

    @property
    def rooms(self) -> list[str]:
        return list(dict.fromkeys(room for room, _ in self.messages))

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(name for _, name in self.people))


class Notifier:
    """Events in, effects out. At the start somebody is there, and has no room before them."""

    def __init__(self) -> None:
        """Begin with nothing to tell."""
        self._gathered = {kind: _Gathered() for kind in Kind}
        self._looked = Looked(attended=True, room=None)
        self._known: dict[str, int] = {}
        """Per room the highest id that was history, or that a notice was about."""

    @property
    def next_deadline_ms(self) -> int | None:
        """When to come back with `Elapsed`; None where nothing waits."""
        return min((each.due_ms for each in self._gathered.values() if each.due_ms is not None), default=None)

    def handle(self, event: Event, now_ms: int) -> list[Effect]:
        """Take what has happened; what is to be done now. `now_ms` is a clock that only goes forward."""
        effects: list[Effect] = []
        match event:
            case Caught(room, last_id):
                self._known.setdefault(room, last_id)
            case Read():
                self._read(event, now_ms)
            case Mentioned():
                self._arrived(Kind.MENTION, event, now_ms)
            case Addressed():
                self._arrived(Kind.DIRECT, event, now_ms)
            case Looked():
                effects = self._look(event)
            case Elapsed():
                pass
            case _:
                assert_never(event)
        return effects + self._due(now_ms)

    def _read(self, event: Read, now_ms: int) -> None:
        if event.watched:
            self._gather(Kind.WATCHED, event.reader, event.room, event.messages, now_ms)
        elif not self._looked.attended:
            kind = Kind.ACKNOWLEDGED if event.acknowledged else Kind.READ
            self._gather(kind, event.reader, event.room, event.messages, now_ms)

    def _arrived(self, kind: Kind, event: Mentioned | Addressed, now_ms: int) -> None:
        """A new message is told of once, and none of a room that was not entered or from before it was."""
        known = self._known.get(event.room)
        is_edit = isinstance(event, Mentioned) and event.edition > 0
        if known is None or (event.message_id <= known and not is_edit):
            return
        self._known[event.room] = max(known, event.message_id)
        if not (self._looked.attended and self._looked.room == event.room):
            self._gather(kind, event.sender, event.room, {event.message_id: event.text}, now_ms)

    def _gather(self, kind: Kind, person: str, room: str, messages: dict[int, str | None], now_ms: int) -> None:
        gathered = self._gathered[kind]
        gathered.add(person, room, messages)
        if gathered.due_ms is None:
            again_ms = now_ms if gathered.told_ms is None else gathered.told_ms + PAUSE_MS[kind]
            gathered.due_ms = max(now_ms + GATHER_MS, again_ms)

    def _look(self, event: Looked) -> list[Effect]:
        """Reads are looked at by coming back, since ticks say it all; messages by having their room in view."""
        came_back = event.attended and not self._looked.attended
        self._looked = event
        seen: list[Kind] = []
        if came_back:
            seen += (Kind.READ, Kind.ACKNOWLEDGED)
            if self._gathered[Kind.WATCHED].due_ms is None:
                seen.append(Kind.WATCHED)
        if event.attended and event.room is not None:
            for kind in (Kind.MENTION, Kind.DIRECT):
                self._gathered[kind].forget(event.room)
                if not self._gathered[kind].messages:
                    seen.append(kind)
        return [effect for kind in seen for effect in self._clear(kind)]

    def _clear(self, kind: Kind) -> list[Effect]:
        stood = self._gathered[kind].told_ms is not None
        self._gathered[kind] = _Gathered()
        return [Withdraw(kind)] if stood else []

    def _due(self, now_ms: int) -> list[Effect]:
        effects: list[Effect] = []
        for kind, gathered in self._gathered.items():
            if gathered.due_ms is not None and gathered.due_ms <= now_ms:
                gathered.due_ms = None
                gathered.told_ms = now_ms
                aloud = not self._looked.attended
                effects.append(Tell(kind, _title(kind, gathered), _sentence(kind, gathered), aloud))
                if kind is Kind.WATCHED and not aloud:
                    # It is seen when it is shown, and ticks say the rest.
                    gathered.people, gathered.messages = {}, {}
        return effects


def _title(kind: Kind, gathered: _Gathered) -> str:
    if kind is Kind.DIRECT:
        return _who(gathered)
    return _where(gathered) if len(gathered.rooms) == 1 else "doubletick"


def _sentence(kind: Kind, gathered: _Gathered) -> str:
    who, count = _who(gathered), len(gathered.messages)
    text = next(iter(gathered.messages.values()))
    one = _quoted(text) if count == 1 else ""
    match kind:
        case Kind.READ | Kind.WATCHED:
            return f"{who} read {one or f'{_many(count)} of your messages'}"
        case Kind.ACKNOWLEDGED:
            return f"{who} acknowledged {one or f'{_many(count)} of your messages'}"
        case Kind.MENTION:
            where = _where(gathered)
            return f"{who} mentioned you in {where}: {one}" if one else f"{_many(count)} mentions in {where}"
        case Kind.DIRECT:
            return f"{who}: {one}" if one else f"{_many(count)} messages from {who}"
        case _:
            assert_never(kind)


def _who(gathered: _Gathered) -> str:
    names = gathered.names
    return f"{_many(len(names))} people" if len(names) > 1 else bounded(names[0], QUOTE_CHARS)


def _where(gathered: _Gathered) -> str:
    rooms = gathered.rooms
    if len(rooms) > 1:
        return f"{len(rooms)} rooms"
    # A conversation of two has a name that nobody has ever seen.
    return _who(gathered) if rooms[0].startswith("@") else f"#{bounded(rooms[0], QUOTE_CHARS)}"


def _many(count: int) -> str:
    return f"{count}" if count < COUNTED_MAX else f"{COUNTED_MAX} or more"


def _quoted(text: str | None) -> str:
    return "your message" if text is None else f"“{bounded(text, QUOTE_CHARS)}”"
