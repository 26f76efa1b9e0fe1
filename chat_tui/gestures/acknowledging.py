"""An app in which one acknowledges what others wrote: at once, or once asked where one hides what one reads."""

from textual import on

from chat_server.protocol import Acknowledge
from chat_tui.gestures.conversing import ConversingApp
from chat_tui.model import events as happened
from chat_tui.screens.acknowledge import AcknowledgeScreen
from chat_tui.widgets.messages import Messages


class AcknowledgingApp(ConversingApp):
    """The part of the app by which one tells an author that one takes note."""

    @on(Messages.AcknowledgeAsked)
    def _acknowledge_asked(self, event: Messages.AcknowledgeAsked) -> None:
        message, room = event.message, self._session.room
        assert message.id is not None
        # It is of the text that was on screen, whatever becomes of the message while one is asked.
        request = Acknowledge(room=room, message_id=message.id, edition=message.edition)

        def acknowledge(answer: bool | None) -> None:  # noqa: FBT001  # the answer of a screen
            if answer:
                self._feed(happened.Asked(request))

        if self._session.status().sharing == "public":
            acknowledge(True)  # noqa: FBT003  # as above
        else:
            self.push_screen(AcknowledgeScreen(message, ascii_only=self._ascii_only), acknowledge)
