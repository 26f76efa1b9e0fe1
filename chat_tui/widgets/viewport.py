"""What part of the conversation is on screen, and how that changes. Pure: rows in, a frame of cells out.

show, resize  ─→ rows laid out ─→ top row placed: by a wish, else at the end, else by the anchor
scroll, move  ─→ top row placed ─→ anchor taken from it
"""

from bisect import bisect_right
from datetime import tzinfo
from typing import NamedTuple

from chat_tui.model.view import Aim, ConversationView, MessageView
from chat_tui.widgets.layout import BLANK_ROW, Columns, Row, notice_rows
from chat_tui.widgets.margin import row_for_names
from chat_tui.widgets.rows import Anchor, Rows, lay_rows


class Cell(NamedTuple):
    """One row of the screen; equal cells look the same."""

    row: Row
    is_current: bool = False
    """Under the message cursor."""
    has_thumb: bool = False
    """The scrollbar's thumb passes through."""
    names: tuple[str, ...] = ()
    """Who has read up to this message, where this row has room for that."""


class Viewport:
    """The one part of the view that remembers: where one is, and whether the end is followed."""

    def __init__(self, zone: tzinfo | None = None, *, ascii_only: bool = False) -> None:
        self.view = ConversationView()
        self.ascii_only = ascii_only
        """Taken up with the next `resize`."""
        self.rows = Rows((), Columns(0))
        self.height = 0
        self.top = 0
        """The row at the screen's top; negative while all rows fit, for these stand at the bottom."""
        self.following = True
        """What arrives at the end is scrolled to."""
        self.cursor: str | None = None
        """The current message's key."""
        self._framed: tuple[Rows, ConversationView, object, list[Cell]] = (self.rows, self.view, None, [])
        """The last frame, and what it was made of."""
        self._zone = zone
        self._anchor: Anchor | None = None
        self._wish: int | None = None
        """The id of a message to go to as soon as it is here."""
        self._aim: int | None = None
        """The id of a message to put the cursor on and into the middle, as soon as there is a screen."""
        self._aimed = 0
        """The number of the last aim that was taken."""

    @property
    def lowest_top(self) -> int:
        """The top row when the last row is at the bottom."""
        return self.rows.height - self.height

    @property
    def below(self) -> int:
        """How many of the room's messages end below the screen."""
        return len(self.rows.ends) - bisect_right(self.rows.ends, self.bottom) + self.view.below

    @property
    def current(self) -> MessageView | None:
        """The message under the cursor."""
        number = None if self.cursor is None else self.rows.index.get(self.cursor)
        return None if number is None else self.rows.blocks[number].message

    @property
    def is_near_start(self) -> bool:
        """Less than a screenful is above, and the room has more."""
        return bool(self.rows.blocks) and not self.view.at_start and self.top < self.height

    @property
    def is_near_end(self) -> bool:
        """Less than a screenful is below, and the room has more."""
        return bool(self.rows.blocks) and not self.view.at_end and self.lowest_top - self.top < self.height

    def show(self, view: ConversationView) -> None:
        """Take a new view; what was on screen stays where it was, unless the end is followed."""
        old = self.view
        if view.room != old.room:
            self.cursor = self._wish = self._aim = None
        if view.room != old.room or not old.messages or (old.loading and not view.loading):
            self._open(view)
        elif not self.following:
            self.following = old.at_end and self.top >= self.lowest_top
            self._take_anchor()
        current = self.current
        self.view = view
        if view.aim is not None and view.aim.room == view.room and view.aim.number > self._aimed:
            self._take_aim(view.aim)
        self._lay(self.rows.columns)
        if current is not None and self.current is None:
            self.cursor = _successor(current, old, view)

    def _take_aim(self, aim: Aim) -> None:
        self._aimed, self._aim = aim.number, aim.message_id
        if aim.message_id is None:
            self._wish, self.following = None, True

    def _open(self, view: ConversationView) -> None:
        """Begin a room at what is new in it, or else at its end."""
        self.following, self._anchor = True, None
        if self._wish is None and any(message.id == view.new_before for message in view.messages):
            self._wish = view.new_before

    def resize(self, width: int, height: int) -> None:
        """Take the screen's size, in cells; the anchor outlives any number of resizes."""
        columns = Columns(width, self.ascii_only)
        if (columns, height) != (self.rows.columns, self.height):
            self.height = height
            self._lay(columns)

    def scroll_to(self, top: int) -> None:
        """Scroll so that this row is the top one, or as near to it as there are rows."""
        self._wish = self._aim = None
        self.top = self._clamped(top)
        self.following = self.view.at_end and self.top == self.lowest_top
        self._take_anchor()

    def scroll_by(self, rows: int) -> None:
        """Scroll down, or up when negative."""
        self.scroll_to(self.top + rows)

    def follow(self) -> None:
        """Go to the end and stay there."""
        self._wish = self._aim = None
        self.following = True
        self._place()

    def wish(self, message_id: int) -> None:
        """Go to a message and the lines above it, at once or when it is here; any scrolling cancels it."""
        self._wish = message_id
        self._place()

    def reveal(self, key: str) -> None:
        """Scroll as little as shows this message whole, or its beginning when it is too tall."""
        number = self.rows.index.get(key)
        if number is None:
            return
        first, end = self.rows.first(number), self.rows.ends[number]
        if first < self.top:
            self.scroll_to(first)
        elif end > self.bottom:
            self.scroll_to(min(first, end - self.height))

    def frame(self, *, with_cursor: bool) -> list[Cell]:
        """The screen's rows from top to bottom; the same list as before where nothing has changed."""
        place = (self.top, self.height, self.cursor if with_cursor else None)
        rows, view, framed, cells = self._framed
        if rows is not self.rows or view is not self.view or framed != place:
            cells = self._frame(with_cursor=with_cursor)
            self._framed = self.rows, self.view, place, cells
        return cells

    def _frame(self, *, with_cursor: bool) -> list[Cell]:
        if not self.rows.blocks:
            return [Cell(row) for row in notice_rows(self.view, self.rows.columns, self.height)]
        rows = [BLANK_ROW] * min(self.height, max(0, -self.top))
        rows += self.rows.span(max(self.top, 0), self.bottom)
        current = self.current if with_cursor else None
        thumb, names = self._thumb(), self._names()
        return [
            Cell(
                row, current is not None and row.message is current and row.is_body, y in thumb, names.get(row, ())
            )
            for y, row in enumerate(rows)
        ]

    def _names(self) -> dict[Row, tuple[str, ...]]:
        """By row who has read so far and no farther, for the messages on screen."""
        found: dict[Row, tuple[str, ...]] = {}
        for message_id, names in self.view.read_to:
            number = self.rows.index.get(str(message_id))
            if number is not None and self.rows.first(number) < self.bottom and self.rows.ends[number] > self.top:
                rows = self.rows.blocks[number].rows
                if (row := row_for_names(rows, names, self.rows.columns)) is not None:
                    found[row] = names
        return found

    @property
    def bottom(self) -> int:
        return self.top + self.height

    def _clamped(self, top: int) -> int:
        return min(max(top, 0), self.lowest_top)

    def _thumb(self) -> range:
        """The rows of the screen that the scrollbar's thumb covers; none when everything fits."""
        hidden = self.lowest_top
        if hidden <= 0:
            return range(0)
        length = max(1, self.height * self.height // self.rows.height)
        start = round(self.top * (self.height - length) / hidden)
        return range(start, start + length)

    def _take_anchor(self) -> None:
        self._anchor = self.rows.anchor_at(self.top)

    def _lay(self, columns: Columns) -> None:
        """Lay out the view at a width; nothing is laid out before the width is known."""
        old = self.rows
        if columns.width <= 0:
            return
        self.rows = lay_rows(self.view, columns, self._zone, old)
        if self._anchor is not None:
            self._anchor = old.handed_on(self._anchor, self.top, self.rows)
        self._place()

    def _place(self) -> None:
        """Find the top row anew."""
        if self.height <= 0:
            return
        aimed = None if self._aim is None else self.rows.index.get(str(self._aim))
        if aimed is not None:
            self._go_to_aim(aimed)
            return
        wished = None if self._wish is None else self.rows.index.get(str(self._wish))
        if wished is not None:
            if self.cursor is not None:
                self.cursor = self.rows.blocks[wished].message.key
            self.scroll_to(self.rows.first(wished) + self._lines_above(wished) - self.height // 4)
            return
        anchored = None if self._anchor is None else self.rows.row_of(self._anchor)
        self.following = self.following or anchored is None
        self.top = self._clamped(self.lowest_top if self.following or anchored is None else anchored)

    def _go_to_aim(self, number: int) -> None:
        """Put the message into the middle; where the window ends too soon for that, again when it has grown."""
        aim, top = self._aim, self._middle_of(number)
        self.cursor = str(aim)
        self.scroll_to(top)
        lacks = (top < 0 and not self.view.at_start) or (top > self.lowest_top and not self.view.at_end)
        self._aim = aim if lacks else None

    def _middle_of(self, number: int) -> int:
        """The top row when this message is in the middle of the screen; its first one where it is taller."""
        body = self.rows.body(number)
        return body - max(self.height - (self.rows.ends[number] - body), 0) // 2

    def _lines_above(self, number: int) -> int:
        """How many rows of a block come before the one that is to be looked at first."""
        block = self.rows.blocks[number]
        return int(block.lead.parted)


def _successor(gone: MessageView, old: ConversationView, new: ConversationView) -> str | None:
    """The key of what a queued message has become: one's own, of the same text, not there before."""
    before = {message.key for message in old.messages}
    for message in new.messages:
        if message.own and message.text == gone.text and message.key not in before:
            return message.key
    return None
