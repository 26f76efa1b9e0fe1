"""What a newcomer sees: why there is nothing, five keys, and who can read along."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Static

from chat_tui.app import ChatApp, Options
from chat_tui.outbox import Outbox
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.messages import Messages
from tests.chat_tui.people import Clock, Host, Person, passport


@asynccontextmanager
async def newcomer(url: str, room: str, folder: Path, clock: Clock) -> AsyncIterator[Person]:
    name = f"New-{room}"
    outbox = Outbox.open(folder / "state", url, name)
    app = ChatApp(
        Options(name, url, room, hint_seen=folder / "state" / "seen"), outbox, passport(name, url, folder)
    )
    try:
        async with app.run_test(notifications=True) as pilot:
            yield Person(app, pilot, clock, name)
    finally:
        outbox.close()


def is_hinted(person: Person) -> bool:
    return bool(person.app._chat.query_one("#hint", Static).display)


async def test_an_empty_conversation_says_what_to_run(host: Host, clock: Clock, tmp_path: Path, room: str) -> None:
    host.stop()
    async with newcomer(host.url, room, tmp_path, clock) as new:
        await new.until(lambda: new.sees(f"No server at {host.url} yet. Run there: chat-server serve."))
        await new.until(lambda: any(row.rstrip().endswith(("Trying", "again")) for row in new.rows))
        host.start()
        new.app._connection.hurry()
        await new.until_online()
        assert not new.sees("chat-server serve")


async def test_five_keys_until_the_first_message(
    shared_host: Host, clock: Clock, tmp_path: Path, room: str
) -> None:
    async with newcomer(shared_host.url, room, tmp_path, clock) as new:
        await new.until_online()
        await new.until(lambda: new.sees("Enter sends, Tab goes to the messages and back, Ctrl+T holds your"))
        assert new.sees("F1 shows all keys. Escape hides this.")
        assert new.app._chat.is_active
        await new.write("hello")
        await new.until(lambda: not is_hinted(new))
        assert (tmp_path / "state" / "seen").exists()
    async with newcomer(shared_host.url, room, tmp_path, clock) as again:
        await again.until_online()
        assert not is_hinted(again)


@pytest.mark.parametrize("in_the_way", [False, True])
async def test_escape_puts_the_keys_away(
    shared_host: Host,
    clock: Clock,
    tmp_path: Path,
    room: str,
    in_the_way: bool,  # noqa: FBT001  # a case
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with newcomer(shared_host.url, room, tmp_path, clock) as new:
        await new.until_online()
        assert is_hinted(new)
        if in_the_way:

            def refuse(path: Path) -> None:
                raise OSError(30, "Read-only file system", str(path))

            monkeypatch.setattr(Path, "touch", refuse)
        await new.press("escape")
        await new.until(lambda: not is_hinted(new))
        if in_the_way:
            await new.until(lambda: new.sees("The keys will be shown again: Read-only file system."))
        else:
            await new.until((tmp_path / "state" / "seen").exists)


@pytest.mark.parametrize(("url", "is_said"), [("ws://chat.invalid/ws", True), ("ws://127.0.0.1:9/ws", False)])
async def test_a_server_that_others_can_listen_to(
    clock: Clock,
    tmp_path: Path,
    url: str,
    is_said: bool,  # noqa: FBT001  # a case
) -> None:
    async with newcomer(url, "general", tmp_path, clock) as new:
        await new.until(lambda: new.sees("offline") or new.sees("Trying again"))
        said = [each.message for each in new.app._notifications]
        assert [message.startswith(f"{url} is not encrypted: ") for message in said] == [True] * is_said


async def test_tab_goes_there_and_back(shared_host: Host, clock: Clock, tmp_path: Path, room: str) -> None:
    async with newcomer(shared_host.url, room, tmp_path, clock) as new:
        await new.until_online()
        await new.press("tab")
        assert new.widget(Messages).has_focus
        await new.press("tab")
        assert new.widget(Composer).has_focus
