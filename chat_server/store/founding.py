"""A chat's new home: an empty directory filled, read back, and under an epoch of its own."""

from contextlib import suppress
from pathlib import Path

from chat_server.chat import ChatState
from chat_server.store.disk import Disk
from chat_server.store.errors import StorageError, Unwritable
from chat_server.store.explaining import explained
from chat_server.store.layout import LOCK, RESERVE, RESERVE_TEMPORARY, SNAPSHOT, TEMPORARY, segment_name
from chat_server.store.opening import acquire, found, new_head
from chat_server.store.recovery import Recovered, is_fresh, recover

_OWN = frozenset({LOCK, RESERVE, RESERVE_TEMPORARY, TEMPORARY, segment_name(1)})
"""What may stand where nothing was ever kept: the remains of a start, or of one of these, that a crash ended."""


def require_vacant(disk: Disk, directory: Path) -> None:
    """Refuse a directory that has anything in it; one that is not there is vacant. Raises StorageError."""
    if directory.is_dir():
        with explained(directory):
            _check_vacant(disk, directory)
    elif directory.exists():
        raise Unwritable(f"{directory} is not a directory. Choose a new or an empty directory.")


def _check_vacant(disk: Disk, directory: Path) -> None:
    if not is_fresh(disk, directory):
        raise StorageError(f"{directory} holds a chat already. Choose a new or an empty directory.")
    others = sorted(set(disk.names(directory)) - _OWN)
    if others:
        raise StorageError(f"{directory} is not empty, {others[0]} is in it. Choose a new or an empty directory.")


def begin(disk: Disk, directory: Path, chat: ChatState) -> Recovered:
    """Make or fill the directory with this chat, under a new epoch, so that clients start over.

    Returns what recovery then finds there. Raises StorageError; whatever is raised, an interruption too, what was
    made is removed. A crash leaves a directory that is vacant or complete.
    """
    made = not directory.exists()
    lock = acquire(disk, directory)
    try:
        with explained(directory):
            _check_vacant(disk, directory)
            return _fill(disk, directory, chat)
    except BaseException:
        if made:
            _remove(disk, directory)
        raise
    finally:
        lock.release()


def _fill(disk: Disk, directory: Path, chat: ChatState) -> Recovered:
    try:
        found(disk, directory, new_head(), chat)
        return recover(disk, directory)
    except BaseException:
        with suppress(OSError):
            _empty(disk, directory)
        raise


def _empty(disk: Disk, directory: Path) -> None:
    names = disk.names(directory)
    # The snapshot goes first: without it the directory counts as vacant.
    for name in (SNAPSHOT, TEMPORARY, segment_name(1)):
        if name in names:
            disk.remove(directory / name)


def _remove(disk: Disk, directory: Path) -> None:
    """Take away a directory that this made. Nobody can have begun to wait for its lock: nobody ever waits."""
    with suppress(OSError):
        disk.remove(directory / LOCK)
    with suppress(OSError):
        directory.rmdir()
