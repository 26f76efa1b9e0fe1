"""A server and people who mean harm: no byte of theirs reaches the terminal as anything but text."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from websockets.asyncio.server import ServerConnection, serve

from chat_server.protocol import (
    AnyFrame,
    FetchHistory,
    FetchInfo,
    Hello,
    History,
    Info,
    Message,
    Ok,
    Post,
    Prove,
    ReadBy,
    Receipt,
    Refused,
    RoomSummary,
    Welcome,
    decode_request,
    encode,
)
from tests.chat_tui.people import until
from tests.end_to_end.terminals import FOCUS_IN, FOCUS_OUT, Terminal
from tests.identities import challenge

HOSTILE = (
    "[bold]b[/x] [@click=app.quit]q[/] "
    "\x1b[2J\x1b]52;c;cHduZWQ=\x07\x1b]0;pwned\x07\x9b31m\x90q\x9c "
    "\u202eright\u202c \x00nul\u200bzero\u2066iso\x7f\x08"
)
SHOWN = (
    "[bold]b[/x] [@click=app.quit]q[/]",
    r"\x1b[2J",
    r"\x1b]52;c;cHduZWQ=\x07",
    r"\x1b]0;pwned\x07",
    r"\x9b31m",
    r"\u202eright\u202c",
    r"\x00nul\u200bzero\u2066iso\x7f\x08",
)
NEVER = (
    b"\x1b]52", b"\x1b]0;", b"pwned\x07", b"\x07", b"\x00", b"\x7f", b"\x08", b"\x1bP",
    *(bytes((0xC2, code)) for code in range(0x80, 0xA0)),
    *(mark.encode() for mark in "\u202e\u202c\u200b\u2066\ufeff"),
)  # fmt: skip
TITLE = re.compile(rb"((\(\d+\) )?#general - doubletick)?")


class Rogue:
    """A server that puts hostile text wherever a frame has room for it."""

    def __init__(self) -> None:
        self.url = ""
        self._sockets: list[ServerConnection] = []

    @classmethod
    @asynccontextmanager
    async def serving(cls) -> AsyncIterator["Rogue"]:
        rogue = cls()
        async with serve(rogue._serve, "127.0.0.1", 0) as listener:
            rogue.url = f"ws://127.0.0.1:{next(iter(listener.sockets)).getsockname()[1]}/ws"
            yield rogue

    async def send(self, frame: AnyFrame) -> None:
        await self._sockets[-1].send(encode(frame), text=True)

    async def _serve(self, socket: ServerConnection) -> None:
        self._sockets.append(socket)
        async for data in socket:
            assert isinstance(data, str)
            for frame in self._answers(decode_request(data)):
                await self.send(frame)
                if isinstance(frame, Ok):  # a network may hold up whatever comes after it
                    await (await socket.ping())

    def _answers(self, request: object) -> list[AnyFrame]:
        match request:
            case Hello(nonce=nonce):
                return [challenge(nonce)]
            case Prove(ref=ref):
                members = ("John", HOSTILE, f"2{HOSTILE}")
                room = RoomSummary(
                    name="general", title=HOSTILE, last_id=1, revision=1, first_unread=1, unread=1,
                    members=members, online=members,
                )  # fmt: skip
                return [Welcome(name=HOSTILE, epoch="one", rooms=(room,), ref=ref)]
            case FetchHistory(ref=ref):
                return [History(room="general", messages=(_message(1, HOSTILE, HOSTILE),), more=False, ref=ref)]
            case Post(ref=ref, content="refuse this"):
                return [Refused(code="bad-request", reason=HOSTILE, ref=ref)]
            case Post(ref=ref, nonce=nonce, content=content):
                return [Ok(ref=ref, message_id=2), _message(2, "John", content, nonce)]
            case FetchInfo(ref=ref, message_id=message_id):
                readers = (ReadBy(HOSTILE, 1_000),)
                return [
                    Info(
                        room="general", message_id=message_id, read_by=readers,
                        missing=(f"2{HOSTILE}",), unshared=(f"3{HOSTILE}",), ref=ref,
                    )
                ]  # fmt: skip
            case _:
                return [Ok(ref=getattr(request, "ref", None))]


def _message(number: int, sender: str, content: str, nonce: str | None = None) -> Message:
    return Message(
        room="general",
        id=number,
        sender=sender,
        content=content,
        sent_at=1_000,
        audience=2,
        read_by=0,
        nonce=nonce,
    )


def shown(terminal: Terminal) -> str:
    """The screen's text without its line breaks and frames."""
    return re.sub(r"[\s│▐▌]+", "", terminal.screen)


def assert_harmless(terminal: Terminal) -> None:
    titles = re.findall(rb"\x1b\]2;(.*?)\x1b\\", terminal.spoken)
    assert all(TITLE.fullmatch(each) for each in titles)
    assert terminal.spoken.count(b"\x1b]2;") == len(titles)
    for sequence in NEVER:
        assert sequence not in terminal.spoken, sequence
    assert terminal.code is None


async def test_hostile_text_is_text_everywhere(chat: Callable[..., Terminal]) -> None:
    async with Rogue.serving() as rogue:
        terminal = chat("--name", "John", "--server", rogue.url, "--no-bell")
        await until(lambda: terminal.sees("3 of 3 online"), "online")
        await until(lambda: terminal.sees("pwned"), "the message")
        assert b"\x1b[2J" not in terminal.written
        for part in SHOWN:
            assert part.replace(" ", "") in shown(terminal)

        terminal.type(f"{FOCUS_IN}mine\r")
        await until(lambda: terminal.sees("✓ mine"), "a message of one's own")
        terminal.type(FOCUS_OUT)
        await until(lambda: terminal.sees("held: away"), "away")
        await rogue.send(Receipt(room="general", reader=HOSTILE, ranges=((2, 2),), read_at=1_000, revision=2))
        await until(lambda: "read“mine”" in shown(terminal), "the notice")
        terminal.type(f"{FOCUS_IN}refuse this\r")
        await until(lambda: terminal.sees("! refuse this"), "a refusal")
        terminal.type("\t")
        await until(lambda: terminal.sees("i Info"), "the conversation")
        terminal.type("ki")
        await until(lambda: terminal.sees("Read by 1 of 2"), "the info pane")
        await until(lambda: "Donotsay" in shown(terminal) or "Notyet" in shown(terminal), "everybody")
        assert_harmless(terminal)
        assert b"\x1b[2J" not in terminal.written
        terminal.type("\x1b")
        await rogue._sockets[-1].close(1008, "\x1b]0;pwned\x07")
        await until(lambda: terminal.sees("stopped"), "the end")
        assert_harmless(terminal)
