"""The conversation with its keys: what one does with the message under the cursor."""

from typing import ClassVar, Final

from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from chat_tui.keys import Where, for_place
from chat_tui.model.view import MessageView, TickState
from chat_tui.text.markup import Address, addresses
from chat_tui.text.safetext import safe_text
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.conversation import Conversation

LEAVE: Final = "to_composer"


class Messages(Conversation):
    """A conversation in which keys act."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.CONVERSATION, only={key.action for key in for_place(Where.CONVERSATION)} - {LEAVE}),
        # What is typed after it in one burst is handed to whatever has the focus by then: text would act as keys.
        *bindings(Where.CONVERSATION, only={LEAVE}, priority=True),
    ]

    writer: Widget | None = None
    """What one writes in, and goes back to."""

    class OldestAsked(Message):
        """The person wants to see the beginning of the room."""

    class RetryAsked(Message):
        """A refused message is to be sent again."""

        def __init__(self, nonce: str) -> None:
            super().__init__()
            self.nonce = nonce

    class DiscardAsked(Message):
        """A refused message is to be forgotten."""

        def __init__(self, nonce: str) -> None:
            super().__init__()
            self.nonce = nonce

    class DeleteAsked(Message):
        """A message is to be deleted, if the person still wants so once asked."""

        def __init__(self, message: MessageView) -> None:
            super().__init__()
            self.message = message

    class CopyAsked(Message):
        """The text of a message is wanted in the clipboard."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class OpenAsked(Message):
        """The person wants to open what a message links to."""

        def __init__(self, addresses: tuple[Address, ...]) -> None:
            super().__init__()
            self.addresses = addresses
            """One or more."""

    class MarkAsked(Message):
        """The room is to count as unread from a message on."""

        def __init__(self, message_id: int) -> None:
            super().__init__()
            self.message_id = message_id

    class WatchAsked(Message):
        """The person wants to be told when a message of theirs is read, or no more."""

        def __init__(self, message_id: int) -> None:
            super().__init__()
            self.message_id = message_id

    class SilenceAsked(Message):
        """The room is to tell only of mentions, or of everything again."""

    def action_first(self) -> None:
        """Go to the first message, or to the window's first until the room's is here."""
        self.post_message(self.OldestAsked())
        self.action_home()
        self.show_from(1)

    def action_newest(self) -> None:
        """Go to the newest message."""
        self.action_end()
        self.jump_to_end()

    def action_info(self) -> None:
        """Ask who has read the message under the cursor."""
        current = self._on_the_server()
        if current is not None and current.id is not None:
            self.post_message(self.InfoAsked(current.id))

    def action_retry(self) -> None:
        """Send the refused message under the cursor again."""
        if nonce := self._refused():
            self.post_message(self.RetryAsked(nonce))

    def action_discard(self) -> None:
        """Forget the refused message under the cursor."""
        if nonce := self._refused():
            self.post_message(self.DiscardAsked(nonce))

    def action_delete(self) -> None:
        """Ask for the message under the cursor to be deleted."""
        if (current := self._on_the_server()) is not None:
            self.post_message(self.DeleteAsked(current))

    def action_menu(self) -> None:
        """Choose what to do with the message under the cursor."""
        self.post_message(self.MenuAsked())

    def action_copy(self) -> None:
        """Copy the text of the message under the cursor, whether the server has it or not."""
        if self.current is not None and not self.current.removed:
            self.post_message(self.CopyAsked(self.current.text))

    def action_open(self) -> None:
        """Open what the message under the cursor links to."""
        if self.current is None:
            return
        if found := addresses(safe_text(self.current.text)):
            self.post_message(self.OpenAsked(found))
        else:
            self.notify("This message has no link.", markup=False)

    def action_mark_unread(self) -> None:
        """Have the room open at the message under the cursor next time."""
        current = self._on_the_server()
        if current is not None and current.id is not None:
            self.post_message(self.MarkAsked(current.id))

    def action_watch(self) -> None:
        """Ask to be told when the message of one's own under the cursor is read."""
        current = self._on_the_server()
        if current is not None and not current.own:
            self.notify("Only who reads your own messages is told to you.", markup=False)
        elif current is not None and current.id is not None:
            self.post_message(self.WatchAsked(current.id))

    def action_silence(self) -> None:
        """Silence the room, or let it be heard."""
        self.post_message(self.SilenceAsked())

    def action_to_composer(self) -> None:
        """Go back to writing."""
        self.screen.set_focus(self.writer)

    async def action_help(self) -> None:
        """Show all keys."""
        await self.app.run_action("help")

    def _on_the_server(self) -> MessageView | None:
        """The message under the cursor, if the server has it and has not been told to forget it."""
        current = self.current
        if current is not None and current.id is None:
            self.notify("This message has not reached the server yet.", markup=False)
        elif current is not None and current.removed:
            self.notify("This message was removed.", markup=False)
        else:
            return current
        return None

    def _refused(self) -> str | None:
        """The nonce of the message under the cursor, if that was refused."""
        current = self.current
        if current is None or current.tick is None or current.tick.state is not TickState.REFUSED:
            self.notify("Only a message that was refused (!) can be retried or discarded.", markup=False)
            return None
        return current.key
