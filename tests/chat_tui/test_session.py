"""The client's brain by transcript: events in, effects out."""

from collections.abc import Callable

import msgspec
import pytest

from chat_server.protocol import (
    ID_MAX,
    Acknowledge,
    Changed,
    FetchHistory,
    FetchInfo,
    Hello,
    History,
    Info,
    Join,
    Joined,
    Left,
    Members,
    Ok,
    Passed,
    Post,
    Presence,
    Prove,
    Read,
    ReadBy,
    Refused,
    Request,
    Resume,
    Retitled,
    RoomCursor,
    Rooms,
    Settings,
    Welcome,
)
from chat_server.protocol import AnyFrame as Frame
from chat_tui.model import pages as pages_module
from chat_tui.model.effects import Announce, Answer, Effect, GiveUp, Save, Say, Show
from chat_tui.model.events import (
    Asked,
    Cut,
    Dialling,
    Discarded,
    Distrusted,
    Drafted,
    Elapsed,
    Heard,
    Inspected,
    Linked,
    Looked,
    Part,
    Proved,
    Retried,
    Seen,
    Sought,
    Typed,
)
from chat_tui.model.greeting import UNPROVEN
from chat_tui.model.holdup import FIRST_MS
from chat_tui.model.owed import Owed, OwedPost
from chat_tui.model.receipts import SEND_EVERY_MS
from chat_tui.model.session import Session
from chat_tui.model.view import Link, Tick, TickState
from tests.chat_tui.frames import (
    ANN,
    BOB,
    ME,
    ROOM,
    acknowledged,
    message,
    messages,
    page,
    receipt,
    summary,
    welcome,
)
from tests.identities import NONCE, challenge, hello, signer

PAGE_MAX = 4
KEY = signer(ME).public
CHALLENGE = challenge(NONCE)
SIGNATURE = "a signature"
AWAY = Looked(attended=False, following=True)
SCROLLED = Looked(attended=True, following=False)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_module, "PAGE_MAX", PAGE_MAX)


def new(owed: Owed | None = None) -> Session:
    return Session(ME, ROOM, owed or Owed(), KEY)


def greet(session: Session) -> Session:
    """Have it prove who it is to a server that has done so, on a connection of its own."""
    session.handle(Linked(NONCE))
    session.handle(Heard(CHALLENGE, 0))
    session.handle(Proved(SIGNATURE))
    return session


def hear(session: Session, frame: Frame, now_ms: int = 0) -> list[Effect]:
    """What a frame makes it do; nobody is welcomed who has not greeted."""
    if isinstance(frame, Welcome) and session.status().link is not Link.ONLINE:
        greet(session)
    return session.handle(Heard(frame, now_ms))


def said(effects: list[Effect]) -> list[Request]:
    return [each.request for each in effects if isinstance(each, Say)]


def asked(effects: list[Effect]) -> FetchHistory:
    """The page that is asked for, and nothing else is."""
    (request,) = said(effects)
    assert isinstance(request, FetchHistory)
    assert (request.room, request.limit) == (ROOM, PAGE_MAX)
    return request


def answer(
    session: Session, effects: list[Effect], *told: int, sender: str = ANN, revision: int = 0
) -> list[Effect]:
    """Answer the page that was asked for with these messages, all of one sender."""
    pages = [each for each in said(effects) if isinstance(each, FetchHistory)]
    assert len(pages) == 1
    return hear(session, page(*(message(each, sender) for each in told), revision=revision, ref=pages[0].ref))


def opened(last: int, *, sender: str = ANN, first: int = 1, last_id: int | None = None) -> Session:
    """A session online, with the window [first, last] of messages by one sender."""
    session = new()
    session.handle(Linked(NONCE))
    effects = hear(session, welcome(summary(last if last_id is None else last_id)))
    if last:
        answer(session, effects, *range(first, last + 1), sender=sender)
    return session


