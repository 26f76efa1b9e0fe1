"""What a server will have later, by transcript: kept, waited with, tried again."""

import msgspec
import pytest

from chat_server.protocol import FetchHistory, Join, Left, Ok, Post, Read, Refused
from chat_tui.model.effects import Save, Say
from chat_tui.model.events import Cut, Elapsed, Inspected, Linked, Part, Sought
from chat_tui.model.holdup import FIRST_MS
from chat_tui.model.owed import Owed, OwedPost
from chat_tui.model.session import Session
from chat_tui.model.view import Link, Tick, TickState
from tests.chat_tui.frames import ANN, BOB, ME, ROOM, messages, page, summary, welcome
from tests.chat_tui.sessions import (
    answer,
    asked,
    cut,
    greet,
    hear,
    info,
    new,
    opened,
    owed_posts,
    post,
    said,
    seen,
    ticks,
    typed,
    window,
)
from tests.identities import NONCE

pytestmark = pytest.mark.usefixtures("small_pages")


# A server whose disk is full


def disk_full(ref: str) -> Refused:
    return Refused(code="disk-full", reason="The server's disk is full.", ref=ref)


def deadline_ms(session: Session) -> int | None:
    return session.next_deadline_ms


def refused_for_now(*nonces: str) -> Session:
    """A session that has typed these, the first of which a full disk did not take at time 0."""
    session = opened(2)
    for nonce in nonces:
        session.handle(typed(nonce))
    hear(session, disk_full(nonces[0]))
    return session


def test_a_message_that_a_full_disk_does_not_take_stays_queued_and_is_sent_again() -> None:
    session = opened(2)
    session.handle(typed("n1"))
    assert hear(session, disk_full("n1"), now_ms=1_000) == []
    assert ticks(session) == {"n1": Tick(TickState.QUEUED)}
    assert owed_posts(session) == [OwedPost(ROOM, "n1", "hi", 7)]
    assert deadline_ms(session) == 1_000 + FIRST_MS
    assert session.handle(Elapsed(1_000 + FIRST_MS - 1)) == []
    assert session.handle(Elapsed(1_000 + FIRST_MS)) == [Say(post("n1"))]
    assert deadline_ms(session) is None
    hear(session, disk_full("n1"), now_ms=9_000)
    assert deadline_ms(session) == 9_000 + 2 * FIRST_MS


def test_nothing_typed_later_overtakes_it() -> None:
    session = refused_for_now("n1", "n2")
    assert session.handle(typed("n3")) == [Save()]
    assert session.handle(Elapsed(FIRST_MS)) == [Say(post("n1"))]
    assert session.handle(typed("n4")) == [Save()]
    for at, nonce in enumerate(("n1", "n2", "n3"), 3):
        assert said(hear(session, Ok(ref=nonce, message_id=at))) == [post(f"n{at - 1}")]
    assert deadline_ms(session) is None


def test_a_receipt_that_a_full_disk_does_not_take_stays_owed_and_is_sent_again() -> None:
    session = opened(3)
    session.handle(seen(1, now_ms=1_000))
    assert hear(session, disk_full("read-2"), now_ms=1_001) == []
    assert session.owed.reads == {ROOM: ((1, 1),)}
    assert session.handle(seen(2, now_ms=1_002)) == [Save()]
    assert deadline_ms(session) == 1_001 + FIRST_MS
    assert session.status().reason == "the server's disk is full; receipts wait"
    (request,) = said(session.handle(Elapsed(1_001 + FIRST_MS)))
    assert isinstance(request, Read)
    assert request.ranges == ((1, 2),)


def test_once_something_is_taken_all_else_is_sent() -> None:
    session = refused_for_now("n1")
    session.handle(seen(1, now_ms=1))
    session.handle(Elapsed(FIRST_MS))
    hear(session, disk_full("n1"), now_ms=FIRST_MS)
    assert said(hear(session, Ok(ref="read-2"), now_ms=FIRST_MS)) == [post("n1")]
    assert session.status().reason == ""


def test_the_status_says_what_waits_and_until_when() -> None:
    session = refused_for_now("n1")
    status = session.status()
    assert (status.link, status.queued, status.retry_at_ms) == (Link.ONLINE, 1, FIRST_MS)
    assert status.reason == "the server's disk is full; 1 message waits"
    session.handle(typed("n2"))
    session.handle(Elapsed(FIRST_MS))
    assert session.status().reason == "the server's disk is full; 2 messages wait"
    assert session.status().retry_at_ms is None
    hear(session, Ok(ref="n1", message_id=3))
    assert (session.status().reason, session.status().retry_at_ms) == ("", None)


