"""Stores on real files, and processes that write to them."""

import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from chat_server.chat import ChatState
from chat_server.people import People
from chat_server.room import Entry, Opened, Posted, Room
from chat_server.store import LocalDisk, Store

OPENED = Opened(room="general", title="General", at=0)


def posted(at: int, content: str = "") -> Posted:
    return Posted(room="general", entry=Entry(at, "ann", str(at), content or f"message {at}", at))


def state_of(*rooms: Room) -> ChatState:
    """A chat of these rooms, and of nobody."""
    return ChatState(People().freeze(), [room.freeze() for room in rooms])


@asynccontextmanager
async def opened(directory: Path, disk: LocalDisk | None = None) -> AsyncIterator[Store]:
    store = Store.open(directory, disk=disk)
    try:
        yield store
    finally:
        await store.close()


async def fill(directory: Path, count: int) -> None:
    async with opened(directory) as store:
        await store.commit([OPENED])
        for at in range(1, count + 1):
            await store.commit([posted(at)])


async def messages(directory: Path) -> list[int]:
    async with opened(directory) as store:
        return [each.id for each in store.chat.rooms["general"].messages]


def modes(directory: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


WRITER = """
import asyncio, resource, sys
from pathlib import Path
from chat_server.store import DiskFailed, Store
from tests.chat_server.stores import OPENED, posted

async def main():
    store = Store.open(Path(sys.argv[1]))
    await store.commit([OPENED])
    if len(sys.argv) > 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
    at = 0
    try:
        while True:
            at += 1
            await store.commit([posted(at, "x" * 100)])
            print(at, flush=True)
    except DiskFailed as error:
        print(error, flush=True)
    await store.close()

asyncio.run(main())
"""


@contextmanager
def writer(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that commits one message after the other and prints each one's id once it is on disk."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()
