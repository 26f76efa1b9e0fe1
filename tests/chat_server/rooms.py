"""Rooms for tests: a naive model that says what must hold, and a room that lives beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from chat_server.protocol import Mode
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Range, Ranges
from chat_server.room import (
    Acknowledged,
    Advanced,
    AnyRoomRecord,
    Deleted,
    Departed,
    Edited,
    Entered,
    Entry,
    Opened,
    Pinned,
    Posted,
    Reacted,
    Room,
    RoomState,
    Shared,
    Tally,
    Unpinned,
)


@dataclass
class Model:
    """A room as sets and lists: no ranges, no arithmetic, nothing clever."""

    senders: list[str] = field(default_factory=list)
    sent_to: list[frozenset[str]] = field(default_factory=list)
    """Per message the members at its sending, its sender among them."""
    known: list[str] = field(default_factory=list)
    """Everybody who has ever been a member, in the order of their first joining."""
    here: set[str] = field(default_factory=set)
    times: dict[tuple[str, int], int] = field(default_factory=dict)
    """When somebody has read a message of somebody else's."""
    deleted: set[int] = field(default_factory=set)
    editions: dict[int, int] = field(default_factory=dict)
    """How often a message has been edited."""
    pins: list[int] = field(default_factory=list)
    reactions: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    """Per message emoji and name, in the order of their coming."""
    reread: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    """The latest edition that somebody has read of an edited message of somebody else's, and when."""
    modes: dict[str, Mode] = field(default_factory=dict)
    """Of whoever is not public, or was not once."""
    waiting: list[set[str]] = field(default_factory=list)
    """Per message who was sent it and has shared ever since, whether they have read it or not."""
    shown: set[tuple[str, int]] = field(default_factory=set)
    """What somebody has read while they shared it."""
    reshown: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    """As `reread`, of what was read while they shared it."""
    late: set[tuple[str, int]] = field(default_factory=set)
    """What somebody has read who was not waited for."""
    said: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    """The latest edition that somebody has acknowledged of a message of somebody else's, and when."""

    def enter(self, name: str) -> None:
        self.here.add(name)
        if name not in self.known:
            self.known.append(name)

    def post(self, sender: str) -> int:
        self.senders.append(sender)
        self.sent_to.append(frozenset(self.here))
        self.waiting.append(set(filter(self.shares, self.here)))
        return len(self.senders)

    def read(self, reader: str, ids: Iterable[int], at_ms: int) -> set[int]:
        """Note what is newly read by it: existing messages of others."""
        fresh = {each for each in ids if self._is_news(reader, each)}
        self.times.update({(reader, each): at_ms for each in fresh})
        self.late |= {(reader, each) for each in fresh if reader not in self.waiting[each - 1]}
        if self.shares(reader):
            self.shown |= {(reader, each) for each in fresh}
        return fresh

    def delete(self, each: int) -> None:
        self.deleted.add(each)
        self.pins = [pin for pin in self.pins if pin != each]
        self.reactions.pop(each, None)

    def shares(self, name: str) -> bool:
        return self.modes.get(name, "public") == "public"

    def turn(self, name: str, mode: Mode) -> None:
        if mode != self.modes.get(name, "public"):
            self.modes[name] = mode
            for each in self.waiting:
                each.discard(name)

    def react(self, each: int, name: str, emoji: str, *, on: bool) -> bool:
        """Whether this changes something."""
        if ((emoji, name) in self.reactions.get(each, [])) == on:
            return False
        reactions = self.reactions.setdefault(each, [])
        (reactions.append if on else reactions.remove)((emoji, name))
        return True

    def reactions_of(self, each: int) -> dict[str, tuple[str, ...]]:
        reactions = self.reactions.get(each, [])
        return {emoji: tuple(name for other, name in reactions if other == emoji) for emoji, _ in reactions}

    def acknowledge(self, reader: str, each: int, edition: int, at_ms: int) -> bool:
        """Whether this changes something: a text that is there, of somebody else's, and later than the last."""
        if not self.shows(each, edition) or self.sender(each) == reader:
            return False
        if self.said.get((reader, each), (-1, 0))[0] >= edition:
            return False
        self.said[reader, each] = edition, at_ms
        return True

    def acknowledged(self, message_id: int, *, earlier: bool = False) -> dict[str, int]:
        """Who has acknowledged what a message says now, or only what it said before, and when."""
        now = self.editions.get(message_id, 0)
        return {
            reader: at_ms
            for (reader, each), (edition, at_ms) in self.said.items()
            if each == message_id and each not in self.deleted and (edition < now) == earlier
        }

    def edit(self, each: int) -> int:
        self.editions[each] = edition = self.editions.get(each, 0) + 1
        return edition

    def read_editions(self, reader: str, editions: Iterable[tuple[int, int]], at_ms: int) -> dict[int, int]:
        """Note what is newly read by it: later editions that there are, of messages of others."""
        fresh: dict[int, int] = {}
        for each, edition in editions:
            known, _ = self.reread.get((reader, each), (0, 0))
            if self.shows(each, edition) and self.sender(each) != reader and known < edition:
                self.reread[reader, each] = edition, at_ms
                if self.shares(reader):
                    self.reshown[reader, each] = edition, at_ms
                fresh[each] = edition
        return fresh

    def shows(self, each: int, edition: int) -> bool:
        """Whether somebody can have had this edition in front of them."""
        return each in self.ids and each not in self.deleted and edition <= self.editions.get(each, 0)

    @property
    def seen(self) -> set[tuple[str, int]]:
        """Whose reading of which message others may see, be it of a later text alone."""
        return self.shown | self.reshown.keys()

    def _is_news(self, reader: str, each: int) -> bool:
        return 1 <= each <= self.last_id and each not in self.deleted and self._is_to_read(reader, each)

    def _is_to_read(self, reader: str, each: int) -> bool:
        return self.sender(each) != reader and (reader, each) not in self.times

    @property
    def last_id(self) -> int:
        return len(self.senders)

    @property
    def ids(self) -> range:
        return range(1, self.last_id + 1)

    @property
    def members(self) -> list[str]:
        return [each for each in self.known if each in self.here]

    def sender(self, message_id: int) -> str:
        return self.senders[message_id - 1]

    def was_sent(self, name: str, message_id: int) -> bool:
        return name in self.sent_to[message_id - 1]

    def readers(self, message_id: int) -> dict[str, int]:
        edition = self.editions.get(message_id, 0)
        if edition == 0:
            return self.readers_of_any(message_id)
        if message_id in self.deleted:
            return {}
        return {
            reader: self.reshown[reader, each][1]
            for reader, each in self.reread
            if each == message_id and self.reshown.get((reader, each), (0, 0))[0] == edition
        }

    def readers_of_any(self, message_id: int) -> dict[str, int]:
        """Who has read any text of a message, and when first."""
        if message_id in self.deleted:
            return {}
        return {
            reader: at_ms if (reader, each) in self.shown else self.reshown[reader, each][1]
            for (reader, each), at_ms in self.times.items()
            if each == message_id and (reader, each) in self.seen
        }

    def horizon(self, reader: str) -> tuple[int, int] | None:
        """The newest message that somebody is seen to have read, and when."""
        seen = [each for name, each in self.shown if name == reader and each not in self.deleted]
        return (max(seen), self.times[reader, max(seen)]) if seen else None

    def earlier_readers(self, message_id: int) -> dict[str, int]:
        return {
            reader: self.reshown.get((reader, message_id), (0, at_ms))[1]
            for reader, at_ms in self.readers_of_any(message_id).items()
            if reader not in self.readers(message_id)
        }

    def missing(self, message_id: int) -> list[str]:
        if message_id in self.deleted:
            return []
        done = {self.sender(message_id), *self.readers_of_any(message_id)}
        return [each for each in self.members if each in self.waiting[message_id - 1] and each not in done]

    def unshared(self, message_id: int) -> list[str]:
        if message_id in self.deleted:
            return []
        done = {self.sender(message_id), *self.readers_of_any(message_id), *self.missing(message_id)}
        return [each for each in self.members if self.was_sent(each, message_id) and each not in done]

    def tally(self, message_id: int) -> Tally:
        read_by = len(self.readers(message_id))
        audience = len(self.readers_of_any(message_id)) + len(self.missing(message_id))
        return Tally(audience=audience, read_by=read_by)

    def unread(self, name: str) -> list[int]:
        return [
            each
            for each in self.ids
            if self.was_sent(name, each) and each not in self.deleted and self._is_to_read(name, each)
        ]


