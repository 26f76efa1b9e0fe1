"""What a delivery costs: processor time of the server, at saturation and well below it."""

from typing import Final

from tests.benchmarks.figures import Figure, Gap, Goal, Measuring, Skipped, at_most, at_most_times
from tests.benchmarks.load.driver import Load, percentile_ms
from tests.benchmarks.loads import Loaded, fresh
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.subjects import Kind

PART: Final = "fan-out"
WINDOW: Final = 64
WIDE: Final = 512
"""Who gathers for some milliseconds is saturated by more messages at once than who writes each."""
GOALS_US: Final = (4.0, 1.0, 0.5)


def run(sizes: Sizes) -> Measuring:
    yield from _saturated(sizes)
    yield from _many_rooms(sizes)
    yield from _steady(sizes)


def _saturated(sizes: Sizes) -> Measuring:
    for members, bound in zip(sizes.members, GOALS_US, strict=False):
        costs: dict[Kind, float] = {}
        for kind in sizes.kinds:
            name = f"{kind.value}, {members:,} members"
            try:
                loaded = fresh(kind, members, Load(sizes.drive_s, WINDOW))
            except Skipped as why:
                yield Gap(PART, name, str(why))
                continue
            costs[kind] = loaded.delivery_us
            yield Figure(PART, name, loaded.delivery_us, "µs/delivery", note=loaded.note)
        for kind, window in ((Kind.OURS, WINDOW), (Kind.OURS, WIDE), (Kind.OURS_UVLOOP, WIDE)):
            goal = at_most(bound) if kind is Kind.OURS and window == WIDE else None
            yield from _ours(kind, members, Load(sizes.drive_s, window), goal, costs)
        if members == sizes.middle:
            yield from _against_go(members, Load(sizes.drive_s, WIDE), costs)


def _ours(kind: Kind, members: int, load: Load, goal: Goal | None, costs: dict[Kind, float]) -> Measuring:
    name = f"{kind.value}, {members:,} members, window {load.window}"
    try:
        loaded = fresh(kind, members, load)
    except Skipped as why:
        yield Gap(PART, name, str(why))
        return
    anchor = Kind.RAW_JOINED.value
    joined = costs.get(Kind.RAW_JOINED)
    yield Figure(PART, name, loaded.delivery_us, "µs/delivery", goal, anchor, joined, loaded.note)


def _against_go(members: int, load: Load, costs: dict[Kind, float]) -> Measuring:
    """The usual chat, as the other language that is chosen for it has it."""
    name = f"{Kind.OURS.value} against {Kind.GO.value}, {members:,} members"
    if Kind.GO not in costs:
        yield Gap(PART, name, f"there is no figure of {Kind.GO.value}")
        return
    loaded = fresh(Kind.OURS, members, load)
    goal = at_most_times(1 / 10)
    yield Figure(PART, name, loaded.delivery_us, "µs/delivery", goal, Kind.GO.value, costs[Kind.GO], loaded.note)


def _many_rooms(sizes: Sizes) -> Measuring:
    rooms, members = sizes.rooms

    def saturated(kind: Kind) -> Loaded:
        return fresh(kind, members, Load(sizes.drive_s, WIDE), rooms=rooms)

    name = f"{rooms} rooms of {members}"
    try:
        ours, naive = saturated(Kind.OURS), saturated(Kind.BROADCAST)
    except Skipped as why:
        yield Gap(PART, name, str(why))
        return
    goal, anchor = at_most_times(1 / 3), Kind.BROADCAST.value
    yield Figure(PART, name, ours.delivery_us, "µs/delivery", goal, anchor, naive.delivery_us, ours.note)


def _steady(sizes: Sizes) -> Measuring:
    members = sizes.middle
    load = Load(sizes.drive_s, rate=sizes.deliveries / members, timed=True)
    name = f"{sizes.deliveries:,} deliveries/s, {members} members"
    try:
        ours = fresh(Kind.OURS, members, load)
        yield Figure(
            PART, f"{name}, p99", percentile_ms(ours.driven.latencies, 0.99), "ms", at_most(8), note=ours.note
        )
        each = fresh(Kind.RAW_EACH, members, load)
    except Skipped as why:
        yield Gap(PART, name, str(why))
        return
    goal, anchor = at_most_times(0.4), Kind.RAW_EACH.value
    yield Figure(PART, f"{name}, of a core", ours.core, "%", goal, anchor, each.core, ours.note)
