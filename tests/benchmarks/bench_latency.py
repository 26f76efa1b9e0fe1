"""How long a message takes from being sent to the last member's having it."""

import os
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from tests.benchmarks.figures import Figure, Gap, Measuring, Skipped, at_most, at_most_times
from tests.benchmarks.load.crowd import crowd
from tests.benchmarks.load.driver import Load, percentile_ms
from tests.benchmarks.loads import fresh, loaded
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.subjects import Kind, serving

PART: Final = "latency"
PAUSE_S: Final = 0.02
WIDE: Final = 512


def run(sizes: Sizes) -> Measuring:
    members = sizes.middle
    try:
        yield from _idle(sizes, members)
        yield from _half_saturated(sizes, members)
    except Skipped as why:
        yield Gap(PART, f"{members} members", str(why))


def _idle(sizes: Sizes, members: int) -> Measuring:
    load = Load(sizes.drive_s, window=1, pause_s=PAUSE_S)
    name = f"idle, post to last of {members}"
    sync = sync_ms()
    yield Figure(PART, "one write to disk (fsync)", sync, "ms")
    ours = fresh(Kind.OURS, members, load).driven.completions
    yield Figure(PART, f"{name}, p99", percentile_ms(ours, 0.99), "ms")
    p50 = percentile_ms(ours, 0.5)
    try:
        each = percentile_ms(fresh(Kind.RAW_EACH, members, load).driven.completions, 0.5)
    except Skipped as why:
        yield Figure(PART, f"{name}, p50", p50, "ms", note=f"without an anchor: {why}")
        return
    anchor = f"a write to disk, and 1.2 times {Kind.RAW_EACH.value} ({each:.2f} ms)"
    yield Figure(PART, f"{name}, p50", p50, "ms", at_most_times(1), anchor, sync + 1.2 * each)


def _half_saturated(sizes: Sizes, members: int) -> Measuring:
    """On one server: how much it takes, then half of that, at times set beforehand."""
    with serving(Kind.OURS) as subject, crowd(subject.port, members) as gathered:
        full = loaded(subject, gathered, Load(sizes.drive_s, WIDE)).driven
        rate = full.posted / full.elapsed_s / 2
        half = loaded(subject, gathered, Load(sizes.drive_s, rate=rate, timed=True))
    for share, goal in ((0.5, None), (0.99, at_most(15))):
        name = f"half of saturation, {members} members, p{share * 100:.0f}"
        yield Figure(PART, name, percentile_ms(half.driven.latencies, share), "ms", goal, note=half.note)


def sync_ms(times: int = 100) -> float:
    """The median of writing a message's line to a file, to last, where servers of a run have their data."""
    taken = []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, (Path(folder) / "file").open("ab", 0) as file:
        for _ in range(times):
            began_s = perf_counter()
            file.write(b"x" * 200)
            os.fsync(file.fileno())
            taken.append(perf_counter() - began_s)
    return 1_000 * median(taken)
