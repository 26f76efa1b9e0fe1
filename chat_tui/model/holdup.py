"""How long to wait with what the server will take later, and what is asked meanwhile. Pure.

The server says for how long, or else a pause is made that grows from one refusal to the next.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from chat_server.protocol import FetchHistory, FetchHorizons, FetchInfo, FetchPins, FetchRooms, Search

FIRST_MS: Final = 2_000
"""The pause where the server does not say how long."""
LONGEST_MS: Final = 30_000
"""The pause at least doubles from one refusal to the next up to this; the server may ask for a longer one."""
TOLD_MAX_MS: Final = 300_000
"""What the server says is heeded up to here."""

Question = FetchHistory | FetchHorizons | FetchInfo | FetchPins | FetchRooms | Search
"""What changes nothing, and is asked for somebody who waits to see the answer."""


class Holdup:
    """Whether something waits for the server, and until when it is not tried."""

    def __init__(self) -> None:
        """Nothing waits."""
        self.until_ms: int | None = None
        """When to try again; None where nothing waits, and while it is being tried."""
        self.lasts = False
        """Whether the last answer was that it must wait, or more waits behind what had to."""
        self._told = False
        """Whether the server has said how long."""
        self._least_ms = 0

    def begin(self, now_ms: int, told_ms: int | None = None) -> None:
        """Something was refused for now, and may be tried after `told_ms` where the server says so.

        Of several that were on their way together the first one counts, and what the server said of the others.
        """
        told_ms = min(max(told_ms or 0, 0), TOLD_MAX_MS)
        if self.until_ms is None:
            pause_ms = max(told_ms or FIRST_MS, self._least_ms)
            self._least_ms = min(2 * pause_ms, LONGEST_MS)
            self.until_ms, self._told = now_ms + pause_ms, told_ms > 0
        elif told_ms:
            self.until_ms, self._told = max(self.until_ms, now_ms + told_ms), True
        self.lasts = True

    def elapse(self, now_ms: int) -> bool:
        """Whether it is now time to try again; true once."""
        over = self.until_ms is not None and now_ms >= self.until_ms
        if over:
            self.until_ms = None
        return over

    def ease(self, *, more: bool) -> None:
        """Something was taken, and whether `more` is to be sent after it.

        Space on a disk is there for everything. But a time that was told is waited for whatever else is taken, and
        where more waits, it will have to again.
        """
        if not self._told or (self.until_ms is None and not more):
            self.end()
        elif self.until_ms is None:
            self._least_ms = 0

    def end(self) -> None:
        """Nothing has to wait: all is taken, or there is another connection."""
        self.until_ms, self.lasts, self._told, self._least_ms = None, False, False, 0


class Questions:
    """What has been asked of the server on this connection, or will be once it may."""

    def __init__(self) -> None:
        """Nothing is asked."""
        self.holdup = Holdup()
        self._open: dict[str, Question] = {}
        """What is not answered, by ref, in the order of asking."""
        self._held: set[str] = set()
        """Refs of those that are not on their way."""

    def __contains__(self, ref: str) -> bool:
        """Whether a question with this ref waits for its answer."""
        return ref in self._open

    def ask(self, questions: Iterable[Question]) -> Iterator[Question]:
        """Those of the questions that are to be sent now: all, or none while the server wants none."""
        for question in questions:
            ref = question.ref or ""
            self._open[ref] = question
            if self.holdup.until_ms is None:
                yield question
            else:
                self._keep(ref)

    def answered(self, ref: str | None) -> None:
        """The server has answered, or refused for good."""
        if self._open.pop(ref or "", None) is not None:
            self._held.discard(ref or "")
            if not self._held:
                self.holdup.ease(more=False)

    def hold(self, ref: str, now_ms: int, told_ms: int | None) -> None:
        """The server will answer this one later: it is asked again then, and with it what is asked meanwhile."""
        self.holdup.begin(now_ms, told_ms)
        self._keep(ref)

    def elapse(self, now_ms: int) -> list[Question]:
        """What is to be asked again now, in the order in which it was asked at first."""
        if not self.holdup.elapse(now_ms):
            return []
        held, self._held = self._held, set()
        return [question for ref, question in self._open.items() if ref in held]

    def cut(self) -> None:
        """The connection is gone, and with it every answer."""
        self.holdup.end()
        self._open.clear()
        self._held.clear()

    def _keep(self, ref: str) -> None:
        """Hold this one. Of the questions about readers, of those for pins, and of searches, the last is enough.

        The former are asked at each change, and a search at each word that is typed.
        """
        kind = type(self._open[ref])
        if kind in (FetchInfo, FetchPins, Search):
            for each in [each for each in self._held if type(self._open[each]) is kind]:
                self._held.discard(each)
                del self._open[each]
        self._held.add(ref)
