"""Ticks as text."""

import pytest

from chat_tui.model.view import GLYPHS, ConversationView, ReplyView, Tick, TickState, tick_text


@pytest.mark.parametrize(
    ("tick", "text", "ascii_text"),
    [
        (Tick(TickState.QUEUED), "…", "."),
        (Tick(TickState.SENT), "✓", "v"),
        (Tick(TickState.SENT, 0, 5), "✓", "v"),
        (Tick(TickState.READ, 1, 1), "✓✓", "vv"),
        (Tick(TickState.READ, 2, 5), "✓✓ 2/5", "vv 2/5"),
        (Tick(TickState.READ_BY_ALL, 1, 1), "✓✓", "VV"),
        (Tick(TickState.READ_BY_ALL, 5, 5), "✓✓ 5/5", "VV 5/5"),
        (Tick(TickState.REFUSED), "!", "!"),
    ],
)
def test_tick_text(tick: Tick, text: str, ascii_text: str) -> None:
    assert tick_text(tick, ascii_only=False) == text
    assert tick_text(tick, ascii_only=True) == ascii_text


def test_each_state_has_a_shape_of_its_own_in_ascii() -> None:
    assert list(GLYPHS) == list(TickState)
    assert len({ascii_form for _, ascii_form in GLYPHS.values()}) == len(TickState)
    assert all(ascii_form.isascii() for _, ascii_form in GLYPHS.values())


def test_an_empty_conversation_is_whole() -> None:
    view = ConversationView()
    assert view.at_start
    assert view.at_end
    assert not view.messages


def test_a_quote_names_who_said_it_where_that_is_known() -> None:
    assert ReplyView("ann", "at five?", 4).line == "ann: at five?"
    assert ReplyView("", "a message further up", 4).line == "a message further up"
