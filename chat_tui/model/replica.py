"""One room as this client knows it: a window of its messages, who has read one's own, what one has read. Pure.

The window is a run of ids without gaps. It need not reach the room's end: what lies beyond is only counted, and
fetched when somebody looks there. Everything from the server is merged by id and union, so hearing it twice, late
or out of order changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from chat_server.protocol import (
    Acknowledged,
    Changed,
    History,
    Message,
    Muted,
    PageAcknowledgement,
    PageReceipt,
    Receipt,
    Renamed,
    RoomCursor,
    RoomSummary,
)
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_tui.model import editions
from chat_tui.model.drawing import draw, quote, quote_unknown
from chat_tui.model.editions import Editions, Text
from chat_tui.model.view import MessageView, ReplyView

WINDOW_MAX: Final = 1_000
"""Messages held at a time; past it the end that is farther from the reader is let go."""


@dataclass(slots=True)
class Held:
    """A message in the window."""

    message: Message
    readers: dict[str, int] = field(default_factory=dict)
    """Of one's own message: who has read it, and when in Unix ms. Ticks and counts come from nothing else."""
    late: int = 0
    """How many readers came to it after it was sent, beyond the audience that the message itself names."""
    acknowledged: dict[str, int] = field(default_factory=dict)
    """Who has acknowledged it, as far as one is told, and which text of it last."""
    shown: MessageView | None = None
    """As it is drawn; None when it has to be made anew."""
    quoted: ReplyView | None = None
    """As it is drawn where another message answers it; None when it has to be made anew."""

    @property
    def deleted(self) -> bool:
        """Whether its text was taken away: nobody counts as its reader, oneself among them."""
        return self.message.deleted_at is not None


