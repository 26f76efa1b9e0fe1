"""Conversations of two on one connection: beginning them, what is said in them, and what they are called."""

import pytest
from msgspec.structs import replace

from chat_server.protocol import (
    AnyFrame,
    Bans,
    Direct,
    Entered,
    FetchBans,
    FetchRooms,
    Join,
    Leave,
    Message,
    Muted,
    Ok,
    Passed,
    Post,
    Presence,
    Receipt,
    Refused,
    Renamed,
    Request,
    Retitled,
    Rooms,
    RoomSummary,
)
from chat_tui.model.deeds import CUT, OFFLINE
from chat_tui.model.effects import Alert, Announce, Effect, Save, Say, Show
from chat_tui.model.events import (
    Approached,
    Asked,
    Cut,
    Departed,
    Elapsed,
    Heard,
    Linked,
    Looked,
    Proved,
    Seen,
    Silenced,
    Turned,
)
from chat_tui.model.memberships import LATER
from chat_tui.model.owed import Owed, OwedPost
from chat_tui.model.session import Session
from chat_tui.model.sidebar import PersonView, RoomView
from tests.chat_tui.frames import ANN, BOB, ME, ROOM, message, summary, welcome
from tests.identities import NONCE, challenge, signer

PAIR = "@5d41402abc4b2a76b9719d911017c592"
OTHER_PAIR = "@0000000000000000000000000000000a"
NOBODY = "This server has nobody named 'bob'."


def hear(session: Session, frame: AnyFrame) -> list[Effect]:
    return session.handle(Heard(frame, 0))


def said(effects: list[Effect]) -> list[Request]:
    return [each.request for each in effects if isinstance(each, Say)]


def posted(effects: list[Effect]) -> list[tuple[str, str]]:
    return [(each.room, each.content) for each in said(effects) if isinstance(each, Post)]


def shown(effects: list[Effect]) -> list[str]:
    return [each.sentence for each in effects if isinstance(each, Show)]


def pair(name: str = BOB, room: str = PAIR, last_id: int = 0) -> RoomSummary:
    return replace(summary(last_id, name=room, members=(ME, name)), title=name, direct=True)


def room(name: str = ROOM) -> RoomSummary:
    return replace(summary(0, name=name), title=name)


def greet(session: Session, *rooms: RoomSummary, epoch: str = "epoch") -> list[Effect]:
    session.handle(Linked(NONCE))
    hear(session, challenge(NONCE))
    session.handle(Proved("a signature"))
    return hear(session, welcome(*rooms, epoch=epoch))


def begun(*rooms: RoomSummary, owed: Owed | None = None) -> Session:
    session = Session(ME, ROOM, owed or Owed(), signer(ME).public)
    greet(session, *rooms)
    return session


def line(session: Session, key: str = PAIR) -> RoomView:
    return next(each for each in session.rooms().rooms if each.key == key)


def approach(session: Session, content: str = "", name: str = BOB, nonce: str = "n") -> list[Effect]:
    return session.handle(Approached(name, content, nonce, 7))


# What it is called


def test_it_is_called_by_the_other_and_comes_after_the_rooms() -> None:
    session = begun(room("zoo"), pair("Cid", OTHER_PAIR), room(), pair("ann"))
    assert [each.label for each in session.rooms().rooms] == ["#deploys", "#zoo", "@ann", "@Cid"]
    assert (line(session).direct, line(session).there) == (True, True)
    hear(session, Presence(room=PAIR, name="ann", online=False))
    assert not line(session).there
    session.handle(Turned(PAIR))
    status = session.status()
    assert (status.label, status.title, status.direct) == ("@ann", "", True)


def test_a_room_is_called_by_its_name_and_has_a_title_besides_where_that_says_more() -> None:
    session = begun(room())
    assert (session.status().label, session.status().title) == ("#deploys", "")
    hear(session, Retitled(room=ROOM, title="Ships\x07 at ten", by=ANN))
    assert (session.status().label, session.status().title) == ("#deploys", "Ships\\x07 at ten")


