"""`chat-server export` and `import`: the lines, there and back, and every line that is not as it should be."""

import json
import shlex
import stat
import subprocess
import sys
import tempfile
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server.protocol import CONTENT_CHARS_MAX
from chat_server.room import AnyRoomRecord, Barred, Deleted, Entry, Muted, Opened, Posted, Room
from chat_server.snapshot import Head
from chat_server.store import LocalDisk
from chat_server.store.exchange import export_lines
from chat_server.store.importing import Malformed, read_export
from chat_server.store.recovery import recover
from tests.chat_server.chats import build, life, truths, values
from tests.chat_server.rooms import DEEDS, DEEDS_AND_MODES, Deed, Story, as_values, story_of
from tests.chat_server.stores import contents
from tests.chat_server.test_maintenance import refused, said

HEAD = Head(epoch="0123456789abcdef", generation=1, sequence=0, written_at=0)
FILE = Path("export.jsonl")

LINES = [
    '{"type":"head","format":"doubletick export","version":1,"epoch":"0123456789abcdef","sequence":7}',
    '{"type":"room","room":"general","title":"General","revision":9,"messages":3}',
    '{"type":"member","room":"general","name":"ann","stays":[[0,null]]}',
    '{"type":"member","room":"general","name":"bob","stays":[[0,1],[2,null]]}',
    '{"type":"message","room":"general","id":1,"sender":"ann","nonce":"n1","content":"hi","sentAt":5}',
    '{"type":"message","room":"general","id":2,"sender":"bob","nonce":"n1","content":"✓","sentAt":6,"replyTo":1}',
    '{"type":"message","room":"general","id":3,"sender":"ann","nonce":"n3","content":"a\\nb","sentAt":7}',
    '{"type":"read","room":"general","reader":"bob","first":1,"last":1,"at":8,"revision":7}',
    '{"type":"read","room":"general","reader":"bob","first":3,"last":3,"at":9,"revision":9}',
    '{"type":"room","room":"empty","title":"Empty","revision":1,"messages":0}',
    '{"type":"end","lines":10}',
]

MODERATED = [
    '{"type":"head","format":"doubletick export","version":2,"epoch":"0123456789abcdef","sequence":7}',
    '{"type":"room","room":"tea","title":"Tea","revision":12,"messages":2,"owner":"olga"}',
    '{"type":"member","room":"tea","name":"olga","stays":[[0,null]]}',
    '{"type":"member","room":"tea","name":"bob","stays":[[0,1]],"barred":["olga",7]}',
    '{"type":"member","room":"tea","name":"cid","stays":[[0,null]],"muted":["",8]}',
    '{"type":"deleted","room":"tea","id":1,"sender":"bob","nonce":"n1","sentAt":5,"deletedAt":9,"deletedBy":"olga"}',
    '{"type":"message","room":"tea","id":2,"sender":"bob","nonce":"n2","content":"hi","sentAt":6,"replyTo":1}',
    '{"type":"read","room":"tea","reader":"cid","first":1,"last":2,"at":8,"revision":7}',
    '{"type":"end","lines":8}',
]
"""What version 2 has added."""

SHARED = [
    '{"type":"head","format":"doubletick export","version":3,"epoch":"0123456789abcdef","sequence":7}',
    '{"type":"room","room":"tea","title":"Tea","revision":12,"messages":1}',
    '{"type":"member","room":"tea","name":"ann","stays":[[0,null]],"turns":[[4,0,"private"],[9,1,"public"]]}',
    '{"type":"member","room":"tea","name":"bob","stays":[[0,null]],"chosen":true}',
    '{"type":"message","room":"tea","id":1,"sender":"bob","nonce":"n1","content":"hi","sentAt":5}',
    '{"type":"read","room":"tea","reader":"ann","first":1,"last":1,"at":8,"revision":7}',
    '{"type":"end","lines":6}',
]
"""What version 3 has added."""


