"""What one writes to one room: a message, an answer to one, or another text of one of one's own. Pure.

An edit lies over what was written before it, an answer too, and gives it back when it ends.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from chat_tui.model.view import ReplyView

EDITING: Final = "Editing your message"


@dataclass(frozen=True, slots=True)
class Original:
    """A message of one's own that is to get another text."""

    id: int
    text: str
    """What it says; safe to show."""
    unsaved: str | None = None
    """What it was to say instead, where the server has not taken that."""


@dataclass(frozen=True, slots=True)
class Editing:
    """An edit that has begun."""

    original: Original
    text: str
    """What is to be said instead, as of when the room was last left."""
    draft: str
    """What was written before; it is no part of the edit, and nothing else is kept as a draft meanwhile."""


class Verdict(Enum):
    """What Enter means for the text of an edit."""

    SAME = auto()
    """It says what the message says already."""
    EMPTY = auto()
    OTHER = auto()


class Writing:
    """What is written to one room, besides its text."""

    def __init__(self) -> None:
        """Begin with a message."""
        self.reply: ReplyView | None = None
        """What is answered."""
        self.editing: Editing | None = None

    def __bool__(self) -> bool:
        """Whether it is anything else than a message."""
        return bool(self.reply or self.editing)

    @property
    def purpose(self) -> str:
        """What is written, in words; empty where it is a message."""
        if self.editing is not None:
            return EDITING
        return f"Replying to {self.reply.line}" if self.reply is not None else ""

    def edit(self, original: Original, draft: str) -> str:
        """Begin an edit over this draft; the text to begin with."""
        text = original.text if original.unsaved is None else original.unsaved
        self.editing = Editing(original, text, draft)
        return text

    def leave(self, text: str) -> None:
        """Another room is shown, while this is written: the text of an edit is in no draft."""
        if self.editing is not None:
            self.editing = replace(self.editing, text=text)

    def judge(self, text: str) -> Verdict:
        """What Enter would mean for the text of the edit that is under way."""
        assert self.editing is not None
        if not text.strip():
            return Verdict.EMPTY
        return Verdict.SAME if text == as_sent(self.editing.original.text) else Verdict.OTHER

    def end(self, draft: str) -> str:
        """End the edit, or else the reply; what is written now, where `draft` was."""
        editing, self.editing = self.editing, None
        if editing is not None:
            return editing.draft
        self.reply = None
        return draft


def as_sent(text: str) -> str:
    """A text without the empty lines around it and the white space after it, which nobody means."""
    return text.strip("\n").rstrip()
