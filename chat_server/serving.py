"""What somebody is answered who has proved who they are: requests in, effects out. Pure."""

from collections.abc import Iterator
from typing import assert_never

from chat_server import answers, protocol
from chat_server.deeds import rule, told
from chat_server.effects import Effect, Send
from chat_server.entering import Entering
from chat_server.live import Live, others
from chat_server.moderation import (
    Ruling,
    moderate,
    pass_on,
    refusal_of_bans,
    refusal_to_write,
    retitle,
)
from chat_server.people import Invited
from chat_server.protocol import (
    LINK_MS,
    Acknowledge,
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
    Kick,
    Leave,
    MakeLink,
    MessageRequest,
    Mute,
    Ok,
    Pass,
    Pin,
    Post,
    React,
    Read,
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
from chat_server.receipts import Receipts
from chat_server.refusals import disk_full, no_such_message, not_a_member, refuse
from chat_server.room import Entry, Posted, Room, Tally
from chat_server.searching import query_of, search
from chat_server.settings import choose, settings_of

Question = FetchHistory | FetchInfo | FetchHorizons | FetchMembers | FetchBans | FetchPins
"""What changes nothing."""


class Serving:
    """The rooms of a chat, as its members use them."""

    def __init__(self, live: Live, entering: Entering) -> None:
        """Take the chat that is used, and what lets people into its rooms."""
        self._live = live
        self._entering = entering
        self._receipts = Receipts(live)

    def _link(self, connection: int, name: str, link: MakeLink, now_ms: int) -> Iterator[Effect]:
        """Let whoever has a code of this digest add a key to the name."""
        people = self._live.chat.people
        if people.has_code(link.digest) or people.is_inviting_no_more(now_ms):
            yield refuse(connection, "too-many-codes", "This code cannot be used; make another one.", link.ref)
        elif self._live.full:
            yield disk_full(connection, link.ref)
        else:
            expires_at = now_ms + LINK_MS
            yield self._live.append(
                Invited(at=now_ms, digest=link.digest, uses=1, expires_at=expires_at, name=name)
            )
            yield Send((connection,), Ok(ref=link.ref))

    def serve(self, connection: int, name: str, request: GreetedRequest, now_ms: int) -> Iterator[Effect]:
        """Answer a request of this person, on this connection of theirs."""
        match request:
            case Join():
                yield from self._entering.join(connection, name, request, now_ms)
            case Direct():
                yield from self._entering.direct(connection, name, request, now_ms)
            case Search():
                yield self._search(connection, name, request)
            case MakeLink():
                yield from self._link(connection, name, request, now_ms)
            case ChangeSettings():
                yield from self._settings(connection, name, request, now_ms)
            case FetchRooms():
                yield Send((connection,), Rooms(rooms=tuple(self._listings(name)), ref=request.ref))
            case _:
                room = self._live.rooms.get(request.room)
                if room is None or not room.is_member(name):
                    yield not_a_member(connection, request.room, request.ref)
                else:
                    yield from self._serve_member(connection, name, room, request, now_ms)

    def _serve_member(
        self, connection: int, name: str, room: Room, request: RoomRequest, now_ms: int
    ) -> Iterator[Effect]:
        match request:
            case Post():
                yield from self._post(connection, name, room, request, now_ms)
            case Read():
                yield from self._receipts.read(connection, name, room, request, now_ms)
            case FetchHistory() | FetchInfo() | FetchHorizons() | FetchMembers() | FetchBans() | FetchPins():
                yield self._tell(connection, name, room, request)
            case Leave():
                yield from self._entering.leave(connection, name, room, request, now_ms)
            case Delete() | Kick() | Ban() | Unban() | Mute() | Unmute():
                ruling = moderate(room, name, request, is_admin=self._live.chat.people.is_admin, now_ms=now_ms)
                yield from self._follow(connection, ruling, request.ref)
            case Pass():
                admin, owned = self._live.chat.people.is_admin, self._live.owned
                ruling = pass_on(room, name, request, owned=owned, is_admin=admin, now_ms=now_ms)
                yield from self._follow(connection, ruling, request.ref)
            case Topic():
                ruling = retitle(room, name, request, is_admin=self._live.chat.people.is_admin, now_ms=now_ms)
                yield from self._follow(connection, ruling, request.ref)
            case TellTyping():
                yield from self._tell_typing(connection, name, room, request)
            case Edit() | React() | Pin() | Unpin():
                yield from self._alter(connection, name, room, request, now_ms)
            case Acknowledge():
                yield from self._receipts.acknowledge(connection, name, room, request, now_ms)
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
                return Send((connection,), answers.members(room, self._live.roster.online, question.ref))
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
            yield no_such_message(connection, post.reply_to, post.ref)
            return
        if self._live.full:
            yield disk_full(connection, post.ref)
            return
        entry = Entry(room.last_id + 1, name, post.nonce, post.content, now_ms, post.reply_to)
        yield self._live.append(Posted(room=room.name, entry=entry))
        yield Send((connection,), Ok(ref=post.ref, message_id=entry.id))
        yield from self._tell_posted(room, entry)

    def _tell_posted(self, room: Room, entry: Entry) -> Iterator[Effect]:
        """Tell everybody of a new message: its sender first, then those who share, then those who do not."""
        own, shares = self._live.roster.of(entry.sender), room.shares(entry.sender)
        heard = self._live.listeners.of(room).without(own)
        tally = Tally(audience=heard.sharers - shares, read_by=0)
        yield Send(own, answers.message(room, entry, tally if shares else answers.HIDDEN, to=entry.sender))
        yield Send(heard.sharing, answers.message(room, entry, tally))
        if heard.hiding:
            yield Send(heard.hiding, answers.message(room, entry, answers.HIDDEN))

    def _info(self, connection: int, name: str, room: Room, request: FetchInfo) -> Effect:
        if request.message_id > room.last_id:
            return no_such_message(connection, request.message_id, request.ref)
        return Send((connection,), answers.info(room, name, request.message_id, request.ref))

    def _settings(self, connection: int, name: str, request: ChangeSettings, now_ms: int) -> Iterator[Effect]:
        choice = choose(self._live.chat, name, request, now_ms)
        if choice.refusal is not None:
            yield refuse(connection, *choice.refusal, request.ref)
            return
        if choice.records and self._live.full:
            yield disk_full(connection, request.ref)
            return
        yield from map(self._live.append, choice.records)
        if choice.records:
            devices = tuple(each for each in self._live.roster.of(name) if each != connection)
            yield Send(devices, settings_of(self._live.chat, name))
        yield Send((connection,), settings_of(self._live.chat, name, request.ref))

    def _search(self, connection: int, name: str, wanted: Search) -> Effect:
        query = query_of(wanted.query)
        if query is None:
            return refuse(connection, "bad-request", "There is nothing to look for.", wanted.ref)
        rooms = [
            each for each in self._live.rooms.values() if wanted.room in (None, each.name) and each.is_member(name)
        ]
        if wanted.room is not None and not rooms:
            return not_a_member(connection, wanted.room, wanted.ref)
        return Send((connection,), search(rooms, name, wanted, query))

    def _bans(self, connection: int, name: str, room: Room, request: FetchBans) -> Effect:
        refusal = refusal_of_bans(room, name, self._live.chat.people.is_admin)
        if refusal is not None:
            return refuse(connection, refusal.code, refusal.reason, request.ref)
        return Send((connection,), protocol.Bans(room=room.name, names=tuple(room.barred), ref=request.ref))

    def _listings(self, name: str) -> Iterator[RoomListing]:
        for room in sorted(self._live.ordinary, key=lambda each: each.name):
            yield answers.listing(room, name)

    def _follow(self, connection: int, ruling: Ruling, ref: str | None) -> Iterator[Effect]:
        if ruling.refusal is not None:
            yield refuse(connection, ruling.refusal.code, ruling.refusal.reason, ref)
            return
        if ruling.records and self._live.full:
            yield disk_full(connection, ref)
            return
        yield from map(self._live.append, ruling.records)
        yield from (self._live.send_to(ruling.told, frame) for frame in ruling.frames)
        yield Send((connection,), Ok(ref=ref))

    def _tell_typing(self, connection: int, name: str, room: Room, typing: TellTyping) -> Iterator[Effect]:
        if (refusal := refusal_to_write(room, name)) is not None:
            yield refuse(connection, refusal.code, refusal.reason, typing.ref)
            return
        yield self._live.send_to(others(room, name), Typing(room=room.name, name=name))
        yield Send((connection,), Ok(ref=typing.ref))

    def _alter(
        self, connection: int, name: str, room: Room, request: MessageRequest, now_ms: int
    ) -> Iterator[Effect]:
        ruling = rule(room, name, request, now_ms)
        if ruling.refusal is not None:
            yield refuse(connection, ruling.refusal.code, ruling.refusal.reason, request.ref)
            return
        if ruling.records and self._live.full:
            yield disk_full(connection, request.ref)
            return
        yield from map(self._live.append, ruling.records)
        if ruling.records:
            frame = told(room, name, request)
            yield self._live.send_to(filter(room.shares, room.members), frame)
            hiding = [each for each in room.members if not room.shares(each)]
            yield self._live.send_to(hiding, answers.uncounted(frame))
        yield Send((connection,), Ok(ref=request.ref))
