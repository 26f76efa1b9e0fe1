"""A snapshot's text: everything there was after one commit, to bytes and back. Pure; knows no files.

One JSON document that ends with the CRC-32 of all bytes before `"crc32"`:

    {"format":"doubletick snapshot","version":3,"epoch":…,"generation":…,"sequence":…,"writtenAt":…,
    "people":{"seed":…,"persons":{"ann":{"since":…,"keys":[…],…},…},"invitations":{…}},
    "rooms":[
    {"name":…,"title":…,"revision":…,"stays":{"ann":[[0,null]],…},
    "direct":true,"receiptsRequired":true,
    "owner":…,"barred":{…},"muted":{…},"forgotten":…,
    "turns":{"ann":[[revision,id,mode],…],…},"chosen":["ann",…],
    "readings":{
    "ann":[
    [first,last,at,revision],
    …],
    …},
    "changes":[
    {"revision":…,"deleted":…},
    …],
    "editions":[
    [message,reader,edition,at,revision],
    …],
    "pins":[
    [message,by,at],
    …],
    "reactions":[
    [message,emoji,[name,…]],
    …],
    "acknowledgements":[
    [message,reader,edition,at,revision],
    …],
    "messages":[
    {"id":1,…},
    …]},
    …],
    "crc32":"1a2b3c4d"}⏎

What only some rooms are (`direct`, `receiptsRequired`), and what has been done with messages (`editions`, `pins`,
`reactions`, `acknowledgements`), is left out where there is none.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Final
from zlib import crc32

import msgspec
from msgspec import Meta, Struct

from chat_server.acknowledgements import AcknowledgementRow
from chat_server.changes import Change
from chat_server.chat import ChatState
from chat_server.editions import EditionRow
from chat_server.marks import PinRow, ReactionRow
from chat_server.people import Invitation, PeopleState, Person
from chat_server.protocol.limits import ID_MAX
from chat_server.readings import Reading, Readings
from chat_server.room import Entry, RoomState, Sanction, Span
from chat_server.sharing import Turn

FORMAT: Final = "doubletick snapshot"
VERSION: Final = 3
"""The version of the whole directory: journal lines carry none and go with the snapshot beside them."""
STEP: Final = 200
"""Messages or advances that are encoded at once: 0.2 ms, so that a thread that writes leaves others their turn."""

_Count = Annotated[int, Meta(ge=0, le=ID_MAX)]
_Advance = tuple[_Count, _Count, _Count, _Count]

_encode: Final = msgspec.json.Encoder().encode


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
    chat: ChatState


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
    owner: str = ""
    barred: dict[str, Sanction] = {}
    muted: dict[str, Sanction] = {}
    changes: list[Change] = []
    forgotten: _Count = 0
    editions: list[EditionRow] = []
    pins: list[PinRow] = []
    reactions: list[ReactionRow] = []
    turns: dict[str, list[Turn]] = {}
    chosen: list[str] = []
    direct: bool = False
    receipts_required: bool = msgspec.field(default=False, name="receiptsRequired")
    acknowledgements: list[AcknowledgementRow] = []


class _People(Struct, forbid_unknown_fields=True):
    seed: str
    persons: dict[str, Person]
    invitations: dict[str, Invitation]


class _Document(Head, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str
    version: int
    people: _People | None = None
    """Version 1 had none: nobody could prove a name."""
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


def snapshot_chunks(head: Head, chat: ChatState) -> Iterator[bytes]:
    """The snapshot's text in small pieces, each made when it is asked for; some are a few bytes long."""
    crc = 0
    for chunk in _body(head, chat):
        crc = crc32(chunk, crc)
        yield chunk
    yield b'"crc32":"%08x"}\n' % crc


def _body(head: Head, chat: ChatState) -> Iterator[bytes]:
    yield b'{"format":%b,"version":%d,%b,\n' % (_encode(FORMAT), VERSION, _encode(head)[1:-1])
    yield from _people(chat.people)
    yield b',\n"rooms":['
    for at, room in enumerate(chat.rooms):
        yield b",\n" if at else b"\n"
        yield from _room(room)
    yield b"],\n"


def _people(people: PeopleState) -> Iterator[bytes]:
    yield b'"people":{"seed":%b,"persons":{' % _encode(people.seed)
    yield from _pairs(people.persons)
    yield b'},\n"invitations":{'
    yield from _pairs(people.invitations)
    yield b"}}"


