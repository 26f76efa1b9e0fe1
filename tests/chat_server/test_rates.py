"""Token buckets: what is let through, for how long it is refused, and what is remembered of whom."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server import rates as rates_module
from chat_server.rates import BUCKETS_MAX, DEFAULTS, Asker, Kind, Limit, Limits, Rates, Scope, origin

NOON_MS = 1_795_521_600_000
ANN = Asker(1, "ann", "192.0.2.1")
POST = Limit(every_ms=200, burst=20)


def posting(limit: Limit = POST, scope: Scope = Scope.NAME) -> Rates:
    """Rates that limit nothing but posts, and those in one scope."""
    return Rates({Kind.POST: {scope: limit}})


def spend(rates: Rates, asker: Asker, now_ms: int, kind: Kind = Kind.POST) -> int:
    """Ask at one moment until something is refused; how many were not."""
    for count in range(100_000):
        if rates.charge(kind, asker, now_ms):
            return count
    raise AssertionError("nothing is ever refused")


# One bucket


def test_a_burst_is_let_through_and_one_more_is_not() -> None:
    rates = posting()
    assert [rates.charge(Kind.POST, ANN, NOON_MS) for _ in range(POST.burst)] == [0] * POST.burst
    assert rates.charge(Kind.POST, ANN, NOON_MS) == POST.every_ms


def test_who_waits_as_told_is_let_through_and_who_comes_earlier_is_not() -> None:
    rates = posting()
    spend(rates, ANN, NOON_MS)
    assert rates.charge(Kind.POST, ANN, NOON_MS + 150) == 50
    assert rates.charge(Kind.POST, ANN, NOON_MS + 199) == 1
    assert rates.charge(Kind.POST, ANN, NOON_MS + 200) == 0
    assert rates.charge(Kind.POST, ANN, NOON_MS + 200) == 200


def test_what_is_refused_costs_nothing() -> None:
    rates = posting()
    spend(rates, ANN, NOON_MS)
    for _ in range(1_000):
        assert rates.charge(Kind.POST, ANN, NOON_MS + 199) == 1
    assert rates.charge(Kind.POST, ANN, NOON_MS + 200) == 0


def test_a_bucket_fills_one_by_one_up_to_the_burst() -> None:
    rates = posting()
    spend(rates, ANN, NOON_MS)
    assert spend(rates, ANN, NOON_MS + 3 * POST.every_ms) == 3
    assert spend(rates, ANN, NOON_MS + 1_000 * POST.every_ms) == POST.burst


def test_an_outbox_of_a_hundred_messages_takes_sixteen_seconds() -> None:
    rates, now_ms = Rates(), NOON_MS
    for _ in range(100):
        while wait_ms := rates.charge(Kind.POST, ANN, now_ms):
            now_ms += wait_ms
    assert now_ms - NOON_MS == 16_000


@pytest.mark.parametrize(("every_ms", "burst"), [(0, 1), (1, 0), (-1, 5)])
def test_a_limit_that_allows_nothing_or_everything_is_none(every_ms: int, burst: int) -> None:
    with pytest.raises(ValueError, match=f"a limit of {burst} at once and one per {every_ms} ms is none"):
        Limit(every_ms=every_ms, burst=burst)


def test_the_smallest_limit() -> None:
    rates = posting(Limit(every_ms=1, burst=1))
    assert [rates.charge(Kind.POST, ANN, NOON_MS + at) for at in (0, 0, 1, 1)] == [0, 1, 0, 1]


# Whose requests are counted together


def test_kinds_are_counted_apart() -> None:
    rates = Rates()
    spend(rates, ANN, NOON_MS)
    for kind in set(Kind) - {Kind.POST}:
        assert rates.charge(kind, ANN, NOON_MS) == 0


def test_what_has_no_limit_is_let_through_and_not_remembered() -> None:
    rates = posting()
    assert {rates.charge(Kind.READ, ANN, NOON_MS) for _ in range(10_000)} == {0}
    assert len(rates) == 0


@pytest.mark.parametrize(
    ("scope", "same"),
    [
        (Scope.CONNECTION, Asker(1, "bob", "192.0.2.2")),
        (Scope.NAME, Asker(2, "ann", "192.0.2.2")),
        (Scope.ADDRESS, Asker(2, "bob", "192.0.2.1")),
    ],
)
def test_askers_are_told_apart_by_the_scope(scope: Scope, same: Asker) -> None:
    rates = posting(scope=scope)
    spend(rates, ANN, NOON_MS)
    assert rates.charge(Kind.POST, same, NOON_MS) == POST.every_ms
    assert rates.charge(Kind.POST, Asker(2, "bob", "192.0.2.2"), NOON_MS) == 0


def test_what_tells_nobody_apart_is_not_limited() -> None:
    rates = Rates({Kind.POST: {Scope.NAME: POST, Scope.ADDRESS: POST}})
    nobody = Asker(1, None, None)
    assert {rates.charge(Kind.POST, nobody, NOON_MS) for _ in range(1_000)} == {0}
    assert len(rates) == 0


def test_all_buckets_are_charged_or_none() -> None:
    rates = Rates({Kind.POST: {Scope.NAME: Limit(100, 2), Scope.ADDRESS: Limit(30, 3)}})
    ann, bob = Asker(1, "ann", "192.0.2.1"), Asker(2, "bob", "192.0.2.1")
    assert [rates.charge(Kind.POST, ann, NOON_MS) for _ in range(3)] == [0, 0, 100]
    assert [rates.charge(Kind.POST, bob, NOON_MS) for _ in range(2)] == [0, 30]
    assert rates.charge(Kind.POST, ann, NOON_MS) == 100
    assert rates.charge(Kind.POST, bob, NOON_MS + 30) == 0
    assert rates.charge(Kind.POST, ann, NOON_MS + 99) == 1
    assert rates.charge(Kind.POST, ann, NOON_MS + 100) == 0


# Time


@pytest.mark.parametrize("back_ms", [1, 3_600_000, NOON_MS])
def test_a_clock_that_is_put_back_makes_nobody_wait_longer(back_ms: int) -> None:
    rates = posting()
    spend(rates, ANN, NOON_MS)
    assert rates.charge(Kind.POST, ANN, NOON_MS - back_ms) == POST.every_ms
    assert rates.charge(Kind.POST, ANN, NOON_MS - back_ms + POST.every_ms) == 0
    assert spend(rates, ANN, NOON_MS - back_ms + POST.every_ms * (POST.burst + 1)) == POST.burst


def test_a_clock_that_is_put_back_gives_nobody_more() -> None:
    rates = posting()
    spend(rates, ANN, NOON_MS)
    assert spend(rates, ANN, NOON_MS - 3_600_000) == 0
    assert spend(rates, ANN, NOON_MS - 3_600_000 + 2 * POST.every_ms) == 2


class Tokens:
    """The bucket as a person would describe it: so many tokens, and a part of one more with each millisecond."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.tokens = Fraction(limit.burst)

    def pass_ms(self, passed_ms: int) -> None:
        self.tokens = min(self.tokens + Fraction(passed_ms, self.limit.every_ms), Fraction(self.limit.burst))

    @property
    def wait_ms(self) -> Fraction:
        return max(Fraction(0), (1 - self.tokens) * self.limit.every_ms)


