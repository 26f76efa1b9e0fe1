"""The wire: every frame as literal JSON, every bound at it and one past it, and bytes that are no frame."""

import json
from contextlib import suppress
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol import (
    CONTENT_CHARS_MAX,
    FRAME_BYTES_MAX,
    ID_MAX,
    NAME_CHARS_MAX,
    NONCE_CHARS_MAX,
    PAGE_BYTES_MAX,
    PAGE_MAX,
    PAGE_RECEIPTS_BYTES_MAX,
    QUERY_CHARS_MAX,
    RANGES_MAX,
    REF_CHARS_MAX,
    REQUEST_BYTES_MAX,
    SEARCH_HITS_MAX,
    SEARCH_ROOMS_MAX,
    TITLE_CHARS_MAX,
    Acknowledge,
    Acknowledged,
    AcknowledgedBy,
    AnyFrame,
    AnyRequest,
    Ban,
    Bans,
    Challenge,
    Changed,
    ChangeSettings,
    CloseCode,
    Delete,
    Direct,
    Edit,
    Entered,
    FetchBans,
    FetchHistory,
    FetchHorizons,
    FetchInfo,
    FetchMembers,
    FetchPins,
    FetchRooms,
    Found,
    Hello,
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
    Limits,
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
    Resume,
    Retitled,
    RoomCursor,
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
    is_reaction,
)

KEY, NONCE, SIGNATURE = "k" * 43, "n" * 43, "s" * 86
KEYS = {"key": KEY, "nonce": NONCE}
KEYS_JSON = f'"key":"{KEY}","nonce":"{NONCE}"'

REQUESTS: dict[str, AnyRequest] = {
    '{"type":"hello","name":"ann","version":1,' + KEYS_JSON + "}": Hello(
        name="ann", version=1, key=KEY, nonce=NONCE
    ),
    '{"type":"hello","ref":"h","name":"ann","version":1,' + KEYS_JSON + ',"invite":"i","client":"w","resume":'
    '{"epoch":"e","rooms":{"general":{"message":7,"revision":9}}}}': Hello(
        ref="h",
        name="ann",
        version=1,
        key=KEY,
        nonce=NONCE,
        invite="i",
        client="w",
        resume=Resume("e", {"general": RoomCursor(message=7, revision=9)}),
    ),
    f'{{"type":"prove","ref":"p","signature":"{SIGNATURE}"}}': Prove(ref="p", signature=SIGNATURE),
    f'{{"type":"link","ref":"l","digest":"{KEY}"}}': MakeLink(ref="l", digest=KEY),
    '{"type":"post","room":"general","nonce":"n","content":"hi"}': Post(room="general", nonce="n", content="hi"),
    '{"type":"post","ref":"p","room":"general","nonce":"n","content":"hi","replyTo":3}': Post(
        ref="p", room="general", nonce="n", content="hi", reply_to=3
    ),
    '{"type":"read","room":"general","ranges":[[1,40],[44,44]]}': Read(room="general", ranges=((1, 40), (44, 44))),
    '{"type":"read","room":"general","ranges":[[1,1]],"editions":[[1,0],[1,3]]}': Read(
        room="general", ranges=((1, 1),), editions=((1, 0), (1, 3))
    ),
    '{"type":"edit","ref":"e","room":"tea","messageID":7,"content":"ho"}': Edit(
        ref="e", room="tea", message_id=7, content="ho"
    ),
    '{"type":"react","room":"tea","messageID":7,"emoji":"👍"}': React(room="tea", message_id=7, emoji="👍"),
    '{"type":"react","room":"tea","messageID":7,"emoji":"👍","on":false}': React(
        room="tea", message_id=7, emoji="👍", on=False
    ),
    '{"type":"acknowledge","room":"tea","messageID":7}': Acknowledge(room="tea", message_id=7),
    '{"type":"acknowledge","ref":"a","room":"tea","messageID":7,"edition":2}': Acknowledge(
        ref="a", room="tea", message_id=7, edition=2
    ),
    '{"type":"pin","room":"tea","messageID":7}': Pin(room="tea", message_id=7),
    '{"type":"unpin","room":"tea","messageID":7}': Unpin(room="tea", message_id=7),
    '{"type":"typing","room":"tea"}': TellTyping(room="tea"),
    '{"type":"pins","ref":"p","room":"tea"}': FetchPins(ref="p", room="tea"),
    '{"type":"history","room":"general","before":7,"limit":50}': FetchHistory(room="general", before=7, limit=50),
    '{"type":"history","room":"general","after":0}': FetchHistory(room="general", after=0),
    '{"type":"history","room":"general","around":7}': FetchHistory(room="general", around=7),
    '{"type":"info","room":"general","messageID":7}': FetchInfo(room="general", message_id=7),
    '{"type":"horizons","ref":"h","room":"general"}': FetchHorizons(ref="h", room="general"),
    '{"type":"join","room":"general"}': Join(room="general"),
    '{"type":"join","room":"tea","title":"Tea & more","receipts":"required"}': Join(
        room="tea", title="Tea & more", receipts="required"
    ),
    '{"type":"pass","room":"tea","name":"bob"}': Pass(room="tea", name="bob"),
    '{"type":"bans","room":"tea"}': FetchBans(room="tea"),
    '{"type":"topic","room":"tea","title":" Tea "}': Topic(room="tea", title=" Tea "),
    '{"type":"direct","ref":"d","name":"bob"}': Direct(ref="d", name="bob"),
    '{"type":"search","query":"two words","limit":5}': Search(query="two words", limit=5),
    '{"type":"search","room":"tea","query":"x","before":{"tea":7}}': Search(
        room="tea", query="x", before={"tea": 7}
    ),
    '{"type":"leave","room":"general"}': Leave(room="general"),
    '{"type":"rooms"}': FetchRooms(),
    '{"type":"members","ref":"m","room":"general"}': FetchMembers(ref="m", room="general"),
    '{"type":"delete","room":"tea","messageID":7}': Delete(room="tea", message_id=7),
    '{"type":"settings","ref":"s"}': ChangeSettings(ref="s"),
    '{"type":"settings","receipts":"private","rooms":{"tea":"off","den":null}}': ChangeSettings(
        receipts="private", rooms={"tea": "off", "den": None}
    ),
    '{"type":"kick","room":"tea","name":"bob"}': Kick(room="tea", name="bob"),
    '{"type":"ban","room":"tea","name":"bob"}': Ban(room="tea", name="bob"),
    '{"type":"unban","room":"tea","name":"bob"}': Unban(room="tea", name="bob"),
    '{"type":"mute","ref":"m","room":"tea","name":"bob"}': Mute(ref="m", room="tea", name="bob"),
    '{"type":"unmute","room":"tea","name":"bob"}': Unmute(room="tea", name="bob"),
}