class Story:
    """A room that lives through what is told of it, by records only, with a model beside it."""

    def __init__(self, *members: str) -> None:
        """Open a room and let these enter it."""
        self.room = Room("r")
        self.model = Model()
        self.records: list[AnyRoomRecord] = []
        self._apply(Opened(room="r", title="The room", at=1))
        self.enter(*members)

    def apply(self, *records: AnyRoomRecord) -> None:
        """Do what the model knows nothing of."""
        for record in records:
            self._apply(record)

    def _apply(self, record: AnyRoomRecord) -> None:
        self.records.append(record)
        self.room.apply(record)

    def enter(self, *names: str) -> None:
        for name in names:
            self._apply(Entered(room="r", name=name, at=2))
            self.model.enter(name)

    def leave(self, name: str) -> None:
        self._apply(Departed(room="r", name=name, at=3))
        self.model.here.discard(name)

    def share(self, name: str, mode: Mode, *, chosen: bool = False) -> None:
        self._apply(Shared(room="r", name=name, mode=mode, chosen=chosen))
        self.model.turn(name, mode)

    def post(self, *senders: str, content: str = "hi") -> None:
        for sender in senders:
            at = self.model.post(sender)
            self._apply(Posted(room="r", entry=Entry(at, sender, f"n{at}", content, 1000 * at)))

    def delete(self, *ids: int, by: str = "ann", at_ms: int = 7) -> None:
        for each in ids:
            self._apply(Deleted(room="r", id=each, by=by, at=at_ms))
            self.model.delete(each)

    def edit(self, each: int, at_ms: int = 8) -> None:
        content = f"text {self.model.edit(each)}"
        self._apply(Edited(room="r", id=each, content=content, at=at_ms))

    def pin(self, each: int, *, on: bool = True, by: str = "ann", at_ms: int = 9) -> None:
        (self.model.pins.append if on else self.model.pins.remove)(each)
        self._apply((Pinned if on else Unpinned)(room="r", id=each, by=by, at=at_ms))

    def react(self, name: str, each: int, emoji: str = "+", *, on: bool = True, at_ms: int = 9) -> None:
        """Put an emoji there or take it away, if that changes something."""
        if self.model.react(each, name, emoji, on=on):
            self._apply(Reacted(room="r", id=each, name=name, emoji=emoji, on=on, at=at_ms))

    def acknowledge(self, reader: str, each: int, edition: int = 0, *, at_ms: int = 0) -> None:
        """Say so, if that changes something."""
        if self.model.acknowledge(reader, each, edition, at_ms):
            self._apply(Acknowledged(room="r", id=each, reader=reader, edition=edition, at=at_ms))

    def reread(self, reader: str, *editions: tuple[int, int], at_ms: int = 0) -> None:
        """Take a receipt of these editions as a hub does."""
        shown = [each for each, edition in editions if self.room.has_edition(each, edition)]
        news = self.room.news(reader, rangesets.of_ids(shown))
        later = self.room.edition_news(reader, editions)
        self.model.read(reader, [each for each, edition in editions if self.model.shows(each, edition)], at_ms)
        assert dict(later) == self.model.read_editions(reader, editions, at_ms)
        if news or later:
            self._apply(Advanced(room="r", reader=reader, ranges=news, read_at=at_ms, editions=later))

    def read(self, reader: str, *ranges: Range, at_ms: int = 0) -> Ranges:
        """Take a receipt as a hub does; what of it was news."""
        news = self.room.news(reader, rangesets.normalise(ranges))
        self.model.read(reader, rangesets.ids(rangesets.normalise(ranges)), at_ms)
        if news:
            self._apply(Advanced(room="r", reader=reader, ranges=news, read_at=at_ms))
        return news


