"""A session's connection by transcript: greeted on, believed, given up."""

import pytest

from chat_server.protocol import ID_MAX, FetchHistory, Hello, Join, Ok, Presence, Prove, Refused
from chat_server.protocol import AnyFrame as Frame
from chat_tui.model.effects import Answer, GiveUp, Say
from chat_tui.model.events import Cut, Dialling, Distrusted, Heard, Linked, Proved
from chat_tui.model.greeting import UNPROVEN
from chat_tui.model.owed import Owed, OwedPost
from chat_tui.model.session import Session
from chat_tui.model.view import Link
from tests.chat_tui.frames import ANN, BOB, ME, ROOM, message, messages, page, receipt, summary, welcome
from tests.chat_tui.sessions import (
    CHALLENGE,
    KEY,
    PAGE_MAX,
    SIGNATURE,
    answer,
    asked,
    cut,
    greet,
    hear,
    new,
    opened,
    owed_posts,
    said,
    window,
)
from tests.identities import NONCE, hello

pytestmark = pytest.mark.usefixtures("small_pages")


def test_a_new_session_knows_nothing() -> None:
    session = new()
    assert session.status().link is Link.CONNECTING
    assert session.view().loading
    assert session.view().below == 0
    assert session.owed == Owed()
    assert session.next_deadline_ms is None


def test_it_says_hello_and_asks_for_the_newest_page() -> None:
    session = new()
    assert session.handle(Dialling()) == []
    assert session.handle(Linked(NONCE)) == [Say(hello(ME))]
    assert hear(session, CHALLENGE) == [Answer(NONCE, CHALLENGE)]
    assert session.handle(Proved(SIGNATURE)) == [Say(Prove(ref="prove", signature=SIGNATURE))]
    effects = session.handle(Heard(welcome(summary(6)), 0))
    assert effects == [Say(FetchHistory(ref="page-1", room=ROOM, before=ID_MAX, limit=PAGE_MAX))]
    hear(session, message(7))
    answer(session, effects, 4, 5, 6, 7)
    view = session.view()
    assert window(session) == [4, 5, 6, 7]
    assert (view.at_start, view.at_end, view.below, view.loading) == (False, True, 0, False)


def test_it_opens_the_room_at_the_first_unread() -> None:
    session = new()
    effects = hear(session, welcome(summary(60, first_unread=30)))
    assert asked(effects).around == 30
    answer(session, effects, 28, 29, 30, 31)
    assert session.view().new_before == 30
    assert session.view().below == 29


def test_an_empty_room_needs_no_page() -> None:
    session = new()
    assert hear(session, welcome(summary(0))) == []
    assert not session.view().loading


def test_it_joins_the_room_where_it_is_no_member() -> None:
    session = new()
    assert hear(session, welcome(summary(3, name="general"))) == [Say(Join(ref="join", room=ROOM))]
    effects = hear(session, Ok(ref="join", room=summary(5)))
    assert asked(effects).before == ID_MAX


@pytest.mark.parametrize("ref", ["hello", "prove", "join"])
def test_it_gives_up_where_it_is_not_let_in(ref: str) -> None:
    assert hear(greet(new()), Refused(code="no", reason="Not you.", ref=ref)) == [GiveUp("Not you.")]


def test_it_gives_up_where_it_is_put_out() -> None:
    session = opened(2)
    refused = Refused(code="expelled", reason="An admin has changed me; connect again.")
    assert hear(session, refused) == [GiveUp("An admin has changed me; connect again.")]


def test_it_gives_up_where_the_server_is_not_the_one_that_it_should_be() -> None:
    session = new()
    session.handle(Linked(NONCE))
    hear(session, CHALLENGE)
    assert session.handle(Distrusted("another key")) == [GiveUp("another key")]
    assert session.handle(Heard(welcome(summary(6)), 0)) == [GiveUp(UNPROVEN)]
    assert session.status().link is Link.CONNECTING


def test_a_server_that_proves_nothing_is_not_believed() -> None:
    session = new(Owed(posts=(OwedPost(ROOM, "n1", "hi", 7),), reads={ROOM: ((1, 1),)}))
    session.handle(Linked(NONCE))
    before = session.view()
    frames: tuple[Frame, ...] = (
        message(1),
        page(*messages(1, 3)),
        receipt(BOB, (1, 1)),
        Ok(ref="n1", message_id=1),
        Ok(ref="join", room=summary(0)),
        Refused(code="no", reason="No.", ref="n1"),
        Presence(room=ROOM, name=ANN, online=True),
    )
    for frame in frames:
        assert hear(session, frame) == []
    assert session.handle(Heard(welcome(summary(0)), 0)) == [GiveUp(UNPROVEN)]
    assert (session.view(), session.status().members) == (before, 0)
    assert owed_posts(session) == [OwedPost(ROOM, "n1", "hi", 7)]


def test_each_connection_is_trusted_anew() -> None:
    session = opened(2)
    cut(session)
    assert hear(session, message(3)) == []
    assert window(session) == [1, 2]
    session.handle(Linked(NONCE))
    assert hear(session, message(3)) == []
    assert session.handle(Heard(welcome(summary(3)), 0)) == [GiveUp(UNPROVEN)]
    assert window(session) == [1, 2]


def test_a_challenge_that_comes_late_is_let_pass() -> None:
    assert hear(opened(2), CHALLENGE) == []


def test_a_code_is_told_until_it_has_let_one_in() -> None:
    session = Session(ME, ROOM, Owed(), KEY, "CODE")
    for _ in range(2):
        assert session.handle(Linked(NONCE)) == [Say(hello(ME, invite="CODE"))]
        cut(session)
    hear(session, welcome(summary(0)))
    cut(session)
    (again,) = said(session.handle(Linked(NONCE)))
    assert isinstance(again, Hello)
    assert again.invite is None


def test_the_status_follows_the_connection() -> None:
    session = opened(2)
    assert session.status().link is Link.ONLINE
    assert (session.status().members, session.status().online) == (3, 2)
    cut(session)
    status = session.status()
    assert (status.link, status.reason, status.retry_at_ms) == (Link.WAITING, "gone", 500)
    session.handle(Dialling())
    assert (session.status().link, session.status().retry_at_ms) == (Link.CONNECTING, None)
    session.handle(Cut("for good", None))
    assert (session.status().link, session.status().reason) == (Link.STOPPED, "for good")
