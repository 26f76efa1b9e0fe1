"""The hub against an oracle through any events, and a client of it that is cut off anywhere."""

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server import answers
from chat_server.effects import Append, Close, Effect, Send
from chat_server.events import Event, Filled, Freed, Garbled, Lost, Received
from chat_server.hub import Hub
from chat_server.protocol import (
    LOBBY,
    AnyFrame,
    AnyRequest,
    FetchHistory,
    FetchInfo,
    FetchMembers,
    FetchRooms,
    Hello,
    History,
    Info,
    Join,
    Joined,
    Leave,
    Left,
    Members,
    Message,
    Ok,
    PageReceipt,
    Post,
    Presence,
    Read,
    Receipt,
    Refused,
    Resume,
    RoomCursor,
    Rooms,
    Welcome,
)
from chat_server.protocol import ranges as rangesets
from chat_server.room import AnyRecord, Room, Tally
from tests.chat_server.rooms import Model, as_values

TEA = "tea"
NAMES = ("ann", "bob", "cid")
CONNECTIONS = range(1, 6)
ROOMS = st.sampled_from([LOBBY, LOBBY, LOBBY, TEA])
IDS = st.integers(1, 6)
REPLY_TO = st.one_of(*[st.none()] * 5, IDS)
RANGES = st.lists(st.tuples(IDS, st.integers(0, 4)).map(lambda each: (each[0], sum(each))), min_size=1, max_size=3)

ANSWERS = (Ok, Refused, Welcome, Info, Rooms, Members)


def requests() -> st.SearchStrategy[AnyRequest]:
    """Any request, much the likelier ones more often. Each carries a ref, told apart by the event's time."""
    likely = (
        st.builds(Post, room=ROOMS, nonce=st.sampled_from("abcdef"), content=st.just("hi"), reply_to=REPLY_TO),
        st.builds(Read, room=ROOMS, ranges=RANGES.map(tuple)),
        st.builds(Hello, name=st.sampled_from(NAMES), version=st.just(1), client=st.sampled_from("wv")),
        st.builds(Join, room=ROOMS),
    )
    rare = (
        st.builds(Leave, room=ROOMS),
        st.builds(FetchInfo, room=ROOMS, message_id=IDS),
        st.builds(FetchHistory, room=ROOMS, after=IDS),
        st.builds(FetchMembers, room=ROOMS),
        st.builds(FetchRooms),
        st.builds(Hello, name=st.sampled_from(["", "a b", "ann"]), version=st.integers(1, 2)),
    )
    return st.one_of(*likely, *likely, *rare)


HAPPENINGS = ("garble", "lose", "fill", "free")

INPUTS = st.lists(
    st.tuples(st.sampled_from(CONNECTIONS), st.one_of(*[requests()] * 8, *map(st.just, HAPPENINGS))),
    min_size=20,
    max_size=60,
)

Told = tuple[object, ...]
"""What a connection hears, without ranges and revisions."""


