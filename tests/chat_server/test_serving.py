"""What those are answered who have been greeted, by transcripts of a hub: requests in, effects out."""

from typing import Any, get_args

import pytest
from msgspec.structs import replace

from chat_server import entering, people, protocol
from chat_server.effects import Append, Send
from chat_server.events import Filled, Freed, Lost
from chat_server.people import Invited
from chat_server.protocol import (
    ID_MAX,
    LINK_MS,
    LOBBY,
    NAME_CHARS_MAX,
    ROOMS_JOINED_MAX,
    ROOMS_MAX,
    ROOMS_OWNED_MAX,
    Acknowledge,
    AcknowledgedBy,
    AnyFrame,
    AnyRequest,
    Ban,
    Bans,
    Changed,
    ChangeSettings,
    Delete,
    Direct,
    Edit,
    FetchBans,
    FetchHistory,
    FetchHorizons,
    FetchInfo,
    FetchMembers,
    FetchPins,
    FetchRooms,
    Found,
    History,
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
    PageReceipt,
    Pass,
    Pin,
    Pins,
    Post,
    React,
    Read,
    ReadBy,
    Refused,
    RoomListing,
    RoomRequest,
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
)
from chat_server.protocol.proofs import code_digest
from chat_server.rates import Kind, Limit, Scope
from chat_server.room import (
    Acknowledged,
    Advanced,
    Barred,
    Deleted,
    Departed,
    Edited,
    Entered,
    Entry,
    Opened,
    Passed,
    Posted,
    Reacted,
    Retitled,
    Shared,
)
from tests.chat_server.hubs import (
    Scene,
    conversation,
    frames,
    post,
    read,
    receipt,
    refusals,
    scene_of,
    to,
    turned_away,
)
from tests.chat_server.rooms import as_values

# Posts


def test_a_post_is_on_disk_then_acknowledged_then_told() -> None:
    scene = scene_of("ann", "bob", "cid")
    scene.greet(4, "ann")
    told = Message(room=LOBBY, id=1, sender="ann", content="hi", sent_at=7, audience=2, read_by=0)
    assert scene.say(1, post("n1"), now_ms=7) == [
        Append(Posted(room=LOBBY, entry=Entry(1, "ann", "n1", "hi", 7))),
        to(1, Ok(ref="p", message_id=1)),
        Send((1, 4), told_with_nonce(told, "n1")),
        Send((2, 3), told),
    ]


def told_with_nonce(message: Message, nonce: str) -> Message:
    return Message(
        room=message.room,
        id=message.id,
        sender=message.sender,
        content=message.content,
        sent_at=message.sent_at,
        audience=message.audience,
        read_by=message.read_by,
        reply_to=message.reply_to,
        nonce=nonce,
    )


def test_ids_have_no_gaps_whatever_comes_between() -> None:
    scene = scene_of("ann", "bob")
    answers = [
        scene.say(1, post("a")),
        scene.say(2, post("a")),
        scene.say(1, post("a")),
        scene.say(1, post("b", reply_to=9)),
        scene.say(2, read((1, 1))),
        scene.say(1, post("b")),
    ]
    assert [frames(answer, at)[0] for answer, at in zip(answers, (1, 2, 1, 1, 2, 1), strict=True)] == [
        Ok(ref="p", message_id=1),
        Ok(ref="p", message_id=2),
        Ok(ref="p", message_id=1),
        Refused(code="no-such-message", reason="The room has no message 9.", ref="p"),
        Ok(ref="r"),
        Ok(ref="p", message_id=3),
    ]


def test_a_post_is_told_with_counts_to_those_who_share_alone() -> None:
    scene = scene_of("ann", "bob", "cid", "dan")
    scene.greet(5, "cid")
    scene.say(3, ChangeSettings(receipts="private"))
    effects = scene.say(1, Post(room=LOBBY, nonce="n", content="hi", ref="p"))
    counted = [
        (each.to, each.frame.audience)
        for each in effects
        if isinstance(each, Send) and isinstance(each.frame, protocol.Message)
    ]
    assert counted == [((1,), 2), ((2, 4), 2), ((3, 5), 0)]


def test_a_nonce_posts_once_also_after_a_restart_and_from_another_device() -> None:
    scene = scene_of("ann", "bob")
    scene.say(1, post("n"))
    again = [to(1, Ok(ref="p", message_id=1))]
    assert scene.say(1, post("n", content="something else")) == again
    scene.greet(3, "ann")
    assert scene.say(3, post("n")) == [to(3, Ok(ref="p", message_id=1))]
    later = scene.restarted()
    later.greet(1, "ann")
    assert later.say(1, post("n")) == again


def test_a_reply_is_to_a_message_that_exists() -> None:
    scene = scene_of("ann")
    scene.say(1, post("a"))
    assert refusals(scene.say(1, post("b", reply_to=2))) == [("no-such-message", "p")]
    told = frames(scene.say(1, post("b", reply_to=1)), 1)[1]
    assert isinstance(told, Message)
    assert told.reply_to == 1


# Receipts


def test_a_receipt_goes_to_the_authors_and_to_the_readers_other_devices() -> None:
    assert conversation().say(2, read((1, 4)), now_ms=100) == [
        Append(Advanced(room=LOBBY, reader="bob", ranges=((1, 4),), read_at=100)),
        Send((1, 4), receipt("bob", ((1, 2), (4, 4)), 100, revision=9)),
        to(5, receipt("bob", ((1, 4),), 100, revision=9)),
        to(2, Ok(ref="r")),
    ]


def test_each_author_hears_of_their_own_messages_alone() -> None:
    assert conversation().say(3, read((2, 3)), now_ms=100) == [
        Append(Advanced(room=LOBBY, reader="cid", ranges=((2, 3),), read_at=100)),
        Send((1, 4), receipt("cid", ((2, 2),), 100, revision=9)),
        Send((2, 5), receipt("cid", ((3, 3),), 100, revision=9)),
        to(3, Ok(ref="r")),
    ]