SUMMARY = RoomSummary(
    name="general",
    title="General",
    last_id=9,
    revision=12,
    first_unread=8,
    unread=2,
    members=("ann", "bob"),
    online=("ann",),
)
SUMMARY_JSON = (
    '{"name":"general","title":"General","lastId":9,"revision":12,"firstUnread":8,"unread":2,'
    '"members":["ann","bob"],"online":["ann"],"pins":[],"policy":{},"owner":"","muted":[],"sharing":"public",'
    '"direct":false}'
)
LIMITS_JSON = '{"contentChars":8000,"requestBytes":131072,"page":200,"ranges":1000}'
MESSAGE = Message(room="general", id=7, sender="ann", content="hi", sent_at=1000, audience=3, read_by=0)

FRAMES: dict[str, AnyFrame] = {
    '{"type":"challenge","nonce":"n","server":"k","signature":"s","ref":"h"}': Challenge(
        nonce="n", server="k", signature="s", ref="h"
    ),
    '{"type":"welcome","name":"ann","epoch":"e","rooms":[' + SUMMARY_JSON + '],"limits":' + LIMITS_JSON + ","
    '"settings":{"type":"settings","receipts":"public","rooms":{}}}': (
        Welcome(name="ann", epoch="e", rooms=(SUMMARY,))
    ),
    '{"type":"welcome","name":"ann","epoch":"e","rooms":[{"name":"r","title":"r","lastId":0,"revision":0,'
    '"firstUnread":null,"unread":0,"members":[],"online":[],"pins":[4],"policy":{"receipts":"required"},'
    '"owner":"ann","muted":["bob"],"sharing":"off","direct":true}],'
    '"limits":{"contentChars":1,"requestBytes":2,"page":3,"ranges":4},'
    '"settings":{"type":"settings","receipts":"off","rooms":{}},"ref":"h"}': Welcome(
        name="ann",
        epoch="e",
        rooms=(
            RoomSummary(
                name="r",
                title="r",
                last_id=0,
                revision=0,
                first_unread=None,
                unread=0,
                members=(),
                online=(),
                pins=(4,),
                policy={"receipts": "required"},
                owner="ann",
                muted=("bob",),
                sharing="off",
                direct=True,
            ),
        ),
        limits=Limits(content_chars=1, request_bytes=2, page=3, ranges=4),
        settings=Settings(receipts="off", rooms={}),
        ref="h",
    ),
    '{"type":"message","room":"general","id":7,"sender":"ann","content":"hi","sentAt":1000,"audience":3,'
    '"readBy":0}': MESSAGE,
    '{"type":"message","room":"general","id":7,"sender":"ann","content":"hi","sentAt":1000,"audience":3,'
    '"readBy":2,"replyTo":6,"nonce":"n"}': Message(
        room="general",
        id=7,
        sender="ann",
        content="hi",
        sent_at=1000,
        audience=3,
        read_by=2,
        reply_to=6,
        nonce="n",
    ),
    '{"type":"message","room":"general","id":7,"sender":"ann","content":"","sentAt":1000,"audience":0,'
    '"readBy":0,"deletedAt":2000,"deletedBy":"bob"}': Message(
        room="general",
        id=7,
        sender="ann",
        content="",
        sent_at=1000,
        audience=0,
        read_by=0,
        deleted_at=2000,
        deleted_by="bob",
    ),
    '{"type":"changed","room":"general","messageID":7,"deletedAt":2000,"deletedBy":"bob","revision":13}': Changed(
        room="general", message_id=7, deleted_at=2000, deleted_by="bob", revision=13
    ),
    '{"type":"message","room":"general","id":7,"sender":"ann","content":"ho","sentAt":1000,"audience":3,'
    '"readBy":1,"edition":2,"editedAt":2000}': Message(
        room="general",
        id=7,
        sender="ann",
        content="ho",
        sent_at=1000,
        audience=3,
        read_by=1,
        edition=2,
        edited_at=2000,
    ),
    '{"type":"changed","room":"general","messageID":7,"content":"ho","editedAt":2000,"edition":1,"audience":2,'
    '"readBy":0,"revision":13}': Changed(
        room="general",
        message_id=7,
        content="ho",
        edited_at=2000,
        edition=1,
        audience=2,
        read_by=0,
        revision=13,
    ),
    '{"type":"receipt","room":"general","reader":"bob","ranges":[],"readAt":2000,"editions":[[7,1]]}': Receipt(
        room="general", reader="bob", ranges=(), read_at=2000, editions=((7, 1),)
    ),
    '{"type":"info","room":"general","messageID":7,"readBy":[],"missing":[],"unshared":[],'
    '"readEarlier":[{"reader":"bob","readAt":2000}]}': Info(
        room="general", message_id=7, read_by=(), missing=(), unshared=(), read_earlier=(ReadBy("bob", 2000),)
    ),
    '{"type":"info","room":"general","messageID":7,"readBy":[],"missing":[],"unshared":[],'
    '"acknowledged":[{"reader":"bob","acknowledgedAt":2000}],'
    '"acknowledgedEarlier":[{"reader":"cid","acknowledgedAt":1000}]}': Info(
        room="general",
        message_id=7,
        read_by=(),
        missing=(),
        unshared=(),
        acknowledged=(AcknowledgedBy("bob", 2000),),
        acknowledged_earlier=(AcknowledgedBy("cid", 1000),),
    ),
    '{"type":"acknowledged","room":"general","messageID":7,"reader":"bob","acknowledgedAt":2000}': Acknowledged(
        room="general", message_id=7, reader="bob", acknowledged_at=2000
    ),
    '{"type":"acknowledged","room":"general","messageID":7,"reader":"bob","acknowledgedAt":2000,"edition":2,'
    '"revision":5}': Acknowledged(
        room="general", message_id=7, reader="bob", acknowledged_at=2000, edition=2, revision=5
    ),
    '{"type":"history","room":"general","messages":[],"more":false,"acknowledged":[{"messageID":7,"reader":"bob",'
    '"acknowledgedAt":2000},{"messageID":8,"reader":"cid","acknowledgedAt":3000,"edition":1}]}': History(
        room="general",
        messages=(),
        more=False,
        acknowledged=(
            PageAcknowledgement(message_id=7, reader="bob", acknowledged_at=2000),
            PageAcknowledgement(message_id=8, reader="cid", acknowledged_at=3000, edition=1),
        ),
    ),
    '{"type":"message","room":"general","id":7,"sender":"ann","content":"hi","sentAt":1000,"audience":3,'
    '"readBy":0,"reactions":{"👍":["bob","ann"]}}': Message(
        room="general",
        id=7,
        sender="ann",
        content="hi",
        sent_at=1000,
        audience=3,
        read_by=0,
        reactions={"👍": ("bob", "ann")},
    ),
    '{"type":"changed","room":"general","messageID":7,"reactions":{},"pinned":false,"pinnedBy":"ann"}': Changed(
        room="general", message_id=7, reactions={}, pinned=False, pinned_by="ann"
    ),
    '{"type":"typing","room":"tea","name":"bob"}': Typing(room="tea", name="bob"),
    '{"type":"pins","room":"general","messages":[],"more":true,"ref":"p"}': Pins(
        room="general", messages=(), more=True, ref="p"
    ),
    '{"type":"changed","room":"general","messageID":7}': Changed(room="general", message_id=7),
    '{"type":"settings","receipts":"public","rooms":{"tea":"off"},"ref":"s"}': Settings(
        receipts="public", rooms={"tea": "off"}, ref="s"
    ),
    '{"type":"muted","room":"tea","name":"bob","muted":true,"by":"ann"}': Muted(
        room="tea", name="bob", muted=True, by="ann"
    ),
    '{"type":"renamed","room":"tea","name":"bob","to":"ben","revision":14}': Renamed(
        room="tea", name="bob", to="ben", revision=14
    ),
    '{"type":"passed","room":"tea","owner":"bob","by":"ann"}': Passed(room="tea", owner="bob", by="ann"),
    '{"type":"horizons","room":"tea","horizons":[{"reader":"bob","messageID":7,"readAt":2000}],"ref":"h"}': (
        Horizons(room="tea", horizons=(Horizon("bob", 7, 2000),), ref="h")
    ),
    '{"type":"horizons","room":"tea","horizons":[],"hidden":true}': Horizons(room="tea", horizons=(), hidden=True),
    '{"type":"bans","room":"tea","names":["bob"],"ref":"b"}': Bans(room="tea", names=("bob",), ref="b"),
    '{"type":"retitled","room":"tea","title":"Tea","by":"ann"}': Retitled(room="tea", title="Tea", by="ann"),
    '{"type":"receipt","room":"general","reader":"bob","ranges":[[1,4],[7,7]],"readAt":2000}': Receipt(
        room="general", reader="bob", ranges=((1, 4), (7, 7)), read_at=2000
    ),
    '{"type":"receipt","room":"general","reader":"bob","ranges":[[1,4]],"readAt":2000,"late":true,"revision":5}': (
        Receipt(room="general", reader="bob", ranges=((1, 4),), read_at=2000, late=True, revision=5)
    ),
    '{"type":"joined","room":"general","name":"bob"}': Joined(room="general", name="bob"),
    '{"type":"joined","room":"tea","name":"bob","back":true}': Joined(room="tea", name="bob", back=True),
    '{"type":"entered","room":' + SUMMARY_JSON + "}": Entered(room=SUMMARY),
    '{"type":"left","room":"general","name":"bob"}': Left(room="general", name="bob"),
    '{"type":"left","room":"tea","name":"bob","by":"ann","barred":true}': Left(
        room="tea", name="bob", by="ann", barred=True
    ),
    '{"type":"presence","room":"general","name":"bob","online":false}': Presence(
        room="general", name="bob", online=False
    ),
    '{"type":"ok"}': Ok(),
    '{"type":"ok","ref":"p","messageID":7}': Ok(ref="p", message_id=7),
    '{"type":"ok","ref":"j","room":' + SUMMARY_JSON + "}": Ok(ref="j", room=SUMMARY),
    '{"type":"refused","code":"bad-name","reason":"No.","ref":"h"}': Refused(
        code="bad-name", reason="No.", ref="h"
    ),
    '{"type":"history","room":"general","messages":[],"more":false}': History(
        room="general", messages=(), more=False
    ),
    '{"type":"history","room":"general","messages":[],"more":true,"afresh":true,"revision":3}': History(
        room="general", messages=(), more=True, afresh=True, revision=3
    ),
    '{"type":"history","room":"general","messages":[{"type":"message","room":"general","id":7,"sender":"ann",'
    '"content":"hi","sentAt":1000,"audience":3,"readBy":0}],"more":true,"receipts":[{"reader":"bob",'
    '"ranges":[[7,7]],"readAt":2000},{"reader":"cid","ranges":[[7,7]],"readAt":3000,"late":true}],"revision":12,'
    '"ref":"g"}': History(
        room="general",
        messages=(MESSAGE,),
        more=True,
        receipts=(
            PageReceipt(reader="bob", ranges=((7, 7),), read_at=2000),
            PageReceipt(reader="cid", ranges=((7, 7),), read_at=3000, late=True),
        ),
        revision=12,
        ref="g",
    ),
    '{"type":"info","room":"general","messageID":8,"readBy":[],"missing":[],"unshared":[],"hidden":true}': Info(
        room="general", message_id=8, read_by=(), missing=(), unshared=(), hidden=True
    ),
    '{"type":"info","room":"general","messageID":7,"readBy":[{"reader":"bob","readAt":2000}],"missing":["cid"],'
    '"unshared":[]}': Info(
        room="general", message_id=7, read_by=(ReadBy("bob", 2000),), missing=("cid",), unshared=()
    ),
    '{"type":"rooms","rooms":[{"name":"general","title":"General","members":2,"joined":true,"policy":{}},'
    '{"name":"tea","title":"Tea","members":1,"joined":false,"policy":{"receipts":"required"}}]}': Rooms(
        rooms=(
            RoomListing("general", "General", 2, joined=True),
            RoomListing("tea", "Tea", 1, joined=False, policy={"receipts": "required"}),
        )
    ),
    '{"type":"search","query":"hi","hits":[{"message":{"type":"message","room":"general","id":7,"sender":"ann",'
    '"content":"hi","sentAt":1000,"audience":3,"readBy":0},"matches":[[0,2]]}],"next":{"tea":7},"ref":"s"}': Found(
        query="hi", hits=(Hit(MESSAGE, ((0, 2),)),), next={"tea": 7}, ref="s"
    ),
    '{"type":"search","query":"hi","hits":[]}': Found(query="hi", hits=()),
    '{"type":"members","room":"general","members":["ann","bob"],"online":["ann"]}': Members(
        room="general", members=("ann", "bob"), online=("ann",)
    ),
}


