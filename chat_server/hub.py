"""Who is connected, and what each is owed: events in, effects out. Pure.

It knows connections by number and people by name, never a socket.
"""

from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from chat_server import answers
from chat_server.admission import Admission, Refusal
from chat_server.chat import AnyRecord, Chat
from chat_server.effects import Close, Effect, Reply, Send
from chat_server.entering import Entering
from chat_server.events import Connected, Event, Filled, Freed, Garbled, Lost, Ordered, Received
from chat_server.live import Live, others
from chat_server.orders import Answer, AnyOrder, carry_out
from chat_server.people import Renamed
from chat_server.policy import Joining
from chat_server.protocol import (
    LOBBY,
    MEMBERS_MAX,
    AnyRequest,
    CloseCode,
    FetchBans,
    FetchHistory,
    FetchHorizons,
    FetchInfo,
    FetchMembers,
    FetchPins,
    FetchRooms,
    Hello,
    Left,
    Presence,
    Prove,
    Read,
    Search,
    TellTyping,
    Welcome,
)
from chat_server.protocol import Renamed as RenamedFrame
from chat_server.rates import Asker, Kind, Limits, Rates
from chat_server.refusals import DISK_FULL, rate_limited, refuse
from chat_server.room import Departed, Room
from chat_server.roster import Arrival, Roster
from chat_server.serving import Serving
from chat_server.settings import settings_of

_KINDS: Final[dict[type[AnyRequest], Kind]] = {
    Read: Kind.READ,
    FetchHistory: Kind.HISTORY,
    FetchInfo: Kind.HISTORY,
    FetchHorizons: Kind.HISTORY,
    FetchMembers: Kind.HISTORY,
    FetchPins: Kind.HISTORY,
    FetchRooms: Kind.HISTORY,
    TellTyping: Kind.TYPING,
    FetchBans: Kind.HISTORY,
    Search: Kind.SEARCH,
}
"""What a request is counted as that changes nothing for all members of a room; any other is a post."""
UNLIMITED: Final[Limits] = {}


