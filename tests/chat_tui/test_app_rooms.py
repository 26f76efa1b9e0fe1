"""Many rooms at the app, against a real server: keys, clicks and commands that turn from one to another."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from textual.events import Key
from textual.widgets import Input

from chat_server.protocol import Kick
from chat_tui.model.room import WATCHED
from chat_tui.screens.picker import PickerScreen
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.sidebar import Sidebar
from tests.chat_tui.people import DWELL_MS, Host, Peer, Person, until

Start = Callable[..., AbstractAsyncContextManager[Person]]
Join = AbstractAsyncContextManager[Peer]
Else = Callable[[], AbstractAsyncContextManager[Peer]]
WIDE = (120, 40)


@pytest.fixture
def elsewhere(shared_host: Host, room: str) -> Else:
    """Somebody in another room, which comes after the first by name."""

    @asynccontextmanager
    async def start() -> AsyncIterator[Peer]:
        async with Peer.on(shared_host.url, f"Ada-{room}", f"{room}-tea") as ada:
            yield ada

    return start


async def go_to(john: Person, room: str) -> None:
    """By the switcher, whether one is in the room or not."""
    await john.press("ctrl+k")
    await john.until(lambda: isinstance(john.app.screen, PickerScreen))
    john.app.screen.query_one(Input).value = room
    await john.settle()
    await john.press("enter")
    await john.until(lambda: john.app._session.room == room and john.app._session.replica.loaded, room)
    await john.settle()


def unread(john: Person, room: str) -> int:
    return next(each.unread for each in john.app._session.rooms().rooms if each.key == room)


async def test_a_room_is_made_by_its_name_and_each_keeps_what_is_written_to_it(john: Start, room: str) -> None:
    async with john() as john_:
        await john_.until_online()
        for each in "first":
            await john_.press(each)
        await go_to(john_, f"{room}-new")
        assert john_.composer == ""
        assert john_.sees(f"Write to #{room}-new")
        await john_.write("hello")
        await john_.until(lambda: john_.tick("hello") == "✓")
        await go_to(john_, room)
        assert (john_.composer, john_.message("hello")) == ("first", None)


async def test_messages_go_where_they_were_written_however_fast_one_turns(john: Start, room: str) -> None:
    async with john() as john_:
        await john_.until_online()
        await go_to(john_, f"{room}-new")
        for key in ("h", "i", "enter", "f3", "y", "o", "enter"):
            john_.report(Key(key, key if len(key) == 1 else None))
        await john_.until(lambda: john_.app._session.room == room and john_.tick("yo") == "✓")
        assert john_.message("hi") is None
        await john_.press("f4")
        await john_.until(lambda: john_.tick("hi") == "✓")


async def test_unread_messages_are_counted_and_gone_to_and_read_only_in_their_room(
    john: Start, mary: Join, elsewhere: Else
) -> None:
    async with mary as mary_, elsewhere() as ada, john(WIDE) as john_:
        await john_.until_online()
        await go_to(john_, ada.room)
        await go_to(john_, mary_.room)
        await john_.focus()
        mine = await mary_.post("one", "two", "three")
        await john_.until(lambda: set(mine) <= john_.visible)
        hers = await ada.post("four", f"@{john_.name} five")
        await john_.until(lambda: unread(john_, ada.room) == 2)
        await john_.wait(DWELL_MS)
        await john_.until_told()
        assert await mary_.read_by(john_.name, mine) == set(mine)
        assert await ada.read_by(john_.name, hers) == set()
        assert any(row.strip().startswith(f"#{ada.room}"[:10]) and "@1" in row for row in john_.rows)
        await john_.press("ctrl+n")
        await john_.until(lambda: john_.sees("four"))
        await john_.wait(DWELL_MS)
        await john_.until_told()
        assert await ada.read_by(john_.name, hers) == set(hers)
        assert unread(john_, ada.room) == 0
        await john_.press("ctrl+n")
        assert john_.toasts[-1] == "Nothing is unread in other rooms."


async def test_what_the_switcher_covers_is_not_read(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await john_.press("ctrl+k")
        ids = await mary_.post("covered")
        await john_.until(lambda: john_.message("covered"))
        await john_.wait(10 * DWELL_MS)
        assert await mary_.read_by(john_.name, ids) == set()
        await john_.press("escape")
        await john_.wait(DWELL_MS)
        await john_.until_told()
        assert await mary_.read_by(john_.name, ids) == set(ids)


async def test_keys_and_clicks_go_from_room_to_room(john: Start, room: str) -> None:
    async with john(WIDE) as john_:
        await john_.until_online()
        await go_to(john_, f"{room}-new")
        names = [each.key for each in john_.app._session.rooms().rooms]
        assert names == ["general", room, f"{room}-new"]
        seen = []
        for key in ("f3", "alt+up", "f3", "f4", "alt+down"):
            await john_.press(key)
            seen.append(john_.app._session.room)
        assert seen == [room, "general", f"{room}-new", "general", room]
        await john_.press("tab", "f4")
        assert john_.app._session.room == f"{room}-new"
        await john_.pilot.click(Sidebar, offset=(5, 1))
        await john_.settle()
        assert john_.app._session.room == "general"


async def test_the_sidebar_can_be_shown_and_hidden_and_has_no_place_in_a_narrow_terminal(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        shown = []
        for size in ((80, 24), (120, 40), (40, 15)):
            await john_.resize(*size)
            for _ in range(2):
                await john_.press("f6")
                shown.append(john_.sees("People"))
        assert shown == [True, False, True, False, False, False]


async def test_a_narrow_terminal_says_how_much_waits_elsewhere(john: Start, mary: Join, elsewhere: Else) -> None:
    async with mary, elsewhere() as ada, john((40, 15)) as john_:
        await john_.until_online()
        await go_to(john_, ada.room)
        await john_.press("f3")
        await ada.post("four", "five")
        await john_.until(lambda: "+2" in john_.status)


async def test_a_marked_room_opens_there_and_a_silenced_one_counts_nothing(
    john: Start, mary: Join, elsewhere: Else
) -> None:
    async with mary as mary_, elsewhere() as ada, john() as john_:
        await john_.until_online()
        await go_to(john_, ada.room)
        await go_to(john_, mary_.room)
        await john_.focus()
        ids = await mary_.post("one", "two")
        await john_.until(lambda: set(ids) <= john_.visible)
        await john_.wait(DWELL_MS)
        await john_.until_told()
        await john_.press("tab", "k", "u")
        assert unread(john_, mary_.room) == 2
        await john_.press("f4")
        await john_.until(lambda: john_.app._session.room == ada.room)
        await john_.press("s")
        await ada.post("noise")
        await john_.until(lambda: john_.message("noise"))
        assert unread(john_, ada.room) == 0
        await go_to(john_, mary_.room)
        assert john_.app._session.view().new_before == ids[0]
        assert john_.app._session.owed.silenced == (ada.room,)


async def test_commands_enter_leave_and_list(john: Start, mary: Join, elsewhere: Else) -> None:
    async with mary as mary_, elsewhere() as ada, john() as john_:
        await john_.until_online()
        await john_.write("/rooms")
        await john_.press(*ada.room)
        await john_.until(lambda: john_.sees(f"#{ada.room}  1 member"))
        await john_.press("escape")
        await john_.write("/members")
        await john_.until(lambda: john_.sees(f"{mary_.name}  online"))
        await john_.press("escape")
        await john_.write(f"/join #{ada.room}")
        await john_.until(lambda: john_.app._session.room == ada.room)
        await john_.settle()
        await john_.write("/leave")
        await john_.until(lambda: john_.app._session.room == "general")
        assert ada.room not in [each.key for each in john_.app._session.rooms().rooms]


async def test_who_is_put_out_of_another_room_is_told_and_does_not_see_it_any_more(
    john: Start, mary: Join, elsewhere: Else
) -> None:
    async with mary as mary_, elsewhere() as ada, john() as john_:
        await john_.until_online()
        await go_to(john_, ada.room)
        await go_to(john_, mary_.room)
        await ada.ask(Kick(ref="k", room=ada.room, name=john_.name))
        await john_.until(lambda: john_.toasts)
        assert john_.toasts == [f"#{ada.room}: {ada.name} has removed you from this room."]
        assert ada.room not in [each.key for each in john_.app._session.rooms().rooms]


async def test_the_picker_is_worked_by_arrows_and_by_nothing_it_does_not_have(john: Start, room: str) -> None:
    async with john() as john_:
        await john_.until_online()
        await john_.press("ctrl+k", "up", "down", "down", "enter")
        await until(lambda: not isinstance(john_.app.screen, PickerScreen))
        assert john_.app._session.room == room
        await john_.write("/members")
        await john_.press(*"zzzz", "down", "enter")
        assert isinstance(john_.app.screen, PickerScreen)
        await john_.press("escape")
        assert john_.widget(Messages).room == room


async def test_w_tells_when_a_message_is_read_though_one_looks(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.write("watch me")
        await john_.until(lambda: john_.tick("watch me") == "✓")
        await john_.press("tab", "w")
        assert john_.toasts[-1] == WATCHED
        message = john_.message("watch me")
        assert message is not None
        assert message.id is not None
        await mary_.read(message.id, message.id)
        await john_.until(lambda: john_.tick("watch me") == "✓✓")
        await john_.wait(1_000)
        await john_.until(lambda: john_.toasts[-1] == f"{mary_.name} read “watch me”", "the notice")


async def test_what_is_typed_in_one_burst_after_going_back_to_writing_is_written(john: Start, mary: Join) -> None:
    async with mary, john() as john_:
        await john_.until_online()
        await john_.press("tab")
        for key in ("tab", "d", "x", "k", "enter"):
            john_.report(Key(key, key if len(key) == 1 else None))
        await john_.until(lambda: john_.tick("dxk") == "✓", "the message")


async def test_who_has_found_a_room_writes_to_it(john: Start, room: str) -> None:
    async with john() as john_:
        await john_.until_online()
        await john_.press("tab")
        await go_to(john_, f"{room}-new")
        await john_.press("h", "i")
        assert john_.composer == "hi"


async def test_where_the_sidebar_has_no_room_its_key_offers_the_same_to_choose_from(
    john: Start, room: str
) -> None:
    async with john((40, 15)) as john_:
        await john_.until_online()
        await john_.press("f6")
        await john_.until(lambda: isinstance(john_.app.screen, PickerScreen))
        assert f"#{room}" in john_.screen


async def test_what_a_toast_says_already_is_not_said_by_another(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        await john_.press("tab", "b", "b", "ctrl+n")
        said = ["This message answers no other.", "Nothing is unread in other rooms."]
        await john_.until(lambda: john_.toasts == said)
