"""A day of two people in tmux on one server: what they do, and what each then has on screen."""

import re
from pathlib import Path

import pytest

from tests.chat_tui.people import Host, until
from tests.end_to_end.terminals import CLIENT, Tmux, needs_tmux

pytestmark = needs_tmux


class Day:
    """John and Mary, each in a session of tmux with somebody in front of it."""

    def __init__(self, tmux: Tmux, host: Host, state: Path) -> None:
        self.host = host
        self._tmux = tmux
        self._state = state

    async def begin(self, name: str) -> None:
        """Start somebody's client, for the first time or again."""
        kept = ("--state-dir", str(self._state), "--config-dir", str(self._state))
        self._tmux.start(name, *CLIENT, "--name", name, "--server", self.host.url, *kept)
        await self.sees(name, "● connected")

    async def end(self, name: str) -> None:
        self.press(name, "C-q")
        await until(lambda: f"{name}:" not in self._tmux.run("list-sessions"), f"{name} is gone")

    def press(self, name: str, *keys: str) -> None:
        self._tmux.type(name, *keys)

    def write(self, name: str, text: str) -> None:
        self._tmux.type(name, "-l", text)

    def say(self, name: str, text: str) -> None:
        """Write a line, and send it."""
        self.write(name, text)
        self.press(name, "Enter")

    async def go_to_messages(self, name: str) -> None:
        """From writing to the conversation."""
        self.press(name, "Tab")
        await self.sees(name, "Tab Write")

    async def go_to_writing(self, name: str) -> None:
        """From the conversation to writing."""
        self.press(name, "Tab")
        await self.sees(name, "Tab Messages")

    def screen(self, name: str) -> str:
        return self._tmux.screen(name)

    def below(self, name: str) -> int:
        """How many messages are said to be below the screen."""
        found = re.search(r"(\d+) more ↓", self.screen(name))
        return int(found[1]) if found else 0

    def newest_line(self, name: str) -> int:
        """The number of the last line of the list that is on screen."""
        return max(map(int, re.findall(r"line (\d+) of the list", self.screen(name))), default=0)

    async def sees(self, name: str, *texts: str) -> None:
        for text in texts:
            await until(lambda text=text: text in self.screen(name), f"{name} sees {text}")  # type: ignore[misc]

    async def misses(self, name: str, *texts: str) -> None:
        for text in texts:
            await until(lambda text=text: text not in self.screen(name), f"{name} misses {text}")  # type: ignore[misc]


@pytest.fixture
def day(tmux: Tmux, host: Host, tmp_path: Path) -> Day:
    return Day(tmux, host, tmp_path / "kept")


async def test_a_day(day: Day) -> None:
    await meet(day)
    await talk(day)
    await scroll(day)
    await look_up_who_has_read(day)
    await search_and_pin(day)
    await edit_and_react(day)
    await whisper(day)
    await lose_the_network(day)
    await come_back(day)


async def meet(day: Day) -> None:
    """They join a room, which one of them makes."""
    await day.begin("John")
    await day.begin("Mary")
    day.say("John", "/join tea")
    await day.sees("John", "#tea", "1 of 1 online")
    day.say("Mary", "/join tea")
    await day.sees("Mary", "#tea", "2 of 2 online")


async def talk(day: Day) -> None:
    """Who looks has read; an answer quotes what it is to."""
    day.say("John", "good morning")
    await day.sees("Mary", "good morning")
    await day.sees("John", "✓✓ good morning")
    await day.go_to_messages("Mary")
    day.press("Mary", "r")
    await day.sees("Mary", "Replying to John")
    day.say("Mary", "and to you")
    await day.sees("John", "and to you")
    await day.sees("Mary", "✓✓ and to you")


async def scroll(day: Day) -> None:
    """What comes while one reads older messages is counted below, and is not read before one goes there."""
    day.say("Mary", "the kettle is on the shelf")
    for number in range(1, 31):
        day.say("Mary", f"line {number} of the list")
    await day.sees("John", "line 30 of the list")
    day.press("John", "PPage", "PPage")
    await day.sees("John", "✓✓ good morning")
    await until(lambda: day.below("John") == 30 - day.newest_line("John"), "all that is below")
    day.say("Mary", "one below")
    await day.sees("Mary", "✓ one below")
    await until(lambda: day.below("John") == 31 - day.newest_line("John"), "one more below")
    assert "one below" not in day.screen("John")
    assert "✓✓ one below" not in day.screen("Mary")
    day.press("John", "C-g")
    await day.sees("John", "one below")
    await day.misses("John", "more ↓")


