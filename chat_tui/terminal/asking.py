"""Putting questions to the terminal: raw for as long as that takes, then as it was, with nothing left to be read.

    DA1             answered by every terminal; by none within `FIRST_S`: nothing more is asked
    CPR, DA1        as above: whether the line is empty
    questions, DA1  at most `ALL_S`, then `LINGER_S` for what comes by itself
    farewell, DA1   at most `LAST_S`: whatever was under way has arrived before its reply

Not for Windows, which has no termios.
"""

import os
import select
import signal
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from chat_tui.terminal.replies import (
    FENCE,
    FOCUS,
    WHERE,
    Answers,
    farewell,
    has_fence,
    is_at_start,
    questions,
    read,
)

FIRST_S: Final = 0.6
ALL_S: Final = 1.5
LINGER_S: Final = 0.1
LAST_S: Final = 0.6
QUIET_S: Final = 0.02
BYTES_MAX: Final = 65_536
_INTERRUPT: Final = b"\x03"


def is_ours(descriptor: int) -> bool:
    """Whether this process may change the terminal: one in the background would be stopped for trying."""
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        # It is a terminal, but does not control this process and cannot stop it.
        return True


def ask(ears: int, mouth: int, *, with_text: bool) -> Answers | None:
    """What the terminal replies; None if nothing. `ears` and `mouth` are its descriptors to read and to write.

    Raises KeyboardInterrupt for Ctrl+C, and SystemExit for SIGTERM and SIGHUP, once the terminal is as it was.
    """
    before = termios.tcgetattr(ears)
    with _ended_by_signals():
        try:
            tty.setraw(ears)
            _say(mouth, FENCE)
            is_answered = has_fence(_hear(ears, FIRST_S))
            return read(_ask_all(ears, mouth, with_text=with_text)) if is_answered else None
        finally:
            _drain(ears)
            termios.tcsetattr(ears, termios.TCSAFLUSH, before)


def _ask_all(ears: int, mouth: int, *, with_text: bool) -> bytes:
    heard = b""
    try:
        _say(mouth, WHERE)
        # Widths are measured on the line where the cursor is, and what stands there already is to stay.
        line = "" if is_at_start(_hear(ears, FIRST_S)) else "\r\n"
        _say(mouth, line + questions(with_text=with_text))
        heard = _hear(ears, ALL_S)
        heard += _hear(ears, LINGER_S, until_fence=False)
    finally:
        _say(mouth, farewell(reports_focus=read(heard).modes.get(FOCUS) == 1))
    _hear(ears, LAST_S)
    return heard


def _say(mouth: int, text: str) -> None:
    os.write(mouth, text.encode())


def _hear(ears: int, patience_s: float, *, until_fence: bool = True) -> bytes:
    """What is replied until the fence, or for so long; Ctrl+C among it is heeded."""
    heard = b""
    end_s = time.monotonic() + patience_s
    while len(heard) < BYTES_MAX and not (until_fence and has_fence(heard)):
        left_s = end_s - time.monotonic()
        if left_s <= 0 or not select.select([ears], [], [], left_s)[0]:
            break
        data = os.read(ears, 4096)
        if not data:
            break
        if _INTERRUPT in data:
            raise KeyboardInterrupt
        heard += data
    return heard


def _drain(ears: int) -> None:
    """Read what is still to come, for a little while: flushing drops only what the system has already sorted."""
    end_s = time.monotonic() + LINGER_S
    while time.monotonic() < end_s and select.select([ears], [], [], QUIET_S)[0]:
        if not os.read(ears, 4096):
            break


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let signals that would end the process at once raise SystemExit instead, so that `finally` is heeded."""

    def end(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
