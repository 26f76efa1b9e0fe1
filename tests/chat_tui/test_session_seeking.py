"""Going to places and searching, with a server: turning, cuts, pauses, and what is never counted as read."""

from msgspec.structs import replace

from chat_server.protocol import (
    AnyFrame,
    FetchHistory,
    Found,
    History,
    Hit,
    Left,
    Refused,
    Request,
    Search,
)
from chat_tui.model.deeds import OFFLINE
from chat_tui.model.effects import Effect, Save, Say, Show
from chat_tui.model.events import (
    Abandoned,
    Cut,
    Elapsed,
    Heard,
    Jumped,
    Linked,
    Looked,
    Marked,
    Moment,
    MomentSought,
    Part,
    Proved,
    Returned,
    Searched,
    SearchedOn,
    Sought,
    Turned,
    UnreadSought,
)
from chat_tui.model.owed import Owed
from chat_tui.model.searching import OFFLINE as NOT_SEARCHED
from chat_tui.model.searching import Progress
from chat_tui.model.seeking import CUT, LOOKING, NO_SUCH, NO_WAY_BACK
from chat_tui.model.session import Session
from tests.chat_tui.frames import ANN, ME, ROOM, message, summary, welcome
from tests.identities import NONCE, challenge, signer

TEA, COAL = "tea", "coal"
LAST = 1_000


def hear(session: Session, frame: AnyFrame, now_ms: int = 0) -> list[Effect]:
    return session.handle(Heard(frame, now_ms))


def said(effects: list[Effect]) -> list[Request]:
    return [each.request for each in effects if isinstance(each, Say)]


def shown(effects: list[Effect]) -> list[str]:
    return [each.sentence for each in effects if isinstance(each, Show)]


def greet(session: Session) -> list[Effect]:
    session.handle(Linked(NONCE))
    hear(session, challenge(NONCE))
    session.handle(Proved("a signature"))
    rooms = [summary(LAST), replace(summary(LAST, name=TEA, first_unread=901), unread=100)]
    return hear(session, welcome(*rooms))


def page_for(request: Request) -> History:
    """What a server with a thousand messages in each room says."""
    assert isinstance(request, FetchHistory)
    if request.before is not None:
        first = min(request.before, LAST + 1) - request.limit
    elif request.after is not None:
        first = request.after + 1
    else:
        assert request.around is not None
        first = request.around - request.limit // 2
    ids = range(max(first, 1), min(first + request.limit, LAST + 1))
    told = tuple(replace(message(each), room=request.room) for each in ids)
    return History(room=request.room, messages=told, more=True, ref=request.ref)


def answer(session: Session, effects: list[Effect]) -> list[Effect]:
    """Answer all that is asked, until nothing is; what else was to be done."""
    others: list[Effect] = []
    while effects:
        effect, *effects = effects
        if isinstance(effect, Say) and isinstance(effect.request, FetchHistory):
            effects += hear(session, page_for(effect.request))
        else:
            others.append(effect)
    return others


def begun() -> Session:
    session = Session(ME, ROOM, Owed(), signer(ME).public)
    answer(session, greet(session))
    session.handle(Looked(attended=True, following=False))
    return session


def window(session: Session) -> tuple[int, int]:
    return session.replica.first, session.replica.last


def aim(session: Session) -> tuple[str, int | None] | None:
    aim = session.view().aim
    return (aim.room, aim.message_id) if aim is not None else None


# Jumps


def test_a_jump_takes_the_window_there_and_what_comes_meanwhile_is_only_counted() -> None:
    session = begun()
    effects = session.handle(Jumped(ROOM, 400))
    assert (session.view().sought, aim(session), window(session)) == (LOOKING, None, (801, LAST))
    assert answer(session, effects) == []
    assert (session.view().sought, aim(session), window(session)) == ("", (ROOM, 400), (300, 499))
    hear(session, message(LAST + 1))
    assert (window(session), session.view().below) == ((300, 499), LAST + 1 - 499)
    assert session.owed.reads == {}
    answer(session, session.handle(Sought(Part.NEWEST)))
    assert window(session)[1] == LAST


