"""Many rooms on one connection: turning from one to another, entering, leaving, and what waits elsewhere."""

from msgspec.structs import replace

from chat_server.protocol import (
    AnyFrame,
    Changed,
    Entered,
    FetchHistory,
    FetchRooms,
    Hello,
    History,
    Join,
    Joined,
    Kick,
    Leave,
    Left,
    Message,
    Muted,
    Ok,
    Passed,
    Post,
    Presence,
    Read,
    Receipt,
    Refused,
    Request,
    Retitled,
    RoomListing,
    Rooms,
    RoomSummary,
    TellTyping,
    Typing,
)
from chat_tui.model.deeds import CUT, OFFLINE
from chat_tui.model.effects import Alert, Announce, Effect, Save, Say, Show
from chat_tui.model.events import (
    Asked,
    Cut,
    Departed,
    Drafted,
    Elapsed,
    Heard,
    Inspected,
    Linked,
    Listed,
    Looked,
    Marked,
    Part,
    Proved,
    Seen,
    Silenced,
    Sought,
    Turned,
    Typed,
    Watched,
    Wrote,
)
from chat_tui.model.owed import Mark, Owed
from chat_tui.model.room import UNWATCHED, WATCHED
from chat_tui.model.session import Session
from chat_tui.model.sidebar import RoomView
from chat_tui.model.writers import SHOWN_MS, TELL_EVERY_MS
from tests.chat_tui.frames import ANN, BOB, ME, ROOM, message, summary, welcome
from tests.identities import NONCE, challenge, signer

TEA = "tea"


def hear(session: Session, frame: AnyFrame) -> list[Effect]:
    return session.handle(Heard(frame, 0))


def said(effects: list[Effect]) -> list[Request]:
    return [each.request for each in effects if isinstance(each, Say)]


def told(name: str, last_id: int, unread: int = 0) -> RoomSummary:
    """A room of which the newest messages are unread."""
    first = last_id - unread + 1 if unread else None
    return replace(summary(last_id, name=name, first_unread=first), unread=unread)


def in_(room: str, message_id: int, sender: str = ANN, content: str = "hi") -> Message:
    return replace(message(message_id, sender), room=room, content=content)


def greet(session: Session, *rooms: RoomSummary, epoch: str = "epoch") -> list[Effect]:
    session.handle(Linked(NONCE))
    hear(session, challenge(NONCE))
    session.handle(Proved("a signature"))
    return hear(session, welcome(*rooms, epoch=epoch))


def begun(*rooms: RoomSummary, owed: Owed | None = None) -> Session:
    session = Session(ME, ROOM, owed or Owed(), signer(ME).public)
    answer(session, greet(session, *rooms))
    return session


def answer(session: Session, effects: list[Effect], sender: str = ANN) -> None:
    """Answer each page with all messages up to the last."""
    for request in said(effects):
        if isinstance(request, FetchHistory):
            last = line(session, request.room)
            page = tuple(in_(request.room, each, sender) for each in range(1, last + 1))
            hear(session, History(room=request.room, messages=page, more=False, ref=request.ref))


def line(session: Session, room: str) -> int:
    return session._rooms[room].replica.last_id


def of(session: Session, room: str) -> RoomView:
    return next(each for each in session.rooms().rooms if each.key == room)


def counts(session: Session) -> dict[str, tuple[int, int]]:
    return {each.key: (each.unread, each.mentions) for each in session.rooms().rooms}


def window(session: Session) -> list[int]:
    return [each.id for each in session.view().messages if each.id is not None]


def turn(session: Session, room: str) -> None:
    answer(session, session.handle(Turned(room)))


# Knowing


def test_all_rooms_are_known_and_only_what_is_shown_is_fetched() -> None:
    session = Session(ME, ROOM, Owed(), signer(ME).public)
    effects = greet(session, told(ROOM, 3), told(TEA, 9, 2))
    assert [each.room for each in said(effects) if isinstance(each, FetchHistory)] == [ROOM]
    assert counts(session) == {ROOM: (0, 0), TEA: (2, 0)}
    assert session.rooms().elsewhere == 2


def test_what_is_said_elsewhere_counts_once_and_is_not_held() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9, 2))
    for each in (in_(TEA, 10), in_(TEA, 10), in_(TEA, 11, content="look, @me"), in_(TEA, 12, ME)):
        assert said(hear(session, each)) == []
    assert counts(session) == {ROOM: (0, 0), TEA: (4, 1)}
    assert window(session) == [1, 2, 3]
    hear(session, Presence(room=TEA, name=BOB, online=True))
    assert of(session, TEA).online == 3


