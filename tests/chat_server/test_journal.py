"""Journal lines as text."""

from collections.abc import Iterator
from itertools import pairwise, product
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.chat import AnyRecord
from chat_server.journal import UnknownCommit, commit_line, find_intact, read_commits
from chat_server.people import Banned, Bound, Chose, Founded, Invited, Promoted, Removed, Renamed, Reset
from chat_server.room import Advanced, Departed, Entered, Entry, Opened, Posted, Shared

RECORDS: list[AnyRecord] = [
    Bound(at=1, name="ann", key="ann's"),
    Opened(room="general", title="General", at=1),
    Entered(room="general", name="ann", at=2),
    Posted(room="general", entry=Entry(1, "bob", "n1", 'two\nlines, "quoted" — ✓✓', 3)),
    Posted(room="general", entry=Entry(2, "ann", "n1", "", 4, reply_to=1)),
    Advanced(room="general", reader="ann", ranges=((1, 1),), read_at=5),
    Departed(room="general", name="ann", at=6),
    Entered(room="general", name="ann", at=7),
    Shared(room="general", name="ann", mode="private", chosen=True),
]


def sealed(body: bytes) -> bytes:
    """The line of this object, whatever is in it."""
    return b"%08x %b\n" % (crc32(body), body)


PEOPLE: dict[str, AnyRecord] = {
    '{"type":"founded","at":1,"seed":"s"}': Founded(at=1, seed="s"),
    '{"type":"bound","at":2,"name":"ann","key":"k","admin":true}': Bound(at=2, name="ann", key="k", admin=True),
    '{"type":"bound","at":2,"name":"bob","key":"l","code":"c"}': Bound(at=2, name="bob", key="l", code="c"),
    '{"type":"reset","at":3,"name":"ann"}': Reset(at=3, name="ann"),
    '{"type":"promoted","at":4,"name":"ann"}': Promoted(at=4, name="ann"),
    '{"type":"promoted","at":4,"name":"ann","admin":false}': Promoted(at=4, name="ann", admin=False),
    '{"type":"banned","at":5,"name":"ann"}': Banned(at=5, name="ann"),
    '{"type":"banned","at":5,"name":"ann","banned":false}': Banned(at=5, name="ann", banned=False),
    '{"type":"removed","at":6,"name":"ann"}': Removed(at=6, name="ann"),
    '{"type":"renamed","at":7,"name":"ann","to":"anna"}': Renamed(at=7, name="ann", to="anna"),
    '{"type":"chose","at":9,"name":"ann","receipts":"private"}': Chose(at=9, name="ann", receipts="private"),
    '{"type":"invited","at":8,"digest":"d","uses":2,"expiresAt":9,"name":"ann"}': Invited(
        at=8, digest="d", uses=2, expires_at=9, name="ann"
    ),
}


def test_a_line_is_a_checksum_and_one_object() -> None:
    line = commit_line(7, 6, RECORDS[1:2])
    body = b'{"sequence":7,"synced":6,"records":[{"type":"opened","room":"general","title":"General","at":1}]}'
    assert line == b"%08x %b\n" % (crc32(body), body)


def test_lines_are_read_back_with_where_they_end() -> None:
    lines = [commit_line(at, at - 1, [record]) for at, record in enumerate(RECORDS, 1)]
    read = list(read_commits(b"".join(lines)))
    assert [each.records[0] for _, each in read] == RECORDS
    assert [(each.sequence, each.synced) for _, each in read] == [(at, at - 1) for at in range(1, 10)]
    assert [after - before for before, after in pairwise([0, *(end for end, _ in read)])] == [
        len(line) for line in lines
    ]


def test_a_commit_holds_a_batch() -> None:
    [(_, commit)] = read_commits(commit_line(1, 0, RECORDS))
    assert list(commit.records) == RECORDS


@pytest.mark.parametrize(("text", "record"), PEOPLE.items())
def test_records_of_people_as_literal_json(text: str, record: AnyRecord) -> None:
    body = b'{"sequence":1,"synced":0,"records":[%b]}' % text.encode()
    assert commit_line(1, 0, [record]) == sealed(body)
    [(_, commit)] = read_commits(sealed(body))
    assert commit.records == (record,)


