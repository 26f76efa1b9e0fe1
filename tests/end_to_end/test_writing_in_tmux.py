"""Keys and pastes as tmux hands them on: what one writes in a terminal is what the others get."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chat_tui.text.safetext import safe_text
from tests.chat_tui.people import Host, Peer, until
from tests.end_to_end.terminals import CLIENT, Tmux, needs_tmux

pytestmark = needs_tmux


class Writing:
    """Mary writes, and John hears."""

    def __init__(self, tmux: Tmux, john: Peer) -> None:
        self.tmux = tmux
        self.john = john

    def type(self, *keys: str) -> None:
        self.tmux.type("Mary", *keys)

    async def sees(self, text: str) -> None:
        await until(lambda: self.tmux.sees("Mary", text), text)

    async def writes(self, text: str) -> None:
        """This, and nothing else, is in the composer."""
        await until(lambda: f"│ {text} " in self.tmux.screen("Mary"), text)

    async def send(self, text: str) -> None:
        self.type(text, "Enter")
        await self.john.hear(text)


@asynccontextmanager
async def writing(tmux: Tmux, host: Host, state: Path) -> AsyncIterator[Writing]:
    kept = ("--state-dir", str(state), "--config-dir", str(state))
    tmux.start("Mary", *CLIENT, "--name", "Mary", "--server", host.url, *kept)
    async with Peer.on(host.url, "John", "general") as john:
        made = Writing(tmux, john)
        await made.sees("2 of 2 online")
        yield made


@pytest.mark.parametrize(("older", "newer"), [("C-r", "C-s")])
async def test_the_keys_for_what_was_sent_arrive(
    tmux: Tmux, host: Host, tmp_path: Path, older: str, newer: str
) -> None:
    async with writing(tmux, host, tmp_path / "state") as mary:
        await mary.send("first")
        await mary.send("second")
        mary.type(older)
        await mary.writes("second")
        mary.type(older)
        await mary.writes("first")
        mary.type(newer)
        await mary.writes("second")


async def test_a_name_and_an_emoji_are_completed(tmux: Tmux, host: Host, tmp_path: Path) -> None:
    async with writing(tmux, host, tmp_path / "state") as mary:
        mary.type("hi @j")
        await mary.sees("> @John")
        mary.type("Enter", ":tada:", " :smil")
        await mary.sees(":smile:")
        mary.type("Tab", "Enter")
        assert (await mary.john.hear("hi @John 🎉 😄")).sender == "Mary"


async def test_fifty_pasted_lines_are_one_message(tmux: Tmux, host: Host, tmp_path: Path) -> None:
    lines = [f"{number}\tpasted @j :smil \x1b[31mred\x1b[0m" for number in range(50)]
    pasted = tmp_path / "pasted"
    pasted.write_text("\r\n".join(lines), newline="")
    async with writing(tmux, host, tmp_path / "state") as mary:
        tmux.run("load-buffer", str(pasted))
        tmux.run("paste-buffer", "-p", "-r", "-t", "Mary:0")
        await mary.sees("49    pasted @j :smil \\x1b[31mred\\x1b[0m")
        mary.type("Enter")
        await mary.john.hear(safe_text("\n".join(lines)))
        assert (await mary.john.post("next"))[0] == 2


async def test_too_long_a_paste_says_so_and_stays(tmux: Tmux, host: Host, tmp_path: Path) -> None:
    pasted = tmp_path / "pasted"
    pasted.write_text("x" * 9_120)
    async with writing(tmux, host, tmp_path / "state") as mary:
        tmux.run("load-buffer", str(pasted))
        tmux.run("paste-buffer", "-p", "-r", "-t", "Mary:0")
        await mary.sees("9,120 of 8,000: shorten by 1,120")
        mary.type("Enter")
        await mary.sees("The message has 9,120 characters")
        assert (await mary.john.post("next"))[0] == 1
