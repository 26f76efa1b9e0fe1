"""How it looks: each screen in three sizes and three themes, and a few states, compared as pictures.

`pytest --snapshot-update` takes them anew; look at them before.
"""

from collections.abc import Callable
from typing import Final

import pytest
from textual.pilot import Pilot

from chat_server.protocol import Changed
from chat_tui.app import ChatApp
from chat_tui.model.events import Heard
from tests.chat_tui.scripted import TEN_MS, Act, Start, doing, settle

Compare = Callable[..., bool]


def deleting(*keys: str) -> Act:
    """Have a message of one's own and one of somebody else deleted, then press some keys."""

    async def do(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ChatApp)
        await doing()(pilot)
        for message_id, by in ((3, "Grace"), (5, "Ada")):
            app._hear(Heard(Changed(room="general", message_id=message_id, deleted_at=TEN_MS, deleted_by=by), 0))
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)

    return do


def marking(*keys: str) -> Act:
    """Have messages pinned and reacted to, then press some keys."""

    async def do(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ChatApp)
        await doing()(pilot)
        for message_id in (2, 3, 4):
            app._hear(Heard(Changed(room="general", message_id=message_id, pinned=True), 0))
        reactions = {"\U0001f44d": ("Ada", "Grace"), "\U0001f440": ("John",)}
        app._hear(Heard(Changed(room="general", message_id=6, reactions=reactions), 0))
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)

    return do


SIZES: Final = ((80, 24), (40, 15), (120, 40))
THEMES: Final = ("doubletick-dark", "doubletick-light", "ansi-dark")
SCREENS: Final = {
    "conversation": doing(write=("refused", "On its way")),
    "info": doing("tab", "k", "i"),
    "delete": deleting("tab", "d"),
    "hold": doing("tab", "ctrl+t"),
    "help": doing("f1"),
    "switcher": doing("ctrl+k"),
    "palette": doing("ctrl+p"),
    "completion": doing("@", "a"),
    "reply": doing("tab", "k", "r"),
    "pins": marking("f7"),
    "reaction": marking("tab", "plus", *"tad"),
}
"""Each screen by its name, and what one does to see it."""


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("name", SCREENS)
def test_screen(snap_compare: Compare, scripted: Start, name: str, width: int, height: int, theme: str) -> None:
    app = scripted()
    app.theme = theme
    assert snap_compare(app, terminal_size=(width, height), run_before=SCREENS[name])


def test_ascii(snap_compare: Compare, scripted: Start) -> None:
    run_before = doing("tab", write=("refused", "On its way"))
    assert snap_compare(scripted(ascii_only=True), terminal_size=(80, 24), run_before=run_before)


def test_removed_messages(snap_compare: Compare, scripted: Start) -> None:
    assert snap_compare(scripted(), terminal_size=(80, 24), run_before=deleting())


def test_empty(snap_compare: Compare, scripted: Start) -> None:
    assert snap_compare(scripted(()), terminal_size=(80, 24), run_before=doing())


def test_wide(snap_compare: Compare, scripted: Start) -> None:
    assert snap_compare(scripted(), terminal_size=(200, 60), run_before=doing())


def test_offline(snap_compare: Compare, scripted: Start) -> None:
    run_before = doing(write=("Typed while offline",), offline=True)
    assert snap_compare(scripted(), terminal_size=(80, 24), run_before=run_before)
