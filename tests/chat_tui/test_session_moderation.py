"""Moderation as a session lives it, by transcript: events in, effects and a view out."""

from chat_server.protocol import (
    AnyFrame,
    Changed,
    Delete,
    Entered,
    FetchHistory,
    History,
    Join,
    Kick,
    Left,
    Muted,
    Ok,
    Read,
    Refused,
    Renamed,
    Request,
    RoomCursor,
)
from chat_tui.model.deeds import CUT, OFFLINE
from chat_tui.model.effects import Effect, Say, Show
from chat_tui.model.events import Asked, Cut, Heard, Linked, Looked, Proved, Seen
from chat_tui.model.moderation import MUTED
from chat_tui.model.owed import Owed
from chat_tui.model.session import Session
from chat_tui.model.view import Link, MessageView
from tests.chat_tui.frames import ANN, BOB, ME, ROOM, message, messages, page, receipt, summary, welcome
from tests.identities import NONCE, challenge, signer

KICK = Kick(room=ROOM, name=BOB)


def hear(session: Session, frame: AnyFrame) -> list[Effect]:
    return session.handle(Heard(frame, 0))


def said(effects: list[Effect]) -> list[Request]:
    return [each.request for each in effects if isinstance(each, Say)]


def greet(session: Session, *rooms: int) -> list[Effect]:
    """A new connection, on which one is welcomed to the room with so many messages, or to none."""
    session.handle(Linked(NONCE))
    hear(session, challenge(NONCE))
    session.handle(Proved("a signature"))
    return hear(session, welcome(*map(summary, rooms)))


def opened(*senders: str) -> Session:
    """A session online, with a message of each of these."""
    session = Session(ME, ROOM, Owed(), signer(ME).public)
    (asked,) = said(greet(session, len(senders)))
    told = [message(at, sender) for at, sender in enumerate(senders, 1)]
    hear(session, page(*told, ref=asked.ref))
    return session


def changed(message_id: int, *, by: str = ANN, revision: int = 0) -> Changed:
    return Changed(room=ROOM, message_id=message_id, deleted_at=9_000, deleted_by=by, revision=revision)


def shown(session: Session) -> list[MessageView]:
    return list(session.view().messages)


# Deleted messages


def test_a_deleted_message_is_a_line_without_a_tick_and_not_unread() -> None:
    session = opened(ANN, ME, ANN)
    hear(session, receipt(BOB, (2, 2)))
    assert hear(session, changed(2)) == []
    assert hear(session, changed(3, by="a\x1bn")) == []
    first, second, third = shown(session)
    assert not first.removed
    assert (second.text, second.tick, second.removed) == ("message removed by ann", None, True)
    assert (third.text, third.removed) == ("message removed by a\\x1bn", True)
    assert session.unread(frozenset({1, 2, 3})) == {1}
    assert session.text_of(3) == ""


def test_a_deleted_message_earns_no_receipt_even_if_it_was_already_in_front_of_one() -> None:
    session = opened(ANN, ANN)
    hear(session, changed(2))
    assert session.handle(Seen(ROOM, frozenset({2}), 0)) == []
    assert said(session.handle(Seen(ROOM, frozenset({1, 2}), 0)))[0] == Read(
        ref="read-2", room=ROOM, ranges=((1, 1),)
    )


def test_of_a_deleted_message_nobody_is_told_to_have_read_it() -> None:
    session = opened(ME, ANN)
    session.handle(Looked(attended=False, following=True))
    hear(session, changed(1))
    assert hear(session, receipt(ANN, (1, 1))) == []
    assert shown(session)[0].tick is None


def test_deletions_come_back_with_a_resume_and_with_pages() -> None:
    session = opened(ANN, ANN)
    session.handle(Cut("gone", 500))
    greet(session, 3)
    hear(session, changed(1))
    gone = message(3)
    hear(session, History(room=ROOM, messages=(gone,), more=False, revision=9))
    assert [each.removed for each in shown(session)] == [True, False, False]
    assert session.replica.cursor() == RoomCursor(message=3, revision=9)


def test_a_room_that_is_to_be_taken_afresh_is() -> None:
    session = opened(ANN, ANN)
    session.handle(Cut("gone", 500))
    greet(session, 60)
    hear(session, History(room=ROOM, messages=messages(59, 60), more=True, afresh=True, revision=70))
    assert [each.id for each in shown(session)] == [59, 60]
    assert (session.view().at_start, session.view().at_end) == (False, True)
    assert session.replica.cursor() == RoomCursor(message=60, revision=70)