def test_a_receipt_again_tells_nobody_and_appends_nothing() -> None:
    scene = conversation()
    scene.say(3, read((1, 2)), now_ms=100)
    assert scene.say(3, read((1, 2)), now_ms=200) == [to(3, Ok(ref="r"))]
    assert scene.say(3, read((2, 2), (1, 1)), now_ms=200) == [to(3, Ok(ref="r"))]
    assert scene.say(3, read((1, 4)), now_ms=300)[:3] == [
        Append(Advanced(room=LOBBY, reader="cid", ranges=((3, 4),), read_at=300)),
        Send((2, 5), receipt("cid", ((3, 3),), 300, revision=10)),
        Send((1, 4), receipt("cid", ((4, 4),), 300, revision=10)),
    ]
    info = frames(scene.say(1, FetchInfo(room=LOBBY, message_id=1)), 1)
    assert info == [
        Info(room=LOBBY, message_id=1, read_by=(ReadBy("cid", 100),), missing=("bob",), unshared=()),
    ]


@pytest.mark.parametrize(
    ("connection", "ranges"),
    [(3, (5, 5)), (3, (5, ID_MAX)), (1, (1, 2)), (1, (4, 4)), (2, (3, 3))],
)
def test_what_does_not_exist_and_ones_own_changes_nothing(connection: int, ranges: tuple[int, int]) -> None:
    assert conversation().say(connection, read(ranges)) == [to(connection, Ok(ref="r"))]


def test_only_what_exists_of_a_receipt_counts() -> None:
    assert conversation().say(3, read((4, ID_MAX)))[0] == Append(
        Advanced(room=LOBBY, reader="cid", ranges=((4, 4),), read_at=0)
    )


def test_who_came_later_is_told_apart() -> None:
    scene = conversation()
    scene.greet(6, "dan")
    scene.say(1, post("late"))
    answer = scene.say(6, read((4, 5)), now_ms=100)
    assert frames(answer, 1) == [
        receipt("dan", ((5, 5),), 100, revision=0),
        receipt("dan", ((4, 4),), 100, revision=11, late=True),
    ]
    assert frames(answer, 2) == frames(answer, 3) == []


def test_an_author_who_has_left_is_not_told_but_is_when_back() -> None:
    scene = scene_of("ann", "bob")
    for connection in (1, 2):
        scene.say(connection, Join(room="tea"))
    scene.say(1, post(room="tea"))
    scene.say(1, Leave(room="tea"))
    assert frames(scene.say(2, read((1, 1), room="tea"), now_ms=100), 1) == []
    scene.say(1, Join(room="tea"))
    [page] = frames(scene.say(1, FetchHistory(room="tea", after=0)), 1)
    assert isinstance(page, History)
    assert page.receipts == (PageReceipt(reader="bob", ranges=((1, 1),), read_at=100),)


# What is done with messages


def edit(message_id: int, content: str = "ho") -> Edit:
    return Edit(ref="e", room=LOBBY, message_id=message_id, content=content)


def test_an_edit_is_on_disk_then_told_to_all_and_then_acknowledged() -> None:
    scene = conversation()
    scene.say(2, read((1, 1)))
    told = Changed(
        room=LOBBY,
        message_id=1,
        content="ho",
        edited_at=7,
        edition=1,
        audience=2,
        read_by=0,
        revision=10,
    )
    assert scene.say(1, edit(1), now_ms=7) == [
        Append(Edited(room=LOBBY, id=1, content="ho", at=7)),
        Send((1, 4, 2, 5, 3), told),
        to(1, Ok(ref="e")),
    ]
    assert scene.say(4, edit(1)) == [to(4, Ok(ref="e"))]


@pytest.mark.parametrize(
    ("connection", "request_", "code"),
    [
        (2, edit(1), "not-allowed"),
        (1, edit(3), "not-allowed"),
        (1, edit(5), "no-such-message"),
        (1, edit(2), "deleted"),
        (2, edit(3), "muted"),
    ],
)
def test_an_edit_is_of_ones_own_and_of_what_is_there(connection: int, request_: Edit, code: str) -> None:
    scene = conversation()
    scene.say(1, Delete(room=LOBBY, message_id=2))
    if code == "muted":
        scene.say(1, Mute(room=LOBBY, name="bob"))
    assert refusals(scene.say(connection, request_)) == [(code, "e")]


def test_a_receipt_tells_which_text_was_read() -> None:
    scene = conversation()
    scene.say(1, edit(1))
    scene.say(2, Edit(room=LOBBY, message_id=3, content="ho"))
    said = Read(ref="r", room=LOBBY, ranges=((2, 2),), editions=((1, 1), (3, 1), (3, 2), (9, 1)))
    assert scene.say(3, said, now_ms=100) == [
        Append(Advanced(room=LOBBY, reader="cid", ranges=((1, 3),), read_at=100, editions=((1, 1), (3, 1)))),
        Send((1, 4), replace(receipt("cid", ((1, 2),), 100, revision=11), editions=((1, 1),))),
        Send((2, 5), replace(receipt("cid", ((3, 3),), 100, revision=11), editions=((3, 1),))),
        to(3, Ok(ref="r")),
    ]
    assert scene.say(3, said) == [to(3, Ok(ref="r"))]
    scene.say(1, edit(1, "hm"))
    again = Read(ref="r", room=LOBBY, ranges=((1, 1),), editions=((1, 2),))
    assert scene.say(3, again, now_ms=200)[:2] == [
        Append(Advanced(room=LOBBY, reader="cid", ranges=(), read_at=200, editions=((1, 2),))),
        Send((1, 4), replace(receipt("cid", (), 200, revision=13), editions=((1, 2),))),
    ]
    scene.tell(Filled())
    scene.greet(6, "ann")
    assert scene.say(3, again) == [to(3, Ok(ref="r"))]
    assert refusals(scene.say(2, again)) == [("disk-full", "r")]


