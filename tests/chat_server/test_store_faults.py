"""Disks that fail, modelled and real."""

import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from chat_server.chat import AnyRecord
from chat_server.journal import commit_line
from chat_server.room import AnyRoomRecord, Room
from chat_server.store import DiskFailed, LocalDisk, Store, ballast
from chat_server.store.disk import File, write_all
from chat_server.store.layout import RESERVE, RESERVE_TEMPORARY, SNAPSHOT, TEMPORARY, segment_name
from tests.chat_server.modelled_disk import ModelledDisk, open_inline
from tests.chat_server.stores import OPENED, messages, modes, opened, posted, state_of, writer


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
            records: list[AnyRoomRecord] = [*([] if room.revision else [OPENED]), posted(room.last_id + 1)]
            await store.commit(records)
            for record in records:
                room.apply(record)
            await store.snapshot(state_of(room))

    async with opened(directory, disk) as store:
        disk.armed = True
        with pytest.raises(DiskFailed, match=rf"{name}: Input/output error \(EIO\)") as first:
            await live()
        disk.armed = False
        with pytest.raises(DiskFailed) as later:
            await store.commit([posted(9)])
        assert str(first.value) == str(later.value)
        with pytest.raises(DiskFailed):
            await store.snapshot(state_of(room))
    assert await messages(directory) == list(range(1, room.last_id + 1))


async def test_a_snapshot_that_reads_back_differently_is_not_taken(tmp_path: Path) -> None:
    class Forgetful(LocalDisk):
        def blocks(self, path: Path) -> Iterator[bytes]:
            for block in super().blocks(path):
                yield block[:-9] if path.name == TEMPORARY and (path.parent / SNAPSHOT).exists() else block

    async with opened(tmp_path, Forgetful()) as store:
        await store.commit([OPENED])
        with pytest.raises(DiskFailed, match="reads back differently"):
            await store.snapshot(state_of())
    assert TEMPORARY not in modes(tmp_path)
    async with opened(tmp_path) as store:
        assert list(store.chat.rooms) == ["general"]


def full(disk: ModelledDisk, space: int = 0) -> ModelledDisk:
    """Let so much space be left."""
    disk.space = space
    return disk


def commit(store: Store, *records: AnyRecord) -> None:
    store._guarded(store._appender.append, records)


def is_full(store: Store) -> bool:
    return store.full


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> ModelledDisk:
    """An empty one, for stores with a small ballast."""
    monkeypatch.setattr(ballast, "RESERVE_BYTES", 2_000)
    return ModelledDisk(Random(0))


@pytest.mark.parametrize("space", [0, 40])
def test_a_commit_that_finds_the_disk_full_takes_the_ballasts_place(disk: ModelledDisk, space: int) -> None:
    store = open_inline(disk)
    commit(store, OPENED)
    assert not is_full(store)
    full(disk, space)
    commit(store, posted(1))
    assert is_full(store)
    assert not {RESERVE, RESERVE_TEMPORARY} & {*disk.names_now, *disk.names_durable}
    disk.lose_power()
    again = open_inline(disk)
    assert (again.chat.rooms["general"].last_id, again.warnings, again.full) == (1, [], False)


