"""How many messages of others one has not read in a room, and how many of those name one. Pure.

The server counts what came before this connection and says from which message on; what comes after is counted
here, by id, so that hearing it twice changes nothing. Both shrink by what is read, here or elsewhere. Where
another device reads messages whose senders were never heard of here, all are taken to be of others: by
at most one's own among them the count is too low, until the next connection.
"""

import re
from collections.abc import Collection

from chat_server.protocol import Changed, Message, RoomSummary
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges


def mentions(content: str, name: str) -> bool:
    """Whether a text has `@name` in it as a word; `@ann` is none in `@anna`, `@ann-lee` or `me@ann.net`."""
    return re.search(rf"(?<![\w@])@{re.escape(name)}(?![-.]?\w)", content, re.IGNORECASE) is not None


class Tally:
    """The counts of one room."""

    def __init__(self) -> None:
        """Nothing is unread."""
        self._earlier: Ranges = ()
        """Where the messages are that `_count` counts."""
        self._count = 0
        self._upto = 0
        """The last message that the server's count speaks of."""
        self._revision = 0
        """What changed up to here is in the server's count already."""
        self._later: set[int] = set()
        """Ids of what came after that and is unread."""
        self._mentions: set[int] = set()

    @property
    def unread(self) -> int:
        """How many are unread."""
        return self._count + len(self._later)

    @property
    def mentions(self) -> int:
        """How many of the unread that were heard name one."""
        return len(self._mentions)

    @property
    def first(self) -> int | None:
        """The first that is unread, or one's own that lies before it; None where nothing is."""
        return self._earlier[0][0] if self._count else min(self._later, default=None)

    @property
    def waiting(self) -> Ranges:
        """Where what is unread is; one's own messages and deleted ones may be there too."""
        earlier = self._earlier if self._count else ()
        return rangesets.union(earlier, rangesets.of_ids(sorted(self._later)))

    def summarise(self, summary: RoomSummary) -> None:
        """Take the server's count for everything up to now."""
        first = summary.first_unread
        self._earlier = ((first, summary.last_id),) if first is not None and first <= summary.last_id else ()
        self._count = max(summary.unread, 0) if self._earlier else 0
        self._upto, self._revision = summary.last_id, summary.revision
        self._later.clear()
        self._mentions = {each for each in self._mentions if rangesets.contains(self._earlier, each)}

    def hear(self, message: Message, me: str, read: Ranges) -> None:
        """Take a message, new or of a page, as it is now; `read` is what one has read."""
        unread = message.sender != me and message.deleted_at is None and not rangesets.contains(read, message.id)
        if unread and message.id > self._upto:
            self._later.add(message.id)
        if unread and mentions(message.content, me) and self._counts(message.id):
            self._mentions.add(message.id)

    def edit(self, message_id: int, content: str, me: str) -> None:
        """A message says something else now; one that was never heard stays uncounted, as it may be one's own."""
        if mentions(content, me) and message_id in self._later:
            self._mentions.add(message_id)
        elif not mentions(content, me):
            self._mentions.discard(message_id)

    def read(self, ranges: Ranges, uncounted: Collection[int], revision: int | None = None) -> None:
        """These have been read; `uncounted` are those that are known to be one's own, or deleted.

        Read elsewhere, as of a `revision` that the server's count has seen, they are not in that any more.
        """
        hit = rangesets.intersect(self._earlier, ranges)
        self._earlier = rangesets.subtract(self._earlier, ranges)
        if revision is None or revision > self._revision:
            others = rangesets.count(hit) - sum(rangesets.contains(hit, each) for each in uncounted)
            self._count = max(self._count - others, 0)
        if not self._earlier:
            self._count = 0
        self._later = {each for each in self._later if not rangesets.contains(ranges, each)}
        self._mentions = {each for each in self._mentions if not rangesets.contains(ranges, each)}

    def change(self, changed: Changed, *, counted: bool) -> None:
        """A message was deleted; `counted` where it was another's, as far as is known."""
        one = ((changed.message_id, changed.message_id),)
        self.read(one, () if counted else (changed.message_id,), changed.revision)

    def _counts(self, message_id: int) -> bool:
        return message_id in self._later or rangesets.contains(self._earlier, message_id)
