"""Whether one really wants into a room in which everybody sees what one has read."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label

from chat_tui.keys import Where
from chat_tui.text.safetext import safe_line
from chat_tui.widgets.bindings import bindings


class ConsentScreen(ModalScreen[bool]):
    """Asks: True to join the room, False to stay out of it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.QUESTION)

    def __init__(self, room: str) -> None:
        """Take the room's name."""
        super().__init__()
        self._room = safe_line(room)

    def compose(self) -> ComposeResult:
        """What the room requires, the question, and the two answers."""
        with Vertical(id="consent"):
            yield Label(f"Everybody in #{self._room} sees what you have read. Join?", markup=False)
            yield Label("Receipts are required there, whatever you chose elsewhere.", classes="hint", markup=False)
            with Horizontal():
                yield Button("Join (y)", id="yes", compact=True)
                yield Button("Stay out (Esc)", id="no", compact=True)

    def on_mount(self) -> None:
        """Whoever presses Enter without looking stays out."""
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """By mouse or Enter."""
        self.dismiss(event.button.id == "yes")

    def action_yes(self) -> None:
        """Close with a yes."""
        self.dismiss(result=True)

    def action_no(self) -> None:
        """Close with a no."""
        self.dismiss(result=False)
