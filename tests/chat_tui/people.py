"""People for tests against a real server: one at an app without a terminal, and one on a bare connection."""

import asyncio
import itertools
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Self, TypeVar

from textual.events import AppBlur, AppFocus, Event, Key
from textual.pilot import Pilot
from textual.widget import Widget
from websockets.asyncio.client import ClientConnection, connect

from chat_server.protocol import (
    AnyFrame,
    AnyRequest,
    Challenge,
    FetchInfo,
    Info,
    Join,
    Message,
    Ok,
    Post,
    Read,
    Refused,
    decode_frame,
    encode,
)
from chat_server.protocol.proofs import text_of
from chat_tui.app import ChatApp, Options
from chat_tui.identity.keyfiles import SecretKey
from chat_tui.identity.knownservers import KnownServers
from chat_tui.identity.passport import Passport
from chat_tui.model import attention
from chat_tui.model.attention import ReceiptState
from chat_tui.model.view import Link, MessageView, tick_text
from chat_tui.outbox import Outbox
from chat_tui.preferences.config import Preferences
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.status import StatusBar
from tests import identities

PATIENCE_S: Final = 45.0
DWELL_MS: Final = 500
AnyWidget = TypeVar("AnyWidget", bound=Widget)


async def until(holds: Callable[[], object], what: str = "") -> None:
    """Wait for a condition, within bounds."""
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end_s, f"never came: {what or holds}"
        await asyncio.sleep(0.01)


class Host:
    """A real server as a process of its own, on a free port; it can be killed and started again."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def start(self) -> Self:
        """Serve, on the same port as before; the port can be spoken to when this returns."""
        command = [
            sys.executable,
            "-m",
            "chat_server",
            "serve",
            "--port",
            str(self.port),
            "--data-dir",
            str(self.data),
            "--no-rate-limits",
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        assert self._process.stdout is not None
        said = self._process.stdout.readline().decode()
        if not said.startswith("Listening on ws://127.0.0.1:"):
            self.kill()
            raise AssertionError(f"the server does not start: {said}")
        self.port = int(said.split("/ws")[0].rsplit(":", 1)[1])
        return self

    def kill(self) -> None:
        """End it as a power cut would; nothing if it is not running."""
        self._end(lambda process: process.kill())

    def stop(self) -> None:
        """End it in good order."""
        self._end(lambda process: process.terminate())

    def _end(self, how: Callable[[subprocess.Popen[bytes]], None]) -> None:
        if self._process is not None:
            how(self._process)
            self._process.wait(timeout=PATIENCE_S)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None


def passport(name: str, url: str, config: Path, *, key: str = "") -> Passport:
    """This person's, by the key that they have in all tests, or by the one of the person named so."""
    mine = key or name
    held = SecretKey(config / "key", identities.signer(mine).public, text_of(identities.seed(mine)))
    return Passport(name, held, KnownServers(config), url)