def test_a_jump_to_another_room_turns_to_it() -> None:
    session = begun()
    answer(session, session.handle(Jumped(TEA, 400)))
    assert (session.room, aim(session), window(session)) == (TEA, (TEA, 400), (300, 499))
    assert session.view().new_before == 901
    answer(session, session.handle(Jumped(ROOM, 900)))
    assert (session.room, aim(session), window(session)) == (ROOM, (ROOM, 900), (801, LAST))
    effects = session.handle(Jumped(TEA, 450))
    assert (said(effects), aim(session)) == ([], (TEA, 450))


def test_a_jump_to_a_marked_room_ends_its_mark() -> None:
    session = begun()
    session.handle(Marked(900))
    answer(session, session.handle(Turned(TEA)))
    assert Save() in session.handle(Jumped(ROOM, 950))
    assert session.owed.marks == {}


def test_one_turns_to_no_room_for_what_is_not_there_or_cannot_be_had() -> None:
    session = begun()
    assert shown(session.handle(Jumped(COAL, 3))) == ["You are not in #coal."]
    assert shown(session.handle(Jumped(TEA, LAST + 1))) == [NO_SUCH]
    session.handle(Cut("gone", 1_000))
    assert shown(session.handle(Jumped(TEA, 400))) == [OFFLINE]
    assert shown(session.handle(Jumped(ROOM, 400))) == [OFFLINE]
    assert session.room == ROOM
    assert shown(session.handle(Jumped(ROOM, 900))) == []
    assert aim(session) == (ROOM, 900)


def test_one_goes_to_no_room_that_one_was_put_out_of() -> None:
    session = begun()
    hear(session, Left(room=ROOM, name=ME, by=ANN))
    assert shown(session.handle(Jumped(ROOM, 900))) == [f"You are not in #{ROOM}."]


def test_turning_away_going_to_the_end_and_escape_end_a_jump() -> None:
    for event in (Turned(TEA), Sought(Part.NEWEST), Sought(Part.OLDEST), Abandoned()):
        session = begun()
        (request,) = said(session.handle(Jumped(ROOM, 400)))
        answer(session, session.handle(event))
        assert session.view().sought == ""
        assert hear(session, page_for(request)) == []
        assert aim(session) is None


def test_a_cut_ends_a_jump_and_a_room_that_it_would_have_begun_begins_at_its_unread() -> None:
    session = begun()
    session.handle(Jumped(TEA, 400))
    assert shown(session.handle(Cut("gone", 1_000))) == [CUT]
    answer(session, greet(session))
    assert (session.room, aim(session), window(session)) == (TEA, None, (801, LAST))


def test_a_refused_jump_begins_the_room_as_turning_does() -> None:
    session = begun()
    (request,) = said(session.handle(Jumped(TEA, 400)))
    effects = hear(session, Refused(code="bad-request", reason="No.", ref=request.ref))
    assert shown(effects) == ["No."]
    answer(session, effects)
    assert window(session) == (801, LAST)


def test_a_jump_that_comes_too_soon_is_asked_again() -> None:
    session = begun()
    (request,) = said(session.handle(Jumped(ROOM, 400)))
    hear(session, Refused(code="rate-limited", reason="Slow.", ref=request.ref, retry_after_ms=500), 1_000)
    assert session.view().sought == LOOKING
    answer(session, session.handle(Elapsed(1_500)))
    assert aim(session) == (ROOM, 400)


# Back


def test_back_goes_to_where_one_was_in_this_room_or_another() -> None:
    session = begun()
    assert shown(session.handle(Returned())) == [NO_WAY_BACK]
    answer(session, session.handle(Jumped(ROOM, 400)))
    answer(session, session.handle(Jumped(TEA, 300, here=410)))
    answer(session, session.handle(Returned()))
    assert (session.room, aim(session)) == (ROOM, (ROOM, 410))
    answer(session, session.handle(Returned()))
    assert (aim(session), window(session)) == ((ROOM, None), (801, LAST))
    assert shown(session.handle(Returned())) == [NO_WAY_BACK]


