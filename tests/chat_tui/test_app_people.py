"""People at the app, against a real server: conversations of two, members, titles, and who is banned."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Input

from chat_server.protocol import Direct, Message, Ok, Passed, Post, Retitled
from chat_tui.screens.confirm import ConfirmScreen
from chat_tui.screens.members import MembersScreen
from chat_tui.screens.picker import PickerScreen
from chat_tui.widgets.sidebar import Sidebar
from tests.chat_tui.people import DWELL_MS, Clock, Host, Peer, Person, at_the_app

Start = Callable[..., AbstractAsyncContextManager[Person]]
Join = AbstractAsyncContextManager[Peer]
WIDE = (120, 40)


@pytest.fixture
def owned(shared_host: Host, room: str) -> AbstractAsyncContextManager[Peer]:
    """Somebody who comes to the room after John, so that it is his."""

    @asynccontextmanager
    async def start() -> AsyncIterator[Peer]:
        async with Peer.on(shared_host.url, f"Mary-{room}", room) as mary:
            yield mary

    return start()


async def is_with(john: Person, name: str) -> None:
    """The conversation with her is shown."""
    await john.until(lambda: john.app._session.status().label == f"@{name}", f"the conversation with {name}")
    await john.settle()


def row_of(john: Person, text: str, *, below: str) -> int:
    """Where it is drawn first below a heading of the sidebar."""
    heading = next(at for at, row in enumerate(john.rows) if row.strip().startswith(below))
    return next(at for at, row in enumerate(john.rows) if at > heading and text in row)


def pair(john: Person, name: str) -> str:
    """What the server calls it."""
    return next(each.key for each in john.app._session.rooms().rooms if each.label == f"@{name}")


async def whisper(mary: Peer, john: Person, *contents: str) -> str:
    """Have her write to him in private; what the server calls the conversation."""
    answer = await mary.ask(Direct(ref="direct", name=john.name))
    assert isinstance(answer, Ok)
    assert answer.room is not None
    for content in contents:
        await mary.ask(Post(ref=content, room=answer.room.name, nonce=content, content=content))
    return answer.room.name


async def test_msg_begins_a_conversation_and_says_something_in_it(john: Start, mary: Join) -> None:
    async with mary as mary_, john(WIDE) as john_:
        await john_.until_online()
        await john_.write(f"/msg {mary_.name} for your eyes only")
        await is_with(john_, mary_.name)
        await john_.until(lambda: john_.tick("for your eyes only") == "✓")
        assert (await mary_.hear("for your eyes only")).room == pair(john_, mary_.name)
        assert john_.sees(f"Write to @{mary_.name}")
        assert f"@{mary_.name} - doubletick" in john_.app._telling._title
        assert f"@{mary_.name}  online" in john_.status
        assert any(row.strip().startswith(f">● {mary_.name}") for row in john_.rows)
        assert not john_.sees("@" + pair(john_, mary_.name)[1:9])
        await john_.write("and more")
        await john_.until(lambda: john_.tick("and more") == "✓")


async def test_m_writes_to_whoever_wrote_the_message_and_to_nobody_else(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.write("mine")
        await john_.until(lambda: john_.tick("mine") == "✓")
        await john_.press("tab", "m")
        assert john_.toasts[-1] == "This message is your own."
        await mary_.post("hers")
        await john_.until(lambda: john_.sees("hers"))
        await john_.press("j", "m")
        await is_with(john_, mary_.name)
        assert not john_.sees("hers")


async def test_what_is_said_in_private_is_told_and_counted_and_read_only_there(john: Start, mary: Join) -> None:
    async with mary as mary_, john(WIDE) as john_:
        await john_.until_online()
        await john_.focus()
        conversation = await whisper(mary_, john_, "psst")
        await john_.until(lambda: john_.app._session.rooms().elsewhere == 1)
        await john_.wait(1_000)
        assert john_.toasts[-1] == f"{mary_.name}: “psst”"
        mary_.room = conversation
        assert await mary_.readers(1) == []
        at = row_of(john_, f"● {mary_.name}", below="Direct")
        await john_.pilot.click(Sidebar, offset=(5, at))
        await is_with(john_, mary_.name)
        await john_.until(lambda: john_.sees("psst"))
        await john_.wait(DWELL_MS)
        await john_.until_told()
        assert await mary_.readers(1) == [john_.name]


async def test_the_switcher_finds_people_and_begins_with_whom_there_is_none(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.press("ctrl+k")
        await john_.until(lambda: isinstance(john_.app.screen, PickerScreen))
        john_.app.screen.query_one(Input).value = f"@{mary_.name}"
        await john_.settle()
        assert john_.sees(f"@{mary_.name}  online")
        await john_.press("enter")
        await is_with(john_, mary_.name)
        await john_.press("ctrl+k")
        await john_.settle()
        john_.app.screen.query_one(Input).value = mary_.name
        await john_.settle()
        found = [row for row in john_.rows if f"@{mary_.name}" in row and row.strip().startswith("│ @")]
        assert len(found) == 1
        assert "here" in found[0]


async def test_a_name_that_nobody_has_is_refused_with_what_was_not_sent(john: Start) -> None:
    async with john(WIDE) as john_:
        await john_.until_online()
        await john_.press("ctrl+k")
        await john_.until(lambda: isinstance(john_.app.screen, PickerScreen))
        john_.app.screen.query_one(Input).value = "@Nobody-at-all"
        await john_.settle()
        assert john_.sees("Write to @Nobody-at-all")
        await john_.press("enter")
        await john_.until(lambda: john_.toasts)
        assert john_.toasts == ["This server has nobody named 'Nobody-at-all'."]
        await john_.write("/msg Nobody-at-all hello there")
        await john_.until(lambda: len(john_.toasts) == 2)
        assert john_.toasts[-1].endswith("This was not sent: “hello there”")
        assert john_.app._session.owed.posts == ()


async def test_what_is_said_offline_is_sent_once_there_is_one(host: Host, tmp_path: Path, clock: Clock) -> None:
    async with Peer.on(host.url, "Mary", "general"):
        pass
    host.stop()
    async with at_the_app(host.url, "John", "general", tmp_path / "state", clock) as john:
        await john.write("/msg Mary kept")
        await john.until(lambda: john.toasts)
        assert john.toasts == ["There is no connection: it is kept, and sent to Mary once there is one."]
    host.start()
    async with (
        at_the_app(host.url, "John", "general", tmp_path / "state", clock) as john,
        Peer.on(host.url, "Mary", "general") as mary,
    ):
        await john.until_online()
        assert (await mary.hear("kept")).sender == "John"
        assert john.app._session.status().label == "#general"


async def test_f8_shows_the_members_to_write_to_or_to_mention(john: Start, mary: Join, room: str) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.press("h", "i", "f8")
        assert isinstance(john_.app.screen, MembersScreen)
        assert john_.sees(f"Members of #{room}")
        assert john_.sees("Enter writes, Tab mentions, Esc closes")
        assert john_.sees(f"● {mary_.name}  online, owner")
        assert john_.sees(f"● {john_.name}  online, you")
        await john_.press(*"mary", "tab")
        assert john_.composer == f"hi @{mary_.name} "
        await john_.press("tab", "f8", *"zz", "tab", "enter")
        assert john_.sees("Nothing is found.")
        await john_.press("backspace", "backspace", *"john", "enter")
        assert john_.toasts[-1] == "This is you."
        await john_.press("f8", "down", "up")
        await john_.press(*"mary", "enter")
        await is_with(john_, mary_.name)


async def test_members_who_come_and_go_are_seen_and_the_choice_stays(
    john: Start, mary: Join, shared_host: Host, room: str
) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.write("/members")
        await john_.press("down")
        chosen = john_.app.screen
        assert isinstance(chosen, MembersScreen)
        assert chosen.chosen == mary_.name
        async with Peer.on(shared_host.url, f"Ada-{room}", room):
            await john_.until(lambda: john_.sees(f"● Ada-{room}  online"))
            await john_.settle()
            assert chosen.chosen == mary_.name
        await john_.until(lambda: john_.sees(f"○ Ada-{room}"))


async def test_nothing_is_read_behind_the_members(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await john_.press("f8")
        ids = await mary_.post("covered")
        await john_.until(lambda: john_.message("covered"))
        await john_.wait(10 * DWELL_MS)
        assert await mary_.read_by(john_.name, ids) == set()
        await john_.press("escape")
        await john_.wait(DWELL_MS)
        await john_.until_told()
        assert await mary_.read_by(john_.name, ids) == set(ids)


async def test_a_click_shows_the_members_or_goes_to_one(john: Start, mary: Join) -> None:
    async with mary as mary_, john(WIDE) as john_:
        await john_.until_online()
        heading = row_of(john_, "People", below="Rooms")
        await john_.pilot.click(Sidebar, offset=(5, heading))
        assert isinstance(john_.app.screen, MembersScreen)
        await john_.press("escape")
        at = row_of(john_, f"● {mary_.name}", below="People")
        await john_.pilot.click(Sidebar, offset=(5, at))
        await is_with(john_, mary_.name)


async def test_the_owner_gives_the_room_a_title_and_passes_it_on(john: Start, owned: Join, room: str) -> None:
    async with john(WIDE) as john_:
        await john_.until_online()
        async with owned as mary:
            await john_.write("/topic Ships at ten")
            await john_.until(lambda: "Ships at ten" in john_.status)
            await john_.write("/rooms")
            await john_.press(*room)
            await john_.until(lambda: john_.sees(f"#{room}  2 members, joined  Ships at ten"))
            await john_.press("escape", "ctrl+k")
            await john_.until(lambda: john_.sees(f"#{room}  here  Ships at ten"))
            await john_.press("escape")
            await john_.write(f"/pass {mary.name}")
            await john_.until(lambda: john_.toasts[-1:] == [f"The room is {mary.name}'s now."])
            await john_.write("/topic Mine")
            await john_.until(lambda: len(john_.toasts) == 2)
            assert "Ships at ten" in john_.status
            await mary.post("a fence")
            told = [each for each in mary.heard if isinstance(each, Retitled | Passed)]
            assert told == [
                Retitled(room=room, title="Ships at ten", by=john_.name),
                Passed(room=room, owner=mary.name, by=john_.name),
            ]


async def test_the_palette_has_what_keys_do_with_people(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        offered = {each.title: each for each in john_.app.get_system_commands(john_.app.screen)}
        assert offered["Write to sender"].help == "Write to the message's sender, in private. (m)"
        assert offered["Members"].help.endswith("(F8)")
        await offered["Members"].callback()
        await john_.settle()
        assert isinstance(john_.app.screen, MembersScreen)


async def test_a_room_is_made_with_a_title(john: Start, room: str) -> None:
    async with john(WIDE) as john_:
        await john_.until_online()
        await john_.write(f"/join {room}-ops Operations & deploys")
        await john_.until(lambda: f"#{room}-ops  Operations & deploys" in john_.status)


async def test_who_is_banned_is_let_back_once_one_has_said_so_twice(john: Start, owned: Join, room: str) -> None:
    async with john() as john_:
        await john_.until_online()
        await john_.write("/bans")
        await john_.until(lambda: john_.toasts == ["Nobody is banned from this room."])
        async with owned as mary:
            await john_.write(f"/ban {mary.name}")
            await john_.until(lambda: len(john_.toasts) == 2)
            await john_.write("/bans")
            await john_.until(lambda: isinstance(john_.app.screen, PickerScreen))
            await john_.settle()
            assert john_.sees(f"Banned from #{room}")
            assert john_.sees("Enter lets back, Esc closes")
            await john_.press("enter")
            assert isinstance(john_.app.screen, ConfirmScreen)
            assert john_.sees(f"Let {mary.name} come back to #{room}?")
            await john_.press("enter")
            assert len(john_.toasts) == 2
            await john_.write("/bans")
            await john_.until(lambda: isinstance(john_.app.screen, PickerScreen))
            await john_.press("enter", "y")
            await john_.until(lambda: john_.toasts[-1] == f"{mary.name} can come back.")


async def test_who_may_not_see_who_is_banned_is_told_so(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.write("/bans")
        await john_.until(lambda: john_.toasts)
        assert john_.toasts == [f"Only {mary_.name}, whose room this is, or an admin can see who is banned."]
        assert not isinstance(john_.app.screen, PickerScreen)


async def test_s_silences_a_conversation_altogether(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.write(f"/msg {mary_.name}")
        await is_with(john_, mary_.name)
        await john_.press("tab", "s")
        assert john_.toasts[-1] == f"@{mary_.name} notifies of nothing now."
        await john_.press("f3")
        await john_.until(lambda: john_.app._session.status().label != f"@{mary_.name}")
        await whisper(mary_, john_, "psst")
        silent = pair(john_, mary_.name)
        await john_.until(lambda: john_.app._session._rooms[silent].replica.last_id == 1)
        await john_.wait(2_000)
        assert len(john_.toasts) == 1
        assert not any(isinstance(each, Message) and each.content != "psst" for each in mary_.heard)
