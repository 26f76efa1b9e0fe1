"""What the server's admin orders: what is done, to whom, and what is refused with a sentence."""

import pytest

from chat_server import people as people_module
from chat_server.chat import AnyRecord, Chat
from chat_server.orders import (
    Answer,
    AnyOrder,
    BanName,
    Invite,
    Listed,
    ListPeople,
    Outcome,
    PromoteName,
    RemoveName,
    RenameName,
    ResetName,
    carry_out,
)
from chat_server.people import Banned, Bound, Invited, Promoted, Removed, Renamed, Reset
from chat_server.room import Departed, Entered, Opened

NOW_MS = 1_000
DIGEST = "d" * 43


def chat_of(*records: AnyRecord) -> Chat:
    chat = Chat()
    for record in records:
        chat.apply(record)
    return chat


def company(*records: AnyRecord) -> Chat:
    """Ann, who is an admin, and Bob, who is in two rooms and has left a third."""
    return chat_of(
        Bound(at=1, name="ann", key="a", admin=True),
        Bound(at=2, name="bob", key="b"),
        *(Opened(room=room, title=room, at=3) for room in ("tea", "milk", "jam")),
        *(Entered(room=room, name="bob", at=4) for room in ("tea", "milk", "jam")),
        Entered(room="tea", name="ann", at=4),
        Departed(room="milk", name="bob", at=5),
        *records,
    )


def done(chat: Chat, order: AnyOrder, *online: str) -> Outcome:
    """What comes of an order that is carried out; its records can be applied."""
    before = chat.people.freeze()
    outcome = carry_out(chat, order, frozenset(online), NOW_MS)
    assert outcome.answer.refused == ""
    assert chat.people.freeze() == before
    for record in outcome.records:
        chat.apply(record)
    return outcome


def refusal(chat: Chat, order: AnyOrder) -> str:
    """The sentence of an order that is not carried out."""
    outcome = carry_out(chat, order, frozenset(), NOW_MS)
    assert outcome == Outcome(Answer(refused=outcome.answer.refused))
    assert outcome.answer.refused.endswith(".")
    return outcome.answer.refused


def invite(name: str = "", *, uses: int = 1, digest: str = DIGEST) -> Invite:
    return Invite(digest=digest, uses=uses, lasts_ms=500, name=name)


def reset(name: str) -> ResetName:
    return ResetName(name=name, digest=DIGEST, lasts_ms=500)


# What is done


def test_everybody_is_listed_with_what_there_is_to_know_of_them() -> None:
    chat = company(
        Banned(at=5, name="bob"),
        Bound(at=6, name="cid", key="c"),
        Removed(at=7, name="cid"),
        Bound(at=8, name="dan", key="d"),
        Renamed(at=9, name="dan", to="don"),
    )

    def listed(name: str, since: int, *keys: str, online: bool = False, **fields: object) -> Listed:
        known = {"admin": False, "banned": False, "removed": False, "renamed_to": ""}
        return Listed(name=name, since=since, keys=keys, online=online, **{**known, **fields})  # type: ignore[arg-type]

    assert done(chat, ListPeople(), "ann", "don") == Outcome(
        Answer(
            people=(
                listed("ann", 1, "a", online=True, admin=True),
                listed("bob", 2, "b", banned=True),
                listed("cid", 6, removed=True),
                listed("dan", 8, renamed_to="don"),
                listed("don", 8, "d", online=True),
            )
        )
    )
    assert done(Chat(), ListPeople()).answer == Answer()


@pytest.mark.parametrize("name", ["", "new", "bob"])
def test_an_invitation(name: str) -> None:
    assert done(company(), invite(name, uses=3)) == Outcome(
        Answer(), (Invited(at=NOW_MS, digest=DIGEST, uses=3, expires_at=1_500, name=name),)
    )


def test_a_reset_takes_the_keys_and_lets_one_in_by_a_code() -> None:
    assert done(company(), reset("bob")) == Outcome(
        Answer(),
        (
            Reset(at=NOW_MS, name="bob"),
            Invited(at=NOW_MS, digest=DIGEST, uses=1, expires_at=1_500, name="bob"),
        ),
        expelled="bob",
    )


def test_whoever_is_removed_leaves_their_rooms_first() -> None:
    assert done(company(), RemoveName(name="bob")) == Outcome(
        Answer(),
        (
            Departed(room="tea", name="bob", at=NOW_MS),
            Departed(room="jam", name="bob", at=NOW_MS),
            Removed(at=NOW_MS, name="bob"),
        ),
        expelled="bob",
    )


def test_a_new_name_for_somebody() -> None:
    chat = company()
    assert done(chat, RenameName(name="bob", to="Robert")) == Outcome(
        Answer(), (Renamed(at=NOW_MS, name="bob", to="Robert"),), expelled="bob"
    )
    assert list(chat.rooms["tea"].members) == ["Robert", "ann"]


