"""Who is shown what one reads: what one has chosen, for all rooms and for single ones, and asking for other. Pure.

The server holds it and says it to all of one's devices; nothing is so here before the server has said so.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from chat_server.protocol import ChangeSettings, Refused, Settings
from chat_server.protocol.requests import Mode
from chat_tui.model.deeds import CUT, OFFLINE
from chat_tui.model.effects import Effect, Say, Show
from chat_tui.text.commands import AS_EVERYWHERE
from chat_tui.text.safetext import safe_line

MEANING: Final[dict[Mode, str]] = {
    "public": "Others see what you read, and you see what they read.",
    "private": "Only your own devices and your unread counts know what you read. "
    "Nor do you see who has read what, or how many.",
    "off": "Nothing is recorded, so all that you read stays unread. "
    "Nor do you see who has read what, or how many.",
}
"""A mode in a few words. None of them changes what was read before."""
IN_SHORT: Final[dict[Mode, str]] = {
    "public": "others see what you read",
    "private": "others do not see what you read",
    "off": "nothing that you read is recorded",
}
"""The same as the end of a sentence."""
REQUIRED: Final = "This room requires receipts: everybody here sees what the others read."


@dataclass(frozen=True, slots=True)
class SharingView:
    """What holds, for the screen to choose from; every text is safe to show."""

    room: str
    everywhere: Mode
    """In all rooms that have no choice of their own."""
    here: Mode
    """In the shown room."""
    own: bool
    """It was chosen for the shown room."""
    required: bool
    """The shown room requires that everybody shares."""


class Sharing:
    """What the server last said of one's choice, and what one has asked to be changed of it."""

    def __init__(self, ref: Callable[[str], str]) -> None:
        """Begin as the server does; `ref` makes a new ref of a kind of request."""
        self._ref = ref
        self._settings = Settings(receipts="public", rooms={})
        self._asked: dict[str, tuple[ChangeSettings, bool]] = {}

    def __contains__(self, ref: str) -> bool:
        """Whether this is the ref of something asked for."""
        return ref in self._asked

    def view(self, room: str, here: Mode, *, required: bool) -> SharingView:
        """What holds in this room, where the mode is `here`, and in all others."""
        own = not required and (room in self._settings.rooms or here != self._settings.receipts)
        return SharingView(safe_line(room), self._settings.receipts, here, own, required)

    def ask(self, request: ChangeSettings, *, online: bool, aloud: bool) -> Iterator[Effect]:
        """Ask for a change now or not at all; `aloud` where what comes of it is to be said in words."""
        if not online:
            yield Show(OFFLINE, is_warning=True)
            return
        ref = self._ref("settings")
        self._asked[ref] = request, aloud
        yield Say(replace(request, ref=ref))

    def hear(self, settings: Settings) -> Iterator[Effect]:
        """This holds now: as an answer, or as another device of one's own has chosen."""
        self._settings = settings
        request, aloud = self._asked.pop(settings.ref or "", (None, False))
        if request is not None and aloud:
            yield Show(_done(request, settings))

    def refuse(self, refused: Refused) -> Iterator[Effect]:
        """Nothing has changed."""
        del self._asked[refused.ref or ""]
        yield Show(safe_line(refused.reason), is_warning=True)

    def cut(self) -> Iterator[Effect]:
        """The connection is gone, and with it every answer."""
        if any(request.rooms or request.receipts for request, _ in self._asked.values()):
            yield Show(CUT, is_warning=True)
        self._asked.clear()


def _done(request: ChangeSettings, settings: Settings) -> str:
    """What was chosen, as a sentence."""
    for room, wanted in request.rooms.items():
        mode = wanted or settings.receipts
        why = f", {AS_EVERYWHERE}" if wanted is None else ""
        return f"Receipts in #{safe_line(room)} are {mode}{why}: {IN_SHORT[mode]}."
    return f"Receipts are {settings.receipts} where nothing else is chosen: {IN_SHORT[settings.receipts]}."
