"""The part of the app that lets others know that one is writing."""

from textual import on

from chat_tui.gestures import attentive
from chat_tui.gestures.conversing import ConversingApp
from chat_tui.model import events as happened
from chat_tui.widgets.composer import Composer


class WritingApp(ConversingApp):
    """It tells of messages only: not of commands, nor of drafts that one finds in a room."""

    tells_writing = True
    """Whether one wants others to know."""

    @on(Composer.Changed)
    def _wrote(self) -> None:
        if self.tells_writing and self._chat.is_writing:
            self._feed(happened.Wrote(self._chat.room, attentive.steady_ms()))