def cut(session: Session) -> list[Effect]:
    return session.handle(Cut("gone", 500))


def typed(nonce: str, content: str = "hi") -> Typed:
    return Typed(content, nonce, 7)


def post(nonce: str, content: str = "hi") -> Post:
    return Post(ref=nonce, room=ROOM, nonce=nonce, content=content)


def seen(*ids: int, now_ms: int = 0) -> Seen:
    return Seen(ROOM, frozenset(ids), now_ms)


def window(session: Session) -> list[int]:
    return [each.id for each in session.view().messages if each.id is not None]


def ticks(session: Session) -> dict[str, Tick | None]:
    return {each.key: each.tick for each in session.view().messages if each.own}


def owed_posts(session: Session) -> list[OwedPost]:
    return list(session.owed.posts)


def shown_info(session: Session) -> Info | None:
    return session.info


# Connecting


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


# Coming back


def test_it_says_what_it_holds_and_takes_the_rest() -> None:
    session = opened(3)
    cut(session)
    resume = Resume("epoch", {ROOM: RoomCursor(message=3, revision=0)})
    assert session.handle(Linked(NONCE)) == [Say(hello(ME, resume=resume))]
    assert hear(session, welcome(summary(5))) == []
    assert not session.view().at_end
    hear(session, page(*messages(4, 5), revision=8))
    assert window(session) == [1, 2, 3, 4, 5]
    assert session.replica.cursor() == RoomCursor(message=5, revision=8)


def test_a_gap_is_counted_and_filled_when_looked_at() -> None:
    session = opened(3)
    cut(session)
    hear(session, welcome(summary(20)))
    hear(session, page(*messages(17, 20)))
    assert window(session) == [1, 2, 3]
    assert session.view().below == 17
    effects = session.handle(Sought(Part.NEWER))
    assert asked(effects).after == 3
    answer(session, effects, 4, 5, 6, 7)
    assert window(session) == [1, 2, 3, 4, 5, 6, 7]


def test_a_room_that_was_empty_is_resumed_too() -> None:
    session = opened(0)
    cut(session)
    hello = said(session.handle(Linked(NONCE)))[0]
    assert isinstance(hello, Hello)
    assert hello.resume == Resume("epoch", {ROOM: RoomCursor()})
    hear(session, welcome(summary(2)))
    hear(session, page(*messages(1, 2)))
    assert window(session) == [1, 2]


def test_what_came_meanwhile_is_new_to_who_was_not_looking() -> None:
    session = opened(3)
    session.handle(seen(1, 2, 3))
    session.handle(AWAY)
    cut(session)
    hear(session, welcome(summary(6)))
    hear(session, page(message(4, ME), *messages(5, 6)))
    assert session.view().new_before == 5


def test_a_reader_of_older_messages_is_not_pushed_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat_tui.model.replica.WINDOW_MAX", 5)
    session = opened(4)
    session.handle(SCROLLED)
    cut(session)
    hear(session, welcome(summary(8)))
    hear(session, page(*messages(5, 8)))
    assert window(session) == [1, 2, 3, 4]
    assert session.view().below == 4


def test_pages_under_way_are_asked_for_again() -> None:
    session = opened(8, first=5)
    assert session.handle(Sought(Part.OLDER))
    assert session.handle(Sought(Part.OLDER)) == []
    cut(session)
    assert session.handle(Sought(Part.OLDER)) == []
    assert asked(hear(session, welcome(summary(8)))).before == 5


def test_a_room_that_one_has_left_elsewhere_begins_anew() -> None:
    session = opened(3)
    session.handle(seen(1))
    cut(session)
    effects = hear(session, welcome())
    assert said(effects)[0] == Join(ref="join", room=ROOM)
    assert session.view().loading
    assert session.unread(frozenset({1})) == frozenset()
    effects = hear(session, Ok(ref="join", room=summary(4)))
    answer(session, effects, 1, 2, 3, 4)
    assert session.unread(frozenset({1, 2})) == {2}


