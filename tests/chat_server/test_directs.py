"""Conversations of two, by transcripts of a hub: who may begin one, and that nobody else learns of it."""

from typing import get_args

import pytest

from chat_server import directs, protocol
from chat_server.chat import Chat
from chat_server.directs import is_room_name, room_name
from chat_server.effects import Append, Send
from chat_server.events import Filled, Ordered
from chat_server.names import objection
from chat_server.orders import BanName, RemoveName, RenameName
from chat_server.people import Promoted
from chat_server.protocol import (
    LOBBY,
    Acknowledge,
    AnyRequest,
    Ban,
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
    Join,
    Kick,
    Leave,
    Mute,
    Ok,
    Pass,
    Pin,
    React,
    Read,
    Receipt,
    Refused,
    Resume,
    RoomCursor,
    RoomRequest,
    Rooms,
    RoomSummary,
    TellTyping,
    Topic,
    Unban,
    Unmute,
    Unpin,
    Welcome,
)
from chat_server.room import Entered, Opened, Shared
from tests.chat_server.hubs import SEED, Scene, frames, post, read, refusals, scene_of, to

PAIR = room_name(SEED, "ann", "bob", ())


def summary_of(scene: Scene, connection: int, name: str) -> RoomSummary:
    """The conversation as whoever asks for it is answered."""
    [ok] = frames(scene.say(connection, Direct(ref="d", name=name)), connection)
    assert isinstance(ok, Ok)
    assert ok.room is not None
    return ok.room


def talk() -> Scene:
    """Ann (1), the server's admin, and Bob (2, 4) have a conversation, where Ann has said something; Cid is 3."""
    scene = scene_of("ann", "bob", "cid")
    scene.greet(4, "bob")
    scene.say(1, Direct(name="bob"))
    scene.say(1, post(room=PAIR, content="a secret"))
    return scene


# Beginning one


def test_a_conversation_is_made_at_the_first_asking_and_told_to_both() -> None:
    scene = scene_of("ann", "bob", "cid")
    scene.greet(4, "bob")
    scene.greet(5, "ann")
    room = RoomSummary(
        name=PAIR,
        title="bob",
        last_id=0,
        revision=3,
        first_unread=None,
        unread=0,
        members=("ann", "bob"),
        online=("ann", "bob"),
        direct=True,
    )
    theirs = scene.say(1, Direct(ref="d", name="bob"), now_ms=9)
    assert theirs == [
        Append(Opened(room=PAIR, title=PAIR, at=9, direct=True)),
        Append(Entered(room=PAIR, name="ann", at=9)),
        Append(Entered(room=PAIR, name="bob", at=9)),
        to(5, protocol.Entered(room=room)),
        Send((2, 4), protocol.Entered(room=summary_of(scene, 2, "ann"))),
        to(1, Ok(ref="d", room=room)),
    ]
    assert summary_of(scene, 2, "ann").title == "ann"
    assert summary_of(scene, 1, "bob") == room
    assert len(scene.hub.rooms) == 2


def test_what_is_said_in_it_is_read_as_anywhere() -> None:
    scene = talk()
    assert {each for effect in scene.say(1, post("2", room=PAIR)) for each in getattr(effect, "to", ())} == {
        1,
        2,
        4,
    }
    [receipt] = frames(scene.say(2, read((1, 2), room=PAIR), now_ms=7), 1)
    assert isinstance(receipt, Receipt)
    assert receipt.ranges == ((1, 2),)


def test_it_comes_with_the_welcome_and_after_a_restart() -> None:
    later = talk().restarted()
    [welcome] = [each for each in frames(later.greet(1, "bob"), 1) if isinstance(each, Welcome)]
    assert [(each.name, each.title, each.unread, each.direct) for each in welcome.rooms] == [
        (LOBBY, LOBBY, 0, False),
        (PAIR, "ann", 1, True),
    ]
    assert summary_of(later, 1, "ann").name == PAIR


def test_it_is_found_again_under_another_name() -> None:
    scene = talk()
    scene.tell(Ordered(1, RenameName(name="ann", to="zoe"), 0))
    assert (summary_of(scene, 2, "zoe").name, summary_of(scene, 2, "zoe").title) == (PAIR, "zoe")
    assert refusals(scene.say(2, Direct(ref="d", name="ann"))) == [("no-such-member", "d")]


def test_nobody_talks_with_themselves_or_with_nobody() -> None:
    scene = talk()
    assert refusals(scene.say(1, Direct(ref="d", name="ann"))) == [("not-allowed", "d")]
    for name in ("eve", "BOB", PAIR):
        assert refusals(scene.say(1, Direct(ref="d", name=name))) == [("no-such-member", "d")]
    scene.tell(Ordered(1, BanName(name="bob"), 0))
    scene.tell(Ordered(2, RemoveName(name="cid"), 0))
    for name in ("bob", "cid"):
        scene = scene if name == "bob" else scene.restarted()
        scene.greet(7, "dan")
        assert refusals(scene.say(7, Direct(ref="d", name=name))) == [("no-such-member", "d")]


