"""Snapshots as text."""

import json
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server import snapshot as snapshot_module
from chat_server.chat import AnyRecord, Chat, ChatState
from chat_server.people import Banned, Bound, Chose, Founded, Invited, Promoted, Removed, Renamed
from chat_server.room import (
    Acknowledged,
    Advanced,
    Barred,
    Deleted,
    Departed,
    Edited,
    Entered,
    Entry,
    Muted,
    Opened,
    Pinned,
    Posted,
    Reacted,
    Retitled,
    Room,
    Shared,
)
from chat_server.snapshot import Head, OtherVersion, Snapshot, SnapshotError, parse_snapshot, snapshot_chunks
from tests.chat_server.chats import values
from tests.chat_server.stores import state_of
from tests.chat_server.test_journal import flips

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

PEOPLE: list[AnyRecord] = [
    Founded(at=1, seed="a secret"),
    Bound(at=2, name="ann", key="ann's", admin=True),
    Invited(at=3, digest="a digest", uses=3, expires_at=99),
    Bound(at=4, name="böb", key="bob's", code="a digest"),
    Invited(at=5, digest="another", uses=1, expires_at=90, name="böb"),
    Bound(at=6, name="böb", key="bob's too", code="another"),
    Banned(at=7, name="böb"),
    Promoted(at=8, name="cid"),
    Bound(at=9, name="dan", key="dan's"),
    Removed(at=10, name="dan"),
    Bound(at=11, name="eve", key="eve's"),
    Renamed(at=12, name="eve", to="eva"),
    Chose(at=13, name="eva", receipts="off"),
]

MODERATED: list[AnyRecord] = [
    Opened(room="tea", title="Tea", at=1, by="ann"),
    *(Entered(room="tea", name=name, at=1) for name in ("ann", "bob", "eve")),
    *(Posted(room="tea", entry=Entry(at, "eve", f"n{at}", "hi", at)) for at in (1, 2)),
    Deleted(room="tea", id=1, by="ann", at=5),
    Barred(room="tea", name="bob", by="ann", at=6),
    Muted(room="tea", name="eve", by="ann", at=7),
    Shared(room="tea", name="ann", mode="private", chosen=True),
]

DONE: list[AnyRecord] = [
    Opened(room="den", title="Den", at=1),
    *(Entered(room="den", name=name, at=1) for name in ("ann", "bob")),
    *(Posted(room="den", entry=Entry(at, "ann", f"n{at}", "hi", at)) for at in (1, 2)),
    Edited(room="den", id=1, content="ho", at=5),
    Advanced(room="den", reader="bob", ranges=((1, 1),), read_at=6, editions=((1, 1),)),
    Pinned(room="den", id=2, by="ann", at=7),
    *(Reacted(room="den", id=2, name=name, emoji="👍", at=8) for name in ("bob", "ann")),
    Acknowledged(room="den", id=1, reader="bob", edition=1, at=9),
]
"""What is done with messages."""

DIRECT: list[AnyRecord] = [
    Opened(room="@pair", title="@pair", at=1, direct=True),
    *(Entered(room="@pair", name=name, at=1) for name in ("ann", "bob")),
    Opened(room="strict", title="Strict", at=1, by="ann", receipts_required=True),
    Retitled(room="strict", title="Stricter", by="", at=2),
]


def chat_of(*records: AnyRecord) -> Chat:
    chat = Chat()
    for record in records:
        chat.apply(record)
    return chat


def a_room(records: list[AnyRecord] = RECORDS) -> Room:
    return chat_of(*records).rooms["general"]


def text_of(chat: ChatState, head: Head = HEAD) -> bytes:
    return b"".join(snapshot_chunks(head, chat))


def snapshot_text(*rooms: Room) -> bytes:
    return text_of(state_of(*rooms))


def resealed(text: bytes) -> bytes:
    """The same snapshot with a checksum that fits."""
    body = text[: text.rindex(b'"crc32"')]
    return body + b'"crc32":"%08x"}\n' % crc32(body)


def read_back(text: bytes) -> list[object]:
    return values(Chat.thaw(parse_snapshot(text).chat))


EVERYTHING = chat_of(*DONE, *MODERATED, *DIRECT, *RECORDS, *PEOPLE)


# What is written


