"""The processes of these tests: the server that is attacked, and whatever else speaks lines of JSON with us."""

import json
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

ROOT: Final = Path(__file__).parents[2]
PATIENCE_S: Final = 30.0


class Started:
    """A process of ours, which ends when its standard input does."""

    def __init__(self, complaints: Path, *arguments: str, **options: Any) -> None:
        """Start Python with these arguments; what it complains of goes to the file."""
        self.complaints = complaints
        with complaints.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                cwd=ROOT,
                **options,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def line(self) -> str:
        """The next line that it writes."""
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE_S)
        assert ready, f"it says nothing; see {self.complaints}"
        line = str(self._process.stdout.readline(), "utf-8")
        assert line, f"it has ended; it complained:\n{self.complaint}"
        return line

    def ask(self, command: str) -> Any:
        """What it answers to a word."""
        self._input.write(command.encode() + b"\n")
        self._input.flush()
        return json.loads(self.line())

    @property
    def complaint(self) -> str:
        """What it has written to standard error, as characters of its bytes."""
        return self.complaints.read_bytes().decode("latin-1")

    def end(self) -> int:
        """Let it end in good order; its exit code."""
        with suppress(BrokenPipeError):
            self._input.close()
        try:
            code = self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


class ServerProcess(Started):
    """A server on a free loopback port."""

    def __init__(
        self, folder: Path, *options: str, link_ms: int = 600_000, snapshot_commits: int = 10_000, **popen: Any
    ) -> None:
        """Start it with further options of `chat-server serve`; it can be spoken to when this returns."""
        self.data = folder / "data"
        given = json.dumps({"link_ms": link_ms, "snapshot_commits": snapshot_commits})
        common = ("serve", "--port", "0", "--data-dir", str(self.data))
        super().__init__(
            folder / "server.stderr", "-m", "tests.hostile.serving", given, *common, *options, **popen
        )
        try:
            said = self.line()
        except BaseException:
            self.end()
            raise
        self.url = said.split()[2].rstrip(",")
        self.port = int(self.url.split("/ws")[0].rsplit(":", 1)[1])

    def memory_mb(self) -> float:
        """What it holds now."""
        return self._status("VmRSS")

    def peak_mb(self) -> float:
        """What it has held at most since `forget_peak`."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """Let the peak be what is held now (proc(5), `clear_refs`)."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def _status(self, name: str) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


@contextmanager
def serving(folder: Path, *options: str, **given: Any) -> Iterator[ServerProcess]:
    """A server for as long as this lasts; it must end in good order."""
    server = ServerProcess(folder, *options, **given)
    try:
        yield server
    finally:
        code = server.end()
    assert code == 0, f"the server ended with {code}:\n{server.complaint}"


def until(condition: Any, what: str, within_s: float = 10.0) -> None:
    """Look again and again until it is so."""
    end_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end_s, f"never: {what}"
        time.sleep(0.02)