class Replica:
    """A room's members, counts and window."""

    def __init__(self, name: str, me: str) -> None:
        """Know nothing yet of the room, but whose view of it this is."""
        self.name = name
        self.me = me
        self.title = name
        self.last_id = 0
        self.revision = 0
        self.members: list[str] = []
        self.online: set[str] = set()
        self.owner = ""
        self.direct = False
        """Whether it is a conversation of two; its title is the other's name then."""
        self.receipts_required = False
        """Whether everybody here says what they read."""
        self.muted: set[str] = set()
        """Members who can read and not write."""
        """Who is shown what one reads here."""
        self.pins: set[int] = set()
        """Messages that are pinned."""
        self.read: Ranges = ()
        """What one has read, in whatever text, acknowledged or not."""
        self.editions: Editions = {}
        """Which text of edited ones one has read."""
        self.loaded = False
        """Whether a first page has come."""
        self.new_before: int | None = None
        """The first message that came while one was not looking."""
        self._window: list[Held] = []

    # The window

    @property
    def first(self) -> int:
        """The id of the window's first message; 1 where it is empty."""
        return self._window[0].message.id if self._window else 1

    @property
    def last(self) -> int:
        """The id of the window's last message; 0 where it is empty."""
        return self._window[-1].message.id if self._window else 0

    @property
    def at_start(self) -> bool:
        """Whether the window begins with the room's first message."""
        return self.first == 1

    @property
    def at_end(self) -> bool:
        """Whether the window ends with the room's last message."""
        return self.last == self.last_id

    @property
    def extent(self) -> Ranges:
        """All ids of the window."""
        return ((self.first, self.last),) if self._window else ()

    @property
    def own_extent(self) -> Ranges:
        """From the first to the last message of one's own in the window; empty where there is none."""
        own = [each.message.id for each in self._window if each.message.sender == self.me]
        return ((own[0], own[-1]),) if own else ()

    @property
    def newest_own(self) -> int | None:
        """The last message of one's own in the window that is not deleted; None where there is none."""
        own = (each for each in reversed(self._window) if each.message.sender == self.me and not each.deleted)
        return next((each.message.id for each in own), None)

    def get(self, message_id: int) -> Held | None:
        """The message of this id, if it is in the window."""
        at = message_id - self.first
        return self._window[at] if 0 <= at < len(self._window) else None

    def text_of(self, message_id: int) -> str | None:
        """The text of a message in the window."""
        held = self.get(message_id)
        return held.message.content if held else None

    def uncounted(self, ranges: Ranges) -> list[int]:
        """Which of these are known to be nothing that one could have to read: one's own, and deleted ones."""
        return [each.message.id for each in self.within(ranges) if each.deleted or each.message.sender == self.me]

    def within(self, ranges: Ranges) -> Iterator[Held]:
        """The messages of these ids that are in the window."""
        inside = rangesets.intersect(ranges, self.extent)
        return (self._window[each - self.first] for each in rangesets.ids(inside))

    def cursor(self) -> RoomCursor:
        """How much of the room is held: what a returning client tells the server."""
        return RoomCursor(message=self.last, revision=self.revision)

    # What the server tells

    def summarise(self, summary: RoomSummary) -> None:
        """Take the room's state on connecting. Where it has unread messages, "new" begins with the first."""
        self.title, self.direct = summary.title, summary.direct
        self.last_id = summary.last_id
        self.members = list(summary.members)
        self.online = set(summary.online)
        self.owner, self.muted = summary.owner, set(summary.muted)
        self.receipts_required = is_required(summary.policy)
        self._pin(set(summary.pins))
        if not self.loaded:
            self.revision = summary.revision
            self.new_before = summary.first_unread
            self.loaded = summary.last_id == 0

    def hear(self, message: Message, *, following: bool) -> None:
        """Take a new message; it joins the window where that reaches the room's end.

        A full window takes it only while the reader is following the end: it lets go of its oldest for it.
        """
        was_at_end = self.at_end
        self.last_id = max(self.last_id, message.id)
        full = len(self._window) >= WINDOW_MAX
        if self.loaded and was_at_end and message.id == self.last + 1 and (following or not full):
            self._window.append(Held(message))
            del self._window[: self._excess]

    def close(self) -> None:
        """Let the window go."""
        self._window, self.loaded = [], False

    def replace(self, page: History) -> None:
        """Take a page in place of the window."""
        self._window = [Held(each) for each in page.messages]
        self.loaded = True
        self._heed(page)

    def take(self, page: History, *, following: bool = True) -> None:
        """Join a page to the window where it touches it, or let it go.

        Past the bound the end that is farther from the page is let go, as somebody looks for the page. Where
        nobody does, and the reader is not `following` the end, a page that does not fit is let go instead.
        A page that is to be taken `afresh` replaces it.
        """
        messages = page.messages
        if not self._window or page.afresh:
            self.replace(page)
            return
        if messages and messages[0].id <= self.last + 1 and messages[-1].id >= self.first - 1:
            self._update(messages)
            older = [Held(each) for each in messages if each.id < self.first]
            newer = [Held(each) for each in messages if each.id > self.last]
            if following or len(older) + len(self._window) + len(newer) <= WINDOW_MAX:
                self._extend(older, newer)
        self._heed(page)

    def renew(self, page: History) -> None:
        """Bring messages that are held up to date with a page, and add nothing."""
        self._update(page.messages)
        self._heed(page)

    def _heed(self, page: History) -> None:
        """Take what a page says besides its messages, once these are in their places."""
        self.revision = max(self.revision, page.revision)
        if page.messages:
            self.last_id = max(self.last_id, page.messages[-1].id)
        for receipt in page.receipts:
            self._mark(receipt)
        for said in page.acknowledged:
            self._take_note(said)

    def _update(self, messages: Sequence[Message]) -> None:
        for each in messages:
            if (held := self.get(each.id)) and held.message != each:
                _put(held, each)
                held.late = 0

    def _extend(self, older: list[Held], newer: list[Held]) -> None:
        self._window = [*older, *self._window, *newer]
        if older:
            del self._window[len(self._window) - self._excess :]
        else:
            del self._window[: self._excess]

    @property
    def _excess(self) -> int:
        return max(len(self._window) - WINDOW_MAX, 0)

    def note(self, receipt: Receipt) -> list[int]:
        """Take a receipt; the held messages of one's own that its reader was not known to have read."""
        self.revision = max(self.revision, receipt.revision)
        return self._mark(receipt)

    def _mark(self, receipt: Receipt | PageReceipt) -> list[int]:
        """Merge a receipt; what it newly says of held messages of one's own: their ids."""
        if receipt.reader == self.me:
            self.read = rangesets.union(self.read, read_in_any_text(receipt))
            self.editions = editions.merged(self.editions, receipt.editions)
            return []
        # A page counts late readers in its audience already; a receipt that comes after it does not.
        late = receipt.late and isinstance(receipt, Receipt)
        fresh = []
        for held in self._read_as_they_are(receipt):
            if receipt.reader not in held.readers:
                held.readers[receipt.reader] = receipt.read_at
                held.late += late
                held.shown = None
                fresh.append(held.message.id)
        return fresh

    def _read_as_they_are(self, receipt: Receipt | PageReceipt) -> list[Held]:
        """The held messages of one's own that a receipt is of with the text that they have now."""
        found: list[Held] = []
        for first, last in rangesets.intersect(rangesets.normalise(receipt.ranges), self.extent):
            held = self._window[first - self.first : last + 1 - self.first]
            found += [each for each in held if each.message.edition == 0]
        for message_id, edition in receipt.editions:
            if (known := self.get(message_id)) is not None and known.message.edition == edition:
                found.append(known)
        return [each for each in found if each.message.sender == self.me and not each.deleted]

    def acknowledge(self, said: Acknowledged) -> bool:
        """Take an acknowledgement; whether it is of a message of one's own, and not known to be."""
        self.revision = max(self.revision, said.revision)
        fresh = self._take_note(said)
        return fresh and said.reader != self.me

    def _take_note(self, said: Acknowledged | PageAcknowledgement) -> bool:
        """Whether this is news: of a text later than the last, or of a message that is not held."""
        held = self.get(said.message_id)
        if held is None:
            return True
        known = held.acknowledged.get(said.reader, -1)
        held.acknowledged[said.reader] = max(known, said.edition)
        return known < said.edition and not held.deleted

    def change(self, changed: Changed) -> None:
        """A message is not as it was told."""
        self.revision = max(self.revision, changed.revision)
        held = self.get(changed.message_id)
        if held is not None and changed.deleted_at is not None:
            deleted_at, deleted_by = changed.deleted_at, changed.deleted_by
            _put(held, replace(held.message, content="", deleted_at=deleted_at, deleted_by=deleted_by))
        elif held is not None and not held.deleted:
            _put(held, _changed(held.message, changed))
        if changed.deleted_at is not None:
            self._pin(self.pins - {changed.message_id})
        elif changed.pinned is not None:
            self._pin(self.pins | {changed.message_id} if changed.pinned else self.pins - {changed.message_id})

    def _pin(self, pins: set[int]) -> None:
        """These are pinned, and no others."""
        for each in pins ^ self.pins:
            if (held := self.get(each)) is not None:
                held.shown = None
        self.pins = pins

    def forget_readers(self) -> None:
        """One shares what one reads, or does so no more: what is held of others' reading is of no use."""
        for held in self._window:
            held.message = replace(held.message, audience=0, read_by=0)
            held.readers, held.late, held.shown = {}, 0, None

    def forget_read(self, ranges: Ranges) -> None:
        """The server will not be told that one has read these, in whatever text: they are unread."""
        self.read = rangesets.subtract(self.read, ranges)
        self.editions = {
            each: edition for each, edition in self.editions.items() if not rangesets.contains(ranges, each)
        }

    def rename(self, renamed: Renamed) -> None:
        """Somebody is called otherwise from now on, and in all that was told before; again, it changes nothing."""
        self.revision = max(self.revision, renamed.revision)
        names = {renamed.name: renamed.to}

        def called(name: str) -> str:
            return names.get(name, name)

        self.me, self.owner = called(self.me), called(self.owner)
        self.title = called(self.title) if self.direct else self.title
        self.members = list(map(called, self.members))
        self.online, self.muted = set(map(called, self.online)), set(map(called, self.muted))
        for held in self._window:
            held.message = replace(
                held.message, sender=called(held.message.sender), deleted_by=called(held.message.deleted_by)
            )
            held.readers = {called(reader): read_at for reader, read_at in held.readers.items()}
            held.acknowledged = {called(reader): edition for reader, edition in held.acknowledged.items()}
            held.shown, held.quoted = None, None

    def mute(self, muted: Muted) -> None:
        """Somebody can write no more, or again."""
        if muted.muted:
            self.muted.add(muted.name)
        else:
            self.muted.discard(muted.name)

    def enter(self, name: str) -> None:
        """Somebody has become a member, by a connection that they have."""
        if name not in self.members:
            self.members.append(name)
        self.online.add(name)

    def leave(self, name: str) -> None:
        """Somebody is no longer a member."""
        self.members = [each for each in self.members if each != name]
        self.online.discard(name)

    # What one has read

    def unread(self, ids: Iterable[int]) -> frozenset[int]:
        """Those of the ids that are held messages of others, neither read yet nor deleted."""
        return frozenset(each for each in ids if self._is_others(each) and not rangesets.contains(self.read, each))

    def unseen(self, texts: Iterable[Text]) -> frozenset[Text]:
        """Those of the texts that others wrote and of which one has read none that is as late."""
        return frozenset(
            (each, edition)
            for each, edition in texts
            if self._is_others(each)
            and (not rangesets.contains(self.read, each) or edition > self.editions.get(each, 0))
        )

    def see_texts(self, texts: Iterable[Text]) -> Editions:
        """Count these texts of edited messages as read; what to tell of them, empty where nothing is new."""
        new = editions.later((text for text in texts if self._is_others(text[0])), self.editions)
        self.editions = {**self.editions, **new}
        return new

    def _is_others(self, message_id: int) -> bool:
        """Whether it is a held message that one could have to read."""
        held = self.get(message_id)
        return held is not None and held.message.sender != self.me and not held.deleted

    def see(self, ids: Iterable[int]) -> Ranges:
        """Count messages as read; the ranges to tell, empty where nothing is new.

        Ranges reach across one's own messages: they say nothing about those, and one pair is cheaper than two.
        """
        seen = self.unread(ids)
        if not seen:
            return ()
        bridged = [
            held.message.id
            for held in self.within(((min(seen), max(seen)),))
            if held.message.sender == self.me or held.message.id in seen
        ]
        runs = rangesets.of_ids(bridged)
        told = tuple((first, last) for first, last in runs if any(first <= each <= last for each in seen))
        self.read = rangesets.union(self.read, told)
        return told

    def mark_new(self, message: Message) -> None:
        """A message has come that nobody looked at: "new" begins here, unless earlier ones are still unread."""
        is_deleted = message.deleted_at is not None
        if message.sender == self.me or is_deleted or rangesets.contains(self.read, message.id):
            return
        old = self.new_before
        earlier = self.within(((old, message.id - 1),)) if old is not None else ()
        if not self.unread(each.message.id for each in earlier):
            self.new_before = message.id

    # What is drawn

    def messages(self) -> Iterator[MessageView]:
        """The window, oldest first; a message that looks as before is the same object as before."""
        for held in self._window:
            if held.shown is None or (held.message.reply_to is not None and held.shown.reply != self._reply(held)):
                held.shown = draw(
                    held.message,
                    self.me,
                    self._reply(held),
                    read_by=len(held.readers),
                    late=held.late,
                    pinned=held.message.id in self.pins,
                )
            yield held.shown

    def quote(self, message_id: int) -> ReplyView:
        """What is shown of a message where another one answers it, whether it is in the window or not."""
        held = self.get(message_id)
        if held is None:
            return quote_unknown(message_id)
        if held.quoted is None:
            held.quoted = quote(held.message)
        return held.quoted

    def _reply(self, held: Held) -> ReplyView | None:
        """What a message answers: looked up anew each time, as it may change, come and go by itself."""
        reply_to = held.message.reply_to
        return None if reply_to is None or held.deleted else self.quote(reply_to)


def is_required(policy: Mapping[str, object]) -> bool:
    """Whether this is the policy of a room in which everybody says what they read."""
    return policy.get("receipts") == "required"


def read_in_any_text(receipt: Receipt | PageReceipt) -> Ranges:
    """The messages that a receipt is of, those too of which it names a later text alone."""
    return rangesets.normalise((*receipt.ranges, *((each, each) for each, _ in receipt.editions)))


def _put(held: Held, message: Message) -> None:
    """Take a message as it is told now; a deleted one has no readers, and another text none of those before."""
    is_other = message.edition != held.message.edition
    held.message, held.shown, held.quoted = message, None, None
    if held.deleted or is_other:
        held.readers, held.late = {}, 0


def _changed(message: Message, changed: Changed) -> Message:
    """A message with what has changed; an edit that is known already, or older, changes nothing."""
    if changed.reactions is not None:
        message = replace(message, reactions=changed.reactions)
    if changed.content is None or changed.edition <= message.edition:
        return message
    return replace(
        message,
        content=changed.content,
        edition=changed.edition,
        edited_at=changed.edited_at,
        audience=message.audience if changed.audience is None else changed.audience,
    )
