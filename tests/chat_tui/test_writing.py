"""What one writes: messages, replies and edits, and what comes back when these end."""

import pytest

from chat_tui.model.view import ReplyView
from chat_tui.model.writing import EDITING, Editing, Original, Verdict, Writing, as_sent

ASKED = ReplyView("ann", "at five?", 4)
MINE = Original(7, "yes, at five")


def test_at_first_it_is_a_message() -> None:
    writing = Writing()
    assert not writing
    assert writing.purpose == ""
    assert writing.end("a draft") == "a draft"


def test_a_reply_says_to_what_and_ends() -> None:
    writing = Writing()
    writing.reply = ASKED
    assert writing
    assert writing.purpose == "Replying to ann: at five?"
    writing.leave("of no account")
    assert writing.end("as written") == "as written"
    assert not writing


def test_an_edit_gives_back_what_was_written_before_and_the_reply() -> None:
    writing = Writing()
    writing.reply = ASKED
    assert writing.edit(MINE, "a draft") == "yes, at five"
    assert writing.purpose == EDITING
    writing.leave("yes, at six")
    assert writing.editing == Editing(MINE, "yes, at six", "a draft")
    assert writing.end("yes, at seven") == "a draft"
    assert writing.reply == ASKED


def test_an_edit_goes_on_with_what_the_server_did_not_take() -> None:
    assert Writing().edit(Original(7, "at five", unsaved="at six"), "") == "at six"
    assert Writing().edit(Original(7, "at five", unsaved=""), "") == ""


@pytest.mark.parametrize(
    ("original", "text", "verdict"),
    [
        ("hi", "hi", Verdict.SAME),
        ("\nhi \n", "hi", Verdict.SAME),
        ("hi", "ho", Verdict.OTHER),
        ("hi", " hi", Verdict.OTHER),
        ("hi", "", Verdict.EMPTY),
        ("hi", " \n ", Verdict.EMPTY),
    ],
)
def test_what_enter_means(original: str, text: str, verdict: Verdict) -> None:
    writing = Writing()
    writing.edit(Original(7, original), "")
    assert writing.judge(text) is verdict


def test_what_nobody_means_is_not_sent() -> None:
    assert as_sent("\n\n  one\n two \n\n ") == "  one\n two"
