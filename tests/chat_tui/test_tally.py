"""What is unread in a room: exact, never negative, and the same however often it is heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chat_server.protocol import Changed, Message
from chat_server.protocol import ranges as rangesets
from chat_tui.model.tally import Tally, mentions
from tests.chat_tui.frames import ANN, BOB, ME, ROOM, message, summary


def counted(unread: int, first: int | None, last: int, *, revision: int = 0) -> Tally:
    tally = Tally()
    tally.summarise(replace(summary(last, first_unread=first, revision=revision), unread=unread))
    return tally


def said(message_id: int, content: str, sender: str = ANN) -> Message:
    return replace(message(message_id, sender), content=content)


def test_where_what_is_unread_is() -> None:
    assert Tally().waiting == ()
    tally = counted(3, 5, 9)
    tally.hear(message(11), ME, ())
    tally.read(((6, 7),), ())
    assert tally.waiting == ((5, 5), (8, 9), (11, 11))
    tally.read(((5, 9),), ())
    assert list(rangesets.ids(tally.waiting)) == [11]


def test_an_edit_names_one_or_does_so_no_more() -> None:
    tally = counted(0, None, 4)
    tally.hear(said(5, "hello"), ME, ())
    tally.edit(5, f"hello @{ME}", ME)
    tally.edit(3, f"hello @{ME}", ME)
    assert (tally.unread, tally.mentions) == (1, 1)
    tally.edit(5, "hello", ME)
    assert (tally.unread, tally.mentions) == (1, 0)


def deleted(message_id: int, revision: int) -> Changed:
    return Changed(room=ROOM, message_id=message_id, deleted_at=1, deleted_by=ANN, revision=revision)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@me", True),
        ("hi @ME!", True),
        ("hi @me.", True),
        ("(@me)", True),
        ("@mean", False),
        ("@me-too", False),
        ("@me.net", False),
        ("a@me", False),
        ("@@me", False),
        ("me", False),
    ],
)
def test_a_mention_is_a_word(text: str, *, named: bool) -> None:
    assert mentions(text, "me") is named


def test_nothing_is_unread_at_first() -> None:
    assert (Tally().unread, Tally().mentions, Tally().first) == (0, 0, None)


def test_the_servers_count_grows_by_what_others_say_and_by_each_of_it_once() -> None:
    tally = counted(2, 5, 9)
    assert (tally.unread, tally.first) == (2, 5)
    for each in (message(9), message(10), message(10), message(11, ME), message(12, BOB)):
        tally.hear(each, ME, ())
    assert tally.unread == 4
    tally.hear(message(13), ME, ((13, 13),))
    tally.hear(replace(message(14), content="", deleted_at=1), ME, ())
    assert tally.unread == 4


@pytest.mark.parametrize(("unread", "first", "last"), [(3, None, 9), (3, 10, 9), (-3, 1, 9)])
def test_a_count_that_cannot_be_is_none(unread: int, first: int | None, last: int) -> None:
    assert counted(unread, first, last).unread == 0


def test_it_shrinks_by_what_is_read() -> None:
    tally = counted(3, 5, 9)
    tally.hear(said(10, "@me"), ME, ())
    tally.read(((5, 7),), [6])
    assert tally.unread == 2
    tally.read(((5, 7),), [])
    assert tally.unread == 2
    tally.read(((9, 10),), [])
    assert (tally.unread, tally.mentions, tally.first) == (0, 0, None)
    tally.read(((1, 10),), [])
    assert tally.unread == 0


def test_all_read_is_none_whatever_was_counted() -> None:
    tally = counted(3, 5, 9)
    tally.read(((1, 9),), [5, 6, 7, 8, 9])
    assert tally.unread == 0


def test_what_another_device_had_read_before_the_count_was_made_is_not_in_it() -> None:
    tally = counted(2, 5, 9, revision=7)
    tally.read(((6, 6),), [], revision=7)
    assert tally.unread == 2
    tally.read(((7, 7),), [], revision=8)
    assert tally.unread == 1


def test_a_deleted_message_is_not_unread() -> None:
    tally = counted(2, 5, 9, revision=7)
    tally.hear(message(10), ME, ())
    for each in (deleted(10, 8), deleted(10, 8)):
        tally.change(each, counted=True)
    assert tally.unread == 2
    tally.change(deleted(6, 9), counted=False)
    tally.change(deleted(7, 7), counted=True)
    assert tally.unread == 2
    tally.change(deleted(8, 10), counted=True)
    assert tally.unread == 1


def test_mentions_are_counted_where_they_are_heard_and_unread() -> None:
    tally = counted(2, 5, 9)
    for each in (said(2, "@me"), said(6, "@me"), said(7, "@me", ME), said(10, "hi"), said(11, "hi @me")):
        tally.hear(each, ME, ())
    assert tally.mentions == 2
    tally.summarise(replace(summary(11, first_unread=11), unread=1))
    assert (tally.mentions, tally.unread) == (1, 1)


events = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.integers(1, 30), st.just(0)),
        st.tuples(st.just("read"), st.integers(1, 30), st.integers(0, 5)),
    )
)


@given(st.sets(st.integers(1, 10)), events)
def test_it_is_what_others_wrote_less_what_was_read(
    unread: set[int], happened: list[tuple[str, int, int]]
) -> None:
    """Even numbers are one's own; every id may be heard and read any number of times."""
    waiting = {each for each in unread if each % 2}
    tally = counted(len(waiting), min(waiting, default=None), 10)
    read: rangesets.Ranges = rangesets.subtract(((1, 10),), rangesets.of_ids(waiting))
    for what, at, more in happened:
        if what == "say":
            tally.hear(message(at, ANN if at % 2 else ME), ME, read)
            waiting |= {at} if at > 10 and at % 2 and not rangesets.contains(read, at) else set()
        else:
            ranges = ((at, at + more),)
            # Those that are counted nowhere: one's own, and in the server's count what was read before.
            known = [each for each in range(at, at + more + 1) if not each % 2 or each not in waiting]
            tally.read(ranges, known)
            read = rangesets.union(read, ranges)
            waiting -= set(range(at, at + more + 1))
        assert tally.unread == len(waiting)
