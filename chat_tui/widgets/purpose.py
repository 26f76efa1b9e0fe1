"""What is being written, in a row above the composer, where that is no mere message; and the way out of it."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static


class Purpose(Horizontal):
    """One row, or not there."""

    class Cancelled(Message):
        """Somebody has clicked on the way out."""

    def __init__(self, key: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        """Name the key that does the same; empty where there is none."""
        super().__init__(id=id)
        self._text = Static(classes="text", markup=False)
        self._cancel = _Cancel(f"cancel ({key})" if key else "cancel", classes="cancel", markup=False)

    def compose(self) -> ComposeResult:
        """The way out keeps its place; the rest is as long as there is room."""
        yield self._text
        yield self._cancel

    def show(self, purpose: str) -> None:
        """Say this from now on, or (empty) nothing."""
        self._text.update(purpose)
        self.display = bool(purpose)


class _Cancel(Static):
    def on_click(self) -> None:
        self.post_message(Purpose.Cancelled())
