"""What the mouse does at the app: its menu, what is offered, the row of keys, and whose it is."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.drivers.headless_driver import HeadlessDriver
from textual.screen import Screen
from textual.widgets import OptionList
from textual.widgets._footer import FooterKey

from chat_tui.keys import TABLE
from chat_tui.model.attention import ReceiptState
from chat_tui.screens.chat import ChatScreen
from chat_tui.screens.info import InfoScreen
from chat_tui.screens.menu import MenuScreen, offered
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.keyrow import KeyRow
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.offers import Offers
from chat_tui.widgets.status import StatusBar
from tests.chat_tui.people import Peer, Person
from tests.chat_tui.test_app_moderation import arrived, written

Start = Callable[..., AbstractAsyncContextManager[Person]]
Join = AbstractAsyncContextManager[Peer]
LABELS = ("Reply", "Edit", "React", "Pin", "Info", "Copy", "Watch", "Delete", "Mark unread", "Silence room")


async def click(john: Person, text: str, button: int = 1) -> None:
    """Click where this stands on the screen for the first time."""
    y, row = next((y, row) for y, row in enumerate(john.rows) if text in row)
    await john.pilot.click(offset=(row.index(text), y), button=button)
    await john.settle()


def keys(john: Person) -> list[str]:
    """What the row of keys has."""
    return [f"{each.key_display} {each.description}" for each in john.widget(KeyRow).query(FooterKey)]


def row_is_whole(john: Person) -> bool:
    """Whether it is drawn with all that it has, the palette at its end."""
    row = john.rows[-1]
    return row.endswith("Ctrl+P Commands") and row.split() == " ".join(keys(john)).split()


def is_on(john: Person, screen: type[Screen[Any]]) -> bool:
    return isinstance(john.app.screen, screen)


async def test_the_menu_of_a_message_offers_what_keys_do_to_it(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        await john_.focus()
        await written(john_, "hello")
        written_ = john_.message("hello")
        assert written_ is not None
        await john_.press("tab", "space")
        await john_.until(lambda: is_on(john_, MenuScreen))
        assert john_.receipts is ReceiptState.COVERED
        assert all(john_.sees(each) for each in LABELS)
        assert not any(john_.sees(each) for each in ("Retry", "Discard", "Open link", "Newest"))
        at = [each.action for each in offered(written_, TABLE)].index("info")
        await john_.press("down", "up", *["down"] * at, "enter")
        await john_.until(lambda: is_on(john_, InfoScreen))
        await john_.press("escape", "space", "w")
        await john_.until(lambda: john_.toasts)
        await john_.until(lambda: is_on(john_, ChatScreen))
        await john_.press("space", "space")
        await john_.until(lambda: is_on(john_, ChatScreen))
        await john_.press("space", "z")
        await john_.until(lambda: is_on(john_, MenuScreen))
        await john_.press("escape")
        assert john_.widget(Messages).has_focus


async def test_a_right_click_opens_it_on_the_message_there_and_clicks_choose(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await arrived(john_, mary_, "look at https://example.org/")
        await written(john_, "mine")
        await click(john_, "look at", button=3)
        await john_.until(lambda: is_on(john_, MenuScreen))
        assert john_.sees("Open link")
        assert not john_.sees("Watch")
        await click(john_, "Info")
        await john_.until(lambda: is_on(john_, InfoScreen))
        assert john_.sees("Mary")
        await john_.press("escape")
        await click(john_, "mine", button=3)
        await john_.pilot.click(offset=(1, 1))
        await john_.settle()
        await john_.until(lambda: is_on(john_, ChatScreen))


async def test_where_there_is_no_message_there_is_no_menu(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        await john_.press("tab", "space")
        await john_.until(lambda: is_on(john_, ChatScreen))
        assert john_.toasts == ["There is no message here."]


async def test_what_is_offered_can_be_clicked(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        await john_.press("/")
        await john_.until(lambda: john_.widget(Offers).size.height > 2, "its rows")
        await john_.settle()
        rows = john_.widget(Offers).render().plain.splitlines()
        await john_.pilot.click(Offers, offset=(5, 2))
        await john_.until(lambda: john_.composer == f"{rows[2].split()[0]} ", "what was clicked")
        assert john_.widget(Composer).has_focus
        assert not john_.widget(Offers).display


async def test_an_offer_that_has_changed_since_it_was_clicked_is_not_taken(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        await john_.press("/")
        offer = john_.widget(Offers).offer
        assert offer is not None
        await john_.press("k")
        john_.widget(Composer).accept(offer, 1)
        assert john_.composer == "/k"


@pytest.mark.parametrize("width", [40, 80, 120])
async def test_the_row_of_keys_fits_and_leads_to_everything(john: Start, width: int) -> None:
    async with john((width, 24)) as john_:
        await john_.until_online()
        await john_.until(lambda: row_is_whole(john_))
        await john_.press("tab")
        await john_.until(lambda: "Tab Write" in keys(john_) and row_is_whole(john_))
        await click(john_, "Ctrl+P Commands")
        await john_.until(lambda: is_on(john_, CommandPalette))


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (120, "Enter Send Ctrl+J New line Tab Messages Ctrl+Q Quit F1 Help Ctrl+T Hold Ctrl+P Commands"),
        (80, "Enter Send Ctrl+J New line Tab Messages Ctrl+Q Quit Ctrl+T Hold Ctrl+P Commands"),
        (70, "Enter Send Tab Messages Ctrl+Q Quit Ctrl+T Hold Ctrl+P Commands"),
        (40, "Enter Send Tab Messages Ctrl+P Commands"),
        (30, "Enter Send Ctrl+P Commands"),
        (10, ""),
    ],
)
async def test_what_matters_least_gives_way_first(john: Start, width: int, row: str) -> None:
    async with john((60, 24)) as john_:
        await john_.until_online()
        await john_.resize(width, 24)
        await john_.until(lambda: john_.rows[-1].split() == row.split(), row)


async def test_in_a_short_terminal_the_status_leads_to_everything(john: Start) -> None:
    async with john((40, 15)) as john_:
        await john_.until_online()
        await john_.pilot.click(StatusBar)
        await john_.until(lambda: is_on(john_, CommandPalette))


async def test_the_mouse_can_be_left_to_the_terminal_and_taken_back(
    john: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[bool] = []
    monkeypatch.setattr(HeadlessDriver, "_enable_mouse_support", lambda _: taken.append(True), raising=False)
    monkeypatch.setattr(HeadlessDriver, "_disable_mouse_support", lambda _: taken.append(False), raising=False)
    async with john() as john_:
        await john_.until_online()
        await john_.press("f9")
        assert taken == [False]
        assert john_.toasts == ["The mouse is your terminal's now: select text as ever. F9 takes it back."]
        await john_.until(lambda: "mouse off" in john_.status)
        await john_.press("f9")
        assert taken == [False, True]
        assert john_.toasts[-1].startswith("The mouse works here again")
        await john_.until(lambda: "mouse off" not in john_.status)


async def test_where_there_is_no_mouse_that_is_said(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        await john_.press("f9")
        assert john_.toasts == ["There is no mouse to switch here."]
        assert "mouse off" not in john_.status


async def test_the_menu_is_as_wide_as_there_is_room(john: Start) -> None:
    async with john((30, 12)) as john_:
        await john_.until_online()
        await written(john_, "hello")
        await john_.press("tab", "space")
        menu = john_.app.screen.query_one(OptionList)
        assert menu.region.right < 30
        await john_.press("end", "enter")
        await john_.until(lambda: john_.toasts)
        assert "how far others have read" in john_.toasts[0]
