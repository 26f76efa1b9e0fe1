"""What can be a name, and which connections are one person's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.identity import Claim, objection
from chat_server.protocol import NAME_CHARS_MAX

GOOD = [
    "JohnDoe",
    "a",
    "ünïcødé",
    "山田太郎",
    "عمر",
    "o'neil-2.0_x",
    "नमस्ते",
    "🦊",
    "a" * NAME_CHARS_MAX,
    "🦊" * NAME_CHARS_MAX,
]

BAD = {
    "empty": ("", "The name is empty."),
    "too long": ("a" * (NAME_CHARS_MAX + 1), "The name is longer than 32 characters."),
    "space": ("John Doe", "U+0020"),
    "no-break space": ("John\u00a0Doe", "U+00A0"),
    "line": ("John\nDoe", "U+000A"),
    "escape": ("\x1b[2J", "U+001B"),
    "C1 control": ("a\x9b", "U+009B"),
    "line separator": ("a\u2028", "U+2028"),
    "paragraph separator": ("a\u2029", "U+2029"),
    "right-to-left override": ("\u202eeoD", "U+202E"),
    "isolate": ("a\u2066", "U+2066"),
    "zero-width space": ("John\u200bDoe", "U+200B"),
    "zero-width joiner": ("John\u200dDoe", "U+200D"),
    "byte order mark": ("\ufeffJohn", "U+FEFF"),
    "tag": ("a\U000e0041", "U+E0041"),
    "surrogate": ("a\ud800", "U+D800"),
    "unassigned": ("a\u0378", "U+0378"),
    "noncharacter": ("a\uffff", "U+FFFF"),
    "private use": ("\ue000", "U+E000"),
    "Hangul filler": ("John\u3164", "U+3164"),
    "variation selector": ("John\ufe0f", "U+FE0F"),
    "variation selector of another plane": ("John\U000e0100", "U+E0100"),
    "grapheme joiner": ("Jo\u034fhn", "U+034F"),
    "braille blank": ("\u2800", "U+2800"),
    "decomposed": ("Zoe\u0308", "The name is not in composed form (Unicode NFC)."),
    "combining mark first": ("\u0301a", "The name begins with a combining mark."),
    "enclosing mark first": ("\u20dda", "The name begins with a combining mark."),
    "vowel sign first": ("\u093ea", "The name begins with a combining mark."),
}


@pytest.mark.parametrize("name", GOOD)
def test_letters_digits_and_signs_of_any_script_are_fine(name: str) -> None:
    assert objection(name) is None


@pytest.mark.parametrize(("name", "reason"), BAD.values(), ids=BAD)
def test_what_is_wrong_with_a_name_is_said(name: str, reason: str) -> None:
    objected = objection(name)
    assert objected is not None
    assert reason in objected


def test_the_sentence_says_what_is_named() -> None:
    assert objection("", what="room's name") == "The room's name is empty."


@given(st.text(st.characters(), max_size=NAME_CHARS_MAX + 8))
def test_any_text_is_judged_and_what_passes_can_be_encoded_and_is_bounded(name: str) -> None:
    if objection(name) is None:
        assert 1 <= len(name) <= NAME_CHARS_MAX
        assert name.encode().decode() == name
        assert name.split() == [name]
    else:
        assert (objection(name) or "").isprintable()


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (Claim("a", None, None), Claim("a", None, None), False),
        (Claim("a", None, "w"), Claim("a", None, "w"), True),
        (Claim("a", None, "w"), Claim("a", None, "v"), False),
        (Claim("a", None, "w"), Claim("a", None, None), False),
        (Claim("a", "k", None), Claim("a", "k", None), True),
        (Claim("a", "k", "w"), Claim("a", "k", "v"), True),
        (Claim("a", "k", "w"), Claim("a", "l", "w"), False),
        (Claim("a", "k", "w"), Claim("a", None, "w"), False),
    ],
)
def test_devices_of_one_person_share_the_key_or_else_the_word(left: Claim, right: Claim, *, same: bool) -> None:
    assert left.same_owner(right) is same
    assert right.same_owner(left) is same
