"""Where one writes: Enter sends, Ctrl+J or Shift+Enter begins a new line, a paste stays one message."""

from typing import ClassVar, assert_never

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import TextArea

from chat_server.protocol import CONTENT_CHARS_MAX
from chat_tui.commands import Command, Mistake, Text, parse
from chat_tui.keys import ROAMING, Where, for_place
from chat_tui.safetext import safe_line, safe_text
from chat_tui.widgets.bindings import bindings


class Composer(TextArea):
    """A text area that grows with its text and sends it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.COMPOSER)

    class Sent(Message):
        """A message was entered; the composer is empty again."""

        def __init__(self, text: str, room: str) -> None:
            super().__init__()
            self.text = text
            self.room = room
            """The room that it was written to, whatever is shown by now."""

    class Commanded(Message):
        """A command was entered; the composer is empty again."""

        def __init__(self, command: Command, room: str) -> None:
            super().__init__()
            self.command = command
            self.room = room
            """As in `Sent`."""

    class Left(Message):
        """The person wants to go to the conversation."""

    def __init__(
        self,
        draft: str,
        room: str,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        """Hold what is written to a room, or where that is nothing a hint of what to do."""
        self.room = room
        self._why_closed = ""
        super().__init__(
            draft, id=id, placeholder=self._hint, soft_wrap=True, compact=True, highlight_cursor_line=False
        )

    def on_mount(self) -> None:
        """One goes on where one stopped."""
        self.move_cursor(self.document.end)

    @property
    def _hint(self) -> str:
        return f"Write to #{safe_line(self.room)}"

    def turn(self, room: str, draft: str) -> None:
        """What is written is for another room from now on, and goes on where it stopped there."""
        self.room = room
        self.placeholder = self._why_closed or self._hint
        self.text = draft
        self.move_cursor(self.document.end)

    def set_closed(self, why: str) -> None:
        """Say why nothing can be sent from now on, or (empty) that it can be; what is written stays either way."""
        if why != self._why_closed:
            self._why_closed = why
            self.placeholder = why or self._hint

    def action_send(self) -> None:
        """Send what is written, or do what it commands."""
        match parse(self.text.strip("\n").rstrip()):
            case Text(content=content):
                self._send(content)
            case Command() as command:
                self.text = ""
                self.post_message(self.Commanded(command, self.room))
            case Mistake(sentence=sentence):
                self.notify(safe_line(sentence), severity="warning", markup=False)
            case other:
                assert_never(other)

    def _send(self, text: str) -> None:
        """Send a message, unless it is nothing, or too much, or not to be sent here."""
        if self._why_closed and text.strip():
            self.notify(self._why_closed, severity="warning", markup=False)
        elif len(text) > CONTENT_CHARS_MAX:
            self.notify(
                f"The message has {len(text):,} characters; at most {CONTENT_CHARS_MAX:,} can be sent at a time.",
                severity="warning",
                markup=False,
            )
        elif text.strip():
            self.text = ""
            self.post_message(self.Sent(text, self.room))

    def action_new_line(self) -> None:
        """Begin a new line at the cursor."""
        self.insert("\n")

    def action_to_conversation(self) -> None:
        """Go to the conversation."""
        self.post_message(self.Left())

    async def _on_key(self, event: events.Key) -> None:
        # Bindings come after the text area, which would take Enter, and priority bindings overtake keys that wait
        # for it: a fast "hi", Enter would send nothing. So its keys are looked up here, in the order of typing.
        for key in for_place(Where.COMPOSER):
            if event.key in key.keys:
                event.stop()
                event.prevent_default()
                await self.run_action(key.action)
        for key in for_place(Where.ANYWHERE):
            if event.key in key.keys and key.action in ROAMING:
                event.stop()
                event.prevent_default()
                await self.app.run_action(key.action)

    async def _on_paste(self, event: events.Paste) -> None:
        # A pasted escape sequence must neither act nor lie in wait in a message.
        await super()._on_paste(events.Paste(safe_text(event.text)))
        event.prevent_default()
        event.stop()