def test_a_commit_that_fits_leaves_the_ballast(disk: ModelledDisk) -> None:
    store = open_inline(disk)
    full(disk, len(commit_line(1, 0, [OPENED])))
    commit(store, OPENED)
    assert disk.space == 0
    assert not is_full(store)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_users_share_that_is_used_up_is_a_full_disk(
    disk: ModelledDisk, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    store = open_inline(disk)
    room_for = disk.room_for

    def refuse(length: int) -> int:
        if RESERVE in disk.names_now:
            raise OSError(number, os.strerror(number))
        return room_for(length)

    monkeypatch.setattr(disk, "room_for", refuse)
    commit(store, OPENED)
    assert is_full(store)


def test_without_a_ballast_a_full_disk_ends_it_and_leaves_no_torn_line(disk: ModelledDisk) -> None:
    store = open_inline(disk)
    commit(store, OPENED)
    full(disk)
    commit(store, posted(1))
    whole = bytes(disk.names_now[segment_name(1)].content)
    full(disk, 40)
    with pytest.raises(DiskFailed, match=r"No space left on device \(ENOSPC\)"):
        commit(store, posted(2))
    assert disk.names_now[segment_name(1)].content == whole
    disk.come_back()
    with pytest.raises(DiskFailed):
        commit(store, posted(2))
    assert open_inline(disk).warnings == []


def test_a_commit_larger_than_the_ballast_ends_it(disk: ModelledDisk) -> None:
    store = open_inline(disk)
    commit(store, OPENED)
    full(disk)
    with pytest.raises(DiskFailed, match="ENOSPC"):
        commit(store, posted(1, "x" * 2_000))
    disk.come_back()
    assert open_inline(disk).chat.rooms["general"].last_id == 0


def test_the_ballast_is_made_again_once_there_is_space_for_all_of_it(disk: ModelledDisk) -> None:
    store = open_inline(disk)
    full(disk)
    commit(store, OPENED)
    for space in (0, 1_000, 1_999):
        full(disk, space)
        assert not store._guarded(store._appender.ballast.make)
        assert is_full(store)
        assert disk.space == space
        assert not {RESERVE, RESERVE_TEMPORARY} & set(disk.names_now)
    full(disk, 2_000)
    assert store._guarded(store._appender.ballast.make)
    assert not is_full(store)
    assert store._guarded(store._appender.ballast.make)
    disk.space = 0
    commit(store, posted(1))
    assert is_full(store)


def test_a_ballast_whose_fsync_fails_ends_it(disk: ModelledDisk) -> None:
    store = open_inline(disk)
    full(disk)
    commit(store, OPENED)
    disk.come_back()
    disk.failing = True
    with pytest.raises(DiskFailed, match="EIO"):
        store._guarded(store._appender.ballast.make)


def test_a_start_on_a_full_disk_is_full_and_says_so(disk: ModelledDisk) -> None:
    store = open_inline(disk)
    commit(store, OPENED)
    disk.remove(Path(RESERVE))
    full(disk)
    again = open_inline(disk)
    assert is_full(again)
    assert [each.partition(":")[0] for each in again.warnings] == ["The disk is full"]
    assert list(again.chat.rooms) == ["general"]


def test_a_start_on_a_full_disk_finds_the_ballast_of_the_last_run(disk: ModelledDisk) -> None:
    open_inline(disk)
    full(disk)
    store = open_inline(disk)
    assert (store.full, store.warnings) == (False, [])
    commit(store, OPENED)


def test_a_ballast_that_is_too_small_is_made_anew(disk: ModelledDisk) -> None:
    open_inline(disk)
    disk.put(RESERVE, b"x" * 1_999)
    assert not open_inline(disk).full
    assert len(disk.names_now[RESERVE].content) == 2_000


def test_a_torn_end_that_cannot_be_kept_on_a_full_disk_is_a_sentence(disk: ModelledDisk) -> None:
    open_inline(disk)
    disk.put(segment_name(1), b"torn")
    full(disk)
    with pytest.raises(DiskFailed, match="Free some space"):
        open_inline(disk)
    assert disk.names_now[segment_name(1)].content == b"torn"


def fail_with_no_space(disk: ModelledDisk, monkeypatch: pytest.MonkeyPatch, method: str, name: str) -> None:
    """Have an operation on one name find no space."""
    act = getattr(disk, method)

    def refuse(path: Path, *args: Path) -> object:
        if path.name == name:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return act(path, *args)

    monkeypatch.setattr(disk, method, refuse)


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("create", segment_name(2)),
        ("overwrite", TEMPORARY),
        ("replace", SNAPSHOT),
        ("replace", TEMPORARY),
    ],
)
async def test_a_snapshot_that_finds_no_space_is_given_up_and_made_later(
    disk: ModelledDisk, method: str, name: str
) -> None:
    store, room = open_inline(disk), Room("general")
    await store.commit([OPENED])
    room.apply(OPENED)
    with pytest.MonkeyPatch.context() as patch:
        fail_with_no_space(disk, patch, method, name)
        assert not await store.snapshot(state_of(room))
    assert store.commits_since_snapshot == 1
    assert TEMPORARY not in disk.names_now
    await store.commit([posted(1)])
    room.apply(posted(1))
    assert open_inline(disk.copy()).chat.rooms["general"].last_id == 1
    assert await store.snapshot(state_of(room))
    assert store.commits_since_snapshot == 0
    await store.commit([posted(2)])
    disk.lose_power()
    assert open_inline(disk).chat.rooms["general"].last_id == 2


async def test_a_snapshot_half_written_is_taken_back(disk: ModelledDisk) -> None:
    store = open_inline(disk)
    await store.commit([OPENED])
    full(disk, 50)
    assert not await store.snapshot(state_of(Room("general")))
    assert disk.space == 50
    assert not is_full(store)


async def test_a_journal_file_that_cannot_be_removed_for_lack_of_space_goes_with_the_next(
    disk: ModelledDisk,
) -> None:
    store, room = open_inline(disk), Room("general")
    for record in (OPENED, posted(1), posted(2)):
        await store.commit([record])
        room.apply(record)
        with pytest.MonkeyPatch.context() as patch:
            fail_with_no_space(disk, patch, "remove", segment_name(1))
            assert await store.snapshot(state_of(room))
    assert segment_name(1) in disk.names_now
    await store.commit([posted(3)])
    room.apply(posted(3))
    assert await store.snapshot(state_of(room))
    assert segment_name(1) not in disk.names_now


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
        assert [str(each.id) for each in store.chat.rooms["general"].messages] == acknowledged
