"""Whether something is really to be done."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label

from chat_tui.keys import Where
from chat_tui.widgets.bindings import bindings


class ConfirmScreen(ModalScreen[bool]):
    """Asks: True to do it, False to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.QUESTION)

    def __init__(self, question: str, *, yes: str) -> None:
        """Take the question, made safe to show, and a word or two for what is done then."""
        super().__init__()
        self._question = question
        self._yes = yes

    def compose(self) -> ComposeResult:
        """The question, and the two answers."""
        with Vertical(id="confirm"):
            yield Label(self._question, markup=False)
            with Horizontal():
                yield Button(f"{self._yes} (y)", id="yes", compact=True)
                yield Button("No (Esc)", id="no", compact=True)

    def on_mount(self) -> None:
        """Whoever presses Enter without looking does nothing."""
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
