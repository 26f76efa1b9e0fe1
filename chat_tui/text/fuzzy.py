"""Finding names by a few of their letters. Pure.

`dpl` finds `deploys`: all letters in order, whatever their case. What matches sooner and more closely comes first.
"""

from collections.abc import Iterable


def rank(query: str, names: Iterable[str]) -> list[int]:
    """Where the names are that match, best first; all of them, in their order, where nothing is asked for."""
    found = [(score, at) for at, name in enumerate(names) if (score := _score(query, name)) is not None]
    return [at for _, at in sorted(found)]


def _score(query: str, name: str) -> tuple[int, int, int] | None:
    """The lower the better: letters between the matching ones, before them, and all; None for no match.

    Each letter is taken where it comes first after the one before it, from the best beginning.
    """
    wanted, letters = query.casefold().replace(" ", ""), name.casefold()
    if not wanted:
        return 0, 0, 0
    starts = [at for at, letter in enumerate(letters) if letter == wanted[0]]
    ends = [(start, end) for start in starts if (end := _end(wanted, letters, start)) is not None]
    spans = [(end - start - len(wanted), start) for start, end in ends]
    return (*min(spans), len(letters)) if spans else None


def _end(wanted: str, letters: str, start: int) -> int | None:
    """Where a match that begins at `start` ends; None where there is none."""
    at = start
    for letter in wanted:
        at = letters.find(letter, at) + 1
        if not at:
            return None
    return at
