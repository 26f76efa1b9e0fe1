"""What can be done with a message, to choose from: by mouse, by arrows, or by the key that does it at once."""

from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_tui.keys import Key, Where, cap, for_place
from chat_tui.model.view import MessageView, TickState
from chat_tui.text.markup import addresses
from chat_tui.text.safetext import safe_text
from chat_tui.widgets.bindings import bindings

NOT_OF_A_MESSAGE: Final = {"cursor_up", "cursor_down", "first", "newest", "to_composer", "help", "menu"}
OF_WHAT_IS_SENT: Final = {
    *("info", "watch", "acknowledge", "mark_unread"),
    *("reply", "edit", "delete", "react", "pin"),
}
OF_WHAT_CAN_BE_READ: Final = OF_WHAT_IS_SENT | {"copy", "open"}
OF_ONES_OWN: Final = {"watch", "edit"}
OF_OTHERS: Final = {"acknowledge", "write_to_sender"}
OF_WHAT_IS_REFUSED: Final = {"retry", "discard"}
OF_THE_ROOM: Final = {"unread_below", "go_to_date", "jump_back", "search", "silence", "horizons"}
"""What has little to do with the message: it is offered last."""
OF_THE_MENU: Final = {"enter", "escape", "space", "up", "down", "home", "end", "pageup", "pagedown"}
"""Keys by which one chooses here, whatever they do in the conversation."""


def offered(message: MessageView, keys: tuple[Key, ...]) -> list[Key]:
    """The rows of the table that make sense for a message."""
    pointless = set(NOT_OF_A_MESSAGE)
    if message.id is None:
        pointless |= OF_WHAT_IS_SENT
    if message.removed:
        pointless |= OF_WHAT_CAN_BE_READ
    if message.tick is None or message.tick.state is not TickState.REFUSED:
        pointless |= OF_WHAT_IS_REFUSED
    pointless |= OF_OTHERS if message.own else OF_ONES_OWN
    if message.reply is None:
        pointless.add("parent")
    if not addresses(safe_text(message.text)):
        pointless.add("open")
    sensible = [key for key in for_place(Where.CONVERSATION, keys) if key.action not in pointless]
    return sorted(sensible, key=lambda key: key.action in OF_THE_ROOM)


class MenuScreen(ModalScreen[str | None]):
    """Asks: the action that was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.MESSAGE)

    def __init__(self, message: MessageView, keys: tuple[Key, ...]) -> None:
        """Take the message, and the keys as they are now."""
        super().__init__()
        self._sender = message.sender
        self._offered = offered(message, keys)

    def compose(self) -> ComposeResult:
        """One row for each."""
        widest = max((cell_len(key.label) for key in self._offered), default=0)
        with Vertical(id="menu"):
            yield OptionList(*(Option(_row(key, widest)) for key in self._offered), markup=False, compact=True)

    def on_mount(self) -> None:
        """Say whose message it is, and the way out."""
        box = self.query_one("#menu")
        box.border_title = Content(self._sender)
        box.border_subtitle = "Esc closes"
        self.query_one(OptionList).highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """By mouse or Enter."""
        self.dismiss(self._offered[event.option_index].action)

    def on_key(self, event: events.Key) -> None:
        """By the key that does it in the conversation."""
        chosen = next((key.action for key in self._offered if event.key in key.keys), None)
        if chosen is not None and event.key not in OF_THE_MENU:
            event.stop()
            self.dismiss(chosen)

    def on_click(self, event: events.Click) -> None:
        """Beside the box is a way out, too."""
        under, _ = self.get_widget_at(event.screen_x, event.screen_y)
        if under is self:
            self.dismiss(None)

    def action_close(self) -> None:
        """Close without having chosen."""
        self.dismiss(None)


def _row(key: Key, widest: int) -> Content:
    """What it does, and the key for it."""
    gap = " " * (widest - cell_len(key.label) + 2)
    return Content(f"{key.label}{gap}{', '.join(cap(each) for each in key.keys if each not in OF_THE_MENU)}")
