"""What a directory's bytes become: the state they stand for, or a sentence."""

from dataclasses import replace
from random import Random
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server.chat import AnyRecord, Chat
from chat_server.journal import commit_line
from chat_server.people import (
    Banned,
    Bound,
    Founded,
    Invited,
    Removed,
    Renamed,
    Reset,
)
from chat_server.room import Advanced, Departed, Entry, Posted, Room
from chat_server.snapshot import Head, parse_snapshot, snapshot_chunks
from chat_server.store import Damaged, StorageError, Store, WrongVersion
from chat_server.store.layout import PREVIOUS, RESERVE, SNAPSHOT, TEMPORARY, segment_name
from tests.chat_server.chats import values
from tests.chat_server.modelled_disk import ModelledDisk, open_inline
from tests.chat_server.stores import OPENED, posted, state_of


def commit(store: Store, *records: AnyRecord) -> None:
    store._guarded(store._appender.append, records)


def snapshot(store: Store, chat: Chat) -> None:
    store._guarded(store._compact, store.seal(chat.freeze()))


def a_disk(*commits_between_snapshots: int) -> ModelledDisk:
    """A disk after so many commits, a snapshot, so many more, and so on; each but the first posts one message."""
    disk = ModelledDisk(Random(0))
    store, chat = open_inline(disk), Chat()
    for at, count in enumerate(commits_between_snapshots):
        if at:
            snapshot(store, chat)
        for _ in range(count):
            record = posted(chat.rooms["general"].last_id + 1) if chat.rooms else OPENED
            commit(store, record)
            chat.apply(record)
    return disk.copy()


def messages(disk: ModelledDisk) -> list[int]:
    return [each.id for each in open_inline(disk).chat.rooms["general"].messages]


def files(disk: ModelledDisk) -> dict[str, bytes]:
    return {name: bytes(inode.content) for name, inode in disk.names_now.items()}


def edit(disk: ModelledDisk, name: str, old: bytes, new: bytes) -> None:
    text = files(disk)[name]
    assert old in text
    disk.put(name, text.replace(old, new, 1))


def drop(disk: ModelledDisk, *names: str) -> None:
    for name in names:
        del disk.names_now[name], disk.names_durable[name]


def refusal(disk: ModelledDisk, kind: type[StorageError] = Damaged) -> str:
    """The sentence that opening fails with; it changes nothing."""
    before = files(disk)
    with pytest.raises(kind) as caught:
        open_inline(disk)
    assert files(disk) == before
    assert caught.type is kind
    return str(caught.value)


# Recovery equals life


def test_a_new_directory_is_an_empty_chat_with_an_epoch_of_its_own() -> None:
    stores = [open_inline(ModelledDisk(Random(0))) for _ in range(2)]
    assert [values(store.chat) for store in stores] == [values(Chat())] * 2
    assert stores[0].epoch != stores[1].epoch


@pytest.mark.parametrize("counts", [(5,), (5, 0), (5, 3), (5, 3, 2), (5, 0, 0, 4), (1, 1, 1, 1, 1, 1)])
def test_commits_come_back_through_any_number_of_snapshots(counts: tuple[int, ...]) -> None:
    disk = a_disk(*counts)
    epoch = parse_snapshot(files(disk)[SNAPSHOT]).head.epoch
    store = open_inline(disk)
    assert [each.id for each in store.chat.rooms["general"].messages] == list(range(1, sum(counts)))
    assert store.chat.rooms["general"].revision == sum(counts)
    assert store.epoch == epoch
    assert store.commits_since_snapshot == counts[-1]
    assert store.warnings == []


def test_snapshots_leave_two_generations_and_what_the_older_lacks() -> None:
    disk = a_disk(5, 3, 2, 4)
    heads = [parse_snapshot(files(disk)[name]).head for name in (SNAPSHOT, PREVIOUS)]
    assert [(head.generation, head.sequence) for head in heads] == [(4, 10), (3, 8)]
    assert sorted(files(disk)) == [RESERVE, segment_name(9), segment_name(11), SNAPSHOT, PREVIOUS]


