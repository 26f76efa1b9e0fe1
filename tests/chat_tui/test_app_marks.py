"""Reactions and pins at the app, against a real server: keys, clicks, and what others see of them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from rich.cells import cell_len
from textual.events import Key
from textual.widgets import Input, OptionList, Static

from chat_server.protocol import Changed, Mute, Pin, React, Unpin
from chat_tui.app import ChatApp, Options
from chat_tui.model import events as happened
from chat_tui.model.deeds import OFFLINE
from chat_tui.model.marks import NONE
from chat_tui.outbox import Outbox
from chat_tui.screens.pins import PinsScreen
from chat_tui.screens.react import ReactScreen
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.status import StatusBar
from tests.chat_tui.people import DWELL_MS, Clock, Host, Peer, Person, passport
from tests.chat_tui.test_app_moderation import arrived, written

Start = Callable[..., AbstractAsyncContextManager[Person]]
Join = AbstractAsyncContextManager[Peer]


def reactions(john: Person, text: str) -> tuple[tuple[str, int, bool], ...]:
    message = john.message(text)
    assert message is not None
    return message.reactions


def place_of(john: Person, text: str) -> tuple[int, int]:
    """The cell in which a text begins on the screen."""
    for y, row in enumerate(john.rows):
        if (at := row.find(text)) >= 0:
            return cell_len(row[:at]), y
    raise AssertionError(f"not on the screen: {text}")


async def click(john: Person, text: str, *, times: int = 1) -> None:
    await john.pilot.click(offset=place_of(john, text), times=times)
    await john.settle()


async def react(mary: Peer, message_id: int, emoji: str, *, on: bool = True) -> None:
    await mary.ask(React(ref="react", room=mary.room, message_id=message_id, emoji=emoji, on=on))


async def pin(mary: Peer, *message_ids: int) -> None:
    for each in message_ids:
        await mary.ask(Pin(ref=f"pin-{each}", room=mary.room, message_id=each))


async def listed(john: Person, *texts: str) -> None:
    """Press F7, and wait for exactly these pins."""
    await john.press("f7")
    await shown(john, *texts)


async def shown(john: Person, *texts: str) -> None:
    """Wait for exactly these pins in the list."""
    await john.until(lambda: [each.text for each in john.app._session.pins().pins] == list(texts), str(texts))
    await john.settle()


# Reactions


async def test_a_digit_puts_a_common_emoji_there_and_again_takes_it_away(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        message_id = await arrived(john_, mary_, "five?")
        await john_.press("tab", "plus")
        assert isinstance(john_.app.screen, ReactScreen)
        assert john_.sees("1 👍  2 ✅  3 👀  4 🎉  5 😂  6 🙏")
        await john_.press("1")
        await john_.until(lambda: reactions(john_, "five?") == (("👍", 1, True),))
        await mary_.readers(1)
        told = [each for each in mary_.heard if isinstance(each, Changed)]
        assert [(each.message_id, each.reactions) for each in told] == [(message_id, {"👍": (john_.name,)})]
        await john_.press("plus", "1")
        await john_.until(lambda: reactions(john_, "five?") == ())


async def test_any_emoji_is_found_by_its_name(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await arrived(john_, mary_, "five?")
        await john_.press("tab", "plus", "enter", "down")
        assert isinstance(john_.app.screen, ReactScreen)
        await john_.press(*"rocket")
        assert john_.sees("🚀  :rocket:")
        await john_.press("enter")
        await john_.until(lambda: reactions(john_, "five?") == (("🚀", 1, True),))
        await john_.press("plus", *":Rocke")
        assert john_.sees("🚀  :rocket:  takes yours away")
        await john_.press("down", "up", "enter")
        await john_.until(lambda: reactions(john_, "five?") == ())
        await john_.press("plus")
        for each in "raised eyeb":
            john_.report(Key("space" if each == " " else each, each))
        await john_.until(lambda: john_.sees("🤨  :raised_eyebrow:"))
        await click(john_, ":raised_eyebrow:")
        await john_.until(lambda: reactions(john_, "five?") == (("🤨", 1, True),))
        await john_.press("plus", *"qqq", "down", "enter")
        assert not john_.app.screen.query_one(OptionList).display
        await john_.press("escape")
        assert reactions(john_, "five?") == (("🤨", 1, True),)


async def test_the_mouse_reacts_without_any_key(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        message_id = await arrived(john_, mary_, "five?")
        await john_.press("tab", "plus")
        await click(john_, "4 🎉")
        await john_.until(lambda: john_.sees("🎉 1"))
        for emoji in ("👀", "👍🏽"):
            await react(mary_, message_id, emoji)
        await john_.until(lambda: john_.sees("🎉 1  👀 1  👍 1"))
        await click(john_, "👀 1")
        await john_.until(lambda: john_.sees("🎉 1  👀 2  👍 1"))
        await click(john_, "👍 1")
        await john_.until(lambda: john_.sees("🎉 1  👀 2  👍 2"))
        assert [name for name, _, is_mine in reactions(john_, "five?") if is_mine] == ["🎉", "👀", "👍"]
        await click(john_, "🎉 1")
        await john_.until(lambda: reactions(john_, "five?") == (("👀", 2, True), ("👍", 2, True)))
        await click(john_, "five?", times=2)
        assert john_.sees("Message info")


async def test_a_click_on_what_is_not_there_any_more_does_nothing(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        message_id = await arrived(john_, mary_, "five?")
        await react(mary_, message_id, "👀")
        await john_.until(lambda: john_.sees("👀 1"))
        shown = john_.message("five?")
        assert shown is not None
        await react(mary_, message_id, "👀", on=False)
        await react(mary_, message_id, "🎉")
        await john_.until(lambda: john_.sees("🎉 1"))
        john_.widget(Messages).post_message(Messages.ReactionClicked(shown, 0))
        await john_.settle()
        await mary_.readers(1)
        assert reactions(john_, "five?") == (("🎉", 1, False),)


async def test_what_is_taken_away_while_one_chooses_takes_no_reaction(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        message_id = await written(john_, "oops")
        await john_.press("tab", "plus")
        john_.app._hear(happened.Heard(Changed(room=mary_.room, message_id=message_id, deleted_at=5), 0))
        await john_.until(lambda: john_.app._session.view().messages[0].removed)
        await john_.press("1")
        await john_.until(lambda: john_.toasts)
        assert john_.toasts == ["This message was removed."]
        for key in ("plus", "p"):
            john_.app.clear_notifications()
            await john_.press(key)
            await john_.until(lambda: john_.toasts == ["This message was removed."])


async def test_what_is_let_go_while_one_chooses_takes_no_reaction(john: Start, mary: Join) -> None:
    async with mary, john() as john_:
        await john_.until_online()
        await written(john_, "far away soon")
        await john_.press("tab", "plus")
        john_.app._session.replica.close()
        await john_.press("1")
        await john_.until(lambda: john_.toasts == ["The message is not at hand any more."])


async def test_the_picker_of_emoji_covers_and_what_is_below_is_not_read(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await written(john_, "mine")
        await john_.press("tab", "plus")
        ids = await mary_.post("below")
        await john_.until(lambda: john_.message("below"))
        await john_.wait(10 * DWELL_MS)
        assert await mary_.read_by(john_.name, ids) == set()
        await john_.press("escape")
        await john_.wait(DWELL_MS)
        await john_.until_told()
        assert await mary_.read_by(john_.name, ids) == set(ids)


# Pins


async def test_p_pins_and_unpins_and_the_status_counts(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        message_id = await arrived(john_, mary_, "the runbook")
        await john_.press("tab", "p")
        await john_.until(lambda: john_.sees("pinned") and "📌 1" in john_.status)
        await mary_.readers(1)
        told = [each for each in mary_.heard if isinstance(each, Changed)]
        assert [(each.message_id, each.pinned, each.pinned_by) for each in told] == [
            (message_id, True, john_.name)
        ]
        await john_.press("p")
        await john_.until(lambda: not john_.sees("pinned") and "📌" not in john_.status)


async def test_pins_are_listed_from_anywhere_and_nothing_of_them_is_read(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.press("f7")
        assert john_.sees(NONE)
        await john_.press("u", "enter", "q")
        ids = await mary_.post("the runbook", *(f"line {number}" for number in range(40)))
        await pin(mary_, ids[0], ids[3])
        await john_.until(lambda: ids[-1] in john_.visible)
        await john_.focus()
        await listed(john_, "line 2", "the runbook")
        assert john_.sees("0 of 1 have read this pin")
        await john_.wait(10 * DWELL_MS)
        assert await mary_.read_by(john_.name, ids) == set()
        await john_.press("escape")
        assert not isinstance(john_.app.screen, PinsScreen)


async def test_the_list_says_how_many_have_read_each_as_they_read(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        hers = await arrived(john_, mary_, "hers")
        mine = await written(john_, "mine")
        await pin(mary_, hers, mine)
        await john_.until(lambda: "📌 2" in john_.status)
        await john_.wait(DWELL_MS)
        await john_.until_told()
        await listed(john_, "mine", "hers")
        assert [each.read for each in john_.app._session.pins().pins] == [
            "0 of 1 have read this pin",
            "1 of 1 has read this pin",
        ]
        await mary_.read(mine, mine)
        await john_.until(lambda: "\n".join(john_.rows).count("1 of 1 has read this pin") == 2)
        (more,) = await mary_.post("later")
        await pin(mary_, more)
        await john_.until(lambda: john_.sees("later") and john_.sees("0 of 1 have read this pin"))


async def test_the_list_asks_again_as_nobody_tells_of_what_others_read(
    john: Start, mary: Join, shared_host: Host, room: str
) -> None:
    async with mary as mary_, Peer.on(shared_host.url, f"Ada-{room}", room) as ada, john() as john_:
        await john_.until_online()
        hers = await arrived(john_, mary_, "hers")
        await pin(mary_, hers)
        await john_.until(lambda: "📌 1" in john_.status)
        await listed(john_, "hers")
        assert john_.sees("0 of 2 have read this pin")
        await ada.read(hers, hers)
        await john_.until(lambda: john_.sees("1 of 2 has read this pin"))


async def test_one_goes_to_a_pin_by_enter_and_by_mouse(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        ids = await mary_.post(*(f"line {number}" for number in range(60)))
        await pin(mary_, ids[1], ids[30])
        await john_.until(lambda: ids[-1] in john_.visible and "📌 2" in john_.status)
        await listed(john_, "line 30", "line 1")
        await john_.press("down", "enter")
        await john_.until(lambda: ids[1] in john_.visible)
        messages = john_.widget(Messages)
        assert messages.has_focus
        assert messages.current is not None
        assert messages.current.id == ids[1]
        await john_.pilot.click(StatusBar, offset=(john_.status.index("📌"), 0))
        await john_.settle()
        await john_.until(lambda: john_.sees("line 30"))
        await click(john_, "line 30")
        await john_.until(lambda: ids[30] in john_.visible)
        assert messages.current.id == ids[30]


async def test_the_list_unpins_by_each_of_its_keys_and_keeps_what_is_chosen(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        ids = await mary_.post("one", "two", "three", "four")
        await pin(mary_, *ids)
        await john_.until(lambda: "📌 4" in john_.status)
        await listed(john_, "four", "three", "two", "one")
        await john_.press("down")
        options = john_.app.screen.query_one(OptionList)
        for key, left, chosen in (("u", "four two one", 1), ("p", "four one", 1), ("delete", "four", 0)):
            await john_.press(key)
            await shown(john_, *left.split())
            assert options.highlighted == chosen
        await mary_.ask(Unpin(ref="u", room=mary_.room, message_id=ids[3]))
        await john_.until(lambda: john_.sees(NONE))
        assert isinstance(john_.app.screen, PinsScreen)


async def test_who_may_not_and_who_cannot_is_told(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        message_id = await arrived(john_, mary_, "hers")
        await react(mary_, message_id, "👀")
        await mary_.ask(Mute(ref="m", room=mary_.room, name=john_.name))
        await john_.press("tab", "p")
        await john_.until(lambda: len(john_.toasts) == 2)
        john_.app.clear_notifications()
        await click(john_, "👀 1")
        await john_.until(lambda: john_.toasts)
        assert "muted" in john_.toasts[-1]
        john_.app.clear_notifications()
        await john_.press("plus", "2")
        await john_.until(lambda: john_.toasts)
        john_.app._hear(happened.Cut("gone", None))
        await john_.press("p")
        await john_.until(lambda: john_.toasts[-1] == OFFLINE)


async def test_all_of_it_is_in_the_palette(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await arrived(john_, mary_, "hers")
        await john_.press("tab")
        commands = {each.title: each for each in john_.app.get_system_commands(john_.app.screen)}
        assert [commands[each].help[-3:] for each in ("React", "Pin", "Pins")] == ["(+)", "(p)", "F7)"]
        await commands["Pin"].callback()
        await john_.until(lambda: "📌 1" in john_.status)
        await commands["React"].callback()
        await john_.until(lambda: isinstance(john_.app.screen, ReactScreen))
        await john_.press("escape")
        await commands["Pins"].callback()
        await john_.until(lambda: john_.sees("Pinned messages") and john_.sees("hers"))
        assert isinstance(john_.app.screen, PinsScreen)


async def test_long_pins_are_quoted_and_the_list_scrolls_in_a_small_terminal(john: Start, mary: Join) -> None:
    async with mary as mary_, john((40, 15)) as john_:
        await john_.until_online()
        ids = await mary_.post(*("\n".join(f"{number} {line}" for line in "abcdef") for number in range(5)))
        await pin(mary_, *ids, *await mary_.post("word " * 500))
        await john_.until(lambda: john_.app._session.status().pins == 6)
        await john_.press("f7")
        await john_.until(lambda: john_.sees("word word"))
        assert sum("word" in row for row in john_.rows) <= 4
        assert john_.sees("…")
        await john_.press("down")
        assert john_.sees("4 c…")
        assert not john_.sees("4 d")
        await john_.press("end")
        await john_.until(lambda: john_.sees("0 c…"))
        await john_.resize(80, 24)
        await john_.until(lambda: john_.sees("0 c…"))


async def test_in_ascii_everything_is_named(shared_host: Host, room: str, clock: Clock, tmp_path: Path) -> None:
    url, name = shared_host.url, f"Ann-{room}"
    outbox = Outbox.open(tmp_path, url, name)
    app = ChatApp(Options(name, url, room, ascii_only=True), outbox, passport(name, url, tmp_path))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        ann = Person(app, pilot, clock, name)
        await ann.until_online()
        await written(ann, "hello")
        await ann.press("tab", "plus")
        assert ann.sees("1 :thumbsup:  2 :check:  3 :eyes:")
        assert ann.sees("4 :tada:  5 :joy:  6 :pray:")
        await ann.press(*"rocke")
        assert ann.screen.isascii()
        await ann.press("enter")
        await ann.until(lambda: ann.sees(":rocket: 1"))
        await click(ann, ":rocket: 1")
        await ann.until(lambda: not ann.sees(":rocket:"))
        await ann.press("p")
        await ann.until(lambda: "1 pin" in ann.status)
        await ann.press("f7")
        await ann.until(lambda: ann.app.screen.query_one(OptionList).option_count == 1)
        assert ann.screen.isascii()
        assert not ann.app.screen.query_one(Static).display
        await ann.press("escape", "tab")
        assert not ann.app.query(Input)
    outbox.close()
