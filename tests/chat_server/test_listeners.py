"""Who hears a room, kept as long as it is so, against asking everybody anew."""

from collections.abc import Callable

import pytest

from chat_server.listeners import Heard, Listeners
from chat_server.protocol import Mode
from chat_server.room import Departed, Entered, Opened, Room, Shared
from chat_server.roster import Roster
from tests.identities import NONCE


def connect(roster: Roster, connection: int, name: str) -> None:
    roster.arrive(connection, None, NONCE)
    roster.admit(connection, name)


def enter(room: Room, name: str) -> None:
    room.apply(Entered(room="tea", name=name, at=1))


def choose(room: Room, name: str, mode: Mode) -> None:
    room.apply(Shared(room="tea", name=name, mode=mode, chosen=True))


@pytest.fixture
def roster() -> Roster:
    """Ann on 1 and 4, Bob on 2, Cid on 3."""
    roster = Roster()
    for connection, name in enumerate(("ann", "bob", "cid", "ann"), 1):
        connect(roster, connection, name)
    return roster


@pytest.fixture
def room() -> Room:
    """Of Ann, Bob and Dan."""
    room = Room("tea")
    room.apply(Opened(room="tea", title="tea", at=0))
    for each in ("ann", "bob", "dan"):
        enter(room, each)
    return room


def test_members_hear_a_room_on_all_their_connections(roster: Roster, room: Room) -> None:
    assert Listeners(roster).of(room) == Heard(sharing=(1, 4, 2), hiding=(), sharers=3)


def test_those_who_hide_hear_it_apart(roster: Roster, room: Room) -> None:
    choose(room, "ann", "private")
    assert Listeners(roster).of(room) == Heard(sharing=(2,), hiding=(1, 4), sharers=2)


@pytest.mark.parametrize(
    ("change", "heard"),
    [
        (lambda _, room: enter(room, "cid"), Heard((1, 4, 2, 3), (), 4)),
        (lambda _, room: room.apply(Departed(room="tea", name="bob", at=2)), Heard((1, 4), (), 2)),
        (lambda _, room: choose(room, "bob", "off"), Heard((1, 4), (2,), 2)),
        (lambda roster, _: connect(roster, 5, "dan"), Heard((1, 4, 2, 5), (), 3)),
        (lambda roster, _: roster.forget(1), Heard((4, 2), (), 3)),
        (lambda roster, _: roster.rename("cid", "dan"), Heard((1, 4, 2, 3), (), 3)),
        (lambda _, room: room.rename("bob", "cid"), Heard((1, 4, 3), (), 3)),
    ],
    ids=["enters", "leaves", "hides", "connects", "hangs up", "another's connection", "another's place"],
)
def test_it_is_found_again_when_it_is_another(
    change: Callable[[Roster, Room], object], heard: Heard, roster: Roster, room: Room
) -> None:
    listeners = Listeners(roster)
    listeners.of(room)
    change(roster, room)
    assert listeners.of(room) == heard == Listeners(roster).of(room)


def test_it_is_not_looked_for_while_nothing_changes(roster: Roster, room: Room) -> None:
    listeners = Listeners(roster)
    assert listeners.of(room) is listeners.of(room)


def test_rooms_are_told_apart(roster: Roster, room: Room) -> None:
    listeners, other = Listeners(roster), Room("milk")
    assert listeners.of(room).sharers == 3
    assert listeners.of(other) == Heard((), (), 0)


def test_all_but_one_person(roster: Roster, room: Room) -> None:
    choose(room, "bob", "private")
    heard = Listeners(roster).of(room)
    assert heard.without((1, 4)) == Heard((), (2,), 2)
    assert heard.without((2,)) == Heard((1, 4), (), 2)
    assert heard.without((3,)) == heard.without(()) == heard