PEOPLE = ("ann", "bob", "cid", "dan")
Deed = tuple[str, str, Range]
"""What is done, by whom, and to which ids."""


def _deeds(*kinds: str) -> st.SearchStrategy[list[Deed]]:
    deed = st.tuples(
        st.sampled_from(kinds),
        st.sampled_from(PEOPLE),
        st.tuples(st.integers(1, 8), st.integers(0, 4)).map(lambda each: (each[0], sum(each))),
    )
    return st.lists(deed, min_size=8, max_size=40)


DEEDS = _deeds("post", "post", "read", "read", "enter", "leave")
DEEDS_AND_DELETIONS = _deeds(
    "post",
    "post",
    "post",
    "read",
    "read",
    "enter",
    "leave",
    "delete",
    "edit",
    "edit",
    "reread",
    "reread",
    "pin",
    "react",
    "react",
    "acknowledge",
    "acknowledge",
)

MODES: dict[str, Mode] = {"public": "public", "private": "private", "off": "off"}

DEEDS_AND_MODES = _deeds(
    "post",
    "post",
    "post",
    "post",
    "read",
    "read",
    "read",
    "enter",
    "leave",
    "delete",
    "edit",
    "edit",
    "reread",
    "reread",
    "reread",
    "pin",
    "react",
    "acknowledge",
    "acknowledge",
    "public",
    "private",
    "off",
)


