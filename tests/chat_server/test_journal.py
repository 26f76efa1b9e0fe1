"""Journal lines and snapshots as text."""

import json
from collections.abc import Iterator
from itertools import pairwise, product
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server import journal
from chat_server.journal import (
    Head,
    OtherVersion,
    Snapshot,
    SnapshotError,
    UnknownCommit,
    commit_line,
    find_intact,
    parse_snapshot,
    read_commits,
    snapshot_chunks,
)
from chat_server.room import Advanced, AnyRecord, Departed, Entered, Entry, Opened, Posted, Room

HEAD = Head(epoch="0123456789abcdef", generation=2, sequence=7, written_at=1_700_000_000_000)

RECORDS: list[AnyRecord] = [
    Opened(room="general", title="General", at=1),
    Entered(room="general", name="ann", at=2),
    Posted(room="general", entry=Entry(1, "bob", "n1", 'two\nlines, "quoted" — ✓✓', 3)),
    Posted(room="general", entry=Entry(2, "ann", "n1", "", 4, reply_to=1)),
    Advanced(room="general", reader="ann", ranges=((1, 1),), read_at=5),
    Departed(room="general", name="ann", at=6),
    Entered(room="general", name="ann", at=7),
]


def a_room(records: list[AnyRecord] = RECORDS) -> Room:
    room = Room("general")
    for record in records:
        room.apply(record)
    return room


def sealed(body: bytes) -> bytes:
    """The line of this object, whatever is in it."""
    return b"%08x %b\n" % (crc32(body), body)


def snapshot_text(*rooms: Room, head: Head = HEAD) -> bytes:
    return b"".join(snapshot_chunks(head, [room.freeze() for room in rooms]))


def resealed(text: bytes) -> bytes:
    """The same snapshot with a checksum that fits."""
    body = text[: text.rindex(b'"crc32"')]
    return body + b'"crc32":"%08x"}\n' % crc32(body)


def as_values(snapshot: Snapshot) -> object:
    return [
        (
            room.name,
            room.title,
            room.revision,
            room.stays,
            {name: list(reading.advances()) for name, reading in room.readings.items()},
            list(room.messages),
        )
        for room in snapshot.rooms
    ]


# Journal lines


def test_a_line_is_a_checksum_and_one_object() -> None:
    line = commit_line(7, 6, RECORDS[:1])
    body = b'{"sequence":7,"synced":6,"records":[{"type":"opened","room":"general","title":"General","at":1}]}'
    assert line == b"%08x %b\n" % (crc32(body), body)


def test_lines_are_read_back_with_where_they_end() -> None:
    lines = [commit_line(at, at - 1, [record]) for at, record in enumerate(RECORDS, 1)]
    read = list(read_commits(b"".join(lines)))
    assert [each.records[0] for _, each in read] == RECORDS
    assert [(each.sequence, each.synced) for _, each in read] == [(at, at - 1) for at in range(1, 8)]
    assert [after - before for before, after in pairwise([0, *(end for end, _ in read)])] == [
        len(line) for line in lines
    ]


def test_a_commit_holds_a_batch() -> None:
    [(_, commit)] = read_commits(commit_line(1, 0, RECORDS))
    assert list(commit.records) == RECORDS


def test_reading_stops_at_a_line_cut_short_anywhere() -> None:
    good, other = commit_line(1, 0, RECORDS[:1]), commit_line(2, 1, RECORDS[:1])
    for cut in range(len(other)):
        assert [end for end, _ in read_commits(good + other[:cut])] == [len(good)]


def flips(text: bytes) -> Iterator[bytes]:
    """The text with each of its bits flipped in turn."""
    for at, bit in product(range(len(text)), range(8)):
        yield text[:at] + bytes([text[at] ^ 1 << bit]) + text[at + 1 :]


def test_one_flipped_bit_anywhere_spoils_a_line() -> None:
    assert not any(list(read_commits(each)) for each in flips(commit_line(1, 0, RECORDS[:1])))


