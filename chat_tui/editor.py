"""Somebody's own editor, for a draft: found, run on a file that nobody else can read, and its text taken back.

The terminal must have been lent to it before, and nobody else may write there until it has ended.
"""

import asyncio
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from chat_tui.disk import write_new
from chat_tui.text.safetext import safe_text

FALLBACKS: Final = ("vi", "nano", "notepad")
_KEPT: Final = "The draft is as it was."


class EditorError(Exception):
    """There is no text from an editor; the sentence says why, and what can be done."""


def editor_of(environ: Mapping[str, str]) -> list[str]:
    """The command of the editor that somebody prefers, to which a path is added. Raises EditorError."""
    name = next((each for each in ("VISUAL", "EDITOR") if environ.get(each, "").strip()), None)
    if name is None:
        found = next((each for each in FALLBACKS if shutil.which(each)), None)
        if found is None:
            raise EditorError("No editor was found; name yours in the environment variable EDITOR.")
        return [found]
    try:
        command = shlex.split(environ[name], posix=os.name == "posix")
    except ValueError as error:
        raise EditorError(
            f"The environment variable {name} is no command: a quotation mark is missing."
        ) from error
    if shutil.which(command[0]) is None:
        raise EditorError(f"The editor that {name} names was not found: {command[0]}")
    return command


async def edit(command: list[str], draft: str) -> str:
    """What a draft has become in an editor, made safe to show. Raises EditorError where it has become nothing.

    The editor is ended when this is cancelled.
    """
    with tempfile.TemporaryDirectory(prefix="doubletick-") as folder:
        path = Path(folder, "message.txt")
        try:
            write_new(path, f"{draft}\n".encode())
            code = await _run(*command, str(path))
            text = _text_of(path)
        except OSError as error:
            raise EditorError(f"The editor cannot be used: {(error.strerror or '').lower()}. {_KEPT}") from error
        except UnicodeDecodeError as error:
            raise EditorError(f"What the editor has left is no text in UTF-8. {_KEPT}") from error
    if code:
        raise EditorError(f"The editor ended with exit code {code}. {_KEPT}")
    return safe_text(text).rstrip("\n")


def _text_of(path: Path) -> str:
    return path.read_bytes().decode()


async def _run(*command: str) -> int:
    """The exit code of a command that has the terminal."""
    with _interrupts_left_to_it():
        process = await asyncio.create_subprocess_exec(*command)
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()


@contextmanager
def _interrupts_left_to_it() -> Iterator[None]:
    """Ctrl+C in an editor goes to this process as well, which must outlast it.

    A handler, unlike SIG_IGN, is not handed down to the editor.
    """
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
