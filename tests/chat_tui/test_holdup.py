"""Waiting for the server, for as long as it says or for longer each time; and questions that wait."""

import pytest

from chat_server.protocol import FetchHistory, FetchInfo, FetchPins, Search
from chat_tui.model.holdup import FIRST_MS, LONGEST_MS, TOLD_MAX_MS, Holdup, Question, Questions
from tests.chat_tui.frames import ROOM


def test_nothing_waits_at_first() -> None:
    holdup = Holdup()
    assert (holdup.until_ms, holdup.lasts) == (None, False)
    assert not holdup.elapse(10**9)


def test_what_was_refused_for_now_is_tried_once_the_pause_is_over() -> None:
    holdup = Holdup()
    holdup.begin(1_000)
    assert (holdup.until_ms, holdup.lasts) == (1_000 + FIRST_MS, True)
    assert not holdup.elapse(1_000 + FIRST_MS - 1)
    assert holdup.elapse(1_000 + FIRST_MS)
    assert (holdup.until_ms, holdup.lasts) == (None, True)
    assert not holdup.elapse(1_000 + FIRST_MS)


def test_of_several_refused_together_the_first_one_counts() -> None:
    holdup = Holdup()
    holdup.begin(1_000)
    holdup.begin(1_500)
    assert holdup.until_ms == 1_000 + FIRST_MS


def test_the_pause_doubles_up_to_the_longest_and_is_short_again_after_success() -> None:
    holdup = Holdup()
    now_ms, pauses = 0, []
    for _ in range(7):
        holdup.begin(now_ms)
        assert holdup.until_ms is not None
        pauses.append(holdup.until_ms - now_ms)
        now_ms = holdup.until_ms
        assert holdup.elapse(now_ms)
    assert pauses == [FIRST_MS, 2 * FIRST_MS, 4 * FIRST_MS, 8 * FIRST_MS, LONGEST_MS, LONGEST_MS, LONGEST_MS]
    holdup.end()
    assert (holdup.until_ms, holdup.lasts) == (None, False)
    holdup.begin(now_ms)
    assert holdup.until_ms == now_ms + FIRST_MS


# Where the server says how long


def until(holdup: Holdup) -> int | None:
    """Asked anew each time; mypy takes an attribute for something that stays."""
    return holdup.until_ms


@pytest.mark.parametrize("told_ms", [1, 200, LONGEST_MS + 1, TOLD_MAX_MS])
def test_the_time_that_is_told_is_waited_for(told_ms: int) -> None:
    holdup = Holdup()
    holdup.begin(1_000, told_ms)
    assert holdup.until_ms == 1_000 + told_ms
    assert not holdup.elapse(1_000 + told_ms - 1)
    assert holdup.elapse(1_000 + told_ms)


@pytest.mark.parametrize("told_ms", [TOLD_MAX_MS + 1, 10**400])
def test_a_time_beyond_reason_is_not(told_ms: int) -> None:
    holdup = Holdup()
    holdup.begin(1_000, told_ms)
    assert holdup.until_ms == 1_000 + TOLD_MAX_MS


@pytest.mark.parametrize("told_ms", [None, 0, -1, -(10**400)])
def test_a_time_that_is_none_is_not_told(told_ms: int | None) -> None:
    holdup = Holdup()
    holdup.begin(1_000, told_ms)
    assert until(holdup) == 1_000 + FIRST_MS
    holdup.ease(more=True)
    assert until(holdup) is None


def test_of_several_times_that_are_told_the_last_moment_counts() -> None:
    holdup = Holdup()
    for now_ms, told_ms in ((1_000, 200), (1_010, 500), (1_020, 300), (1_030, None)):
        holdup.begin(now_ms, told_ms)
    assert holdup.until_ms == 1_510


def test_who_is_told_too_short_a_time_again_and_again_waits_longer() -> None:
    holdup = Holdup()
    now_ms, pauses = 0, []
    for told_ms in (200, 200, 200, 5_000, 200, 200, 200, 60_000, 200):
        holdup.begin(now_ms, told_ms)
        assert holdup.until_ms is not None
        pauses.append(holdup.until_ms - now_ms)
        now_ms = holdup.until_ms
        assert holdup.elapse(now_ms)
    assert pauses == [200, 400, 800, 5_000, 10_000, 20_000, 30_000, 60_000, 30_000]


def test_a_time_that_was_told_is_waited_for_whatever_else_is_taken() -> None:
    holdup = Holdup()
    holdup.begin(1_000, 200)
    holdup.ease(more=False)
    assert (holdup.until_ms, holdup.lasts) == (1_200, True)


