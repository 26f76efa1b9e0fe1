"""Small files of one's own: written whole or not at all, to last, readable by nobody else."""

import hashlib
import os
import re
import secrets
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Have this folder there, shut for others where it is new. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_new(path: Path, text: bytes) -> None:
    """Write a file that is not there yet. Raises FileExistsError where somebody else was first, and OSError."""
    temporary = path.with_name(f"{path.name}-{secrets.token_hex(8)}.tmp")
    try:
        _write(temporary, text)
        # A link, unlike a rename, fails where somebody was first.
        os.link(temporary, path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_over(path: Path, text: bytes) -> None:
    """Write a file in place of the one that is there, if any; one writer at a time. Raises OSError."""
    temporary = path.with_suffix(".tmp")
    temporary.unlink(missing_ok=True)
    _write(temporary, text)
    temporary.replace(path)
    _sync_folder(path.parent)


def _write(path: Path, text: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename last; Windows has no such call, and needs none."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def file_name(name: str, *facts: str) -> str:
    """What a file of somebody's is called on any disk: what can be read of the name, and a hash of facts."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", name)[:32]
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    return f"{readable}-{digest[:16]}"
