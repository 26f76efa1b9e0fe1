"""Entering and leaving rooms: who may, and what others are told of it. Pure."""

from collections.abc import Iterator

from chat_server import answers, directs, protocol
from chat_server.effects import Append, Effect, Send
from chat_server.live import Live, others
from chat_server.moderation import refusal_to_join
from chat_server.names import objection, skeleton
from chat_server.protocol import (
    LOBBY,
    MEMBERS_MAX,
    ROOMS_JOINED_MAX,
    ROOMS_MAX,
    ROOMS_OWNED_MAX,
    Direct,
    Join,
    Joined,
    Leave,
    Left,
    Ok,
)
from chat_server.refusals import DISK_FULL, disk_full, refuse
from chat_server.room import Departed, Entered, Opened, Room
from chat_server.settings import on_entering


class Entering:
    """The rooms of a chat, as people come and go."""

    def __init__(self, live: Live) -> None:
        """Take the chat that is used."""
        self._live = live

    def join(self, connection: int, name: str, join: Join, now_ms: int) -> Iterator[Effect]:
        """Make somebody a member of the room that they name, which they may make by that."""
        if not self._live.is_member(join.room, name):
            if refusal := self._no_entry(join.room, name):
                yield refuse(connection, *refusal, join.ref)
                return
            if join.room not in self._live.rooms:
                yield self._open(join, name, now_ms)
            yield from self.enter(join.room, name, connection, now_ms)
        room = answers.summary(self._live.rooms[join.room], name, self._live.roster.online)
        yield Send((connection,), Ok(ref=join.ref, room=room))

    def _no_entry(self, room: str, name: str) -> tuple[str, str] | None:
        """Why somebody cannot join this room now: a refusal's code and reason."""
        # Of a direct conversation nobody learns by this that there is one: its name cannot be a room's.
        if room not in self._live.rooms or self._live.rooms[room].direct:
            if (reason := self._no_new_room(room, name)) is not None:
                return reason
        elif (refusal := refusal_to_join(self._live.rooms[room], name)) is not None:
            return refusal.code, refusal.reason
        if sum(each.is_member(name) for each in self._live.ordinary) >= ROOMS_JOINED_MAX:
            return "too-many-rooms", f"You are in {ROOMS_JOINED_MAX} rooms already; leave one first."
        if self.is_full(room):
            return "room-full", f"The room has {MEMBERS_MAX} members already."
        if self._live.full:
            return "disk-full", DISK_FULL
        return None

    def _no_new_room(self, room: str, name: str) -> tuple[str, str] | None:
        """Why somebody cannot make this room."""
        if reason := objection(room, what="room's name"):
            return "bad-name", reason
        look = skeleton(room)
        if other := next((each.name for each in self._live.ordinary if skeleton(each.name) == look), None):
            return "name-taken", f"The room's name looks like {other}'s; choose another one."
        if sum(1 for _ in self._live.ordinary) >= ROOMS_MAX:
            return "too-many-rooms", f"This server has {ROOMS_MAX} rooms already."
        if self._live.owned(name) >= ROOMS_OWNED_MAX:
            return "too-many-rooms", f"You have made {ROOMS_OWNED_MAX} rooms already."
        return None

    def _open(self, join: Join, name: str, now_ms: int) -> Append:
        """Make the room that was to be joined."""
        title = (join.title or join.room).strip()
        required = join.receipts == "required"
        return self._live.append(
            Opened(room=join.room, title=title, at=now_ms, by=name, receipts_required=required)
        )

    def enter(self, room_name: str, name: str, connection: int, now_ms: int) -> Iterator[Effect]:
        """Make somebody a member of a room, and tell all others there; only the lobby need not be there yet."""
        if room_name not in self._live.rooms:
            assert room_name == LOBBY
            yield self._live.append(Opened(room=LOBBY, title=LOBBY, at=now_ms))
        room = self._live.rooms[room_name]
        back = room.has_left(name)
        yield self._live.append(Entered(room=room_name, name=name, at=now_ms))
        yield from self._share(room, name)
        yield self._live.send_to(others(room, name), Joined(room=room_name, name=name, back=back))
        yield self.tell_entered(room, name, besides=connection)

    def _share(self, room: Room, name: str) -> Iterator[Effect]:
        """Let what somebody has chosen hold in a room of which they have just become a member."""
        if (shared := on_entering(self._live.chat, room, name)) is not None:
            yield self._live.append(shared)

    def tell_entered(self, room: Room, name: str, *, besides: int | None = None) -> Send:
        """Tell somebody that they are in a room now, on all of their connections but one."""
        to = tuple(each for each in self._live.roster.of(name) if each != besides)
        return Send(to, protocol.Entered(room=answers.summary(room, name, self._live.roster.online)))

    def direct(self, connection: int, name: str, direct: Direct, now_ms: int) -> Iterator[Effect]:
        """Begin a conversation of two, or find it."""
        other, rooms = direct.name, self._live.rooms.values()
        refusal = directs.refusal_of_self(name, other)
        room = directs.found(rooms, name, other) if refusal is None else None
        if room is None:
            refusal = refusal or directs.refusal(self._live.chat.people, rooms, name, other)
            if refusal is not None:
                yield refuse(connection, refusal.code, refusal.reason, direct.ref)
                return
            if self._live.full:
                yield disk_full(connection, direct.ref)
                return
            made = directs.room_name(self._live.chat.people.seed, name, other, self._live.rooms)
            yield self._live.append(Opened(room=made, title=made, at=now_ms, direct=True))
            for each in (name, other):
                yield self._live.append(Entered(room=made, name=each, at=now_ms))
            room = self._live.rooms[made]
            for each in (name, other):
                yield from self._share(room, each)
            yield self.tell_entered(room, name, besides=connection)
            yield self.tell_entered(room, other)
        yield Send((connection,), Ok(ref=direct.ref, room=answers.summary(room, name, self._live.roster.online)))

    def leave(self, connection: int, name: str, room: Room, leave: Leave, now_ms: int) -> Iterator[Effect]:
        """Let somebody go who may."""
        if room.name == LOBBY:
            yield refuse(connection, "not-allowed", f"Everybody stays in {LOBBY}.", leave.ref)
            return
        if room.direct:
            reason = "Nobody leaves a direct conversation; mute it instead."
            yield refuse(connection, "not-allowed", reason, leave.ref)
            return
        if self._live.full:
            yield disk_full(connection, leave.ref)
            return
        told = room.members
        yield self._live.append(Departed(room=room.name, name=name, at=now_ms))
        yield self._live.send_to(told, Left(room=room.name, name=name))
        yield Send((connection,), Ok(ref=leave.ref))

    def is_full(self, room: str) -> bool:
        """Whether the room has as many members as it may."""
        return room in self._live.rooms and len(self._live.rooms[room].members) >= MEMBERS_MAX
