"""What was sent from a composer, to be written again. Pure; kept in memory only, as messages are nobody else's.

Going back gives the lines that hold what was written when one began to, the newest first; coming forward past the
newest gives that back. Whoever changes a line that was given begins anew, with the line as it is then.
"""

from collections import deque
from typing import Final

LINES_MAX: Final = 200


class SentLines:
    """The latest `LINES_MAX` lines, and where in them one is."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._lines: deque[str] = deque(maxlen=LINES_MAX)
        """The newest first, none twice in a row."""
        self._begun = ""
        """What was written when one began to go back."""
        self._found: list[str] = []
        """What one goes through, the newest first; empty while one does not."""
        self._at = -1
        """Where in `_found` one is; before its beginning is `_begun`."""

    def add(self, line: str) -> None:
        """A line was sent; going back begins with it again."""
        if not self._lines or self._lines[0] != line:
            self._lines.appendleft(line)
        self._found, self._at = [], -1

    def older(self, written: str) -> str | None:
        """The line before the one that is `written`; None where there is none."""
        if self._at < 0 or written != self._found[self._at]:
            self._begin(written)
        if self._at + 1 >= len(self._found):
            return None
        self._at += 1
        return self._found[self._at]

    def newer(self, written: str) -> str | None:
        """The line after the one that is `written`, or what one began with; None where one has not gone back."""
        if self._at < 0 or written != self._found[self._at]:
            return None
        self._at -= 1
        return self._found[self._at] if self._at >= 0 else self._begun

    def _begin(self, written: str) -> None:
        sought = written.casefold()
        held = (line for line in self._lines if sought in line.casefold() and line != written)
        self._begun, self._found, self._at = written, list(dict.fromkeys(held)), -1
