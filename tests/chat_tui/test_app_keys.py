"""The app with keys of one's own: what they do, and that help, footer and palette show them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from chat_tui.model.attention import ReceiptState
from chat_tui.preferences.config import Preferences
from chat_tui.preferences.remapping import remap
from chat_tui.screens.help import HelpScreen
from chat_tui.widgets.messages import Messages
from tests.chat_tui.people import Clock, Host, Person, at_the_app

Remapped = Callable[[dict[str, list[str]]], AbstractAsyncContextManager[Person]]


@pytest.fixture
def remapped(shared_host: Host, room: str, clock: Clock, tmp_path: Path) -> Remapped:
    def start(wanted: dict[str, list[str]]) -> AbstractAsyncContextManager[Person]:
        preferences = Preferences(keys=remap(wanted))
        return at_the_app(shared_host.url, f"Ann-{room}", room, tmp_path / "state", clock, preferences=preferences)

    return start


async def test_new_keys_act_and_old_ones_no_longer(remapped: Remapped) -> None:
    async with remapped(
        {"hold": ["f12", "alt+x"], "help": ["f2"], "toggle_bell": ["f1"], "quit": ["ctrl+x"]}
    ) as ann:
        await ann.until_online()
        await ann.press("ctrl+t")
        await ann.settle()
        assert ann.receipts is not ReceiptState.HELD
        await ann.press("f12")
        await ann.until(lambda: ann.receipts is ReceiptState.HELD)
        await ann.press("alt+x")
        await ann.until(lambda: ann.receipts is not ReceiptState.HELD)
        await ann.press("f2")
        await ann.until(lambda: isinstance(ann.app.screen, HelpScreen))
        await ann.press("escape", "f1")
        await ann.until(lambda: ann.sees("bell off"))
        await ann.press("ctrl+q")
        await ann.settle()
        assert ann.app.is_running
        assert ann.app.return_code is None
        await ann.pilot.press("ctrl+x")
        await ann.until(lambda: ann.app.return_code == 0)


async def test_writing_with_other_keys(remapped: Remapped) -> None:
    async with remapped({"send": ["ctrl+l"], "new_line": ["enter"], "to_conversation": ["escape"]}) as ann:
        await ann.until_online()
        await ann.press(*"one", "enter", *"two")
        assert ann.composer == "one\ntwo"
        await ann.press("ctrl+l")
        await ann.until(lambda: ann.message("one\ntwo") is not None)
        assert ann.composer == ""
        await ann.press("escape")
        await ann.until(lambda: ann.widget(Messages).has_focus)


async def test_keys_that_are_exchanged(remapped: Remapped) -> None:
    async with remapped({"info": ["d"], "delete": ["i"], "to_composer": []}) as ann:
        await ann.until_online()
        await ann.write("hello")
        await ann.until(lambda: ann.tick("hello") == "✓")
        await ann.press("tab", "d")
        await ann.until(lambda: ann.sees("hello") and type(ann.app.screen).__name__ == "InfoScreen")
        await ann.press("escape", "i")
        await ann.until(lambda: type(ann.app.screen).__name__ == "DeleteScreen")
        await ann.press("escape", "escape")
        await ann.settle()
        assert ann.widget(Messages).has_focus


async def test_what_shows_keys_shows_the_new_ones(remapped: Remapped) -> None:
    wanted = {
        "hold": ["f10", "ctrl+x"],
        "help": ["f12"],
        "newest": ["f11"],
        "toggle_bell": [],
        "send": ["ctrl+l"],
    }
    async with remapped(wanted) as ann:
        await ann.until_online()
        await ann.until(lambda: all(each in ann.rows[-1] for each in ("F10 Hold", "Ctrl+L Send")))
        assert ann.app._chat._newest_key == "F11"
        helps = {each.title: each.help for each in ann.app.get_system_commands(ann.app.screen)}
        assert helps["Hold"].endswith("(F10 or Ctrl+X)")
        assert helps["Bell"] == "Turn the bell on or off."
        await ann.press("f12")
        await ann.until(lambda: ann.sees("F10, Ctrl+X") and ann.sees("no key") and not ann.sees("Ctrl+T"))


async def test_the_palette_has_another_key(remapped: Remapped) -> None:
    async with remapped({"command_palette": ["f12"]}) as ann:
        await ann.until_online()
        await ann.press("ctrl+p")
        await ann.settle()
        assert ann.app.screen is ann.app._chat
        await ann.press("f12")
        await ann.until(lambda: ann.app.screen is not ann.app._chat)
        await ann.press("escape")
        await ann.until(lambda: ann.app.screen is ann.app._chat)
