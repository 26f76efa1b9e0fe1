"""A store that syncs its file before it answers, Valkey or Redis: how much it takes from so many clients."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from typing import Final

from tests.benchmarks.figures import Skipped

PATIENCE_S: Final = 20.0
SYNCED: Final = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
ADDED: Final = b":"
"""How the answer begins that says how long the list is now (RESP)."""


def appends(folder: Path, clients: int, entry: bytes, seconds: float) -> tuple[float, float]:
    """Entries per second that are on disk, each client waiting for its last; the share of a core that asking took.

    Raises Skipped where there is no such store.
    """
    with _serving(folder) as port:
        return asyncio.run(_driven(port, clients, entry, seconds))


class _Client(asyncio.Protocol):
    """One that adds an entry whenever its last one is kept."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._transport: asyncio.WriteTransport | None = None
        self.kept = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        assert data.startswith(ADDED), data
        assert self._transport is not None
        if data.endswith(b"\n"):
            self.kept += 1
            self._transport.write(self._request)

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()


async def _driven(port: int, clients: int, entry: bytes, seconds: float) -> tuple[float, float]:
    request = b"*3\r\n$5\r\nRPUSH\r\n$4\r\nroom\r\n$%d\r\n%b\r\n" % (len(entry), entry)
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: _Client(request), "127.0.0.1", port) for _ in range(clients)]
    began, used_s = sum(client.kept for _, client in made), process_time()
    await asyncio.sleep(seconds)
    kept, used_s = sum(client.kept for _, client in made) - began, process_time() - used_s
    for _, client in made:
        client.close()
    return kept / seconds, used_s / seconds


@contextmanager
def _serving(folder: Path) -> Iterator[int]:
    """The store on a loopback port, with nothing in it, ended at the end."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    folder.mkdir()
    listening = ("--bind", "127.0.0.1", "--port", str(port), "--dir", folder)
    process = subprocess.Popen((_program(), *listening, *SYNCED), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert process.stdout is not None
        said = b""
        while b"Ready to accept" not in said:
            said = process.stdout.readline()
            assert said, "the store has ended"
        yield port
    finally:
        process.kill()
        process.wait(PATIENCE_S)
        if process.stdout is not None:
            process.stdout.close()


def _program() -> str:
    """Where it is."""
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        raise Skipped("neither valkey-server nor redis-server is installed")
    return program
