"""The hub against an oracle through any events, and a client of it that is cut off anywhere."""

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, assert_never
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chat_server import answers, directs
from chat_server.chat import AnyRecord, Chat
from chat_server.effects import Append, Close, Effect, Reply, Send
from chat_server.events import Connected, Event, Filled, Freed, Garbled, Lost, Ordered, Received
from chat_server.hub import Hub
from chat_server.orders import BanName, RemoveName, RenameName
from chat_server.protocol import (
    LOBBY,
    Acknowledge,
    Acknowledged,
    AnyFrame,
    AnyRequest,
    Ban,
    Bans,
    Challenge,
    Changed,
    ChangeSettings,
    Delete,
    Direct,
    Edit,
    Entered,
    FetchBans,
    FetchHistory,
    FetchHorizons,
    FetchInfo,
    FetchMembers,
    FetchPins,
    FetchRooms,
    Found,
    Hello,
    History,
    Horizons,
    Info,
    Join,
    Joined,
    Kick,
    Leave,
    Left,
    MakeLink,
    Members,
    Message,
    Mode,
    Mute,
    Muted,
    Ok,
    PageAcknowledgement,
    PageReceipt,
    Pass,
    Passed,
    Pin,
    Pins,
    Post,
    Presence,
    Prove,
    React,
    Read,
    Receipt,
    Refused,
    Renamed,
    Resume,
    Retitled,
    RoomCursor,
    RoomRequest,
    Rooms,
    Search,
    Settings,
    TellTyping,
    Topic,
    Typing,
    Unban,
    Unmute,
    Unpin,
    Welcome,
)
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.proofs import Signer, bytes_of
from chat_server.room import Tally
from tests.chat_server.hubs import FOUNDED, SEED, nonce_of
from tests.chat_server.rooms import Model, as_values
from tests.identities import hello, prove, signature, signer

TEA = "tea"
NAMES = ("ann", "bob", "cid")
CONNECTIONS = range(1, 6)
PAIR = directs.room_name(SEED, "ann", "bob", ())
ROOMS = st.sampled_from([LOBBY, LOBBY, LOBBY, TEA, PAIR])
IDS = st.integers(1, 6)
MODES = st.sampled_from(["public", "public", "private", "off"])
REPLY_TO = st.sampled_from([*[None] * 12, 1, 2, 5])
RANGES = st.lists(st.tuples(IDS, st.integers(0, 4)).map(lambda each: (each[0], sum(each))), min_size=1, max_size=3)
EDITIONS = st.lists(st.tuples(IDS, st.integers(0, 2)), max_size=3).map(tuple)

Sanction = Kick | Ban | Unban | Mute | Unmute
Order = BanName | RemoveName | RenameName
SERVER = Signer(bytes_of(SEED)).public
PROVEN = "prove"
FORGED = "forge"


def hellos(name: str, key: str, version: int = 1) -> Hello:
    return replace(hello(name, key=key), version=version)


def key_of(greeting: Hello) -> str:
    """Whose key this hello names."""
    return {signer(each).public: each for each in (*NAMES, "dan", "eve")}[greeting.key]


def sanctions() -> st.SearchStrategy[Sanction]:
    kinds: list[type[Sanction]] = [Kick, Ban, Unban, Mute, Unmute]
    return st.builds(
        lambda kind, room, name: kind(room=room, name=name),
        st.sampled_from(kinds),
        ROOMS,
        st.sampled_from([*NAMES, "dan"]),
    )


Weighted = tuple[int, st.SearchStrategy[Any]]


def weighted(*choices: Weighted) -> st.SearchStrategy[Any]:
    """One of these, each as often as its weight says; `one_of` would count each of them once."""
    return st.sampled_from([each for weight, each in choices for _ in range(weight)]).flatmap(lambda each: each)


REQUESTS: tuple[Weighted, ...] = (
    (20, st.builds(Post, room=ROOMS, nonce=st.sampled_from("abcdef"), content=st.just("hi"), reply_to=REPLY_TO)),
    (20, st.builds(Read, room=ROOMS, ranges=RANGES.map(tuple), editions=EDITIONS)),
    (8, st.builds(Edit, room=ROOMS, message_id=IDS, content=st.sampled_from(["hi", "ho"]))),
    (6, st.builds(React, room=ROOMS, message_id=IDS, emoji=st.sampled_from("+-"), on=st.booleans())),
    (8, st.builds(Acknowledge, room=ROOMS, message_id=IDS, edition=st.sampled_from([0, 0, 1, 2]))),
    (
        4,
        st.builds(
            lambda kind, room, each: kind(room=room, message_id=each), st.sampled_from([Pin, Unpin]), ROOMS, IDS
        ),
    ),
    (2, st.builds(FetchPins, room=ROOMS)),
    (2, st.builds(TellTyping, room=ROOMS)),
    (8, st.builds(Join, room=ROOMS)),
    (6, st.builds(Direct, name=st.sampled_from([*NAMES, "ann", "bob", "dan"]))),
    (4, st.builds(Leave, room=ROOMS)),
    (3, st.builds(FetchInfo, room=ROOMS, message_id=IDS)),
    (3, st.builds(FetchHistory, room=ROOMS, after=IDS)),
    (2, st.builds(FetchMembers, room=ROOMS)),
    (4, st.builds(FetchHorizons, room=ROOMS)),
    (2, st.builds(FetchRooms)),
    (4, st.builds(Topic, room=ROOMS, title=st.sampled_from([LOBBY, TEA, "Other"]))),
    (4, st.builds(Pass, room=ROOMS, name=st.sampled_from(NAMES))),
    (2, st.builds(FetchBans, room=ROOMS)),
    (3, st.builds(Search, room=st.one_of(st.none(), ROOMS), query=st.just("HI"))),
    (6, st.builds(Delete, room=ROOMS, message_id=IDS)),
    (16, sanctions()),
    (
        14,
        st.builds(
            ChangeSettings,
            receipts=st.one_of(st.none(), MODES),
            rooms=st.dictionaries(ROOMS, st.one_of(st.none(), MODES), max_size=1),
        ),
    ),
)
GREETINGS: tuple[Weighted, ...] = (
    (4, st.builds(hellos, st.sampled_from([*NAMES, "dan"]), st.sampled_from(["ann", "bob", "cid", "eve"]))),
    (1, st.builds(hellos, st.sampled_from(["", "a b", "ann"]), st.just("ann"), st.integers(1, 2))),
    (3, st.just(PROVEN)),
    (1, st.just(FORGED)),
)
"""A proof is made once it is known of what: a true one, or one by somebody else."""
HAPPENINGS: tuple[Weighted, ...] = tuple(
    (weight, st.just(each)) for each, weight in (("garble", 1), ("lose", 4), ("fill", 1), ("free", 3))
)
ORDERS: tuple[Weighted, ...] = (
    (3, st.builds(BanName, name=st.sampled_from(NAMES), banned=st.booleans())),
    (1, st.sampled_from([RemoveName(name="bob"), *[RenameName(name=each, to="dan") for each in NAMES]])),
)

