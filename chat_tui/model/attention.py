"""Whether this person has had a message in front of them: focus, idleness, dwell, cover, hold → what is read.

It never reads a clock: each event comes with its time, in milliseconds of one monotonic clock. And it never
guesses in favour of "read": where nothing is known of the focus, only a key or button pressed lately counts.

A message is read once all of these have held without a break for `dwell_ms`, both ends included:

    its last row is in the viewport                                     Shown
    nothing covers the conversation                                     Covered
    tmux does not say that it is out of sight                           Hidden
    the focus is reported, or not known and evident:                    FocusIn, FocusOut, Pressed
        a key or button was pressed at most `evidence_ms` ago           Pressed, Wheeled
    the last sign of life was given at most `idle_ms` ago               Pressed, Wheeled, Moved,
                                                                        a FocusIn that ends an absence

A hold breaks no dwell: what becomes read meanwhile is collected, then released or dropped.
An edit breaks it: a message with another text is another thing to see.
"""

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

Sight = tuple[str, int, int]
"""A text that can be seen: its room, its id, since each room has ids of its own, and its edition."""


@dataclass(frozen=True, slots=True)
class FocusIn:
    """The terminal reports that it has the focus. One that ends an absence is a sign of life."""


@dataclass(frozen=True, slots=True)
class FocusOut:
    """The terminal reports that it has lost the focus."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key or a mouse button: evidence of focus, and a sign of life.

    After a FocusOut it means focused again; where no report has ever come, the focus stays unknown.
    """


@dataclass(frozen=True, slots=True)
class Wheeled:
    """The wheel was turned: a sign of life, and evidence where the focus is not known.

    It ends no absence: terminals get it without the focus, and then no FocusOut would follow.
    """


@dataclass(frozen=True, slots=True)
class Moved:
    """The mouse moved: a sign of life, but no evidence of focus, since it may only be passing over."""


@dataclass(frozen=True, slots=True)
class Covered:
    """Something lies over the conversation (a modal, the palette), or nothing does any more."""

    covered: bool


@dataclass(frozen=True, slots=True)
class Hidden:
    """tmux says that the session is detached or the pane out of sight, which counts as away, or no longer.

    A key pressed meanwhile does not end it, since panes can be synchronised: ask tmux again.
    """

    hidden: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What is in view from now on: other people's messages, not yet read, whose last row is in the viewport.

    The full set each time, after every scroll, resize, arrival and loading of history.
    """

    ids: frozenset[Sight]


@dataclass(frozen=True, slots=True)
class Hold:
    """The person freezes their receipts."""


@dataclass(frozen=True, slots=True)
class Release:
    """The hold ends and what it collected is read."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The hold ends and what it collected is forgotten; dwells begun under it start afresh.

    What was collected and is still in view counts again only after it has left and come back.
    """


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Time has passed and nothing else happened; see `Attention.next_deadline_ms`."""


Event = FocusIn | FocusOut | Pressed | Wheeled | Moved | Covered | Hidden | Shown | Hold | Release | Drop | Elapsed


class ReceiptState(Enum):
    """What is believed, in the words of the status bar; where several apply, the first of these is said."""

    HELD = "held: you"
    AWAY = "held: away"
    UNKNOWN = "held: press a key"
    """The focus is not known and nothing was pressed lately; a moving mouse ends IDLE, but not this."""
    IDLE = "held: idle"
    COVERED = "held: covered"
    LIVE = "receipts: live"