def test_a_snapshot_is_one_json_document_with_a_message_per_line() -> None:
    text = snapshot_text(a_room())
    document = json.loads(text)
    assert {key: document[key] for key in list(document)[:6]} == {
        "format": "doubletick snapshot",
        "version": 3,
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


def test_people_are_written_a_line_each() -> None:
    text = text_of(EVERYTHING.freeze())
    assert json.loads(text)["people"] == {
        "seed": "a secret",
        "persons": {
            "ann": {"since": 2, "keys": ["ann's"], "admin": True},
            "böb": {"since": 4, "keys": ["bob's", "bob's too"], "banned": True},
            "cid": {"since": 8, "admin": True},
            "dan": {"since": 9, "removed": True},
            "eve": {"since": 11, "renamedTo": "eva"},
            "eva": {"since": 11, "keys": ["eve's"], "receipts": "off"},
        },
        "invitations": {"a digest": {"uses": 2, "expiresAt": 99}},
    }
    lines = text.decode().splitlines()
    assert '"böb":{"since":4,"keys":["bob\'s","bob\'s too"],"banned":true},' in lines
    assert '"a digest":{"uses":2,"expiresAt":99}}},' in lines


def test_the_checksum_is_of_all_bytes_before_it() -> None:
    text = snapshot_text(a_room())
    body, tail = text.split(b'"crc32":')
    assert tail == b'"%08x"}\n' % crc32(body)


def test_no_piece_holds_more_than_a_step_of_messages_advances_people_or_codes() -> None:
    chat = chat_of(Opened(room="general", title="General", at=0))
    for each in range(1, 1_001):
        chat.apply(Posted(room="general", entry=Entry(each, "bob", str(each), "x", each)))
        chat.apply(Bound(at=each, name=f"n{each}", key="k"))
        chat.apply(Invited(at=0, digest=str(each), uses=1, expires_at=9))
    for each in range(1, 1_001, 2):
        chat.apply(Advanced(room="general", reader="ann", ranges=((each, each),), read_at=each))
    chunks = list(snapshot_chunks(HEAD, chat.freeze()))
    assert max(chunk.count(b"\n") for chunk in chunks) == snapshot_module.STEP
    assert len(chunks) > (1_000 + 1_000 + 1_000 + 500) / snapshot_module.STEP
    assert read_back(b"".join(chunks)) == values(chat)


# There and back


@pytest.mark.parametrize("rooms", [0, 1, 3])
def test_a_snapshot_is_read_back(rooms: int) -> None:
    chat = Chat()
    for at in range(rooms):
        room = a_room()
        room.name = chr(ord("a") + at)
        chat.rooms[room.name] = room
    snapshot = parse_snapshot(text_of(chat.freeze()))
    assert snapshot == Snapshot(HEAD, snapshot.chat)
    assert values(Chat.thaw(snapshot.chat)) == values(chat)


def test_everything_is_read_back_and_goes_on_as_if_nothing_had_been() -> None:
    live, thawed = EVERYTHING, Chat.thaw(parse_snapshot(text_of(EVERYTHING.freeze())).chat)
    assert values(thawed) == values(live)
    assert text_of(thawed.freeze()) == text_of(live.freeze())
    live = Chat.thaw(live.freeze())
    for chat in (live, thawed):
        chat.apply(Posted(room="general", entry=Entry(3, "bob", "n3", "x", 9)))
        chat.apply(Bound(at=13, name="fay", key="fay's", code="a digest"))
    assert text_of(live.freeze()) == text_of(thawed.freeze())
    assert thawed.people.lookalike("FAY") == "fay"
    assert thawed.people.lookalike("EVE") == "eve"


NAMES = st.text(st.characters(codec="utf-8"), max_size=8)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAMES, st.tuples(st.booleans(), st.lists(NAMES, unique=True, max_size=3))), NAMES)
def test_any_people_are_read_back(people: dict[str, tuple[bool, list[str]]], seed: str) -> None:
    chat = chat_of(Founded(at=1, seed=seed or "s"))
    for name, (admin, keys) in people.items():
        chat.apply(Promoted(at=2, name=name, admin=admin))
        for key in keys:
            chat.apply(Bound(at=3, name=name, key=key))
    assert read_back(text_of(chat.freeze())) == values(chat)