@pytest.mark.parametrize(("text", "request_"), REQUESTS.items())
def test_requests_as_literal_json(text: str, request_: AnyRequest) -> None:
    assert decode_request(text) == request_
    assert decode_request(text.encode()) == request_
    assert json.loads(encode(request_)) == json.loads(text)


@pytest.mark.parametrize(("text", "frame"), FRAMES.items())
def test_frames_as_literal_json(text: str, frame: AnyFrame) -> None:
    assert decode_frame(text) == frame
    assert decode_frame(text.encode()) == frame
    assert json.loads(encode(frame)) == json.loads(text)


def test_no_type_is_left_out() -> None:
    assert {type(each) for each in REQUESTS.values()} == set(get_args(AnyRequest))
    assert {type(each) for each in FRAMES.values()} == set(get_args(AnyFrame))


def post(**fields: object) -> str:
    """A post with some fields changed, as JSON."""
    return json.dumps({"type": "post", "ref": "p", "room": "r", "nonce": "n", "content": "hi"} | fields)


def read(ranges: object) -> str:
    return json.dumps({"type": "read", "ref": "p", "room": "r", "ranges": ranges})


def info(message_id: str) -> str:
    return f'{{"type":"info","ref":"p","room":"r","messageID":{message_id}}}'


AT_THE_BOUND = [
    post(content="x" * CONTENT_CHARS_MAX),
    post(content="🦊" * CONTENT_CHARS_MAX),
    post(content="x"),
    post(nonce="n" * NONCE_CHARS_MAX),
    post(nonce="n"),
    post(ref="p" * REF_CHARS_MAX),
    post(ref=""),
    post(ref=None),
    post(room="r" * 64),
    post(replyTo=1),
    read([[1, 1]] * RANGES_MAX),
    read([[1, ID_MAX]]),
    info("1"),
    info(str(ID_MAX)),
    '{"type":"history","room":"r","before":0,"limit":1}',
    f'{{"type":"history","room":"r","after":{ID_MAX},"limit":{PAGE_MAX}}}',
    '{"type":"history","room":"r","around":0}',
    json.dumps({"type": "topic", "room": "r", "title": "t" * TITLE_CHARS_MAX}),
    json.dumps({"type": "join", "room": "r", "title": "\U0001f98a" * TITLE_CHARS_MAX, "receipts": None}),
    json.dumps({"type": "search", "query": "q" * QUERY_CHARS_MAX, "limit": SEARCH_HITS_MAX}),
    json.dumps({"type": "search", "query": "q", "before": {f"r{at}": ID_MAX for at in range(SEARCH_ROOMS_MAX)}}),
    json.dumps({"type": "hello", "name": "n" * 256, "version": ID_MAX, **KEYS, "invite": "i" * 256}),
    json.dumps({"type": "hello", "name": "", "version": 1, "key": "-_" + "A" * 41, "nonce": "0" * 43}),
]

