"""Who gets in: every rule at work, for each policy, and the record that a proof leads to."""

import pytest

from chat_server.admission import Admission
from chat_server.people import (
    KEYS_MAX,
    AnyPeopleRecord,
    Banned,
    Bound,
    Founded,
    Invited,
    People,
    Promoted,
    Removed,
    Renamed,
    Reset,
)
from chat_server.policy import Joining
from chat_server.protocol import CloseCode, Hello, Prove
from chat_server.protocol.proofs import code_digest, is_signed, server_lines
from chat_server.roster import Arrival
from tests.chat_server.hubs import SEED, nonce_of
from tests.identities import NONCE, hello, prove, signer

CODE, NAMED = "ABCDE-FGHJK-MNPQR-STVWX", "00000-11111-22222-33333"
NOW_MS = 1_000


def bound(name: str, key: str = "") -> Bound:
    """The key of the person of the name `key`, or of this one."""
    return Bound(at=1, name=name, key=signer(key or name).public)


def invited(code: str = CODE, *, name: str = "", uses: int = 1, expires_at: int = NOW_MS + 1) -> Invited:
    return Invited(at=0, digest=code_digest(code), uses=uses, expires_at=expires_at, name=name)


def admission(*records: AnyPeopleRecord, joining: Joining = Joining.OPEN) -> Admission:
    people = People()
    for record in (Founded(at=0, seed=SEED), *records):
        people.apply(record)
    return Admission(people, joining)


def code_of(judge: Admission, greeting: Hello) -> str | None:
    """The code of what stands against it."""
    refusal = judge.refusal(greeting, NOW_MS)
    if refusal is None:
        return None
    assert refusal.reason.endswith(".")
    taken = refusal.code == "name-taken"
    assert refusal.close_code == (CloseCode.NAME_TAKEN if taken else CloseCode.NOT_ALLOWED)
    return refusal.code


# The challenge, and its answer


def test_the_challenge_proves_who_the_server_is() -> None:
    judge = admission()
    for connection in (1, 2):
        arrival = Arrival(None, nonce_of(connection))
        challenge = judge.challenge(arrival, hello("ann", ref="h"))
        assert (challenge.nonce, challenge.ref) == (nonce_of(connection), "h")
        assert challenge.server == admission().challenge(arrival, hello("bob")).server
        lines = server_lines(NONCE, challenge.nonce, challenge.server)
        assert is_signed(lines, challenge.signature, challenge.server)


def test_a_proof_is_of_this_hello_on_this_connection_at_this_server() -> None:
    judge, arrival = admission(), Arrival(None, nonce_of(1))
    greeting = hello("ann")
    challenge = judge.challenge(arrival, greeting)
    good = prove("ann", challenge)
    assert judge.is_proven(arrival, greeting, good)
    assert not judge.is_proven(Arrival(None, nonce_of(2)), greeting, good)
    assert not judge.is_proven(arrival, hello("bob", key="ann"), good)
    assert not judge.is_proven(arrival, hello("ann", key="eve"), good)
    assert not judge.is_proven(arrival, greeting, prove("ann", challenge, key="eve"))
    assert not judge.is_proven(arrival, greeting, prove("bob", challenge, key="ann"))
    assert not judge.is_proven(arrival, greeting, Prove(signature="A" * 86))
    people = People()
    people.apply(Founded(at=0, seed=signer("another server").public))
    elsewhere = Admission(people, Joining.OPEN)
    assert not elsewhere.is_proven(arrival, greeting, good)


# What stands against a hello


def test_another_version_is_refused_before_anything_else() -> None:
    greeting = Hello(name="a b", version=2, key=signer("ann").public, nonce=NONCE)
    refusal = admission(bound("ann")).refusal(greeting, NOW_MS)
    assert refusal is not None
    assert (refusal.code, refusal.reason) == ("version", "This server speaks version 1 of the protocol, not 2.")


@pytest.mark.parametrize("name", ["", "a b", "a\x1b", "..", "\u202ea", "a" * 257])
def test_a_new_name_must_be_fit_for_one(name: str) -> None:
    assert code_of(admission(), hello(name)) == "bad-name"


