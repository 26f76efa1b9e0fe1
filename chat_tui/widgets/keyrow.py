"""The row of keys at the bottom, which can be clicked; the one that finds everything is always among them."""

from collections.abc import Iterable
from typing import Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

LEAST: Final = ("help", "new_line", "quit", "hold", "reply", "info")
"""Actions that are left out first where not all fit, the first of them before the others."""
PALETTE: Final = "-command-palette"


class KeyRow(Footer):
    """Textual's footer without halves of keys: what does not fit whole is left out."""

    def __init__(self) -> None:
        """Show the key of the palette at the right end."""
        super().__init__(compact=True, show_command_palette=True)

    def compose(self) -> ComposeResult:
        """As many keys as fit."""
        keys = [each for each in super().compose() if isinstance(each, FooterKey)]
        while keys and _width(keys) > self.size.width:
            keys.remove(_least(keys))
        yield from keys

    def on_resize(self) -> None:
        """More fit, or fewer."""
        self.refresh(recompose=True)


def _width(keys: Iterable[FooterKey]) -> int:
    """Of all of them in a row, with one column between two."""
    return sum(cell_len(f"{each.key_display} {each.description}") + 1 for each in keys) - 1


def _least(keys: list[FooterKey]) -> FooterKey:
    """The one to do without: the palette's own last of all."""
    by_action = {each.action.rpartition(".")[2]: each for each in keys}
    least = next((by_action[action] for action in LEAST if action in by_action), None)
    return least or next((each for each in reversed(keys) if not each.has_class(PALETTE)), keys[0])
