"""What leaves the screen: notices, the bell, the window's title, copies; by what this terminal has for each.

Notifier, channels, copying decide; this writes what they say to the terminal, and asks tmux.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Final, assert_never

from chat_tui.model import notifying
from chat_tui.model.notifying import Notifier
from chat_tui.terminal import channels, copying
from chat_tui.terminal.abilities import Verdict
from chat_tui.terminal.surroundings import Surroundings
from chat_tui.terminal.tmux import ask_tmux, load_buffer
from chat_tui.toasts import ToastingApp

NOTICE_S: Final = 3_600.0
"""A notice for somebody who is away stays until they look, and `NOTICE_AFTER_S` beyond that."""
NOTICE_AFTER_S: Final = 5.0


class Telling:
    """One running app's way to reach a person who does not look at it."""

    def __init__(
        self, app: ToastingApp, write: Callable[[str], None], environ: Mapping[str, str], *, bell_on: bool
    ) -> None:
        """Take the app that shows toasts, what writes to the terminal beneath it, and whether to ring."""
        self.bell_on = bell_on
        self._app = app
        self._write = write
        self._environ = environ
        self._notifier = Notifier()
        self._identifier = f"doubletick-{secrets.token_hex(6)}"
        self._place = Surroundings(environ)
        self._voice = channels.choose(self._place)
        self._title = ""
        self._told = ""
        """What the last notice said."""

    async def look_around(self) -> None:
        """Learn what tmux passes on; until that is known the bell rings."""
        self._place = Surroundings(self._environ, await ask_tmux(self._environ))
        self._voice = channels.choose(self._place)

    # Notices

    @property
    def next_deadline_ms(self) -> int | None:
        """When to come back with `notifying.Elapsed`; None where nothing waits."""
        return self._notifier.next_deadline_ms

    def take(self, event: notifying.Event, now_ms: int) -> None:
        """Something has happened that somebody may have to be told of."""
        for effect in self._notifier.handle(event, now_ms):
            identifier = f"{self._identifier}-{effect.kind.value}"
            match effect:
                case notifying.Tell():
                    self._tell(effect, identifier)
                case notifying.Withdraw():
                    self._write(channels.withdrawal(self._voice, identifier))
                case _:
                    assert_never(effect)

    def _tell(self, tell: notifying.Tell, identifier: str) -> None:
        # It gathers what the one before it told; what others have said, an error above all, stays.
        told, self._told = self._told, tell.sentence
        self._app.end_toasts(lambda each: each.message == told)
        self._app.notify(tell.sentence, timeout=NOTICE_S if tell.aloud else NOTICE_AFTER_S, markup=False)
        if tell.aloud:
            self._write(channels.notification(self._voice, identifier, tell.title, tell.sentence))
            if self.bell_on:
                self._app.bell()

    # The window's title

    def entitle(self, name: str, unread: int) -> None:
        """Call the window by what is in it, where the terminal has windows."""
        title = channels.title_of(name, unread)
        if title != self._title and not self._place.is_silent:
            # The one to come back to is kept just before the first of ours.
            start = "" if self._title else channels.TITLE_START
            self._title = title
            self._write(start + channels.window_title(title))

    def end(self) -> None:
        """Give the window its old title back, and take notices away."""
        if self._title:
            self._write(channels.TITLE_END)
        for kind in notifying.Kind:
            self._write(channels.withdrawal(self._voice, f"{self._identifier}-{kind.value}"))

    # Copies

    async def copy(self, text: str) -> None:
        """Copy a text, and say whether that will have worked."""
        copied = copying.copy(text, self._place)
        taken = bool(copied.text) and await load_buffer(self._environ, copied.text)
        if not taken:
            self._write(copied.sequence)
        ability = copied.ability if taken or not copied.text else copying.untaken(copied)
        is_sure = ability.verdict is Verdict.OK
        self._app.notify(ability.sentence, severity="information" if is_sure else "warning", markup=False)
