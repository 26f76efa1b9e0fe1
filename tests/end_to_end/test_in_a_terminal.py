"""The client as a process on a pseudo-terminal: what it does at its ends, and which bytes it writes."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_tui.identity.keyfiles import find_or_make, path_of
from tests.chat_tui.people import Host, Peer, until
from tests.end_to_end.terminals import FOCUS_IN, FOCUS_OUT, PASTE, Terminal

Chat = Callable[..., Terminal]
CTRL_Q = "\x11"


def servers_of(terminal: Terminal) -> list[int]:
    """The processes that a client has started and that still run."""
    children = Path(f"/proc/{terminal.process.pid}/task/{terminal.process.pid}/children")
    return [int(each) for each in children.read_text().split()]


def names_in(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


async def test_the_demo_doubles_a_tick_and_leaves_nothing_behind(chat: Chat, tmp_path: Path) -> None:
    terminal = chat("demo")
    await until(lambda: terminal.sees("3 of 3 online"), "the demo")
    (server,) = servers_of(terminal)
    assert names_in(tmp_path) != []
    terminal.type("hello\r")
    await until(lambda: terminal.sees("✓ hello"), "on the disk")
    await until(lambda: terminal.sees("✓✓ 1/2 hello"), "read by one")
    await until(lambda: terminal.sees("✓✓ 2/2 hello"), "read by both")
    terminal.type(CTRL_Q)
    await until(lambda: terminal.code is not None, "its end")
    assert terminal.code == 0
    assert not is_running(server)
    assert names_in(tmp_path) == []


async def test_a_demo_that_is_killed_leaves_nothing_behind_either(chat: Chat, tmp_path: Path) -> None:
    terminal = chat("demo")
    await until(lambda: terminal.sees("3 of 3 online"), "the demo")
    (server,) = servers_of(terminal)
    terminal.kill()
    await until(lambda: not is_running(server), "the server's end")
    assert names_in(tmp_path) == []


async def test_what_was_typed_offline_survives_a_kill_and_is_sent_once(chat: Chat, host: Host) -> None:
    host.kill()
    arguments = ("--name", "John", "--server", host.url)
    terminal = chat(*arguments)
    await until(lambda: terminal.sees("Nothing listens at"), "offline")
    terminal.type("still here\r")
    await until(lambda: terminal.sees("… still here"), "queued")
    terminal.kill()
    terminal = chat(*arguments)
    await until(lambda: terminal.sees("… still here"), "queued again")
    host.start()
    await until(lambda: terminal.sees("✓ still here"), "sent")
    async with Peer.on(host.url, "Mary", "general") as mary:
        assert await mary.post("next") == [2]


async def test_keys_in_one_burst_are_one_message_each(chat: Chat, host: Host) -> None:
    async with Peer.on(host.url, "Mary", "general") as mary:
        terminal = chat("--name", "John", "--server", host.url)
        await until(lambda: terminal.sees("2 of 2 online"), "online")
        terminal.type("one\rtwo\nlines\rthree\r")
        for text in ("one", "two\nlines", "three"):
            await mary.hear(text)


async def test_a_paste_is_one_message_and_what_is_in_it_does_nothing(chat: Chat, host: Host) -> None:
    async with Peer.on(host.url, "Mary", "general") as mary:
        terminal = chat("--name", "John", "--server", host.url)
        await until(lambda: terminal.sees("2 of 2 online"), "online")
        terminal.type(PASTE.format("first\rsecond \x1b[31mred\x1b[0m\r\x1b]52;c;eA==\x07\x11third\x00") + "!")
        await until(lambda: terminal.sees("third"), "the paste")
        terminal.type("\r")
        pasted = "first\nsecond \\x1b[31mred\\x1b[0m\n\\x1b]52;c;eA==\\x07\\x11third\\x00!"
        await mary.hear(pasted)
        assert await mary.post("next") == [2]
        assert terminal.code is None


async def test_another_s_name_is_a_sentence_and_exit_code_1(chat: Chat, host: Host) -> None:
    async with Peer.on(host.url, "John", "general"):
        terminal = chat("--name", "John", "--server", host.url)
        await until(lambda: terminal.code is not None, "its end")
        assert terminal.code == 1
        assert "The name John belongs to another key." in " ".join(terminal.screen.split())


async def test_ascii_by_the_locale(chat: Chat, host: Host) -> None:
    async with Peer.on(host.url, "Mary", "general") as mary:
        terminal = chat("--name", "John", "--server", host.url, LC_ALL="C")
        await until(lambda: terminal.sees("2 of 2 online"), "online")
        terminal.type("plain\r")
        await until(lambda: terminal.sees("v plain"), "sent")
        number = (await mary.hear("plain")).id
        await mary.read(number, number)
        await until(lambda: terminal.sees("VV plain"), "read")
        terminal.type("\t")
        await until(lambda: terminal.sees("i Info"), "the conversation")
        terminal.type("i")
        await until(lambda: terminal.sees("vv Mary") or terminal.sees("VV Mary"), "the info pane")
        assert terminal.written.isascii()


async def test_without_colours_everything_is_still_there(chat: Chat, host: Host) -> None:
    terminal = chat("--name", "John", "--server", host.url, NO_COLOR="1")
    await until(lambda: terminal.sees("1 of 1 online"), "online")
    terminal.type("grey\r")
    await until(lambda: terminal.sees("✓ grey"), "sent")


async def test_the_bell_rings_for_a_read_while_away_and_not_when_it_is_off(chat: Chat, host: Host) -> None:
    async with Peer.on(host.url, "Mary", "general") as mary:
        terminal = chat("--name", "John", "--server", host.url)
        await until(lambda: terminal.sees("2 of 2 online"), "online")
        for number, text in enumerate(("with a bell", "without"), start=1):
            terminal.type(f"{FOCUS_IN}{text}\r")
            await until(lambda text=text: terminal.sees(f"✓ {text}"), "sent")  # type: ignore[misc]
            terminal.type(FOCUS_OUT)
            await until(lambda: terminal.sees("held: away"), "away")
            await mary.read(number, number)
            await until(lambda text=text: terminal.sees(f"Mary read “{text}”"), "the notice")  # type: ignore[misc]
            await until(lambda: terminal.sees("bell") or terminal.rung, "the bell")
            assert terminal.rung == 1
            terminal.type(f"{FOCUS_IN}\x1bOQ")
            await until(lambda: terminal.sees("bell off"), "no bell")


async def test_ctrl_c_and_the_end_of_the_terminal_are_survived(chat: Chat, host: Host) -> None:
    terminal = chat("--name", "John", "--server", host.url)
    await until(lambda: terminal.sees("1 of 1 online"), "online")
    terminal.type("\x03kept\r")
    await until(lambda: terminal.sees("✓ kept"), "still there")
    terminal.process.send_signal(signal.SIGTERM)
    await until(lambda: terminal.code is not None, "its end")


FIRST_PAINT = """
import sys, os, threading, time
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "websockets":
            # Textual writes in a thread: what was drawn before must be out before the mark is.
            writer = next(each for each in threading.enumerate() if type(each).__name__ == "WriterThread")
            while not writer._queue.empty():
                time.sleep(0.01)
            time.sleep(0.1)
            os.write(2, b"<nacl already>" if "nacl" in sys.modules else b"<websockets>")
sys.meta_path.insert(0, Finder())
from chat_tui.cli import main
main(["--name", "John", "--server", sys.argv[1]])
"""


async def test_it_is_drawn_before_the_network_is_imported(host: Host, tmp_path: Path) -> None:
    kept = {"DOUBLETICK_STATE_DIR": str(tmp_path), "DOUBLETICK_CONFIG_DIR": str(tmp_path)}
    find_or_make(path_of(tmp_path, "John"))
    terminal = Terminal(sys.executable, "-c", FIRST_PAINT, host.url, more=kept)
    try:
        await until(lambda: terminal.sees("1 of 1 online"), "online")
        before, mark, _ = terminal.written.partition(b"<websockets>")
        assert mark
        assert b"Quit" in before
    finally:
        terminal.close()


@pytest.mark.parametrize("arguments", [("demo",), ("--name", "John")], ids=["demo", "client"])
async def test_help_is_there_at_once(chat: Chat, arguments: tuple[str, ...]) -> None:
    terminal = chat(*arguments, "--help")
    await until(lambda: terminal.code == 0, "help")
    assert b"--ascii" in terminal.written