PAIR = "@0123456789abcdef0123456789abcdef"
DIRECT = [
    '{"type":"head","format":"doubletick export","version":3,"epoch":"0123456789abcdef","sequence":7}',
    f'{{"type":"room","room":"{PAIR}","title":"{PAIR}","revision":4,"messages":1,"direct":true}}',
    f'{{"type":"member","room":"{PAIR}","name":"ann","stays":[[0,null]]}}',
    f'{{"type":"member","room":"{PAIR}","name":"bob","stays":[[0,null]]}}',
    f'{{"type":"message","room":"{PAIR}","id":1,"sender":"ann","nonce":"n1","content":"hi","sentAt":5}}',
    '{"type":"end","lines":5}',
]
"""What version 3 has added."""

EDITED = [
    '{"type":"head","format":"doubletick export","version":3,"epoch":"0123456789abcdef","sequence":7}',
    '{"type":"room","room":"den","title":"Den","revision":9,"messages":2}',
    '{"type":"member","room":"den","name":"ann","stays":[[0,null]]}',
    '{"type":"member","room":"den","name":"bob","stays":[[0,null]]}',
    '{"type":"message","room":"den","id":1,"sender":"ann","nonce":"n1","content":"ho","sentAt":5,"edition":2,"editedAt":6}',
    '{"type":"message","room":"den","id":2,"sender":"bob","nonce":"n2","content":"hi","sentAt":6}',
    '{"type":"read","room":"den","reader":"bob","first":1,"last":1,"at":8,"revision":7}',
    '{"type":"edition","room":"den","reader":"bob","id":1,"edition":2,"at":9,"revision":8}',
    '{"type":"pin","room":"den","id":2,"by":"ann","at":9}',
    '{"type":"reaction","room":"den","id":2,"emoji":"👍","names":["ann","bob"]}',
    '{"type":"end","lines":10}',
]
"""What version 3 has added."""


ACKNOWLEDGED = [
    *EDITED[:7],
    '{"type":"acknowledgement","room":"den","reader":"ann","id":2,"at":8,"revision":7}',
    '{"type":"acknowledgement","room":"den","reader":"bob","id":1,"edition":1,"at":9,"revision":8}',
    '{"type":"end","lines":9}',
]
"""What version 3 has added."""


