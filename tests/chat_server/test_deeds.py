"""What members may do with messages that are there."""

import pytest

from chat_server import deeds
from chat_server.deeds import acknowledge, rule, told
from chat_server.moderation import Ruling
from chat_server.protocol import (
    PINS_MAX,
    REACTIONS_MAX,
    Acknowledge,
    Changed,
    Edit,
    MessageRequest,
    Pin,
    React,
    Unpin,
)
from chat_server.records import Acknowledged, Edited, Muted, Pinned, Reacted, Unpinned
from tests.chat_server.rooms import Story


def story() -> Story:
    """Ann wrote 1 and 2, which is deleted, Bob 3; Cid is muted."""
    room = Story("ann", "bob", "cid")
    room.post("ann", "ann", "bob")
    room.delete(2)
    room.apply(Muted(room="r", name="cid", by="ann", at=1))
    return room


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
    life = story()
    monkeypatch.setattr(deeds, "EDITIONS_MAX", 2)
    life.edit(1)
    assert rule(life.room, "ann", Edit(room="r", message_id=1, content="ho"), 9).records
    life.edit(1)
    assert refusal(rule(life.room, "ann", Edit(room="r", message_id=1, content="ho"), 9)) == "too-many-edits"


@pytest.mark.parametrize(
    "request_",
    [
        React(room="r", message_id=4, emoji="+"),
        React(room="r", message_id=2, emoji="+"),
        React(room="r", message_id=1, emoji="+"),
        Pin(room="r", message_id=2),
        Unpin(room="r", message_id=2),
        Pin(room="r", message_id=4),
        Pin(room="r", message_id=1),
        Unpin(room="r", message_id=1),
    ],
)
def test_who_may_put_something_on_what(request_: MessageRequest) -> None:
    """Whoever is not muted may, on what is there."""
    codes = {4: "no-such-message", 2: "deleted", 1: "muted"}
    assert refusal(rule(story().room, "cid", request_, 9)) == codes[request_.message_id]
    rule(story().room, "bob", request_, 9)


def test_a_reaction_is_put_there_once_and_taken_away_once() -> None:
    life = story()
    on, off = (React(room="r", message_id=1, emoji="+", on=each) for each in (True, False))
    reacted = Reacted(room="r", id=1, name="bob", emoji="+", at=9)
    assert rule(life.room, "bob", off, 9) == Ruling()
    assert rule(life.room, "bob", on, 9) == Ruling(records=(reacted,))
    life.react("bob", 1)
    assert rule(life.room, "bob", on, 9) == Ruling()
    gone = Reacted(room="r", id=1, name="bob", emoji="+", on=False, at=9)
    assert rule(life.room, "bob", off, 9) == Ruling(records=(gone,))


@pytest.mark.parametrize(
    ("actor", "message_id", "edition", "code"),
    [
        ("bob", 4, 0, "no-such-message"),
        ("bob", 2, 0, "deleted"),
        ("ann", 1, 0, "not-allowed"),
        ("bob", 1, 1, "no-such-message"),
    ],
)
def test_who_may_acknowledge_what(actor: str, message_id: int, edition: int, code: str) -> None:
    request = Acknowledge(room="r", message_id=message_id, edition=edition)
    assert refusal(acknowledge(story().room, actor, request, 9)) == code


def test_whoever_may_not_write_may_acknowledge_each_text_once() -> None:
    life = story()
    first, second = (Acknowledge(room="r", message_id=1, edition=each) for each in (0, 1))
    said = Acknowledged(room="r", id=1, reader="cid", at=9)
    assert acknowledge(life.room, "cid", first, 9) == Ruling(records=(said,))
    life.apply(said)
    assert acknowledge(life.room, "cid", first, 9) == Ruling()
    life.edit(1)
    again = Acknowledged(room="r", id=1, reader="cid", edition=1, at=9)
    assert acknowledge(life.room, "cid", second, 9) == Ruling(records=(again,))
    life.apply(again)
    assert acknowledge(life.room, "cid", first, 9) == Ruling()


def test_reactions_have_a_bound() -> None:
    life = story()
    for each in range(REACTIONS_MAX):
        life.react("ann", 1, str(each))
    assert refusal(rule(life.room, "bob", React(room="r", message_id=1, emoji="+"), 9)) == "too-many-reactions"
    assert rule(life.room, "bob", React(room="r", message_id=1, emoji="1"), 9).records


def test_a_message_is_pinned_once_and_unpinned_by_anybody() -> None:
    life = story()
    pin, unpin = Pin(room="r", message_id=1), Unpin(room="r", message_id=1)
    assert rule(life.room, "bob", unpin, 9) == Ruling()
    assert rule(life.room, "bob", pin, 9) == Ruling(records=(Pinned(room="r", id=1, by="bob", at=9),))
    life.pin(1)
    assert rule(life.room, "bob", pin, 9) == Ruling()
    assert rule(life.room, "bob", unpin, 9) == Ruling(records=(Unpinned(room="r", id=1, by="bob", at=9),))


def test_pins_have_a_bound() -> None:
    life = story()
    life.post(*["ann"] * PINS_MAX)
    for each in range(4, PINS_MAX + 4):
        life.pin(each)
    assert refusal(rule(life.room, "ann", Pin(room="r", message_id=1), 9)) == "too-many-pins"
    assert rule(life.room, "ann", Pin(room="r", message_id=4), 9) == Ruling()


def test_what_is_told_is_what_has_changed() -> None:
    life = story()
    life.edit(1, at_ms=8)
    life.react("bob", 1)
    revision = life.room.revision
    expected: list[tuple[MessageRequest, Changed]] = [
        (
            Edit(room="r", message_id=1, content="text 1"),
            Changed(
                room="r",
                message_id=1,
                revision=revision,
                content="text 1",
                edited_at=8,
                edition=1,
                audience=2,
                read_by=0,
            ),
        ),
        (
            React(room="r", message_id=1, emoji="+"),
            Changed(room="r", message_id=1, revision=revision, reactions={"+": ("bob",)}),
        ),
        (
            Pin(room="r", message_id=1),
            Changed(room="r", message_id=1, revision=revision, pinned=True, pinned_by="bob"),
        ),
        (
            Unpin(room="r", message_id=1),
            Changed(room="r", message_id=1, revision=revision, pinned=False, pinned_by="bob"),
        ),
    ]
    for request, changed in expected:
        assert told(life.room, "bob", request) == changed
