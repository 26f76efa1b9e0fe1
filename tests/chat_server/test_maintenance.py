"""`chat-server check`, `backup` and `restore`: what they say, what they leave alone, what they leave behind."""

import asyncio
import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import click
import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from chat_server import maintenance
from chat_server.chat import Chat, ChatState
from chat_server.cli import main
from chat_server.people import PeopleState, Person
from chat_server.room import Room
from chat_server.snapshot import parse_snapshot, snapshot_chunks
from chat_server.store import LocalDisk, StorageError, Store, restore
from chat_server.store.backup import write_backup
from chat_server.store.checking import check
from chat_server.store.disk import File
from chat_server.store.explaining import explained
from chat_server.store.layout import LOCK, PREVIOUS, RESERVE, SNAPSHOT, segment_name
from chat_server.store.observing import TRIES_MAX, observe, settled
from chat_server.store.publishing import publish_file
from chat_server.store.recovery import recover
from tests.chat_server.chats import apply, build, life, truths, values
from tests.chat_server.stores import contents
from tests.chat_server.test_snapshot import resealed

CHAPTERS = (4, 3, 4)
LAST = segment_name(8)
TRUTHS = truths(life(11))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Eleven commits with two generations; nobody has it open."""
    build(tmp_path / "data", *CHAPTERS)
    (tmp_path / "data" / LOCK).unlink()
    (tmp_path / "data" / RESERVE).unlink()
    return tmp_path / "data"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def said(*arguments: object) -> str:
    """What a command that succeeds says."""
    done = run(*arguments)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def refused(*arguments: object) -> str:
    """The sentences of a command that fails."""
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ")
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.stderr


def edit(path: Path, old: bytes, new: bytes) -> None:
    text = path.read_bytes()
    assert old in text
    path.write_bytes(text.replace(old, new, 1))


def recovered(directory: Path) -> list[object]:
    return values(recover(LocalDisk(), directory).chat)


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.iterdir())


# check


def test_check_says_how_much_there_is(data: Path) -> None:
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "WHEN", said("check", data))
    text = re.sub(r"(epoch +)[0-9a-f]{16}\n", r"\1EPOCH\n", text)
    sizes = {name: len(content) for name, content in contents(data).items()}
    journal = sizes[segment_name(5)] + sizes[LAST]
    assert text == (
        f"{data} is intact as of commit 11.\n"
        "  format version     3\n"
        "  epoch              EPOCH\n"
        f"  snapshot           generation 3, up to commit 7, WHEN UTC, {sizes[SNAPSHOT]:,} bytes\n"
        f"  previous snapshot  generation 2, up to commit 4, WHEN UTC, {sizes[PREVIOUS]:,} bytes\n"
        f"  journal            2 files, commits 5 to 11, {journal:,} bytes\n"
        "  commits            11\n"
        "  rooms              1\n"
        "  messages           10\n"
        "  members            2\n"
        "  readers            1\n"
        "  advances           2\n"
        f"  bytes              {sum(sizes.values()):,}\n"
    )


def test_check_changes_nothing_and_takes_no_lock(data: Path) -> None:
    with (data / LAST).open("ab") as file:
        file.write(b"half a li")
    before = contents(data)
    said("check", data)
    assert contents(data) == before


async def test_check_and_backup_work_beside_a_server(data: Path, tmp_path: Path) -> None:
    store = Store.open(data)
    try:
        assert "commit 11" in await asyncio.to_thread(said, "check", data)
        await store.commit(life(12)[-1])
        assert "commit 12" in await asyncio.to_thread(said, "check", data)
        await asyncio.to_thread(said, "backup", data, tmp_path / "backup.json")
    finally:
        await store.close()
    assert parse_snapshot((tmp_path / "backup.json").read_bytes()).head.sequence == 12


def test_check_says_that_the_end_is_torn(data: Path) -> None:
    size = (data / LAST).stat().st_size
    with (data / LAST).open("ab") as file:
        file.write(b"half a li")
    text = said("check", data)
    assert f"{LAST} ends with an unfinished write, 9 bytes from byte {size:,} on" in text
    assert "intact as of commit 11" in text


def test_check_says_that_the_previous_generation_makes_up(data: Path) -> None:
    (data / SNAPSHOT).unlink()
    text = said("check", data)
    assert "Note: snapshot.json is missing; snapshot.previous.json and the journal" in text
    assert "intact as of commit 11" in text
    assert "previous snapshot  generation 2" in text


def test_a_time_beyond_the_calendar_is_a_number(data: Path) -> None:
    (data / SNAPSHOT).unlink()
    snapshot = parse_snapshot((data / PREVIOUS).read_bytes())
    head = replace(snapshot.head, written_at=2**53 - 1)
    (data / PREVIOUS).write_bytes(b"".join(snapshot_chunks(head, snapshot.chat)))
    assert "at 9007199254740991 ms" in said("check", data)


def test_check_names_damage_and_what_can_be_kept(data: Path) -> None:
    lines = (data / LAST).read_bytes().splitlines(keepends=True)
    edit(data / LAST, b"message 8", b"message X")
    text = refused("check", data)
    assert f"{data / LAST} is damaged at byte {len(lines[0])}, in commits 9 to 9, which were complete." in text
    assert "`chat-server repair` makes a new directory of all that is intact" in text
    assert "kept               commits 1 to 8, from snapshot.json (up to commit 7): 1 room with 7 messages" in text
    assert "lost               commits 9 to 11; 2 of them can be read in the journal, but not used" in text
    assert "                   messages 8 to 10 of room 'general'" in text
    assert f"unreadable         {LAST}, bytes {len(lines[0])} to {len(lines[0] + lines[1]) - 1}" in text


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (SNAPSHOT, b"message 2", b"message X", "snapshot.json is damaged: its checksum does not fit its bytes."),
        (PREVIOUS, b"message 2", b"message X", "snapshot.previous.json is damaged: its checksum"),
        (PREVIOUS, b"message 2", b"message X", "the server starts without it: move snapshot.previous.json out"),
        (segment_name(5), b"message 5", b"message X", f"{segment_name(5)} is damaged at byte"),
        (segment_name(5), b"message 5", b"message X", "kept               commits 1 to 11"),
    ],
)
def test_check_finds_damage_in_what_a_start_would_not_read(
    data: Path, name: str, old: bytes, new: bytes, expected: str
) -> None:
    edit(data / name, old, new)
    before = contents(data)
    assert expected in refused("check", data)
    assert contents(data) == before


def test_check_holds_both_generations_against_each_other(data: Path, tmp_path: Path) -> None:
    build(tmp_path / "other", *CHAPTERS)
    (data / PREVIOUS).write_bytes((tmp_path / "other" / PREVIOUS).read_bytes())
    assert "snapshot.previous.json is of another history than snapshot.json" in refused("check", data)


def test_check_finds_a_snapshot_that_says_something_else(data: Path) -> None:
    text = (data / SNAPSHOT).read_bytes()
    (data / SNAPSHOT).write_bytes(resealed(text.replace(b"message 2", b"message X")))
    assert "room 'general' is not what snapshot.previous.json and the journal make" in refused("check", data)


def test_check_finds_a_room_that_came_from_nowhere(data: Path) -> None:
    snapshot = parse_snapshot((data / SNAPSHOT).read_bytes())
    rooms = [*snapshot.chat.rooms, Room("ghosts").freeze()]
    chat = ChatState(snapshot.chat.people, rooms)
    (data / SNAPSHOT).write_bytes(b"".join(snapshot_chunks(snapshot.head, chat)))
    assert "room 'ghosts' is not what snapshot.previous.json and the journal make" in refused("check", data)


def test_check_finds_people_who_came_from_nowhere(data: Path) -> None:
    snapshot = parse_snapshot((data / SNAPSHOT).read_bytes())
    persons = {**snapshot.chat.people.persons, "ann": Person(since=1, keys=("mallory's",), admin=True)}
    people = PeopleState(snapshot.chat.people.seed, persons, snapshot.chat.people.invitations)
    forged = ChatState(people, snapshot.chat.rooms)
    (data / SNAPSHOT).write_bytes(b"".join(snapshot_chunks(snapshot.head, forged)))
    assert "its people are not what snapshot.previous.json and the journal make of them" in refused("check", data)


def test_check_finds_what_is_missing_between_the_generations(data: Path) -> None:
    (data / segment_name(5)).unlink()
    text = refused("check", data)
    assert "Commits 5 to 7 are missing between snapshot.previous.json and snapshot.json" in text
    assert "Nothing is missing, and the server starts without it" in text


def test_check_says_that_it_is_another_version(data: Path) -> None:
    edit(data / SNAPSHOT, b'"version":3', b'"version":4')
    text = (data / SNAPSHOT).read_bytes()
    (data / SNAPSHOT).write_bytes(resealed(text))
    assert "it has format version 4; this program reads version 3" in refused("check", data)


def test_what_is_no_chat_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    for command in (["check"], ["backup"], ["export"], ["repair"]):
        target = [] if command[0] == "check" else [tmp_path / "target"]
        assert "No such file or directory" in refused(*command, tmp_path / "missing", *target)
        assert "is not a directory" in refused(*command, tmp_path / "file", *target)
        assert "holds no chat" in refused(*command, tmp_path / "empty", *target)
    assert left(tmp_path) == ["empty", "file"]


# Files that change under the eyes


class Restless(LocalDisk):
    """A disk on which something happens before a file is read."""

    def __init__(self, *happenings: Callable[[], None]) -> None:
        self.happenings = list(happenings)

    def blocks(self, path: Path) -> Iterator[bytes]:
        if self.happenings:
            self.happenings.pop(0)()
        return super().blocks(path)


def test_a_rotation_while_it_is_read_is_waited_out(data: Path) -> None:
    def rotate() -> None:
        """Two snapshots, after which the journal that was listed is gone."""

        async def live() -> None:
            store = Store.open(data)
            for commit in life(13)[11:]:
                await store.commit(commit)
                apply(store.chat, commit)
                await store.snapshot(store.chat.freeze())
            await store.close()

        asyncio.run(live())

    checked = check(Restless(lambda: None, rotate), data)
    assert checked.recovered.sequence == 13
    assert values(checked.recovered.chat) == truths(life(13))[-1]


def test_damage_that_stays_counts_and_damage_that_moves_does_not(data: Path) -> None:
    text = (data / LAST).read_bytes()

    def spoil() -> None:
        (data / LAST).write_bytes(text.replace(b"message 8", b"message X"))

    def mend() -> None:
        (data / LAST).write_bytes(text)

    assert observe(Restless(spoil, mend), data).sequence == 11
    looks = iter(range(100))

    def look() -> None:
        raise FileNotFoundError(str(next(looks)))

    with pytest.raises(FileNotFoundError):
        settled(look)
    assert next(looks) == TRIES_MAX


async def test_whoever_looks_at_a_busy_server_sees_a_beginning_of_the_truth(data: Path, tmp_path: Path) -> None:
    commits = life(3_000)
    told = truths(commits)
    looks = asyncio.create_task(asyncio.to_thread(_look_often, data, tmp_path / "backup.json"))
    store = Store.open(data)
    for at, commit in enumerate(commits[11:], 12):
        await store.commit(commit)
        apply(store.chat, commit)
        if at % 7 == 0:
            await store.snapshot(store.chat.freeze())
        if looks.done():
            break
    seen = await looks
    await store.close()
    assert [at for at, _ in seen] == sorted(at for at, _ in seen)
    assert len({at for at, _ in seen}) > 1
    assert all(found == told[at] for at, found in seen)


def _look_often(directory: Path, file: Path) -> list[tuple[int, list[object]]]:
    seen = []
    for _ in range(15):
        checked = check(LocalDisk(), directory).recovered
        seen.append((checked.sequence, values(checked.chat)))
        write_backup(observe(LocalDisk(), directory), file)
        snapshot = parse_snapshot(file.read_bytes())
        seen.append((snapshot.head.sequence, values(Chat.thaw(snapshot.chat))))
    return seen


# backup and restore


def test_a_backup_is_restored_as_it_was_under_another_epoch(data: Path, tmp_path: Path) -> None:
    file, new = tmp_path / "backup.json", tmp_path / "new"
    text = said("backup", data, file)
    assert text == (
        f"Backed up 1 room with 10 messages as of commit 11 to {file}, {file.stat().st_size:,} bytes.\n"
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = said("restore", file, new)
    assert text.startswith(f"Restored 1 room with 10 messages to {new}, under the new epoch ")
    assert recovered(new) == TRUTHS[11]
    assert recover(LocalDisk(), new).head.epoch != recover(LocalDisk(), data).head.epoch
    assert left(tmp_path) == ["backup.json", "data", "new"]
    assert "intact" in said("check", new)


def test_a_snapshot_is_restored_like_a_backup(data: Path, tmp_path: Path) -> None:
    said("restore", data / SNAPSHOT, tmp_path / "new")
    assert recovered(tmp_path / "new") == TRUTHS[7]


def test_a_backup_replaces_a_file_only_when_forced(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.json"
    file.write_text("precious")
    assert "is there already" in refused("backup", data, file)
    assert file.read_text() == "precious"
    said("backup", data, file, "--force")
    assert parse_snapshot(file.read_bytes()).head.sequence == 11


def test_a_backup_never_goes_where_it_does_harm(data: Path, tmp_path: Path) -> None:
    before = contents(data)
    assert "among the server's own files" in refused("backup", data, data / SNAPSHOT, "--force")
    assert "is no file" in refused("backup", data, tmp_path, "--force")
    assert "is not a directory" in refused("backup", data, tmp_path / "missing" / "file")
    assert contents(data) == before
    assert left(tmp_path) == ["data"]


def test_an_unfinished_write_is_not_backed_up(data: Path, tmp_path: Path) -> None:
    with (data / LAST).open("ab") as file:
        file.write(b"half a li")
    said("backup", data, tmp_path / "backup.json")
    said("restore", tmp_path / "backup.json", tmp_path / "new")
    assert recovered(tmp_path / "new") == TRUTHS[11]


def test_what_is_damaged_is_not_backed_up(data: Path, tmp_path: Path) -> None:
    edit(data / LAST, b"message 8", b"message X")
    assert "is damaged at byte" in refused("backup", data, tmp_path / "backup.json")
    assert left(tmp_path) == ["data"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_that_may_not_be_written_is_said(data: Path, tmp_path: Path) -> None:
    (tmp_path / "sealed").mkdir(0o500)
    assert "may not be read or written" in refused("backup", data, tmp_path / "sealed" / "backup.json")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOENT, "No such file or directory: the/file. Check the path."),
        (errno.EEXIST, "the/file is there already. Choose another path."),
        (errno.ENOTDIR, "the/file is not a directory. Check the path."),
        (errno.EISDIR, "the/file is a directory. Name a file."),
        (errno.EACCES, "the/file may not be read or written by this user: Permission denied. Change its owner"),
        (errno.EROFS, "the/file may not be read or written by this user: Read-only file system."),
        (errno.ENOSPC, "There is no space left for the/file. Nothing was left behind: free some space"),
        (errno.EIO, "the/file cannot be used: file: Input/output error (EIO). Mend the disk, or"),
    ],
)
def test_what_the_system_refuses_is_a_sentence_with_what_to_do(number: int, expected: str) -> None:
    with pytest.raises(StorageError) as caught, explained(Path("else")):
        raise OSError(number, os.strerror(number), "the/file")
    assert str(caught.value).startswith(expected)
    with pytest.raises(StorageError, match="else"), explained(Path("else")):
        raise OSError(number, os.strerror(number))


def test_many_pieces_become_few_writes(tmp_path: Path) -> None:
    pieces = [b"x" * 1000] * 300
    told: list[int] = []
    assert publish_file(LocalDisk(), tmp_path / "file", pieces, tell=told.append) == 300_000
    assert (tmp_path / "file").read_bytes() == b"x" * 300_000
    assert len(told) == 5


class Interrupted(LocalDisk):
    """A disk on which Ctrl+C comes at the nth operation that writes."""

    def __init__(self, after: int) -> None:
        self.left = after

    def _count(self) -> None:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1

    def create(self, path: Path) -> File:
        self._count()
        return super().create(path)

    def overwrite(self, path: Path) -> File:
        self._count()
        return super().overwrite(path)

    def replace(self, source: Path, target: Path) -> None:
        self._count()
        super().replace(source, target)

    def sync_directory(self, directory: Path) -> None:
        super().sync_directory(directory)
        if directory.name == "new":
            self._count()


@pytest.mark.parametrize("exists", [False, True])
def test_an_interrupted_restore_leaves_nothing_or_all(data: Path, tmp_path: Path, *, exists: bool) -> None:
    new = tmp_path / "new"
    for after in range(20):
        if exists:
            new.mkdir(exist_ok=True)
        try:
            restore(data / SNAPSHOT, new, disk=Interrupted(after))
        except KeyboardInterrupt:
            assert set(contents(new)) <= {LOCK} if exists else not new.exists()
        else:
            assert after > 3
            break
    assert recovered(new) == TRUTHS[7]


def test_an_interrupted_backup_leaves_nothing_or_all(data: Path, tmp_path: Path) -> None:
    for after in range(3):
        try:
            write_backup(recover(LocalDisk(), data), tmp_path / "backup.json", disk=Interrupted(after))
        except KeyboardInterrupt:
            assert left(tmp_path) == ["data"]
    assert left(tmp_path) == ["backup.json", "data"]


def test_a_disk_that_fails_is_said_with_the_name_that_was_given(data: Path, tmp_path: Path) -> None:
    class Forgetful(LocalDisk):
        def blocks(self, path: Path) -> Iterator[bytes]:
            for block in super().blocks(path):
                yield block[:-9]

    with pytest.raises(StorageError, match=r"backup\.json cannot be used: .*reads back differently"):
        write_backup(recover(LocalDisk(), data), tmp_path / "backup.json", disk=Forgetful())
    assert left(tmp_path) == ["data"]


def test_a_restore_goes_into_an_empty_directory_only(data: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    (new / "notes.txt").write_text("mine")
    assert "is not empty, notes.txt is in it" in refused("restore", data / SNAPSHOT, new)
    assert contents(new) == {"notes.txt": b"mine"}
    assert "holds a chat already" in refused("restore", data / SNAPSHOT, data)
    assert "is not a directory" in refused("restore", data / SNAPSHOT, new / "notes.txt")


def test_a_damaged_backup_restores_nothing(data: Path, tmp_path: Path) -> None:
    edit(data / SNAPSHOT, b"message 2", b"message X")
    text = refused("restore", data / SNAPSHOT, tmp_path / "new")
    assert "is damaged: its checksum does not fit its bytes. Nothing was changed. Take another backup" in text
    assert "No such file or directory" in refused("restore", tmp_path / "missing.json", tmp_path / "new")
    assert left(tmp_path) == ["data"]


# The command line


def test_long_work_shows_how_far_it_is_to_a_terminal_alone(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[str, int, int]] = []

    class Bar:
        def __init__(self, *, length: int, label: str, **_: object) -> None:
            self.length, self.label, self.done = length, label, 0

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            shown.append((self.label, self.done, self.length))

        def update(self, more: int) -> None:
            self.done += more

    monkeypatch.setattr(click, "progressbar", Bar)
    monkeypatch.setattr(maintenance, "LONG_BYTES", 1)
    monkeypatch.setattr(maintenance, "LONG_LINES", 1)
    said("check", data)
    assert shown == []
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)
    said("check", data)
    said("export", data, tmp_path / "export.jsonl")
    said("import", tmp_path / "export.jsonl", tmp_path / "new")
    assert [label for label, _, _ in shown] == ["Reading", "Reading", "Writing", "Reading"]
    assert all(done > 0 for _, done, _ in shown)
    _, done, length = shown[-1]
    assert length <= done


@pytest.mark.parametrize("command", [command.name for command in maintenance.COMMANDS])
def test_each_help_says_what_it_does_in_whole_sentences(command: str) -> None:
    text = said(command, "--help")
    assert len(text.splitlines()) < 25
    assert "DIR" in text
    assert command in said("--help")
