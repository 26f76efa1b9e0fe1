"""An event loop's clock that stands still until a test moves it, so that time is nothing to wait for."""

import asyncio
from typing import Final

import pytest

MS: Final = 1 / 1024
"""Nearly a millisecond, in seconds; sums of it are exact."""


class Clock:
    """The running event loop's, from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stop it."""
        self.now_s = 1_000.0
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: self.now_s)

    async def pass_(self, seconds: float) -> None:
        """Move it on, and let everybody run whose time has come."""
        self.now_s += seconds
        await settle()


async def settle() -> None:
    """Let everybody run who can, as far as they get without the clock."""
    for _ in range(10):
        await asyncio.sleep(0)
