"""The doctor on a pseudo-terminal, behind which a script answers: all, some, nothing, late, rubbish.

What is looked at each time: what was found, how long it took, that the terminal is as it was, and that nothing is
left for a shell to read.
"""

import json
import os
import select
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from chat_tui.terminal.replies import PROBES
from tests.end_to_end.terminals import open_pty

DOCTOR: Final = (sys.executable, "-c", "from chat_tui.doctor import doctor; doctor()")
ASK: Final = """
import time
from chat_tui.terminal.asking import ask
begun = time.monotonic()
answers = ask(0, 1, with_text=True)
print(f"took {time.monotonic() - begun:.3f} {answers}")
"""
ASKER: Final = (sys.executable, "-c", ASK)
END: Final = b"<all has been read>"
NAMES: Final = (b"\x1b[c", b"\x1b[6n", b"\x1b[>q", b"\x1b[?u", b"\x1b]99;i=doubletick:p=?;\x1b\\", b"\x1b[?1004h")
MODES: Final = tuple(b"\x1b[?%d$p" % mode for mode in (1004, 1006, 2004, 2026))
PATIENCE_S: Final = 20.0

Answer = Callable[[bytes], bytes]


def mode_of(question: bytes) -> bytes:
    return question.removeprefix(b"\x1b[?").removesuffix(b"$p")


def silent(_: bytes) -> bytes:
    return b""


class Able:
    """A terminal that can do everything."""

    def __init__(self, *, column: int = 1) -> None:
        self._columns = [column, *(probe.cells + 1 for probe in PROBES)]

    def __call__(self, question: bytes) -> bytes:
        if question in MODES:
            return b"\x1b[?%b;2$y" % mode_of(question)
        if question == b"\x1b[6n":
            return b"\x1b[3;%dR" % self._columns.pop(0)
        return {
            b"\x1b[c": b"\x1b[?62;52c",
            b"\x1b[>q": b"\x1bP>|kitty(0.36.0)\x1b\\",
            b"\x1b[?u": b"\x1b[?0u",
            b"\x1b]99;i=doubletick:p=?;\x1b\\": b"\x1b]99;i=doubletick:p=?;p=title,body\x1b\\",
            b"\x1b[?1004h": b"\x1b[I",
        }[question]


def only_attributes(question: bytes) -> bytes:
    """It answers what all answer; what it does not know it ignores."""
    return b"\x1b[?6c" if question == b"\x1b[c" else b""


class Fake:
    """The outer end of a pseudo-terminal: hears questions, gives a script's answers, keeps what was written."""

    def __init__(self, answer: Answer, *, delay_s: float = 0, piecewise: bool = False) -> None:
        self.ours, self.theirs = open_pty(100, 30)
        self.before = termios.tcgetattr(self.theirs)
        self.written = b""
        self._answer = answer
        self._delay_s = delay_s
        self._piecewise = piecewise
        self._heard = b""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def run(self, *command: str, **more: str) -> subprocess.Popen[bytes]:
        environ = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8", **more}
        return subprocess.Popen(
            command, stdin=self.theirs, stdout=self.theirs, stderr=self.theirs, env=environ, start_new_session=True
        )

    def type(self, data: bytes) -> None:
        os.write(self.ours, data)

    @property
    def said(self) -> str:
        """All that has been written, up to now."""
        os.write(self.theirs, END)
        deadline_s = time.monotonic() + PATIENCE_S
        while not self.written.endswith(END):
            assert time.monotonic() < deadline_s
            self._ended.wait(0.01)
        return self.written.replace(END, b"").decode(errors="replace")

    @property
    def is_restored(self) -> bool:
        return termios.tcgetattr(self.theirs) == self.before

    @property
    def left(self) -> bytes:
        """What a shell would read now."""
        mode = termios.tcgetattr(self.theirs)
        mode[3] &= ~(termios.ICANON | termios.ECHO)
        termios.tcsetattr(self.theirs, termios.TCSANOW, mode)
        left = b""
        while select.select([self.theirs], [], [], 0.3)[0]:
            left += os.read(self.theirs, 1024)
        return left

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        os.close(self.ours)
        os.close(self.theirs)

    def _serve(self) -> None:
        while not self._ended.is_set():
            if not select.select([self.ours], [], [], 0.02)[0]:
                continue
            data = os.read(self.ours, 4096)
            self.written += data
            self._heard += data
            while (question := self._next()) is not None:
                self._reply(self._answer(question))

    def _next(self) -> bytes | None:
        """The first question that was heard and has not been answered."""
        found = [(at, each) for each in (*NAMES, *MODES) if (at := self._heard.find(each)) >= 0]
        if not found:
            return None
        at, question = min(found)
        self._heard = self._heard[at + len(question) :]
        return question

    def _reply(self, data: bytes) -> None:
        if data and self._delay_s:
            self._ended.wait(self._delay_s)
        pieces = [bytes((each,)) for each in data] if self._piecewise else [data]
        for piece in pieces:
            os.write(self.ours, piece)


Start = Callable[..., Fake]


@pytest.fixture
def fake() -> Iterator[Start]:
    """Start false terminals; they are gone after the test."""
    started: list[Fake] = []

    def start(answer: Answer, **how: Any) -> Fake:
        started.append(Fake(answer, **how))
        return started[-1]

    yield start
    for each in started:
        each.close()


def finish(process: subprocess.Popen[bytes]) -> int:
    return process.wait(timeout=PATIENCE_S)


def asked(terminal: Fake) -> tuple[float, str]:
    """How long it took to ask, and what came of it."""
    assert finish(terminal.run(*ASKER)) == 0
    took, _, answers = terminal.said.rpartition("took ")[2].partition(" ")
    return float(took), answers.strip()


