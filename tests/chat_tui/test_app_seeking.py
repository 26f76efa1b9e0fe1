"""Going to places in the history and searching, at the app: every key, and what is not read."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.events import Key
from textual.widgets import Input, OptionList

from chat_server.protocol import AnyRequest, Delete
from chat_tui.gestures import seeking
from chat_tui.model.seeking import NO_SUCH, NO_WAY_BACK, REMOVED
from chat_tui.screens.chat import ChatScreen
from chat_tui.screens.date import DateScreen
from chat_tui.screens.search import SearchScreen
from chat_tui.text.dates import WRITE
from tests.chat_tui.people import DWELL_MS, Clock, Host, Peer, Person, at_the_app

Start = Callable[..., AbstractAsyncContextManager[Person]]
Join = AbstractAsyncContextManager[Peer]
SIZES = ((80, 24), (120, 40), (40, 15))


async def filled(mary: Peer, number: int) -> list[int]:
    """So many messages of hers."""
    ids: list[int] = []
    for first in range(0, number, 50):
        ids += await mary.post(*(f"line {each:03}" for each in range(first, min(first + 50, number))))
    return ids


async def there(john: Person, message_id: int) -> None:
    """Until the cursor is on a message that is on screen."""
    messages = john.app._chat.messages
    await john.until(
        lambda: messages.current is not None and messages.current.id == message_id and message_id in john.visible,
        f"{message_id} under the cursor",
    )
    await john.settle()


def off_the_middle(john: Person, message_id: int) -> int:
    """By how many rows a message is nearer to one edge of the conversation than to the other."""
    frame = john.app._chat.messages.frame
    rows = [y for y, cell in enumerate(frame) if cell.row.message is not None and cell.row.is_body]
    mine = [y for y in rows if (message := frame[y].row.message) is not None and message.id == message_id]
    return abs(mine[0] - (len(frame) - 1 - mine[-1]))


@pytest.mark.parametrize("size", SIZES)
async def test_a_jump_puts_the_cursor_on_a_message_in_the_middle(
    john: Start, mary: Join, size: tuple[int, int]
) -> None:
    async with mary as mary_, john(size) as john_:
        await john_.until_online()
        ids = await filled(mary_, 500)
        await john_.until(lambda: john_.message("line 499"))
        for at in (100, 199, 250, 480):
            john_.app.jump(mary_.room, ids[at])
            await there(john_, ids[at])
            await john_.until(lambda at=at: off_the_middle(john_, ids[at]) <= 1, "in the middle")  # type: ignore[misc]


async def test_what_a_jump_skips_is_not_read_and_what_comes_meanwhile_is_counted(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await john_.press("ctrl+f")  # covered, so nothing is read while it comes
        ids = await filled(mary_, 300)
        await john_.until(lambda: john_.message("line 299"))
        john_.app.screen.query_one(Input).value = "line 040"
        await john_.until(lambda: john_.sees("1 found"))
        await john_.wait(10 * DWELL_MS)
        assert await mary_.read_by(john_.name, ids[:60]) == set()
        await john_.press("enter")
        await there(john_, ids[40])
        seen = john_.visible
        await john_.wait(DWELL_MS)
        await john_.until_told()
        assert await mary_.read_by(john_.name, ids[20:80]) == set(seen)
        assert not {*ids[:20], *ids[80:]} & seen
        (last,) = await mary_.post("late")
        await john_.until(lambda: john_.app._session.replica.last_id == last)
        await john_.settle()
        assert john_.visible == seen
        assert john_.sees(f"{last - max(seen)} more ↓")
        await john_.press("G")
        await john_.until(lambda: last in john_.visible)
        assert not set(ids[80:200]) & await mary_.read_by(john_.name, ids[80:200])


async def test_b_goes_back_to_where_one_was(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        ids = await filled(mary_, 300)
        await john_.until(lambda: ids[-1] in john_.visible)
        john_.app.jump(mary_.room, ids[40])
        await there(john_, ids[40])
        await john_.press("j", "j")
        john_.app.jump(mary_.room, ids[150])
        await there(john_, ids[150])
        await john_.press("B")
        await there(john_, ids[42])
        await john_.press("B")
        await john_.until(lambda: ids[-1] in john_.visible)
        assert john_.app._chat.messages.following
        await john_.press("B")
        assert john_.toasts[-1] == NO_WAY_BACK


async def test_what_cannot_be_gone_to_is_said_and_nothing_moves(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        ids = await filled(mary_, 300)
        await mary_.ask(Delete(ref="d", room=mary_.room, message_id=ids[20]))
        await john_.until(lambda: john_.message(f"message removed by {mary_.name}"))
        await john_.until(lambda: ids[-1] in john_.visible)
        seen = john_.visible
        john_.app.jump(mary_.room, 9_999)
        john_.app.jump(mary_.room, ids[20])
        await john_.until(lambda: len(john_.toasts) == 2)
        await john_.settle()
        assert john_.toasts == [NO_SUCH, REMOVED]
        assert john_.app._session.replica.last == ids[-1]
        assert john_.app._chat.messages.following
        assert max(seen) == max(each.id or 0 for each in john_.app._session.view().messages)


async def test_n_goes_to_the_next_unread_message(john: Start, mary: Join) -> None:
    async with mary as mary_:
        ids = await filled(mary_, 300)
        async with john() as john_:
            await john_.until_online()
            await john_.press("tab", "n")
            assert john_.toasts[-1] == "Nothing is unread here."
            mine = await mary_.post("one", "two")
            await john_.until(lambda: john_.message("two"))
            john_.app.jump(mary_.room, ids[10])
            await there(john_, ids[10])
            await john_.press("n")
            await there(john_, mine[0])
            await john_.press("n")
            await there(john_, mine[1])
            await john_.press("n")
            assert john_.toasts[-1] == "Nothing is unread below this message."


@pytest.mark.parametrize("size", SIZES)
async def test_a_date_is_asked_for_and_gone_to(
    john: Start, mary: Join, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mary as mary_, john(size) as john_:
        await john_.until_online()
        ids = await filled(mary_, 300)
        await john_.until(lambda: john_.message("line 299"))
        sent = john_.app._session.replica.get(ids[-1])
        assert sent is not None
        today = datetime.fromtimestamp(sent.message.sent_at / 1000)  # noqa: DTZ006  # the app's own, without a zone
        monkeypatch.setattr(seeking, "local_now", lambda: today)
        await john_.press("tab", "D", *"deploy", "enter")
        assert isinstance(john_.app.screen, DateScreen)
        assert john_.sees("Write a day or a time")
        john_.app.screen.query_one(Input).value = "today"
        await john_.until(lambda: john_.sees(f"{today:%A}, {today.day} {today:%B}"))
        await john_.press("enter")
        await there(john_, ids[0])
        await john_.press("tab")
        await john_.write("/date 2020-02-02")
        await john_.until(lambda: john_.toasts)
        assert john_.toasts == ["Nothing was written on 2 February 2020. This is what came next."]
        await john_.press("tab")
        await john_.write("/date whenever")
        assert john_.toasts[-1] == WRITE
        await john_.press("tab", "D", "escape")
        assert isinstance(john_.app.screen, ChatScreen)


async def test_what_is_looked_for_is_shown_and_escape_stops_it(
    john: Start, mary: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mary as mary_:
        ids = await filled(mary_, 300)
        async with john() as john_:
            await john_.until_online()
            await john_.until(lambda: ids[-1] in john_.visible)
            unsent: list[AnyRequest] = []
            with monkeypatch.context() as patched:
                patched.setattr(john_.app._connection, "say", unsent.append)
                john_.app.jump(mary_.room, ids[10])
                await john_.settle()
            assert john_.sees("Looking for the message …  Esc stops")
            await john_.press("escape")
            assert not john_.sees("Looking for the message")
            assert john_.app._chat.messages.has_focus
            (request,) = unsent
            john_.app._connection.say(request)
            await john_.until(lambda: not john_.app._session._questions._open)
            await john_.settle()
            assert ids[-1] in john_.visible
            await john_.press("escape")
            assert not john_.app._chat.messages.has_focus


@pytest.mark.parametrize("size", SIZES)
async def test_words_are_searched_and_what_is_found_is_gone_to(
    john: Start, mary: Join, size: tuple[int, int]
) -> None:
    async with mary as mary_, john(size) as john_:
        await john_.until_online()
        ids = await filled(mary_, 120)
        await mary_.post("\x1b[31m a deploy", "another")
        await john_.until(lambda: john_.message("another"))
        await john_.press("ctrl+f", *"deploy")
        await john_.until(lambda: john_.sees(r"\x1b[31m a deploy"))
        await john_.until(lambda: john_.sees("1 found. Enter goes there."))
        assert not john_.sees(f"#{mary_.room}  {mary_.name}")
        await john_.press("ctrl+r")
        await john_.until(lambda: john_.sees(f"#{mary_.room}  {mary_.name}"))
        assert john_.sees("Search all your rooms")
        screen = john_.app.screen
        screen.query_one(Input).value = "nothing of the kind"
        await john_.until(lambda: john_.sees("No message has these words."))
        screen.query_one(Input).value = f"line from:{mary_.name}"
        await john_.press("enter")
        await john_.until(lambda: john_.sees("Searched back to"))
        options = screen.query_one(OptionList)
        assert options.option_count == 50
        for _ in range(12):
            await john_.press("pagedown")
        await john_.until(lambda: options.option_count >= 100, "more of them")
        await john_.press("down", "up", "pageup", "pagedown")
        await john_.until(lambda: options.option_count == 120 or john_.sees("Searched back to"))
        await john_.pilot.click(OptionList, offset=(3, 1))
        await john_.until(lambda: isinstance(john_.app.screen, ChatScreen))
        await john_.until(lambda: john_.app._session.view().aim is not None)
        assert john_.app._session.search.hits == ()
        assert ids[0] <= (john_.app._session.view().aim.message_id or 0) <= ids[-1]  # type: ignore[union-attr]


async def test_a_find_in_another_room_is_gone_to_and_b_goes_back_and_what_was_written_stays(
    john: Start, mary: Join, shared_host: Host, room: str
) -> None:
    tea = f"{room}-tea"
    async with mary as mary_, Peer.on(shared_host.url, f"Ada-{room}", tea) as ada, john() as john_:
        await john_.until_online()
        await filled(ada, 250)
        await john_.write(f"/join {tea}")
        await john_.until(lambda: john_.app._session.room == tea)
        await john_.press("f3")
        await john_.until(lambda: john_.app._session.room == room)
        await mary_.post("hello")
        await john_.until(lambda: john_.message("hello"))
        await john_.press(*"half", "ctrl+f", *"007", "ctrl+r")
        await john_.until(lambda: john_.sees(f"#{tea}  {ada.name}"))
        await john_.press("enter")
        await there(john_, 8)
        assert (john_.app._session.room, john_.composer) == (tea, "")
        await john_.press("B")
        await john_.until(lambda: john_.sees("hello"))
        assert (john_.app._session.room, john_.composer) == (room, "half")


async def test_slash_searches_and_escape_closes_and_the_wheel_asks_for_more(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await filled(mary_, 60)
        await john_.until(lambda: john_.message("line 059"))
        john_.report(Key("tab", None))
        await john_.settle()
        john_.report(Key("slash", "/"))
        await john_.until(lambda: isinstance(john_.app.screen, SearchScreen))
        await john_.settle()
        await john_.press(*"line", "enter")
        options = john_.app.screen.query_one(OptionList)
        await john_.until(lambda: options.option_count == 50)
        options.scroll_end(animate=False)
        await john_.until(lambda: options.option_count == 60)
        await john_.until(lambda: john_.sees("60 found. Enter goes there."))
        await john_.press("escape")
        await john_.until(lambda: isinstance(john_.app.screen, ChatScreen))
        await john_.press("tab")
        await john_.write("/search line 007")
        await john_.until(lambda: john_.sees("found. Enter goes there."))
        await john_.press("escape", "ctrl+f", "enter", "down", "enter")
        assert isinstance(john_.app.screen, SearchScreen)


async def test_a_search_offline_says_so_and_goes_on_once_there_is_a_connection(
    host: Host, room: str, clock: Clock, tmp_path: Path
) -> None:
    async with (
        Peer.on(host.url, "Mary", room) as mary,
        at_the_app(host.url, "John", room, tmp_path / "state", clock) as john,
    ):
        await john.until_online()
        await mary.post("a deploy")
        await john.until(lambda: john.message("a deploy"))
        host.kill()
        await john.until(lambda: "offline" in john.status)
        await john.press("ctrl+f", *"deploy", "enter")
        await john.until(lambda: john.sees("There is no connection, so nothing can be searched."))
        host.start()
        await john.until(lambda: john.sees("1 found. Enter goes there."))


async def test_the_palette_offers_to_search_and_to_go_to_places(john: Start, mary: Join) -> None:
    async with mary, john() as john_:
        await john_.until_online()
        commands = {each.title: each.callback for each in john_.app.get_system_commands(john_.app.screen)}
        assert {"Search", "Back", "Go to a date", "Unread below", "What it answers"} <= set(commands)
        await john_.press("ctrl+p")
        await john_.until(lambda: isinstance(john_.app.screen, CommandPalette))
        await john_.press("escape")
        await commands["Search"]()
        await john_.until(lambda: isinstance(john_.app.screen, SearchScreen))