limits = st.builds(Limit, every_ms=st.integers(1, 50), burst=st.integers(1, 6))


@given(
    name=limits,
    address=limits,
    steps=st.lists(st.tuples(st.sampled_from("ab"), st.integers(-300, 60)), min_size=30, max_size=120),
)
@settings(deadline=None)
def test_it_does_what_tokens_would(name: Limit, address: Limit, steps: list[tuple[str, int]]) -> None:
    rates = Rates({Kind.READ: {Scope.NAME: name, Scope.ADDRESS: address}})
    tokens = {"a": Tokens(name), "b": Tokens(name), "address": Tokens(address)}
    now_ms = NOON_MS
    for asker, step_ms in steps:
        now_ms += step_ms
        for each in tokens.values():
            each.pass_ms(max(step_ms, 0))
        mine = (tokens[asker], tokens["address"])
        wait_ms = rates.charge(Kind.READ, Asker(1, asker, "192.0.2.1"), now_ms)
        assert wait_ms == max(each.wait_ms for each in mine)
        assert wait_ms <= max(name.every_ms, address.every_ms)
        if not wait_ms:
            for each in mine:
                each.tokens -= 1


# What is remembered


def test_full_buckets_are_forgotten() -> None:
    rates = posting()
    for at in range(50 * rates_module.SWEEP_FIRST):
        assert rates.charge(Kind.POST, ANN._replace(name=f"name {at}"), NOON_MS + at) == 0
    assert len(rates) <= rates_module.SWEEP_FIRST


