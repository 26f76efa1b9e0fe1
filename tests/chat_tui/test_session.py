"""The client's brain by transcript: events in, effects out."""

from collections.abc import Callable

import pytest

from chat_server.protocol import (
    ID_MAX,
    FetchHistory,
    FetchInfo,
    Hello,
    History,
    Join,
    Joined,
    Left,
    Ok,
    Passed,
    Presence,
    Read,
    Refused,
    Resume,
    Retitled,
    RoomCursor,
)
from chat_server.protocol import AnyFrame as Frame
from chat_tui.model.effects import Effect, Save, Say
from chat_tui.model.events import Inspected, Linked, Part, Sought
from chat_tui.model.owed import Owed, OwedPost
from chat_tui.model.session import Session
from chat_tui.model.view import Tick, TickState
from tests.chat_tui.frames import ANN, BOB, ME, ROOM, message, messages, page, receipt, summary, welcome
from tests.chat_tui.sessions import (
    AWAY,
    SCROLLED,
    answer,
    asked,
    cut,
    hear,
    info,
    new,
    opened,
    post,
    said,
    seen,
    shown_info,
    ticks,
    typed,
    window,
)
from tests.identities import NONCE, hello

pytestmark = pytest.mark.usefixtures("small_pages")


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