def test_the_previous_generation_makes_up_for_a_missing_snapshot() -> None:
    disk = a_disk(5, 3, 2, 4)
    drop(disk, SNAPSHOT)
    store = open_inline(disk)
    assert "snapshot.json is missing" in store.warnings[0]
    assert store.chat.rooms["general"].last_id == 13
    snapshot(store, store.chat)
    assert parse_snapshot(files(disk)[PREVIOUS]).head.sequence == 8
    drop(disk, SNAPSHOT)
    assert messages(disk) == list(range(1, 14))


@pytest.mark.parametrize("leftover", [(1,), (1, 6), (6,)])
def test_leftover_segments_that_a_snapshot_covers_are_ignored(leftover: tuple[int, ...]) -> None:
    disk = a_disk(5, 3, 2, 4)
    for first in leftover:
        disk.put(segment_name(first), b"whatever")
    assert messages(disk) == list(range(1, 14))


def test_other_files_are_ignored() -> None:
    disk = a_disk(3)
    for name in (TEMPORARY, "torn-x", "notes.txt", "journal-1.jsonl", "journal-0000000000000009.jsonl.bak"):
        disk.put(name, b"whatever")
    assert messages(disk) == [1, 2]


# A first start that a crash cut short


@pytest.mark.parametrize("there", [(), (segment_name(1),), (segment_name(1), TEMPORARY), ("LOCK",)])
def test_a_first_start_cut_short_starts_again(there: tuple[str, ...]) -> None:
    disk = ModelledDisk(Random(0))
    for name in there:
        disk.put(name, b"half a snapsh" if name == TEMPORARY else b"")
    assert open_inline(disk).chat.rooms == {}


@pytest.mark.parametrize("name", [segment_name(1), segment_name(7)])
def test_a_journal_without_a_snapshot_is_not_an_empty_chat(name: str) -> None:
    disk = a_disk(3)
    text = files(disk)[segment_name(1)]
    drop(disk, *files(disk))
    disk.put(name, text if name == segment_name(1) else b"")
    assert "has journal files and no snapshot.json" in refusal(disk)


# Torn ends


def test_an_end_torn_at_any_byte_is_set_aside_and_said_once() -> None:
    whole = a_disk(4)
    text = files(whole)[segment_name(1)]
    start = text.rindex(b"\n", 0, -1) + 1
    for cut in range(start + 1, len(text)):
        disk = whole.copy()
        disk.put(segment_name(1), text[:cut])
        [warning] = open_inline(disk).warnings
        name = f"torn-journal-{1:016}-{start}-{crc32(text[start:cut]):08x}"
        assert f"the {cut - start} bytes from byte {start} on" in warning
        assert name in warning
        assert files(disk)[name] == text[start:cut]
        assert files(disk)[segment_name(1)] == text[:start]
        assert open_inline(disk).warnings == []
        assert messages(disk) == [1, 2]


@pytest.mark.parametrize("end", [b"\0" * 500, b"\n", b"\xff\xfe\n\n", b'00000000 {"sequence":5,"synced":4}\n'])
def test_an_end_that_says_nothing_is_torn(end: bytes) -> None:
    disk = a_disk(4)
    disk.put(segment_name(1), files(disk)[segment_name(1)] + end)
    assert messages(disk) == [1, 2, 3]


def test_a_later_line_that_does_not_know_of_the_missing_one_leaves_it_torn() -> None:
    disk = a_disk(4)
    disk.put(segment_name(1), files(disk)[segment_name(1)] + b"?" * 60 + commit_line(6, 4, [posted(5)]))
    assert messages(disk) == [1, 2, 3]