def test_another_history_is_another_room() -> None:
    session = opened(3)
    session.handle(seen(2))
    session.handle(typed("n1"))
    session.handle(typed("n2"))
    hear(session, Ok(ref="n1", message_id=4))
    session.handle(Inspected(3))
    hear(session, info(3))
    cut(session)
    effects = hear(session, welcome(summary(2), epoch="restored"), now_ms=1_000)
    assert effects[0] == Save()
    assert session.owed == Owed(epoch="restored", posts=(OwedPost(ROOM, "n2", "hi", 7),))
    assert shown_info(session) is None
    assert session.view().loading
    assert set(ticks(session)) == {"n2"}
    pages = [each for each in said(effects) if isinstance(each, FetchHistory)]
    assert [each.before for each in pages] == [ID_MAX]
    assert post("n2") in said(effects)
    assert not any(isinstance(each, Read) for each in said(effects))


def test_receipts_that_were_owed_to_another_history_are_not_sent() -> None:
    session = new(Owed(epoch="old", reads={ROOM: ((1, 3),)}))
    hear(session, welcome(summary(0), epoch="new"))
    assert session.owed == Owed(epoch="new")
    assert session.unread(frozenset({1})) == frozenset()


# Posts


def test_a_message_is_saved_before_it_is_said_and_ticked_when_acknowledged() -> None:
    session = opened(2)
    assert session.handle(typed("n1")) == [Save(), Say(post("n1"))]
    assert owed_posts(session) == [OwedPost(ROOM, "n1", "hi", 7)]
    assert session.status().queued == 1
    assert ticks(session) == {"n1": Tick(TickState.QUEUED)}
    assert hear(session, Ok(ref="n1", message_id=3)) == [Save()]
    assert not owed_posts(session)
    assert ticks(session) == {"n1": Tick(TickState.SENT)}
    assert hear(session, message(3, ME, nonce="n1")) == [Save()]
    assert ticks(session) == {"3": Tick(TickState.SENT, 0, 2)}
    assert hear(session, Ok(ref="n1", message_id=3)) == []


def test_an_ok_for_what_is_in_the_window_already() -> None:
    session = opened(2)
    session.handle(typed("n1"))
    hear(session, message(3))
    hear(session, Ok(ref="n1", message_id=2))
    assert ticks(session) == {}


def test_offline_it_is_queued_and_sent_on_welcome_with_its_old_nonce() -> None:
    session = opened(2)
    cut(session)
    assert session.handle(typed("n1")) == [Save()]
    assert session.handle(typed("n2")) == [Save()]
    assert said(hear(session, welcome(summary(2)))) == [post("n1")]
    assert said(hear(session, Ok(ref="n1", message_id=3))) == [post("n2")]
    cut(session)
    assert said(hear(session, welcome(summary(3)))) == [post("n2")]


def test_what_an_earlier_session_owed_is_sent_after_joining() -> None:
    session = new(Owed(posts=(OwedPost(ROOM, "n1", "hi", 7), OwedPost(ROOM, "n2", "x", 8, "too long"))))
    assert said(hear(session, welcome())) == [Join(ref="join", room=ROOM)]
    assert said(hear(session, Ok(ref="join", room=summary(0)))) == [post("n1")]
    assert ticks(session) == {"n1": Tick(TickState.QUEUED), "n2": Tick(TickState.REFUSED)}


def test_a_page_brings_what_was_posted_before_the_cut() -> None:
    session = opened(2)
    session.handle(typed("n1"))
    cut(session)
    hear(session, welcome(summary(3)))
    assert hear(session, page(message(3, ME, nonce="n1"))) == [Save()]
    assert not owed_posts(session)
    assert ticks(session) == {"3": Tick(TickState.SENT, 0, 2)}