def test_ones_own_text_is_nothing_to_read() -> None:
    scene = conversation()
    scene.say(1, edit(1))
    assert scene.say(4, Read(ref="r", room=LOBBY, ranges=((1, 1),), editions=((1, 1),))) == [to(4, Ok(ref="r"))]


def test_a_reaction_and_a_pin_are_told_to_all() -> None:
    scene = conversation()
    react = React(ref="e", room=LOBBY, message_id=1, emoji="+")
    changed = Changed(room=LOBBY, message_id=1, reactions={"+": ("bob",)}, revision=9)
    assert scene.say(2, react, now_ms=7) == [
        Append(Reacted(room=LOBBY, id=1, name="bob", emoji="+", at=7)),
        Send((1, 4, 2, 5, 3), changed),
        to(2, Ok(ref="e")),
    ]
    assert scene.say(5, react) == [to(5, Ok(ref="e"))]
    pinned = Changed(room=LOBBY, message_id=1, pinned=True, pinned_by="cid", revision=10)
    assert scene.say(3, Pin(ref="e", room=LOBBY, message_id=1), now_ms=8)[1:] == [
        Send((1, 4, 2, 5, 3), pinned),
        to(3, Ok(ref="e")),
    ]
    [pins] = frames(scene.say(2, FetchPins(ref="p", room=LOBBY)), 2)
    assert isinstance(pins, Pins)
    assert [(each.id, each.reactions) for each in pins.messages] == [(1, {"+": ("bob",)})]


def acknowledge(message_id: int, edition: int = 0) -> Acknowledge:
    return Acknowledge(ref="a", room=LOBBY, message_id=message_id, edition=edition)


def acknowledged(
    message_id: int, reader: str, at_ms: int, revision: int, edition: int = 0
) -> protocol.Acknowledged:
    return protocol.Acknowledged(
        room=LOBBY,
        message_id=message_id,
        reader=reader,
        acknowledged_at=at_ms,
        edition=edition,
        revision=revision,
    )


def test_who_acknowledges_has_read_and_the_author_and_ones_own_devices_are_told_of_both() -> None:
    scene = conversation()
    assert scene.say(2, acknowledge(1), now_ms=100) == [
        Append(Acknowledged(room=LOBBY, id=1, reader="bob", at=100)),
        Append(Advanced(room=LOBBY, reader="bob", ranges=((1, 1),), read_at=100)),
        Send((1, 4, 5), acknowledged(1, "bob", 100, revision=9)),
        Send((1, 4), receipt("bob", ((1, 1),), 100, revision=10)),
        to(5, receipt("bob", ((1, 1),), 100, revision=10)),
        to(2, Ok(ref="a")),
    ]
    assert scene.say(5, acknowledge(1), now_ms=200) == [to(5, Ok(ref="a"))]
    scene.say(1, edit(1))
    assert scene.say(2, acknowledge(1, 1), now_ms=300) == [
        Append(Acknowledged(room=LOBBY, id=1, reader="bob", edition=1, at=300)),
        Append(Advanced(room=LOBBY, reader="bob", ranges=(), read_at=300, editions=((1, 1),))),
        Send((1, 4, 5), acknowledged(1, "bob", 300, revision=12, edition=1)),
        Send((1, 4), replace(receipt("bob", (), 300, revision=13), editions=((1, 1),))),
        to(5, replace(receipt("bob", (), 300, revision=13), editions=((1, 1),))),
        to(2, Ok(ref="a")),
    ]


@pytest.mark.parametrize(
    ("connection", "request_", "code"),
    [
        (1, acknowledge(1), "not-allowed"),
        (2, acknowledge(9), "no-such-message"),
        (2, acknowledge(1, 1), "no-such-message"),
    ],
)
def test_an_acknowledgement_is_of_what_others_wrote_and_of_what_is_there(
    connection: int, request_: Acknowledge, code: str
) -> None:
    assert refusals(conversation().say(connection, request_)) == [(code, "a")]


def test_an_acknowledgement_in_private_is_told_and_that_it_was_read_is_not() -> None:
    scene = conversation()
    scene.say(2, ChangeSettings(receipts="private"))
    told = scene.say(2, acknowledge(1), now_ms=100)
    revision = scene.hub.rooms[LOBBY].revision
    assert frames(told, 1) == [acknowledged(1, "bob", 100, revision=revision - 1)]
    assert frames(told, 5) == [*frames(told, 1), receipt("bob", ((1, 1),), 100, late=True, revision=revision)]
    [info] = frames(scene.say(1, FetchInfo(room=LOBBY, message_id=1)), 1)
    assert isinstance(info, Info)
    assert (info.read_by, info.unshared) == ((), ("bob",))
    assert info.acknowledged == (AcknowledgedBy("bob", 100),)


def test_an_acknowledgement_by_who_is_off_is_told_and_no_reading_is_kept() -> None:
    scene = conversation()
    scene.say(2, ChangeSettings(receipts="off"))
    told = scene.say(2, acknowledge(1), now_ms=100)
    assert [each.record for each in told if isinstance(each, Append)] == [
        Acknowledged(room=LOBBY, id=1, reader="bob", at=100)
    ]
    assert scene.hub.rooms[LOBBY].unread_count("bob") == 3
    scene.say(2, ChangeSettings(receipts="public"))
    again = scene.say(2, acknowledge(1), now_ms=200)
    assert [type(each.record) for each in again if isinstance(each, Append)] == [Advanced]


