"""What somebody asks in `--plain`, told once it is answered: who has read a message, pins, what is found."""

from collections.abc import Callable

from chat_tui.model import events as happened
from chat_tui.model.inspection import inspect
from chat_tui.model.marks import ASKING
from chat_tui.model.searching import Progress
from chat_tui.model.session import Session
from chat_tui.model.view import Link, MessageView
from chat_tui.plain.transcript import tell_info, tell_pins, tell_search


class Inquiries:
    """One of each kind at a time; the last one counts."""

    def __init__(
        self,
        session: Session,
        handle: Callable[[happened.Event], None],
        write: Callable[..., None],
        local: Callable[[int], tuple[str, str]],
    ) -> None:
        """Take the session, what hands events to it, what writes lines, and the day and time here of a moment."""
        self._session = session
        self._handle = handle
        self._write = write
        self._local = local
        self._inspected: int | None = None
        self._asks_for_pins = False
        self._words = ""
        """What is being searched."""

    def inspect(self, message_id: int) -> None:
        """Ask who has read a message."""
        if self._session.status().link is not Link.ONLINE:
            self._write("* There is no connection, so nobody can be asked.")
        else:
            self._inspected = message_id
            self._handle(happened.Inspected(self._inspected))

    def list_pins(self) -> None:
        """Ask what is pinned."""
        self._asks_for_pins = True
        self._handle(happened.PinsViewed(is_open=True))

    def search(self, words: str) -> None:
        """Ask for what was said with some words."""
        self._words = words
        self._handle(happened.Searched(words, self._session.room))

    def tell(self, messages: tuple[MessageView, ...]) -> None:
        """Write what has been answered by now."""
        self._tell_info(messages)
        self._tell_pins()
        self._tell_search()

    def _tell_info(self, messages: tuple[MessageView, ...]) -> None:
        message = next((each for each in messages if each.id == self._inspected), None)
        if self._inspected is not None and message is not None:
            info = inspect(message, self._session.info)
            if not info.loading:
                self._write(tell_info(info))
                self._inspected = None
                self._handle(happened.Inspected(None))

    def _tell_pins(self) -> None:
        """Tell once what is pinned, when the server has said so or cannot be asked."""
        if not self._asks_for_pins:
            return
        pins = self._session.pins()
        if not self._session.status().pins:
            self._write("* Nothing is pinned here.")
        elif pins.notice == ASKING:
            return
        else:
            self._write(*tell_pins(pins, self._local))
        self._asks_for_pins = False
        self._handle(happened.PinsViewed(is_open=False))

    def _tell_search(self) -> None:
        found = self._session.search
        if self._words and found.progress not in (Progress.BUSY, Progress.WAITING):
            self._write(*tell_search(self._words, found, self._local))
            self._words = ""
            self._handle(happened.Searched("", None))
