"""One room: its messages, members and readings, and the records that change them. Pure.

`Room.apply` is the only thing that changes what a room durably is, live and in replay alike, so what recovery
gives back is what was. Queries beside it answer who was sent a message and who has read it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import assert_never

from msgspec import Struct

from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_server.readings import Readings


class Entry(Struct, frozen=True, omit_defaults=True, rename="camel", forbid_unknown_fields=True):
    """A message as it is kept."""

    id: int
    sender: str
    nonce: str
    content: str
    sent_at: int
    """Unix ms."""
    reply_to: int | None = None


class Record(
    Struct,
    frozen=True,
    omit_defaults=True,
    rename="camel",
    tag_field="type",
    kw_only=True,
    forbid_unknown_fields=True,
):
    """A change of one room: what a journal is made of."""

    room: str


class Opened(Record, frozen=True, tag="opened", kw_only=True):
    """The room was made."""

    title: str
    at: int


class Entered(Record, frozen=True, tag="entered", kw_only=True):
    """Somebody became a member; messages from now on are sent to them."""

    name: str
    at: int


class Departed(Record, frozen=True, tag="departed", kw_only=True):
    """Somebody stopped being a member."""

    name: str
    at: int


class Posted(Record, frozen=True, tag="posted", kw_only=True):
    """Somebody said something; its id is the room's last id plus one."""

    entry: Entry


class Advanced(Record, frozen=True, tag="advanced", kw_only=True):
    """Somebody has read these messages; `ranges` holds what was unread until then."""

    reader: str
    ranges: Ranges
    read_at: int


AnyRecord = Opened | Entered | Departed | Posted | Advanced

Span = tuple[int, int | None]
"""One stay of a member, who is sent the messages after the first id up to the second, or all since (None)."""


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room at one moment, for a snapshot: nothing in it changes when the room goes on."""

    name: str
    title: str
    revision: int
    stays: dict[str, list[Span]]
    readings: Readings
    messages: Sequence[Entry]


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
        self.revision = 0
        self.messages: list[Entry] = []
        self.readings = Readings()
        self._stays: dict[str, list[Span]] = {}
        self._ids_by_nonce: dict[tuple[str, str], int] = {}
        self._ids_by_sender: dict[str, list[int]] = {}

    # What changes it

    def apply(self, record: AnyRecord) -> None:
        """Change the room by a record of its own; an impossible one is our bug and fails an assertion."""
        self.revision += 1
        match record:
            case Posted(entry=entry):
                self._keep(entry)
            case Advanced(reader=reader, ranges=ranges, read_at=at_ms):
                assert ranges
                assert ranges[-1][1] <= self.last_id
                self.readings.advance(reader, ranges, at_ms, self.revision)
            case Entered(name=name):
                assert not self.is_member(name)
                self._stays.setdefault(name, []).append((self.last_id, None))
            case Departed(name=name):
                assert self.is_member(name)
                self._stays[name][-1] = (self._stays[name][-1][0], self.last_id)
            case Opened():
                assert self.revision == 1
                self.title = record.title
            case _:
                assert_never(record)

    def _keep(self, entry: Entry) -> None:
        assert entry.id == self.last_id + 1
        assert (entry.sender, entry.nonce) not in self._ids_by_nonce
        self.messages.append(entry)
        self._ids_by_nonce[entry.sender, entry.nonce] = entry.id
        self._ids_by_sender.setdefault(entry.sender, []).append(entry.id)

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
        stays = self._stays.get(name, [])
        return bool(stays) and stays[-1][1] is None

    def has_left(self, name: str) -> bool:
        """Whether this name was a member once and is none now."""
        return name in self._stays and not self.is_member(name)

    @property
    def members(self) -> list[str]:
        """Everybody who is a member now, in the order of their first joining."""
        return [name for name in self._stays if self.is_member(name)]

    def sent_to(self, name: str) -> Ranges:
        """The ids that this name was a member for, their own messages among them."""
        stays = self._stays.get(name, ())
        ends = ((first, self.last_id if end is None else end) for first, end in stays)
        return rangesets.normalise((first + 1, last) for first, last in ends if last > first)

    # Who has read what

    def news(self, reader: str, ranges: Ranges) -> Ranges:
        """The part of a receipt that changes something: existing messages that the reader had not read.

        Empty where all that is left is the reader's own.
        """
        wanted = rangesets.intersect(ranges, ((1, self.last_id),)) if self.last_id else ()
        fresh = self.readings.of(reader).uncovered(wanted)
        return fresh if rangesets.count(fresh) > self._own_count(reader, fresh) else ()

    def unread(self, name: str) -> Ranges:
        """What was sent to this member and has not been read; own messages within are not parted out."""
        return self.readings.of(name).uncovered(self.sent_to(name))

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
        """The ids in `ranges` that this sender wrote, ascending."""
        own = self._ids_by_sender.get(sender, [])
        return chain.from_iterable(
            own[bisect_left(own, first) : bisect_right(own, last)] for first, last in ranges
        )

    def _own_count(self, sender: str, ranges: Ranges) -> int:
        own = self._ids_by_sender.get(sender, [])
        return sum(bisect_right(own, last) - bisect_left(own, first) for first, last in ranges)

    def senders(self, ranges: Ranges) -> dict[str, Ranges]:
        """Who wrote the messages in `ranges`: per sender the ids of theirs."""
        found: dict[str, list[int]] = {}
        for each in rangesets.ids(ranges):
            found.setdefault(self.messages[each - 1].sender, []).append(each)
        return {sender: rangesets.of_ids(own) for sender, own in found.items()}

    def readers(self, message_id: int) -> list[tuple[str, int]]:
        """Each reader of a message with the time in Unix ms, earliest first; never its sender."""
        sender = self.messages[message_id - 1].sender
        return [pair for pair in self.readings.read_by(message_id) if pair[0] != sender]

    def missing(self, message_id: int) -> list[str]:
        """Members whom the message was sent to, who are still here and have not read it."""
        sender = self.messages[message_id - 1].sender
        return [
            name
            for name in self.members
            if name != sender
            and rangesets.contains(self.sent_to(name), message_id)
            and self.readings.of(name).read_at(message_id) is None
        ]

    def tallies(self, first: int, last: int) -> list[Tally]:
        """For each id of an existing [first, last] how many it was sent to and how many have read it.

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
        return [Tally(r + m, r) for r, m in zip(accumulate(read[:-1]), accumulate(missing[:-1]), strict=True)]

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
            stays={name: list(stays) for name, stays in self._stays.items()},
            readings=self.readings.copy(),
            messages=self.messages[:],
        )

    @classmethod
    def thaw(cls, state: RoomState) -> "Room":
        """The room that a state was taken of; the state is used up."""
        room = cls(state.name, state.title)
        for entry in state.messages:
            room._keep(entry)
        room.revision = state.revision
        room._stays = state.stays
        room.readings = state.readings
        return room
