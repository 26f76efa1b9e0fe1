"""Reactions and pins as a session lives them, by transcript."""

from msgspec.structs import replace

from chat_server.protocol import AnyFrame, Changed, FetchHistory, FetchPins, Message, Ok, Pin, Pins, React, Request
from chat_tui.model.deeds import OFFLINE
from chat_tui.model.effects import Effect, Say, Show
from chat_tui.model.events import Asked, Cut, Elapsed, Heard, Linked, PinsViewed, Proved, Turned
from chat_tui.model.marks import ASKING
from chat_tui.model.owed import Owed
from chat_tui.model.session import Session
from tests.chat_tui.frames import ANN, ME, ROOM, message, page, summary, welcome
from tests.identities import NONCE, challenge, signer

TEA = "tea"


def hear(session: Session, frame: AnyFrame) -> list[Effect]:
    return session.handle(Heard(frame, 0))


def said(effects: list[Effect]) -> list[Request]:
    return [each.request for each in effects if isinstance(each, Say)]


def opened(*told: Message, pins: tuple[int, ...] = ()) -> Session:
    """A session online in two rooms, one of them shown with these messages."""
    session = Session(ME, ROOM, Owed(), signer(ME).public)
    session.handle(Linked(NONCE))
    hear(session, challenge(NONCE))
    session.handle(Proved("a signature"))
    rooms = (replace(summary(len(told)), pins=pins), summary(0, name=TEA))
    (fetch,) = said(hear(session, welcome(*rooms)))
    assert isinstance(fetch, FetchHistory)
    hear(session, page(*told, ref=fetch.ref))
    return session


def look(session: Session) -> str | None:
    (asked,) = said(session.handle(PinsViewed(is_open=True)))
    assert isinstance(asked, FetchPins)
    assert asked.room == ROOM
    return asked.ref


def pins(*messages: Message, ref: str | None) -> Pins:
    return Pins(room=ROOM, messages=messages, ref=ref)


def pin(message_id: int, *, pinned: bool = True) -> Changed:
    return Changed(room=ROOM, message_id=message_id, pinned=pinned)


def listed(session: Session) -> list[int]:
    return [each.id for each in session.pins().pins]


def test_pins_are_counted_and_listed_while_somebody_looks() -> None:
    session = opened(message(1), message(2), pins=(1,))
    assert session.status().pins == 1
    ref = look(session)
    assert session.pins().notice == ASKING
    hear(session, pins(message(1), ref=ref))
    assert listed(session) == [1]
    (again,) = said(hear(session, pin(2)))
    hear(session, pins(message(1), message(2), ref=again.ref))
    assert (listed(session), session.status().pins) == ([2, 1], 2)
    assert hear(session, pin(1, pinned=False)) == []
    assert listed(session) == [2]
    (edited,) = said(hear(session, Changed(room=ROOM, message_id=2, content="new", edition=1)))
    assert isinstance(edited, FetchPins)
    assert hear(session, Changed(room=ROOM, message_id=1, content="new", edition=1)) == []
    assert session.pins().pins[0].text == "new"
    session.handle(PinsViewed(is_open=False))
    assert hear(session, pin(1)) == []
    assert hear(session, pins(message(1), ref="late")) == []
    assert session.pins().notice == ASKING


def test_another_room_has_other_pins() -> None:
    session = opened(message(1), pins=(1,))
    hear(session, pins(message(1), ref=look(session)))
    session.handle(Turned(TEA))
    assert session.pins().pins == ()
    session.handle(Turned(ROOM))
    assert session.pins().notice == ASKING


def test_what_cannot_be_asked_is_not() -> None:
    session = opened(message(1), pins=(1,))
    session.handle(Cut("gone", None))
    assert session.handle(PinsViewed(is_open=True)) == []
    assert session.pins().notice
    assert session.handle(Asked(Pin(room=ROOM, message_id=1))) == [Show(OFFLINE, is_warning=True)]


def test_the_answer_ends_the_question() -> None:
    session = opened(message(1), pins=(1,))
    hear(session, pins(message(1), ref=look(session)))
    assert said(session.handle(Elapsed(10**9))) == []
    assert session._questions._open == {}


def test_a_reaction_is_asked_for_and_everybody_sees_it() -> None:
    session = opened(message(1))
    (asked,) = said(session.handle(Asked(React(room=ROOM, message_id=1, emoji="+"))))
    hear(session, Changed(room=ROOM, message_id=1, reactions={"+": (ANN, ME)}))
    assert hear(session, Ok(ref=asked.ref)) == []
    (shown,) = session.view().messages
    assert shown.reactions == (("+", 2, True),)
