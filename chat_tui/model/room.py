"""One room as a member lives in it: what is held of it, asked about it and done in it. Pure.

It is *open* once a page of it has been asked for: then its replica has a window. Of a room that is not open only
who is in it and how much one has not read are known.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from chat_server.protocol import (
    Acknowledge,
    Acknowledged,
    Changed,
    FetchInfo,
    History,
    Horizons,
    Info,
    Joined,
    Left,
    Message,
    Muted,
    Ok,
    Passed,
    Pins,
    Presence,
    Receipt,
    Renamed,
    Retitled,
    RoomSummary,
)
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_tui.model.deeds import Deeds
from chat_tui.model.editions import Editions, Text
from chat_tui.model.effects import Alert, Announce, Effect, Show
from chat_tui.model.events import Part
from chat_tui.model.holdup import Question
from chat_tui.model.margin import Margin
from chat_tui.model.marks import Pinboard
from chat_tui.model.moderation import Moderation
from chat_tui.model.owed import Mark
from chat_tui.model.pages import Pages
from chat_tui.model.replica import Replica, read_in_any_text
from chat_tui.model.tally import Tally, mentions
from chat_tui.model.writers import Writers
from chat_tui.model.writing import Original
from chat_tui.text.safetext import safe_line, safe_text

WATCHED: Final = "You will be told whenever somebody reads this message."
UNWATCHED: Final = "You will not be told any more who reads this message."
RoomFrame = (
    Message
    | History
    | Horizons
    | Receipt
    | Acknowledged
    | Changed
    | Info
    | Pins
    | Joined
    | Left
    | Muted
    | Renamed
    | Presence
    | Retitled
    | Passed
)
"""What a server says of one room."""


@dataclass(frozen=True, slots=True)
class Gaze:
    """How a room is looked at."""

    current: bool
    """It is the one that is shown."""
    attended: bool
    """Somebody is there to look at it."""
    following: bool
    """What comes at its end is scrolled to."""


class Room:
    """A room and what this client has asked about it."""

    def __init__(
        self,
        name: str,
        me: str,
        ref: Callable[[str], str],
        ask: Callable[[Iterable[Question]], Iterator[Effect]],
    ) -> None:
        """Know nothing of it but its name; `ref` makes a new ref of a kind of request, `ask` asks questions."""
        self.name = name
        self.replica = Replica(name, me)
        self.moderation = Moderation(me)
        self.deeds = Deeds(ref)
        self.pages = Pages(name, ref)
        self.margin = Margin(name, ref)
        self.tally = Tally()
        self.pinboard = Pinboard(name, ref)
        self.writers = Writers()
        self.info: Info | None = None
        """What the server last said of the message under inspection."""
        self.inspected: int | None = None
        self.watched: set[int] = set()
        """Messages of one's own of which one wants to be told when they are read."""
        self._ref = ref
        self._ask = ask

    @property
    def label(self) -> str:
        """What it is called: `#general`, and by the other's name, `@bob`, where it is a conversation of two."""
        return f"@{safe_line(self.replica.title)}" if self.replica.direct else f"#{safe_line(self.name)}"

    @property
    def topic(self) -> str:
        """Its title, safe to show; empty where that says no more than what it is called."""
        title = self.replica.title
        return "" if self.replica.direct or title == self.name else safe_line(title)

    @property
    def me(self) -> str:
        """What one is called in it."""
        return self.replica.me

    def start_over(self, read: Ranges, editions: Editions) -> None:
        """Know nothing of it but what has been `read` and not told, edited ones in which text."""
        old, self.replica = self.replica, Replica(self.name, self.me)
        self.replica.title, self.replica.direct = old.title, old.direct
        self.replica.read, self.replica.editions = read, editions
        self.deeds.unsaved.clear()
        self.watched.clear()
        self.info = None
        self.pinboard.close()

    @property
    def first_unread(self) -> int | None:
        """The first message that one has not read; None where there is none."""
        first, replica = self.tally.first, self.replica
        if first is None or not replica.first <= first <= replica.last:
            return first
        return min(replica.unread(range(first, replica.last + 1)), default=None)

    # What one does in it

    def summarise(self, summary: RoomSummary, *, current: bool, mark: Mark | None) -> Iterator[Effect]:
        """Take it as it is. Where it is shown, ask for the page to begin with, or what was interrupted."""
        self.moderation.removed = ""
        changed = set(summary.members) != set(self.replica.members)
        self.replica.summarise(summary)
        self.tally.summarise(summary)
        self._take_owed()
        if not current:
            if changed:
                self.pages.doubt()
        elif self.replica.loaded:
            yield from self._ask(self.pages.go_on(self.replica, changed=changed))
        else:
            yield from self._begin(mark.message if mark is not None else summary.first_unread)

    def _take_owed(self) -> None:
        """What one has read and the server did not know: it counts it as unread."""
        first = self.tally.first
        if first is not None and rangesets.contains(self.replica.read, first):
            self.tally.read(self.replica.read, self.replica.uncounted(self.replica.read))

    def show(self, mark: Mark | None, at: int | None = None) -> Iterator[Effect]:
        """It is shown from now on: begin at its mark, its first unread message, or its end.

        Who goes to a message `at` some other place asks for that, where it is not held.
        """
        first = mark.message if mark is not None else self.first_unread
        sought = first if at is None else at
        held = sought is None or self.replica.get(sought) is not None
        if self.replica.loaded and held:
            self.replica.new_before = first
            yield from self._ask(self.pages.go_on(self.replica, changed=False))
        else:
            self.replica.close()
            self.replica.new_before = first
            if at is None:
                yield from self._begin(first)

    def begin_again(self) -> Iterator[Effect]:
        """What it was to begin with has not come."""
        yield from self._begin(self.first_unread)

    def _begin(self, first: int | None) -> Iterator[Effect]:
        self.replica.new_before = first
        yield from self._ask(self.pages.begin(first))

    def hide(self) -> None:
        """Another one is shown."""
        self.inspected, self.info = None, None
        self.pinboard.close()

    def mark(self, message_id: int) -> Mark:
        """Where it is to be opened next, with what counts as unread again."""
        told = range(message_id, self.replica.last + 1)
        others = len(told) - len(self.replica.uncounted(((told.start, told.stop - 1),)))
        return Mark(message_id, others - len(self.replica.unread(told)))

    def see(self, ids: frozenset[int]) -> Ranges:
        """These of its messages have been read; the ranges to tell, empty where nothing is new."""
        told = self.replica.see(ids)
        self.tally.read(told, self.replica.uncounted(told))
        return told

    def done(self, ok: Ok) -> Iterator[Effect]:
        """What one asked for is done. Whoever has acknowledged a message has read it, and the server knows."""
        if isinstance(request := self.deeds.of(ok.ref or ""), Acknowledge):
            self.see(frozenset({request.message_id}))
            if request.edition:
                self.see_texts([(request.message_id, request.edition)])
        yield from self.deeds.answer(ok)

    def see_texts(self, texts: Iterable[Text]) -> Editions:
        """These texts of its edited messages have been read; what to tell of them, empty where nothing is new."""
        return self.replica.see_texts(texts)

    def seek(self, part: Part) -> Iterator[Effect]:
        """Somebody looks for a part of its history."""
        yield from self._ask(self.pages.seek(self.replica, part))

    def original(self, message_id: int | None) -> Original | None:
        """A message of one's own in the window, to be edited: this one, or (None) the newest that there is."""
        sought = self.replica.newest_own if message_id is None else message_id
        held = None if sought is None else self.replica.get(sought)
        if held is None or held.deleted or held.message.sender != self.me:
            return None
        return Original(held.message.id, safe_text(held.message.content), self.deeds.unsaved.get(held.message.id))

    def turn_sharing(self, let_go: Ranges, gaze: Gaze) -> Iterator[Effect]:
        """One shares what one reads here, or does so no more; `let_go` was read, and is not told any more."""
        self.replica.forget_readers()
        self.replica.forget_read(let_go)
        self.info = None
        self.margin.forget()
        yield from self._doubt_audiences(gaze)

    def look_at_horizons(self) -> Iterator[Effect]:
        """Somebody looks at how far others have read."""
        yield from self._ask(self.margin.ask())

    def watch(self, message_id: int) -> Iterator[Effect]:
        """Be told when this message of one's own is read, or no more."""
        self.watched ^= {message_id}
        yield Show(WATCHED if message_id in self.watched else UNWATCHED)

    def inspect(self, message_id: int | None, *, online: bool) -> Iterator[Effect]:
        """Somebody looks at who has read a message, or (None) at none."""
        if message_id != self.inspected:
            self.inspected, self.info = message_id, None
        if message_id is not None and online:
            yield from self._ask([FetchInfo(ref=self._ref("info"), room=self.name, message_id=message_id)])

    def view_pins(self, *, is_open: bool, online: bool) -> Iterator[Effect]:
        """Somebody looks at what is pinned, or not any more."""
        if is_open:
            yield from self._ask(self.pinboard.look(online=online))
        else:
            self.pinboard.close()

    def cut(self) -> Iterator[Effect]:
        """The connection is gone, and with it every answer."""
        self.pages.cut()
        self.margin.cut()
        self.writers.cut()
        yield from self.deeds.cut()

    # What the server says of it

    def hear(self, frame: RoomFrame, gaze: Gaze) -> Iterator[Effect]:
        """Take what has happened in it."""
        self.writers.notice(frame)
        match frame:
            case Message():
                self.replica.hear(frame, following=gaze.current and gaze.following)
                self.tally.hear(frame, self.me, self.replica.read)
                yield from self._notice_new([frame], gaze)
            case History():
                yield from self._hear_page(frame, gaze)
            case Receipt():
                yield from self._hear_receipt(frame, gaze)
            case Acknowledged():
                yield from self._hear_acknowledgement(frame, gaze)
            case Changed():
                yield from self._change(frame)
            case Info():
                if frame.message_id == self.inspected:
                    self.info = frame
            case Pins():
                self.pinboard.take(frame)
            case Horizons():
                self.margin.hear(frame)
            case Renamed():
                self.replica.rename(frame)
                self.margin.forget()
            case Retitled(title=title):
                self.replica.title = title
            case Passed(owner=owner):
                self.replica.owner = owner
            case Joined() | Left() | Muted() | Presence():
                yield from self._hear_of_people(frame, gaze)
            case _:
                assert_never(frame)

    def _hear_of_people(self, frame: Joined | Left | Muted | Presence, gaze: Gaze) -> Iterator[Effect]:
        match frame:
            case Joined(name=name, back=back):
                self.replica.enter(name)
                yield from self.moderation.hear(frame)
                if back:
                    yield from self._doubt_audiences(gaze)
            case Left(name=name):
                self.replica.leave(name)
                yield from self.moderation.hear(frame)
                if name != self.me:
                    yield from self._doubt_audiences(gaze)
            case Muted():
                self.replica.mute(frame)
                yield from self.moderation.hear(frame)
            case Presence(name=name, online=True):
                self.replica.online.add(name)
            case Presence(name=name):
                self.replica.online.discard(name)
            case _:
                assert_never(frame)

    def _change(self, changed: Changed) -> Iterator[Effect]:
        if changed.deleted_at is None:
            yield from self._hear_edit(changed)
            self.replica.change(changed)
            is_edited = changed.content is not None and changed.message_id in self.replica.pins
            if is_edited or changed.pinned:
                yield from self._ask(self.pinboard.doubt())
            return
        held = self.replica.get(changed.message_id)
        author = held.message.sender if held is not None else None
        # Who moderates deletes what others wrote; anybody else deletes their own, oneself among them.
        counted = changed.deleted_by != self.me if author is None else author != self.me
        self.tally.change(changed, counted=counted and not (held is not None and held.deleted))
        self.replica.change(changed)

    def _hear_edit(self, changed: Changed) -> Iterator[Effect]:
        """Whom a new text names and the old one did not is told, as by a new message."""
        held, text = self.replica.get(changed.message_id), changed.content
        if text is None:
            return
        self.tally.edit(changed.message_id, text, self.me)
        if held is None or held.deleted or self.replica.direct or held.message.sender == self.me:
            return
        is_later = changed.edition > max(held.message.edition, self.replica.editions.get(changed.message_id, 0))
        if is_later and mentions(text, self.me) and not mentions(held.message.content, self.me):
            yield Alert(self.name, changed.message_id, held.message.sender, text, edition=changed.edition)

    def _hear_page(self, page: History, gaze: Gaze) -> Iterator[Effect]:
        following = gaze.current and gaze.following
        yield from self._ask(self.pages.take(page, self.replica, following=following))
        for each in page.messages:
            self.tally.hear(each, self.me, self.replica.read)
        if page.ref is None:
            yield from self._notice_new(page.messages, gaze)

    def _notice_new(self, messages: Sequence[Message], gaze: Gaze) -> Iterator[Effect]:
        """These have come by themselves; nobody saw them come who does not look."""
        for each in messages:
            if not (gaze.current and gaze.attended):
                self.replica.mark_new(each)
            direct = self.replica.direct
            if self._is_news(each) and (direct or mentions(each.content, self.me)):
                yield Alert(self.name, each.id, each.sender, each.content, direct)

    def _is_news(self, message: Message) -> bool:
        """Whether there is something in a message that one has not written, nor read anywhere."""
        gone = message.deleted_at is not None or rangesets.contains(self.replica.read, message.id)
        return message.sender != self.me and not gone

    def _hear_receipt(self, receipt: Receipt, gaze: Gaze) -> Iterator[Effect]:
        fresh = self.replica.note(receipt)
        if receipt.reader == self.me:
            ranges = read_in_any_text(receipt)
            self.tally.read(ranges, self.replica.uncounted(ranges), receipt.revision)
            return
        outside = rangesets.subtract(receipt.ranges, self.replica.extent)
        texts = {each: self.replica.text_of(each) for each in (*fresh, *rangesets.ids(outside))}
        yield from self._announce(receipt.reader, texts, gaze)
        if self.inspected is not None and rangesets.contains(read_in_any_text(receipt), self.inspected):
            yield from self.inspect(self.inspected, online=True)
        if receipt.reader not in self.replica.members:
            yield from self._doubt_audiences(gaze)

    def _hear_acknowledgement(self, said: Acknowledged, gaze: Gaze) -> Iterator[Effect]:
        each = said.message_id
        if self.replica.acknowledge(said) and not gaze.attended:
            yield Announce(said.reader, {each: self.replica.text_of(each)}, self.name, acknowledged=True)
        if each == self.inspected:
            yield from self.inspect(each, online=True)

    def _announce(self, reader: str, texts: dict[int, str | None], gaze: Gaze) -> Iterator[Effect]:
        """Tell of reads: of what is watched in any case, of all else where nobody looks."""
        watched = {each: text for each, text in texts.items() if each in self.watched}
        others = {each: text for each, text in texts.items() if each not in self.watched}
        if watched:
            yield Announce(reader, watched, self.name, watched=True)
        if others and not gaze.attended:
            yield Announce(reader, others, self.name)

    def _doubt_audiences(self, gaze: Gaze) -> Iterator[Effect]:
        """Somebody has come or gone: more or fewer may be missing from the readers of one's own messages."""
        if not gaze.current:
            self.pages.doubt()
            return
        yield from self._ask(self.pages.doubt_audiences(self.replica))
        yield from self.inspect(self.inspected, online=True)