INPUTS = st.lists(
    st.tuples(st.sampled_from(CONNECTIONS), weighted(*REQUESTS, *GREETINGS, *HAPPENINGS, *ORDERS)),
    min_size=20,
    max_size=60,
)

Told = tuple[object, ...]
"""What a connection hears, without ranges and revisions."""


@dataclass
class Place(Model):
    """A room, and whom its owner and admins have put a sanction on."""

    owner: str = ""
    title: str = ""
    pair: frozenset[str] = frozenset()
    """The two of a direct conversation; of any other room nobody."""
    barred: set[str] = field(default_factory=set)
    muted: set[str] = field(default_factory=set)
    texts: dict[int, str] = field(default_factory=dict)
    """Of messages that have been edited."""
    chosen: set[str] = field(default_factory=set)
    """Who has chosen for this room whether they share."""

    def mark(self, name: str, request: React | Pin | Unpin) -> Told | None:
        """What is told of it, once it is done; None where it changes nothing."""
        each = request.message_id
        match request:
            case React(emoji=emoji, on=on):
                return (tuple(self.reactions_of(each).items()),) if self.react(each, name, emoji, on=on) else None
            case Pin() if each not in self.pins:
                self.pins.append(each)
                return (True, name)
            case Unpin() if each in self.pins:
                self.pins.remove(each)
                return (False, name)
            case Pin() | Unpin():
                return None

    def rename(self, name: str, to: str) -> None:
        def renamed(each: str) -> str:
            return to if each == name else each

        self.senders = [*map(renamed, self.senders)]
        self.sent_to = [frozenset(map(renamed, each)) for each in self.sent_to]
        self.known = [*map(renamed, self.known)]
        self.here, self.barred, self.muted, self.chosen = (
            {*map(renamed, each)} for each in (self.here, self.barred, self.muted, self.chosen)
        )
        self.modes = {renamed(each): mode for each, mode in self.modes.items()}
        self.waiting = [{*map(renamed, each)} for each in self.waiting]
        self.shown, self.late = (
            {(renamed(reader), each) for reader, each in pairs} for pairs in (self.shown, self.late)
        )
        self.times = {(renamed(reader), each): at_ms for (reader, each), at_ms in self.times.items()}
        self.reread, self.reshown = (
            {(renamed(reader), each): edition for (reader, each), edition in read.items()}
            for read in (self.reread, self.reshown)
        )
        self.said = {(renamed(reader), each): said for (reader, each), said in self.said.items()}
        self.reactions = {
            each: [(emoji, renamed(who)) for emoji, who in reactions] for each, reactions in self.reactions.items()
        }
        self.owner = renamed(self.owner)
        self.pair = frozenset(map(renamed, self.pair))


