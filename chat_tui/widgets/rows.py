"""The window's messages one under another: which row is whose, and places that outlive a new layout. Pure."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import accumulate, compress, count, islice, repeat
from operator import is_not

from chat_tui.model.view import ConversationView, MessageView
from chat_tui.widgets.layout import Block, Columns, Row, lay_out, lead_of


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

    def __init__(self, blocks: tuple[Block, ...], columns: Columns, new_before: int | None = None) -> None:
        self.blocks = blocks
        self.columns = columns
        self.new_before = new_before
        """As in the view that was laid out."""
        self.ends = list(accumulate([block.height for block in blocks]))
        """Per block the number of the row after its last one."""
        self.index = {block.message.key: number for number, block in enumerate(blocks)}

    @property
    def height(self) -> int:
        return self.ends[-1] if self.ends else 0

    def first(self, number: int) -> int:
        """The first row of the block of that number."""
        return self.ends[number] - self.blocks[number].height

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
    """Lay out a window, taking over from `old` what looks the same: only what has changed is looked at."""
    length = len(view.messages)
    moved = _moved(view.messages, old)
    blocks: list[Block | None] = [*repeat(None, -moved), *old.blocks[max(moved, 0) :], *repeat(None, length)][
        :length
    ]
    for number in _changed(view, blocks, moved, old) if old.columns == columns else range(length):
        blocks[number] = _block(number, view, columns, zone, old)
    return Rows(tuple([block for block in blocks if block is not None]), columns, view.new_before)


def _moved(messages: Sequence[MessageView], old: Rows) -> int:
    """How many messages fewer are before those that are in both; negative where there are more."""
    if not messages or not old.blocks:
        return 0
    if (number := old.index.get(messages[0].key)) is not None:
        return number
    first = old.blocks[0].message.key
    return -next((number for number, message in enumerate(messages) if message.key == first), 0)


def _changed(view: ConversationView, blocks: Sequence[Block | None], moved: int, old: Rows) -> Iterator[int]:
    """Which messages are not those of the blocks in their places, or follow upon others, or are new or were."""
    known = [None if block is None else block.message for block in blocks]
    others = set(compress(count(), map(is_not, view.messages, known)))
    marks = {old.index.get(str(mark), -1) - moved for mark in (view.new_before, old.new_before)}
    looked_at = others | {number + 1 for number in others} | marks | {0, -moved}
    return (number for number in looked_at if 0 <= number < len(blocks))


def _block(number: int, view: ConversationView, columns: Columns, zone: tzinfo | None, old: Rows) -> Block:
    """A message's block: the old one, where that comes to the same."""
    message = view.messages[number]
    previous = view.messages[number - 1] if number else None
    is_new = view.new_before is not None and message.id == view.new_before
    place = old.index.get(message.key)
    if place is None:
        return lay_out(message, lead_of(message, previous, is_new=is_new, zone=zone), columns)
    block = old.blocks[place]
    before = old.blocks[place - 1].message if place else None
    is_led = block.lead.is_new == is_new and _leads(message, previous) == _leads(block.message, before)
    lead = block.lead if is_led else lead_of(message, previous, is_new=is_new, zone=zone)
    if block.message is message and block.lead == lead and old.columns == columns:
        return block
    return lay_out(message, lead, columns, block.content)


def _leads(message: MessageView, previous: MessageView | None) -> tuple[object, ...]:
    """What `lead_of` looks at."""
    before = () if previous is None else (previous.at_ms, previous.sender, previous.own)
    return (message.at_ms, message.sender, message.own, message.pinned, *before)
