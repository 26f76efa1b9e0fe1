"""What is written and read by transcript: kept, told, told again, and owed no more."""

import msgspec
import pytest

from chat_server.protocol import (
    ID_MAX,
    Acknowledge,
    Changed,
    FetchHistory,
    FetchInfo,
    Join,
    Members,
    Ok,
    Read,
    Refused,
    Rooms,
    Settings,
)
from chat_tui.model.effects import Announce, Effect, Save, Say, Show
from chat_tui.model.events import Asked, Discarded, Drafted, Elapsed, Inspected, Retried, Seen, Typed
from chat_tui.model.owed import Owed, OwedPost
from chat_tui.model.receipts import SEND_EVERY_MS
from chat_tui.model.session import Session
from chat_tui.model.view import Tick, TickState
from tests.chat_tui.frames import ANN, BOB, ME, ROOM, acknowledged, message, page, receipt, summary, welcome
from tests.chat_tui.sessions import (
    AWAY,
    answer,
    cut,
    hear,
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

pytestmark = pytest.mark.usefixtures("small_pages")


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
