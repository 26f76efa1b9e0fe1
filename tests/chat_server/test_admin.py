"""The socket by which a running server takes orders: a real one, from both ends."""

import asyncio
import json
import logging
import os
import socket
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from chat_server import admin
from chat_server.admin import Told, Unreachable, ask, orders_taken
from chat_server.orders import Answer, AnyOrder, BanName, Listed, ListPeople, RenameName
from chat_server.store.layout import ADMIN

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="asyncio has no Unix sockets there")

URL = "ws://127.0.0.1:8080/ws"
DEADLINE_S = 10.0


class Obeying:
    """A server that notes what it is ordered, and answers."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.orders: list[AnyOrder] = []
        self.answer = answer or Answer()

    async def obey(self, order: AnyOrder) -> Answer:
        self.orders.append(order)
        return self.answer


@asynccontextmanager
async def serving(directory: Path, server: Obeying | None = None) -> AsyncIterator[Obeying]:
    server = server or Obeying()
    async with orders_taken(directory, URL, server.obey), asyncio.timeout(DEADLINE_S):
        yield server


async def give(directory: Path, order: AnyOrder) -> Told:
    return await asyncio.to_thread(ask, directory, order)


async def why_not(directory: Path, order: AnyOrder | None = None) -> str:
    """The sentence for which no order can be given."""
    with pytest.raises(Unreachable) as caught:
        await give(directory, order or ListPeople())
    text = str(caught.value)
    assert text.endswith(".")
    return text


@asynccontextmanager
async def line_to(directory: Path) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_unix_connection(str(directory / ADMIN))
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


def left_in(directory: Path) -> list[str]:
    return [each.name for each in directory.iterdir()]


def open_directories() -> list[str]:
    """What this process has open, by name."""
    names = []
    for each in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one that lists them
            names.append(str(each.readlink()))
    return names


# Orders and answers


async def test_an_order_arrives_and_its_answer_comes_back(tmp_path: Path) -> None:
    listed = Listed(
        name="Zo\u00eb", since=1, keys=("k",), online=True, admin=False, banned=False, removed=False, renamed_to=""
    )
    server = Obeying(Answer(people=(listed,)))
    async with serving(tmp_path, server):
        assert await give(tmp_path, ListPeople()) == Told(answer=Answer(people=(listed,)), url=URL)
        server.answer = Answer(refused="No.")
        assert await give(tmp_path, RenameName(name="a\nb", to="\u202e")) == Told(answer=server.answer, url=URL)
    assert server.orders == [ListPeople(), RenameName(name="a\nb", to="\u202e")]


async def test_the_lines_are_json_and_many_may_come_on_one_connection(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, line_to(tmp_path) as (reader, writer):
        writer.write(b'{"type":"list"}\n{"type":"ban","name":"bob"}\n')
        for _ in range(2):
            told = json.loads(await reader.readline())
            assert told == {"answer": {"refused": "", "people": []}, "url": URL}
    assert server.orders == [ListPeople(), BanName(name="bob")]


async def test_several_may_give_orders_at_once(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        await asyncio.gather(*(give(tmp_path, BanName(name=str(at))) for at in range(20)))
    assert {each.name for each in server.orders if isinstance(each, BanName)} == {str(at) for at in range(20)}


# Who can reach it


async def test_the_socket_is_for_its_owner_alone_and_goes_with_the_server(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        async with serving(tmp_path):
            mode = (tmp_path / ADMIN).stat().st_mode
    finally:
        os.umask(before)
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600
    assert left_in(tmp_path) == []


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the way around the bound is Linux's")
@pytest.mark.parametrize("length", [70, 250])
async def test_a_directory_whose_path_is_longer_than_a_sockets_may_be(tmp_path: Path, length: int) -> None:
    directory = tmp_path / ("d" * length) / ("e" * length)
    directory.mkdir(parents=True)
    assert len(str(directory / ADMIN)) > 108
    async with serving(directory):
        assert (await give(directory, ListPeople())).url == URL
        assert open_directories().count(str(directory)) == 1
    assert str(directory) not in open_directories()


async def test_a_relative_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    async with serving(Path("data")):
        assert (await give(tmp_path / "data", ListPeople())).url == URL
        assert (await give(Path("data"), ListPeople())).url == URL


async def test_where_there_is_no_proc_the_path_itself_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    is_dir = Path.is_dir
    monkeypatch.setattr(Path, "is_dir", lambda path: str(path) != "/proc/self/fd" and is_dir(path))
    monkeypatch.chdir(tmp_path)
    async with serving(Path()):
        assert (await give(Path(), ListPeople())).url == URL
    long = tmp_path / ("d" * 120)
    long.mkdir()
    async with serving(long):
        assert "path too long" in await why_not(long)
    assert [each.getMessage() for each in caplog.records] == [
        "no orders can be taken (chat-server user, chat-server invite): AF_UNIX path too long"
    ]


async def test_a_server_goes_on_where_no_socket_can_be_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ADMIN).mkdir()
    (tmp_path / ADMIN / "something").touch()
    async with serving(tmp_path):
        assert (tmp_path / ADMIN).is_dir()
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("no orders can be taken")


# No server


@pytest.mark.parametrize("place", ["missing", "missing/data", "empty", "file"])
async def test_no_server_is_running(tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    directory = tmp_path / place
    assert await why_not(directory) == (
        f"No server is running on {directory}. Start it with `chat-server serve --data-dir {directory}`."
    )


KILLED = """
import asyncio, sys
from pathlib import Path
from chat_server.admin import orders_taken

