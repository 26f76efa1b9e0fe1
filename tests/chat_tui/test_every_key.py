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
from chat_tui.screens.info import InfoScreen
from chat_tui.screens.pins import PinsScreen
from chat_tui.screens.sharing import SharingScreen
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.messages import Messages
from tests.chat_tui.scripted import Start

GOING: Final = {
    Where.COMPOSER: (),
    Where.COMPLETION: ("@", "a"),
    Where.ANSWERING: ("tab", "r"),
    Where.CONVERSATION: ("tab",),
    Where.INFO: ("tab", "i"),
    Where.PINNED: ("f7",),
    Where.SHARING: ("f5",),
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


async def arrive(pilot: Pilot[None], where: Where) -> None:
    """Come to a place, as a person would."""
    await pilot.press("f13")
    await pilot.press(*GOING[where])
    await pilot.pause()
    if where in FOCUSED:
        assert isinstance(pilot.app.focused, FOCUSED[where])
    assert isinstance(pilot.app.screen, SCREENS.get(where, ChatScreen))


def test_every_place_can_be_come_to() -> None:
    assert set(GOING) == set(Where) - {Where.ANYWHERE}


@pytest.mark.parametrize(("row", "key", "where"), ROWS)
async def test_a_key_does_what_the_table_says(
    scripted: Start, monkeypatch: pytest.MonkeyPatch, row: Key, key: str, where: Where
) -> None:
    app: ChatApp = scripted()
    called: list[str] = []

    async def note(_app: App[None], action: object, *_: object, **__: object) -> bool:
        called.append(str(action).rpartition(".")[2])
        return True

    async with app.run_test(size=(80, 24)) as pilot:
        await arrive(pilot, where)
        with monkeypatch.context() as noting:
            noting.setattr(App, "run_action", note)
            await pilot.press(key)
            await pilot.pause()
    assert called == [row.action]