@pytest.mark.parametrize("piecewise", [False, True], ids=["whole", "byte by byte"])
def test_a_terminal_that_answers_all(fake: Start, piecewise: bool) -> None:  # noqa: FBT001 - a case
    terminal = fake(Able(), piecewise=piecewise)
    took_s, answers = asked(terminal)
    assert "version='kitty(0.36.0)'" in answers
    assert "{1004: 2, 1006: 2, 2004: 2, 2026: 2}" in answers
    assert f"columns={tuple(probe.cells for probe in PROBES)}" in answers
    assert "focused=True" in answers
    assert took_s < 1
    assert terminal.is_restored
    assert terminal.left == b""


def test_what_is_changed_is_changed_back(fake: Start) -> None:
    terminal = fake(Able())
    asked(terminal)
    assert terminal.written.count(b"\x1b[?1004h") == terminal.written.count(b"\x1b[?1004l") == 1
    assert terminal.written.count(b"\x1b[?25l") == terminal.written.count(b"\x1b[?25h") == 1
    assert terminal.written.index(b"\x1b[?1004h") < terminal.written.index(b"\x1b[?1004l")


def test_what_stands_on_the_line_is_left(fake: Start) -> None:
    terminal = fake(Able(column=4))
    _, answers = asked(terminal)
    assert b"\r\n\x1b[?25l" in terminal.written
    assert f"columns={tuple(probe.cells for probe in PROBES)}" in answers


def test_a_terminal_that_answers_nothing_costs_less_than_a_second(fake: Start) -> None:
    terminal = fake(silent)
    took_s, answers = asked(terminal)
    assert answers == "None"
    assert took_s < 1
    assert terminal.written.count(b"\x1b") == 1, "it was asked one question only"
    assert terminal.is_restored
    assert terminal.left == b""


def test_a_terminal_that_answers_little(fake: Start) -> None:
    terminal = fake(only_attributes)
    took_s, answers = asked(terminal)
    assert "attributes=(6,)" in answers
    assert "version=''" in answers
    assert took_s < 1
    assert terminal.is_restored
    assert terminal.left == b""


def test_a_terminal_that_answers_slowly_is_waited_for(fake: Start) -> None:
    """As over a long way; nothing of it is left, though it all comes after a while."""
    terminal = fake(Able(), delay_s=0.05)
    took_s, answers = asked(terminal)
    assert "kitty" in answers
    assert took_s < 4
    assert terminal.left == b""


def test_keys_typed_meanwhile_do_no_harm(fake: Start) -> None:
    able = Able()

    def answer(question: bytes) -> bytes:
        return b"ls\r" + able(question) + b"\x1b[A"

    terminal = fake(answer)
    _, answers = asked(terminal)
    assert "kitty" in answers
    assert terminal.is_restored


def test_ctrl_c_ends_it_and_the_terminal_is_as_it_was(fake: Start) -> None:
    terminal = fake(lambda question: b"\x03" if question == b"\x1b[c" else b"")
    assert finish(terminal.run(*ASKER)) != 0
    assert "KeyboardInterrupt" in terminal.said
    assert terminal.is_restored


def test_what_is_not_read_any_more_is_left_to_nobody(fake: Start) -> None:
    """As what was typed ahead of Ctrl+C: more than one reading takes."""
    terminal = fake(lambda question: b"\x03" + b"x" * 4_500 if question == b"\x1b[c" else b"")
    assert finish(terminal.run(*ASKER)) != 0
    assert terminal.left == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_the_terminal_is_as_it_was(fake: Start, number: int) -> None:
    processes: list[subprocess.Popen[bytes]] = []

    def answer(question: bytes) -> bytes:
        if question == b"\x1b[>q":
            processes[0].send_signal(number)
        return only_attributes(question) if question != b"\x1b[c" or b"\x1b[>q" not in terminal.written else b""

    terminal = fake(answer)
    processes.append(terminal.run(*ASKER))
    assert finish(processes[0]) == 128 + number
    assert terminal.is_restored
    assert b"\x1b[?1004l" in terminal.written
    assert b"\x1b[?25h" in terminal.written


def test_the_doctor_on_it(fake: Start) -> None:
    terminal = fake(Able())
    assert finish(terminal.run(*DOCTOR, COLORTERM="truecolor")) == 0
    said = terminal.said
    assert 'The terminal is kitty ("kitty(0.36.0)").' in said
    assert "  export DOUBLETICK_NOTIFY=osc99\r\n" in said
    assert "\x1b[32mok" in said
    assert terminal.is_restored
    assert terminal.left == b""


def test_the_doctor_speaks_json(fake: Start) -> None:
    terminal = fake(Able())
    assert finish(terminal.run(*DOCTOR, "--json")) == 0
    said = terminal.said
    found = json.loads(said[said.index("{") :])
    assert found["answered"] is True
    assert [each["verdict"] for each in found["findings"] if each["topic"] in ("keys", "focus")] == ["ok", "ok"]


def test_the_doctor_of_a_terminal_that_answers_nothing_and_wants_no_colours(fake: Start) -> None:
    terminal = fake(silent)
    assert finish(terminal.run(*DOCTOR, NO_COLOR="1")) == 0
    said = terminal.said
    assert "The terminal answers no questions." in said
    assert said.count("\x1b") == 1


def test_the_doctor_in_the_background_does_not_ask(fake: Start) -> None:
    """A process that is not in the foreground would be stopped for changing the terminal."""
    terminal = fake(Able())
    script = f"""
import fcntl, subprocess, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.exit(subprocess.call({DOCTOR!r}, process_group=0))
"""
    assert finish(terminal.run(sys.executable, "-c", script)) == 0
    said = terminal.said
    assert "not asked from the background" in said
    assert "\x1b[c" not in said
