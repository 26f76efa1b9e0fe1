"""The conversation line by line, by real processes: pipes in and out, terminals, files, kills, hostile text."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from chat_server.protocol import CONTENT_CHARS_MAX, Pin
from chat_tui.plain.linear import KEPT
from tests.chat_tui.people import PATIENCE_S, Host, Peer, until
from tests.end_to_end.terminals import CLIENT, Terminal, environ
from tests.end_to_end.test_hostile_text import NEVER, SHOWN, Rogue

ROOM: Final = "general"


class Line:
    """Runs of `chat-tui --plain` on pipes, all with the same directories."""

    def __init__(self, directory: Path) -> None:
        self.environ = environ(
            DOUBLETICK_STATE_DIR=str(directory / "state"), DOUBLETICK_CONFIG_DIR=str(directory / "config")
        )
        self.log = directory / "log"
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, url: str, name: str, *more: str, log: Path | None = None) -> subprocess.Popen[bytes]:
        """One whose input is ours, and whose output goes to a log."""
        command = (*CLIENT, "--plain", "--name", name, "--server", url, *more)
        with (log or self.log).open("wb") as file:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=file, stderr=subprocess.PIPE, env=self.environ
            )
        self._running.append(process)
        return process

    async def run(self, url: str, given: str, *more: str, name: str = "Bot") -> tuple[int, str, str]:
        """One to its end: its exit code, what it wrote, and what it complained of."""
        process = self.start(url, name, *more)
        _, errors = await asyncio.to_thread(process.communicate, given.encode(), PATIENCE_S)
        return process.returncode, self.log.read_text(), errors.decode()

    def kept(self) -> list[Path]:
        """The files of what is owed."""
        return list(Path(self.environ["DOUBLETICK_STATE_DIR"]).rglob("owed-*.json"))

    def close(self) -> None:
        for each in self._running:
            if each.poll() is None:
                each.kill()
            each.communicate()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path)
    yield line
    line.close()


async def test_what_is_piped_in_is_on_the_servers_disk_at_the_end(host: Host, line: Line) -> None:
    code, written, errors = await line.run(host.url, "one\n\n/quit\nthree")
    assert (code, errors) == (0, "")
    assert written.count("Bot (you): ") == 3
    host.kill()
    host.start()
    async with Peer.on(host.url, "ann", ROOM):
        code, written, _ = await line.run(host.url, "four\n")
    bodies = [each.partition(": ")[2] for each in written.splitlines() if "Bot (you)" in each]
    assert (code, bodies) == (0, ["one", "/quit", "three", "four"])


async def test_a_file_is_taken_too(host: Host, line: Line, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_text("".join(f"line {number}\n" for number in range(300)))
    command = (*CLIENT, "--plain", "--name", "Bot", "--server", host.url)
    with given.open("rb") as file:
        done = await asyncio.to_thread(
            subprocess.run, command, stdin=file, capture_output=True, env=line.environ, timeout=60, check=True
        )
    written = [each.partition(": ")[2] for each in done.stdout.decode().splitlines() if "Bot (you)" in each]
    assert written == [f"line {number}" for number in range(300)]


async def test_all_that_came_meanwhile_is_written_page_by_page(host: Host, line: Line) -> None:
    assert (await line.run(host.url, "hello\n"))[0] == 0
    posted = [f"post {number}" for number in range(450)]
    async with Peer.on(host.url, "ann", ROOM) as ann:
        await ann.post(*posted)
    line.start(host.url, "Bot")
    await until(lambda: posted[-1] in line.log.read_text(), "the last")
    written = [each.partition("ann: ")[2] for each in line.log.read_text().splitlines() if "ann: " in each]
    assert written == posted


async def test_only_who_says_so_has_read_what_is_written_to_a_pipe(host: Host, line: Line, tmp_path: Path) -> None:
    async with Peer.on(host.url, "ann", ROOM) as ann:
        bob, cid = tmp_path / "bob", tmp_path / "cid"
        line.start(host.url, "Bob", log=bob)
        line.start(host.url, "Cid", "--mark-read", log=cid)
        await until(lambda: all("connected" in log.read_text() for log in (bob, cid)), "online")
        (asked,) = await ann.post("is anybody there?")
        await until(lambda: all("anybody" in log.read_text() for log in (bob, cid)), "the message")
        async with asyncio.timeout(PATIENCE_S):
            while not (readers := await ann.readers(asked)):
                pass
        assert readers == ["Cid"]


async def test_enter_in_a_terminal_says_that_one_has_read(host: Host, chat: Callable[..., Terminal]) -> None:
    async with Peer.on(host.url, "ann", ROOM) as ann:
        terminal = chat("--plain", "--name", "Bob", "--server", host.url)
        await until(lambda: terminal.sees("connected to #general, 2 of 2 here"), "online")
        (asked,) = await ann.post("is anybody there?")
        await until(lambda: terminal.sees("ann: is anybody there?"), "the message")
        terminal.type("/who\n")
        await until(lambda: terminal.sees("* here: ann, Bob"), "an answer")
        assert await ann.readers(asked) == []
        terminal.type("/search anybody\n")
        await until(lambda: terminal.sees('* 1 with "anybody"'), "what was found")
        assert await ann.readers(asked) == []
        async with asyncio.timeout(PATIENCE_S):
            while await ann.readers(asked) != ["Bob"]:
                terminal.type("\n")
        terminal.type("I am\n")
        answer = await ann.hear("I am")
        await ann.read(answer.id, answer.id)
        await until(lambda: terminal.sees('* read by ann (1 of 1): "I am"'), "the receipt")
        terminal.type("/info\n")
        await until(lambda: terminal.sees('* "I am": read by ann'), "the readers")
        terminal.type("/info 7\n/kick\n/help\n/quit\n")
        await until(lambda: terminal.code == 0, "the end")
        assert terminal.sees("There is no such message of yours at hand.")
        assert terminal.sees("Write one name after it")
        assert b"\x1b" not in terminal.written


async def test_one_replies_edits_and_deletes_in_a_terminal(host: Host, chat: Callable[..., Terminal]) -> None:
    async with Peer.on(host.url, "ann", ROOM) as ann:
        terminal = chat("--plain", "--name", "Bob", "--server", host.url)
        await until(lambda: terminal.sees("connected to #general, 2 of 2 here"), "online")
        terminal.type("/reply 1 to nobody\n")
        await until(lambda: terminal.sees("* There is no such message of others at hand."), "nothing to answer")
        asked, _ = await ann.post("shall we?", "anybody?")
        await until(lambda: terminal.sees("ann: anybody?"), "the messages")
        terminal.type("/reply 2 we shall\n")
        assert (await ann.hear("we shall")).reply_to == asked
        await until(lambda: terminal.sees('* in reply to ann: "shall we?"'), "what is answered")
        await until(lambda: terminal.sees("Bob (you): we shall"), "the answer")
        terminal.type("/edit 1 we shall not\n")
        await until(lambda: terminal.sees(": we shall not"), "the edit")
        terminal.type("/delete 1\n")
        await until(lambda: terminal.sees("* message removed by Bob: it was Bob's"), "the deletion")
        terminal.type("/edit 1 too late\n/quit\n")
        await until(lambda: terminal.code == 0, "the end")
        assert terminal.sees("* There is no such message of yours at hand.")


async def test_what_is_pinned_is_told_to_who_asks(host: Host, chat: Callable[..., Terminal]) -> None:
    async with Peer.on(host.url, "ann", ROOM) as ann:
        terminal = chat("--plain", "--name", "Bob", "--server", host.url)
        await until(lambda: terminal.sees("connected to #general, 2 of 2 here"), "online")
        terminal.type("/pins\n")
        await until(lambda: terminal.sees("* Nothing is pinned here."), "an answer")
        first, second = await ann.post("the runbook", "the plan")
        for each in (first, second):
            await ann.ask(Pin(ref=f"pin-{each}", room=ROOM, message_id=each))
        await ann.post("both are pinned")
        await until(lambda: terminal.sees("ann: both are pinned"), "what came after them")
        terminal.type("/pins\n")
        await until(lambda: terminal.sees('* pinned: "the runbook" by ann'), "the pins")
        assert terminal.sees("0 of 1 have read this pin")
        assert await ann.readers(first) == []


async def test_one_person_alone_is_written_to_and_heard(host: Host, chat: Callable[..., Terminal]) -> None:
    async with Peer.on(host.url, "ann", ROOM) as ann:
        terminal = chat("--plain", "--name", "Bob", "--server", host.url)
        await until(lambda: terminal.sees("connected to #general, 2 of 2 here"), "online")
        terminal.type("/msg ann for you\n/msg nobody hello\n/join tea\nto all\n")
        whispered = await ann.hear("for you")
        assert whispered.room.startswith("@")
        assert (await ann.hear("to all")).room == ROOM
        await until(lambda: terminal.sees("/join is not for this mode; /help shows what is."), "the mistake")
        await until(lambda: terminal.sees("This was not sent: "), "the refusal")
        ann.room = whispered.room
        await ann.read(1, 1)
        await ann.post("for you,\ntoo")
        await until(lambda: terminal.sees("* ann, to you alone: for you,\n    too"), "the answer")
        assert not terminal.sees("read by ann")
        terminal.type("/quit\n")
        await until(lambda: terminal.code is not None, "the end")


async def test_enter_reads_nothing_where_the_output_is_elsewhere(host: Host, line: Line, tmp_path: Path) -> None:
    async with Peer.on(host.url, "ann", ROOM) as ann:
        log = tmp_path / "elsewhere"
        typed = Terminal(
            "sh", "-c", f"{' '.join(CLIENT)} --plain --name Bob --server {host.url} > {log}", more=line.environ
        )
        try:
            await until(lambda: log.exists() and "connected" in log.read_text(), "online")
            (asked,) = await ann.post("is anybody there?")
            await until(lambda: "is anybody there?" in log.read_text(), "the message")
            typed.type("/read\nhere\n/quit\n")
            await until(lambda: typed.code == 0, "the end")
        finally:
            typed.close()
        assert "it does not count as read" in log.read_text()
        await ann.hear("here")
        assert await ann.readers(asked) == []


async def test_a_message_outlives_a_server_that_is_gone_and_is_sent_once(host: Host, line: Line) -> None:
    assert (await line.run(host.url, "before\n"))[0] == 0
    host.kill()
    code, written, errors = await line.run(host.url, "between\n", "--timeout", "0.5")
    assert code == KEPT
    assert '* kept until there is a connection: "between"' in written
    assert "1 message is kept, and sent the next time; do not send it again." in errors
    host.start()
    assert (await line.run(host.url, ""))[0] == 0
    code, written, _ = await line.run(host.url, "after\n")
    bodies = [each.partition(": ")[2] for each in written.splitlines() if "Bot (you)" in each]
    assert (code, bodies) == (0, ["before", "between", "after"])


async def test_a_message_outlives_a_client_that_is_killed(host: Host, line: Line) -> None:
    host.kill()
    process = line.start(host.url, "Bot")
    assert process.stdin is not None
    process.stdin.write(b"hello\n")
    process.stdin.flush()
    await until(lambda: "kept until" in line.log.read_text(), "kept")
    process.kill()
    process.wait()
    host.start()
    code, _, _ = await line.run(host.url, "")
    assert code == 0
    async with Peer.on(host.url, "ann", ROOM) as ann:
        assert await ann.post("second") == [2]


async def test_a_server_that_comes_back_while_it_waits(host: Host, line: Line) -> None:
    process = line.start(host.url, "Bot")
    assert process.stdin is not None
    await until(lambda: "connected" in line.log.read_text(), "online")
    host.kill()
    await until(lambda: "* offline" in line.log.read_text(), "offline")
    process.stdin.write(b"hello\n")
    process.stdin.close()
    process.stdin = None
    host.start()
    await until(lambda: process.poll() == 0, "the end")
    assert line.log.read_text().count("hello") <= 2
    assert line.log.read_text().count("Bot (you): hello") == 1


async def test_what_is_refused_is_said_and_not_kept(line: Line) -> None:
    async with Rogue.serving() as rogue:
        code, written, errors = await line.run(rogue.url, "refuse this\nhello\n", name="John")
        assert code == 1
        assert "* refused (" in written
        assert "A message was refused: [bold]" in errors
        assert "John (you): hello" in written
    assert line.kept() == []


async def test_a_line_that_is_too_long_is_refused(host: Host, line: Line) -> None:
    code, written, errors = await line.run(
        host.url, "a" * (CONTENT_CHARS_MAX + 1) + "\n" + "b" * 200_000 + "\nhi\n"
    )
    assert code == 1
    assert written.count("Bot (you): ") == 1
    assert "at most 8,000 can be sent at a time" in errors


async def test_hostile_text_is_text_in_lines_too(line: Line) -> None:
    async with Rogue.serving() as rogue:
        code, written, errors = await line.run(rogue.url, "hello\n", name="John")
        assert code == 0
        for part in SHOWN:
            assert part in written
        for sequence in (*NEVER, b"\x1b"):
            assert sequence not in written.encode(), sequence
            assert sequence not in errors.encode(), sequence


async def test_ascii_where_the_locale_has_nothing_else(host: Host, line: Line) -> None:
    line.environ["LC_ALL"] = "C"
    async with Peer.on(host.url, "ann", ROOM) as ann:
        await ann.post("voilà 漢")
        _, written, _ = await line.run(host.url, "")
        code, written, _ = await line.run(host.url, "hello\n")
    assert code == 0
    assert r"ann: voil\xe0 \u6f22" in written


def test_nobody_takes_the_output_any_more(host: Host, line: Line) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        (*CLIENT, "--plain", "--name", "Bot", "--server", host.url),
        stdin=subprocess.PIPE,
        stdout=writing,
        stderr=subprocess.PIPE,
        env=line.environ,
    )
    os.close(writing)
    assert process.wait(timeout=PATIENCE_S) == 1
    assert b"Nobody takes what is written here any more." in process.communicate()[1]


async def test_no_screen_is_loaded(host: Host, line: Line) -> None:
    program = (
        "import sys; from chat_tui.cli import main\n"
        "try: main()\n"
        "finally: sys.stderr.write(str(sorted(name for name in sys.modules if name.startswith('textual'))))"
    )
    done = await asyncio.to_thread(
        subprocess.run,
        (sys.executable, "-c", program, "--plain", "--name", "Bot", "--server", host.url),
        input=b"hello\n", capture_output=True, env=line.environ, timeout=PATIENCE_S, check=True,
    )  # fmt: skip
    assert b"Bot (you): hello" in done.stdout
    assert done.stderr == b"[]"


async def test_a_name_that_is_somebody_elses(host: Host, line: Line) -> None:
    async with Peer.on(host.url, "ann", ROOM):
        code, _, errors = await line.run(host.url, "hello\n", name="ann")
    assert code == 1
    assert "1 message is kept" in errors