@dataclass
class Oracle:
    """What every connection must hear, from who is connected and from one naive model per room."""

    rooms: dict[str, Model] = field(default_factory=dict)
    nonces: dict[tuple[str, str, str], int] = field(default_factory=dict)
    people: dict[int, tuple[str, str | None]] = field(default_factory=dict)
    """Connection to name and client word, in the order of the hellos."""
    closing: set[int] = field(default_factory=set)
    full: bool = False

    def on(self, event: Event) -> Iterator[tuple[int, Told]]:
        if isinstance(event, Filled | Freed):
            self.full = isinstance(event, Filled)
            return
        connection = event.connection
        if isinstance(event, Lost):
            yield from self._lose(connection)
        elif connection in self.closing:
            return
        elif isinstance(event, Garbled):
            yield connection, ("refused", "bad-request")
            if connection not in self.people:
                yield from self._close(connection)
        elif isinstance(event.request, Hello):
            yield from self._greet(connection, event.request)
        elif connection not in self.people:
            yield connection, ("refused", "hello-first")
            yield from self._close(connection)
        else:
            yield from self._serve(connection, self.people[connection][0], event.request, event.now_ms)

    def _close(self, connection: int) -> Iterator[tuple[int, Told]]:
        self.closing.add(connection)
        yield connection, ("closed",)

    def _at(self, names: Iterable[str]) -> list[int]:
        return [each for each, (name, _) in self.people.items() if name in set(names)]

    def _here(self, room: str) -> set[str]:
        return self.rooms[room].here if room in self.rooms else set()

    def _tell_presence(self, name: str, *, online: bool) -> Iterator[tuple[int, Told]]:
        for room in self.rooms:
            if name in self._here(room):
                for each in self._at(self._here(room) - {name}):
                    yield each, ("presence", room, name, online)

    def _lose(self, connection: int) -> Iterator[tuple[int, Told]]:
        self.closing.discard(connection)
        name, _ = self.people.pop(connection, (None, None))
        if name is not None and not self._at([name]):
            yield from self._tell_presence(name, online=False)

    def _greet(self, connection: int, hello: Hello) -> Iterator[tuple[int, Told]]:
        holders = {word for name, word in self.people.values() if name == hello.name}
        if connection in self.people:
            yield connection, ("refused", "already-greeted")
        elif hello.version != 1 or hello.name not in NAMES:
            yield connection, ("refused", "version" if hello.version != 1 else "bad-name")
            yield from self._close(connection)
        elif holders and (hello.client is None or holders != {hello.client}):
            yield connection, ("refused", "name-taken")
            yield from self._close(connection)
        elif self.full and hello.name not in self._here(LOBBY):
            yield connection, ("refused", "disk-full")
            yield from self._close(connection)
        else:
            self.people[connection] = (hello.name, hello.client)
            yield from self._enter(connection, LOBBY, hello.name)
            mine = tuple(sorted(room for room in self.rooms if hello.name in self._here(room)))
            yield connection, ("welcome", hello.name, mine)
            if not holders:
                yield from self._tell_presence(hello.name, online=True)

    def _enter(self, connection: int, room: str, name: str) -> Iterator[tuple[int, Told]]:
        model = self.rooms.setdefault(room, Model())
        if name not in model.here:
            model.enter(name)
            yield from ((each, ("joined", room, name)) for each in self._at(model.here) if each != connection)

    def _serve(self, connection: int, name: str, request: AnyRequest, now_ms: int) -> Iterator[tuple[int, Told]]:
        match request:
            case FetchRooms():
                yield connection, ("rooms", tuple(sorted((r, len(self._here(r))) for r in self.rooms)))
            case Join(room=room) if self.full and name not in self._here(room):
                yield connection, ("refused", "disk-full")
            case Join(room=room):
                yield from self._enter(connection, room, name)
                yield connection, ("ok", None)
            case Hello():
                raise AssertionError
            case _ if name not in self._here(request.room):
                yield connection, ("refused", "not-a-member")
            case Post():
                yield from self._post(connection, name, request)
            case Read(room=room):
                yield from self._read(connection, name, room, request, now_ms)
            case _:
                yield from self._ask(connection, name, request.room, request)

    def _post(self, connection: int, name: str, post: Post) -> Iterator[tuple[int, Told]]:
        model, key = self.rooms[post.room], (post.room, name, post.nonce)
        if key in self.nonces:
            yield connection, ("ok", self.nonces[key])
        elif post.reply_to is not None and post.reply_to > model.last_id:
            yield connection, ("refused", "no-such-message")
        elif self.full:
            yield connection, ("refused", "disk-full")
        else:
            self.nonces[key] = each = model.post(name)
            yield connection, ("ok", each)
            for to in self._at(model.here):
                nonce = post.nonce if self.people[to][0] == name else None
                yield to, ("message", post.room, each, name, nonce, len(model.here) - 1, 0)

    def _read(self, connection: int, name: str, room: str, read: Read, now_ms: int) -> Iterator[tuple[int, Told]]:
        model = self.rooms[room]
        ids = list(rangesets.ids(rangesets.normalise(read.ranges)))
        if self.full and deepcopy(model).read(name, ids, now_ms):
            yield connection, ("refused", "disk-full")
            return
        for each in model.read(name, ids, now_ms):
            late = not model.was_sent(name, each)
            authors = self._at({model.sender(each)} & model.here)
            own = [to for to in self._at([name]) if to != connection]
            yield from ((to, ("receipt", room, name, each, now_ms, late)) for to in (*authors, *own))
        yield connection, ("ok", None)

    def _ask(
        self, connection: int, name: str, room: str, request: Leave | FetchHistory | FetchInfo | FetchMembers
    ) -> Iterator[tuple[int, Told]]:
        model = self.rooms[room]
        match request:
            case Leave() if room == LOBBY:
                yield connection, ("refused", "not-allowed")
            case Leave() if self.full:
                yield connection, ("refused", "disk-full")
            case Leave():
                yield from ((each, ("left", room, name)) for each in self._at(model.here))
                model.here.discard(name)
                yield connection, ("ok", None)
            case FetchMembers():
                yield connection, ("members", room, tuple(model.members))
            case FetchInfo(message_id=each) if each > model.last_id:
                yield connection, ("refused", "no-such-message")
            case FetchInfo(message_id=each):
                readers = sorted(model.readers(each).items(), key=lambda pair: pair[1])
                yield connection, ("info", room, each, tuple(readers), tuple(model.missing(each)))
            case FetchHistory(after=after):
                shown = range((after or 0) + 1, model.last_id + 1)
                yield connection, ("history", room, tuple((each, model.tally(each)) for each in shown))


