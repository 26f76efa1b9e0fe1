"""Sharing what one reads, or not: what is told meanwhile, what is let go, and rooms that require it."""

from msgspec.structs import replace

from chat_server.protocol import (
    ChangeSettings,
    FetchHistory,
    FetchInfo,
    FetchRooms,
    Info,
    Join,
    Ok,
    Read,
    Refused,
    RoomListing,
    Rooms,
    Settings,
)
from chat_tui.model.deeds import CUT, OFFLINE
from chat_tui.model.effects import Confirm, Save, Say, Show
from chat_tui.model.events import Chose, Cut, Elapsed, Inspected, Seen, Turned
from chat_tui.model.owed import Owed
from chat_tui.model.sharing import REQUIRED
from chat_tui.model.view import TickState
from tests.chat_tui.frames import ANN, ME, ROOM, message, page, receipt
from tests.chat_tui.test_session_rooms import TEA, begun, counts, greet, hear, said, told

OFF = Settings(receipts="public", rooms={ROOM: "off"})
PRIVATE = Settings(receipts="private", rooms={})
PUBLIC = Settings(receipts="public", rooms={})
POLICY = {"receipts": "required"}


def listing(*rooms: RoomListing) -> Rooms:
    return Rooms(rooms=rooms, ref="rooms-2")


def test_what_was_read_so_far_is_told_before_another_mode_is_asked_for() -> None:
    session = begun(told(ROOM, 5, 5))
    session.handle(Seen(ROOM, frozenset({1}), 0))
    assert session.handle(Seen(ROOM, frozenset({2}), 1)) == [Save()]
    effects = session.handle(Chose(ChangeSettings(receipts="private")))
    read, asked = said(effects)
    assert isinstance(read, Read)
    assert read.ranges == ((2, 2),)
    assert asked == ChangeSettings(receipts="private", ref="settings-4")
    hear(session, Ok(ref=read.ref))
    sentence = "Receipts are private where nothing else is chosen: others do not see what you read."
    assert hear(session, replace(PRIVATE, ref="settings-4"))[:2] == [Show(sentence), Save()]
    assert session.status().sharing == "private"
    assert session.sharing().here == "private"


def test_where_nothing_is_recorded_nothing_is_read_told_or_owed() -> None:
    session = begun(told(ROOM, 5, 5))
    session.handle(Seen(ROOM, frozenset({1}), 0))
    session.handle(Seen(ROOM, frozenset({2}), 1))
    assert set(session.owed.reads) == {ROOM}
    hear(session, OFF)
    assert session.owed.reads == {}
    assert session.owed.modes == {ROOM: "off"}
    assert session.unread(frozenset(range(1, 6))) == frozenset()
    assert session.handle(Seen(ROOM, frozenset({3}), 2)) == []
    assert said(session.handle(Elapsed(1_000))) == []
    hear(session, message(6))
    assert counts(session)[ROOM] == (4, 0)
    hear(session, PUBLIC)
    assert session.owed.modes == {}
    assert session.unread(frozenset(range(1, 7))) == frozenset(range(1, 7))


def test_what_was_read_in_private_and_not_told_is_not_told_in_public() -> None:
    session = begun(told(ROOM, 5, 5))
    hear(session, PRIVATE)
    session.handle(Seen(ROOM, frozenset({1}), 0))
    session.handle(Seen(ROOM, frozenset({2}), 1))
    assert session.owed.reads == {ROOM: ((1, 2),)}
    hear(session, PUBLIC)
    assert session.owed.reads == {}
    assert said(session.handle(Elapsed(1_000))) == []
    assert session.unread(frozenset({1, 2})) == {1, 2}


def test_nor_is_it_after_the_client_was_started_again() -> None:
    owed = Owed(epoch="epoch", reads={ROOM: ((1, 2),)}, modes={ROOM: "private"})
    session = begun(told(ROOM, 5), owed=owed)
    assert (session.owed.reads, session.owed.modes) == ({}, {})
    again = begun(replace(told(ROOM, 5), sharing="private"), owed=owed)
    assert (again.owed.reads, again.owed.modes) == ({ROOM: ((1, 2),)}, {ROOM: "private"})