def test_what_another_device_reads_or_somebody_deletes_elsewhere_counts_no_more() -> None:
    session = begun(told(ROOM, 3), replace(told(TEA, 10, 5), unread=4))
    hear(session, Receipt(room=TEA, reader=ME, ranges=((6, 7),), read_at=1, revision=1))
    hear(session, Changed(room=TEA, message_id=8, deleted_at=1, deleted_by=ANN, revision=2))
    hear(session, Changed(room=TEA, message_id=10, deleted_at=1, deleted_by=ME, revision=3))
    assert of(session, TEA).unread == 1


def test_a_room_that_one_is_not_in_is_not_heard_of() -> None:
    session = begun(told(ROOM, 3))
    assert hear(session, in_(TEA, 1)) == []
    assert session.handle(Seen(TEA, frozenset({1}), 0)) == []
    assert session.handle(Asked(Kick(room=TEA, name=BOB))) == []


# Turning


def test_a_room_opens_at_its_first_unread() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9, 2))
    effects = session.handle(Turned(TEA))
    (asked,) = said(effects)
    assert isinstance(asked, FetchHistory)
    assert (asked.room, asked.around) == (TEA, 8)
    assert session.view().loading
    answer(session, effects)
    assert (session.room, session.view().new_before, of(session, TEA).current) == (TEA, 8, True)
    assert session.handle(Turned(TEA)) == []


def test_a_room_that_is_held_is_shown_as_it_is_with_what_came_meanwhile() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9))
    turn(session, TEA)
    hear(session, in_(ROOM, 4, ME))
    hear(session, in_(ROOM, 5))
    assert session.handle(Turned(ROOM)) == []
    assert (window(session), session.view().new_before) == ([1, 2, 3, 4, 5], 5)
    session.handle(Seen(ROOM, frozenset({5}), 0))
    session.handle(Turned(TEA))
    session.handle(Turned(ROOM))
    assert session.view().new_before is None


def test_a_first_unread_beyond_the_window_is_fetched() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9))
    turn(session, TEA)
    session.handle(Cut("gone", 500))
    greet(session, told(ROOM, 90, 50), told(TEA, 9))
    effects = session.handle(Turned(ROOM))
    (asked,) = said(effects)
    assert isinstance(asked, FetchHistory)
    assert asked.around == 41
    assert window(session) == []


def test_a_first_unread_that_is_ones_own_is_passed_over() -> None:
    session = Session(ME, ROOM, Owed(), signer(ME).public)
    answer(session, greet(session, told(ROOM, 3, 3)), ME)
    session.handle(Looked(attended=False, following=True))
    hear(session, in_(ROOM, 4))
    assert session._current.first_unread == 4


def test_what_is_seen_is_told_of_its_own_room_only() -> None:
    session = begun(told(ROOM, 3, 3), told(TEA, 3, 3))
    turn(session, TEA)
    (read,) = said(session.handle(Seen(ROOM, frozenset({2}), 0)))
    assert isinstance(read, Read)
    assert (read.room, read.ranges) == (ROOM, ((2, 2),))
    assert session.unread(frozenset({2})) == {2}
    assert counts(session) == {ROOM: (2, 0), TEA: (3, 0)}


def test_what_was_seen_and_not_told_before_the_end_is_not_unread() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9, 2), owed=Owed(reads={TEA: ((8, 8),)}))
    assert of(session, TEA).unread == 1


def test_each_room_has_its_draft_and_what_is_entered_goes_where_it_was_written() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9))
    session.handle(Drafted("I was"))
    turn(session, TEA)
    assert (session.draft, of(session, ROOM).draft) == ("", True)
    (post,) = said(session.handle(Typed("hi", "n", 7, ROOM)))
    assert isinstance(post, Post)
    assert post.room == ROOM
    hear(session, Ok(ref="n", message_id=4))
    hear(session, replace(in_(ROOM, 4, ME), nonce="n"))
    assert session.status().queued == 0


def test_audiences_elsewhere_are_asked_for_when_one_turns_there() -> None:
    session = Session(ME, ROOM, Owed(), signer(ME).public)
    answer(session, greet(session, told(ROOM, 2), told(TEA, 9)), ME)
    turn(session, TEA)
    assert hear(session, Left(room=ROOM, name=BOB)) == []
    (asked,) = said(session.handle(Turned(ROOM)))
    assert isinstance(asked, FetchHistory)
    assert asked.after == 0


