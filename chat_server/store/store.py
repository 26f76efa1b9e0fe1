"""A running data directory: commits on one thread, snapshots on another, and a loop that awaits them."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from msgspec.structs import replace

from chat_server.chat import AnyRecord, ChatState
from chat_server.store.compaction import prune, publish, write_temporary
from chat_server.store.disk import Disk, LocalDisk
from chat_server.store.errors import DiskFailed, NoSpace, explain
from chat_server.store.opening import Opened, now_ms, open_directory

Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A chat as of one commit, on their way into a snapshot."""

    chat: ChatState
    rotation: Future[int]
    """The commit they are as of, once the journal has been rotated after it."""
    commits: int
    """How many of them the snapshot before lacks."""


class Store:
    """An open data directory.

    For one event loop; one `commit` at a time, one snapshot at a time, the two beside each other. Once a call
    has raised DiskFailed every later one raises it again: the server ends, and recovery finds out what is left.

    A commit that finds the disk full goes into space that was kept for it, so it does not fail; then the store is
    `full`, and takes no other one until `make_space` has succeeded.
    """

    def __init__(self, disk: Disk, directory: Path, opened: Opened) -> None:
        """Take what `open_directory` gave; `open` is the way in."""
        recovered = opened.recovered
        self.epoch = recovered.head.epoch
        """Names this history; a client whose cursor is of another must start over."""
        self.chat = recovered.chat
        """All that was committed before; the caller's from now on."""
        self.warnings = recovered.warnings
        """What a person should know of the recovery, in sentences."""
        self.commits_since_snapshot = recovered.sequence - recovered.head.sequence
        """How many commits the last sealed snapshot lacks; when that calls for another is the server's choice."""
        self._disk = disk
        self._directory = directory
        self._lock = opened.lock
        self._appender = opened.appender
        self._head = recovered.head
        self._failure: str | None = None
        self._newest: Future[None] | None = None
        self._closed = False
        self._commits = ThreadPoolExecutor(1, "commits")
        self._snapshots = ThreadPoolExecutor(1, "snapshots")

    @classmethod
    def open(cls, directory: Path, *, disk: Disk | None = None) -> "Store":
        """Lock the directory, make it if it is new, and recover what is in it; blocks meanwhile.

        Raises DirectoryInUse, Unwritable, WrongVersion, Damaged or DiskFailed, having changed nothing but what
        a torn end of the journal required, and never starts with less than was acknowledged.
        """
        disk = disk or LocalDisk()
        return cls(disk, directory, open_directory(disk, directory))

    @property
    def full(self) -> bool:
        """Whether the space kept for a commit is gone: a commit now would end the server."""
        return not self._appender.ballast.stands

    async def make_space(self) -> bool:
        """Try to keep space for a commit again; whether the store can take one. Raises DiskFailed."""
        making = self._commits.submit(self._guarded, self._appender.ballast.make)
        return await asyncio.wrap_future(making)

    async def commit(self, records: Sequence[AnyRecord]) -> None:
        """Return once these records are on disk, all as one; of none, at once. In the order of the calls.

        They take far less than `RESERVE_BYTES` together, and the store is not `full`.
        Raises DiskFailed. Cancelling leaves open whether they were written; the next commit comes after them.
        """
        if records:
            self._newest = self._commits.submit(self._guarded, self._appender.append, tuple(records))
            await asyncio.wrap_future(self._newest)
            self.commits_since_snapshot += 1

    def seal(self, chat: ChatState) -> Sealed:
        """Let a snapshot cover all commits up to now; later ones go to a new journal file. Returns at once.

        `chat` is all there is as these commits left it, so call it while no commit is under way and nothing is
        applied that has not been committed. Hand the result to `write` before the next call.
        """
        assert self._newest is None or self._newest.done()
        commits, self.commits_since_snapshot = self.commits_since_snapshot, 0
        return Sealed(chat, self._commits.submit(self._guarded, self._appender.rotate), commits)

    async def write(self, sealed: Sealed) -> bool:
        """Return once the snapshot has replaced the last one, or (False) was given up on a full disk.

        Commits go on meanwhile, and the journal has all of them in either case. Raises DiskFailed.
        """
        try:
            await asyncio.wrap_future(self._snapshots.submit(self._guarded, self._compact, sealed))
        except NoSpace:
            self.commits_since_snapshot += sealed.commits
            return False
        return True

    async def snapshot(self, chat: ChatState) -> bool:
        """`seal` and `write`, for when nothing else is going on."""
        return await self.write(self.seal(chat))

    async def close(self) -> None:
        """Finish what is under way and let go of the directory. A second time does nothing."""
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._snapshots.shutdown()
        self._commits.shutdown()
        self._appender.close()
        self._lock.release()

    # On the two threads

    def _guarded(self, act: Callable[Given, Result], *args: Given.args, **options: Given.kwargs) -> Result:
        """Act unless the disk has failed before; remember that it has, whichever thread finds out."""
        if self._failure is not None:
            raise DiskFailed(self._failure)
        try:
            return act(*args, **options)
        except NoSpace:
            raise
        except OSError as error:
            self._failure = (
                f"The disk failed, so the server stops: {explain(error)}. All that was acknowledged is in "
                f"{self._directory}. Free some space or mend the disk, then start the server again."
            )
            raise DiskFailed(self._failure) from error

    def _compact(self, sealed: Sealed) -> None:
        head = replace(
            self._head,
            generation=self._head.generation + 1,
            sequence=sealed.rotation.result(),
            written_at=now_ms(),
        )
        write_temporary(self._disk, self._directory, head, sealed.chat)
        publish(self._disk, self._directory)
        covered, self._head = self._head.sequence, head
        prune(self._disk, self._directory, covered)
