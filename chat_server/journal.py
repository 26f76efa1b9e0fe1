"""The text of a data directory: journal lines and snapshots, to bytes and back. Pure; knows no files.

A journal line is one commit, all of its records or none of them:

    1a2b3c4d {"sequence":7,"synced":6,"records":[{"type":"posted",…},…]}⏎
    └ CRC-32 of the object's bytes, 8 hexadecimal digits

A snapshot is one JSON document that ends with the CRC-32 of all bytes before `"crc32"`:

    {"format":"doubletick snapshot","version":1,"epoch":…,"generation":…,"sequence":…,"writtenAt":…,
    "rooms":[
    {"name":…,"title":…,"revision":…,"stays":{"ann":[[0,null]],…},
    "readings":{
    "ann":[
    [first,last,at,revision],
    …],
    …},
    "messages":[
    {"id":1,…},
    …]},
    …],
    "crc32":"1a2b3c4d"}⏎
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Final
from zlib import crc32

import msgspec
from msgspec import Meta, Struct

from chat_server.protocol.limits import ID_MAX
from chat_server.readings import Reading, Readings
from chat_server.room import AnyRecord, Entry, RoomState, Span

FORMAT: Final = "doubletick snapshot"
VERSION: Final = 1
"""The version of the whole directory: journal lines carry none and go with the snapshot beside them."""
STEP: Final = 200
"""Messages or advances that are encoded at once: 0.2 ms, so that a thread that writes leaves others their turn."""

_Count = Annotated[int, Meta(ge=0, le=ID_MAX)]
_Advance = tuple[_Count, _Count, _Count, _Count]

_encode: Final = msgspec.json.Encoder().encode


# Journal lines


class Commit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became durable together."""

    sequence: Annotated[int, Meta(ge=1, le=ID_MAX)]
    """Counts commits from 1 on, over all segments and without gaps."""
    synced: _Count
    """The highest sequence that was known to be on disk when this line was written."""
    records: Annotated[tuple[AnyRecord, ...], Meta(min_length=1)]
    """In the order in which they are applied."""


class UnknownCommit(ValueError):
    """A line that is as it was written, by a program whose records this one does not know."""

    def __init__(self, offset: int, reason: str) -> None:
        """Take the line's first byte's offset and what the decoder missed."""
        super().__init__(reason)
        self.offset = offset


_commits: Final = msgspec.json.Decoder(Commit)
_LINE_START: Final = re.compile(rb'[0-9a-f]{8} \{"sequence":')
_CRC_BYTES: Final = 9


def commit_line(sequence: int, synced: int, records: Sequence[AnyRecord]) -> bytes:
    """The line of this commit, newline included. There is at least one record."""
    text = _encode(Commit(sequence=sequence, synced=synced, records=tuple(records)))
    return b"%08x %b\n" % (crc32(text), text)


def read_commits(text: bytes) -> Iterator[tuple[int, Commit]]:
    """Each intact line with the offset of the byte after it, up to the end or the first that is not intact.

    Raises UnknownCommit where the checksum holds and the records are none of this version's.
    """
    start = 0
    while (newline := text.find(b"\n", start)) >= 0:
        commit = _parse(text, start, newline)
        if commit is None:
            return
        start = newline + 1
        yield start, commit


def find_intact(text: bytes, start: int) -> Iterator[Commit]:
    """Every intact line that begins at any byte from `start` on, whatever stands between them."""
    return (commit for _, _, commit in locate_intact(text, start))


def locate_intact(text: bytes, start: int) -> Iterator[tuple[int, int, Commit]]:
    """As `find_intact`, each with the offsets of its first byte and of the byte after it.

    Lines are looked for by how they begin: after damage a newline tells nothing about where the next one is.
    Content cannot look like one, as JSON escapes the quotation marks in it. Raises UnknownCommit.
    """
    for match in _LINE_START.finditer(text, start):
        newline = text.find(b"\n", match.end())
        if newline < 0:
            return
        commit = _parse(text, match.start(), newline)
        if commit is not None:
            yield match.start(), newline + 1, commit


def _parse(text: bytes, start: int, newline: int) -> Commit | None:
    body = text[start + _CRC_BYTES : newline]
    if text[start : start + _CRC_BYTES] != b"%08x " % crc32(body):
        return None
    try:
        return _commits.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnknownCommit(start, str(error)) from None


# Snapshots