def test_acknowledged_beyond_the_window_is_shown_until_the_window_is_there() -> None:
    session = opened(2, last_id=30)
    effects = session.handle(typed("n1"))
    pages = [each for each in said(effects) if isinstance(each, FetchHistory)]
    assert [each.before for each in pages] == [ID_MAX]
    hear(session, Ok(ref="n1", message_id=31))
    assert ticks(session) == {"n1": Tick(TickState.SENT)}
    answer(session, effects, 28, 29, 30, 31)
    assert ticks(session) == {}


def test_a_refusal_is_shown_and_can_be_retried_or_discarded() -> None:
    session = opened(2)
    session.handle(typed("n1", ""))
    assert hear(session, Refused(code="bad-request", reason="Empty.", ref="n1")) == [Save()]
    assert session.view().messages[-1].reason == "Empty."
    assert session.status().queued == 0
    assert session.handle(Retried("n1")) == [Save(), Say(post("n1", ""))]
    assert session.handle(Discarded("n1")) == []
    hear(session, Refused(code="bad-request", reason="Empty.", ref="n1"))
    assert session.handle(Discarded("n1")) == [Save()]
    assert not owed_posts(session)


def test_a_retry_without_a_connection_waits_for_one() -> None:
    session = opened(2)
    session.handle(typed("n1"))
    hear(session, Refused(code="bad-request", reason="Empty.", ref="n1"))
    cut(session)
    assert session.handle(Retried("n1")) == [Save()]
    assert said(hear(session, welcome(summary(2)))) == [post("n1")]


def test_a_key_that_comes_late_changes_nothing() -> None:
    session = opened(2)
    session.handle(typed("n1"))
    assert session.handle(Retried("n1")) == []
    assert session.handle(Discarded("n1")) == []
    assert session.handle(Retried("3")) == []
    assert session.handle(Discarded("3")) == []
    assert owed_posts(session) == [OwedPost(ROOM, "n1", "hi", 7)]


# Receipts


def test_what_is_seen_is_saved_and_told_at_once() -> None:
    session = opened(3)
    assert session.handle(seen(1, 2)) == [Save(), Say(Read(ref="read-2", room=ROOM, ranges=((1, 2),)))]
    assert session.owed.reads == {ROOM: ((1, 2),)}
    assert session.unread(frozenset({1, 2, 3})) == {3}
    assert hear(session, Ok(ref="read-2")) == [Save()]
    assert session.owed.reads == {}


def test_later_ones_are_gathered() -> None:
    session = opened(4)
    session.handle(seen(1, now_ms=1_000))
    assert session.handle(seen(2, now_ms=1_001)) == [Save()]
    assert session.handle(seen(2, now_ms=1_001)) == []
    assert session.handle(seen(3, now_ms=1_002)) == [Save()]
    assert session.next_deadline_ms == 1_000 + SEND_EVERY_MS
    assert session.handle(Elapsed(1_000 + SEND_EVERY_MS - 1)) == []
    (request,) = said(session.handle(Elapsed(1_000 + SEND_EVERY_MS)))
    assert isinstance(request, Read)
    assert request.ranges == ((2, 3),)
    assert session.next_deadline_ms is None


def test_offline_they_are_owed_and_told_on_welcome() -> None:
    session = opened(4)
    session.handle(seen(1, now_ms=1_000))
    cut(session)
    assert session.handle(seen(2, now_ms=1_001)) == [Save()]
    assert session.handle(Elapsed(9_000)) == []
    assert session.next_deadline_ms is None
    (request,) = said(hear(session, welcome(summary(4)), now_ms=1_002))
    assert isinstance(request, Read)
    assert request.ranges == ((1, 2),)


def test_an_earlier_session_has_read_them() -> None:
    session = new(Owed(epoch="epoch", reads={ROOM: ((1, 2),), "general": ((5, 5),), "left": ((1, 1),)}))
    effects = hear(session, welcome(summary(3), summary(9, name="general")))
    assert [each.room for each in said(effects) if isinstance(each, Read)] == [ROOM, "general"]
    answer(session, effects, 1, 2, 3)
    assert session.unread(frozenset({1, 2, 3})) == {3}


