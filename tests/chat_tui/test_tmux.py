"""Asking a false tmux that says, fails and hangs as told."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_tui.terminal.tmux import ask_tmux, load_buffer

from .test_surroundings import ANSWER, IN_TMUX, tmux

FalseTmux = Callable[[str], dict[str, str]]


@pytest.fixture
def false_tmux(tmp_path: Path) -> FalseTmux:
    """Put a shell script in the place of tmux; gives the environment in which it is found."""

    def write(script: str) -> dict[str, str]:
        path = tmp_path / "tmux"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        return {**IN_TMUX, "PATH": f"{tmp_path}:{os.environ['PATH']}"}

    return write


async def test_what_tmux_says(false_tmux: FalseTmux) -> None:
    assert await ask_tmux(false_tmux(f"echo '{ANSWER.strip()}'"), timeout_s=60) == tmux()


async def test_nobody_is_asked_outside_of_tmux(false_tmux: FalseTmux) -> None:
    environ = false_tmux(f"echo '{ANSWER.strip()}'")
    assert await ask_tmux({"PATH": environ["PATH"]}) is None


@pytest.mark.parametrize(
    "script", ["exit 1", f"echo '{ANSWER.strip()}'; exit 1", "echo nonsense", "exec sleep 600"]
)
async def test_no_answer(false_tmux: FalseTmux, script: str) -> None:
    assert await ask_tmux(false_tmux(script), timeout_s=0.2) is None


async def test_no_tmux(tmp_path: Path) -> None:
    assert await ask_tmux({**IN_TMUX, "PATH": str(tmp_path)}) is None
    assert not await load_buffer({**IN_TMUX, "PATH": str(tmp_path)}, "x")


async def test_a_buffer_is_loaded_with_the_text(false_tmux: FalseTmux, tmp_path: Path) -> None:
    environ = false_tmux(f'echo "$@" > {tmp_path}/arguments; cat > {tmp_path}/given')
    assert await load_buffer(environ, "héllo\n" * 10_000, timeout_s=60)
    assert (tmp_path / "arguments").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "given").read_text() == "héllo\n" * 10_000


@pytest.mark.parametrize("script", ["exit 1", "exec sleep 600"])
async def test_a_buffer_is_not_loaded(false_tmux: FalseTmux, script: str) -> None:
    assert not await load_buffer(false_tmux(script), "x" * 100_000, timeout_s=0.2)
