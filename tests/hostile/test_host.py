"""Other users of the server's machine, and what is sent to the socket that only its owner can open."""

import asyncio
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server.store.layout import ADMIN
from tests.hostile.attacks import Scene
from tests.hostile.conftest import ServerMaker
from tests.hostile.processes import ServerProcess, serving

NOBODY = 65534
INTRUDER = """\
import os, socket, sys
from pathlib import Path
data = Path(sys.argv[1])
def attempt(what, act):
    try:
        act()
    except OSError as error:
        print(what, type(error).__name__)
    else:
        print(what, "DONE")
def connect():
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(data / "ADMIN_NAME"))
attempt("list", lambda: os.listdir(data))
attempt("connect", connect)
attempt("write", lambda: (data / "x").write_text("x"))
for name in sys.argv[2:]:
    attempt(f"read {name}", lambda: (data / name).read_bytes())
    attempt(f"replace {name}", lambda: os.replace(data / name, "/tmp/none-of-this"))
""".replace("ADMIN_NAME", ADMIN)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can look into."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can be another user")
def test_another_user_of_the_machine_gets_at_nothing(open_folder: Path) -> None:
    with serving(open_folder) as server:
        names = [each.name for each in server.data.iterdir()]
        assert ADMIN in names
        python = shutil.which("python3", path="/usr/bin:/bin:/usr/local/bin") or sys.executable
        done = subprocess.run(
            [python, "-c", INTRUDER, str(server.data), *names],
            capture_output=True, text=True, timeout=30, check=True,
            user=NOBODY, group=NOBODY, extra_groups=[], cwd="/",
        )  # fmt: skip
        came = done.stdout.splitlines()
        sys.stdout.write(
            f"\n  another user: {len(came)} attempts, {sum('PermissionError' in each for each in came)} denied\n"
        )
        assert len(came) == 3 + 2 * len(names)
        assert [each for each in came if not each.endswith("PermissionError")] == []


def test_what_the_server_keeps_is_its_users_alone(serve: ServerMaker) -> None:
    server = serve()
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    for each in server.data.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600, each.name


def say(server: ServerProcess, line: bytes) -> bytes:
    """What is answered on the socket for orders."""
    descriptor = os.open(server.data, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as orders:
            orders.settimeout(10)
            orders.connect(f"/proc/self/fd/{descriptor}/{ADMIN}")
            try:
                orders.sendall(line)
                orders.shutdown(socket.SHUT_WR)
                return orders.recv(65536)
            except (BrokenPipeError, ConnectionResetError):
                return b""
    finally:
        os.close(descriptor)


async def test_what_is_no_order_changes_nothing(scene: Scene) -> None:
    async with scene.attacked("what is no order", memory_mb=64) as counts:
        for line in (
            b"\n", b"{}\n", b"null\n", b"\xff\xfe\n", b"[" * 50_000 + b"\n", b'{"type":"list","x":1}\n',
            b'{"type":"promote"}\n', b'{"type":"ban","name":"nobody-here"}\n',
            b'{"type":"promote","name":"\\u001b[2J"}\n',
            b"a" * (17 << 20), b'{"type":"invite","digest":"short","lastsMs":1}\n', b"no end of line",
        ):  # fmt: skip
            answer = await asyncio.to_thread(say, scene.server, line)
            counts["refused" if b'"refused":"' in answer and b'"refused":""' not in answer else "cut"] += 1
            assert b"\x1b" not in answer
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", scene.server.complaint) is None
    assert "Traceback" not in scene.server.complaint
