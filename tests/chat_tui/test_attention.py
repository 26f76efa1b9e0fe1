"""Attention by transcript: what happens when, and what has been read by it."""

import pytest

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
    ReceiptState,
    Release,
    Shown,
    Sight,
    Wheeled,
)

ROOM = "deploys"
NONE: frozenset[Sight] = frozenset()
ONE = frozenset({(ROOM, 1, 0)})
TWO = frozenset({(ROOM, 1, 0), (ROOM, 2, 0)})
EDITED = frozenset({(ROOM, 1, 1)})
"""As ONE, with another text."""
COVERED, UNCOVERED = Covered(covered=True), Covered(covered=False)
HIDDEN, VISIBLE = Hidden(hidden=True), Hidden(hidden=False)

Step = tuple[int, Event]
Told = list[tuple[int, set[int]]]
"""When ids were given out, and which."""


def told(*steps: Step) -> Told:
    """The transcript: what a person was told to have read, and when."""
    attention = Attention(0)
    given_out = [(at_ms, {id_ for _, id_, _ in attention.handle(event, at_ms)}) for at_ms, event in steps]
    return [(at_ms, ids) for at_ms, ids in given_out if ids]


def after(*steps: Step) -> Attention:
    """Attention as it stands after a transcript."""
    attention = Attention(0)
    for at_ms, event in steps:
        attention.handle(event, at_ms)
    return attention


FOCUSED: tuple[Step, ...] = ((0, FocusIn()), (0, Shown(ONE)))
"""A focused terminal with message 1 in view."""

