"""What a session answers: its view, what it owes, what it knows of messages; nothing changes by asking. Pure."""

from chat_server.protocol import Bans, Info, Rooms
from chat_tui.model.dues import RATE_LIMITED, WHY, Dues
from chat_tui.model.editions import Text
from chat_tui.model.holdup import Questions
from chat_tui.model.link import Uplink
from chat_tui.model.looking import Outlook
from chat_tui.model.marks import PinsView
from chat_tui.model.memberships import Memberships
from chat_tui.model.owed import Owed
from chat_tui.model.owing import Owings
from chat_tui.model.replica import Replica
from chat_tui.model.room import Room
from chat_tui.model.searching import Searching, SearchView
from chat_tui.model.seeking import Seeking
from chat_tui.model.sharing import Sharing, SharingView
from chat_tui.model.sidebar import PersonView, RoomsView, acquaintances, survey
from chat_tui.model.view import ConversationView, ReplyView, Status
from chat_tui.model.writing import Original
from chat_tui.text.safetext import safe_line


class Overview:
    """The half of a session that answers questions; the other half holds all this before the first is asked."""

    name: str
    """Whose session it is."""
    bans: Bans | None = None
    """What the server last said of who is banned from a room."""
    _epoch: str
    _link: Uplink
    _dues: Dues
    _questions: Questions
    _searching: Searching
    _sharing: Sharing
    _seeking: Seeking
    _rooms: Memberships
    _outlook: Outlook
    _owings: Owings

    @property
    def room(self) -> str:
        """The name of the room that is shown."""
        return self._current.name

    @property
    def listing(self) -> Rooms | None:
        """What the server last said of all its rooms."""
        return self._rooms.listing

    @property
    def replica(self) -> Replica:
        """What is held of the room that is shown."""
        return self._current.replica

    @property
    def info(self) -> Info | None:
        """What the server last said of the message under inspection."""
        return self._current.info

    @property
    def owed(self) -> Owed:
        """What must be on disk now."""
        return self._dues.owed(self._epoch)

    @property
    def draft(self) -> str:
        """What is written to the shown room and not yet entered."""
        return self._dues.draft(self.room)

    @property
    def next_deadline_ms(self) -> int | None:
        """When `Elapsed` would make it send or show something else; None while there is nothing to wait for."""
        writers = (room.writers.next_deadline_ms for room in self._rooms.values())
        deadlines = (self._dues.next_deadline_ms, self._questions.holdup.until_ms, *writers)
        return min((each for each in deadlines if each is not None), default=None)

    def unread(self, ids: frozenset[int]) -> frozenset[int]:
        """Those of the ids in the shown room that others wrote and that have not been read.

        None where nothing is recorded.
        """
        if self._dues.mode(self.room) == "off":
            return frozenset()
        return self.replica.unread(ids)

    def unseen(self, texts: frozenset[Text]) -> frozenset[Text]:
        """Those of the texts in the shown room that others wrote and of which no text as late has been read."""
        return frozenset() if self._dues.mode(self.room) == "off" else self.replica.unseen(texts)

    def text_of(self, message_id: int) -> str | None:
        """The text of a message in the shown window."""
        return self.replica.text_of(message_id)

    def original(self, message_id: int | None) -> Original | None:
        """A message of one's own in the shown window, to be edited: this one, or (None) the newest."""
        return self._current.original(message_id)

    def quote(self, message_id: int) -> ReplyView:
        """What is shown of a message of the shown room where another one answers it."""
        return self.replica.quote(message_id)

    @property
    def epoch(self) -> str:
        """Which history of the server the ids of messages are of; empty until one is known."""
        return self._epoch

    def view(self) -> ConversationView:
        """The conversation as it is drawn now."""
        replica = self.replica
        return ConversationView(
            room=self.room,
            messages=(*replica.messages(), *self._dues.posts.draw(self.room, self.name, replica.quote)),
            new_before=replica.new_before,
            at_start=replica.at_start,
            at_end=replica.at_end,
            below=replica.last_id - replica.last if replica.loaded else 0,
            loading=not replica.loaded,
            read_to=self._outlook.read_to,
            closed=self._owings.closed(self._current),
            aim=self._seeking.aim,
            sought=self._seeking.said,
        )

    def pins(self) -> PinsView:
        """What is pinned in the shown room, as far as it is known while somebody looks."""
        return self._current.pinboard.view(self.replica, online=self._link.online)

    @property
    def search(self) -> SearchView:
        """What was found with the words that somebody looks for."""
        return self._searching.view(waits=self._questions.holdup.until_ms is not None)

    def acquaintances(self) -> tuple[PersonView, ...]:
        """Everybody in any of one's rooms but oneself."""
        return acquaintances(self._rooms.values())

    def rooms(self) -> RoomsView:
        """The rooms that one is in, and who is in the shown one."""
        return survey(self._rooms.values(), self._current, self._dues)

    def sharing(self) -> SharingView:
        """Who is shown what one reads, in the shown room and in all others."""
        required = self.replica.receipts_required
        return self._sharing.view(self.room, self._dues.mode(self.room), required=required)

    def status(self) -> Status:
        """The connection and the shown room in short."""
        reason, retry_at_ms = self._why()
        return Status(
            link=self._link.state,
            reason=reason,
            retry_at_ms=retry_at_ms,
            name=self.name,
            room=self.room,
            members=len(self.replica.members),
            online=len(self.replica.online),
            queued=len(self._dues.posts.queued),
            writers=tuple(map(safe_line, self._current.writers.names)),
            label=self._current.label,
            title=self._current.topic,
            direct=self.replica.direct,
            pins=len(self.replica.pins),
            sharing=self._dues.mode(self.room),
        )

    def _why(self) -> tuple[str, int | None]:
        """Why something waits, or there is no connection, and when it is tried again."""
        if why := self._dues.why(self.room):
            return why, self._dues.waits_until_ms
        if self._questions.holdup.lasts:
            return f"{WHY[RATE_LIMITED]}; the history waits", self._questions.holdup.until_ms
        return self._link.reason, self._link.retry_at_ms

    @property
    def _current(self) -> Room:
        return self._rooms.current
