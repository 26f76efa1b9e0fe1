"""Acknowledging at the app, against a real server: the key, what is said of it, and what its author sees."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from chat_server.protocol import Acknowledge, Acknowledged, ChangeSettings, Edit, FetchInfo, Info
from chat_tui.screens.acknowledge import AcknowledgeScreen
from chat_tui.screens.info import InfoScreen
from tests.chat_tui.people import Host, Peer, Person

Start = Callable[..., AbstractAsyncContextManager[Person]]
Join = AbstractAsyncContextManager[Peer]

DONE = "You have acknowledged the message."


async def arrived(john: Person, mary: Peer, text: str) -> int:
    """The id of a message of hers that is on his screen."""
    (message_id,) = await mary.post(text)
    await john.until(lambda: message_id in john.visible, text)
    await john.settle()
    return message_id


async def written(john: Person, text: str) -> int:
    """The id of a message that he writes now."""
    await john.write(text)
    await john.until(lambda: john.tick(text) == "✓", text)
    await john.settle()
    message = john.message(text)
    assert message is not None
    assert message.id is not None
    return message.id


async def noted(mary: Peer, message_id: int) -> tuple[list[str], list[str]]:
    """Who has acknowledged a message, and who an earlier text of it, as the server knows it."""
    info = await mary.ask(FetchInfo(ref="i", room=mary.room, message_id=message_id))
    assert isinstance(info, Info)
    return [each.reader for each in info.acknowledged], [each.reader for each in info.acknowledged_earlier]


async def test_a_key_acknowledges_and_the_author_is_told(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        message_id = await arrived(john_, mary_, "The pager is yours")
        await john_.press("tab", "a")
        await john_.until(lambda: DONE in john_.toasts)
        assert await noted(mary_, message_id) == ([john_.name], [])
        assert await mary_.readers(message_id) == [john_.name]
        told = [each for each in mary_.heard if isinstance(each, Acknowledged)]
        assert [(each.message_id, each.reader) for each in told] == [(message_id, john_.name)]
        await john_.press("i")
        await john_.until(lambda: john_.sees("Acknowledged by 1"))


async def test_what_is_acknowledged_is_the_text_on_screen(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        message_id = await arrived(john_, mary_, "at five")
        await john_.press("tab", "a")
        await john_.until(lambda: DONE in john_.toasts)
        await mary_.ask(Edit(ref="e", room=mary_.room, message_id=message_id, content="at six"))
        await john_.until(lambda: john_.sees("at six"))
        assert await noted(mary_, message_id) == ([], [john_.name])
        await john_.press("i")
        await john_.until(lambda: john_.sees("Acknowledged an earlier text"))
        john_.app.clear_notifications()
        await john_.press("escape", "a")
        await john_.until(lambda: DONE in john_.toasts)
        assert await noted(mary_, message_id) == ([john_.name], [])


async def test_what_cannot_be_acknowledged_says_why(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        message_id = await written(john_, "mine")
        await john_.press("tab", "a")
        assert john_.toasts == ["Only others can acknowledge what you wrote."]
        await john_.press("d", "y")
        await john_.until(lambda: john_.sees("message removed"))
        await john_.press("a")
        assert john_.toasts[-1] == "This message was removed."
        assert await noted(mary_, message_id) == ([], [])


async def test_who_does_not_share_is_asked_first(john: Start, mary: Join, shared_host: Host) -> None:
    async with mary as mary_, john() as john_, Peer.on(shared_host.url, john_.name, mary_.room) as device:
        await john_.until_online()
        message_id = await arrived(john_, mary_, "The pager is yours")
        await device.ask(ChangeSettings(ref="s", receipts="private"))
        await john_.until(lambda: john_.app._session.status().sharing == "private")
        await john_.press("tab", "a")
        assert isinstance(john_.app.screen, AcknowledgeScreen)
        assert john_.sees(f"Tell {mary_.name} that you have read this")
        assert john_.app.is_covered()
        await john_.press("a", "enter")
        assert await noted(mary_, message_id) == ([], [])
        await john_.press("a", "y")
        await john_.until(lambda: DONE in john_.toasts)
        assert await noted(mary_, message_id) == ([john_.name], [])
        assert await mary_.readers(message_id) == []


async def test_the_author_sees_who_takes_note_and_hears_of_it_when_away(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        message_id = await written(john_, "Deploy at nine")
        await john_.press("tab", "i")
        assert isinstance(john_.app.screen, InfoScreen)
        await mary_.ask(ChangeSettings(ref="s", receipts="private"))
        await mary_.ask(Acknowledge(ref="a", room=mary_.room, message_id=message_id))
        await john_.until(lambda: john_.sees("Acknowledged by 1"))
        await john_.until(lambda: john_.sees("Do not say what they read"))
        assert john_.toasts == []
        await john_.press("escape", "tab")
        second = await written(john_, "And a second one")
        await john_.blur()
        await mary_.ask(Acknowledge(ref="a", room=mary_.room, message_id=second))
        await john_.until(lambda: john_.app._telling.next_deadline_ms is not None)
        await john_.wait(1_000)
        await john_.until(lambda: john_.toasts)
        assert john_.toasts == [f"{mary_.name} acknowledged “And a second one”"]