RULES: dict[str, tuple[tuple[Step, ...], Told]] = {
    "read at the end of the dwell": ((*FOCUSED, (499, Elapsed()), (500, Elapsed())), [(500, {1})]),
    "not again while it stays": ((*FOCUSED, (500, Shown(ONE)), (2000, Shown(ONE))), [(500, {1})]),
    "again if it comes back and is said to be unread": (
        (*FOCUSED, (500, Shown(NONE)), (600, Shown(ONE)), (1100, Elapsed())),
        [(500, {1}), (1100, {1})],
    ),
    "gone before the dwell": ((*FOCUSED, (499, Shown(NONE)), (2000, Elapsed())), []),
    "gone at the end of the dwell": ((*FOCUSED, (500, Shown(NONE))), [(500, {1})]),
    "gone and back starts afresh": (
        (*FOCUSED, (400, Shown(NONE)), (401, Shown(ONE)), (900, Elapsed()), (901, Elapsed())),
        [(901, {1})],
    ),
    "each by its own dwell": (
        (*FOCUSED, (200, Shown(TWO)), (500, Elapsed()), (699, Elapsed()), (700, Elapsed())),
        [(500, {1}), (700, {2})],
    ),
    "late is not lost": ((*FOCUSED, (9000, FocusOut())), [(9000, {1})]),
    "a time before the latest counts as the latest": (
        ((0, FocusIn()), (500, Elapsed()), (100, Shown(ONE)), (999, Elapsed()), (1000, Elapsed())),
        [(1000, {1})],
    ),
    "an edit in view is another text to look at": (
        (*FOCUSED, (499, Shown(EDITED)), (998, Elapsed()), (999, Elapsed())),
        [(999, {1})],
    ),
    "an edit of what was read is looked at anew": (
        (*FOCUSED, (600, Shown(EDITED)), (1099, Elapsed()), (1100, Elapsed())),
        [(500 + 100, {1}), (1100, {1})],
    ),
    # Focus
    "focus out": ((*FOCUSED, (499, FocusOut()), (2000, Elapsed())), []),
    "focus in is looked at again": (
        ((0, FocusOut()), (0, Shown(ONE)), (700, FocusIn()), (1199, Elapsed()), (1200, Elapsed())),
        [(1200, {1})],
    ),
    "a glance away starts every dwell afresh": (
        (
            *FOCUSED,
            (100, Shown(TWO)),
            (490, FocusOut()),
            (490, FocusIn()),
            (989, Elapsed()),
            (990, Elapsed()),
        ),
        [(990, {1, 2})],
    ),
    "a press after focus out is focus": (
        ((0, FocusOut()), (0, Shown(ONE)), (100, Pressed()), (70_000, Elapsed())),
        [(70_000, {1})],
    ),
    "moving the mouse is no focus": (((0, FocusOut()), (0, Shown(ONE)), (9, Moved()), (900, Elapsed())), []),
    "the wheel is no focus": (((0, FocusOut()), (0, Shown(ONE)), (9, Wheeled()), (900, Elapsed())), []),
    "the wheel is evidence": (
        ((0, Shown(ONE)), (50, Wheeled()), (549, Elapsed()), (550, Elapsed())),
        [(550, {1})],
    ),
    "unknown is not believed": (((0, Shown(ONE)), (0, Moved()), (900, Elapsed())), []),
    "unknown with a press": (
        ((0, Shown(ONE)), (50, Pressed()), (549, Elapsed()), (550, Elapsed())),
        [(550, {1})],
    ),
    "unknown, the dwell ends with the evidence": (
        ((0, Pressed()), (59_500, Shown(ONE)), (99_000, Elapsed())),
        [(99_000, {1})],
    ),
    "unknown, the evidence ends before the dwell": (
        ((0, Pressed()), (59_501, Shown(ONE)), (99_000, Elapsed())),
        [],
    ),
    "unknown, a press goes on from the last moment of evidence": (
        ((0, Pressed()), (59_900, Shown(ONE)), (60_000, Pressed()), (60_400, Elapsed())),
        [(60_400, {1})],
    ),
    "unknown, a press a moment too late starts afresh": (
        ((0, Pressed()), (59_900, Shown(ONE)), (60_001, Pressed()), (60_500, Elapsed()), (60_501, Elapsed())),
        [(60_501, {1})],
    ),
    # Idleness
    "the dwell ends as idleness begins": (
        (*FOCUSED[:1], (299_500, Shown(ONE)), (400_000, Elapsed())),
        [(400_000, {1})],
    ),
    "idle before the dwell ends": ((*FOCUSED[:1], (299_501, Shown(ONE)), (400_000, Elapsed())), []),
    "a key after idleness is looked at again": (
        (
            *FOCUSED[:1],
            (400_000, Shown(ONE)),
            (401_000, Pressed()),
            (401_499, Elapsed()),
            (401_500, Elapsed()),
        ),
        [(401_500, {1})],
    ),
    "the mouse ends idleness too": (
        (*FOCUSED[:1], (400_000, Shown(ONE)), (401_000, Moved()), (401_500, Elapsed())),
        [(401_500, {1})],
    ),
    "coming back ends idleness": (
        ((0, FocusOut()), (400_000, Shown(ONE)), (401_000, FocusIn()), (401_500, Elapsed())),
        [(401_500, {1})],
    ),
    "focus reported once more does not": (
        (*FOCUSED[:1], (400_000, Shown(ONE)), (401_000, FocusIn()), (402_000, Elapsed())),
        [],
    ),
    # Scroll, resize, arrival, history: what is in view is said anew
    "an arrival in view": ((*FOCUSED[:1], (7000, Shown(ONE)), (7500, Elapsed())), [(7500, {1})]),
    "scrolled or resized into view": (
        ((0, FocusIn()), (0, Shown(NONE)), (100, Shown(TWO)), (600, Elapsed())),
        [(600, {1, 2})],
    ),
    # What is over the conversation, and tmux
    "covered": ((*FOCUSED, (499, COVERED), (2000, Elapsed())), []),
    "a closed modal is looked at again": (
        (*FOCUSED, (100, COVERED), (800, UNCOVERED), (1299, Elapsed()), (1300, Elapsed())),
        [(1300, {1})],
    ),
    "hidden by tmux": ((*FOCUSED, (499, HIDDEN), (600, Pressed()), (2000, Elapsed())), []),
    "shown again by tmux": (
        (*FOCUSED, (100, HIDDEN), (800, VISIBLE), (1299, Elapsed()), (1300, Elapsed())),
        [(1300, {1})],
    ),
    # Hold
    "held, then released at once": (
        (*FOCUSED, (10, Hold()), (900, Elapsed()), (950, Release())),
        [(950, {1})],
    ),
    "released late": ((*FOCUSED, (10, Hold()), (950, Release())), [(950, {1})]),
    "read before the hold": ((*FOCUSED, (500, Hold()), (950, Drop())), [(500, {1})]),
    "a hold breaks no dwell": ((*FOCUSED, (10, Hold()), (300, Release()), (500, Elapsed())), [(500, {1})]),
    "held though it has left": (
        (*FOCUSED, (10, Hold()), (600, Shown(NONE)), (650, Shown(ONE)), (700, Release()), (2000, Elapsed())),
        [(700, {1})],
    ),
    "nothing is collected while away": (
        (*FOCUSED, (10, Hold()), (20, FocusOut()), (900, Elapsed()), (950, Release())),
        [],
    ),
    "dropped for good while in view": (
        (*FOCUSED, (10, Hold()), (600, Drop()), (1200, Hold()), (1800, Release()), (2400, Elapsed())),
        [],
    ),
    "dropped, gone and back": (
        (*FOCUSED, (10, Hold()), (600, Drop()), (700, Shown(NONE)), (800, Shown(ONE)), (1300, Elapsed())),
        [(1300, {1})],
    ),
    "a dwell begun under a dropped hold starts afresh": (
        (*FOCUSED, (10, Hold()), (300, Drop()), (799, Elapsed()), (800, Elapsed())),
        [(800, {1})],
    ),
    "a drop without a hold": ((*FOCUSED, (300, Drop()), (500, Elapsed())), [(500, {1})]),
    "a release without a hold": ((*FOCUSED, (300, Release()), (500, Elapsed())), [(500, {1})]),
}


