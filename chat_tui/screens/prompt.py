"""Asking for what a command is about."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from chat_tui.keys import Where
from chat_tui.widgets.bindings import bindings


class PromptScreen(ModalScreen[str | None]):
    """Asks: what was written, without blanks around it, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CHOOSING, only={"close"})

    def __init__(self, sentence: str, wanted: str) -> None:
        """Take what will be done, and a word for what it is done with."""
        super().__init__()
        self._sentence = sentence
        self._wanted = wanted

    def compose(self) -> ComposeResult:
        """The sentence, and where one writes."""
        with Vertical(id="prompt"):
            yield Label(self._sentence, markup=False)
            yield Input(placeholder=self._wanted, compact=True)

    def on_mount(self) -> None:
        """Name the ways out."""
        self.query_one("#prompt").border_subtitle = Content("Enter does it, Esc closes")

    @on(Input.Submitted)
    def _written(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)

    def action_close(self) -> None:
        """Do nothing."""
        self.dismiss(None)