def test_an_author_who_does_not_share_is_not_told() -> None:
    scene = conversation()
    scene.say(1, ChangeSettings(receipts="private"))
    told = scene.say(2, acknowledge(1), now_ms=100)
    assert frames(told, 1) == frames(told, 4) == []
    assert len(frames(told, 5)) == 2


def test_an_author_who_has_left_is_not_told_of_an_acknowledgement() -> None:
    scene = scene_of("ann", "bob")
    for connection in (1, 2):
        scene.say(connection, Join(room="tea"))
    scene.say(1, post(room="tea"))
    scene.say(1, Leave(room="tea"))
    assert frames(scene.say(2, Acknowledge(ref="a", room="tea", message_id=1)), 1) == []


def test_typing_is_told_to_the_others_and_kept_nowhere() -> None:
    scene = conversation()
    assert scene.say(2, TellTyping(ref="t", room=LOBBY)) == [
        Send((1, 4, 3), Typing(room=LOBBY, name="bob")),
        to(2, Ok(ref="t")),
    ]
    scene.say(1, Mute(room=LOBBY, name="bob"))
    assert refusals(scene.say(2, TellTyping(ref="t", room=LOBBY))) == [("muted", "t")]


# Questions


@pytest.mark.parametrize("kind", [*get_args(RoomRequest)])
@pytest.mark.parametrize("room", ["nowhere", "tea"])
def test_a_room_one_is_not_in_answers_nothing(kind: type, room: str) -> None:
    requests: dict[type, AnyRequest] = {
        Post: Post(ref="x", room=room, nonce="n", content="hi"),
        Read: Read(ref="x", room=room, ranges=((1, 1),)),
        FetchHistory: FetchHistory(ref="x", room=room, after=0),
        FetchInfo: FetchInfo(ref="x", room=room, message_id=1),
        FetchHorizons: FetchHorizons(ref="x", room=room),
        Leave: Leave(ref="x", room=room),
        FetchMembers: FetchMembers(ref="x", room=room),
        Delete: Delete(ref="x", room=room, message_id=1),
        Edit: Edit(ref="x", room=room, message_id=1, content="ho"),
        React: React(ref="x", room=room, message_id=1, emoji="+"),
        Pin: Pin(ref="x", room=room, message_id=1),
        Unpin: Unpin(ref="x", room=room, message_id=1),
        FetchPins: FetchPins(ref="x", room=room),
        TellTyping: TellTyping(ref="x", room=room),
        Kick: Kick(ref="x", room=room, name="ann"),
        Ban: Ban(ref="x", room=room, name="ann"),
        Unban: Unban(ref="x", room=room, name="ann"),
        Mute: Mute(ref="x", room=room, name="ann"),
        Unmute: Unmute(ref="x", room=room, name="ann"),
        Pass: Pass(ref="x", room=room, name="ann"),
        FetchBans: FetchBans(ref="x", room=room),
        Topic: Topic(ref="x", room=room, title="x"),
        Acknowledge: Acknowledge(ref="x", room=room, message_id=1),
    }
    scene = scene_of("ann", "bob")
    scene.say(1, Join(room="tea"))
    scene.say(1, post(room="tea"))
    assert refusals(scene.say(2, requests[kind])) == [("not-a-member", "x")]


def found(scene: Scene, connection: int, **fields: Any) -> list[tuple[str, int]]:
    """What this one finds who looks for "secret"."""
    [answer] = frames(scene.say(connection, Search(ref="s", query="secret", **fields)), connection)
    assert isinstance(answer, Found)
    assert answer.ref == "s"
    return [(each.message.room, each.message.id) for each in answer.hits]


def test_a_search_is_of_the_rooms_that_one_is_in_and_of_no_other() -> None:
    scene = scene_of("ann", "bob", "cid")
    scene.say(1, Direct(name="bob"))
    pair = next(each for each in scene.hub.rooms if each.startswith("@"))
    scene.say(1, Join(room="tea"))
    for room in ("tea", LOBBY, pair):
        scene.say(1, post(room=room, content="a Secret"))
    assert found(scene, 1) == [(LOBBY, 1), (pair, 1), ("tea", 1)]
    assert found(scene, 2) == [(LOBBY, 1), (pair, 1)]
    assert found(scene, 3) == found(scene, 3, before={LOBBY: 9, "tea": 9, pair: 9}) == [(LOBBY, 1)]
    assert found(scene, 3, before={"tea": 9, pair: 9}) == []
    assert found(scene, 1, room="tea") == [("tea", 1)]
    for room in ("tea", pair, "nowhere"):
        assert refusals(scene.say(3, Search(ref="s", room=room, query="secret"))) == [("not-a-member", "s")]
    scene.say(3, Join(room="tea"))
    assert found(scene, 3) == [(LOBBY, 1), ("tea", 1)]
    scene.say(3, Leave(room="tea"))
    assert found(scene, 3) == [(LOBBY, 1)]


def test_a_search_for_nothing_is_refused() -> None:
    assert refusals(scene_of("ann").say(1, Search(ref="s", query="  "))) == [("bad-request", "s")]


def test_info_is_for_any_member_and_a_message_that_exists() -> None:
    scene = conversation()
    assert refusals(scene.say(3, FetchInfo(ref="i", room=LOBBY, message_id=5))) == [("no-such-message", "i")]
    assert scene.say(3, FetchInfo(ref="i", room=LOBBY, message_id=4)) == [
        to(3, Info(room=LOBBY, message_id=4, read_by=(), missing=("bob", "cid"), unshared=(), ref="i"))
    ]


