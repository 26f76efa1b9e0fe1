"""An app in which one puts marks on messages: reactions, which also can be clicked, and pins, which are listed."""

from textual import on

from chat_server.protocol import Pin, Unpin
from chat_tui.gestures.seeking import SeekingApp
from chat_tui.model import events as happened
from chat_tui.model.marks import emoji_at, toggled
from chat_tui.screens.pins import PinsScreen
from chat_tui.screens.react import ReactScreen
from chat_tui.widgets.conversation import Conversation
from chat_tui.widgets.messages import Messages


class MarkingApp(SeekingApp):
    """The part of the app that reacts and pins."""

    # Reactions

    @on(Messages.ReactAsked)
    def _react_asked(self, event: Messages.ReactAsked) -> None:
        message_id = event.message.id
        assert message_id is not None

        def react(emoji: str | None) -> None:
            if emoji is not None:
                self._toggle(message_id, emoji)

        self.push_screen(ReactScreen(event.message, ascii_only=self._ascii_only), react)

    @on(Conversation.ReactionClicked)
    def _reaction_clicked(self, event: Conversation.ReactionClicked) -> None:
        message_id = event.message.id
        assert message_id is not None
        held = self._session.replica.get(message_id)
        emoji = emoji_at(held.message, event.message, event.number) if held is not None else None
        if emoji is not None:
            self._toggle(message_id, emoji)

    def _toggle(self, message_id: int, emoji: str) -> None:
        held = self._session.replica.get(message_id)
        if held is None:
            self.notify("The message is not at hand any more.", markup=False)
        elif held.deleted:
            self.notify("This message was removed.", markup=False)
        else:
            self._feed(happened.Asked(toggled(held.message, self._session.replica.me, emoji)))

    # Pins

    @on(Messages.PinAsked)
    def _pin_asked(self, event: Messages.PinAsked) -> None:
        message_id = event.message.id
        assert message_id is not None
        kind = Unpin if event.message.pinned else Pin
        self._feed(happened.Asked(kind(room=self._session.room, message_id=message_id)))

    @on(PinsScreen.UnpinAsked)
    def _unpin_asked(self, event: PinsScreen.UnpinAsked) -> None:
        self._feed(happened.Asked(Unpin(room=self._session.room, message_id=event.message_id)))

    def action_pins(self) -> None:
        """List what is pinned in the room."""
        room = self._session.room
        self._feed(happened.PinsViewed(is_open=True))

        def close(message_id: int | None) -> None:
            self._feed(happened.PinsViewed(is_open=False))
            if message_id is not None:
                self.jump(room, message_id)

        self.push_screen(PinsScreen(self._session.pins(), ascii_only=self._ascii_only), close)

    def ask_pins(self) -> None:
        """Ask again how many have read what is pinned, while that is listed."""
        if isinstance(self.screen, PinsScreen):
            self._feed(happened.PinsViewed(is_open=True))

    def draw_pins(self) -> None:
        """Show what is pinned as it is known now, while that is listed."""
        if isinstance(self.screen, PinsScreen):
            self.screen.show(self._session.pins())
