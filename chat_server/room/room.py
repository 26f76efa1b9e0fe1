"""The records that change a room. Pure.

`Room.apply` is the only thing that changes what a room durably is, live and in replay alike, so what recovery
gives back is what was.
"""

from functools import partial
from typing import assert_never

from chat_server.acknowledgements import Acknowledgements
from chat_server.changes import Change, Changes
from chat_server.editions import Editions
from chat_server.marks import Marks
from chat_server.membership import Membership
from chat_server.protocol import EDITIONS_MAX
from chat_server.records import (
    Acknowledged,
    Advanced,
    AnyRoomRecord,
    Barred,
    Deleted,
    Departed,
    Edited,
    Entered,
    Muted,
    Opened,
    Passed,
    Pinned,
    Posted,
    Reacted,
    Retitled,
    Shared,
    Unbarred,
    Unmuted,
    Unpinned,
)
from chat_server.room.audience import Audience
from chat_server.room.messages import Messages
from chat_server.room.state import RoomState
from chat_server.sharing import Sharing


class Room(Audience):
    """A room in memory."""

    # What changes it

    def apply(self, record: AnyRoomRecord) -> None:
        """Change the room by a record of its own; an impossible one is our bug and fails an assertion."""
        self.revision += 1
        match record:
            case Posted(entry=entry):
                assert entry.deleted_at is None
                assert not self.is_muted(entry.sender)
                self.messages.append(entry)
                self._count_post(entry.sender)
            case Advanced():
                self._advance(record)
            case Entered(name=name):
                assert not self.direct or len(self._people.known) < 2
                self._count_turn(name, lambda: self._people.enter(name, self.last_id))
            case Departed(name=name, by=by):
                assert self._may_act(by)
                self._count_turn(name, lambda: self._people.leave(name, self.last_id))
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
                self._count_turn(record.name, lambda: self._people.sanction(record, self.last_id))
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
        choose = partial(self.sharing.choose, shared.name, turn, chosen=shared.chosen, has_read=has_read)
        self._count_turn(shared.name, choose)

    def _advance(self, advanced: Advanced) -> None:
        ranges, reader = advanced.ranges, advanced.reader
        assert ranges or advanced.editions
        if ranges:
            assert ranges[-1][1] <= self.last_id
            assert not any(self.messages.deleted(ranges))
            self._count_read(reader, ranges)
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
        self.messages.edit(edited.id, edited.content, edited.at)
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
        self._count_deleted(deleted.id)
        self.messages.delete(deleted.id, deleted.by, deleted.at)
        self.editions.forget(deleted.id)
        self.marks.forget(deleted.id)
        self.acknowledgements.forget(deleted.id)
        self.changes.add(Change(self.revision, deleted=deleted.id))

    def rename(self, name: str, to: str) -> bool:
        """Make all that is `name`'s `to`'s, whom the room does not know; the order of people stays as it was.

        Whether there was anything; only then there is a new revision, and somebody to tell.
        """
        if not self.knows(name):
            return False
        assert not self.knows(to)
        self.revision += 1
        if self.owner == name:
            self.owner = to
        self._people.rename(name, to)
        self.sharing.rename(name, to)
        self.readings.rename(name, to)
        self._count_renamed(name, to)
        self.editions.rename(name, to)
        self.marks.rename(name, to)
        self.acknowledgements.rename(name, to)
        self.messages.rename(name, to)
        self.changes.add(Change(self.revision, renamed=(name, to)))
        return True

    # Snapshots

    def freeze(self) -> RoomState:
        """The room as it is now, at the cost of a list of what its parts are, of which none is copied."""
        return RoomState(
            name=self.name,
            title=self.title,
            revision=self.revision,
            stays=self._people.stays,
            readings=self.readings.copy(),
            messages=self.messages.freeze(),
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
        room.messages = Messages(state.messages)
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
        room._count_all()
        return room
