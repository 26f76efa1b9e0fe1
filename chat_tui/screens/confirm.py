"""Whether something is really to be done."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label


class ConfirmScreen(ModalScreen[bool]):
    """Asks: True to do it, False to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # Another key than the one that asks, which may be held down.
        ("y", "answer(True)", "Yes"),
        ("escape,n,q", "answer(False)", "No"),
    ]

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
        self.action_answer(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:  # noqa: FBT001 - bindings name it so
        """Close with an answer."""
        self.dismiss(answer)