def test_history_members_and_rooms_are_answered_to_who_asked() -> None:
    scene = conversation()
    scene.say(2, Join(room="tea"))
    scene.tell(Lost(3))
    [page] = frames(scene.say(1, FetchHistory(ref="g", room=LOBBY, before=3, limit=1)), 1)
    assert page == History(
        room=LOBBY,
        messages=(
            Message(room=LOBBY, id=2, sender="ann", content="hi", sent_at=0, audience=2, read_by=0, nonce="1"),
        ),
        more=True,
        revision=8,
        ref="g",
    )
    assert scene.say(1, FetchMembers(ref="m", room=LOBBY)) == [
        to(1, Members(room=LOBBY, members=("ann", "bob", "cid"), online=("ann", "bob"), ref="m"))
    ]
    rooms = (RoomListing(LOBBY, LOBBY, 3, joined=True), RoomListing("tea", "tea", 1, joined=False))
    assert scene.say(1, FetchRooms(ref="l")) == [to(1, Rooms(rooms=rooms, ref="l"))]


# Membership


def test_a_room_is_made_by_joining_it() -> None:
    scene = scene_of("ann", "bob")
    room = RoomSummary(
        name="tea",
        title="tea",
        last_id=0,
        revision=2,
        first_unread=None,
        unread=0,
        members=("ann",),
        online=("ann",),
        owner="ann",
    )
    assert scene.say(1, Join(ref="j", room="tea"), now_ms=9) == [
        Append(Opened(room="tea", title="tea", at=9, by="ann")),
        Append(Entered(room="tea", name="ann", at=9)),
        to(1, Ok(ref="j", room=room)),
    ]
    assert scene.say(1, Join(ref="j", room="tea")) == [to(1, Ok(ref="j", room=room))]


def test_who_joins_is_told_to_the_members_and_to_their_own_other_devices() -> None:
    scene = scene_of("ann", "bob", "cid")
    scene.greet(4, "bob")
    scene.say(1, Join(room="tea"))
    scene.say(1, post(room="tea"))
    appended, joined, entered, answer = scene.say(2, Join(ref="j", room="tea"), now_ms=9)
    assert appended == Append(Entered(room="tea", name="bob", at=9))
    assert joined == to(1, Joined(room="tea", name="bob"))
    assert isinstance(answer, Send)
    assert isinstance(answer.frame, Ok)
    assert answer.frame.room is not None
    assert entered == to(4, protocol.Entered(room=answer.frame.room))
    assert answer.frame.room.members == ("ann", "bob")


def test_who_leaves_is_told_to_those_who_were_there() -> None:
    scene = scene_of("ann", "bob", "cid")
    for connection in (1, 2):
        scene.say(connection, Join(room="tea"))
    assert scene.say(2, Leave(ref="l", room="tea"), now_ms=9) == [
        Append(Departed(room="tea", name="bob", at=9)),
        Send((1, 2), Left(room="tea", name="bob")),
        to(2, Ok(ref="l")),
    ]
    assert refusals(scene.say(2, Leave(ref="l", room="tea"))) == [("not-a-member", "l")]
    assert frames(scene.say(1, post(room="tea")), 2) == []


def test_who_comes_back_is_said_to_be_back() -> None:
    scene = scene_of("ann", "bob")
    for connection in (1, 2):
        scene.say(connection, Join(ref="j", room="tea"))
    scene.say(2, Leave(ref="l", room="tea"))
    assert frames(scene.say(2, Join(ref="j", room="tea")), 1) == [Joined(room="tea", name="bob", back=True)]


def test_nobody_leaves_the_lobby() -> None:
    assert refusals(scene_of("ann").say(1, Leave(ref="l", room=LOBBY))) == [("not-allowed", "l")]


def test_rooms_at_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ROOMS_MAX == 1_000
    monkeypatch.setattr(entering, "ROOMS_MAX", 2)
    scene = scene_of("ann", "bob")
    assert isinstance(scene.say(1, Join(ref="j", room="tea"))[-1], Send)
    assert refusals(scene.say(1, Join(ref="j", room="milk"))) == [("too-many-rooms", "j")]
    assert len(scene.hub.rooms) == 2
    assert frames(scene.say(2, Join(ref="j", room="tea")), 1) == [Joined(room="tea", name="bob")]


def test_rooms_of_one_member_at_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ROOMS_JOINED_MAX == 200
    monkeypatch.setattr(entering, "ROOMS_JOINED_MAX", 2)
    scene = scene_of("ann", "bob")
    for room in ("tea", "milk"):
        scene.say(1, Join(room=room))
    assert isinstance(frames(scene.say(2, Join(room="tea")), 2)[0], Ok)
    assert refusals(scene.say(2, Join(ref="j", room="milk"))) == [("too-many-rooms", "j")]
    assert isinstance(frames(scene.say(2, Join(room="tea")), 2)[0], Ok)
    scene.say(2, Leave(room="tea"))
    assert isinstance(frames(scene.say(2, Join(room="milk")), 2)[0], Ok)


def test_rooms_of_one_owner_at_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ROOMS_OWNED_MAX == 50
    monkeypatch.setattr(entering, "ROOMS_OWNED_MAX", 2)
    scene = scene_of("ann", "bob")
    for room in ("tea", "milk"):
        assert isinstance(frames(scene.say(1, Join(room=room)), 1)[0], Ok)
    assert refusals(scene.say(1, Join(ref="j", room="cake"))) == [("too-many-rooms", "j")]
    assert isinstance(frames(scene.say(2, Join(room="cake")), 2)[0], Ok)
    assert isinstance(frames(scene.say(1, Join(room="cake")), 1)[0], Ok)


def test_a_room_cannot_be_taken_for_another() -> None:
    scene = scene_of("ann", "bob")
    scene.say(1, Join(room="Deploys"))
    for room in ("dep1oys", "GENERAL"):
        assert refusals(scene.say(2, Join(ref="j", room=room))) == [("name-taken", "j")]
    assert set(scene.hub.rooms) == {LOBBY, "Deploys"}


