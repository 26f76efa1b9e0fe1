"""Many connections: what one costs that only is there, what it costs to come, what those cost who do not read."""

from contextlib import closing
from typing import Final

from tests.benchmarks.figures import Figure, Gap, Goal, Measuring, Skipped, at_least, at_most, at_most_times
from tests.benchmarks.load.crowd import Peer, crowd
from tests.benchmarks.load.driver import Load, percentile_ms
from tests.benchmarks.loads import loaded
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.subjects import Kind, serving

PART: Final = "connections"
FIRST: Final = 100
"""What a server needs for the first of them is not theirs."""
CONTENT: Final = 600
RATE: Final = 100.0
STALL_S: Final = 8.0
"""Less than it takes until who stops reading is cut, which is more than this measures."""


def run(sizes: Sizes) -> Measuring:
    yield from _idle(sizes, Kind.OURS, at_most(16))
    for kind in sizes.kinds:
        yield from _idle(sizes, kind, None)
    yield from _handshakes(sizes)
    yield from _stalled(sizes)


def _idle(sizes: Sizes, kind: Kind, goal: Goal | None) -> Measuring:
    name = f"memory of an idle one, {kind.value}"
    try:
        with serving(kind) as subject:
            with crowd(subject.port, FIRST, ours=kind.is_ours):
                first = subject.memory_bytes
            with crowd(subject.port, sizes.idle, ours=kind.is_ours):
                each = (subject.memory_bytes - first) / (sizes.idle - FIRST)
    except Skipped as why:
        yield Gap(PART, name, str(why))
        return
    yield Figure(PART, name, each / 1024, "KiB", goal, note=f"{sizes.idle:,} connections")


def _handshakes(sizes: Sizes) -> Measuring:
    """Per second of the server's processor time, so how fast the other side is makes no difference."""
    try:
        with serving(Kind.OURS) as subject:
            for proved, goal in ((False, at_least(2_000)), (True, None)):
                cpu_s = subject.cpu_s
                for at in range(sizes.handshakes):
                    peer = Peer(subject.port)
                    with closing(peer.socket):
                        if proved:
                            peer.greet(f"n{at % 10}")
                rate = sizes.handshakes / max(subject.cpu_s - cpu_s, 0.01)
                how = "with proof of identity" if proved else "without proof"
                yield Figure(PART, f"handshakes {how}", rate, "per s of CPU", goal)
    except Skipped as why:
        yield Gap(PART, "handshakes", str(why))


def _stalled(sizes: Sizes) -> Measuring:
    """The same crowd: first everybody reads, then some have stopped."""
    members, stalled = sizes.crowd
    name = f"p99 of others, {stalled} of {members} stalled"
    duration_s = min(STALL_S, 2 * sizes.drive_s)
    try:
        with serving(Kind.OURS) as subject, crowd(subject.port, members, narrow=stalled) as gathered:
            load = Load(duration_s, rate=RATE, timed=True, content=CONTENT)
            before = loaded(subject, gathered, load)
            beside = loaded(
                subject, gathered, Load(duration_s, rate=RATE, timed=True, content=CONTENT, stalled=stalled)
            )
    except Skipped as why:
        yield Gap(PART, name, str(why))
        return
    p99s = [percentile_ms(each.driven.latencies, 0.99) for each in (beside, before)]
    yield Figure(PART, name, p99s[0], "ms", at_most_times(1.2), "while they read", p99s[1], beside.note)
