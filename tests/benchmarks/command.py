"""Runs the benchmarks one after the other, and says what came of them."""

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
import msgspec
from msgspec.structs import replace
from rich.console import Console

from tests.benchmarks import (
    bench_connections,
    bench_drawing,
    bench_fanout,
    bench_growth,
    bench_latency,
    bench_rates,
    bench_readings,
    bench_receipts,
    bench_starting,
    bench_store,
    bench_typing,
)
from tests.benchmarks.figures import Figure, Gap, Measured, Measuring, Point, Run
from tests.benchmarks.machine import here
from tests.benchmarks.page import PAGE, filled
from tests.benchmarks.plot import plotted
from tests.benchmarks.sizes import FULL, QUICK, Sizes
from tests.benchmarks.subjects import on_a_core_of_its_own
from tests.benchmarks.table import table

PARTS: Final[dict[str, Callable[[Sizes], Measuring]]] = {
    each.PART: each.run
    for each in (
        bench_fanout,
        bench_latency,
        bench_receipts,
        bench_readings,
        bench_connections,
        bench_store,
        bench_rates,
        bench_drawing,
        bench_typing,
        bench_starting,
        bench_growth,
    )
}
WIDTH: Final = 200
BASELINE: Final = Path(__file__).with_name("baseline.json")
GROWTH: Final = PAGE.with_name("growth.svg")


def measure(parts: Iterable[str], sizes: Sizes, tell: Callable[[Measured], None]) -> Run:
    """Run these parts, on a core of its own; each thing that is measured is told at once.

    Goals are for whole runs: of smaller sizes they say nothing.
    """
    run = Run(here(), sizes.name, f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", [], [], [])
    with on_a_core_of_its_own():
        for part in parts:
            for measured in PARTS[part](sizes):
                tell(measured)
                match measured:
                    case Figure():
                        run.figures.append(measured if sizes is FULL else replace(measured, goal=None))
                    case Gap():
                        run.gaps.append(measured)
                    case Point():
                        run.points.append(measured)
    return run


def _tell(measured: Measured) -> None:
    """One line on standard error, for who waits."""
    match measured:
        case Figure(key=key, value=value, unit=unit):
            line = f"{key}: {value:.4g} {unit}"
        case Gap(part=part, name=name, why=why):
            line = f"{part}: {name}: not measured: {why}"
        case Point(curve=curve, x=x, y=y):
            line = f"{curve}: {x:,.0f} → {y:.4g}"
    sys.stderr.write(line + "\n")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", type=click.Choice(list(PARTS)), multiple=True, help="May be repeated; all if left out.")
@click.option(
    "--quick", is_flag=True, help="Small sizes: minutes rather than half an hour, and no goals to judge by."
)
@click.option("--json", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write the run there.")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A stored run to compare with; tests/benchmarks/baseline.json where there is one.",
)
@click.option("--publish", is_flag=True, help="Write docs/performance.md, docs/growth.svg and the baseline.")
def main(*, only: tuple[str, ...], quick: bool, target: Path | None, against: Path | None, publish: bool) -> None:
    """Measure servers and client, beside anchors, on a machine that does nothing else meanwhile."""
    if publish and (only or quick):
        raise click.UsageError("--publish is for a whole run: leave out --only and --quick.")
    if against is None and BASELINE.exists():
        against = BASELINE
    before = None if against is None else msgspec.json.decode(against.read_bytes(), type=Run)
    run = measure(only or PARTS, QUICK if quick else FULL, _tell)
    # A file or a pipe has no width, and the table would be as narrow as the narrowest terminal.
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table(run, before))
    if target is not None:
        _store(run, target)
    if publish:
        _store(run, BASELINE)
        PAGE.write_text(filled(PAGE.read_text(), run))
        GROWTH.write_text(plotted(run.points))


def _store(run: Run, target: Path) -> None:
    target.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n")