def text_of(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def exported(*rooms: Room, sequence: int = 0) -> bytes:
    return b"".join(export_lines(HEAD, sequence, [room.freeze() for room in rooms]))


def objection(lines: list[str]) -> str:
    """What is said of these lines, behind the file's name."""
    with pytest.raises(Malformed) as caught:
        read_export(FILE, [text_of(lines)])
    text = str(caught.value)
    assert text.endswith("nothing was made.")
    return text.removeprefix("export.jsonl, ")


# There and back


def test_the_lines_are_as_documented() -> None:
    rooms = [Room.thaw(state) for state in read_export(FILE, [text_of(LINES)])]
    assert exported(*rooms, sequence=7) == text_of(LINES)
    assert list(rooms[0].members) == ["ann", "bob"]
    assert rooms[0].readers(1) == [("bob", 8)]
    assert rooms[0].messages[1] == Entry(2, "bob", "n1", "✓", 6, 1)


def test_what_moderation_has_left_is_as_documented() -> None:
    [state] = read_export(FILE, [text_of(MODERATED)])
    assert exported(Room.thaw(state), sequence=7) == text_of(MODERATED)
    room = Room.thaw(state)
    assert (room.owner, room.is_barred("bob"), room.is_muted("cid")) == ("olga", True, True)
    assert [room.is_deleted(each) for each in (1, 2)] == [True, False]


def test_a_direct_conversation_is_as_documented() -> None:
    [state] = read_export(FILE, [text_of(DIRECT)])
    assert exported(Room.thaw(state), sequence=7) == text_of(DIRECT)
    assert state.direct
    assert Room.thaw(state).partner("ann") == "bob"


def test_what_a_room_requires_is_exported_and_read_back() -> None:
    room = Room("r")
    room.apply(Opened(room="r", title="A title", at=1, receipts_required=True))
    lines = exported(room).decode().splitlines()
    assert (
        lines[1]
        == '{"type":"room","room":"r","title":"A title","revision":1,"messages":0,"receiptsRequired":true}'
    )
    assert '"version":3,' in lines[0]
    [state] = read_export(FILE, [exported(room)])
    assert as_values(state) == as_values(room.freeze())


@pytest.mark.parametrize(
    ("at", "old", "new", "expected"),
    [
        (1, "@0123", "@0x23", "line 2: no direct conversation is called '@0x23456789abcdef0123456789abcdef'"),
        (1, ',"direct":true', "", "line 2: The room's name begins with @"),
        (1, '"direct"', '"owner":"ann","direct"', "is not of two people alone"),
        (2, '"stays":[[0,null]]', '"stays":[[0,0]],"barred":["ann",7]', "is not of two people alone"),
    ],
)
def test_a_direct_conversation_that_cannot_be_is_named(at: int, old: str, new: str, expected: str) -> None:
    assert old in DIRECT[at]
    assert expected in objection([line.replace(old, new) if n == at else line for n, line in enumerate(DIRECT)])


def test_what_was_done_with_messages_is_as_documented() -> None:
    [state] = read_export(FILE, [text_of(EDITED)])
    assert exported(Room.thaw(state), sequence=7) == text_of(EDITED)
    assert state.is_coherent
    assert Room.thaw(state).readers(1) == [("bob", 9)]


@pytest.mark.parametrize(
    ("at", "old", "new", "expected"),
    [
        (4, '"edition":2,', "", "message 1 has an edition without an edit, or an edit without an edition"),
        (4, ',"editedAt":6', "", "message 1 has an edition without an edit, or an edit without an edition"),
        (4, '"edition":2,', '"edition":1001,', "Expected `int` <= 1000"),
        (7, '"reader":"bob"', '"reader":"a b"', "The reader's name holds a space"),
        (7, '"reader":"bob"', '"reader":"cid"', "message 1 is not read by 'cid', so no edition of it is"),
        (7, '"id":1', '"id":2', "message 2 is not read by 'bob', so no edition of it is"),
        (7, '"edition":2', '"edition":3', "edition 3 of message 1 is not there to be read by 'bob'"),
        (7, '"revision":8', '"revision":10', "its revision is above the room's"),
        (8, '"id":2', '"id":3', "message 3 is not there"),
        (8, '"by":"ann"', '"by":"a b"', "The name of who pinned holds a space"),
        (9, '"id":2', '"id":3', "message 3 is not there"),
        (9, '"bob"', '"a b"', "The name of who reacted holds a space"),
        (9, '"emoji":"👍"', '"emoji":""', "Expected `str` of length >= 1"),
    ],
)
def test_a_line_of_what_was_done_with_messages_that_cannot_be_is_named(
    at: int, old: str, new: str, expected: str
) -> None:
    assert old in EDITED[at]
    text = objection([*EDITED[:at], EDITED[at].replace(old, new, 1), *EDITED[at + 1 :]])
    assert text.startswith(f"line {at + 1}: ")
    assert expected in text


def test_a_later_text_read_in_private_stands_beside_the_one_before_it() -> None:
    member = EDITED[3].replace("[[0,null]]", '[[0,null]],"turns":[[8,2,"private"]]')
    before = EDITED[7].replace('"edition":2', '"edition":1').replace('"revision":8', '"revision":7')
    both = [*EDITED[:3], member, *EDITED[4:7], before, *EDITED[7:-1], '{"type":"end","lines":11}']
    [state] = read_export(FILE, [text_of(both)])
    room = Room.thaw(state)
    assert exported(room, sequence=7) == text_of(both)
    assert (room.readers(1), room.earlier_readers(1)) == ([], [("bob", 9)])
    shared = [*EDITED[:7], before, *EDITED[7:]]
    assert "line 9: the latest edition of message 1 that 'bob' has read was told already" in objection(shared)


def test_an_acknowledgement_is_as_documented() -> None:
    [state] = read_export(FILE, [text_of(ACKNOWLEDGED)])
    room = Room.thaw(state)
    assert exported(room, sequence=7) == text_of(ACKNOWLEDGED)
    assert (room.acknowledgements.of(2, 0), room.acknowledgements.of_earlier(1, 2)) == ([("ann", 8)], [("bob", 9)])


@pytest.mark.parametrize(
    ("at", "old", "new", "expected"),
    [
        (7, '"id":2', '"id":3', "message 3 is not there"),
        (7, '"reader":"ann"', '"reader":"cid"', "'cid', who acknowledges message 2, has not been in the room"),
        (7, '"reader":"ann"', '"reader":"bob"', "edition 0 of message 2 is not there for 'bob'"),
        (8, '"edition":1', '"edition":3', "edition 3 of message 1 is not there for 'bob'"),
        (8, '"revision":8', '"revision":10', "its revision is above the room's"),
        (
            8,
            '"reader":"bob","id":1,"edition":1',
            '"reader":"ann","id":2',
            "message 2 is acknowledged by 'ann' already",
        ),
    ],
)
def test_an_acknowledgement_that_cannot_be_is_named(at: int, old: str, new: str, expected: str) -> None:
    assert old in ACKNOWLEDGED[at]
    text = objection([*ACKNOWLEDGED[:at], ACKNOWLEDGED[at].replace(old, new, 1), *ACKNOWLEDGED[at + 1 :]])
    assert text.startswith(f"line {at + 1}: ")
    assert expected in text


def test_nobody_acknowledges_what_is_deleted() -> None:
    gone = (
        '{"type":"deleted","room":"den","id":2,"sender":"bob","nonce":"n2",'
        '"sentAt":6,"deletedAt":7,"deletedBy":"bob"}'
    )
    text = objection([*ACKNOWLEDGED[:5], gone, *ACKNOWLEDGED[6:]])
    assert "line 8: edition 0 of message 2 is not there for 'ann'" in text


def test_nobody_has_chosen_in_a_room_that_requires_receipts() -> None:
    lines = [SHARED[0], SHARED[1].replace('"messages":1', '"messages":1,"receiptsRequired":true'), *SHARED[2:]]
    assert "line 7: room 'tea' requires receipts, and somebody has chosen in it" in objection(lines)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([*EDITED[:8], EDITED[8], EDITED[8], EDITED[10]], "line 11: the pins or reactions of room 'den' before"),
        (
            [*EDITED[:9], EDITED[9].replace("👍", " "), EDITED[10]],
            "line 11: the pins or reactions of room 'den' before",
        ),
        ([*EDITED[:8], EDITED[7]], "line 9: the latest edition of message 1 that 'bob' has read was told already"),
        ([*EDITED[:8], EDITED[6]], "line 9: reads come before editions"),
        (
            [*EDITED[:6], EDITED[6].replace("bob", "ann"), EDITED[7].replace("bob", "ann")],
            "line 8: edition 2 of message 1 is not there to be read by 'ann'",
        ),
    ],
)
def test_editions_that_cannot_follow_are_named(lines: list[str], expected: str) -> None:
    assert expected in objection(lines)


