"""The info pane: who has read a message and when, who has not; live while it is open."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_tui.keys import Where
from chat_tui.model.inspection import InfoView
from chat_tui.model.view import GLYPHS, TickState
from chat_tui.widgets.bindings import bindings

QUOTE_CHARS = 240
QUOTE_LINES = 3
HIDDEN = "You do not share what you read here, so you do not see who has read this."
EDITION = "It was edited since. This counts who has read the text as it is now."


class InfoScreen(ModalScreen[None]):
    """Draws an `InfoView` over the conversation."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.INFO)

    def __init__(self, view: InfoView, *, ascii_only: bool) -> None:
        """Begin with what is known."""
        super().__init__()
        self._view = view
        self._ascii_only = ascii_only
        self._text = Static(self._content())

    @property
    def message_id(self) -> int | None:
        """Which message it is about."""
        return self._view.message.id

    def compose(self) -> ComposeResult:
        """One box with everything in it."""
        with VerticalScroll(id="info"):
            yield self._text

    def on_mount(self) -> None:
        """Name the box and the way out of it."""
        box = self.query_one("#info")
        box.border_title = "Message info"
        box.border_subtitle = "Esc closes"

    def show(self, view: InfoView) -> None:
        """Draw what is known now."""
        if view != self._view:
            self._view = view
            self._text.update(self._content())

    def action_close(self) -> None:
        """Back to the conversation."""
        self.dismiss()

    def _content(self) -> Content:
        view = self._view
        if view.message.removed:
            return Content.styled(view.message.text, "$text-muted")
        head = Content.assemble(
            (view.message.sender, "bold"),
            (f"  {moment_of(view.message.at_ms)}\n", "$text-muted"),
            f"{self._quote()}\n\n",
        )
        return Content.assemble(head, ("Asking the server", "$text-muted") if view.loading else self._readers())

    def _quote(self) -> str:
        """As much of the message as says which one it is."""
        text = self._view.message.text
        quote = "\n".join(text.split("\n")[:QUOTE_LINES])[:QUOTE_CHARS].rstrip()
        more = " ..." if self._ascii_only else "…"
        return quote if quote == text.rstrip() else quote + more

    def _readers(self) -> Content:
        view = self._view
        total = view.audience
        acknowledged = self._acknowledged()
        if view.hidden:
            return Content("\n").join([*acknowledged, Content(HIDDEN)])
        if not total and not view.unshared and not acknowledged:
            return Content("Nobody else was in the room.")
        everybody = total == len(view.read_by) > 0
        style = "bold $text-accent" if everybody else "bold"
        rows = [*acknowledged, Content.styled(f"Read by {len(view.read_by)} of {total}", style)]
        if view.message.edited:
            rows.append(Content.styled(EDITION, "$text-muted"))
        rows += self._block("", TickState.READ_BY_ALL if everybody else TickState.READ, view.read_by)
        rows += self._block("Have read an earlier text", TickState.SENT, view.read_earlier)
        rows += self._block("Not yet", TickState.SENT, [(name, None) for name in view.missing])
        rows += self._block("Do not say what they read", None, [(name, None) for name in view.unshared])
        return Content("\n").join(rows)

    def _acknowledged(self) -> list[Content]:
        """Who takes note, which says more than any reading, and who did of an earlier text; then a blank row."""
        view = self._view
        rows: list[Content] = []
        if view.acknowledged:
            rows.append(Content.styled(f"Acknowledged by {len(view.acknowledged)}", "bold $text-accent"))
            rows += self._block("", None, view.acknowledged)
        if view.acknowledged_earlier:
            rows += [Content("")] if rows else []
            rows.append(Content.styled("Acknowledged an earlier text", "bold"))
            rows += self._block("", None, view.acknowledged_earlier)
        return [*rows, Content("")] if rows else []

    def _block(
        self, title: str, state: TickState | None, people: Sequence[tuple[str, int | None]]
    ) -> list[Content]:
        """One row for each, with the glyph of their state before and the time after the name."""
        glyph = GLYPHS[state][self._ascii_only] if state else ""
        style = "$text-accent" if state is TickState.READ_BY_ALL else "$text-muted"
        widest = max((cell_len(name) for name, _ in people), default=0)
        rows = [Content(""), Content.styled(title, "bold")] if title and people else []
        for name, at_ms in people:
            time = ("", "") if at_ms is None else (moment_of(at_ms), "$text-muted")
            padding = "" if at_ms is None else " " * (widest - cell_len(name) + 2)
            rows.append(Content.assemble((f"{glyph:<2} ", style), f"{name}{padding}", time))
        return rows


def moment_of(at_ms: int) -> str:
    """A time of the local day, with the date where that is not today."""
    moment = datetime.fromtimestamp(at_ms / 1000).astimezone()
    today = datetime.now().astimezone().date()
    return f"{moment:%H:%M:%S}" if moment.date() == today else f"{moment:%d %B %Y, %H:%M:%S}"
