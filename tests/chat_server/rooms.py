"""Rooms for tests: a naive model that says what must hold, and a room that lives beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Range, Ranges
from chat_server.room import (
    Advanced,
    AnyRoomRecord,
    Deleted,
    Departed,
    Entered,
    Entry,
    Opened,
    Posted,
    Room,
    RoomState,
    Tally,
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

    def enter(self, name: str) -> None:
        self.here.add(name)
        if name not in self.known:
            self.known.append(name)

    def post(self, sender: str) -> int:
        self.senders.append(sender)
        self.sent_to.append(frozenset(self.here))
        return len(self.senders)

    def read(self, reader: str, ids: Iterable[int], at_ms: int) -> set[int]:
        """Note what is newly read by it: existing messages of others."""
        fresh = {each for each in ids if self._is_news(reader, each)}
        self.times.update({(reader, each): at_ms for each in fresh})
        return fresh

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
        if message_id in self.deleted:
            return {}
        return {reader: at_ms for (reader, each), at_ms in self.times.items() if each == message_id}

    def missing(self, message_id: int) -> list[str]:
        if message_id in self.deleted:
            return []
        done = {self.sender(message_id), *self.readers(message_id)}
        return [each for each in self.members if self.was_sent(each, message_id) and each not in done]

    def tally(self, message_id: int) -> Tally:
        read_by = len(self.readers(message_id))
        return Tally(audience=read_by + len(self.missing(message_id)), read_by=read_by)

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

    def post(self, *senders: str, content: str = "hi") -> None:
        for sender in senders:
            at = self.model.post(sender)
            self._apply(Posted(room="r", entry=Entry(at, sender, f"n{at}", content, 1000 * at)))

    def delete(self, *ids: int, by: str = "ann", at_ms: int = 7) -> None:
        for each in ids:
            self._apply(Deleted(room="r", id=each, by=by, at=at_ms))
            self.model.deleted.add(each)

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
DEEDS_AND_DELETIONS = _deeds("post", "post", "post", "read", "read", "enter", "leave", "delete")


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
        elif deed == "read" and is_here:
            story.read(name, ids, at_ms=1000 * at)
        elif deed == "delete" and ids[0] in set(story.model.ids) - story.model.deleted:
            story.delete(ids[0], by=story.model.known[0], at_ms=1000 * at)
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
        (state.direct, state.receipts_required),
    )
