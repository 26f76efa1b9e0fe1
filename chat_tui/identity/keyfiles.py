"""Secret keys on disk: one for each name, made when it is first needed, readable by nobody else.

CONFIG/keys/<name>-<hash of name>.key           0600, in a folder of 0700

    doubletick secret key 1                     what this is, and the version of this format
    public <43 characters>                      the key by which others know its owner
    secret <43 characters>                      32 random bytes: whoever has them is its owner

Both are unpadded base64url. The public key follows from the secret one; it is there so that a start need not load
what computes it.
"""

import os
import re
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chat_tui import disk

if TYPE_CHECKING:
    from chat_server.protocol.proofs import Signer

HEAD: Final = "doubletick secret key 1"
_BYTES: Final = "[A-Za-z0-9_-]{43}"
_FILE: Final = re.compile(rf"{HEAD}\npublic ({_BYTES})\nsecret ({_BYTES})\n?")
_FILE_CHARS_MAX: Final = 1_000


class KeyFileError(Exception):
    """A key cannot be had, kept or used; a sentence that says which file and what to do."""


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A key, as it is in a file."""

    path: Path
    public: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """What the file holds."""
        return f"{HEAD}\npublic {self.public}\nsecret {self.secret}\n"


def path_of(config: Path, name: str) -> Path:
    """Where the key of a name is kept."""
    return config / "keys" / f"{disk.file_name(name, name)}.key"


def find_or_make(path: Path) -> SecretKey:
    """The key in the file; where there is no file, a new one. Raises KeyFileError.

    Of two clients that begin at the same time both have the key of the one that was first.
    """
    if not _is_there(path):
        with suppress(FileExistsError):
            write(path, new_key(path).text)
    return read(path)


def new_key(path: Path) -> SecretKey:
    """A key that nobody has yet, for a file that is not written yet."""
    # Imported here, as only a first start needs it.
    from chat_server.protocol.proofs import SEED_BYTES, Signer, text_of

    seed = secrets.token_bytes(SEED_BYTES)
    return SecretKey(path, Signer(seed).public, text_of(seed))


def signer(key: SecretKey) -> "Signer":
    """What signs with the key. Raises KeyFileError where its two halves do not belong together."""
    from chat_server.protocol.proofs import Signer, bytes_of

    with suppress(ValueError):  # it is no number of bytes
        made = Signer(bytes_of(key.secret))
        if made.public == key.public:
            return made
    raise KeyFileError(f"The key of {key.path} is damaged: its public half is another's.")


def write(path: Path, text: str, *, replacing: bool = False) -> None:
    """Write a file with a key. Raises KeyFileError, and FileExistsError where one is there and is to stay."""
    try:
        disk.make_folder(path.parent)
        (disk.write_over if replacing else disk.write_new)(path, text.encode())
    except FileExistsError:
        if not _is_there(path):
            raise KeyFileError(f"Cannot keep a key in {path}: {path.parent} is no folder.") from None
        raise
    except OSError as error:
        raise KeyFileError(f"Cannot keep a key in {path}: {error.strerror}.") from error


def read(path: Path) -> SecretKey:
    """The key in the file. Raises KeyFileError, also where others can read it: then it may be theirs as well."""
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(_FILE_CHARS_MAX)
    except OSError as error:
        raise KeyFileError(f"The key in {path} cannot be read: {error.strerror}.") from error
    if os.name == "posix" and mode & 0o077:
        raise KeyFileError(
            f"The key in {path} can be read or changed by others on this machine (mode {mode:04o}), so it is not "
            f"used. If nobody had it, make it yours alone: chmod 600 {path}"
        )
    return decode(path, text)


def decode(path: Path, text: str) -> SecretKey:
    """The key in a file's text. Raises KeyFileError."""
    found = _FILE.fullmatch(text)
    if found is None:
        raise KeyFileError(
            f"{path} holds no secret key of doubletick. Put back the file that was there, or move it away to "
            "begin with a new key, which is nobody yet."
        )
    return SecretKey(path, found[1], found[2])


def _is_there(path: Path) -> bool:
    """Whether there is a file, readable or not."""
    return os.path.lexists(path)
