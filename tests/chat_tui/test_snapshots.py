"""How it looks: a few screens, compared as pictures. `pytest --snapshot-update` takes them anew; look before."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from chat_server.protocol import Changed
from chat_tui.app import ChatApp
from chat_tui.model.events import Heard
from tests.chat_tui.scripted import TEN_MS, Act, Start, doing

Compare = Callable[..., bool]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 15), (120, 40)])
def test_conversation(snap_compare: Compare, scripted: Start, width: int, height: int) -> None:
    run_before = doing(write=("refused", "On its way"))
    assert snap_compare(scripted(), terminal_size=(width, height), run_before=run_before)


def test_ascii(snap_compare: Compare, scripted: Start) -> None:
    run_before = doing("tab", write=("refused", "On its way"))
    assert snap_compare(scripted(ascii_only=True), terminal_size=(80, 24), run_before=run_before)


def test_info_of_a_message(snap_compare: Compare, scripted: Start) -> None:
    assert snap_compare(scripted(), terminal_size=(80, 24), run_before=doing("tab", "k", "i"))


def deleting(*keys: str) -> Act:
    """Have a message of one's own and one of somebody else deleted, then press some keys."""

    async def do(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ChatApp)
        await doing()(pilot)
        for message_id, by in ((3, "Grace"), (5, "Ada")):
            app._hear(Heard(Changed(room="general", message_id=message_id, deleted_at=TEN_MS, deleted_by=by), 0))
        await pilot.pause(0.1)
        await pilot.press(*keys)
        await pilot.pause(0.1)

    return do


def test_removed_messages(snap_compare: Compare, scripted: Start) -> None:
    assert snap_compare(scripted(), terminal_size=(80, 24), run_before=deleting())


def test_whether_to_delete_a_message(snap_compare: Compare, scripted: Start) -> None:
    assert snap_compare(scripted(), terminal_size=(80, 24), run_before=deleting("tab", "d"))


def test_help(snap_compare: Compare, scripted: Start) -> None:
    assert snap_compare(scripted(), terminal_size=(80, 24), run_before=doing("f1"))


def test_empty(snap_compare: Compare, scripted: Start) -> None:
    assert snap_compare(scripted(()), terminal_size=(80, 24), run_before=doing())


def test_offline_in_a_light_theme(snap_compare: Compare, scripted: Start) -> None:
    app = scripted()
    app.theme = "textual-light"
    run_before = doing(write=("Typed while offline",), offline=True)
    assert snap_compare(app, terminal_size=(80, 24), run_before=run_before)
