"""Completion at the keys: in the composer alone, and in the app with people to name and messages to read."""

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from textual.app import App, ComposeResult
from textual.events import Key, Paste
from textual.widgets.text_area import Selection

from chat_tui.model.attention import ReceiptState
from chat_tui.screens.help import HelpScreen
from chat_tui.text.commands import Command, Verb
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.offers import ROWS_MAX, Offers
from tests.chat_tui.people import Peer, Person

Start = Callable[..., AbstractAsyncContextManager[Person]]
Join = AbstractAsyncContextManager[Peer]
NAMES = ("Mary", "mark", *(f"N{number}" for number in range(9)))


class Stage(App[None]):
    """A composer and what is offered, and what the former said."""

    def __init__(self) -> None:
        super().__init__()
        self.composer = Composer("", "Write")
        self.composer.names = lambda: NAMES
        self.offers = Offers()
        self.said: list[object] = []

    def compose(self) -> ComposeResult:
        yield self.offers
        yield self.composer

    def on_completing_text_area_offered(self, event: Composer.Offered) -> None:
        self.offers.show(event.offer, event.chosen)

    def on_composer_sent(self, event: Composer.Sent) -> None:
        self.said.append(event.text)

    def on_composer_commanded(self, event: Composer.Commanded) -> None:
        self.said.append(event.command)

    def on_composer_left(self) -> None:
        self.said.append("left")

    @property
    def rows(self) -> list[str]:
        """What is offered, as it is drawn; nothing where nothing is."""
        assert self.offers.display is bool(self.offers.offer)
        return self.offers.render().plain.splitlines()


@pytest.mark.parametrize(
    ("keys", "text", "said"),
    [
        ("@ m tab", "@Mary ", []),
        ("@ m enter", "@Mary ", []),
        ("@ m enter enter", "", ["@Mary"]),
        ("@ m down tab", "@mark ", []),
        ("@ m down down tab", "@Mary ", []),
        ("@ m up tab", "@mark ", []),
        ("@ m down a tab", "@Mary ", []),
        ("@ m a down backspace tab", "@Mary ", []),
        ("@ m a r y enter", "@Mary ", []),
        ("@ M a r y enter", "", ["@Mary"]),
        ("@ m escape tab", "@m", ["left"]),
        ("@ m escape a enter", "", ["@ma"]),
        ("@ m escape space @ m enter", "@m @Mary ", []),
        ("@ x tab", "@x", ["left"]),
        ("@ m enter x ctrl+z ctrl+z", "@m", []),
        ("x @ m tab", "x@m", ["left"]),
        (": s m i l enter", "😄", []),
        (": s m i l e :", "😄", []),
        (": s m i l e x :", ":smilex:", []),
        ("slash k i tab M a r y enter", "", [Command(Verb.KICK, "Mary")]),
        ("slash k i tab m a tab enter", "", [Command(Verb.KICK, "Mary")]),
        ("a tab", "a", ["left"]),
        ("a escape", "a", ["left"]),
    ],
)
async def test_keys(keys: str, text: str, said: list[object]) -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.composer.focus()
        await pilot.press(*keys.split())
        assert (app.composer.text, app.said) == (text, said)


async def test_what_is_offered_is_drawn_around_what_is_chosen() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.composer.focus()
        await pilot.press("@")
        assert app.rows == ["> @Mary", "  @mark", *(f"  @N{number}" for number in range(ROWS_MAX - 2))]
        await pilot.press("up")
        assert app.rows == [*(f"  @N{number}" for number in range(3, 8)), "> @N8"]
        await pilot.press("m", "a", "r", "k")
        assert app.rows == []
        await pilot.press(*["backspace"] * 5, "slash", "k")
        assert app.rows == ["> /kick       Put somebody out of the room; they may come back."]
        await pilot.press("ctrl+u", *":smil")
        assert app.rows[0] == "> 😄  :smile:"