def story_of(deeds: Sequence[Deed], second: str = "bob") -> Story:
    """A room of Ann and one more after these deeds, the nth at n seconds; what cannot be done is left out."""
    story = Story("ann", second)
    for at, (deed, name, ids) in enumerate(deeds):
        is_here = name in story.model.here
        if deed == "enter" and not is_here:
            story.enter(name)
        elif deed == "leave" and is_here:
            story.leave(name)
        elif deed == "post" and is_here:
            story.post(name)
        elif is_here and deed in MODES:
            story.share(name, MODES[deed], chosen=at % 2 == 0)
        elif deed == "read" and is_here and story.model.modes.get(name) != "off":
            story.read(name, ids, at_ms=1000 * at)
        elif deed == "delete" and ids[0] in set(story.model.ids) - story.model.deleted:
            story.delete(ids[0], by=story.model.known[0], at_ms=1000 * at)
        elif deed == "edit" and ids[0] in set(story.model.ids) - story.model.deleted:
            story.edit(ids[0], at_ms=1000 * at)
        elif deed == "pin" and ids[0] in set(story.model.ids) - story.model.deleted:
            story.pin(ids[0], on=ids[0] not in story.model.pins, by=story.model.known[0])
        elif deed == "react" and is_here and ids[0] in set(story.model.ids) - story.model.deleted:
            story.react(name, ids[0], "+-"[at % 2], on=ids[1] - ids[0] < 3)
        elif deed == "acknowledge" and is_here:
            story.acknowledge(name, ids[0], ids[1] - ids[0], at_ms=1000 * at)
        elif deed == "reread" and is_here and story.model.modes.get(name) != "off":
            story.reread(name, *((each, ids[1] - ids[0]) for each in range(ids[0], ids[1] + 1)), at_ms=1000 * at)
    return story


def as_values(state: RoomState) -> object:
    """All that a state says, comparable: the order of names, which a room goes by, included."""
    return (
        (state.name, state.title, state.revision),
        [(name, list(stays)) for name, stays in state.stays.items()],
        [(name, list(reading.advances())) for name, reading in state.readings.items()],
        list(state.messages),
        (state.owner, list(state.barred.items()), list(state.muted.items())),
        (tuple(state.changes), state.forgotten),
        (tuple(state.editions), tuple(state.pins), tuple(state.reactions)),
        ({name: list(turns) for name, turns in state.turns.items()}, tuple(state.chosen)),
        (state.direct, state.receipts_required),
        tuple(state.acknowledgements),
    )
