"""Looking for a message of a time, or an unread one: what is asked, and what is found."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from chat_server.protocol import FetchHistory, History, Message
from chat_tui.model.events import Moment
from chat_tui.model.finding import Finder, MomentFinder, UnreadFinder
from chat_tui.model.replica import Replica
from chat_tui.model.tally import Tally
from tests.chat_tui.frames import ANN, ME, ROOM, message, messages, page, page_receipt, summary

DAY = Moment(1_500, 1_600, "12 March")


def holding(told: Sequence[Message], *, of: int) -> Replica:
    """A room of so many messages, of which these are held."""
    replica = Replica(ROOM, ME)
    replica.summarise(summary(of))
    if told:
        replica.replace(page(*told))
    return replica


def asked(finder: Finder, room: Sequence[Message], *, at_most: int) -> int:
    """Answer until it is known; how many questions that was."""
    for number in range(at_most + 1):
        question = finder.question(ROOM, "find-1")
        if question is None:
            return number
        finder.take(answer(question, room))
    raise AssertionError("it asks on and on")


def answer(question: FetchHistory, room: Sequence[Message]) -> History:
    first = question.around if question.after is None else question.after + 1
    assert first is not None
    return page(*room[first - 1 : first - 1 + question.limit], ref=question.ref)


def at(*times: int) -> list[Message]:
    """A room of messages of these times."""
    return [structs.replace(message(each), sent_at=sent) for each, sent in enumerate(times, 1)]


@given(
    times=st.lists(st.integers(0, 60), max_size=40).map(sorted),
    wanted=st.integers(0, 60),
    held=st.tuples(st.integers(1, 40), st.integers(1, 40)),
)
def test_the_first_message_of_a_time_is_found_in_few_questions(
    times: list[int], wanted: int, held: tuple[int, int]
) -> None:
    room = at(*times)
    finder = MomentFinder(
        holding(room[held[0] - 1 : held[1]], of=len(room)), replace(DAY, at_ms=wanted, until_ms=None)
    )
    assert asked(finder, room, at_most=6) <= max(len(room).bit_length(), 0)
    later = [each.id for each in room if each.sent_at >= wanted]
    assert finder.found == (later[0] if later else len(room) or None)


def test_what_is_held_is_not_asked_for() -> None:
    room = at(1_000, 1_500, 1_700)
    finder = MomentFinder(holding(room, of=3), DAY)
    assert finder.question(ROOM, "find-1") is None
    assert (finder.found, finder.sentence, finder.said) == (2, "", "Looking for 12 March")


@pytest.mark.parametrize("held", [False, True])
def test_a_day_without_messages_says_so(held: bool) -> None:  # noqa: FBT001  # a parametrised case
    room = at(1_000, 1_499, 1_600)
    finder = MomentFinder(holding(room if held else (), of=3), DAY)
    assert asked(finder, room, at_most=2) == (0 if held else 2)
    assert finder.found == 3
    assert finder.sentence == "Nothing was written on 12 March. This is what came next."


def test_a_time_after_the_newest_message_finds_that() -> None:
    finder = MomentFinder(holding((), of=2), DAY)
    assert asked(finder, at(1_000, 1_499), at_most=2) == 1
    assert finder.found == 2
    assert finder.sentence == "Nothing was written since 12 March. This is the newest message."


def test_what_is_held_says_where_to_look() -> None:
    room = at(1_000, 1_100, 1_200, 1_300, 1_500, 1_600)
    early, late = MomentFinder(holding(room[:4], of=6), DAY), MomentFinder(holding(room[5:], of=6), DAY)
    assert early.found is None
    assert [asked(early, room, at_most=3), asked(late, room, at_most=3)] == [2, 3]
    assert [early.found, late.found] == [5, 5]


def test_in_an_empty_room_nothing_is_found() -> None:
    finder = MomentFinder(holding((), of=0), DAY)
    assert finder.question(ROOM, "find-1") is None
    assert (finder.found, finder.sentence) == (None, "There are no messages yet.")


def test_a_server_that_has_less_than_it_said_makes_no_endless_search() -> None:
    finder = MomentFinder(holding((), of=1_000), DAY)
    assert asked(finder, (), at_most=10) <= 10
    assert finder.found == 1


def waiting(*, first: int | None, count: int, last: int) -> Tally:
    tally = Tally()
    tally.summarise(structs.replace(summary(last, first_unread=first), unread=count))
    return tally


def test_the_next_unread_message_that_is_held_is_found_at_once() -> None:
    replica = holding(messages(1, 9), of=9)
    replica.read = ((1, 4), (6, 6))
    tally = waiting(first=5, count=4, last=9)
    for below, found in ((1, 5), (4, 5), (5, 7), (8, 9)):
        finder = UnreadFinder(replica, tally, below)
        assert finder.question(ROOM, "find-1") is None
        assert (finder.found, finder.sentence) == (found, "")


def test_below_the_last_unread_message_nothing_is() -> None:
    replica = holding(messages(1, 9), of=9)
    finder = UnreadFinder(replica, waiting(first=1, count=9, last=9), 9)
    assert (finder.question(ROOM, "find-1"), finder.found) == (None, None)
    assert finder.sentence == "Nothing is unread below this message."
    nothing = UnreadFinder(replica, Tally(), 9)
    assert (nothing.question(ROOM, "find-1"), nothing.sentence) == (None, "Nothing is unread here.")


def test_what_is_not_held_is_asked_for_past_ones_own_removed_and_read_messages() -> None:
    room = [
        *messages(1, 9),
        *messages(10, 300, sender=ME),
        structs.replace(message(301), content="", deleted_at=9),
        *messages(302, 310),
    ]
    replica = holding(room[:9], of=310)
    replica.read = ((1, 9),)
    finder = UnreadFinder(replica, waiting(first=10, count=5, last=310), 3)
    question = finder.question(ROOM, "find-1")
    assert question == FetchHistory(ref="find-1", room=ROOM, after=9, limit=200)
    finder.take(answer(question, room))
    question = finder.question(ROOM, "find-2")
    assert question is not None
    assert question.after == 209
    receipts = (page_receipt(ME, (302, 305)), page_receipt(ANN, (306, 310)))
    finder.take(page(*answer(question, room).messages, receipts=receipts))
    assert finder.question(ROOM, "find-3") is None
    assert finder.found == 306


def test_what_came_since_is_looked_at_too_and_an_empty_answer_ends_it() -> None:
    replica = holding(messages(1, 3), of=3)
    tally = waiting(first=None, count=0, last=3)
    tally.hear(message(8), ME, ())
    finder = UnreadFinder(replica, tally, 3)
    question = finder.question(ROOM, "find-1")
    assert question is not None
    assert question.after == 7
    replica.last_id = 8
    finder.take(page())
    assert (finder.found, finder.question(ROOM, "find-2")) == (None, None)
