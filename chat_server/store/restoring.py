"""A chat made anew from a snapshot's file alone: what a backup is for."""

from pathlib import Path

from chat_server.store.disk import Disk, LocalDisk
from chat_server.store.explaining import explained
from chat_server.store.founding import begin, require_vacant
from chat_server.store.recovery import Recovered, read_generation

_ADVICE = "Nothing was changed. Take another backup, or the directory itself if it is still there."


def restore(backup: Path, directory: Path, *, disk: Disk | None = None) -> Recovered:
    """Fill a new or empty directory from a snapshot, under a new epoch, so that clients start over.

    Never works in place. Raises StorageError where the snapshot is damaged or the directory holds anything.
    """
    disk = disk or LocalDisk()
    require_vacant(disk, directory)
    with explained(backup):
        recovered = read_generation(disk, backup, advice=_ADVICE)
    return begin(disk, directory, recovered.chat.freeze())