def test_who_shares_what_they_read_is_as_documented() -> None:
    [state] = read_export(FILE, [text_of(SHARED)])
    room = Room.thaw(state)
    assert exported(room, sequence=7) == text_of(SHARED)
    assert (room.readers(1), room.unshared(1)) == ([], ["ann"])
    assert [room.sharing.is_chosen(name) for name in ("ann", "bob")] == [False, True]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[4,0,", "[0,0,", "the turns do not follow each other"),
        ("[9,1,", "[13,1,", "the turns do not follow each other"),
        ("[9,1,", "[9,2,", "the turns do not follow each other"),
        ('"private"', '"hidden"', "Invalid enum value 'hidden'"),
    ],
)
def test_a_turn_that_cannot_be_is_named(old: str, new: str, expected: str) -> None:
    text = objection([*SHARED[:2], SHARED[2].replace(old, new, 1), *SHARED[3:]])
    assert text.startswith("line 3: ")
    assert expected in text


@pytest.mark.parametrize(
    "record",
    [
        Opened(room="r", title="r", at=1, by="ann"),
        Deleted(room="r", id=1, by="ann", at=2),
        Barred(room="r", name="bob", by="ann", at=2),
        Muted(room="r", name="bob", by="ann", at=2),
    ],
)
def test_an_export_is_of_the_version_that_it_needs(record: AnyRoomRecord) -> None:
    story = Story("ann", "bob")
    story.post("ann")
    assert b'"version":1,' in exported(story.room)
    if isinstance(record, Opened):
        story.room.owner = record.by
    else:
        story.apply(record)
    assert b'"version":2,' in exported(story.room)


