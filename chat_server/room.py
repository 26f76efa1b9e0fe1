"""One room: its messages, members and readings, and the records that change them. Pure.

`Room.apply` is the only thing that changes what a room durably is, live and in replay alike, so what recovery
gives back is what was. Queries beside it answer who was sent a message and who has read it.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from typing import Final, assert_never

from msgspec.structs import replace

from chat_server.changes import Change, Changes, follows
from chat_server.membership import Membership, Sanction, Span
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_server.readings import Readings
from chat_server.records import (
    Advanced,
    AnyRoomRecord,
    Barred,
    Deleted,
    Departed,
    Entered,
    Entry,
    Muted,
    Opened,
    Passed,
    Posted,
    Record,
    Retitled,
    Unbarred,
    Unmuted,
)

__all__ = [
    "Advanced",
    "AnyRoomRecord",
    "Barred",
    "Deleted",
    "Departed",
    "Entered",
    "Entry",
    "Muted",
    "Opened",
    "Passed",
    "Posted",
    "Record",
    "Retitled",
    "Room",
    "RoomState",
    "Sanction",
    "Span",
    "Tally",
    "Unbarred",
    "Unmuted",
]


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room at one moment, for a snapshot: nothing in it changes when the room goes on."""

    name: str
    title: str
    revision: int
    stays: dict[str, list[Span]]
    readings: Readings
    messages: Sequence[Entry]
    owner: str = ""
    barred: dict[str, Sanction] = field(default_factory=dict)
    muted: dict[str, Sanction] = field(default_factory=dict)
    changes: Sequence[Change] = ()
    forgotten: int = 0
    """See `Changes.forgotten`."""
    direct: bool = False
    receipts_required: bool = False

    @property
    def is_coherent(self) -> bool:
        """Whether what moderation has left fits together, and the messages and stays that it speaks of."""
        deleted = {each.deleted for each in self.changes if each.deleted is not None}
        present = {name for name in self.barred if any(end is None for _, end in self.stays.get(name, ()))}
        return (
            not present
            and not (self.direct and (len(self.stays) != 2 or self.owner or self.barred or self.muted))
            and {*self.barred, *self.muted} <= self.stays.keys()
            and follows(self.changes, self.forgotten, self.revision)
            and all(each.content == "" for each in self.messages if each.deleted_at is not None)
            and deleted <= {each.id for each in self.messages if each.deleted_at is not None}
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """How many a message was sent to and how many have read it; see `protocol.Message`."""

    audience: int
    read_by: int


class Room:
    """A room in memory."""

    def __init__(self, name: str, title: str = "") -> None:
        """Make an empty room; `Opened` comes before it in the journal."""
        self.name = name
        self.title = title or name
        self.owner = ""
        """Who made it and moderates it; empty where only admins do."""
        self.direct = False
        """Whether it is of two people, whom nobody joins, puts out or silences."""
        self.receipts_required = False
        """Whether whoever is here says what they have read; they see it before they join."""
        self.revision = 0
        self.messages: list[Entry] = []
        self.readings = Readings()
        self.changes = Changes()
        self._people = Membership()
        self._ids_by_nonce: dict[tuple[str, str], int] = {}
        self._ids_by_sender: dict[str, list[int]] = {}
        """Without those of deleted messages."""
        self._deleted: list[int] = []
        """The ids of deleted messages, ascending."""

    # What changes it

    def apply(self, record: AnyRoomRecord) -> None:
        """Change the room by a record of its own; an impossible one is our bug and fails an assertion."""
        self.revision += 1
        match record:
            case Posted(entry=entry):
                assert entry.deleted_at is None
                assert not self.is_muted(entry.sender)
                self._keep(entry)
            case Advanced(reader=reader, ranges=ranges, read_at=at_ms):
                assert ranges
                assert ranges[-1][1] <= self.last_id
                assert not any(self._deleted_within(ranges))
                self.readings.advance(reader, ranges, at_ms, self.revision)
            case Entered(name=name):
                assert not self.direct or len(self._people.known) < 2
                self._people.enter(name, self.last_id)
            case Departed(name=name, by=by):
                assert self._may_act(by)
                self._people.leave(name, self.last_id)
            case Opened():
                assert self.revision == 1
                assert not (record.direct and record.by)
                self.title, self.owner, self.direct = record.title, record.by, record.direct
                self.receipts_required = record.receipts_required
            case Deleted():
                self._delete(record)
            case Retitled(title=title, by=by):
                assert self._may_act(by)
                assert not self.direct
                self.title = title
            case Passed(name=name, by=by):
                assert self._may_act(by)
                assert not self.direct
                assert self.is_member(name)
                self.owner = name
            case Barred() | Unbarred() | Muted() | Unmuted():
                assert self._may_act(record.by)
                assert not self.direct
                self._people.sanction(record, self.last_id)
            case _:
                assert_never(record)

    def _keep(self, entry: Entry) -> None:
        assert entry.id == self.last_id + 1
        assert (entry.sender, entry.nonce) not in self._ids_by_nonce
        self.messages.append(entry)
        self._ids_by_nonce[entry.sender, entry.nonce] = entry.id
        if entry.deleted_at is None:
            self._ids_by_sender.setdefault(entry.sender, []).append(entry.id)
        else:
            self._deleted.append(entry.id)

    def _may_act(self, by: str) -> bool:
        """Whether this can be who did something: somebody who has been here, or "" for nobody in particular."""
        return not by or self.has_met(by)

    def _delete(self, deleted: Deleted) -> None:
        assert self._may_act(deleted.by)
        assert 1 <= deleted.id <= self.last_id
        entry = self.messages[deleted.id - 1]
        assert entry.deleted_at is None
        self.messages[deleted.id - 1] = replace(entry, content="", deleted_at=deleted.at, deleted_by=deleted.by)
        own = self._ids_by_sender[entry.sender]
        del own[bisect_left(own, deleted.id)]
        insort(self._deleted, deleted.id)
        self.changes.add(Change(self.revision, deleted=deleted.id))

    def rename(self, name: str, to: str) -> bool:
        """Make all that is `name`'s `to`'s, whom the room does not know; the order of people stays as it was.

        Whether there was anything; only then there is a new revision, and somebody to tell.
        """
        if not self.knows(name):
            return False
        assert not self.knows(to)
        self.revision += 1
        renamed = {name: to}
        self.owner = renamed.get(self.owner, self.owner)
        self._people.rename(name, to)
        readings = self.readings.items()
        self.readings = Readings({renamed.get(each, each): reading for each, reading in readings})
        self._rename_messages(name, to)
        self.changes.add(Change(self.revision, renamed=(name, to)))
        return True

    def _rename_messages(self, name: str, to: str) -> None:
        if (own := self._ids_by_sender.pop(name, None)) is not None:
            self._ids_by_sender[to] = own
        for at, entry in enumerate(self.messages):
            if name in (entry.sender, entry.deleted_by):
                sender = to if entry.sender == name else entry.sender
                deleted_by = to if entry.deleted_by == name else entry.deleted_by
                self.messages[at] = replace(entry, sender=sender, deleted_by=deleted_by)
            if entry.sender == name:
                self._ids_by_nonce[to, entry.nonce] = self._ids_by_nonce.pop((name, entry.nonce))

    # Messages and members

    @property
    def last_id(self) -> int:
        """The newest message's id; 0 while there is none."""
        return len(self.messages)

    def posted_as(self, sender: str, nonce: str) -> int | None:
        """The id that this sender's nonce was given, if it has been posted."""
        return self._ids_by_nonce.get((sender, nonce))

    def between(self, first: int, last: int) -> Sequence[Entry]:
        """The messages with first ≤ id ≤ last, oldest first; ids that do not exist are left out."""
        return self.messages[max(first - 1, 0) : max(last, 0)]

    def is_member(self, name: str) -> bool:
        """Whether messages are sent to this name now."""
        return self._people.is_member(name)

    def has_left(self, name: str) -> bool:
        """Whether this name was a member once and is none now."""
        return self.has_met(name) and not self.is_member(name)

    def has_met(self, name: str) -> bool:
        """Whether this name is or was a member."""
        return self._people.has_met(name)

    def knows(self, name: str) -> bool:
        """Whether anything here is this name's."""
        return self.has_met(name) or (name != "" and name == self.owner)

    def is_barred(self, name: str) -> bool:
        """Whether this name cannot become a member."""
        return self._people.is_barred(name)

    @property
    def barred(self) -> Sequence[str]:
        """Everybody who cannot become a member, in the order in which that happened."""
        return tuple(self._people.barred)

    def is_muted(self, name: str) -> bool:
        """Whether this name can read and not write."""
        return self._people.is_muted(name)

    def is_deleted(self, message_id: int) -> bool:
        """Whether an existing message has been deleted."""
        return self.messages[message_id - 1].deleted_at is not None

    @property
    def members(self) -> Sequence[str]:
        """Everybody who is a member now, in the order of their first joining."""
        return self._people.members

    def partner(self, name: str) -> str:
        """With whom this one of the two of a direct conversation talks in it."""
        return next(each for each in self._people.known if each != name)

    def sent_to(self, name: str) -> Ranges:
        """The ids that this name was a member for, their own messages among them."""
        return self._people.sent_to(name, self.last_id)

    # Who has read what

    def news(self, reader: str, ranges: Ranges) -> Ranges:
        """The part of a receipt that changes something: existing messages that the reader had not read.

        Deleted ones are none of them. Empty where all that is left is the reader's own.
        """
        wanted = rangesets.intersect(ranges, ((1, self.last_id),)) if self.last_id else ()
        fresh = self._alive(self.readings.of(reader).uncovered(wanted))
        return fresh if rangesets.count(fresh) > self._own_count(reader, fresh) else ()

    def unread(self, name: str) -> Ranges:
        """What was sent to this member and has not been read or deleted; own messages are not parted out."""
        return self._alive(self.readings.of(name).uncovered(self.sent_to(name)))

    def unread_count(self, name: str) -> int:
        """How many messages of others wait for this member."""
        unread = self.unread(name)
        return rangesets.count(unread) - self._own_count(name, unread)

    def first_unread(self, name: str) -> int | None:
        """The oldest message of somebody else that waits for this member."""
        return next(
            (each for each in rangesets.ids(self.unread(name)) if self.messages[each - 1].sender != name),
            None,
        )

    def own_ids(self, sender: str, ranges: Ranges) -> Iterator[int]:
        """The ids in `ranges` of what this sender wrote and nobody has deleted, ascending."""
        return _within(self._ids_by_sender.get(sender, []), ranges)

    def _alive(self, ranges: Ranges) -> Ranges:
        """The part of `ranges` that has not been deleted."""
        return rangesets.subtract(ranges, rangesets.of_ids(self._deleted_within(ranges)))

    def _deleted_within(self, ranges: Ranges) -> Iterator[int]:
        return _within(self._deleted, ranges)

    def _own_count(self, sender: str, ranges: Ranges) -> int:
        own = self._ids_by_sender.get(sender, [])
        return sum(bisect_right(own, last) - bisect_left(own, first) for first, last in ranges)

    def senders(self, ranges: Ranges) -> dict[str, Ranges]:
        """Who wrote the messages in `ranges`: per sender the ids of theirs, without deleted ones."""
        found: dict[str, list[int]] = {}
        for each in rangesets.ids(self._alive(ranges)):
            found.setdefault(self.messages[each - 1].sender, []).append(each)
        return {sender: rangesets.of_ids(own) for sender, own in found.items()}

    def readers(self, message_id: int) -> list[tuple[str, int]]:
        """Each reader of a message with the time in Unix ms, earliest first; never its sender.

        A deleted message has none, though who had read it before is kept.
        """
        if self.is_deleted(message_id):
            return []
        sender = self.messages[message_id - 1].sender
        return [pair for pair in self.readings.read_by(message_id) if pair[0] != sender]

    def missing(self, message_id: int) -> list[str]:
        """Members whom the message was sent to, who are still here and have not read it; of a deleted one none."""
        if self.is_deleted(message_id):
            return []
        sender = self.messages[message_id - 1].sender
        return [
            name
            for name in self.members
            if name != sender
            and rangesets.contains(self.sent_to(name), message_id)
            and self.readings.of(name).read_at(message_id) is None
        ]

    def tallies(self, first: int, last: int) -> list[Tally]:
        """For each id of an existing [first, last] how many it was sent to and have read it; none if deleted.

        Costs O(members + last - first): each stay and advance is marked at its two ends, then summed up once.
        """
        read = [0] * (last - first + 2)
        missing = [0] * (last - first + 2)
        page = ((first, last),)
        for reader, reading in self.readings.items():
            covered = tuple((start, end) for start, end, _, _ in reading.overlapping(first, last))
            self._mark(read, first, reader, covered)
        for name in self.members:
            sent = rangesets.intersect(self.sent_to(name), page)
            self._mark(missing, first, name, self.readings.of(name).uncovered(sent))
        sums = zip(accumulate(read[:-1]), accumulate(missing[:-1]), strict=True)
        return [_NONE if self.is_deleted(at) else Tally(r + m, r) for at, (r, m) in enumerate(sums, first)]

    def _mark(self, marks: list[int], base: int, name: str, ranges: Ranges) -> None:
        for first, last in ranges:
            marks[first - base] += 1
            marks[last + 1 - base] -= 1
        for own in self.own_ids(name, ranges):
            marks[own - base] -= 1
            marks[own + 1 - base] += 1

    # Snapshots

    def freeze(self) -> RoomState:
        """The room as it is now, at the cost of copying lists and arrays but no message."""
        return RoomState(
            name=self.name,
            title=self.title,
            revision=self.revision,
            stays=self._people.stays,
            readings=self.readings.copy(),
            messages=self.messages[:],
            owner=self.owner,
            barred=self._people.barred,
            muted=self._people.muted,
            changes=self.changes.kept,
            forgotten=self.changes.forgotten,
            direct=self.direct,
            receipts_required=self.receipts_required,
        )

    @classmethod
    def thaw(cls, state: RoomState) -> "Room":
        """The room that a state was taken of; the state is used up."""
        room = cls(state.name, state.title)
        for entry in state.messages:
            room._keep(entry)
        room.revision = state.revision
        room._people = Membership(state.stays, state.barred, state.muted)
        room.readings = state.readings
        room.owner = state.owner
        room.direct = state.direct
        room.receipts_required = state.receipts_required
        room.changes = Changes(state.changes, state.forgotten)
        return room


_NONE: Final = Tally(audience=0, read_by=0)


def _within(ids: list[int], ranges: Ranges) -> Iterator[int]:
    """Those of ascending ids that are in the ranges."""
    return chain.from_iterable(ids[bisect_left(ids, first) : bisect_right(ids, last)] for first, last in ranges)
