"""All keys, from their one table."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from chat_tui.keys import TABLE, Key, Where, cap, for_place
from chat_tui.text.commands import ASK, HELP, SENTENCES, SLASH, usage
from chat_tui.widgets.bindings import bindings


class HelpScreen(ModalScreen[None]):
    """The table of keys, place by place."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.KEYS)

    def __init__(self, keys: tuple[Key, ...] = TABLE) -> None:
        """Take the keys as they are now."""
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """One box with everything in it."""
        with VerticalScroll(id="help"):
            for where in Where:
                yield Static(where.value, classes="place", markup=False)
                yield Grid(*_rows(for_place(where, self._keys)))
            yield Static("Commands", classes="place", markup=False)
            yield Grid(*_commands())

    def on_mount(self) -> None:
        """Name the box and the way out of it."""
        box = self.query_one("#help")
        box.border_title = "Keys"
        box.border_subtitle = "Esc closes"

    def action_close(self) -> None:
        """Back to the conversation."""
        self.dismiss()


def _rows(keys: tuple[Key, ...]) -> Iterator[Widget]:
    for key in keys:
        yield Static(", ".join(map(cap, key.keys)) or "no key", classes="keys", markup=False)
        yield Static(key.help, markup=False)


def _commands() -> Iterator[Widget]:
    for verb, sentence in HELP.items():
        yield Static(usage(verb), classes="keys", markup=False)
        yield Static(sentence, markup=False)
    yield Static(f"{SLASH}{ASK}", classes="keys", markup=False)
    yield Static(SENTENCES[ASK], markup=False)