def test_refused_receipts_are_owed_no_longer() -> None:
    session = opened(3)
    session.handle(seen(1))
    assert hear(session, Refused(code="not-a-member", reason="No.", ref="read-2")) == [Save()]
    assert session.owed.reads == {}


def test_another_device_has_read() -> None:
    session = opened(3)
    session.handle(AWAY)
    assert hear(session, receipt(ME, (1, 2))) == []
    assert session.unread(frozenset({1, 2, 3})) == {3}


def test_a_receipt_doubles_the_tick() -> None:
    session = opened(3, sender=ME)
    assert hear(session, receipt(ANN, (1, 3))) == []
    assert ticks(session)["2"] == Tick(TickState.READ, 1, 2)
    hear(session, receipt(BOB, (2, 2)))
    assert ticks(session)["2"] == Tick(TickState.READ_BY_ALL, 2, 2)


def test_who_is_away_is_told_of_reads() -> None:
    session = opened(5, sender=ME, first=4)
    session.handle(AWAY)
    assert hear(session, receipt(ANN, (2, 2), (5, 5))) == [Announce(ANN, {5: "text 5", 2: None}, ROOM)]
    assert hear(session, receipt(ANN, (5, 5))) == []


def test_who_is_away_is_told_of_acknowledgements_once() -> None:
    session = opened(5, sender=ME, first=4)
    assert hear(session, acknowledged(BOB, 4)) == []
    session.handle(AWAY)
    told = Announce(ANN, {5: "text 5"}, ROOM, acknowledged=True)
    assert hear(session, acknowledged(ANN, 5)) == [told]
    assert hear(session, acknowledged(ANN, 5)) == []
    assert hear(session, acknowledged(ME, 5)) == []


def test_what_one_has_acknowledged_one_has_read_and_owes_nothing_for() -> None:
    session = opened(3)
    (request,) = said(session.handle(Asked(Acknowledge(room=ROOM, message_id=2))))
    assert session.unread(frozenset({1, 2, 3})) == {1, 2, 3}
    assert hear(session, Ok(ref=request.ref)) == [Show("You have acknowledged the message.")]
    assert session.unread(frozenset({1, 2, 3})) == {1, 3}
    assert session.owed.reads == {}
    (request,) = said(session.handle(Asked(Acknowledge(room=ROOM, message_id=3))))
    hear(session, Refused(code="deleted", reason="Gone.", ref=request.ref))
    assert session.unread(frozenset({1, 2, 3})) == {1, 3}


def test_an_acknowledgement_is_asked_about_where_its_message_is_inspected() -> None:
    session = opened(5, sender=ME, first=4)
    session.handle(Inspected(5))
    assert said(hear(session, acknowledged(ANN, 4))) == []
    assert [
        each.message_id for each in said(hear(session, acknowledged(ANN, 5))) if isinstance(each, FetchInfo)
    ] == [5]


def test_what_another_device_has_chosen_holds_in_each_room() -> None:
    session = opened(3)
    modes = []
    for told in (Settings(receipts="off", rooms={}), Settings(receipts="off", rooms={ROOM: "private"})):
        hear(session, told)
        modes.append(session.status().sharing)
    assert modes == ["off", "private"]


def test_answers_to_nothing_change_nothing() -> None:
    session = opened(3)
    for frame in (
        Ok(),
        Ok(ref="n9", message_id=9),
        Ok(ref="read-9"),
        Refused(code="x", reason="y"),
        Refused(code="x", reason="y", ref="info-3"),
        Rooms(rooms=()),
        Members(room=ROOM, members=(), online=()),
    ):
        assert hear(session, frame) == []
    assert window(session) == [1, 2, 3]


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


# History


