"""What is said of what others do, by transcript."""

import pytest

from chat_server.protocol import Joined, Left, Muted
from chat_tui.model.effects import Show
from chat_tui.model.moderation import MUTED, Moderation
from tests.chat_tui.frames import ANN, BOB, ME, ROOM


@pytest.fixture
def moderation() -> Moderation:
    return Moderation(ME)


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (Left(room=ROOM, name=BOB), []),
        (Left(room=ROOM, name=BOB, by=ANN), [Show("bob was removed by ann.")]),
        (Left(room=ROOM, name="b\nb", by="a\x1bn", barred=True), [Show("b b was banned by a\\x1bn.")]),
        (Left(room=ROOM, name=BOB, by=ME), []),
        (Left(room=ROOM, name=ME, by=ANN), [Show("ann has removed you from this room.", is_warning=True)]),
        (
            Left(room=ROOM, name=ME, by=ANN, barred=True),
            [Show("ann has banned you from this room.", is_warning=True)],
        ),
        (Left(room=ROOM, name=ME), [Show("You have left this room.", is_warning=True)]),
        (Muted(room=ROOM, name=BOB, muted=True, by=ANN), [Show("bob was muted by ann.")]),
        (Muted(room=ROOM, name=BOB, muted=False, by=ANN), [Show("bob was unmuted by ann.")]),
        (Muted(room=ROOM, name=BOB, muted=True, by=ME), []),
        (
            Muted(room=ROOM, name=ME, muted=True, by=ANN),
            [Show("ann has muted you: you can read and not write.", is_warning=True)],
        ),
        (
            Muted(room=ROOM, name=ME, muted=False, by=ANN),
            [Show("ann lets you write again.", is_warning=True)],
        ),
        (Joined(room=ROOM, name=BOB), []),
    ],
)
def test_what_is_said_of_it(moderation: Moderation, frame: Joined | Left | Muted, told: list[Show]) -> None:
    assert list(moderation.hear(frame)) == told


def test_why_one_cannot_write(moderation: Moderation) -> None:
    assert moderation.closed({BOB}) == ""
    assert moderation.closed({ME}) == MUTED
    list(moderation.hear(Left(room=ROOM, name=BOB, by=ANN)))
    assert moderation.closed(()) == ""
    list(moderation.hear(Left(room=ROOM, name=ME, by=ANN)))
    assert moderation.closed({ME}) == "ann has removed you from this room."
    list(moderation.hear(Joined(room=ROOM, name=BOB)))
    assert moderation.removed
    list(moderation.hear(Joined(room=ROOM, name=ME)))
    assert moderation.closed({ME}) == MUTED
