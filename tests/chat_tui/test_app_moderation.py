"""Moderation at the app, against a real server: keys, commands, and what others see of them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from chat_server.protocol import Ban, Changed, Delete, Kick, Left, Mute, Unmute
from chat_tui.screens.delete import DeleteScreen
from chat_tui.screens.info import InfoScreen
from chat_tui.widgets.composer import Composer
from tests.chat_tui.people import DWELL_MS, Peer, Person, until

Start = Callable[..., AbstractAsyncContextManager[Person]]
Join = AbstractAsyncContextManager[Peer]
Kind = type[Changed] | type[Left]


async def written(john: Person, text: str) -> int:
    """The id of a message that he writes now."""
    await john.write(text)
    await john.until(lambda: john.tick(text) == "✓", text)
    await john.settle()
    message = john.message(text)
    assert message is not None
    assert message.id is not None
    return message.id


async def arrived(john: Person, mary: Peer, text: str) -> int:
    """The id of a message of hers that is on his screen."""
    (message_id,) = await mary.post(text)
    await john.until(lambda: message_id in john.visible, text)
    await john.settle()
    return message_id


async def heard(mary: Peer, kind: Kind) -> Changed | Left:
    """The newest of these that she has been told, everything before it having been told too."""
    await mary.readers(1)
    return next(each for each in reversed(mary.heard) if isinstance(each, kind))


async def test_a_message_of_ones_own_is_deleted_once_one_has_said_so_twice(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        message_id = await written(john_, "oops")
        await john_.press("tab", "d")
        assert isinstance(john_.app.screen, DeleteScreen)
        assert john_.sees("Delete your message for everybody, for good?")
        await john_.press("d", "escape")
        assert john_.sees("oops")
        await john_.press("d", "enter")
        assert john_.message("oops") is not None
        await john_.press("d", "y")
        await john_.until(lambda: john_.sees(f"message removed by {john_.name}"))
        await john_.until(lambda: not (john_.sees("oops") or john_.sees("✓")))
        changed = await heard(mary_, Changed)
        assert isinstance(changed, Changed)
        assert (changed.message_id, changed.deleted_by) == (message_id, john_.name)
        for key in ("i", "d"):
            await john_.press(key)
            assert john_.toasts == ["This message was removed."]
            john_.app.clear_notifications()


async def test_what_one_may_not_delete_stays_and_the_server_says_why(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await arrived(john_, mary_, "hers")
        await john_.press("tab", "d")
        assert john_.sees(f"Delete the message of {mary_.name}")
        await john_.press("y")
        await john_.until(lambda: john_.toasts)
        assert john_.toasts[0].startswith(f"Only {mary_.name}, whose room this is, or an admin can delete")
        assert john_.message("hers") is not None


async def test_a_message_that_is_deleted_before_it_was_read_earns_no_receipt(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        message_id = await arrived(john_, mary_, "never mind")
        await john_.wait(DWELL_MS - 1)
        await mary_.ask(Delete(ref="d", room=mary_.room, message_id=message_id))
        await john_.until(lambda: john_.sees(f"message removed by {mary_.name}"))
        await john_.wait(10 * DWELL_MS)
        assert john_.visible == frozenset()
        assert john_.app._session.owed.reads == {}
        assert await mary_.readers(message_id) == []


async def test_the_info_of_a_message_that_is_deleted_says_so(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        message_id = await written(john_, "looked at")
        await john_.press("tab", "i")
        assert isinstance(john_.app.screen, InfoScreen)
        await mary_.ask(Delete(ref="d", room=mary_.room, message_id=message_id))
        await john_.until(lambda: john_.sees(f"message removed by {mary_.name}"))
        await john_.until(lambda: not john_.sees("looked at"))


async def test_one_who_is_muted_is_told_and_keeps_what_is_written(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await mary_.ask(Mute(ref="m", room=mary_.room, name=john_.name))
        await john_.until(lambda: john_.sees("You are muted here: you can read and not write."))
        await john_.until(lambda: john_.toasts == [f"{mary_.name} has muted you: you can read and not write."])
        await john_.write("but")
        assert john_.composer == "but"
        assert john_.toasts[-1] == "You are muted here: you can read and not write."
        await mary_.ask(Unmute(ref="u", room=mary_.room, name=john_.name))
        await john_.until(lambda: str(john_.widget(Composer).placeholder).startswith("Write to"))
        await john_.press("enter")
        await john_.until(lambda: john_.tick("but") == "✓")


async def test_one_who_is_banned_sees_it_and_can_write_no_more(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await mary_.ask(Ban(ref="b", room=mary_.room, name=john_.name))
        sentence = f"{mary_.name} has banned you from this room."
        await john_.until(lambda: sentence in john_.toasts)
        await john_.until(lambda: john_.widget(Composer).placeholder == sentence)
        await john_.write("but")
        assert john_.composer == "but"
    async with john() as john_:
        await until(lambda: john_.app.return_code == 1)
        assert "You are banned from" in str(john_.app._exit_renderables[0])


async def test_others_are_told_who_was_removed_by_whom(
    john: Start, mary: Join, shared_host: object, room: str
) -> None:
    async with mary as mary_, john() as john_, Peer.on(shared_host.url, f"Ada-{room}", room) as ada:  # type: ignore[attr-defined]
        await john_.until_online()
        await mary_.ask(Kick(ref="k", room=room, name=ada.name))
        await john_.until(lambda: f"{ada.name} was removed by {mary_.name}." in john_.toasts)


async def test_a_room_of_ones_own_is_moderated_by_commands(john: Start, mary: Join) -> None:
    async with john() as john_:
        await john_.until_online()
        async with mary as mary_:
            await john_.write(f"/mute {mary_.name}")
            await john_.until(lambda: john_.toasts == [f"{mary_.name} was muted."])
            await john_.write(f"/kick {mary_.name}")
            await john_.until(lambda: john_.toasts[-1] == f"{mary_.name} was kicked.")
            await john_.write("/kick nobody")
            await john_.until(lambda: john_.toasts[-1] == "Nobody named 'nobody' has been in this room.")
            await john_.write("/kcik her")
            assert john_.toasts[-1].startswith("There is no command /kcik; ")
            assert john_.composer == "/kcik her"
