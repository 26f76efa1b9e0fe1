"""Rows are never too wide, nothing but spaces is lost at their ends, and marks stay with their base."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chat_tui.text.safetext import safe_text
from chat_tui.widgets.wrapping import cut, shorten, wrap

TEXT = st.text(st.one_of(st.sampled_from("ab  \n字é\u0301👍-"), st.characters(exclude_categories=["Cs"])))


@given(TEXT.map(safe_text), st.integers(2, 30))
def test_rows_hold_the_text(text: str, width: int) -> None:
    rows = wrap(text, width)
    starts = [start for start, _ in rows]
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    end = 0
    for start, piece in rows:
        assert cell_len(piece) <= width
        assert text[start : start + len(piece)] == piece
        assert text[end:start].strip(" \n") == ""
        assert text[end:start].count("\n") <= 1
        assert not piece or cell_len(piece[0]) > 0
        end = start + len(piece)
    assert text[end:].strip(" ") == ""


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("", 5, [""]),
        ("one two", 7, ["one two"]),
        ("one two", 6, ["one", "two"]),
        ("one two", 3, ["one", "two"]),
        ("a\n\nb\n", 5, ["a", "", "b", ""]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("ab cdefgh", 4, ["ab", "cdef", "gh"]),
        ("    x = 1", 20, ["    x = 1"]),
        ("      abcdef", 8, ["      ab", "cdef"]),
        ("漢字漢字", 5, ["漢字", "漢字"]),
        ("ab 漢字漢字", 6, ["ab 漢", "字漢字"]),
        ("e\u0301" * 4, 2, ["e\u0301e\u0301"] * 2),
        ("漢", 1, ["漢"]),
        ("one     ", 4, ["one"]),
        ("00 \u0300", 2, ["00", " \u0300"]),
        ("ab \u0300cd", 4, ["ab \u0300c", "d"]),
        ("[bold]x[/bold]", 80, ["[bold]x[/bold]"]),
    ],
)
def test_wrap(text: str, width: int, rows: list[str]) -> None:
    assert [piece for _, piece in wrap(text, width)] == rows


@given(TEXT.map(safe_text), st.integers(2, 30))
def test_cut_rows_are_the_text(text: str, width: int) -> None:
    rows = cut(text, width)
    assert all(cell_len(piece) <= width and text[start : start + len(piece)] == piece for start, piece in rows)
    assert "".join(piece for _, piece in rows) == text.replace("\n", "")
    assert [start for start, _ in rows] == sorted({start for start, _ in rows})


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("", 3, [(0, "")]),
        ("abc", 3, [(0, "abc")]),
        ("abc d\n\n  ef", 3, [(0, "abc"), (3, " d"), (6, ""), (7, "  e"), (10, "f")]),
        ("漢漢", 1, [(0, "漢"), (1, "漢")]),
        ("e\u0301e\u0301", 1, [(0, "e\u0301"), (2, "e\u0301")]),
    ],
)
def test_cut(text: str, width: int, rows: list[tuple[int, str]]) -> None:
    assert cut(text, width) == rows


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [("name", 4, "name"), ("longer", 4, "lon…"), ("漢字漢", 4, "漢…"), ("longer", 1, "…"), ("longer", 0, "")],
)
def test_shorten(text: str, width: int, short: str) -> None:
    assert shorten(text, width, "…") == short
