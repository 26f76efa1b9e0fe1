"""Real terminals for real processes: a pseudo-terminal read into a screen, and tmux with clients attached."""

import fcntl
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pyte
import pytest
from pyte.screens import Char
from wcwidth import wcswidth

CLIENT: Final = (sys.executable, "-m", "chat_tui")
PASTE: Final = "\x1b[200~{}\x1b[201~"
FOCUS_IN: Final = "\x1b[I"
FOCUS_OUT: Final = "\x1b[O"
PRIVATE: Final = re.compile(rb"\x1b\[[<>=?][\d;]*[a-zA-Z]|\x1b\[\?[\d;]*\$p")
"""Sequences that pyte does not know, of which it would print the end."""
UNFINISHED: Final = re.compile(rb"\x1b(?:\[[<>=?]?[\d;]*\$?)?\Z")
"""A sequence of which the rest is still to be read."""


def environ(**more: str) -> dict[str, str]:
    """What a program in a terminal of ours finds: UTF-8, colours, no tmux around it."""
    ours = ("TMUX", "LC_", "LANG", "COLUMNS", "LINES")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **more}


def open_pty(width: int, height: int) -> tuple[int, int]:
    ours, theirs = pty.openpty()
    resize_pty(theirs, width, height)
    return ours, theirs


def resize_pty(descriptor: int, width: int, height: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))


class Screen(pyte.Screen):
    """A screen on which half of a wide character that was drawn over is blank, as terminals have it."""

    @property
    def display(self) -> list[str]:
        return ["".join(self._row(self.buffer[y])) for y in range(self.lines)]

    def _row(self, cells: Mapping[int, Char]) -> Iterator[str]:
        x = 0
        while x < self.columns:
            letter = cells[x].data
            is_wide = wcswidth(letter) == 2
            is_halved = not letter or (is_wide and x + 1 < self.columns and cells[x + 1].data != "")
            yield " " if is_halved else letter
            x += 2 if is_wide and not is_halved else 1


class Terminal:
    """A process on a pseudo-terminal; all that it writes is kept, and drawn on a screen."""

    def __init__(
        self, *command: str, more: dict[str, str], width: int = 80, height: int = 24, margin: int = 0
    ) -> None:
        """Start it. What is too wide shows in `margin` columns right of the screen, of which it knows nothing."""
        self._ours, theirs = open_pty(width, height)
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, env=environ(**more)
        )
        os.close(theirs)
        os.set_blocking(self._ours, False)
        self.written = b""
        self._width, self._margin = width, margin
        self._unread = b""
        self._screen = Screen(width + margin, height)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def screen(self) -> str:
        """What is on it now."""
        self._pump()
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def too_wide(self) -> list[str]:
        """The rows that do not end at the edge."""
        return [row for row in self.screen.splitlines() if wcswidth(row) > self._width]

    def resize(self, width: int, height: int) -> None:
        """What a window does when it is drawn larger or smaller; it is empty until something is drawn anew."""
        self._pump()
        self._width = width
        self._screen.resize(height, width + self._margin)
        self._screen.erase_in_display(2)
        resize_pty(self._ours, width, height)
        self.process.send_signal(signal.SIGWINCH)

    def sees(self, text: str) -> bool:
        return text in self.screen

    @property
    def rung(self) -> int:
        """How often the bell has been rung."""
        return self.spoken.count(b"\x07")

    @property
    def spoken(self) -> bytes:
        """All that was written but the mouse pointer's shapes, which end in a bell that does not ring."""
        self._pump()
        return re.sub(rb"\x1b\]22;[a-z-]+\x07", b"", self.written)

    def type(self, text: str) -> None:
        """Send all of it in one burst."""
        os.write(self._ours, text.encode())

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs. Output is read, so that it can end."""
        self._pump()
        return self.process.poll()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=20)

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
        os.close(self._ours)

    def _pump(self) -> None:
        try:
            while data := os.read(self._ours, 65536):
                self.written += data
                data = self._unread + data
                end = found.start() if (found := UNFINISHED.search(data)) else len(data)
                self._unread = data[end:]
                self._stream.feed(PRIVATE.sub(b"", data[:end]))
        except (BlockingIOError, OSError):
            pass


class Tmux:
    """A tmux server of our own; every session has a client attached on a pseudo-terminal."""

    def __init__(self, directory: Path) -> None:
        self._socket = directory / "tmux"
        self._clients: list[tuple[subprocess.Popen[bytes], int]] = []

    def run(self, *command: str) -> str:
        """Give tmux a command; what it says."""
        done = subprocess.run(
            ["tmux", "-S", self._socket, "-f", "/dev/null", *command],
            env=environ(), capture_output=True, text=True, timeout=20, check=True,
        )  # fmt: skip
        return done.stdout

    def start(self, session: str, *command: str) -> None:
        """A session that runs a command in its window 0, with somebody in front of it."""
        self.run("new-session", "-d", "-x", "80", "-y", "24", "-s", session, *command)
        self.run("set-option", "-t", session, "status", "off")
        self.attach(session)

    def attach(self, session: str) -> None:
        ours, theirs = open_pty(80, 24)
        client = subprocess.Popen(
            ["tmux", "-S", self._socket, "attach-session", "-t", session],
            env=environ(), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        threading.Thread(target=_drain, args=(ours,), daemon=True).start()
        self._clients.append((client, ours))

    def detach(self, session: str) -> None:
        self.run("detach-client", "-s", session)

    def type(self, session: str, *keys: str) -> None:
        self.run("send-keys", "-t", f"{session}:0", *keys)

    def screen(self, session: str) -> str:
        """What window 0 shows, or would show."""
        return self.run("capture-pane", "-p", "-t", f"{session}:0")

    def sees(self, session: str, text: str) -> bool:
        return text in self.screen(session)

    def process(self, session: str) -> int:
        """The process in window 0."""
        return int(self.run("display-message", "-p", "-t", f"{session}:0", "#{pane_pid}"))

    def close(self) -> None:
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], check=False, capture_output=True, timeout=20)
        for client, _ in self._clients:
            client.wait(timeout=20)


def _drain(descriptor: int) -> None:
    """Read until the terminal is gone: tmux stops for one that nobody reads."""
    try:
        while os.read(descriptor, 65536):
            pass
    except OSError:
        pass
    finally:
        os.close(descriptor)


needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
