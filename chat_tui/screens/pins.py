"""The pinned messages of a room, and how many have read each; live while it is open."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chat_tui.keys import Where
from chat_tui.model.marks import PinsView, PinView
from chat_tui.screens.info import moment_of
from chat_tui.widgets.bindings import bindings

QUOTE_LINES = 3
QUOTE_CELLS_MIN = 16
BOX_CELLS = 72
AROUND_CELLS = 8
"""Border, padding, scrollbar, and a margin for words that do not fit at the end of a line."""


class PinsScreen(ModalScreen[int | None]):
    """Draws a `PinsView` over the conversation. Asks: the id of the message to go to, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PINNED)

    class UnpinAsked(Message):
        """A message is to be pinned no longer."""

        def __init__(self, message_id: int) -> None:
            super().__init__()
            self.message_id = message_id

    def __init__(self, view: PinsView, *, ascii_only: bool) -> None:
        """Begin with what is known."""
        super().__init__()
        self._view = view
        self._ascii_only = ascii_only

    def compose(self) -> ComposeResult:
        """The messages, and what is to be said besides."""
        with Vertical(id="pins"):
            yield OptionList(id="pinned", markup=False, compact=True)
            yield Static(id="notice", markup=False)

    def on_mount(self) -> None:
        """Name the box."""
        self.query_one("#pins").border_title = "Pinned messages"
        self._draw()

    def on_resize(self) -> None:
        """As much of each message is shown as there is room for."""
        self._draw()

    def show(self, view: PinsView) -> None:
        """Draw what is known now; the chosen message stays chosen."""
        if view != self._view:
            self._view = view
            if self.is_mounted:
                self._draw()

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._view.pins[event.option_index].id)

    def action_unpin(self) -> None:
        """Ask for the chosen message to be unpinned."""
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.post_message(self.UnpinAsked(self._view.pins[at].id))

    def action_close(self) -> None:
        """Back to the conversation."""
        self.dismiss(None)

    def _draw(self) -> None:
        view, options, notice = self._view, self.query_one(OptionList), self.query_one(Static)
        at = options.highlighted
        chosen = options.get_option_at_index(at).id if at is not None else None
        ids = [str(each.id) for each in view.pins]
        options.clear_options()
        options.add_options(self._option(each) for each in view.pins)
        if ids:
            options.highlighted = ids.index(chosen) if chosen in ids else min(at or 0, len(ids) - 1)
        options.display = bool(ids)
        self.query_one("#pins").border_subtitle = f"{'Enter goes, u unpins, ' if ids else ''}Esc closes"
        notice.display = bool(view.notice)
        notice.update(view.notice)

    def _option(self, pin: PinView) -> Option:
        head = [(pin.sender, "bold $text-accent"), (f"  {moment_of(pin.at_ms)}", "$text-muted")]
        read = [("\n" + pin.read, "$text-muted")] if pin.read else []
        return Option(Content.assemble(*head, f"\n{self._quote(pin.text)}", *read), id=str(pin.id))

    def _quote(self, text: str) -> str:
        """As much of the message as says what it is about."""
        chars = QUOTE_LINES * max(QUOTE_CELLS_MIN, min(self.size.width, BOX_CELLS) - AROUND_CELLS)
        quote = "\n".join(text.strip().split("\n")[:QUOTE_LINES])[:chars].rstrip()
        return quote if quote == text.strip() else quote + (" ..." if self._ascii_only else "…")
