"""What follows from who was sent and has read what, kept beside it as numbers so that asking costs little. Pure.

How many have read each message, how many it waits for, how many wait for each member: none of it is kept on disk.
It is counted from the readings when a room is thawed, and follows each record from then on.
"""

from collections.abc import Callable

from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_server.room.counts import Counts, mark
from chat_server.room.standing import Standing


class Counted(Standing):
    """A room with its counts, none of which holds a message's own sender, nor means anything of a deleted one."""

    def __init__(self, name: str, title: str = "") -> None:
        """Make an empty room."""
        super().__init__(name, title)
        self._seen = Counts()
        """Of each message how many others can be seen to have read it."""
        self._waited = Counts()
        """Of each message how many members have shared since it was sent to them and have read no text of it."""
        self._sharing = 0
        """How many members share."""
        self._done: dict[str, int] = {}
        """How many messages of others each has read that were sent to them and are not deleted."""
        self._first: dict[str, int] = {}
        """Of some an id before which nothing waits for them, nor ever will."""

    # What they follow from

    def counted_for(self, name: str, revision: int) -> Ranges:
        """The ids in whose audience this name was at that revision: what was sent to them while they shared."""
        after = self.sharing.counts_after(name, revision)
        if after is None or after >= self.last_id:
            return ()
        sent = self.sent_to(name)
        return rangesets.intersect(sent, ((after + 1, self.last_id),)) if after else sent

    def _waiting(self, name: str) -> Ranges:
        """Whose audience the name is in now without having read them, their own messages among them."""
        if not self.is_member(name):
            return ()
        return self.readings.of(name).uncovered(self.counted_for(name, self.revision))

    def _is_counted(self, name: str) -> bool:
        return self.is_member(name) and self.shares(name)

    # What is asked of them

    def unread_count(self, name: str) -> int:
        """How many messages of others wait for this member."""
        sent = self.sent_to(name)
        there = rangesets.count(sent) - self.messages.deleted_count(sent) - self.messages.own_count(name, sent)
        return there - self._done.get(name, 0)

    def first_unread(self, name: str) -> int | None:
        """The oldest message of somebody else that waits for this member.

        What has been read before it is looked through once and not again: nothing there can become unread.
        """
        start = self._first.get(name, 1)
        later = rangesets.intersect(self.sent_to(name), ((start, self.last_id),)) if start <= self.last_id else ()
        gaps = rangesets.ids(self.readings.of(name).gaps(later))
        found = next((each for each in gaps if self._is_others(name, each)), None)
        self._first[name] = self.last_id + 1 if found is None else found
        return found

    def _is_others(self, name: str, message_id: int) -> bool:
        return self.messages[message_id - 1].sender != name and not self.is_deleted(message_id)

    def _is_waiting(self, name: str, message_id: int) -> bool:
        """Whether a member is in the audience of a message now without having read any text of it."""
        after = self.sharing.counts_after(name, self.revision)
        return (
            after is not None
            and after < message_id
            and self._people.was_sent(name, message_id)
            and self.readings.of(name).at(message_id) is None
        )

    # How they follow

    def _add(self, counts: Counts, name: str, ranges: Ranges, by: int) -> None:
        """Count this name in or out of these messages but their own."""
        counts.add(ranges, by)
        counts.add_each(self.messages.own_ids(name, ranges), -by)

    def _count_post(self, sender: str) -> None:
        """Count the newest message."""
        self._seen.append(0)
        self._waited.append(self._sharing - self._is_counted(sender))

    def _count_turn(self, name: str, turn: Callable[[], None]) -> None:
        """Count somebody's coming, going, sharing or hiding, which `turn` does."""
        before, was_counted = self._waiting(name), self._is_counted(name)
        turn()
        self._add(self._waited, name, before, -1)
        self._add(self._waited, name, self._waiting(name), 1)
        self._sharing += self._is_counted(name) - was_counted

    def _count_read(self, reader: str, ranges: Ranges) -> None:
        """Count what somebody is about to have read, of which nothing is deleted."""
        fresh = self.readings.of(reader).uncovered(ranges)
        if self.shares(reader):
            self._add(self._seen, reader, fresh, 1)
        if self.is_member(reader):
            waited = rangesets.intersect(fresh, self.counted_for(reader, self.revision))
            self._add(self._waited, reader, waited, -1)
        self._done[reader] = self._done.get(reader, 0) + self._done_of(reader, fresh)

    def _count_deleted(self, message_id: int) -> None:
        """Count a message no longer that is about to be deleted."""
        sender = self.messages[message_id - 1].sender
        for name, reading in self.readings.items():
            if name != sender and reading.at(message_id) and self._people.was_sent(name, message_id):
                self._done[name] -= 1

    def _count_renamed(self, name: str, to: str) -> None:
        for each in (self._done, self._first):
            if name in each:
                each[to] = each.pop(name)

    def _count_all(self) -> None:
        """Count everything anew, at a cost of all messages and all readings."""
        self._sharing = sum(map(self._is_counted, self.members))
        read = {name: reading.ranges() for name, reading in self.readings.items()}
        self._done = {name: self._done_of(name, ranges) for name, ranges in read.items()}
        self._seen = self._counted({name: self._public(name, ranges) for name, ranges in read.items()})
        self._waited = self._counted({name: self._waiting(name) for name in self.members})

    def _counted(self, ranges: dict[str, Ranges]) -> Counts:
        """The number of those among whose ranges each message is."""
        marks = [0] * (self.last_id + 1)
        for own in ranges.values():
            mark(marks, own)
        counts = Counts(marks[:-1])
        for name, own in ranges.items():
            counts.add_each(self.messages.own_ids(name, own), -1)
        return counts

    def _public(self, name: str, read: Ranges) -> Ranges:
        """What of all that somebody has read was read in public."""
        if not self.sharing.since(name):
            return read
        is_public = self.sharing.is_public_at
        return tuple(row[:2] for row in self.readings.of(name).advances() if is_public(name, row[3]))

    def _done_of(self, name: str, read: Ranges) -> int:
        """How many of these messages of others were sent to this name and are not deleted."""
        sent = rangesets.intersect(read, self.sent_to(name))
        return rangesets.count(sent) - self.messages.own_count(name, sent) - self.messages.deleted_count(sent)
