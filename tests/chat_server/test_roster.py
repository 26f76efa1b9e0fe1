"""Who is connected, from the first byte to the last."""

import pytest

from chat_server.roster import Arrival, Roster
from tests.identities import NONCE, hello

HOME = "192.0.2.1"


def roster_of(*people: tuple[int, str]) -> Roster:
    roster = Roster()
    for connection, name in people:
        roster.arrive(connection, HOME, NONCE)
        roster.admit(connection, name)
    return roster


def test_a_connection_is_nobodys_until_it_is_admitted() -> None:
    roster = Roster()
    roster.arrive(1, HOME, NONCE)
    arrival = roster.arrival(1)
    assert arrival == Arrival(HOME, NONCE)
    arrival.hello = hello("ann")
    assert roster.arrival(1).hello == hello("ann")
    assert (roster.name(1), list(roster.online), roster.of("ann")) == (None, [], ())
    roster.admit(1, "ann")
    assert (roster.name(1), list(roster.online), roster.of("ann")) == ("ann", ["ann"], (1,))
    with pytest.raises(KeyError):
        roster.arrival(1)


def test_where_a_connection_comes_from_is_known_for_as_long_as_it_lasts() -> None:
    roster = Roster()
    roster.arrive(1, HOME, NONCE)
    roster.arrive(2, None, NONCE)
    roster.admit(1, "ann")
    assert [roster.address(each) for each in (1, 2)] == [HOME, None]
    roster.forget(1)
    with pytest.raises(KeyError):
        roster.address(1)


def test_one_person_has_many_connections_oldest_first() -> None:
    roster = roster_of((2, "ann"), (1, "bob"), (3, "ann"))
    assert (roster.of("ann"), roster.of("bob"), roster.of("cid")) == ((2, 3), (1,), ())
    assert roster.connections(["bob", "cid", "ann"]) == (1, 2, 3)
    assert list(roster.online) == ["ann", "bob"]


def test_only_the_last_connection_to_go_is_told() -> None:
    roster = roster_of((1, "ann"), (2, "ann"))
    assert roster.forget(1) is None
    assert list(roster.online) == ["ann"]
    assert roster.forget(2) == "ann"
    assert list(roster.online) == []


def test_whoever_was_nobody_is_forgotten_without_a_word() -> None:
    roster = Roster()
    roster.arrive(1, HOME, NONCE)
    assert roster.forget(1) is None
    assert roster.forget(1) is None
    with pytest.raises(KeyError):
        roster.arrival(1)


def test_what_is_being_closed_is_so_until_it_is_gone() -> None:
    roster = roster_of((1, "ann"))
    assert not roster.is_closing(1)
    roster.close(1)
    assert roster.is_closing(1)
    assert roster.of("ann") == (1,)
    assert roster.forget(1) == "ann"
    assert not roster.is_closing(1)


def test_connections_follow_their_owner_to_another_name() -> None:
    roster = roster_of((1, "ann"), (2, "bob"), (3, "ann"))
    roster.rename("ann", "anna")
    roster.rename("nobody", "somebody")
    assert [roster.name(each) for each in (1, 2, 3)] == ["anna", "bob", "anna"]
    assert (roster.of("ann"), roster.of("anna"), roster.of("somebody")) == ((), (1, 3), ())
    assert sorted(roster.online) == ["anna", "bob"]
    roster.forget(1)
    assert roster.forget(3) == "anna"


def test_presence_changes_with_every_connection_of_somebody() -> None:
    roster = roster_of((1, "ann"), (2, "ann"), (3, "bob"))
    seen = [roster.presence]
    roster.arrive(4, HOME, NONCE)
    roster.forget(4)
    assert roster.presence == seen[0]
    roster.forget(1)
    seen.append(roster.presence)
    roster.rename("bob", "ben")
    seen.append(roster.presence)
    roster.forget(3)
    assert len({*seen, roster.presence}) == 4
