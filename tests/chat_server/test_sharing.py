"""Who shares what they read, since when, and what is judged by it."""

import pytest

from chat_server.protocol import Mode
from chat_server.sharing import Sharing, Turn, is_coherent, turns_follow


def turned(*turns: Turn, has_read: bool = True) -> Sharing:
    """Ann's turns, one after the other."""
    sharing = Sharing()
    for each in turns:
        sharing.choose("ann", each, chosen=False, has_read=has_read)
    return sharing


def test_everybody_shares_until_they_choose_otherwise() -> None:
    sharing = Sharing()
    assert (sharing.mode("ann"), sharing.since("ann"), sharing.is_chosen("ann")) == ("public", 0, False)
    assert sharing.is_public_at("ann", 7)
    assert sharing.counts_after("ann", 7) == 0
    assert (sharing.turns, sharing.chosen) == ({}, ())


def test_what_is_read_is_judged_by_the_mode_at_its_revision() -> None:
    sharing = turned((5, 2, "private"), (9, 4, "public"), (12, 4, "off"))
    assert sharing.mode("ann") == "off"
    assert sharing.since("ann") == 12
    public = [each for each in range(1, 15) if sharing.is_public_at("ann", each)]
    assert public == [1, 2, 3, 4, 9, 10, 11]
    assert sharing.mode("bob") == "public"


def test_one_is_waited_for_from_the_message_on_before_which_one_turned_public() -> None:
    sharing = turned((5, 2, "private"), (9, 4, "public"), (12, 6, "off"))
    assert [sharing.counts_after("ann", each) for each in (4, 5, 8, 9, 11, 12)] == [0, None, None, 4, 4, None]


def test_the_same_mode_again_is_no_turn_but_may_be_chosen_for_the_room() -> None:
    sharing = turned((5, 2, "private"))
    sharing.choose("ann", (6, 3, "private"), chosen=True, has_read=True)
    assert sharing.turns == {"ann": [(5, 2, "private")]}
    assert (sharing.is_chosen("ann"), sharing.chosen) == (True, ("ann",))
    sharing.choose("ann", (7, 3, "private"), chosen=False, has_read=True)
    assert not sharing.is_chosen("ann")


def test_a_turn_that_has_decided_nothing_is_replaced() -> None:
    assert turned((5, 2, "private"), (6, 2, "public"), has_read=False).turns == {"ann": [(6, 2, "public")]}
    assert turned((5, 2, "private"), (6, 2, "public")).turns == {"ann": [(5, 2, "private"), (6, 2, "public")]}
    kept = turned((5, 2, "private"), (6, 3, "public"), has_read=False).turns
    assert kept == {"ann": [(5, 2, "private"), (6, 3, "public")]}


def test_however_often_one_turns_there_are_no_more_turns_than_messages() -> None:
    modes: tuple[Mode, ...] = ("private", "off", "public")
    sharing = turned(*((each, each // 100, modes[each % 3]) for each in range(1, 1_000)), has_read=False)
    assert len(sharing.turns["ann"]) == 10


def test_all_that_was_one_names_is_anothers() -> None:
    sharing = turned((5, 2, "private"))
    sharing.choose("bob", (6, 2, "off"), chosen=True, has_read=False)
    sharing.rename("bob", "ben")
    assert sharing.turns == {"ann": [(5, 2, "private")], "ben": [(6, 2, "off")]}
    assert sharing.chosen == ("ben",)


def test_what_is_kept_is_a_copy() -> None:
    sharing = turned((5, 2, "private"))
    again = Sharing(sharing.turns, sharing.chosen)
    again.choose("ann", (6, 3, "public"), chosen=True, has_read=True)
    assert sharing.turns == {"ann": [(5, 2, "private")]}
    assert again.turns == {"ann": [(5, 2, "private"), (6, 3, "public")]}


@pytest.mark.parametrize(
    ("turns", "follow"),
    [
        ([], True),
        ([(1, 0, "private"), (9, 4, "public")], True),
        ([(0, 0, "private")], False),
        ([(10, 0, "private")], False),
        ([(3, 2, "private"), (3, 2, "public")], False),
        ([(3, 2, "private"), (4, 1, "public")], False),
        ([(3, 5, "private")], False),
    ],
)
def test_turns_ascend_within_their_room(turns: list[Turn], follow: bool) -> None:  # noqa: FBT001
    assert turns_follow(turns, 9, 4) == follow
    assert is_coherent({"ann": turns}, (), {"ann"}, 9, 4) == follow


def test_turns_and_choices_are_of_people_whom_the_room_knows() -> None:
    assert not is_coherent({"ann": []}, (), {"bob"}, 9, 4)
    assert not is_coherent({}, ("ann",), {"bob"}, 9, 4)
    assert is_coherent({}, ("bob",), {"bob"}, 9, 4)


def test_who_hides_is_kept_at_hand_and_replaced_when_it_changes() -> None:
    sharing = turned((5, 2, "private"))
    hiding = sharing.hiding
    assert hiding == {"ann"} == Sharing(sharing.turns).hiding
    sharing.choose("ann", (6, 3, "private"), chosen=True, has_read=True)
    assert sharing.hiding is hiding
    sharing.rename("ann", "anna")
    assert sharing.hiding == {"anna"}
    sharing.choose("anna", (7, 3, "public"), chosen=True, has_read=True)
    assert sharing.hiding == frozenset()
