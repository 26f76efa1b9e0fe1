"""What one looks at in the shown room: its end, a message's readers, what is pinned, how far others are. Pure."""

from collections.abc import Iterator
from typing import assert_never

from chat_tui.model.dues import Dues
from chat_tui.model.effects import Effect, Save, Show
from chat_tui.model.events import HorizonsDue, HorizonsToggled, Inspected, Looked, Looking, PinsViewed
from chat_tui.model.margin import NOT_SHOWN, SHOWN, UNSEEN, ReadTo
from chat_tui.model.memberships import Memberships
from chat_tui.model.room import Gaze, Room


class Outlook:
    """Whether somebody looks, and at what."""

    def __init__(self, rooms: Memberships, dues: Dues) -> None:
        """Begin with somebody who looks at the end of the shown one of the rooms."""
        self._rooms = rooms
        self._dues = dues
        self._attended = True
        self._following = True

    def look(self, event: Looking, *, online: bool) -> Iterator[Effect]:
        """Take what somebody looks at now."""
        match event:
            case Looked(attended=attended, following=following):
                self._attended, self._following = attended, following
            case HorizonsToggled(room=name):
                yield from self._toggle_horizons(name)
            case HorizonsDue():
                yield from self.ask_horizons()
            case Inspected(message_id=message_id):
                yield from self._rooms.current.inspect(message_id, online=online)
            case PinsViewed(is_open=is_open):
                yield from self._rooms.current.view_pins(is_open=is_open, online=online)
            case _:
                assert_never(event)

    def gaze(self, room: Room) -> Gaze:
        """How this room is looked at."""
        return Gaze(current=room is self._rooms.current, attended=self._attended, following=self._following)

    # How far others have read

    @property
    def read_to(self) -> ReadTo:
        """How far others have read in the shown room; nothing where one does not want to see it, or may not."""
        return self._rooms.current.margin.read_to if self._shows_horizons else ()

    def ask_horizons(self) -> Iterator[Effect]:
        """Ask how far others have read in the shown room, where that is to be shown and may be."""
        if self._shows_horizons and self._dues.is_in(self._rooms.current.name):
            yield from self._rooms.current.look_at_horizons()

    def _toggle_horizons(self, name: str) -> Iterator[Effect]:
        self._dues.horizons ^= {name}
        yield Save()
        if name not in self._dues.horizons:
            yield Show(NOT_SHOWN)
            return
        yield Show(SHOWN if self._dues.mode(name) == "public" else UNSEEN)
        yield from self.ask_horizons()

    @property
    def _shows_horizons(self) -> bool:
        room = self._rooms.current.name
        return room in self._dues.horizons and self._dues.mode(room) == "public"
