"""The connection: what it tells of a server that is there, is not, goes away or is none; when it tries again."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from chat_server.protocol import AnyRequest, CloseCode, FetchRooms, Ok, encode
from chat_server.protocol.proofs import NONCE_BYTES, bytes_of
from chat_tui import connection as connecting
from chat_tui.connection import Connection, is_local
from chat_tui.model.events import Cut, Dialling, Heard, Linked
from tests.authorities import Authority, Pair
from tests.chat_tui.people import until
from tests.identities import hello

Event = Dialling | Linked | Heard | Cut
Handler = Callable[[ServerConnection], Awaitable[None]]
NOW_MS = 5_000


class Line:
    """A connection and what it has told."""

    def __init__(self, url: str) -> None:
        self.told: list[Event] = []
        self.connection = Connection(url, self.told.append, lambda: NOW_MS)

    @property
    def linked(self) -> list[Linked]:
        return [event for event in self.told if isinstance(event, Linked)]

    @property
    def cuts(self) -> list[Cut]:
        return [event for event in self.told if isinstance(event, Cut)]

    @property
    def heard(self) -> list[object]:
        return [event.frame for event in self.told if isinstance(event, Heard)]

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Line"]:
        task = asyncio.create_task(self.connection.run())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def server_of(handler: Handler, **options: object) -> AsyncIterator[str]:
    async with serve(handler, "127.0.0.1", 0, **options) as listener:  # type: ignore[arg-type]
        yield f"ws://127.0.0.1:{next(iter(listener.sockets)).getsockname()[1]}/ws"


async def answer(socket: ServerConnection) -> None:
    """Answer everything with an ok, until the peer goes."""
    async for _ in socket:
        await socket.send(encode(Ok(ref="r")), text=True)


def closing(code: int) -> Handler:
    async def close(socket: ServerConnection) -> None:
        await socket.close(code)

    return close


@contextmanager
def free_port() -> Iterator[int]:
    """A port on which nothing listens, and nothing will."""
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again soon."""
    monkeypatch.setattr(connecting, "RETRY_FIRST_S", 0.02)
    monkeypatch.setattr(connecting, "RETRY_MAX_S", 0.1)


async def test_requests_go_out_in_order_and_frames_come_in() -> None:
    said: list[object] = []

    async def listen(socket: ServerConnection) -> None:
        assert socket.subprotocol == "doubletick.v1"
        async for data in socket:
            said.append(data)
            await socket.send(encode(Ok(ref="r")), text=True)
            await socket.send('{"type": "from the future"}')

    async with server_of(listen, subprotocols=["doubletick.v1"]) as url, Line(url).running() as line:
        await until(lambda: line.linked)
        requests: list[AnyRequest] = [
            hello("John"),
            FetchRooms(ref="a"),
            FetchRooms(ref="b"),
        ]
        for request in requests:
            line.connection.say(request)
        await until(lambda: len(line.heard) == 3)
        assert said == [encode(request).decode() for request in requests]
        assert line.told[:2] == [Dialling(), *line.linked]
        assert line.told[2] == Heard(Ok(ref="r"), NOW_MS)


async def test_what_was_said_on_a_connection_is_lost_with_it() -> None:
    said: list[object] = []

    async def listen_once(socket: ServerConnection) -> None:
        said.append(await socket.recv())

    async with server_of(listen_once) as url, Line(url).running() as line:
        await until(lambda: line.linked)
        line.connection.say(FetchRooms(ref="first"))
        await until(lambda: line.cuts)
        line.connection.say(FetchRooms(ref="between"))
        await until(lambda: len(line.linked) == 2)
        line.connection.say(FetchRooms(ref="second"))
        await until(lambda: len(said) == 2)
        assert said == [encode(FetchRooms(ref=ref)).decode() for ref in ("first", "second")]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (CloseCode.GOING, "the server has been stopped"),
        (CloseCode.RESTARTING, "the server is restarting"),
        (CloseCode.OVERLOADED, "the server is overloaded"),
        (CloseCode.TOO_SLOW, "this connection was too slow"),
        (1000, "the connection was lost"),
        (CloseCode.PROTOCOL_ERROR, "the connection was lost"),
    ],
)
async def test_after_most_closes_it_is_tried_again(code: int, reason: str) -> None:
    async with server_of(closing(code)) as url, Line(url).running() as line:
        await until(lambda: len(line.cuts) == 2)
        assert {cut.reason for cut in line.cuts} == {reason}
        assert all(cut.retry_at_ms is not None and cut.retry_at_ms > NOW_MS for cut in line.cuts)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (CloseCode.NOT_ALLOWED, "the server does not let this connection be"),
        (CloseCode.NAME_TAKEN, "somebody else has this name"),
        (CloseCode.REPLACED, "another client of yours has taken over"),
    ],
)
async def test_after_some_closes_it_is_not(code: int, reason: str) -> None:
    async with server_of(closing(code)) as url:
        line = Line(url)
        await asyncio.wait_for(line.connection.run(), 10)
        assert line.told == [Dialling(), *line.linked, Cut(reason, None)]