@dataclass
class Oracle:
    """What every connection must hear, from who is connected and from one naive model per room."""

    rooms: dict[str, Place] = field(default_factory=dict)
    nonces: dict[tuple[str, str, str], int] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    """Whose key speaks for a name: the first that proved it."""
    admins: set[str] = field(default_factory=set)
    banned: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    renamed: set[str] = field(default_factory=set)
    hellos: dict[int, Hello] = field(default_factory=dict)
    """What connections have said that have proved nothing."""
    people: dict[int, str] = field(default_factory=dict)
    """Connection to name, in the order of the proofs."""
    closing: set[int] = field(default_factory=set)
    general: dict[str, Mode] = field(default_factory=dict)
    """What is chosen for all rooms."""
    full: bool = False

    @property
    def durable(self) -> object:
        """All that must be on disk."""
        return deepcopy(
            (self.general, self.rooms, self.keys, self.admins, self.banned, self.removed, self.renamed)
        )

    def on(self, event: Event) -> Iterator[tuple[int, Told]]:
        match event:
            case Filled() | Freed():
                self.full = isinstance(event, Filled)
            case Connected():
                pass
            case Ordered(order=BanName() | RemoveName() | RenameName() as order):
                yield from self._obey(order)
            case Ordered():
                raise AssertionError
            case Lost(connection=connection):
                yield from self._lose(connection)
            case Received(connection=connection) | Garbled(connection=connection) if connection in self.closing:
                pass
            case Garbled(connection=connection):
                yield connection, ("refused", "bad-request")
                if connection not in self.people:
                    yield from self._close(connection)
            case Received(connection=connection, request=request) if connection not in self.people:
                yield from self._meet(connection, request)
            case Received(connection=connection, request=request, now_ms=now_ms):
                yield from self._serve(connection, self.people[connection], request, now_ms)

    def _close(self, connection: int) -> Iterator[tuple[int, Told]]:
        self.closing.add(connection)
        yield connection, ("closed",)

    def _at(self, names: Iterable[str]) -> list[int]:
        wanted = set(names)
        return [each for each, name in self.people.items() if name in wanted]

    def _here(self, room: str) -> set[str]:
        return self.rooms[room].here if room in self.rooms else set()

    def _tell_presence(self, name: str, *, online: bool) -> Iterator[tuple[int, Told]]:
        for room in self.rooms:
            if name in self._here(room):
                for each in self._at(self._here(room) - {name}):
                    yield each, ("presence", room, name, online)

    def _lose(self, connection: int) -> Iterator[tuple[int, Told]]:
        self.closing.discard(connection)
        self.hellos.pop(connection, None)
        name = self.people.pop(connection, None)
        if name is not None and not self._at([name]):
            yield from self._tell_presence(name, online=False)

    def _obey(self, order: Order) -> Iterator[tuple[int, Told]]:
        name = order.name
        if self.full or name not in self.keys or name in self.removed | self.renamed:
            return
        match order:
            case RemoveName():
                yield from self._remove(name)
            case RenameName(to=to):
                if to not in self.keys:
                    yield from self._rename(name, to)
            case BanName(banned=banned) if (name in self.banned) != banned:
                (self.banned.add if banned else self.banned.discard)(name)
                if banned:
                    yield from self._expel(name)
            case BanName():
                pass

    def _rename(self, name: str, to: str) -> Iterator[tuple[int, Told]]:
        known = [room for room, place in self.rooms.items() if name in (*place.known, place.owner)]
        for place in self.rooms.values():
            place.rename(name, to)
        self.nonces = {(r, to if who == name else who, n): each for (r, who, n), each in self.nonces.items()}
        self.renamed.add(name)
        self.keys[to] = self.keys[name]
        self.general[to] = self.general.get(name, "public")
        for names in (self.admins, self.banned):
            if name in names:
                names.add(to)
        self.people = {each: to if who == name else who for each, who in self.people.items()}
        yield from ((each, ("renamed", r, name, to)) for r in known for each in self._at(self._here(r)))
        yield from self._expel(to)

    def _remove(self, name: str) -> Iterator[tuple[int, Told]]:
        for room, place in self.rooms.items():
            if name in place.here:
                yield from ((each, ("left", room, name, False)) for each in self._at(place.here))
                place.here.discard(name)
        self.removed.add(name)
        self.admins.discard(name)
        yield from self._expel(name)

    def _expel(self, name: str) -> Iterator[tuple[int, Told]]:
        for each in self._at([name]):
            yield each, ("refused", "expelled")
            yield from self._close(each)

    def _meet(self, connection: int, request: AnyRequest) -> Iterator[tuple[int, Told]]:
        greeting = self.hellos.get(connection)
        if isinstance(request, Hello) and greeting is None:
            refusal = self._objection(request)
            if refusal is None:
                self.hellos[connection] = request
                yield connection, ("challenge",)
        elif isinstance(request, Prove) and greeting is not None:
            refusal = self._objection(greeting)
            key = key_of(greeting)
            proof = signature(greeting.name, nonce_of(connection), SERVER, key=key)
            if refusal is None and request.signature != proof:
                refusal = "not-proven"
            if refusal is None:
                yield from self._greet(connection, greeting.name, key)
        else:
            refusal = "hello-first"
        if refusal is not None:
            yield connection, ("refused", refusal)
            yield from self._close(connection)

    def _objection(self, greeting: Hello) -> str | None:
        name = greeting.name
        stranger = name in self.keys and signer(self.keys[name]).public != greeting.key
        reasons = {
            "version": greeting.version != 1,
            "bad-name": name in {"", "a b"},
            "renamed": name in self.renamed,
            "removed": name in self.removed,
            "banned": name in self.banned,
            "name-taken": stranger,
            "disk-full": self.full and name not in self.keys,
        }
        return next((reason for reason, stands in reasons.items() if stands), None)

    def _greet(self, connection: int, name: str, key: str) -> Iterator[tuple[int, Told]]:
        if not self.keys:
            self.admins.add(name)
        self.keys[name] = key
        newly = not self._at([name])
        del self.hellos[connection]
        self.people[connection] = name
        yield from self._enter(connection, LOBBY, name)
        mine = tuple(sorted(room for room in self.rooms if name in self._here(room)))
        yield connection, ("welcome", name, mine)
        if newly:
            yield from self._tell_presence(name, online=True)

    def _enter(self, connection: int, room: str, name: str) -> Iterator[tuple[int, Told]]:
        model = self.rooms.setdefault(room, Place(owner="" if room == LOBBY else name, title=room))
        if name not in model.here:
            model.enter(name)
            if name not in model.chosen:
                model.turn(name, self.general.get(name, "public"))
            yield from ((each, ("joined", room, name)) for each in self._at(model.here - {name}))
            own = [each for each in self._at([name]) if each != connection]
            yield from ((each, ("entered", room, tuple(model.members))) for each in own)

    def _serve(self, connection: int, name: str, request: AnyRequest, now_ms: int) -> Iterator[tuple[int, Told]]:
        match request:
            case Hello() | Prove():
                yield connection, ("refused", "already-greeted")
            case FetchRooms():
                yield connection, ("rooms", self._listed())
            case Search(room=room):
                yield connection, self._found(name, room)
            case Direct(name=other):
                yield from self._direct(connection, name, other)
            case Join(room=room):
                yield from self._join(connection, name, room)
            case MakeLink():
                raise AssertionError
            case ChangeSettings():
                yield from self._choose(connection, name, request)
            case _ if name not in self._here(request.room):
                yield connection, ("refused", "not-a-member")
            case _:
                yield from self._serve_member(connection, name, request, now_ms)

    def _serve_member(
        self, connection: int, name: str, request: RoomRequest, now_ms: int
    ) -> Iterator[tuple[int, Told]]:
        match request:
            case Post():
                yield from self._post(connection, name, request)
            case Read(room=room):
                yield from self._read(connection, name, room, request, now_ms)
            case Acknowledge():
                yield from self._acknowledge(connection, name, request, now_ms)
            case Delete(room=room, message_id=each):
                yield from self._delete(connection, name, room, each)
            case Edit() | React() | Pin() | Unpin() | FetchPins() | TellTyping():
                yield from self._do(connection, name, request)
            case Pass():
                yield from self._pass_on(connection, name, request)
            case Topic():
                yield from self._retitle(connection, name, request)
            case Kick() | Ban() | Unban() | Mute() | Unmute():
                refusal = self._against(name, request)
                if refusal is None:
                    yield from self._sanction(connection, name, request)
                else:
                    yield connection, ("refused", refusal)
            case _:
                yield from self._ask(connection, name, request.room, request)

    def _choose(self, connection: int, name: str, request: ChangeSettings) -> Iterator[tuple[int, Told]]:
        if any(name not in self._here(room) for room in request.rooms):
            yield connection, ("refused", "not-a-member")
            return
        after = deepcopy(self)
        if request.receipts not in (None, self.general.get(name, "public")):
            after.general[name] = request.receipts
        for room, place in after.rooms.items():
            if name in place.here:
                after._turn(name, place, request.rooms, room)
        before, told = self._settings(name), after._settings(name)
        if before != told and self.full:
            yield connection, ("refused", "disk-full")
            return
        self.general, self.rooms = after.general, after.rooms
        if before != told:
            yield from ((each, told) for each in self._at([name]) if each != connection)
        yield connection, told

    def _turn(self, name: str, place: Place, wanted: dict[str, Mode | None], room: str) -> None:
        if room in wanted:
            (place.chosen.discard if wanted[room] is None else place.chosen.add)(name)
        mode = wanted.get(room)
        if mode is not None or name not in place.chosen:
            place.turn(name, mode or self.general.get(name, "public"))

    def _settings(self, name: str) -> Told:
        general = self.general.get(name, "public")
        rooms = {
            room: place.modes.get(name, "public")
            for room, place in self.rooms.items()
            if name in place.here and (name in place.chosen or place.modes.get(name, "public") != general)
        }
        return "settings", general, tuple(sorted(rooms.items()))

    def _join(self, connection: int, name: str, room: str) -> Iterator[tuple[int, Told]]:
        out = name not in self._here(room)
        if out and room.startswith("@"):
            yield connection, ("refused", "bad-name")
        elif room in self.rooms and name in self.rooms[room].barred:
            yield connection, ("refused", "banned")
        elif out and self.full:
            yield connection, ("refused", "disk-full")
        else:
            yield from self._enter(connection, room, name)
            yield connection, ("ok", None)

    def _found(self, name: str, room: str | None) -> Told:
        """All that was said in the room, or in all that one is in: everybody says the same, until they edit it."""
        if room is not None and name not in self._here(room):
            return "refused", "not-a-member"
        places = {r: place for r, place in self.rooms.items() if name in place.here and room in (None, r)}
        hidden = Tally(audience=0, read_by=0)
        found = [
            (r, each, place.tally(each) if place.shares(name) else hidden)
            for r, place in places.items()
            for each in set(place.ids) - place.deleted
            if place.texts.get(each, "hi") == "hi"
        ]
        return "search", frozenset(found)

    def _listed(self) -> tuple[tuple[str, int], ...]:
        return tuple(sorted((r, len(place.here)) for r, place in self.rooms.items() if not place.pair))

    def _direct(self, connection: int, name: str, other: str) -> Iterator[tuple[int, Told]]:
        pair = frozenset((name, other))
        known = other in self.keys.keys() - self.banned - self.removed - self.renamed
        if name == other:
            yield connection, ("refused", "not-allowed")
        elif any(place.pair == pair == place.here for place in self.rooms.values()):
            yield connection, ("ok", None)
        elif not known or self.full:
            yield connection, ("refused", "disk-full" if known else "no-such-member")
        else:
            place = self.rooms[directs.room_name(SEED, name, other, self.rooms)] = Place(pair=pair)
            place.enter(name)
            place.enter(other)
            room = next(r for r, each in self.rooms.items() if each is place)
            for who in (name, other):
                place.turn(who, self.general.get(who, "public"))
            for each in self._at(pair):
                told = ("ok", None) if each == connection else ("entered", room, (name, other))
                yield each, told

    def _post(self, connection: int, name: str, post: Post) -> Iterator[tuple[int, Told]]:
        model, key = self.rooms[post.room], (post.room, name, post.nonce)
        if key in self.nonces:
            yield connection, ("ok", self.nonces[key])
        elif name in model.muted:
            yield connection, ("refused", "muted")
        elif post.reply_to is not None and post.reply_to > model.last_id:
            yield connection, ("refused", "no-such-message")
        elif self.full:
            yield connection, ("refused", "disk-full")
        else:
            self.nonces[key] = each = model.post(name)
            yield connection, ("ok", each)
            for to in self._at(model.here):
                nonce = post.nonce if self.people[to] == name else None
                audience = sum(map(model.shares, model.here - {name})) if model.shares(self.people[to]) else 0
                yield to, ("message", post.room, each, name, nonce, audience, 0)

    def _acknowledge(
        self, connection: int, name: str, request: Acknowledge, now_ms: int
    ) -> Iterator[tuple[int, Told]]:
        room, each, edition = request.room, request.message_id, request.edition
        model = self.rooms[room]
        reasons = {
            "no-such-message": each > model.last_id,
            "deleted": each in model.deleted,
            "not-allowed": each <= model.last_id and model.sender(each) == name,
        }
        refusal = next((reason for reason, stands in reasons.items() if stands), None)
        if refusal is None and not model.shows(each, edition):
            refusal = "no-such-message"
        if refusal is None and self.full and deepcopy(model).acknowledge(name, each, edition, now_ms):
            refusal = "disk-full"
        if refusal is not None:
            yield connection, ("refused", refusal)
            return
        # As far as it is a reading, it is answered and told like one.
        reading = Read(room=room, ranges=((each, each),), editions=((each, edition),))
        told = [*self._read(connection, name, room, reading, now_ms)]
        if told != [(connection, ("refused", "disk-full"))] and model.acknowledge(name, each, edition, now_ms):
            author = {model.sender(each)} & model.here
            own = [to for to in self._at([name]) if to != connection]
            said = ("acknowledged", room, each, name, edition, now_ms)
            yield from ((to, said) for to in (*self._at(filter(model.shares, author)), *own))
        yield from told

    def _read(self, connection: int, name: str, room: str, read: Read, now_ms: int) -> Iterator[tuple[int, Told]]:
        model = self.rooms[room]
        if model.modes.get(name) == "off":
            yield connection, ("ok", None)
            return
        shown = [each for each, edition in read.editions if model.shows(each, edition)]
        ids = [*rangesets.ids(rangesets.normalise(read.ranges)), *shown]
        ahead, seen = deepcopy(model), model.seen
        if self.full and (ahead.read(name, ids, now_ms) or ahead.read_editions(name, read.editions, now_ms)):
            yield connection, ("refused", "disk-full")
            return
        fresh = model.read(name, ids, now_ms)
        later = model.read_editions(name, read.editions, now_ms)
        own = [to for to in self._at([name]) if to != connection]
        for each, edition in later.items():
            told = ("receipt", room, name, each, edition, now_ms)
            yield from ((to, told) for to in (*self._authors(name, model, each), *own))
        for each in {*fresh, *later}:
            read_told = ("receipt", room, name, each, now_ms, name not in model.waiting[each - 1])
            if each in fresh:
                yield from ((to, read_told) for to in own)
            if (name, each) not in seen:
                yield from ((to, read_told) for to in self._authors(name, model, each))
        yield connection, ("ok", None)

    def _authors(self, reader: str, model: Place, each: int) -> list[int]:
        """Who is told that the reader has read a message of theirs."""
        told = {model.sender(each)} & model.here if model.shares(reader) else set()
        return list(self._at(filter(model.shares, told)))

    def _do(
        self, connection: int, name: str, request: Edit | React | Pin | Unpin | FetchPins | TellTyping
    ) -> Iterator[tuple[int, Told]]:
        match request:
            case Edit():
                yield from self._edit(connection, name, request)
            case TellTyping(room=room) if name in self.rooms[room].muted:
                yield connection, ("refused", "muted")
            case TellTyping(room=room):
                yield from ((to, ("typing", room, name)) for to in self._at(self._here(room) - {name}))
                yield connection, ("ok", None)
            case React() | Pin() | Unpin():
                yield from self._mark(connection, name, request)
            case FetchPins(room=room):
                place = self.rooms[room]
                tally = place.tally if place.shares(name) else lambda _: Tally(audience=0, read_by=0)
                yield connection, ("pins", room, tuple((each, tally(each)) for each in place.pins))

    def _edit(self, connection: int, name: str, edit: Edit) -> Iterator[tuple[int, Told]]:
        each, place = edit.message_id, self.rooms[edit.room]
        reasons = {
            "no-such-message": each > place.last_id,
            "deleted": each in place.deleted,
            "muted": name in place.muted,
            "not-allowed": each <= place.last_id and place.sender(each) != name,
            "disk-full": self.full and place.texts.get(each, "hi") != edit.content,
        }
        refusal = next((reason for reason, stands in reasons.items() if stands), None)
        if refusal is not None:
            yield connection, ("refused", refusal)
            return
        if place.texts.get(each, "hi") != edit.content:
            place.texts[each] = edit.content
            told = ("edited", edit.room, each, edit.content, place.edit(each))
            for to in self._at(place.here):
                shares = place.shares(self.people[to])
                yield to, (*told, place.tally(each) if shares else Tally(audience=0, read_by=0))
        yield connection, ("ok", None)

    def _mark(self, connection: int, name: str, request: React | Pin | Unpin) -> Iterator[tuple[int, Told]]:
        each, place = request.message_id, self.rooms[request.room]
        ahead = deepcopy(place)
        reasons = {
            "no-such-message": each > place.last_id,
            "deleted": each in place.deleted,
            "muted": name in place.muted,
            "disk-full": self.full and ahead.mark(name, request) is not None,
        }
        refusal = next((reason for reason, stands in reasons.items() if stands), None)
        if refusal is not None:
            yield connection, ("refused", refusal)
            return
        told = place.mark(name, request)
        if told is not None:
            yield from ((to, ("marked", request.room, each, *told)) for to in self._at(place.here))
        yield connection, ("ok", None)

    def _moderates(self, room: str, name: str) -> bool:
        return not self.rooms[room].pair and (name in self.admins or self.rooms[room].owner == name)

    def _delete(self, connection: int, name: str, room: str, each: int) -> Iterator[tuple[int, Told]]:
        place = self.rooms[room]
        if each > place.last_id:
            yield connection, ("refused", "no-such-message")
        elif name != place.sender(each) and not self._moderates(room, name):
            yield connection, ("refused", "not-allowed")
        elif each not in place.deleted and self.full:
            yield connection, ("refused", "disk-full")
        else:
            if each not in place.deleted:
                place.delete(each)
                yield from ((to, ("changed", room, each, name)) for to in self._at(place.here))
            yield connection, ("ok", None)

    def _retitle(self, connection: int, name: str, topic: Topic) -> Iterator[tuple[int, Told]]:
        place, other = self.rooms[topic.room], self.rooms[topic.room].title != topic.title
        if not self._moderates(topic.room, name):
            yield connection, ("refused", "not-allowed")
        elif other and self.full:
            yield connection, ("refused", "disk-full")
        else:
            place.title = topic.title
            if other:
                yield from ((to, ("retitled", topic.room, topic.title, name)) for to in self._at(place.here))
            yield connection, ("ok", None)

    def _pass_on(self, connection: int, name: str, request: Pass) -> Iterator[tuple[int, Told]]:
        place = self.rooms[request.room]
        refusal = None
        if request.room == LOBBY or not self._moderates(request.room, name):
            refusal = "not-allowed"
        elif request.name not in place.here:
            refusal = "no-such-member"
        elif request.name != place.owner and self.full:
            refusal = "disk-full"
        if refusal:
            yield connection, ("refused", refusal)
            return
        if request.name != place.owner:
            place.owner = request.name
            yield from ((to, ("passed", request.room, request.name, name)) for to in self._at(place.here))
        yield connection, ("ok", None)

    def _against(self, name: str, request: Sanction) -> str | None:
        other, place = request.name, self.rooms[request.room]
        if not self._moderates(request.room, name) or other == name:
            return "not-allowed"
        if other not in place.known:
            return "no-such-member"
        if other in self.admins and name not in self.admins:
            return "not-allowed"
        return "not-allowed" if request.room == LOBBY and isinstance(request, Kick | Ban) else None

    def _sanction(self, connection: int, name: str, request: Sanction) -> Iterator[tuple[int, Told]]:
        other, room, place = request.name, request.room, self.rooms[request.room]
        here = self._at(place.here)
        done = {
            Kick: other not in place.here,
            Ban: other in place.barred,
            Unban: other not in place.barred,
            Mute: other in place.muted,
            Unmute: other not in place.muted,
        }
        if self.full and not done[type(request)]:
            yield connection, ("refused", "disk-full")
            return
        if not done[type(request)]:
            match request:
                case Kick() | Ban():
                    if other in place.here:
                        yield from ((to, ("left", room, other, isinstance(request, Ban))) for to in here)
                    place.here.discard(other)
                    if isinstance(request, Ban):
                        place.barred.add(other)
                case Unban():
                    place.barred.discard(other)
                case Mute() | Unmute():
                    muted = isinstance(request, Mute)
                    (place.muted.add if muted else place.muted.discard)(other)
                    yield from ((to, ("muted", room, other, muted, name)) for to in here)
        yield connection, ("ok", None)

    def _ask(
        self,
        connection: int,
        name: str,
        room: str,
        request: Leave | FetchHistory | FetchHorizons | FetchInfo | FetchMembers | FetchBans,
    ) -> Iterator[tuple[int, Told]]:
        model = self.rooms[room]
        match request:
            case Leave() if room == LOBBY or model.pair:
                yield connection, ("refused", "not-allowed")
            case Leave() if self.full:
                yield connection, ("refused", "disk-full")
            case Leave():
                yield from ((each, ("left", room, name, False)) for each in self._at(model.here))
                model.here.discard(name)
                yield connection, ("ok", None)
            case FetchBans() if not self._moderates(room, name):
                yield connection, ("refused", "not-allowed")
            case FetchBans():
                yield connection, ("bans", room, frozenset(model.barred))
            case FetchMembers():
                yield connection, ("members", room, tuple(model.members))
            case FetchHorizons():
                others = [each for each in model.members if each != name and model.shares(each)]
                found = [(each, *horizon) for each in others if (horizon := model.horizon(each)) is not None]
                yield (
                    connection,
                    ("horizons", room, *((tuple(found), False) if model.shares(name) else ((), True))),
                )
            case FetchInfo(message_id=each) if each > model.last_id:
                yield connection, ("refused", "no-such-message")
            case FetchInfo(message_id=each):
                readers, earlier = (
                    tuple(sorted(found.items(), key=lambda pair: pair[1]))
                    for found in (model.readers(each), model.earlier_readers(each))
                )
                said = [frozenset(model.acknowledged(each, earlier=before).items()) for before in (False, True)]
                lists = (readers, earlier, tuple(model.missing(each)), tuple(model.unshared(each)), *said, False)
                nothing: Told = ((), (), (), (), frozenset(), frozenset(), True)
                yield connection, ("info", room, each, *(lists if model.shares(name) else nothing))
            case FetchHistory(after=after):
                shown = range((after or 0) + 1, model.last_id + 1)
                tally = model.tally if model.shares(name) else lambda _: Tally(audience=0, read_by=0)
                yield connection, ("history", room, tuple((each, tally(each)) for each in shown))


