"""The documentation's table of figures, which a run writes, so that nobody types them."""

from pathlib import Path
from typing import Final

from tests.benchmarks.figures import Run
from tests.benchmarks.table import markdown

PAGE: Final = Path(__file__).parents[2] / "docs/performance.md"
CURVES: Final = "![Growth curves: costs by members and by messages](growth.svg)"
BEGIN: Final = "<!-- figures: written by `python -m tests.benchmarks --publish` -->"
END: Final = "<!-- end of figures -->"


def filled(page: str, run: Run) -> str:
    """The page with this run's figures between the markers, both of which must be in it."""
    before, begun, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    assert begun, f"the page lacks {BEGIN}"
    assert ended, f"the page lacks {END}"
    curves = (CURVES, "") if run.points else ()
    return "\n".join((before + BEGIN, "", *curves, *markdown(run), "", END + after))
