"""The part of the app in which replies and edits go from the composer to the session."""

from textual import on

from chat_server.protocol import Edit
from chat_tui.gestures.conversing import ConversingApp
from chat_tui.model import events as happened
from chat_tui.widgets.composer import Composer


class AnsweringApp(ConversingApp):
    """It hands on what is to be changed; a reply is sent like every message."""

    _epoch = ""
    """In which history of the server's the composer's messages are."""

    def follow_epoch(self) -> None:
        """Where the server has another history, nothing that is answered or edited is in it."""
        if self._session.epoch != self._epoch:
            self._epoch = self._session.epoch
            self._chat.forget_answers()

    @on(Composer.Edited)
    def _edited(self, event: Composer.Edited) -> None:
        request = Edit(room=event.room, message_id=event.message_id, content=event.text)
        self._feed(happened.Asked(request))
