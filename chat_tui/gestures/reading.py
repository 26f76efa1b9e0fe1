"""An app in which what is in sight becomes read: what its screen shows is evidence, and what was read is told."""

from textual import on
from textual.timer import Timer

from chat_tui.gestures import attentive
from chat_tui.gestures.lending import LendingApp
from chat_tui.gestures.noticing import NoticingApp
from chat_tui.model import attention as attending
from chat_tui.model import events as happened
from chat_tui.screens.chat import ChatScreen
from chat_tui.screens.hold import HoldScreen
from chat_tui.telling import NOTICE_AFTER_S
from chat_tui.widgets.conversation import Conversation


class ReadingApp(NoticingApp, LendingApp):
    """The part of the app that says to the attention what can be seen, and to the session what it has found."""

    _ending_notice: Timer | None = None

    def is_covered(self) -> bool:
        """Whether any other screen is on top, or another program has the terminal."""
        return self.is_lent or not self._chat.is_active

    def unread_in_sight(self) -> frozenset[attending.Sight]:
        """What the conversation shows and the session does not know to be read."""
        if not self._chat.is_mounted or self._chat.messages.room != self._session.room:
            return frozenset()
        unseen = self._session.unseen(self._chat.messages.visible_texts())
        return frozenset((self._session.room, *text) for text in unseen)

    def on_read(self, seen: frozenset[attending.Sight], now_ms: int) -> None:
        """Tell the session, room by room."""
        for room in sorted({room for room, _, _ in seen}):
            texts = frozenset((each, edition) for its, each, edition in seen if its == room)
            self._feed(happened.Seen(room, frozenset(each for each, _ in texts), now_ms, texts))

    def on_attention(self) -> None:
        """Pass on whether somebody is looking; when somebody comes back, notices end and the server is tried."""
        attended = self.attention.attended(attentive.steady_ms())
        if attended is not self._looked.attended:
            self._looked = happened.Looked(attended, self._looked.following)
            self._feed(self._looked)
            self._tell(self._in_view)
            if attended:
                # What comes from now on has a time of its own.
                there = tuple(self._notifications)
                self._ending_notice = self.set_timer(NOTICE_AFTER_S, lambda: self.end_toasts(there.__contains__))
                self._connection.hurry()
            elif self._ending_notice is not None:
                self._ending_notice.stop()
        self._draw_soon()

    @on(Conversation.Visible)
    @on(ChatScreen.Covered)
    def _sight_changed(self) -> None:
        self.attend_to_sight()

    @on(Conversation.FollowChanged)
    def _follow_changed(self, event: Conversation.FollowChanged) -> None:
        self._looked = happened.Looked(self._looked.attended, event.following)
        self._feed(self._looked)
        self._tell(self._in_view)
        self._chat.show_below(event.below, following=event.following)

    # Holding receipts

    def action_hold(self) -> None:
        """Hold receipts, or ask what to do with those that were held."""
        if self.attention.state is not attending.ReceiptState.HELD:
            self.attend(attending.Hold())
        elif not self.attention.held_count:
            self.attend(attending.Release())
        elif self.screen is self._chat:
            self.push_screen(HoldScreen(self.attention.held_count), self._end_hold)

    def _end_hold(self, release: bool | None) -> None:  # noqa: FBT001  # the answer of a screen
        if release is not None:
            self.attend(attending.Release() if release else attending.Drop())
