"""What is owed to a server, on disk: read at the start, written before anything is said that depends on it.

STATE/doubletick/<name>-<hash of server and name>/
    owed-1.json       what the first of them owes; owed-2.json where two run at a time, and so on
    owed-1.lock       held while it runs, so that no two write the same file
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from chat_tui import disk
from chat_tui.model.owed import Owed, decode, encode

CLIENTS_MAX: Final = 100
"""Clients of one person on one server that can run here at a time."""


class OutboxError(Exception):
    """What is owed cannot be read or written; a sentence that says which file and what to do."""


class Outbox:
    """The file of one running client."""

    def __init__(self, path: Path, lock: FileLock, owed: Owed) -> None:
        """Take a file whose lock is held, and what is in it."""
        self.owed = owed
        self._path = path
        self._lock = lock

    @classmethod
    def open(cls, state: Path, server: str, name: str) -> "Outbox":
        """The first file of this person on this server that no running client holds. Raises OutboxError."""
        folder = state / disk.file_name(name, server, name)
        try:
            disk.make_folder(folder)
            path, lock = _first_free(folder)
        except OSError as error:
            raise OutboxError(f"Cannot keep unsent messages in {folder}: {error.strerror}.") from error
        try:
            owed = decode(path.read_bytes()) if path.exists() else Owed()
        except (OSError, ValueError) as error:
            lock.release()
            raise OutboxError(
                f"The unsent messages in {path} cannot be read ({error}). Mend that file, or move it away to "
                "start without them."
            ) from error
        return cls(path, lock, owed)

    def save(self, owed: Owed) -> None:
        """Put this on disk, in place of what was there, whole or not at all. Raises OutboxError."""
        try:
            disk.write_over(self._path, encode(owed))
        except OSError as error:
            raise OutboxError(f"Cannot keep unsent messages in {self._path}: {error.strerror}.") from error
        self.owed = owed

    def close(self) -> None:
        """Let another client have the file; one that owes nothing is removed."""
        if self.owed.is_nothing:
            with suppress(OSError):  # an empty file is harmless
                self._path.unlink(missing_ok=True)
        self._lock.release()


def _first_free(folder: Path) -> tuple[Path, FileLock]:
    for number in range(1, CLIENTS_MAX + 1):
        lock = FileLock(folder / f"owed-{number}.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            continue
        return folder / f"owed-{number}.json", lock
    raise OSError(None, f"{CLIENTS_MAX} clients of this name run already")
