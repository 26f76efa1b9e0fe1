"""The list of rooms: stable, safe to show, and with the right neighbours."""

import pytest
from msgspec.structs import replace

from chat_tui.model.dues import Dues
from chat_tui.model.owed import Mark, Owed
from chat_tui.model.room import Room
from chat_tui.model.sidebar import PersonView, RoomsView, acquaintances, survey
from tests.chat_tui.frames import ANN, BOB, ME, summary


def room(name: str, unread: int = 0) -> Room:
    known = Room(name, ME, str, lambda _: iter(()))
    told = replace(summary(9, first_unread=1 if unread else None, name=name), unread=unread)
    assert list(known.summarise(told, current=False, mark=None)) == []
    return known


def shown(current: str, owed: Owed | None = None, **unread: int) -> RoomsView:
    rooms = {name: room(name, count) for name, count in unread.items()}
    return survey(rooms.values(), rooms[current], Dues(owed or Owed(), str))


def test_rooms_are_by_name_whatever_waits_in_them() -> None:
    view = shown("b", a=0, C=7, b=2)
    assert [(each.name, each.unread, each.current) for each in view.rooms] == [
        ("a", 0, False),
        ("b", 2, True),
        ("C", 7, False),
    ]
    assert (view.elsewhere, view.waiting) == (7, 9)
    assert (view.rooms[0].title, view.rooms[0].online, view.rooms[0].members) == ("The a room", 2, 3)


def test_who_is_online_comes_first() -> None:
    assert shown("a", a=0).people == (
        PersonView(ANN, online=True, key=ANN),
        PersonView(ME, online=True, key=ME, me=True),
        PersonView(BOB, online=False, key=BOB),
    )


def test_conversations_of_two_come_after_rooms_by_the_name_of_the_other() -> None:
    rooms = [room("zoo"), room("@b"), room("@a")]
    for each, name in zip(rooms[1:], ("ann", "Bob"), strict=True):
        each.replica.direct, each.replica.title = True, name
    rooms[2].replica.online = {ME}
    lines = survey(rooms, rooms[0], Dues(Owed(), str)).rooms
    assert [(each.label, each.there) for each in lines] == [("#zoo", True), ("@ann", True), ("@Bob", False)]


def test_everybody_is_an_acquaintance_but_oneself() -> None:
    known = acquaintances([room("a"), room("b")])
    assert known == (PersonView(ANN, online=True, key=ANN), PersonView(BOB, online=False, key=BOB))


def test_names_are_made_safe_and_kept_as_they_are_beside_that() -> None:
    name = "a\x1b[2J"
    (line,) = survey([known := room(name)], known, Dues(Owed(), str)).rooms
    assert (line.key, "\x1b" in line.name) == (name, False)


def test_a_silenced_room_counts_nothing_a_marked_one_from_its_mark_and_a_draft_shows() -> None:
    owed = Owed(silenced=("a",), marks={"a": Mark(3, 4), "b": Mark(3, 4)}, drafts={"b": "I was"})
    first, second = shown("a", owed, a=2, b=2).rooms
    assert (first.unread, first.silenced, first.draft) == (0, True, False)
    assert (second.unread, second.silenced, second.draft) == (6, False, True)


def test_a_room_that_one_was_put_out_of_is_not_in_the_list() -> None:
    gone = room("gone")
    gone.moderation.removed = "You have left this room."
    view = survey([gone, room("a")], gone, Dues(Owed(), str))
    assert [each.name for each in view.rooms] == ["a"]
    assert [view.beside(step) for step in (1, -1)] == [view.rooms[0]] * 2
    assert view.next_unread() is None


@pytest.mark.parametrize(
    ("current", "step", "name"), [("a", 1, "b"), ("c", 1, "a"), ("a", -1, "c"), ("b", -1, "a")]
)
def test_the_rooms_beside_go_round(current: str, step: int, name: str) -> None:
    beside = shown(current, a=0, b=0, c=0).beside(step)
    assert beside is not None
    assert beside.name == name


def test_nothing_is_beside_nothing() -> None:
    assert RoomsView().beside(1) is None
    assert RoomsView().next_unread() is None


@pytest.mark.parametrize(("current", "name"), [("a", "b"), ("b", "d"), ("c", "d"), ("d", "b")])
def test_the_next_unread_room_is_below_or_else_above(current: str, name: str) -> None:
    found = shown(current, a=0, b=1, c=0, d=1).next_unread()
    assert found is not None
    assert found.name == name


def test_where_nothing_waits_elsewhere_there_is_no_next() -> None:
    assert shown("a", a=3, b=0).next_unread() is None
