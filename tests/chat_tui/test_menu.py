"""What the menu of a message offers: what its keys would do, and nothing that they would refuse."""

from dataclasses import replace

import pytest

from chat_tui.keys import TABLE
from chat_tui.model.view import MessageView, ReplyView, Tick, TickState
from chat_tui.screens.menu import NOT_OF_A_MESSAGE, offered

REPLY = ReplyView("Bob", "Where?", 1)
MINE = MessageView("2", 2, "Ann", "https://a.example", 0, own=True, reply=REPLY)
EVERYTHING = {key.action for key in offered(MINE, TABLE)}
"""What can be done with a message of one's own that has a link and answers another."""


def missing(message: MessageView) -> set[str]:
    """What is offered of a message of one's own with a link, and not of this one."""
    return EVERYTHING - {key.action for key in offered(message, TABLE)}


def test_no_key_that_moves_about_is_offered() -> None:
    assert {"info", "copy", "open", "watch", "delete", "mark_unread", "silence"} <= EVERYTHING
    assert not EVERYTHING & NOT_OF_A_MESSAGE
    assert not EVERYTHING & {"retry", "discard"}


@pytest.mark.parametrize(
    ("message", "without"),
    [
        (replace(MINE, text="none"), {"open"}),
        (replace(MINE, reply=None), {"parent"}),
        (replace(MINE, own=False), {"watch", "edit"}),
        (
            replace(MINE, text="message removed", removed=True),
            {"open", "info", "watch", "delete", "copy", "reply", "edit", "react", "pin"},
        ),
        (
            replace(MINE, key="n", id=None, tick=Tick(TickState.QUEUED)),
            {"info", "watch", "delete", "mark_unread", "reply", "edit", "react", "pin"},
        ),
    ],
)
def test_what_makes_no_sense_is_not_offered(message: MessageView, without: set[str]) -> None:
    assert missing(message) == without


def test_what_is_done_to_others_alone() -> None:
    theirs = {key.action for key in offered(replace(MINE, own=False), TABLE)}
    assert theirs - EVERYTHING == {"acknowledge", "write_to_sender"}


def test_only_what_was_refused_can_be_retried_or_discarded() -> None:
    refused = MessageView("n", None, "Ann", "hi", 0, own=True, tick=Tick(TickState.REFUSED), reason="No.")
    assert {key.action for key in offered(refused, TABLE)} >= {"retry", "discard", "copy"}
