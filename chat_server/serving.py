"""What somebody is answered who has proved who they are: requests in, effects out. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from msgspec.structs import replace

from chat_server import answers, directs, protocol
from chat_server.chat import AnyRecord, Chat
from chat_server.deeds import acknowledge, rule, told
from chat_server.editions import Edition
from chat_server.effects import Append, Effect, Send
from chat_server.moderation import (
    Ruling,
    moderate,
    pass_on,
    refusal_of_bans,
    refusal_to_join,
    refusal_to_write,
    retitle,
)
from chat_server.names import objection, skeleton
from chat_server.people import Invited
from chat_server.protocol import (
    LINK_MS,
    LOBBY,
    MEMBERS_MAX,
    ROOMS_JOINED_MAX,
    ROOMS_MAX,
    ROOMS_OWNED_MAX,
    Acknowledge,
    AnyFrame,
    Ban,
    ChangeSettings,
    Delete,
    Direct,
    Edit,
    FetchBans,
    FetchHistory,
    FetchHorizons,
    FetchInfo,
    FetchMembers,
    FetchPins,
    FetchRooms,
    GreetedRequest,
    Join,
    Joined,
    Kick,
    Leave,
    Left,
    MakeLink,
    MessageRequest,
    Mute,
    Ok,
    Pass,
    Pin,
    Post,
    React,
    Read,
    Refused,
    RoomListing,
    RoomRequest,
    Rooms,
    Search,
    TellTyping,
    Topic,
    Typing,
    Unban,
    Unmute,
    Unpin,
)
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Range, Ranges
from chat_server.room import Acknowledged, Advanced, Departed, Entered, Entry, Opened, Posted, Room, Tally
from chat_server.roster import Roster
from chat_server.searching import query_of, search
from chat_server.settings import choose, on_entering, settings_of

DISK_FULL: Final = "The server's disk is full; it takes nothing new until there is space."

Question = FetchHistory | FetchInfo | FetchHorizons | FetchMembers | FetchBans | FetchPins
"""What changes nothing."""


class Serving:
    """The rooms of a chat, as its members use them."""

    def __init__(self, chat: Chat, roster: Roster) -> None:
        """Take the chat, and who is connected."""
        self.full = False
        """Whether what would have to be put on disk is refused."""
        self._chat = chat
        self._roster = roster

    @property
    def _rooms(self) -> dict[str, Room]:
        return self._chat.rooms

    @property
    def _ordinary(self) -> Iterator[Room]:
        """The rooms that anybody may know of: all but those of two."""
        return (each for each in self._rooms.values() if not each.direct)

    def _link(self, connection: int, name: str, link: MakeLink, now_ms: int) -> Iterator[Effect]:
        """Let whoever has a code of this digest add a key to the name."""
        people = self._chat.people
        if people.has_code(link.digest) or people.is_inviting_no_more(now_ms):
            yield refuse(connection, "too-many-codes", "This code cannot be used; make another one.", link.ref)
        elif self.full:
            yield _disk_full(connection, link.ref)
        else:
            expires_at = now_ms + LINK_MS
            yield self.append(Invited(at=now_ms, digest=link.digest, uses=1, expires_at=expires_at, name=name))
            yield Send((connection,), Ok(ref=link.ref))

    def serve(self, connection: int, name: str, request: GreetedRequest, now_ms: int) -> Iterator[Effect]:
        """Answer a request of this person, on this connection of theirs."""
        match request:
            case Join():
                yield from self._join(connection, name, request, now_ms)
            case Direct():
                yield from self._direct(connection, name, request, now_ms)
            case Search():
                yield self._search(connection, name, request)
            case MakeLink():
                yield from self._link(connection, name, request, now_ms)
            case ChangeSettings():
                yield from self._settings(connection, name, request, now_ms)
            case FetchRooms():
                yield Send((connection,), Rooms(rooms=tuple(self._listings(name)), ref=request.ref))
            case _:
                room = self._rooms.get(request.room)
                if room is None or not room.is_member(name):
                    yield _not_a_member(connection, request.room, request.ref)
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
            case FetchHistory() | FetchInfo() | FetchHorizons() | FetchMembers() | FetchBans() | FetchPins():
                yield self._tell(connection, name, room, request)
            case Leave():
                yield from self._leave(connection, name, room, request, now_ms)
            case Delete() | Kick() | Ban() | Unban() | Mute() | Unmute():
                ruling = moderate(room, name, request, is_admin=self._chat.people.is_admin, now_ms=now_ms)
                yield from self._follow(connection, ruling, request.ref)
            case Pass():
                admin, owned = self._chat.people.is_admin, self._owned
                ruling = pass_on(room, name, request, owned=owned, is_admin=admin, now_ms=now_ms)
                yield from self._follow(connection, ruling, request.ref)
            case Topic():
                ruling = retitle(room, name, request, is_admin=self._chat.people.is_admin, now_ms=now_ms)
                yield from self._follow(connection, ruling, request.ref)
            case TellTyping():
                yield from self._tell_typing(connection, name, room, request)
            case Edit() | React() | Pin() | Unpin():
                yield from self._alter(connection, name, room, request, now_ms)
            case Acknowledge():
                yield from self._acknowledge(connection, name, room, request, now_ms)
            case _:
                assert_never(request)

    def _tell(self, connection: int, name: str, room: Room, question: Question) -> Effect:
        """What a member wants to know of the room."""
        match question:
            case FetchHistory():
                return Send((connection,), answers.history(room, name, question))
            case FetchInfo():
                return self._info(connection, name, room, question)
            case FetchHorizons():
                return Send((connection,), answers.horizons(room, name, question.ref))
            case FetchMembers():
                return Send((connection,), answers.members(room, self._roster.online, question.ref))
            case FetchBans():
                return self._bans(connection, name, room, question)
            case FetchPins():
                return Send((connection,), answers.pins(room, name, question.ref))
            case _:
                assert_never(question)

    def _post(self, connection: int, name: str, room: Room, post: Post, now_ms: int) -> Iterator[Effect]:
        known = room.posted_as(name, post.nonce)
        if known is not None:
            yield Send((connection,), Ok(ref=post.ref, message_id=known))
            return
        if (refusal := refusal_to_write(room, name)) is not None:
            yield refuse(connection, refusal.code, refusal.reason, post.ref)
            return
        if post.reply_to is not None and post.reply_to > room.last_id:
            yield _no_such_message(connection, post.reply_to, post.ref)
            return
        if self.full:
            yield _disk_full(connection, post.ref)
            return
        entry = Entry(room.last_id + 1, name, post.nonce, post.content, now_ms, post.reply_to)
        yield self.append(Posted(room=room.name, entry=entry))
        yield Send((connection,), Ok(ref=post.ref, message_id=entry.id))
        sharing = [each for each in others(room, name) if room.shares(each)]
        tally = Tally(audience=len(sharing), read_by=0)
        shown = tally if room.shares(name) else answers.HIDDEN
        yield self.send_to([name], answers.message(room, entry, shown, to=name))
        yield self.send_to(sharing, answers.message(room, entry, tally))
        hiding = [each for each in others(room, name) if not room.shares(each)]
        yield self.send_to(hiding, answers.message(room, entry, answers.HIDDEN))

    def _read(self, connection: int, name: str, room: Room, read: Read, now_ms: int) -> Iterator[Effect]:
        news, editions = _news(room, name, read.ranges, read.editions)
        if (news or editions) and self.full:
            yield _disk_full(connection, read.ref)
            return
        if news or editions:
            yield from self._advance(connection, name, room, news, editions, now_ms)
        yield Send((connection,), Ok(ref=read.ref))

    def _advance(
        self,
        connection: int,
        name: str,
        room: Room,
        news: Ranges,
        editions: tuple[Edition, ...],
        now_ms: int,
    ) -> Iterator[Effect]:
        """Note what somebody has read on this connection, and tell those whom it concerns."""
        read = Advanced(room=room.name, reader=name, ranges=news, read_at=now_ms, editions=editions)
        # Of what was read in private the authors hear for the first time by a later text of it.
        first = rangesets.of_ids(each for each, _ in editions if not room.is_seen(name, each))
        yield self.append(read)
        if room.shares(name):
            yield from self._tell_authors(room, replace(read, ranges=rangesets.normalise((*news, *first))))
        others = (each for each in self._roster.of(name) if each != connection)
        yield from self._tell_read(others, room, read)

    def _tell_authors(self, room: Room, read: Advanced) -> Iterator[Effect]:
        """Tell each author who is here and shares that theirs of these messages have been read."""
        authors = room.senders(read.ranges)
        for author in dict.fromkeys((*authors, *(room.messages[each - 1].sender for each, _ in read.editions))):
            if author != read.reader and room.is_member(author) and room.shares(author):
                own = tuple(each for each in read.editions if room.messages[each[0] - 1].sender == author)
                told = replace(read, ranges=authors.get(author, ()), editions=own)
                yield from self._tell_read(self._roster.connections([author]), room, told)

    def _tell_read(self, to: Iterable[int], room: Room, read: Advanced) -> Iterator[Effect]:
        if connections := tuple(to):
            told = answers.receipts(
                room,
                read.reader,
                read.ranges,
                read.read_at,
                advanced=room.revision,
                revision=room.revision,
                editions=read.editions,
            )
            yield from (Send(connections, receipt) for receipt in told)

    def _info(self, connection: int, name: str, room: Room, request: FetchInfo) -> Effect:
        if request.message_id > room.last_id:
            return _no_such_message(connection, request.message_id, request.ref)
        return Send((connection,), answers.info(room, name, request.message_id, request.ref))

    def _settings(self, connection: int, name: str, request: ChangeSettings, now_ms: int) -> Iterator[Effect]:
        choice = choose(self._chat, name, request, now_ms)
        if choice.refusal is not None:
            yield refuse(connection, *choice.refusal, request.ref)
            return
        if choice.records and self.full:
            yield _disk_full(connection, request.ref)
            return
        yield from map(self.append, choice.records)
        if choice.records:
            devices = tuple(each for each in self._roster.of(name) if each != connection)
            yield Send(devices, settings_of(self._chat, name))
        yield Send((connection,), settings_of(self._chat, name, request.ref))

    def _search(self, connection: int, name: str, wanted: Search) -> Effect:
        query = query_of(wanted.query)
        if query is None:
            return refuse(connection, "bad-request", "There is nothing to look for.", wanted.ref)
        rooms = [
            each for each in self._rooms.values() if wanted.room in (None, each.name) and each.is_member(name)
        ]
        if wanted.room is not None and not rooms:
            return _not_a_member(connection, wanted.room, wanted.ref)
        return Send((connection,), search(rooms, name, wanted, query))

    def _bans(self, connection: int, name: str, room: Room, request: FetchBans) -> Effect:
        refusal = refusal_of_bans(room, name, self._chat.people.is_admin)
        if refusal is not None:
            return refuse(connection, refusal.code, refusal.reason, request.ref)
        return Send((connection,), protocol.Bans(room=room.name, names=tuple(room.barred), ref=request.ref))

    def _owned(self, name: str) -> int:
        """How many rooms are this one's."""
        return sum(each.owner == name for each in self._rooms.values())

    def _listings(self, name: str) -> Iterator[RoomListing]:
        for room in sorted(self._ordinary, key=lambda each: each.name):
            yield answers.listing(room, name)

    def _follow(self, connection: int, ruling: Ruling, ref: str | None) -> Iterator[Effect]:
        if ruling.refusal is not None:
            yield refuse(connection, ruling.refusal.code, ruling.refusal.reason, ref)
            return
        if ruling.records and self.full:
            yield _disk_full(connection, ref)
            return
        yield from map(self.append, ruling.records)
        yield from (self.send_to(ruling.told, frame) for frame in ruling.frames)
        yield Send((connection,), Ok(ref=ref))

    def _tell_typing(self, connection: int, name: str, room: Room, typing: TellTyping) -> Iterator[Effect]:
        if (refusal := refusal_to_write(room, name)) is not None:
            yield refuse(connection, refusal.code, refusal.reason, typing.ref)
            return
        yield self.send_to(others(room, name), Typing(room=room.name, name=name))
        yield Send((connection,), Ok(ref=typing.ref))

    def _alter(
        self, connection: int, name: str, room: Room, request: MessageRequest, now_ms: int
    ) -> Iterator[Effect]:
        ruling = rule(room, name, request, now_ms)
        if ruling.refusal is not None:
            yield refuse(connection, ruling.refusal.code, ruling.refusal.reason, request.ref)
            return
        if ruling.records and self.full:
            yield _disk_full(connection, request.ref)
            return
        yield from map(self.append, ruling.records)
        if ruling.records:
            frame = told(room, name, request)
            yield self.send_to(filter(room.shares, room.members), frame)
            hiding = [each for each in room.members if not room.shares(each)]
            yield self.send_to(hiding, answers.uncounted(frame))
        yield Send((connection,), Ok(ref=request.ref))

    def _acknowledge(
        self, connection: int, name: str, room: Room, request: Acknowledge, now_ms: int
    ) -> Iterator[Effect]:
        ruling = acknowledge(room, name, request, now_ms)
        if ruling.refusal is not None:
            yield refuse(connection, ruling.refusal.code, ruling.refusal.reason, request.ref)
            return
        # Whoever takes note of a text has read it, which is kept and shown as any reading of theirs is.
        news, editions = _news(room, name, (), ((request.message_id, request.edition),))
        if (news or editions or ruling.records) and self.full:
            yield _disk_full(connection, request.ref)
            return
        told: list[Effect] = []
        for said in ruling.records:
            assert isinstance(said, Acknowledged)
            yield self.append(said)
            told.append(self._tell_acknowledged(connection, room, said))
        if news or editions:
            # Both are on disk before either is told, and the greater revision is told last.
            noted, *receipts = self._advance(connection, name, room, news, editions, now_ms)
            yield noted
            told += receipts
        yield from told
        yield Send((connection,), Ok(ref=request.ref))

    def _tell_acknowledged(self, connection: int, room: Room, said: Acknowledged) -> Send:
        """Tell the author, if they are here and share what they read, and the reader's other devices."""
        author = room.messages[said.id - 1].sender
        authors = [author] if room.is_member(author) and room.shares(author) else []
        devices = (each for each in self._roster.of(said.reader) if each != connection)
        told = answers.acknowledged(said, revision=room.revision)
        return Send((*self._roster.connections(authors), *devices), told)

    # Membership

    def _join(self, connection: int, name: str, join: Join, now_ms: int) -> Iterator[Effect]:
        if not self.is_member(join.room, name):
            if refusal := self._no_entry(join.room, name):
                yield refuse(connection, *refusal, join.ref)
                return
            if join.room not in self._rooms:
                yield self._open(join, name, now_ms)
            yield from self.enter(join.room, name, connection, now_ms)
        room = answers.summary(self._rooms[join.room], name, self._roster.online)
        yield Send((connection,), Ok(ref=join.ref, room=room))

    def _no_entry(self, room: str, name: str) -> tuple[str, str] | None:
        """Why somebody cannot join this room now: a refusal's code and reason."""
        # Of a direct conversation nobody learns by this that there is one: its name cannot be a room's.
        if room not in self._rooms or self._rooms[room].direct:
            if (reason := self._no_new_room(room, name)) is not None:
                return reason
        elif (refusal := refusal_to_join(self._rooms[room], name)) is not None:
            return refusal.code, refusal.reason
        if sum(each.is_member(name) for each in self._ordinary) >= ROOMS_JOINED_MAX:
            return "too-many-rooms", f"You are in {ROOMS_JOINED_MAX} rooms already; leave one first."
        if self.is_full(room):
            return "room-full", f"The room has {MEMBERS_MAX} members already."
        if self.full:
            return "disk-full", DISK_FULL
        return None

    def _no_new_room(self, room: str, name: str) -> tuple[str, str] | None:
        """Why somebody cannot make this room."""
        if reason := objection(room, what="room's name"):
            return "bad-name", reason
        look = skeleton(room)
        if other := next((each.name for each in self._ordinary if skeleton(each.name) == look), None):
            return "name-taken", f"The room's name looks like {other}'s; choose another one."
        if sum(1 for _ in self._ordinary) >= ROOMS_MAX:
            return "too-many-rooms", f"This server has {ROOMS_MAX} rooms already."
        if self._owned(name) >= ROOMS_OWNED_MAX:
            return "too-many-rooms", f"You have made {ROOMS_OWNED_MAX} rooms already."
        return None

    def _open(self, join: Join, name: str, now_ms: int) -> Append:
        """Make the room that was to be joined."""
        title = (join.title or join.room).strip()
        required = join.receipts == "required"
        return self.append(Opened(room=join.room, title=title, at=now_ms, by=name, receipts_required=required))

    def enter(self, room_name: str, name: str, connection: int, now_ms: int) -> Iterator[Effect]:
        """Make somebody a member of a room, and tell all others there; only the lobby need not be there yet."""
        if room_name not in self._rooms:
            assert room_name == LOBBY
            yield self.append(Opened(room=LOBBY, title=LOBBY, at=now_ms))
        room = self._rooms[room_name]
        back = room.has_left(name)
        yield self.append(Entered(room=room_name, name=name, at=now_ms))
        yield from self._share(room, name)
        yield self.send_to(others(room, name), Joined(room=room_name, name=name, back=back))
        yield self.tell_entered(room, name, besides=connection)

    def _share(self, room: Room, name: str) -> Iterator[Effect]:
        """Let what somebody has chosen hold in a room of which they have just become a member."""
        if (shared := on_entering(self._chat, room, name)) is not None:
            yield self.append(shared)

    def tell_entered(self, room: Room, name: str, *, besides: int | None = None) -> Send:
        """Tell somebody that they are in a room now, on all of their connections but one."""
        to = tuple(each for each in self._roster.of(name) if each != besides)
        return Send(to, protocol.Entered(room=answers.summary(room, name, self._roster.online)))

    def _direct(self, connection: int, name: str, direct: Direct, now_ms: int) -> Iterator[Effect]:
        other, rooms = direct.name, self._rooms.values()
        refusal = directs.refusal_of_self(name, other)
        room = directs.found(rooms, name, other) if refusal is None else None
        if room is None:
            refusal = refusal or directs.refusal(self._chat.people, rooms, name, other)
            if refusal is not None:
                yield refuse(connection, refusal.code, refusal.reason, direct.ref)
                return
            if self.full:
                yield _disk_full(connection, direct.ref)
                return
            made = directs.room_name(self._chat.people.seed, name, other, self._rooms)
            yield self.append(Opened(room=made, title=made, at=now_ms, direct=True))
            for each in (name, other):
                yield self.append(Entered(room=made, name=each, at=now_ms))
            room = self._rooms[made]
            for each in (name, other):
                yield from self._share(room, each)
            yield self.tell_entered(room, name, besides=connection)
            yield self.tell_entered(room, other)
        yield Send((connection,), Ok(ref=direct.ref, room=answers.summary(room, name, self._roster.online)))

    def _leave(self, connection: int, name: str, room: Room, leave: Leave, now_ms: int) -> Iterator[Effect]:
        if room.name == LOBBY:
            yield refuse(connection, "not-allowed", f"Everybody stays in {LOBBY}.", leave.ref)
            return
        if room.direct:
            reason = "Nobody leaves a direct conversation; mute it instead."
            yield refuse(connection, "not-allowed", reason, leave.ref)
            return
        if self.full:
            yield _disk_full(connection, leave.ref)
            return
        told = room.members
        yield self.append(Departed(room=room.name, name=name, at=now_ms))
        yield self.send_to(told, Left(room=room.name, name=name))
        yield Send((connection,), Ok(ref=leave.ref))

    # Small parts

    def append(self, record: AnyRecord) -> Append:
        """Change the chat, and have that put on disk."""
        self._chat.apply(record)
        return Append(record)

    def is_member(self, room: str, name: str) -> bool:
        """Whether there is such a room, and the name is in it."""
        return room in self._rooms and self._rooms[room].is_member(name)

    def is_full(self, room: str) -> bool:
        """Whether the room has as many members as it may."""
        return room in self._rooms and len(self._rooms[room].members) >= MEMBERS_MAX

    def send_to(self, names: Iterable[str], frame: AnyFrame) -> Send:
        """Tell all connections of these people."""
        return Send(self._roster.connections(names), frame)


