"""A crowd of real clients, without screens, and a server that is stopped and started under them."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from chat_server.protocol import LOBBY, Message
from chat_tui import connection
from chat_tui.connection import Connection
from chat_tui.identity.passport import Passport
from chat_tui.model import events
from chat_tui.model.effects import Answer, GiveUp, Save, Say
from chat_tui.model.owed import Owed
from chat_tui.model.session import Session
from chat_tui.model.view import Link
from tests.chat_tui.people import Host, passport, until

CROWD: Final = 50


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class Client:
    """A session at its connection, which reads whatever is in its window, and an outbox that it keeps in mind."""

    def __init__(self, url: str, name: str, passport: Passport) -> None:
        self.session = Session(name, LOBBY, Owed(), passport.public)
        self._passport = passport
        self.typed: list[str] = []
        self.saved = self.session.owed
        self.heard: Counter[int] = Counter()
        """How often each message came by itself."""
        self._connection = Connection(url, self.tell, now_ms)
        self._numbers = count(1)
        self._alarm: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        await self._connection.run()

    def type(self) -> None:
        content = f"{self.session.name} says {next(self._numbers)}"
        self.typed.append(content)
        self.tell(events.Typed(content, content, 0))

    def read(self) -> None:
        ids = frozenset(each.id for each in self.session.view().messages if each.id is not None)
        self.tell(events.Seen(self.session.room, ids, now_ms()))

    def tell(self, event: events.Event) -> None:
        if isinstance(event, events.Heard) and isinstance(event.frame, Message):
            self.heard[event.frame.id] += 1
        for effect in self.session.handle(event):
            match effect:
                case Answer(nonce=nonce, challenge=challenge):
                    self.tell(self._passport.answer(nonce, challenge))
                case Say(request=request):
                    self._connection.say(request)
                case Save():
                    self.saved = self.session.owed
                case GiveUp(reason=reason):
                    raise AssertionError(reason)
                case _:
                    pass
        self._arm()

    def _arm(self) -> None:
        self.end_alarm()
        deadline_ms = self.session.next_deadline_ms
        if deadline_ms is not None:
            pause_s = max(deadline_ms - now_ms(), 0) / 1000
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(pause_s, lambda: self.tell(events.Elapsed(now_ms())))

    def end_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()

    @property
    def online(self) -> bool:
        return self.session.status().link is Link.ONLINE and self.session.replica.loaded

    @property
    def shows(self) -> int:
        """The newest message that it shows, if it is all up to that."""
        replica = self.session.replica
        return replica.last_id if replica.at_end else 0

    @property
    def settled(self) -> bool:
        """Whether it owes nothing."""
        return self.online and not self.saved.posts and not self.saved.reads


@asynccontextmanager
async def crowd(url: str, config: Path) -> AsyncIterator[list[Client]]:
    """So many clients, all online."""
    clients = [Client(url, name, passport(name, url, config)) for name in (f"n{at}" for at in range(CROWD))]
    running = [asyncio.create_task(each.run()) for each in clients]
    try:
        await until(lambda: all(each.online for each in clients), "everybody online")
        yield clients
    finally:
        for client, task in zip(clients, running, strict=True):
            client.end_alarm()
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A server that can be stopped, killed and started again."""
    host = Host(tmp_path / "server").start()
    yield host
    host.kill()


@pytest.mark.parametrize("end", [Host.stop, Host.kill])
async def test_everybody_is_back_by_themselves_and_nothing_is_lost_or_doubled(
    host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, end: Callable[[Host], None]
) -> None:
    monkeypatch.setattr(connection, "RETRY_FIRST_S", 0.05)
    async with crowd(host.url, tmp_path) as clients:
        for _ in range(2):
            for each in clients:
                each.type()
            await until(lambda: clients[0].session.replica.last_id > CROWD // 2, "some of it on disk")
            for each in clients:
                each.read()
            await asyncio.to_thread(end, host)
            for each in clients:
                each.type()  # on this machine, while there is no server
            await until(lambda: not any(each.online for each in clients), "everybody cut off")
            await asyncio.to_thread(host.start)
            await until(lambda: all(each.settled for each in clients), "everybody back")
        typed = sum(len(each.typed) for each in clients)
        await until(lambda: all(each.shows == typed for each in clients), "everything shown to all")
        check(clients, typed)


def check(clients: list[Client], typed: int) -> None:
    """Everybody shows the same end of the room: what was typed, once, each person's in their order."""
    said = [[each.text for each in client.session.view().messages] for client in clients]
    longest = max(said, key=len)
    assert len(longest) == typed
    assert all(each == longest[-len(each) :] for each in said)
    for client in clients:
        assert [each for each in longest if each.startswith(f"{client.session.name} ")] == client.typed
        assert max(client.heard.values()) == 1