def heard(effects: Iterable[Effect], oracle: Oracle) -> Iterator[tuple[int, Told]]:
    """What each connection hears, in the oracle's words."""
    for effect in effects:
        match effect:
            case Close(connection=connection):
                yield connection, ("closed",)
            case Send(to=to, frame=frame):
                for each in to:
                    yield from (
                        (each, told) for told in in_words(frame, oracle.people.get(each, (None,))[0], oracle)
                    )
            case Append():
                pass


def in_words(frame: AnyFrame, hearer: str | None, oracle: Oracle) -> Iterator[Told]:
    match frame:
        case Welcome(name=name, rooms=rooms):
            yield "welcome", name, tuple(sorted(each.name for each in rooms))
        case Message(room=room, id=each, sender=sender, nonce=nonce, audience=audience, read_by=read_by):
            yield "message", room, each, sender, nonce, audience, read_by
        case Receipt(room=room, reader=reader, ranges=ranges, read_at=at_ms, late=late):
            for each in rangesets.ids(ranges):
                # The reader's other devices are told ranges, and these may reach across the reader's own messages.
                if not (hearer == reader == oracle.rooms[room].sender(each)):
                    yield "receipt", room, reader, each, at_ms, late
        case Joined(room=room, name=name):
            yield "joined", room, name
        case Left(room=room, name=name):
            yield "left", room, name
        case Presence(room=room, name=name, online=online):
            yield "presence", room, name, online
        case Ok(message_id=message_id):
            yield "ok", message_id
        case Refused(code=code):
            yield "refused", code
        case History(room=room, messages=messages):
            yield "history", room, tuple((each.id, Tally(each.audience, each.read_by)) for each in messages)
        case Info(room=room, message_id=message_id, read_by=read_by, missing=missing):
            yield "info", room, message_id, tuple((each.reader, each.read_at) for each in read_by), missing
        case Rooms(rooms=listings):
            yield "rooms", tuple(sorted((each.name, each.members) for each in listings))
        case Members(room=room, members=members):
            yield "members", room, members


