"""A room at one moment, as a snapshot keeps it, and whether what is read from one can have been a room. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chat_server.acknowledgements import AcknowledgementRow
from chat_server.changes import Change, follows
from chat_server.editions import EditionRow, could_be_kept
from chat_server.marks import PinRow, ReactionRow, fits
from chat_server.membership import Sanction, Span
from chat_server.readings import Readings
from chat_server.records import Entry
from chat_server.sharing import Sharing, Turn
from chat_server.sharing import is_coherent as is_sharing_coherent


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room at one moment, for a snapshot: nothing in it changes when the room goes on."""

    name: str
    title: str
    revision: int
    stays: dict[str, list[Span]]
    readings: Readings
    messages: Sequence[Entry]
    owner: str = ""
    barred: dict[str, Sanction] = field(default_factory=dict)
    muted: dict[str, Sanction] = field(default_factory=dict)
    changes: Sequence[Change] = ()
    forgotten: int = 0
    """See `Changes.forgotten`."""
    editions: Sequence[EditionRow] = ()
    pins: Sequence[PinRow] = ()
    reactions: Sequence[ReactionRow] = ()
    turns: dict[str, list[Turn]] = field(default_factory=dict)
    chosen: Sequence[str] = ()
    """See `Sharing`, as of `turns`."""
    acknowledgements: Sequence[AcknowledgementRow] = ()
    direct: bool = False
    receipts_required: bool = False

    @property
    def is_coherent(self) -> bool:
        """Whether what moderation has left fits together, and the messages and stays that it speaks of."""
        deleted = {each.deleted for each in self.changes if each.deleted is not None}
        present = {name for name in self.barred if any(end is None for _, end in self.stays.get(name, ()))}
        return (
            not present
            and not (self.direct and (len(self.stays) != 2 or self.owner or self.barred or self.muted))
            and {*self.barred, *self.muted} <= self.stays.keys()
            and follows(self.changes, self.forgotten, self.revision)
            and all(each.content == "" for each in self.messages if each.deleted_at is not None)
            and deleted <= {each.id for each in self.messages if each.deleted_at is not None}
            and all(each.altered <= len(self.messages) for each in self.changes if each.altered is not None)
            and all((each.edited_at is not None) == (each.edition > 0) for each in self.messages)
            and all(each.edition == 0 for each in self.messages if each.deleted_at is not None)
            and not (self.receipts_required and (self.turns or self.chosen))
            and is_sharing_coherent(self.turns, self.chosen, self.stays, self.revision, len(self.messages))
            and could_be_kept(self.editions, Sharing(self.turns).is_public_at)
            and all(map(self._could_be_read, self.editions))
            and fits(self.pins, self.reactions, self._is_there)
            and len({row[:2] for row in self.acknowledgements}) == len(self.acknowledgements)
            and all(map(self._could_be_acknowledged, self.acknowledgements))
        )

    def _is_there(self, message: int) -> bool:
        return 1 <= message <= len(self.messages) and self.messages[message - 1].deleted_at is None

    def _could_be_read(self, row: EditionRow) -> bool:
        """Whether there is such an edition, and somebody else than its author has read the message at all."""
        message, reader, edition, _, revision = row
        return (
            1 <= message <= len(self.messages)
            and 1 <= edition <= self.messages[message - 1].edition
            and reader != self.messages[message - 1].sender
            and revision <= self.revision
            and self.readings.of(reader).read_at(message) is not None
        )

    def _could_be_acknowledged(self, row: AcknowledgementRow) -> bool:
        """Whether there is such a text, of somebody else, for somebody who has been here."""
        message, reader, edition, _, revision = row
        return (
            self._is_there(message)
            and 0 <= edition <= self.messages[message - 1].edition
            and reader != self.messages[message - 1].sender
            and reader in self.stays
            and revision <= self.revision
        )