def heard(effects: Iterable[Effect], oracle: Oracle) -> Iterator[tuple[int, Told]]:
    """What each connection hears, in the oracle's words."""
    for effect in effects:
        match effect:
            case Close(connection=connection):
                yield connection, ("closed",)
            case Send(to=to, frame=frame):
                for each in to:
                    yield from ((each, told) for told in in_words(frame, oracle.people.get(each), oracle))
            case Append() | Reply():
                pass


def in_words(  # noqa: C901, PLR0912 - one per kind of frame
    frame: AnyFrame, hearer: str | None, oracle: Oracle
) -> Iterator[Told]:
    match frame:
        case Message(room=room, id=each, sender=sender, nonce=nonce, audience=audience, read_by=read_by):
            yield "message", room, each, sender, nonce, audience, read_by
        case Receipt(room=room, reader=reader, ranges=ranges, read_at=at_ms, late=late, editions=editions):
            yield from (("receipt", room, reader, each, edition, at_ms) for each, edition in editions)
            for each in rangesets.ids(ranges):
                # The reader's other devices are told ranges, and these may reach across the reader's own messages.
                if not (hearer == reader == oracle.rooms[room].sender(each)):
                    yield "receipt", room, reader, each, at_ms, late
        case Changed(
            room=room, message_id=each, content=str() as content, edition=edition, audience=int() as sent
        ):
            assert frame.read_by is not None
            yield "edited", room, each, content, edition, Tally(sent, frame.read_by)
        case Changed(room=room, message_id=each, reactions=dict() as reactions, pinned=None):
            yield "marked", room, each, tuple(reactions.items())
        case Changed(room=room, message_id=each, pinned=bool() as pinned):
            yield "marked", room, each, pinned, frame.pinned_by
        case Changed(room=room, message_id=each, deleted_by=by):
            yield "changed", room, each, by
        case Acknowledged(room=room, message_id=each, reader=reader, edition=edition, acknowledged_at=at_ms):
            yield "acknowledged", room, each, reader, edition, at_ms
        case Joined(room=room, name=name):
            yield "joined", room, name
        case Entered(room=summary):
            yield "entered", summary.name, summary.members
        case Left(room=room, name=name, barred=barred):
            yield "left", room, name, barred
        case Muted(room=room, name=name, muted=muted, by=by):
            yield "muted", room, name, muted, by
        case Passed(room=room, owner=owner, by=by):
            yield "passed", room, owner, by
        case Retitled(room=room, title=title, by=by):
            yield "retitled", room, title, by
        case Renamed(room=room, name=name, to=to):
            yield "renamed", room, name, to
        case Typing(room=room, name=name):
            yield "typing", room, name
        case Presence(room=room, name=name, online=online):
            yield "presence", room, name, online
        case _:
            yield answer_in_words(frame)


