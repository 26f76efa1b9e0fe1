"""A text area in which one replies to a message or edits one; what it is for is drawn by whoever hears of it.

Each room has a reply or an edit of its own. All is done at once, in the order of the keys: what is typed right
after goes where it is meant to go.
"""

from collections.abc import Callable

from textual import events
from textual.message import Message

from chat_server.protocol import CONTENT_CHARS_MAX
from chat_tui.keys import TABLE, Where, cap, for_place
from chat_tui.model.view import ReplyView
from chat_tui.model.writing import Original, Verdict, Writing, as_sent
from chat_tui.widgets.completing import CompletingTextArea

Quotes = Callable[[int], ReplyView]
"""Gives what is shown of a message of the shown room where another one answers it."""
Originals = Callable[[int | None], Original | None]
"""Gives a message of one's own in the shown room that can be edited: this one, or (None) the newest."""

UNFINISHED = "You are editing a message. Save that with Enter or cancel it first."
NOTHING = "There is no message of yours here that can be edited."
WAITS = "There is no connection. What you have written stays here; save it when there is one."


class AnsweringTextArea(CompletingTextArea):
    """What is written in it is a message, a reply, or another text of a message of one's own."""

    class Purposed(Message):
        """It is for something else from now on."""

        def __init__(self, purpose: str) -> None:
            super().__init__()
            self.purpose = purpose
            """What it is for, safe to show; empty where it is for a message."""

    class Edited(Message):
        """A message of one's own is to get another text; what was written before is there again."""

        def __init__(self, message_id: int, text: str, room: str) -> None:
            super().__init__()
            self.message_id = message_id
            self.text = text
            self.room = room

    room: str
    """Which room it is written to; its subclass says."""
    quotes: Quotes | None = None
    originals: Originals | None = None
    online = False
    """Whether an edit can be saved now; nobody is asked to do so later."""
    answering_keys = for_place(Where.ANSWERING)
    """What acts on a reply or an edit."""
    delete_key = next(cap(key.keys[0]) for key in TABLE if key.action == "delete")
    _writings: dict[str, Writing]
    _purpose = ""
    """What has been told to be drawn."""

    @property
    def writing(self) -> Writing:
        """What is written to this room."""
        return self._writings.setdefault(self.room, Writing())

    @property
    def draft(self) -> str:
        """What is written and would be sent as a message or a reply: an edit's text is neither."""
        editing = self.writing.editing
        return self.text if editing is None else editing.draft

    def answer_by(self, event: events.Key) -> str:
        """The action that a key has on a reply or an edit; empty where it has none."""
        keys = self.answering_keys if self.writing else ()
        return next((key.action for key in keys if event.key in key.keys), "")

    def reply_to(self, reply: ReplyView) -> None:
        """What is written answers this message from now on."""
        if self.writing.editing is not None:
            self.notify(UNFINISHED, severity="warning", markup=False)
            return
        self.writing.reply = reply
        self.tell_purpose()

    def edit_message(self, message_id: int | None) -> None:
        """Have the text of a message of one's own here to be changed: of this one, or (None) of the newest."""
        original = self.originals(message_id) if self.originals is not None else None
        if self.writing.editing is not None:
            self.notify(UNFINISHED, severity="warning", markup=False)
        elif original is None:
            self.notify(NOTHING, markup=False)
        else:
            self._put(self.writing.edit(original, self.text))

    def action_edit_newest(self) -> None:
        """Edit one's own newest message."""
        self.edit_message(None)

    def action_cancel(self) -> None:
        """End the edit, with what was written before it, or else the reply, with what is written."""
        self._put(self.writing.end(self.text))

    def save(self) -> bool:
        """Have the edit's text said instead; False where it cannot be, and everything stays as it is."""
        text, editing = as_sent(self.text), self.writing.editing
        assert editing is not None
        match self.writing.judge(text):
            case Verdict.EMPTY:
                key = f" ({self.delete_key})" if self.delete_key else ""
                self.notify(f"To remove it, delete it{key}.", markup=False)
                return False
            case Verdict.OTHER if self.is_too_long(text):
                return False
            case Verdict.OTHER if not self.online:
                self.notify(WAITS, severity="warning", markup=False)
                return False
            case Verdict.OTHER:
                self.post_message(self.Edited(editing.original.id, text, self.room))
            case Verdict.SAME:
                pass  # It says so already.
        self.action_cancel()
        return True

    def is_too_long(self, text: str) -> bool:
        """Whether no message can be so long; that is said."""
        if len(text) <= CONTENT_CHARS_MAX:
            return False
        self.notify(
            f"The message has {len(text):,} characters; at most {CONTENT_CHARS_MAX:,} can be sent at a time.",
            severity="warning",
            markup=False,
        )
        return True

    def show_writing(self, draft: str) -> None:
        """Another room's turn has come: an edit that had begun there goes on, over what was written before."""
        editing = self.writing.editing
        self._put(draft if editing is None else editing.text)

    def renew(self) -> None:
        """What is answered may look different by now; what is not at hand any more is kept as it was."""
        reply = self.writing.reply
        if reply is None or self.quotes is None:
            return
        now = self.quotes(reply.id)
        if now.sender:
            self.writing.reply = now
        self.tell_purpose()

    def forget(self) -> None:
        """The messages of all rooms are others from now on: nothing is answered, and nothing edited."""
        text = self.draft
        self._writings.clear()
        self._put(text)

    def tell_purpose(self) -> None:
        """Have drawn what it is for, where that has changed."""
        if self.writing.purpose != self._purpose:
            self._purpose = self.writing.purpose
            self.post_message(self.Purposed(self._purpose))

    def _put(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self.move_cursor(self.document.end)
        self.tell_purpose()