def test_with_whom_one_talks_already_one_goes_on_though_they_are_banned() -> None:
    scene = talk()
    scene.tell(Ordered(1, BanName(name="bob"), 0))
    assert summary_of(scene, 1, "bob").name == PAIR


def test_who_is_expected_can_be_written_to() -> None:
    scene = scene_of("ann")
    scene.chat.apply(Promoted(at=1, name="dan"))
    assert summary_of(scene, 1, "dan").members == ("ann", "dan")


def test_on_a_full_disk_only_what_is_there_is_found() -> None:
    scene = talk()
    scene.tell(Filled())
    assert refusals(scene.say(3, Direct(ref="d", name="ann"))) == [("disk-full", "d")]
    assert summary_of(scene, 2, "ann").name == PAIR


def test_conversations_at_their_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (protocol.DIRECTS_MAX, protocol.DIRECTS_JOINED_MAX) == (5_000, 200)
    scene = scene_of("ann", "bob", "cid", "dan")
    monkeypatch.setattr(directs, "DIRECTS_JOINED_MAX", 1)
    summary_of(scene, 1, "bob")
    for asker, other in ((1, "cid"), (3, "ann")):
        assert refusals(scene.say(asker, Direct(ref="d", name=other))) == [("too-many-rooms", "d")]
    monkeypatch.setattr(directs, "DIRECTS_MAX", 2)
    summary_of(scene, 3, "dan")
    monkeypatch.setattr(directs, "DIRECTS_JOINED_MAX", 9)
    assert refusals(scene.say(1, Direct(ref="d", name="cid"))) == [("too-many-rooms", "d")]
    assert summary_of(scene, 2, "ann").name == PAIR


def test_strangers_who_write_to_one_keep_one_out_of_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat_server.entering.ROOMS_JOINED_MAX", 2)
    monkeypatch.setattr("chat_server.entering.ROOMS_MAX", 2)
    scene = talk()
    scene.say(3, Direct(name="ann"))
    assert isinstance(frames(scene.say(1, Join(room="tea")), 1)[0], Ok)


# Nobody else


def all_about(room: str) -> dict[type, AnyRequest]:
    return {
        type(each): each
        for each in (
            post(room=room),
            Read(ref="p", room=room, ranges=((1, 1),)),
            FetchHistory(ref="p", room=room, after=0),
            FetchInfo(ref="p", room=room, message_id=1),
            FetchHorizons(ref="p", room=room),
            FetchMembers(ref="p", room=room),
            Leave(ref="p", room=room),
            Delete(ref="p", room=room, message_id=1),
            *(kind(ref="p", room=room, name="ann") for kind in (Kick, Ban, Unban, Mute, Unmute)),
            Topic(ref="p", room=room, title="Mine"),
            Pass(ref="p", room=room, name="cid"),
            FetchBans(ref="p", room=room),
            Edit(ref="p", room=room, message_id=1, content="mine"),
            React(ref="p", room=room, message_id=1, emoji="+"),
            Acknowledge(ref="p", room=room, message_id=1),
            *(kind(ref="p", room=room, message_id=1) for kind in (Pin, Unpin)),
            FetchPins(ref="p", room=room),
            TellTyping(ref="p", room=room),
            ChangeSettings(ref="p", rooms={room: "private"}),
            Join(ref="p", room=room),
        )
    }


def test_every_request_about_a_room_is_tried() -> None:
    assert all_about("x").keys() == {*get_args(RoomRequest), ChangeSettings, Join}


@pytest.mark.parametrize("kind", [*get_args(RoomRequest), ChangeSettings, Join])
def test_a_third_is_answered_as_if_there_were_no_such_room(kind: type) -> None:
    scene = talk()
    nobodys = "@" + "0" * 32
    [there] = frames(scene.say(3, all_about(PAIR)[kind]), 3)
    [nowhere] = frames(scene.say(3, all_about(nobodys)[kind]), 3)
    assert isinstance(there, Refused)
    assert isinstance(nowhere, Refused)
    assert (there.code, there.reason.replace(PAIR, nobodys)) == (nowhere.code, nowhere.reason)
    assert set(scene.hub.rooms[PAIR].members) == {"ann", "bob"}


