"""Bytes that nearly are what a reader expects, and the readers, which may raise a documented error alone."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from zlib import crc32

from chat_server.journal import UnknownCommit, find_intact, read_commits
from chat_server.protocol import (
    Acknowledge,
    Acknowledged,
    AcknowledgedBy,
    Ban,
    Bans,
    Challenge,
    Changed,
    ChangeSettings,
    Delete,
    Direct,
    Edit,
    Entered,
    FetchBans,
    FetchHorizons,
    FetchInfo,
    FetchMembers,
    FetchPins,
    FetchRooms,
    Found,
    History,
    Hit,
    Horizon,
    Horizons,
    Info,
    Join,
    Joined,
    Kick,
    Leave,
    Left,
    MakeLink,
    Members,
    Message,
    Mute,
    Muted,
    Ok,
    PageAcknowledgement,
    PageReceipt,
    Pass,
    Passed,
    Pin,
    Pins,
    Post,
    Presence,
    ProtocolError,
    Prove,
    React,
    Read,
    ReadBy,
    Receipt,
    Refused,
    Renamed,
    Retitled,
    RoomListing,
    Rooms,
    RoomSummary,
    Search,
    Settings,
    TellTyping,
    Topic,
    Typing,
    Unban,
    Unmute,
    Unpin,
    Welcome,
    decode_frame,
    decode_request,
    encode,
)
from chat_server.protocol.requests import FetchHistory, Resume, RoomCursor
from chat_server.snapshot import SnapshotError, parse_snapshot
from chat_server.store import StorageError
from chat_server.store.importing import read_export
from chat_server.store.layout import PREVIOUS, SNAPSHOT, segment_name
from chat_server.store.recovery import recover
from chat_server.store.repairing import salvage
from tests.chat_server.chats import Memory, files_of
from tests.chat_server.test_maintenance_exchange import (
    ACKNOWLEDGED,
    DIRECT,
    EDITED,
    LINES,
    MODERATED,
    SHARED,
    text_of,
)
from tests.identities import hello

FILES = files_of(3, 2, 3)
SHARING = Path(__file__).parent / "golden" / "sharing"
JOURNAL = segment_name(6)

TOKENS = (
    *(b"null", b"true", b"-1", b"0", b"1", b"1e999", b"9007199254740992", b"18446744073709551616", b"1" * 400),
    *(
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\\",
        b"\n",
        b"\0",
        b"\xff",
        b"\xed\xa0\x80",
        b'"\\ud800"',
        b"[" * 2_000,
    ),
    *(b'"type":', b'"sequence":', b'"synced":', b'"records":[]', b'"id":2', b'"room":"b"', b'{"":[[1,2,3,4]]}'),
)
_LINE = re.compile(rb"[0-9a-f]{8} ([^\n]*)\n")
_TAIL = re.compile(rb'"crc32":"[0-9a-f]{8}"\}\n\Z')


@dataclass(frozen=True)
class Target:
    """A reader, what it is fed, and what it may raise."""

    name: str
    read: Callable[[bytes], object]
    errors: tuple[type[Exception], ...]
    seeds: tuple[bytes, ...]
    reseal: Callable[[bytes], bytes] | None = None
    """Makes the checksums fit again, so that what is behind them is reached."""

    def feed(self, text: bytes) -> bool:
        """Whether it takes this; anything but a documented error escapes."""
        try:
            self.read(text)
        except self.errors:
            return False
        return True


def mutate(random: Random, target: Target) -> bytes:
    """One of the target's seeds with a few changes, its checksums often made to fit."""
    text = bytearray(random.choice(target.seeds))
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        change(random, text, target.seeds, TOKENS)
    if target.reseal is not None and random.random() < 0.7:
        return target.reseal(bytes(text))
    return bytes(text)


