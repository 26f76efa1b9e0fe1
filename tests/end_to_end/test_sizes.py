"""Every screen of the client in a bare terminal, as large and as small as people have them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.chat_tui.people import Host, Peer, until
from tests.end_to_end.terminals import CLIENT, Terminal

SIZES: Final = ((80, 24), (120, 40), (200, 60), (40, 15))
ESCAPE: Final = "\x1b"
CTRL_G: Final = "\x07"
FROM_WRITING: Final = {
    "F1": ("\x1bOP", "─ Keys ─"),
    "F5": ("\x1b[15~", "─ Who sees what you read ─"),
    "F7": ("\x1b[18~", "─ Pinned messages ─"),
    "F8": ("\x1b[19~", "─ Members of #general ─"),
    "Ctrl+K": ("\x0b", "─ Go to a room or a person ─"),
    "Ctrl+F": ("\x06", "─ Search #general ─"),
    "Ctrl+P": ("\x10", "Search for commands"),
}
"""Per key what the terminal sends, and what names the screen that it opens."""
FROM_MESSAGES: Final = {
    "i": ("i", "─ Message info ─"),
    "+": ("+", "─ React ─"),
    "D": ("D", "─ Go to a date in #general ─"),
    "Space": (" ", "─ Mary ─"),
    "o": ("o", " a link ─"),
    "d": ("d", "Delete the message of Mary"),
}
SAID: Final = (
    "good morning",
    "a word that is longer than a row: " + "x" * 250,
    "漢字 are two cells wide, and so is 👍, " * 8,
    "two links:\nhttps://example.org/one\nhttps://example.org/two",
)
COLOURS: Final = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|[34]8;[25];)[\d;]*m")
IN_ASCII: Final = str.maketrans("─●▌", "-*>")


class Client:
    """John's, in a terminal that shows what is drawn beyond its edge, too."""

    def __init__(self, terminal: Terminal, *, ascii_only: bool) -> None:
        self.terminal = terminal
        self._ascii_only = ascii_only

    def sees(self, text: str) -> bool:
        return self.terminal.sees(text.translate(IN_ASCII) if self._ascii_only else text)

    def check(self) -> None:
        """It runs, and keeps inside of its terminal, and to its letters."""
        assert self.terminal.code is None, self.terminal.screen
        assert not self.sees("Traceback")
        assert self.terminal.too_wide == []
        assert self.terminal.screen.isascii() or not self._ascii_only

    async def open_and_close_everything(self) -> None:
        """Open each screen from where its key works, and go back there."""
        await self._open_and_close(FROM_WRITING)
        self.terminal.type("\t")
        await until(lambda: self.sees("▌"), "the message under the cursor")
        await self._open_and_close(FROM_MESSAGES)

    async def _open_and_close(self, keys: dict[str, tuple[str, str]]) -> None:
        for key, (sent, title) in keys.items():
            self.terminal.type(sent)
            await until(lambda title=title: self.sees(title), f"{key} opens {title}")  # type: ignore[misc]
            self.check()
            self.terminal.type(ESCAPE)
            await until(lambda title=title: not self.sees(title), f"Escape closes {title}")  # type: ignore[misc]
            await until(lambda: self.sees("Write to #general") and self.sees("● "), "what was there before")
            self.check()


@asynccontextmanager
async def client(
    host: Host,
    state: Path,
    size: tuple[int, int],
    *arguments: str,
    said: tuple[str, ...] = SAID,
    margin: int = 20,
    **more: str,
) -> AsyncIterator[Client]:
    """The client, in a room in which Mary has said something, once all of it is there."""
    kept = ("--state-dir", str(state), "--config-dir", str(state))
    command = (*CLIENT, "--name", "John", "--server", host.url, *kept, *arguments)
    terminal = Terminal(*command, more=more, width=size[0], height=size[1], margin=margin)
    try:
        await until(lambda: terminal.sees("1 of 1 online") or terminal.sees("1/1"), "online")
        terminal.type(CTRL_G)  # somebody is there, who goes along with what comes
        await until(lambda: terminal.sees("receipts: live"), "somebody")
        async with Peer.on(host.url, "Mary", "general") as mary:
            await mary.post(*said)
            await until(lambda: terminal.sees(said[-1].split()[-1]), "what Mary said")
            yield Client(terminal, ascii_only="--ascii" in arguments)
    finally:
        terminal.close()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
async def test_every_screen_opens_and_closes(host: Host, tmp_path: Path, size: tuple[int, int]) -> None:
    async with client(host, tmp_path / "state", size) as john:
        john.check()
        await john.open_and_close_everything()
        assert COLOURS.search(john.terminal.written)


async def test_a_screen_stays_when_the_window_changes(host: Host, tmp_path: Path) -> None:
    # What was under way for the larger window would stay in a margin for good.
    # Shells leave a size in the environment, too, that is the window's no longer.
    async with client(host, tmp_path / "state", (120, 40), margin=0, COLUMNS="80", LINES="24") as john:
        john.terminal.type(FROM_WRITING["F1"][0])
        await until(lambda: john.sees("─ Keys ─"), "the keys")
        for width, height in ((40, 15), (100, 30)):
            john.terminal.resize(width, height)
            await until(lambda: john.sees("─ Keys ─") and john.sees("Esc closes"), "the keys anew")
            john.check()
        john.terminal.type(ESCAPE)
        await until(lambda: not john.sees("─ Keys ─") and john.sees("Write to #general"), "the composer")
        john.check()


async def test_no_colour_where_none_is_wanted(host: Host, tmp_path: Path) -> None:
    async with client(host, tmp_path / "state", (80, 24), NO_COLOR="1") as john:
        await john.open_and_close_everything()
        assert not COLOURS.search(john.terminal.written)


async def test_nothing_but_ascii_where_there_is_nothing_else(host: Host, tmp_path: Path) -> None:
    said = tuple(each for each in SAID if each.isascii())
    async with client(host, tmp_path / "state", (80, 24), "--ascii", said=said) as john:
        await john.open_and_close_everything()
