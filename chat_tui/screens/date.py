"""Asking for a day or a time: what is written, and how it is understood."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from chat_tui.keys import Where
from chat_tui.text.dates import WRITE, when
from chat_tui.widgets.bindings import bindings

CHARS_MAX = 64


class DateScreen(ModalScreen[str | None]):
    """Asks: a text that names a day or a time, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CHOOSING, only={"close"})

    def __init__(self, title: str, now: Callable[[], datetime]) -> None:
        """Take the title, safe to show, and the local time without a zone."""
        super().__init__()
        self._title = title
        self._now = now

    def compose(self) -> ComposeResult:
        """Where one writes, and what is understood."""
        with Vertical(id="date"):
            yield Input(placeholder="yesterday", max_length=CHARS_MAX, compact=True)
            yield Label(WRITE, markup=False)

    def on_mount(self) -> None:
        """Name the box and the way out of it."""
        self.query_one("#date").border_title = Content(self._title)
        self.query_one("#date").border_subtitle = "Enter goes there, Esc closes"

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        meant = when(event.value, self._now())
        self.query_one(Label).update(WRITE if meant is None else f"{meant.begins:%A}, {meant.label}")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        if when(event.value, self._now()) is not None:
            self.dismiss(event.value)

    def action_close(self) -> None:
        """Go nowhere."""
        self.dismiss(None)
