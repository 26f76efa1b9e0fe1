"""What the rate limits cost: time per request, memory per bucket, and the longest pause of a sweep.

    python -m tests.benchmarks.bench_rates

Run it alone on an idle machine and take the ratios.
"""

import sys
import tracemalloc
from time import perf_counter

from chat_server.rates import BUCKETS_MAX, Asker, Kind, Rates

REQUESTS = 300_000
ASKERS = 10_000
NOON_MS = 1_795_521_600_000


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def askers(count: int) -> list[Asker]:
    return [Asker(each, f"name {each}", f"192.0.{each >> 8}.{each & 255}") for each in range(count)]


def checks(kind: Kind, crowd: list[Asker], pause_ms: int, what: str) -> None:
    """So many requests in turns of the askers, this long after one another."""
    rates = Rates()
    asking = [crowd[each % len(crowd)] for each in range(REQUESTS)]
    refused = 0
    start = perf_counter()
    for at, asker in enumerate(asking):
        refused += rates.charge(kind, asker, NOON_MS + at * pause_ms) > 0
    each_us = (perf_counter() - start) / REQUESTS * 1e6
    say(f"{kind:8} {what:30} {each_us:5.2f} µs, {refused / REQUESTS:4.0%} refused, {len(rates):6,} buckets")


def memory() -> None:
    crowd = askers(BUCKETS_MAX)
    rates = Rates()
    tracemalloc.start()
    for asker in crowd:
        rates.charge(Kind.POST, asker, NOON_MS)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    say(f"{len(rates):,} buckets: {size / len(rates):.0f} bytes each, names and addresses not counted")


def longest_pause() -> None:
    """Of a flood of new askers who are all busy, so that each sweep has most to look at."""
    rates = Rates()
    longest_s = 0.0
    for asker in askers(5 * BUCKETS_MAX):
        start = perf_counter()
        rates.charge(Kind.SIGN_UP, asker, NOON_MS)
        longest_s = max(longest_s, perf_counter() - start)
    say(f"the longest pause while {5 * BUCKETS_MAX:,} addresses come at once: {longest_s * 1_000:.1f} ms")


def main() -> None:
    crowd = askers(ASKERS)
    for kind in Kind:
        checks(kind, crowd, 1, "of 10,000 askers")
    checks(Kind.POST, crowd[:1], 0, "of one who floods")
    checks(Kind.POST, [asker._replace(address=None) for asker in crowd], 1, "of 10,000 on this machine")
    memory()
    longest_pause()


if __name__ == "__main__":
    main()
