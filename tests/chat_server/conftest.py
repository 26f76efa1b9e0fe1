"""Fixtures for tests over real sockets."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.chat_server import peers
from tests.chat_server.peers import Peer, Running
from tests.chat_server.processes import Process
from tests.chat_server.processes import Starting as StartingProcess

Starting = Callable[..., Awaitable[Running]]
Joining = Callable[..., Awaitable[Peer]]


@pytest.fixture
async def starting(tmp_path: Path) -> AsyncIterator[Starting]:
    """Starts servers, each with the options of `Server`; once all peers have gone they are stopped."""
    async with AsyncExitStack() as stack:

        async def start(directory: Path = tmp_path / "data", **options: Any) -> Running:
            running = await peers.start(directory, **options)
            stack.push_async_callback(peers.release, running)
            return running

        yield start
        await peers.hang_up()


@pytest.fixture
async def running(starting: Starting) -> Running:
    """A server with an empty directory."""
    return await starting()


@pytest.fixture
def dial(running: Running) -> Joining:
    """Connects to `running` without a word."""
    return partial(peers.dial, running.url)


@pytest.fixture
def join(running: Running) -> Joining:
    """Connects to `running` and says hello under a name."""
    return partial(peers.greet, running.url)


@pytest.fixture
def stall(running: Running) -> Joining:
    """Connects to `running`, says hello under a name and reads hardly more than the answer."""
    return partial(peers.deaf, running.url)


@pytest.fixture
async def start() -> AsyncIterator[StartingProcess]:
    """Starts servers in processes of their own; what still runs at the end is killed."""
    processes: list[Process] = []

    def begin(data: Path, *options: str, **variables: str) -> Process:
        processes.append(Process(data, *options, **variables))
        return processes[-1]

    yield begin
    await peers.hang_up()
    for each in processes:
        each.process.kill()
        each.process.communicate()