def test_readers_elsewhere_are_told_with_their_room_to_who_is_away() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9))
    session.handle(Looked(attended=False, following=True))
    receipt = Receipt(room=TEA, reader=ANN, ranges=((4, 4),), read_at=1)
    assert hear(session, receipt) == [Announce(ANN, {4: None}, TEA)]
    session.handle(Silenced(TEA))
    assert hear(session, receipt) == []


def test_the_inspection_ends_with_the_room() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9))
    assert said(session.handle(Inspected(2)))
    turn(session, TEA)
    assert session.info is None
    session.handle(Cut("gone", 500))
    assert not [each for each in said(greet(session, told(ROOM, 3), told(TEA, 9))) if each.ref == "info-9"]


# Coming back


def test_only_what_is_open_is_resumed() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9))
    session.handle(Cut("gone", 500))
    (hello,) = said(session.handle(Linked(NONCE)))
    assert isinstance(hello, Hello)
    assert hello.resume is not None
    assert set(hello.resume.rooms) == {ROOM}
    session = begun(told(ROOM, 3), told(TEA, 9))
    turn(session, TEA)
    session.handle(Cut("gone", 500))
    (hello,) = said(session.handle(Linked(NONCE)))
    assert isinstance(hello, Hello)
    assert hello.resume is not None
    assert set(hello.resume.rooms) == {ROOM, TEA}


def test_a_room_that_is_gone_when_one_comes_back_is_named() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9), owed=Owed(reads={TEA: ((1, 1),)}))
    session.handle(Cut("gone", 500))
    effects = greet(session, told(ROOM, 3))
    assert Show("You are no longer in #tea.", is_warning=True) in effects
    assert Save() in effects
    assert set(counts(session)) == {ROOM}


def test_members_that_came_meanwhile_elsewhere_make_audiences_stale() -> None:
    session = Session(ME, ROOM, Owed(), signer(ME).public)
    answer(session, greet(session, told(ROOM, 2), told(TEA, 9)), ME)
    turn(session, TEA)
    session.handle(Cut("gone", 500))
    greet(session, replace(told(ROOM, 2), members=(ME, ANN)), told(TEA, 9))
    assert said(session.handle(Turned(ROOM)))


def test_another_history_begins_with_the_rooms_that_it_has() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9))
    session.handle(Marked(2))
    session.handle(Cut("gone", 500))
    greet(session, told(ROOM, 1), told("new", 2), epoch="another")
    assert set(counts(session)) == {ROOM, "new"}
    assert session.owed.marks == {}


# Entering and leaving


def test_a_room_is_entered_and_shown() -> None:
    session = begun(told(ROOM, 3))
    (join,) = said(session.handle(Turned(TEA, agreed=True)))
    assert join == Join(ref="join-2", room=TEA)
    effects = hear(session, Ok(ref="join-2", room=told(TEA, 2)))
    assert session.room == TEA
    answer(session, effects)
    assert window(session) == [1, 2]


def test_a_room_that_one_may_not_enter_says_why() -> None:
    session = begun(told(ROOM, 3))
    session.handle(Turned(TEA, agreed=True))
    refused = Refused(code="banned", reason="You are banned from tea.", ref="join-2")
    assert hear(session, refused) == [Show("You are banned from tea.", is_warning=True)]
    assert session.room == ROOM


def test_without_a_connection_nothing_is_entered_and_a_cut_leaves_it_open() -> None:
    session = begun(told(ROOM, 3))
    session.handle(Turned(TEA, agreed=True))
    assert session.handle(Cut("gone", 500)) == [Show(CUT, is_warning=True)]
    assert session.handle(Turned(TEA)) == [Show(OFFLINE, is_warning=True)]
    assert session.handle(Listed()) == []


def test_a_room_that_one_leaves_is_gone_and_another_is_shown() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9), told("zoo", 1))
    session.handle(Marked(1))
    (leave,) = said(session.handle(Departed(ROOM)))
    assert leave == Leave(ref="leave-2", room=ROOM)
    left = hear(session, Left(room=ROOM, name=ME))
    assert left == [Show("You have left this room.", is_warning=True), Save()]
    hear(session, Ok(ref="leave-2"))
    assert (session.room, set(counts(session))) == (TEA, {TEA, "zoo"})
    session.handle(Departed("zoo"))
    assert hear(session, Left(room="zoo", name=ME)) == [Show("#zoo: You have left this room.", is_warning=True)]
    assert hear(session, Ok(ref="leave-4")) == []
    assert set(counts(session)) == {TEA}


