"""Whether one really wants into a room in which everybody sees what one has read."""

from chat_tui.screens.confirm import ConfirmScreen
from chat_tui.text.safetext import safe_line


class ConsentScreen(ConfirmScreen):
    """Asks: True to join the room, False to stay out of it."""

    def __init__(self, room: str) -> None:
        """Take the room's name."""
        super().__init__(
            f"Everybody in #{safe_line(room)} sees what you have read. Join?",
            yes="Join",
            no="Stay out",
            why="Receipts are required there, whatever you chose elsewhere.",
        )
