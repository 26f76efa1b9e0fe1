"""Into which room one wants, and what is known of it: a room may require receipts, and says so before. Pure."""

from chat_server.protocol import Rooms
from chat_tui.model.events import Turned
from chat_tui.model.replica import is_required


class Entering:
    """All rooms of the server as it last told them, and a room that waits for being told of."""

    def __init__(self) -> None:
        """Know of no room."""
        self.listing: Rooms | None = None
        """What the server last said of all its rooms."""
        self._wanted: Turned | None = None

    def requires(self, room: str) -> bool | None:
        """Whether everybody in a room says what they read; None where the room is not known.

        That is so from the making of a room on, for good.
        """
        rooms = self.listing.rooms if self.listing is not None else ()
        return next((is_required(each.policy) for each in rooms if each.name == room), None)

    def want(self, turned: Turned) -> None:
        """Somebody wants into a room of which nothing is known: all rooms have been asked for."""
        self._wanted = turned

    def hear(self, rooms: Rooms) -> Turned | None:
        """These are all rooms. What somebody waits for to be told of, once; None where nobody does."""
        self.listing = rooms
        wanted, self._wanted = self._wanted, None
        return wanted

    def cut(self) -> bool:
        """The connection is gone. Whether somebody waited for an answer."""
        wanted, self._wanted = self._wanted, None
        return wanted is not None
