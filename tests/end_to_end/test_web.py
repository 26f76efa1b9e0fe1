"""`chat-tui web` in a real browser: two people in two browsers and one in a terminal, strangers, a hidden page."""

import asyncio
import functools
import os
import re
import select
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final, Self

import pyte
import pytest
from playwright.async_api import Browser, BrowserContext, Page, WebSocket, async_playwright
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.chat_tui.people import PATIENCE_S, Host, Peer, until
from tests.end_to_end.terminals import CLIENT, FOCUS_IN, Terminal, environ

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ROOM: Final = "general"
WIDTH, HEIGHT = 400, 200
"""At least as many cells as any window of these tests has."""

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")


class Served:
    """One person's `chat-tui web`."""

    def __init__(self, directory: Path, name: str, url: str, *more: str) -> None:
        kept = environ(
            DOUBLETICK_STATE_DIR=str(directory / "state"), DOUBLETICK_CONFIG_DIR=str(directory / "config")
        )
        command = (*CLIENT, "--name", name, "--server", url, "web", "--port", "0", *more)
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, env=kept)
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE_S)
        assert ready, "it does not start"
        said = self._process.stdout.readline().decode()
        match = re.fullmatch(r"Your chat is at ((http://127\.0\.0\.1:\d+)/\?token=([\w-]{43}))\n", said)
        assert match, said
        self.address, self.origin, self.token = match.groups()

    @property
    def pages(self) -> int:
        """How many programs it runs now."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        return len(children.split())

    def stop(self) -> int:
        self._process.terminate()
        code = self._process.wait(timeout=PATIENCE_S)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


class Tab:
    """A page, and what its terminal shows: all bytes that came for it, drawn on a screen as large as it is."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sent: list[str] = []
        self._screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.ByteStream(self._screen)
        page.on("websocket", self._watch)

    @classmethod
    async def open(cls, context: BrowserContext, address: str) -> Self:
        tab = cls(await context.new_page())
        await tab.page.goto(address)
        await until(lambda: tab.sees("online"), "the chat")
        return tab

    def sees(self, text: str) -> bool:
        return any(text in line for line in self._screen.display)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._draw)
        socket.on("framesent", lambda payload: self.sent.append(str(payload)))

    def _draw(self, payload: str | bytes) -> None:
        if isinstance(payload, bytes):
            self._stream.feed(re.sub(rb"\x1b\[[<>=?][\d;]*[a-zA-Z]|\x1b\[\?[\d;]*\$p", b"", payload))


async def until_read(author: Peer, message_id: int, reader: str) -> None:
    """Ask the server again and again, within bounds."""
    async with asyncio.timeout(PATIENCE_S):
        while reader not in await author.readers(message_id):
            pass


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        await browser.close()


@pytest.fixture
def served(host: Host, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    running: list[Served] = []

    def start(name: str) -> Served:
        running.append(Served(tmp_path, name, host.url))
        return running[-1]

    yield start
    assert [each.stop() for each in running] == [0] * len(running)


@needs_browser
async def test_two_browsers_and_a_terminal_talk_and_ticks_double(
    host: Host, served: Callable[..., Served], chat: Callable[..., Terminal], browser: Browser, tmp_path: Path
) -> None:
    ann = await Tab.open(await browser.new_context(), served("Ann").address)
    bob = await Tab.open(await browser.new_context(), served("Bob").address)
    terminal = chat("--name", "Cid", "--server", host.url)
    await until(lambda: terminal.sees("3 of 3 online"), "the terminal")
    terminal.type(FOCUS_IN)
    assert "token" not in ann.page.url
    await ann.page.keyboard.type("hello from a browser")
    await ann.page.keyboard.press("Enter")
    await until(lambda: bob.sees("hello from a browser"), "in the other browser")
    await until(lambda: terminal.sees("hello from a browser"), "in the terminal")
    await until(lambda: ann.sees("✓✓ 2/2"), "read by both")
    terminal.type("hello from a terminal\r")
    await until(lambda: ann.sees("hello from a terminal") and bob.sees("hello from a terminal"), "in both")
    await until(lambda: terminal.sees("✓✓ 2/2"), "read in both browsers")
    await ann.page.screenshot(path=tmp_path / "browser.png")


@needs_browser
async def test_a_page_that_is_hidden_reads_nothing(
    host: Host, served: Callable[..., Served], browser: Browser
) -> None:
    context = await browser.new_context()
    ann = await Tab.open(context, served("Ann").address)
    session = await context.new_cdp_session(ann.page)
    await session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    await ann.page.bring_to_front()
    await until(lambda: ann.sees("receipts: live"), "the focus")
    bob = await Tab.open(await browser.new_context(), served("Bob").address)
    await until(lambda: bob.sees("receipts: live"), "the focus of somebody else")
    async with Peer.on(host.url, "dee", ROOM) as dee:
        other = await context.new_page()
        await other.bring_to_front()
        await until(lambda: ann.sees("held: away"), "the report that the page is hidden")
        unseen = []
        for text in ("is anybody there?", "anybody at all?"):
            unseen += await dee.post(text)
            await until(functools.partial(ann.sees, text), "the message")
            # Bob looks as long as Ann would have had to.
            await until_read(dee, unseen[-1], "Bob")
        assert await dee.readers(unseen[0]) == ["Bob"]
        await other.close()
        await ann.page.bring_to_front()
        await until_read(dee, unseen[0], "Ann")


@needs_browser
async def test_strangers_get_nothing(served: Callable[..., Served], browser: Browser) -> None:
    ann = served("Ann")
    stranger = await browser.new_context()
    page = await stranger.new_page()
    for path in ("/", "/?token=guess", "/static/js/textual.js", "/page.js", "/ws", "/download/1"):
        answer = await page.request.get(ann.origin + path)
        assert (answer.status, "somebody's own chat" in await answer.text()) == (403, True), path
    answer = await page.request.get(ann.address, headers={"Host": "evil.example"})
    assert answer.status == 421
    tab = await Tab.open(await browser.new_context(), ann.address)
    (cookie,) = await tab.page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    kept = f"{cookie['name']}={cookie['value']}"
    assert ann.token not in kept
    place = f"ws{ann.origin.removeprefix('http')}/ws"
    for origin, header in ((ann.origin, ""), ("", kept), ("https://evil.example", kept)):
        given = {"Cookie": header, **({"Origin": origin} if origin else {})}
        with pytest.raises(InvalidStatus) as refused:
            async with connect(place, additional_headers=given, proxy=None):
                pass
        assert refused.value.response.status_code == 403
    assert ann.pages == 1
    await tab.page.close()
    await until(lambda: ann.pages == 0, "the end of the page's program")
