"""A snapshot's way to disk: written beside the old one, checked, put in its place, and what it covers removed.

Runs on a thread of its own, beside commits. Raises OSError; at every point the directory can be recovered, and
after NoSpace everything goes on as before.
"""

import errno
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from zlib import crc32

from chat_server.journal import Head, snapshot_chunks
from chat_server.room import RoomState
from chat_server.store.disk import Disk, File, write_all
from chat_server.store.errors import is_full, taken_back
from chat_server.store.layout import PREVIOUS, SNAPSHOT, TEMPORARY, segment_firsts, segment_name

WRITE_BYTES: Final = 64 * 1024


def write_temporary(disk: Disk, directory: Path, head: Head, rooms: Sequence[RoomState]) -> None:
    """Write the snapshot under its temporary name, to last, and read it back.

    A failed one is removed, as the space that it takes may be what is missing.
    """
    path = directory / TEMPORARY
    try:
        file = disk.overwrite(path)
        try:
            written = _write(file, head, rooms)
            file.sync()
        finally:
            file.close()
        _verify(disk, path, written)
    except OSError as error:
        with suppress(OSError):
            disk.remove(path)
        raise taken_back(error) from error


def _write(file: File, head: Head, rooms: Sequence[RoomState]) -> int:
    crc = 0
    for piece in _gathered(snapshot_chunks(head, rooms)):
        write_all(file, piece)
        crc = crc32(piece, crc)
    return crc


def _gathered(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces that are worth a system call."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        if len(waiting) >= WRITE_BYTES:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def _verify(disk: Disk, path: Path, written: int) -> None:
    crc = 0
    for block in disk.blocks(path):
        crc = crc32(block, crc)
    if crc != written:
        raise OSError(errno.EIO, "what was written reads back differently", str(path))


def publish(disk: Disk, directory: Path) -> None:
    """Make the temporary file the snapshot and keep the one before.

    A crash between the renames, or with only one of them on disk, leaves a generation with all of its journal:
    nothing is pruned until both are known to last. The same holds where there is no space for the second name.
    """
    try:
        if SNAPSHOT in disk.names(directory):
            disk.replace(directory / SNAPSHOT, directory / PREVIOUS)
        disk.replace(directory / TEMPORARY, directory / SNAPSHOT)
    except OSError as error:
        with suppress(OSError):
            disk.remove(directory / TEMPORARY)
        raise taken_back(error) from error
    disk.sync_directory(directory)


def prune(disk: Disk, directory: Path, covered: int) -> None:
    """Remove the journal files that hold nothing after commit `covered`, the previous generation's last."""
    for first in segment_firsts(disk.names(directory)):
        # A snapshot's commit is the last one of its segment, so where one begins tells where it ends.
        if first <= covered:
            try:
                disk.remove(directory / segment_name(first))
            except OSError as error:
                if not is_full(
                    error
                ):  # which a removal needs on some file systems; the next snapshot comes by again
                    raise
