"""An app that lends its terminal to another program. Meanwhile nothing of it is in view, and so nothing is read.

The connection goes on: only the screen and the keyboard are somebody else's.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from textual import events

from chat_tui.gestures.attentive import AttentiveApp
from chat_tui.model import attention as attending
from chat_tui.terminal import environment as terminal

Outcome = TypeVar("Outcome")


class LendingApp(AttentiveApp):
    """The half of the app that is about whose the terminal is."""

    is_lent = False
    """Whether another program has the terminal; its subclass must count this as covered."""
    _reports_focus = False
    """Whether this terminal has ever told of its focus."""

    async def on_event(self, event: events.Event) -> None:
        """Learn whether this terminal tells of its focus."""
        if isinstance(event, events.AppFocus | events.AppBlur):
            self._reports_focus = True
        await super().on_event(event)

    async def lend(self, run: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """The outcome of something that has the terminal while it runs.

        Raises textual.app.SuspendNotSupported where there is none to lend: in a browser, for one.
        """
        self.is_lent = True
        try:
            with self.batch_update(), self.suspend():
                self._look_away()
                self._write(terminal.extended_keys(os.environ)[1])
                # Textual takes the terminal back only if nothing is raised here.
                (outcome,) = await asyncio.gather(run(), return_exceptions=True)
        finally:
            self.is_lent = False
        self._write(terminal.extended_keys(os.environ)[0])
        self.call_after_refresh(self.attend_to_sight)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def _look_away(self) -> None:
        """Nothing is in view from now on, and reports of focus go to somebody else.

        So where there are any, what was known before is not believed afterwards, until a new one comes or a key.
        """
        self.attend(attending.FocusOut() if self._reports_focus else attending.Elapsed())

    def bell(self) -> None:
        """Ring, while the terminal is one's own: else what is written fills a queue that nobody empties."""
        if not self.is_lent:
            super().bell()

    def write_beneath(self, sequence: str) -> None:
        """Write to the terminal what Textual knows no words for, while the terminal is one's own."""
        if not self.is_lent:
            self._write(sequence)

    def _write(self, sequence: str) -> None:
        if sequence and sys.__stderr__ is not None and not self.is_headless:
            sys.__stderr__.write(sequence)
            sys.__stderr__.flush()
