"""How it looks: each screen in three sizes and three themes, and a few states, compared as pictures.

`pytest --snapshot-update` takes them anew; look at them before.
"""

from collections.abc import Callable
from typing import Final

import pytest
from textual.command import CommandList
from textual.pilot import Pilot

from chat_server.protocol import Changed, Entered, Message, RoomSummary, Settings, Typing
from chat_tui.app import ChatApp
from chat_tui.gestures import attentive
from chat_tui.text.commands import Verb
from tests.chat_tui.people import DWELL_MS, Clock, until
from tests.chat_tui.scripted import EDITED, ELSEWHERE, TEN_MS, Act, Start, doing, settle

Compare = Callable[..., bool]


def deleting(*keys: str) -> Act:
    """Have a message of one's own and one of somebody else deleted, then press some keys."""
    hear = tuple(
        Changed(room="general", message_id=message_id, deleted_at=TEN_MS, deleted_by=by)
        for message_id, by in ((3, "Grace"), (5, "Ada"))
    )
    return doing(*keys, hear=hear)


def marking(*keys: str) -> Act:
    """Have messages pinned and reacted to, then press some keys."""
    pinned = tuple(Changed(room="general", message_id=message_id, pinned=True) for message_id in (2, 3, 4))
    reactions = {"\U0001f44d": ("Ada", "Grace"), "\U0001f440": ("John",)}
    return doing(*keys, hear=(*pinned, Changed(room="general", message_id=6, reactions=reactions)))


def command(line: str, *keys: str) -> Act:
    """Write a line and send it, then press some keys."""
    return doing(*("space" if each == " " else "slash" if each == "/" else each for each in line), "enter", *keys)


def commanding() -> Act:
    """Open the palette, and wait until it has everything."""

    async def do(pilot: Pilot[None]) -> None:
        app = pilot.app
        await doing("ctrl+p")(pilot)
        commands = len(list(app.get_system_commands(app.screen)))
        await until(lambda: app.screen.query_one(CommandList).option_count == commands, "all commands")
        await settle(pilot)

    return do


def prompting() -> Act:
    """Ask for what a command of the palette takes."""

    async def do(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ChatApp)
        await doing()(pilot)
        app._asker(Verb.TOPIC)()
        await settle(pilot)

    return do


def entered(
    name: str, title: str = "", unread: int = 0, *, direct: bool = False, required: bool = False
) -> Entered:
    """One is in another room, too."""
    summary = RoomSummary(
        name=name,
        title=title or name,
        last_id=9,
        revision=1,
        first_unread=10 - unread if unread else None,
        unread=unread,
        members=("John", "Ada", "Grace"),
        online=("John", "Ada"),
        direct=direct,
        policy={"receipts": "required"} if required else {},
    )
    return Entered(room=summary)


def said(room: str, number: int, sender: str, content: str) -> Message:
    """Somebody says something now."""
    return Message(
        room=room, id=number, sender=sender, content=content, sent_at=TEN_MS + 470_000, audience=3, read_by=0
    )


def holding() -> Act:
    """Hold receipts, read something, and be asked what is to become of that."""

    async def do(pilot: Pilot[None]) -> None:
        await doing("ctrl+t")(pilot)
        clock = attentive.steady_ms
        assert isinstance(clock, Clock)
        clock.forward(DWELL_MS)
        await pilot.press("ctrl+t")
        await settle(pilot)

    return do


MANY: Final = (
    entered("deployments", unread=3),
    entered("incidents", "What burns, and who puts it out", unread=120),
    entered("a-room-with-a-name-that-is-long", unread=1),
    entered("board", "Board of directors", required=True),
    entered("random"),
    said("deployments", 10, "Grace", "@John, is the tag yours?"),
    entered("@1", "Ada", unread=2, direct=True),
    entered("@2", "Grace", direct=True),
)
DIRECT: Final = (
    entered("@1", "Ada", unread=2, direct=True),
    ELSEWHERE["@1"][-1],
)
LINKS: Final = said(
    "general",
    7,
    "Ada",
    "Notes: https://notes.example/2025/january/15/deploy?from=chat and [status](https://up.example)",
)
EDITING: Final = Changed(
    room="general",
    message_id=EDITED,
    content="Ten it is, sharp.",
    edition=1,
    edited_at=TEN_MS,
    audience=3,
    read_by=1,
)
SIZES: Final = ((80, 24), (40, 15), (120, 40))
THEMES: Final = ("doubletick-dark", "doubletick-light", "ansi-dark")
SCREENS: Final = {
    "conversation": doing(write=("refused", "On its way")),
    "info": doing("tab", "k", "i"),
    "delete": deleting("tab", "d"),
    "hold": doing("tab", "ctrl+t"),
    "held": holding(),
    "help": doing("f1"),
    "switcher": doing("ctrl+k"),
    "palette": commanding(),
    "completion": doing("@", "a"),
    "reply": doing("tab", "k", "r"),
    "pins": marking("f7"),
    "reaction": marking("tab", "plus", *"tad"),
    "search": doing("ctrl+f", *"the", "enter"),
    "search-finds-nothing": doing("ctrl+f", *"zebra", "enter"),
    "members": doing("f8"),
    "receipts": doing("f5"),
    "consent": command("/join board"),
    "acknowledge": doing("tab", "g", "a", hear=(Settings(receipts="private", rooms={}),)),
    "menu": doing("tab", "space"),
    "date": doing("tab", "D", *"monday"),
    "prompt": prompting(),
    "bans": command("/bans"),
    "confirm": command("/bans", "enter"),
    "links": doing("tab", "o", hear=(LINKS,)),
    "acknowledged": doing("tab", "k", "k", "i", hear=(EDITING,)),
    "horizons": doing("tab", "h"),
    "typing": doing(hear=(Typing(room="general", name="Ada"), Typing(room="general", name="Grace"))),
    "direct": doing("f6", "f4", hear=DIRECT),
    "editing": doing("tab", "k", "e"),
    "rooms": doing("f6", hear=MANY),
    "switcher-with-many": doing("ctrl+k", hear=MANY),
    "listing": command("/rooms"),
}
"""Each screen by its name, and what one does to see it."""


MATRIX: Final = [
    pytest.param(*size, theme, marks=() if SIZES.index(size) == THEMES.index(theme) else pytest.mark.soak)
    for theme in THEMES
    for size in SIZES
]
"""Each size in each theme; of these every size and every theme once where time is short."""


@pytest.mark.parametrize(("width", "height", "theme"), MATRIX)
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
