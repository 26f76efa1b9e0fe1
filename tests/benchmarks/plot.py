"""Growth curves as SVG: small plots side by side, both axes logarithmic, so that a straight line is a power."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Final

from tests.benchmarks.figures import Point, number

WIDTH, HEIGHT = 480, 400
LEFT, RIGHT, BOTTOM = 62, 34, 40
LEGEND, LINE = 34, 14
"""Where the first curve's name stands, and how far below it the next."""
COLOURS: Final = ("#1a73e8", "#d93025", "#188038", "#9334e6", "#e37400", "#00838f", "#ad1457", "#5d4037")
Curves = Mapping[str, Sequence[tuple[float, float]]]


def plotted(points: Iterable[Point]) -> str:
    """One plot for all curves that begin with the same words before a colon; the curve's name stands after it."""
    plots: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for each in points:
        title, _, name = each.curve.partition(": ")
        plots.setdefault(title, {}).setdefault(name, []).append((each.x, each.y))
    rows = math.ceil(len(plots) / 2)
    drawn = "".join(
        f'<g transform="translate({at % 2 * WIDTH} {at // 2 * HEIGHT})">{"".join(_plot(*each))}</g>'
        for at, each in enumerate(plots.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {rows * HEIGHT}" '
        f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>{drawn}</svg>\n'
    )


def _plot(title: str, curves: Curves) -> Iterator[str]:
    every = [point for each in curves.values() for point in each]
    across = _Axis([x for x, _ in every], LEFT, WIDTH - RIGHT)
    top = LEGEND + LINE * len(curves)
    up = _Axis([y for _, y in every], HEIGHT - BOTTOM, top)
    yield f'<text x="{LEFT}" y="18" font-weight="bold">{escape(title)}</text>'
    for tick in across.ticks:
        x = across.at(tick)
        yield f'<path d="M{x:.1f} {top}V{HEIGHT - BOTTOM}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{number(tick)}</text>'
    for tick in up.ticks:
        y = up.at(tick)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{number(tick)}</text>'
    for at, (name, points) in enumerate(curves.items()):
        colour = COLOURS[at % len(COLOURS)]
        places = [(across.at(x), up.at(y)) for x, y in points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places)
        yield f'<text x="{LEFT}" y="{LEGEND + LINE * at}" fill="{colour}">{escape(name)}</text>'


class _Axis:
    """From the power of ten below all values to the one above them, onto pixels."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        powers = [math.log10(each) for each in values if each > 0]
        self._low, self._high = math.floor(min(powers)), math.ceil(max(powers))
        self._high += self._high == self._low
        self._begin, self._end = begin, end

    @property
    def ticks(self) -> Iterator[float]:
        return (10.0**power for power in range(self._low, self._high + 1))

    def at(self, value: float) -> float:
        share = (math.log10(max(value, 10**self._low)) - self._low) / (self._high - self._low)
        return self._begin + share * (self._end - self._begin)