async def test_given_up_says_why_it_was_and_ends() -> None:
    async with server_of(closing(CloseCode.NAME_TAKEN)) as url:
        line = Line(url)
        line.connection.give_up("The name John is in use; choose another one.")
        await asyncio.wait_for(line.connection.run(), 10)
        assert line.told[-1] == Cut("The name John is in use; choose another one.", None)


async def test_given_up_ends_a_connection_that_the_server_keeps() -> None:
    said: list[object] = []

    async def listen(socket: ServerConnection) -> None:
        said.extend([data async for data in socket])

    async with server_of(listen) as url, Line(url).running() as line:
        await until(lambda: line.linked)
        line.connection.say(FetchRooms(ref="before"))
        line.connection.give_up("It is not the server that it was.")
        line.connection.say(FetchRooms(ref="after"))
        await until(lambda: line.cuts)
        assert line.told[-1] == Cut("It is not the server that it was.", None)
        await until(lambda: said)
        assert said == [encode(FetchRooms(ref="before")).decode()]


async def test_every_connection_has_a_nonce_of_its_own() -> None:
    async with server_of(closing(1000)) as url, Line(url).running() as line:
        await until(lambda: len(line.linked) == 3)
        nonces = {each.nonce for each in line.linked}
        assert len(nonces) == 3
        assert all(len(bytes_of(nonce)) == NONCE_BYTES for nonce in nonces)


async def test_nobody_there() -> None:
    with free_port() as port:
        async with Line(f"ws://user:secret@127.0.0.1:{port}/ws").running() as line:
            await until(lambda: line.cuts)
            assert line.cuts[0].reason == f"nothing listens at 127.0.0.1:{port}"


async def test_several_addresses_with_nobody_there() -> None:
    with free_port() as port:
        async with Line(f"ws://localhost:{port}/ws").running() as line:
            await until(lambda: line.cuts)
            assert line.cuts[0].reason == f"nothing listens at localhost:{port}"


async def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", unknown)
    async with Line("ws://nowhere.invalid:8080/ws").running() as line:
        await until(lambda: line.cuts)
        assert line.cuts[0].reason == "nowhere.invalid:8080 cannot be reached (name or service not known)"


async def test_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "OPEN_S", 0.05)
    gone = asyncio.Event()

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        async with Line(f"ws://127.0.0.1:{port}/ws").running() as line:
            await until(lambda: line.cuts)
            assert line.cuts[0].reason == f"127.0.0.1:{port} does not answer"
        gone.set()


async def test_something_else_answers() -> None:
    def not_found(socket: ServerConnection, _: Request) -> Response:
        return socket.respond(HTTPStatus.NOT_FOUND, "no")

    async with server_of(answer, process_request=not_found) as url, Line(url).running() as line:
        await until(lambda: line.cuts)
        assert line.cuts[0].reason.endswith("is no chat server: HTTP 404 Not Found")


async def test_something_that_speaks_no_http() -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ready\r\n")
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        async with Line(f"ws://127.0.0.1:{port}/ws").running() as line:
            await until(lambda: line.cuts)
            assert line.cuts[0].reason.startswith(f"what answers at 127.0.0.1:{port} is no chat server (")


async def test_frames_that_are_none() -> None:
    async def babble(socket: ServerConnection) -> None:
        await socket.send("not json")
        await socket.wait_closed()

    async with server_of(babble) as url, Line(url).running() as line:
        await until(lambda: line.cuts)
        assert "sent what this program does not understand (" in line.cuts[0].reason


@pytest.mark.parametrize("url", ["ws://a..b:80/ws", "http://127.0.0.1/ws", "ws://"])
async def test_an_address_that_cannot_be_is_not_tried_again(url: str) -> None:
    line = Line(url)
    await asyncio.wait_for(line.connection.run(), 10)
    assert line.cuts[-1].retry_at_ms is None
    assert "a server is at ws://HOST:PORT/ws" in line.cuts[-1].reason


async def test_a_server_without_tls_where_there_should_be_some() -> None:
    async with server_of(answer) as url, Line(url.replace("ws:", "wss:")).running() as line:
        await until(lambda: line.cuts)
        place = url.removeprefix("ws://").removesuffix("/ws")
        assert line.cuts[0].reason == (
            f"{place} ended the connection before it was encrypted; ask whoever runs it for its address"
        )


