"""The demo's members and server."""

import asyncio
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from chat_server.protocol import Changed
from chat_tui import cli, demo
from chat_tui.demo import ADA, GRACE, YOU, DemoError, Line, Script, own_server, play
from tests.chat_tui.people import Peer, until

QUICK = Script("Quick", opening=(Line(0, "Hello"),), read_after_s=0, answers=(Line(0, "I have read it"),))


async def test_a_member_opens_reads_every_message_and_answers_the_first(tmp_path: Path) -> None:
    async with own_server() as (url, _), Peer.on(url, YOU, "general") as you:
        member = asyncio.create_task(play(QUICK, url, tmp_path))
        await you.hear("Hello")
        (first,) = await you.post("hello Quick")
        await you.hear("I have read it")
        assert await you.readers(first) == ["Quick"]
        (second,) = await you.post("and once more")
        async with asyncio.timeout(10):
            while not await you.readers(second):  # noqa: ASYNC110  # the answer comes from the server
                await asyncio.sleep(0.01)
        member.cancel()
        await asyncio.gather(member, return_exceptions=True)


async def test_a_member_shows_what_else_one_can_do_to_a_message(tmp_path: Path) -> None:
    answer = Line(0, "so", replies=True, reacts="\N{THUMBS UP SIGN}", pins=True)
    async with own_server() as (url, _), Peer.on(url, YOU, "general") as you:
        member = asyncio.create_task(play(Script("Quick", (Line(0, "Hello"),), 0, (answer,)), url, tmp_path))
        await you.hear("Hello")
        (first,) = await you.post("hello Quick")
        assert (await you.hear("so")).reply_to == first
        changes = [each for each in you.heard if isinstance(each, Changed) and each.message_id == first]
        assert [each.reactions for each in changes if each.reactions] == [{answer.reacts: ("Quick",)}]
        assert any(each.pinned and each.pinned_by == "Quick" for each in changes)
        member.cancel()
        await asyncio.gather(member, return_exceptions=True)


async def test_the_server_and_its_directory_are_gone_afterwards() -> None:
    async with own_server() as (url, data):
        assert url.startswith("ws://127.0.0.1:")
        assert _is_there(data.parent)
    await until(lambda: not _is_there(data.parent))


def _is_there(path: Path) -> bool:
    return path.exists()


async def test_a_server_that_says_something_else_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/echo")
    with pytest.raises(DemoError, match=re.escape("chat-server serve --port 0 --ephemeral")):
        async with own_server():
            pass


async def test_a_server_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stubborn = tmp_path / "stubborn"
    stubborn.write_text("#!/bin/sh\necho 'Listening on ws://127.0.0.1:1/ws, data in /nowhere'\nexec sleep 1000\n")
    stubborn.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(stubborn))
    monkeypatch.setattr(demo, "START_S", 0.3)
    async with asyncio.timeout(10):
        async with own_server() as (url, data):
            assert (url, data) == ("ws://127.0.0.1:1/ws", Path("/nowhere"))


def test_the_command_says_why_there_is_no_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_need_terminal", lambda: None)
    monkeypatch.setattr("sys.executable", "/bin/echo")
    result = CliRunner().invoke(cli.main, ["demo"])
    assert result.exit_code == 1
    assert "The demo's server does not start" in result.output


@pytest.mark.parametrize("script", [ADA, GRACE])
def test_the_scripts_are_short_enough_to_be_waited_for(script: Script) -> None:
    assert script.read_after_s < 5
    assert sum(line.pause_s for line in script.opening) <= 2
    assert all(len(line.text) < 100 for line in (*script.opening, *script.answers))
