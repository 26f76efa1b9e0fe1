"""A process on a pseudo-terminal of 120 x 40, as people have it, whose output is read and looked through."""

import os
import select
import subprocess
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from tests.benchmarks.subjects import let_roam
from tests.end_to_end.terminals import environ, open_pty

WIDTH: Final = 120
HEIGHT: Final = 40
KEPT: Final = 65_536


class OnPty:
    """The process; it is ended at the end, if it has not ended by itself."""

    def __init__(self, command: Sequence[str], *, pass_fds: Sequence[int] = ()) -> None:
        """Start it."""
        self._terminal, theirs = open_pty(WIDTH, HEIGHT)
        self._unread = b""
        self._began_s = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            # Compiled once, as what is installed is.
            env=environ(PYTHONPATH=os.environ.get("PYTHONPATH", ""), PYTHONDONTWRITEBYTECODE=""),
            pass_fds=pass_fds,
        )
        os.close(theirs)
        let_roam(self.process.pid)

    def __enter__(self) -> Self:
        """Have it ended at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._terminal)

    @property
    def age_s(self) -> float:
        """Since it was started."""
        return time.perf_counter() - self._began_s

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def until(self, wanted: str, patience_s: float) -> None:
        """Read to where this is written. Raises TimeoutError, with the end of what was written instead."""
        end_s = time.perf_counter() + patience_s
        sought = wanted.encode()
        while sought not in self._unread:
            self._unread = self._unread[-KEPT:]
            if time.perf_counter() > end_s or self.process.poll() is not None:
                raise TimeoutError(f"{wanted!r} was never written, but {self._unread[-2_000:]!r}")
            self._read(end_s - time.perf_counter())
        self._unread = self._unread.partition(sought)[2]

    def read_for(self, seconds: float) -> None:
        """Read, as a terminal does, and pass over it."""
        end_s = time.perf_counter() + seconds
        while (left_s := end_s - time.perf_counter()) > 0:
            self._read(left_s)
        self._unread = b""

    def drain(self, patience_s: float) -> None:
        """Read until it has ended by itself. Raises TimeoutError."""
        end_s = time.perf_counter() + patience_s
        while self.process.poll() is None:
            if time.perf_counter() > end_s:
                raise TimeoutError(f"it goes on after {patience_s:.0f} s: {self._unread[-2_000:]!r}")
            self._read(0.1)
            self._unread = self._unread[-KEPT:]
        assert self.process.returncode == 0, self._unread.decode(errors="replace")

    def _read(self, patience_s: float) -> None:
        if select.select([self._terminal], [], [], max(patience_s, 0))[0]:
            try:
                self._unread += os.read(self._terminal, KEPT)
            except OSError:  # Linux says so when the last writer has gone
                self.process.wait(1)