def test_a_name_that_is_known_is_not_judged_again() -> None:
    assert code_of(admission(bound("a b")), hello("a b")) is None


@pytest.mark.parametrize("name", ["Ann", "ANN"])
def test_a_new_name_must_not_look_like_another(name: str) -> None:
    judge = admission(bound("ann"))
    refusal = judge.refusal(hello(name), NOW_MS)
    assert refusal is not None
    assert (refusal.code, refusal.close_code) == ("name-taken", CloseCode.NAME_TAKEN)
    assert refusal.reason == f"The name {name} looks like ann, who is somebody else; choose another one."


def test_a_known_key_gets_in_and_another_does_not() -> None:
    judge = admission(bound("ann"), bound("ann", "ann 2"))
    assert [code_of(judge, hello("ann", key=key)) for key in ("ann", "ann 2", "eve")] == [None, None, "name-taken"]
    assert code_of(judge, hello("eve", key="ann")) is None  # one key may have several names


@pytest.mark.parametrize(
    ("joining", "invite", "code"),
    [
        (Joining.OPEN, None, None),
        (Joining.OPEN, "of no use", None),
        (Joining.INVITE, None, "invite-needed"),
        (Joining.INVITE, CODE, None),
        (Joining.INVITE, CODE.lower().replace("-", " "), None),
        (Joining.INVITE, "", "invite-wrong"),
        (Joining.INVITE, "unknown", "invite-wrong"),
        (Joining.INVITE, NAMED, "invite-wrong"),
        (Joining.CLOSED, None, "closed"),
        (Joining.CLOSED, CODE, "closed"),
    ],
)
def test_who_may_take_a_name_that_nobody_has(joining: Joining, invite: str | None, code: str | None) -> None:
    judge = admission(bound("ann"), invited(), invited(NAMED, name="cid"), joining=joining)
    assert code_of(judge, hello("bob", invite=invite)) == code


@pytest.mark.parametrize("joining", Joining)
def test_who_is_known_gets_in_under_any_policy(joining: Joining) -> None:
    judge = admission(bound("ann"), joining=joining)
    assert code_of(judge, hello("ann")) is None
    assert code_of(judge, hello("ann", invite="of no use")) is None


def test_a_code_for_a_new_name_lets_it_in_and_no_other() -> None:
    judge = admission(invited(NAMED, name="bob"), joining=Joining.INVITE)
    assert code_of(judge, hello("bob", invite=NAMED)) is None
    assert code_of(judge, hello("cid", invite=NAMED)) == "invite-wrong"


@pytest.mark.parametrize(("expires_at", "code"), [(NOW_MS, "invite-wrong"), (NOW_MS + 1, None)])
def test_a_code_is_good_until_it_expires(expires_at: int, code: str | None) -> None:
    judge = admission(invited(expires_at=expires_at), joining=Joining.INVITE)
    assert code_of(judge, hello("bob", invite=CODE)) == code


@pytest.mark.parametrize(
    ("invite", "code"), [(None, "name-taken"), (NAMED, None), (CODE, "invite-wrong"), ("unknown", "invite-wrong")]
)
@pytest.mark.parametrize("joining", Joining)
def test_a_further_key_needs_a_code_that_was_made_for_the_name(
    invite: str | None, code: str | None, joining: Joining
) -> None:
    judge = admission(bound("ann"), invited(), invited(NAMED, name="ann"), joining=joining)
    assert code_of(judge, hello("ann", key="ann 2", invite=invite)) == code


@pytest.mark.parametrize("before", [[bound("ann"), Reset(at=2, name="ann")], [Promoted(at=2, name="ann")]])
def test_a_name_without_keys_needs_a_code_that_was_made_for_it(before: list[AnyPeopleRecord]) -> None:
    judge = admission(*before, invited(), invited(NAMED, name="ann"))
    assert code_of(judge, hello("ann")) == "name-taken"
    refusal = judge.refusal(hello("ann"), NOW_MS)
    assert refusal is not None
    assert refusal.reason == "The name ann waits for a code that was made for it; ask the server's admin."
    assert code_of(judge, hello("ann", invite=CODE)) == "invite-wrong"
    assert code_of(judge, hello("ann", invite=NAMED)) is None


