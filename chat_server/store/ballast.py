"""Space that is kept for the commit that meets a full disk: a file of no other use, given up for that commit.

A commit must not fail for lack of space, as the rooms in memory have what is in it already. While the file does
not stand, the store is full, and nothing may be asked of it but to try to make the file again.
"""

import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from chat_server.store.disk import Disk, write_all
from chat_server.store.errors import is_full
from chat_server.store.layout import RESERVE, RESERVE_TEMPORARY

RESERVE_BYTES: Final = 4 * 1024 * 1024
"""Several times the largest commit: file systems round up, and need some space of their own to free space."""


class Ballast:
    """The file, which is there or is not."""

    def __init__(self, disk: Disk, directory: Path) -> None:
        """Take the directory as it is; `find` or `make` comes next."""
        self._disk = disk
        self._directory = directory
        self.stands = False
        """Whether there is space for one more commit, whatever others do to the disk."""

    def find(self) -> bool:
        """Whether an earlier run has left it. It bears its name only once all of its bytes are on disk."""
        if RESERVE in self._disk.names(self._directory):
            size = sum(map(len, self._disk.blocks(self._directory / RESERVE)))
            self.stands = size >= RESERVE_BYTES
        return self.stands

    def make(self) -> bool:
        """Have it stand; whether it does. False where the disk has no space for it; raises any other OSError."""
        if self.stands:
            return True
        try:
            self._write()
            self._disk.replace(self._directory / RESERVE_TEMPORARY, self._directory / RESERVE)
        except OSError as error:
            with suppress(OSError):
                self._disk.remove(self._directory / RESERVE_TEMPORARY)
            if not is_full(error):
                raise
            return False
        self._disk.sync_directory(self._directory)
        self.stands = True
        return True

    def give_up(self) -> None:
        """Turn it into free space, at once: some file systems hold that back until the directory's fsync."""
        self.stands = False
        self._disk.remove(self._directory / RESERVE)
        self._disk.sync_directory(self._directory)

    def _write(self) -> None:
        file = self._disk.overwrite(self._directory / RESERVE_TEMPORARY)
        try:
            # Random, as some file systems store zeros as nothing, and compress the rest.
            write_all(file, secrets.token_bytes(RESERVE_BYTES))
            file.sync()
        finally:
            file.close()
