"""The journal's text: commits as checked lines, to bytes and back. Pure; knows no files.

A line is one commit, all of its records or none of them:

    1a2b3c4d {"sequence":7,"synced":6,"records":[{"type":"posted",…},…]}⏎
    └ CRC-32 of the object's bytes, 8 hexadecimal digits
"""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Final
from zlib import crc32

import msgspec
from msgspec import Meta, Struct

from chat_server.chat import AnyRecord
from chat_server.protocol.limits import ID_MAX

_Count = Annotated[int, Meta(ge=0, le=ID_MAX)]

_encode: Final = msgspec.json.Encoder().encode


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
