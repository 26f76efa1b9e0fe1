"""Where one writes: Enter sends, Ctrl+J or Shift+Enter begins a new line, a paste stays one message."""

from typing import ClassVar, Final, assert_never

from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import TextArea

from chat_server.protocol import CONTENT_CHARS_MAX
from chat_tui.keys import ROAMING, TABLE, Key, Where, cap, for_place
from chat_tui.model.writing import as_sent
from chat_tui.text.commands import Command, Help, Mistake, Text, parse
from chat_tui.text.safetext import safe_line, safe_text
from chat_tui.text.sentlines import SentLines
from chat_tui.widgets.answering import AnsweringTextArea
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.completing import CompletingTextArea

CONTENT_CHARS_NEAR: Final = CONTENT_CHARS_MAX - 500
"""From this length on a message's length is said while it is written."""
EMPTY_ONLY: Final = "edit_newest"
"""The action whose keys are the text area's own once something is written."""
EDITING: Final = {
    key: each.action for each in TextArea.BINDINGS if isinstance(each, Binding) for key in each.key.split(",")
}
"""What the text area's own keys do: as bindings they would come after letters that were typed later."""


class Composer(AnsweringTextArea):
    """A text area that grows with its text and sends it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        Where.COMPOSER, only={key.action for key in for_place(Where.COMPOSER)} - {EMPTY_ONLY}
    )

    class Sent(Message):
        """A message was entered; the composer is empty again."""

        def __init__(self, text: str, room: str, reply_to: int | None = None) -> None:
            super().__init__()
            self.text = text
            self.room = room
            """The room that it was written to, whatever is shown by now."""
            self.reply_to = reply_to
            """The message that it answers."""

    class Commanded(Message):
        """A command was entered; the composer is empty again."""

        def __init__(self, command: Command, room: str) -> None:
            super().__init__()
            self.command = command
            self.room = room
            """As in `Sent`."""

    class HelpAsked(Message):
        """Keys and commands were asked for; the composer is empty again."""

    class EditorAsked(Message):
        """The person wants to write in their own editor."""

    class Left(Message):
        """The person wants to go to the conversation."""

    reader: Widget | None = None
    """Where the conversation is read, and keys go once one has left."""

    def __init__(
        self,
        draft: str,
        room: str,
        *,
        keys: tuple[Key, ...] = TABLE,
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        """Hold what is written to a room, or where that is nothing a hint; `keys` are those of all places."""
        self.room = room
        self._given = draft
        self._keys = for_place(Where.COMPOSER, keys)
        self._reading = for_place(Where.CONVERSATION, keys)
        self._roaming = tuple(key for key in for_place(Where.ANYWHERE, keys) if key.action in ROAMING)
        self.completion_keys = for_place(Where.COMPLETION, keys)
        self.answering_keys = for_place(Where.ANSWERING, keys)
        self.delete_key = next((cap(key.keys[0]) for key in keys if key.action == "delete" and key.keys), "")
        self._writings = {}
        self._why_closed = ""
        self._label = f"#{safe_line(room)}"
        self._sent: dict[str, SentLines] = {}
        super().__init__(
            draft, id=id, placeholder=self._hint, soft_wrap=True, compact=True, highlight_cursor_line=False
        )

    def on_mount(self) -> None:
        """One goes on where one stopped."""
        self.move_cursor(self.document.end)
        self._count()

    @on(CompletingTextArea.Changed)
    def _count(self) -> None:
        """Say how long a message is once it is nearly or truly too long."""
        length = len(self.text)
        self.set_class(length >= CONTENT_CHARS_NEAR, "-long")
        self.set_class(length > CONTENT_CHARS_MAX, "-too-long")
        self.border_subtitle = _said_of(length)

    @property
    def _sent_lines(self) -> SentLines:
        """What was sent to this room from here."""
        return self._sent.setdefault(self.room, SentLines())

    @property
    def _hint(self) -> str:
        return f"Write to {self._label}"

    def turn(self, room: str, draft: str) -> None:
        """What is written is for another room from now on, and goes on where it stopped there."""
        self.writing.leave(self.text)
        self.room = room
        self._given = draft
        self.placeholder = self._why_closed or self._hint
        self.show_writing(draft)

    def forget(self) -> None:
        """The messages of all rooms are others from now on; what one of them was to say can be had again."""
        if self.writing.editing is not None:
            self._sent_lines.add(as_sent(self.text))
        super().forget()

    def set_label(self, label: str) -> None:
        """Call the room so, where one is asked to write; it is safe to show."""
        if label != self._label:
            self._label = label
            self.placeholder = self._why_closed or self._hint

    @property
    def is_writing(self) -> bool:
        """Whether a message is being written: no command, and not what was found here."""
        is_message = isinstance(parse(self.text.strip("\n").rstrip()), Text)
        return bool(self.text.strip()) and self.text != self._given and is_message

    def set_closed(self, why: str) -> None:
        """Say why nothing can be sent from now on, or (empty) that it can be; what is written stays either way."""
        if why != self._why_closed:
            self._why_closed = why
            self.placeholder = why or self._hint

    def action_send(self) -> None:
        """Send what is written, or do what it commands; of an edit, save it."""
        written = as_sent(self.text)
        if self.writing.editing is not None:
            if self.save():
                self._sent_lines.add(written)
            return
        match parse(written):
            case Text(content=content):
                self._send(content, written)
            case Command() as command:
                self._clear(written)
                self.post_message(self.Commanded(command, self.room))
            case Help():
                self._clear(written)
                self.post_message(self.HelpAsked())
            case Mistake(sentence=sentence):
                self.notify(safe_line(sentence), severity="warning", markup=False)
            case other:
                assert_never(other)

    def _clear(self, written: str) -> None:
        """What was written has gone; it can be had again."""
        self._sent_lines.add(written)
        self.text = ""

    def _send(self, text: str, written: str) -> None:
        """Send a message, unless it is nothing, or too much, or not to be sent here."""
        if self._why_closed and text.strip():
            self.notify(self._why_closed, severity="warning", markup=False)
        elif text.strip() and not self.is_too_long(text):
            self._clear(written)
            reply, self.writing.reply = self.writing.reply, None
            self.post_message(self.Sent(text, self.room, reply.id if reply is not None else None))
            self.tell_purpose()

    def action_older_sent(self) -> None:
        """Write again what was sent before this."""
        self._write_again(self._sent_lines.older(self.text))

    def action_newer_sent(self) -> None:
        """Write again what was sent after this, in the end what one was writing."""
        self._write_again(self._sent_lines.newer(self.text))

    def _write_again(self, line: str | None) -> None:
        if line is not None:
            self.rewrite(line)

    def rewrite(self, text: str) -> None:
        """Have this written instead: an edit like any other, which can be undone."""
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.move_cursor(self.document.end)

    def mention(self, name: str) -> None:
        """Name somebody at the cursor, as a word of its own."""
        before = self.get_text_range((0, 0), self.selection.start)
        self.insert(f"{'' if not before or before[-1].isspace() else ' '}@{name} ")

    def action_edit_elsewhere(self) -> None:
        """Write in one's own editor."""
        self.post_message(self.EditorAsked())

    def action_new_line(self) -> None:
        """Begin a new line at the cursor."""
        self.insert("\n")

    def action_to_conversation(self) -> None:
        """Go to the conversation: at once, as keys that were typed after this one may be here already."""
        if self.reader is not None:
            self.screen.set_focus(self.reader)
        self.post_message(self.Left())

    def _hand_on(self, event: events.Key, reader: Widget) -> None:
        """Do what a key does in the conversation: it was typed after the one that goes there."""
        event.stop()
        event.prevent_default()
        if action := next((key.action for key in self._reading if event.key in key.keys), ""):
            reader.call_later(reader.run_action, action)  # once it knows that it has the focus

    async def _on_key(self, event: events.Key) -> None:
        # Bindings come after the text area, which would take Enter, and priority bindings overtake keys that wait
        # for it: a fast "hi", Enter would send nothing. So its keys are looked up here, in the order of typing.
        if self.reader is not None and self.screen.focused is self.reader:
            self._hand_on(event, self.reader)
            return
        action = self.complete_by(event) or self.answer_by(event) or self._action_of(event.key)
        roaming = "" if action else next((key.action for key in self._roaming if event.key in key.keys), "")
        action = action or ("" if roaming else EDITING.get(event.key, ""))
        if action:
            await self.run_action(action)
        elif roaming:
            await self.app.run_action(roaming)
        if action or roaming or (event.character == ":" and self.close_emoji()):
            event.stop()
            event.prevent_default()

    def _action_of(self, name: str) -> str:
        """What a key does here by itself; empty where it is the text area's."""
        is_free = not (self.text or self.writing)
        keys = (key for key in self._keys if is_free or key.action != EMPTY_ONLY)
        return next((key.action for key in keys if name in key.keys), "")

    async def _on_paste(self, event: events.Paste) -> None:
        # A pasted escape sequence must neither act nor lie in wait in a message.
        await super()._on_paste(events.Paste(safe_text(event.text)))
        event.prevent_default()
        event.stop()


def _said_of(length: int) -> Content | None:
    """How long a message is and what to do; short enough for the border of a narrow terminal."""
    if length < CONTENT_CHARS_NEAR:
        return None
    if length <= CONTENT_CHARS_MAX:
        return Content(f"{length:,} of {CONTENT_CHARS_MAX:,} characters")
    return Content(f"{length:,} of {CONTENT_CHARS_MAX:,}: shorten by {length - CONTENT_CHARS_MAX:,}")