def test_there_is_no_way_back_into_a_room_that_one_is_no_longer_in() -> None:
    session = begun()
    answer(session, session.handle(Turned(TEA)))
    answer(session, session.handle(Jumped(ROOM, 400)))
    hear(session, Left(room=TEA, name=ME, by=ANN))
    assert shown(session.handle(Returned())) == ["You are not in #tea."]


# Looking for places


def test_a_moment_is_looked_for_in_few_questions_and_nothing_is_read_or_moved_by_it() -> None:
    session = begun()
    effects = session.handle(MomentSought(Moment(1_000 + 333, None, "noon")))
    asked = 0
    while aim(session) is None:
        (request,) = said(effects)
        assert session.view().sought in ("Looking for noon", LOOKING)
        assert window(session) == (801, LAST)
        effects = hear(session, page_for(request))
        asked += 1
    assert aim(session) == (ROOM, 333)
    assert asked <= 11
    assert session.owed.reads == {}


def test_the_next_unread_message_is_looked_for_past_the_window() -> None:
    session = begun()
    assert shown(session.handle(UnreadSought(900))) == ["Nothing is unread here."]
    hear(session, message(LAST + 1))
    assert shown(session.handle(UnreadSought(900))) == []
    assert aim(session) == (ROOM, LAST + 1)
    answer(session, session.handle(Jumped(TEA, 300)))
    answer(session, session.handle(UnreadSought(399)))
    assert aim(session) == (TEA, 901)
    assert session.handle(UnreadSought(LAST)) == [Show("Nothing is unread below this message.")]


# Searching


def found(ref: str | None, *ids: int, further: dict[str, int] | None = None) -> Found:
    hits = tuple(Hit(replace(message(each), content="a deploy"), ((2, 8),)) for each in ids)
    return Found(query="deploy", hits=hits, next=further, ref=ref)


def test_a_search_is_asked_and_gone_on_with_and_counts_nothing_as_read() -> None:
    session = begun()
    (request,) = said(session.handle(Searched("deploy", ROOM)))
    assert request == Search(ref=request.ref, room=ROOM, query="deploy")
    assert hear(session, found(request.ref, 900, 7, further={ROOM: 7})) == []
    (more,) = said(session.handle(SearchedOn()))
    hear(session, found(more.ref, 3))
    assert [each.message_id for each in session.search.hits] == [900, 7, 3]
    assert session.search.progress is Progress.DONE
    assert (session.owed.reads, window(session)) == ({}, (801, LAST))
    assert session.handle(Searched("", None)) == []
    assert session.search.hits == ()


def test_a_search_waits_with_the_server_s_pause_and_goes_on_after_a_cut() -> None:
    session = begun()
    (request,) = said(session.handle(Searched("deploy", None)))
    hear(session, Refused(code="rate-limited", reason="Slow.", ref=request.ref, retry_after_ms=500), 1_000)
    assert session.search.progress is Progress.WAITING
    assert said(session.handle(Elapsed(1_500))) == [request]
    session.handle(Cut("gone", 9_000))
    assert session.search.error == NOT_SEARCHED
    assert [each.query for each in said(greet(session)) if isinstance(each, Search)] == ["deploy"]


def test_a_search_that_is_refused_says_why() -> None:
    session = begun()
    (request,) = said(session.handle(Searched("deploy", COAL)))
    assert shown(hear(session, Refused(code="not-a-member", reason="You are not in it.", ref=request.ref))) == []
    assert session.search.error == "You are not in it."
    session.handle(Cut("gone", 9_000))
    assert said(session.handle(Searched("deploy", ROOM))) == []
    assert session.search.error == NOT_SEARCHED


def test_another_history_has_neither_places_nor_finds_of_the_old_one() -> None:
    session = begun()
    answer(session, session.handle(Jumped(ROOM, 400)))
    (request,) = said(session.handle(Searched("deploy", ROOM)))
    hear(session, found(request.ref, 900))
    session.handle(Cut("gone", 1_000))
    session.handle(Linked(NONCE))
    hear(session, challenge(NONCE))
    session.handle(Proved("a signature"))
    hear(session, welcome(summary(LAST), epoch="another"))
    assert session.search.hits == ()
    assert shown(session.handle(Returned())) == [NO_WAY_BACK]
