"""The journal's open end: one commit after another, each on disk before the next. For one thread at a time."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from chat_server.chat import AnyRecord
from chat_server.journal import commit_line
from chat_server.store.ballast import Ballast
from chat_server.store.disk import Disk, File, write_all
from chat_server.store.errors import is_full, taken_back
from chat_server.store.layout import segment_name


class Appender:
    """The segment that is being written. Any OSError but NoSpace must be its last call: see `append`."""

    def __init__(self, disk: Disk, directory: Path, file: File, *, size: int, sequence: int, first: int) -> None:
        """Go on in `file`, whose `size` bytes, all on disk, end with commit `sequence`; it began with `first`."""
        self._disk = disk
        self._directory = directory
        self._file = file
        self.ballast = Ballast(disk, directory)
        """The space for the commit that finds none."""
        self._size = size
        self._first = first
        self.sequence = sequence
        """The last commit on disk."""

    def append(self, records: Sequence[AnyRecord]) -> None:
        """Return once these records, at least one, are on disk as one commit, if need be in the ballast's place.

        After an OSError it is not known what the disk has, and a second fsync would lie about the first
        (https://wiki.postgresql.org/wiki/Fsync_Errors): never call this again.
        """
        line = commit_line(self.sequence + 1, self.sequence, records)
        try:
            self._write(line)
            self._file.sync()
        except OSError:
            with suppress(OSError):
                self._file.truncate(self._size)
            raise
        self._size += len(line)
        self.sequence += 1

    def _write(self, line: bytes) -> None:
        try:
            write_all(self._file, line)
        except OSError as error:
            if not (is_full(error) and self.ballast.stands):
                raise
            # What went in of it must be gone, or what follows would read as damage.
            self._file.truncate(self._size)
            self.ballast.give_up()
            write_all(self._file, line)

    def rotate(self) -> int:
        """Let the coming commits go to a segment of their own; return the last one before it.

        The new name is on disk before this returns, so before the snapshot that relies on it. Raises NoSpace
        where there is none for the name.
        """
        if self._first <= self.sequence:
            try:
                file = self._disk.create(self._directory / segment_name(self.sequence + 1))
            except OSError as error:
                raise taken_back(error) from error
            self._file.close()
            self._file, self._size, self._first = file, 0, self.sequence + 1
            self._disk.sync_directory(self._directory)
        return self.sequence

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
