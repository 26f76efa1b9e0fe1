"""Somebody's own editor: which one it is, what it finds, and what comes back of it."""

import asyncio
import os
import shlex
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from chat_tui.editor import EditorError, edit, editor_of
from tests.chat_tui.people import Person


def scripted(code: str) -> list[str]:
    """An editor that runs this, with the `path` of its file."""
    return [sys.executable, "-c", f"import os, pathlib, sys\npath = pathlib.Path(sys.argv[1])\n{code}"]


def names_in(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_visual_comes_before_editor() -> None:
    assert editor_of({"VISUAL": "cat -n", "EDITOR": "sh"}) == ["cat", "-n"]
    assert editor_of({"VISUAL": " ", "EDITOR": "sh -c 'a b'"}) == ["sh", "-c", "a b"]


def test_without_them_it_is_what_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EditorError, match="No editor was found; name yours in the environment variable EDITOR"):
        editor_of({})
    for name in ("nano", "vi"):
        (tmp_path / name).touch(mode=0o700)
        assert editor_of({}) == [name]


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"EDITOR": "vi 'x"}, "EDITOR is no command: a quotation mark is missing"),
        ({"VISUAL": "no-such-editor -w"}, "The editor that VISUAL names was not found: no-such-editor"),
    ],
)
def test_what_is_no_editor(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(EditorError, match=sentence):
        editor_of(environ)


async def test_it_changes_the_draft_in_private_and_leaves_nothing(scratch: Path) -> None:
    command = scripted(
        "modes = [oct(each.stat().st_mode & 0o777) for each in (path, path.parent)]\n"
        "path.write_text(path.read_text() + ' '.join([*modes, str(path.parent.parent)]) + '\\n')"
    )
    assert await edit(command, "draft") == f"draft\n0o600 0o700 {scratch}"
    assert names_in(scratch) == []


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b"", ""),
        (b"\n", ""),
        (b"one\n\ntwo\n", "one\n\ntwo"),
        (b"a\r\nb\tc\x1b[2J", "a\nb    c\\x1b[2J"),
        ("Zoë 😄".encode(), "Zoë 😄"),
    ],
)
async def test_what_comes_back(written: bytes, text: str) -> None:
    assert await edit(scripted(f"path.write_bytes({written!r})"), "draft") == text


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("path.write_bytes(b'\\xff')", r"What the editor has left is no text in UTF-8\. The draft is as it was\."),
        ("path.unlink()", r"The editor cannot be used: no such file or directory\. The draft is as it was\."),
        ("sys.exit(3)", r"The editor ended with exit code 3\. The draft is as it was\."),
    ],
)
async def test_what_does_not_come_back(code: str, sentence: str, scratch: Path) -> None:
    with pytest.raises(EditorError, match=sentence):
        await edit(scripted(code), "draft")
    assert names_in(scratch) == []


async def test_one_that_cannot_be_run(tmp_path: Path) -> None:
    (tmp_path / "no-program").write_bytes(b"\0")
    (tmp_path / "no-program").chmod(0o700)
    with pytest.raises(EditorError, match="The editor cannot be used"):
        await edit([str(tmp_path / "no-program")], "draft")


async def test_ctrl_c_is_the_editor_s() -> None:
    before = signal.getsignal(signal.SIGINT)
    code = "os.kill(os.getppid(), 2)\nimport signal\npath.write_text(str(signal.getsignal(2)))"
    text = await edit(scripted(code), "draft")
    assert text == str(signal.default_int_handler)
    assert signal.getsignal(signal.SIGINT) is before


async def test_it_ends_when_nobody_waits_for_it(scratch: Path) -> None:
    pipe = scratch / "pipe"
    os.mkfifo(pipe)
    code = f"import time\npathlib.Path({str(pipe)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    editing = asyncio.ensure_future(edit(scripted(code), "draft"))
    process = int(await asyncio.to_thread(pipe.read_text))
    editing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await editing
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert names_in(scratch) == ["pipe"]


async def test_where_there_is_no_terminal_it_says_so(
    john: Callable[[], AbstractAsyncContextManager[Person]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "cat")
    async with john() as john_:
        await john_.press("a", "ctrl+o")
        await john_.until(lambda: john_.toasts == ["No editor can be opened here: it needs a terminal."])
        assert (john_.composer, john_.app.is_covered()) == ("a", False)
        monkeypatch.setenv("VISUAL", "[no-such]")
        await john_.press("ctrl+o")
        await john_.until(lambda: john_.toasts[1:] == ["The editor that VISUAL names was not found: [no-such]"])
        await john_.press("b")
        assert john_.composer == "ab"


def test_commands_are_quoted_as_in_a_shell() -> None:
    assert editor_of({"EDITOR": shlex.join([sys.executable, "a b"])}) == [sys.executable, "a b"]