def test_members_at_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entering, "MEMBERS_MAX", 3)
    scene = scene_of("ann", "bob", "cid")
    monkeypatch.setattr(entering, "MEMBERS_MAX", 2)
    for connection in (1, 2):
        assert isinstance(frames(scene.say(connection, Join(room="tea")), connection)[0], Ok)
    assert refusals(scene.say(3, Join(ref="j", room="tea"))) == [("room-full", "j")]
    assert isinstance(frames(scene.say(2, Join(room="tea")), 2)[0], Ok)
    scene.say(1, Leave(room="tea"))
    assert isinstance(frames(scene.say(3, Join(room="tea")), 3)[0], Ok)


@pytest.mark.parametrize("room", ["a b", "r" * (NAME_CHARS_MAX + 1), "\x1b"])
def test_a_room_has_a_name_that_can_be_shown(room: str) -> None:
    assert refusals(scene_of("ann").say(1, Join(ref="j", room=room))) == [("bad-name", "j")]


def test_a_room_may_be_made_with_a_title_and_with_receipts_required() -> None:
    scene = scene_of("ann", "bob")
    made = Opened(room="tea", title="Tea & more", at=9, by="ann", receipts_required=True)
    join = Join(ref="j", room="tea", title=" Tea & more ", receipts="required")
    assert scene.say(1, join, now_ms=9)[0] == Append(made)
    assert scene.hub.rooms["tea"].receipts_required
    [listed] = frames(scene.say(2, FetchRooms()), 2)
    assert isinstance(listed, Rooms)
    assert [(each.title, each.policy) for each in listed.rooms] == [
        (LOBBY, {}),
        ("Tea & more", {"receipts": "required"}),
    ]
    [ok] = frames(scene.say(2, Join(room="tea", title="Mine")), 2)
    assert isinstance(ok, Ok)
    assert ok.room is not None
    assert (ok.room.title, ok.room.policy) == ("Tea & more", {"receipts": "required"})


def test_another_title_is_told_to_all_and_stays() -> None:
    scene = scene_of("ann", "bob", "cid")
    for connection in (2, 3):
        scene.say(connection, Join(room="tea"))
    topic = Topic(ref="t", room="tea", title=" Tea at five ")
    assert scene.say(2, topic, now_ms=9) == [
        Append(Retitled(room="tea", title="Tea at five", by="bob", at=9)),
        Send((2, 3), protocol.Retitled(room="tea", title="Tea at five", by="bob")),
        to(2, Ok(ref="t")),
    ]
    assert scene.say(2, topic) == [to(2, Ok(ref="t"))]
    assert refusals(scene.say(3, topic)) == [("not-allowed", "t")]
    [listed] = frames(scene.restarted().greet(1, "cid"), 1)[-1:]
    assert isinstance(listed, Welcome)
    assert [each.title for each in listed.rooms] == [LOBBY, "Tea at five"]


# Moderation


def tea_party() -> Scene:
    """In "tea", Bob's room: Bob (2, 5) and Cid (3), who wrote 1. Ann (1) is the server's admin, and not in it."""
    scene = scene_of("ann", "bob", "cid")
    scene.greet(5, "bob")
    for connection in (2, 3):
        scene.say(connection, Join(room="tea"))
    scene.say(3, post(room="tea"))
    return scene


def test_what_is_deleted_is_told_to_all_and_gone() -> None:
    scene = tea_party()
    changed = Changed(room="tea", message_id=1, deleted_at=9, deleted_by="bob", revision=5)
    assert scene.say(2, Delete(ref="d", room="tea", message_id=1), now_ms=9) == [
        Append(Deleted(room="tea", id=1, by="bob", at=9)),
        Send((2, 5, 3), changed),
        to(2, Ok(ref="d")),
    ]
    [page] = frames(scene.say(3, FetchHistory(room="tea", after=0)), 3)
    assert isinstance(page, History)
    assert [(each.content, each.deleted_at) for each in page.messages] == [("", 9)]
    assert scene.say(2, Delete(ref="d", room="tea", message_id=1)) == [to(2, Ok(ref="d"))]


def test_whoever_is_kicked_or_banned_is_told_with_the_others() -> None:
    scene = tea_party()
    assert scene.say(2, Kick(ref="k", room="tea", name="cid"), now_ms=9) == [
        Append(Departed(room="tea", name="cid", at=9, by="bob")),
        Send((2, 5, 3), Left(room="tea", name="cid", by="bob")),
        to(2, Ok(ref="k")),
    ]
    assert isinstance(frames(scene.say(3, Join(room="tea")), 3)[0], Ok)
    assert scene.say(2, Ban(ref="b", room="tea", name="cid"), now_ms=10) == [
        Append(Barred(room="tea", name="cid", at=10, by="bob")),
        Send((2, 5, 3), Left(room="tea", name="cid", by="bob", barred=True)),
        to(2, Ok(ref="b")),
    ]
    assert refusals(scene.say(3, Join(ref="j", room="tea"))) == [("banned", "j")]
    assert frames(scene.say(2, Unban(ref="u", room="tea", name="cid")), 2) == [Ok(ref="u")]
    assert isinstance(frames(scene.say(3, Join(room="tea")), 3)[0], Ok)


def test_a_room_is_passed_on_with_all_that_its_owner_may() -> None:
    scene = tea_party()
    assert scene.say(2, Pass(ref="p", room="tea", name="cid"), now_ms=9) == [
        Append(Passed(room="tea", name="cid", by="bob", at=9)),
        Send((2, 5, 3), protocol.Passed(room="tea", owner="cid", by="bob")),
        to(2, Ok(ref="p")),
    ]
    assert refusals(scene.say(2, Kick(ref="k", room="tea", name="cid"))) == [("not-allowed", "k")]
    assert refusals(scene.say(2, Pass(ref="p", room="tea", name="bob"))) == [("not-allowed", "p")]
    assert frames(scene.say(3, Kick(ref="k", room="tea", name="bob")), 3)[-1] == Ok(ref="k")


