"""Pastes that hold control characters, made harmless before Textual's parser sees them.

Textual takes an ESC inside a bracketed paste for the beginning of a key, and replays what follows as keys: a
carriage return among them would send half of a paste. So what stands between the marks is cleaned here.
"""

import sys
from collections.abc import Iterable
from typing import Final

from textual._xterm_parser import XTermParser
from textual.message import Message

from chat_tui.text.safetext import safe_text

START: Final = "\x1b[200~"
END: Final = "\x1b[201~"
"""What terminals put around a paste (xterm's "bracketed paste mode")."""


class PasteCleaner:
    """Text from the terminal, in pieces as they come, with all pastes in it made safe."""

    def __init__(self) -> None:
        """Begin outside of a paste."""
        self._inside = False
        self._kept = ""
        """Inside of a paste what may be the beginning of its end; else the last characters, already handed on."""

    def clean(self, data: str) -> str:
        """The next piece. Outside of pastes nothing is held back or changed; inside, a cut END is held back."""
        cleaned: list[str] = []
        while data:
            part, data = self._pasted(data) if self._inside else self._typed(data)
            cleaned.append(part)
        return "".join(cleaned)

    def _typed(self, data: str) -> tuple[str, str]:
        """What is handed on of the data up to the next paste, and the rest."""
        seen = self._kept + data
        at = seen.find(START)
        if at < 0:
            self._kept = seen[-len(START) + 1 :]
            return data, ""
        passed = at + len(START) - len(self._kept)
        self._inside, self._kept = True, ""
        return data[:passed], data[passed:]

    def _pasted(self, data: str) -> tuple[str, str]:
        """As `_typed`, up to the end of the paste."""
        text, end, rest = (self._kept + data).partition(END)
        self._inside, self._kept = not end, ""
        if not end:
            cut = next((n for n in range(len(END) - 1, 0, -1) if text.endswith(END[:n])), 0)
            text, self._kept = text[: len(text) - cut], text[len(text) - cut :]
        return safe_text(text) + end, rest


class SafeParser(XTermParser):
    """Textual's parser of what the terminal sends, behind a `PasteCleaner`."""

    def __init__(self, debug: bool = False) -> None:  # noqa: FBT001, FBT002  # as its base has it
        """Begin outside of a paste."""
        super().__init__(debug)
        self._cleaner = PasteCleaner()

    def feed(self, data: str) -> Iterable[Message]:
        """Events in a piece of input; an empty one ends it."""
        cleaned = self._cleaner.clean(data)
        return super().feed(cleaned) if cleaned or not data else ()


def install() -> None:
    """Have Textual's driver for this platform parse with `SafeParser`: it offers no other way to choose one."""
    if sys.platform == "win32":
        from textual.drivers import win32 as driver
    else:
        from textual.drivers import linux_driver as driver
    driver.XTermParser = SafeParser  # type: ignore[attr-defined]
