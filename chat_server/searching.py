"""What was said with these words: the newest first, so many messages at a time. Pure; changes nothing.

Nothing is indexed: each request looks at messages until it has enough of them or has worked long enough, and its
answer says where the next one goes on. Work is counted, not timed: a unit is about 5 ns.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from itertools import accumulate
from typing import Final

import regex
from msgspec import json

from chat_server import answers
from chat_server.protocol import (
    MEMBERS_MAX,
    PAGE_BYTES_MAX,
    SEARCH_MATCHES_MAX,
    SEARCH_SCAN_MAX,
    Found,
    Hit,
    Search,
)
from chat_server.protocol import ranges as rangesets
from chat_server.records import Entry
from chat_server.room import Room

WORK_MAX: Final = 1_500_000
"""Units of one request, and those of its last message: 5 to 10 ms."""
_WORK_OF_ANY: Final = 200
_WORK_OF_FOREIGN: Final = 10
"""Per character that is not ASCII, or stands beside one that is not."""
_WORK_OF_VARIANTS: Final = 50
"""Per character of a text that is in another form than NFKC."""
_WORK_OF_MATCHES: Final = 150
"""Per character of a text that is not ASCII and has been found."""

_PIECE: Final = regex.compile(r"(?s).{1,199}\s|.{1,200}")
_GRAPHEME: Final = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; a message must have all of it."""

    words: tuple[str, ...]
    """Folded, anywhere in the text."""
    senders: frozenset[str] = frozenset()
    """Folded whole names: nobody has two."""
    has_link: bool = False

    def is_met(self, entry: Entry, text: str) -> bool:
        """Whether this message has it all, whose folded text this is."""
        if self.senders and self.senders != {fold(entry.sender)}:
            return False
        if self.has_link and "http://" not in text and "https://" not in text:
            return False
        for each in self.words:  # noqa: SIM110 - twice as fast as all(), and this is where the time goes
            if each not in text:
                return False
        return True


def query_of(text: str) -> Query | None:
    """What a text asks for: words, `from:NAME` and `has:link`; None where it asks for nothing."""
    words, senders, has_link = [], [], False
    for each in fold(text).split():
        if each == "has:link":
            has_link = True
        elif each.startswith("from:") and each != "from:":
            senders.append(each.removeprefix("from:"))
        else:
            words.append(each)
    return Query(tuple(words), frozenset(senders), has_link) if words or senders or has_link else None


def fold(text: str) -> str:
    """The text as it is compared: in upper and lower case and in variant forms (Unicode NFKC) it is the same.

    More than 200 characters without a space are brought into that form 200 at a time: a long run of marks would
    else be sorted, in quadratic time.
    """
    return _fold(text)[0]


def _fold(text: str) -> tuple[str, int]:
    """The folded text, and how many units of work that was."""
    if text.isascii():
        return text.lower(), len(text)
    pieces = _PIECE.findall(text)
    if all(unicodedata.is_normalized("NFKC", each) for each in pieces):
        return text.casefold(), _WORK_OF_FOREIGN * len(text)
    folded = "".join(unicodedata.normalize("NFKC", each) for each in pieces).casefold()
    return folded, _WORK_OF_VARIANTS * (len(text) + len(folded))


def search(rooms: Sequence[Room], asker: str, wanted: Search, query: Query) -> Found:
    """The newest messages in these rooms that have what is looked for, as this one of their members is told them.

    Messages of one room come by descending ids, and those of several by their times.
    """
    scan = _Scan(rooms, wanted)
    for room, entry in scan.look(query):
        scan.take(room, entry)
    return Found(query=wanted.query, hits=tuple(_hits(scan.found, asker, query)), next=scan.rest, ref=wanted.ref)


