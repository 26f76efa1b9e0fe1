"""`chat-server repair`: what is kept, what is said to be lost, and that the damaged directory stays as it is."""

from pathlib import Path

import pytest

from chat_server.journal import commit_line, read_commits
from chat_server.room import Posted
from chat_server.store import LocalDisk, Store
from chat_server.store.layout import LOCK, PREVIOUS, RESERVE, SNAPSHOT, segment_name
from chat_server.store.recovery import recover
from tests.chat_server.chats import build, files_of, life, truths, values
from tests.chat_server.stores import contents
from tests.chat_server.test_journal import sealed
from tests.chat_server.test_maintenance import edit, refused, said
from tests.chat_server.test_snapshot import resealed

MIDDLE, LAST = segment_name(5), segment_name(8)
TRUTHS = truths(life(11))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Commits 1 to 4 in the previous snapshot, up to 7 in a journal file and the snapshot, up to 11 in another."""
    directory = tmp_path / "data"
    directory.mkdir()
    for name, text in files_of(4, 3, 4).items():
        (directory / name).write_bytes(text)
    return directory


def repaired(data: Path, kept: int) -> list[str]:
    """What a repair says, in lines, once it is sure that so many commits are kept and DIR is as it was."""
    before = contents(data)
    new = data.parent / "new"
    text = said("repair", data, new)
    assert contents(data) == before
    assert values(recover(LocalDisk(), new).chat) == TRUTHS[kept]
    assert recover(LocalDisk(), new).head.epoch not in str(before)
    return [" ".join(line.split()) for line in text.splitlines()[1:]]


def spoil(path: Path, *numbers: int) -> None:
    """Damage these lines, counted from 0, in a way that shows in their checksum alone."""
    lines = path.read_bytes().splitlines(keepends=True)
    for number in numbers:
        lines[number] = lines[number].replace(b"message", b"massage")
    path.write_bytes(b"".join(lines))


def places(path: Path, *numbers: int) -> list[str]:
    """How the bytes of these lines are named."""
    lines = path.read_bytes().splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in numbers]
    return [
        f"{path.name}, bytes {start:,} to {start + len(lines[number]) - 1:,}"
        for start, number in zip(starts, numbers, strict=True)
    ]


def test_nothing_is_lost_where_nothing_is_damaged(data: Path) -> None:
    assert repaired(data, 11) == [
        "kept commits 1 to 11, from snapshot.json (up to commit 7): 1 room with 10 messages",
        "lost nothing known of",
    ]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_follows_a_gap_is_lost_and_named(data: Path, number: int) -> None:
    spoil(data / LAST, number)
    kept = 7 + number
    assert repaired(data, kept) == [
        f"kept commits 1 to {kept}, from snapshot.json (up to commit 7): 1 room with {kept - 1} messages",
        f"lost commits {kept + 1} to 11; {3 - number} of them can be read in the journal, but not used",
        f"messages {kept} to 10 of room 'general'",
        *(["1 receipt in the commits that can be read"] if number < 3 else []),
        f"unreadable {places(data / LAST, number)[0]}",
    ]


def test_a_damaged_end_is_named_by_its_bytes(data: Path) -> None:
    spoil(data / LAST, 3)
    assert repaired(data, 10)[1:] == ["lost nothing known of", f"unreadable {places(data / LAST, 3)[0]}"]


def test_the_last_commits_are_known_to_be_lost_by_what_a_torn_line_after_them_says(data: Path) -> None:
    spoil(data / LAST, 2)
    text = (data / LAST).read_bytes()
    (data / LAST).write_bytes(text[: text.rindex(b"\n", 0, -1) + 1] + commit_line(14, 13, life(15)[14]))
    lines = repaired(data, 9)
    assert lines[1] == "lost commits 10 to 14; 1 of them can be read in the journal, but not used"
    assert lines[2] == "messages 9 to 14 of room 'general'"


def test_the_previous_snapshot_and_its_longer_journal_make_up(data: Path) -> None:
    edit(data / SNAPSHOT, b"message 2", b"message X")
    assert repaired(data, 11) == [
        "kept commits 1 to 11, from snapshot.previous.json (up to commit 4): 1 room with 10 messages",
        "lost nothing known of",
        f"not used {data / SNAPSHOT} is damaged: its checksum does not fit its bytes. It was left out.",
    ]


def test_damage_in_what_the_snapshot_covers_costs_nothing(data: Path) -> None:
    spoil(data / MIDDLE, 1)
    edit(data / PREVIOUS, b"message 2", b"message X")
    lines = repaired(data, 11)
    assert lines[1] == "lost nothing known of"
    assert lines[3] == f"unreadable {places(data / MIDDLE, 1)[0]}"


def test_damage_everywhere_leaves_what_it_leaves(data: Path) -> None:
    edit(data / SNAPSHOT, b"message 2", b"message X")
    spoil(data / MIDDLE, 1)
    spoil(data / LAST, 0, 3)
    lines = repaired(data, 5)
    assert "lost commits 6 to 10; 3 of them can be read in the journal, but not used" in lines
    assert "messages 5 to 9 of room 'general'" in lines
    assert lines[-2:] == places(data / LAST, 0, 3)


def test_a_missing_file_is_a_gap(data: Path) -> None:
    (data / LAST).unlink()
    assert repaired(data, 7)[1] == "lost nothing known of"


def test_a_missing_file_between_two_is_known_by_the_later_one(data: Path) -> None:
    (data / SNAPSHOT).unlink()
    (data / MIDDLE).unlink()
    assert repaired(data, 4)[1] == "lost commits 5 to 11; 4 of them can be read in the journal, but not used"


def test_an_empty_last_file_tells_what_was_before_it(data: Path) -> None:
    (data / LAST).write_bytes(b"")
    (data / segment_name(12)).write_bytes(b"")
    assert repaired(data, 7)[1] == "lost commits 8 to 11; none readable"


def test_the_journal_alone_is_enough_where_it_begins_at_the_beginning(data: Path) -> None:
    for name in contents(data):
        (data / name).unlink()
    (data / segment_name(1)).write_bytes(
        b"".join(commit_line(at, at - 1, each) for at, each in enumerate(life(11), 1))
    )
    assert "has journal files and no snapshot.json" in refused("check", data)
    assert repaired(data, 11)[0] == "kept commits 1 to 11, from the journal alone: 1 room with 10 messages"


def test_a_commit_that_does_not_follow_ends_it(data: Path) -> None:
    lines = (data / LAST).read_bytes().splitlines(keepends=True)
    [(_, ninth)] = read_commits(lines[1])
    wrong = commit_line(9, 8, [*ninth.records, *ninth.records])
    (data / LAST).write_bytes(lines[0] + wrong + lines[2] + lines[3])
    assert isinstance(ninth.records[0], Posted)
    assert "in commit 9, which does not follow from the rest" in refused("check", data)
    lines = [" ".join(line.split()).encode() for line in said("repair", data, data.parent / "new").splitlines()]
    assert lines[1].startswith(b"kept commits 1 to 8")
    assert lines[2] == b"lost commits 9 to 11; 3 of them can be read in the journal, but not used"
    assert values(recover(LocalDisk(), data.parent / "new").chat) == TRUTHS[8]


def test_a_snapshot_that_contradicts_the_rest_does_not_hide_the_other(data: Path) -> None:
    text = (data / SNAPSHOT).read_bytes()
    (data / SNAPSHOT).write_bytes(resealed(text.replace(b'"id":2', b'"id":3')))
    assert "contradicts itself" in repaired(data, 11)[2]


def test_many_damaged_places_are_counted(data: Path) -> None:
    text = (data / LAST).read_bytes()
    lines = text.splitlines(keepends=True)
    (data / LAST).write_bytes(text + b"".join(b"?" * 5 + b"\n" + lines[3] for _ in range(13)))
    assert repaired(data, 11)[-1] == "and 3 more places"


def test_what_another_version_wrote_is_not_repaired(data: Path) -> None:
    text = (data / LAST).read_bytes()
    (data / LAST).write_bytes(
        text + sealed(b'{"sequence":12,"synced":11,"records":[{"type":"pinned","room":"general"}]}')
    )
    assert f"holds at byte {len(text)} a record of another version" in refused("repair", data, data.parent / "new")
    (data / LAST).write_bytes(text)
    edit(data / SNAPSHOT, b'"version":3', b'"version":4')
    (data / SNAPSHOT).write_bytes(resealed((data / SNAPSHOT).read_bytes()))
    assert "another version" in refused("repair", data, data.parent / "new")
    assert not (data.parent / "new").exists()


def test_where_nothing_is_left_nothing_is_made(data: Path) -> None:
    for name in (SNAPSHOT, PREVIOUS):
        edit(data / name, b"message 2", b"message X")
    text = refused("repair", data, data.parent / "new")
    assert "no snapshot is intact, and commit 1 is not in the journal. Restore a backup" in text
    assert not (data.parent / "new").exists()
    assert text.removeprefix("Error: ").strip() in refused("check", data)


def test_it_never_works_in_place(data: Path) -> None:
    before = contents(data)
    assert "holds a chat already" in refused("repair", data, data)
    assert contents(data) == before


def test_a_server_goes_on_with_what_was_repaired(tmp_path: Path) -> None:
    build(tmp_path / "data", 5)
    (tmp_path / "data" / LOCK).unlink()
    (tmp_path / "data" / RESERVE).unlink()
    spoil(tmp_path / "data" / segment_name(1), 3)
    said("repair", tmp_path / "data", tmp_path / "new")
    store = Store.open(tmp_path / "new")
    assert (store.warnings, store.chat.rooms["general"].last_id) == ([], 2)
    store._close()