def test_reading_stops_at_a_line_cut_short_anywhere() -> None:
    good, other = commit_line(1, 0, RECORDS[1:2]), commit_line(2, 1, RECORDS[1:2])
    for cut in range(len(other)):
        assert [end for end, _ in read_commits(good + other[:cut])] == [len(good)]


def flips(text: bytes) -> Iterator[bytes]:
    """The text with each of its bits flipped in turn."""
    for at, bit in product(range(len(text)), range(8)):
        yield text[:at] + bytes([text[at] ^ 1 << bit]) + text[at + 1 :]


def test_one_flipped_bit_anywhere_spoils_a_line() -> None:
    assert not any(list(read_commits(each)) for each in flips(commit_line(1, 0, RECORDS[1:2])))


@pytest.mark.parametrize(
    "body",
    [
        b'{"sequence":0,"synced":0,"records":[{"type":"opened","room":"a","title":"","at":1}]}',
        b'{"sequence":1,"synced":-1,"records":[{"type":"opened","room":"a","title":"","at":1}]}',
        b'{"sequence":"1","synced":0,"records":[{"type":"opened","room":"a","title":"","at":1}]}',
        b'{"sequence":1,"synced":0,"records":[]}',
        b'{"sequence":1,"synced":0,"records":[{"type":"pinned","room":"a"}]}',
        b'{"sequence":1,"synced":0,"records":[{"type":"opened","room":"a","title":"","at":1,"how":"ann"}]}',
        b'{"sequence":1,"synced":0,"records":[{"type":"bound","at":1,"name":"ann"}]}',
        b'{"sequence":1,"synced":0,"records":[{"type":"banned","at":1,"name":"ann","room":"a"}]}',
        b'{"sequence":1,"synced":0,"records":[{"type":"posted","room":"a","entry":{"id":1}}]}',
        b'{"sequence":1,"synced":0,"records":[{"type":"opened","room":"\xff","title":"","at":1}]}',
        b'{"sequence":1,"more":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"7",
        b"",
    ],
)
def test_an_intact_line_of_another_program_is_neither_taken_nor_torn(body: bytes) -> None:
    good = commit_line(1, 0, RECORDS[1:2])
    with pytest.raises(UnknownCommit) as caught:
        list(read_commits(good + sealed(body)))
    assert caught.value.offset == len(good)


@pytest.mark.parametrize(
    "gap", [b"", b"\n", b"\0" * 50, b"abc\n01234567 \n", b"deadbeef", b'00000000 {"sequence":']
)
def test_intact_lines_are_found_at_any_byte(gap: bytes) -> None:
    first, second = commit_line(1, 0, RECORDS[1:2]), commit_line(2, 1, RECORDS[2:3])
    found = list(find_intact(first[:-1] + gap + second + gap + first, 1))
    assert [each.sequence for each in found] == [2, 1]


def test_what_is_found_is_whole() -> None:
    line = commit_line(1, 0, RECORDS)
    assert list(find_intact(line, 1)) == []
    assert list(find_intact(line[:-1], 0)) == []
    assert len(list(find_intact(line, 0))) == 1


def test_content_never_looks_like_a_line() -> None:
    smuggled = commit_line(9, 9, RECORDS[1:2]).decode()
    line = commit_line(1, 0, [Posted(room="general", entry=Entry(1, smuggled, smuggled, smuggled, 0))])
    assert [each.sequence for each in find_intact(line, 0)] == [1]
    assert list(find_intact(line, 1)) == []


@given(st.binary(max_size=300), st.integers(0, 300))
def test_any_bytes_are_read_without_surprise(noise: bytes, at: int) -> None:
    text = b"".join(commit_line(each, each - 1, RECORDS) for each in (1, 2))
    mutated = text[:at] + noise + text[at + len(noise) :]
    commits = [commit for _, commit in read_commits(mutated)]
    assert all(list(each.records) == RECORDS for each in [*commits, *find_intact(mutated, 0)])