def test_seeking_goes_by_the_window() -> None:
    session = opened(8, first=5, last_id=20)
    assert asked(session.handle(Sought(Part.OLDER))).before == 5
    assert asked(session.handle(Sought(Part.NEWER))).after == 8
    assert asked(session.handle(Sought(Part.OLDEST))).after == 0
    assert asked(session.handle(Sought(Part.NEWEST))).before == ID_MAX


def test_at_the_edge_there_is_nothing_to_seek() -> None:
    session = opened(4)
    assert [session.handle(Sought(part)) for part in Part] == [[], [], [], []]


def test_before_the_first_page_there_is_nothing_to_seek() -> None:
    session = new()
    hear(session, welcome(summary(4)))
    assert session.handle(Sought(Part.OLDER)) == []


def test_a_jump_replaces_the_window() -> None:
    session = opened(20, first=17)
    answer(session, session.handle(Sought(Part.OLDEST)), 1, 2, 3, 4)
    assert window(session) == [1, 2, 3, 4]
    assert session.view().below == 16
    answer(session, session.handle(Sought(Part.NEWEST)), 17, 18, 19, 20)
    assert window(session) == [17, 18, 19, 20]


def test_an_older_page_joins_the_window() -> None:
    session = opened(8, first=5)
    effects = session.handle(Sought(Part.OLDER))
    answer(session, effects, 1, 2, 3, 4)
    assert window(session) == list(range(1, 9))
    assert session.view().at_start


def test_a_refused_page_can_be_asked_for_again() -> None:
    session = opened(8, first=5)
    request = asked(session.handle(Sought(Part.OLDER)))
    assert hear(session, Refused(code="not-a-member", reason="No.", ref=request.ref)) == []
    assert asked(session.handle(Sought(Part.OLDER))).before == 5


def test_a_new_message_is_new_to_who_is_not_looking() -> None:
    session = opened(2)
    session.handle(seen(1, 2))
    hear(session, message(3))
    assert session.view().new_before is None
    session.handle(seen(3))
    session.handle(AWAY)
    hear(session, message(4))
    hear(session, message(5))
    assert session.view().new_before == 4


def test_texts_are_those_of_the_window() -> None:
    session = opened(2)
    assert session.text_of(2) == "text 2"
    assert session.text_of(3) is None


def test_other_rooms_are_let_pass() -> None:
    session = opened(2)
    for frame in (
        History(room="general", messages=messages(3, 4), more=False),
        Left(room="general", name=ANN),
        Joined(room="general", name="eve"),
        Retitled(room="general", title="Other", by=ANN),
        Passed(room="general", owner=BOB, by=ANN),
    ):
        assert hear(session, frame) == []
    assert window(session) == [1, 2]
    assert session.status().members == 3


# Members


def test_another_owner_is_taken() -> None:
    session = opened(2)
    hear(session, Passed(room=ROOM, owner=BOB, by=ANN))
    assert session.replica.owner == BOB


def test_another_title_is_taken() -> None:
    session = opened(2)
    hear(session, Retitled(room=ROOM, title="Other", by=ANN))
    assert session.replica.title == "Other"


def test_who_is_there() -> None:
    session = opened(2)
    hear(session, Presence(room=ROOM, name=BOB, online=True))
    assert session.status().online == 3
    hear(session, Presence(room=ROOM, name=ANN, online=False))
    assert session.status().online == 2
    hear(session, Joined(room=ROOM, name="eve"))
    assert (session.status().members, session.status().online) == (4, 3)
    hear(session, Left(room=ROOM, name="eve"))
    assert (session.status().members, session.status().online) == (3, 2)


@pytest.mark.parametrize("frame", [Left(room=ROOM, name=BOB), Joined(room=ROOM, name="eve", back=True)])
def test_audiences_are_asked_for_again_when_somebody_goes_or_comes_back(frame: Frame) -> None:
    session = opened(6, sender=ME)
    effects = hear(session, frame)
    assert asked(effects).after == 0
    effects = answer(session, effects, 1, 2, 3, sender=ME)
    assert asked(effects).after == 3
    assert answer(session, effects, 4, 5, 6, 7, sender=ME) == []
    assert window(session) == [1, 2, 3, 4, 5, 6]