def test_names_are_safe_to_show() -> None:
    session = begun(room(), pair("b\x1b[2J"))
    assert line(session).label == "@b\\x1b[2J"
    assert Session(ME, "\x1b[2J", Owed(), "key").status().label == "#\\x1b[2J"


def test_the_other_gets_another_name() -> None:
    session = begun(room(), pair())
    hear(session, Renamed(room=PAIR, name=BOB, to="ben"))
    assert line(session).label == "@ben"
    hear(session, Renamed(room=ROOM, name=ROOM, to="other"))
    assert line(session, ROOM).title == ROOM


def test_what_happens_in_it_says_whose_it_is_where_it_is_not_shown() -> None:
    session = begun(room(), pair())
    told = hear(session, Muted(room=PAIR, name=ME, muted=True, by=BOB))
    assert shown(told) == ["@bob: bob has muted you: you can read and not write."]


def test_who_owns_the_room_and_who_is_muted_is_known_of_its_members() -> None:
    session = begun(room())
    hear(session, Passed(room=ROOM, owner=BOB, by=ANN))
    hear(session, Muted(room=ROOM, name=ANN, muted=True, by=BOB))
    assert session.rooms().people == (
        PersonView(ANN, online=True, key=ANN, muted=True),
        PersonView(ME, online=True, key=ME, me=True),
        PersonView(BOB, online=False, key=BOB, owner=True),
    )


def test_everybody_is_known_who_is_in_any_room() -> None:
    session = begun(room(), replace(room("zoo"), members=(ME, "cid"), online=("cid",)))
    assert session.acquaintances() == (
        PersonView(ANN, online=True, key=ANN),
        PersonView("cid", online=True, key="cid"),
        PersonView(BOB, online=False, key=BOB),
    )


# Going there


def test_one_that_is_there_is_gone_to_and_written_in() -> None:
    session = begun(room(), pair())
    assert posted(approach(session, "hi")) == [(PAIR, "hi")]
    assert session.room == PAIR
    session.handle(Turned(ROOM))
    assert posted(approach(session)) == []
    assert session.room == PAIR


def test_one_that_is_not_there_is_begun() -> None:
    session = begun(room())
    assert said(approach(session)) == [Direct(ref="direct-1", name=BOB)]
    assert session.room == ROOM
    hear(session, Ok(ref="direct-1", room=pair()))
    assert (session.room, session.status().label) == (PAIR, "@bob")


def test_what_is_said_first_is_on_disk_before_it_is_begun_and_sent_once_it_is() -> None:
    session = begun(room())
    assert approach(session, "hi") == [Save(), Say(Direct(ref="direct-1", name=BOB))]
    assert session.owed.posts == (OwedPost("", "n", "hi", 7, to=BOB),)
    effects = hear(session, Ok(ref="direct-1", room=pair()))
    assert Save() in effects
    assert posted(effects) == [(PAIR, "hi")]
    assert session.owed.posts == (OwedPost(PAIR, "n", "hi", 7),)
    assert [each.text for each in session.view().messages] == ["hi"]


def test_who_stays_says_it_and_is_shown_nothing_else() -> None:
    session = begun(room())
    effects = session.handle(Approached(BOB, "hi", "n", 7, stays=True))
    assert effects == [Save(), Say(Direct(ref="direct-1", name=BOB))]
    assert posted(hear(session, Ok(ref="direct-1", room=pair()))) == [(PAIR, "hi")]
    hear(session, Ok(ref="n", message_id=1))
    assert posted(session.handle(Approached(BOB, "yo", "m", 8, stays=True))) == [(PAIR, "yo")]
    assert session.room == ROOM


def test_it_goes_where_the_server_says_whatever_that_calls_the_other() -> None:
    session = begun(room())
    approach(session, "hi")
    assert posted(hear(session, Ok(ref="direct-1", room=pair("Bob")))) == [(PAIR, "hi")]


