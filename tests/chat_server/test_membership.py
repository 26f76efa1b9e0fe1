"""The people of a room, by themselves; what a room makes of them is in `test_room`."""

import pytest

from chat_server.membership import Membership
from chat_server.records import Barred, Muted, Unbarred, Unmuted

BARRED = Barred(room="den", name="bob", by="ann", at=7)
MUTED = Muted(room="den", name="bob", by="ann", at=8)


def people() -> Membership:
    """Ann since the beginning, and bob since message 3."""
    membership = Membership()
    membership.enter("ann", 0)
    membership.enter("bob", 3)
    return membership


def test_members_are_in_the_order_of_their_first_joining() -> None:
    membership = people()
    told = [membership.members]
    assert membership.members is told[0]
    membership.leave("ann", 4)
    told.append(membership.members)
    membership.enter("ann", 6)
    told.append(membership.members)
    assert told == [("ann", "bob"), ("bob",), ("ann", "bob")]
    assert membership.sent_to("ann", 9) == ((1, 4), (7, 9))
    assert membership.sent_to("nobody", 9) == ()


def test_who_was_here_is_known_when_they_have_left() -> None:
    membership = people()
    membership.leave("ann", 4)
    assert membership.known == ("ann", "bob")


def test_what_was_told_of_members_stays_as_it_was() -> None:
    membership = people()
    before = membership.members
    membership.leave("bob", 5)
    assert before == ("ann", "bob")


def test_whoever_is_barred_is_put_out_and_kept_out() -> None:
    membership = people()
    membership.sanction(BARRED, 5)
    assert (membership.members, membership.is_barred("bob")) == (("ann",), True)
    assert membership.stays["bob"] == [(3, 5)]
    with pytest.raises(AssertionError):
        membership.enter("bob", 5)
    membership.sanction(Unbarred(room="den", name="bob", by="ann", at=9), 5)
    membership.enter("bob", 5)
    assert membership.members == ("ann", "bob")


def test_whoever_is_muted_stays() -> None:
    membership = people()
    membership.sanction(MUTED, 5)
    assert (membership.is_muted("bob"), membership.is_member("bob")) == (True, True)
    assert membership.muted == {"bob": ("ann", 8)}
    membership.sanction(Unmuted(room="den", name="bob", by="ann", at=9), 5)
    assert membership.muted == {}


def test_whoever_has_left_can_be_barred() -> None:
    membership = people()
    membership.leave("bob", 4)
    membership.sanction(BARRED, 5)
    assert membership.stays["bob"] == [(3, 4)]


def test_a_new_name_has_all_that_was_the_old_ones() -> None:
    membership = people()
    membership.sanction(MUTED, 5)
    membership.sanction(Barred(room="den", name="ann", by="bob", at=9), 5)
    membership.rename("bob", "rob")
    assert membership.members == ("rob",)
    assert membership.muted == {"rob": ("ann", 8)}
    assert membership.barred == {"ann": ("rob", 9)}
    assert not membership.has_met("bob")


def test_what_is_kept_is_a_copy() -> None:
    membership = people()
    membership.sanction(MUTED, 5)
    again = Membership(membership.stays, membership.barred, membership.muted)
    membership.leave("bob", 5)
    membership.stays["ann"].clear()
    assert again.members == ("ann", "bob")
    assert membership.members == ("ann",)
    assert again.is_muted("bob")


@pytest.mark.parametrize(
    "act",
    [
        lambda each: each.enter("bob", 5),
        lambda each: each.leave("cid", 5),
        lambda each: each.sanction(Barred(room="den", name="cid", by="ann", at=1), 5),
        lambda each: each.sanction(Unbarred(room="den", name="bob", by="ann", at=1), 5),
        lambda each: each.sanction(Unmuted(room="den", name="bob", by="ann", at=1), 5),
        lambda each: (each.sanction(MUTED, 5), each.sanction(MUTED, 5)),
        lambda each: each.rename("ann", "bob"),
    ],
)
def test_what_cannot_be_is_a_bug(act: object) -> None:
    assert callable(act)
    with pytest.raises(AssertionError):
        act(people())


def test_who_was_sent_a_message_was_a_member_then() -> None:
    membership = people()
    membership.leave("ann", 4)
    membership.enter("ann", 6)
    assert [membership.was_sent("ann", each) for each in (1, 4, 5, 6, 7)] == [True, True, False, False, True]
    assert [membership.was_sent("bob", each) for each in (3, 4)] == [False, True]
    assert not membership.was_sent("nobody", 1)
    assert membership.sent_to("bob", 9) == ((4, 9),)
    assert membership.sent_to("bob", 3) == ()


def test_which_members_are_muted_comes_in_their_order() -> None:
    membership = people()
    told = [membership.muted_members]
    membership.sanction(MUTED, 5)
    told.append(membership.muted_members)
    membership.leave("bob", 6)
    told.append(membership.muted_members)
    assert told == [(), ("bob",), ()]
