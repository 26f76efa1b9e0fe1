"""A real server for the tests of the client, and a clock that can be put forward."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from chat_tui.app import ChatApp, Options
from chat_tui.outbox import Outbox
from tests.chat_tui.people import Clock, Host, Peer, Person, at_the_app, passport
from tests.chat_tui.scripted import SAID, TEN_MS, Scripted, Start
from tests.chat_tui.sessions import PAGE_MAX

_rooms = itertools.count(1)


@pytest.fixture(scope="session")
def shared_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """One server for all tests that do not stop it; each has a room and names of its own in it."""
    host = Host(tmp_path_factory.mktemp("server")).start()
    yield host
    host.stop()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A server that a test may kill and start again."""
    host = Host(tmp_path / "server").start()
    yield host
    host.kill()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of all apps in this test."""
    clock = Clock()
    monkeypatch.setattr("chat_tui.app.steady_ms", clock)
    monkeypatch.setattr("chat_tui.gestures.attentive.steady_ms", clock)
    return clock


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of a few messages, as in `sessions`."""
    monkeypatch.setattr("chat_tui.model.pages.PAGE_MAX", PAGE_MAX)


@pytest.fixture
def room() -> str:
    """A room that no other test knows."""
    return f"room-{next(_rooms)}"


@pytest.fixture
def mary(shared_host: Host, room: str) -> AbstractAsyncContextManager[Peer]:
    """Somebody else in the room, on a bare connection."""
    return Peer.on(shared_host.url, f"Mary-{room}", room)


@pytest.fixture
def john(
    shared_host: Host, room: str, clock: Clock, tmp_path: Path
) -> Callable[..., AbstractAsyncContextManager[Person]]:
    """The person at the app; called again it is the same one, who has started it again."""

    def start(size: tuple[int, int] = (80, 24)) -> AbstractAsyncContextManager[Person]:
        return at_the_app(shared_host.url, f"John-{room}", room, tmp_path / "state", clock, size)

    return start


@pytest.fixture
def scripted(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:  # noqa: ARG001
    """John's app with a scripted server, in UTC, at a time that stands still, with cursors that do not blink."""
    for typed_into in (Input, TextArea):
        monkeypatch.setattr(typed_into.cursor_blink, "_default", False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    outbox = Outbox.open(tmp_path, "ws://127.0.0.1:8080/ws", "John")

    def make(said: tuple[tuple[str, str], ...] = SAID, *, ascii_only: bool = False) -> ChatApp:
        url = "ws://127.0.0.1:8080/ws"
        app = ChatApp(
            Options("John", url, "general", ascii_only=ascii_only), outbox, passport("John", url, tmp_path)
        )
        app._connection = Scripted(app, said)  # type: ignore[assignment]
        return app

    monkeypatch.setattr("chat_tui.gestures.seeking.local_now", lambda: datetime(2025, 1, 15, 10, 8))  # noqa: DTZ001  # as there
    monkeypatch.setattr("time.time_ns", lambda: (TEN_MS + 480_000) * 1_000_000)
    yield make
    outbox.close()
    monkeypatch.undo()
    time.tzset()