@given(DEEDS_AND_MODES)
def test_a_room_with_deleted_messages_is_read_back_without_its_changes(deeds: list[Deed]) -> None:
    room = story_of(deeds).room
    text = exported(room)
    [state] = read_export(FILE, [text])
    assert as_values(state) == as_values(replace(room.freeze(), changes=()))
    assert state.is_coherent
    assert exported(Room.thaw(state)) == text


@given(DEEDS, DEEDS, st.integers(1, 300))
def test_an_export_is_read_back_as_the_same_rooms(first: list[Deed], second: list[Deed], size: int) -> None:
    rooms = [story_of(first).room, story_of(second).room]
    rooms[1].name = "second"
    text = exported(*rooms)
    assert all(json.loads(line) for line in text.splitlines())
    blocks = [text[at : at + size] for at in range(0, len(text), size)]
    states = read_export(FILE, blocks)
    assert [as_values(state) for state in states] == [as_values(room.freeze()) for room in rooms]
    assert exported(*map(Room.thaw, states)) == text


CHARS = st.characters(codec="utf-8")


@given(st.text(CHARS, min_size=1, max_size=200), st.text(CHARS, min_size=1, max_size=64))
def test_any_text_comes_back(content: str, nonce: str) -> None:
    room = Room("general")
    room.apply(Opened(room="general", title="General", at=0))
    room.apply(Posted(room="general", entry=Entry(1, "ann", nonce, content, 0)))
    text = exported(room)
    assert text.count(b"\n") == 4
    assert as_values(read_export(FILE, [text])[0]) == as_values(room.freeze())


@settings(max_examples=10)
@given(DEEDS)
def test_a_directory_that_is_imported_is_the_one_that_was_exported(deeds: list[Deed]) -> None:
    room = story_of(deeds).room
    with tempfile.TemporaryDirectory() as temporary:
        file, new = Path(temporary) / "export.jsonl", Path(temporary) / "new"
        file.write_bytes(exported(room))
        assert "Imported 1 room with" in said("import", file, new)
        assert values(recover(LocalDisk(), new).chat)[1:] == [as_values(room.freeze())]
        assert said("export", new).splitlines()[1:] == file.read_text("utf-8").splitlines()[1:]


def test_the_commands_take_a_chat_from_here_to_there(tmp_path: Path) -> None:
    data, file, new = tmp_path / "data", tmp_path / "export.jsonl", tmp_path / "new"
    build(data, 4, 3, 4)
    before = contents(data)
    assert said("export", data, file) == f"Exported 1 room with 10 messages as of commit 11 to {file}.\n"
    assert contents(data) == before
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert said("export", data) == file.read_text("utf-8")
    assert "is there already" in refused("export", data, file)
    said("export", data, file, "--force")
    said("import", file, new)
    assert values(recover(LocalDisk(), new).chat)[1:] == truths(life(11))[11][1:]
    assert list(recover(LocalDisk(), new).chat.people) == []
    assert recover(LocalDisk(), new).head.epoch != recover(LocalDisk(), data).head.epoch
    assert "holds a chat already" in refused("import", file, new)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["data", "export.jsonl", "new"]


