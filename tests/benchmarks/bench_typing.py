"""From a key to its glyph on the terminal, while messages and receipts pour in.

Two connections make the load: another device of the client's own person, and somebody else. They write in turn
and read each other, so of each two messages one leads to a receipt for the client, and the other to word of what
its own person has read elsewhere.
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from tests.benchmarks.clients import ME, PATIENCE_S, client, memory_mb
from tests.benchmarks.figures import Figure, Gap, Measuring, Skipped, at_most
from tests.benchmarks.load.crowd import MARKED, Crowd, Peer
from tests.benchmarks.load.driver import Load, drive
from tests.benchmarks.ptys import OnPty
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.subjects import Kind, cpu_s_of, serving

PART: Final = "typing"
GOALS_MS: Final = (15.0, 25.0)
GLYPHS: Final = tuple(chr(code) for code in range(0x0410, 0x0450)) + tuple(
    chr(code) for code in range(0x0561, 0x0587)
)
"""Letters that no message has, so where one is written it is the key's."""
BETWEEN_S: Final = 0.05


def run(sizes: Sizes) -> Measuring:
    for rate, bound in zip(sizes.rates, GOALS_MS, strict=False):
        name = f"{rate:,} messages and {rate:,} receipts per second"
        try:
            taken_ms, held_mb, note = typed(rate, sizes)
        except (Skipped, TimeoutError) as why:
            yield Gap(PART, name, str(why))
            continue
        yield Figure(PART, f"key to glyph, {name}, p50", median(taken_ms), "ms")
        worst = sorted(taken_ms)[int(len(taken_ms) * 0.99)]
        yield Figure(PART, f"key to glyph, {name}, p99", worst, "ms", at_most(bound), note=note)
        yield Figure(PART, f"memory of the client after {name}", held_mb, "MB", at_most(60))


def typed(rate: int, sizes: Sizes) -> tuple[list[float], float, str]:
    """How many ms each key took; MB that the client held at the end; what tells whether to believe it."""
    duration_s = sizes.settled_s + sizes.keys * 2 * BETWEEN_S
    with ExitStack() as stack:
        subject = stack.enter_context(serving(Kind.OURS))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-")))
        peers = [Peer(subject.port) for _ in range(2)]
        crowd = stack.enter_context(Crowd([("general", peers)]))
        for each, name in zip(peers, (ME, "somebody"), strict=True):
            each.greet(name)
        for each in peers:
            each.mark("general")
            each.until(MARKED)
        screen = stack.enter_context(client(subject.port, folder))
        screen.until("general", PATIENCE_S)
        screen.read_for(sizes.settled_s)
        load = Load(duration_s, rate=rate, reads_every_s=0, receipts_each=0)
        threads = stack.enter_context(ThreadPoolExecutor(1))
        driving = threads.submit(drive, crowd, load)
        screen.read_for(sizes.settled_s)
        began_s, cpu_s = perf_counter(), cpu_s_of(screen.process.pid)
        taken_ms = [_key_ms(screen, at) for at in range(sizes.keys)]
        busy = (cpu_s_of(screen.process.pid) - cpu_s) / (perf_counter() - began_s)
        held_mb = memory_mb(screen.process.pid)
        driven = driving.result()
    sent = driven.posted / driven.elapsed_s
    return taken_ms, held_mb, f"{sent:,.0f} messages/s came about; client {100 * busy:.0f} % of a core"


def _key_ms(screen: OnPty, at: int) -> float:
    """Each letter once, then all of them again in an empty line."""
    if at and at % len(GLYPHS) == 0:
        screen.type("\x15")
        screen.read_for(BETWEEN_S)
    glyph = GLYPHS[at % len(GLYPHS)]
    screen.read_for(BETWEEN_S + at % 7 / 1_000)
    began_s = perf_counter()
    screen.type(glyph)
    screen.until(glyph, PATIENCE_S)
    return 1_000 * (perf_counter() - began_s)
