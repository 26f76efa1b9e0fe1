"""From a path to a directory that is locked, recovered, mended and ready for its next commit."""

import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zlib import crc32

from chat_server.chat import Chat, ChatState
from chat_server.snapshot import Head
from chat_server.store.appending import Appender
from chat_server.store.compaction import publish, write_temporary
from chat_server.store.disk import Disk, Lock, write_all
from chat_server.store.errors import DirectoryInUse, refused_to_open
from chat_server.store.layout import LOCK, segment_firsts, segment_name, torn_name
from chat_server.store.recovery import Recovered, is_fresh, recover

FULL: Final = (
    "The disk is full: what was said can be read, and until there is space nothing more can be said. "
    "Free some space; there is no need to start again."
)


@dataclass(slots=True)
class Opened:
    """A directory that is held."""

    lock: Lock
    recovered: Recovered
    appender: Appender


def open_directory(disk: Disk, directory: Path) -> Opened:
    """Lock it, make it if it is new, recover it. Raises StorageError; then the lock is given up."""
    lock = acquire(disk, directory)
    try:
        if is_fresh(disk, directory):
            found(disk, directory, new_head(), Chat().freeze())
        recovered = recover(disk, directory)
        appender = _mend(disk, directory, recovered)
        if not (appender.ballast.find() or appender.ballast.make()):
            recovered.warnings.append(FULL)
        if disk.writable_by_others(directory):
            recovered.warnings.append(f"Other users of this machine can write to {directory}: chmod 700 it.")
    except OSError as error:
        lock.release()
        raise refused_to_open(directory, error) from error
    except BaseException:
        lock.release()
        raise
    return Opened(lock, recovered, appender)


def acquire(disk: Disk, directory: Path) -> Lock:
    """Make the directory if need be and hold it. Raises StorageError."""
    try:
        disk.make_directory(directory)
        return disk.lock(directory / LOCK)
    except BlockingIOError as error:
        raise DirectoryInUse(
            f"{directory} is in use by {error.strerror}. Stop that server, or choose another directory."
        ) from None
    except OSError as error:
        raise refused_to_open(directory, error) from error


def new_head() -> Head:
    """The head of a history's first snapshot."""
    return Head(epoch=secrets.token_hex(8), generation=1, sequence=0, written_at=now_ms())


def now_ms() -> int:
    """Unix ms."""
    return time.time_ns() // 1_000_000


def found(disk: Disk, directory: Path, head: Head, chat: ChatState) -> None:
    """Begin a history: first its journal, then, once that lasts, the snapshot that makes the directory count."""
    name = segment_name(head.sequence + 1)
    if name not in disk.names(directory):
        disk.create(directory / name).close()
    disk.sync_directory(directory)
    write_temporary(disk, directory, head, chat)
    publish(disk, directory)


def _mend(disk: Disk, directory: Path, recovered: Recovered) -> Appender:
    """Cut a torn end off and make everything that was recovered last before anybody is told of it.

    What a killed process wrote may so far be in the system's memory alone.
    """
    if recovered.torn:
        _set_aside(disk, directory, recovered)
    file = disk.append(directory / recovered.segment)
    if recovered.torn:
        file.truncate(recovered.size)
    file.sync()
    disk.sync_directory(directory)
    return Appender(
        disk,
        directory,
        file,
        size=recovered.size,
        sequence=recovered.sequence,
        first=segment_firsts([recovered.segment])[0],
    )


def _set_aside(disk: Disk, directory: Path, recovered: Recovered) -> None:
    name = torn_name(recovered.segment, recovered.size, crc32(recovered.torn))
    file = disk.overwrite(directory / name)
    try:
        write_all(file, recovered.torn)
        file.sync()
    finally:
        file.close()
    disk.sync_directory(directory)
    recovered.warnings.append(
        f"{recovered.segment}: the {len(recovered.torn)} bytes from byte {recovered.size} on are an unfinished "
        f"write, cut off by a crash before anybody was told of it. They were moved to {name}."
    )