class Head(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a snapshot says of itself."""

    epoch: Annotated[str, Meta(min_length=1)]
    """Names this history; new after a restore."""
    generation: _Count
    """Counts the snapshots of an epoch."""
    sequence: _Count
    """The last commit that it covers; 0 in a new directory."""
    written_at: _Count
    """Unix ms; for people."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything there was after commit `head.sequence`."""

    head: Head
    rooms: list[RoomState]


class SnapshotError(ValueError):
    """Bytes that are no snapshot, or not as it was written; the text ends a sentence: "… is damaged: "."""


class OtherVersion(SnapshotError):
    """A snapshot in a format that this program does not read."""

    def __init__(self, version: int) -> None:
        """Take the version it says it has."""
        super().__init__(f"it has format version {version}; this program reads version {VERSION}")
        self.version = version


class _Room(Struct, forbid_unknown_fields=True):
    name: str
    title: str
    revision: _Count
    stays: dict[str, list[Span]]
    readings: dict[str, list[_Advance]]
    messages: list[Entry]


class _Document(Head, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str
    version: int
    rooms: list[_Room]
    crc32: str


class _Label(Struct):
    """As much of a snapshot as all versions have in common."""

    format: str
    version: int


_labels: Final = msgspec.json.Decoder(_Label)
_documents: Final = msgspec.json.Decoder(_Document)
_TAIL: Final = re.compile(rb'"crc32":"([0-9a-f]{8})"\}\n')
_TAIL_BYTES: Final = 20


def snapshot_chunks(head: Head, rooms: Iterable[RoomState]) -> Iterator[bytes]:
    """The snapshot's text in small pieces, each made when it is asked for; some are a few bytes long."""
    crc = 0
    for chunk in _body(head, rooms):
        crc = crc32(chunk, crc)
        yield chunk
    yield b'"crc32":"%08x"}\n' % crc


def _body(head: Head, rooms: Iterable[RoomState]) -> Iterator[bytes]:
    yield b'{"format":%b,"version":%d,%b,\n' % (_encode(FORMAT), VERSION, _encode(head)[1:-1])
    yield b'"rooms":['
    for at, room in enumerate(rooms):
        yield b",\n" if at else b"\n"
        yield from _room(room)
    yield b"],\n"


def _room(room: RoomState) -> Iterator[bytes]:
    names = (_encode(room.name), _encode(room.title), room.revision, _encode(room.stays))
    yield b'{"name":%b,"title":%b,"revision":%d,"stays":%b,\n"readings":{' % names
    for at, (reader, reading) in enumerate(room.readings.items()):
        yield b"%b%b:[" % (b",\n" if at else b"\n", _encode(reader))
        yield from _lines(reading.advances())
        yield b"]"
    yield b'},\n"messages":['
    yield from _lines(room.messages)
    yield b"]}"


def _lines(items: Iterable[object]) -> Iterator[bytes]:
    """One JSON value per line, commas between."""
    remaining = iter(items)
    opening = b"\n"
    while step := list(islice(remaining, STEP)):
        yield opening + b",\n".join(map(_encode, step))
        opening = b",\n"


def parse_snapshot(text: bytes) -> Snapshot:
    """The snapshot in these bytes; raises SnapshotError for anything else, OtherVersion among them.

    The version is looked at before anything else, as another one may be checked in another way.
    """
    try:
        return _reader_for(_labels.decode(text))(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SnapshotError(str(error)) from None


def _reader_for(label: _Label) -> Callable[[bytes], Snapshot]:
    if label.format != FORMAT:
        raise SnapshotError("it is not one of this program's")
    reader = _READERS.get(label.version)
    if reader is None:
        raise OtherVersion(label.version)
    return reader


def _read_version_1(text: bytes) -> Snapshot:
    tail = _TAIL.fullmatch(text, max(len(text) - _TAIL_BYTES, 0))
    if tail is None:
        raise SnapshotError("its end is not as this program writes it")
    if tail[1] != b"%08x" % crc32(memoryview(text)[: tail.start()]):
        raise SnapshotError("its checksum does not fit its bytes")
    return _snapshot_of(_documents.decode(text))


_READERS: Final[dict[int, Callable[[bytes], Snapshot]]] = {1: _read_version_1}
"""What reads each version that was ever released; see "Later versions" in `docs/storage.md`."""


def _snapshot_of(document: _Document) -> Snapshot:
    head = Head(
        epoch=document.epoch,
        generation=document.generation,
        sequence=document.sequence,
        written_at=document.written_at,
    )
    return Snapshot(head, [_state_of(room) for room in document.rooms])


def _state_of(room: _Room) -> RoomState:
    last_id = len(room.messages)
    coherent = (
        all(entry.id == at for at, entry in enumerate(room.messages, 1))
        and all(_ascends(rows, last_id) for rows in room.readings.values())
        and all(stays_follow(stays, last_id) for stays in room.stays.values())
    )
    if not coherent:
        raise SnapshotError(f"room {room.name!r} contradicts itself")
    readings = Readings({reader: Reading(rows) for reader, rows in room.readings.items()})
    return RoomState(room.name, room.title, room.revision, room.stays, readings, room.messages)


def _ascends(rows: Sequence[_Advance], last_id: int) -> bool:
    """Whether advances are disjoint, in order and of messages that exist."""
    covered = 0
    for first, last, _, _ in rows:
        if not covered < first <= last:
            return False
        covered = last
    return covered <= last_id


def stays_follow(stays: Sequence[Span], last_id: int) -> bool:
    """Whether stays come one after the other, with only the last of them open."""
    left: int | None = 0
    for first, end in stays:
        if left is None or not left <= first <= (last_id if end is None else end):
            return False
        left = end
    return left is None or left <= last_id
