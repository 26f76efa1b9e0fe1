"""The info pane: who has read a message and when, who has not; live while it is open."""

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_tui.inspection import InfoView
from chat_tui.keys import Where
from chat_tui.widgets.bindings import bindings

QUOTE_LINES = 3


class InfoScreen(ModalScreen[None]):
    """Draws an `InfoView` over the conversation."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.INFO)

    def __init__(self, view: InfoView, *, ascii_only: bool) -> None:
        """Begin with what is known."""
        super().__init__()
        self._view = view
        self._ascii_only = ascii_only

    @property
    def message_id(self) -> int | None:
        """Which message it is about."""
        return self._view.message.id

    def compose(self) -> ComposeResult:
        """One box with everything in it."""
        with VerticalScroll(id="info"):
            yield Static(self._content(), id="info-text")

    def on_mount(self) -> None:
        """Name the box and the way out of it."""
        box = self.query_one("#info")
        box.border_title = "Message info"
        box.border_subtitle = "Esc closes"

    def show(self, view: InfoView) -> None:
        """Draw what is known now."""
        if view != self._view:
            self._view = view
            self.query_one("#info-text", Static).update(self._content())

    def action_close(self) -> None:
        """Back to the conversation."""
        self.dismiss()

    def _content(self) -> Content:
        view = self._view
        lines = view.message.text.split("\n")
        quote = "\n".join([*lines[:QUOTE_LINES], *(["..."] if len(lines) > QUOTE_LINES else [])])
        head = Content.assemble(
            (view.message.sender, "bold"), (f"  {_moment(view.message.at_ms)}\n", "$text-muted"), f"{quote}\n\n"
        )
        return Content.assemble(head, ("Asking the server", "$text-muted") if view.loading else self._readers())

    def _readers(self) -> Content:
        view = self._view
        read, unread = ("vv", "v") if self._ascii_only else ("✓✓", "✓")
        total = len(view.read_by) + len(view.missing)
        title = f"Read by {len(view.read_by)} of {total}" if total else "It was sent to nobody else yet"
        parts: list[Content | tuple[str, str] | str] = [(f"{title}\n", "bold")]
        for name, at_ms in view.read_by:
            parts += [(f" {read} ", "$success"), name, (f"  {_moment(at_ms)}\n", "$text-muted")]
        if view.missing:
            parts.append(("\nNot yet\n", "bold"))
            parts += [Content.assemble((f" {unread}  ", "$text-muted"), f"{name}\n") for name in view.missing]
        if view.unshared:
            parts.append(("\nDo not say what they read\n", "bold"))
            parts += [f"    {name}\n" for name in view.unshared]
        return Content.assemble(*parts)


def _moment(at_ms: int) -> str:
    """A time of the local day, with the date where that is not today."""
    moment = datetime.fromtimestamp(at_ms / 1000).astimezone()
    today = datetime.now().astimezone().date()
    return f"{moment:%H:%M:%S}" if moment.date() == today else f"{moment:%d %B %Y, %H:%M:%S}"
