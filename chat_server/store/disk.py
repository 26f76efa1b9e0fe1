"""The few file operations that the store is made of: a port, so that tests can put a crashing disk in its place.

Nothing here knows formats or names. Every operation raises OSError on failure and retries nothing.
"""

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from filelock import FileLock, Timeout

BLOCK_BYTES: Final = 1 << 20
FILE_MODE: Final = 0o600
DIRECTORY_MODE: Final = 0o700


class File(Protocol):
    """An open file that grows at its end."""

    def write(self, data: bytes) -> int:
        """Add a beginning of `data` and return its length, which may be short; see `write_all`."""

    def sync(self) -> None:
        """Return once all that was written is on disk. After an error nothing is known; never call it again."""

    def truncate(self, size: int) -> None:
        """Cut back to so many bytes."""

    def close(self) -> None:
        """Let go of it; says nothing about the disk."""


class Lock(Protocol):
    """A directory held against other processes; gone with the process, however that ends."""

    def release(self) -> None:
        """Give it up."""


class Readable(Protocol):
    """As much of a disk as recovery takes: it cannot change anything."""

    def names(self, directory: Path) -> list[str]:
        """What is in it, in no order."""

    def blocks(self, path: Path) -> Iterator[bytes]:
        """The file's bytes in pieces of at most `BLOCK_BYTES`."""


class Disk(Readable, Protocol):
    """Files by path. Creating, replacing and removing last only from the next `sync_directory` on."""

    def make_directory(self, directory: Path) -> None:
        """Make it, for this user alone, and lastingly; one that is there stays as it is."""

    def lock(self, path: Path) -> Lock:
        """Hold the lock file. Raises BlockingIOError, with a hint at the holder, where another process does."""

    def writable_by_others(self, directory: Path) -> bool:
        """Whether other users could put files there or take some away."""

    def create(self, path: Path) -> File:
        """A new empty file. Raises FileExistsError."""

    def overwrite(self, path: Path) -> File:
        """An empty file, whatever was there."""

    def append(self, path: Path) -> File:
        """A file that is there, at its end."""

    def replace(self, source: Path, target: Path) -> None:
        """Rename, in place of what bore the target's name."""

    def remove(self, path: Path) -> None:
        """Take the name away."""

    def sync_directory(self, directory: Path) -> None:
        """Return once names made, replaced and removed in it are on disk."""


def write_all(file: File, data: bytes) -> None:
    """Write every byte or raise: a full disk first answers with a short count, then with ENOSPC."""
    done = 0
    while done < len(data):
        count = file.write(data[done:])
        if count <= 0:
            raise OSError(errno.EIO, "the disk took no byte and named no reason")
        done += count


if sys.platform == "darwin":
    from fcntl import F_FULLFSYNC, fcntl

    def _sync(descriptor: int) -> None:
        # fsync(2) of macOS leaves the bytes in the drive's cache; its manual names this for databases.
        fcntl(descriptor, F_FULLFSYNC)

else:
    _sync = os.fsync


class _OpenFile:
    """A file descriptor; `os.write` because buffered files hide short writes and raise again when closed."""

    def __init__(self, path: Path, flags: int) -> None:
        self._path = path
        self._descriptor = os.open(path, flags | os.O_WRONLY | getattr(os, "O_BINARY", 0), FILE_MODE)

    def write(self, data: bytes) -> int:
        try:
            return os.write(self._descriptor, data)
        except OSError as error:
            raise self._named(error) from None

    def sync(self) -> None:
        try:
            _sync(self._descriptor)
        except OSError as error:
            raise self._named(error) from None

    def truncate(self, size: int) -> None:
        os.truncate(self._descriptor, size)

    def close(self) -> None:
        os.close(self._descriptor)

    def _named(self, error: OSError) -> OSError:
        return OSError(error.errno, error.strerror, str(self._path))


class LocalDisk:
    """The machine's own file system."""

    def make_directory(self, directory: Path) -> None:
        if directory.is_dir():
            return
        if not directory.parent.exists():
            self.make_directory(directory.parent)
        directory.mkdir(DIRECTORY_MODE)
        self.sync_directory(directory.parent)

    def lock(self, path: Path) -> Lock:
        holder = _process_in(path)
        lock = FileLock(path, timeout=0, mode=FILE_MODE, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            raise BlockingIOError(errno.EAGAIN, holder, str(path)) from None
        _sign(path)
        return lock

    def names(self, directory: Path) -> list[str]:
        return os.listdir(directory)  # noqa: PTH208 - names, not paths

    def writable_by_others(self, directory: Path) -> bool:
        others = stat.S_IWGRP | stat.S_IWOTH
        return os.name == "posix" and bool(directory.stat().st_mode & others)

    def blocks(self, path: Path) -> Iterator[bytes]:
        with path.open("rb", buffering=0) as file:
            while block := file.read(BLOCK_BYTES):
                yield block

    def create(self, path: Path) -> File:
        return _OpenFile(path, os.O_CREAT | os.O_EXCL | os.O_APPEND)

    def overwrite(self, path: Path) -> File:
        return _OpenFile(path, os.O_CREAT | os.O_TRUNC | os.O_APPEND)

    def append(self, path: Path) -> File:
        return _OpenFile(path, os.O_APPEND)

    def replace(self, source: Path, target: Path) -> None:
        source.replace(target)

    def remove(self, path: Path) -> None:
        path.unlink()

    def sync_directory(self, directory: Path) -> None:
        if os.name != "posix":
            return  # Windows opens no directories; NTFS writes names through its own log.
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            _sync(descriptor)
        finally:
            os.close(descriptor)


def _process_in(path: Path) -> str:
    """What the holder wrote of itself, for the sentence that names it; a hint, never a decision."""
    try:
        text = path.read_text("ascii")[:20].strip()
    except (OSError, ValueError):
        return "another process"
    return f"process {text}" if text.isdigit() else "another process"


def _sign(path: Path) -> None:
    """Leave our process id in the lock file; a full disk or a platform that forbids it costs only the hint."""
    with suppress(OSError):
        path.write_text(f"{os.getpid()}\n", "ascii")