Answer = (
    Challenge
    | Welcome
    | Ok
    | Refused
    | History
    | Horizons
    | Info
    | Rooms
    | Members
    | Pins
    | Settings
    | Found
    | Bans
)


def answer_in_words(answer: Answer) -> Told:
    match answer:
        case Challenge():
            return ("challenge",)
        case Welcome(name=name, rooms=rooms):
            return "welcome", name, tuple(sorted(each.name for each in rooms))
        case Ok(message_id=message_id):
            return "ok", message_id
        case Refused(code=code):
            return "refused", code
        case History(room=room, messages=messages):
            return "history", room, tuple((each.id, Tally(each.audience, each.read_by)) for each in messages)
        case Pins(room=room, messages=messages):
            return "pins", room, tuple((each.id, Tally(each.audience, each.read_by)) for each in messages)
        case Info(room=room, message_id=message_id, missing=missing):
            readers, earlier = (
                tuple((each.reader, each.read_at) for each in found)
                for found in (answer.read_by, answer.read_earlier)
            )
            said = [
                frozenset((each.reader, each.acknowledged_at) for each in found)
                for found in (answer.acknowledged, answer.acknowledged_earlier)
            ]
            return "info", room, message_id, readers, earlier, missing, answer.unshared, *said, answer.hidden
        case Settings(receipts=receipts, rooms=chosen):
            return "settings", receipts, tuple(sorted(chosen.items()))
        case Rooms(rooms=listings):
            return "rooms", tuple(sorted((each.name, each.members) for each in listings))
        case Found(hits=hits):
            told = (each.message for each in hits)
            return "search", frozenset((each.room, each.id, Tally(each.audience, each.read_by)) for each in told)
        case Bans(room=room, names=names):
            return "bans", room, frozenset(names)
        case Horizons(room=room, horizons=horizons, hidden=hidden):
            found = tuple((each.reader, each.message_id, each.read_at) for each in horizons)
            return "horizons", room, found, hidden
        case Members(room=room, members=members):
            return "members", room, members
        case _:
            assert_never(answer)


