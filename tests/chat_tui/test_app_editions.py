"""Edited messages at the app, against a real server: each text is read when it was looked at, and not before."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from chat_server.protocol import Edit
from chat_tui.model import events as happened
from tests.chat_tui.people import DWELL_MS, Clock, Host, Peer, Person, at_the_app, until
from tests.chat_tui.test_app_moderation import arrived, written


@pytest.fixture
def second(
    shared_host: Host, room: str, clock: Clock, tmp_path: Path
) -> Callable[[], AbstractAsyncContextManager[Person]]:
    """Somebody else at an app of their own."""
    return lambda: at_the_app(shared_host.url, f"Ann-{room}", room, tmp_path / "ann", clock)


Start = Callable[..., AbstractAsyncContextManager[Person]]
Join = AbstractAsyncContextManager[Peer]


async def edited(john: Person, mary: Peer, message_id: int, content: str) -> None:
    """She has edited a message of hers, and he has it on his screen."""
    await mary.ask(Edit(ref="e", room=mary.room, message_id=message_id, content=content))
    await john.until(lambda: john.sees(content), content)
    await john.settle()


async def test_an_edit_in_view_is_read_once_it_was_looked_at(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        message_id = await arrived(john_, mary_, "at five")
        await john_.wait(DWELL_MS)
        await john_.until_told()
        assert await mary_.readers(message_id) == [john_.name]
        await edited(john_, mary_, message_id, "at six")
        assert await mary_.readers(message_id) == []
        await john_.wait(DWELL_MS - 1)
        assert await mary_.readers(message_id) == []
        await john_.wait(1)
        await john_.wait(250)
        await john_.until_told()
        assert await mary_.readers(message_id) == [john_.name]
        assert john_.app._session.view().new_before is None
        assert john_.app._session.rooms().waiting == 0


async def test_an_edit_of_what_is_out_of_sight_waits_for_somebody_to_look(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        message_id = await arrived(john_, mary_, "at five")
        await john_.wait(DWELL_MS)
        await john_.until_told()
        await john_.blur()
        await edited(john_, mary_, message_id, "at six")
        await john_.wait(10 * DWELL_MS)
        assert await mary_.readers(message_id) == []
        await john_.focus()
        await john_.wait(DWELL_MS)
        await john_.until_told()
        assert await mary_.readers(message_id) == [john_.name]


async def test_ones_own_tick_is_double_again_only_after_the_other_has_looked(john: Start, second: Start) -> None:
    async with john() as john_, second() as other:
        await john_.until_online()
        await other.until_online()
        await other.focus()
        message_id = await written(john_, "first")
        await other.until(lambda: message_id in other.visible)
        await other.settle()
        await other.wait(DWELL_MS)
        await until(lambda: john_.tick("first") == "✓✓", "read")
        await other.blur()
        john_.app._feed(
            happened.Asked(Edit(room=john_.app._session.room, message_id=message_id, content="second"))
        )
        await until(lambda: john_.tick("second") == "✓", "edited")
        await other.until(lambda: other.sees("second"))
        await other.wait(10 * DWELL_MS)
        assert john_.tick("second") == "✓"
        await other.focus()
        await other.wait(DWELL_MS)
        await until(lambda: john_.tick("second") == "✓✓", "read again")