async def test_who_types_faster_than_it_is_drawn_means_to_send() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.composer.focus()
        for key in ("at", "m", "enter", "at", "m", "tab"):
            app.composer.post_message(Key(key, {"at": "@", "m": "m"}.get(key)))
        await pilot.pause()
        assert (app.said, app.composer.text) == (["@m"], "@Mary ")


async def test_nothing_is_offered_for_a_selection_nor_while_one_does_not_write() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.composer.focus()
        await pilot.press("@", "m")
        assert app.rows
        app.composer.selection = Selection((0, 0), (0, 2))
        await pilot.press("f13")
        assert app.rows == []
        app.composer.action_accept()
        app.composer.action_decline()
        app.composer.action_choose_next()
        assert app.composer.text == "@m"
        await pilot.press("right")
        assert app.rows
        app.screen.set_focus(None)
        await pilot.pause()
        assert app.rows == []


async def test_those_in_the_room_are_named_who_spoke_last_first(
    shared_host: object, john: Start, mary: Join
) -> None:
    url = str(getattr(shared_host, "url", ""))
    async with mary as mary_, Peer.on(url, f"Ada-{mary_.room}", mary_.room) as ada, john() as john_:
        await john_.until_online()
        await ada.post("first")
        await mary_.post("second")
        await john_.until(lambda: john_.sees("second"))
        await john_.press("@")
        names = [row.strip("> ") for row in john_.rows if row.startswith(("  > @", "    @"))]
        assert names == [f"@{mary_.name}", f"@{ada.name}"]
        await john_.press("down", "tab")
        assert john_.composer == f"@{ada.name} "
        await john_.press("enter")
        await mary_.hear(f"@{ada.name}")


async def test_what_is_offered_takes_its_rows_from_what_is_in_view(john: Start, mary: Join) -> None:
    async with mary as mary_, john((80, 12)) as john_:
        await john_.until_online()
        await john_.focus()
        await john_.press("/")
        assert john_.receipts is ReceiptState.LIVE
        await john_.until(
            lambda: sum(row.startswith(("  > /", "    /")) for row in john_.rows) == 3, "three rows of offers"
        )
        await john_.press("tab", *["backspace"] * 6)
        await mary_.post(*(f"line {number}" for number in range(20)))
        await john_.until(lambda: 20 in john_.visible)
        await john_.settle()
        before = john_.visible
        await john_.press("/")
        await john_.until(lambda: len(john_.visible) == len(before) - 3, "three rows fewer")
        assert 20 in john_.visible
        assert {number + 1 for number in map(int, re.findall(r"line (\d+)", john_.screen))} == john_.visible
        await john_.press("escape")
        await john_.until(lambda: john_.visible == before, "their rows back")


async def test_help_is_a_command_too(john: Start) -> None:
    async with john() as john_:
        await john_.write("/help")
        assert isinstance(john_.app.screen, HelpScreen)
        await john_.press("escape", "/", "h", "tab", "enter")
        assert isinstance(john_.app.screen, HelpScreen)
        assert john_.composer == ""


@pytest.mark.parametrize(("height", "rows"), [(24, 10), (12, 5)])
async def test_the_composer_grows_and_then_scrolls(john: Start, height: int, rows: int) -> None:
    async with john((80, height)) as john_:
        for number in range(12):
            await john_.press(*f"{number}", "ctrl+j")
            assert john_.widget(Composer).content_size.height == min(number + 2, rows)
        await john_.press("z")
        assert john_.widget(Composer).scroll_offset.y == 13 - rows
        assert john_.sees("z")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 12)])
async def test_its_length_is_seen_in_any_terminal(john: Start, width: int, height: int) -> None:
    async with john((width, height)) as john_:
        john_.report(Paste("x" * 9_120))
        await john_.settle()
        assert john_.sees("9,120 of 8,000: shorten by 1,120")
        await john_.press("enter")
        assert len(john_.toasts) == 1
        assert len(john_.composer) == 9_120