def test_who_joins_for_the_first_time_changes_no_audience() -> None:
    session = opened(6, sender=ME)
    session.handle(Inspected(2))
    assert hear(session, Joined(room=ROOM, name="eve")) == []


def test_a_renewal_takes_the_new_audience() -> None:
    session = opened(2, sender=ME)
    request = asked(hear(session, Left(room=ROOM, name=BOB)))
    hear(session, page(message(1, ME, audience=1), message(2, ME, audience=1), ref=request.ref))
    hear(session, receipt(ANN, (1, 1)))
    assert ticks(session)["1"] == Tick(TickState.READ_BY_ALL, 1, 1)


def test_without_own_messages_nothing_is_asked() -> None:
    session = opened(3)
    assert hear(session, Left(room=ROOM, name=BOB)) == []


def test_one_renewal_at_a_time_and_another_after_it() -> None:
    session = opened(2, sender=ME)
    effects = hear(session, Left(room=ROOM, name=BOB))
    assert hear(session, Joined(room=ROOM, name=BOB, back=True)) == []
    assert hear(session, Left(room=ROOM, name=BOB)) == []
    effects = answer(session, effects, 1, 2, sender=ME)
    assert asked(effects).after == 0
    assert answer(session, effects, 1, 2, sender=ME) == []


def test_an_empty_renewal_ends_it() -> None:
    session = opened(2, sender=ME)
    assert answer(session, hear(session, Left(room=ROOM, name=BOB))) == []
    assert window(session) == [1, 2]


def test_a_renewal_that_was_cut_off_is_made_up_for() -> None:
    session = opened(2, sender=ME)
    hear(session, Left(room=ROOM, name=BOB))
    cut(session)
    assert asked(hear(session, welcome(summary(2, members=(ME, ANN))))).after == 0


def test_who_has_come_or_gone_meanwhile() -> None:
    session = opened(2, sender=ME)
    cut(session)
    assert hear(session, welcome(summary(2))) == []
    cut(session)
    assert asked(hear(session, welcome(summary(2, members=(ME, ANN))))).after == 0


def test_who_has_come_and_read_and_gone_meanwhile() -> None:
    session = opened(2, sender=ME)
    cut(session)
    hear(session, welcome(summary(2)))
    assert asked(hear(session, receipt("eve", (1, 1)))).after == 0


# Info


def info(message_id: int, *readers: str, room: str = ROOM) -> Info:
    read_by = tuple(ReadBy(each, 5_000) for each in readers)
    return Info(room=room, message_id=message_id, read_by=read_by, missing=(), unshared=())


def test_info_is_asked_for_and_kept_while_it_is_wanted() -> None:
    session = opened(3)
    assert session.handle(Inspected(2)) == [Say(FetchInfo(ref="info-2", room=ROOM, message_id=2))]
    hear(session, info(1))
    assert shown_info(session) is None
    hear(session, info(2, ANN))
    assert shown_info(session) == info(2, ANN)
    session.handle(Inspected(2))
    assert shown_info(session) == info(2, ANN)
    assert session.handle(Inspected(None)) == []
    assert shown_info(session) is None


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(lambda session: hear(session, receipt(ANN, (2, 2))), id="read"),
        pytest.param(lambda session: hear(session, Left(room=ROOM, name=BOB)), id="left"),
        pytest.param(lambda session: hear(session, Joined(room=ROOM, name=BOB, back=True)), id="came back"),
        pytest.param(lambda session: hear(session, welcome(summary(3))), id="online again"),
        pytest.param(lambda session: session.handle(Inspected(2)), id="refreshed"),
    ],
)
def test_info_is_asked_for_again(event: Callable[[Session], list[Effect]]) -> None:
    session = opened(3, sender=ME)
    session.handle(Inspected(2))
    assert [each.message_id for each in said(event(session)) if isinstance(each, FetchInfo)] == [2]


