"""A chat made anew from a snapshot's file alone: what a backup is for, and the way on where a journal is lost."""

from pathlib import Path

from chat_server.store.disk import Disk, LocalDisk
from chat_server.store.errors import StorageError, refused_to_open
from chat_server.store.opening import acquire, found, new_head
from chat_server.store.recovery import is_fresh, read_snapshot


def restore(backup: Path, directory: Path, *, disk: Disk | None = None) -> None:
    """Fill an empty directory from a snapshot, under a new epoch, so that clients start over.

    Never works in place. Raises StorageError where the snapshot is damaged or the directory holds a chat.
    """
    disk = disk or LocalDisk()
    try:
        snapshot = read_snapshot(disk, backup)
    except OSError as error:
        raise refused_to_open(backup, error) from error
    lock = acquire(disk, directory)
    try:
        if not is_fresh(disk, directory):
            raise StorageError(f"{directory} holds a chat already. Restore into an empty directory.")
        found(disk, directory, new_head(), snapshot.rooms)
    except OSError as error:
        raise refused_to_open(directory, error) from error
    finally:
        lock.release()
