"""Whether a message is really to be acknowledged, by who does not share what they read: the author is told."""

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


class AcknowledgeScreen(ModalScreen[bool]):
    """Asks: True to acknowledge the message, False to say nothing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.QUESTION)

    def __init__(self, message: MessageView, *, ascii_only: bool) -> None:
        """Take the message."""
        super().__init__()
        self._message = message
        self._ascii_only = ascii_only

    def compose(self) -> ComposeResult:
        """The question, what it is about, and the two answers."""
        sender = self._message.sender
        with Vertical(id="acknowledge"):
            yield Label(f"Tell {sender} that you have read this and take note of it?", markup=False)
            yield Label(self._quote(), classes="quote", markup=False)
            yield Label(
                "You do not share here what you read. This one message is an exception: "
                "its author and whoever asks are shown your name.",
                classes="why",
                markup=False,
            )
            with Horizontal():
                yield Button("Acknowledge (y)", id="yes", compact=True)
                yield Button("Say nothing (Esc)", id="no", compact=True)

    def on_mount(self) -> None:
        """Whoever presses Enter without looking says nothing."""
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
        more = "..." if self._ascii_only else "\u2026"
        return line if len(line) <= QUOTE_CHARS else line[:QUOTE_CHARS] + more