def test_one_room_is_exported_alone(tmp_path: Path) -> None:
    file = tmp_path / "export.jsonl"
    file.write_bytes(text_of(LINES))
    said("import", file, tmp_path / "data")
    lines = said("export", tmp_path / "data", "--room", "empty").splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["head", "room", "end"]
    assert "There is no room 'nix' in" in refused("export", tmp_path / "data", "--room", "nix")
    assert "There are: general, empty." in refused("export", tmp_path / "data", "--room", "nix")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_output_that_takes_nothing_is_a_sentence(tmp_path: Path) -> None:
    build(tmp_path / "data", 3)
    command = shlex.join([sys.executable, "-W", "error", "-m", "chat_server", "export", str(tmp_path / "data")])
    for end, expected in (
        (">/dev/full", "Error: There is no space left for standard output."),
        (">&-", "Error: There is no standard output. Name a FILE."),
        ("| true", ""),
    ):
        done = subprocess.run(["sh", "-c", f"{command} {end}"], capture_output=True, text=True, check=False)
        assert done.stderr.startswith(expected)
        assert len(done.stderr.splitlines()) == bool(expected)


# What is no export


@pytest.mark.parametrize(
    ("at", "old", "new", "expected"),
    [
        (0, '"doubletick export"', '"something else"', "it is not the head of an export"),
        (0, '"sequence":7', '"sequence":7,"more":1', "Object contains unknown field `more`"),
        (0, '"head"', '"room"', "contains unknown field `format`"),
        (1, '"room":"general"', '"room":"a b"', "The room's name holds a space"),
        (1, '"revision":9', '"revision":-1', "Expected `int` >= 0"),
        (1, '"messages":3', '"messages":1', "the stays do not follow each other, or name messages"),
        (1, '"messages":3', '"messages":4', "room 'general' should have 4 messages before this line, and has 3"),
        (1, '"title":"General"', '"title":7', "Expected `str`, got `int`"),
        (1, '"title":"General"', '"title":"%s"' % ("x" * 257), "Expected `str` of length <= 256"),
        (2, '"name":"ann"', '"name":"\\u202eann"', "The member's name holds a character"),
        (2, '"name":"ann"', '"name":"bob"', "member 'bob' was there already"),
        (2, '"room":"general"', '"room":"empty"', "it is of room 'empty', which has not just begun"),
        (2, "[[0,null]]", "[]", "Expected `array` of length >= 1"),
        (3, "[[0,1],[2,null]]", "[[0,null],[2,null]]", "the stays do not follow"),
        (4, '"id":1', '"id":2', "message 2 is out of turn"),
        (4, '"sender":"ann"', '"sender":""', "Expected `str` of length >= 1"),
        (4, '"sender":"ann"', '"sender":"\\u0301a"', "The sender's name begins with U+0301"),
        (4, '"content":"hi"', '"content":""', "Expected `str` of length >= 1"),
        (4, '"content":"hi"', '"content":"%s"' % ("x" * (CONTENT_CHARS_MAX + 1)), "of length <= 8000"),
        (4, '"hi"', '"hi', "it is not JSON"),
        (5, '"replyTo":1', '"replyTo":2', "message 2 answers one that is not before it"),
        (5, '"type":"message"', '"type":"poll"', "Invalid value 'poll'"),
        (6, '"nonce":"n3"', '"nonce":"n1"', "message 3 has a nonce that its sender has used before"),
        (7, '"reader":"bob"', '"reader":"b\\tb"', "The reader's name holds a control character"),
        (7, '"last":1', '"last":3', "the reads of one reader ascend and do not overlap"),
        (7, '"first":1', '"first":2', "the reads of one reader ascend"),
        (8, '"last":3', '"last":4', "message 4 is not there to be read"),
        (8, '"revision":9', '"revision":10', "its revision is above the room's"),
        (8, '"at":9', '"at":9223372036854775808', "Expected `int`"),
        (9, '"room":"empty"', '"room":"general"', "room 'general' was there already"),
        (10, '"lines":10', '"lines":11', "11 lines should come before the end, and 10 do"),
    ],
)
def test_a_line_that_cannot_be_is_named(at: int, old: str, new: str, expected: str) -> None:
    assert old in LINES[at]
    text = objection([*LINES[:at], LINES[at].replace(old, new, 1), *LINES[at + 1 :]])
    assert expected in text
    assert text.startswith("line ")
    number = int(text.split()[1].rstrip(":"))
    # A contradiction between two lines shows at the later one.
    assert number - 1 >= at


