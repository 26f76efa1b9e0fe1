"""Who may speak: records and what they lead to, the impossible ones, and snapshots."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server import people as people_module
from chat_server.people import (
    INVITATIONS_MAX,
    KEYS_MAX,
    AnyPeopleRecord,
    Banned,
    Bound,
    Chose,
    Founded,
    Invitation,
    Invited,
    People,
    Person,
    Promoted,
    Removed,
    Renamed,
    Reset,
)


def people_of(*records: AnyPeopleRecord) -> People:
    people = People()
    for record in records:
        people.apply(record)
    return people


def bound(name: str = "ann", key: str = "k", *, at: int = 1, code: str = "") -> Bound:
    return Bound(at=at, name=name, key=key, code=code)


def invited(digest: str = "d", *, uses: int = 1, at: int = 0, expires_at: int = 100, name: str = "") -> Invited:
    return Invited(at=at, digest=digest, uses=uses, expires_at=expires_at, name=name)


# Names and keys


def test_a_server_has_a_key_once_it_is_founded() -> None:
    assert People().seed == ""
    assert people_of(Founded(at=1, seed="s")).seed == "s"


def test_a_name_has_the_keys_that_were_bound_to_it_oldest_first() -> None:
    people = people_of(bound(at=5), bound(key="l", at=6), bound("bob", at=7))
    assert people.of("ann") == Person(since=5, keys=("k", "l"))
    assert people.of("bob") == Person(since=7, keys=("k",))
    assert people.of("cid") is None
    assert [name for name, _ in people] == ["ann", "bob"]


def test_an_admin_stays_one_whatever_is_bound() -> None:
    people = people_of(Bound(at=1, name="ann", key="k", admin=True), bound(key="l"), bound("bob"))
    assert [people.is_admin(name) for name in ("ann", "bob", "cid")] == [True, False, False]


def test_what_is_chosen_goes_with_the_name() -> None:
    people = people_of(bound(), Chose(at=2, name="ann", receipts="private"), Renamed(at=3, name="ann", to="anna"))
    assert [people.receipts_of(name) for name in ("anna", "nobody")] == ["private", "public"]
    people.apply(Chose(at=4, name="anna", receipts="public"))
    assert people.receipts_of("anna") == "public"
    with pytest.raises(AssertionError):
        people.apply(Chose(at=5, name="nobody", receipts="off"))


def test_keys_at_their_bound() -> None:
    assert KEYS_MAX == 32
    people = people_of(*(bound(key=f"k{at}") for at in range(KEYS_MAX)))
    with pytest.raises(AssertionError):
        people.apply(bound(key="one more"))


def test_a_reset_takes_all_keys_and_nothing_else() -> None:
    people = people_of(Bound(at=1, name="ann", key="k", admin=True), bound(key="l"), Reset(at=2, name="ann"))
    assert people.of("ann") == Person(since=1, admin=True)
    people.apply(bound(key="k", at=3))
    assert people.of("ann") == Person(since=1, keys=("k",), admin=True)


def test_a_name_can_be_promoted_before_anybody_has_it() -> None:
    people = people_of(Promoted(at=4, name="ann"))
    assert people.of("ann") == Person(since=4, admin=True)
    assert people.is_admin("ann")
    people.apply(Promoted(at=5, name="ann", admin=False))
    assert people.of("ann") == Person(since=4)


def test_a_ban_can_be_taken_back() -> None:
    people = people_of(bound(), Banned(at=2, name="ann"))
    assert people.of("ann") == Person(since=1, keys=("k",), banned=True)
    people.apply(Banned(at=3, name="ann", banned=False))
    assert people.of("ann") == Person(since=1, keys=("k",))


def test_a_removed_name_leaves_a_tombstone_without_power() -> None:
    people = people_of(Bound(at=1, name="ann", key="k", admin=True), Banned(at=2, name="ann"))
    people.apply(Removed(at=3, name="ann"))
    assert people.of("ann") == Person(since=1, banned=True, removed=True)
    assert not people.is_admin("ann")


def test_a_renamed_name_leaves_a_tombstone_and_all_that_was_its_to_the_other() -> None:
    people = people_of(Bound(at=1, name="ann", key="k", admin=True), Banned(at=2, name="ann"))
    people.apply(Renamed(at=3, name="ann", to="anna"))
    assert people.of("ann") == Person(since=1, banned=True, renamed_to="anna")
    assert people.of("anna") == Person(since=1, keys=("k",), admin=True, banned=True)
    people.apply(Renamed(at=4, name="anna", to="hannah"))
    assert [name for name, _ in people] == ["ann", "anna", "hannah"]


@pytest.mark.parametrize(
    ("records", "anybody"),
    [
        ([], False),
        ([Founded(at=1, seed="s"), invited(name="ann")], False),
        ([Promoted(at=1, name="ann", admin=False)], True),
        ([bound()], True),
        ([bound(), Removed(at=2, name="ann")], True),
        ([bound(), Renamed(at=2, name="ann", to="bob"), Reset(at=3, name="bob")], True),
    ],
)
def test_whether_anybody_was_ever_named(records: Sequence[AnyPeopleRecord], *, anybody: bool) -> None:
    assert people_of(*records).has_anybody is anybody


@pytest.mark.parametrize("name", ["ann", "ANN", "Ann", "\u0430nn"])
def test_a_name_that_looks_like_a_known_one_is_found(name: str) -> None:
    people = people_of(bound(), bound("bob"))
    assert people.lookalike(name) == "ann"
    assert people.lookalike("cid") is None


def test_the_first_of_names_that_look_alike_stands_for_them() -> None:
    """As where an admin renames somebody to their own name in another case."""
    people = people_of(bound("ann"), Renamed(at=2, name="ann", to="Ann"))
    assert people.lookalike("ANN") == "ann"


# Codes


def test_a_code_is_good_until_it_expires() -> None:
    people = people_of(invited(expires_at=100, uses=2, name="ann"))
    assert people.invitation("d", 99) == Invitation(uses=2, expires_at=100, name="ann")
    assert people.invitation("d", 100) is None
    assert people.invitation("e", 0) is None
    assert [people.has_code(each) for each in ("d", "e")] == [True, False]


def test_a_code_is_used_up_use_by_use() -> None:
    people = people_of(invited(uses=2), bound("ann", code="d"))
    assert people.invitation("d", 1) == Invitation(uses=1, expires_at=100)
    people.apply(bound("bob", code="d"))
    assert not people.has_code("d")


def test_codes_that_have_expired_are_forgotten_with_the_next() -> None:
    people = people_of(invited("old", expires_at=10), invited("good", expires_at=11), invited("new", at=10))
    assert [people.has_code(each) for each in ("old", "good", "new")] == [False, True, True]


def test_of_a_names_codes_only_the_newest_is_good() -> None:
    people = people_of(
        invited("a", name="ann"), invited("b", name="bob"), invited("all"), invited("c", name="ann")
    )
    assert [people.has_code(each) for each in ("a", "b", "all", "c")] == [False, True, True, True]


def test_codes_at_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    assert INVITATIONS_MAX == 10_000
    monkeypatch.setattr(people_module, "INVITATIONS_MAX", 2)
    people = people_of(invited("a", expires_at=10))
    assert not people.is_inviting_no_more(0)
    people.apply(invited("b", expires_at=20))
    assert people.is_inviting_no_more(9)
    assert not people.is_inviting_no_more(10)


# What cannot be


FOUNDED = Founded(at=1, seed="s")
GONE = [
    (bound(), Removed(at=2, name="ann")),
    (bound(), Renamed(at=2, name="ann", to="anna")),
]
"""What gives the name "ann" up."""


@pytest.mark.parametrize(
    ("before", "record"),
    [
        ([], Founded(at=1, seed="")),
        ([FOUNDED], FOUNDED),
        ([bound()], bound()),
        ([], bound(code="unknown")),
        ([invited(uses=1), bound(code="d")], bound("bob", code="d")),
        ([invited(name="bob")], bound(code="d")),
        ([], Reset(at=1, name="ann")),
        ([], Banned(at=1, name="ann")),
        ([], Removed(at=1, name="ann")),
        ([], Renamed(at=1, name="ann", to="bob")),
        ([bound()], Renamed(at=2, name="ann", to="ann")),
        ([bound(), bound("bob")], Renamed(at=2, name="ann", to="bob")),
        ([bound(), Promoted(at=1, name="bob")], Renamed(at=2, name="ann", to="bob")),
        ([], invited(uses=0)),
        ([], invited(uses=-1)),
        ([invited()], invited()),
        *((gone, bound(key="l")) for gone in GONE),
        *((gone, Reset(at=3, name="ann")) for gone in GONE),
        *((gone, Promoted(at=3, name="ann")) for gone in GONE),
        *((gone, Banned(at=3, name="ann")) for gone in GONE),
        *((gone, Removed(at=3, name="ann")) for gone in GONE),
        *((gone, Renamed(at=3, name="ann", to="else")) for gone in GONE),
    ],
)
def test_what_cannot_be_fails_an_assertion(before: Sequence[AnyPeopleRecord], record: AnyPeopleRecord) -> None:
    people = people_of(*before)
    with pytest.raises(AssertionError):
        people.apply(record)


NAMES = st.sampled_from(["ann", "ANN", "bob", "cid", "", "\0", "\u0301", "a" * 300])
TIMES = st.integers(-(2**70), 2**70)
DIGESTS = st.sampled_from(["d", "e", ""])
RECORDS: st.SearchStrategy[AnyPeopleRecord] = st.one_of(
    st.builds(Founded, at=TIMES, seed=st.sampled_from(["", "s"])),
    st.builds(Bound, at=TIMES, name=NAMES, key=st.sampled_from("kl"), admin=st.booleans(), code=DIGESTS),
    st.builds(Reset, at=TIMES, name=NAMES),
    st.builds(Promoted, at=TIMES, name=NAMES, admin=st.booleans()),
    st.builds(Banned, at=TIMES, name=NAMES, banned=st.booleans()),
    st.builds(Removed, at=TIMES, name=NAMES),
    st.builds(Renamed, at=TIMES, name=NAMES, to=NAMES),
    st.builds(Chose, at=TIMES, name=NAMES, receipts=st.sampled_from(["public", "private", "off"])),
    st.builds(
        Invited,
        at=TIMES,
        digest=DIGESTS,
        uses=st.integers(-1, 3),
        expires_at=TIMES,
        name=st.sampled_from(["", "ann"]),
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(RECORDS, max_size=40))
def test_any_records_are_taken_or_fail_an_assertion_and_recovery_equals_life(
    records: list[AnyPeopleRecord],
) -> None:
    live, lived = People(), []
    for record in records:
        frozen = live.freeze()
        try:
            live.apply(record)
        except AssertionError:
            live = People.thaw(frozen)  # what was done of it would be found out by a start, which refuses
        else:
            lived.append(record)
    assert everything(people_of(*lived)) == everything(live) == everything(People.thaw(live.freeze()))


def everything(people: People) -> object:
    """All that can be asked, the order of names among it."""
    state = people.freeze()
    looks = [people.lookalike(name) for name in ("ann", "bob", "cid")]
    return state, list(state.persons), looks, people.has_anybody


def test_a_state_does_not_change_when_life_goes_on() -> None:
    people = people_of(FOUNDED, bound(), invited(uses=2))
    frozen, before = people.freeze(), everything(People.thaw(people.freeze()))
    for record in (bound("bob", code="d"), Banned(at=2, name="ann"), Renamed(at=3, name="ann", to="anna")):
        people.apply(record)
    assert everything(People.thaw(frozen)) == before
    thawed = People.thaw(frozen)
    thawed.apply(Reset(at=2, name="ann"))
    assert everything(People.thaw(frozen)) == before