REFUSED = {
    "content too long": (post(content="x" * (CONTENT_CHARS_MAX + 1)), "$.content"),
    "content empty": (post(content=""), "$.content"),
    "content no text": (post(content=5), "$.content"),
    "nonce too long": (post(nonce="n" * (NONCE_CHARS_MAX + 1)), "$.nonce"),
    "nonce empty": (post(nonce=""), "$.nonce"),
    "room too long": (post(room="r" * 65), "$.room"),
    "room empty": (post(room=""), "$.room"),
    "reply to nothing": (post(replyTo=0), "$.replyTo"),
    "unknown field": (post(reader="JohnDoe"), "reader"),
    "field of another case": (post(reply_to=1), "reply_to"),
    "missing field": ('{"type":"post","ref":"p","room":"r","content":"hi"}', "nonce"),
    "unknown type": (post(type="shout"), "shout"),
    "type no text": (post(type=5), "$.type"),
    "type missing": ('{"ref":"p","room":"r"}', "`type`"),
    "two types": ('{"type":"leave","ref":"p","type":"read","room":"r"}', "$.type"),
    "a reader in a receipt": (
        '{"type":"read","ref":"p","room":"r","ranges":[[7,7]],"reader":"JohnDoe"}',
        "reader",
    ),
    "no ranges": (read([]), "$.ranges"),
    "too many ranges": (read([[1, 1]] * (RANGES_MAX + 1)), "$.ranges"),
    "range reversed": (read([[1, 2], [5, 4]]), "ends before it begins"),
    "range of one": (read([[1]]), "$.ranges"),
    "range of three": (read([[1, 2, 3]]), "$.ranges"),
    "range from 0": (read([[0, 2]]), "$.ranges"),
    "range past the largest id": (read([[1, ID_MAX + 1]]), "$.ranges"),
    "id 0": (info("0"), "$.messageID"),
    "id negative": (info("-1"), "$.messageID"),
    "id past the largest": (info(str(ID_MAX + 1)), "$.messageID"),
    "id of 400 digits": (info("1" * 400), "$.messageID"),
    "id of 5,000 digits": (info("1" * 5_000), "$.messageID"),
    "id a fraction": (info("1.5"), "$.messageID"),
    "id a float": (info("1.0"), "$.messageID"),
    "id an exponent": (info("1e2"), "$.messageID"),
    "id a bool": (info("true"), "$.messageID"),
    "id a text": (info('"1"'), "$.messageID"),
    "id null": (info("null"), "$.messageID"),
    "history in no direction": ('{"type":"history","ref":"p","room":"r"}', "exactly one"),
    "history in two": ('{"type":"history","ref":"p","room":"r","before":1,"after":1}', "exactly one"),
    "history in three": ('{"type":"history","ref":"p","room":"r","before":1,"after":1,"around":1}', "exactly one"),
    "page of none": ('{"type":"history","ref":"p","room":"r","before":1,"limit":0}', "$.limit"),
    "page too long": (f'{{"type":"history","ref":"p","room":"r","before":1,"limit":{PAGE_MAX + 1}}}', "$.limit"),
    **{
        f"title {what} in {kind}": (json.dumps({"type": kind, "ref": "p", "room": "r", "title": title}), "$.title")
        for kind in ("topic", "join")
        for what, title in {
            "empty": "",
            "blank": " \u3000",
            "too long": "t" * (TITLE_CHARS_MAX + 1),
            "of two lines": "a\nb",
            "of two separated lines": "a\u2028b",
            "of two paragraphs": "a\u2029b",
            "with a control character": "a\x1b[31m",
            "ending with a newline": "a\n",
        }.items()
    },
    "title missing": ('{"type":"topic","ref":"p","room":"r"}', "`title`"),
    "another policy": ('{"type":"join","ref":"p","room":"r","receipts":"off"}', "$.receipts"),
    "query empty": ('{"type":"search","ref":"p","query":""}', "$.query"),
    "query too long": (
        json.dumps({"type": "search", "ref": "p", "query": "q" * (QUERY_CHARS_MAX + 1)}),
        "$.query",
    ),
    "hits too many": ('{"type":"search","ref":"p","query":"q","limit":51}', "$.limit"),
    "hits of none": ('{"type":"search","ref":"p","query":"q","limit":0}', "$.limit"),
    "rooms to go on in too many": (
        json.dumps({"type": "search", "ref": "p", "query": "q", "before": dict.fromkeys(map(str, range(501)), 1)}),
        "$.before",
    ),
    "before the first": ('{"type":"search","ref":"p","query":"q","before":{"r":0}}', "$.before"),
    "edition negative": (
        '{"type":"acknowledge","ref":"p","room":"r","messageID":1,"edition":-1}',
        "$.edition",
    ),
    "acknowledged by another": (
        '{"type":"acknowledge","ref":"p","room":"r","messageID":1,"reader":"ann"}',
        "unknown field",
    ),
    "cursor negative": ('{"type":"history","ref":"p","room":"r","after":-1}', "$.after"),
    "name too long": (
        json.dumps({"type": "hello", "ref": "p", "name": "n" * 257, "version": 1, **KEYS}),
        "$.name",
    ),
    **{
        f"{name} {what}": (json.dumps({**hello, name: value}), f"$.{name}")
        for hello in [{"type": "hello", "ref": "p", "name": "a", "version": 1, **KEYS}]
        for name in ("key", "nonce")
        for what, value in {
            "too short": "k" * 42,
            "too long": "k" * 44,
            "padded": "k" * 43 + "=",
            "of another alphabet": "k" * 42 + "+",
            "with a newline": "k" * 43 + "\n",
            "of other digits": "k" * 42 + "\u0663",
            "empty": "",
            "null": None,
        }.items()
    },
    "key missing": (
        json.dumps({"type": "hello", "ref": "p", "name": "a", "version": 1, "nonce": NONCE}),
        "missing required field `key`",
    ),
    "nonce missing": (
        json.dumps({"type": "hello", "ref": "p", "name": "a", "version": 1, "key": KEY}),
        "missing required field `nonce`",
    ),
    "code too long": (
        json.dumps({"type": "hello", "ref": "p", "name": "a", "version": 1, **KEYS, "invite": "i" * 257}),
        "$.invite",
    ),
    "signature too short": (json.dumps({"type": "prove", "ref": "p", "signature": "s" * 85}), "$.signature"),
    "signature too long": (json.dumps({"type": "prove", "ref": "p", "signature": "s" * 87}), "$.signature"),
    "signature missing": (json.dumps({"type": "prove", "ref": "p"}), "`signature`"),
    "digest too short": (json.dumps({"type": "link", "ref": "p", "digest": "d" * 42}), "$.digest"),
    "digest too long": (json.dumps({"type": "link", "ref": "p", "digest": "d" * 44}), "$.digest"),
    "version 0": ('{"type":"hello","ref":"p","name":"a","version":0}', "$.version"),
    "version past the largest": (
        f'{{"type":"hello","ref":"p","name":"a","version":{ID_MAX + 1}}}',
        "$.version",
    ),
    "unknown field in a cursor": (
        '{"type":"hello","ref":"p","name":"a","version":1,"resume":{"epoch":"e","rooms":{"r":{"id":1}}}}',
        "`id`",
    ),
}