@pytest.mark.parametrize(
    ("at", "old", "new", "expected"),
    [
        (1, '"owner":"olga"', '"owner":"a b"', "The owner's name holds a space"),
        (1, '"owner":"olga"', '"owner":7', "Expected `str`, got `int`"),
        (3, "[[0,1]]", "[[0,null]]", "member 'bob' is barred and has not left"),
        (3, '["olga",7]', '["a b",7]', "The moderator's name holds a space"),
        (3, '["olga",7]', '["olga"]', "Expected `array` of length 2"),
        (3, '["olga",7]', '["olga",-7]', "Expected `int` >= 0"),
        (4, '["",8]', '["a b",8]', "The moderator's name holds a space"),
        (5, '"id":1', '"id":2', "message 2 is out of turn"),
        (5, '"deletedAt":9,', "", "missing required field `deletedAt`"),
        (5, '"deletedBy":"olga"', '"deletedBy":"a b"', "The moderator's name holds a space"),
        (5, '"sentAt":5', '"sentAt":5,"content":"hi"', "contains unknown field `content`"),
        (5, '"sender":"bob"', '"sender":"a b"', "The sender's name holds a space"),
    ],
)
def test_a_line_of_moderation_that_cannot_be_is_named(at: int, old: str, new: str, expected: str) -> None:
    assert old in MODERATED[at]
    text = objection([*MODERATED[:at], MODERATED[at].replace(old, new, 1), *MODERATED[at + 1 :]])
    assert text.startswith(f"line {at + 1}: ")
    assert expected in text


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], "is cut short after line 0"),
        (LINES[:5], "is cut short after line 5"),
        (LINES[1:], "line 1: it is not the head of an export"),
        ([LINES[0], *LINES], "line 2: an export begins with exactly one `head`"),
        ([*LINES, LINES[-1]], "line 12: it comes after the end of the export"),
        ([*LINES[:3], "", *LINES[3:]], "line 4: it is empty"),
        ([LINES[0], *LINES[4:]], "line 2: it is of room 'general', which has not just begun"),
        ([*LINES[:5], LINES[3], *LINES[5:]], "line 6: members come before messages and reads"),
        ([*LINES[:6], LINES[7], LINES[6], *LINES[8:]], "line 8: messages come before reads"),
        ([*LINES[:7], LINES[6], *LINES[7:]], "line 8: message 3 is out of turn"),
        (
            [*LINES[:4], "\udcff".encode("utf-8", "surrogateescape").decode("latin-1"), *LINES[4:]],
            "line 5: it is not",
        ),
        ([LINES[0], '{"type":' + "[" * 100_000], "line 2: "),
        ([LINES[0], "[]"], "line 2: Expected `object`, got `array`"),
    ],
)
def test_lines_out_of_turn_are_named(lines: list[str], expected: str) -> None:
    assert expected in objection(lines)


@pytest.mark.parametrize("cut", range(len(LINES)))
def test_a_file_cut_short_at_any_line_is_refused(cut: int) -> None:
    assert "is cut short" in objection(LINES[:cut])
    if cut:
        with pytest.raises(Malformed):
            read_export(FILE, [text_of(LINES[:cut])[:-3]])


def test_a_line_without_end_is_not_read_to_it() -> None:
    endless = repeat(b"x" * 1024 * 1024)
    with pytest.raises(Malformed, match="line 2: it is too long for a line"):
        read_export(FILE, chain([text_of(LINES[:1])], endless))


def test_what_is_malformed_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "export.jsonl"
    file.write_bytes(text_of(LINES[:-1]))
    assert refused("import", file, tmp_path / "new") == (
        f"Error: {file} is cut short after line 10: the line that ends an export is missing. Export again; "
        "nothing was made.\n"
    )
    assert sorted(each.name for each in tmp_path.iterdir()) == ["export.jsonl"]


def test_another_version_of_the_format_is_said(tmp_path: Path) -> None:
    file = tmp_path / "export.jsonl"
    file.write_bytes(text_of(['{"type":"head","format":"doubletick export","version":4,"new":1}']))
    text = refused("import", file, tmp_path / "new")
    assert "has version 4 of the export's format; this program reads version 3. Use the `chat-server`" in text