def test_whoever_shares_no_more_holds_nobodys_reading_and_asks_anew() -> None:
    session = begun(told(ROOM, 0), told(TEA, 0))
    mine = [replace(message(each, ME), nonce=str(each)) for each in (1, 2)]
    for each in mine:
        hear(session, each)
    hear(session, receipt(ANN, (1, 2)))
    session.handle(Inspected(1))
    hear(session, Info(room=ROOM, message_id=1, read_by=(), missing=(ANN,), unshared=()))
    assert [each.tick.state for each in session.view().messages if each.tick] == [TickState.READ] * 2
    effects = hear(session, PRIVATE)
    assert [(each.tick.state, each.tick.audience) for each in session.view().messages if each.tick] == [
        (TickState.SENT, 0)
    ] * 2
    assert session.info is None
    history, info = said(effects)
    assert isinstance(history, FetchHistory)
    assert isinstance(info, FetchInfo)
    hear(session, page(*(replace(each, audience=0) for each in mine), ref=history.ref))
    assert session.handle(Inspected(None)) == []
    assert hear(session, PRIVATE) == []


def test_what_another_device_chooses_holds_here_too() -> None:
    session = begun(told(ROOM, 5, 5), told(TEA, 3))
    hear(session, Settings(receipts="private", rooms={ROOM: "public"}))
    assert (session.status().sharing, session.sharing().own, session.sharing().everywhere) == (
        "public",
        True,
        "private",
    )
    assert session.owed.modes == {TEA: "private"}


def test_a_choice_that_is_refused_or_cut_off_is_said() -> None:
    session = begun(told(ROOM, 5))
    session.handle(Chose(ChangeSettings(receipts="off")))
    refused = Refused(code="disk-full", reason="The disk is full.", ref="settings-2")
    assert hear(session, refused) == [Show("The disk is full.", is_warning=True)]
    session.handle(Chose(ChangeSettings(receipts="off")))
    assert session.handle(Cut("gone", 500)) == [Show(CUT, is_warning=True)]
    assert session.handle(Chose(ChangeSettings(receipts="off"))) == [Show(OFFLINE, is_warning=True)]


# Rooms that require it


def test_a_room_of_which_nothing_is_known_is_asked_about_and_then_entered_or_made() -> None:
    session = begun(told(ROOM, 3))
    assert said(session.handle(Turned(TEA))) == [FetchRooms(ref="rooms-2")]
    assert hear(session, listing()) == [Say(Join(ref="join-3", room=TEA))]
    hear(session, Ok(ref="join-3", room=told(TEA, 2)))
    assert session.room == TEA


def test_a_room_that_requires_receipts_is_entered_only_by_who_agrees() -> None:
    session = begun(told(ROOM, 3))
    session.handle(Turned(TEA))
    there = RoomListing(TEA, "Tea", 4, joined=False, policy=POLICY)
    assert hear(session, listing(there)) == [Confirm(TEA)]
    assert session.handle(Turned(TEA)) == [Confirm(TEA)]
    assert session.handle(Turned(TEA, agreed=True)) == [Say(Join(ref="join-3", room=TEA))]
    hear(session, Ok(ref="join-3", room=replace(told(TEA, 2), policy=POLICY)))
    assert session.room == TEA
    assert session.sharing().required
    assert [each.receipts_required for each in session.rooms().rooms] == [False, True]


def test_a_known_room_without_receipts_is_entered_at_once() -> None:
    session = begun(told(ROOM, 3))
    hear(session, listing(RoomListing(TEA, "Tea", 4, joined=False)))
    assert said(session.handle(Turned(TEA))) == [Join(ref="join-2", room=TEA)]


def test_a_room_is_made_to_require_receipts() -> None:
    session = begun(told(ROOM, 3))
    made = said(session.handle(Turned(TEA, required=True)))
    assert made == [Join(ref="join-2", room=TEA, receipts="required")]


def test_a_room_that_one_waits_to_hear_of_is_given_up_with_the_connection() -> None:
    session = begun(told(ROOM, 3))
    session.handle(Turned(TEA))
    assert session.handle(Cut("gone", 500)) == [Show(CUT, is_warning=True)]
    greet(session, told(ROOM, 3))
    assert hear(session, listing()) == []


def test_the_room_that_one_begins_with_says_that_it_requires_receipts() -> None:
    session = begun()
    effects = hear(session, Ok(ref="join", room=replace(told(ROOM, 2), policy=POLICY)))
    assert effects[0] == Show(f"#{ROOM}: {REQUIRED}")
