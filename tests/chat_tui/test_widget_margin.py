"""Names in the margin: how many fit, which row takes them, and that no text moves for them."""

from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.style import Style

from chat_tui.widgets.layout import Columns, Row, RowKind
from chat_tui.widgets.margin import label, room_for_names
from chat_tui.widgets.painting import Painter
from chat_tui.widgets.viewport import Viewport
from tests.chat_tui.conversations import message, view_of

FIVE = ("ann", "bob", "cid", "dan", "eve")
SIZE = (80, 20)


@pytest.mark.parametrize(
    ("names", "cells", "text"),
    [
        (("ann",), 80, "← ann"),
        (("ann",), 5, "← ann"),
        (("ann",), 4, "← +1"),
        (("ann",), 3, ""),
        (FIVE[:3], 80, "← ann, bob, cid"),
        (FIVE[:4], 80, "← ann, bob, cid +1"),
        (FIVE, 80, "← ann, bob, cid +2"),
        (FIVE, 17, "← ann, bob +3"),
        (FIVE, 8, "← ann +4"),
        (FIVE, 7, "← +5"),
        (("字字", "bob"), 11, "← 字字, bob"),
        (("字字", "bob"), 10, "← 字字 +1"),
        ((), 80, ""),
    ],
)
def test_as_many_names_as_fit(names: tuple[str, ...], cells: int, text: str) -> None:
    assert label(names, cells, ascii_only=False) == text
    assert label(names, cells, ascii_only=True) == text.replace("←", "<")


def drawn(viewport: Viewport, *, ascii_only: bool = False) -> list[str]:
    columns = viewport.rows.columns
    painter = Painter(lambda _: Style(), lambda _: Style(), columns, ascii_only=ascii_only)
    strips = [painter.strip(cell) for cell in viewport.frame(with_cursor=False)]
    assert {strip.cell_length for strip in strips} == {columns.width}
    return ["".join(segment.text for segment in strip) for strip in strips]


def laid(*read_to: tuple[int, tuple[str, ...]], size: tuple[int, int] = SIZE) -> Viewport:
    viewport = Viewport()
    viewport.resize(*size)
    viewport.show(replace(view_of(1, 9), read_to=read_to))
    return viewport


def test_names_stand_at_the_right_of_the_last_row_and_move_nothing() -> None:
    bare, named = drawn(laid()), drawn(laid((8, ("ann",)), (9, FIVE)))
    changed = [(before, after) for before, after in zip(bare, named, strict=True) if before != after]
    assert len(changed) == 2
    for (before, after), names in zip(changed, ("← ann", "← ann, bob, cid +2"), strict=True):
        assert after.rstrip(" ▐").endswith(names)
        assert after.startswith(before.rstrip(" ▐"))
        assert after[:-2].endswith(names)


def test_nothing_is_drawn_in_a_narrow_terminal_nor_for_what_is_not_in_the_window() -> None:
    narrow = (59, 20)
    assert drawn(laid((9, FIVE), size=narrow)) == drawn(laid(size=narrow))
    assert drawn(laid((10, FIVE), (99, FIVE))) == drawn(laid())


@pytest.mark.parametrize("width", range(60, 90))
def test_names_are_never_drawn_over_a_text(width: int) -> None:
    """Every row keeps all of its text, whichever row of a long message takes the names."""
    texts = ["x" * count for count in range(40, 90)] + [
        "字" * 40,
        "> " + "q" * 60,
        "```\ncode\n```",
        "**bold** " * 9,
    ]
    messages = tuple(
        replace(message(number, sender=f"s{number}"), text=text, edited=number % 2 == 0, pinned=number % 3 == 0)
        for number, text in enumerate(texts, 1)
    )
    bare, named = Viewport(), Viewport()
    for viewport, read_to in ((bare, ()), (named, tuple((each.id or 0, FIVE) for each in messages))):
        viewport.resize(width, 400)
        viewport.show(replace(view_of(1, 1), messages=messages, read_to=read_to))
    pairs = list(zip(drawn(bare, ascii_only=True), drawn(named, ascii_only=True), strict=True))
    for before, after in pairs:
        assert after.startswith(before.rstrip(" |"))
        assert cell_len(after) == width
    assert sum(before != after for before, after in pairs) >= len(texts) - 1


def test_code_and_quotes_have_room_beside_them_and_a_reply_has_none() -> None:
    viewport = Viewport()
    viewport.resize(*SIZE)
    texts = {1: "```\ncode\n```", 2: "> quoted"}
    messages = tuple(replace(message(each), text=text) for each, text in texts.items())
    viewport.show(replace(view_of(1, 1), messages=messages, read_to=((1, FIVE), (2, FIVE[:1]))))
    rows = [row for row in drawn(viewport) if "←" in row]
    assert [row.split() for row in rows] == [
        ["code", "←", "ann,", "bob,", "cid", "+2"],
        ["·", "▎", "quoted", "←", "ann"],
    ]
    assert all(len(row.rstrip()) == SIZE[0] - 2 for row in rows)
    assert room_for_names(Row(RowKind.REPLY, "x"), Columns(80)) == 0