class Hub:
    """A chat and all connections of its server."""

    def __init__(
        self, epoch: str, chat: Chat, *, joining: Joining = Joining.OPEN, limits: Limits = UNLIMITED
    ) -> None:
        """Take the chat as recovered, which is the hub's from now on; who may take a new name, and how fast."""
        self.epoch = epoch
        self.chat = chat
        self._live = Live(chat, Roster())
        self._entering = Entering(self._live)
        self._serving = Serving(self._live, self._entering)
        self._admission = Admission(chat.people, joining)
        self._rates = Rates(limits)

    @property
    def rooms(self) -> dict[str, Room]:
        """All rooms, by name."""
        return self.chat.rooms

    @property
    def full(self) -> bool:
        """Whether what would have to be put on disk is refused."""
        return self._live.full

    def is_greeted(self, connection: int) -> bool:
        """Whether this connection has proved whose it is and has not been lost."""
        return self._live.roster.name(connection) is not None

    def handle(self, event: Event) -> list[Effect]:
        """Change what the event changes, and say what must be done about it, in order."""
        return list(self._handle(event))

    def _handle(self, event: Event) -> Iterator[Effect]:
        match event:
            case Filled() | Freed():
                self._live.full = isinstance(event, Filled)
            case Ordered(number=number, order=order, now_ms=now_ms):
                yield from self._obey(number, order, now_ms)
            case Connected(connection=connection, address=address, nonce=nonce):
                self._live.roster.arrive(connection, address, nonce)
            case Lost(connection=connection):
                yield from self._forget(connection)
            case _ if self._live.roster.is_closing(event.connection):
                pass  # It was sent before the peer learnt of the close, and is not acted on.
            case Received(connection=connection, request=request, now_ms=now_ms):
                yield from self._answer(connection, request, now_ms)
            case Garbled(connection=connection, reason=reason, ref=ref):
                yield refuse(connection, "bad-request", reason, ref)
                if not self.is_greeted(connection):
                    yield self._close(connection, CloseCode.NOT_ALLOWED, "hello first")
            case _:
                assert_never(event)

    # Connections

    def _answer(self, connection: int, request: AnyRequest, now_ms: int) -> Iterator[Effect]:
        name = self._live.roster.name(connection)
        if name is None:
            yield from self._meet(connection, self._live.roster.arrival(connection), request, now_ms)
        elif isinstance(request, Hello | Prove):
            yield refuse(connection, "already-greeted", "This connection has said hello.", request.ref)
        elif wait_ms := self._wait_ms(_KINDS.get(type(request), Kind.POST), connection, now_ms):
            # Nobody waits for word that they were heard typing, unless they say so.
            if not (isinstance(request, TellTyping) and request.ref is None):
                yield rate_limited(connection, wait_ms, request.ref)
        else:
            yield from self._serving.serve(connection, name, request, now_ms)

    def _meet(self, connection: int, arrival: Arrival, request: AnyRequest, now_ms: int) -> Iterator[Effect]:
        """Have somebody say and prove who they are, and answer nothing else."""
        match request:
            case Hello() if arrival.hello is None:
                refusal = self._haste(Kind.HELLO, connection, now_ms) or self._refusal(request, now_ms)
                if refusal is not None:
                    yield from self._turn_away(connection, refusal, request.ref)
                else:
                    arrival.hello = request
                    yield Send((connection,), self._admission.challenge(arrival, request))
            case Prove() if arrival.hello is not None:
                yield from self._admit(connection, arrival, arrival.hello, request, now_ms)
            case _:
                refusal = Refusal("hello-first", "Say hello first, and then prove it.")
                yield from self._turn_away(connection, refusal, request.ref)

    def _admit(
        self, connection: int, arrival: Arrival, hello: Hello, prove: Prove, now_ms: int
    ) -> Iterator[Effect]:
        """Let them in if the proof is good, and nothing stands against it that has happened since the hello."""
        refusal = self._refusal(hello, now_ms)
        if refusal is None and not self._admission.is_proven(arrival, hello, prove):
            refusal = Refusal("not-proven", "The signature does not fit the key that hello named.")
        if refusal is None and self.chat.people.of(hello.name) is None:
            refusal = self._haste(Kind.SIGN_UP, connection, now_ms)
        if refusal is not None:
            yield from self._turn_away(connection, refusal, prove.ref)
            return
        if (bound := self._admission.binding(hello, now_ms)) is not None:
            yield self._live.append(bound)
        yield from self._greet(connection, hello, prove.ref, now_ms)

    def _greet(self, connection: int, hello: Hello, ref: str | None, now_ms: int) -> Iterator[Effect]:
        name, newly = hello.name, hello.name not in self._live.roster.online
        self._live.roster.admit(connection, name)
        if not self._live.is_member(LOBBY, name):
            yield from self._entering.enter(LOBBY, name, connection, now_ms)
        mine = [room for room in self.rooms.values() if room.is_member(name)]
        yield Send((connection,), self._welcome(name, mine, ref))
        yield from self._resume(connection, name, hello)
        if newly:
            yield from self._tell_presence(name, mine, online=True)

    def _refusal(self, hello: Hello, now_ms: int) -> Refusal | None:
        if (refusal := self._admission.refusal(hello, now_ms)) is not None:
            return refusal
        if self._entering.is_full(LOBBY) and not self._live.is_member(LOBBY, hello.name):
            return Refusal("room-full", f"This server has {MEMBERS_MAX} members already.")
        needed = self._admission.binding(hello, now_ms) is not None or not self._live.is_member(LOBBY, hello.name)
        if self._live.full and needed:
            return Refusal("disk-full", DISK_FULL, CloseCode.OVERLOADED)
        return None

    def _turn_away(self, connection: int, refusal: Refusal, ref: str | None) -> Iterator[Effect]:
        yield refuse(connection, refusal.code, refusal.reason, ref)
        yield self._close(connection, refusal.close_code, refusal.code)

    def _welcome(self, name: str, rooms: Iterable[Room], ref: str | None) -> Welcome:
        summaries = tuple(answers.summary(room, name, self._live.roster.online) for room in rooms)
        settings = settings_of(self.chat, name)
        return Welcome(name=name, epoch=self.epoch, rooms=summaries, settings=settings, ref=ref)

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
        self._live.roster.close(connection)
        return Close(connection, code, reason)

    def _forget(self, connection: int) -> Iterator[Effect]:
        name = self._live.roster.forget(connection)
        if name is not None:
            rooms = [room for room in self.rooms.values() if room.is_member(name)]
            yield from self._tell_presence(name, rooms, online=False)

    # The server's admin

    def _obey(self, number: int, order: AnyOrder, now_ms: int) -> Iterator[Effect]:
        outcome = carry_out(self.chat, order, frozenset(self._live.roster.online), now_ms)
        if outcome.records and self._live.full:
            yield Reply(number, Answer(refused=DISK_FULL))
            return
        expelled = self._live.roster.of(outcome.expelled)
        for record in outcome.records:
            yield from self._tell(record)
        for connection in expelled:
            yield refuse(connection, "expelled", f"An admin has changed {outcome.expelled}; connect again.", None)
            yield self._close(connection, CloseCode.NOT_ALLOWED, "expelled")
        yield Reply(number, outcome.answer)

    def _tell(self, record: AnyRecord) -> Iterator[Effect]:
        """Append a record that an order led to, and tell the members whom it changes something for."""
        match record:
            case Departed(room=room, name=name):
                told = self.rooms[room].members
                yield self._live.append(record)
                yield self._live.send_to(told, Left(room=room, name=name))
            case Renamed(name=name, to=to):
                known = [room for room in self.rooms.values() if room.knows(name)]
                yield self._live.append(record)
                self._live.roster.rename(name, to)
                for each in known:
                    frame = RenamedFrame(room=each.name, name=name, to=to, revision=each.revision)
                    yield self._live.send_to(each.members, frame)
            case _:
                yield self._live.append(record)

    # Small parts

    def _wait_ms(self, kind: Kind, connection: int, now_ms: int) -> int:
        """How long such a request has to wait; 0 where it need not, and then it is counted."""
        name, address = self._live.roster.name(connection), self._live.roster.address(connection)
        return self._rates.charge(kind, Asker(connection, name, address), now_ms)

    def _haste(self, kind: Kind, connection: int, now_ms: int) -> Refusal | None:
        """What stands against letting anybody in from where the connection comes from."""
        if not self._wait_ms(kind, connection, now_ms):
            return None
        return Refusal("rate-limited", "Too many come from your address; try again later.", CloseCode.OVERLOADED)

    def _tell_presence(self, name: str, rooms: Iterable[Room], *, online: bool) -> Iterator[Effect]:
        for room in rooms:
            yield self._live.send_to(others(room, name), Presence(room=room.name, name=name, online=online))
