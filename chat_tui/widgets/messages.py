"""The conversation with its keys: what one does with the message under the cursor."""

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from chat_tui.keys import Where
from chat_tui.model.drawing import snippet
from chat_tui.model.view import MessageView, ReplyView, TickState
from chat_tui.text.markup import Address, addresses
from chat_tui.text.safetext import safe_text
from chat_tui.widgets.answering import AnsweringTextArea
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.conversation import Conversation


class Messages(Conversation):
    """A conversation in which keys act."""

    # What is typed in one burst is handed to whatever has the focus by then: after a key that goes to the composer
    # text would act as keys. So they act at once, and all of them, lest one overtakes another.
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CONVERSATION, priority=True)

    writer: AnsweringTextArea | None = None
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

    class ReactAsked(Message):
        """The person wants to put an emoji on a message, or to take one of theirs away."""

        def __init__(self, message: MessageView) -> None:
            super().__init__()
            self.message = message

    class AcknowledgeAsked(Message):
        """A message of somebody else's is to be acknowledged."""

        def __init__(self, message: MessageView) -> None:
            super().__init__()
            self.message = message

    class PinAsked(Message):
        """A message is to be pinned, or no longer."""

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

    class BackAsked(Message):
        """The person wants to be where they were before they went where they are."""

    class UnreadAsked(Message):
        """The person wants to see the next unread message of the room."""

    class DateAsked(Message):
        """The person wants to go to a day or a time."""

    class StopAsked(Message):
        """The person does not want to go any more where they are being taken."""

    class SenderAsked(Message):
        """The person wants to write to whoever wrote a message, in private."""

        def __init__(self, message_id: int) -> None:
            super().__init__()
            self.message_id = message_id

    class SilenceAsked(Message):
        """The room is to tell only of mentions, or of everything again."""

    class HorizonsAsked(Message):
        """It is to be shown how far others have read, or no more."""

    def action_first(self) -> None:
        """Go to the first message, or to the window's first until the room's is here."""
        self._stop()
        self.post_message(self.OldestAsked())
        self.action_home()
        self.show_from(1)

    def action_newest(self) -> None:
        """Go to the newest message."""
        self._stop()
        self.action_end()
        self.jump_to_end()

    def action_info(self) -> None:
        """Ask who has read the message under the cursor."""
        current = self._on_the_server()
        if current is not None and current.id is not None:
            self.post_message(self.InfoAsked(current.id))

    def action_reply(self) -> None:
        """Go and write a reply to the message under the cursor."""
        current = self._on_the_server()
        if current is not None and current.id is not None and self.writer is not None:
            self.writer.reply_to(ReplyView(current.sender, snippet(current.text), current.id))
            self.action_to_composer()

    def action_edit(self) -> None:
        """Go and change the text of the message under the cursor."""
        current = self._on_the_server()
        if current is not None and not current.own:
            self.notify("Only your own messages can be edited.", markup=False)
        elif current is not None and self.writer is not None:
            self.writer.edit_message(current.id)
            self.action_to_composer()

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

    def action_react(self) -> None:
        """Choose an emoji for the message under the cursor."""
        if (current := self._on_the_server()) is not None:
            self.post_message(self.ReactAsked(current))

    def action_pin(self) -> None:
        """Pin the message under the cursor, or unpin it."""
        if (current := self._on_the_server()) is not None:
            self.post_message(self.PinAsked(current))

    def action_acknowledge(self) -> None:
        """Ask for the message under the cursor to be acknowledged."""
        current = self._on_the_server()
        if current is not None and current.own:
            self.notify("Only others can acknowledge what you wrote.", markup=False)
        elif current is not None:
            self.post_message(self.AcknowledgeAsked(current))

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

    def action_parent(self) -> None:
        """Go to the message that the one under the cursor answers."""
        if self.current is not None and self.current.reply is not None:
            self.post_message(self.ParentAsked(self.room, self.current.reply.id))
        else:
            self.notify("This message answers no other.", markup=False)

    def action_jump_back(self) -> None:
        """Go back to where one was."""
        self.post_message(self.BackAsked())

    def action_unread_below(self) -> None:
        """Go to the next unread message."""
        self.post_message(self.UnreadAsked())

    def action_go_to_date(self) -> None:
        """Ask for a day or a time to go to."""
        self.post_message(self.DateAsked())

    async def action_search(self) -> None:
        """Look for words."""
        await self.app.run_action("search")

    def action_write_to_sender(self) -> None:
        """Go to the conversation with whoever wrote the message under the cursor."""
        current = self.current
        if current is not None and current.own:
            self.notify("This message is your own.", markup=False)
        elif current is not None and current.id is not None:
            self.post_message(self.SenderAsked(current.id))

    def action_silence(self) -> None:
        """Silence the room, or let it be heard."""
        self.post_message(self.SilenceAsked())

    def action_horizons(self) -> None:
        """Show how far others have read, or no more."""
        self.post_message(self.HorizonsAsked())

    def action_to_composer(self) -> None:
        """Go back to writing; while something is looked for, look for it no more."""
        if not self._stop():
            self.screen.set_focus(self.writer)

    def _stop(self) -> bool:
        """Whether there was something to stop."""
        if self.viewport.view.sought:
            self.post_message(self.StopAsked())
        return bool(self.viewport.view.sought)

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