def test_a_name_has_so_many_keys_and_no_more() -> None:
    keys = [bound("ann", f"ann {at}") for at in range(KEYS_MAX)]
    judge = admission(*keys[:-1], invited(NAMED, name="ann"))
    assert code_of(judge, hello("ann", key="one more", invite=NAMED)) is None
    judge = admission(*keys, invited(NAMED, name="ann"))
    assert code_of(judge, hello("ann", key="one more", invite=NAMED)) == "too-many-keys"
    assert code_of(judge, hello("ann", key="ann 0", invite=NAMED)) is None


@pytest.mark.parametrize(
    ("record", "code", "reason"),
    [
        (Banned(at=2, name="ann"), "banned", "ann is banned from this server."),
        (Removed(at=2, name="ann"), "removed", "The name ann was given up, and nobody can have it again."),
        (Renamed(at=2, name="ann", to="anna"), "renamed", "ann is anna now; connect under that name."),
    ],
)
@pytest.mark.parametrize("key", ["ann", "eve"])
@pytest.mark.parametrize("invite", [None, NAMED])
def test_what_the_host_has_done_to_a_name_stands_against_everybody(
    record: AnyPeopleRecord, code: str, reason: str, key: str, invite: str | None
) -> None:
    judge = admission(bound("ann"), invited(NAMED, name="ann"), record)
    refusal = judge.refusal(hello("ann", key=key, invite=invite), NOW_MS)
    assert refusal is not None
    assert (refusal.code, refusal.reason) == (code, reason)


def test_a_ban_that_was_taken_back_stands_against_nobody() -> None:
    judge = admission(bound("ann"), Banned(at=2, name="ann"), Banned(at=3, name="ann", banned=False))
    assert code_of(judge, hello("ann")) is None


# What a proof leads to


def test_the_first_of_all_is_the_admin() -> None:
    key = signer("ann").public
    assert admission().binding(hello("ann"), 5) == Bound(at=5, name="ann", key=key, admin=True)
    assert admission(invited()).binding(hello("ann", invite=CODE), 5) == Bound(
        at=5, name="ann", key=key, admin=True, code=code_digest(CODE)
    )


@pytest.mark.parametrize(
    "before",
    [
        [bound("bob")],
        [bound("bob"), Removed(at=2, name="bob")],
        [bound("bob"), Renamed(at=2, name="bob", to="rob"), Reset(at=3, name="rob")],
        [Promoted(at=2, name="bob")],
    ],
)
def test_nobody_later_is_an_admin_by_that(before: list[AnyPeopleRecord]) -> None:
    assert admission(*before).binding(hello("ann"), 5) == Bound(at=5, name="ann", key=signer("ann").public)


def test_whoever_was_made_an_admin_before_becomes_no_admin_by_the_binding() -> None:
    judge = admission(Promoted(at=2, name="ann"), invited(NAMED, name="ann"))
    assert judge.binding(hello("ann", invite=NAMED), 5) == Bound(
        at=5, name="ann", key=signer("ann").public, code=code_digest(NAMED)
    )


def test_a_known_key_is_not_bound_again_and_uses_no_code_up() -> None:
    judge = admission(bound("ann"), invited(), invited(NAMED, name="ann"))
    for invite in (None, CODE, NAMED):
        assert judge.binding(hello("ann", invite=invite), 5) is None


@pytest.mark.parametrize("invite", [None, "unknown", "", NAMED])
def test_a_code_that_is_not_good_is_not_used_up(invite: str | None) -> None:
    judge = admission(bound("bob"), invited(NAMED, name="bob"))
    assert judge.binding(hello("ann", invite=invite), 5) == Bound(at=5, name="ann", key=signer("ann").public)


def test_a_further_key_uses_the_names_code_up() -> None:
    judge = admission(bound("ann"), invited(NAMED, name="ann"))
    assert judge.binding(hello("ann", key="ann 2", invite=NAMED), 5) == Bound(
        at=5, name="ann", key=signer("ann 2").public, code=code_digest(NAMED)
    )
