"""The rooms one is in and the people of the shown one, as frozen values for drawing. Pure.

Every text is safe to show; `key` is the name as the server knows it, and is only ever compared and sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chat_tui.model.dues import Dues
from chat_tui.model.replica import Replica
from chat_tui.model.room import Room
from chat_tui.text.safetext import safe_line


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room as a line in a list."""

    key: str
    name: str
    title: str
    unread: int
    """Messages of others that one has not read; 0 where it is silenced."""
    mentions: int
    """How many of those name one."""
    online: int
    members: int
    silenced: bool
    """It tells only of mentions."""
    current: bool
    """It is the one that is shown."""
    draft: bool
    """Something is written to it and not entered."""
    direct: bool = False
    """It is a conversation of two, and its name that of the other one."""
    there: bool = False
    """Somebody besides oneself is connected."""
    receipts_required: bool = False
    """Everybody in it says what they read."""

    @property
    def label(self) -> str:
        """What it is called among others."""
        return f"{'@' if self.direct else '#'}{self.name}"


@dataclass(frozen=True, slots=True)
class PersonView:
    """A member of the shown room, or of any of one's rooms."""

    name: str
    online: bool
    key: str = ""
    """The name as the server knows it."""
    me: bool = False
    owner: bool = False
    """Of the shown room."""
    muted: bool = False
    """Can read in it and not write."""


@dataclass(frozen=True, slots=True)
class RoomsView:
    """All that the sidebar shows."""

    rooms: tuple[RoomView, ...] = ()
    """By name, then the conversations of two, so too: they stay where they are whatever comes."""
    people: tuple[PersonView, ...] = ()
    """Who is online first, then by name."""

    @property
    def elsewhere(self) -> int:
        """How many messages wait in rooms that are not shown."""
        return sum(max(each.unread, each.mentions) for each in self.rooms if not each.current)

    @property
    def waiting(self) -> int:
        """How many messages wait in all rooms."""
        return sum(max(each.unread, each.mentions) for each in self.rooms)

    def beside(self, step: int) -> RoomView | None:
        """The room so many places below the shown one, or above it (negative), round the ends."""
        at = next((at for at, each in enumerate(self.rooms) if each.current), -1 if step > 0 else 0)
        return self.rooms[(at + step) % len(self.rooms)] if self.rooms else None

    def next_unread(self) -> RoomView | None:
        """The next room below the shown one, round the end, in which something waits; None where there is none."""
        at = next((at for at, each in enumerate(self.rooms) if each.current), -1)
        others = (*self.rooms[at + 1 :], *self.rooms[: max(at, 0)])
        return next((each for each in others if each.unread or each.mentions), None)


def survey(rooms: Iterable[Room], current: Room, dues: Dues) -> RoomsView:
    """The rooms and the people of the shown one as they are now, without rooms that one is no longer in."""
    replica = current.replica
    return RoomsView(
        rooms=tuple(
            _line(room, room is current, dues) for room in sorted(rooms, key=_place) if not room.moderation.removed
        ),
        people=_in_order(_person(name, replica) for name in replica.members),
    )


def acquaintances(rooms: Iterable[Room]) -> tuple[PersonView, ...]:
    """Everybody in any of these rooms but oneself."""
    replicas = [each.replica for each in rooms]
    online = {name for each in replicas for name in each.online}
    others = {name for each in replicas for name in each.members if name != each.me}
    return _in_order(PersonView(safe_line(name), name in online, name) for name in others)


def _in_order(people: Iterable[PersonView]) -> tuple[PersonView, ...]:
    return tuple(sorted(people, key=lambda each: (not each.online, each.name.casefold(), each.name)))


def _person(name: str, replica: Replica) -> PersonView:
    return PersonView(
        safe_line(name),
        online=name in replica.online,
        key=name,
        me=name == replica.me,
        owner=name == replica.owner,
        muted=name in replica.muted,
    )


def _place(room: Room) -> tuple[bool, str, str]:
    name = room.replica.title if room.replica.direct else room.name
    return room.replica.direct, name.casefold(), name


def _line(room: Room, current: bool, dues: Dues) -> RoomView:  # noqa: FBT001  # it is a field of the line
    mark = dues.marks.get(room.name)
    silenced = room.name in dues.silenced
    return RoomView(
        key=room.name,
        name=room.label[1:],
        title=safe_line(room.replica.title),
        unread=0 if silenced else room.tally.unread + (mark.count if mark is not None else 0),
        mentions=room.tally.mentions,
        online=len(room.replica.online),
        members=len(room.replica.members),
        silenced=silenced,
        current=current,
        draft=bool(dues.draft(room.name)),
        direct=room.replica.direct,
        there=bool(room.replica.online - {room.me}),
        receipts_required=room.replica.receipts_required,
    )