async def look_up_who_has_read(day: Day) -> None:
    """The pane says who, and when."""
    await day.sees("Mary", "✓✓ one below")
    await day.go_to_messages("Mary")
    day.press("Mary", "i")
    await day.sees("Mary", "Message info", "Read by 1 of 1", "John")
    day.press("Mary", "Escape")
    await day.misses("Mary", "Message info")
    await day.go_to_writing("Mary")


async def search_and_pin(day: Day) -> None:
    """What was found is gone to, and pinned where it is."""
    day.press("John", "C-f")
    await day.sees("John", "Search #tea")
    day.write("John", "kettle")
    await day.sees("John", "the kettle is on the shelf")
    day.press("John", "Enter")
    await day.misses("John", "Search #tea", "one below")
    await day.sees("John", "▌", "the kettle is on the shelf", "more ↓", "Tab Write")
    day.press("John", "p")
    day.press("John", "F7")
    await day.sees("John", "Pinned messages", "the kettle is on the shelf", "1 of 1 has read this pin")
    day.press("John", "Escape")
    await day.misses("John", "Pinned messages")
    day.press("John", "C-g")
    await day.sees("John", "one below")
    await day.go_to_writing("John")


async def edit_and_react(day: Day) -> None:
    """The tick counts who has read the text as it is now."""
    day.press("Mary", "C-g")
    day.say("John", "see you at for")
    await day.sees("John", "✓✓ see you at for")
    day.press("Mary", "F1")
    await day.sees("Mary", "Keys")
    day.press("John", "Up")
    await day.sees("John", "Editing")
    day.press("John", "BSpace", "BSpace", "BSpace")
    day.say("John", "four")
    await day.sees("John", "✓ see you at four")
    assert "✓✓ see you at four" not in day.screen("John")
    day.press("Mary", "Escape")
    await day.sees("Mary", "see you at four")
    await day.sees("John", "✓✓ see you at four")
    await day.go_to_messages("Mary")
    day.press("Mary", "+")
    await day.sees("Mary", "─ React ─")
    day.press("Mary", "1")
    await day.misses("Mary", "─ React ─")
    await day.sees("John", "👍")
    await day.go_to_writing("Mary")


async def whisper(day: Day) -> None:
    """What is for one alone waits elsewhere, and is gone to by a key."""
    day.say("Mary", "/msg John a secret")
    await day.sees("Mary", "✓ a secret")
    await day.sees("John", "+1")
    day.press("John", "C-n")
    await day.sees("John", "a secret")
    await day.sees("Mary", "✓✓ a secret")
    for name in ("John", "Mary"):
        day.say(name, "/join tea")
        await day.sees(name, "#tea", "see you at four")


async def lose_the_network(day: Day) -> None:
    """What is written without a server is sent once there is one, and once only."""
    day.host.kill()
    await day.sees("John", "offline")
    await day.sees("Mary", "offline")
    day.say("John", "written in a tunnel")
    await day.sees("John", "… written in a tunnel", "1 waiting")
    day.host.start()
    await day.sees("Mary", "written in a tunnel")
    day.press("Mary", "C-g")
    await day.sees("John", "✓✓ written in a tunnel")
    for name in ("John", "Mary"):
        for text in ("see you at four", "written in a tunnel"):
            assert day.screen(name).count(text) == 1


async def come_back(day: Day) -> None:
    """Who comes back begins at what is new."""
    await day.end("Mary")
    await day.sees("John", "1 of 2 online")
    for number in range(1, 31):
        day.say("John", f"news {number} of the day")
    await day.sees("John", "✓ news 30 of the day")
    await day.begin("Mary")
    day.press("Mary", "C-n")
    await day.sees("Mary", "new", "news 1 of the day", "more ↓")
    assert "news 30 of the day" not in day.screen("Mary")
    day.press("Mary", "C-g")
    await day.sees("John", "✓✓ news 30 of the day")