class World:
    """A hub and its oracle, and the journal of what the hub had put on disk."""

    def __init__(self) -> None:
        self._numbers = {each: each for each in CONNECTIONS}
        self.chat = Chat()
        self.chat.apply(FOUNDED)
        self.hub = Hub("e", self.chat)
        self.oracle = Oracle()
        self.journal: list[AnyRecord] = [FOUNDED]
        for connection in CONNECTIONS:
            self.check(Connected(connection, None, nonce_of(connection)))

    def take(self, slot: int, request: AnyRequest | Order | str, now_ms: int) -> None:
        """An input on one of the slots, which is a connection that mostly has been greeted."""
        if self._numbers[slot] in self.oracle.closing:
            self._lose(slot)
        if isinstance(request, Hello) and now_ms % 5:
            self._lose(slot)
            self._ask(slot, request, now_ms)
            request = PROVEN if now_ms % 3 else FORGED
        elif self._numbers[slot] not in self.oracle.people and now_ms % 4:
            name = NAMES[slot % len(NAMES)]
            self._ask(slot, hello(name), now_ms)
            self._ask(slot, PROVEN, now_ms)
        if isinstance(request, Order):
            self.check(Ordered(1, request, now_ms))
        elif request in ("fill", "free"):
            self.check(Filled() if request == "fill" else Freed())
        elif request == "lose":
            self._lose(slot)
        elif request == "garble":
            self.check(Garbled(self._numbers[slot], "no", None))
        else:
            self._ask(slot, request, now_ms)
            self._ask(slot, request, now_ms + 500)

    def _ask(self, slot: int, request: AnyRequest | str, now_ms: int) -> None:
        connection = self._numbers[slot]
        if isinstance(request, str):
            challenge = Challenge(nonce=nonce_of(connection), server=SERVER, signature="")
            greeting = self.oracle.hellos.get(connection, hello("ann"))
            key = key_of(greeting)
            request = prove(greeting.name, challenge, key=key if request == PROVEN else "mallory")
        self.check(Received(connection, request, now_ms))

    def _lose(self, slot: int) -> None:
        """A lost connection's number is never used again."""
        self.check(Lost(self._numbers[slot]))
        self._numbers[slot] += len(CONNECTIONS)
        self.check(Connected(self._numbers[slot], None, nonce_of(self._numbers[slot])))

    def check(self, event: Event) -> None:
        """Let both hear of the event: all are told what they must be told, and only changes are put on disk."""
        before = self.oracle.durable
        expected = Counter(self.oracle.on(event))
        effects = self.hub.handle(event)
        assert Counter(heard(effects, self.oracle)) == expected
        records = [each.record for each in effects if isinstance(each, Append)]
        order = [isinstance(each, Append) for each in effects]
        assert isinstance(event, Ordered) or order == sorted(order, reverse=True), "told before it is on disk"
        assert bool(records) == (self.oracle.durable != before)
        self.journal += records
        self._check_answer(event, effects)

    def _check_answer(self, event: Event, effects: list[Effect]) -> None:
        """A request of somebody not being turned away is answered exactly once, and so is an order."""
        if isinstance(event, Received) and event.connection not in self.oracle.closing:
            sent = [each for each in effects if isinstance(each, Send) and isinstance(each.frame, Answer)]
            # What somebody has chosen is told to their other connections in the same words.
            to = [each.to for each in sent if event.connection in each.to or not isinstance(each.frame, Settings)]
            assert to == [(event.connection,)]
        assert sum(isinstance(each, Reply) for each in effects) == isinstance(event, Ordered)

    def replayed(self) -> Chat:
        chat = Chat()
        for record in self.journal:
            chat.apply(record)
        return chat


