"""The benchmarks still run: each with hardly anything to do, so what they say of it is no figure of anything."""

import math
import os
import shutil
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from rich.console import Console

from tests.benchmarks import command, page
from tests.benchmarks.command import PARTS, measure
from tests.benchmarks.figures import (
    Figure,
    Gap,
    Machine,
    Point,
    Run,
    Skipped,
    at_least,
    at_most,
    at_most_times,
    number,
)
from tests.benchmarks.load.driver import Load, percentile_ms
from tests.benchmarks.loads import fresh
from tests.benchmarks.plot import plotted
from tests.benchmarks.sizes import TINY
from tests.benchmarks.subjects import ANCHORS, Kind
from tests.benchmarks.table import cells, markdown, table

can_run = pytest.mark.skipif(
    not (Path("/proc/self/stat").exists() and shutil.which("cc") and hasattr(os, "sched_setaffinity")),
    reason="the load generator needs Linux and a C compiler",
)
MACHINE = Machine("a processor", 2, "Linux 6", "CPython 3", {"websockets": "17"})


def a_run(*figures: Figure) -> Run:
    gap = Gap("fan-out", "Go gorilla", "go is not installed")
    return Run(MACHINE, "tiny", "2026-01-01 00:00 UTC", list(figures), [gap], [Point("cost in ms: ours", 10, 2)])


@can_run
@pytest.mark.parametrize("part", PARTS)
def test_each_part_measures_all_that_it_can_here(part: str) -> None:
    run = measure([part], TINY, lambda _: None)
    assert run.figures or run.points
    assert all(math.isfinite(each.value) for each in run.figures)
    assert len({each.key for each in run.figures}) == len(run.figures)
    assert {gap.why for gap in run.gaps} <= {
        "uvloop is not installed",
        "there is no figure of Go gorilla",
        "neither valkey-server nor redis-server is installed",
    }


@can_run
@pytest.mark.benchmark
@pytest.mark.parametrize("kind", ANCHORS)
def test_each_anchor_delivers_everything(kind: Kind) -> None:
    try:
        loaded = fresh(kind, 5, Load(0.2, window=8), rooms=2)
    except Skipped as why:
        pytest.skip(str(why))
    assert loaded.driven.delivered == 5 * loaded.driven.posted


def test_goals_are_of_the_value_or_of_the_ratio_to_the_anchor() -> None:
    assert Figure("a", "b", 4, "ms", at_most(4)).is_met
    assert not Figure("a", "b", 4.1, "ms", at_most(4)).is_met
    assert Figure("a", "b", 4, "ms", at_least(4)).is_met
    assert not Figure("a", "b", 3.9, "ms", at_least(4)).is_met
    assert Figure("a", "b", 4, "ms", at_most_times(0.5), "raw", 8).is_met
    assert not Figure("a", "b", 4, "ms", at_most_times(0.4), "raw", 8).is_met
    assert Figure("a", "b", 4, "ms", at_most_times(0.4)).is_met is None
    assert Figure("a", "b", 4, "ms").is_met is None


def test_numbers_have_three_digits() -> None:
    assert [number(each) for each in (0, 0.0123, 1.5, 12.34, 123.4, 12_345)] == [
        "0", "0.012", "1.5", "12.3", "123", "12,345",
    ]  # fmt: skip


def test_a_percentile_is_the_end_of_the_bucket_in_which_it_is_reached() -> None:
    assert percentile_ms([0] * 100, 0.5) == 0
    assert percentile_ms([98, 1, 0, 1], 0.5) == 0.01
    assert percentile_ms([98, 1, 0, 1], 0.99) == 0.02
    assert percentile_ms([98, 1, 0, 1], 1) == 0.04


def test_a_run_is_shown_beside_the_one_before() -> None:
    figure = Figure("fan-out", "ours", 2, "µs", at_most_times(0.5), "raw", 8, "nothing lost")
    assert cells(figure) == ("ours", "2", "µs", "raw: 8", "0.25", "≤ 0.5 of it", "yes")
    console = Console(width=300)
    with console.capture() as capture:
        console.print(table(a_run(figure), a_run(Figure("fan-out", "ours", 4, "µs"))))
    assert "-50 %" in capture.get()
    assert "not measured: go is not installed" in capture.get()


def test_a_run_is_written_between_the_markers_of_the_page_and_nowhere_else() -> None:
    run = a_run(Figure("fan-out", "ours", 2, "µs"))
    old = f"before\n{page.BEGIN}\nold figures\n{page.END}\nafter\n"
    filled = page.filled(old, run)
    assert filled.startswith(f"before\n{page.BEGIN}\n")
    assert filled.endswith(f"{page.END}\nafter\n")
    assert "old figures" not in filled
    assert "\n".join(markdown(run)) in filled
    assert page.filled(filled, run) == filled
    assert page.filled(page.PAGE.read_text(), run).count("| ours | 2 | µs |") == 1


def test_a_run_can_be_read_again_after_it_was_stored() -> None:
    run = a_run(Figure("fan-out", "ours", 2, "µs", at_most(4)))
    assert msgspec.json.decode(msgspec.json.encode(run), type=Run) == run


def test_curves_are_drawn_one_plot_for_each_title() -> None:
    points = [Point("a: x", 10, 1), Point("a: x", 1_000, 10), Point("a: y", 10, 5), Point("b: <z>", 10, 0.1)]
    drawn = plotted(points)
    assert drawn.count("<polyline") == 3
    assert drawn.count("<circle") == 4
    assert "&lt;z&gt;" in drawn


def test_only_a_whole_run_is_published() -> None:
    said = CliRunner().invoke(command.main, ["--publish", "--quick"])
    assert said.exit_code == 2
    assert "whole run" in said.output
