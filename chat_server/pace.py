"""When connections are written to: at once after a quiet while, else together, every few milliseconds.

A write is a system call, and costs far more than what is written: what comes for a connection soon after a write
gathers until its window has ended, and is written as one. It knows turns and time, never what is written.
"""

import asyncio
import math
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from typing import Final

WINDOW_S: Final = 0.005
"""How long a connection that has been written to gathers what comes before it is written to again."""


@dataclass(slots=True, eq=False)
class Window:
    """The time after a write to some connections, all at once, in which none of them is written to again."""

    ends_s: float = 0.0
    """By the event loop's clock."""
    waiting: list["Paced"] = field(default_factory=list)
    """Those among them whose turn it is at its end."""
    is_open: bool = True


_QUIET: Final = Window(is_open=False)


class Paced(ABC):
    """A connection that is written to at a pace."""

    def __init__(self) -> None:
        """Begin quiet."""
        self.is_due = False
        """Whether it waits for its turn."""
        self.window = _QUIET
        """Since its last turn."""

    @abstractmethod
    def write(self) -> bool:
        """Write what waits, without waiting oneself; whether another turn is needed."""


class Pace:
    """Whose turn it is, and when; in both `run_quiet` and `run_busy`, until cancelled."""

    def __init__(self) -> None:
        """Begin with nobody's turn."""
        self._quiet: list[Paced] = []
        self._hurried: dict[Paced, None] = {}
        self._asked = asyncio.Event()
        self._windows: deque[Window] = deque()
        """In the order of their ends."""
        self._opened = asyncio.Event()

    def ask(self, paced: Paced) -> None:
        """Give it a turn: next of all, once whoever runs now has put all it has, or when its window has ended."""
        if paced.is_due:
            return
        paced.is_due = True
        if paced.window.is_open:
            paced.window.waiting.append(paced)
        else:
            self._quiet.append(paced)
            if len(self._quiet) == 1:
                self._asked.set()

    def hurry(self, paced: Paced) -> None:
        """Have one who waits for a turn write once before it, whatever window is open, and keep that turn."""
        self._hurried[paced] = None
        self._asked.set()

    async def run_quiet(self) -> None:
        """Give those their turns who have had none for a while."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            due, self._quiet = self._quiet, []
            self._give_turns(due)
            hurried, self._hurried = self._hurried, {}
            for each in hurried:
                each.write()

    async def run_busy(self) -> None:
        """Give those their turns whose windows end."""
        clock = asyncio.get_running_loop()
        while True:
            while not self._windows:
                self._opened.clear()
                await self._opened.wait()
            # Even where it has ended already, everybody else has a turn of the event loop first.
            await asyncio.sleep(self._windows[0].ends_s - clock.time())
            self._give_turns(self._close_windows(clock.time()))

    def finish(self) -> None:
        """Give all who wait for them their turns at once."""
        due, self._quiet = self._quiet, []
        self._give_turns(due + self._close_windows(math.inf))

    def _close_windows(self, now_s: float) -> list[Paced]:
        """End all whose time has come; whoever waits for their ends."""
        due: list[Paced] = []
        while self._windows and self._windows[0].ends_s <= now_s:
            window = self._windows.popleft()
            window.is_open = False
            due += window.waiting
            window.waiting.clear()
        return due

    def _give_turns(self, due: list[Paced]) -> None:
        if not due:
            return
        window = Window()
        for each in due:
            each.window = window
            each.is_due = each.write()
            if each.is_due:
                window.waiting.append(each)
        # From now on, not from when it began: writing to many takes long, and others are to have their time.
        window.ends_s = asyncio.get_running_loop().time() + WINDOW_S
        self._windows.append(window)
        self._opened.set()
