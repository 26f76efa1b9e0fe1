"""What a room is, and what can be asked of its messages and members; never changing it. Pure."""

from collections.abc import Iterator, Sequence

from chat_server.acknowledgements import Acknowledgements
from chat_server.changes import Changes
from chat_server.editions import Editions
from chat_server.marks import Marks
from chat_server.membership import Membership
from chat_server.protocol import Mode
from chat_server.protocol.ranges import Ranges
from chat_server.readings import Readings
from chat_server.records import Entry
from chat_server.room.messages import Messages
from chat_server.sharing import Sharing


class Standing:
    """All that a room durably is."""

    def __init__(self, name: str, title: str = "") -> None:
        """Make an empty room; `Opened` comes before it in the journal."""
        self.name = name
        self.title = title or name
        self.owner = ""
        """Who made it and moderates it; empty where only admins do."""
        self.direct = False
        """Whether it is of two people, whom nobody joins, puts out or silences."""
        self.receipts_required = False
        """Whether everybody shares here what they read, whatever they chose; they see it before they join."""
        self.revision = 0
        self.messages = Messages()
        self.readings = Readings()
        self.changes = Changes()
        self.editions = Editions()
        self.marks = Marks()
        self.acknowledgements = Acknowledgements()
        self.sharing = Sharing()
        self._people = Membership()

    # Messages

    @property
    def last_id(self) -> int:
        """The newest message's id; 0 while there is none."""
        return len(self.messages)

    def posted_as(self, sender: str, nonce: str) -> int | None:
        """The id that this sender's nonce was given, if it has been posted."""
        return self.messages.posted_as(sender, nonce)

    def between(self, first: int, last: int) -> Sequence[Entry]:
        """The messages with first ≤ id ≤ last, oldest first; ids that do not exist are left out."""
        return self.messages.of(range(max(first, 1), min(last, self.last_id) + 1))

    def is_deleted(self, message_id: int) -> bool:
        """Whether an existing message has been deleted."""
        return self.messages[message_id - 1].deleted_at is not None

    def has_edition(self, message_id: int, edition: int) -> bool:
        """Whether there is, or was, such a text of an existing message that has not been deleted."""
        if message_id > self.last_id or self.is_deleted(message_id):
            return False
        return edition <= self.messages[message_id - 1].edition

    def own_ids(self, sender: str, ranges: Ranges) -> Iterator[int]:
        """The ids in `ranges` of what this sender wrote and nobody has deleted, ascending."""
        return self.messages.own_ids(sender, ranges)

    def senders(self, ranges: Ranges) -> dict[str, Ranges]:
        """Who wrote the messages in `ranges`: per sender the ids of theirs, without deleted ones."""
        return self.messages.senders(ranges)

    # Members

    def is_member(self, name: str) -> bool:
        """Whether messages are sent to this name now."""
        return self._people.is_member(name)

    def has_left(self, name: str) -> bool:
        """Whether this name was a member once and is none now."""
        return self.has_met(name) and not self.is_member(name)

    def has_met(self, name: str) -> bool:
        """Whether this name is or was a member."""
        return self._people.has_met(name)

    def knows(self, name: str) -> bool:
        """Whether anything here is this name's."""
        return self.has_met(name) or (name != "" and name == self.owner)

    def is_barred(self, name: str) -> bool:
        """Whether this name cannot become a member."""
        return self._people.is_barred(name)

    @property
    def barred(self) -> Sequence[str]:
        """Everybody who cannot become a member, in the order in which that happened."""
        return tuple(self._people.barred)

    def is_muted(self, name: str) -> bool:
        """Whether this name can read and not write."""
        return self._people.is_muted(name)

    @property
    def muted_members(self) -> Sequence[str]:
        """Which members can read and not write, in the order of `members`."""
        return self._people.muted_members

    @property
    def members(self) -> Sequence[str]:
        """Everybody who is a member now, in the order of their first joining."""
        return self._people.members

    def partner(self, name: str) -> str:
        """With whom this one of the two of a direct conversation talks in it."""
        return next(each for each in self._people.known if each != name)

    def sent_to(self, name: str) -> Ranges:
        """The ids that this name was a member for, their own messages among them."""
        return self._people.sent_to(name, self.last_id)

    def mode_of(self, name: str) -> Mode:
        """Who is shown what this name reads here from now on."""
        return self.sharing.mode(name)

    def shares(self, name: str) -> bool:
        """Whether others are shown what this name reads here; only then is the name shown what others read."""
        return self.mode_of(name) == "public"
