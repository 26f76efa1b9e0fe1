"""What a benchmark says: figures, beside anchors, with goals; and why there is none. Kept as JSON."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

AT_MOST: Final = "≤"
AT_LEAST: Final = "≥"


class Skipped(Exception):
    """This cannot be measured here; the sentence says why."""


class Goal(Struct, frozen=True):
    """A bound on a figure, or on its ratio to the anchor."""

    sign: str
    bound: float
    of_ratio: bool = False

    def __str__(self) -> str:
        """As in a table, after the anchor."""
        return f"{self.sign} {number(self.bound)}{' of it' if self.of_ratio else ''}"


class Figure(Struct, frozen=True):
    """One thing that was measured."""

    part: str
    """Which benchmark it is of."""
    name: str
    """Unique within the part, and the same in every run: runs are compared by it."""
    value: float
    unit: str
    goal: Goal | None = None
    anchor: str = ""
    """What it is compared with, which was measured in the same run."""
    anchored: float | None = None
    """The anchor's value, in the same unit."""
    note: str = ""
    """What one has to know to believe it: the load generator's share of its core, what was lost."""

    @property
    def key(self) -> str:
        """By which it is found in another run."""
        return f"{self.part}: {self.name}"

    @property
    def ratio(self) -> float | None:
        """Times the anchor's value; None without one."""
        return self.value / self.anchored if self.anchored else None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None where there is none, or no anchor that it needs."""
        judged = self.ratio if self.goal and self.goal.of_ratio else self.value
        if self.goal is None or judged is None:
            return None
        return judged <= self.goal.bound if self.goal.sign == AT_MOST else judged >= self.goal.bound


class Gap(Struct, frozen=True):
    """What could not be measured, and why."""

    part: str
    name: str
    why: str


class Point(Struct, frozen=True):
    """One point of a growth curve."""

    curve: str
    x: float
    y: float


Measured = Figure | Gap | Point
Measuring = Iterator[Measured]


class Machine(Struct, frozen=True):
    """Where it was measured."""

    processor: str
    cores: int
    kernel: str
    python: str
    libraries: dict[str, str]


class Run(Struct, frozen=True):
    """All that one call of the command has measured."""

    machine: Machine
    sizes: str
    began: str
    """Date and time, in UTC."""
    figures: list[Figure]
    gaps: list[Gap]
    points: list[Point]


def at_most(bound: float) -> Goal:
    return Goal(AT_MOST, bound)


def at_least(bound: float) -> Goal:
    return Goal(AT_LEAST, bound)


def at_most_times(bound: float) -> Goal:
    """Of the anchor's value."""
    return Goal(AT_MOST, bound, of_ratio=True)


def at_least_times(bound: float) -> Goal:
    """Of the anchor's value."""
    return Goal(AT_LEAST, bound, of_ratio=True)


def number(value: float) -> str:
    """With three digits, or all those before the point."""
    if value == 0:
        return "0"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:,.0f}"
