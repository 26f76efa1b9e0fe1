"""What the menu of a message offers: what its keys would do, and nothing that they would refuse."""

from dataclasses import replace

import pytest

from chat_tui.keys import TABLE
from chat_tui.model.view import MessageView, ReplyView, Tick, TickState
from chat_tui.screens.menu import (
    NOT_OF_A_MESSAGE,
    OF_ONES_OWN,
    OF_OTHERS,
    OF_THE_ROOM,
    OF_WHAT_CAN_BE_READ,
    OF_WHAT_IS_SENT,
    offered,
)

FULL = MessageView("1", 1, "Ann", "https://a.example", 0, own=True, reply=ReplyView("Bob", "hi", 2))
EVERYTHING = {key.action for own in (True, False) for key in offered(replace(FULL, own=own), TABLE)}


def missing(message: MessageView) -> set[str]:
    """What is offered of a message that answers one and has a link, and not of this one."""
    return EVERYTHING - {key.action for key in offered(message, TABLE)}


def test_no_key_that_moves_about_is_offered() -> None:
    assert {"info", "copy", "open", "watch", "delete", "mark_unread", "silence"} <= EVERYTHING
    assert not EVERYTHING & NOT_OF_A_MESSAGE
    assert not EVERYTHING & {"retry", "discard"}


@pytest.mark.parametrize(
    ("message", "without"),
    [
        (FULL, OF_OTHERS),
        (replace(FULL, own=False), OF_ONES_OWN),
        (replace(FULL, text="none"), {"open"} | OF_OTHERS),
        (replace(FULL, reply=None), {"parent"} | OF_OTHERS),
        (replace(FULL, text="message removed", removed=True), OF_WHAT_CAN_BE_READ | OF_OTHERS),
        (replace(FULL, id=None, tick=Tick(TickState.QUEUED)), OF_WHAT_IS_SENT | OF_OTHERS),
    ],
)
def test_what_makes_no_sense_is_not_offered(message: MessageView, without: set[str]) -> None:
    assert missing(message) == without


def test_what_is_about_the_room_comes_last() -> None:
    places = [key.action in OF_THE_ROOM for key in offered(FULL, TABLE)]
    assert any(places)
    assert places == sorted(places)


def test_only_what_was_refused_can_be_retried_or_discarded() -> None:
    refused = MessageView("n", None, "Ann", "hi", 0, own=True, tick=Tick(TickState.REFUSED), reason="No.")
    assert {key.action for key in offered(refused, TABLE)} >= {"retry", "discard", "copy"}
