"""What to do with receipts that were held."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label

from chat_tui.keys import Where
from chat_tui.widgets.bindings import bindings


class HoldScreen(ModalScreen[bool | None]):
    """Asks: True to release what is held, False to drop it, None to go on holding."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.HELD)

    def __init__(self, count: int) -> None:
        """Take how many receipts are held."""
        super().__init__()
        self._count = count

    def compose(self) -> ComposeResult:
        """The question and its three answers."""
        held = "1 message" if self._count == 1 else f"{self._count} messages"
        with Vertical(id="hold"):
            yield Label(f"You have read {held} while receipts were held.", markup=False)
            with Horizontal():
                yield Button("Release (r)", id="release", compact=True)
                yield Button("Drop (d)", id="drop", compact=True)
                yield Button("Hold on (Esc)", id="keep", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """By mouse or Enter."""
        self.dismiss({"release": True, "drop": False}.get(event.button.id or ""))

    def action_release(self) -> None:
        """Others are told."""
        self.dismiss(result=True)

    def action_drop(self) -> None:
        """Nobody is told."""
        self.dismiss(result=False)

    def action_hold_on(self) -> None:
        """Nothing changes."""
        self.dismiss(None)
