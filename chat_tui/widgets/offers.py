"""What is offered to complete a word, row by row above the composer; it takes rows and covers none."""

from typing import Final

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_tui.text.completion import Offer, Suggestion

ROWS_MAX: Final = 6
ROWS_MAX_SHORT: Final = 3
"""In a terminal that is short of rows."""
_HINT_COLUMN: Final = 12


class Offers(Widget):
    """Draws an `Offer`, or is not there."""

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
        rows = min(ROWS_MAX_SHORT if self.screen.has_class("-short") else ROWS_MAX, len(suggestions))
        first = min(max(self.chosen - rows + 1, 0), len(suggestions) - rows)
        shown = range(first, first + rows)
        return Content("\n").join(_row(suggestions[each], chosen=each == self.chosen) for each in shown)


def _row(suggestion: Suggestion, *, chosen: bool) -> Content:
    word = Content.styled(suggestion.shown, "bold" if chosen else "")
    gap = " " * max(_HINT_COLUMN - word.cell_length, 2) if len(suggestion.shown) > 1 else "  "
    hint = Content.styled(suggestion.hint, "$text-muted")
    return Content.assemble("> " if chosen else "  ", word, gap if suggestion.hint else "", hint)
