"""Finding one of many names by a few letters: rooms to go to, all rooms of the server, members."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from chat_tui.keys import Where
from chat_tui.text.fuzzy import rank
from chat_tui.text.safetext import safe_line
from chat_tui.widgets.bindings import bindings

TO: Final = "to "
"""Before the name of a person in the key of a choice; no room has a name with a space."""
AROUND_CELLS: Final = 6
"""Left and right of what stands in the border."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to pick; its texts are safe to show."""

    key: str
    """What is answered."""
    name: str
    """What is searched."""
    detail: str = ""
    """What is said beside it."""
    mark: str = ""
    """What stands before it."""

    @property
    def line(self) -> Content:
        """As it is drawn."""
        detail = (f"  {self.detail}", "$text-muted") if self.detail else ""
        return Content.assemble(f"{self.mark}{self.name}", detail)


class PickerScreen(ModalScreen[str | None]):
    """Asks: the key of what was picked, or the name that was typed where that may be made, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CHOOSING, priority=True)

    def __init__(
        self, title: str, choices: Sequence[Choice], *, makes: bool = False, does: str = "Enter picks"
    ) -> None:
        """Take what there is to pick from, and what keys do then.

        With `makes`, any other name can be made a room, and one that begins with @ be written to.
        """
        super().__init__()
        self._title = title
        self._choices = tuple(choices)
        self._makes = makes
        self._does = does
        self._keys: list[str] = []

    def compose(self) -> ComposeResult:
        """Where one types, and what is found."""
        with Vertical(id="picker"):
            yield Input(placeholder="Type a few letters", id="query", compact=True)
            yield OptionList(id="found", markup=False, compact=True)

    def on_mount(self) -> None:
        """Everything is found by nothing."""
        self.query_one("#picker").border_title = Content(self._title)
        self._find("")

    def on_resize(self) -> None:
        """Say what keys do, as far as there is room."""
        ways_out = f"{self._does}, Esc closes"
        fits = len(ways_out) + AROUND_CELLS <= self.size.width
        self.query_one("#picker").border_subtitle = ways_out if fits else self._does

    def offer(self, choices: Sequence[Choice]) -> None:
        """Take other choices, and find among them."""
        if tuple(choices) != self._choices:
            self._choices = tuple(choices)
            if self.is_mounted:
                self._find(self.query_one(Input).value, stay=self.chosen)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._find(event.value)

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _picked(self) -> None:
        if self.chosen is not None:
            self.dismiss(self.chosen)

    @property
    def chosen(self) -> str | None:
        """The key of what would be picked now."""
        at = self.query_one(OptionList).highlighted
        return self._keys[at] if at is not None else None

    def action_close(self) -> None:
        """Close with none."""
        self.dismiss(None)

    def action_move_up(self) -> None:
        """Go up in what is found, while typing."""
        self._move(-1)

    def action_move_down(self) -> None:
        """Go down in what is found, while typing."""
        self._move(1)

    def _move(self, step: int) -> None:
        found = self.query_one(OptionList)
        if self._keys:
            found.highlighted = ((found.highlighted or 0) + step) % len(self._keys)

    def _find(self, query: str, stay: str | None = None) -> None:
        found = [self._choices[at] for at in rank(query.removeprefix("#"), [each.name for each in self._choices])]
        lines = [(each.key, each.line) for each in found]
        if self._makes and (made := self._made(query.strip().removeprefix("#"))):
            lines.append(made)
        self._keys = [key for key, _ in lines]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(line) for _, line in lines)
        if not lines:
            options.add_option(Option(Content("Nothing is found."), disabled=True))
        at = self._keys.index(stay) if stay in self._keys else 0
        options.highlighted = at if lines else None

    def _made(self, typed: str) -> tuple[str, Content] | None:
        """What comes of a name that is none of the choices, and how that is said."""
        person = f"{TO}{typed.removeprefix('@')}"
        if not typed.removeprefix("@") or any(each.key in (typed, person) for each in self._choices):
            return None
        if typed.startswith("@"):
            return person, Content(f"Write to {safe_line(typed)}")
        return typed, Content(f"Join or make #{safe_line(typed)}")