class Attention:
    """Events in, ids out. An id is given out once while it stays in view.

    Starting the client is the first sign of life, but no evidence of focus.
    """

    def __init__(
        self, now_ms: int, *, dwell_ms: int = 500, idle_ms: int = 300_000, evidence_ms: int = 60_000
    ) -> None:
        self._dwell_ms = dwell_ms
        self._idle_ms = idle_ms
        self._evidence_ms = evidence_ms
        self._now_ms = now_ms
        self._focused: bool | None = None
        """None: not known, since no report has come."""
        self._evident_until_ms = now_ms - 1
        self._alive_until_ms = now_ms + idle_ms
        self._covered = False
        self._hidden = False
        self._holding = False
        self._looking_since_ms: int | None = None
        self._appeared_ms: dict[Sight, int] = {}
        """In view and still to be read, with the time from which the dwell may count."""
        self._settled: set[Sight] = set()
        """In view, and read, collected or dropped."""
        self._collected: set[Sight] = set()

    @property
    def state(self) -> ReceiptState:
        """As of the latest event; `next_deadline_ms` says when time alone will change it."""
        return self._state(self._now_ms)

    @property
    def held_count(self) -> int:
        """How many messages a release would give out."""
        return len({(room, id_) for room, id_, _ in self._collected})

    def attended(self, now_ms: int) -> bool:
        """Whether the person is at this terminal, whatever covers the conversation and whether they hold."""
        return self._absence(now_ms) is None

    def next_deadline_ms(self, now_ms: int) -> int | None:
        """When to come back with `Elapsed`, as a dwell ends or `state` changes; never before `now_ms`.

        None if nothing will change by time alone.
        """
        ends = [end_ms for end_ms in self._dwell_ends_ms().values() if end_ms <= self._sure_until_ms()]
        turns = [
            turn_ms
            for turn_ms in (self._evident_until_ms + 1, self._alive_until_ms + 1)
            if turn_ms > self._now_ms and self._state(turn_ms) is not self.state
        ]
        due_ms = min(ends + turns, default=None)
        return None if due_ms is None else max(due_ms, now_ms)

    def handle(self, event: Event, now_ms: int) -> frozenset[Sight]:
        """The ids that have become read by `now_ms`. A time before the latest counts as the latest.

        First the time up to the event is settled as things stood then, so that an `Elapsed` which comes late,
        or never, changes when an id is given out but never which.
        """
        now_ms = max(now_ms, self._now_ms)
        read = self._settle(now_ms)
        self._now_ms = now_ms
        read |= self._apply(event)
        if self._covered or not self.attended(now_ms):
            self._looking_since_ms = None
        elif self._looking_since_ms is None:
            self._looking_since_ms = now_ms
        return read | self._settle(now_ms)

    def _apply(self, event: Event) -> frozenset[Sight]:
        match event:
            case FocusIn() | FocusOut() | Pressed() | Wheeled() | Moved():
                self._sense(event)
            case Covered(covered):
                self._covered = covered
            case Hidden(hidden):
                self._hidden = hidden
            case Shown(ids):
                self._show(ids)
            case Hold():
                self._holding = True
            case Release():
                return self._end_hold()
            case Drop() if self._holding:
                self._end_hold()
                self._appeared_ms = dict.fromkeys(self._appeared_ms, self._now_ms)
            case Drop() | Elapsed():
                pass
            case _:
                assert_never(event)
        return frozenset()

    def _sense(self, event: FocusIn | FocusOut | Pressed | Wheeled | Moved) -> None:
        if isinstance(event, FocusOut):
            self._focused = False
            return
        if not (isinstance(event, FocusIn) and self._focused):
            self._alive_until_ms = self._now_ms + self._idle_ms
        if isinstance(event, FocusIn):
            self._focused = True
        elif isinstance(event, Pressed | Wheeled):
            self._evident_until_ms = self._now_ms + self._evidence_ms
            if isinstance(event, Pressed) and self._focused is False:
                self._focused = True

    def _show(self, ids: frozenset[Sight]) -> None:
        self._settled = {id_ for id_ in ids if id_ in self._settled or id_ in self._collected}
        self._appeared_ms = {id_: self._appeared_ms.get(id_, self._now_ms) for id_ in ids - self._settled}

    def _end_hold(self) -> frozenset[Sight]:
        self._holding = False
        collected = frozenset(self._collected)
        self._collected.clear()
        return collected

    def _settle(self, now_ms: int) -> frozenset[Sight]:
        """Bring the dwells up to `now_ms` as things have stood; evidence may have run out before that."""
        upto_ms = min(now_ms, self._sure_until_ms())
        read = frozenset(id_ for id_, end_ms in self._dwell_ends_ms().items() if end_ms <= upto_ms)
        if upto_ms < now_ms:
            self._looking_since_ms = None
        for id_ in read:
            del self._appeared_ms[id_]
        self._settled |= read
        if not self._holding:
            return read
        self._collected |= read
        return frozenset()

    def _dwell_ends_ms(self) -> dict[Sight, int]:
        """Per message in view, when it will have been looked at long enough; nothing if nobody looks."""
        since_ms = self._looking_since_ms
        if since_ms is None:
            return {}
        return {id_: max(since_ms, at_ms) + self._dwell_ms for id_, at_ms in self._appeared_ms.items()}

    def _sure_until_ms(self) -> int:
        """The last moment at which somebody is there, if nothing happens: after it we know nothing again."""
        if self._focused is None:
            return min(self._evident_until_ms, self._alive_until_ms)
        return self._alive_until_ms

    def _absence(self, now_ms: int) -> ReceiptState | None:
        """Why nobody can be said to be there, if so."""
        if self._hidden or self._focused is False:
            return ReceiptState.AWAY
        if self._focused is None and now_ms > self._evident_until_ms:
            return ReceiptState.UNKNOWN
        return ReceiptState.IDLE if now_ms > self._alive_until_ms else None

    def _state(self, now_ms: int) -> ReceiptState:
        if self._holding:
            return ReceiptState.HELD
        absence = self._absence(now_ms)
        if absence is not None:
            return absence
        return ReceiptState.COVERED if self._covered else ReceiptState.LIVE
