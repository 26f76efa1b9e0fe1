"""Who is writing, at the app against a real server: what others are told, and what is shown of them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from chat_server.protocol import TellTyping, Typing
from chat_tui.model.writers import SHOWN_MS, TELL_EVERY_MS
from chat_tui.preferences.config import Preferences
from tests.chat_tui.people import Clock, Host, Peer, Person, at_the_app
from tests.chat_tui.test_app_moderation import arrived

Start = Callable[..., AbstractAsyncContextManager[Person]]
Join = AbstractAsyncContextManager[Peer]


async def told(mary: Peer) -> int:
    """How often she has been told that somebody writes, everything before it having been told too."""
    await mary.readers(1)
    return sum(isinstance(each, Typing) for each in mary.heard)


async def settled(john: Person, mary: Peer) -> None:
    """There is a message to ask about, and all that he has said before has been heard."""
    await john.write("a message")
    await john.until(lambda: john.tick("a message") == "✓")
    await mary.hear("a message")
    mary.heard = [each for each in mary.heard if not isinstance(each, Typing)]
    await john.wait(TELL_EVERY_MS)


async def flushed(john: Person) -> None:
    """The server has answered what was asked after all that was said before."""
    await john.press("tab", "i")
    await john.until(lambda: john.app._session.info is not None)
    await john.press("escape", "tab")


async def test_others_are_told_while_one_writes_a_message_and_not_too_often(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await settled(john_, mary_)
        await john_.press(*"hello")
        await flushed(john_)
        assert await told(mary_) == 1
        await john_.wait(TELL_EVERY_MS)
        await john_.press("x")
        await flushed(john_)
        assert await told(mary_) == 2


async def test_nobody_is_told_of_a_command_nor_of_an_empty_composer(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await settled(john_, mary_)
        await john_.press(*"/kick")
        assert john_.composer == "/kick"
        await john_.press(*(["backspace"] * 5))
        assert john_.composer == ""
        await flushed(john_)
        assert await told(mary_) == 0


@pytest.mark.parametrize("typing", [False, True])
async def test_who_does_not_want_it_told_keeps_it(
    *, typing: bool, shared_host: Host, room: str, clock: Clock, tmp_path: Path, mary: Join
) -> None:
    preferences = Preferences(typing=typing)
    url = shared_host.url
    async with (
        mary as mary_,
        at_the_app(url, f"Ann-{room}", room, tmp_path, clock, preferences=preferences) as ann,
    ):
        await ann.until_online()
        await settled(ann, mary_)
        await ann.press(*"hello")
        await flushed(ann)
        assert await told(mary_) == typing


async def test_a_draft_that_is_found_is_not_being_written(john: Start, mary: Join) -> None:
    async with mary as mary_:
        async with john() as john_:
            await john_.until_online()
            await settled(john_, mary_)
            await john_.press(*"draft")
        assert await told(mary_) == 1
        mary_.heard.clear()
        async with john() as john_:
            await john_.until_online()
            assert john_.composer == "draft"
            await flushed(john_)
            assert await told(mary_) == 0


async def test_others_who_write_are_shown_until_their_message_or_for_a_while(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        sentence = f"{mary_.name} is writing…"
        await mary_.ask(TellTyping(ref="t1", room=mary_.room))
        await john_.until(lambda: sentence in john_.status)
        rows = len(john_.rows)
        await arrived(john_, mary_, "done")
        assert "writing" not in john_.status
        await mary_.ask(TellTyping(ref="t2", room=mary_.room))
        await john_.until(lambda: sentence in john_.status)
        assert len(john_.rows) == rows
        await john_.wait(SHOWN_MS)
        john_.app._wake()
        await john_.until(lambda: "writing" not in john_.status)
