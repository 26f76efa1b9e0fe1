"""The conversation: one widget over a window of a room's history, drawn row by row and never a widget per message.

It draws a `ConversationView`, scrolls, moves the message cursor, and says which messages are in sight.
It knows nothing of receipts, sessions or keys.
"""

from collections.abc import Iterable, Iterator
from datetime import tzinfo

from textual import events
from textual.dom import NoScreen
from textual.errors import NoWidget
from textual.message import Message
from textual.screen import Screen

from chat_tui.model.editions import Text
from chat_tui.model.view import ConversationView, MessageView
from chat_tui.widgets.canvas import Canvas
from chat_tui.widgets.cursor import move_cursor, put_cursor, settle_cursor, turn_page
from chat_tui.widgets.layout import RowKind, reaction_at

WHEEL_ROWS = 3
RIGHT = 3
"""The number of that mouse button."""
FLOATING = "Toast, Tooltip"
"""What Textual draws over a screen without covering it."""


class Conversation(Canvas):
    """Shows the window of a room's history; see `show`."""

    class Visible(Message):
        """Other messages than before can be read on screen, or other texts of them; the whole set, once drawn."""

        def __init__(self, room: str, ids: frozenset[int], own: frozenset[int]) -> None:
            super().__init__()
            self.room = room
            self.ids = ids
            """All of them that the server knows and that are not deleted."""
            self.own = own
            """Those of `ids` that are one's own."""

    class NearStart(Message):
        """Less than a screenful is left above, and the room has more."""

    class NearEnd(Message):
        """Less than a screenful is left below, and the room has more."""

    class EndAsked(Message):
        """Somebody wants to see the end of the room, and the window does not reach it."""

    class InfoAsked(Message):
        """A message was double-clicked."""

        def __init__(self, message_id: int) -> None:
            super().__init__()
            self.message_id = message_id

    class ReactionClicked(Message):
        """A reaction below a message was clicked."""

        def __init__(self, message: MessageView, number: int) -> None:
            super().__init__()
            self.message = message
            self.number = number
            """Which one of the message's, counted from 0."""

    class ParentAsked(Message):
        """The person wants to see the message that another one answers."""

        def __init__(self, room: str, message_id: int) -> None:
            super().__init__()
            self.room = room
            self.message_id = message_id

    class MenuAsked(Message):
        """Somebody wants to choose what to do with the message under the cursor."""

    class FollowChanged(Message):
        """Whether the end is followed, or how many messages are below the screen, has changed."""

        def __init__(self, *, following: bool, below: int) -> None:
            super().__init__()
            self.following = following
            self.below = below

    def __init__(
        self,
        *,
        ascii_only: bool = False,
        zone: tzinfo | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name for it
        classes: str | None = None,
    ) -> None:
        """Times and days are those of `zone`; of the local one when None."""
        super().__init__(ascii_only=ascii_only, zone=zone, id=id, classes=classes)
        self._told_visible: tuple[str, frozenset[Text]] = ("", frozenset())
        self._told_follow = (True, 0)
        self._asked: dict[type[Message], str] = {}
        """Per edge the message at which more was asked for."""

    @property
    def room(self) -> str:
        """The room that is drawn."""
        return self.viewport.view.room

    @property
    def current(self) -> MessageView | None:
        """The message under the cursor; it keeps it while the focus is elsewhere."""
        return self.viewport.current

    @property
    def following(self) -> bool:
        """The end is on screen, and stays there when messages arrive."""
        return self.viewport.following

    @property
    def below(self) -> int:
        """How many of the room's messages end below the screen, those outside of the window included."""
        return self.viewport.below

    def show(self, view: ConversationView) -> None:
        """Draw a view. Messages that are the same objects as before are not looked at again.

        What is on screen does not move, unless the end is followed. Another room opens at its first new
        message, or else at its end.
        """
        self.viewport.show(view)
        if self.has_cursor and self.viewport.current is None:
            settle_cursor(self.viewport)
        self.redraw()

    def show_from(self, message_id: int) -> None:
        """Scroll so that this message begins in the upper third, at once or as soon as it is in the window."""
        self.viewport.wish(message_id)
        self.redraw()

    def reveal(self, key: str) -> None:
        """Put the cursor on a message of the window and scroll as little as shows it."""
        if key in self.viewport.rows.index:
            self.viewport.cursor = key
            self.viewport.reveal(key)
            self.redraw()

    def jump_to_end(self) -> None:
        """Go to the end and follow it; asks for it when the window does not reach so far."""
        self.viewport.follow()
        if not self.viewport.view.at_end:
            self.post_message(self.EndAsked())
        self.redraw()

    def visible_ids(self) -> frozenset[int]:
        """The ids of what can be read to its last row on screen now; none while the widget is not shown."""
        return frozenset(each for each, _ in self.visible_texts())

    def visible_texts(self) -> frozenset[Text]:
        """As `visible_ids`, each with the edition that is on screen, whatever has been heard of since."""
        self.fit()
        return _texts(self._visible())

    def action_cursor_up(self) -> None:
        move_cursor(self.viewport, -1)
        self.redraw()

    def action_cursor_down(self) -> None:
        move_cursor(self.viewport, 1)
        self.redraw()

    def action_page_up(self) -> None:
        turn_page(self.viewport, -1)
        self.redraw()

    def action_page_down(self) -> None:
        turn_page(self.viewport, 1)
        self.redraw()

    def action_home(self) -> None:
        """Go to the first message of the window."""
        self.viewport.scroll_to(0)
        put_cursor(self.viewport, last=False)
        self.redraw()

    def action_end(self) -> None:
        """Go to the last message; see `jump_to_end`."""
        self.jump_to_end()
        put_cursor(self.viewport, last=True)
        self.redraw()

    def on_mount(self) -> None:
        self.screen.screen_layout_refresh_signal.subscribe(self, self._screen_laid_out)

    def on_resize(self) -> None:
        # Every row may be another one now, however much of the screen Textual repaints of its own accord.
        self.refresh()
        self.settle_later()

    def on_focus(self) -> None:
        self.has_cursor = True
        settle_cursor(self.viewport)
        self.redraw()

    def on_blur(self) -> None:
        self.has_cursor = False
        self.redraw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -WHEEL_ROWS)

    def on_click(self, event: events.Click) -> None:
        """Select; toggle a reaction, go to what is quoted, ask about it (twice) or what to do with it (right)."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y >= len(self.frame):
            return
        row = self.frame[offset.y].row
        message = row.message
        if message is None:
            return
        self.viewport.cursor = message.key
        if event.button == RIGHT:
            self.post_message(self.MenuAsked())
        elif (number := reaction_at(row, self.viewport.rows.columns, offset.x)) is not None:
            self.post_message(self.ReactionClicked(message, number))
        elif row.kind is RowKind.REPLY and message.reply is not None:
            self.post_message(self.ParentAsked(self.room, message.reply.id))
        elif event.chain == 2 and message.id is not None and not message.removed:
            self.post_message(self.InfoAsked(message.id))
        self.redraw()

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        event.prevent_default()
        self.viewport.scroll_by(rows)
        self.redraw()

    def _screen_laid_out(self, _screen: Screen[object]) -> None:
        self.settle_later()

    def settle(self) -> None:
        self.fit()
        visible = self._visible()
        texts = _texts(visible)
        room = self.viewport.view.room
        if (room, texts) != self._told_visible:
            self._told_visible = (room, texts)
            ids = frozenset(each for each, _ in texts)
            own = frozenset(message.id for message in visible if message.own and message.id is not None)
            self.post_message(self.Visible(room, ids, own))
        follow = (self.following, self.below)
        if follow != self._told_follow:
            self._told_follow = follow
            self.post_message(self.FollowChanged(following=follow[0], below=follow[1]))
        self._ask_for_more(self.NearStart, 0, is_near=self.viewport.is_near_start)
        self._ask_for_more(self.NearEnd, -1, is_near=self.viewport.is_near_end)

    def _ask_for_more(self, edge: type[NearStart | NearEnd], number: int, *, is_near: bool) -> None:
        """Ask once per edge, until there is another message at it or one has been away from it."""
        if not is_near:
            self._asked.pop(edge, None)
            return
        key = self.viewport.rows.blocks[number].message.key
        if self._asked.get(edge) != key:
            self._asked[edge] = key
            self.post_message(edge())

    def _visible(self) -> list[MessageView]:
        """The messages whose last row is on screen, with nothing over it, and that can be read."""
        messages = [
            cell.row.message
            for y in self._rows_in_sight()
            if (cell := self.frame[y]).row.is_last and cell.row.message is not None
        ]
        return [each for each in messages if not each.removed]

    def _rows_in_sight(self) -> Iterator[int]:
        """Those of the widget's rows that its screen has room for, and that nothing floats over.

        None when it or an ancestor is hidden. A row of which a toast covers any part is not in sight.
        """
        try:
            geometry = self.screen.find_widget(self)
        except (NoScreen, NoWidget):
            return
        content = geometry.region.shrink(self.styles.gutter)
        seen = content.intersection(geometry.clip)
        over = [each.region for each in self.screen.query(FLOATING) if each.display and each.region.overlaps(seen)]
        for y in range(seen.y, seen.bottom if seen else seen.y):
            if y - content.y < len(self.frame) and not any(each.y <= y < each.bottom for each in over):
                yield y - content.y


def _texts(messages: Iterable[MessageView]) -> frozenset[Text]:
    """Which texts these are, of those that the server knows."""
    return frozenset((each.id, each.edition) for each in messages if each.id is not None)
