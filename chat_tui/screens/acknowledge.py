"""Whether a message is really to be acknowledged, by who does not share what they read: the author is told."""

from chat_tui.model.view import MessageView
from chat_tui.screens.confirm import ConfirmScreen
from chat_tui.screens.question import quoted


class AcknowledgeScreen(ConfirmScreen):
    """Asks: True to acknowledge the message, False to say nothing."""

    def __init__(self, message: MessageView, *, ascii_only: bool) -> None:
        """Take the message."""
        super().__init__(
            f"Tell {message.sender} that you have read this and take note of it?",
            yes="Acknowledge",
            no="Say nothing",
            quote=quoted(message.text, ascii_only=ascii_only),
            why="You do not share here what you read. This one message is an exception: "
            "its author and whoever asks are shown your name.",
        )