def test_a_refusal_is_told_with_what_was_not_sent() -> None:
    session = begun(room())
    approach(session)
    assert hear(session, Refused(code="no-such-member", reason=NOBODY, ref="direct-1")) == [
        Show(NOBODY, is_warning=True)
    ]
    approach(session, "hi\x07")
    approach(session, "x" * 99, nonce="m")
    approach(session, "to ann", name=ANN, nonce="a")
    effects = hear(session, Refused(code="no-such-member", reason=NOBODY, ref="direct-2"))
    assert effects == [
        Save(),
        Show(f"{NOBODY} This was not sent: “hi\\x07”", is_warning=True),
        Save(),
        Show(f"{NOBODY} This was not sent: “{'x' * 39}…”", is_warning=True),
    ]
    assert [each.content for each in session.owed.posts] == ["to ann"]


def test_without_a_connection_what_is_said_is_kept_and_nothing_else_is_done() -> None:
    session = Session(ME, ROOM, Owed(), signer(ME).public)
    assert approach(session) == [Show(OFFLINE, is_warning=True)]
    assert approach(session, "hi") == [Save(), Show(LATER.format(name=BOB))]
    effects = greet(session, room())
    assert [each for each in said(effects) if isinstance(each, Direct)] == [Direct(ref="direct-2", name=BOB)]
    assert posted(hear(session, Ok(ref="direct-2", room=pair()))) == [(PAIR, "hi")]
    assert session.room == ROOM  # nobody waits for it any more


def test_a_cut_loses_nothing_of_what_was_said() -> None:
    session = begun(room())
    approach(session, "hi")
    assert shown(session.handle(Cut("gone", 500))) == []
    assert Direct(ref="direct-2", name=BOB) in said(greet(session, room()))
    session.handle(Cut("gone", 500))
    assert posted(greet(session, room(), pair())) == [(PAIR, "hi")]


def test_a_cut_is_told_to_who_waits_to_be_there() -> None:
    session = begun(room())
    approach(session)
    assert shown(session.handle(Cut("gone", 500))) == [CUT]


def test_what_an_earlier_session_could_not_send_is_sent() -> None:
    owed = Owed(epoch="epoch", posts=(OwedPost("", "n", "hi", 7, to=BOB), OwedPost("", "m", "yo", 8, to=BOB)))
    session = Session(ME, ROOM, owed, signer(ME).public)
    assert posted(greet(session, room(), pair())) == [(PAIR, "hi")]


def test_the_other_begins_it_first() -> None:
    session = begun(room())
    approach(session, "hi")
    assert posted(hear(session, Entered(room=pair()))) == [(PAIR, "hi")]
    hear(session, Ok(ref="direct-1", room=pair()))
    assert session.room == PAIR


@pytest.mark.parametrize("code", ["disk-full", "rate-limited"])
def test_it_is_begun_later_where_the_server_will_not_now(code: str) -> None:
    session = begun(room())
    approach(session, "hi")
    assert hear(session, Refused(code=code, reason="later", ref="direct-1", retry_after_ms=900)) == []
    assert session.handle(Elapsed(800)) == []
    assert said(session.handle(Elapsed(1_000))) == [Direct(ref="direct-2", name=BOB)]
    assert session.handle(Elapsed(1_100)) == []
    assert posted(hear(session, Ok(ref="direct-2", room=pair()))) == [(PAIR, "hi")]


def test_with_nothing_to_say_it_is_not_tried_again() -> None:
    session = begun(room())
    approach(session)
    assert shown(hear(session, Refused(code="disk-full", reason="Full.", ref="direct-1"))) == ["Full."]
    assert session.handle(Elapsed(60_000)) == []


def test_it_cannot_be_left() -> None:
    session = begun(room(), pair())
    session.handle(Turned(PAIR))
    assert said(session.handle(Departed(PAIR))) == [Leave(ref="leave-1", room=PAIR)]
    assert shown(hear(session, Refused(code="not-allowed", reason="Nobody leaves.", ref="leave-1"))) == [
        "Nobody leaves."
    ]
    assert session.room == PAIR