class World:
    """A hub and its oracle, and the journal of what the hub had put on disk."""

    def __init__(self) -> None:
        self._numbers = {each: each for each in CONNECTIONS}
        self.hub = Hub("e", {})
        self.oracle = Oracle()
        self.journal: list[AnyRecord] = []

    def take(self, slot: int, request: AnyRequest | str, now_ms: int) -> None:
        """An input on one of the slots, which is a connection that mostly has said hello."""
        if self._numbers[slot] in self.oracle.closing:
            self._lose(slot)
        if self._numbers[slot] not in self.oracle.people and now_ms % 4:
            name = NAMES[slot % len(NAMES)]
            self.check(Received(self._numbers[slot], Hello(name=name, version=1, client="w"), now_ms))
        if request in ("fill", "free"):
            self.check(Filled() if request == "fill" else Freed())
        elif request == "lose":
            self._lose(slot)
        elif isinstance(request, str):
            self.check(Garbled(self._numbers[slot], "no", None))
        else:
            self.check(Received(self._numbers[slot], request, now_ms))
            self.check(Received(self._numbers[slot], request, now_ms + 500))

    def _lose(self, slot: int) -> None:
        """A lost connection's number is never used again."""
        self.check(Lost(self._numbers[slot]))
        self._numbers[slot] += len(CONNECTIONS)

    def check(self, event: Event) -> None:
        """Let both hear of the event: all are told what they must be told, and only changes are put on disk."""
        before = deepcopy(self.oracle.rooms)
        expected = Counter(self.oracle.on(event))
        effects = self.hub.handle(event)
        assert Counter(heard(effects, self.oracle)) == expected
        records = [each.record for each in effects if isinstance(each, Append)]
        order = [isinstance(each, Append) for each in effects]
        assert order == sorted(order, reverse=True), "told before it is on disk"
        assert bool(records) == (self.oracle.rooms != before)
        self.journal += records
        self._check_answer(event, effects)

    def _check_answer(self, event: Event, effects: list[Effect]) -> None:
        """A request of somebody not being turned away is answered exactly once."""
        if isinstance(event, Received) and event.connection not in self.oracle.closing:
            sent = [
                each for each in effects if isinstance(each, Send) and isinstance(each.frame, (*ANSWERS, History))
            ]
            assert [each.to for each in sent] == [(event.connection,)]

    def replayed(self) -> dict[str, Room]:
        rooms: dict[str, Room] = {}
        for record in self.journal:
            rooms.setdefault(record.room, Room(record.room)).apply(record)
        return rooms


@settings(max_examples=150, deadline=None)
@given(INPUTS)
def test_everybody_hears_what_they_must_and_nothing_else(inputs: list[tuple[int, AnyRequest | str]]) -> None:
    world = World()
    for at, (slot, request) in enumerate(inputs, 1):
        world.take(slot, request, 1001 * at)
    for name, model in world.oracle.rooms.items():
        room = world.hub.rooms[name]
        assert [each.sender for each in room.messages] == model.senders
        for person in NAMES:
            assert room.unread_count(person) == len(model.unread(person))
    live = {name: as_values(room.freeze()) for name, room in world.hub.rooms.items()}
    assert {name: as_values(room.freeze()) for name, room in world.replayed().items()} == live
    thawed = {name: Room.thaw(room.freeze()) for name, room in world.hub.rooms.items()}
    assert {name: as_values(room.freeze()) for name, room in thawed.items()} == live


# A client that is cut off anywhere

Known = dict[tuple[str, int], int]
"""Who has read which message when."""

Deeds = list[tuple[str, int, list[tuple[int, int]]]]
"""A post or a read, by whom (1 is the client), and the ranges of a read."""