def test_another_connection_is_tried_at_once() -> None:
    session = refused_for_now("n1")
    cut(session)
    assert deadline_ms(session) is None
    assert session.status().reason == "gone"
    assert said(hear(session, welcome(summary(2)))) == [post("n1")]
    hear(session, disk_full("n1"), now_ms=1_000)
    assert deadline_ms(session) == 1_000 + FIRST_MS


def test_a_room_that_cannot_be_joined_for_now_is_joined_later() -> None:
    session = new(Owed(epoch="epoch", posts=(OwedPost(ROOM, "n1", "hi", 7),), reads={ROOM: ((1, 2),)}))
    assert said(hear(session, welcome())) == [Join(ref="join", room=ROOM)]
    assert hear(session, disk_full("join")) == []
    assert session.status().reason == "the server's disk is full; the room cannot be joined"
    assert session.handle(typed("n2")) == [Save()]
    assert session.handle(Elapsed(FIRST_MS)) == [Say(Join(ref="join", room=ROOM))]
    assert deadline_ms(session) is None
    told = said(hear(session, Ok(ref="join", room=summary(2)), now_ms=FIRST_MS))
    assert [type(each) for each in told] == [FetchHistory, Post, Read]


def test_who_is_turned_away_by_a_full_disk_comes_again_and_knows_why() -> None:
    session = new()
    session.handle(Linked(NONCE))
    assert hear(session, disk_full("hello")) == []
    session.handle(Cut("the server is overloaded", 500))
    assert session.status().reason == "The server's disk is full."
    session.handle(Cut("gone", 900))
    assert (session.status().link, session.status().reason) == (Link.WAITING, "gone")


# A server that asks to slow down


def too_fast(ref: str | None, wait_ms: int | None = 3_000) -> Refused:
    return Refused(code="rate-limited", reason="Slow down.", retry_after_ms=wait_ms, ref=ref)


def test_a_message_that_comes_too_soon_stays_queued_and_is_sent_again_when_told() -> None:
    session = opened(2)
    session.handle(typed("n1"))
    assert hear(session, too_fast("n1"), now_ms=1_000) == []
    assert ticks(session) == {"n1": Tick(TickState.QUEUED)}
    assert owed_posts(session) == [OwedPost(ROOM, "n1", "hi", 7)]
    assert deadline_ms(session) == 4_000
    assert session.handle(Elapsed(3_999)) == []
    assert session.handle(Elapsed(4_000)) == [Say(post("n1"))]
    assert hear(session, Ok(ref="n1", message_id=3), now_ms=4_001) == [Save()]
    assert (deadline_ms(session), session.status().reason) == (None, "")


def test_an_outbox_is_emptied_in_order_as_fast_as_the_server_allows() -> None:
    session = opened(2)
    cut(session)
    nonces = [f"n{at}" for at in range(10)]
    for nonce in nonces:
        session.handle(typed(nonce))
    sent = said(hear(session, welcome(summary(2))))
    now_ms, taken, tokens = 0, list[str](), 4
    while sent:
        (request,) = sent
        assert isinstance(request, Post)
        if tokens:
            tokens -= 1
            taken.append(request.nonce)
            sent = said(hear(session, Ok(ref=request.nonce, message_id=2 + len(taken)), now_ms=now_ms))
        else:
            assert hear(session, too_fast(request.nonce, 200), now_ms=now_ms) == []
            assert session.status().reason.startswith("the server asks to slow down; ")
            now_ms, tokens = now_ms + 200, 1
            sent = said(session.handle(Elapsed(now_ms)))
    assert taken == nonces
    assert now_ms == (10 - 4) * 200
    assert (deadline_ms(session), session.status().reason) == (None, "")


def test_a_receipt_that_comes_too_soon_stays_owed_and_is_sent_again_when_told() -> None:
    session = opened(3)
    session.handle(seen(1, now_ms=1_000))
    assert hear(session, too_fast("read-2"), now_ms=1_001) == []
    assert session.owed.reads == {ROOM: ((1, 1),)}
    assert session.handle(seen(2, now_ms=1_002)) == [Save()]
    assert deadline_ms(session) == 4_001
    assert session.handle(Elapsed(4_000)) == []
    (request,) = said(session.handle(Elapsed(4_001)))
    assert isinstance(request, Read)
    assert request.ranges == ((1, 2),)


def test_the_status_says_that_one_is_to_slow_down_and_until_when() -> None:
    session = opened(2)
    session.handle(typed("n1"))
    hear(session, too_fast("n1"), now_ms=1_000)
    status = session.status()
    assert (status.link, status.queued, status.retry_at_ms) == (Link.ONLINE, 1, 4_000)
    assert status.reason == "the server asks to slow down; 1 message waits"