REFUSED_WITHOUT_REF = {
    "ref too long": (post(ref="p" * (REF_CHARS_MAX + 1)), "$.ref"),
    "ref no text": (post(ref=5), "$.ref"),
    "empty object": ("{}", "`type`"),
}

NOT_A_FRAME = {
    "nothing": "",
    "half": '{"type":"post","room":"r',
    "array": '["post"]',
    "number": "5",
    "text": '"post"',
    "null": "null",
    "bare word": "post",
    "byte order mark": '\ufeff{"type":"rooms"}',
    "two objects": '{"type":"rooms"}{"type":"rooms"}',
    "single quotes": "{'type':'rooms'}",
    "trailing comma": '{"type":"rooms",}',
    "not a number": '{"type":"info","room":"r","messageID":NaN}',
    "raw control character": '{"type":"leave","room":"a\nb"}',
    "lone high surrogate, escaped": '{"type":"leave","room":"\\ud800"}',
    "lone low surrogate, escaped": '{"type":"leave","room":"\\udc00"}',
    "lone surrogate": '{"type":"leave","room":"\ud800"}',
    "bad UTF-8": b'{"type":"members","room":"\xff"}',
    "overlong UTF-8": b'{"type":"members","room":"\xc0\x80"}',
    "brackets": "[" * 200_000,
    "unknown type, then half": '{"type":"shout","ref":"p","a":',
    "unknown type, then more": '{"type":"shout","ref":"p"} x',
    "unknown type, then bad UTF-8": b'{"type":"shout","ref":"p"\xff',
    "unknown type, then brackets": '{"type":"shout","ref":"p","a":' + "[" * 200_000,
    "brackets within": '{"type":"post","ref":"p","room":' + "[" * 200_000,
    "braces within": '{"type":"post","ref":"p","room":' + '{"a":' * 200_000,
}


