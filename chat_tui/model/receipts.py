"""Receipts that were earned and that the server has not acknowledged: gathered, sent, sent again. Pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from chat_server.protocol import RANGES_MAX
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges

SEND_EVERY_MS: Final = 250
"""Receipts are gathered and sent at most this often."""


class OwedReceipts:
    """Per room the ranges that are owed, and which of them are on their way."""

    def __init__(self, owed: Mapping[str, Ranges]) -> None:
        """Begin with what an earlier session left."""
        self._owed = dict(owed)
        self._flying: dict[str, tuple[str, Ranges]] = {}
        self._next_ms = 0

    def __contains__(self, ref: str) -> bool:
        """Whether a request with this ref is on its way."""
        return ref in self._flying

    @property
    def owed(self) -> dict[str, Ranges]:
        """All that is not acknowledged: what must be on disk."""
        return dict(self._owed)

    def next_deadline_ms(self, rooms: Collection[str]) -> int | None:
        """When more may be sent of these rooms; None while there is nothing to send."""
        return self._next_ms if any(self._unsent(rooms)) else None

    def add(self, room: str, ranges: Ranges) -> None:
        """These messages have been read."""
        self._owed[room] = rangesets.union(self._owed.get(room, ()), ranges)

    def due(self, now_ms: int, rooms: Collection[str]) -> list[tuple[str, Ranges]]:
        """What to send now of these rooms, room by room: at most `RANGES_MAX` ranges each, nothing early."""
        if now_ms < self._next_ms:
            return []
        if unsent := self.unsent(rooms):
            self._next_ms = now_ms + SEND_EVERY_MS
        return unsent

    def unsent(self, rooms: Collection[str]) -> list[tuple[str, Ranges]]:
        """What is not on its way of these rooms, early or not: at most `RANGES_MAX` ranges each."""
        return [(room, ranges[:RANGES_MAX]) for room, ranges in self._unsent(rooms)]

    def sent(self, ref: str, room: str, ranges: Ranges) -> None:
        """What was due is on its way, under this ref."""
        self._flying[ref] = room, ranges

    def answered(self, ref: str) -> None:
        """The server has taken it, or refused it for good: it is owed no longer."""
        room, ranges = self._flying.pop(ref)
        left = rangesets.subtract(self._owed.get(room, ()), ranges)
        if left:
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

    def _unsent(self, rooms: Collection[str]) -> Iterator[tuple[str, Ranges]]:
        for room, owed in self._owed.items():
            if room not in rooms:
                continue
            flying = rangesets.normalise(
                pair for flying_room, ranges in self._flying.values() if flying_room == room for pair in ranges
            )
            if unsent := rangesets.subtract(owed, flying):
                yield room, unsent