class _Scan:
    """How far one request has got."""

    def __init__(self, rooms: Sequence[Room], wanted: Search) -> None:
        self.found: list[tuple[Room, Entry]] = []
        self._rooms = rooms
        self._wanted = wanted.limit
        self._heads = [
            _head(at, room, last) for at, room in enumerate(rooms) if (last := _last(room, wanted)) >= 1
        ]
        heapify(self._heads)
        self._work = WORK_MAX
        self._bytes = PAGE_BYTES_MAX
        self._members = MEMBERS_MAX

    @property
    def rest(self) -> dict[str, int] | None:
        """Before which id to go on in each room; None where there is nothing left to look at."""
        return {self._rooms[at].name: each + 1 for _, at, each in self._heads} or None

    def look(self, query: Query) -> Iterator[tuple[Room, Entry]]:
        """The messages that have it, while there is work left."""
        length = sum(map(len, query.words))
        for _ in range(SEARCH_SCAN_MAX):
            if not self._heads or min(self._work, self._bytes, self._wanted - len(self.found)) <= 0:
                return
            _, at, each = self._heads[0]
            room = self._rooms[at]
            entry = room.messages[each - 1]
            text, work = _fold(entry.content)
            self._work -= _WORK_OF_ANY + work + len(text) * length // 16
            if entry.deleted_at is None and query.is_met(entry, text):
                if not self._has_members_for(room):
                    return
                yield room, entry
            if each > 1:
                heapreplace(self._heads, _head(at, room, each - 1))
            else:
                heappop(self._heads)

    def _has_members_for(self, room: Room) -> bool:
        """Whether the counts of this room can be afforded too; those of the first always can."""
        if any(each is room for each, _ in self.found):
            return True
        self._members -= len(room.members)
        return self._members >= 0 or not self.found

    def take(self, room: Room, entry: Entry) -> None:
        self.found.append((room, entry))
        self._bytes -= len(json.encode(entry.content)) + len(json.encode(room.marks.reactions(entry.id)))
        if not entry.content.isascii():
            self._work -= _WORK_OF_MATCHES * len(entry.content)


_Head = tuple[int, int, int]
"""The next message of a room to look at: the newer its time the less; which room; its id."""


def _head(at: int, room: Room, message_id: int) -> _Head:
    return -room.messages[message_id - 1].sent_at, at, message_id


def _last(room: Room, wanted: Search) -> int:
    """The newest message of the room to look at; 0 where there is none."""
    if wanted.before is None:
        return room.last_id
    return min(wanted.before.get(room.name, 1) - 1, room.last_id)


def _hits(found: Sequence[tuple[Room, Entry]], asker: str, query: Query) -> Iterator[Hit]:
    ids: dict[str, list[int]] = {}
    for room, entry in found:
        ids.setdefault(room.name, []).append(entry.id)
    rooms = {room.name: room for room, _ in found}
    tallies = {
        name: dict(zip(sorted(own), answers.tallies_of(rooms[name], asker, sorted(own)), strict=True))
        for name, own in ids.items()
    }
    for room, entry in found:
        told = answers.message(room, entry, tallies[room.name][entry.id], to=asker)
        yield Hit(told, matches(entry.content, query.words))


def matches(content: str, words: Sequence[str]) -> rangesets.Ranges:
    """Where the words are in a text: its characters from the first up to and without the second; ascending.

    At most `SEARCH_MATCHES_MAX` of them, and none that begins or ends within a character as people count them.
    """
    text, place = (content.lower(), _same) if content.isascii() else _placed(content)
    spans = rangesets.normalise(place(first, end) for first, end in _occurrences(text, words))
    return tuple((first - 1, last) for first, last in spans)


Place = Callable[[int, int], rangesets.Range]
"""Of characters of a folded text, from the first up to and without the second: the range of the text's, from 1."""


def _same(first: int, end: int) -> rangesets.Range:
    return first + 1, end


def _placed(content: str) -> tuple[str, Place]:
    """The text folded by characters as people count them, and where these are."""
    parts = _GRAPHEME.findall(content)
    folded = [fold(each) for each in parts]
    starts, ends = (list(accumulate(map(len, each), initial=0)) for each in (folded, parts))

    def place(first: int, end: int) -> rangesets.Range:
        return ends[bisect_right(starts, first) - 1] + 1, ends[bisect_right(starts, end - 1)]

    return "".join(folded), place


def _occurrences(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    left = SEARCH_MATCHES_MAX
    for word in words:
        at = text.find(word)
        while at >= 0 and left:
            left -= 1
            yield at, at + len(word)
            at = text.find(word, at + len(word))
