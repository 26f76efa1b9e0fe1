"""All keys, from their one table."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_tui.keys import Where, cap, for_place

CAPS_CELLS = 24


class HelpScreen(ModalScreen[None]):
    """The table of keys, place by place."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,f1,question_mark,q", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        """One box with everything in it."""
        with VerticalScroll(id="help"):
            yield Static(Content("\n").join(_place(where) for where in Where))

    def on_mount(self) -> None:
        """Name the box and the way out of it."""
        box = self.query_one("#help")
        box.border_title = "Keys"
        box.border_subtitle = "Esc closes"


def _place(where: Where) -> Content:
    parts: list[Content | tuple[str, str] | str] = [(f"{where.value}\n", "bold $accent")]
    for key in for_place(where):
        parts += [(f"{', '.join(map(cap, key.keys)):<{CAPS_CELLS}}", "bold"), f"{key.help}\n"]
    return Content.assemble(*parts)
