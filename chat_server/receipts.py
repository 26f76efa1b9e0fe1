"""Receipts: what people say they have read and acknowledged, kept, and told to those whom it concerns. Pure."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from chat_server import answers, deeds
from chat_server.editions import Edition
from chat_server.effects import Effect, Send
from chat_server.live import Live
from chat_server.protocol import Acknowledge, Ok, Read
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Range, Ranges
from chat_server.refusals import disk_full, refuse
from chat_server.room import Acknowledged, Advanced, Room


class Receipts:
    """The rooms of a chat, as their messages are read."""

    def __init__(self, live: Live) -> None:
        """Take the chat that is used."""
        self._live = live

    def read(self, connection: int, name: str, room: Room, read: Read, now_ms: int) -> Iterator[Effect]:
        """Note what somebody says they have read."""
        news, editions = _news(room, name, read.ranges, read.editions)
        if (news or editions) and self._live.full:
            yield disk_full(connection, read.ref)
            return
        if news or editions:
            yield from self._advance(connection, name, room, news, editions, now_ms)
        yield Send((connection,), Ok(ref=read.ref))

    def _advance(
        self,
        connection: int,
        name: str,
        room: Room,
        news: Ranges,
        editions: tuple[Edition, ...],
        now_ms: int,
    ) -> Iterator[Effect]:
        """Note what somebody has read on this connection, and tell those whom it concerns."""
        read = Advanced(room=room.name, reader=name, ranges=news, read_at=now_ms, editions=editions)
        # Of what was read in private the authors hear for the first time by a later text of it.
        first = rangesets.of_ids(each for each, _ in editions if not room.is_seen(name, each)) if editions else ()
        yield self._live.append(read)
        if room.shares(name):
            told = replace(read, ranges=rangesets.union(news, first)) if first else read
            yield from self._tell_authors(room, told)
        devices = self._live.roster.of(name)
        if len(devices) > 1:
            yield from _tell_read(tuple(each for each in devices if each != connection), room, read)

    def _tell_authors(self, room: Room, read: Advanced) -> Iterator[Effect]:
        """Tell each author who is here and shares that theirs of these messages have been read."""
        authors = room.senders(read.ranges)
        for author in dict.fromkeys((*authors, *(room.messages[each - 1].sender for each, _ in read.editions))):
            connections = self._live.roster.of(author)
            if connections and author != read.reader and room.is_member(author) and room.shares(author):
                own = tuple(each for each in read.editions if room.messages[each[0] - 1].sender == author)
                told = replace(read, ranges=authors.get(author, ()), editions=own)
                yield from _tell_read(connections, room, told)

    def acknowledge(
        self, connection: int, name: str, room: Room, request: Acknowledge, now_ms: int
    ) -> Iterator[Effect]:
        """Note that somebody says to the author that they take note."""
        ruling = deeds.acknowledge(room, name, request, now_ms)
        if ruling.refusal is not None:
            yield refuse(connection, ruling.refusal.code, ruling.refusal.reason, request.ref)
            return
        # Whoever takes note of a text has read it, which is kept and shown as any reading of theirs is.
        news, editions = _news(room, name, (), ((request.message_id, request.edition),))
        if (news or editions or ruling.records) and self._live.full:
            yield disk_full(connection, request.ref)
            return
        told: list[Effect] = []
        for said in ruling.records:
            assert isinstance(said, Acknowledged)
            yield self._live.append(said)
            told.append(self._tell_acknowledged(connection, room, said))
        if news or editions:
            # Both are on disk before either is told, and the greater revision is told last.
            noted, *receipts = self._advance(connection, name, room, news, editions, now_ms)
            yield noted
            told += receipts
        yield from told
        yield Send((connection,), Ok(ref=request.ref))

    def _tell_acknowledged(self, connection: int, room: Room, said: Acknowledged) -> Send:
        """Tell the author, if they are here and share what they read, and the reader's other devices."""
        author = room.messages[said.id - 1].sender
        authors = [author] if room.is_member(author) and room.shares(author) else []
        devices = (each for each in self._live.roster.of(said.reader) if each != connection)
        told = answers.acknowledged(said, revision=room.revision)
        return Send((*self._live.roster.connections(authors), *devices), told)


def _news(
    room: Room, name: str, ranges: Iterable[Range], editions: tuple[Edition, ...]
) -> tuple[Ranges, tuple[Edition, ...]]:
    """What somebody newly reads of these messages and texts, as far as they let it be kept."""
    if room.mode_of(name) == "off":
        return (), ()
    if not editions:
        return room.news(name, rangesets.normalise(ranges)), ()
    shown = ((each, each) for each, edition in editions if room.has_edition(each, edition))
    return room.news(name, rangesets.normalise((*ranges, *shown))), room.edition_news(name, editions)


def _tell_read(connections: tuple[int, ...], room: Room, read: Advanced) -> Iterator[Effect]:
    """Tell these of what has just been read."""
    told = answers.receipts(
        room,
        read.reader,
        read.ranges,
        read.read_at,
        advanced=room.revision,
        revision=room.revision,
        editions=read.editions,
    )
    yield from (Send(connections, receipt) for receipt in told)
