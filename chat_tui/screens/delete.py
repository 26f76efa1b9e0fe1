"""Whether a message is really to be deleted: there is no way back."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label

from chat_tui.keys import Where
from chat_tui.model.view import MessageView
from chat_tui.widgets.bindings import bindings

QUOTE_CHARS = 80


class DeleteScreen(ModalScreen[bool]):
    """Asks: True to delete the message, False to keep it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.QUESTION)

    def __init__(self, message: MessageView, *, ascii_only: bool) -> None:
        """Take the message."""
        super().__init__()
        self._message = message
        self._ascii_only = ascii_only

    def compose(self) -> ComposeResult:
        """The question, what it is about, and the two answers."""
        whose = "your message" if self._message.own else f"the message of {self._message.sender}"
        with Vertical(id="delete"):
            yield Label(f"Delete {whose} for everybody, for good?", markup=False)
            yield Label(self._quote(), classes="quote", markup=False)
            with Horizontal():
                yield Button("Delete (y)", id="yes", compact=True)
                yield Button("Keep (Esc)", id="no", compact=True)

    def on_mount(self) -> None:
        """Whoever presses Enter without looking keeps it."""
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

    def _quote(self) -> str:
        """As much of the message as says which one it is, on one line."""
        line = " ".join(self._message.text.split())
        more = "..." if self._ascii_only else "…"
        return line if len(line) <= QUOTE_CHARS else line[:QUOTE_CHARS] + more