@pytest.mark.parametrize(
    "body",
    [
        b'{"sequence":0,"synced":0,"records":[{"type":"opened","room":"a","title":"","at":1}]}',
        b'{"sequence":1,"synced":-1,"records":[{"type":"opened","room":"a","title":"","at":1}]}',
        b'{"sequence":"1","synced":0,"records":[{"type":"opened","room":"a","title":"","at":1}]}',
        b'{"sequence":1,"synced":0,"records":[]}',
        b'{"sequence":1,"synced":0,"records":[{"type":"pinned","room":"a"}]}',
        b'{"sequence":1,"synced":0,"records":[{"type":"opened","room":"a","title":"","at":1,"by":"ann"}]}',
        b'{"sequence":1,"synced":0,"records":[{"type":"posted","room":"a","entry":{"id":1}}]}',
        b'{"sequence":1,"synced":0,"records":[{"type":"opened","room":"\xff","title":"","at":1}]}',
        b'{"sequence":1,"more":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"7",
        b"",
    ],
)
def test_an_intact_line_of_another_program_is_neither_taken_nor_torn(body: bytes) -> None:
    good = commit_line(1, 0, RECORDS[:1])
    with pytest.raises(UnknownCommit) as caught:
        list(read_commits(good + sealed(body)))
    assert caught.value.offset == len(good)


@pytest.mark.parametrize(
    "gap", [b"", b"\n", b"\0" * 50, b"abc\n01234567 \n", b"deadbeef", b'00000000 {"sequence":']
)
def test_intact_lines_are_found_at_any_byte(gap: bytes) -> None:
    first, second = commit_line(1, 0, RECORDS[:1]), commit_line(2, 1, RECORDS[1:2])
    found = list(find_intact(first[:-1] + gap + second + gap + first, 1))
    assert [each.sequence for each in found] == [2, 1]


def test_what_is_found_is_whole() -> None:
    line = commit_line(1, 0, RECORDS)
    assert list(find_intact(line, 1)) == []
    assert list(find_intact(line[:-1], 0)) == []
    assert len(list(find_intact(line, 0))) == 1


def test_content_never_looks_like_a_line() -> None:
    smuggled = commit_line(9, 9, RECORDS[:1]).decode()
    line = commit_line(1, 0, [Posted(room="general", entry=Entry(1, smuggled, smuggled, smuggled, 0))])
    assert [each.sequence for each in find_intact(line, 0)] == [1]
    assert list(find_intact(line, 1)) == []


@given(st.binary(max_size=300), st.integers(0, 300))
def test_any_bytes_are_read_without_surprise(noise: bytes, at: int) -> None:
    text = b"".join(commit_line(each, each - 1, RECORDS) for each in (1, 2))
    mutated = text[:at] + noise + text[at + len(noise) :]
    commits = [commit for _, commit in read_commits(mutated)]
    assert all(list(each.records) == RECORDS for each in [*commits, *find_intact(mutated, 0)])


# Snapshots


def test_a_snapshot_is_one_json_document_with_a_message_per_line() -> None:
    text = snapshot_text(a_room())
    document = json.loads(text)
    assert {key: document[key] for key in list(document)[:6]} == {
        "format": "doubletick snapshot",
        "version": 1,
        "epoch": "0123456789abcdef",
        "generation": 2,
        "sequence": 7,
        "writtenAt": 1_700_000_000_000,
    }
    assert document["rooms"][0]["stays"] == {"ann": [[0, 2], [2, None]]}
    assert document["rooms"][0]["readings"] == {"ann": [[1, 1, 5, 5]]}
    lines = text.decode().splitlines()
    assert '{"id":1,"sender":"bob","nonce":"n1","content":"two\\nlines, \\"quoted\\" — ✓✓","sentAt":3},' in lines
    assert lines[-1] == f'"crc32":"{document["crc32"]}"}}'


def test_the_checksum_is_of_all_bytes_before_it() -> None:
    text = snapshot_text(a_room())
    body, tail = text.split(b'"crc32":')
    assert tail == b'"%08x"}\n' % crc32(body)


@pytest.mark.parametrize("rooms", [0, 1, 3])
def test_a_snapshot_is_read_back(rooms: int) -> None:
    made = [a_room() for _ in range(rooms)]
    snapshot = parse_snapshot(snapshot_text(*made))
    assert snapshot.head == HEAD
    assert as_values(snapshot) == as_values(Snapshot(HEAD, [room.freeze() for room in made]))


def test_no_piece_holds_more_than_a_step_of_messages_or_advances() -> None:
    room = a_room([Opened(room="general", title="", at=0)])
    for each in range(1, 1_001):
        room.apply(Posted(room="general", entry=Entry(each, "bob", str(each), "x", each)))
    for each in range(1, 1_001, 2):
        room.apply(Advanced(room="general", reader="ann", ranges=((each, each),), read_at=each))
    chunks = list(snapshot_chunks(HEAD, [room.freeze()]))
    assert max(chunk.count(b"\n") for chunk in chunks) == journal.STEP
    snapshot = parse_snapshot(b"".join(chunks))
    assert as_values(snapshot) == as_values(Snapshot(HEAD, [room.freeze()]))