@dataclass
class Client:
    """The least a client must keep to end up with the truth: messages, receipts, one cursor."""

    name: str
    messages: dict[int, Message] = field(default_factory=dict)
    known: Known = field(default_factory=dict)
    revision: int = 0

    def hello(self) -> Hello:
        cursor = RoomCursor(message=max(self.messages, default=0), revision=self.revision)
        return Hello(name=self.name, version=1, client=self.name, resume=Resume("e", {LOBBY: cursor}))

    def hear(self, frame: AnyFrame) -> FetchHistory | None:
        """Take a frame; the request for what precedes a page, where that leaves a gap."""
        match frame:
            case Message():
                self.messages[frame.id] = frame
            case Receipt():
                self._note(frame)
                self.revision = max(self.revision, frame.revision)
            case History():
                return self._take(frame)
            case _:
                pass
        return None

    def _take(self, page: History) -> FetchHistory | None:
        for receipt in page.receipts:
            self._note(receipt)
        known_before = max(self.messages, default=0)
        self.messages.update({each.id: each for each in page.messages})
        self.revision = max(self.revision, page.revision)
        first = page.messages[0].id if page.messages else known_before + 1
        holes = [each for each in range(1, first) if each not in self.messages]
        return FetchHistory(room=LOBBY, before=holes[-1] + 1, limit=3) if holes else None

    def _note(self, receipt: Receipt | PageReceipt) -> None:
        for each in rangesets.ids(receipt.ranges):
            assert self.known.setdefault((receipt.reader, each), receipt.read_at) == receipt.read_at


CUTS = st.lists(
    st.tuples(
        st.lists(
            st.one_of(
                st.tuples(st.just("post"), st.sampled_from([1, 2, 3]), st.just([(1, 1)])),
                st.tuples(st.just("read"), st.sampled_from([1, 2, 3]), RANGES),
            ),
            max_size=10,
        ),
        st.integers(0, 8),
    ),
    max_size=5,
)
"""Per connection of the client: what happens meanwhile, and after how many frames it is cut off."""


class Cuttable:
    """A hub in whose lobby two people talk with the client, whose connections are cut off again and again."""

    def __init__(self) -> None:
        self.hub = Hub("e", {})
        self.client = Client("ann")
        self.connection = 10
        self.posts = 0
        for connection, name in ((2, "bob"), (3, "cid")):
            self.hub.handle(Received(connection, Hello(name=name, version=1), 0))

    def connect(self, deeds: Deeds, frames: int | None) -> None:
        """One connection, on which the client hears so many frames (None: all), while others go on."""
        self.connection += 1
        asked: AnyRequest | None = self.client.hello()
        while asked:
            effects = self.hub.handle(Received(self.connection, asked, 0))
            asked, frames = self._hear(effects, frames)
        for deed, connection, ranges in deeds:
            who = self.connection if connection == 1 else connection
            self.posts += 1
            request: AnyRequest = Post(room=LOBBY, nonce=str(self.posts), content="hi")
            if deed == "read":
                request = Read(room=LOBBY, ranges=tuple(ranges))
            asked, frames = self._hear(self.hub.handle(Received(who, request, self.posts)), frames)
            assert asked is None
        self.hub.handle(Lost(self.connection))

    def _hear(self, effects: list[Effect], frames: int | None) -> tuple[AnyRequest | None, int | None]:
        """Let the client hear what is for it, as far as it still hears; what it asks then, and how far it does."""
        asked: AnyRequest | None = None
        for effect in effects:
            if isinstance(effect, Send) and self.connection in effect.to and frames != 0:
                frames = frames - 1 if frames is not None else None
                asked = self.client.hear(effect.frame) or asked
        return asked, frames


@settings(max_examples=200, deadline=None)
@given(CUTS, st.sampled_from([3, 200]))
def test_a_client_cut_off_anywhere_ends_up_with_the_truth(cuts: list[tuple[Deeds, int]], page: int) -> None:
    with patch.object(answers, "PAGE_MAX", page):
        world = Cuttable()
        for deeds, frames in cuts:
            world.connect(deeds, frames)
        world.connect([], None)
    room, client = world.hub.rooms[LOBBY], world.client
    assert sorted(client.messages) == list(range(1, room.last_id + 1))
    own = [each.id for each in room.messages if each.sender == "ann"]
    truth = {(reader, each): at_ms for each in own for reader, at_ms in room.readers(each)}
    assert {key: at_ms for key, at_ms in client.known.items() if key[0] != "ann"} == truth
