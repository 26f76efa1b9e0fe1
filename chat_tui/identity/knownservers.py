"""The servers that were spoken to before, and the key that each proved then: a second key is somebody else.

CONFIG/known-servers            0600; a line for each server, which may be read, edited and removed by hand

    ws://chat.example:8080 <public key, 43 characters of unpadded base64url>
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from chat_tui import disk

FILE: Final = "known-servers"
HEAD: Final = "# The key that each server proved when it was first spoken to; see `chat-tui forget --help`.\n"
LOCK_S: Final = 5.0
"""How long another client may take to write the file; it takes no time."""
PORTS: Final = {"ws": 80, "wss": 443}
_LINE: Final = re.compile(r"(\S+) ([A-Za-z0-9_-]{43})")


class KnownServersError(Exception):
    """The file cannot be used; a sentence that says which and what to do."""


def place_of(url: str) -> str:
    """The server at an address, whatever the path: in lower case, with the port spelt out."""
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{parts.port or PORTS.get(scheme, 0)}"


class KnownServers:
    """The file, of which others may be readers and writers too."""

    def __init__(self, config: Path) -> None:
        """Take the directory that it is in; nothing is read yet."""
        self._path = config / FILE

    def recall(self, url: str, key: str) -> str:
        """The key that this server has; where it was never spoken to, this one from now on.

        Raises KnownServersError.
        """
        known = self.find(url)
        if known is not None:
            return known
        with self._changing():
            known = self.find(url)  # another client may have been first
            if known is None:
                self._write([*self._lines(), f"{place_of(url)} {key}\n"])
        return known or key

    def elsewhere(self, url: str, key: str) -> str | None:
        """Where else this key is known from, if there and not from here. Raises KnownServersError."""
        if self.find(url) is not None:
            return None
        return next((place for place, known in self._servers() if known == key), None)

    def forget(self, url: str) -> str | None:
        """Know nothing of a server any more; the key that it had. Raises KnownServersError."""
        with self._changing():
            known = self.find(url)
            if known is not None:
                place = place_of(url)
                self._write([line for line in self._lines() if line.split()[:1] != [place]])
        return known

    def find(self, url: str) -> str | None:
        """The key that this server has; None where it was never spoken to. Raises KnownServersError."""
        place = place_of(url)
        return next((key for known, key in self._servers() if known == place), None)

    def _servers(self) -> Iterator[tuple[str, str]]:
        """All servers and their keys."""
        for number, line in enumerate(self._lines(), start=1):
            if line.startswith("#") or not line.strip():
                continue
            found = _LINE.fullmatch(line.strip())
            if found is None:
                raise KnownServersError(
                    f"Line {number} of {self._path} is no server and its key. Mend it or remove it: as it is, a "
                    "server that has changed its key might be taken for a new one."
                )
            yield found[1], found[2]

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text("utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            return [HEAD]
        except (OSError, ValueError) as error:
            raise KnownServersError(f"{self._path} cannot be read ({_why(error)}).") from error

    def _write(self, lines: list[str]) -> None:
        text = "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
        disk.write_over(self._path, text.encode())

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Be the only one who changes the file."""
        try:
            disk.make_folder(self._path.parent)
            with FileLock(self._path.with_suffix(".lock"), timeout=LOCK_S):
                yield
        except Timeout:
            raise KnownServersError(f"{self._path} is held by another client that does not end.") from None
        except OSError as error:
            raise KnownServersError(f"Cannot keep a server's key in {self._path}: {_why(error)}.") from error


def _why(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
