"""A run as a table: for a terminal, beside another run if there is one, and as Markdown for the documentation."""

from collections.abc import Iterator, Mapping

from rich.markup import escape
from rich.table import Table

from tests.benchmarks.figures import Figure, Run, number
from tests.benchmarks.machine import described

COLUMNS = ("figure", "value", "unit", "anchor", "ratio", "goal", "met")
MET = {True: "yes", False: "no", None: ""}
COLOURS = {True: "green", False: "red", None: "default"}


def cells(figure: Figure) -> tuple[str, ...]:
    """As in `COLUMNS`."""
    anchor = "" if figure.anchored is None else f"{figure.anchor}: {number(figure.anchored)}"
    ratio = "" if figure.ratio is None else number(figure.ratio)
    goal = "" if figure.goal is None else str(figure.goal)
    return figure.name, number(figure.value), figure.unit, anchor, ratio, goal, MET[figure.is_met]


def table(run: Run, before: Run | None = None) -> Table:
    """For a terminal; with what the other run had, and how much has changed since, where one is given."""
    old = {} if before is None else {each.key: each.value for each in before.figures}
    drawn = Table(title=escape(described(run.machine)), caption=f"{run.sizes} run, {run.began}")
    for column in (*COLUMNS, *(("before", "change") if before else ()), "note"):
        is_number = column in ("value", "ratio", "before", "change")
        is_long = column in ("figure", "anchor", "note")
        drawn.add_column(column, justify="right" if is_number else "left", no_wrap=not is_long)
    for part, figures in by_part(run).items():
        drawn.add_section()
        drawn.add_row(f"[bold]{escape(part)}")
        for each in figures:
            compared = _compared(each, old) if before else ()
            shown = (*cells(each), *compared, each.note)
            drawn.add_row(*map(escape, shown), style=COLOURS[each.is_met])
    for gap in run.gaps:
        drawn.add_row(escape(f"{gap.part}: {gap.name}"), "", "", escape(f"not measured: {gap.why}"))
    return drawn


def _compared(figure: Figure, old: Mapping[str, float]) -> tuple[str, str]:
    value = old.get(figure.key)
    if value is None:
        return "", "new"
    return number(value), f"{100 * (figure.value / value - 1):+.0f} %" if value else ""


def by_part(run: Run) -> dict[str, list[Figure]]:
    parts: dict[str, list[Figure]] = {}
    for each in run.figures:
        parts.setdefault(each.part, []).append(each)
    return parts


def markdown(run: Run) -> Iterator[str]:
    """Lines: where it was measured, a table per part, and what was not measured."""
    yield f"Measured {run.began}, a {run.sizes} run, on {described(run.machine)}."
    for part, figures in by_part(run).items():
        yield f"\n### {part}\n"
        yield f"| {' | '.join((*COLUMNS, 'note'))} |"
        yield f"|{' --- |' * (len(COLUMNS) + 1)}"
        for each in figures:
            yield f"| {' | '.join((*cells(each), each.note))} |"
    if run.gaps:
        yield "\n### Not measured\n"
        for gap in run.gaps:
            yield f"- {gap.part}: {gap.name}: {gap.why}"
