"""What the system refuses to a person who looks after a directory, as a sentence with what to do about it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chat_server.store.errors import DiskFailed, StorageError, Unwritable, explain


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an OSError on the way, which may name a file of its own, into a StorageError."""
    try:
        yield
    except BrokenPipeError:  # whoever reads what we write has had enough, which needs no sentence
        raise
    except OSError as error:
        raise _refusal(Path(str(error.filename or path)), error) from error


def _refusal(path: Path, error: OSError) -> StorageError:
    match error:
        case FileNotFoundError():
            return DiskFailed(f"No such file or directory: {path}. Check the path.")
        case FileExistsError():
            return Unwritable(f"{path} is there already. Choose another path.")
        case NotADirectoryError():
            return Unwritable(f"{path} is not a directory. Check the path.")
        case IsADirectoryError():
            return Unwritable(f"{path} is a directory. Name a file.")
        case PermissionError() | OSError(errno=errno.EROFS):
            return Unwritable(
                f"{path} may not be read or written by this user: {error.strerror}. Change its owner or its mode, "
                "or choose another path."
            )
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return DiskFailed(
                f"There is no space left for {path}. Nothing was left behind: free some space and try again."
            )
        case _:
            return DiskFailed(f"{path} cannot be used: {explain(error)}. Mend the disk, or choose another path.")
