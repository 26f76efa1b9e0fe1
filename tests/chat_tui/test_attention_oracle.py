"""Attention against an oracle, through any events: no moment is missed, and late calls change nothing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.model.attention import (
    Attention,
    Covered,
    Drop,
    Elapsed,
    Event,
    FocusIn,
    FocusOut,
    Hidden,
    Hold,
    Moved,
    Pressed,
    Release,
    Shown,
    Sight,
    Wheeled,
)

ROOM = "deploys"
NONE: frozenset[Sight] = frozenset()
ONE = frozenset({(ROOM, 1, 0)})
TWO = frozenset({(ROOM, 1, 0), (ROOM, 2, 0)})
EDITED = frozenset({(ROOM, 1, 0), (ROOM, 2, 1)})
"""TWO, with another text of the second message."""


@dataclass
class Oracle:
    """The definition without any tricks: it looks at every millisecond, and each time at the whole past."""

    dwell_ms: int
    _: KW_ONLY
    idle_ms: int
    evidence_ms: int
    past: list[tuple[int, Event]] = field(default_factory=list)
    now_ms: int = 0
    held_since: dict[Sight, int] = field(default_factory=dict)
    settled: set[Sight] = field(default_factory=set)
    collected: set[Sight] = field(default_factory=set)
    holding: bool = False

    def advance(self, now_ms: int) -> Iterator[tuple[int, Sight]]:
        """Each (millisecond, id) that becomes read up to and with `now_ms`."""
        for moment_ms in range(self.now_ms, now_ms + 1):
            self.now_ms = moment_ms
            yield from [(moment_ms, id_) for id_ in self._look()]

    def happen(self, event: Event) -> set[Sight]:
        """The ids that become read by an event itself."""
        self.past.append((self.now_ms, event))
        released: set[Sight] = set()
        if isinstance(event, Hold):
            self.holding = True
        elif isinstance(event, Release):
            released, self.collected, self.holding = self.collected, set(), False
        elif isinstance(event, Drop) and self.holding:
            self.collected, self.holding = set(), False
            self.held_since = {}
        self.settled &= self.shown()
        self.settled |= self.collected & self.shown()
        return released | self._look()

    def _look(self) -> set[Sight]:
        read: set[Sight] = set()
        looked_at = self.shown() if self.attended() and not self.covered() else NONE
        for id_ in TWO | EDITED:
            if id_ not in looked_at:
                self.held_since.pop(id_, None)
            elif id_ not in self.settled:
                since = self.held_since.setdefault(id_, self.now_ms)
                if self.now_ms - since >= self.dwell_ms:
                    self.settled.add(id_)
                    (self.collected if self.holding else read).add(id_)
        return read

    def held_count(self) -> int:
        return len({id_ for _, id_, _ in self.collected})

    def shown(self) -> frozenset[Sight]:
        return next((e.ids for _, e in reversed(self.past) if isinstance(e, Shown)), NONE)

    def covered(self) -> bool:
        return next((e.covered for _, e in reversed(self.past) if isinstance(e, Covered)), False)

    def hidden(self) -> bool:
        return next((e.hidden for _, e in reversed(self.past) if isinstance(e, Hidden)), False)

    def focus(self, upto: int) -> str:
        """What the first `upto` events tell of the focus."""
        past = [e for _, e in self.past[:upto]]
        reports = [n for n, e in enumerate(past) if isinstance(e, FocusIn | FocusOut)]
        if not reports:
            return "unknown"
        since = past[reports[-1] :]
        if isinstance(since[0], FocusIn) or any(isinstance(e, Pressed) for e in since):
            return "focused"
        return "away"

    def evident(self) -> bool:
        presses = [at for at, e in self.past if isinstance(e, Pressed | Wheeled)]
        return bool(presses) and self.now_ms - presses[-1] <= self.evidence_ms

    def idle(self) -> bool:
        for n, (at, event) in reversed(list(enumerate(self.past))):
            came_back = isinstance(event, FocusIn) and self.focus(n) != "focused"
            if isinstance(event, Pressed | Wheeled | Moved) or came_back:
                return self.now_ms - at > self.idle_ms
        return self.now_ms > self.idle_ms

    def attended(self) -> bool:
        focus = self.focus(len(self.past))
        known = focus == "focused" or (focus == "unknown" and self.evident())
        return known and not self.hidden() and not self.idle()

    def state(self) -> str:
        focus = self.focus(len(self.past))
        if self.holding:
            return "held: you"
        if self.hidden() or focus == "away":
            return "held: away"
        if focus == "unknown" and not self.evident():
            return "held: press a key"
        if self.idle():
            return "held: idle"
        return "held: covered" if self.covered() else "receipts: live"


SIGNS: st.SearchStrategy[Event] = st.sampled_from([Pressed(), Wheeled(), Moved(), Elapsed()])
IN_VIEW: st.SearchStrategy[Event] = st.sampled_from(
    [Shown(NONE), Shown(ONE), Shown(TWO), Shown(TWO - ONE), Shown(EDITED)]
)
SCENES: st.SearchStrategy[Event] = st.sampled_from(
    [kind(flag) for kind in (Covered, Hidden) for flag in (True, False)],
)
FOCUS: st.SearchStrategy[Event] = st.sampled_from([FocusIn(), FocusOut()])
HOLDS: st.SearchStrategy[Event] = st.sampled_from([Hold(), Hold(), Release(), Drop()])
UNREPORTED = st.one_of(SIGNS, SIGNS, IN_VIEW, HOLDS)
"""What there is where nothing reports the focus, which so stays unknown."""
REPORTED = st.one_of(SIGNS, IN_VIEW, SCENES, FOCUS, HOLDS)
LIMITS_MS = (30, 12), (12, 30)
"""Idleness and evidence."""
DWELLS_MS = (0, 1, 5, 13)
GAPS_MS = st.one_of(st.integers(0, 8), st.sampled_from([11, 12, 13, 29, 30, 31]))
"""Short, so that something is read at all, or at a limit."""

Life = tuple[Attention, Oracle, list[tuple[int, Event]]]
"""The two to compare, and events, each with the time since the one before."""


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Each begins with something to read, and in every other one nothing reports the focus."""
    dwell_ms, (idle_ms, evidence_ms) = draw(st.sampled_from(DWELLS_MS)), draw(st.sampled_from(LIMITS_MS))
    reports = draw(st.booleans())
    steps = draw(st.lists(st.tuples(GAPS_MS, REPORTED if reports else UNREPORTED), max_size=25))
    first: list[tuple[int, Event]] = [(0, FocusIn() if reports else draw(SIGNS)), (0, Shown(TWO))]
    attention = Attention(0, dwell_ms=dwell_ms, idle_ms=idle_ms, evidence_ms=evidence_ms)
    oracle = Oracle(dwell_ms, idle_ms=idle_ms, evidence_ms=evidence_ms)
    return attention, oracle, [*first, *steps, (100, Elapsed())]