def test_who_leaves_a_room_is_in_another_one_rather_than_with_somebody() -> None:
    session = begun(room(), pair(), room("zoo"))
    session.handle(Departed(ROOM))
    hear(session, Ok(ref="leave-1"))
    assert session.room == "zoo"


def test_one_that_is_no_more_is_turned_away_from() -> None:
    session = begun(room(), pair())
    session.handle(Turned(PAIR))
    session.handle(Cut("gone", 500))
    effects = greet(session, pair(ANN, OTHER_PAIR), room("general"), room(), epoch="another")
    assert shown(effects) == ["You are no longer in @bob."]
    assert session.room == ROOM
    assert not [each for each in said(effects) if isinstance(each, Join)]


# What is said in it


def written(message_id: int, sender: str = BOB, content: str = "hi") -> Message:
    return replace(message(message_id, sender), room=PAIR, content=content)


def alerts(effects: list[Effect]) -> list[Alert]:
    return [each for each in effects if isinstance(each, Alert)]


def test_every_message_of_the_other_is_told_of_as_a_direct_one() -> None:
    session = begun(room(), pair())
    assert alerts(hear(session, written(1))) == [Alert(PAIR, 1, BOB, "hi", direct=True)]
    assert alerts(hear(session, written(2, content=f"@{ME}"))) == [Alert(PAIR, 2, BOB, f"@{ME}", direct=True)]
    assert alerts(hear(session, written(3, ME))) == []


def test_what_was_read_elsewhere_or_deleted_is_no_news() -> None:
    session = begun(room(), pair())
    hear(session, Receipt(room=PAIR, reader=ME, ranges=((1, 1),), read_at=1, revision=1))
    assert alerts(hear(session, written(1))) == []
    assert alerts(hear(session, replace(written(2, content=""), deleted_at=1, deleted_by=BOB))) == []


def test_a_silenced_one_tells_of_nothing() -> None:
    session = begun(room(), pair())
    session.handle(Silenced(PAIR))
    session.handle(Silenced(ROOM))
    session.handle(Looked(attended=False, following=True))
    assert alerts(hear(session, written(1))) == []
    hear(session, written(2, ME))
    read = hear(session, Receipt(room=PAIR, reader=BOB, ranges=((2, 2),), read_at=1, revision=2))
    assert not any(isinstance(each, Announce) for each in read)
    named = replace(message(1, BOB), content=f"@{ME}")
    assert alerts(hear(session, named)) == [Alert(ROOM, 1, BOB, f"@{ME}")]


def test_it_is_read_like_a_room() -> None:
    session = begun(room(), pair())
    session.handle(Turned(PAIR))
    hear(session, written(1))
    assert line(session).unread == 1
    session.handle(Seen(PAIR, frozenset({1}), 0))
    assert line(session).unread == 0


# Making a room, and who is banned from one


def test_a_room_is_made_with_its_title() -> None:
    session = begun(room())
    assert said(session.handle(Turned("tea", "Green & black"))) == [FetchRooms(ref="rooms-1")]
    assert said(hear(session, Rooms(rooms=(), ref="rooms-1"))) == [
        Join(ref="join-2", room="tea", title="Green & black")
    ]


def test_who_is_banned_is_asked_and_answered() -> None:
    session = begun(room())
    assert said(session.handle(Asked(FetchBans(room=ROOM)))) == [FetchBans(ref="deed-1", room=ROOM)]
    bans = Bans(room=ROOM, names=("dan",), ref="deed-1")
    assert hear(session, bans) == []
    assert session.bans == bans
    hear(session, Bans(room=ROOM, names=(), ref="of another"))
    assert session.bans == bans
    session.handle(Asked(FetchBans(room=ROOM)))
    assert shown(hear(session, Refused(code="not-allowed", reason="Only ann may.", ref="deed-2"))) == [
        "Only ann may."
    ]