def test_a_receipt_of_other_messages_asks_for_no_info() -> None:
    session = opened(3, sender=ME)
    session.handle(Inspected(2))
    assert hear(session, receipt(ANN, (3, 3))) == []


def test_without_a_connection_info_waits() -> None:
    session = opened(3)
    cut(session)
    assert session.handle(Inspected(2)) == []
    assert said(hear(session, welcome(summary(3)))) == [FetchInfo(ref="info-2", room=ROOM, message_id=2)]


# Drafts


def test_a_draft_is_kept_until_it_is_entered() -> None:
    session = new()
    assert session.handle(Drafted("half a th")) == [Save()]
    assert session.handle(Drafted("half a th")) == []
    assert session.owed.drafts == {ROOM: "half a th"}
    effects = session.handle(Typed("half a thought", "n", 7))
    assert effects[0] == Save()
    assert session.owed.drafts == {}
    assert session.handle(Drafted("")) == []


def test_a_draft_is_there_again_and_those_of_other_rooms_stay() -> None:
    session = new(Owed(drafts={ROOM: "go on", "tea": "later"}))
    assert session.draft == "go on"
    assert session.handle(Drafted("")) == [Save()]
    assert (session.draft, session.owed.drafts) == ("", {"tea": "later"})


# Edited messages


def seen_text(message_id: int, edition: int, now_ms: int = 0) -> Seen:
    return Seen(ROOM, frozenset({message_id}), now_ms, frozenset({(message_id, edition)}))


def edit(session: Session, message_id: int, edition: int) -> None:
    changed = Changed(room=ROOM, message_id=message_id, content=f"text {edition}", edition=edition, edited_at=9)
    assert hear(session, changed) == []


def reads(effects: list[Effect]) -> list[Read]:
    return [msgspec.structs.replace(each, ref=None) for each in said(effects) if isinstance(each, Read)]


def test_a_later_text_is_told_with_its_edition_once_it_was_seen() -> None:
    session = opened(3)
    assert reads(session.handle(seen_text(2, 0))) == [Read(room=ROOM, ranges=((2, 2),))]
    edit(session, 2, 1)
    assert session.unread(frozenset({2})) == frozenset()
    assert session.unseen(frozenset({(2, 0), (2, 1)})) == {(2, 1)}
    effects = session.handle(seen_text(2, 1, now_ms=1_000))
    assert effects[0] == Save()
    assert reads(effects) == [Read(room=ROOM, ranges=((2, 2),), editions=((2, 1),))]
    assert session.owed.editions == {ROOM: ((2, 1),)}
    assert session.handle(seen_text(2, 1, now_ms=2_000)) == []


def test_a_text_that_was_edited_since_it_was_seen_is_told_as_it_was_seen() -> None:
    session = opened(3)
    edit(session, 2, 1)
    edit(session, 2, 2)
    assert reads(session.handle(seen_text(2, 1))) == [Read(room=ROOM, ranges=((2, 2),), editions=((2, 1),))]
    assert session.unseen(frozenset({(2, 2)})) == {(2, 2)}


def test_the_text_is_told_again_after_a_cut_and_by_the_next_session() -> None:
    session = opened(3)
    edit(session, 2, 1)
    session.handle(seen_text(2, 1))
    told = [Read(room=ROOM, ranges=((2, 2),), editions=((2, 1),))]
    owed = session.owed
    cut(session)
    assert reads(hear(session, welcome(summary(3)), now_ms=1)) == told
    later = new(owed)
    effects = hear(later, welcome(summary(3)))
    assert reads(effects) == told
    answer(later, effects, 1, 2, 3)
    edit(later, 2, 1)
    assert later.unseen(frozenset({(2, 1)})) == frozenset()
