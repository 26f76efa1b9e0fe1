"""Showing how far others have read, by transcript: switched on and off, asked for, kept, and given up."""

from msgspec.structs import replace

from chat_server.protocol import FetchHistory, FetchHorizons, Horizon, Horizons, Refused, Renamed, Settings
from chat_tui.model.effects import Save, Say, Show
from chat_tui.model.events import Cut, Elapsed, HorizonsDue, HorizonsToggled, Turned
from chat_tui.model.margin import NOT_SHOWN, SHOWN, UNSEEN
from chat_tui.model.owed import Owed
from chat_tui.model.session import Session
from tests.chat_tui.frames import ANN, BOB, ME, ROOM
from tests.chat_tui.test_session_rooms import TEA, begun, greet, hear, said, told
from tests.identities import signer

ON = Owed(epoch="epoch", horizons=(ROOM,))


def at(message_id: int, ref: str) -> Horizons:
    return Horizons(room=ROOM, horizons=(Horizon(ANN, message_id, 100),), ref=ref)


def test_they_are_shown_once_switched_on_and_no_more_once_off() -> None:
    session = begun(told(ROOM, 5))
    assert session.handle(HorizonsDue()) == []
    asked = FetchHorizons(ref="horizons-2", room=ROOM)
    assert session.handle(HorizonsToggled(ROOM)) == [Save(), Show(SHOWN), Say(asked)]
    assert session.owed.horizons == (ROOM,)
    assert session.handle(HorizonsDue()) == []
    hear(session, at(3, "horizons-2"))
    assert session.view().read_to == ((3, (ANN,)),)
    assert said(session.handle(HorizonsDue())) == [FetchHorizons(ref="horizons-3", room=ROOM)]
    assert session.handle(HorizonsToggled(ROOM)) == [Save(), Show(NOT_SHOWN)]
    assert session.view().read_to == ()
    hear(session, at(4, "horizons-3"))
    assert session.view().read_to == ()
    assert session.handle(HorizonsDue()) == []


def test_they_are_asked_for_again_where_they_were_shown_before_and_after_a_cut() -> None:
    session = Session(ME, ROOM, ON, signer(ME).public)
    asked = [each for each in said(greet(session, told(ROOM, 5))) if not isinstance(each, FetchHistory)]
    assert asked == [FetchHorizons(ref="horizons-2", room=ROOM)]
    session.handle(Cut("gone", 500))
    assert session.handle(HorizonsDue()) == []
    assert FetchHorizons(ref="horizons-4", room=ROOM) in said(greet(session, told(ROOM, 5)))


def test_they_are_those_of_the_shown_room() -> None:
    session = begun(told(ROOM, 5), told(TEA, 5), owed=ON)
    hear(session, at(3, "horizons-2"))
    session.handle(Turned(TEA))
    assert session.view().read_to == ()
    assert session.handle(HorizonsDue()) == []
    asked = said(session.handle(Turned(ROOM)))
    assert [type(each) for each in asked] == [FetchHorizons]
    assert session.view().read_to == ((3, (ANN,)),)


def test_who_does_not_share_is_told_why_there_are_none() -> None:
    session = begun(replace(told(ROOM, 5), sharing="private"))
    assert session.handle(HorizonsToggled(ROOM)) == [Save(), Show(UNSEEN)]
    assert session.handle(HorizonsDue()) == []
    hear(session, Settings(receipts="public", rooms={}))
    assert said(session.handle(HorizonsDue()))
    hear(session, at(3, "horizons-3"))
    hear(session, Settings(receipts="off", rooms={}))
    assert session.view().read_to == ()
    hear(session, Settings(receipts="public", rooms={}))
    assert session.view().read_to == ()


def test_another_name_is_asked_for_anew() -> None:
    session = begun(told(ROOM, 5), owed=ON)
    hear(session, at(3, "horizons-2"))
    hear(session, Renamed(room=ROOM, name=ANN, to=BOB))
    assert session.view().read_to == ()


def test_a_server_that_says_later_is_asked_later_and_one_that_does_not_know_them_is_not_minded() -> None:
    session = begun(told(ROOM, 5), owed=ON)
    limited = Refused(code="rate-limited", reason="Slow down.", ref="horizons-2", retry_after_ms=900)
    assert hear(session, limited) == []
    assert session.handle(HorizonsDue()) == []
    assert said(session.handle(Elapsed(900))) == [FetchHorizons(ref="horizons-2", room=ROOM)]
    assert hear(session, Refused(code="bad-request", reason="There is none.", ref="horizons-2")) == []
    assert said(session.handle(HorizonsDue())) == [FetchHorizons(ref="horizons-3", room=ROOM)]
