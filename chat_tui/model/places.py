"""Going from place to place: to a message of some room, to a day, to what is unread, and back again. Pure."""

from collections.abc import Iterator
from typing import Final, assert_never

from chat_tui.model.effects import Effect, Show
from chat_tui.model.events import Abandoned, Jumped, MomentSought, Part, Returned, Roaming, Sought, UnreadSought
from chat_tui.model.finding import MomentFinder, UnreadFinder
from chat_tui.model.memberships import Memberships
from chat_tui.model.seeking import NO_WAY_BACK, Place, Seeking
from chat_tui.text.safetext import safe_line

NOT_IN: Final = "You are not in #{room}."


class Places:
    """Places in the rooms that one is in, and turning to the room for a place in it."""

    def __init__(self, rooms: Memberships, seeking: Seeking) -> None:
        """Take the rooms, and what looks for a place in one of them."""
        self._rooms = rooms
        self._seeking = seeking

    def roam(self, event: Roaming, *, online: bool) -> Iterator[Effect]:
        """Go where somebody wants to be."""
        room = self._rooms.current
        match event:
            case Sought(part=part):
                yield from self.seek(part, online=online)
            case Jumped(room=name, message_id=message_id, here=here):
                yield from self._jump(name, message_id, Place(room.name, here), online=online)
            case Returned():
                yield from self._return(online=online)
            case MomentSought(moment=moment, here=here):
                finder = MomentFinder(room.replica, moment)
                yield from self._seeking.find(room, finder, Place(room.name, here), online=online)
            case UnreadSought(below=below, here=here):
                unread = UnreadFinder(room.replica, room.tally, below)
                yield from self._seeking.find(room, unread, Place(room.name, here), online=online)
            case Abandoned():
                self._seeking.abandon()
            case _:
                assert_never(event)

    def seek(self, part: Part, *, online: bool) -> Iterator[Effect]:
        """Ask for a part of the shown room's history; later, where it has not begun."""
        room = self._rooms.current
        if part in (Part.OLDEST, Part.NEWEST):
            self._seeking.abandon()
        if online and room.replica.loaded:
            yield from room.seek(part)
        else:
            room.pages.want(part)

    def _jump(self, name: str, message_id: int, origin: Place | None, *, online: bool) -> Iterator[Effect]:
        """Go to a message of a room that one is in; turn to that only where one will get there."""
        room = self._rooms.get(name)
        if room is None or room.moderation.removed:
            yield Show(NOT_IN.format(room=safe_line(name)), is_warning=True)
            return
        exists = 1 <= message_id <= room.replica.last_id
        if exists and (online or room.replica.get(message_id) is not None):
            yield from self._rooms.turn(name, message_id)
        yield from self._seeking.jump(room, message_id, origin, online=online)

    def _return(self, *, online: bool) -> Iterator[Effect]:
        place = self._seeking.back(self._rooms.current.name)
        if place is None:
            yield Show(NO_WAY_BACK)
        elif place.message_id is not None:
            yield from self._jump(place.room, place.message_id, None, online=online)
        elif self._rooms.get(place.room) is None:
            yield Show(NOT_IN.format(room=safe_line(place.room)), is_warning=True)
        else:
            yield from self._rooms.turn(place.room)
            self._seeking.follow(place.room)
            yield from self.seek(Part.NEWEST, online=online)
