"""Who is connected, and what each is owed: events in, effects out. Pure.

It knows connections by number and people by name, never a socket.
"""

from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from chat_server import answers
from chat_server.effects import Append, Close, Effect, Send
from chat_server.events import Event, Filled, Freed, Garbled, Lost, Received
from chat_server.identity import Claim, objection
from chat_server.protocol import (
    LOBBY,
    MEMBERS_MAX,
    ROOMS_MAX,
    VERSION,
    AnyFrame,
    AnyRequest,
    CloseCode,
    FetchHistory,
    FetchInfo,
    FetchMembers,
    FetchRooms,
    Hello,
    Join,
    Joined,
    Leave,
    Left,
    Ok,
    Post,
    Presence,
    Read,
    Refused,
    RoomListing,
    RoomRequest,
    Rooms,
    Welcome,
)
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_server.room import (
    Advanced,
    AnyRecord,
    Departed,
    Entered,
    Entry,
    Opened,
    Posted,
    Room,
    Tally,
)

DISK_FULL: Final = "The server's disk is full; it takes nothing new until there is space."


class Hub:
    """All rooms and all connections of a server."""

    def __init__(self, epoch: str, rooms: dict[str, Room]) -> None:
        """Take the rooms as recovered; they are the hub's from now on."""
        self.epoch = epoch
        self.rooms = rooms
        self._claims: dict[int, Claim] = {}
        self._devices: dict[str, list[int]] = {}
        self._closing: set[int] = set()
        self.full = False
        """Whether what would have to be put on disk is refused."""

    def is_greeted(self, connection: int) -> bool:
        """Whether this connection has said a good hello and has not been lost."""
        return connection in self._claims

    def handle(self, event: Event) -> list[Effect]:
        """Change what the event changes, and say what must be done about it, in order."""
        return list(self._handle(event))

    def _handle(self, event: Event) -> Iterator[Effect]:
        match event:
            case Filled() | Freed():
                self.full = isinstance(event, Filled)
            case Lost(connection=connection):
                yield from self._forget(connection)
            case _ if event.connection in self._closing:
                pass  # It was sent before the peer learnt of the close, and is not acted on.
            case Received(connection=connection, request=request, now_ms=now_ms):
                yield from self._answer(connection, request, now_ms)
            case Garbled(connection=connection, reason=reason, ref=ref):
                yield _refuse(connection, "bad-request", reason, ref)
                if connection not in self._claims:
                    yield self._close(connection, CloseCode.NOT_ALLOWED, "hello first")
            case _:
                assert_never(event)

    # Connections

    def _answer(self, connection: int, request: AnyRequest, now_ms: int) -> Iterator[Effect]:
        claim = self._claims.get(connection)
        if isinstance(request, Hello):
            if claim is not None:
                yield _refuse(connection, "already-greeted", "This connection has said hello.", request.ref)
            else:
                yield from self._greet(connection, request, now_ms)
        elif claim is None:
            yield _refuse(connection, "hello-first", "Say hello first.", request.ref)
            yield self._close(connection, CloseCode.NOT_ALLOWED, "hello first")
        else:
            yield from self._serve(connection, claim.name, request, now_ms)

    def _greet(self, connection: int, hello: Hello, now_ms: int) -> Iterator[Effect]:
        claim = Claim(hello.name, hello.key, hello.client)
        if (objected := self._objection(hello, claim)) is not None:
            code, reason, close_code = objected
            yield _refuse(connection, code, reason, hello.ref)
            yield self._close(connection, close_code, code)
            return
        self._claims[connection] = claim
        devices = self._devices.setdefault(claim.name, [])
        devices.append(connection)
        if not self._is_member(LOBBY, claim.name):
            yield from self._enter(LOBBY, claim.name, connection, now_ms)
        mine = [room for room in self.rooms.values() if room.is_member(claim.name)]
        yield Send((connection,), self._welcome(claim.name, mine, hello.ref))
        yield from self._resume(connection, claim.name, hello)
        if len(devices) == 1:
            yield from self._tell_presence(claim.name, mine, online=True)

    def _objection(self, hello: Hello, claim: Claim) -> tuple[str, str, int] | None:
        """A refusal's code and reason, and the close code after it."""
        if hello.version != VERSION:
            reason = f"This server speaks version {VERSION} of the protocol, not {hello.version}."
            return "version", reason, CloseCode.NOT_ALLOWED
        if unfit := objection(hello.name):
            return "bad-name", unfit, CloseCode.NOT_ALLOWED
        holders = self._devices.get(hello.name)
        if holders and not claim.same_owner(self._claims[holders[0]]):
            reason = f"The name {hello.name} is in use; choose another one."
            return "name-taken", reason, CloseCode.NAME_TAKEN
        if self._is_full(LOBBY) and not self._is_member(LOBBY, hello.name):
            return "room-full", f"This server has {MEMBERS_MAX} members already.", CloseCode.NOT_ALLOWED
        if self.full and not self._is_member(LOBBY, hello.name):
            return "disk-full", DISK_FULL, CloseCode.OVERLOADED
        return None

    def _welcome(self, name: str, rooms: Iterable[Room], ref: str | None) -> Welcome:
        summaries = tuple(answers.summary(room, name, self._devices) for room in rooms)
        return Welcome(name=name, epoch=self.epoch, rooms=summaries, ref=ref)

    def _resume(self, connection: int, name: str, hello: Hello) -> Iterator[Effect]:
        if hello.resume is None or hello.resume.epoch != self.epoch:
            return
        for room_name, cursor in hello.resume.rooms.items():
            room = self.rooms.get(room_name)
            if room is not None and room.is_member(name):
                page, receipts = answers.resumed(room, name, cursor)
                yield from (Send((connection,), receipt) for receipt in receipts)
                yield Send((connection,), page)

    def _close(self, connection: int, code: int, reason: str) -> Close:
        self._closing.add(connection)
        return Close(connection, code, reason)

    def _forget(self, connection: int) -> Iterator[Effect]:
        self._closing.discard(connection)
        claim = self._claims.pop(connection, None)
        if claim is None:
            return
        self._devices[claim.name].remove(connection)
        if not self._devices[claim.name]:
            del self._devices[claim.name]
            rooms = [room for room in self.rooms.values() if room.is_member(claim.name)]
            yield from self._tell_presence(claim.name, rooms, online=False)

    # Requests of the greeted

    def _serve(
        self, connection: int, name: str, request: Join | FetchRooms | RoomRequest, now_ms: int
    ) -> Iterator[Effect]:
        match request:
            case Join():
                yield from self._join(connection, name, request, now_ms)
            case FetchRooms():
                yield Send((connection,), Rooms(rooms=tuple(self._listings(name)), ref=request.ref))
            case _:
                room = self.rooms.get(request.room)
                if room is None or not room.is_member(name):
                    reason = f"You are not in a room named {request.room!a}."
                    yield _refuse(connection, "not-a-member", reason, request.ref)
                else:
                    yield from self._serve_member(connection, name, room, request, now_ms)

    def _serve_member(
        self, connection: int, name: str, room: Room, request: RoomRequest, now_ms: int
    ) -> Iterator[Effect]:
        match request:
            case Post():
                yield from self._post(connection, name, room, request, now_ms)
            case Read():
                yield from self._read(connection, name, room, request, now_ms)
            case FetchHistory():
                yield Send((connection,), answers.history(room, name, request))
            case FetchInfo():
                yield self._info(connection, room, request)
            case FetchMembers():
                yield Send((connection,), answers.members(room, self._devices, request.ref))
            case Leave():
                yield from self._leave(connection, name, room, request, now_ms)
            case _:
                assert_never(request)

    def _post(self, connection: int, name: str, room: Room, post: Post, now_ms: int) -> Iterator[Effect]:
        known = room.posted_as(name, post.nonce)
        if known is not None:
            yield Send((connection,), Ok(ref=post.ref, message_id=known))
            return
        if post.reply_to is not None and post.reply_to > room.last_id:
            yield _no_such_message(connection, post.reply_to, post.ref)
            return
        if self.full:
            yield _disk_full(connection, post.ref)
            return
        entry = Entry(room.last_id + 1, name, post.nonce, post.content, now_ms, post.reply_to)
        yield self._append(room, Posted(room=room.name, entry=entry))
        yield Send((connection,), Ok(ref=post.ref, message_id=entry.id))
        tally = Tally(audience=len(room.members) - 1, read_by=0)
        yield self._send_to([name], answers.message(room, entry, tally, to=name))
        yield self._send_to(_others(room, name), answers.message(room, entry, tally))

    def _read(self, connection: int, name: str, room: Room, read: Read, now_ms: int) -> Iterator[Effect]:
        news = room.news(name, rangesets.normalise(read.ranges))
        if news and self.full:
            yield _disk_full(connection, read.ref)
            return
        if news:
            yield self._append(room, Advanced(room=room.name, reader=name, ranges=news, read_at=now_ms))
            for author, covered in room.senders(news).items():
                if author != name and room.is_member(author):
                    yield from self._tell_read(self._connections([author]), room, name, covered, now_ms)
            others = (each for each in self._devices[name] if each != connection)
            yield from self._tell_read(others, room, name, news, now_ms)
        yield Send((connection,), Ok(ref=read.ref))

    def _tell_read(
        self, to: Iterable[int], room: Room, reader: str, covered: Ranges, now_ms: int
    ) -> Iterator[Effect]:
        if connections := tuple(to):
            told = answers.receipts(room, reader, covered, now_ms, revision=room.revision)
            yield from (Send(connections, receipt) for receipt in told)

    def _info(self, connection: int, room: Room, request: FetchInfo) -> Effect:
        if request.message_id > room.last_id:
            return _no_such_message(connection, request.message_id, request.ref)
        return Send((connection,), answers.info(room, request.message_id, request.ref))

    def _listings(self, name: str) -> Iterator[RoomListing]:
        for room in sorted(self.rooms.values(), key=lambda each: each.name):
            yield RoomListing(room.name, room.title, len(room.members), room.is_member(name))

    # Membership

    def _join(self, connection: int, name: str, join: Join, now_ms: int) -> Iterator[Effect]:
        if not self._is_member(join.room, name):
            if refusal := self._no_entry(join.room):
                yield _refuse(connection, *refusal, join.ref)
                return
            yield from self._enter(join.room, name, connection, now_ms)
        room = answers.summary(self.rooms[join.room], name, self._devices)
        yield Send((connection,), Ok(ref=join.ref, room=room))

    def _no_entry(self, room: str) -> tuple[str, str] | None:
        """Why nobody can join this room now: a refusal's code and reason."""
        if room not in self.rooms:
            if reason := objection(room, what="room's name"):
                return "bad-name", reason
            if len(self.rooms) >= ROOMS_MAX:
                return "too-many-rooms", f"This server has {ROOMS_MAX} rooms already."
        if self._is_full(room):
            return "room-full", f"The room has {MEMBERS_MAX} members already."
        if self.full:
            return "disk-full", DISK_FULL
        return None

    def _enter(self, room_name: str, name: str, connection: int, now_ms: int) -> Iterator[Effect]:
        if room_name not in self.rooms:
            self.rooms[room_name] = Room(room_name)
            yield self._append(self.rooms[room_name], Opened(room=room_name, title=room_name, at=now_ms))
        room = self.rooms[room_name]
        back = room.has_left(name)
        yield self._append(room, Entered(room=room_name, name=name, at=now_ms))
        to = tuple(each for each in self._connections(room.members) if each != connection)
        yield Send(to, Joined(room=room_name, name=name, back=back))

    def _leave(self, connection: int, name: str, room: Room, leave: Leave, now_ms: int) -> Iterator[Effect]:
        if room.name == LOBBY:
            yield _refuse(connection, "not-allowed", f"Everybody stays in {LOBBY}.", leave.ref)
            return
        if self.full:
            yield _disk_full(connection, leave.ref)
            return
        told = room.members
        yield self._append(room, Departed(room=room.name, name=name, at=now_ms))
        yield self._send_to(told, Left(room=room.name, name=name))
        yield Send((connection,), Ok(ref=leave.ref))

    # Small parts

    def _append(self, room: Room, record: AnyRecord) -> Append:
        room.apply(record)
        return Append(record)

    def _is_member(self, room: str, name: str) -> bool:
        return room in self.rooms and self.rooms[room].is_member(name)

    def _is_full(self, room: str) -> bool:
        return room in self.rooms and len(self.rooms[room].members) >= MEMBERS_MAX

    def _connections(self, names: Iterable[str]) -> Iterator[int]:
        return (each for name in names for each in self._devices.get(name, ()))

    def _send_to(self, names: Iterable[str], frame: AnyFrame) -> Send:
        return Send(tuple(self._connections(names)), frame)

    def _tell_presence(self, name: str, rooms: Iterable[Room], *, online: bool) -> Iterator[Effect]:
        for room in rooms:
            yield self._send_to(_others(room, name), Presence(room=room.name, name=name, online=online))


def _others(room: Room, name: str) -> list[str]:
    return [each for each in room.members if each != name]


def _refuse(connection: int, code: str, reason: str, ref: str | None) -> Send:
    return Send((connection,), Refused(code=code, reason=reason, ref=ref))


def _disk_full(connection: int, ref: str | None) -> Send:
    return _refuse(connection, "disk-full", DISK_FULL, ref)


def _no_such_message(connection: int, message_id: int, ref: str | None) -> Send:
    return _refuse(connection, "no-such-message", f"The room has no message {message_id}.", ref)