def test_a_change_in_another_room_is_none_here() -> None:
    session = opened(ANN)
    hear(session, Changed(room="other", message_id=1, deleted_at=1, deleted_by=ANN))
    hear(session, Muted(room="other", name=ME, muted=True, by=ANN))
    assert not shown(session)[0].removed
    assert session.view().closed == ""


# What one asks for


def test_it_is_asked_for_once_and_the_answer_is_told() -> None:
    session = opened(ANN)
    (request,) = said(session.handle(Asked(KICK)))
    assert request == Kick(ref="deed-2", room=ROOM, name=BOB)
    assert hear(session, Ok(ref=request.ref)) == [Show("bob was kicked.")]
    (request,) = said(session.handle(Asked(Delete(room=ROOM, message_id=1))))
    refused = Refused(code="not-allowed", reason="Only ann can.", ref=request.ref)
    assert hear(session, refused) == [Show("Only ann can.", is_warning=True)]


def test_what_a_full_disk_does_not_take_is_not_put_off() -> None:
    session = opened(ANN)
    (request,) = said(session.handle(Asked(KICK)))
    refused = Refused(code="disk-full", reason="The disk is full.", ref=request.ref)
    assert hear(session, refused) == [Show("The disk is full.", is_warning=True)]
    assert session.next_deadline_ms is None


def test_without_a_connection_it_is_not_asked_for_and_a_cut_leaves_it_open() -> None:
    session = opened(ANN)
    session.handle(Asked(KICK))
    assert session.handle(Cut("gone", 500)) == [Show(CUT, is_warning=True)]
    assert session.handle(Asked(KICK)) == [Show(OFFLINE, is_warning=True)]


# What others do


def test_one_who_is_muted_is_told_and_cannot_write_until_told_so() -> None:
    session = opened(ANN)
    told = "ann has muted you: you can read and not write."
    assert hear(session, Muted(room=ROOM, name=ME, muted=True, by=ANN)) == [Show(told, is_warning=True)]
    assert session.view().closed == MUTED
    hear(session, Muted(room=ROOM, name=ME, muted=False, by=ANN))
    assert session.view().closed == ""


def test_one_who_is_put_out_neither_asks_for_anything_nor_comes_back_by_a_cut() -> None:
    session = opened(ANN, ME)
    sentence = "ann has removed you from this room."
    assert hear(session, Left(room=ROOM, name=ME, by=ANN)) == [Show(sentence, is_warning=True)]
    assert session.view().closed == sentence
    session.handle(Cut("gone", 500))
    assert greet(session) == []
    assert session.status().link is Link.ONLINE
    assert [each.id for each in shown(session)] == [1, 2]
    assert session.view().closed == sentence


def test_one_who_was_put_out_and_came_back_elsewhere_is_in_again() -> None:
    session = opened(ANN)
    hear(session, Left(room=ROOM, name=ME, by=ANN))
    hear(session, Entered(room=summary(0, name="elsewhere")))
    assert session.view().closed != ""
    hear(session, Entered(room=summary(0)))
    assert session.view().closed == ""
    hear(session, Left(room=ROOM, name=ME, by=ANN))
    session.handle(Cut("gone", 500))
    greet(session, 1)
    assert session.view().closed == ""


def test_one_who_was_put_out_joins_where_the_servers_history_is_another() -> None:
    session = opened(ANN)
    hear(session, Left(room=ROOM, name=ME, by=ANN))
    session.handle(Cut("gone", 500))
    session.handle(Linked(NONCE))
    hear(session, challenge(NONCE))
    session.handle(Proved("a signature"))
    assert Join(ref="join", room=ROOM) in said(hear(session, welcome(epoch="another")))


def test_that_somebody_else_was_put_out_is_told_and_audiences_are_asked_for() -> None:
    session = opened(ME)
    told, asked = hear(session, Left(room=ROOM, name=BOB, by=ANN))
    assert told == Show("bob was removed by ann.")
    assert isinstance(asked, Say)
    assert isinstance(asked.request, FetchHistory)
    assert session.status().members == 2


def test_a_new_name_is_everywhere_at_once() -> None:
    session = opened(ANN, BOB)
    hear(session, changed(2))
    hear(session, Renamed(room=ROOM, name=ANN, to="anna", revision=5))
    first, second = shown(session)
    assert (first.sender, second.text) == ("anna", "message removed by anna")
    assert session.replica.members == [ME, "anna", BOB]
