"""Pastes with control characters, cut anywhere: one paste event with harmless text, and no key of theirs."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.drivers import linux_driver
from textual.events import Key, Paste

from chat_tui.terminal.pastes import END, START, PasteCleaner, SafeParser, install
from chat_tui.text.safetext import safe_text

TYPED = st.text(st.characters(exclude_characters="\x1b"), max_size=20)
PASTED = st.text(max_size=20).filter(lambda text: END not in text + END[:-1])


def in_pieces(text: str, cuts: list[int]) -> list[str]:
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[start:end] for start, end in pairwise(places)]


@given(TYPED, PASTED, TYPED, st.lists(st.integers(0), max_size=6))
def test_only_what_is_between_the_marks_is_changed(before: str, paste: str, after: str, cuts: list[int]) -> None:
    cleaner = PasteCleaner()
    text = before + START + paste + END + after
    cleaned = "".join(cleaner.clean(piece) for piece in in_pieces(text, cuts))
    head, _, rest = cleaned.partition(START)
    inside, _, tail = rest.partition(END)
    assert (head, tail) == (before, after)
    assert "\x1b" not in inside
    if not cuts:
        assert inside == safe_text(paste)


def test_two_pastes_in_a_row() -> None:
    once = f"{START}a\x1bb{END}"
    assert PasteCleaner().clean(once + once) == f"{START}a\\x1bb{END}" * 2


@pytest.mark.parametrize("cut", range(len(START) + 4 + len(END)))
def test_cut_anywhere(cut: int) -> None:
    text = f"{START}a\x1b[b{END}"
    cleaner = PasteCleaner()
    assert cleaner.clean(text[:cut]) + cleaner.clean(text[cut:]) == f"{START}a\\x1b[b{END}"


def test_outside_of_a_paste_nothing_is_held_back() -> None:
    cleaner = PasteCleaner()
    for character in START[:-1]:
        assert cleaner.clean(character) == character


def test_the_parser_makes_one_paste_of_it_and_no_key() -> None:
    parser = SafeParser()
    events = [*parser.feed(f"x{START}one\r\x1b[31m\rtwo{END[:3]}"), *parser.feed(f"{END[3:]}y")]
    assert [
        event.key if isinstance(event, Key) else event.text for event in events if isinstance(event, Key | Paste)
    ] == [
        "x",
        "one\n\\x1b[31m\ntwo",
        "y",
    ]


def test_the_driver_parses_with_it() -> None:
    install()
    assert vars(linux_driver)["XTermParser"] is SafeParser
