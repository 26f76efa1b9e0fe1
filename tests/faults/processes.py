"""Processes that are started, spoken to, killed and started again: a server and clients."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Final

import msgspec

from tests.faults.acting import Window

ROOT: Final = Path(__file__).parents[2]
PATIENCE_S: Final = 30.0
WINDOW_BYTES_MAX: Final = 4 * 1024 * 1024


class Started:
    """A process of ours, of which there is one at a time."""

    def __init__(self, complaints: Path, *arguments: str) -> None:
        """Take where its standard error goes, and what Python is to run; nothing runs yet."""
        self._complaints = complaints
        self._arguments = arguments
        self._process: Process | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started, and has not been ended since."""
        return self._process is not None

    @property
    def process(self) -> Process:
        """The one that runs."""
        assert self._process is not None
        return self._process

    async def spawn(self, *more: str) -> None:
        """Start it, with further arguments; in the repository, so that it runs what is tested."""
        assert self._process is None
        with self._complaints.open("ab") as complaints:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *self._arguments, *more),
                stdin=PIPE,
                stdout=PIPE,
                stderr=complaints,
                cwd=ROOT,
                limit=WINDOW_BYTES_MAX,
            )

    async def line(self) -> str:
        """The next line that it writes; empty at its end."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            return (await self.process.stdout.readline()).decode()

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")

    async def kill(self) -> None:
        """End it as a power cut would; nothing if it does not run. It must not have ended by itself."""
        if self._process is not None:
            ended, self._process = self._process, None
            if ended.returncode is None:
                ended.kill()
            code = await ended.wait()
            assert ended.stdin is not None
            ended.stdin.close()
            assert code == -signal.SIGKILL, (
                f"{self._arguments[0]} had ended by itself with {code}; see {self._complaints}"
            )

    async def leave(self) -> None:
        """Let it end in good order."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        async with asyncio.timeout(PATIENCE_S):
            code = await self.process.wait()
        assert code == 0, f"it ended with {code}; see {self._complaints}"
        self._process = None


class ServerProcess(Started):
    """A server on a loopback port that stays its own, and on its directory."""

    def __init__(self, data: Path, snapshot_commits: int) -> None:
        """Snapshots are begun after so many commits."""
        arguments = (str(snapshot_commits), "serve", "--no-rate-limits", "--data-dir", str(data))
        super().__init__(data.with_suffix(".stderr"), "tests.faults.serving", *arguments)
        self.data = data
        self.port = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    async def start(self) -> None:
        """Start it; it can be spoken to when this returns."""
        await self.spawn("--port", str(self.port))
        said = await self.line()
        assert said.startswith("Listening on ws://127.0.0.1:"), f"the server does not start: {said}"
        self.port = int(said.split("/ws")[0].rsplit(":", 1)[1])

    @property
    def snapshots(self) -> int:
        """How many there have been, over all starts."""
        with (self.data / "snapshot.json").open("rb") as file:
            return int(file.read(200).split(b'"generation":')[1].split(b",")[0])


class ClientProcess(Started):
    """Somebody with a state directory and a ledger, which stay theirs."""

    def __init__(self, name: str, folder: Path, url: str, pace_s: float, writes: float) -> None:
        """Take the folder of all clients, where they connect to, and how they behave; see `acting.Script`."""
        self.name = name
        self.ledger = folder / f"{name}.ledger"
        arguments = {
            "--name": name,
            "--url": url,
            "--state": str(folder / name),
            "--ledger": str(self.ledger),
            "--pace-s": str(pace_s),
            "--writes": str(writes),
        }
        words = (word for pair in arguments.items() for word in pair)
        super().__init__(folder / f"{name}.stderr", "tests.faults.clients", *words, "--retry-s", "0.1", "1")

    async def start(self) -> None:
        await self.spawn()

    async def window(self) -> Window:
        """What it shows now."""
        self.tell("show")
        return msgspec.json.decode(await self.line(), type=Window)
