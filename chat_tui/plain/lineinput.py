"""Lines from standard input, as they come, from terminals, pipes and files; nothing here waits for one.

The descriptor stays as it is: made non-blocking, it would be so for everybody who shares the terminal.
"""

import asyncio
import os
from collections.abc import Callable
from typing import Final

READ_BYTES: Final = 65_536
LINE_BYTES_MAX: Final = 65_536
"""What is longer is no message in any encoding; of it only this much is kept."""


class LineInput:
    """One descriptor, read while somebody wants lines."""

    def __init__(self, descriptor: int, tell: Callable[[str | None], None]) -> None:
        """Take what to read, and who hears of each line, without its end; None is the end of all."""
        self._descriptor = descriptor
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._rest = b""
        self._lines: list[str] = []
        self._ended = False
        self._reading = False
        self._watches = True
        """Whether the loop can say when there is something to read: not for files, which always have something."""

    def resume(self) -> None:
        """Tell of lines from now on."""
        if not self._reading:
            self._reading = True
            self._loop.call_soon(self._go_on)

    def pause(self) -> None:
        """Tell of none, and read none, until resumed."""
        if self._reading and self._watches:
            self._loop.remove_reader(self._descriptor)
        self._reading = False

    def _go_on(self) -> None:
        while self._reading and self._lines:
            self._tell(self._lines.pop(0))
        if not self._reading:
            return
        if self._ended:
            self._reading = False
            self._tell(None)
        elif not self._watch():
            self._read()
            self._loop.call_soon(self._go_on)

    def _watch(self) -> bool:
        if self._watches:
            try:
                self._loop.add_reader(self._descriptor, self._readable)
            except PermissionError:  # epoll takes no files (epoll_ctl(2), EPERM)
                self._watches = False
        return self._watches

    def _readable(self) -> None:
        self._loop.remove_reader(self._descriptor)
        self._read()
        self._go_on()

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, READ_BYTES)
        except OSError:  # the terminal is gone
            data = b""
        if not data:
            self._ended = True
            data = b"\n" if self._rest else b""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[: LINE_BYTES_MAX + 1]
        self._lines += [line.decode(errors="replace").removesuffix("\r") for line in lines]
