"""Rooms as JSON Lines, for other programs and other servers: the format of `export` and `import`.

    {"type":"head","format":"doubletick export","version":1,"epoch":"5f0c…","sequence":420}
    {"type":"room","room":"general","title":"General","revision":977,"messages":2}
    {"type":"member","room":"general","name":"ann","stays":[[0,null]]}
    {"type":"message","room":"general","id":1,"sender":"bob","nonce":"…","content":"…","sentAt":1700000000000}
    {"type":"read","room":"general","reader":"ann","first":1,"last":1,"at":1700000000000,"revision":93}
    {"type":"end","lines":5}

Per room its members, its messages and its reads follow it, in this order; `end` counts the lines before it. The
same commit gives the same bytes. Where a room has an owner, somebody under a sanction or a deleted message, they
are told in what version 2 has added; edits, pins, reactions and acknowledgements, that somebody does not share
what they read, or has not always, and that it is of two people or requires receipts, in what version 3 has; else
the export is of version 1. So earlier programs read all that they have words for.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import msgspec
from msgspec import Meta, Struct

from chat_server.protocol import EDITIONS_MAX, ID_MAX, Content, Id, Word
from chat_server.room import Entry, RoomState, Span
from chat_server.sharing import Turn
from chat_server.snapshot import Head
from chat_server.store.disk import Disk, LocalDisk
from chat_server.store.explaining import explained
from chat_server.store.observing import Tell, untold
from chat_server.store.publishing import publish_file
from chat_server.store.recovery import Recovered
from chat_server.store.writing import gathered

FORMAT: Final = "doubletick export"
VERSION: Final = 3
VERSIONS: Final = (1, 2, VERSION)
"""Those that are read."""

_Count = Annotated[int, Meta(ge=0, le=ID_MAX)]
_Name = Annotated[str, Meta(max_length=64)]
_Sanction = tuple[_Name, _Count]


class Line(Struct, frozen=True, omit_defaults=True, rename="camel", tag_field="type", forbid_unknown_fields=True):
    """One line of an export."""


class HeadLine(Line, frozen=True, tag="head", kw_only=True):
    """The first line: what this is, and which commit of which history it was taken after."""

    format: str
    version: int
    epoch: str
    sequence: _Count


class RoomLine(Line, frozen=True, tag="room", kw_only=True):
    """A room begins; all up to the next `room` or `end` is of it."""

    room: Word
    title: Annotated[str, Meta(max_length=256)]
    revision: _Count
    messages: _Count
    """How many there are; the last one's id."""
    owner: _Name = ""
    direct: bool = False
    receipts_required: bool = False


class MemberLine(Line, frozen=True, tag="member", kw_only=True):
    """Somebody who is or was a member."""

    room: Word
    name: Word
    stays: Annotated[list[Span], Meta(min_length=1)]
    """From after this message on to that one, or to now (null)."""
    barred: _Sanction | None = None
    """By whom and when, Unix ms; None where they are not."""
    muted: _Sanction | None = None
    turns: list[Turn] = []
    """See `sharing.Turn`; none of whoever has always shared."""
    chosen: bool = False
    """Whether the last of them was chosen for this room."""


class MessageLine(Line, frozen=True, tag="message", kw_only=True):
    """A message; ids are 1, 2, 3 … without gaps."""

    room: Word
    id: Id
    sender: Word
    nonce: Word
    content: Content
    sent_at: _Count
    """Unix ms."""
    reply_to: Id | None = None
    edition: Annotated[int, Meta(ge=0, le=EDITIONS_MAX)] = 0
    edited_at: _Count | None = None
    """Unix ms; None where it has not been edited."""


class DeletedLine(Line, frozen=True, tag="deleted", kw_only=True):
    """A message whose text was taken away, in its place."""

    room: Word
    id: Id
    sender: Word
    nonce: Word
    sent_at: _Count
    """Unix ms."""
    reply_to: Id | None = None
    deleted_at: _Count
    """Unix ms."""
    deleted_by: _Name


class ReadLine(Line, frozen=True, tag="read", kw_only=True):
    """Somebody has read these messages; of one reader by ascending ids, disjoint."""

    room: Word
    reader: Word
    first: Id
    last: Id
    at: _Count
    """Unix ms."""
    revision: _Count
    """The room's, once this was applied."""


class EditionLine(Line, frozen=True, tag="edition", kw_only=True):
    """Somebody has read a later text of an edited message, the latest of these; comes after the reads."""

    room: Word
    reader: Word
    id: Id
    edition: Annotated[int, Meta(ge=1, le=EDITIONS_MAX)]
    at: _Count
    """Unix ms."""
    revision: _Count
    """The room's, once this was applied."""


class PinLine(Line, frozen=True, tag="pin", kw_only=True):
    """A pinned message; of a room the newest pin last, after reads and editions."""

    room: Word
    id: Id
    by: _Name
    at: _Count
    """Unix ms."""


