"""What the menu of a message offers: what its keys would do, and nothing that they would refuse."""

import pytest

from chat_tui.keys import TABLE
from chat_tui.model.view import MessageView, ReplyView, Tick, TickState
from chat_tui.screens.menu import NOT_OF_A_MESSAGE, OF_THE_ROOM, offered

EVERYTHING = {key.action for key in offered(MessageView("1", 1, "Ann", "https://a.example", 0, own=True), TABLE)}


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
        (MessageView("1", 1, "Ann", "https://a.example", 0, own=False), {"watch", "edit"}),
        (MessageView("1", 1, "Ann", "none", 0, own=True), {"open"}),
        (
            MessageView("1", 1, "Ann", "message removed", 0, own=True, removed=True),
            {"open", "info", "watch", "delete", "copy"},
        ),
        (
            MessageView("n", None, "Ann", "https://a.example", 0, own=True, tick=Tick(TickState.QUEUED)),
            {"info", "watch", "delete", "mark_unread"},
        ),
    ],
)
def test_what_makes_no_sense_is_not_offered(message: MessageView, without: set[str]) -> None:
    assert missing(message) == without


def test_others_can_be_written_to_and_what_they_wrote_acknowledged() -> None:
    theirs = {key.action for key in offered(MessageView("1", 1, "Ann", "hi", 0, own=False), TABLE)}
    assert theirs >= {"acknowledge", "write_to_sender"}
    assert not EVERYTHING & {"acknowledge", "write_to_sender"}


def test_only_an_answer_leads_to_what_it_answers() -> None:
    answer = MessageView("2", 2, "Ann", "hi", 0, own=False, reply=ReplyView("Bob", "hello", 1))
    assert "parent" in {key.action for key in offered(answer, TABLE)}
    assert "parent" not in EVERYTHING


def test_what_is_about_the_message_comes_first() -> None:
    rows = [key.action in OF_THE_ROOM for key in offered(MessageView("1", 1, "Ann", "hi", 0, own=True), TABLE)]
    assert rows == sorted(rows)
    assert sum(rows) == len(OF_THE_ROOM)


def test_only_what_was_refused_can_be_retried_or_discarded() -> None:
    refused = MessageView("n", None, "Ann", "hi", 0, own=True, tick=Tick(TickState.REFUSED), reason="No.")
    assert {key.action for key in offered(refused, TABLE)} >= {"retry", "discard", "copy"}
