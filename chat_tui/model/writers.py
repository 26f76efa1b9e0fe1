"""Who is writing something in a room, as far as is known, and when to tell the others that one is. Pure."""

from collections.abc import Sequence
from typing import Final

from chat_server.protocol import AnyFrame, Left, Message, Muted, Presence, Renamed

TELL_EVERY_MS: Final = 3_000
"""One tells of it at most this often."""
SHOWN_MS: Final = 2 * TELL_EVERY_MS
"""Somebody who has told of it writes for so long, unless they tell again or are done before."""
NAMED_MAX: Final = 2
"""More than these are only counted."""


class Writers:
    """The writers of one room."""

    def __init__(self) -> None:
        """Nobody writes."""
        self._until_ms: dict[str, int] = {}
        """By name, in the order of their beginning, until when."""
        self._tell_from_ms: int | None = None
        """From when on one may tell again; None before the first time on a connection."""

    @property
    def names(self) -> tuple[str, ...]:
        """Who is writing, who began first being the first."""
        return tuple(self._until_ms)

    @property
    def next_deadline_ms(self) -> int | None:
        """When somebody is no longer taken to be writing, if nothing is heard of them; None where nobody is."""
        return min(self._until_ms.values(), default=None)

    def hear(self, name: str, now_ms: int) -> None:
        """Somebody says that they are writing, as of now."""
        self._until_ms[name] = now_ms + SHOWN_MS

    def notice(self, frame: AnyFrame) -> None:
        """Something has happened in the room: who has sent their message, or cannot, is not writing it."""
        match frame:
            case (
                Message(sender=name)
                | Left(name=name)
                | Renamed(name=name)
                | Muted(name=name)
                | Presence(name=name, online=False)
            ):
                self._until_ms.pop(name, None)
            case _:
                pass

    def elapse(self, now_ms: int) -> None:
        """It is this time now."""
        self._until_ms = {name: until_ms for name, until_ms in self._until_ms.items() if until_ms > now_ms}

    def tell(self, now_ms: int) -> bool:
        """One is writing now. Whether the others are to be told: then they have been."""
        if self._tell_from_ms is not None and now_ms < self._tell_from_ms:
            return False
        self._tell_from_ms = now_ms + TELL_EVERY_MS
        return True

    def cut(self) -> None:
        """The connection is gone: nothing is known of anybody."""
        self._until_ms.clear()
        self._tell_from_ms = None


def sentences(names: Sequence[str], *, ascii_only: bool) -> list[str]:
    """Who is writing, from the longest way to say it to the shortest; nothing where nobody is."""
    if not names:
        return []
    dots = "..." if ascii_only else "…"
    verb = "is" if len(names) == 1 else "are"
    said = [f"writing{dots}"]
    if len(names) > 1:
        said.insert(0, f"{len(names)} people are writing{dots}")
    if len(names) <= NAMED_MAX:
        said.insert(0, f"{' and '.join(names)} {verb} writing{dots}")
    return said