def test_the_only_room_that_one_leaves_stays_in_view_closed() -> None:
    session = begun(told(ROOM, 3))
    session.handle(Departed(ROOM))
    hear(session, Left(room=ROOM, name=ME))
    hear(session, Ok(ref="leave-2"))
    assert session.view().closed == "You have left this room."
    assert session.rooms().rooms == ()
    assert session.handle(Seen(ROOM, frozenset({1}), 0)) == []


def test_one_who_was_put_out_can_turn_away_or_ask_to_be_let_in_again() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9))
    hear(session, Left(room=ROOM, name=ME, by=ANN))
    (join,) = said(session.handle(Turned(ROOM)))
    assert join == Join(ref="join-2", room=ROOM)
    hear(session, Ok(ref="join-2", room=told(ROOM, 3)))
    assert session.view().closed == ""
    hear(session, Left(room=ROOM, name=ME, by=ANN))
    turn(session, TEA)
    assert set(counts(session)) == {TEA}


def test_what_is_done_to_one_elsewhere_says_where() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9))
    muted = hear(session, Muted(room=TEA, name=ME, muted=True, by=ANN))
    assert muted == [Show("#tea: ann has muted you: you can read and not write.", is_warning=True)]
    put_out = hear(session, Left(room=TEA, name=ME, by=ANN))
    assert put_out == [Show("#tea: ann has removed you from this room.", is_warning=True)]
    assert set(counts(session)) == {ROOM}
    assert hear(session, Joined(room=TEA, name=BOB)) == []


def test_all_rooms_of_the_server_are_listed() -> None:
    session = begun(told(ROOM, 3))
    (asked,) = said(session.handle(Listed()))
    assert asked == FetchRooms(ref="rooms-2")
    listing = Rooms(rooms=(RoomListing(TEA, "Tea", 4, joined=False),), ref="rooms-2")
    hear(session, listing)
    assert session.listing == listing


# Marking and silencing


def test_a_marked_room_counts_from_there_opens_there_and_recalls_nothing() -> None:
    session = begun(told(ROOM, 5, 1), told(TEA, 9))
    session.handle(Seen(ROOM, frozenset({1, 2, 3, 4}), 0))
    assert session.handle(Marked(3)) == [Save()]
    assert session.owed.marks == {ROOM: Mark(message=3, count=2)}
    assert of(session, ROOM).unread == 3
    hear(session, in_(ROOM, 6))
    turn(session, TEA)
    assert of(session, ROOM).unread == 4
    assert session.handle(Turned(ROOM)) == [Save()]
    assert (session.view().new_before, of(session, ROOM).unread) == (3, 2)
    assert session.unread(frozenset(range(1, 7))) == {5, 6}
    session.handle(Sought(Part.OLDER))


def test_a_mark_outlives_the_client() -> None:
    session = Session(ME, ROOM, Owed(epoch="epoch", marks={ROOM: Mark(3, 2)}), signer(ME).public)
    (asked,) = said(greet(session, told(ROOM, 9)))
    assert isinstance(asked, FetchHistory)
    assert asked.around == 3
    assert of(session, ROOM).unread == 2


def test_a_silenced_room_counts_only_mentions_until_it_is_not() -> None:
    session = begun(told(ROOM, 3), told(TEA, 9, 2))
    assert session.handle(Silenced(TEA)) == [Save()]
    assert session.owed.silenced == (TEA,)
    hear(session, in_(TEA, 10, content="@me"))
    assert counts(session)[TEA] == (0, 1)
    assert session.rooms().elsewhere == 1
    session.handle(Silenced(TEA))
    assert counts(session)[TEA] == (3, 1)


def test_a_message_that_names_one_is_told_of_once_whatever_room_it_is_in() -> None:
    session = begun(told(ROOM, 0), told(TEA, 3))
    alerts = hear(session, in_(TEA, 4, ANN, f"look, @{ME}"))
    assert [each for each in alerts if isinstance(each, Alert)] == [Alert(TEA, 4, ANN, f"look, @{ME}")]
    for quiet in (in_(TEA, 5, ANN, "nobody in particular"), in_(TEA, 6, ME, f"I am @{ME}")):
        assert not any(isinstance(each, Alert) for each in hear(session, quiet))