def _room(room: RoomState) -> Iterator[bytes]:
    names = (_encode(room.name), _encode(room.title), room.revision, _encode(room.stays))
    yield b'{"name":%b,"title":%b,"revision":%d,"stays":%b,\n' % names
    yield from _kind(room)
    ruled = (_encode(room.owner), _encode(room.barred), _encode(room.muted), room.forgotten)
    yield b'"owner":%b,"barred":%b,"muted":%b,"forgotten":%d,\n' % ruled
    yield b'"turns":%b,"chosen":%b,\n"readings":{' % (_encode(room.turns), _encode(room.chosen))
    for at, (reader, reading) in enumerate(room.readings.items()):
        yield b"%b%b:[" % (b",\n" if at else b"\n", _encode(reader))
        yield from _lines(reading.advances())
        yield b"]"
    yield b'},\n"changes":['
    yield from _lines(room.changes)
    yield b"],\n"
    put: tuple[tuple[str, Sequence[object]], ...] = (
        ("editions", room.editions),
        ("pins", room.pins),
        ("reactions", room.reactions),
        ("acknowledgements", room.acknowledgements),
    )
    for key, rows in put:
        if rows:
            yield b"%b:[" % _encode(key)
            yield from _lines(rows)
            yield b"],\n"
    yield b'"messages":['
    yield from _lines(room.messages)
    yield b"]}"


def _kind(room: RoomState) -> Iterator[bytes]:
    """What only some rooms are."""
    if room.direct:
        yield b'"direct":true,\n'
    if room.receipts_required:
        yield b'"receiptsRequired":true,\n'


def _lines(items: Iterable[object]) -> Iterator[bytes]:
    """One JSON value per line, commas between."""
    return _stepwise(map(_encode, items))


def _pairs(items: Mapping[str, object]) -> Iterator[bytes]:
    """One member of a JSON object per line, commas between."""
    return _stepwise(b"%b:%b" % (_encode(name), _encode(value)) for name, value in items.items())


def _stepwise(lines: Iterable[bytes]) -> Iterator[bytes]:
    remaining = iter(lines)
    opening = b"\n"
    while step := list(islice(remaining, STEP)):
        yield opening + b",\n".join(step)
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


def _read(text: bytes) -> Snapshot:
    tail = _TAIL.fullmatch(text, max(len(text) - _TAIL_BYTES, 0))
    if tail is None:
        raise SnapshotError("its end is not as this program writes it")
    if tail[1] != b"%08x" % crc32(memoryview(text)[: tail.start()]):
        raise SnapshotError("its checksum does not fit its bytes")
    return _snapshot_of(_documents.decode(text))


_READERS: Final[dict[int, Callable[[bytes], Snapshot]]] = {1: _read, 2: _read, 3: _read}
"""What reads each version that was ever released; see "Later versions" in `docs/storage.md`."""


def _snapshot_of(document: _Document) -> Snapshot:
    head = Head(
        epoch=document.epoch,
        generation=document.generation,
        sequence=document.sequence,
        written_at=document.written_at,
    )
    return Snapshot(head, ChatState(_people_of(document), [_state_of(room) for room in document.rooms]))


def _people_of(document: _Document) -> PeopleState:
    if (document.version == 1) != (document.people is None):
        raise SnapshotError(f"version {document.version} does not say who the people are in that way")
    people = document.people or _People("", {}, {})
    return PeopleState(people.seed, people.persons, people.invitations)


def _state_of(room: _Room) -> RoomState:
    last_id = len(room.messages)
    coherent = (
        all(entry.id == at for at, entry in enumerate(room.messages, 1))
        and all(_ascends(rows, last_id) for rows in room.readings.values())
        and all(stays_follow(stays, last_id) for stays in room.stays.values())
    )
    state = RoomState(
        name=room.name,
        title=room.title,
        revision=room.revision,
        stays=room.stays,
        readings=Readings({reader: Reading(rows) for reader, rows in room.readings.items()}),
        messages=room.messages,
        owner=room.owner,
        barred=room.barred,
        muted=room.muted,
        changes=room.changes,
        forgotten=room.forgotten,
        editions=room.editions,
        pins=room.pins,
        reactions=room.reactions,
        turns=room.turns,
        chosen=room.chosen,
        direct=room.direct,
        receipts_required=room.receipts_required,
        acknowledgements=room.acknowledgements,
    )
    if not (coherent and state.is_coherent):
        raise SnapshotError(f"room {room.name!r} contradicts itself")
    return state


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
