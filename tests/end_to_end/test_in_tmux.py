"""Two people in tmux against one server: the whole way of a message and its receipt, with cuts and absences."""

import asyncio
from pathlib import Path

import pytest

from tests.chat_tui.people import PATIENCE_S, Host, Peer, until
from tests.end_to_end.terminals import CLIENT, Tmux, needs_tmux

pytestmark = needs_tmux


class Room:
    """John and Mary, each in a session with somebody in front of it."""

    def __init__(self, tmux: Tmux, host: Host, state: Path) -> None:
        self.tmux = tmux
        self.host = host
        self._state = state

    async def enter(self, *names: str) -> None:
        for name in names:
            kept = ("--state-dir", str(self._state), "--config-dir", str(self._state))
            self.tmux.start(name, *CLIENT, "--name", name, "--server", self.host.url, *kept)
        for name in names:
            await until(lambda name=name: self.tmux.sees(name, f"{len(names)} of {len(names)} online"), name)  # type: ignore[misc]

    async def sees(self, name: str, *texts: str) -> None:
        for text in texts:
            await until(
                lambda text=text: self.tmux.sees(name, text),  # type: ignore[misc]
                f"{name} sees {text}",
            )


@pytest.fixture
def room(tmux: Tmux, host: Host, tmp_path: Path) -> Room:
    return Room(tmux, host, tmp_path / "state")


async def test_one_writes_the_other_sees_it_and_the_tick_doubles(room: Room) -> None:
    await room.enter("John", "Mary")
    room.tmux.type("Mary", "Tab")
    room.tmux.type("John", "hello Mary", "Enter")
    await room.sees("Mary", "hello Mary")
    await room.sees("John", "✓✓ hello Mary")
    room.tmux.type("Mary", "Tab")
    room.tmux.type("Mary", "hello John", "Enter")
    await room.sees("Mary", "✓✓ hello John")

    ticks = [line for line in room.tmux.screen("John").splitlines() if "✓" in line]
    room.host.kill()
    await room.sees("John", "offline")
    await room.sees("Mary", "offline")
    room.tmux.type("John", "written meanwhile", "Enter")
    await room.sees("John", "… written meanwhile", "1 waiting")
    room.host.start()
    await room.sees("John", "2 of 2 online")
    await room.sees("Mary", "2 of 2 online", "written meanwhile")
    room.tmux.type("Mary", "Tab")
    await room.sees("John", "✓✓ written meanwhile")
    assert [line for line in room.tmux.screen("John").splitlines() if "✓" in line][: len(ticks)] == ticks
    for text in ("hello Mary", "hello John", "written meanwhile"):
        assert room.tmux.screen("Mary").count(text) == 1


async def test_a_hidden_window_and_a_detached_session_give_no_receipt(room: Room) -> None:
    await room.enter("Mary")
    room.tmux.type("Mary", "Tab")
    await room.sees("Mary", "receipts: live")
    async with Peer.on(room.host.url, "John", "general") as john:
        room.tmux.run("new-window", "-t", "Mary", "cat")
        (hidden,) = await john.post("to a hidden window")
        await room.sees("Mary", "to a hidden window", "held: away")
        assert await john.readers(hidden) == []
        room.tmux.run("select-window", "-t", "Mary:0")
        await room.sees("Mary", "receipts: live")
        await until_read(john, hidden, "Mary")

        room.tmux.detach("Mary")
        (detached,) = await john.post("to a detached session")
        await room.sees("Mary", "to a detached session", "held: away")
        assert await john.readers(detached) == []
        room.tmux.attach("Mary")
        await room.sees("Mary", "receipts: live")
        await until_read(john, detached, "Mary")


async def until_read(peer: Peer, message_id: int, name: str) -> None:
    """Wait for a receipt, asking the server."""
    async with asyncio.timeout(PATIENCE_S):
        while await peer.readers(message_id) != [name]:  # noqa: ASYNC110  # the answer comes from the server
            await asyncio.sleep(0.05)


async def test_a_copied_message_is_in_the_buffer_of_tmux(room: Room) -> None:
    await room.enter("John")
    room.tmux.type("John", "copy me", "Enter")
    await room.sees("John", "✓ copy me")
    room.tmux.type("John", "Tab")
    room.tmux.type("John", "y")
    await until(lambda: "copy me" in room.tmux.run("list-buffers"), "the buffer")
    assert room.tmux.run("show-buffer") == "copy me"
    await room.sees("John", "Copied")
