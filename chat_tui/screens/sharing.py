"""Choosing who is shown what one reads: in all rooms, and in the shown one."""

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chat_server.protocol.requests import Mode
from chat_tui.keys import Where
from chat_tui.model.sharing import MEANING, REQUIRED, SharingView
from chat_tui.text.commands import AS_EVERYWHERE, DEFAULT, MODES
from chat_tui.widgets.bindings import bindings

EVERYWHERE: Final = "everywhere-"
HERE: Final = "here-"
_MARKS: Final = (("●", "○"), ("(*)", "( )"))
"""For what is chosen and what is not, and the same in ASCII."""


class SharingScreen(ModalScreen[None]):
    """Draws a `SharingView` over the conversation, and says what is chosen."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.SHARING)

    class Chosen(Message):
        """The person wants another mode."""

        def __init__(self, mode: Mode | None, *, here: bool) -> None:
            """Take the mode, None for the one of all rooms, and whether it is for the shown room alone."""
            super().__init__()
            self.mode = mode
            self.here = here

    def __init__(self, view: SharingView, *, ascii_only: bool) -> None:
        """Begin with what is known."""
        super().__init__()
        self._view = view
        self._ascii_only = ascii_only

    def compose(self) -> ComposeResult:
        """The modes for all rooms, those for this one, and what the one under the cursor means."""
        with Vertical(id="sharing"):
            yield OptionList(*self._options(), markup=False, compact=True)
            yield Static(id="meaning", markup=False)

    def on_mount(self) -> None:
        """Name the box, and begin at what holds in the shown room."""
        box = self.query_one("#sharing")
        box.border_title = "Who sees what you read"
        box.border_subtitle = "Enter chooses, Esc closes"
        options = self.query_one(OptionList)
        chosen = self._mode_everywhere if self._view.required else self._mode_here
        options.highlighted = options.get_option_index(chosen)

    def show(self, view: SharingView) -> None:
        """Draw what holds now; the cursor stays where it is."""
        if view != self._view:
            self._view = view
            options = self.query_one(OptionList)
            at = options.highlighted
            options.clear_options()
            options.add_options(self._options())
            options.highlighted = at

    def action_close(self) -> None:
        """Back to the conversation."""
        self.dismiss()

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        group, _, mode = (event.option_id or "").rpartition("-")
        meant = next((each for each in MODES if each == mode), self._view.everywhere)
        where = "In all rooms without a choice of their own" if f"{group}-" == EVERYWHERE else "In this room"
        self.query_one("#meaning", Static).update(f"{where}: {MEANING[meant]}")

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        group, _, mode = (event.option_id or "").rpartition("-")
        wanted = next((each for each in MODES if each == mode), None)
        self.post_message(self.Chosen(wanted, here=f"{group}-" == HERE))

    @property
    def _mode_everywhere(self) -> str:
        return EVERYWHERE + self._view.everywhere

    @property
    def _mode_here(self) -> str:
        return HERE + (self._view.here if self._view.own else DEFAULT)

    def _options(self) -> list[Option]:
        """Of each group its heading and what can be chosen."""
        view = self._view
        rows = [self._heading("In all rooms")]
        rows += [self._option(EVERYWHERE + each, each, self._mode_everywhere) for each in MODES]
        rows.append(self._heading(f"In #{view.room}"))
        if view.required:
            return [*rows, Option(Content.styled(REQUIRED, "$text-muted"), disabled=True)]
        as_all = f"{AS_EVERYWHERE}: {view.everywhere}"
        rows.append(self._option(HERE + DEFAULT, as_all, self._mode_here))
        rows += [self._option(HERE + each, each, self._mode_here) for each in MODES]
        return rows

    def _heading(self, text: str) -> Option:
        return Option(Content.styled(text, "bold $text"), disabled=True)

    def _option(self, name: str, text: str, chosen: str) -> Option:
        mark = _MARKS[self._ascii_only][name != chosen]
        return Option(Content.styled(f"{mark} {text}", "bold" if name == chosen else ""), id=name)
