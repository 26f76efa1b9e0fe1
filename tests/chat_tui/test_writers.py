"""Who is writing: begun by what they say, ended by their message, by time, and by whatever keeps them from it."""

import pytest

from chat_server.protocol import AnyFrame, Joined, Left, Muted, Presence, Renamed
from chat_tui.model.writers import SHOWN_MS, TELL_EVERY_MS, Writers, sentences
from tests.chat_tui.frames import ANN, BOB, ROOM, message


def test_nobody_writes_at_first() -> None:
    writers = Writers()
    assert writers.names == ()
    assert writers.next_deadline_ms is None


def test_who_says_so_writes_for_a_while_and_longer_by_saying_it_again() -> None:
    writers = Writers()
    writers.hear(ANN, 0)
    writers.hear(BOB, 1_000)
    writers.hear(ANN, 3_000)
    assert writers.names == (ANN, BOB)
    assert writers.next_deadline_ms == 1_000 + SHOWN_MS
    writers.elapse(1_000 + SHOWN_MS - 1)
    assert writers.names == (ANN, BOB)
    left = []
    for now_ms in (1_000 + SHOWN_MS, 3_000 + SHOWN_MS):
        writers.elapse(now_ms)
        left.append(writers.names)
    assert left == [(ANN,), ()]


@pytest.mark.parametrize(
    "frame",
    [
        message(1, ANN),
        Left(room=ROOM, name=ANN),
        Renamed(room=ROOM, name=ANN, to="anna", revision=1),
        Muted(room=ROOM, name=ANN, muted=True, by=BOB),
        Presence(room=ROOM, name=ANN, online=False),
    ],
)
def test_who_is_done_or_cannot_go_on_writes_no_more(frame: AnyFrame) -> None:
    writers = Writers()
    writers.notice(frame)
    writers.hear(ANN, 0)
    writers.hear(BOB, 0)
    writers.notice(frame)
    assert writers.names == (BOB,)


@pytest.mark.parametrize(
    "frame", [message(1, BOB), Presence(room=ROOM, name=ANN, online=True), Joined(room=ROOM, name=ANN)]
)
def test_all_else_ends_nothing(frame: AnyFrame) -> None:
    writers = Writers()
    writers.hear(ANN, 0)
    writers.notice(frame)
    assert writers.names == (ANN,)


def test_one_tells_at_once_and_then_only_so_often() -> None:
    writers = Writers()
    told = [writers.tell(at_ms) for at_ms in (-5, -4, TELL_EVERY_MS - 6, TELL_EVERY_MS - 5, TELL_EVERY_MS)]
    assert told == [True, False, False, True, False]


def test_after_a_cut_nobody_writes_and_one_may_tell_at_once() -> None:
    writers = Writers()
    writers.hear(ANN, 0)
    assert writers.tell(0)
    writers.cut()
    assert writers.names == ()
    assert writers.tell(1)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], []),
        (["ann"], ["ann is writing…", "writing…"]),
        (["ann", "bob"], ["ann and bob are writing…", "2 people are writing…", "writing…"]),
        (["ann", "bob", "cid"], ["3 people are writing…", "writing…"]),
    ],
)
def test_it_is_said_in_as_many_words_as_there_is_room_for(names: list[str], said: list[str]) -> None:
    assert sentences(names, ascii_only=False) == said
    assert sentences(names, ascii_only=True) == [each.replace("…", "...") for each in said]
