"""Disks that fail, modelled and real."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from chat_server.room import AnyRecord, Room
from chat_server.store import DiskFailed, LocalDisk
from chat_server.store.disk import File, write_all
from chat_server.store.layout import SNAPSHOT, TEMPORARY, segment_name
from tests.chat_server.modelled_disk import ModelledDisk, open_inline
from tests.chat_server.stores import OPENED, messages, modes, opened, posted, writer


class Faulty(LocalDisk):
    """Fails at one operation on one file, once it is told to."""

    def __init__(self, method: str, name: str) -> None:
        self.fault = (method, name)
        self.armed = False

    def _meet(self, method: str, path: Path) -> None:
        if self.armed and self.fault == (method, path.name):
            raise OSError(errno.EIO, "Input/output error", str(path))

    def create(self, path: Path) -> File:
        self._meet("create", path)
        return super().create(path)

    def overwrite(self, path: Path) -> File:
        self._meet("overwrite", path)
        return super().overwrite(path)

    def replace(self, source: Path, target: Path) -> None:
        self._meet("replace", source)
        super().replace(source, target)

    def remove(self, path: Path) -> None:
        self._meet("remove", path)
        super().remove(path)

    def sync_directory(self, directory: Path) -> None:
        self._meet("sync", directory)
        super().sync_directory(directory)


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("create", segment_name(2)),
        ("overwrite", TEMPORARY),
        ("replace", SNAPSHOT),
        ("replace", TEMPORARY),
        ("remove", segment_name(1)),
        ("sync", "data"),
    ],
)
async def test_any_fault_of_a_snapshot_ends_all_commits_and_loses_none(
    tmp_path: Path, method: str, name: str
) -> None:
    disk, room = Faulty(method, name), Room("general")
    directory = tmp_path / "data"

    async def live() -> None:
        while True:
            records: list[AnyRecord] = [*([] if room.revision else [OPENED]), posted(room.last_id + 1)]
            await store.commit(records)
            for record in records:
                room.apply(record)
            await store.snapshot([room.freeze()])

    async with opened(directory, disk) as store:
        disk.armed = True
        with pytest.raises(DiskFailed, match=rf"{name}: Input/output error \(EIO\)") as first:
            await live()
        disk.armed = False
        with pytest.raises(DiskFailed) as later:
            await store.commit([posted(9)])
        assert str(first.value) == str(later.value)
        with pytest.raises(DiskFailed):
            await store.snapshot([room.freeze()])
    assert await messages(directory) == list(range(1, room.last_id + 1))


async def test_a_snapshot_that_reads_back_differently_is_not_taken(tmp_path: Path) -> None:
    class Forgetful(LocalDisk):
        def blocks(self, path: Path) -> Iterator[bytes]:
            for block in super().blocks(path):
                yield block[:-9] if path.name == TEMPORARY and (path.parent / SNAPSHOT).exists() else block

    async with opened(tmp_path, Forgetful()) as store:
        await store.commit([OPENED])
        with pytest.raises(DiskFailed, match="reads back differently"):
            await store.snapshot([])
    assert TEMPORARY not in modes(tmp_path)
    async with opened(tmp_path) as store:
        assert list(store.rooms) == ["general"]


def test_a_full_disk_leaves_no_torn_line() -> None:
    disk = ModelledDisk(Random(0))
    store = open_inline(disk)
    store._guarded(store._appender.append, [OPENED])
    whole = bytes(disk.names_now[segment_name(1)].content)
    disk.space = 40
    with pytest.raises(DiskFailed, match=r"No space left on device \(ENOSPC\)"):
        store._guarded(store._appender.append, [posted(1)])
    assert disk.names_now[segment_name(1)].content == whole
    disk.come_back()
    with pytest.raises(DiskFailed):
        store._guarded(store._appender.append, [posted(1)])
    assert open_inline(disk).warnings == []


def test_a_failed_fsync_is_not_tried_again() -> None:
    disk = ModelledDisk(Random(0))
    store = open_inline(disk)
    disk.failing = True
    for _ in range(2):
        with pytest.raises(DiskFailed, match="EIO"):
            store._guarded(store._appender.append, [OPENED])
    assert not disk.failing


def test_a_disk_that_takes_nothing_is_an_error() -> None:
    class Deaf:
        def write(self, data: bytes) -> int:
            return len(data[:0])

        def sync(self) -> None: ...
        def truncate(self, size: int) -> None: ...
        def close(self) -> None: ...

    with pytest.raises(OSError, match="named no reason"):
        write_all(Deaf(), b"x")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are POSIX's")
async def test_a_file_that_may_not_grow_ends_in_a_sentence_and_a_clean_journal(tmp_path: Path) -> None:
    with writer(str(tmp_path), "5000") as process:
        assert process.stdout is not None
        *acknowledged, sentence = process.stdout.read().splitlines()
        assert process.wait() == 0
    assert "The disk failed, so the server stops: journal-0000000000000001.jsonl: File too large" in sentence
    async with opened(tmp_path) as store:
        assert store.warnings == []
        assert [str(each.id) for each in store.rooms["general"].messages] == acknowledged


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    mount = tmp_path / "mount"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(mount)]
    if (
        sys.platform != "linux"
        or os.geteuid()
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        pytest.skip("needs the right to mount a file system")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)


async def test_a_disk_that_is_really_full_loses_nothing(small_disk: Path) -> None:
    room = Room("general")
    room.apply(OPENED)

    async def fill_up() -> None:
        while True:
            record = posted(room.last_id + 1, "x" * 3_000)
            await store.commit([record])
            room.apply(record)

    async with opened(small_disk) as store:
        await store.commit([OPENED])
        with pytest.raises(DiskFailed, match=r"No space left on device \(ENOSPC\)"):
            await fill_up()
    async with opened(small_disk) as store:
        assert store.warnings == []
        assert store.rooms["general"].messages == room.messages
        with pytest.raises(DiskFailed, match="ENOSPC"):
            await store.snapshot([room.freeze()])
    assert TEMPORARY not in modes(small_disk)
    assert await messages(small_disk) == [each.id for each in room.messages]
