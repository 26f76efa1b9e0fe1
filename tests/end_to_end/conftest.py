"""Terminals and servers that are gone after the test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chat_tui.people import Host
from tests.end_to_end.terminals import CLIENT, Terminal, Tmux


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A server that a test may kill and start again."""
    host = Host(tmp_path / "server").start()
    yield host
    host.kill()


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Start the client with these arguments, each time in a terminal of its own."""
    terminals: list[Terminal] = []

    def start(*arguments: str, **more: str) -> Terminal:
        kept = {
            "DOUBLETICK_STATE_DIR": str(tmp_path / "state"),
            "DOUBLETICK_CONFIG_DIR": str(tmp_path / "config"),
            "TMPDIR": str(tmp_path),
            **more,
        }
        terminals.append(Terminal(*CLIENT, *arguments, more=kept))
        return terminals[-1]

    yield start
    for each in terminals:
        each.close()


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A tmux server without sessions."""
    server = Tmux(tmp_path)
    yield server
    server.close()