def test_who_has_been_passed_rooms_owns_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("entering", "moderation"):
        monkeypatch.setattr(f"chat_server.{module}.ROOMS_OWNED_MAX", 2)
    scene = tea_party()
    scene.say(3, Join(room="milk"))
    scene.say(3, Join(room="jam"))
    assert refusals(scene.say(2, Pass(ref="p", room="tea", name="cid"))) == [("too-many-rooms", "p")]
    scene.say(2, Join(room="jam"))
    assert frames(scene.say(3, Pass(ref="p", room="jam", name="bob")), 3)[-1] == Ok(ref="p")
    assert refusals(scene.say(2, Join(ref="j", room="cake"))) == [("too-many-rooms", "j")]


def test_who_is_banned_is_told_to_moderators() -> None:
    scene = tea_party()
    assert frames(scene.say(2, FetchBans(ref="b", room="tea")), 2) == [Bans(room="tea", names=(), ref="b")]
    assert refusals(scene.say(3, FetchBans(ref="b", room="tea"))) == [("not-allowed", "b")]
    scene.say(2, Ban(room="tea", name="cid"))
    assert frames(scene.say(2, FetchBans(ref="b", room="tea")), 2) == [Bans(room="tea", names=("cid",), ref="b")]


def test_whoever_is_muted_cannot_post_but_learns_what_was_posted_before() -> None:
    scene = tea_party()
    muted = Muted(room="tea", name="cid", muted=True, by="bob")
    assert Send((2, 5, 3), muted) in scene.say(2, Mute(ref="m", room="tea", name="cid"))
    assert refusals(scene.say(3, post("new", room="tea"))) == [("muted", "p")]
    assert scene.say(3, post(room="tea")) == [to(3, Ok(ref="p", message_id=1))]
    assert frames(scene.say(3, read((1, 1), room="tea")), 3) == [Ok(ref="r")]
    scene.say(2, Unmute(ref="u", room="tea", name="cid"))
    assert isinstance(frames(scene.say(3, post("new", room="tea")), 3)[0], Ok)


def test_whoever_may_not_moderate_is_refused() -> None:
    scene = tea_party()
    assert refusals(scene.say(3, Kick(ref="k", room="tea", name="bob"))) == [("not-allowed", "k")]
    assert refusals(scene.say(3, Delete(ref="d", room="tea", message_id=2))) == [("no-such-message", "d")]


def test_an_admin_may_moderate_whoever_owns_the_room_and_its_owner_not_an_admin() -> None:
    scene = tea_party()
    scene.say(1, Join(room="tea"))
    assert refusals(scene.say(2, Kick(ref="k", room="tea", name="ann"))) == [("not-allowed", "k")]
    assert frames(scene.say(1, Kick(ref="k", room="tea", name="bob")), 1)[-1] == Ok(ref="k")


# Another device


CODE = "ABCDE-FGHJK-MNPQR-STVWX"


def test_a_code_for_another_device_is_good_for_ones_own_name_for_ten_minutes() -> None:
    scene = scene_of("ann", "bob")
    link = MakeLink(ref="l", digest=code_digest(CODE))
    invited = Invited(at=1_000, digest=link.digest, uses=1, expires_at=1_000 + LINK_MS, name="bob")
    assert scene.say(2, link, now_ms=1_000) == [Append(invited), to(2, Ok(ref="l"))]
    assert turned_away(3, scene.greet(3, "ann", key="bob 2", invite=CODE, now_ms=2_000))[0] == "invite-wrong"
    late = scene.greet(4, "bob", key="bob 2", invite=CODE, now_ms=1_000 + LINK_MS)
    assert turned_away(4, late)[0] == "invite-wrong"
    told = frames(scene.greet(5, "bob", key="bob 2", invite=CODE.lower(), now_ms=999 + LINK_MS), 5)
    assert isinstance(told[0], Welcome)
    assert turned_away(6, scene.greet(6, "bob", key="bob 3", invite=CODE, now_ms=2_000))[0] == "invite-wrong"
    assert isinstance(frames(scene.greet(7, "bob", key="bob 2"), 7)[0], Welcome)


def test_a_code_that_is_known_is_refused() -> None:
    scene = scene_of("ann", "bob")
    link = MakeLink(ref="l", digest=code_digest(CODE))
    scene.say(1, link)
    assert refusals(scene.say(2, link)) == [("too-many-codes", "l")]


def test_codes_at_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    assert people.INVITATIONS_MAX == 10_000
    monkeypatch.setattr(people, "INVITATIONS_MAX", 2)
    scene = scene_of("ann", "bob", "cid")
    links = [MakeLink(ref="l", digest=code_digest(str(at))) for at in range(4)]
    assert all(frames(scene.say(at, links[at]), at) == [Ok(ref="l")] for at in (1, 2))
    assert refusals(scene.say(3, links[3], now_ms=LINK_MS - 1)) == [("too-many-codes", "l")]
    assert frames(scene.say(3, links[3], now_ms=LINK_MS), 3) == [Ok(ref="l")]


# Too fast


def test_who_posts_too_fast_is_told_when_to_ask_again() -> None:
    scene = scene_of("ann", limits={Kind.POST: {Scope.NAME: Limit(every_ms=1_500, burst=2)}})
    for nonce in "ab":
        assert isinstance(frames(scene.say(1, post(nonce), now_ms=100), 1)[0], Ok)
    reason = "Slow down: this can be asked again in 1.5 s."
    assert scene.say(1, post("c"), now_ms=100) == [
        to(1, Refused(code="rate-limited", reason=reason, ref="p", retry_after_ms=1_500))
    ]
    assert isinstance(frames(scene.say(1, post("c"), now_ms=1_600), 1)[0], Ok)


# A full disk


