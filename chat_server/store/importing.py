"""An export read back: every line is held to the format and to what a room can be before a room is made of it."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final, assert_never, cast

import msgspec

from chat_server.acknowledgements import AcknowledgementRow
from chat_server.chat import ChatState
from chat_server.directs import is_room_name
from chat_server.editions import EditionRow, could_be_kept
from chat_server.marks import PinRow, ReactionRow
from chat_server.names import objection
from chat_server.people import People
from chat_server.readings import Advance, Reading, Readings
from chat_server.room import Entry, RoomState, Sanction, Span
from chat_server.sharing import Sharing, Turn, turns_follow
from chat_server.snapshot import stays_follow
from chat_server.store.disk import Disk, LocalDisk
from chat_server.store.errors import StorageError, WrongVersion
from chat_server.store.exchange import (
    FORMAT,
    VERSION,
    VERSIONS,
    AcknowledgementLine,
    AnyLine,
    DeletedLine,
    EditionLine,
    EndLine,
    HeadLine,
    MemberLine,
    MessageLine,
    PinLine,
    ReactionLine,
    ReadLine,
    RoomLine,
)
from chat_server.store.explaining import explained
from chat_server.store.founding import begin, require_vacant
from chat_server.store.recovery import Recovered

LINE_BYTES_MAX: Final = 16 * 1024 * 1024
"""A member who came and went half a million times; anything longer is no line of an export."""


class Malformed(StorageError):
    """What was to be imported is no export, with the line that says so. Nothing was made."""


OfRoom = (
    MemberLine | MessageLine | DeletedLine | ReadLine | EditionLine | PinLine | ReactionLine | AcknowledgementLine
)


class _Wrong(ValueError):
    """What is the matter with a line."""


_lines: Final = msgspec.json.Decoder(AnyLine)


def import_rooms(file: Path, directory: Path, *, disk: Disk | None = None) -> Recovered:
    """Fill a new or empty directory from an export, under a new epoch. Raises StorageError and leaves nothing."""
    disk = disk or LocalDisk()
    require_vacant(disk, directory)
    with explained(file):
        rooms = read_export(file, disk.blocks(file))
    return begin(disk, directory, ChatState(People().freeze(), rooms))


def read_export(file: Path, blocks: Iterable[bytes]) -> list[RoomState]:
    """The rooms of an export. Raises Malformed, with the line's number, and WrongVersion."""
    reader, number = _Reader(), 0
    try:
        for number, text in enumerate(_split(blocks), 1):
            if number == 1:
                _check_label(file, text)
            reader.take(number, _decode(text))
    except _Wrong as error:
        raise Malformed(
            f"{file}, line {number}: {error}. Correct it, or export again; nothing was made."
        ) from None
    if not reader.ended:
        raise Malformed(
            f"{file} is cut short after line {number}: the line that ends an export is missing. Export again; "
            "nothing was made."
        )
    return reader.rooms


class _Label(msgspec.Struct):
    """As much of the first line as all versions have in common."""

    format: str
    version: int


_labels: Final = msgspec.json.Decoder(_Label)


def _check_label(file: Path, text: bytes) -> None:
    """Refuse what is no export, and an export of another version, whatever else its head may hold."""
    try:
        label = _labels.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        label = _Label("", 0)
    if label.format != FORMAT:
        raise _Wrong("it is not the head of an export")
    if label.version not in VERSIONS:
        raise WrongVersion(
            f"{file} has version {label.version} of the export's format; this program reads version {VERSION}. "
            "Use the `chat-server` that wrote it; nothing was made."
        )


