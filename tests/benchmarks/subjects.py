"""The servers that are measured, ours and anchors: each a process of its own, on one core and a loopback port."""

import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from tests.benchmarks.figures import Skipped

ROOT: Final = Path(__file__).parents[2]
TICKS: Final = os.sysconf("SC_CLK_TCK")
PATIENCE_S: Final = 20.0
CAN_PIN: Final = hasattr(os, "sched_setaffinity")
SERVER_CORE: Final = 0
LOAD_CORE: Final = 1


class Kind(Enum):
    """What can be put under load."""

    OURS = "chat-server"
    OURS_UVLOOP = "chat-server on uvloop"
    BROADCAST = "websockets.broadcast, asyncio"
    BROADCAST_UVLOOP = "websockets.broadcast, uvloop"
    RAW_EACH = "raw writes, one each"
    RAW_JOINED = "raw writes, joined"
    NODE = "Node ws"
    GO = "Go gorilla"

    @property
    def is_ours(self) -> bool:
        return self in (Kind.OURS, Kind.OURS_UVLOOP)


ANCHORS: Final = tuple(kind for kind in Kind if not kind.is_ours)


@dataclass(frozen=True, slots=True)
class Subject:
    """A running server."""

    kind: Kind
    port: int
    pid: int

    @property
    def cpu_s(self) -> float:
        """What it has used so far, in seconds, all threads together."""
        return cpu_s_of(self.pid)

    @property
    def memory_bytes(self) -> int:
        """What it holds now."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * resource.getpagesize()


def cpu_s_of(pid: int) -> float:
    """What a process has used so far, in seconds, all threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def serving(kind: Kind, data: Path | None = None) -> Iterator[Subject]:
    """A new server, ended at the end; ours with this data, or without any. Raises Skipped if it cannot be here."""
    if not Path("/proc/self/stat").exists():
        raise Skipped("the processor time of a server is read from /proc, which only Linux has")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-")))
        command, environ = _command(kind, data or folder / "data")
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stack.enter_context((folder / "complaints").open("wb")),
        )
        stack.callback(_end, process)
        _pin(process.pid, SERVER_CORE)
        assert process.stdout is not None
        said = process.stdout.readline().decode().strip()
        assert said, f"{kind.value} does not start: {(folder / 'complaints').read_text()[-2_000:]}"
        port = said.split("/ws")[0].rsplit(":", 1)[-1]
        yield Subject(kind, int(port), process.pid)


@contextmanager
def on_a_core_of_its_own() -> Iterator[None]:
    """This process, which makes the load, on another core than the servers, and with files for all connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    before = os.sched_getaffinity(0) if CAN_PIN else set()
    _pin(0, LOAD_CORE)
    try:
        yield
    finally:
        if CAN_PIN:
            os.sched_setaffinity(0, before)


def let_roam(pid: int) -> None:
    """Let a process that was started by this one run on any core."""
    if CAN_PIN:
        os.sched_setaffinity(pid, range(os.cpu_count() or 1))


def _pin(pid: int, core: int) -> None:
    """Keep a process on a core, where that can be done and there are two."""
    if CAN_PIN and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait(PATIENCE_S)
    for stream in (process.stdin, process.stdout):
        assert stream is not None
        stream.close()


def _command(kind: Kind, data: Path) -> tuple[Sequence[str | Path], Mapping[str, str]]:
    anchors = "tests.benchmarks.anchors"
    serve = ("serve", "--port", "0", "--no-rate-limits", "--data-dir", data)
    if "uvloop" in kind.value or kind in (Kind.RAW_EACH, Kind.RAW_JOINED):
        _need_uvloop()
    match kind:
        case Kind.OURS:
            return (sys.executable, "-m", "chat_server", *serve), {}
        case Kind.OURS_UVLOOP:
            return (sys.executable, "-m", "tests.benchmarks.on_uvloop", *serve), {}
        case Kind.BROADCAST:
            return (sys.executable, "-m", f"{anchors}.broadcast"), {}
        case Kind.BROADCAST_UVLOOP:
            return (sys.executable, "-m", f"{anchors}.broadcast", "uvloop"), {}
        case Kind.RAW_EACH:
            return (sys.executable, "-m", f"{anchors}.raw", "each", "uvloop"), {}
        case Kind.RAW_JOINED:
            return (sys.executable, "-m", f"{anchors}.raw", "joined", "uvloop"), {}
        case Kind.NODE:
            return _node()
        case Kind.GO:
            return _go()


def _need_uvloop() -> None:
    if importlib.util.find_spec("uvloop") is None:
        raise Skipped("uvloop is not installed")


def _node() -> tuple[Sequence[str | Path], Mapping[str, str]]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Skipped("node and npm are not installed")
    modules = _once("node", lambda folder: _install([npm, "install", "--silent", "--no-fund", "ws@8"], folder))
    return (node, ROOT / "tests/benchmarks/anchors/ws.cjs"), {"NODE_PATH": str(modules / "node_modules")}


def _go() -> tuple[Sequence[str | Path], Mapping[str, str]]:
    go = shutil.which("go")
    if go is None:
        raise Skipped("go is not installed")
    built = _once("go", lambda folder: _build(go, folder))
    return (built / "gorilla",), {"GOMAXPROCS": "1"}


def _build(go: str, folder: Path) -> None:
    shutil.copy(ROOT / "tests/benchmarks/anchors/gorilla.go", folder / "main.go")
    _install([go, "mod", "init", "gorilla"], folder)
    _install([go, "get", "github.com/gorilla/websocket@v1.5.3"], folder)
    _install([go, "build", "-o", "gorilla", "."], folder)


def _once(name: str, make: Callable[[Path], None]) -> Path:
    """A temporary folder in which this has been made; it is there until this process ends."""
    if name not in _made:
        folder = tempfile.TemporaryDirectory(prefix=f"benchmark-{name}-")
        make(Path(folder.name))
        _made[name] = folder
    return Path(_made[name].name)


_made: Final[dict[str, "tempfile.TemporaryDirectory[str]"]] = {}


def _install(command: Sequence[str], folder: Path) -> None:
    """Raises Skipped where what is needed cannot be had."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["it does not say why"]
        raise Skipped(f"{Path(command[0]).name} {command[1]} failed: {last[0]}")
