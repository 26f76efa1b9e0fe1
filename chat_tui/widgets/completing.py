"""A text area that offers to complete the word at its cursor; what it offers is drawn by whoever hears of it."""

from collections.abc import Callable, Iterable

from textual import events, on
from textual.document._document import Document
from textual.message import Message
from textual.widgets import TextArea

from chat_tui.keys import Where, for_place
from chat_tui.text.completion import Kind, Offer, closed_emoji, offer, seek

Names = Callable[[], Iterable[str]]
"""Gives the names of people, the likeliest first, made safe to show; asked only when a name is written."""


class CompletingTextArea(TextArea):
    """While something is offered some keys are about that; all others, and the text itself, are as ever."""

    class Offered(Message):
        """What is offered now, and which of it is chosen; None once there is nothing any more."""

        def __init__(self, offer: Offer | None, chosen: int) -> None:
            super().__init__()
            self.offer = offer
            self.chosen = chosen

    names: Names = tuple
    """Whom one can name; nobody, until it is set."""
    completion_keys = for_place(Where.COMPLETION)
    """What acts on what is offered."""
    _offer: Offer | None = None
    """What was found last; `_chosen` is about it."""
    _chosen = 0
    _shown: Offer | None = None
    """What has been told to be drawn."""
    _declined: int | None = None
    """Where the word begins that is not to be completed."""

    def complete_by(self, event: events.Key) -> str:
        """The action that a key has on what is offered; empty where it has none.

        Enter has one only once the offer is drawn: who types faster than that means to send.
        """
        found = self._find()
        if found is None or (event.key == "enter" and found != self._shown):
            return ""
        return next((key.action for key in self.completion_keys if event.key in key.keys), "")

    def close_emoji(self) -> bool:
        """Put an emoji in place of its name, of which the closing colon is being typed; whether there was one."""
        start, end = self.selection
        closed = closed_emoji(self.text, self._index(end)) if start == end else None
        if closed is not None:
            self._take(closed, 0)
        return closed is not None

    def action_accept(self) -> None:
        """Write what is chosen."""
        if (found := self._find()) is not None:
            self._take(found, self._chosen)

    def accept(self, offer: Offer, number: int) -> None:
        """Write a suggestion, if it is still offered."""
        if self._find() == offer:
            self._take(offer, number)

    def action_choose_previous(self) -> None:
        """Choose the one above; the last, from the first."""
        self._choose(-1)

    def action_choose_next(self) -> None:
        """Choose the one below; the first, from the last."""
        self._choose(1)

    def action_decline(self) -> None:
        """Offer nothing more for this word."""
        if (found := self._find()) is not None:
            self._declined = found.start
            self._tell()

    def watch_has_focus(self, _has_focus: bool) -> None:  # noqa: FBT001  # as Textual calls it
        """Offer nothing while one does not write."""
        super().watch_has_focus(_has_focus)
        self._tell()

    @on(TextArea.Changed)
    @on(TextArea.SelectionChanged)
    def _tell(self) -> None:
        """Have what is offered now drawn, where it is not."""
        found = self._find() if self.has_focus else None
        if found != self._shown:
            self._shown = found
            self.post_message(self.Offered(found, self._chosen))

    def _find(self) -> Offer | None:
        """What is offered for the text as it is at this moment, whatever has been drawn of it yet."""
        start, end = self.selection
        sought = seek(self.text, self._index(end)) if start == end else None
        found = None
        if sought is None or sought.start != self._declined:
            self._declined = None
        if sought is not None and self._declined is None:
            found = offer(self.text, sought, self.names() if sought.kind is Kind.NAME else ())
        if found != self._offer:
            self._offer, self._chosen = found, 0
        return found

    def _choose(self, step: int) -> None:
        if (found := self._find()) is not None:
            self._chosen = (self._chosen + step) % len(found.suggestions)
            self.post_message(self.Offered(found, self._chosen))

    def _take(self, found: Offer, chosen: int) -> None:
        assert isinstance(self.document, Document)
        start, end = map(self.document.get_location_from_index, (found.start, found.end))
        done = self.replace(found.suggestions[chosen].inserted, start, end, maintain_selection_offset=False)
        self.move_cursor(done.end_location)

    def _index(self, location: tuple[int, int]) -> int:
        assert isinstance(self.document, Document)
        return self.document.get_index_from_location(location)
