"""Replies and edits as a session lives them, by transcript: events in, effects and a view out."""

from msgspec.structs import replace

from chat_server.protocol import AnyFrame, Changed, Edit, Ok, Post, Receipt, Refused, Request
from chat_tui.model.deeds import KEPT
from chat_tui.model.effects import Announce, Effect, Say, Show
from chat_tui.model.events import Asked, Cut, Heard, Linked, Proved, Typed, Watched
from chat_tui.model.owed import Owed, OwedPost
from chat_tui.model.session import Session
from chat_tui.model.view import ReplyView
from chat_tui.model.writing import Original
from tests.chat_tui.frames import ANN, BOB, ME, ROOM, message, page, summary, welcome
from tests.identities import NONCE, challenge, signer

EDIT = Edit(room=ROOM, message_id=2, content="other words")


def hear(session: Session, frame: AnyFrame) -> list[Effect]:
    return session.handle(Heard(frame, 0))


def said(effects: list[Effect]) -> list[Request]:
    return [each.request for each in effects if isinstance(each, Say)]


def greet(session: Session, last_id: int, epoch: str = "epoch") -> list[Effect]:
    session.handle(Linked(NONCE))
    hear(session, challenge(NONCE))
    session.handle(Proved("a signature"))
    return hear(session, welcome(summary(last_id), epoch=epoch))


def opened(*senders: str) -> Session:
    """A session online, with a message of each of these."""
    session = Session(ME, ROOM, Owed(), signer(ME).public)
    (asked,) = said(greet(session, len(senders)))
    told = [message(at, sender) for at, sender in enumerate(senders, 1)]
    hear(session, page(*told, ref=asked.ref))
    return session


# Replies


def test_a_reply_says_what_it_answers_on_its_way_and_after() -> None:
    session = opened(ANN)
    (post,) = said(session.handle(Typed("yes", "n1", 7, reply_to=1)))
    assert post == Post(ref="n1", room=ROOM, nonce="n1", content="yes", reply_to=1)
    assert session.owed.posts == (OwedPost(ROOM, "n1", "yes", 7, reply_to=1),)
    assert session.view().messages[-1].reply == ReplyView(ANN, "text 1", 1)
    hear(session, Ok(ref="n1", message_id=2))
    hear(session, replace(message(2, ME, nonce="n1"), reply_to=1))
    (_, reply) = session.view().messages
    assert (reply.key, reply.reply) == ("2", ReplyView(ANN, "text 1", 1))


def test_a_reply_is_sent_as_one_after_a_cut() -> None:
    session = opened(ANN)
    session.handle(Typed("yes", "n1", 7, reply_to=1))
    session.handle(Cut("gone", 500))
    assert Post(ref="n1", room=ROOM, nonce="n1", content="yes", reply_to=1) in said(greet(session, 1))


def test_in_another_history_it_is_sent_as_a_message() -> None:
    session = opened(ANN)
    session.handle(Typed("yes", "n1", 7, reply_to=1))
    session.handle(Cut("gone", 500))
    assert session.epoch == "epoch"
    assert Post(ref="n1", room=ROOM, nonce="n1", content="yes") in said(greet(session, 1, epoch="another"))
    assert session.epoch == "another"


def test_what_is_quoted_follows_the_message() -> None:
    session = opened(ANN, BOB)
    assert session.quote(1) == ReplyView(ANN, "text 1", 1)
    hear(session, Changed(room=ROOM, message_id=1, content="other words", edition=1, edited_at=9))
    assert session.quote(1) == ReplyView(ANN, "other words", 1)


# Edits


def test_only_what_one_has_written_and_not_deleted_can_be_edited() -> None:
    session = opened(ANN, ME, ME, BOB)
    assert session.original(None) == Original(3, "text 3")
    assert session.original(2) == Original(2, "text 2")
    assert session.original(1) is None
    assert session.original(9) is None
    hear(session, Changed(room=ROOM, message_id=3, deleted_at=9, deleted_by=ME))
    assert session.original(3) is None
    assert session.original(None) == Original(2, "text 2")
    assert opened(ANN).original(None) is None


def test_what_is_to_be_edited_is_made_safe() -> None:
    session = opened(ME)
    hear(session, Changed(room=ROOM, message_id=1, content="\x1b]0;x", edition=1, edited_at=9))
    assert session.original(1) == Original(1, "\\x1b]0;x")


def test_an_edit_is_asked_for_and_changes_the_message_when_it_is_told() -> None:
    session = opened(ANN, ME)
    (request,) = said(session.handle(Asked(EDIT)))
    assert request == replace(EDIT, ref=request.ref)
    hear(session, Changed(room=ROOM, message_id=2, content="other words", edition=1, edited_at=9))
    assert hear(session, Ok(ref=request.ref)) == []
    edited = session.view().messages[-1]
    assert (edited.text, edited.edited) == ("other words", True)
    assert session.original(2) == Original(2, "other words")


def test_a_refused_edit_is_there_again_and_no_draft() -> None:
    session = opened(ANN, ME)
    (request,) = said(session.handle(Asked(EDIT)))
    refused = Refused(code="muted", reason="You are muted.", ref=request.ref)
    assert hear(session, refused) == [Show("You are muted." + KEPT, is_warning=True)]
    assert session.original(2) == Original(2, "text 2", unsaved="other words")
    assert (session.draft, session.owed.drafts) == ("", {})


def test_in_another_history_no_message_is_watched() -> None:
    session = opened(ANN, ME)
    session.handle(Watched(2))
    session.handle(Cut("gone", 500))
    (asked,) = said(greet(session, 2, epoch="another"))
    hear(session, page(message(1), message(2, ME), ref=asked.ref))
    read = Receipt(room=ROOM, reader=ANN, ranges=((2, 2),), read_at=1, revision=2)
    assert not any(isinstance(each, Announce) for each in hear(session, read))


def test_in_another_history_no_edit_is_left() -> None:
    session = opened(ANN, ME)
    session.handle(Asked(EDIT))
    session.handle(Cut("gone", 500))
    (asked,) = said(greet(session, 2, epoch="another"))
    hear(session, page(message(1), message(2, ME), ref=asked.ref))
    assert session.original(2) == Original(2, "text 2")
