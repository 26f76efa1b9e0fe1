"""Finding one of many names by a few letters: rooms to go to, all rooms of the server, members."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from chat_tui.text.fuzzy import rank
from chat_tui.text.safetext import safe_line


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to pick; its texts are safe to show."""

    key: str
    """What is answered."""
    name: str
    """What is searched."""
    detail: str = ""
    """What is said beside it."""


class PickerScreen(ModalScreen[str | None]):
    """Asks: the key of what was picked, or the name that was typed where that may be made, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "answer(None)", "Close"),
        ("up", "move(-1)", "Up"),
        ("down", "move(1)", "Down"),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], *, makes: bool = False) -> None:
        """Take what there is to pick from; with `makes`, any other name can be made a room."""
        super().__init__()
        self._title = title
        self._choices = tuple(choices)
        self._makes = makes
        self._keys: list[str] = []

    def compose(self) -> ComposeResult:
        """Where one types, and what is found."""
        with Vertical(id="picker"):
            yield Input(placeholder="Type a few letters", id="query", compact=True)
            yield OptionList(id="found", markup=False, compact=True)

    def on_mount(self) -> None:
        """Everything is found by nothing."""
        self.query_one("#picker").border_title = Content(self._title)
        self.query_one("#picker").border_subtitle = "Enter picks, Esc closes"
        self._find("")

    def offer(self, choices: Sequence[Choice]) -> None:
        """Take other choices, and find among them."""
        if tuple(choices) != self._choices:
            self._choices = tuple(choices)
            self._find(self.query_one(Input).value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._find(event.value)

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _picked(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.dismiss(self._keys[at])

    def action_answer(self, answer: str | None) -> None:
        """Close with an answer."""
        self.dismiss(answer)

    def action_move(self, step: int) -> None:
        """Go up or down in what is found, while typing."""
        found = self.query_one(OptionList)
        if found.option_count:
            found.highlighted = ((found.highlighted or 0) + step) % found.option_count

    def _find(self, query: str) -> None:
        found = [self._choices[at] for at in rank(query.removeprefix("#"), [each.name for each in self._choices])]
        lines = [(each.key, f"{each.name}  {each.detail}".rstrip()) for each in found]
        typed = query.strip().removeprefix("#")
        if self._makes and typed and all(each.key != typed for each in self._choices):
            lines.append((typed, f"Join or make #{safe_line(typed)}"))
        self._keys = [key for key, _ in lines]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(Content(text)) for _, text in lines)
        options.highlighted = 0 if lines else None
