"""How costs grow: with the members of a room, and with its messages."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Final

from tests.benchmarks.bench_store import opened, weight
from tests.benchmarks.figures import Gap, Measuring, Point, Skipped
from tests.benchmarks.histories import keep, room_of
from tests.benchmarks.load.driver import Load
from tests.benchmarks.loads import fresh
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.subjects import Kind

PART: Final = "growth"
WINDOW: Final = 64
VISIBLE: Final = 100
VISIT: Final = 300
"""So many messages everybody reads at once, however long the history is."""


def run(sizes: Sizes) -> Measuring:
    for kind in (Kind.OURS, *sizes.kinds):
        for members in sizes.grown_members:
            curve = f"server CPU per delivery in µs, by members: {kind.value}"
            try:
                loaded = fresh(kind, members, Load(sizes.drive_s, WINDOW))
            except Skipped as why:
                yield Gap(PART, f"{curve}, {members:,}", str(why))
                continue
            yield Point(curve, members, loaded.delivery_us)
    for messages in sizes.grown_messages:
        yield from _longer(messages)


def _longer(messages: int) -> Measuring:
    room = room_of(messages, advances=max(messages // VISIT, 1))
    asked = "a question in ms, by messages"
    yield Point(f"{asked}: read-by of one", messages, _ms(lambda: room.readers(messages // 2)))
    yield Point(
        f"{asked}: counts of {VISIBLE}", messages, _ms(lambda: room.tallies(messages - VISIBLE + 1, messages))
    )
    yield Point(f"{asked}: unread of one member", messages, _ms(lambda: room.unread_count("member1")))
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        directory = Path(folder) / "data"
        asyncio.run(keep(directory, room))
        yield Point("start in s, by messages: from a snapshot", messages, asyncio.run(opened(directory))[0])
        size = sum(each.stat().st_size for each in directory.iterdir() if each.name.startswith("snapshot"))
        yield Point("a message in bytes, by messages: on disk", messages, size / messages)
        yield Point("a message in bytes, by messages: in memory", messages, weight(directory))


def _ms(ask: Callable[[], object]) -> float:
    """The best of three in processor time, as there is one point of each."""
    taken = []
    for _ in range(3):
        began_s = process_time()
        ask()
        taken.append(process_time() - began_s)
    return 1_000 * min(taken)
