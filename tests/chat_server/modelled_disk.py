"""A disk in memory that loses at a crash whatever a real one may lose.

What was written since the last fsync survives page by page or not at all, and a file may end anywhere between
its old and its new size; names made, replaced and removed since the directory's fsync survive one by one. It has
one directory.
"""

import errno
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from random import Random
from typing import Final, ParamSpec, TypeVar

from chat_server.store import Store
from chat_server.store.disk import Disk, File, Lock

PAGE_BYTES: Final = 64
"""Small, so that one journal line is torn in many ways."""


Given = ParamSpec("Given")
Result = TypeVar("Result")


class Crash(BaseException):
    """The process is gone; not an Exception, so that nothing in it can react."""


class Inode:
    """A file's bytes, with and without the grace of the cache."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.durable = b""

    def lose(self, random: Random) -> None:
        """Settle what the platters have."""
        if self.content == self.durable:
            return
        low, high = sorted((len(self.content), len(self.durable)))
        size = random.choice((low, high, random.randint(low, high)))
        old, new = self.durable.ljust(size, b"\0"), bytes(self.content).ljust(size, b"\0")
        kept = random.choice((0.0, 0.5, 1.0))
        pages = (new if random.random() < kept else old for _ in range(0, size, PAGE_BYTES))
        starts = range(0, size, PAGE_BYTES)
        self.durable = b"".join(page[at : at + PAGE_BYTES] for at, page in zip(starts, pages, strict=True))[:size]
        self.content = bytearray(self.durable)


class ModelledFile:
    """An open file of a modelled disk."""

    def __init__(self, disk: "ModelledDisk", inode: Inode) -> None:
        self._disk = disk
        self._inode = inode

    def write(self, data: bytes) -> int:
        count = self._disk.room_for(len(data))
        self._inode.content += data[:count]
        self._disk.step()
        return count

    def sync(self) -> None:
        self._disk.step()
        if self._disk.failing:
            # As on Linux: the pages are marked clean, so that another fsync would succeed and prove nothing.
            self._disk.failing = False
            self._inode.durable = bytes(self._inode.content[: len(self._inode.durable)])
            raise OSError(errno.EIO, "Input/output error")
        if self._disk.does("file"):
            self._inode.durable = bytes(self._inode.content)

    def truncate(self, size: int) -> None:
        self._disk.step()
        self._disk.gain(len(self._inode.content) - size)
        del self._inode.content[size:]

    def close(self) -> None:
        pass


class Unlocked:
    """Nobody else comes to a modelled disk."""

    def release(self) -> None:
        pass


class ModelledDisk:
    """See the module. `omitted` leaves out one fsync: ("file" or "directory", the function that asks for it)."""

    def __init__(self, random: Random, omitted: tuple[str, str] | None = None) -> None:
        self.random = random
        self.omitted = omitted
        self.names_now: dict[str, Inode] = {}
        self.names_durable: dict[str, Inode] = {}
        self.changes: list[tuple[str, str, Inode]] = []
        """Since the directory's fsync: the name gone, the name taken (either may be empty), and the file."""
        self.steps_left: int | None = None
        """Operations until a crash."""
        self.space: int | None = None
        """Bytes until the disk is full."""
        self.failing = False
        """Whether the next fsync fails."""
        self.meanwhile: Callable[[], None] | None = None
        """What another thread does between two operations."""

    # Faults

    def step(self) -> None:
        """Crash if it is time; let others act."""
        if self.steps_left is not None:
            self.steps_left -= 1
            if self.steps_left < 0:
                self.steps_left = 0
                raise Crash
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
            self.meanwhile = meanwhile

    def room_for(self, length: int) -> int:
        """How many bytes of a write are taken: sometimes few, and no more than there is space for."""
        if self.steps_left == 0 or (self.space is None and self.random.random() < 0.1):
            return self.random.randint(1, length)
        if self.space is None:
            return length
        if not self.space:
            raise OSError(errno.ENOSPC, "No space left on device")
        count = min(length, self.space)
        self.space -= count
        return count

    def gain(self, length: int) -> None:
        """So many bytes are free again."""
        if self.space is not None:
            self.space += length

    def does(self, kind: str) -> bool:
        """Whether the fsync that the caller's caller asks for is really done."""
        return self.omitted != (kind, sys._getframe(2).f_code.co_name)

    def lose_power(self) -> None:
        """Come back with what was on the platters."""
        for gone, taken, inode in self.changes:
            if self.random.random() < 0.5:
                _change(self.names_durable, gone, taken, inode)
        self.changes.clear()
        self.names_now = dict(self.names_durable)
        for inode in {id(each): each for each in self.names_now.values()}.values():
            inode.lose(self.random)
        self.come_back()

    def come_back(self) -> None:
        """Start again, on the same machine unless `lose_power` came before."""
        self.steps_left = self.space = self.meanwhile = None
        self.failing = False

    def copy(self) -> "ModelledDisk":
        """Another disk with the same files, all of them durable."""
        twin = ModelledDisk(self.random)
        for name, inode in self.names_now.items():
            twin.put(name, bytes(inode.content))
        return twin

    def put(self, name: str, content: bytes) -> None:
        """Let a file have been there all the time."""
        inode = Inode()
        inode.content, inode.durable = bytearray(content), content
        self.names_now[name] = self.names_durable[name] = inode

    # The port

    def make_directory(self, directory: Path) -> None:
        pass

    def lock(self, path: Path) -> Lock:  # noqa: ARG002
        return Unlocked()

    def writable_by_others(self, directory: Path) -> bool:  # noqa: ARG002
        return False

    def names(self, directory: Path) -> list[str]:  # noqa: ARG002
        return list(self.names_now)

    def blocks(self, path: Path) -> Iterator[bytes]:
        if path.name not in self.names_now:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))
        yield bytes(self.names_now[path.name].content)

    def create(self, path: Path) -> File:
        if path.name in self.names_now:
            raise FileExistsError(errno.EEXIST, "File exists", str(path))
        return self._make(path.name)

    def overwrite(self, path: Path) -> File:
        if path.name in self.names_now:
            self.gain(len(self.names_now[path.name].content))
            self.names_now[path.name].content.clear()
            return self.append(path)
        return self._make(path.name)

    def append(self, path: Path) -> File:
        self.step()
        return ModelledFile(self, self.names_now[path.name])

    def _make(self, name: str) -> File:
        if self.space == 0 and self.random.random() < 0.5:
            raise OSError(errno.ENOSPC, "No space left on device")
        inode = Inode()
        self._apply("", name, inode)
        return ModelledFile(self, inode)

    def replace(self, source: Path, target: Path) -> None:
        if target.name in self.names_now:
            self.gain(len(self.names_now[target.name].content))
        self._apply(source.name, target.name, self.names_now[source.name])

    def remove(self, path: Path) -> None:
        if path.name not in self.names_now:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))
        self.gain(len(self.names_now[path.name].content))
        self._apply(path.name, "", self.names_now[path.name])

    def _apply(self, gone: str, taken: str, inode: Inode) -> None:
        self.step()
        _change(self.names_now, gone, taken, inode)
        self.changes.append((gone, taken, inode))

    def sync_directory(self, directory: Path) -> None:  # noqa: ARG002
        self.step()
        if self.does("directory"):
            self.names_durable = dict(self.names_now)
            self.changes.clear()


def _change(names: dict[str, Inode], gone: str, taken: str, inode: Inode) -> None:
    if gone and names.get(gone) is inode:
        del names[gone]
    if taken:
        names[taken] = inode


class Inline(Executor):
    """Does at once what it is given, so that a run depends on its seed alone."""

    def submit(self, fn: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs) -> Future[Result]:
        done: Future[Result] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except OSError as error:  # of which a store may make something
            done.set_exception(error)
        return done


def open_inline(disk: ModelledDisk) -> Store:
    """A store on this disk that does everything in the calling thread."""
    port: Disk = disk
    store = Store.open(Path("data"), disk=port)
    store._commits = store._snapshots = Inline()  # type: ignore[assignment]
    return store