@pytest.mark.parametrize("text", AT_THE_BOUND, ids=range(len(AT_THE_BOUND)))
def test_at_the_bound(text: str) -> None:
    decode_request(text)


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_past_the_bound_a_request_is_refused_with_its_ref(text: str, reason: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_request(text)
    assert reason in caught.value.reason
    assert (caught.value.ref, caught.value.code) == ("p", None)


@pytest.mark.parametrize(("text", "reason"), REFUSED_WITHOUT_REF.values(), ids=REFUSED_WITHOUT_REF)
def test_a_ref_that_is_none_is_not_returned(text: str, reason: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_request(text)
    assert reason in caught.value.reason
    assert (caught.value.ref, caught.value.code) == (None, None)


@pytest.mark.parametrize("text", NOT_A_FRAME.values(), ids=NOT_A_FRAME)
def test_what_is_no_json_object_ends_the_connection(text: str | bytes) -> None:
    for decode in (decode_request, decode_frame):
        with pytest.raises(ProtocolError) as caught:
            decode(text)
        assert caught.value.code == CloseCode.PROTOCOL_ERROR


def test_of_duplicate_keys_the_last_counts() -> None:
    assert decode_request('{"type":"leave","room":"a","room":"b"}') == Leave(room="b")


def test_a_client_ignores_what_it_does_not_know() -> None:
    assert decode_frame('{"type":"ok","ref":"p","colour":{"a":[1]}}') == Ok(ref="p")
    assert decode_frame('{"type":"reaction","room":7}') is None
    members = '{"type":"members","room":"r","members":[],"online":[],"idle":[]}'
    assert decode_frame(members) == Members(room="r", members=(), online=())


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"type":5}',
        '{"type":null}',
        '{"type":"left","room":"r"}',
        '{"type":"ok","messageID":"7"}',
        '{"type":"ok","messageID":' + "1" * 5_000 + "}",
    ],
)
def test_a_known_frame_with_a_fault_ends_the_connection(text: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_frame(text)
    assert caught.value.code == CloseCode.PROTOCOL_ERROR


SEEDS = [text.encode() for text in (*REQUESTS, *FRAMES)]


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A legal frame, damaged: a part replaced by other bytes, and perhaps cut off."""
    seed = draw(st.sampled_from(SEEDS))
    first, last = sorted((draw(st.integers(0, len(seed))), draw(st.integers(0, len(seed)))))
    filling = draw(st.sampled_from([b"", b"\xff", b'"', b"\\ud800", b"[[[[", b"1e400", b"null"]) | st.binary())
    damaged = seed[:first] + filling + seed[last if draw(st.booleans()) else first :]
    return damaged[: draw(st.integers(0, len(damaged)))] if draw(st.booleans()) else damaged


@given(mutations() | st.binary() | st.text().map(str.encode))
def test_whatever_comes_is_a_value_or_a_protocol_error(text: bytes) -> None:
    for decode in (decode_request, decode_frame):
        with suppress(ProtocolError):
            decoded = decode(text)
            assert decoded is None or decode(encode(decoded)) == decoded


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([json.loads(text) for text in (*REQUESTS, *FRAMES)]), st.data())
def test_any_json_in_any_field_is_a_value_or_an_error(frame: dict[str, object], data: st.DataObject) -> None:
    field = data.draw(st.sampled_from([*frame, "extra"]))
    text = json.dumps(frame | {field: data.draw(JSON)})
    for decode in (decode_request, decode_frame):
        with suppress(ProtocolError):
            decode(text)


def test_the_longest_post_fits_a_request_however_it_is_escaped() -> None:
    longest = {
        "type": "post",
        "ref": "🦊" * REF_CHARS_MAX,
        "room": "🦊" * 64,
        "nonce": "🦊" * NONCE_CHARS_MAX,
        "content": "🦊" * CONTENT_CHARS_MAX,
        "replyTo": ID_MAX,
    }
    text = json.dumps(longest)
    assert "\\ud83e\\udd8a" in text
    assert len(text.encode()) <= REQUEST_BYTES_MAX
    assert isinstance(decode_request(text), Post)


def test_the_longest_receipt_fits_a_request() -> None:
    longest = {"type": "read", "ref": "🦊" * 64, "room": "🦊" * 64, "ranges": [[ID_MAX, ID_MAX]] * RANGES_MAX}
    assert len(json.dumps(longest).encode()) <= REQUEST_BYTES_MAX


@pytest.mark.parametrize("char", ["x", "🦊", "\x01", '"'])
def test_a_full_page_of_the_worst_messages_fits_a_frame(char: str) -> None:
    # What a page may hold is tried on real rooms beside `answers`; here, that its bounds leave room for the rest.
    name, nonce = "🦊" * NAME_CHARS_MAX, "\x01" * NONCE_CHARS_MAX
    content = char * CONTENT_CHARS_MAX
    fitting = PAGE_BYTES_MAX // len(msgspec.json.encode(content))
    messages = tuple(
        Message(
            room=name,
            id=ID_MAX,
            sender=name,
            content=content if at < fitting else "",
            sent_at=ID_MAX,
            reply_to=ID_MAX,
            audience=ID_MAX,
            read_by=ID_MAX,
            nonce=nonce,
        )
        for at in range(PAGE_MAX)
    )
    page = History(room=name, messages=messages, more=True, revision=ID_MAX, ref=nonce)
    assert len(encode(page)) + PAGE_RECEIPTS_BYTES_MAX <= FRAME_BYTES_MAX


# Reactions


@pytest.mark.parametrize(
    "emoji",
    ["👍", "+1", "❤\ufe0f", "👩\u200d👩\u200d👧", "é", "🏳\ufe0f\u200d🌈", "x" * 16, "👨🏽\u200d🚀", "\ue000"],
)
def test_a_reaction_is_a_few_characters_that_can_be_seen(emoji: str) -> None:
    request = React(room="r", message_id=1, emoji=emoji)
    assert decode_request(encode(request)) == request


@pytest.mark.parametrize(
    "emoji",
    [
        "",
        " ",
        "a b",
        "\n",
        "\x1b[31m",
        "a\u202e",
        "\u200d",
        "\ufe0f",
        "\u0301",
        "\u200b",
        "\u2028",
        "x" * 17,
        "a\u00a0",
    ],
)
def test_what_cannot_be_seen_is_no_reaction(emoji: str) -> None:
    with pytest.raises(ProtocolError, match="emoji") as caught:
        decode_request(json.dumps({"type": "react", "ref": "x", "room": "r", "messageID": 1, "emoji": emoji}))
    assert (caught.value.ref, caught.value.code) == ("x", None)


def test_so_many_characters_are_a_reaction_and_no_more() -> None:
    assert [is_reaction("x" * count) for count in (0, 1, 16, 17)] == [False, True, True, False]
