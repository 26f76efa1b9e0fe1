"""Which pages are asked for, and what becomes of what a cut interrupts."""

from collections.abc import Iterable
from itertools import count

import pytest

from chat_server.protocol import ID_MAX, FetchHistory
from chat_tui.model import pages as pages_module
from chat_tui.model.events import Part
from chat_tui.model.pages import Pages
from chat_tui.model.replica import Replica
from tests.chat_tui.frames import ANN, BOB, ME, ROOM, message, page, summary

PAGE_MAX = 4


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_module, "PAGE_MAX", PAGE_MAX)


@pytest.fixture
def pages() -> Pages:
    numbers = count(1)
    return Pages(ROOM, lambda kind: f"{kind}-{next(numbers)}")


def replica(first: int, last: int, *, of: int, sender: str = BOB) -> Replica:
    """The window [first, last] of a room of so many messages by one sender."""
    room = Replica(ROOM, ME)
    room.summarise(summary(of))
    room.replace(page(*(message(each, sender) for each in range(first, last + 1))))
    room.last_id = of
    return room


def asked(requests: Iterable[FetchHistory]) -> list[tuple[int | None, int | None, int | None]]:
    """Per request where it begins: before, after, around."""
    return [(each.before, each.after, each.around) for each in requests]


def test_it_begins_with_the_newest_page_where_all_has_been_read(pages: Pages) -> None:
    assert list(pages.begin(None)) == [FetchHistory(ref="page-1", room=ROOM, before=ID_MAX, limit=PAGE_MAX)]


def test_it_begins_around_the_first_unread_message(pages: Pages) -> None:
    assert asked(pages.begin(7)) == [(None, None, 7)]


def test_the_page_around_a_message_is_the_window_from_then_on(pages: Pages) -> None:
    held = replica(1, 4, of=90)
    assert asked([pages.go_to(50)]) == [(None, None, 50)]
    assert list(pages.take(page(message(49), message(50), ref="page-1"), held, following=False)) == []
    assert (held.first, held.last) == (49, 50)


@pytest.mark.parametrize(
    ("part", "where"),
    [
        (Part.OLDER, (5, None, None)),
        (Part.NEWER, (None, 8, None)),
        (Part.OLDEST, (None, 0, None)),
        (Part.NEWEST, (ID_MAX, None, None)),
    ],
)
def test_a_part_is_asked_for_once_at_a_time(
    pages: Pages, part: Part, where: tuple[int | None, int | None, int | None]
) -> None:
    room = replica(5, 8, of=20)
    assert asked(pages.seek(room, part)) == [where]
    assert asked(pages.seek(room, part)) == []
    pages.refused("page-1")
    assert asked(pages.seek(room, part)) == [where]


@pytest.mark.parametrize("part", list(Part))
def test_what_is_held_is_not_asked_for(pages: Pages, part: Part) -> None:
    assert asked(pages.seek(replica(1, 4, of=4), part)) == []


def test_an_older_page_is_joined_and_another_replaces(pages: Pages) -> None:
    room = replica(5, 8, of=20)
    assert asked(pages.seek(room, Part.OLDER)) == [(5, None, None)]
    assert asked(pages.take(page(message(3, BOB), message(4, BOB), ref="page-1"), room, following=True)) == []
    assert (room.first, room.last) == (3, 8)
    assert asked(pages.seek(room, Part.NEWEST)) == [(ID_MAX, None, None)]
    assert asked(pages.take(page(message(20, BOB), ref="page-2"), room, following=True)) == []
    assert (room.first, room.last) == (20, 20)


def test_a_page_that_nobody_asked_for_extends_the_window(pages: Pages) -> None:
    room = replica(5, 8, of=9)
    assert asked(pages.take(page(message(9, BOB)), room, following=True)) == []
    assert room.last == 9


@pytest.mark.parametrize("part", [Part.OLDER, Part.NEWER])
def test_what_a_cut_interrupts_is_asked_for_again_once(pages: Pages, part: Part) -> None:
    room = replica(5, 8, of=20)
    before = asked(pages.seek(room, part))
    pages.cut()
    assert asked(pages.go_on(room, changed=False)) == before
    pages.refused("page-2")
    pages.cut()
    assert asked(pages.go_on(room, changed=False)) == []


def test_what_is_looked_for_without_a_connection_is_asked_for_when_there_is_one(pages: Pages) -> None:
    room = replica(5, 8, of=20)
    pages.want(Part.OLDER)
    pages.cut()
    assert asked(pages.go_on(room, changed=False)) == [(5, None, None)]


def test_a_new_beginning_forgets_what_was_looked_for(pages: Pages) -> None:
    pages.want(Part.OLDER)
    assert asked(pages.begin(None)) == [(ID_MAX, None, None)]
    assert asked(pages.go_on(replica(5, 8, of=20), changed=False)) == []


def test_audiences_are_asked_for_page_by_page(pages: Pages) -> None:
    room = replica(2, 7, of=7, sender=ME)
    assert asked(pages.doubt_audiences(room)) == [(None, 1, None)]
    first = page(*(message(each, ME, audience=3) for each in range(2, 6)), ref="page-1")
    assert asked(pages.take(first, room, following=True)) == [(None, 5, None)]
    second = page(message(6, ME, audience=3), message(7, ME, audience=3), ref="page-2")
    assert asked(pages.take(second, room, following=True)) == []
    assert [held.message.audience for held in room.within(((2, 7),))] == [3] * 6


def test_audiences_in_doubt_while_they_are_asked_for_are_asked_for_again_after_it(pages: Pages) -> None:
    room = replica(2, 3, of=3, sender=ME)
    assert asked(pages.doubt_audiences(room)) == [(None, 1, None)]
    assert asked(pages.doubt_audiences(room)) == []
    assert asked(pages.take(page(message(2, ME), message(3, ME), ref="page-1"), room, following=True)) == [
        (None, 1, None)
    ]


def test_an_empty_page_of_audiences_is_the_last(pages: Pages) -> None:
    room = replica(2, 3, of=3, sender=ME)
    assert asked(pages.doubt_audiences(room)) == [(None, 1, None)]
    assert asked(pages.take(page(ref="page-1"), room, following=True)) == []


@pytest.mark.parametrize("changed", [False, True])
def test_audiences_are_asked_for_again_where_members_have_changed_or_a_cut_came(
    pages: Pages, *, changed: bool
) -> None:
    room = replica(2, 3, of=3, sender=ME)
    if not changed:
        assert asked(pages.doubt_audiences(room)) == [(None, 1, None)]
    pages.cut()
    assert asked(pages.go_on(room, changed=changed)) == [(None, 1, None)]


def test_nobody_s_own_messages_need_no_audiences(pages: Pages) -> None:
    assert asked(pages.doubt_audiences(replica(2, 3, of=3, sender=ANN))) == []


def test_a_jump_is_overtaken_by_the_next(pages: Pages) -> None:
    room = replica(5, 8, of=20)
    assert asked(pages.seek(room, Part.OLDEST)) == [(None, 0, None)]
    assert not pages.overtaken("page-1")
    assert asked(pages.seek(room, Part.NEWEST)) == [(ID_MAX, None, None)]
    assert pages.overtaken("page-1")
    assert not pages.overtaken("page-2")


def test_a_doubt_that_nobody_waits_for_is_settled_when_one_looks(pages: Pages) -> None:
    room = replica(1, 4, of=4, sender=ME)
    pages.doubt()
    assert asked(pages.go_on(room, changed=False)) == [(None, 0, None)]