@given(lives())
@settings(max_examples=500, deadline=None)
def test_late_calls_change_nothing_but_the_moment(life: Life) -> None:
    attention, oracle, steps = life
    now_ms = 0
    for gap_ms, event in steps:
        now_ms += gap_ms
        expected = {id_ for _, id_ in oracle.advance(now_ms)} | oracle.happen(event)
        assert attention.handle(event, now_ms) == expected
        assert attention.state.value == oracle.state()
        assert attention.held_count == oracle.held_count()
        for later_ms in (0, 12, 13, 30, 31):
            oracle.now_ms = now_ms + later_ms
            assert attention.attended(oracle.now_ms) == oracle.attended()
        oracle.now_ms = now_ms


@given(lives())
@settings(max_examples=500, deadline=None)
def test_whoever_asks_at_each_deadline_misses_no_moment(life: Life) -> None:
    attention, oracle, steps = life
    now_ms = 0
    for gap_ms, event in steps:
        began_ms, now_ms = now_ms, now_ms + gap_ms
        expected = list(_changes(oracle, now_ms))
        assert list(_changes_by_deadline(attention, began_ms, now_ms)) == expected
        assert attention.handle(event, now_ms) == oracle.happen(event)


Change = tuple[int, set[Sight], str, int]
"""When; what became read; the state and the held count from then on."""


def _changes(oracle: Oracle, until_ms: int) -> Iterator[Change]:
    before = (oracle.state(), set(oracle.collected))
    for now_ms in range(oracle.now_ms + 1, until_ms + 1):
        read = {id_ for _, id_ in oracle.advance(now_ms)}
        after = (oracle.state(), set(oracle.collected))
        if read or after != before:
            yield (now_ms, read, oracle.state(), oracle.held_count())
        before = after


def _changes_by_deadline(attention: Attention, now_ms: int, until_ms: int) -> Iterator[Change]:
    while (due_ms := attention.next_deadline_ms(now_ms)) is not None and due_ms <= until_ms:
        assert due_ms > now_ms
        now_ms = due_ms
        read = set(attention.handle(Elapsed(), now_ms))
        yield (now_ms, read, attention.state.value, attention.held_count)


ROOMS = ("a", "b")
turns = st.lists(
    st.tuples(
        st.integers(0, 700),
        st.one_of(
            st.sampled_from(ROOMS),
            st.frozensets(st.integers(1, 3)),
            st.sampled_from([Hold(), Release(), Drop(), Elapsed()]),
        ),
    ),
    max_size=40,
)


@given(turns)
def test_no_message_is_read_in_another_room_than_it_was_shown_in(steps: list[tuple[int, object]]) -> None:
    """One turns from room to room while dwells run and receipts are held; the rooms' ids are the same numbers."""
    attention = Attention(0)
    attention.handle(FocusIn(), 0)
    room, now_ms, shown_ms = ROOMS[0], 0, Counter[Sight]()
    ids: frozenset[int] = frozenset()
    for wait_ms, step in steps:
        now_ms += wait_ms
        shown_ms.update(dict.fromkeys(((room, each, 0) for each in ids), wait_ms))
        event: Event
        if isinstance(step, str):
            room, ids = step, frozenset()
            event = Shown(NONE)
        elif isinstance(step, frozenset):
            ids = step
            event = Shown(frozenset((room, each, 0) for each in ids))
        else:
            assert isinstance(step, Hold | Release | Drop | Elapsed)
            event = step
        for sight in attention.handle(event, now_ms):
            assert shown_ms[sight] >= 500