def test_while_more_waits_it_lasts_and_the_next_time_told_is_taken_as_it_is() -> None:
    holdup = Holdup()
    holdup.begin(0, 200)
    assert holdup.elapse(200)
    holdup.ease(more=True)
    assert (holdup.until_ms, holdup.lasts) == (None, True)
    holdup.begin(200, 200)
    assert holdup.until_ms == 400
    assert holdup.elapse(400)
    holdup.ease(more=False)
    assert not holdup.lasts


def test_a_full_disk_after_a_time_that_was_told_ends_once_something_is_taken() -> None:
    holdup = Holdup()
    holdup.begin(0, 200)
    assert holdup.elapse(200)
    holdup.begin(200)
    holdup.ease(more=True)
    assert (holdup.until_ms, holdup.lasts) == (None, False)


def test_what_is_told_beside_a_full_disk_is_waited_for() -> None:
    holdup = Holdup()
    holdup.begin(0)
    holdup.begin(1, FIRST_MS + 10)
    holdup.ease(more=False)
    assert holdup.until_ms == FIRST_MS + 11


# Questions


def page(number: int) -> FetchHistory:
    return FetchHistory(ref=f"page-{number}", room=ROOM, before=number)


def info(number: int) -> FetchInfo:
    return FetchInfo(ref=f"info-{number}", room=ROOM, message_id=number)


def pins(number: int) -> FetchPins:
    return FetchPins(ref=f"pins-{number}", room=ROOM)


def test_of_searches_that_wait_the_last_is_enough() -> None:
    search = [Search(ref=f"search-{each}", query="x" * each) for each in (1, 2, 3)]
    questions = asked(search[0], info(1))
    questions.hold("search-1", 0, 300)
    questions.hold("info-1", 0, 300)
    assert list(questions.ask(search[1:])) == []
    assert questions.elapse(300) == [info(1), search[2]]


def asked(*questions: Question) -> Questions:
    """These have been sent."""
    asking = Questions()
    assert list(asking.ask(questions)) == list(questions)
    return asking


def test_a_question_is_sent_at_once_and_waits_for_its_answer() -> None:
    questions = asked(page(1), info(2))
    assert "page-1" in questions
    assert "page-2" not in questions
    questions.answered("page-1")
    assert "page-1" not in questions
    assert questions.elapse(10**9) == []


def test_a_question_that_comes_too_soon_is_asked_again_at_the_time_told() -> None:
    questions = asked(page(1))
    questions.hold("page-1", 1_000, 300)
    assert questions.holdup.until_ms == 1_300
    assert questions.elapse(1_299) == []
    assert questions.elapse(1_300) == [page(1)]
    assert questions.elapse(1_301) == []
    questions.hold("page-1", 1_400, 300)
    assert questions.elapse(2_000) == [page(1)]
    questions.answered("page-1")
    assert not questions.holdup.lasts


def test_what_is_asked_meanwhile_waits_behind_it() -> None:
    questions = asked(page(1))
    questions.hold("page-1", 0, 300)
    assert list(questions.ask([page(2), info(3)])) == []
    assert questions.elapse(300) == [page(1), page(2), info(3)]
    assert list(questions.ask([page(4)])) == [page(4)]


def test_the_order_of_asking_stays_whatever_is_refused() -> None:
    questions = asked(page(1), page(2), page(3))
    questions.hold("page-3", 0, 300)
    questions.hold("page-1", 0, 300)
    questions.answered("page-2")
    assert questions.holdup.until_ms == 300
    assert questions.elapse(300) == [page(1), page(3)]


def test_of_the_questions_about_readers_that_wait_the_last_is_asked() -> None:
    questions = asked(info(1), info(2), page(3), pins(1))
    for ref in ("info-1", "info-2", "page-3", "pins-1"):
        questions.hold(ref, 0, 300)
    for number in range(4, 1_000):
        assert list(questions.ask([info(number), pins(number)])) == []
    assert "info-998" not in questions
    assert questions.elapse(300) == [page(3), info(999), pins(999)]


@pytest.mark.parametrize("ref", [None, "", "page-9"])
def test_an_answer_to_nothing_ends_no_waiting(ref: str | None) -> None:
    questions = asked(page(1))
    questions.hold("page-1", 0, None)
    questions.answered(ref)
    assert questions.elapse(FIRST_MS) == [page(1)]


def test_without_a_time_told_it_is_still_asked_again() -> None:
    questions = asked(page(1), page(2))
    questions.hold("page-1", 0, None)
    questions.answered("page-2")
    assert questions.elapse(FIRST_MS) == [page(1)]


def test_a_cut_ends_all_questions() -> None:
    questions = asked(page(1))
    questions.hold("page-1", 0, 300)
    questions.cut()
    assert (questions.holdup.until_ms, questions.holdup.lasts) == (None, False)
    assert "page-1" not in questions
    assert list(questions.ask([page(2)])) == [page(2)]
    assert questions.elapse(10**9) == []
