"""A store on real files: its life, the ways in, and backups."""

import asyncio
import os
from pathlib import Path
from random import Random
from threading import Event

import pytest

from chat_server.room import AnyRoomRecord, Room
from chat_server.snapshot import parse_snapshot
from chat_server.store import Damaged, DiskFailed, LocalDisk, StorageError, Store, Unwritable, restore
from chat_server.store.founding import begin
from chat_server.store.layout import LOCK, PREVIOUS, RESERVE, SNAPSHOT, segment_name
from tests.chat_server.modelled_disk import ModelledDisk, open_inline
from tests.chat_server.stores import OPENED, contents, fill, messages, modes, opened, posted, state_of

# Life


async def test_a_commit_is_there_after_reopening(tmp_path: Path) -> None:
    await fill(tmp_path / "a" / "b", 3)
    assert await messages(tmp_path / "a" / "b") == [1, 2, 3]


async def test_a_commit_of_nothing_writes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.commit([])
        assert store.commits_since_snapshot == 0
    assert contents(tmp_path)[segment_name(1)] == b""


async def test_files_are_for_this_user_alone(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    before = os.umask(0)
    try:
        async with opened(directory) as store:
            await store.commit([OPENED])
            await store.snapshot(state_of(Room("general")))
            assert store.warnings == []
    finally:
        os.umask(before)
    assert modes(tmp_path) == {"data": 0o700}
    assert set(modes(directory).values()) == {0o600}
    assert set(modes(directory)) == {LOCK, RESERVE, SNAPSHOT, PREVIOUS, segment_name(1), segment_name(2)}


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A directory that a group can write to."""
    tmp_path.chmod(0o770)
    return tmp_path


async def test_a_directory_that_others_can_write_to_is_warned_of(shared: Path) -> None:
    async with opened(shared) as store:
        assert store.warnings == [f"Other users of this machine can write to {shared}: chmod 700 it."]


async def test_commits_go_on_beside_a_snapshot_and_are_not_in_it(tmp_path: Path) -> None:
    room = Room("general")
    records: list[AnyRoomRecord] = [OPENED, *(posted(at, "x" * 500) for at in range(1, 2_001))]
    for record in records:
        room.apply(record)
    async with opened(tmp_path) as store:
        await store.commit(records)
        assert store.commits_since_snapshot == 1
        sealed = store.seal(state_of(room))
        assert store.commits_since_snapshot == 0
        async with asyncio.TaskGroup() as group:
            group.create_task(store.write(sealed))
            for at in range(2_001, 2_051):
                await store.commit([posted(at)])
        assert store.commits_since_snapshot == 50
    snapshot = parse_snapshot((tmp_path / SNAPSHOT).read_bytes())
    assert (snapshot.head.sequence, len(snapshot.chat.rooms[0].messages)) == (1, 2_000)
    async with opened(tmp_path) as store:
        assert store.chat.rooms["general"].last_id == 2_050
        assert store.commits_since_snapshot == 50


async def test_sealing_while_a_commit_is_under_way_is_our_bug(tmp_path: Path) -> None:
    let_go = Event()
    async with opened(tmp_path) as store:
        store._commits.submit(let_go.wait)
        commit = asyncio.ensure_future(store.commit([OPENED]))
        while store._newest is None:
            await asyncio.wait({commit}, timeout=0)
        with pytest.raises(AssertionError):
            store.seal(state_of())
        let_go.set()
        await commit
        await store.snapshot(state_of())


async def test_a_second_close_does_nothing(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    await store.close()
    await store.close()


# Where no store can be


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(Unwritable, match="is not a directory"):
            Store.open(path)


def test_a_file_of_the_store_that_is_a_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / SNAPSHOT).mkdir()
    with pytest.raises(DiskFailed, match="Is a directory"):
        Store.open(tmp_path)


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(30, "Read-only file system")])
@pytest.mark.parametrize("method", ["make_directory", "lock", "names"])
def test_what_may_not_be_written_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, method: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    disk = LocalDisk()
    monkeypatch.setattr(disk, method, fail)
    with pytest.raises(Unwritable, match="cannot be read and written by this user"):
        Store.open(tmp_path, disk=disk)


# Backups


async def test_a_snapshot_alone_makes_the_chat_anew_under_another_epoch(tmp_path: Path) -> None:
    room = Room("general")
    for record in (OPENED, posted(1), posted(2)):
        room.apply(record)
    async with opened(tmp_path / "old") as store:
        await store.commit([OPENED, posted(1), posted(2)])
        await store.snapshot(state_of(room))
        epoch = store.epoch
    restore(tmp_path / "old" / SNAPSHOT, tmp_path / "new")
    async with opened(tmp_path / "new") as store:
        assert [*store.chat.rooms["general"].messages] == [*room.messages]
        assert store.epoch != epoch
        await store.commit([posted(3)])
    assert await messages(tmp_path / "new") == [1, 2, 3]
    with pytest.raises(StorageError, match="holds a chat already"):
        restore(tmp_path / "old" / SNAPSHOT, tmp_path / "new")


def test_a_backup_that_is_none_restores_nothing(tmp_path: Path) -> None:
    with pytest.raises(DiskFailed, match="No such file"):
        restore(tmp_path / "missing.json", tmp_path / "new")
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(Damaged):
        restore(tmp_path / "bad.json", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_restore_that_does_not_fit_can_be_begun_again(tmp_path: Path) -> None:
    disk = ModelledDisk(Random(0))
    disk.space = 100
    with pytest.raises(DiskFailed, match="There is no space left"):
        begin(disk, tmp_path, state_of())
    disk.come_back()
    begin(disk, tmp_path, state_of())
    assert open_inline(disk).chat.rooms == {}
