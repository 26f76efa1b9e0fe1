"""Which message of a room is looked for: the first of a time, or the next that is unread. Pure.

What is held is looked at first. Of the rest the server is asked, question by question, and nothing of its answers
is kept: the window stays where it is.
"""

from chat_server.protocol import PAGE_MAX, FetchHistory, History
from chat_server.protocol import ranges as rangesets
from chat_tui.model.events import Moment
from chat_tui.model.replica import Replica
from chat_tui.model.tally import Tally


class MomentFinder:
    """Finds the first message of a time or after it: halves the ids that it can be, so log2 n questions."""

    allows_removed = True
    """What is looked for is the place, whatever is there."""

    def __init__(self, replica: Replica, moment: Moment) -> None:
        """Begin with what is held."""
        self.said = f"Looking for {moment.label}"
        self._moment = moment
        self._last_id = replica.last_id
        self._low, self._high = 1, replica.last_id + 1
        self._high_ms = 0
        """When the message that `_high` names was sent."""
        held = [each.message for each in replica.within(replica.extent)]
        later = next((each for each in held if each.sent_at >= moment.at_ms), None)
        if later is not None:
            self._high, self._high_ms = later.id, later.sent_at
            self._low = later.id if later.id > replica.first or replica.at_start else 1
        elif held:
            self._low = replica.last + 1

    @property
    def found(self) -> int | None:
        """The message, or where none is so late the newest; None where there is none at all, or none yet."""
        return min(self._low, self._last_id) or None if self._low == self._high else None

    @property
    def sentence(self) -> str:
        """What is to be said of what was found; empty where it says all."""
        until_ms = self._moment.until_ms
        if not self._last_id:
            return "There are no messages yet."
        if self._low > self._last_id:
            return f"Nothing was written since {self._moment.label}. This is the newest message."
        if until_ms is not None and self._high_ms >= until_ms:
            return f"Nothing was written on {self._moment.label}. This is what came next."
        return ""

    def question(self, room: str, ref: str) -> FetchHistory | None:
        """What to ask; None once it is known."""
        if self._low == self._high:
            return None
        return FetchHistory(ref=ref, room=room, around=self._middle, limit=1)

    def take(self, page: History) -> None:
        """The answer has come. What the server does not have lies behind the end."""
        middle = self._middle
        sent = next((each.sent_at for each in page.messages if each.id == middle), None)
        if sent is not None and sent < self._moment.at_ms:
            self._low = middle + 1
        else:
            self._high, self._high_ms = middle, sent or 0

    @property
    def _middle(self) -> int:
        return (self._low + self._high) // 2


class UnreadFinder:
    """Finds the first message below another one that somebody else wrote and that one has not read."""

    allows_removed = False
    said = "Looking for what is unread"

    def __init__(self, replica: Replica, tally: Tally, below: int) -> None:
        """Begin with what is held; `below` is a message of the window."""
        self._replica = replica
        self._tally = tally
        self._below = max(below, replica.last)
        # What was written before one came is not read either, and nobody waits for that.
        held = rangesets.intersect(tally.waiting, ((below + 1, max(below + 1, replica.last)),))
        self.found: int | None = min(replica.unread(rangesets.ids(held)), default=None)
        """The message; None where there is none, or none yet."""

    @property
    def sentence(self) -> str:
        """What is to be said of what was found; empty where it says all."""
        if self.found is not None:
            return ""
        return "Nothing is unread below this message." if self._tally.unread else "Nothing is unread here."

    def question(self, room: str, ref: str) -> FetchHistory | None:
        """What to ask; None once it is known."""
        if self.found is not None:
            return None
        passed = rangesets.union(self._replica.read, ((0, self._below),))
        left = rangesets.subtract(self._tally.waiting, passed)
        if not left:
            return None
        return FetchHistory(ref=ref, room=room, after=left[0][0] - 1, limit=PAGE_MAX)

    def take(self, page: History) -> None:
        """The answer has come: what of it one has read is said in it."""
        me = self._replica.me
        mine = [pair for each in page.receipts if each.reader == me for pair in each.ranges]
        read = rangesets.union(self._replica.read, rangesets.normalise(mine))
        waiting = rangesets.subtract(self._tally.waiting, rangesets.union(read, ((0, self._below),)))
        others = (each.id for each in page.messages if each.sender != me and each.deleted_at is None)
        self.found = next((each for each in others if rangesets.contains(waiting, each)), None)
        last = page.messages[-1].id if page.messages else self._replica.last_id
        self._below = max(self._below + 1, last)


Finder = MomentFinder | UnreadFinder
