"""What the client takes to be there, and what it holds when it is."""

import asyncio
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from tests.benchmarks.clients import PATIENCE_S, client, memory_mb
from tests.benchmarks.figures import Figure, Gap, Measuring, Skipped, at_most
from tests.benchmarks.histories import keep, room_of
from tests.benchmarks.ptys import OnPty
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.subjects import Kind, serving

PART: Final = "starting"
EMPTY: Final = (sys.executable, "-m", "tests.benchmarks.empty")
DISCARD: Final = 9
"""A port at which nobody is: the first paint does not wait for a server."""
PAGE_S: Final = 0.1
PAGE_UP: Final = "\x1b[5~"


def run(sizes: Sizes) -> Measuring:
    empty, ours = first_paints(sizes.starts)
    yield Figure(PART, "first paint, an empty application", empty, "ms")
    yield Figure(PART, "first paint, chat-tui", ours, "ms")
    yield Figure(PART, "first paint, on top of an empty application", ours - empty, "ms", at_most(80))
    for messages in sizes.kept:
        name = f"memory in a room of {messages:,}, after {sizes.pages} pages"
        try:
            held_mb = held(messages, sizes)
        except Skipped as why:
            yield Gap(PART, name, str(why))
            continue
        yield Figure(PART, name, held_mb, "MB", at_most(60))


def first_paints(starts: int) -> tuple[float, float]:
    """Medians in ms from the start of the process, of an empty application and of the client, in turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        for _ in range(starts + 1):
            taken[0].append(_painted_ms(OnPty(EMPTY), "painted"))
            taken[1].append(_painted_ms(client(DISCARD, Path(folder)), "general"))
    # The first of each reads from the disk what all others find in memory.
    empty, ours = (median(times[1:]) for times in taken)
    return empty, ours


def _painted_ms(screen: OnPty, word: str) -> float:
    with screen:
        screen.until(word, PATIENCE_S)
        return 1_000 * screen.age_s


def held(messages: int, sizes: Sizes) -> float:
    """MB of the client that has been in such a room and has paged up in it."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        asyncio.run(keep(folder / "data", room_of(messages)))
        with serving(Kind.OURS, folder / "data") as subject, client(subject.port, folder) as screen:
            screen.until("Deploy", PATIENCE_S)
            screen.read_for(sizes.settled_s)
            for _ in range(sizes.pages):
                screen.type(PAGE_UP)
                screen.read_for(PAGE_S)
            return memory_mb(screen.process.pid)