def _news(
    room: Room, name: str, ranges: Iterable[Range], editions: tuple[Edition, ...]
) -> tuple[Ranges, tuple[Edition, ...]]:
    """What somebody newly reads of these messages and texts, as far as they let it be kept."""
    if room.mode_of(name) == "off":
        return (), ()
    shown = ((each, each) for each, edition in editions if room.has_edition(each, edition))
    return room.news(name, rangesets.normalise((*ranges, *shown))), room.edition_news(name, editions)


def others(room: Room, name: str) -> list[str]:
    """All members but one."""
    return [each for each in room.members if each != name]


def rate_limited(connection: int, wait_ms: int, ref: str | None) -> Send:
    """Tell a connection to ask again later."""
    reason = f"Slow down: this can be asked again in {wait_ms / 1000:.1f} s."
    frame = Refused(code="rate-limited", reason=reason, ref=ref, retry_after_ms=wait_ms)
    return Send((connection,), frame)


def refuse(connection: int, code: str, reason: str, ref: str | None) -> Send:
    """Tell a connection that something was not done."""
    return Send((connection,), Refused(code=code, reason=reason, ref=ref))


def _disk_full(connection: int, ref: str | None) -> Send:
    return refuse(connection, "disk-full", DISK_FULL, ref)


def _not_a_member(connection: int, room: str, ref: str | None) -> Send:
    return refuse(connection, "not-a-member", f"You are not in a room named {room!a}.", ref)


def _no_such_message(connection: int, message_id: int, ref: str | None) -> Send:
    return refuse(connection, "no-such-message", f"The room has no message {message_id}.", ref)
