"""`chat-tui demo`: a real server of one's own on a free port, two scripted members, and oneself.

    server process <-> Ada, Grace (scripts over real connections)
                   <-> the ordinary client

Everything is in the server's temporary directory, and the server ends when its standard input does and removes
it, so nothing outlives this process, however it ends.
"""

import asyncio
import itertools
import os
import re
import secrets
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chat_server.protocol import (
    LOBBY,
    SUBPROTOCOL,
    VERSION,
    AnyRequest,
    Challenge,
    Hello,
    Message,
    Pin,
    Post,
    Prove,
    React,
    Read,
    decode_frame,
    encode,
)
from chat_tui.app import ChatApp, Options
from chat_tui.identity.passport import Passport
from chat_tui.model.events import Proved
from chat_tui.outbox import Outbox

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

YOU: Final = "You"
START_S: Final = 10.0
"""How long the server may take to start, and to end."""


class DemoError(Exception):
    """The demo cannot be shown; a sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is said after a pause."""

    pause_s: float
    text: str
    replies: bool = False
    """It is a reply to what it answers."""
    reacts: str = ""
    """An emoji that is put on that first."""
    pins: bool = False
    """That is pinned first."""


@dataclass(frozen=True, slots=True)
class Script:
    """What one member does: reads each message of the person's after a while, and answers the first few."""

    name: str
    opening: tuple[Line, ...]
    read_after_s: float
    answers: tuple[Line, ...]
    """One for each message, said after it has been read; then silence."""


ADA: Final = Script(
    "Ada",
    opening=(
        Line(0.5, "Hello! Write something below and press Enter."),
        Line(0.5, "Then watch the left edge: … on its way, ✓ on the server's disk, ✓✓ read."),
    ),
    read_after_s=1.5,
    answers=(
        Line(1.5, "I have read it: your tick is double now. Grace takes a little longer.", reacts="👍"),
        Line(4.0, "Press Tab, and then i on a message of yours: it says who has read it, and when.", replies=True),
        Line(1.5, "I have pinned this. F7 lists what is pinned, and + reacts to a message, as I did.", pins=True),
        Line(1.5, "We learn the same way what you read: once it has been on your screen for half a second."),
        Line(1.5, "Ctrl+T holds your receipts back. F1 shows all keys, and Ctrl+Q leaves."),
    ),
)
GRACE: Final = Script(
    "Grace",
    opening=(Line(2.0, "Hi. I read a bit more slowly than Ada."),),
    read_after_s=4.5,
    answers=(Line(1.0, "Got it! Now everybody has read it, so the ticks are bright."),),
)


def run(*, ascii_only: bool) -> int:
    """Show the demo until the person quits; the exit code. Raises DemoError."""
    return asyncio.run(_run(ascii_only=ascii_only))


async def _run(*, ascii_only: bool) -> int:
    async with own_server() as (url, data):
        kept = data.parent / "client"
        outbox = Outbox.open(kept, url, YOU)
        app = ChatApp(Options(YOU, url, LOBBY, ascii_only=ascii_only), outbox, Passport.open(kept, YOU, url))
        members = [asyncio.create_task(play(script, url, kept)) for script in (ADA, GRACE)]
        try:
            await app.run_async()
        finally:
            for member in members:
                member.cancel()
            await asyncio.gather(*members, return_exceptions=True)
            outbox.close()
    return app.return_code or 0


@asynccontextmanager
async def own_server() -> AsyncIterator[tuple[str, Path]]:
    """A server on a free port of this machine: its address and its directory. Both are gone afterwards.

    Raises DemoError where it does not start.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chat_server", "serve", "--port", "0", "--ephemeral"),
        stdin=PIPE,
        stdout=PIPE,
        # What it has to say would be drawn over the conversation.
        stderr=DEVNULL,
        # A group of its own, as Ctrl+C in the terminal is for the client alone.
        start_new_session=True,
    )
    try:
        yield await _address(process)
    finally:
        await _end(process)


async def _address(process: Process) -> tuple[str, Path]:
    """The address and the directory in the server's first line."""
    assert process.stdout is not None
    with suppress(TimeoutError):
        async with asyncio.timeout(START_S):
            line = os.fsdecode(await process.stdout.readline())
            if said := re.fullmatch(r"Listening on (ws://\S+), data in (.+)\n", line):
                return said[1], Path(said[2])
    raise DemoError("The demo's server does not start; what it says: chat-server serve --port 0 --ephemeral")


async def _end(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(START_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


class Member:
    """One scripted member on a connection."""

    def __init__(self, script: Script, passport: Passport, socket: "ClientConnection") -> None:
        """Take what proves who they are, and an open connection on which nothing has been said."""
        self._script = script
        self._passport = passport
        self._socket = socket
        self._said = itertools.count(1)
        self._answers = iter(script.answers)

    async def play(self) -> None:
        """Say the opening, then read and answer whatever the person writes, until cancelled."""
        await self._greet()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._open())
            while True:
                frame = decode_frame(await self._socket.recv())
                if isinstance(frame, Message) and frame.sender == YOU:
                    tasks.create_task(self._answer(frame.id, next(self._answers, None)))

    async def _greet(self) -> None:
        nonce = secrets.token_urlsafe(32)
        await self._send(Hello(name=self._script.name, version=VERSION, key=self._passport.public, nonce=nonce))
        challenge = decode_frame(await self._socket.recv())
        assert isinstance(challenge, Challenge)
        proved = self._passport.answer(nonce, challenge)
        assert isinstance(proved, Proved)
        await self._send(Prove(signature=proved.signature))

    async def _open(self) -> None:
        for line in self._script.opening:
            await self._say(line)

    async def _answer(self, message_id: int, answer: Line | None) -> None:
        await asyncio.sleep(self._script.read_after_s)
        await self._send(Read(room=LOBBY, ranges=((message_id, message_id),)))
        if answer is not None:
            await self._mark(message_id, answer)
            await self._say(answer, message_id if answer.replies else None)

    async def _mark(self, message_id: int, answer: Line) -> None:
        if answer.reacts:
            await self._send(React(room=LOBBY, message_id=message_id, emoji=answer.reacts))
        if answer.pins:
            await self._send(Pin(room=LOBBY, message_id=message_id))

    async def _say(self, line: Line, reply_to: int | None = None) -> None:
        await asyncio.sleep(line.pause_s)
        nonce = f"{self._script.name}-{next(self._said)}"
        await self._send(Post(room=LOBBY, nonce=nonce, content=line.text, reply_to=reply_to))

    async def _send(self, request: AnyRequest) -> None:
        await self._socket.send(encode(request), text=True)


async def play(script: Script, url: str, config: Path) -> None:
    """Be a member until cancelled; the key is kept in this directory."""
    from websockets.asyncio.client import connect
    from websockets.typing import Subprotocol

    async with connect(url, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None, proxy=None) as socket:
        passport = Passport.open(config, script.name, url)
        await Member(script, passport, socket).play()
