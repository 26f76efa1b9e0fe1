"""A file's bytes to disk, and whether they got there."""

import errno
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from zlib import crc32

from chat_server.store.disk import Disk, File, write_all
from chat_server.store.observing import Tell, untold

WRITE_BYTES: Final = 64 * 1024


def write_verified(disk: Disk, file: File, path: Path, pieces: Iterable[bytes], tell: Tell = untold) -> int:
    """Write all pieces, to last, close the file and read it back; how many bytes they were.

    `file` is the one at `path`, open and empty. `tell` hears of each written piece's lines. Raises OSError, with
    EIO where what was written reads back differently.
    """
    size, written = _write_synced(file, pieces, tell)
    read = 0
    for block in disk.blocks(path):
        read = crc32(block, read)
    if read != written:
        raise OSError(errno.EIO, "what was written reads back differently", str(path))
    return size


def _write_synced(file: File, pieces: Iterable[bytes], tell: Tell) -> tuple[int, int]:
    """How many bytes were written, and their checksum."""
    size = crc = 0
    try:
        for piece in gathered(pieces):
            write_all(file, piece)
            size, crc = size + len(piece), crc32(piece, crc)
            tell(piece.count(b"\n"))
        file.sync()
    finally:
        file.close()
    return size, crc


def gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces that are worth a system call."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= WRITE_BYTES:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)
