"""Emoji by name: which there are, how wide they are, and that nothing else can be had by a name."""

import re

import pytest
from rich.cells import cell_len
from wcwidth import wcwidth

from chat_tui.text.emojinames import emoji_names, is_ours, name_of
from chat_tui.text.safetext import safe_text


@pytest.mark.parametrize(
    ("name", "emoji"),
    [
        ("smile", "😄"),
        ("+1", "👍"),
        ("-1", "👎"),
        ("tada", "🎉"),
        ("coffee", "☕"),
        ("hot_beverage", "☕"),
        ("grinning_face", "😀"),
        ("green_circle", "🟢"),
        ("heart", None),
        ("ninja", None),
        ("", None),
    ],
)
def test_names(name: str, emoji: str | None) -> None:
    assert emoji_names().get(name) == emoji


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("👍", ":thumbsup:"),
        ("💯", ":hundred_points_symbol:"),
        ("🎉!", ":tada:!"),
        ("❤", ":heavy_black_heart:"),
        ("👨👩", ":man::woman:"),
        ("\ue000", ":unnamed:"),
        ("ok", "ok"),
    ],
)
def test_what_stands_for_an_emoji_in_ascii(text: str, name: str) -> None:
    assert name_of(text) == name


def test_every_name_can_be_typed() -> None:
    assert len(emoji_names()) > 1_000
    assert all(re.fullmatch(r"[a-z0-9_+-]+", name) for name in emoji_names())


def test_all_agree_that_an_emoji_has_two_cells() -> None:
    for emoji in set(emoji_names().values()):
        assert (len(emoji), cell_len(emoji), wcwidth(emoji)) == (1, 2, 2), emoji
        assert safe_text(emoji) == emoji
        assert is_ours(emoji)


@pytest.mark.parametrize(
    "character", ["a", "❤", "✔", "\U0001f3fb", "\U0001f1e6", "\U0001f977", "字", "\U0001f53e"]
)
def test_what_is_none_of_ours(character: str) -> None:
    assert not is_ours(character)
