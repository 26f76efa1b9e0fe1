"""What ends a running server, or has it read its certificate again: signals, and the end of its input."""

import asyncio
import contextlib
import functools
import os
import signal
import sys
import threading
from typing import Final

from chat_server.certificates import Certificate
from chat_server.protocol import CloseCode

CLOSE_CODES: Final = {signal.SIGINT: CloseCode.GOING, signal.SIGTERM: CloseCode.RESTARTING}
"""What peers are told at the end, by the signal that brings it. To restart, service managers send SIGTERM."""


def reload_on_hangup(certificate: Certificate) -> None:
    """Have the certificate read again when the process is hung up."""
    if sys.platform != "win32":  # it has no such signal: there a new certificate needs a new start
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, certificate.reload)


def _stop(stop: asyncio.Future[int], code: int) -> None:
    if not stop.done():
        stop.set_result(code)


def stop_on_signals(stop: asyncio.Future[int]) -> None:
    """Set the code that peers are told, once, when a signal asks the process to end."""
    loop = asyncio.get_running_loop()
    for number, code in CLOSE_CODES.items():
        act = functools.partial(_stop, stop, code)
        if sys.platform == "win32":
            signal.signal(number, lambda *_, act=act: loop.call_soon_threadsafe(act))
        else:
            loop.add_signal_handler(number, act)


def stop_at_end_of_input(stop: asyncio.Future[int]) -> None:
    """Do the same when standard input ends.

    By a thread, since a terminal or a file cannot be awaited on every platform; it ends with the process.
    """
    if sys.stdin is None:  # it was closed before we began
        _stop(stop, CloseCode.GOING)
        return
    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()

    def wait() -> None:
        with contextlib.suppress(OSError):  # a terminal that has gone
            # Not through `sys.stdin`, whose lock a thread that reads would hold while the interpreter ends.
            while os.read(descriptor, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended before the input
            loop.call_soon_threadsafe(_stop, stop, CloseCode.GOING)

    threading.Thread(target=wait, name="input", daemon=True).start()
