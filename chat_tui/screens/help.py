"""All keys, from their one table."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from chat_tui.commands import HELP, usage
from chat_tui.keys import Where, cap, for_place


class HelpScreen(ModalScreen[None]):
    """The table of keys, place by place."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,question_mark,q", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        """One box with everything in it."""
        with VerticalScroll(id="help"):
            for where in Where:
                yield Static(where.value, classes="place", markup=False)
                yield Grid(*_rows(where))
            yield Static("Commands", classes="place", markup=False)
            yield Grid(*_commands())

    def on_mount(self) -> None:
        """Name the box and the way out of it."""
        box = self.query_one("#help")
        box.border_title = "Keys"
        box.border_subtitle = "Esc closes"


def _rows(where: Where) -> Iterator[Widget]:
    for key in for_place(where):
        yield Static(", ".join(map(cap, key.keys)), classes="keys", markup=False)
        yield Static(key.help, markup=False)


def _commands() -> Iterator[Widget]:
    for verb, sentence in HELP.items():
        yield Static(usage(verb), classes="keys", markup=False)
        yield Static(sentence, markup=False)
