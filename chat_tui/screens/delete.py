"""Whether a message is really to be deleted: there is no way back."""

from chat_tui.model.view import MessageView
from chat_tui.screens.confirm import ConfirmScreen
from chat_tui.screens.question import quoted


class DeleteScreen(ConfirmScreen):
    """Asks: True to delete the message, False to keep it."""

    def __init__(self, message: MessageView, *, ascii_only: bool) -> None:
        """Take the message."""
        whose = "your message" if message.own else f"the message of {message.sender}"
        super().__init__(
            f"Delete {whose} for everybody, for good?",
            yes="Delete",
            no="Keep",
            quote=quoted(message.text, ascii_only=ascii_only),
        )