def test_a_room_thawed_goes_on_as_if_nothing_had_been() -> None:
    [state] = parse_snapshot(snapshot_text(a_room())).rooms
    live, thawed = a_room(), Room.thaw(state)
    for room in (live, thawed):
        room.apply(Posted(room="general", entry=Entry(3, "bob", "n3", "x", 9)))
    assert snapshot_text(live) == snapshot_text(thawed)


def test_one_flipped_bit_anywhere_is_damage() -> None:
    for each in flips(snapshot_text(a_room())):
        with pytest.raises(SnapshotError):
            parse_snapshot(each)


def test_a_snapshot_cut_short_or_lengthened_is_damage() -> None:
    text = snapshot_text(a_room())
    for each in [text[:cut] for cut in range(len(text))] + [text + b"\n", text + b"x", b" " + text]:
        with pytest.raises(SnapshotError):
            parse_snapshot(each)


@given(st.binary(min_size=1, max_size=40), st.integers(0, 600))
def test_mutated_bytes_are_damage_or_no_change(noise: bytes, at: int) -> None:
    text = snapshot_text(a_room())
    mutated = text[:at] + noise + text[at + len(noise) :]
    if mutated != text:
        with pytest.raises(SnapshotError):
            parse_snapshot(mutated)


@pytest.mark.parametrize("version", [0, 2, 10**30])
def test_another_version_is_named(version: int) -> None:
    text = snapshot_text(a_room()).replace(b'"version":1', b'"version":%d' % version)
    with pytest.raises(OtherVersion, match=f"{version}; this program reads version 1") as caught:
        parse_snapshot(resealed(text))
    assert caught.value.version == version


def test_another_version_is_named_though_its_checksum_does_not_fit() -> None:
    with pytest.raises(OtherVersion):
        parse_snapshot(snapshot_text(a_room()).replace(b'"version":1', b'"version":2'))


def test_another_version_may_end_differently() -> None:
    with pytest.raises(OtherVersion):
        parse_snapshot(b'{"format":"doubletick snapshot","version":2,"hash":"x"}')


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"doubletick snapshot"', b'"another program"'),
        (b'"generation":2', b'"generation":-2'),
        (b'"sequence":7', b'"sequence":"7"'),
        (b'"epoch":"0123456789abcdef"', b'"epoch":""'),
        (b'"generation":2', b'"generation":2,"extra":1'),
        (b'"title":"General"', b'"title":"General","extra":1'),
        (b'"sentAt":3', b'"sentAt":3,"extra":1'),
        (b'"id":2', b'"id":3'),
        (b"[1,1,5,5]", b"[2,1,5,5]"),
        (b"[1,1,5,5]", b"[0,1,5,5]"),
        (b"[1,1,5,5]", b"[1,3,5,5]"),
        (b"[1,1,5,5]", b"[1,1,5,5],[1,2,6,6]"),
        (b"[1,1,5,5]", b"[1,1,5]"),
        (b"[1,1,5,5]", b"[1,1,5,9223372036854775808]"),
        (b"[[0,2],[2,null]]", b"[[0,null],[2,null]]"),
        (b"[[0,2],[2,null]]", b"[[0,2],[1,null]]"),
        (b"[[0,2],[2,null]]", b"[[0,3]]"),
        (b"[[0,2],[2,null]]", b"[[3,null]]"),
        (b"[[0,2],[2,null]]", b"[[-1,2]]"),
        (b'"title":"General"', b'"title":"\xff"'),
        (b'"sentAt":3', b'"sentAt":3,"deep":' + b"[" * 100_000),
    ],
)
def test_what_contradicts_the_format_is_refused_though_its_checksum_fits(old: bytes, new: bytes) -> None:
    text = snapshot_text(a_room())
    assert old in text
    with pytest.raises(SnapshotError) as caught:
        parse_snapshot(resealed(text.replace(old, new, 1)))
    assert not isinstance(caught.value, OtherVersion)


def test_whoever_left_may_have_no_open_stay() -> None:
    room = a_room(RECORDS[:-1])
    assert parse_snapshot(snapshot_text(room)).rooms[0].stays == {"ann": [(0, 2)]}