# What is no snapshot


def test_one_flipped_bit_anywhere_is_damage() -> None:
    for each in flips(text_of(chat_of(*RECORDS[:4], *PEOPLE[:5]).freeze())):
        with pytest.raises(SnapshotError):
            parse_snapshot(each)


def test_a_snapshot_cut_short_or_lengthened_is_damage() -> None:
    text = text_of(EVERYTHING.freeze())
    for each in [text[:cut] for cut in range(len(text))] + [text + b"\n", text + b"x", b" " + text]:
        with pytest.raises(SnapshotError):
            parse_snapshot(each)


@given(st.binary(min_size=1, max_size=40), st.integers(0, 1_200))
def test_mutated_bytes_are_damage_or_no_change(noise: bytes, at: int) -> None:
    text = text_of(EVERYTHING.freeze())
    mutated = text[:at] + noise + text[at + len(noise) :]
    if mutated != text:
        with pytest.raises(SnapshotError):
            parse_snapshot(mutated)


CONTRADICTIONS = [
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
    # People
    (b'"people":{', b'"persons":{'),
    (b'"seed":"a secret",', b""),
    (b'"seed":"a secret"', b'"seed":7'),
    (b'"seed":"a secret"', b'"seed":"a secret","extra":1'),
    (b'"since":2,', b""),
    (b'"since":2', b'"since":2,"extra":1'),
    (b'"keys":["ann\'s"]', b'"keys":"ann\'s"'),
    (b'"keys":["ann\'s"]', b'"keys":[7]'),
    (b'"admin":true', b'"admin":1'),
    (b'"uses":2', b'"uses":null'),
    (b'"uses":2', b'"uses":2,"extra":1'),
]
"""What is wrong behind a checksum that fits."""


@pytest.mark.parametrize(("old", "new"), CONTRADICTIONS)
def test_what_contradicts_the_format_is_refused_though_its_checksum_fits(old: bytes, new: bytes) -> None:
    text = text_of(chat_of(*RECORDS, *PEOPLE).freeze())
    assert old in text
    with pytest.raises(SnapshotError) as caught:
        parse_snapshot(resealed(text.replace(old, new, 1)))
    assert not isinstance(caught.value, OtherVersion)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"barred":{"bob":["ann",6]}', b'"barred":{"ann":["ann",6]}'),
        (b'"barred":{"bob":["ann",6]}', b'"barred":{"nobody":["ann",6]}'),
        (b'"muted":{"eve":["ann",7]}', b'"muted":{"nobody":["ann",7]}'),
        (b'"revision":7,"deleted":1', b'"revision":7,"deleted":2'),
        (b'"revision":7,"deleted":1', b'"revision":70,"deleted":1'),
        (b'"revision":7,"deleted":1', b'"revision":7'),
        (b'"turns":{"ann":[[10,2,', b'"turns":{"ann":[[11,2,'),
        (b'"turns":{"ann":[[10,2,', b'"turns":{"ann":[[10,3,'),
        (b'"turns":{"ann":[[10,2,', b'"turns":{"nobody":[[10,2,'),
        (b'"chosen":["ann"]', b'"chosen":["nobody"]'),
    ],
)
def test_what_contradicts_a_rooms_moderation_is_refused(old: bytes, new: bytes) -> None:
    text = text_of(chat_of(*MODERATED).freeze())
    assert old in text
    with pytest.raises(SnapshotError, match="room 'tea' contradicts itself"):
        parse_snapshot(resealed(text.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'[1,"bob",1,6,7]', b'[1,"bob",2,6,7]'),
        (b'[1,"bob",1,6,7]', b'[1,"ann",1,6,7]'),
        (b'[1,"bob",1,6,7]', b'[1,"bob",1,6,99]'),
        (b'"edition":1,"editedAt":5', b'"edition":1'),
        (b'"altered":1', b'"altered":3'),
        (b'[2,"ann",7]', b'[3,"ann",7]'),
        (b'["bob","ann"]', b'["bob","bob"]'),
    ],
)
def test_what_contradicts_what_was_done_with_messages_is_refused(old: bytes, new: bytes) -> None:
    text = text_of(chat_of(*DONE).freeze())
    assert old in text
    with pytest.raises(SnapshotError, match="room 'den' contradicts itself"):
        parse_snapshot(resealed(text.replace(old, new, 1)))


