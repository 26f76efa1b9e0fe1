"""A snapshot's way to disk: written beside the old one, checked, put in its place, and what it covers removed.

Runs on a thread of its own, beside commits. Raises OSError; at every point the directory can be recovered, and
after NoSpace everything goes on as before.
"""

from contextlib import suppress
from pathlib import Path

from chat_server.chat import ChatState
from chat_server.snapshot import Head, snapshot_chunks
from chat_server.store.disk import Disk
from chat_server.store.errors import is_full, taken_back
from chat_server.store.layout import PREVIOUS, SNAPSHOT, TEMPORARY, segment_firsts, segment_name
from chat_server.store.writing import write_verified


def write_temporary(disk: Disk, directory: Path, head: Head, chat: ChatState) -> None:
    """Write the snapshot under its temporary name, to last, and read it back.

    A failed one is removed, as the space that it takes may be what is missing.
    """
    path = directory / TEMPORARY
    try:
        write_verified(disk, disk.overwrite(path), path, snapshot_chunks(head, chat))
    except OSError as error:
        with suppress(OSError):
            disk.remove(path)
        raise taken_back(error) from error


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
                # Some file systems need space to remove a file; the next snapshot comes by again.
                if not is_full(error):
                    raise
