"""Whether something is really to be done."""

from typing import ClassVar

from textual.binding import BindingType

from chat_tui.keys import Where
from chat_tui.screens.question import Answer, QuestionScreen
from chat_tui.widgets.bindings import bindings


class ConfirmScreen(QuestionScreen):
    """Asks: True to do it, False to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.QUESTION)

    def __init__(self, question: str, *, yes: str, no: str = "No", quote: str = "", why: str = "") -> None:
        """Take a word or two for what is done then, and for what is otherwise; the rest is as for any question."""
        answers = (Answer("yes", f"{yes} (y)", means=True), Answer("no", f"{no} (Esc)", means=False))
        super().__init__(question, answers, quote=quote, why=why)

    def on_mount(self) -> None:
        """Whoever presses Enter without looking does nothing."""
        self.query_one("#no").focus()

    def action_yes(self) -> None:
        """Close with a yes."""
        self.dismiss(result=True)

    def action_no(self) -> None:
        """Close with a no."""
        self.dismiss(result=False)