def change(random: Random, text: bytearray, seeds: Sequence[bytes], tokens: Sequence[bytes]) -> None:
    """Flip, put in, put over, leave out or repeat something, or bring in a part of another seed."""
    at = random.randint(0, len(text))
    end = min(len(text), at + random.choice((1, 1, 4, 16, 64)))
    match random.randrange(6):
        case 0 if at < len(text):
            text[at] ^= 1 << random.randrange(8)
        case 1:
            text[at:at] = random.choice(tokens)
        case 2:
            text[at:end] = random.choice(tokens)
        case 3:
            del text[at:end]
        case 4:
            text[at:at] = text[at:end]
        case _:
            other = random.choice(seeds)
            start = random.randrange(len(other))
            text[at:end] = other[start : start + random.choice((1, 16, 64))]


def _reseal_journal(text: bytes) -> bytes:
    return _LINE.sub(lambda match: b"%08x %b\n" % (crc32(match[1]), match[1]), text)


def _reseal_snapshot(text: bytes) -> bytes:
    tail = _TAIL.search(text)
    return text if tail is None else text[: tail.start()] + b'"crc32":"%08x"}\n' % crc32(text[: tail.start()])


def _commits(text: bytes) -> None:
    list(read_commits(text))
    list(find_intact(text, 0))


def _directory(name: str, *missing: str) -> Callable[[bytes], object]:
    """Recover and survey a directory in which this file has the bytes, and others are missing."""
    others = {each: text for each, text in FILES.items() if each not in missing}

    def read(text: bytes) -> None:
        disk = Memory({**others, name: text})
        salvage(disk, Path("data"))
        recover(disk, Path("data"))

    return read


REQUESTS = (
    hello("ann", invite="code", resume=Resume("e", {"general": RoomCursor(3, 4)}), ref="1"),
    Prove(signature="s" * 86),
    Post(room="general", nonce="n", content='hi ✓ \\ " \n', reply_to=2),
    Read(room="general", ranges=((1, 3), (5, 9)), editions=((2, 1),)),
    Edit(room="general", message_id=3, content="ho"),
    React(room="general", message_id=3, emoji="👍", on=False),
    FetchHistory(room="general", before=9, limit=50),
    ChangeSettings(receipts="private", rooms={"general": "off", "tea": None}),
    Direct(name="bob", ref="d"),
    Acknowledge(room="general", message_id=3, edition=1, ref="a"),
    MakeLink(digest="d" * 43),
    FetchInfo(room="general", message_id=3),
    Join(room="tea", title="Tea & more", receipts="required"),
    Leave(room="tea"),
    FetchRooms(ref="r"),
    FetchMembers(room="general"),
    Delete(room="general", message_id=3),
    Kick(room="tea", name="bob"),
    Ban(room="tea", name="bob"),
    Unban(room="tea", name="bob"),
    Mute(room="tea", name="bob"),
    Unmute(room="tea", name="bob"),
    Pin(room="general", message_id=3),
    Unpin(room="general", message_id=3),
    FetchPins(room="general"),
    FetchHorizons(room="general"),
    TellTyping(room="general"),
    Topic(room="tea", title="Tea & more"),
    Pass(room="tea", name="bob"),
    FetchBans(room="tea"),
    Search(room="tea", query="two words from:ann", before={"tea": 7}, limit=5),
)
"""Of each type one."""

SUMMARY = RoomSummary(
    name="tea",
    title="Tea",
    last_id=9,
    revision=12,
    first_unread=8,
    unread=2,
    members=("ann", "bob"),
    online=("ann",),
    pins=(3,),
    policy={"receipts": "required"},
    muted=("bob",),
)

MESSAGE = Message(
    room="general", id=3, sender="ann", content="hi", sent_at=1, audience=2, read_by=1, reply_to=1, nonce="n"
)

