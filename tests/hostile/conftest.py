"""A server and honest people for each module; a test that needs options of its own starts its own."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from chat_server import admin
from chat_server.orders import Invite
from chat_server.protocol.proofs import code_digest, code_of
from tests.chat_server import peers
from tests.hostile import raw
from tests.hostile.attacks import Scene
from tests.hostile.honest import NAMES
from tests.hostile.processes import ServerProcess, Started, serving

SceneMaker = Callable[..., Scene]
ServerMaker = Callable[..., ServerProcess]


def _company(stack: ExitStack, folder: Path, server: ServerProcess, *, invited: bool) -> Scene:
    codes = _codes(server) if invited else ()
    company = Started(folder / "honest.stderr", "-m", "tests.hostile.honest", server.url, *codes)
    stack.callback(company.end)
    assert company.line() == '"ready"\n', company.complaint
    return Scene(server, company)


def _codes(server: ServerProcess) -> Iterator[str]:
    """A code for each of the honest people."""
    for name in NAMES:
        code = code_of(secrets.token_bytes(16))
        order = Invite(digest=code_digest(code), name=name, lasts_ms=600_000)
        assert admin.ask(server.data, order).answer.refused == ""
        yield code


@pytest.fixture(scope="module")
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One of this module; what it is started with is the module's `SCENE`, if it has one."""
    given = dict(getattr(request.module, "SCENE", {}))
    folder = tmp_path_factory.mktemp("hostile")
    with ExitStack() as stack:
        invited = given.pop("invited", False)
        server = stack.enter_context(serving(folder, *given.pop("options", ()), **given))
        yield _company(stack, folder, server, invited=invited)


@pytest.fixture
async def make_scene(tmp_path: Path) -> AsyncIterator[SceneMaker]:
    """One of this test, with options of `chat-server serve`."""
    with ExitStack() as stack:

        def make(*options: str, invited: bool = False, **given: Any) -> Scene:
            server = stack.enter_context(serving(tmp_path, *options, **given))
            return _company(stack, tmp_path, server, invited=invited)

        yield make
        await _hang_up()


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[ServerMaker]:
    """A server of this test with nobody on it, with options of `chat-server serve`."""
    with ExitStack() as stack:
        yield lambda *options, **given: stack.enter_context(serving(tmp_path, *options, **given))
        await _hang_up()


@pytest.fixture(autouse=True)
async def no_connection_stays() -> AsyncIterator[None]:
    """Leave no connection of a test open."""
    yield
    await _hang_up()


async def _hang_up() -> None:
    """End all connections, before the server that they lead to would wait for them."""
    raw.hang_up()
    await peers.hang_up()
    await asyncio.sleep(0)  # what was aborted is closed by the next turn of the event loop
