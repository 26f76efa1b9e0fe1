"""What to do with receipts that were held."""

from typing import ClassVar, Final

from textual.binding import BindingType

from chat_tui.keys import Where
from chat_tui.screens.question import Answer, QuestionScreen
from chat_tui.widgets.bindings import bindings

ANSWERS: Final = (
    Answer("release", "Release (r)", means=True),
    Answer("drop", "Drop (d)", means=False),
    Answer("keep", "Hold on (Esc)", means=None),
)


class HoldScreen(QuestionScreen):
    """Asks: True to release what is held, False to drop it, None to go on holding."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.HELD)

    def __init__(self, count: int) -> None:
        """Take how many receipts are held."""
        held = "1 message" if count == 1 else f"{count} messages"
        super().__init__(f"You have read {held} while receipts were held.", ANSWERS)

    def action_release(self) -> None:
        """Others are told."""
        self.dismiss(result=True)

    def action_drop(self) -> None:
        """Nobody is told."""
        self.dismiss(result=False)

    def action_hold_on(self) -> None:
        """Nothing changes."""
        self.dismiss(None)
