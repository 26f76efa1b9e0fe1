"""An app that knows what has been read in it: evidence in, messages out.

    key, mouse, focus, cover, tmux -> Attention -> what became read -> (tmux asked once more) -> on_read

It knows nothing of sessions or servers, and of screens only what its subclass tells.
"""

import os
import time
from abc import abstractmethod
from typing import Final

from textual import events

from chat_tui.model import attention as attending
from chat_tui.model.attention import Attention
from chat_tui.terminal import environment as terminal
from chat_tui.terminal.tmux import tmux_hidden
from chat_tui.toasts import ToastingApp

ASK_TMUX_S: Final = 2.0


def steady_ms() -> int:
    """The clock of all events: milliseconds that only go forward."""
    return time.monotonic_ns() // 1_000_000


class AttentiveApp(ToastingApp):
    """The half of the app that judges whether somebody is looking, and at what."""

    def __init__(self, dwell_ms: int, idle_ms: int) -> None:
        """Begin without evidence of anybody; how long to look, and to be idle, are as in `Attention`."""
        # Without colours of the terminal's own, Textual makes greys of all others where NO_COLOR asks for none.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.attention = Attention(steady_ms(), dwell_ms=dwell_ms, idle_ms=idle_ms)

    # For the other half

    @abstractmethod
    def is_covered(self) -> bool:
        """Whether something lies over the conversation."""

    @abstractmethod
    def unread_in_sight(self) -> frozenset[attending.Sight]:
        """Others' unread messages whose last row is on screen."""

    @abstractmethod
    def on_read(self, seen: frozenset[attending.Sight], now_ms: int) -> None:
        """These have been read."""

    @abstractmethod
    def on_attention(self) -> None:
        """Something about the attention may have changed."""

    def attend(self, event: attending.Event) -> None:
        """Take a piece of evidence."""
        now_ms = steady_ms()
        read = self.attention.handle(attending.Covered(self.is_covered()), now_ms)
        read |= self.attention.handle(event, now_ms)
        if read and self._asks_tmux:
            self.run_worker(self._confirm(read), name="confirm")
        elif read:
            self.on_read(read, now_ms)
        self.on_attention()

    def attend_to_sight(self) -> None:
        """Take what is on screen now; call it whenever that may have changed."""
        self.attend(attending.Shown(self.unread_in_sight()))

    # Evidence

    async def on_event(self, event: events.Event) -> None:
        """Every key, click and focus report is evidence for or against somebody being here."""
        match event:
            case events.Key() | events.Paste() | events.MouseDown():
                self.attend(attending.Pressed())
            case events.MouseScrollUp() | events.MouseScrollDown():
                self.attend(attending.Wheeled())
            case events.MouseMove():
                self.attend(attending.Moved())
            case events.AppFocus():
                self.attend(attending.FocusIn())
            case events.AppBlur():
                self.attend(attending.FocusOut())
            case _:
                pass
        await super().on_event(event)

    def watch_tmux(self) -> None:
        """Ask tmux from now on, where there is one: by itself it tells of neither other windows nor detaching."""
        if self._asks_tmux:
            self.set_interval(ASK_TMUX_S, self._ask_tmux)
            self.call_later(self._ask_tmux)

    @property
    def _asks_tmux(self) -> bool:
        return terminal.in_tmux(os.environ) and not self.is_headless

    async def _ask_tmux(self) -> bool:
        hidden = bool(await tmux_hidden(os.environ))
        self.attend(attending.Hidden(hidden))
        return hidden

    async def _confirm(self, read: frozenset[attending.Sight]) -> None:
        """Before a receipt leaves, ask tmux whether the pane is in sight; if not, the dwell starts again."""
        if await self._ask_tmux():
            self.attend(attending.Shown(frozenset()))
            self.attend_to_sight()
        else:
            self.on_read(read, steady_ms())
