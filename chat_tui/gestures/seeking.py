"""An app in which one goes to places in the history: a message, a date, what is unread, what was searched for."""

from datetime import UTC, datetime

from textual import on

from chat_tui.gestures.conversing import ConversingApp
from chat_tui.model import events as happened
from chat_tui.screens.date import DateScreen
from chat_tui.screens.search import SearchScreen, Target
from chat_tui.text.dates import WRITE, When, when
from chat_tui.text.safetext import safe_line
from chat_tui.widgets.conversation import Conversation
from chat_tui.widgets.messages import Messages


def local_now() -> datetime:
    """The time of day here, without a zone."""
    return datetime.now(UTC).astimezone().replace(tzinfo=None)


class SeekingApp(ConversingApp):
    """The part of the app that goes to other places of a room than its end."""

    def jump(self, room: str, message_id: int) -> None:
        """Put the cursor on a message of a room that one is in, in the middle of the screen."""
        self._go(happened.Jumped(room, message_id, self._here))

    def go_to_date(self, text: str) -> None:
        """Go to a day or a time, as somebody has written it."""
        wanted = when(text, local_now())
        if wanted is None:
            self.notify(WRITE, severity="warning", markup=False)
        else:
            self._go(happened.MomentSought(_moment(wanted), self._here))

    def search_for(self, words: str) -> None:
        """Look for messages with these words."""
        room = self._session.room
        self.push_screen(SearchScreen(room, words, ascii_only=self._ascii_only), self._searched)

    def draw_search(self) -> None:
        """Show what has been found, where somebody looks."""
        if isinstance(self.screen, SearchScreen):
            self.screen.show(self._session.search)

    def _go(self, event: happened.Event) -> None:
        self._chat.set_focus(self._chat.messages)  # the cursor is shown only where keys act on it
        self._feed(event)

    @property
    def _here(self) -> int | None:
        """The message that one is at; None for the end, which is followed."""
        messages = self._chat.messages
        visible = sorted(messages.visible_ids())
        current = messages.current.id if messages.current is not None else None
        if messages.has_focus and current in visible:
            return current
        return None if messages.following or not visible else visible[len(visible) // 2]

    # Keys

    def action_search(self) -> None:
        """Look for messages by their words."""
        self.search_for("")

    # More of the history

    @on(Conversation.NearStart)
    def _near_start(self) -> None:
        self._feed(happened.Sought(happened.Part.OLDER))

    @on(Conversation.NearEnd)
    def _near_end(self) -> None:
        self._feed(happened.Sought(happened.Part.NEWER))

    @on(Conversation.EndAsked)
    def _end_asked(self) -> None:
        self._feed(happened.Sought(happened.Part.NEWEST))

    @on(Messages.OldestAsked)
    def _oldest_asked(self) -> None:
        self._feed(happened.Sought(happened.Part.OLDEST))

    # Gestures

    @on(Conversation.ParentAsked)
    def _parent_asked(self, event: Conversation.ParentAsked) -> None:
        self.jump(event.room, event.message_id)

    @on(Messages.BackAsked)
    def _back_asked(self) -> None:
        self._go(happened.Returned())

    @on(Messages.StopAsked)
    def _stop_asked(self) -> None:
        self._feed(happened.Abandoned())

    @on(Messages.UnreadAsked)
    def _unread_asked(self) -> None:
        current = self._chat.messages.current
        below = current.id if current is not None and current.id is not None else self._session.replica.last
        self._go(happened.UnreadSought(below, self._here))

    @on(Messages.DateAsked)
    def _date_asked(self) -> None:
        def go(text: str | None) -> None:
            if text is not None:
                self.go_to_date(text)

        self.push_screen(DateScreen(f"Go to a date in #{safe_line(self._session.room)}", local_now), go)

    @on(SearchScreen.Wanted)
    def _search_wanted(self, event: SearchScreen.Wanted) -> None:
        self._feed(happened.Searched(event.query, event.room))

    @on(SearchScreen.MoreWanted)
    def _more_wanted(self) -> None:
        self._feed(happened.SearchedOn())

    def _searched(self, target: Target | None) -> None:
        self._feed(happened.Searched("", None))
        if target is not None:
            self.jump(target.room, target.message_id)


def _moment(wanted: When) -> happened.Moment:
    """The time as the server tells times."""
    until_ms = None if wanted.ends is None else _wall_ms(wanted.ends)
    return happened.Moment(_wall_ms(wanted.begins), until_ms, wanted.label)


def _wall_ms(local: datetime) -> int:
    return int(local.timestamp() * 1000)