def full_conversation() -> Scene:
    """As `conversation`, with a full disk; Bob has read 1 and is in Ann's room "tea" and in his own, "jam"."""
    scene = conversation()
    scene.say(2, read((1, 1)), now_ms=50)
    for connection in (1, 2):
        scene.say(connection, Join(room="tea"))
    scene.say(2, Join(room="jam"))
    assert scene.tell(Filled()) == []
    return scene


@pytest.mark.parametrize(
    "request_",
    [
        post("new"),
        post("new", room="tea"),
        read((1, 2)),
        Join(ref="j", room="milk"),
        Direct(ref="d", name="cid"),
        Leave(ref="l", room="tea"),
        Delete(ref="d", room=LOBBY, message_id=3),
        Edit(ref="e", room=LOBBY, message_id=3, content="ho"),
        React(ref="e", room=LOBBY, message_id=3, emoji="+"),
        Pin(ref="e", room=LOBBY, message_id=3),
        Acknowledge(ref="e", room=LOBBY, message_id=2),
        Topic(ref="t", room="jam", title="Jam"),
        MakeLink(ref="d", digest=code_digest(CODE)),
        ChangeSettings(ref="d", receipts="private"),
    ],
)
def test_what_would_need_the_disk_is_refused_while_it_is_full_and_taken_afterwards(request_: AnyRequest) -> None:
    scene = full_conversation()
    before = {name: as_values(room.freeze()) for name, room in scene.hub.rooms.items()}
    assert refusals(scene.say(2, request_)) == [("disk-full", request_.ref)]
    assert {name: as_values(room.freeze()) for name, room in scene.hub.rooms.items()} == before
    assert scene.tell(Freed()) == []
    assert any(isinstance(each, Append) for each in scene.say(2, request_))


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (post("2"), Ok(ref="p", message_id=3)),
        (read((1, 1)), Ok(ref="r")),
        (read((3, 3), (9, 9)), Ok(ref="r")),
        (FetchHistory(room=LOBBY, after=0), History),
        (FetchInfo(room=LOBBY, message_id=1), Info),
        (FetchHorizons(room=LOBBY), Horizons),
        (FetchMembers(room=LOBBY), Members),
        (FetchRooms(), Rooms),
        (FetchPins(room=LOBBY), Pins),
        (TellTyping(room=LOBBY), Ok),
        (Unpin(room=LOBBY, message_id=1), Ok),
        (Search(query="hi"), Found),
        (Join(room="tea"), Ok),
    ],
)
def test_what_needs_no_disk_is_answered_while_it_is_full(
    request_: AnyRequest, answer: AnyFrame | type[AnyFrame]
) -> None:
    [frame] = frames(full_conversation().say(2, request_), 2)
    assert frame == answer or (isinstance(answer, type) and isinstance(frame, answer))


def test_what_is_so_already_needs_no_disk() -> None:
    scene = conversation()
    delete = Delete(ref="d", room=LOBBY, message_id=1)
    scene.say(1, delete)
    scene.tell(Filled())
    assert scene.say(1, delete) == [to(1, Ok(ref="d"))]


def test_other_faults_are_named_before_a_full_disk() -> None:
    scene = full_conversation()
    assert refusals(scene.say(2, Delete(ref="d", room=LOBBY, message_id=1))) == [("not-allowed", "d")]
    assert refusals(scene.say(2, post(reply_to=9))) == [("no-such-message", "p")]
    assert refusals(scene.say(2, Leave(ref="l", room=LOBBY))) == [("not-allowed", "l")]
    assert refusals(scene.say(3, post(room="tea"))) == [("not-a-member", "p")]
    assert refusals(scene.say(3, Join(ref="j", room="a b"))) == [("bad-name", "j")]


# Who shares what they read; `test_settings.py` has the rest


def test_who_chooses_is_answered_and_their_other_devices_are_told() -> None:
    scene = conversation()
    asked = ChangeSettings(ref="s", receipts="private")
    told = Settings(receipts="private", rooms={})
    effects = scene.say(2, asked)
    assert [each for each in effects if isinstance(each, Send)] == [
        to(5, told),
        to(2, Settings(receipts="private", rooms={}, ref="s")),
    ]
    assert scene.say(2, asked) == [to(2, Settings(receipts="private", rooms={}, ref="s"))]
    assert refusals(scene.say(2, ChangeSettings(ref="s", rooms={"den": "off"}))) == [("not-a-member", "s")]
    entered = [each.record for each in scene.say(2, Join(room="den")) if isinstance(each, Append)]
    assert entered[-1] == Shared(room="den", name="bob", mode="private")


def test_who_is_off_is_answered_and_nothing_is_kept() -> None:
    scene = conversation()
    scene.say(2, ChangeSettings(receipts="off"))
    scene.tell(Filled())
    assert scene.say(2, read((1, 2))) == [to(2, Ok(ref="r"))]


def test_what_is_read_in_private_is_told_to_ones_other_devices_alone_and_its_next_text_to_its_author_too() -> None:
    scene = scene_of("ann", "bob")
    scene.greet(3, "bob")
    scene.say(1, post())
    scene.say(2, ChangeSettings(ref="s", receipts="private"))
    told = scene.say(2, Read(ref="r", room=LOBBY, ranges=((1, 1),)))
    assert [each.to for each in told if isinstance(each, Send)] == [(3,), (2,)]
    scene.say(2, ChangeSettings(ref="s", receipts="public"))
    scene.say(1, Edit(ref="e", room=LOBBY, message_id=1, content="ho"))
    told = scene.say(2, Read(ref="r", room=LOBBY, ranges=((1, 1),), editions=((1, 1),)))
    revision = scene.hub.rooms[LOBBY].revision
    own = replace(receipt("bob", (), 0, revision=revision), editions=((1, 1),))
    assert frames(told, 3) == [own]
    assert frames(told, 1) == [replace(own, ranges=((1, 1),), late=True)]