async def main():
    async with orders_taken(Path(sys.argv[1]), "ws://gone", None):
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def left_behind(tmp_path: Path) -> None:
    """A server was killed."""
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.kill()
        process.wait()


@pytest.mark.usefixtures("left_behind")
async def test_what_a_killed_server_leaves_is_no_server_and_makes_way_for_the_next(tmp_path: Path) -> None:
    assert stat.S_ISSOCK((tmp_path / ADMIN).stat().st_mode)
    assert (await why_not(tmp_path)).startswith("No server is running on")
    async with serving(tmp_path):
        assert (await give(tmp_path, ListPeople())).url == URL


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may open anything")
async def test_somebody_elses_server(tmp_path: Path) -> None:
    async with serving(tmp_path):
        (tmp_path / ADMIN).chmod(0o000)
        assert await why_not(tmp_path) == (
            f"{tmp_path} belongs to another user; only who runs the server can do this."
        )


async def test_permission_that_is_refused_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert "belongs to another user" in await why_not(tmp_path)


async def test_a_server_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin, "PATIENCE_S", 0.05)
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(ADMIN)
        deaf.listen()
        assert await why_not(Path()) == "The server on . does not answer: timed out."


@pytest.mark.parametrize("answer", [b"", b"{}\n", b"HTTP/1.1 400 Bad Request\r\n", b'{"answer":7,"url":""}\n'])
async def test_a_server_that_answers_something_else(tmp_path: Path, answer: bytes) -> None:
    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)
        writer.close()

    async with await asyncio.start_unix_server(reply, str(tmp_path / ADMIN)):
        assert (await why_not(tmp_path)).startswith(f"The server on {tmp_path} does not answer: ")


# What is no order


FOREIGN = [
    b"GET / HTTP/1.1",
    b"",
    b"[]",
    b'"list"',
    b"{}",
    b'{"type":"shutdown"}',
    b'{"type":"list","extra":1}',
    b'{"type":"ban"}',
    b'{"type":"ban","name":7}',
    b'{"type":"ban","name":"\xff"}',
    b'{"type":"ban","name":"' + b"n" * 257 + b'"}',
    b'{"type":"invite","digest":"short","lastsMs":1}',
    b'{"type":"invite","digest":"' + b"d" * 43 + b'","lastsMs":0}',
    b'{"type":"invite","digest":"' + b"d" * 43 + b'","lastsMs":1,"uses":0}',
    b'{"type":"invite","digest":"' + b"d" * 43 + b'","lastsMs":1,"uses":10001}',
    b'{"type":' + b"[" * 100_000,
    b"\0" * 100,
]


@pytest.mark.parametrize("line", FOREIGN, ids=lambda line: repr(line[:30]))
async def test_a_line_that_is_no_order_is_refused_and_the_next_is_obeyed(tmp_path: Path, line: bytes) -> None:
    async with serving(tmp_path) as server, line_to(tmp_path) as (reader, writer):
        writer.write(line + b'\n{"type":"list"}\n')
        refused = json.loads(await reader.readline())["answer"]["refused"]
        assert refused.startswith("The server does not understand this order: ")
        assert refused.endswith(".")
        assert json.loads(await reader.readline())["answer"]["refused"] == ""
    assert server.orders == [ListPeople()]


async def test_a_line_without_end_is_not_kept_and_hurts_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert admin.LINE_BYTES_MAX == 16 * 1024 * 1024
    monkeypatch.setattr(admin, "LINE_BYTES_MAX", 1_000)
    async with serving(tmp_path), line_to(tmp_path) as (reader, writer):
        writer.write(b"x" * 3_000)
        assert await reader.read() == b""
        assert (await give(tmp_path, ListPeople())).url == URL
    assert [each.getMessage().partition(":")[0] for each in caplog.records] == ["an order could not be answered"]


async def test_whoever_hangs_up_before_the_answer_hurts_nobody_else(tmp_path: Path) -> None:
    ordered, answered = asyncio.Event(), asyncio.Event()

    async def obey(_: AnyOrder) -> Answer:
        ordered.set()
        await answered.wait()
        return Answer()

    async with orders_taken(tmp_path, URL, obey), asyncio.timeout(DEADLINE_S):
        async with line_to(tmp_path) as (_, writer):
            writer.write(b'{"type":"list"}\n')
            await ordered.wait()
        answered.set()
        assert (await give(tmp_path, ListPeople())).url == URL


async def test_half_an_order_at_the_end_is_none(tmp_path: Path) -> None:
    async with serving(tmp_path) as server, line_to(tmp_path) as (reader, writer):
        writer.write(b'{"type":"ban","na')
        writer.write_eof()
        assert "does not understand" in (await reader.read()).decode()
    assert server.orders == []