def test_a_bucket_that_is_not_full_is_kept_while_others_are_forgotten() -> None:
    rates = posting()
    spend(rates, ANN, NOON_MS)
    for at in range(10 * rates_module.SWEEP_FIRST):
        rates.charge(Kind.POST, ANN._replace(name=f"name {at}"), NOON_MS + at // 100)
    assert rates.charge(Kind.POST, ANN, NOON_MS + 150) == 50


def test_a_flood_of_askers_that_are_all_busy_is_bounded_and_those_who_owe_most_are_kept() -> None:
    rates = posting()
    spend(rates, ANN, NOON_MS)
    most = 0
    for at in range(3 * BUCKETS_MAX):
        assert rates.charge(Kind.POST, ANN._replace(name=f"name {at}"), NOON_MS) == 0
        most = max(most, len(rates))
    assert most == BUCKETS_MAX
    assert rates.charge(Kind.POST, ANN, NOON_MS) == POST.every_ms


def test_sweeping_costs_little_for_each_asker(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0
    sweep = rates_module._Buckets._sweep

    def counted(self: rates_module._Buckets, time_ms: int) -> None:
        nonlocal looked_at
        looked_at += len(self)
        sweep(self, time_ms)

    monkeypatch.setattr(rates_module._Buckets, "_sweep", counted)
    rates = posting()
    for at in range(5 * BUCKETS_MAX):
        rates.charge(Kind.POST, ANN._replace(name=f"name {at}"), NOON_MS)
    assert 0 < looked_at <= 2 * 5 * BUCKETS_MAX


# The limits that are in force where nothing else is said


def test_what_one_client_does_is_within_the_limits() -> None:
    rates = Rates()
    ann = Asker(1, "ann", "192.0.2.1")
    # A paste, a receipt for each of a hundred rooms on coming back and then four a second from five of them, and
    # twenty pages a second, as a key that is held down may scroll: for a minute.
    assert spend(rates, ann, NOON_MS) == 20
    assert {rates.charge(Kind.READ, ann, NOON_MS) for _ in range(100)} == {0}
    for at in range(60 * 20):
        now_ms = NOON_MS + 250 + at * 50
        assert rates.charge(Kind.READ, ann, now_ms) == 0
        assert rates.charge(Kind.HISTORY, ann, now_ms) == 0


def test_one_connection_leaves_something_to_the_others_of_its_owner() -> None:
    for kind in (Kind.READ, Kind.HISTORY):
        rates = Rates()
        wild, quiet = Asker(1, "ann", "192.0.2.1"), Asker(2, "ann", "192.0.2.1")
        for at in range(10_000):
            rates.charge(kind, wild, NOON_MS + at)
        assert rates.charge(kind, quiet, NOON_MS + 10_000) == 0


@pytest.mark.parametrize("kind", list(Kind))
def test_an_address_has_ten_times_what_one_of_its_people_has(kind: Kind) -> None:
    scopes = DEFAULTS[kind]
    address, name = scopes[Scope.ADDRESS], scopes.get(Scope.NAME)
    assert name is None or (name.every_ms, address.burst) == (10 * address.every_ms, 10 * name.burst)


def test_who_has_a_name_cannot_be_locked_out_by_whoever_claims_it() -> None:
    without_name: Limits = {kind: DEFAULTS[kind] for kind in (Kind.HELLO, Kind.SIGN_UP)}
    assert all(set(scopes) == {Scope.ADDRESS} for scopes in without_name.values())


# Addresses


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", None),
        ("127.255.255.255", None),
        ("128.0.0.0", "128.0.0.0"),
        ("::1", None),
        ("::2", "::/64"),
        ("::ffff:127.0.0.1", None),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_an_origin_is_an_address_or_the_network_of_one(address: str, whose: str | None) -> None:
    assert origin(address) == whose


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "/run/chat.sock"])
def test_what_is_no_address_has_no_origin(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        origin(text)
