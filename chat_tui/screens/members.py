"""Who is in a room: found by a few letters, to be written to or to be named."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual.binding import BindingType

from chat_tui.keys import Where
from chat_tui.screens.picker import Choice, PickerScreen
from chat_tui.widgets.bindings import bindings

DOES: Final = "Enter writes, Tab mentions"


class MembersScreen(PickerScreen):
    """Asks whom to write to in private; with a key of its own somebody is named in what one writes to the room."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PEOPLE, priority=True)

    def __init__(self, title: str, choices: Sequence[Choice], mention: Callable[[str], None]) -> None:
        """Take the members by name, and what names one of them."""
        super().__init__(title, choices, does=DOES)
        self._mention = mention

    def action_mention(self) -> None:
        """Name who is chosen, and close."""
        if (name := self.chosen) is not None:
            self.dismiss(None)
            self._mention(name)
