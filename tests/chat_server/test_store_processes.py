"""Who has the directory, and what a process leaves behind."""

import os
import signal
import sys
from pathlib import Path

import pytest

from chat_server.store import Damaged, DirectoryInUse, Store
from chat_server.store.layout import LOCK, SNAPSHOT
from tests.chat_server.stores import fill, messages, opened, writer


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
async def test_a_killed_process_leaves_what_it_acknowledged_and_no_lock(tmp_path: Path) -> None:
    for _ in range(3):
        with writer(str(tmp_path / "data")) as process:
            assert process.stdout is not None
            acknowledged = [process.stdout.readline() for _ in range(50)]
            with pytest.raises(DirectoryInUse, match=f"in use by process {process.pid}"):
                Store.open(tmp_path / "data")
            process.send_signal(signal.SIGKILL)
            acknowledged += process.stdout.readlines()
            process.wait()
        recovered = await messages(tmp_path / "data")
        assert recovered[: len(acknowledged)] == [int(each) for each in acknowledged]
        assert len(recovered) <= len(acknowledged) + 1
        (tmp_path / "data").rename(tmp_path / f"data of {process.pid}")


async def test_a_second_store_is_refused_until_the_first_is_closed(tmp_path: Path) -> None:
    async with opened(tmp_path):
        with pytest.raises(DirectoryInUse, match=f"in use by process {os.getpid()}"):
            Store.open(tmp_path)
        with pytest.raises(DirectoryInUse):
            Store.open(tmp_path)
    async with opened(tmp_path):
        pass


async def test_reading_the_lock_file_does_not_give_the_lock_up(tmp_path: Path) -> None:
    async with opened(tmp_path):
        with (tmp_path / LOCK).open("r+") as file:
            file.read()
        with pytest.raises(DirectoryInUse):
            Store.open(tmp_path)


async def test_a_holder_who_left_no_name_is_another_process(tmp_path: Path) -> None:
    async with opened(tmp_path):
        for text in (b"", b"\xff", b"; rm -rf"):
            (tmp_path / LOCK).write_bytes(text)
            with pytest.raises(DirectoryInUse, match="in use by another process"):
                Store.open(tmp_path)


async def test_a_refusal_gives_the_lock_up(tmp_path: Path) -> None:
    await fill(tmp_path, 1)
    text = (tmp_path / SNAPSHOT).read_bytes()
    (tmp_path / SNAPSHOT).write_bytes(b"")
    with pytest.raises(Damaged):
        Store.open(tmp_path)
    (tmp_path / SNAPSHOT).write_bytes(text)
    assert await messages(tmp_path) == [1]