def _split(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Each line without its newline; one that is too long as far as it has come."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
        if len(rest) > LINE_BYTES_MAX:
            break
    if rest:
        yield rest


def _decode(text: bytes) -> AnyLine:
    if len(text) > LINE_BYTES_MAX:
        raise _Wrong("it is too long for a line of an export")
    if not text.strip():
        raise _Wrong("it is empty")
    try:
        return cast("AnyLine", _lines.decode(text))
    except msgspec.ValidationError as error:
        raise _Wrong(str(error)) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _Wrong(f"it is not JSON ({error})") from None


class _Reader:
    """Rooms as their lines come."""

    def __init__(self) -> None:
        self.rooms: list[RoomState] = []
        self.ended = False
        self._room: _RoomReader | None = None
        self._names: set[str] = set()

    def take(self, number: int, line: AnyLine) -> None:
        """The next line. Raises _Wrong."""
        if self.ended:
            raise _Wrong("it comes after the end of the export")
        if isinstance(line, HeadLine) != (number == 1):
            raise _Wrong("an export begins with exactly one `head`")
        match line:
            case HeadLine():
                pass
            case RoomLine():
                self._finish()
                self._begin(line)
            case EndLine():
                self._finish()
                if line.lines != number - 1:
                    raise _Wrong(f"{line.lines} lines should come before the end, and {number - 1} do")
                self.ended = True
            case _:
                self._fill(line)

    def _begin(self, line: RoomLine) -> None:
        if not line.direct:
            _check_name(line.room, "room's name")
        elif not is_room_name(line.room):
            raise _Wrong(f"no direct conversation is called {line.room!r}")
        if line.room in self._names:
            raise _Wrong(f"room {line.room!r} was there already")
        self._names.add(line.room)
        self._room = _RoomReader(line)

    def _fill(self, line: OfRoom) -> None:
        if self._room is None or self._room.head.room != line.room:
            raise _Wrong(f"it is of room {line.room!r}, which has not just begun")
        self._room.take(line)

    def _finish(self) -> None:
        if self._room is not None:
            self.rooms.append(self._room.state())
        self._room = None


def _check_name(name: str, what: str) -> None:
    if reason := objection(name, what=what):
        raise _Wrong(reason.removesuffix("."))


class _RoomReader:
    """One room as its lines come: members, messages, reads."""

    def __init__(self, head: RoomLine) -> None:
        if head.owner:
            _check_name(head.owner, "owner's name")
        self.head = head
        self._barred: dict[str, Sanction] = {}
        self._muted: dict[str, Sanction] = {}
        self._turns: dict[str, list[Turn]] = {}
        self._chosen: list[str] = []
        self._stays: dict[str, list[Span]] = {}
        self._messages: list[Entry] = []
        self._nonces: set[tuple[str, str]] = set()
        self._advances: dict[str, list[Advance]] = {}
        self._pins: list[PinRow] = []
        self._reactions: list[ReactionRow] = []
        self._acknowledgements: dict[tuple[int, str], AcknowledgementRow] = {}
        self._editions: dict[tuple[int, str], list[EditionRow]] = {}
        self._sharing: Sharing | None = None
        """As of the turns of all members, once they have been told."""

    def take(self, line: OfRoom) -> None:
        match line:
            case MemberLine():
                self._enter(line)
            case MessageLine() | DeletedLine():
                self._post(line)
            case ReadLine():
                self._read(line)
            case EditionLine():
                self._read_edition(line)
            case PinLine():
                self._require_message(line.id)
                self._pins.append((line.id, line.by, line.at))
                if line.by:
                    _check_name(line.by, "name of who pinned")
            case ReactionLine():
                self._require_message(line.id)
                self._reactions.append((line.id, line.emoji, line.names))
                for name in line.names:
                    _check_name(name, "name of who reacted")
            case AcknowledgementLine():
                self._acknowledge(line)
            case _:
                assert_never(line)

    def _enter(self, line: MemberLine) -> None:
        _check_name(line.name, "member's name")
        if self._messages or self._advances:
            raise _Wrong("members come before messages and reads")
        if line.name in self._stays:
            raise _Wrong(f"member {line.name!r} was there already")
        if not stays_follow(line.stays, self.head.messages):
            raise _Wrong("the stays do not follow each other, or name messages that are not there")
        self._stays[line.name] = line.stays
        self._sanction(line)
        self._share(line)

    def _share(self, line: MemberLine) -> None:
        if not turns_follow(line.turns, self.head.revision, self.head.messages):
            raise _Wrong("the turns do not follow each other, or name messages or revisions that are not there")
        if line.turns:
            self._turns[line.name] = line.turns
        if line.chosen:
            self._chosen.append(line.name)

    def _sanction(self, line: MemberLine) -> None:
        if line.barred and line.stays[-1][1] is None:
            raise _Wrong(f"member {line.name!r} is barred and has not left")
        for sanctions, sanction in ((self._barred, line.barred), (self._muted, line.muted)):
            if sanction is not None:
                by, _ = sanctions[line.name] = sanction
                if by:
                    _check_name(by, "moderator's name")

    def _post(self, line: MessageLine | DeletedLine) -> None:
        _check_name(line.sender, "sender's name")
        expected = len(self._messages) + 1
        if self._advances:
            raise _Wrong("messages come before reads")
        if line.id != expected or expected > self.head.messages:
            raise _Wrong(f"message {line.id} is out of turn")
        if line.reply_to is not None and line.reply_to >= line.id:
            raise _Wrong(f"message {line.id} answers one that is not before it")
        if (line.sender, line.nonce) in self._nonces:
            raise _Wrong(f"message {line.id} has a nonce that its sender has used before")
        self._nonces.add((line.sender, line.nonce))
        self._messages.append(_entry(line))

    def _read(self, line: ReadLine) -> None:
        _check_name(line.reader, "reader's name")
        if self._editions:
            raise _Wrong("reads come before editions")
        rows = self._advances.setdefault(line.reader, [])
        if not (rows[-1][1] if rows else 0) < line.first <= line.last:
            raise _Wrong("the reads of one reader ascend and do not overlap")
        if line.last > len(self._messages):
            raise _Wrong(f"message {line.last} is not there to be read")
        if line.revision > self.head.revision:
            raise _Wrong("its revision is above the room's")
        rows.append((line.first, line.last, line.at, line.revision))

    def _read_edition(self, line: EditionLine) -> None:
        _check_name(line.reader, "reader's name")
        rows = self._advances.get(line.reader, [])
        if not any(first <= line.id <= last for first, last, _, _ in rows):
            raise _Wrong(f"message {line.id} is not read by {line.reader!r}, so no edition of it is")
        entry = self._messages[line.id - 1]
        if line.edition > entry.edition or line.reader == entry.sender:
            raise _Wrong(f"edition {line.edition} of message {line.id} is not there to be read by {line.reader!r}")
        if line.revision > self.head.revision:
            raise _Wrong("its revision is above the room's")
        row = (line.id, line.reader, line.edition, line.at, line.revision)
        self._sharing = self._sharing or Sharing(self._turns)
        rows_before = self._editions.setdefault((line.id, line.reader), [])
        if not could_be_kept([*rows_before, row], self._sharing.is_public_at):
            raise _Wrong(f"the latest edition of message {line.id} that {line.reader!r} has read was told already")
        rows_before.append(row)

    def _acknowledge(self, line: AcknowledgementLine) -> None:
        self._require_message(line.id)
        entry = self._messages[line.id - 1]
        if line.reader not in self._stays:
            raise _Wrong(f"{line.reader!r}, who acknowledges message {line.id}, has not been in the room")
        if line.edition > entry.edition or line.reader == entry.sender or entry.deleted_at is not None:
            raise _Wrong(f"edition {line.edition} of message {line.id} is not there for {line.reader!r}")
        if line.revision > self.head.revision:
            raise _Wrong("its revision is above the room's")
        if (line.id, line.reader) in self._acknowledgements:
            raise _Wrong(f"message {line.id} is acknowledged by {line.reader!r} already")
        row = (line.id, line.reader, line.edition, line.at, line.revision)
        self._acknowledgements[line.id, line.reader] = row

    def _require_message(self, message_id: int) -> None:
        if message_id > len(self._messages):
            raise _Wrong(f"message {message_id} is not there")

    def state(self) -> RoomState:
        """The room that has been told. Raises _Wrong where messages are missing."""
        if len(self._messages) != self.head.messages:
            raise _Wrong(
                f"room {self.head.room!r} should have {self.head.messages} messages before this line, and has "
                f"{len(self._messages)}"
            )
        readings = Readings({reader: Reading(rows) for reader, rows in self._advances.items()})
        # What has changed in it before is for clients that have seen it change, and these begin anew.
        state = RoomState(
            name=self.head.room,
            title=self.head.title,
            revision=self.head.revision,
            stays=self._stays,
            readings=readings,
            messages=self._messages,
            owner=self.head.owner,
            barred=self._barred,
            muted=self._muted,
            editions=tuple(chain.from_iterable(self._editions.values())),
            pins=tuple(self._pins),
            reactions=tuple(self._reactions),
            turns=self._turns,
            chosen=tuple(sorted(self._chosen)),
            direct=self.head.direct,
            receipts_required=self.head.receipts_required,
            acknowledgements=tuple(self._acknowledgements.values()),
        )
        if not state.is_coherent:
            raise _Wrong(self._doubt())
        return state

    def _doubt(self) -> str:
        """What cannot be of a room that contradicts itself, as far as its lines alone did not tell."""
        if self.head.direct:
            return f"room {self.head.room!r} is not of two people alone, or its pins or reactions cannot be"
        if self.head.receipts_required and (self._turns or self._chosen):
            return f"room {self.head.room!r} requires receipts, and somebody has chosen in it"
        return f"the pins or reactions of room {self.head.room!r} before this line cannot be"


def _entry(line: MessageLine | DeletedLine) -> Entry:
    if isinstance(line, MessageLine):
        if (line.edited_at is not None) != (line.edition > 0):
            raise _Wrong(f"message {line.id} has an edition without an edit, or an edit without an edition")
        return Entry(
            line.id,
            line.sender,
            line.nonce,
            line.content,
            line.sent_at,
            line.reply_to,
            edition=line.edition,
            edited_at=line.edited_at,
        )
    if line.deleted_by:
        _check_name(line.deleted_by, "moderator's name")
    return Entry(
        line.id, line.sender, line.nonce, "", line.sent_at, line.reply_to, line.deleted_at, line.deleted_by
    )
