"""Each key of the table, pressed where it works: it does what the table says that it does, and nothing else.

What comes of each action is for the tests of that action; here a binding that is missing, shadowed by a widget's
own or bound in the wrong place is found, for every row of the table.
"""

from typing import Any, Final

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from chat_tui.app import ChatApp
from chat_tui.keys import TABLE, Key, Where
from chat_tui.screens.chat import ChatScreen
from chat_tui.screens.delete import DeleteScreen
from chat_tui.screens.help import HelpScreen
from chat_tui.screens.hold import HoldScreen
from chat_tui.screens.info import InfoScreen
from chat_tui.screens.links import LinksScreen
from chat_tui.screens.members import MembersScreen
from chat_tui.screens.menu import MenuScreen
from chat_tui.screens.picker import PickerScreen
from chat_tui.screens.pins import PinsScreen
from chat_tui.screens.search import SearchScreen
from chat_tui.screens.sharing import SharingScreen
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.messages import Messages
from tests.chat_tui.people import DWELL_MS, Clock
from tests.chat_tui.scripted import SAID, Start, settle

LATER: Final = "later"
"""No key: time goes by, in which one reads."""
LINKED: Final = (("Ada", "See https://one.example and https://two.example"),)
"""What is said where links are chosen from."""
GOING: Final = {
    Where.COMPOSER: (),
    Where.COMPLETION: ("@", "a"),
    Where.ANSWERING: ("tab", "r"),
    Where.CONVERSATION: ("tab",),
    Where.INFO: ("tab", "i"),
    Where.PINNED: ("f7",),
    Where.SHARING: ("f5",),
    Where.CHOOSING: ("ctrl+k",),
    Where.SEARCHING: ("ctrl+f",),
    Where.PEOPLE: ("f8",),
    Where.MESSAGE: ("tab", "space"),
    Where.LINKS: ("tab", "o"),
    Where.QUESTION: ("tab", "d"),
    Where.HELD: ("ctrl+t", LATER, "ctrl+t"),
    Where.KEYS: ("f1",),
}
"""What one presses at the start to come to each place."""
FOCUSED: Final = {
    Where.CONVERSATION: Messages,
    Where.COMPOSER: Composer,
    Where.COMPLETION: Composer,
    Where.ANSWERING: Composer,
}
SCREENS: Final[dict[Where, type[Screen[Any]]]] = {
    Where.INFO: InfoScreen,
    Where.PINNED: PinsScreen,
    Where.SHARING: SharingScreen,
    Where.CHOOSING: PickerScreen,
    Where.SEARCHING: SearchScreen,
    Where.PEOPLE: MembersScreen,
    Where.MESSAGE: MenuScreen,
    Where.LINKS: LinksScreen,
    Where.QUESTION: DeleteScreen,
    Where.HELD: HoldScreen,
    Where.KEYS: HelpScreen,
}
"""Which screen has the place; the others are in the screen one lives in."""
EVERYWHERE: Final = (Where.COMPOSER, Where.CONVERSATION)
"""Where keys that work anywhere are pressed."""
ROWS: Final = [
    pytest.param(row, key, where, id=f"{where.name.lower()}-{key}-{row.action}")
    for row in TABLE
    for key in row.keys
    for where in (EVERYWHERE if row.where is Where.ANYWHERE else (row.where,))
]


async def arrive(pilot: Pilot[None], clock: Clock, where: Where) -> None:
    """Come to a place, as a person would."""
    await pilot.press("f13")
    for key in GOING[where]:
        if key == LATER:
            await settle(pilot)
            clock.forward(DWELL_MS)
        else:
            await pilot.press(key)
    await pilot.pause()
    if where in FOCUSED:
        assert isinstance(pilot.app.focused, FOCUSED[where])
    assert isinstance(pilot.app.screen, SCREENS.get(where, ChatScreen))


def test_every_place_can_be_come_to() -> None:
    assert set(GOING) == set(Where) - {Where.ANYWHERE}


@pytest.mark.parametrize(("row", "key", "where"), ROWS)
async def test_a_key_does_what_the_table_says(
    scripted: Start, clock: Clock, monkeypatch: pytest.MonkeyPatch, row: Key, key: str, where: Where
) -> None:
    app: ChatApp = scripted(LINKED if where is Where.LINKS else SAID)
    called: list[str] = []

    async def note(_app: App[None], action: object, *_: object, **__: object) -> bool:
        called.append(str(action).rpartition(".")[2])
        return True

    async with app.run_test(size=(80, 24)) as pilot:
        await arrive(pilot, clock, where)
        with monkeypatch.context() as noting:
            noting.setattr(App, "run_action", note)
            await pilot.press(key)
            await pilot.pause()
    assert called == [row.action]