async def test_something_that_speaks_neither_tls_nor_http() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ready\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as listener:
        place = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        async with Line(f"wss://{place}/ws").running() as line:
            await until(lambda: line.cuts)
            assert line.cuts[0].reason.startswith(f"what answers at {place} does not speak TLS (")


@asynccontextmanager
async def encrypted(pair: Pair, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """A server that shows this certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    async with server_of(answer, ssl=context) as url:
        yield url.replace("ws://127.0.0.1", f"wss://{host}")


async def test_an_authority_that_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with encrypted(authority.issue("127.0.0.1", "localhost")) as url:
        for address in (url, url.replace("127.0.0.1", "localhost")):
            async with Line(address).running() as line:
                await until(lambda line=line: line.linked)  # type: ignore[misc]
                line.connection.say(FetchRooms(ref="r"))
                await until(lambda line=line: line.heard == [Ok(ref="r")])  # type: ignore[misc]


async def test_an_authority_that_is_not_believed_until_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    async with encrypted(authority.issue("127.0.0.1")) as url, Line(url).running() as line:
        await until(lambda: len(line.cuts) == 2)
        place = url.removeprefix("wss://").removesuffix("/ws")
        assert line.cuts[0].reason == line.cuts[1].reason
        assert line.cuts[0].reason == (
            f"the certificate of {place} is from nobody whom this machine knows, so this may be another server; "
            "if the authority is your own, give its certificate with --ca"
        )
        assert all(each.retry_at_ms is not None for each in line.cuts)
        assert not line.linked
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        await until(lambda: line.linked)


@pytest.mark.parametrize(
    ("names", "days", "host", "reason"),
    [
        (["127.0.0.1"], -1, "127.0.0.1", "has expired; whoever runs that server must renew it"),
        (["chat.example"], 1, "localhost", "was made for another name; ask for the name that it was made for"),
        (["127.0.0.2"], 1, "127.0.0.1", "was made for another address; ask for the name that it was made for"),
    ],
)
async def test_what_is_wrong_with_a_certificate_is_said_and_it_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], days: int, host: str, reason: str
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    pair = authority.issue(*names, expires=datetime.now(UTC) + timedelta(days=days))
    async with encrypted(pair, host) as url, Line(url).running() as line:
        await until(lambda: len(line.cuts) == 2)
        place = url.removeprefix("wss://").removesuffix("/ws")
        assert line.cuts[0].reason == f"the certificate of {place} {reason}"
        assert line.cuts[0].retry_at_ms is not None
        assert not line.linked


def test_what_else_is_wrong_with_a_certificate_and_that_it_is_not_valid_yet() -> None:
    """Of which no real one is made here."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = 9, "certificate is not yet valid"
    assert connecting._os_reason("chat.example", error) == (
        "the certificate of chat.example is not valid yet; is this machine's clock right?"
    )
    error.verify_code, error.verify_message = 23, "certificate revoked"
    assert connecting._os_reason("chat.example", error) == (
        "the certificate of chat.example cannot be trusted (certificate revoked)"
    )


async def test_pauses_double_up_to_a_bound_and_are_partly_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "RETRY_FIRST_S", 0.5)
    monkeypatch.setattr(connecting, "RETRY_MAX_S", 30.0)
    bounds: list[tuple[float, float]] = []

    def longest(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    monkeypatch.setattr("random.uniform", longest)
    with free_port() as port:
        async with Line(f"ws://127.0.0.1:{port}/ws").running() as line:
            for number in range(1, 9):
                await until(lambda number=number: len(line.cuts) == number)  # type: ignore[misc]
                line.connection.hurry()
            assert [cut.retry_at_ms for cut in line.cuts] == [
                NOW_MS + ms for ms in (1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000)
            ]
    assert all(low == high / 2 for low, high in bounds)


async def test_a_frame_heard_makes_the_next_pause_short_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda _, high: high)

    async def greet(socket: ServerConnection) -> None:
        await socket.send(encode(Ok(ref="r")), text=True)

    async with server_of(greet) as url, Line(url).running() as line:
        await until(lambda: len(line.cuts) == 3)
        assert {cut.retry_at_ms for cut in line.cuts} == {NOW_MS + 40}


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("ws://127.0.0.1:8080/ws", True),
        ("ws://127.8.0.1/ws", True),
        ("ws://[::1]:8080/ws", True),
        ("ws://localhost/ws", True),
        ("wss://chat.example/ws", False),
        ("ws://127.example/ws", False),
        ("ws://[/ws", False),
    ],
)
def test_is_local(url: str, local: bool) -> None:  # noqa: FBT001
    assert is_local(url) is local
