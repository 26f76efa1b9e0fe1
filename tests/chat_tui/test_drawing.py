"""How a message of the server's is drawn."""

import pytest
from msgspec.structs import replace

from chat_tui.model.drawing import FURTHER_UP, REMOVED, SNIPPET_CHARS, draw, quote, quote_unknown, tick_of
from chat_tui.model.view import MessageView, ReplyView, Tick, TickState
from tests.chat_tui.frames import ANN, ME, message

SAID = ReplyView(ANN, "at five?", 1)


def drawn(sender: str = ANN, *, read_by: int = 0, pinned: bool = False, **told: object) -> MessageView:
    return draw(replace(message(3, sender), **told), ME, SAID, read_by=read_by, late=0, pinned=pinned)


@pytest.mark.parametrize(
    ("audience", "read_by", "late", "tick"),
    [
        (2, 0, 0, Tick(TickState.SENT, 0, 2)),
        (0, 0, 0, Tick(TickState.SENT, 0, 0)),
        (2, 1, 0, Tick(TickState.READ, 1, 2)),
        (2, 2, 0, Tick(TickState.READ_BY_ALL, 2, 2)),
        (2, 2, 1, Tick(TickState.READ, 2, 3)),
        (1, 2, 0, Tick(TickState.READ_BY_ALL, 2, 2)),
    ],
)
def test_a_tick_is_of_who_has_read_out_of_whom_it_was_sent_to(
    audience: int, read_by: int, late: int, tick: Tick
) -> None:
    assert tick_of(audience, read_by, late) == tick


def test_another_s_message_has_no_tick() -> None:
    view = drawn(read_by=1)
    assert (view.key, view.id, view.sender, view.text, view.at_ms) == ("3", 3, ANN, "text 3", 1_003)
    assert view.reply == SAID
    assert (view.own, view.tick, view.removed, view.edited, view.pinned) == (False, None, False, False, False)


def test_one_s_own_has_one() -> None:
    assert drawn(ME, read_by=1).tick == Tick(TickState.READ, 1, 2)


def test_what_is_foreign_is_made_safe() -> None:
    view = drawn("a\x1bnn", content="\x1b]52;c;x\x07", reactions={"\u202e": ("bob",)})
    assert (view.sender, view.text) == ("a\\x1bnn", "\\x1b]52;c;x\\x07")
    assert view.reactions == (("\\u202e", 1, False),)


def test_what_was_done_with_it_is_shown() -> None:
    view = drawn(edition=1, reactions={"+": (ANN, ME)}, pinned=True)
    assert (view.edited, view.pinned, view.reactions) == (True, True, (("+", 2, True),))


@pytest.mark.parametrize(("by", "text"), [(ANN, "message removed by ann"), ("", "message removed")])
def test_of_a_removed_one_only_that_is_left(by: str, text: str) -> None:
    view = drawn(
        ME, content="", edition=1, reactions={"+": (ME,)}, deleted_at=9, deleted_by=by, pinned=True, read_by=1
    )
    assert (view.text, view.removed, view.tick) == (text, True, None)
    assert (view.edited, view.pinned, view.reactions) == (False, False, ())


def test_a_quote_is_the_beginning_on_one_line_made_safe() -> None:
    said = quote(replace(message(4, "a\x1bn"), content=" one\n\n\ttwo\x07  three "))
    assert said == ReplyView("a\\x1bn", "one two\\x07 three", 4)
    assert said.line == "a\\x1bn: one two\\x07 three"
    assert quote(replace(message(4), content="long " * 2_000)).snippet == ("long " * 2_000)[:SNIPPET_CHARS]


def test_a_quote_of_what_is_deleted_or_not_at_hand_says_so() -> None:
    assert quote(replace(message(4), content="", deleted_at=9)) == ReplyView(ANN, REMOVED, 4)
    assert quote_unknown(4).line == FURTHER_UP
