"""What a real tmux says of a pane, and which keys it lets through."""

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key

from chat_tui.terminal.environment import extended_keys
from chat_tui.terminal.tmux import tmux_hidden


class Tmux:
    """A server of tmux of our own, and clients of it on pseudo-terminals."""

    def __init__(self, directory: Path) -> None:
        self.socket = directory / "tmux"
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TMUX")},
            "TERM": "xterm-256color",
        }
        self.clients: list[tuple[subprocess.Popen[bytes], int]] = []

    def run(self, *command: str) -> str:
        """Give tmux a command and wait for its end; what it says."""
        done = subprocess.run(
            ["tmux", "-S", self.socket, "-f", "/dev/null", *command],
            env=self.environ, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def attach(self, session: str) -> int:
        """Attach a client to a session; the file descriptor of the terminal's side, once it is attached."""
        self.run("set-hook", "-g", "client-attached", "wait-for -S attached")
        ours, theirs = pty.openpty()
        client = subprocess.Popen(
            ["tmux", "-S", self.socket, "attach-session", "-t", session],
            env=self.environ, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.clients.append((client, ours))
        self.run("wait-for", "attached")
        return ours

    def inside(self, pane: str) -> dict[str, str]:
        """The environment of a process in a pane."""
        return {**self.environ, "TMUX": f"{self.socket},1,0", "TMUX_PANE": pane}

    def close(self) -> None:
        self.run("kill-server")
        for client, ours in self.clients:
            client.wait(timeout=60)
            os.close(ours)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A server with session `one`, in whose window 0 is pane %0."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    server = Tmux(tmp_path)
    server.run("new-session", "-d", "-s", "one", "cat")
    yield server
    server.close()


async def test_detached_attached_and_detached_again(tmux: Tmux) -> None:
    assert await tmux_hidden(tmux.inside("%0"), timeout_s=60) is True
    tmux.attach("one")
    assert await tmux_hidden(tmux.inside("%0"), timeout_s=60) is False
    tmux.run("detach-client", "-s", "one")
    assert await tmux_hidden(tmux.inside("%0"), timeout_s=60) is True


async def test_another_window(tmux: Tmux) -> None:
    tmux.attach("one")
    tmux.run("new-window", "-t", "one", "cat")
    assert await tmux_hidden(tmux.inside("%0"), timeout_s=60) is True
    tmux.run("select-window", "-t", "one:0")
    assert await tmux_hidden(tmux.inside("%0"), timeout_s=60) is False


async def test_another_pane(tmux: Tmux) -> None:
    tmux.attach("one")
    tmux.run("split-window", "-t", "one:0", "cat")
    assert await tmux_hidden(tmux.inside("%0"), timeout_s=60) is True
    tmux.run("select-pane", "-t", "%0")
    assert await tmux_hidden(tmux.inside("%0"), timeout_s=60) is False


async def test_a_window_of_two_sessions_is_seen_in_either(tmux: Tmux) -> None:
    tmux.run("new-window", "-t", "one", "cat")
    tmux.run("new-session", "-d", "-s", "two", "-t", "one")
    tmux.run("select-window", "-t", "one:1")
    tmux.run("select-window", "-t", "two:0")
    tmux.attach("one")
    tmux.attach("two")
    assert await tmux_hidden(tmux.inside("%0"), timeout_s=60) is False
    assert await tmux_hidden(tmux.inside("%1"), timeout_s=60) is False


async def test_no_such_pane_and_no_such_server(tmux: Tmux) -> None:
    assert await tmux_hidden(tmux.inside("%99"), timeout_s=60) is None
    tmux.socket = tmux.socket.with_name("nothing")
    nowhere = tmux.inside("%0")
    tmux.socket = tmux.socket.with_name("tmux")
    assert await tmux_hidden(nowhere, timeout_s=60) is None


KEYS_HEARD = """
import os, subprocess, sys, tty
tty.setraw(0)
os.write(1, sys.argv[1].encode() + b"\\x1b[5n")  # a report in answer means that all before has been understood
report = b""
while not report.endswith(b"n"):
    report += os.read(0, 1)
subprocess.run(["tmux", "wait-for", "-S", "listening"], check=True)
heard = b""
while not heard.endswith(b"."):
    heard += os.read(0, 1)
with open(sys.argv[2], "wb") as file:
    file.write(heard)
subprocess.run(["tmux", "wait-for", "-S", "heard"], check=True)
"""


def keys_heard(tmux: Tmux, tmp_path: Path, written: str, pressed: bytes) -> list[str]:
    """What Textual makes of keys, pressed in tmux, by an app that has written something first."""
    terminal = tmux.attach("one")
    heard = tmp_path / "heard"
    tmux.run("new-window", "-t", "one", sys.executable, "-c", KEYS_HEARD, written, str(heard))
    tmux.run("wait-for", "listening")
    os.write(terminal, pressed + b".")
    tmux.run("wait-for", "heard")
    events = XTermParser().feed(heard.read_bytes().decode())
    return [event.key for event in events if isinstance(event, Key)]


@pytest.mark.parametrize("pressed", [b"\x1b[13;2u", b"\x1b[27;2;13~"], ids=["CSI u", "modifyOtherKeys"])
def test_shift_enter_arrives_in_tmux(tmux: Tmux, tmp_path: Path, pressed: bytes) -> None:
    tmux.run("set-option", "-s", "extended-keys", "on")
    start, _ = extended_keys(tmux.inside("%0"))
    assert keys_heard(tmux, tmp_path, start, pressed + b"\n\r") == ["shift+enter", "ctrl+j", "enter", "full_stop"]


def test_shift_enter_is_lost_again_at_the_end(tmux: Tmux, tmp_path: Path) -> None:
    tmux.run("set-option", "-s", "extended-keys", "on")
    written = "".join(extended_keys(tmux.inside("%0")))
    assert keys_heard(tmux, tmp_path, written, b"\x1b[13;2u\r") == ["enter", "full_stop"]
