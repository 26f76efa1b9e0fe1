"""Where one writes: Enter sends, Ctrl+J or Shift+Enter begins a new line, a paste stays one message."""

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import TextArea

from chat_server.protocol import CONTENT_CHARS_MAX
from chat_tui.keys import Where, for_place
from chat_tui.safetext import safe_text
from chat_tui.widgets.bindings import bindings


class Composer(TextArea):
    """A text area that grows with its text and sends it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.COMPOSER)

    class Sent(Message):
        """A message was entered; the composer is empty again."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The person wants to go to the conversation."""

    def __init__(
        self,
        draft: str,
        placeholder: str,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        """Hold a draft, or where that is empty a hint of what to do."""
        super().__init__(
            draft, id=id, placeholder=placeholder, soft_wrap=True, compact=True, highlight_cursor_line=False
        )

    def on_mount(self) -> None:
        """One goes on where one stopped."""
        self.move_cursor(self.document.end)

    def action_send(self) -> None:
        """Send what is written, unless it is nothing, or too much."""
        text = self.text.strip("\n").rstrip()
        if len(text) > CONTENT_CHARS_MAX:
            self.notify(
                f"The message has {len(text):,} characters; at most {CONTENT_CHARS_MAX:,} can be sent at a time.",
                severity="warning",
                markup=False,
            )
        elif text.strip():
            self.text = ""
            self.post_message(self.Sent(text))

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

    async def _on_paste(self, event: events.Paste) -> None:
        # A pasted escape sequence must neither act nor lie in wait in a message.
        await super()._on_paste(events.Paste(safe_text(event.text)))
        event.prevent_default()
        event.stop()
