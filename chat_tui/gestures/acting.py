"""An app in which one does something with a message: the one under the cursor, or one that was clicked."""

from textual import on

from chat_server.protocol import Delete
from chat_tui import opening
from chat_tui.gestures.conversing import ConversingApp
from chat_tui.model import events as happened
from chat_tui.model.inspection import inspect
from chat_tui.model.view import MessageView
from chat_tui.screens.delete import DeleteScreen
from chat_tui.screens.info import InfoScreen
from chat_tui.widgets.conversation import Conversation
from chat_tui.widgets.messages import Messages


class ActingApp(ConversingApp):
    """The part of the app that does what is asked of a message."""

    def _message(self, message_id: int | None) -> MessageView | None:
        return next((each for each in self._session.view().messages if each.id == message_id), None)

    @on(Messages.RetryAsked)
    def _retry_asked(self, event: Messages.RetryAsked) -> None:
        self._feed(happened.Retried(event.nonce))

    @on(Messages.DiscardAsked)
    def _discard_asked(self, event: Messages.DiscardAsked) -> None:
        self._feed(happened.Discarded(event.nonce))

    @on(Messages.DeleteAsked)
    def _delete_asked(self, event: Messages.DeleteAsked) -> None:
        message_id, room = event.message.id, self._session.room
        assert message_id is not None

        def delete(answer: bool | None) -> None:  # noqa: FBT001  # the answer of a screen
            if answer:
                self._feed(happened.Asked(Delete(room=room, message_id=message_id)))

        self.push_screen(DeleteScreen(event.message, ascii_only=self._ascii_only), delete)

    @on(Messages.CopyAsked)
    def _copy_asked(self, event: Messages.CopyAsked) -> None:
        self.run_worker(self._telling.copy(event.text), name="copy")

    @on(Messages.OpenAsked)
    def _open_asked(self, event: Messages.OpenAsked) -> None:
        opening.offer(self, event.addresses, self._telling.copy)

    # Who has read it

    @on(Conversation.InfoAsked)
    def _info_asked(self, event: Conversation.InfoAsked) -> None:
        message = self._message(event.message_id)
        if message is not None:
            self._feed(happened.Inspected(event.message_id))
            view = inspect(message, self._session.info)
            self.push_screen(
                InfoScreen(view, ascii_only=self._ascii_only),
                lambda _: self._feed(happened.Inspected(None)),
            )

    def ask_info(self) -> None:
        """Ask again who has read the message that is inspected, if one is."""
        if isinstance(self.screen, InfoScreen):
            self._feed(happened.Inspected(self.screen.message_id))

    def draw_info(self) -> None:
        """Show what is known by now of the message that is inspected, if one is."""
        if isinstance(self.screen, InfoScreen) and (message := self._message(self.screen.message_id)) is not None:
            self.screen.show(inspect(message, self._session.info))