def test_what_is_watched_is_told_of_though_one_looks() -> None:
    session = begun(told(ROOM, 0))
    hear(session, message(1, ME))
    assert session.handle(Watched(1)) == [Show(WATCHED)]
    read = Receipt(room=ROOM, reader=ANN, ranges=((1, 1),), read_at=1, revision=2)
    assert Announce(ANN, {1: session.replica.text_of(1)}, ROOM, watched=True) in hear(session, read)
    assert session.handle(Watched(1)) == [Show(UNWATCHED)]
    again = Receipt(room=ROOM, reader=BOB, ranges=((1, 1),), read_at=2, revision=3)
    assert not any(isinstance(each, Announce) for each in hear(session, again))


def test_a_room_that_another_device_has_joined_is_there_at_once() -> None:
    session = begun(told(ROOM, 0))
    assert said(hear(session, Entered(room=told(TEA, 3, 1)))) == []
    assert [(each.key, each.unread) for each in session.rooms().rooms] == [(ROOM, 0), (TEA, 1)]


def test_a_room_gets_another_title_and_another_owner() -> None:
    session = begun(told(ROOM, 0))
    hear(session, Retitled(room=ROOM, title="Ships at ten", by=ANN))
    hear(session, Passed(room=ROOM, owner=BOB, by=ANN))
    assert (session.replica.title, session.replica.owner) == ("Ships at ten", BOB)


def test_an_edit_makes_nothing_read_or_unread() -> None:
    session = begun(told(ROOM, 0), told(TEA, 3, 2))
    hear(session, Changed(room=TEA, message_id=3, content="other", edited_at=9, edition=1, revision=9))
    assert [each.unread for each in session.rooms().rooms] == [0, 2]


def test_what_waits_for_a_room_is_sent_once_another_device_has_joined_it() -> None:
    session = Session(ME, ROOM, Owed(), signer(ME).public)
    session.handle(Typed("hi", "nonce", 1))
    greet(session)
    hear(session, Refused(code="disk-full", reason="full", ref="join"))
    sent = said(hear(session, Entered(room=told(ROOM, 0))))
    assert [each.content for each in sent if isinstance(each, Post)] == ["hi"]


# Who is writing


def writes(session: Session, name: str, room: str = ROOM, now_ms: int = 0) -> None:
    assert session.handle(Heard(Typing(room=room, name=name), now_ms)) == []


def test_who_writes_in_the_shown_room_is_shown_until_their_message_or_for_a_while() -> None:
    session = begun(told(ROOM, 3), told(TEA, 3))
    writes(session, ANN)
    writes(session, BOB, now_ms=1_000)
    writes(session, "cid", TEA)
    writes(session, "cid", "nowhere")
    writes(session, ME)
    assert session.status().writers == (ANN, BOB)
    hear(session, in_(ROOM, 4))
    assert session.status().writers == (BOB,)
    assert session.next_deadline_ms == SHOWN_MS
    session.handle(Elapsed(SHOWN_MS))
    assert session.status().writers == (BOB,)
    turn(session, TEA)
    assert session.status().writers == ()
    turn(session, ROOM)
    assert session.next_deadline_ms == 1_000 + SHOWN_MS
    session.handle(Elapsed(1_000 + SHOWN_MS))
    assert session.status().writers == ()
    assert session.next_deadline_ms is None


def test_names_of_who_writes_are_safe_and_a_cut_ends_it() -> None:
    session = begun(told(ROOM, 3))
    writes(session, "\x1b[2J")
    assert session.status().writers == ("\\x1b[2J",)
    session.handle(Cut("gone", 500))
    assert session.status().writers == ()


def test_others_are_told_that_one_writes_now_and_then_room_by_room() -> None:
    session = begun(told(ROOM, 3), told(TEA, 3))
    assert said(session.handle(Wrote(ROOM, 0))) == [TellTyping(room=ROOM)]
    assert session.handle(Wrote(ROOM, TELL_EVERY_MS - 1)) == []
    assert said(session.handle(Wrote(TEA, 1))) == [TellTyping(room=TEA)]
    assert said(session.handle(Wrote(ROOM, TELL_EVERY_MS))) == [TellTyping(room=ROOM)]


def test_nobody_is_told_where_nothing_can_be_sent() -> None:
    session = begun(told(ROOM, 3))
    assert session.handle(Wrote("nowhere", 0)) == []
    hear(session, Muted(room=ROOM, name=ME, muted=True, by=ANN))
    assert session.handle(Wrote(ROOM, 0)) == []
    hear(session, Muted(room=ROOM, name=ME, muted=False, by=ANN))
    session.handle(Cut("gone", 500))
    assert session.handle(Wrote(ROOM, 0)) == []
    greet(session, told(ROOM, 3))
    assert said(session.handle(Wrote(ROOM, 0))) == [TellTyping(room=ROOM)]