@pytest.mark.parametrize(("steps", "expected"), RULES.values(), ids=RULES)
def test_rule(steps: tuple[Step, ...], expected: Told) -> None:
    assert told(*steps) == expected


STATES: dict[str, tuple[tuple[Step, ...], bool]] = {
    "receipts: live": (FOCUSED, True),
    "held: covered": ((*FOCUSED, (1, COVERED)), True),
    "held: idle": ((*FOCUSED, (1, COVERED), (300_001, Elapsed())), False),
    "held: press a key": (((300_001, Elapsed()),), False),
    "held: away": (((0, Pressed()), (0, HIDDEN), (300_001, Elapsed())), False),
    "held: you": ((*FOCUSED, (1, FocusOut()), (1, Hold())), False),
}


@pytest.mark.parametrize("label", STATES)
def test_the_first_state_that_applies_is_said(label: str) -> None:
    steps, attended = STATES[label]
    attention = after(*steps)
    assert attention.state is ReceiptState(label)
    assert attention.attended(steps[-1][0]) is attended


@pytest.mark.parametrize(
    ("event", "last_ms", "label"),
    [(FocusIn(), 300_000, "held: idle"), (Pressed(), 60_000, "held: press a key")],
)
def test_the_last_moment_still_counts(event: Event, last_ms: int, label: str) -> None:
    assert after((0, event), (last_ms, Elapsed())).state is ReceiptState.LIVE
    assert after((0, event), (last_ms + 1, Elapsed())).state is ReceiptState(label)


def test_held_messages_are_counted() -> None:
    attention = after((0, FocusIn()), (0, Shown(TWO)), (0, Hold()), (499, Elapsed()))
    assert attention.held_count == 0
    attention.handle(Elapsed(), 500)
    assert attention.held_count == 2
    attention.handle(Drop(), 501)
    assert attention.held_count == 0


DEADLINES: dict[str, tuple[tuple[Step, ...], int | None]] = {
    "nothing known": ((), None),
    "a dwell": (FOCUSED, 500),
    "the earliest dwell": (((0, FocusIn()), (10, Shown(ONE)), (20, Shown(TWO))), 510),
    "idleness": (((5, FocusIn()),), 300_006),
    "evidence running out": (((5, Pressed()),), 60_006),
    "evidence before a dwell that would come too late": (((0, Pressed()), (59_501, Shown(ONE))), 60_001),
    "a dwell that ends with the evidence": (((0, Pressed()), (59_500, Shown(ONE))), 60_000),
    "none for a dwell that would come too late under a hold": (
        ((0, Pressed()), (59_501, Shown(ONE)), (59_501, Hold())),
        None,
    ),
    "nothing changes while away": (((5, FocusOut()),), None),
    "nothing changes while idle": ((*FOCUSED, (400_000, Elapsed())), None),
    "a dwell goes on under a hold": ((*FOCUSED, (1, Hold())), 500),
    "a hold outlasts idleness": (((5, FocusIn()), (5, Hold())), None),
}


@pytest.mark.parametrize(("steps", "expected"), DEADLINES.values(), ids=DEADLINES)
def test_deadline(steps: tuple[Step, ...], expected: int | None) -> None:
    assert after(*steps).next_deadline_ms(0) == expected


def test_a_missed_deadline_is_now() -> None:
    assert after(*FOCUSED).next_deadline_ms(700) == 700


def test_idleness_may_come_before_the_evidence_has_run_out() -> None:
    attention = Attention(0, idle_ms=1000, evidence_ms=2000)
    attention.handle(Pressed(), 0)
    attention.handle(Shown(ONE), 501)
    assert attention.next_deadline_ms(501) == 1001
    assert attention.handle(Elapsed(), 1900) == NONE
    assert attention.state is ReceiptState.IDLE


def test_both_texts_of_a_message_are_held_as_one_message_and_given_out_as_they_were_seen() -> None:
    attention = after(*FOCUSED, (100, Hold()), (600, Shown(EDITED)), (1_200, Elapsed()))
    assert attention.held_count == 1
    assert attention.handle(Release(), 1_300) == ONE | EDITED
