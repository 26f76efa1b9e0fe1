"""A question with a few answers to choose from, by key, by mouse or by Enter."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label

QUOTE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """A button."""

    id: str
    label: str
    """What it is called, with its key."""
    means: bool | None
    """What the screen closes with."""


class QuestionScreen(ModalScreen[bool | None]):
    """Asks: what the chosen answer means."""

    def __init__(self, question: str, answers: Sequence[Answer], *, quote: str = "", why: str = "") -> None:
        """Take the question and its answers, what it is about, and what more there is to say; all safe to show."""
        super().__init__()
        self._question = question
        self._answers = answers
        self._quote = quote
        self._why = why

    def compose(self) -> ComposeResult:
        """The question, and the answers below it."""
        with Vertical(id="question"):
            yield Label(self._question, markup=False)
            if self._quote:
                yield Label(self._quote, classes="quote", markup=False)
            if self._why:
                yield Label(self._why, classes="why", markup=False)
            with Horizontal():
                for answer in self._answers:
                    yield Button(answer.label, id=answer.id, compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """By mouse or Enter."""
        self.dismiss(next(each.means for each in self._answers if each.id == event.button.id))


def quoted(text: str, *, ascii_only: bool) -> str:
    """As much of a message's text as says which one it is, on one line."""
    line = " ".join(text.split())
    more = "..." if ascii_only else "…"
    return line if len(line) <= QUOTE_CHARS else line[:QUOTE_CHARS] + more
