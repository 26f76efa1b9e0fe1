"""The links of a message, each with the whole address, to choose one from."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from chat_tui.keys import Where
from chat_tui.text.markup import Address
from chat_tui.widgets.bindings import bindings

NUMBERED = 9
"""So many can be chosen by their digit; the others by arrows, Enter or mouse."""


class LinksScreen(ModalScreen[str | None]):
    """Asks: the address that was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *((str(number), f"choose({number})", "Choose") for number in range(1, NUMBERED + 1)),
        *bindings(Where.LINKS),
    ]

    def __init__(self, addresses: tuple[Address, ...], *, is_browser_here: bool) -> None:
        """Take one address or more; whether they can be opened, or only copied."""
        super().__init__()
        self._addresses = addresses
        self._is_browser_here = is_browser_here

    def compose(self) -> ComposeResult:
        """What can be done, the addresses, and how."""
        verb = "Open" if self._is_browser_here else "Copy"
        with Vertical(id="links"):
            if not self._is_browser_here:
                yield Label("No browser is here. Copy the link to where one is.", markup=False)
            yield OptionList(*map(self._option, range(len(self._addresses))), markup=False, compact=True)
            yield Label(f"{verb}: Enter or the number.  Close: Esc.", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Name the box."""
        self.query_one("#links").border_title = "Open a link" if self._is_browser_here else "Copy a link"

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """By mouse or Enter."""
        self.action_choose(event.option_index + 1)

    def action_choose(self, number: int) -> None:
        """Close with the address of a number, counted from 1."""
        if number <= len(self._addresses):
            self.dismiss(self._addresses[number - 1].target)

    def action_close(self) -> None:
        """Close with none."""
        self.dismiss(None)

    def _option(self, index: int) -> Option:
        address = self._addresses[index]
        number = (f"{index + 1} ", "bold")
        if address.is_plain:
            return Option(Content.assemble(number, address.target))
        return Option(Content.assemble(number, f"{address.shown}\n  ", (address.target, "$text-muted")))
