"""How long to wait with what the server will take later, because its disk is full. Pure."""

from typing import Final

FIRST_MS: Final = 2_000
LONGEST_MS: Final = 30_000
"""The pause doubles from the first to the longest, from one refusal to the next."""


class Holdup:
    """Whether something waits for the server's disk, and until when it is not tried."""

    def __init__(self) -> None:
        """Nothing waits."""
        self.until_ms: int | None = None
        """When to try again; None where nothing waits, and while it is being tried."""
        self.lasts = False
        """Whether the last answer was that it must wait."""
        self._pause_ms = FIRST_MS

    def begin(self, now_ms: int) -> None:
        """Something was refused for now; of several that were on their way together the first one counts."""
        self.lasts = True
        if self.until_ms is None:
            self.until_ms = now_ms + self._pause_ms
            self._pause_ms = min(2 * self._pause_ms, LONGEST_MS)

    def elapse(self, now_ms: int) -> bool:
        """Whether it is now time to try again; true once."""
        over = self.until_ms is not None and now_ms >= self.until_ms
        if over:
            self.until_ms = None
        return over

    def end(self) -> None:
        """Something was taken, or there is another connection: nothing has to wait."""
        self.until_ms, self.lasts, self._pause_ms = None, False, FIRST_MS