def test_where_receipts_are_required_nobody_has_turned() -> None:
    text = text_of(chat_of(*DIRECT[3:]).freeze())
    assert b'"chosen":[]' in text
    with pytest.raises(SnapshotError, match="room 'strict' contradicts itself"):
        parse_snapshot(resealed(text.replace(b'"chosen":[]', b'"chosen":["ann"]', 1)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"bob":[[0,null]]', b'"bob":[[0,null]],"cid":[[0,null]]'),
        (b'"ann":[[0,null]],', b""),
        (b'"owner":""', b'"owner":"ann"'),
        (b'"barred":{}', b'"barred":{"bob":["ann",6]}'),
        (b'"muted":{}', b'"muted":{"bob":["ann",6]}'),
    ],
)
def test_a_direct_conversation_is_of_two_and_nobodys(old: bytes, new: bytes) -> None:
    text = text_of(chat_of(*DIRECT[:3]).freeze())
    assert old in text
    with pytest.raises(SnapshotError, match="room '@pair' contradicts itself"):
        parse_snapshot(resealed(text.replace(old, new, 1)))


def test_whoever_left_may_have_no_open_stay() -> None:
    [room] = parse_snapshot(snapshot_text(a_room(RECORDS[:-1]))).chat.rooms
    assert room.stays == {"ann": [(0, 2)]}


# Versions


def first_version(text: bytes) -> bytes:
    """As version 1 wrote it: with nobody, and rooms in which nobody moderates."""
    people = text[text.index(b'"people"') : text.index(b'"rooms"')]
    for part in (
        people,
        b'"owner":"","barred":{},"muted":{},"forgotten":0,\n',
        b'"turns":{},"chosen":[],\n',
        b'"changes":[],\n',
    ):
        assert part in text
        text = text.replace(part, b"")
    return resealed(text.replace(b'"version":3', b'"version":1'))


def test_version_1_has_nobody_and_is_read_for_ever() -> None:
    snapshot = parse_snapshot(first_version(snapshot_text(a_room())))
    assert values(Chat.thaw(snapshot.chat)) == values(chat_of(*RECORDS))
    assert snapshot.chat.people == Chat().people.freeze()


def test_version_2_knew_nothing_of_what_is_done_with_messages_and_is_read_for_ever() -> None:
    text = text_of(chat_of(*MODERATED, *RECORDS, *PEOPLE).freeze())
    second = resealed(text.replace(b'"version":3', b'"version":2'))
    assert read_back(second) == read_back(text)


def test_version_2_is_as_version_3_without_what_only_some_rooms_are() -> None:
    text = text_of(chat_of(*MODERATED, *RECORDS, *PEOPLE).freeze()).replace(b'"version":3', b'"version":2')
    assert b"direct" not in text
    assert b"receiptsRequired" not in text
    assert read_back(resealed(text)) == values(chat_of(*MODERATED, *RECORDS, *PEOPLE))


@pytest.mark.parametrize("version", [1, 2, 3])
def test_people_are_in_each_version_but_the_first(version: int) -> None:
    with_people = snapshot_text(a_room())
    text = with_people if version == 1 else first_version(with_people)
    text = text.replace(b'"version":%d' % (3 if version == 1 else 1), b'"version":%d' % version)
    with pytest.raises(SnapshotError, match=f"version {version} does not say who the people are in that way"):
        parse_snapshot(resealed(text))


@pytest.mark.parametrize("version", [0, 4, 10**30])
def test_another_version_is_named(version: int) -> None:
    text = snapshot_text(a_room()).replace(b'"version":3', b'"version":%d' % version)
    with pytest.raises(OtherVersion, match=f"{version}; this program reads version 3") as caught:
        parse_snapshot(resealed(text))
    assert caught.value.version == version


def test_another_version_is_named_though_its_checksum_does_not_fit() -> None:
    with pytest.raises(OtherVersion):
        parse_snapshot(snapshot_text(a_room()).replace(b'"version":3', b'"version":4'))


def test_another_version_may_end_differently() -> None:
    with pytest.raises(OtherVersion):
        parse_snapshot(b'{"format":"doubletick snapshot","version":4,"hash":"x"}')