def test_commits_go_on_after_a_torn_end() -> None:
    disk = a_disk(4)
    disk.put(segment_name(1), files(disk)[segment_name(1)] + b"half a li")
    commit(open_inline(disk), posted(4))
    assert messages(disk) == [1, 2, 3, 4]


# Damage


def test_damage_before_a_proven_line_is_named_with_its_place() -> None:
    disk = a_disk(5)
    edit(disk, segment_name(1), b"message 2", b"message X")
    lines = files(disk)[segment_name(1)].splitlines(keepends=True)
    sentence = refusal(disk)
    assert f"{segment_name(1)} is damaged at byte {len(lines[0] + lines[1])}" in sentence
    assert "commits 3 to 3, which were complete" in sentence
    assert "docs/storage.md" in sentence


def test_a_flipped_newline_hides_nothing() -> None:
    disk = a_disk(5)
    text = files(disk)[segment_name(1)]
    at = text.rindex(b"\n", 0, -1)
    disk.put(segment_name(1), text[:at] + b"\x0b" + text[at + 1 :])
    assert "commits 4 to 4" in refusal(disk)


def test_a_sealed_segment_has_no_torn_end() -> None:
    disk = a_disk(5, 3, 2)
    drop(disk, SNAPSHOT)
    lines = files(disk)[segment_name(6)].splitlines(keepends=True)
    disk.put(segment_name(6), b"".join(lines)[:-5])
    assert "in commit 8, which was complete" in refusal(disk)
    disk.put(segment_name(6), b"".join(lines[:-1]))
    assert "Commits 8 to 8 are missing" in refusal(disk)


@pytest.mark.parametrize("sequence", [1, 3, 5, 7])
def test_a_line_out_of_turn_is_damage(sequence: int) -> None:
    disk = a_disk(3)
    disk.put(segment_name(1), files(disk)[segment_name(1)] + commit_line(sequence, 3, [posted(3)]))
    assert f"commit 4; {sequence} stands there" in refusal(disk)


@pytest.mark.parametrize(
    "record",
    [
        OPENED,
        posted(2),
        posted(9),
        Departed(room="general", name="nobody", at=1),
        Advanced(room="general", reader="ann", ranges=((1, 99),), read_at=1),
        Advanced(room="general", reader="ann", ranges=((1, 1),), read_at=10**30),
        Posted(room="elsewhere", entry=Entry(1, "ann", "1", "", 0)),
        Founded(at=1, seed=""),
        Bound(at=1, name="ann", key="k", code="unknown"),
        Reset(at=1, name="nobody"),
        Banned(at=1, name="nobody"),
        Removed(at=1, name="nobody"),
        Renamed(at=1, name="nobody", to="ann"),
        Invited(at=1, digest="d", uses=0, expires_at=2),
    ],
)
def test_a_record_that_cannot_be_is_damage(record: AnyRecord) -> None:
    disk = a_disk(3)
    text = files(disk)[segment_name(1)]
    body = b'{"sequence":4,"synced":3,"records":[%b]}' % _json(record)
    disk.put(segment_name(1), text + b"%08x %b\n" % (crc32(body), body))
    assert f"at byte {len(text)}, in commit 4, which does not follow" in refusal(disk)


def _json(record: AnyRecord) -> bytes:
    if isinstance(record, Advanced) and record.read_at > 2**63:
        return _json(Advanced(room="general", reader="ann", ranges=((1, 1),), read_at=7)).replace(
            b":7}", b":%d}" % record.read_at
        )
    return commit_line(1, 0, [record])[9:-1].split(b'"records":[', 1)[1][:-2]


@pytest.mark.parametrize("before", [b"", b"half a li"])
def test_a_record_of_a_later_version_is_neither_torn_nor_dropped(before: bytes) -> None:
    disk = a_disk(3)
    body = b'{"sequence":4,"synced":3,"records":[{"type":"pinned","room":"general"}]}'
    text = files(disk)[segment_name(1)] + before
    disk.put(segment_name(1), text + b"%08x %b\n" % (crc32(body), body))
    assert f"at byte {len(text)} a record of another version" in refusal(disk, WrongVersion)


