"""How much anybody may ask for, and how soon again: token buckets per connection, name and address. Pure.

A bucket is one number, the time at which it is full again (the generic cell rate algorithm, ITU-T I.371 §A):
each request puts that off by `every_ms`, and is refused where it would lie further ahead than `burst` requests.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from operator import itemgetter
from typing import Final, NamedTuple

BUCKETS_MAX: Final = 20_000
"""Buckets kept of one kind and scope; past it those that are nearest to full are forgotten, down to half."""
SWEEP_FIRST: Final = 1_000
"""So many buckets are kept before those that are full again are looked for."""


class Kind(StrEnum):
    """What requests are counted together."""

    HELLO = "hello"
    """Attempts to get in. Never by name: whoever said hello in somebody's name would lock them out."""
    SIGN_UP = "sign-up"
    """Names that were not known before. By address alone, for the same reason."""
    POST = "post"
    """What all members of a room are told of: messages, and who comes and goes."""
    READ = "read"
    HISTORY = "history"
    """Questions: pages, who has read a message, rooms, members."""
    SEARCH = "search"
    TYPING = "typing"
    """That one is writing: of use only while it is news."""


class Scope(IntEnum):
    """Whose requests are counted together: where in `Asker` that stands."""

    CONNECTION = 0
    NAME = 1
    ADDRESS = 2


class Asker(NamedTuple):
    """Who asks. What is None is not limited."""

    connection: int
    name: str | None
    """None until it is known to be theirs."""
    address: str | None
    """As `origin` has it: None for this machine itself, from which everybody comes who is logged in on it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests at once, and from then on one per interval."""

    every_ms: int
    burst: int

    def __post_init__(self) -> None:
        """Raise ValueError where nothing would ever be allowed, or everything."""
        if self.every_ms < 1 or self.burst < 1:
            raise ValueError(f"a limit of {self.burst} at once and one per {self.every_ms} ms is none")


Limits = Mapping[Kind, Mapping[Scope, Limit]]
"""What is left out is not limited."""

DEFAULTS: Final[Limits] = {
    # A company behind one address that comes back at once after a restart, and then some.
    Kind.HELLO: {Scope.ADDRESS: Limit(every_ms=100, burst=200)},
    Kind.SIGN_UP: {Scope.ADDRESS: Limit(every_ms=10_000, burst=30)},
    # An outbox of 100 messages is taken within 16 seconds.
    Kind.POST: {Scope.NAME: Limit(every_ms=200, burst=20), Scope.ADDRESS: Limit(every_ms=20, burst=200)},
    # The client tells each room's reads at most every 250 ms, and of all rooms at once when it comes back. One
    # device is left less than its owner has, here and below, so that one gone wild leaves something to the others.
    Kind.READ: {
        Scope.CONNECTION: Limit(every_ms=50, burst=100),
        Scope.NAME: Limit(every_ms=20, burst=250),
        Scope.ADDRESS: Limit(every_ms=2, burst=2_500),
    },
    # A page is 200 messages, and the client asks for the next once it has been scrolled through.
    Kind.HISTORY: {
        Scope.CONNECTION: Limit(every_ms=50, burst=100),
        Scope.NAME: Limit(every_ms=20, burst=250),
        Scope.ADDRESS: Limit(every_ms=2, burst=2_500),
    },
    Kind.SEARCH: {Scope.NAME: Limit(every_ms=250, burst=20), Scope.ADDRESS: Limit(every_ms=25, burst=200)},
    # Told every few seconds while somebody writes; each goes to all of a room.
    Kind.TYPING: {Scope.NAME: Limit(every_ms=2_000, burst=5), Scope.ADDRESS: Limit(every_ms=200, burst=50)},
}


class Rates:
    """All buckets of a server."""

    def __init__(self, limits: Limits = DEFAULTS) -> None:
        """Begin with every bucket full."""
        self._buckets = {
            kind: tuple(_Buckets(scope, limit) for scope, limit in limits.get(kind, {}).items()) for kind in Kind
        }
        self._clock_ms = 0
        self._time_ms = 0

    def __len__(self) -> int:
        """How many buckets are kept; those that are full need not be."""
        return sum(len(buckets) for each in self._buckets.values() for buckets in each)

    def charge(self, kind: Kind, asker: Asker, now_ms: int) -> int:
        """Take one request from all of the asker's buckets of this kind: 0.

        Or, where one of them has none left, take nothing, and return for how many milliseconds it would be refused
        still; never more than the longest `every_ms` of the kind. `now_ms` may be the time of day, and be put
        back.
        """
        time_ms = self._pass_time(now_ms)
        asked = self._buckets[kind]
        for buckets in asked:
            if buckets.wait_ms(asker[buckets.scope], time_ms) > 0:
                return max(each.wait_ms(asker[each.scope], time_ms) for each in asked)
        for buckets in asked:
            buckets.charge(asker[buckets.scope], time_ms)
        return 0

    def _pass_time(self, now_ms: int) -> int:
        """Time as the buckets know it: like the wall clock, but where that is put back it goes on from there.

        Otherwise who had used up a bucket would wait until the clock has caught up.
        """
        if now_ms > self._clock_ms:
            self._time_ms += now_ms - self._clock_ms
        self._clock_ms = now_ms
        return self._time_ms


class _Buckets:
    """The buckets of one kind and scope, by what tells askers apart there."""

    __slots__ = ("_every_ms", "_full_at", "_slack_ms", "_sweep_at", "scope")

    def __init__(self, scope: Scope, limit: Limit) -> None:
        self.scope = scope.value
        self._every_ms = limit.every_ms
        self._slack_ms = limit.every_ms * (limit.burst - 1)
        self._full_at: dict[Hashable, int] = {}
        self._sweep_at = SWEEP_FIRST

    def __len__(self) -> int:
        return len(self._full_at)

    def wait_ms(self, key: Hashable, time_ms: int) -> int:
        """How long until there is one left; 0 or less where there is, and where there is no key."""
        return self._full_at.get(key, 0) - time_ms - self._slack_ms

    def charge(self, key: Hashable, time_ms: int) -> None:
        if key is None:
            return
        self._full_at[key] = max(self._full_at.get(key, 0), time_ms) + self._every_ms
        if len(self._full_at) > self._sweep_at:
            self._sweep(time_ms)

    def _sweep(self, time_ms: int) -> None:
        """Forget the buckets that are full again; done once they have doubled, so that it costs little.

        Who can keep half of `BUCKETS_MAX` busy comes from so many places that one bucket more is no matter.
        """
        left = {key: full_at_ms for key, full_at_ms in self._full_at.items() if full_at_ms > time_ms}
        if len(left) > BUCKETS_MAX // 2:
            left = dict(sorted(left.items(), key=itemgetter(1))[-(BUCKETS_MAX // 2) :])
        self._full_at = left
        self._sweep_at = max(SWEEP_FIRST, 2 * len(left))


def origin(address: str) -> str | None:
    """What tells peers apart by their IP address: None for this machine itself.

    Of an IPv6 address it is the network of 64 bits, since whoever has one address has all of its network
    (RFC 6177 §2). Raises ValueError for what is no address.
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        if mapped is None:
            return None if parsed.is_loopback else str(ip_network((int(parsed), 64), strict=False))
        parsed = mapped
    return None if parsed.is_loopback else str(parsed)