def everything(chat: Chat) -> object:
    """All that a chat is, comparable: the order of names, which it goes by, included."""
    state = chat.freeze()
    return state.people, list(state.people.persons), [as_values(room) for room in state.rooms]


@settings(max_examples=150, deadline=None)
@given(INPUTS)
def test_everybody_hears_what_they_must_and_nothing_else(
    inputs: list[tuple[int, AnyRequest | Order | str]],
) -> None:
    world = World()
    for at, (slot, request) in enumerate(inputs, 1):
        world.take(slot, request, 1001 * at)
    for name, model in world.oracle.rooms.items():
        room = world.hub.rooms[name]
        assert [each.sender for each in room.messages] == model.senders
        for person in NAMES:
            assert room.unread_count(person) == len(model.unread(person))
    live = everything(world.chat)
    assert everything(world.replayed()) == live
    assert everything(Chat.thaw(world.chat.freeze())) == live


# A client that is cut off anywhere

Known = dict[tuple[str, int], int]
"""Who has read which message when."""

Deeds = list[tuple[str, int, list[tuple[int, int]]]]
"""A post, a read, an edit or a deletion, by whom (1 is the client), and of what."""


@dataclass
class Client:
    """The least a client must keep to end up with the truth: messages, receipts, one cursor."""

    name: str
    messages: dict[int, Message] = field(default_factory=dict)
    known: Known = field(default_factory=dict)
    reread: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    """The latest edition that somebody has read of a message, and when."""
    said: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    """The latest edition that somebody has acknowledged of a message, and when."""
    revision: int = 0

    def hello(self) -> Hello:
        cursor = RoomCursor(message=max(self.messages, default=0), revision=self.revision)
        return hello(self.name, resume=Resume("e", {LOBBY: cursor}))

    def hear(self, frame: AnyFrame) -> AnyRequest | None:
        """Take a frame; the proof it asks for, or the request for what precedes a page that leaves a gap."""
        match frame:
            case Challenge():
                return prove(self.name, frame)
            case Changed():
                if frame.message_id in self.messages:
                    message = self.messages[frame.message_id]
                    content = frame.content or ""
                    is_text = frame.reactions is None or frame.content is not None
                    if is_text:
                        message = replace(
                            message, content=content, deleted_at=frame.deleted_at, edition=frame.edition
                        )
                    if is_text and frame.deleted_at:
                        message = replace(message, reactions={})
                    if frame.reactions is not None:
                        message = replace(message, reactions=frame.reactions)
                    self.messages[message.id] = message
                self.revision = max(self.revision, frame.revision)
            case Message():
                self.messages[frame.id] = frame
            case Receipt():
                self._note(frame)
                self.revision = max(self.revision, frame.revision)
            case Acknowledged():
                self._hear_of(frame)
                self.revision = max(self.revision, frame.revision)
            case History():
                return self._take(frame)
            case _:
                pass
        return None

    def learn(self, asked: Acknowledge, effects: list[Effect], now_ms: int) -> None:
        """Who hears that it is done knows what they have acknowledged: only other devices are told."""
        done = any(isinstance(each, Send) and isinstance(each.frame, Ok) for each in effects)
        latest, _ = self.said.get((self.name, asked.message_id), (-1, 0))
        if done and asked.edition > latest:
            self.said[self.name, asked.message_id] = asked.edition, now_ms

    def _hear_of(self, said: Acknowledged | PageAcknowledgement) -> None:
        latest = self.said.get((said.reader, said.message_id), (-1, 0))
        self.said[said.reader, said.message_id] = max(latest, (said.edition, said.acknowledged_at))

    def _take(self, page: History) -> FetchHistory | None:
        for receipt in page.receipts:
            self._note(receipt)
        for said in page.acknowledged:
            self._hear_of(said)
        known_before = max(self.messages, default=0)
        self.messages.update({each.id: each for each in page.messages})
        self.revision = max(self.revision, page.revision)
        first = page.messages[0].id if page.messages else known_before + 1
        holes = [each for each in range(1, first) if each not in self.messages]
        return FetchHistory(room=LOBBY, before=holes[-1] + 1, limit=3) if holes else None

    def _note(self, receipt: Receipt | PageReceipt) -> None:
        for each in rangesets.ids(receipt.ranges):
            assert self.known.setdefault((receipt.reader, each), receipt.read_at) == receipt.read_at
        for each, edition in receipt.editions:
            latest = self.reread.get((receipt.reader, each), (0, 0))
            self.reread[receipt.reader, each] = max(latest, (edition, receipt.read_at))