@pytest.mark.parametrize("missing", [9, 11])
def test_a_missing_segment_is_named(missing: int) -> None:
    disk = a_disk(5, 3, 2, 4)
    if missing == 9:
        drop(disk, SNAPSHOT)
    drop(disk, segment_name(missing))
    assert f"{segment_name(missing)} is missing" in refusal(disk)


def test_a_missing_segment_between_two_is_named() -> None:
    disk = a_disk(5, 3, 2)
    disk.put(segment_name(14), b"")
    assert "Commits 11 to 13 are missing" in refusal(disk)


# Snapshots


def test_a_damaged_snapshot_is_never_an_empty_chat() -> None:
    disk = a_disk(5, 3, 2)
    edit(disk, SNAPSHOT, b"message 2", b"message X")
    assert "snapshot.json is damaged: its checksum does not fit" in refusal(disk)
    disk.put("snapshot.damaged.json", files(disk)[SNAPSHOT])
    drop(disk, SNAPSHOT)
    assert messages(disk) == list(range(1, 10))


def test_an_empty_snapshot_is_damaged() -> None:
    disk = a_disk(5, 3)
    disk.put(SNAPSHOT, b"")
    assert "snapshot.json is damaged" in refusal(disk)


def test_another_version_says_which() -> None:
    disk = a_disk(5, 3)
    disk.put(SNAPSHOT, b'{"format":"doubletick snapshot","version":7}')
    assert "it has format version 7; this program reads version 3" in refusal(disk, WrongVersion)


def test_rooms_that_contradict_themselves_are_damage() -> None:
    disk = a_disk(5, 3)
    room = Room("general")
    doubled = snapshot_chunks(Head(epoch="e", generation=1, sequence=5, written_at=0), state_of(room, room))
    disk.put(SNAPSHOT, b"".join(doubled))
    assert "its parts contradict themselves" in refusal(disk)
    nonce_twice = replace(room.freeze(), messages=[Entry(1, "ann", "n", "", 0), Entry(2, "ann", "n", "", 0)])
    chat = replace(state_of(), rooms=[nonce_twice])
    disk.put(
        SNAPSHOT,
        b"".join(snapshot_chunks(Head(epoch="e", generation=1, sequence=5, written_at=0), chat)),
    )
    assert "its parts contradict themselves" in refusal(disk)


# Any damage at all


def check(disk: ModelledDisk, full: int) -> None:
    """Either a refusal, or everything but at most the last commit, and then with a warning."""
    try:
        store = open_inline(disk)
    except StorageError:
        return
    found = [each.id for each in store.chat.rooms["general"].messages]
    assert found in (list(range(1, full)), list(range(1, full + 1)))
    assert len(found) == full or store.warnings


def test_a_flipped_bit_loses_no_proven_commit() -> None:
    random = Random(7)
    whole = a_disk(6, 5, 6)
    for _ in range(3_000):
        disk = whole.copy()
        name = random.choice(list(files(disk)))
        text = bytearray(files(disk)[name])
        text[random.randrange(len(text))] ^= 1 << random.randrange(8)
        disk.put(name, bytes(text))
        check(disk, 16)


WHOLE = a_disk(6, 5, 6)


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(sorted(files(WHOLE))),
    at=st.integers(0, 2_000),
    noise=st.binary(max_size=60),
    cut=st.booleans(),
)
def test_any_damage_ends_in_a_sentence_or_a_beginning_of_the_truth(
    *, name: str, at: int, noise: bytes, cut: bool
) -> None:
    disk = WHOLE.copy()
    text = files(disk)[name]
    disk.put(name, text[:at] + noise + (b"" if cut else text[at + len(noise) :]))
    try:
        store = open_inline(disk)
    except StorageError:
        return
    found = [each.id for each in store.chat.rooms["general"].messages]
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= 10
