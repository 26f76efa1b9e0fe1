"""What it costs a server that everybody in a large room reads everything."""

from typing import Final

from tests.benchmarks.figures import Figure, Gap, Measuring, Skipped, at_most, at_most_times
from tests.benchmarks.load.driver import Load
from tests.benchmarks.loads import Loaded, fresh
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.subjects import Kind

PART: Final = "receipts"
AUTHORS: Final = 10
"""Of whom a conversation is at one time, however many read it."""
JOINED_S: Final = 0.25
"""So long a client joins what has been read."""
TICK_S: Final = 0.05
LONG_S: Final = 30.0
"""More than it takes, as the number of messages is what ends it."""


def run(sizes: Sizes) -> Measuring:
    try:
        yield from _one_each(sizes)
        yield from _joined(sizes)
    except Skipped as why:
        yield Gap(PART, f"{sizes.readers:,} readers", str(why))


def _one_each(sizes: Sizes) -> Measuring:
    """A frame per message and reader: as if everybody looked at each message alone."""
    readers = sizes.readers
    authors = min(AUTHORS, readers)
    each = Load(
        LONG_S, window=1, messages=sizes.read_messages, reads_every_s=0, receipts_each=readers - 1, authors=authors
    )
    ours = fresh(Kind.OURS, readers, each)
    yield _per_author(ours, "a frame per message", readers)
    everywhere = readers * (readers - 1)
    naive = Load(LONG_S, window=1, messages=sizes.naive_messages, reads_every_s=0, receipts_each=everywhere)
    naively = fresh(Kind.BROADCAST, readers, naive)
    name = f"{readers:,} read, a frame per message"
    anchor = f"each receipt to everybody, {Kind.BROADCAST.value}"
    yield Figure(PART, name, ours.message_ms, "ms/message", at_most(8), anchor, naively.message_ms, ours.note)
    goal = at_most_times(1 / 1_000)
    yield Figure(
        PART, f"{name}, beside the naive way", ours.message_ms, "ms/message", goal, anchor, naively.message_ms
    )


def _joined(sizes: Sizes) -> Measuring:
    """With ranges, as our client tells what has been read; beside the same conversation that nobody reads."""
    readers = sizes.readers
    authors = min(AUTHORS, readers)
    silent = fresh(Kind.OURS, readers, Load(sizes.drive_s, rate=sizes.read_rate, authors=authors))
    said = Load(
        sizes.drive_s, rate=sizes.read_rate, reads_every_s=JOINED_S, receipts_each=readers - 1, authors=authors
    )
    ours = fresh(Kind.OURS, readers, said)
    name = f"{readers:,} read, ranges"
    more_ms = max(ours.message_ms - silent.message_ms, 0)
    without = f"on top of {silent.message_ms:.2f} ms without receipts; {ours.note}"
    yield Figure(PART, name, more_ms, "ms/message", at_most(1), note=without)
    yield _per_author(ours, "ranges", readers)
    bytes_each = [each.driven.bytes / each.driven.posted for each in (ours, silent)]
    anchor, goal = "the same without receipts", at_most_times(1.15)
    yield Figure(PART, f"{name}, to all clients", bytes_each[0], "B/message", goal, anchor, bytes_each[1])


def _per_author(loaded: Loaded, how: str, members: int) -> Figure:
    driven = loaded.driven
    authors = min(AUTHORS, driven.posted, members)
    ticks = max(driven.elapsed_s / TICK_S, 1)
    frames = driven.receipt_frames / authors / ticks
    note = f"{driven.receipt_frames:,} frames for {driven.receipts:,} receipts"
    return Figure(PART, f"frames per author and 50 ms, {how}", frames, "frames", at_most(1), note=note)
