"""Everything that a peer can write comes out harmless, visible, and as wide as it is measured."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size

from chat_tui.text.safetext import MARKS_MAX, bounded, safe_line, safe_text

ANY_TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=[]),
        st.sampled_from("a \n\r\t\x1b\x07\x9b\u200d\u200c\u202e\u0301\ufe0f\U0001f3fb\U0001f469\U0001f4bb\u0627"),
    )
)


def assert_harmless(text: str) -> None:
    """State what `safe_text` promises of what it returns."""
    for character in set(text) - {"\n"}:
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}, ascii(character)
        assert not "\ufe00" <= character <= "\ufe0f"
    for line in text.split("\n"):
        assert_bounded(line)


def assert_bounded(line: str) -> None:
    """A line is as wide as its characters are, begins with a base, and has few marks on each."""
    if line.isascii():
        assert cell_len(line) == len(line)
        return
    widths = [get_character_cell_size(character) for character in line]
    assert cell_len(line) == sum(widths)
    assert widths[0] > 0
    marks = "".join("b" if width else "m" for width in widths)
    assert "m" * (MARKS_MAX + 1) not in marks


@pytest.mark.parametrize("plane", range(0x11))
def test_every_code_point(plane: int) -> None:
    for start in range(plane << 16, (plane + 1) << 16, 4096):
        block = [chr(code) for code in range(start, start + 4096)]
        lines = [f"a{character}b" for character in block]
        shown = safe_text("\x1b" + "\n".join(lines))
        assert_harmless(shown)
        assert safe_text(shown) == shown
        # What passes without a closer look is what would also pass with one.
        assert shown == "\\x1b" + "\n".join(map(safe_text, lines))


@pytest.mark.parametrize("character", map(chr, range(0x20, 0x7F)))
def test_printable_ascii_is_left_alone(character: str) -> None:
    assert safe_text(character) == character


@given(ANY_TEXT)
def test_any_text_is_harmless_and_stays_as_it_is(text: str) -> None:
    shown = safe_text(text)
    assert_harmless(shown)
    assert safe_text(shown) == shown
    line = safe_line(text)
    assert "\n" not in line
    assert safe_line(line) == line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with \\x1b written out", "plain, with \\x1b written out"),
        ("Zażółć gęślą, Привет, 你好, こんにちは, 안녕", "Zażółć gęślą, Привет, 你好, こんにちは, 안녕"),
        ("\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"),
        ("\x1b[31mred\x9b0m", "\\x1b[31mred\\x9b0m"),
        ("a\x00b\x7fc\x85d", "a\\x00b\\x7fc\\x85d"),
        ("one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        ("\tindented", "    indented"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\u2066x\u2069\u200e\u061c", "\\u2066x\\u2069\\u200e\\u061c"),
        ("a\u200bb\u2060c\ufeff", "a\\u200bb\\u2060c\\ufeff"),
        ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
        ("\ud800\ue000\U000f0000\u0378", "\\ud800\\ue000\\U000f0000\\u0378"),
        ("pay\u200dpal", "pay\\u200dpal"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645"),
        ("\u2764\ufe0f \u2714\ufe0e 1\ufe0f\u20e3", "\u2764 \u2714 1"),
        ("\U0001f44d\U0001f3fd", "\U0001f44d"),
        ("\U0001f469\U0001f3fd\u200d\U0001f4bb", "\U0001f469\U0001f4bb"),
        ("\U0001f1e9\U0001f1ea", "DE"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001f3f4"),
        ("\U000e0041hidden", "\\U000e0041hidden"),
        ("\U0001fae8\U0001f6dc", "\U0001fae8\U0001f6dc"),
        ("\u3164 Hangul filler", "\\u3164 Hangul filler"),
        ("do\u00adnau", "donau"),
        ("e\u0301", "e\u0301"),
        ("\u0301x\n\u0336y", "\\u0301x\n\\u0336y"),
        ("Z" + "\u0300" * 50 + "a", "Z" + "\u0300" * MARKS_MAX + "a"),
        ("[bold]not markup[/x]", "[bold]not markup[/x]"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert safe_text(text) == shown


def test_a_line_stays_one_line() -> None:
    assert safe_line("John\r\nDoe\x07") == "John Doe\\x07"


def test_a_bounded_line_says_that_it_goes_on() -> None:
    assert bounded("x" * 5, 5) == "xxxxx"
    assert bounded("x" * 6, 5) == "xxxx…"
    assert bounded("a\nb\tc", 20) == "a b    c"


@pytest.mark.parametrize("length", [0, 1, 4000])
def test_long_plain_text_is_returned_as_it_is(length: int) -> None:
    text = "wörd 字 " * length
    assert safe_text(text) is text
