"""Whom an edit names that did not name them before, as a session lives it, by transcript."""

import pytest
from msgspec.structs import replace

from chat_server.protocol import AnyFrame, Changed, FetchHistory, Message, Receipt
from chat_tui.model.effects import Alert, Effect, Say
from chat_tui.model.events import Heard, Linked, Proved
from chat_tui.model.owed import Owed
from chat_tui.model.session import Session
from tests.chat_tui.frames import ANN, ME, ROOM, message, page, summary, welcome
from tests.identities import NONCE, challenge, signer

TEA = "tea"
NAMED = f"look, @{ME}"


def hear(session: Session, frame: AnyFrame) -> list[Effect]:
    return session.handle(Heard(frame, 0))


def alerts(effects: list[Effect]) -> list[Alert]:
    return [each for each in effects if isinstance(each, Alert)]


def opened(*told: Message) -> Session:
    session = Session(ME, ROOM, Owed(), signer(ME).public)
    session.handle(Linked(NONCE))
    hear(session, challenge(NONCE))
    session.handle(Proved("a signature"))
    effects = hear(session, welcome(summary(len(told)), summary(0, name=TEA)))
    for each in effects:
        if isinstance(each, Say) and isinstance(each.request, FetchHistory):
            hear(session, page(*told, ref=each.request.ref))
    return session


def edit(message_id: int, content: str, edition: int = 1, room: str = ROOM) -> Changed:
    return Changed(room=room, message_id=message_id, content=content, edition=edition, edited_at=9, revision=9)


def test_an_edit_that_names_one_is_told_of_once() -> None:
    session = opened(message(1, ANN), message(2, ANN))
    assert alerts(hear(session, edit(1, NAMED))) == [Alert(ROOM, 1, ANN, NAMED, edition=1)]
    assert alerts(hear(session, edit(1, NAMED))) == []
    assert alerts(hear(session, edit(1, f"{NAMED}, please", 2))) == []


@pytest.mark.parametrize(
    "change",
    [
        edit(1, "nobody in particular"),
        edit(2, NAMED),
        edit(3, NAMED),
        edit(4, NAMED),
        Changed(room=ROOM, message_id=1, reactions={"+": (ANN,)}),
    ],
)
def test_no_other_change_is(change: Changed) -> None:
    gone = replace(message(3, ANN), content="", deleted_at=1, deleted_by=ANN)
    session = opened(message(1, ANN), message(2, ME), gone)
    assert alerts(hear(session, change)) == []


def test_what_has_been_read_elsewhere_is_no_news() -> None:
    session = opened(message(1, ANN))
    hear(session, Receipt(room=ROOM, reader=ME, ranges=(), editions=((1, 1),), read_at=1, revision=1))
    assert alerts(hear(session, edit(1, NAMED))) == []


def test_an_edit_counts_as_a_mention_where_the_message_is_unread() -> None:
    session = opened()
    hear(session, replace(message(1, ANN), room=TEA))

    def mentions() -> list[int]:
        return [each.mentions for each in session.rooms().rooms]

    hear(session, edit(1, NAMED, room=TEA))
    assert mentions() == [0, 1]
    hear(session, edit(1, "nobody in particular", 2, room=TEA))
    assert mentions() == [0, 0]
