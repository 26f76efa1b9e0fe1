"""What the conversation costs to draw, by length of the history; the window that is held stays the same."""

import json
import os
import sys
from typing import Final

from tests.benchmarks.figures import Figure, Measuring, at_most
from tests.benchmarks.ptys import OnPty
from tests.benchmarks.sizes import Sizes

PART: Final = "drawing"
PATIENCE_S: Final = 120.0
NAIVE_MAX: Final = 1_000
"""More messages than these a widget per message does not take."""
GOALS_MS: Final = {
    "append": 3.0,
    "one tick": 1.5,
    "10,000 ticks": 5.0,
    "page": 4.0,
    "wheel step": 3.0,
    "resize": 15.0,
}
PAINTS_MS: Final = (25.0, 50.0)


def run(sizes: Sizes) -> Measuring:
    naive_messages = min(NAIVE_MAX, sizes.histories[0])
    naive = on_stage("naive", naive_messages, min(sizes.repeats, 5))
    for history, paint in zip(sizes.histories, PAINTS_MS, strict=False):
        for name, spent in on_stage("windowed", history, sizes.repeats).items():
            goal = at_most(GOALS_MS.get(name, paint))
            anchor = f"a widget per message, {naive_messages:,}"
            yield Figure(PART, f"{name}, room of {history:,}", spent, "ms of CPU", goal, anchor, naive[name])


def on_stage(kind: str, history: int, repeats: int) -> dict[str, float]:
    """Milliseconds by gesture, on a terminal whose output is read and dropped."""
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "tests.benchmarks.stage", str(writing), kind, str(history), str(repeats)]
    with OnPty(command, pass_fds=[writing]) as stage, os.fdopen(reading) as report:
        os.close(writing)
        stage.drain(PATIENCE_S)
        spent = json.load(report)
    assert isinstance(spent, dict)
    return spent