class ReactionLine(Line, frozen=True, tag="reaction", kw_only=True):
    """What is on a message, and who put it there, in the order of their doing so; after reads and editions."""

    room: Word
    id: Id
    emoji: Word
    names: tuple[Word, ...]


class AcknowledgementLine(Line, frozen=True, tag="acknowledgement", kw_only=True):
    """Somebody has acknowledged a message, this text of it last; of one message the latest last, after reads."""

    room: Word
    reader: Word
    id: Id
    edition: Annotated[int, Meta(ge=0, le=EDITIONS_MAX)] = 0
    at: _Count
    """Unix ms."""
    revision: _Count
    """The room's, once this was applied."""


class EndLine(Line, frozen=True, tag="end", kw_only=True):
    """The last line; where it is missing, the file was cut short."""

    lines: _Count
    """How many come before it."""


AnyLine = (
    HeadLine
    | RoomLine
    | MemberLine
    | MessageLine
    | DeletedLine
    | ReadLine
    | EditionLine
    | PinLine
    | ReactionLine
    | AcknowledgementLine
    | EndLine
)

_encode: Final = msgspec.json.Encoder().encode


def export_lines(head: Head, sequence: int, rooms: Sequence[RoomState]) -> Iterator[bytes]:
    """The export of these rooms as of this commit: a line at a time, newline included."""
    count = 0
    version = max(map(_version, rooms), default=1)
    first = HeadLine(format=FORMAT, version=version, epoch=head.epoch, sequence=sequence)
    for count, line in enumerate(_lines(first, rooms), 1):  # noqa: B007 - counted for the last line
        yield _encode(line) + b"\n"
    yield _encode(EndLine(lines=count)) + b"\n"


def _version(room: RoomState) -> int:
    """The lowest version that has words for all of it."""
    edited = any(each.edition for each in room.messages)
    shared = room.turns or room.chosen
    put = room.pins or room.reactions or room.acknowledgements
    if room.direct or room.receipts_required or shared or put or edited:
        return VERSION
    deleted = any(each.deleted_at is not None for each in room.messages)
    return 2 if room.owner or room.barred or room.muted or deleted else 1


def _lines(first: HeadLine, rooms: Iterable[RoomState]) -> Iterator[AnyLine]:
    yield first
    for room in rooms:
        yield RoomLine(
            room=room.name,
            title=room.title,
            revision=room.revision,
            messages=len(room.messages),
            owner=room.owner,
            direct=room.direct,
            receipts_required=room.receipts_required,
        )
        for name, stays in room.stays.items():
            barred, muted = room.barred.get(name), room.muted.get(name)
            yield MemberLine(
                room=room.name,
                name=name,
                stays=stays,
                barred=barred,
                muted=muted,
                turns=room.turns.get(name, []),
                chosen=name in room.chosen,
            )
        for entry in room.messages:
            yield _message(room.name, entry)
        for reader, reading in room.readings.items():
            for start, last, at, revision in reading.advances():
                yield ReadLine(room=room.name, reader=reader, first=start, last=last, at=at, revision=revision)
        for message, reader, edition, at, revision in room.editions:
            yield EditionLine(room=room.name, reader=reader, id=message, edition=edition, at=at, revision=revision)
        for message, by, at in room.pins:
            yield PinLine(room=room.name, id=message, by=by, at=at)
        for message, emoji, names in room.reactions:
            yield ReactionLine(room=room.name, id=message, emoji=emoji, names=names)
        for message, reader, edition, at, revision in room.acknowledgements:
            yield AcknowledgementLine(
                room=room.name, reader=reader, id=message, edition=edition, at=at, revision=revision
            )


def _message(room: str, entry: Entry) -> MessageLine | DeletedLine:
    if entry.deleted_at is not None:
        return DeletedLine(
            room=room,
            id=entry.id,
            sender=entry.sender,
            nonce=entry.nonce,
            sent_at=entry.sent_at,
            reply_to=entry.reply_to,
            deleted_at=entry.deleted_at,
            deleted_by=entry.deleted_by,
        )
    return MessageLine(
        room=room,
        id=entry.id,
        sender=entry.sender,
        nonce=entry.nonce,
        content=entry.content,
        sent_at=entry.sent_at,
        reply_to=entry.reply_to,
        edition=entry.edition,
        edited_at=entry.edited_at,
    )


def write_export(
    recovered: Recovered, target: Path | BinaryIO, *, disk: Disk | None = None, tell: Tell = untold
) -> None:
    """Write the export of all its rooms into an open file, or make one of this path, for this user alone.

    Replaces a file that is there: ask `require_target` first. Raises StorageError; then no new file is left.
    """
    lines = export_lines(recovered.head, recovered.sequence, [room.freeze() for room in recovered.rooms.values()])
    if isinstance(target, Path):
        with explained(target):
            publish_file(disk or LocalDisk(), target, lines, tell=tell)
        return
    with explained(Path("standard output")):
        for piece in gathered(lines):
            target.write(piece)
            tell(piece.count(b"\n"))
        target.flush()
