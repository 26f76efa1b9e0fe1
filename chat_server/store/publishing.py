"""A file of one's own beside the data: written under another name, to last, read back, and only then named."""

import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from chat_server.store.disk import Disk
from chat_server.store.errors import Unwritable
from chat_server.store.observing import Tell, untold
from chat_server.store.writing import write_verified


def require_target(path: Path, directory: Path, *, force: bool) -> None:
    """Refuse a path that must not be written to; before any work is done. Raises Unwritable."""
    if path.resolve().parent == directory.resolve():
        raise Unwritable(f"{path} is among the server's own files. Choose a path outside of {directory}.")
    if not path.parent.is_dir():
        raise Unwritable(f"{path.parent} is not a directory. Make it, or choose another path.")
    if path.exists() and not path.is_file():
        raise Unwritable(f"{path} is no file. Choose another path.")
    if path.exists() and not force:
        raise Unwritable(f"{path} is there already. Choose another name, or replace it with --force.")


def publish_file(
    disk: Disk,
    path: Path,
    pieces: Iterable[bytes],
    *,
    verify: Callable[[Path], object] | None = None,
    tell: Tell = untold,
) -> int:
    """Make the file of these pieces, for this user alone, and return how many bytes it has.

    `verify` reads the file and raises what is wrong with it. Whatever is raised, an interruption too, the path is
    as it was before and no other file is left.
    """
    temporary = path.with_name(f".{secrets.token_hex(4)}.doubletick.tmp")
    try:
        size = write_verified(disk, disk.create(temporary), temporary, pieces, tell)
        if verify is not None:
            verify(temporary)
        disk.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            disk.remove(temporary)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    disk.sync_directory(path.parent)
    return size
