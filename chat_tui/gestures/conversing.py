"""What each part of the app has at hand: the session, and the screen on which one lives in it."""

from abc import abstractmethod

from chat_tui.connection import Connection
from chat_tui.gestures.attentive import AttentiveApp
from chat_tui.keys import Key
from chat_tui.model import events as happened
from chat_tui.model.session import Session
from chat_tui.screens.chat import ChatScreen
from chat_tui.telling import Telling


class ConversingApp(AttentiveApp):
    """The app as its parts see it; it holds all this before any of them takes a gesture."""

    _session: Session
    _chat: ChatScreen
    _connection: Connection
    _telling: Telling
    _keys: tuple[Key, ...]
    """The table of keys, with those that somebody has chosen."""
    _ascii_only: bool

    @abstractmethod
    def _feed(self, *newest: happened.Event) -> None:
        """Tell the session what has happened."""

    @abstractmethod
    def _draw_soon(self) -> None:
        """Draw what has changed."""
