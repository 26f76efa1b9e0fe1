"""What the terminal can do, by its environment and by a false tmux that says, fails and hangs as told."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_tui.terminal.environment import ascii_only, extended_keys, in_tmux
from chat_tui.terminal.tmux import tmux_hidden

IN_TMUX = {"TMUX": "/nowhere/socket,1,0", "TMUX_PANE": "%0"}


@pytest.mark.parametrize(
    ("environ", "encoding", "expected"),
    [
        ({"TERM": "xterm-256color", "LANG": "en_US.UTF-8"}, "utf-8", False),
        ({"TERM": "tmux-256color", "LANG": "C.UTF-8"}, "UTF-8", False),
        ({"LC_ALL": "de_DE.utf8"}, "utf8", False),
        ({}, "utf-8", False),
        ({"TERM": "xterm", "LANG": "en_US"}, "iso8859-1", True),
        ({"LANG": "en_US.UTF-8"}, "ANSI_X3.4-1968", True),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "utf-8", True),
        ({"LC_CTYPE": "POSIX", "LANG": "en_US.UTF-8"}, "utf-8", True),
        ({"LC_CTYPE": "en_US.UTF-8", "LANG": "C"}, "utf-8", False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, "utf-8", True),
        ({"LC_CTYPE": "C.UTF-8"}, "utf-8", False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "en_US.UTF-8"}, "utf-8", False),
        ({"TERM": "linux", "LANG": "en_US.UTF-8"}, "utf-8", True),
        ({"TERM": "dumb", "LANG": "en_US.UTF-8"}, "utf-8", True),
        ({"TERM": "vt220", "LANG": "en_US.UTF-8"}, "utf-8", True),
    ],
)
def test_ascii_only(environ: dict[str, str], encoding: str, expected: bool) -> None:  # noqa: FBT001 - a case, not a switch
    assert ascii_only(environ, encoding) is expected


def test_in_tmux() -> None:
    assert in_tmux(IN_TMUX)
    assert not in_tmux({})
    assert not in_tmux({"TMUX": "", "TMUX_PANE": "%0"})
    assert not in_tmux({"TMUX": "/nowhere/socket,1,0"})


def test_extended_keys_are_for_tmux_only() -> None:
    assert extended_keys({}) == ("", "")
    assert all(extended_keys(IN_TMUX))


@pytest.fixture
def false_tmux(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Put a shell script in the place of tmux; gives the environment in which it is found."""

    def write(script: str) -> dict[str, str]:
        path = tmp_path / "tmux"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        return {**IN_TMUX, "PATH": f"{tmp_path}:{os.environ['PATH']}"}

    return write


Started = asyncio.Queue[asyncio.subprocess.Process]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The processes that were started."""
    processes: Started = asyncio.Queue()
    start = asyncio.create_subprocess_exec

    async def watched(*args: str, **options: object) -> asyncio.subprocess.Process:
        process = await start(*args, **options)  # type: ignore[arg-type]  # as given by the caller
        processes.put_nowait(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    return processes


def assert_gone(process: asyncio.subprocess.Process) -> None:
    assert process.returncode is not None
    with pytest.raises(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo '%0 1 1 1'", False),
        ("echo '%0 2 1 1'", False),
        ("echo '%0 0 1 1'", True),
        ("echo '%0 1 0 1'", True),
        ("echo '%0 1 1 0'", True),
        ("echo '%1 0 1 1'; echo '%0 1 1 1'", False),
        ("echo '%0 0 1 1'; echo '%0 1 1 1'", False),
        ("echo '%00 1 1 1'", None),
        ("exit 0", None),
        ("echo '%0 1 1 1'; exit 1", None),
        ("printf '\\377 1 1 1\\n'", None),
    ],
)
async def test_what_tmux_says(
    false_tmux: Callable[[str], dict[str, str]],
    started: Started,
    script: str,
    expected: bool | None,  # noqa: FBT001 - a case, not a switch
) -> None:
    assert await tmux_hidden(false_tmux(script), timeout_s=60) is expected
    assert_gone(started.get_nowait())


async def test_outside_of_tmux_nobody_is_asked(started: Started) -> None:
    assert await tmux_hidden({"PATH": os.environ["PATH"]}) is None
    assert started.empty()


async def test_tmux_cannot_be_started(tmp_path: Path) -> None:
    assert await tmux_hidden({**IN_TMUX, "PATH": str(tmp_path)}) is None


async def test_a_tmux_that_hangs_is_killed(false_tmux: Callable[[str], dict[str, str]], started: Started) -> None:
    assert await tmux_hidden(false_tmux("exec sleep 600"), timeout_s=0.01) is None
    assert_gone(started.get_nowait())


async def test_a_tmux_that_hangs_is_killed_when_nobody_waits_any_more(
    false_tmux: Callable[[str], dict[str, str]], started: Started
) -> None:
    asking = asyncio.ensure_future(tmux_hidden(false_tmux("exec sleep 600"), timeout_s=600))
    process = await started.get()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert_gone(process)
