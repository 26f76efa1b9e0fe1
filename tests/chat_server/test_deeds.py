"""What members may do with messages that are there."""

import pytest

from chat_server import deeds
from chat_server.deeds import rule
from chat_server.moderation import Ruling
from chat_server.protocol import Edit
from chat_server.records import Edited, Muted
from tests.chat_server.rooms import Story


def story() -> Story:
    """Ann wrote 1 and 2, which is deleted, Bob 3; Cid is muted."""
    told = Story("ann", "bob", "cid")
    told.post("ann", "ann", "bob")
    told.delete(2)
    told.apply(Muted(room="r", name="cid", by="ann", at=1))
    return told


def refusal(ruling: Ruling) -> str:
    """The code of a refusal, behind which nothing else stands."""
    assert ruling.refusal is not None
    assert ruling == Ruling(ruling.refusal)
    assert ruling.refusal.reason.endswith(".")
    return ruling.refusal.code


@pytest.mark.parametrize(
    ("actor", "message_id", "code"),
    [
        ("ann", 4, "no-such-message"),
        ("ann", 2, "deleted"),
        ("cid", 1, "muted"),
        ("ann", 3, "not-allowed"),
    ],
)
def test_who_may_edit_what(actor: str, message_id: int, code: str) -> None:
    assert refusal(rule(story().room, actor, Edit(room="r", message_id=message_id, content="ho"), 9)) == code


def test_another_text_is_the_next_edition() -> None:
    edit = Edit(room="r", message_id=1, content="ho")
    assert rule(story().room, "ann", edit, 9) == Ruling(records=(Edited(room="r", id=1, content="ho", at=9),))


def test_the_same_text_is_nothing() -> None:
    assert rule(story().room, "ann", Edit(room="r", message_id=1, content="hi"), 9) == Ruling()


def test_a_message_is_not_edited_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    told = story()
    monkeypatch.setattr(deeds, "EDITIONS_MAX", 2)
    told.edit(1)
    assert rule(told.room, "ann", Edit(room="r", message_id=1, content="ho"), 9).records
    told.edit(1)
    assert refusal(rule(told.room, "ann", Edit(room="r", message_id=1, content="ho"), 9)) == "too-many-edits"
