"""Names at the right edge of the conversation: who has read up to a message. Pure; it never moves any text.

The last row of a message that has room for all its names takes them, else the one with the most room what fits.
"""

from collections.abc import Sequence

from rich.cells import cell_len

from chat_tui.widgets.layout import Columns, Row, RowKind

NAMES_MAX = 3
PARTED_CELLS = 2
"""What is left free between a text and the names."""
_MARK = ("← ", "< ")
"""Before the names, and the same in ASCII; equally wide."""
_WHOLE_ROWS = (RowKind.BLANK, RowKind.DAY, RowKind.NEW, RowKind.NOTICE, RowKind.REPLY)
"""Rows that are drawn right across, or belong to no message."""


def label(names: Sequence[str], cells: int, *, ascii_only: bool) -> str:
    """As many of the names as fit into so many cells, at most three, and how many more there are; or nothing."""
    for shown in range(min(len(names), NAMES_MAX), -1, -1):
        rest = [f"+{len(names) - shown}"] if shown < len(names) else []
        text = _MARK[ascii_only] + " ".join([*([", ".join(names[:shown])] if shown else []), *rest])
        if names and cell_len(text) <= cells:
            return text
    return ""


def room_for_names(row: Row, columns: Columns) -> int:
    """How many cells of a row are free for names; 0 or less where there are none."""
    if not columns.is_wide or row.kind in _WHOLE_ROWS:
        return 0
    indent = columns.indent if row.kind in (RowKind.QUOTE, RowKind.CODE) else 0
    pinned = (
        len("  pinned") if row.kind is RowKind.HEADER and row.message is not None and row.message.pinned else 0
    )
    return columns.text - indent - pinned - cell_len(row.text) - PARTED_CELLS


def row_for_names(rows: Sequence[Row], names: Sequence[str], columns: Columns) -> Row | None:
    """Which row of a message takes these names; None where none has any room."""
    if not rows:
        return None
    wanted = cell_len(label(names, columns.width, ascii_only=True))
    free = [(room_for_names(row, columns), row) for row in rows]
    room, row = next((each for each in reversed(free) if each[0] >= wanted), max(free, key=lambda each: each[0]))
    return row if label(names, room, ascii_only=True) else None