FRAMES = (
    Ok(ref="1", message_id=3),
    Changed(room="general", message_id=3, reactions={"👍": ("ann", "bob")}, pinned=True, pinned_by="ann"),
    MESSAGE,
    Receipt(room="general", reader="bob", ranges=((1, 3),), read_at=5, late=True, revision=9, editions=((2, 1),)),
    Changed(room="general", message_id=3, content="ho", edited_at=5, edition=1, audience=2, read_by=1, revision=9),
    History(
        room="general",
        messages=(MESSAGE, MESSAGE),
        more=True,
        receipts=(PageReceipt(reader="bob", ranges=((1, 1), (3, 3)), read_at=4),),
        acknowledged=(PageAcknowledgement(message_id=3, reader="bob", acknowledged_at=5, edition=1),),
    ),
    Settings(receipts="private", rooms={"general": "off"}),
    Acknowledged(room="general", message_id=3, reader="bob", acknowledged_at=5, edition=1, revision=9),
    Challenge(nonce="n" * 43, server="k" * 43, signature="s" * 86, ref="1"),
    Welcome(name="ann", epoch="e", rooms=(SUMMARY,), ref="2"),
    Entered(room=SUMMARY),
    Joined(room="tea", name="bob", back=True),
    Left(room="tea", name="bob", by="ann", barred=True),
    Muted(room="tea", name="bob", muted=True, by="ann"),
    Renamed(room="tea", name="bob", to="ben", revision=9),
    Retitled(room="tea", title="Tea & more", by="ann"),
    Passed(room="tea", owner="bob", by="ann"),
    Presence(room="tea", name="bob", online=False),
    Refused(code="rate-limited", reason="Slow down.", retry_after_ms=9, ref="3"),
    Info(
        room="general",
        message_id=3,
        read_by=(ReadBy("bob", 5),),
        missing=("cid",),
        unshared=("dan",),
        read_earlier=(ReadBy("eve", 4),),
        acknowledged=(AcknowledgedBy("bob", 6),),
        ref="4",
    ),
    Rooms(rooms=(RoomListing("tea", "Tea", members=2, joined=True, policy={"receipts": "required"}),), ref="5"),
    Members(room="tea", members=("ann", "bob"), online=("ann",)),
    Pins(room="general", messages=(MESSAGE,), more=True),
    Horizons(room="general", horizons=(Horizon("bob", 3, 5),)),
    Typing(room="tea", name="bob"),
    Found(query="hi", hits=(Hit(MESSAGE, ((0, 2),)),), next={"tea": 7}),
    Bans(room="tea", names=("bob",)),
)
"""Of each type one."""


def _files(pattern: str) -> list[bytes]:
    """Such files of a directory with all that there can be in rooms."""
    return [path.read_bytes() for path in sorted(SHARING.glob(pattern))]


TARGETS = (
    Target("decode_request", decode_request, (ProtocolError,), tuple(map(encode, REQUESTS))),
    Target("decode_frame", decode_frame, (ProtocolError,), tuple(map(encode, FRAMES))),
    Target("journal lines", _commits, (UnknownCommit,), (FILES[JOURNAL], *_files("journal-*")), _reseal_journal),
    Target(
        "snapshot", parse_snapshot, (SnapshotError,), (FILES[SNAPSHOT], *_files("snapshot*")), _reseal_snapshot
    ),
    Target("journal in a directory", _directory(JOURNAL), (StorageError,), (FILES[JOURNAL],), _reseal_journal),
    Target("snapshot in a directory", _directory(SNAPSHOT), (StorageError,), (FILES[SNAPSHOT],), _reseal_snapshot),
    Target(
        "previous in a directory",
        _directory(PREVIOUS, SNAPSHOT),
        (StorageError,),
        (FILES[PREVIOUS],),
        _reseal_snapshot,
    ),
    Target(
        "import",
        lambda text: read_export(Path("x.jsonl"), [text]),
        (StorageError,),
        tuple(map(text_of, (LINES, MODERATED, EDITED, SHARED, ACKNOWLEDGED, DIRECT))),
    ),
)
