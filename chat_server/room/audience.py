"""Who has read what of a room, as far as others may see it, and what waits for whom; never changing it. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from msgspec import Struct

from chat_server.editions import Edition
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_server.records import Entry
from chat_server.room.counted import Counted

HORIZON_SCAN_MAX: Final = 1_000
"""Messages that are looked at for how far somebody has read."""


class Tally(Struct, frozen=True, gc=False):
    """How many a message was sent to and how many have read it; see `protocol.Message`.

    A page has a hundred of them, and a dataclass takes four times as long to make.
    """

    audience: int
    read_by: int


_NONE: Final = Tally(audience=0, read_by=0)


class Audience(Counted):
    """A room, asked who has read what."""

    # What is unread

    def news(self, reader: str, ranges: Ranges) -> Ranges:
        """The part of a receipt that changes something: existing messages that the reader had not read.

        Deleted ones are none of them. Empty where all that is left is the reader's own.
        """
        wanted = rangesets.intersect(ranges, ((1, self.last_id),)) if self.last_id else ()
        fresh = self.messages.alive(self.readings.of(reader).uncovered(wanted))
        return fresh if rangesets.count(fresh) > self.messages.own_count(reader, fresh) else ()

    def edition_news(self, reader: str, editions: Iterable[Edition]) -> tuple[Edition, ...]:
        """The part of a receipt that changes something: existing later texts of others' than the reader had read.

        By ascending ids, of each message the latest of those that exist.
        """
        latest: dict[int, int] = {}
        for each, edition in editions:
            if self.has_edition(each, edition) and self.messages[each - 1].sender != reader:
                latest[each] = max(edition, latest.get(each, 0))
        news = (pair for pair in latest.items() if pair[1] > self.editions.of(pair[0], reader))
        return tuple(sorted(news))

    def unread(self, name: str) -> Ranges:
        """What was sent to this member and has not been read or deleted; own messages are not parted out."""
        return self.messages.alive(self.readings.of(name).uncovered(self.sent_to(name)))

    # Who has read what

    def is_seen(self, reader: str, message_id: int) -> bool:
        """Whether others may see that this reader has read any text of a message that is not theirs."""
        return self.is_reading_seen(reader, message_id) or any(
            name == reader for name, *_ in self.editions_seen(message_id)
        )

    def is_reading_seen(self, reader: str, message_id: int) -> bool:
        """Whether others may see that this reader has read a message, were it never edited."""
        read = self.readings.of(reader).at(message_id)
        return read is not None and self.sharing.is_public_at(reader, read[1])

    def editions_seen(self, message_id: int) -> Iterator[tuple[str, int, int]]:
        """Each reader of a later text, with the latest that they have read while they shared it, and when."""
        for reader, edition, at_ms, revision in self.editions.read(message_id):
            if self.sharing.is_public_at(reader, revision):
                yield reader, edition, at_ms

    def readers(self, message_id: int) -> list[tuple[str, int]]:
        """Each reader of a message's text with the time in Unix ms, earliest first; never its sender.

        Whoever did not share it when they read it is none of them. A deleted message has none, though who had
        read it before is kept.
        """
        current = self.messages[message_id - 1].edition
        if current == 0:
            return self._readers_of_any(message_id)
        found = [(reader, at_ms) for reader, each, at_ms in self.editions_seen(message_id) if each == current]
        return sorted(found, key=lambda pair: pair[1])

    def earlier_readers(self, message_id: int) -> list[tuple[str, int]]:
        """Who has read only an earlier text of an edited message, and when the latest of those, earliest first."""
        now = {reader for reader, _ in self.readers(message_id)}
        later = {reader: at_ms for reader, _, at_ms in self.editions_seen(message_id)}
        any_text = self._readers_of_any(message_id)
        found = [(reader, later.get(reader, at_ms)) for reader, at_ms in any_text if reader not in now]
        return sorted(found, key=lambda pair: pair[1])

    def _readers_of_any(self, message_id: int) -> list[tuple[str, int]]:
        """Each reader of any text of a message, with the time of the first they read, earliest first.

        Of whoever did not share that they read the message, but shares a later text of it, it is that text's time.
        """
        if self.is_deleted(message_id):
            return []
        sender = self.messages[message_id - 1].sender
        found = {reader: at_ms for reader, _, at_ms in self.editions_seen(message_id)}
        for name, reading in self.readings.items():
            read = reading.at(message_id)
            if read is not None and name != sender and self.sharing.is_public_at(name, read[1]):
                found[name] = read[0]
        return sorted(found.items(), key=lambda pair: pair[1])

    def horizon(self, reader: str) -> tuple[int, int] | None:
        """The newest message of somebody else that others may see this reader to have read, and when (Unix ms).

        Deleted ones are none. It is looked for among the newest `HORIZON_SCAN_MAX` that the reader has read, what
        was not shared counted once per advance; None where it is not there.
        """
        newest = islice(self._newest_seen(reader), HORIZON_SCAN_MAX)
        return next((each for each in newest if each is not None and self._is_others(reader, each[0])), None)

    def _newest_seen(self, reader: str) -> Iterator[tuple[int, int] | None]:
        """What this reader has read, and when, the newest first; None for an advance that others may not see."""
        for first, last, at_ms, revision in self.readings.of(reader).newest_first():
            if self.sharing.is_public_at(reader, revision):
                yield from ((each, at_ms) for each in range(last, first - 1, -1))
            else:
                yield None

    def missing(self, message_id: int) -> list[str]:
        """Members who are still here, were sent the message and have read no text of it; of a deleted one none.

        Whoever has not shared all along since it was sent is none of them: see `unshared`.
        """
        return [name for name in self._others_sent(message_id) if self._is_waiting(name, message_id)]

    def unshared(self, message_id: int) -> list[str]:
        """Members whom it was sent to and who do not say whether they have read it; of a deleted one none."""
        said = {*self.missing(message_id), *(name for name, _ in self._readers_of_any(message_id))}
        return [name for name in self._others_sent(message_id) if name not in said]

    def _others_sent(self, message_id: int) -> list[str]:
        """Members whom the message was sent to, without its sender; of a deleted one none."""
        if self.is_deleted(message_id):
            return []
        sender = self.messages[message_id - 1].sender
        return [name for name in self.members if name != sender and self._people.was_sent(name, message_id)]

    def tallies(self, first: int, last: int) -> list[Tally]:
        """For each id of an existing [first, last] how many it was sent to and have read it; none if deleted."""
        return self.tallies_of(range(first, last + 1))

    def tallies_of(self, ids: Sequence[int]) -> list[Tally]:
        """As `tallies`, of any existing messages; what it costs does not depend on who has read how much."""
        entries = self.messages.of(ids)
        return list(map(self._tally, entries, self._seen.of(ids), self._waited.of(ids)))

    def _tally(self, entry: Entry, read: int, missing: int) -> Tally:
        """Of so many who have let be seen that they read the message, and so many who have read no text of it.

        Whoever has let only a later text be seen is in neither.
        """
        if entry.deleted_at is not None:
            return _NONE
        if entry.edition == 0:
            return Tally(read + missing, read)
        seen = [reader for reader, *_ in self.editions_seen(entry.id) if self.sharing.since(reader)]
        read += sum(not self.is_reading_seen(reader, entry.id) for reader in seen)
        return Tally(read + missing, len(self.readers(entry.id)))