CUTS = st.lists(
    st.tuples(
        st.lists(
            st.one_of(
                st.tuples(st.just("post"), st.sampled_from([1, 2, 3]), st.just([(1, 1)])),
                st.tuples(st.just("read"), st.sampled_from([1, 2, 3]), RANGES),
                st.tuples(st.just("delete"), st.sampled_from([1, 2, 3]), RANGES),
                st.tuples(st.just("edit"), st.sampled_from([1, 2, 3]), RANGES),
                st.tuples(st.just("react"), st.sampled_from([1, 2, 3]), RANGES),
                st.tuples(st.just("reread"), st.sampled_from([1, 2, 3]), RANGES),
                st.tuples(st.just("acknowledge"), st.sampled_from([1, 2, 3]), RANGES),
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
        self.hub = Hub("e", Chat())
        self.hub.chat.apply(FOUNDED)
        self.client = Client("ann")
        self.connection = 10
        self.posts = 0
        for connection, name in ((2, "bob"), (3, "cid")):
            self._connect(connection)
            self.hub.handle(Received(connection, hello(name), 0))
            challenge = Challenge(nonce=nonce_of(connection), server=SERVER, signature="")
            self.hub.handle(Received(connection, prove(name, challenge), 0))
            assert self.hub.is_greeted(connection)

    def _connect(self, connection: int) -> None:
        self.hub.handle(Connected(connection, None, nonce_of(connection)))

    def connect(self, deeds: Deeds, frames: int | None) -> None:
        """One connection, on which the client hears so many frames (None: all), while others go on."""
        self.connection += 1
        self._connect(self.connection)
        asked: AnyRequest | None = self.client.hello()
        while asked:
            effects = self.hub.handle(Received(self.connection, asked, 0))
            asked, frames = self._hear(effects, frames)
        for deed, connection, ranges in deeds:
            who = self.connection if connection == 1 else connection
            if not self.hub.is_greeted(who):
                continue
            self.posts += 1
            request: AnyRequest = Post(room=LOBBY, nonce=str(self.posts), content="hi")
            if deed == "read":
                request = Read(room=LOBBY, ranges=tuple(ranges))
            elif deed == "edit":
                request = Edit(room=LOBBY, message_id=ranges[0][0], content=f"text {self.posts}")
            elif deed == "react":
                [(each, last), *_] = ranges
                request = React(room=LOBBY, message_id=each, emoji="+", on=last < each + 3)
            elif deed == "reread":
                editions = tuple((each, last - each) for each, last in ranges)
                request = Read(room=LOBBY, ranges=tuple(ranges), editions=editions)
            elif deed == "acknowledge":
                [(each, last), *_] = ranges
                request = Acknowledge(room=LOBBY, message_id=each, edition=last - each)
            elif deed == "delete":
                request = Delete(room=LOBBY, message_id=ranges[0][0])
            effects = self.hub.handle(Received(who, request, self.posts))
            if frames != 0 and who == self.connection and isinstance(request, Acknowledge):
                self.client.learn(request, effects, self.posts)
            asked, frames = self._hear(effects, frames)
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
@example(
    [
        ([("post", 2, [(1, 1)]), ("post", 1, [(1, 1)])], 1),
        ([("acknowledge", 1, [(1, 1)]), ("read", 2, [(1, 2)])], 5),
    ],
    3,
)
def test_a_client_cut_off_anywhere_ends_up_with_the_truth(cuts: list[tuple[Deeds, int]], page: int) -> None:
    with patch.object(answers.returning, "PAGE_MAX", page):
        world = Cuttable()
        for deeds, frames in cuts:
            world.connect(deeds, frames)
        world.connect([], None)
    room, client = world.hub.rooms[LOBBY], world.client
    assert sorted(client.messages) == list(range(1, room.last_id + 1))
    assert {each.id for each in client.messages.values() if each.deleted_at} == {
        each.id for each in room.messages if each.deleted_at
    }
    assert {each.id: (each.content, each.edition) for each in client.messages.values()} == {
        each.id: (each.content, each.edition) for each in room.messages
    }
    assert {each.id: each.reactions for each in client.messages.values()} == {
        each.id: room.marks.reactions(each.id) for each in room.messages
    }
    own = [each.id for each in room.messages if each.sender == "ann" and not each.deleted_at]
    reread = {(reader, each): read for (reader, each), read in client.reread.items() if each in own}
    assert reread == {
        (reader, each): (edition, at_ms) for each in own for reader, edition, at_ms, _ in room.editions.read(each)
    }
    said = {(who, each): (edition, at_ms) for each, who, edition, at_ms, _ in room.acknowledgements.rows()}
    alive = [each.id for each in room.messages if not each.deleted_at]
    assert {key: found for key, found in client.said.items() if key[1] in alive} == {
        key: found for key, found in said.items() if key[0] == "ann" or key[1] in own
    }
    read_by = {each: [*room.readings.read_by(each)] for each in own}
    truth = {(who, each): at_ms for each in own for who, at_ms in read_by[each] if who != "ann"}
    known = {key: at_ms for key, at_ms in client.known.items() if key[0] != "ann" and key[1] in own}
    assert known == truth
