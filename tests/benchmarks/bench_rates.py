"""What the rate limits cost: time per request, memory per bucket, and the longest pause of a sweep."""

import tracemalloc
from time import perf_counter
from typing import Final

from chat_server.rates import BUCKETS_MAX, Asker, Kind, Rates
from tests.benchmarks.figures import Figure, Measuring
from tests.benchmarks.sizes import Sizes

PART: Final = "rate limits"
ASKERS: Final = 10_000
NOON_MS: Final = 1_795_521_600_000


def run(sizes: Sizes) -> Measuring:
    crowd = askers(ASKERS)
    for kind in Kind:
        yield checks(sizes.checks, kind, crowd, 1, "of 10,000 askers")
    yield checks(sizes.checks, Kind.POST, crowd[:1], 0, "of one who floods")
    here = [asker._replace(address=None) for asker in crowd]
    yield checks(sizes.checks, Kind.POST, here, 1, "of 10,000 on this machine")
    yield Figure(PART, "a bucket, without names and addresses", bucket_bytes(), "B")
    yield Figure(PART, f"longest pause while {5 * BUCKETS_MAX:,} addresses come", longest_pause_ms(), "ms")


def askers(number: int) -> list[Asker]:
    return [Asker(each, f"name {each}", f"192.0.{each >> 8}.{each & 255}") for each in range(number)]


def checks(requests: int, kind: Kind, crowd: list[Asker], pause_ms: int, what: str) -> Figure:
    """So many requests in turns of the askers, this long after one another."""
    rates = Rates()
    asking = [crowd[each % len(crowd)] for each in range(requests)]
    refused = 0
    start = perf_counter()
    for at, asker in enumerate(asking):
        refused += rates.charge(kind, asker, NOON_MS + at * pause_ms) > 0
    each_us = (perf_counter() - start) / requests * 1e6
    return Figure(PART, f"{kind} {what}", each_us, "µs", note=f"{refused / requests:.0%} refused")


def bucket_bytes() -> float:
    crowd = askers(BUCKETS_MAX)
    rates = Rates()
    tracemalloc.start()
    for asker in crowd:
        rates.charge(Kind.POST, asker, NOON_MS)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / len(rates)


def longest_pause_ms() -> float:
    """Of a flood of new askers who are all busy, so that each sweep has most to look at."""
    rates = Rates()
    longest_s = 0.0
    for asker in askers(5 * BUCKETS_MAX):
        start = perf_counter()
        rates.charge(Kind.SIGN_UP, asker, NOON_MS)
        longest_s = max(longest_s, perf_counter() - start)
    return 1_000 * longest_s
