"""The part of the app in which replies and edits go from the composer to the session."""

from abc import abstractmethod

from textual import on

from chat_server.protocol import Edit
from chat_tui.attentive import AttentiveApp
from chat_tui.model import events as happened
from chat_tui.model.session import Session
from chat_tui.screens.chat import ChatScreen
from chat_tui.widgets.composer import Composer


class AnsweringApp(AttentiveApp):
    """It hands on what is to be changed; a reply is sent like every message."""

    _session: Session
    _chat: ChatScreen
    _epoch = ""
    """In which history of the server's the composer's messages are."""

    @abstractmethod
    def _feed(self, *newest: happened.Event) -> None:
        """Tell the session what has happened."""

    def follow_epoch(self) -> None:
        """Where the server has another history, nothing that is answered or edited is in it."""
        if self._session.epoch != self._epoch:
            self._epoch = self._session.epoch
            self._chat.forget_answers()

    @on(Composer.Edited)
    def _edited(self, event: Composer.Edited) -> None:
        request = Edit(room=event.room, message_id=event.message_id, content=event.text)
        self._feed(happened.Asked(request))
