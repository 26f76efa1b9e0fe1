"""What is offered to complete a word, row by row above the composer; it takes rows and covers none."""

from typing import Final

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from chat_tui.text.completion import Offer, Suggestion

ROWS_MAX: Final = 6
ROWS_MAX_SHORT: Final = 3
"""In a terminal that is short of rows."""
_HINT_COLUMN: Final = 12


class Offers(Widget):
    """Draws an `Offer`, or is not there."""

    class Picked(Message):
        """One of what is offered was clicked."""

        def __init__(self, offer: Offer, number: int) -> None:
            super().__init__()
            self.offer = offer
            self.number = number
            """Which of its suggestions, from 0."""

    offer: reactive[Offer | None] = reactive(None, layout=True)
    chosen: reactive[int] = reactive(0)

    def show(self, offer: Offer | None, chosen: int) -> None:
        """Draw this from now on."""
        self.offer, self.chosen = offer, chosen
        self.display = offer is not None

    def render(self) -> Content:
        """The rows around the chosen one."""
        if self.offer is None:
            return Content("")
        suggestions = self.offer.suggestions
        shown = self._shown(len(suggestions))
        return Content("\n").join(_row(suggestions[each], chosen=each == self.chosen) for each in shown)

    def _shown(self, count: int) -> range:
        """Which of so many suggestions are on a row."""
        rows = min(ROWS_MAX_SHORT if self.screen.has_class("-short") else ROWS_MAX, count)
        first = min(max(self.chosen - rows + 1, 0), count - rows)
        return range(first, first + rows)

    def on_click(self, event: events.Click) -> None:
        """Take the one on the row that was clicked."""
        if self.offer is None:
            return
        shown = self._shown(len(self.offer.suggestions))
        if 0 <= event.y < len(shown):
            self.post_message(self.Picked(self.offer, shown[event.y]))


def _row(suggestion: Suggestion, *, chosen: bool) -> Content:
    word = Content.styled(suggestion.shown, "bold" if chosen else "")
    gap = " " * max(_HINT_COLUMN - word.cell_length, 2) if len(suggestion.shown) > 1 else "  "
    hint = Content.styled(suggestion.hint, "$text-muted")
    return Content.assemble("> " if chosen else "  ", word, gap if suggestion.hint else "", hint)
