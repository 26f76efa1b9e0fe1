"""Pins and reactions."""

import pytest

from chat_server import marks as marks_module
from chat_server.marks import Marks, PinRow, ReactionRow, fits
from chat_server.protocol import PINS_MAX, REACTIONS_MAX


def lived() -> Marks:
    marks = Marks()
    marks.pin(7, "ann", 1)
    marks.pin(3, "bob", 2)
    marks.react(7, "bob", "+")
    marks.react(7, "ann", "+")
    marks.react(7, "bob", "-")
    return marks


def test_what_is_there_is_told_in_the_order_of_its_coming() -> None:
    marks = lived()
    assert marks.pinned == (7, 3)
    assert [marks.pinned_by(each) for each in (7, 3, 1)] == ["ann", "bob", None]
    assert marks.reactions(7) == {"+": ("bob", "ann"), "-": ("bob",)}
    assert marks.reactions(3) == {}
    assert [marks.has_reacted(7, "ann", each) for each in "+-"] == [True, False]
    assert not marks.has_reacted(3, "ann", "+")


def test_it_goes_on_from_its_rows_as_it_was() -> None:
    marks = lived()
    again = Marks(marks.pin_rows(), marks.reaction_rows())
    assert marks.pin_rows() == again.pin_rows() == ((7, "ann", 1), (3, "bob", 2))
    assert marks.reaction_rows() == again.reaction_rows() == ((7, "+", ("bob", "ann")), (7, "-", ("bob",)))


def test_what_is_taken_away_leaves_nothing() -> None:
    marks = lived()
    marks.unpin(7)
    marks.unreact(7, "bob", "+")
    assert (marks.pinned, marks.reactions(7)) == ((3,), {"+": ("ann",), "-": ("bob",)})
    marks.unreact(7, "ann", "+")
    marks.unreact(7, "bob", "-")
    assert marks.reaction_rows() == ()


def test_what_is_forgotten_is_gone_and_can_be_forgotten_again() -> None:
    marks = lived()
    for _ in range(2):
        marks.forget(7)
        assert (marks.pinned, marks.reaction_rows()) == ((3,), ())


def test_a_name_is_another_in_its_place() -> None:
    marks = lived()
    marks.rename("bob", "ben")
    assert marks.pin_rows() == ((7, "ann", 1), (3, "ben", 2))
    assert marks.reaction_rows() == ((7, "+", ("ben", "ann")), (7, "-", ("ben",)))


def test_pins_have_a_bound() -> None:
    marks = Marks()
    for each in range(1, PINS_MAX + 1):
        assert not marks.is_pinned_full
        marks.pin(each, "ann", 1)
    assert marks.is_pinned_full
    with pytest.raises(AssertionError):
        marks.pin(PINS_MAX + 1, "ann", 1)


def test_kinds_of_reactions_have_a_bound_and_so_have_those_who_react(monkeypatch: pytest.MonkeyPatch) -> None:
    marks = Marks()
    for each in range(REACTIONS_MAX):
        assert marks.takes(1, str(each))
        marks.react(1, "ann", str(each))
    assert not marks.takes(1, "+")
    assert marks.takes(1, "0")
    monkeypatch.setattr(marks_module, "REACTORS_MAX", REACTIONS_MAX)
    assert not marks.takes(1, "0")
    with pytest.raises(AssertionError):
        marks.react(1, "bob", "0")


def test_what_is_there_already_or_is_not_is_a_bug_of_ours() -> None:
    marks = lived()
    with pytest.raises(AssertionError):
        marks.pin(7, "bob", 1)
    with pytest.raises(AssertionError):
        marks.unpin(1)
    with pytest.raises(AssertionError):
        marks.react(7, "bob", "+")
    for message_id, name, emoji in ((7, "ann", "-"), (7, "cid", "+"), (3, "ann", "+")):
        with pytest.raises(AssertionError):
            marks.unreact(message_id, name, emoji)


MANY = tuple(map(str, range(REACTIONS_MAX + 1)))


@pytest.mark.parametrize(
    ("pins", "reactions", "expected"),
    [
        ([], [], True),
        ([(1, "ann", 1), (2, "ann", 1)], [(1, "+", ("ann", "bob")), (1, "-", ("ann",))], True),
        ([(1, "ann", 1), (1, "ann", 1)], [], False),
        ([(9, "ann", 1)], [], False),
        ([(each % 3 + 1, "ann", 1) for each in range(PINS_MAX + 1)], [], False),
        ([], [(9, "+", ("ann",))], False),
        ([], [(1, "+", ("ann",)), (1, "+", ("bob",))], False),
        ([], [(1, "+", ())], False),
        ([], [(1, " ", ("ann",))], False),
        ([], [(1, "+", ("ann", "ann"))], False),
        ([], [(1, each, ("ann",)) for each in MANY[1:]], True),
        ([], [(1, each, ("ann",)) for each in MANY], False),
        ([], [(1, "+", tuple(map(str, range(1_000))))], True),
        ([], [(1, "+", tuple(map(str, range(1_001))))], False),
    ],
)
def test_whether_they_can_be_a_rooms(pins: list[PinRow], reactions: list[ReactionRow], *, expected: bool) -> None:
    assert fits(pins, reactions, lambda each: each <= 3) is expected
