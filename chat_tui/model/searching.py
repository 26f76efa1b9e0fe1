"""What was said with some words, as the server finds it: the newest first, page after page. Pure.

An answer to anything but the last question is let go. Where an answer has found nothing and the server can look
further back, it is asked to.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from chat_server.protocol import QUERY_CHARS_MAX, Found, Hit, Refused, Search
from chat_tui.text.safetext import safe_line

OFFLINE: Final = "There is no connection, so nothing can be searched."
LEAD_CHARS: Final = 24
"""So much of a line is shown before the first word that was found."""
LINE_CHARS: Final = 240
"""And so much in all."""

Spans = tuple[tuple[int, int], ...]
"""Characters of a text, from the first up to and without the second; ascending and disjoint."""


class Progress(Enum):
    """How far a search has come."""

    IDLE = "idle"
    """Nothing is looked for."""
    BUSY = "busy"
    """The server has been asked."""
    WAITING = "waiting"
    """It will be, once it lets itself be asked again."""
    PART = "part"
    """There is more to look at, further back."""
    DONE = "done"
    """All has been looked at."""
    FAILED = "failed"
    """`SearchView.error` says why."""


@dataclass(frozen=True, slots=True)
class HitView:
    """A message that was found; its texts are safe to show."""

    room: str
    """As the server knows it."""
    message_id: int
    place: str
    """The room's name, to show."""
    sender: str
    at_ms: int
    line: str
    """The line in which the first of the words is, or as much of it as is around that."""
    spans: Spans
    """Where in the line the words are."""
    is_cut: bool
    """The line began before that."""


@dataclass(frozen=True, slots=True)
class SearchView:
    """A search as it is shown."""

    hits: tuple[HitView, ...] = ()
    """The newest first."""
    progress: Progress = Progress.IDLE
    error: str = ""
    """Why it goes no further; safe to show."""


class Searching:
    """One search at a time."""

    def __init__(self, ref: Callable[[str], str]) -> None:
        """Look for nothing; `ref` makes a new ref of a kind of request."""
        self._ref = ref
        self.forget()

    def forget(self) -> None:
        """Look for nothing any more."""
        self._query = ""
        self._room: str | None = None
        self._asked = ""
        """The ref of the question that has not been answered."""
        self._next: dict[str, int] | None = None
        self._hits: list[HitView] = []
        self._error = ""
        self._begun = False
        """An answer has come."""

    def begin(self, query: str, room: str | None, *, online: bool) -> Iterator[Search]:
        """Look for other words, or elsewhere; for nothing where the query is blank."""
        self.forget()
        self._query, self._room = query.strip()[:QUERY_CHARS_MAX], room
        if not online and self._query:
            self._error = OFFLINE
        else:
            yield from self.go_on()

    def go_on(self) -> Iterator[Search]:
        """Look further back, where there is more and it is not being looked for already."""
        if self._query and not self._asked and (self._next is not None or not self._begun):
            self._error = ""
            self._asked = self._ref("search")
            yield Search(ref=self._asked, room=self._room, query=self._query, before=self._next)

    def hear(self, found: Found) -> Iterator[Search]:
        """An answer has come."""
        if not self._asked or found.ref != self._asked:
            return
        self._asked, self._begun = "", True
        self._next = found.next
        self._hits += map(_view, found.hits)
        if not found.hits:
            yield from self.go_on()

    def refused(self, refused: Refused) -> None:
        """The server will not look for this."""
        if self._asked and refused.ref == self._asked:
            self._asked, self._error = "", safe_line(refused.reason)

    def cut(self) -> None:
        """The connection is gone, and with it the answer."""
        if self._asked:
            self._asked, self._error = "", OFFLINE

    def view(self, *, waits: bool) -> SearchView:
        """As it is shown; `waits` while the server wants to be asked nothing."""
        return SearchView(tuple(self._hits), self._progress(waits=waits), self._error)

    def _progress(self, *, waits: bool) -> Progress:
        if self._error:
            return Progress.FAILED
        if self._asked:
            return Progress.WAITING if waits else Progress.BUSY
        if not self._begun:
            return Progress.IDLE
        return Progress.DONE if self._next is None else Progress.PART


def _view(hit: Hit) -> HitView:
    message = hit.message
    line, spans, is_cut = excerpt(message.content, hit.matches)
    return HitView(
        room=message.room,
        message_id=message.id,
        place=safe_line(message.room),
        sender=safe_line(message.sender),
        at_ms=message.sent_at,
        line=line,
        spans=spans,
        is_cut=is_cut,
    )


def excerpt(content: str, matches: Iterable[tuple[int, int]]) -> tuple[str, Spans, bool]:
    """The line around the first match, safe to show; where in it matches are; and whether it began before that.

    The line is parted where matches begin and end, and each part made safe by itself: so what is found stays what
    is marked, whatever becomes of the characters before it. Matches that are none are left out.
    """
    found = list(_proper(matches, len(content)))
    first = found[0][0] if found else len(content) - len(content.lstrip())
    start = content.rfind("\n", 0, first) + 1
    begin = max(start, first - LEAD_CHARS)
    end = content.find("\n", first)
    end = min(len(content) if end < 0 else end, begin + LINE_CHARS)
    text, spans = "", []
    at = begin
    for left, right in found:
        if left >= end:
            break
        text += safe_line(content[at:left])
        marked = safe_line(content[left : min(right, end)])
        spans.append((len(text), len(text) + len(marked)))
        text += marked
        at = min(right, end)
    return text + safe_line(content[at:end]), tuple(spans), begin > start


def _proper(matches: Iterable[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    at = 0
    for first, last in matches:
        if at <= first < last <= length:
            yield first, last
            at = last
