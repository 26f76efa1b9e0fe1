"""The window's messages one under another: which row is whose, and places that outlive a new layout. Pure."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from itertools import accumulate, islice

from chat_tui.model.view import ConversationView, MessageView
from chat_tui.widgets.layout import Block, Columns, Lead, Row, lay_out, lead_of


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in the conversation that stays the same whatever is added, removed or re-wrapped around it."""

    key: str
    """The message's."""
    place: int = 0
    """A character of its text (see `Row.start`)."""
    rows: int = 0
    """So many rows below the row in which that character stands; above, when negative."""


class Rows:
    """A layout of the window at one width, never changed. The first message's first row is row 0."""

    def __init__(self, blocks: tuple[Block, ...], columns: Columns) -> None:
        self.blocks = blocks
        self.columns = columns
        self.ends = list(accumulate(len(block.rows) for block in blocks))
        """Per block the number of the row after its last one."""
        self.index = {block.message.key: number for number, block in enumerate(blocks)}

    @property
    def height(self) -> int:
        return self.ends[-1] if self.ends else 0

    def first(self, number: int) -> int:
        """The first row of the block of that number."""
        return self.ends[number] - len(self.blocks[number].rows)

    def body(self, number: int) -> int:
        """The first row of that block's body."""
        return self.first(number) + self.blocks[number].body

    def number_at(self, row: int) -> int:
        """The number of the block that has this row, or of the nearest; there must be one."""
        return min(bisect_right(self.ends, max(row, 0)), len(self.blocks) - 1)

    def span(self, top: int, bottom: int) -> Iterator[Row]:
        """Rows from `top` up to `bottom`, both within the layout."""
        if top >= bottom:
            return
        number = self.number_at(top)
        skipped = top - self.first(number)
        rows = (row for block in islice(self.blocks, number, None) for row in block.rows)
        yield from islice(rows, skipped, skipped + bottom - top)

    def anchor_at(self, top: int) -> Anchor | None:
        """The anchor of a row, which may lie outside of the layout; None when there are no rows."""
        if not self.blocks:
            return None
        number = self.number_at(top)
        block = self.blocks[number]
        within = top - self.body(number)
        if 0 <= within < len(block.starts):
            return Anchor(block.message.key, block.starts[within])
        return Anchor(block.message.key, 0, within)

    def row_of(self, anchor: Anchor) -> int | None:
        """The row of an anchor; None when its message is not here."""
        number = self.index.get(anchor.key)
        if number is None:
            return None
        return self.first(number) + self.blocks[number].row_at(anchor.place) + anchor.rows

    def handed_on(self, anchor: Anchor, top: int, to: "Rows") -> Anchor | None:
        """The anchor by which `to` shows at `top` what is there now, though the anchor's message may be gone.

        The nearest message below that is in both takes over, else the nearest above; None when there is none.
        """
        if anchor.key in to.index:
            return anchor
        here = self.index.get(anchor.key, 0)
        for number in (*range(here, len(self.blocks)), *range(here - 1, -1, -1)):
            key = self.blocks[number].message.key
            if key in to.index:
                return Anchor(key, 0, top - self.body(number))
        return None


def lay_rows(view: ConversationView, columns: Columns, zone: tzinfo | None, old: Rows) -> Rows:
    """Lay out a window, taking over from `old` what looks the same: only what has changed is wrapped again."""
    blocks: list[Block] = []
    previous: MessageView | None = None
    for message in view.messages:
        is_new = view.new_before is not None and message.id == view.new_before
        known = _known(old, message, previous, is_new=is_new)
        if known is not None and old.columns == columns:
            blocks.append(known)
        else:
            lead = known.lead if known else lead_of(message, previous, is_new=is_new, zone=zone)
            blocks.append(_block(message, lead, columns, old))
        previous = message
    return Rows(tuple(blocks), columns)


def _known(old: Rows, message: MessageView, previous: MessageView | None, *, is_new: bool) -> Block | None:
    """The old block of a message that follows upon the same one as before; no text or time is looked at."""
    number = old.index.get(message.key)
    if number is None:
        return None
    block = old.blocks[number]
    before = old.blocks[number - 1].message if number else None
    return block if block.message is message and before is previous and block.lead.is_new == is_new else None


def _block(message: MessageView, lead: Lead, columns: Columns, old: Rows) -> Block:
    """A new block, unless the old one comes to the same although what it follows upon has changed."""
    number = old.index.get(message.key)
    if number is not None and old.columns == columns:
        block = old.blocks[number]
        if block.message is message and block.lead == lead:
            return block
    return lay_out(message, lead, columns)
