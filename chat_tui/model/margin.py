"""How far the others have read in a room, as the server last said; asked again while somebody looks. Pure."""

from collections.abc import Callable, Iterator

from chat_server.protocol import FetchHorizons, Horizons
from chat_tui.text.safetext import safe_line

UNSEEN = "You do not share what you read here, so you do not see how far others have read."
SHOWN = "Shows how far others have read, at the right edge of the last message that each has."
NOT_SHOWN = "Shows no more how far others have read."

ReadTo = tuple[tuple[int, tuple[str, ...]], ...]
"""Messages by ascending ids, each with those who have read so far and no farther, the earliest reader first."""


class Margin:
    """The horizons of one room on one connection after another."""

    def __init__(self, room: str, ref: Callable[[str], str]) -> None:
        """Know of nobody; `ref` makes a new ref of a kind of request."""
        self._room = room
        self._ref = ref
        self._asked = ""
        self.read_to: ReadTo = ()
        """Who has read how far, as last told; names are safe to show."""

    def ask(self) -> Iterator[FetchHorizons]:
        """Ask how far they are now, unless that is being asked already."""
        if not self._asked:
            self._asked = self._ref("horizons")
            yield FetchHorizons(ref=self._asked, room=self._room)

    def hear(self, horizons: Horizons) -> None:
        """So far they are."""
        found: dict[int, list[str]] = {}
        for each in sorted(horizons.horizons, key=lambda each: (each.message_id, each.read_at)):
            found.setdefault(each.message_id, []).append(safe_line(each.reader))
        self.read_to = tuple((message_id, tuple(names)) for message_id, names in found.items())
        self._asked = ""

    def refused(self, ref: str) -> None:
        """The server does not say."""
        if ref == self._asked:
            self._asked = ""

    def forget(self) -> None:
        """What was told is of no use any more."""
        self.read_to = ()

    def cut(self) -> None:
        """The connection is gone, and with it every answer."""
        self._asked = ""
