"""What can be wrong with a data directory: one small family, each `str()` of it a sentence for a person."""

import errno
from pathlib import Path
from typing import Final

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


class StorageError(Exception):
    """The data directory cannot be used, or no longer. The server ends with this sentence; nothing was changed."""


class DirectoryInUse(StorageError):
    """Another server has the directory."""


class Unwritable(StorageError):
    """The path is no directory, or its files may not be read or written."""


class WrongVersion(StorageError):
    """The files were written by a program whose format this one does not read."""


class Damaged(StorageError):
    """The files are not what was written: starting would lose what somebody was told is safe."""


class DiskFailed(StorageError):
    """Reading, writing or fsync failed. What was not acknowledged by then may or may not be on disk."""


class NoSpace(OSError):
    """The disk is full, and what did not fit was taken back: nothing has changed, and the disk has not failed."""


def is_full(error: OSError) -> bool:
    """Whether there is no space, on the disk or of this user's share of it."""
    return error.errno in _FULL


def taken_back(error: OSError) -> OSError:
    """What to raise in place of this error, once nothing is left of what led to it."""
    return NoSpace(error.errno, error.strerror, error.filename) if is_full(error) else error


def explain(error: OSError) -> str:
    """Which file, and the system's own words: `journal-….jsonl: No space left on device (ENOSPC)`."""
    name = Path(str(error.filename)).name + ": " if error.filename else ""
    return f"{name}{error.strerror} ({errno.errorcode.get(error.errno or 0, error.errno)})"


def refused_to_open(directory: Path, error: OSError) -> StorageError:
    """The sentence for an operating system error on the way to a running store."""
    match error:
        case FileExistsError() | NotADirectoryError():
            return Unwritable(f"{directory} is not a directory. Choose another path for the data.")
        case PermissionError() | OSError(errno=errno.EROFS):
            return Unwritable(
                f"{directory} cannot be read and written by this user: {explain(error)}. "
                "Change its owner, or choose another directory."
            )
        case _:
            return DiskFailed(
                f"The data in {directory} cannot be opened: {explain(error)}. "
                "Free some space or mend the disk, then start again."
            )
