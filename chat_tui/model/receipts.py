"""Receipts that were earned and that the server has not acknowledged: gathered, sent, sent again. Pure.

What was read of an edited message is one of its texts: until the latest that was read is acknowledged, the
message is owed together with the edition of that text, and never without.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from chat_server.protocol import RANGES_MAX
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_tui.model import editions
from chat_tui.model.editions import Editions, Text

SEND_EVERY_MS: Final = 250
"""Receipts are gathered and sent at most this often."""


@dataclass(frozen=True, slots=True)
class ReadTexts:
    """What was read of a room."""

    ranges: Ranges = ()
    editions: Editions = field(default_factory=dict)
    """Of edited messages in `ranges` which text it was."""

    @property
    def texts(self) -> tuple[Text, ...]:
        """The editions as they travel, by id."""
        return tuple(sorted(self.editions.items()))

    def __or__(self, other: "ReadTexts") -> "ReadTexts":
        """Both: of each message the latest text."""
        texts = editions.merged(self.editions, other.editions.items())
        edited = rangesets.of_ids(texts)
        return ReadTexts(rangesets.union(rangesets.union(self.ranges, other.ranges), edited), texts)

    def __sub__(self, told: "ReadTexts") -> "ReadTexts":
        """What is left once some of it is told: where that was an earlier text, the later one."""
        texts = editions.later(self.editions.items(), told.editions)
        return ReadTexts(
            rangesets.union(rangesets.subtract(self.ranges, told.ranges), rangesets.of_ids(texts)), texts
        )

    def portion(self) -> "ReadTexts":
        """As much of it as one request can say, from its beginning, and nothing without its edition."""
        ranges = self.ranges[:RANGES_MAX]
        inside = [text for text in self.texts if rangesets.contains(ranges, text[0])]
        if len(inside) > RANGES_MAX:
            ranges = rangesets.intersect(ranges, ((1, inside[RANGES_MAX - 1][0]),))
        return ReadTexts(ranges, dict(inside[:RANGES_MAX]))


NOTHING: Final = ReadTexts()


class OwedReceipts:
    """Per room what is owed, and which of it is on its way."""

    def __init__(self, owed: Mapping[str, Ranges], texts: Mapping[str, Iterable[Text]]) -> None:
        """Begin with what an earlier session left: ranges, and which text of edited messages it was."""
        self._owed = {
            room: ReadTexts(owed.get(room, ())) | ReadTexts((), dict(texts.get(room, ())))
            for room in {**owed, **dict(texts)}
        }
        self._flying: dict[str, tuple[str, ReadTexts]] = {}
        self._next_ms = 0

    def __contains__(self, ref: str) -> bool:
        """Whether a request with this ref is on its way."""
        return ref in self._flying

    @property
    def owed(self) -> dict[str, Ranges]:
        """All that is not acknowledged: what must be on disk."""
        return {room: reading.ranges for room, reading in self._owed.items()}

    @property
    def texts(self) -> dict[str, tuple[Text, ...]]:
        """Per room which text of edited messages in `owed` it was, where any is."""
        return {room: reading.texts for room, reading in self._owed.items() if reading.editions}

    def of(self, room: str) -> ReadTexts:
        """What is owed of a room."""
        return self._owed.get(room, NOTHING)

    def next_deadline_ms(self, rooms: Collection[str]) -> int | None:
        """When more may be sent of these rooms; None while there is nothing to send."""
        return self._next_ms if any(self._unsent(rooms)) else None

    def add(self, room: str, reading: ReadTexts) -> None:
        """These messages have been read."""
        self._owed[room] = self.of(room) | reading

    def due(self, now_ms: int, rooms: Collection[str]) -> list[tuple[str, ReadTexts]]:
        """What to send now of these rooms, room by room, each as much as one request can say; nothing early."""
        if now_ms < self._next_ms:
            return []
        if unsent := self.unsent(rooms):
            self._next_ms = now_ms + SEND_EVERY_MS
        return unsent

    def unsent(self, rooms: Collection[str]) -> list[tuple[str, ReadTexts]]:
        """What is not on its way of these rooms, early or not: each as much as one request can say."""
        return [(room, reading.portion()) for room, reading in self._unsent(rooms)]

    def sent(self, ref: str, room: str, reading: ReadTexts) -> None:
        """What was due is on its way, under this ref."""
        self._flying[ref] = room, reading

    def answered(self, ref: str) -> None:
        """The server has taken it, or refused it for good: it is owed no longer."""
        room, told = self._flying.pop(ref)
        left = self.of(room) - told
        if left.ranges:
            self._owed[room] = left
        else:
            self._owed.pop(room, None)

    def held(self, ref: str) -> None:
        """The server will have it later: it is owed as before, and on its way no longer."""
        del self._flying[ref]

    def cut(self) -> None:
        """The connection is gone, and with it what was on its way: all that is owed may be sent at once again."""
        self._flying.clear()
        self._next_ms = 0

    def forget(self) -> None:
        """The history that they speak of is not the server's any more."""
        self._owed.clear()

    def forget_room(self, room: str) -> bool:
        """One is in this room no more: the server would not have it. Whether anything was owed."""
        return self._owed.pop(room, None) is not None

    def _unsent(self, rooms: Collection[str]) -> Iterator[tuple[str, ReadTexts]]:
        for room, owed in self._owed.items():
            if room not in rooms:
                continue
            flying = NOTHING
            for flying_room, reading in self._flying.values():
                if flying_room == room:
                    flying |= reading
            unsent = owed - flying
            if unsent.ranges:
                yield room, unsent