def test_a_new_name_may_look_like_the_old_one() -> None:
    assert done(company(), RenameName(name="bob", to="Bob")).expelled == "bob"


def test_a_ban_puts_out_and_its_end_puts_nobody_out() -> None:
    chat = company()
    assert done(chat, BanName(name="bob")) == Outcome(Answer(), (Banned(at=NOW_MS, name="bob"),), expelled="bob")
    assert done(chat, BanName(name="bob", banned=False)) == Outcome(
        Answer(), (Banned(at=NOW_MS, name="bob", banned=False),)
    )


@pytest.mark.parametrize("name", ["bob", "nobody-yet"])
def test_an_admin_is_made_of_who_is_there_and_of_who_is_to_come(name: str) -> None:
    chat = company()
    assert done(chat, PromoteName(name=name)) == Outcome(Answer(), (Promoted(at=NOW_MS, name=name),))
    assert chat.people.is_admin(name)
    assert done(chat, PromoteName(name=name, admin=False)) == Outcome(
        Answer(), (Promoted(at=NOW_MS, name=name, admin=False),)
    )


@pytest.mark.parametrize(
    "order",
    [
        PromoteName(name="ann"),
        PromoteName(name="bob", admin=False),
        PromoteName(name="nobody", admin=False),
        BanName(name="bob", banned=False),
    ],
)
def test_what_is_so_already_changes_nothing_and_puts_nobody_out(order: AnyOrder) -> None:
    assert done(company(), order) == Outcome(Answer())


def test_who_is_banned_already_is_not_banned_again() -> None:
    assert done(company(Banned(at=5, name="bob")), BanName(name="bob")) == Outcome(Answer())


# What is refused


ON_SOMEBODY = [
    RemoveName(name="bob"),
    BanName(name="bob"),
    BanName(name="bob", banned=False),
    RenameName(name="bob", to="rob"),
    ResetName(name="bob", digest=DIGEST, lasts_ms=1),
]


@pytest.mark.parametrize("order", ON_SOMEBODY)
def test_nobody_has_the_name(order: AnyOrder) -> None:
    assert refusal(chat_of(), order) == "Nobody here is named 'bob'; `chat-server user list` shows who is."


@pytest.mark.parametrize("order", [*ON_SOMEBODY, PromoteName(name="bob"), invite("bob")])
def test_the_name_was_given_up(order: AnyOrder) -> None:
    removed, renamed = company(Removed(at=6, name="bob")), company(Renamed(at=6, name="bob", to="ben"))
    assert refusal(removed, order) == "The name bob was removed."
    assert refusal(renamed, order) == "bob is ben now."


@pytest.mark.parametrize("order", [invite("a b"), PromoteName(name="a b"), RenameName(name="bob", to="a b")])
def test_the_name_is_none(order: AnyOrder) -> None:
    assert refusal(company(), order) == "The name holds a space: U+0020."


@pytest.mark.parametrize("order", [invite("BOB"), PromoteName(name="BOB")])
def test_the_name_looks_like_another(order: AnyOrder) -> None:
    assert refusal(company(), order) == "The name BOB looks like bob."


@pytest.mark.parametrize(
    ("to", "whose"), [("ann", "ann"), ("Ann", "ann"), ("bob", "bob"), ("olga", "olga"), ("otto", "otto")]
)
def test_a_new_name_is_nobodys(to: str, whose: str) -> None:
    """Olga and Otto have no keys, and are known in rooms from before there were any."""
    chat = company(
        Entered(room="tea", name="olga", at=6),
        Entered(room="tea", name="otto", at=6),
        Departed(room="tea", name="otto", at=7),
    )
    order = RenameName(name="bob", to=to)
    assert refusal(chat, order) == f"The name {to} is {whose}'s, or was once, or looks like it."


def test_a_new_name_is_not_one_that_was_given_up() -> None:
    chat = company(Bound(at=6, name="cid", key="c"), Removed(at=7, name="cid"))
    assert "The name cid is cid's, or was once" in refusal(chat, RenameName(name="bob", to="cid"))


def test_a_code_that_is_known() -> None:
    chat = company(Invited(at=0, digest=DIGEST, uses=1, expires_at=9_999))
    assert refusal(chat, invite()).endswith("or this one is known.")
    assert refusal(chat, reset("bob")) == "This code is known already."


def test_codes_at_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_module, "INVITATIONS_MAX", 2)
    chat = company()
    for digest in ("x" * 43, "y" * 43):
        done(chat, invite(digest=digest))
    assert refusal(chat, invite()).startswith("There are 10000 codes that can be used already")
    done(chat, reset("bob"))  # whoever has lost their key is not made to wait