def test_a_third_finds_it_in_no_list_and_is_told_nothing_of_it() -> None:
    scene = talk()
    [listed] = frames(scene.say(3, FetchRooms()), 3)
    assert isinstance(listed, Rooms)
    assert [each.name for each in listed.rooms] == [LOBBY]
    [welcome] = frames(scene.greet(6, "cid", resume=Resume("e", {PAIR: RoomCursor()})), 6)
    assert isinstance(welcome, Welcome)
    assert [each.name for each in welcome.rooms] == [LOBBY]
    assert frames(scene.say(1, post("n2", room=PAIR)), 3) == []
    assert summary_of(scene, 3, "ann").name != PAIR


def test_an_admin_is_a_third_too() -> None:
    scene = scene_of("ann", "bob", "cid")
    pair = summary_of(scene, 2, "cid").name
    scene.say(2, post(room=pair))
    assert refusals(scene.say(1, FetchHistory(ref="h", room=pair, after=0))) == [("not-a-member", "h")]
    assert refusals(scene.say(1, Delete(ref="d", room=pair, message_id=1))) == [("not-a-member", "d")]


# Within


@pytest.mark.parametrize("kind", [Kick, Ban, Unban, Mute, Unmute])
def test_nobody_moderates_in_it_admins_neither(kind: type[Kick | Ban | Unban | Mute | Unmute]) -> None:
    assert refusals(talk().say(1, kind(ref="k", room=PAIR, name="bob"))) == [("not-allowed", "k")]


def test_nobody_passes_it_on_or_sees_who_is_banned() -> None:
    assert refusals(talk().say(1, Pass(ref="p", room=PAIR, name="bob"))) == [("not-allowed", "p")]
    assert refusals(talk().say(1, FetchBans(ref="b", room=PAIR))) == [("not-allowed", "b")]


def test_nobody_gives_it_a_title() -> None:
    assert refusals(talk().say(1, Topic(ref="t", room=PAIR, title="Us"))) == [("not-allowed", "t")]


def test_each_deletes_their_own_alone_and_nobody_leaves() -> None:
    scene = talk()
    scene.say(2, post(room=PAIR))
    assert refusals(scene.say(1, Delete(ref="d", room=PAIR, message_id=2))) == [("not-allowed", "d")]
    assert frames(scene.say(2, Delete(ref="d", room=PAIR, message_id=2)), 2)[-1] == Ok(ref="d")
    left = scene.say(2, Leave(ref="l", room=PAIR))
    reason = "Nobody leaves a direct conversation; mute it instead."
    assert left == [to(2, Refused(code="not-allowed", reason=reason, ref="l"))]
    assert isinstance(frames(scene.say(2, Join(room=PAIR)), 2)[0], Ok)


def test_who_is_given_up_is_gone_and_what_they_said_stays() -> None:
    scene = talk()
    scene.tell(Ordered(1, RemoveName(name="ann"), 0))
    room = scene.hub.rooms[PAIR]
    assert (room.members, room.partner("bob"), room.messages[0].content) == (("bob",), "ann", "a secret")
    assert refusals(scene.say(2, Direct(ref="d", name="ann"))) == [("no-such-member", "d")]
    assert refusals(scene.say(3, Join(ref="j", room=PAIR))) == [("bad-name", "j")]
    assert Chat.thaw(scene.chat.freeze()).rooms[PAIR].direct


# Its name


def test_its_name_is_the_pairs_and_no_other_rooms() -> None:
    assert room_name("s", "ann", "bob", ()) == room_name("s", "bob", "ann", ())
    names = {
        room_name(seed, *pair, ()) for seed in "st" for pair in (("ann", "bob"), ("ann", "cid"), ("bob", "cid"))
    }
    assert len(names) == 6
    assert all(is_room_name(each) and objection(each) for each in names)


def test_a_name_that_is_taken_is_not_given_again() -> None:
    first = room_name("s", "ann", "bob", ())
    second = room_name("s", "ann", "bob", {first})
    assert is_room_name(second)
    assert second != first


@pytest.mark.parametrize("name", ["", "@", "tea", "@" + "0" * 31, "@" + "0" * 33, "@" + "A" * 32, "x" + "0" * 32])
def test_what_is_no_name_of_a_conversation(name: str) -> None:
    assert not is_room_name(name)


def test_each_of_the_two_shares_there_as_they_have_chosen_for_all_rooms() -> None:
    scene = scene_of("ann", "bob")
    scene.say(2, ChangeSettings(ref="s", receipts="private"))
    effects = scene.say(1, Direct(ref="d", name="bob"))
    shared = Shared(room=PAIR, name="bob", mode="private")
    assert [each.record for each in effects if isinstance(each, Append)][-1] == shared
    told = [each.room.sharing for each in frames(effects, 2) if isinstance(each, protocol.Entered)]
    assert told == ["private"]
    assert summary_of(scene, 1, "bob").sharing == "public"