class Peer:
    """Somebody on a bare connection, who asks one thing at a time."""

    def __init__(self, name: str, room: str, socket: ClientConnection) -> None:
        self.name = name
        self.room = room
        self.heard: list[AnyFrame] = []
        """Everything that came unasked, oldest first."""
        self._socket = socket
        self._refs = map(str, itertools.count(1))

    @classmethod
    @asynccontextmanager
    async def on(cls, url: str, name: str, room: str) -> AsyncIterator[Self]:
        """Greet, and join the room."""
        async with connect(url, proxy=None) as socket:
            peer = cls(name, room, socket)
            challenge = await peer.ask(identities.hello(name))
            assert isinstance(challenge, Challenge)
            await peer.ask(identities.prove(name, challenge))
            await peer.ask(Join(ref="join", room=room))
            yield peer

    async def ask(self, request: AnyRequest) -> AnyFrame:
        """The answer."""
        await self._socket.send(encode(request), text=True)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame = decode_frame(await self._socket.recv())
                if frame is None:
                    continue
                if getattr(frame, "ref", None) == request.ref:
                    assert not isinstance(frame, Refused), frame
                    return frame
                self.heard.append(frame)

    async def post(self, *contents: str) -> list[int]:
        """The messages' ids."""
        for content in contents:
            ref = next(self._refs)
            request = Post(ref=ref, room=self.room, nonce=f"{self.name}-{ref}", content=content)
            await self._socket.send(encode(request), text=True)
        ids: list[int] = []
        async with asyncio.timeout(PATIENCE_S):
            while len(ids) < len(contents):
                frame = decode_frame(await self._socket.recv())
                if isinstance(frame, Ok) and frame.message_id is not None:
                    ids.append(frame.message_id)
                elif frame is not None:
                    self.heard.append(frame)
        return ids

    async def read(self, first: int, last: int) -> None:
        await self.ask(Read(ref=next(self._refs), room=self.room, ranges=((first, last),)))

    async def readers(self, message_id: int) -> list[str]:
        """Who has read a message, as the server knows it."""
        answer = await self.ask(FetchInfo(ref=next(self._refs), room=self.room, message_id=message_id))
        assert isinstance(answer, Info)
        return [each.reader for each in answer.read_by]

    async def read_by(self, name: str, ids: range | list[int]) -> set[int]:
        """Which of the messages somebody has read, as the server knows it."""
        return {each for each in ids if name in await self.readers(each)}

    async def hear(self, content: str) -> Message:
        """Wait for a message."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for heard in self.heard:
                    if isinstance(heard, Message) and heard.content == content:
                        return heard
                if (frame := decode_frame(await self._socket.recv())) is not None:
                    self.heard.append(frame)


class Clock:
    """It stands until it is put forward, so that a slow machine changes nothing."""

    def __init__(self) -> None:
        self._now_ms = 1_000_000

    def __call__(self) -> int:
        return self._now_ms

    def forward(self, ms: int) -> None:
        self._now_ms += ms


class Person:
    """Somebody at the app."""

    def __init__(self, app: ChatApp, pilot: Pilot[None], clock: Clock, peer_name: str) -> None:
        self.app = app
        self.pilot = pilot
        self.name = peer_name
        self._clock = clock

    # What they do

    async def press(self, *keys: str) -> None:
        """Press keys, each once the one before has had its effect."""
        for key in keys:
            self.report(Key(key, key if len(key) == 1 else None))
            await self.settle()

    async def write(self, text: str) -> None:
        """Type a message and send it, in one burst."""
        for each in text:
            self.report(Key("space" if each == " " else each, each))
        await self.press("enter")

    def report(self, event: Event) -> None:
        """What the terminal sends, as the driver hands it on: at once, without waiting for anything."""
        driver = self.app._driver
        assert driver is not None
        driver.process_message(event)

    async def focus(self) -> None:
        """The terminal reports that it has the focus."""
        self.app.post_message(AppFocus())
        await self.settle()

    async def blur(self) -> None:
        """The terminal reports that it has lost the focus."""
        self.app.post_message(AppBlur())
        await self.settle()

    async def wait(self, ms: int) -> None:
        """Let time pass, and whatever is due because of it happen."""
        await self.settle()
        self._clock.forward(ms)
        self.app.attend(attention.Elapsed())
        await self.settle()

    async def settle(self) -> None:
        """Until nothing more happens by itself: the queues are empty and what has changed is drawn."""
        for _ in range(3):
            # What the screen has done may lie in the app's queue, and the other way round.
            await self.pilot._wait_for_screen()
            handled = asyncio.Event()
            if self.app.call_later(handled.set):
                await until(handled.is_set, "an empty queue")
            await until(lambda: self.app._drawing is None, "a drawing")

    async def resize(self, width: int, height: int) -> None:
        await self.pilot.resize_terminal(width, height)
        await self.settle()

    # What they see

    @property
    def rows(self) -> list[str]:
        """The whole screen."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def screen(self) -> str:
        return "\n".join(self.rows)

    @property
    def status(self) -> str:
        return self.widget(StatusBar).render().plain

    @property
    def composer(self) -> str:
        return self.widget(Composer).text

    @property
    def receipts(self) -> ReceiptState:
        return self.app.attention.state

    @property
    def toasts(self) -> list[str]:
        return [each.message for each in self.app._notifications]

    def widget(self, kind: type[AnyWidget]) -> AnyWidget:
        return self.app._chat.query_one(kind)

    def sees(self, text: str) -> bool:
        return text in self.screen

    def message(self, text: str) -> MessageView | None:
        """The newest message with this text."""
        messages = self.app._session.view().messages
        return next((each for each in reversed(messages) if each.text == text), None)

    def tick(self, text: str) -> str:
        """The tick of one's own message; empty where there is none."""
        message = self.message(text)
        tick = message.tick if message is not None else None
        return tick_text(tick, ascii_only=False) if tick is not None else ""

    @property
    def visible(self) -> frozenset[int]:
        return self.app._chat.messages.visible_ids()

    async def until(self, holds: Callable[[], object], what: str = "") -> None:
        await until(holds, what)

    async def until_told(self) -> None:
        """Every receipt that was earned has been acknowledged."""
        await self.until(lambda: not self.app._session.owed.reads, "receipts acknowledged")

    async def until_online(self) -> None:
        session = self.app._session
        await self.until(lambda: session.status().link is Link.ONLINE and session.replica.loaded)
        await self.settle()


@asynccontextmanager
async def at_the_app(
    url: str,
    name: str,
    room: str,
    state: Path,
    clock: Clock,
    size: tuple[int, int] = (80, 24),
    *,
    key: str = "",
    invite: str | None = None,
    preferences: Preferences | None = None,
) -> AsyncIterator[Person]:
    """A person at a running app, with what an earlier one in the same state directory left."""
    outbox = Outbox.open(state, url, name)
    options = Options(name, url, room, invite=invite, preferences=preferences or Preferences())
    app = ChatApp(options, outbox, passport(name, url, state, key=key))
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            yield Person(app, pilot, clock, name)
    finally:
        outbox.close()
