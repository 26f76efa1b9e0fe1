"""Pages of history that have been asked for, and how each is to be taken when it comes. Pure."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from chat_tui.model.events import Part


class Mode(Enum):
    """What a page is for."""

    UNASKED = "unasked"
    """It came by itself, as what a returning client lacks."""
    JOIN = "join"
    """It extends the window where it touches it."""
    REPLACE = "replace"
    """It is the window from now on."""
    RENEW = "renew"
    """It brings what the window holds up to date, and adds nothing."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """A page under way."""

    mode: Mode
    part: Part | None = None
    """Who looks for what, if anybody does."""
    until: int = 0
    """Of a renewal: the last id that it is to reach, over as many pages as that takes."""


_UNASKED: Final = Fetch(Mode.UNASKED)


class Fetches:
    """All pages under way on this connection, by ref."""

    def __init__(self) -> None:
        """Begin with none."""
        self._fetches: dict[str, Fetch] = {}

    def add(self, ref: str, fetch: Fetch) -> None:
        """A page is asked for."""
        self._fetches[ref] = fetch

    def pop(self, ref: str | None) -> Fetch:
        """The page of this ref has come, or was refused."""
        return self._fetches.pop(ref or "", _UNASKED)

    def seeks(self, part: Part) -> bool:
        """Whether this part is on its way."""
        return any(each.part is part for each in self._fetches.values())

    def overtaken(self, ref: str) -> bool:
        """Whether this page would be the window, and one that was asked for later will be."""
        refs = [each for each, fetch in self._fetches.items() if fetch.mode is Mode.REPLACE]
        return ref in refs[:-1]

    @property
    def sought(self) -> Part | None:
        """The part that somebody looked for last, of those that are on their way."""
        return next((each.part for each in reversed(self._fetches.values()) if each.part is not None), None)

    @property
    def renews(self) -> bool:
        """Whether the window is being brought up to date."""
        return any(each.mode is Mode.RENEW for each in self._fetches.values())

    def cut(self) -> None:
        """The connection is gone, and with it every answer."""
        self._fetches.clear()