def test_a_room_that_is_joined_too_soon_is_joined_when_told() -> None:
    session = new()
    hear(session, welcome())
    assert hear(session, too_fast("join")) == []
    assert session.status().reason == "the server asks to slow down; the room cannot be joined"
    assert session.handle(Elapsed(2_999)) == []
    assert session.handle(Elapsed(3_000)) == [Say(Join(ref="join", room=ROOM))]


@pytest.mark.parametrize("ref", ["hello", "prove"])
def test_who_says_hello_too_soon_comes_again_and_knows_why(ref: str) -> None:
    session = greet(new())
    assert hear(session, too_fast(ref)) == []
    session.handle(Cut("the server is overloaded", 500))
    assert (session.status().link, session.status().reason) == (Link.WAITING, "Slow down.")


@pytest.mark.parametrize(
    "event", [Sought(Part.OLDER), Sought(Part.NEWEST), Inspected(6)], ids=["older", "newest", "info"]
)
def test_a_question_that_comes_too_soon_is_asked_again_when_told(event: Sought | Inspected) -> None:
    session = opened(8, first=5, last_id=20)
    (question,) = said(session.handle(event))
    assert hear(session, too_fast(question.ref), now_ms=1_000) == []
    status = session.status()
    assert (status.reason, status.retry_at_ms) == ("the server asks to slow down; the history waits", 4_000)
    assert deadline_ms(session) == 4_000
    assert session.handle(Elapsed(3_999)) == []
    assert said(session.handle(Elapsed(4_000))) == [question]
    answered = info(6) if isinstance(event, Inspected) else page(*messages(3, 4))
    hear(session, msgspec.structs.replace(answered, ref=question.ref), now_ms=4_001)
    assert (deadline_ms(session), session.status().reason) == (None, "")


def test_the_first_page_of_a_room_is_not_lost() -> None:
    session = new()
    request = asked(hear(session, welcome(summary(60, first_unread=30))))
    hear(session, too_fast(request.ref, 100))
    assert session.view().loading
    effects = session.handle(Elapsed(100))
    assert asked(effects) == request
    answer(session, effects, 28, 29, 30, 31)
    assert window(session) == [28, 29, 30, 31]


def test_a_page_is_asked_for_once_while_it_waits() -> None:
    session = opened(8, first=5)
    request = asked(session.handle(Sought(Part.OLDER)))
    hear(session, too_fast(request.ref, 100))
    assert session.handle(Sought(Part.OLDER)) == []
    effects = session.handle(Elapsed(100))
    assert asked(effects) == request
    answer(session, effects, 1, 2, 3, 4)
    assert window(session) == list(range(1, 9))


def test_a_renewal_goes_on_where_it_was() -> None:
    session = opened(6, sender=ME)
    effects = answer(session, hear(session, Left(room=ROOM, name=BOB)), 1, 2, 3, sender=ME)
    request = asked(effects)
    assert request.after == 3
    hear(session, too_fast(request.ref, 100))
    assert hear(session, Left(room=ROOM, name=ANN)) == []
    effects = session.handle(Elapsed(100))
    assert asked(effects) == request
    assert asked(answer(session, effects, 4, 5, 6, sender=ME)).after == 0


def test_messages_do_not_wait_for_the_history_nor_the_history_for_messages() -> None:
    session = opened(8, first=5)
    request = asked(session.handle(Sought(Part.OLDER)))
    hear(session, too_fast(request.ref))
    assert session.handle(typed("n1")) == [Save(), Say(post("n1"))]
    hear(session, too_fast("n1", 1_000))
    assert session.status().reason == "the server asks to slow down; 1 message waits"
    assert deadline_ms(session) == 1_000
    assert session.handle(Inspected(6)) == []
    assert session.handle(Elapsed(1_000)) == [Say(post("n1"))]
    assert [each.ref for each in said(session.handle(Elapsed(3_000)))] == [request.ref, "info-3"]


def test_of_two_jumps_the_last_one_decides() -> None:
    session = opened(20, first=9, last_id=30)
    oldest = asked(session.handle(Sought(Part.OLDEST)))
    newest = session.handle(Sought(Part.NEWEST))
    assert hear(session, too_fast(oldest.ref)) == []
    answer(session, newest, 27, 28, 29, 30)
    assert session.handle(Elapsed(10_000)) == []
    assert window(session) == [27, 28, 29, 30]
    assert asked(session.handle(Sought(Part.OLDEST))).after == 0


def test_after_a_cut_what_waited_is_asked_once() -> None:
    session = opened(8, first=5)
    request = asked(session.handle(Sought(Part.OLDER)))
    hear(session, too_fast(request.ref))
    cut(session)
    assert (deadline_ms(session), session.status().reason) == (None, "gone")
    again = asked(hear(session, welcome(summary(8))))
    assert again.before == request.before
    assert session.handle(Elapsed(10_000)) == []
