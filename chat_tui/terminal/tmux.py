"""Asking tmux what it passes on and whether it shows this pane, and giving it what was copied."""

import asyncio
import contextlib
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping

from chat_tui.terminal.surroundings import TMUX_QUESTION, Surroundings, Tmux, parse_tmux

Environ = Mapping[str, str]

_PANES = "#{pane_id} #{session_attached} #{window_active} #{pane_active}"


async def ask_tmux(environ: Environ, *, timeout_s: float = 0.5) -> Tmux | None:
    """What tmux says of itself and the terminal around it; None outside of tmux, and where it says nothing."""
    if not Surroundings(environ).in_tmux:
        return None
    command = ("tmux", "display-message", "-p", "-t", environ["TMUX_PANE"], TMUX_QUESTION)
    answer = await _run(environ, timeout_s, b"", *command)
    return None if answer is None else parse_tmux(answer)


async def tmux_hidden(environ: Environ, *, timeout_s: float = 0.5) -> bool | None:
    """Whether no attached client of tmux has this pane active in its current window; None if that is not known.

    A pane that is visible beside the active one counts as hidden: keys do not go there.
    """
    if not Surroundings(environ).in_tmux:
        return None
    # `display-message` would answer for one session only; a window can belong to several (`new-session -t`).
    answer = await _run(environ, timeout_s, b"", "tmux", "list-panes", "-a", "-F", _PANES)
    sessions = [
        facts for pane, *facts in map(str.split, (answer or "").splitlines()) if pane == environ["TMUX_PANE"]
    ]
    return all("0" in facts for facts in sessions) if sessions else None


async def load_buffer(environ: Environ, text: str, *, timeout_s: float = 5.0) -> bool:
    """Put a text into tmux's buffer and, by OSC 52, into the clipboard outside; whether tmux took it."""
    return await _run(environ, timeout_s, text.encode(), "tmux", "load-buffer", "-w", "-") is not None


async def _run(environ: Environ, timeout_s: float, given: bytes, *command: str) -> str | None:
    """What a command says to what it is given; None if it fails, cannot be started or takes too long."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, env=environ, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(timeout_s):
            said, _ = await process.communicate(given)
    except TimeoutError:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return said.decode(errors="replace") if process.returncode == 0 else None
