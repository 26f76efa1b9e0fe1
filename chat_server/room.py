"""One room: its messages, members and readings, and the records that change them. Pure.

`Room.apply` is the only thing that changes what a room durably is, live and in replay alike, so what recovery
gives back is what was. Queries beside it answer who was sent a message and who has read it.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate, chain, islice
from typing import Final, assert_never

from msgspec.structs import replace

from chat_server.acknowledgements import AcknowledgementRow, Acknowledgements
from chat_server.changes import Change, Changes, follows
from chat_server.editions import Edition, EditionRow, Editions, could_be_kept
from chat_server.marks import Marks, PinRow, ReactionRow, fits
from chat_server.membership import Membership, Sanction, Span
from chat_server.protocol import EDITIONS_MAX, Mode
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Range, Ranges
from chat_server.readings import Advance, Reading, Readings
from chat_server.records import (
    Acknowledged,
    Advanced,
    AnyRoomRecord,
    Barred,
    Deleted,
    Departed,
    Edited,
    Entered,
    Entry,
    Muted,
    Opened,
    Passed,
    Pinned,
    Posted,
    Reacted,
    Record,
    Retitled,
    Shared,
    Unbarred,
    Unmuted,
    Unpinned,
)
from chat_server.sharing import Sharing, Turn
from chat_server.sharing import is_coherent as is_sharing_coherent

__all__ = [
    "Acknowledged",
    "Advanced",
    "AnyRoomRecord",
    "Barred",
    "Deleted",
    "Departed",
    "Edited",
    "Entered",
    "Entry",
    "Muted",
    "Opened",
    "Passed",
    "Pinned",
    "Posted",
    "Reacted",
    "Record",
    "Retitled",
    "Room",
    "RoomState",
    "Sanction",
    "Shared",
    "Span",
    "Tally",
    "Unbarred",
    "Unmuted",
    "Unpinned",
]


HORIZON_SCAN_MAX: Final = 1_000
"""Messages that are looked at for how far somebody has read."""


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
    editions: Sequence[EditionRow] = ()
    pins: Sequence[PinRow] = ()
    reactions: Sequence[ReactionRow] = ()
    turns: dict[str, list[Turn]] = field(default_factory=dict)
    chosen: Sequence[str] = ()
    """See `Sharing`, as of `turns`."""
    acknowledgements: Sequence[AcknowledgementRow] = ()
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
            and all(each.altered <= len(self.messages) for each in self.changes if each.altered is not None)
            and all((each.edited_at is not None) == (each.edition > 0) for each in self.messages)
            and all(each.edition == 0 for each in self.messages if each.deleted_at is not None)
            and not (self.receipts_required and (self.turns or self.chosen))
            and is_sharing_coherent(self.turns, self.chosen, self.stays, self.revision, len(self.messages))
            and could_be_kept(self.editions, Sharing(self.turns).is_public_at)
            and all(map(self._could_be_read, self.editions))
            and fits(self.pins, self.reactions, self._is_there)
            and len({row[:2] for row in self.acknowledgements}) == len(self.acknowledgements)
            and all(map(self._could_be_acknowledged, self.acknowledgements))
        )

    def _is_there(self, message: int) -> bool:
        return 1 <= message <= len(self.messages) and self.messages[message - 1].deleted_at is None

    def _could_be_read(self, row: EditionRow) -> bool:
        """Whether there is such an edition, and somebody else than its author has read the message at all."""
        message, reader, edition, _, revision = row
        return (
            1 <= message <= len(self.messages)
            and 1 <= edition <= self.messages[message - 1].edition
            and reader != self.messages[message - 1].sender
            and revision <= self.revision
            and self.readings.of(reader).read_at(message) is not None
        )

    def _could_be_acknowledged(self, row: AcknowledgementRow) -> bool:
        """Whether there is such a text, of somebody else, for somebody who has been here."""
        message, reader, edition, _, revision = row
        return (
            self._is_there(message)
            and 0 <= edition <= self.messages[message - 1].edition
            and reader != self.messages[message - 1].sender
            and reader in self.stays
            and revision <= self.revision
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
        """Whether everybody shares here what they read, whatever they chose; they see it before they join."""
        self.revision = 0
        self.messages: list[Entry] = []
        self.readings = Readings()
        self.changes = Changes()
        self.editions = Editions()
        self.marks = Marks()
        self.acknowledgements = Acknowledgements()
        self.sharing = Sharing()
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
            case Advanced():
                self._advance(record)
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
            case Edited():
                self._edit(record)
            case Reacted() | Pinned() | Unpinned():
                self._put(record)
            case Acknowledged():
                self._acknowledge(record)
            case Retitled() | Passed():
                self._rule(record)
            case Barred() | Unbarred() | Muted() | Unmuted():
                assert self._may_act(record.by)
                assert not self.direct
                self._people.sanction(record, self.last_id)
            case Shared():
                self._share(record)
            case _:
                assert_never(record)

    def _rule(self, ruled: Retitled | Passed) -> None:
        """Give the room another title or owner."""
        assert self._may_act(ruled.by)
        assert not self.direct
        match ruled:
            case Retitled(title=title):
                self.title = title
            case Passed(name=name):
                assert self.is_member(name)
                self.owner = name
            case _:
                assert_never(ruled)

    def _share(self, shared: Shared) -> None:
        assert self.is_member(shared.name)
        assert not self.receipts_required
        since = self.sharing.since(shared.name)
        latest = self.readings.of(shared.name).since(since)
        has_read = any(True for _ in latest) or self.editions.has_read(shared.name, since)
        turn = (self.revision, self.last_id, shared.mode)
        self.sharing.choose(shared.name, turn, chosen=shared.chosen, has_read=has_read)

    def _keep(self, entry: Entry) -> None:
        assert entry.id == self.last_id + 1
        assert (entry.sender, entry.nonce) not in self._ids_by_nonce
        self.messages.append(entry)
        self._ids_by_nonce[entry.sender, entry.nonce] = entry.id
        if entry.deleted_at is None:
            self._ids_by_sender.setdefault(entry.sender, []).append(entry.id)
        else:
            self._deleted.append(entry.id)

    def _advance(self, advanced: Advanced) -> None:
        ranges, reader = advanced.ranges, advanced.reader
        assert ranges or advanced.editions
        if ranges:
            assert ranges[-1][1] <= self.last_id
            assert not any(self._deleted_within(ranges))
            self.readings.advance(reader, ranges, advanced.read_at, self.revision)
        for each, edition in advanced.editions:
            assert 1 <= each <= self.last_id
            assert 1 <= edition <= self.messages[each - 1].edition
            assert self.messages[each - 1].sender != reader
            assert self.readings.of(reader).read_at(each) is not None
        is_public = partial(self.sharing.is_public_at, reader)
        self.editions.advance(reader, advanced.editions, advanced.read_at, self.revision, is_public)

    def _edit(self, edited: Edited) -> None:
        assert 1 <= edited.id <= self.last_id
        entry = self.messages[edited.id - 1]
        assert entry.deleted_at is None
        assert entry.edition < EDITIONS_MAX
        assert not self.is_muted(entry.sender)
        edition = entry.edition + 1
        self.messages[entry.id - 1] = replace(entry, content=edited.content, edition=edition, edited_at=edited.at)
        self.changes.add(Change(self.revision, altered=entry.id))

    def _put(self, record: Reacted | Pinned | Unpinned) -> None:
        """Put something on a message, or take it away."""
        assert 1 <= record.id <= self.last_id
        assert not self.is_deleted(record.id)
        match record:
            case Reacted(id=each, name=name, emoji=emoji, on=on):
                assert self.has_met(name)
                (self.marks.react if on else self.marks.unreact)(each, name, emoji)
            case Pinned(id=each, by=by, at=at_ms):
                assert self._may_act(by)
                self.marks.pin(each, by, at_ms)
            case Unpinned(id=each, by=by):
                assert self._may_act(by)
                self.marks.unpin(each)
            case _:
                assert_never(record)
        self.changes.add(Change(self.revision, altered=record.id))

    def _acknowledge(self, said: Acknowledged) -> None:
        assert said.id >= 1
        assert said.edition >= 0
        assert self.has_edition(said.id, said.edition)
        assert self.has_met(said.reader)
        assert self.messages[said.id - 1].sender != said.reader
        self.acknowledgements.add(said.id, said.reader, (said.edition, said.at, self.revision))

    def _may_act(self, by: str) -> bool:
        """Whether this can be who did something: somebody who has been here, or "" for nobody in particular."""
        return not by or self.has_met(by)

    def _delete(self, deleted: Deleted) -> None:
        assert self._may_act(deleted.by)
        assert 1 <= deleted.id <= self.last_id
        entry = self.messages[deleted.id - 1]
        assert entry.deleted_at is None
        gone = replace(entry, content="", deleted_at=deleted.at, deleted_by=deleted.by, edition=0, edited_at=None)
        self.messages[deleted.id - 1] = gone
        self.editions.forget(deleted.id)
        self.marks.forget(deleted.id)
        self.acknowledgements.forget(deleted.id)
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
        self.sharing.rename(name, to)
        readings = self.readings.items()
        self.readings = Readings({renamed.get(each, each): reading for each, reading in readings})
        self.editions.rename(name, to)
        self.marks.rename(name, to)
        self.acknowledgements.rename(name, to)
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

    def has_edition(self, message_id: int, edition: int) -> bool:
        """Whether there is, or was, such a text of an existing message that has not been deleted."""
        if message_id > self.last_id or self.is_deleted(message_id):
            return False
        return edition <= self.messages[message_id - 1].edition

    def edition_news(self, reader: str, editions: Iterable[Edition]) -> tuple[Edition, ...]:
        """The part of a receipt that changes something: existing later texts of others' than the reader had read.

        By ascending ids, of each message the latest of those that exist.
        """
        latest: dict[int, int] = {}
        for each, edition in editions:
            if self.has_edition(each, edition) and self.messages[each - 1].sender != reader:
                latest[each] = max(edition, latest.get(each, 0))
        news = (pair for pair in latest.items() if pair[1] > self.editions.of(pair[0], reader))
        return tuple(sorted(news))

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

    def mode_of(self, name: str) -> Mode:
        """Who is shown what this name reads here from now on."""
        return self.sharing.mode(name)

    def shares(self, name: str) -> bool:
        """Whether others are shown what this name reads here; only then is the name shown what others read."""
        return self.mode_of(name) == "public"

    def seen(self, reader: str, reading: Reading, first: int, last: int) -> Iterator[Advance]:
        """The advances of a reader that touch [first, last], cut to it, as far as others may see them."""
        found = reading.overlapping(first, last)
        return (row for row in found if self.sharing.is_public_at(reader, row[3]))

    def counted_for(self, name: str, revision: int) -> Ranges:
        """The ids in whose audience this name was at that revision: what was sent to them while they shared."""
        after = self.sharing.counts_after(name, revision)
        if after is None or after >= self.last_id:
            return ()
        return rangesets.intersect(self.sent_to(name), ((after + 1, self.last_id),))

    def is_seen(self, reader: str, message_id: int) -> bool:
        """Whether others may see that this reader has read any text of a message that is not theirs."""
        return self.is_reading_seen(reader, message_id) or any(
            name == reader for name, *_ in self.editions_seen(message_id)
        )

    def is_reading_seen(self, reader: str, message_id: int) -> bool:
        """Whether others may see that this reader has read a message, were it never edited."""
        return any(True for _ in self.seen(reader, self.readings.of(reader), message_id, message_id))

    def editions_seen(self, message_id: int) -> Iterator[tuple[str, int, int]]:
        """Each reader of a later text, with the latest that they have read while they shared it, and when."""
        for reader, edition, at_ms, revision in self.editions.read(message_id):
            if self.sharing.is_public_at(reader, revision):
                yield reader, edition, at_ms

    def readers(self, message_id: int) -> list[tuple[str, int]]:
        """Each reader of a message's text with the time in Unix ms, earliest first; never its sender.

        Whoever did not share it when they read it is none of them. A deleted message has none, though who had
        read it before is kept.
        """
        current = self.messages[message_id - 1].edition
        if current == 0:
            return self._readers_of_any(message_id)
        found = [(reader, at_ms) for reader, each, at_ms in self.editions_seen(message_id) if each == current]
        return sorted(found, key=lambda pair: pair[1])

    def earlier_readers(self, message_id: int) -> list[tuple[str, int]]:
        """Who has read only an earlier text of an edited message, and when the latest of those, earliest first."""
        now = {reader for reader, _ in self.readers(message_id)}
        later = {reader: at_ms for reader, _, at_ms in self.editions_seen(message_id)}
        any_text = self._readers_of_any(message_id)
        found = [(reader, later.get(reader, at_ms)) for reader, at_ms in any_text if reader not in now]
        return sorted(found, key=lambda pair: pair[1])

    def _readers_of_any(self, message_id: int) -> list[tuple[str, int]]:
        """Each reader of any text of a message, with the time of the first they read, earliest first.

        Of whoever did not share that they read the message, but shares a later text of it, it is that text's time.
        """
        if self.is_deleted(message_id):
            return []
        sender = self.messages[message_id - 1].sender
        found = {reader: at_ms for reader, _, at_ms in self.editions_seen(message_id)} | {
            name: at_ms
            for name, reading in self.readings.items()
            if name != sender
            for _, _, at_ms, _ in self.seen(name, reading, message_id, message_id)
        }
        return sorted(found.items(), key=lambda pair: pair[1])

    def horizon(self, reader: str) -> tuple[int, int] | None:
        """The newest message of somebody else that others may see this reader to have read, and when (Unix ms).

        Deleted ones are none. It is looked for among the newest `HORIZON_SCAN_MAX` that the reader has read, what
        was not shared counted once per advance; None where it is not there.
        """
        newest = islice(self._newest_seen(reader), HORIZON_SCAN_MAX)
        return next((each for each in newest if each is not None and self._is_others(reader, each[0])), None)

    def _newest_seen(self, reader: str) -> Iterator[tuple[int, int] | None]:
        """What this reader has read, and when, the newest first; None for an advance that others may not see."""
        for first, last, at_ms, revision in self.readings.of(reader).newest_first():
            if self.sharing.is_public_at(reader, revision):
                yield from ((each, at_ms) for each in range(last, first - 1, -1))
            else:
                yield None

    def _is_others(self, reader: str, message_id: int) -> bool:
        return self.messages[message_id - 1].sender != reader and not self.is_deleted(message_id)

    def missing(self, message_id: int) -> list[str]:
        """Members who are still here, were sent the message and have read no text of it; of a deleted one none.

        Whoever has not shared all along since it was sent is none of them: see `unshared`.
        """
        return [
            name
            for name in self._others_sent(message_id)
            if rangesets.contains(self.counted_for(name, self.revision), message_id)
            and self.readings.of(name).read_at(message_id) is None
        ]

    def unshared(self, message_id: int) -> list[str]:
        """Members whom it was sent to and who do not say whether they have read it; of a deleted one none."""
        said = {*self.missing(message_id), *(name for name, _ in self._readers_of_any(message_id))}
        return [name for name in self._others_sent(message_id) if name not in said]

    def _others_sent(self, message_id: int) -> list[str]:
        """Members whom the message was sent to, without its sender; of a deleted one none."""
        if self.is_deleted(message_id):
            return []
        sender = self.messages[message_id - 1].sender
        return [
            name for name in self.members if name != sender and rangesets.contains(self.sent_to(name), message_id)
        ]

    def tallies(self, first: int, last: int) -> list[Tally]:
        """For each id of an existing [first, last] how many it was sent to and have read it; none if deleted."""
        return self.tallies_of(range(first, last + 1))

    def tallies_of(self, ids: Sequence[int]) -> list[Tally]:
        """As `tallies`, of any existing messages by ascending ids, each once.

        Costs O(members + advances + ids): each stay and advance is marked at its two ends, then summed up once.
        """
        if not ids:
            return []
        reads, unread = [0] * (len(ids) + 1), [0] * (len(ids) + 1)
        span = ((ids[0], ids[-1]),)
        for reader, reading in self.readings.items():
            seen = self.seen(reader, reading, ids[0], ids[-1])
            _mark(reads, ids, ((first, last) for first, last, _, _ in seen))
        sent = {name: self.counted_for(name, self.revision) for name in self.members}
        for name, ranges in sent.items():
            _mark(unread, ids, self.readings.of(name).uncovered(rangesets.intersect(ranges, span)))
        sums = zip(ids, accumulate(reads[:-1]), accumulate(unread[:-1]), strict=True)
        return [self._tally(*each, sent) for each in sums]

    def _tally(self, message_id: int, read: int, missing: int, sent: Mapping[str, Ranges]) -> Tally:
        """Of so many who have let be seen that they read the message, and so many who have read no text of it.

        Its sender may be in one of the two; whoever has let only a later text be seen is in neither.
        """
        entry = self.messages[message_id - 1]
        if entry.deleted_at is not None:
            return _NONE
        if self.readings.of(entry.sender).read_at(message_id) is None:
            missing -= rangesets.contains(sent.get(entry.sender, ()), message_id)
        else:
            read -= self.is_reading_seen(entry.sender, message_id)
        if entry.edition == 0:
            return Tally(read + missing, read)
        seen = [reader for reader, *_ in self.editions_seen(message_id) if self.sharing.since(reader)]
        read += sum(not self.is_reading_seen(reader, message_id) for reader in seen)
        return Tally(read + missing, len(self.readers(message_id)))

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
            editions=self.editions.rows(),
            pins=self.marks.pin_rows(),
            reactions=self.marks.reaction_rows(),
            turns=self.sharing.turns,
            chosen=self.sharing.chosen,
            direct=self.direct,
            receipts_required=self.receipts_required,
            acknowledgements=self.acknowledgements.rows(),
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
        room.editions = Editions(state.editions)
        room.marks = Marks(state.pins, state.reactions)
        room.sharing = Sharing(state.turns, state.chosen)
        room.acknowledgements = Acknowledgements(state.acknowledgements)
        return room


_NONE: Final = Tally(audience=0, read_by=0)


def _mark(marks: list[int], ids: Sequence[int], ranges: Iterable[Range]) -> None:
    """Note where of these ascending ids each range begins, and where it has ended."""
    for first, last in ranges:
        marks[bisect_left(ids, first)] += 1
        marks[bisect_right(ids, last)] -= 1


def _within(ids: list[int], ranges: Ranges) -> Iterator[int]:
    """Those of ascending ids that are in the ranges."""
    return chain.from_iterable(ids[bisect_left(ids, first) : bisect_right(ids, last)] for first, last in ranges)
