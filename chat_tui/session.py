"""The conversation as this client lives it: events in, effects out. Pure.

What is owed to the server, posts and receipts, is kept until it is acknowledged, and told again after each cut:
posts with their old nonces, receipts by union. Time and randomness arrive in the events.
"""

from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from chat_server.protocol import (
    VERSION,
    AnyFrame,
    FetchInfo,
    Hello,
    History,
    Info,
    Join,
    Joined,
    Left,
    Members,
    Message,
    Ok,
    Presence,
    Receipt,
    Refused,
    Resume,
    Rooms,
    RoomSummary,
    Welcome,
)
from chat_server.protocol import ranges as rangesets
from chat_tui.dues import DISK_FULL, Dues
from chat_tui.effects import Announce, Effect, GiveUp, Save, Say
from chat_tui.events import (
    Cut,
    Dialling,
    Discarded,
    Drafted,
    Elapsed,
    Event,
    Heard,
    Inspected,
    Linked,
    Looked,
    Part,
    Retried,
    Seen,
    Sought,
    Typed,
)
from chat_tui.owed import Owed, OwedPost
from chat_tui.pages import Pages
from chat_tui.replica import Replica
from chat_tui.view import ConversationView, Link, Status

HELLO: Final = "hello"
JOIN: Final = "join"
"""Refs of the requests that a connection begins with."""


class Session:
    """One person's conversation in one room, across any number of connections."""

    def __init__(self, name: str, room: str, owed: Owed) -> None:
        """Begin where the last session of this person on this server ended: with what it still owed."""
        self.name = name
        self.room = room
        self.replica = Replica(room, name)
        self.info: Info | None = None
        """What the server last said of the message under inspection."""
        self._dues = Dues(owed, self._ref)
        self._pages = Pages(room, self._ref)
        self._epoch = owed.epoch
        self._link = Link.CONNECTING
        self._turned_away = ""
        """Why the server ends this connection, where another one may go better."""
        self._reason = ""
        self._retry_at_ms: int | None = None
        self._attended = True
        self._following = True
        self._inspected: int | None = None
        self._requests = 0
        self.replica.read = owed.reads.get(room, ())

    def handle(self, event: Event) -> list[Effect]:
        """Change what the event changes, and say what must be done about it, in order."""
        return list(self._handle(event))

    def _handle(self, event: Event) -> Iterator[Effect]:
        match event:
            case Heard(frame=frame, now_ms=now_ms):
                yield from self._hear(frame, now_ms)
            case Seen(ids=ids, now_ms=now_ms):
                yield from self._see(ids, now_ms)
            case Typed():
                yield from self._type(event)
            case Drafted(text=text):
                if self._dues.write(self.room, text):
                    yield Save()
            case Elapsed(now_ms=now_ms):
                yield from self._elapse(now_ms)
            case Looked(attended=attended, following=following):
                self._attended, self._following = attended, following
            case Sought(part=part):
                yield from self._seek(part)
            case Inspected(message_id=message_id):
                yield from self._inspect(message_id)
            case Retried(nonce=nonce):
                yield from self._retry(nonce)
            case Discarded(nonce=nonce):
                if self._dues.posts.discard(nonce):
                    yield Save()
            case Linked() | Dialling() | Cut():
                yield from self._follow_link(event)
            case _:
                assert_never(event)

    # What is asked of it

    @property
    def owed(self) -> Owed:
        """What must be on disk now."""
        return self._dues.owed(self._epoch)

    @property
    def draft(self) -> str:
        """What is written to the room and not yet entered."""
        return self._dues.draft(self.room)

    @property
    def next_deadline_ms(self) -> int | None:
        """When `Elapsed` would make it send something; None while there is nothing to send."""
        return self._dues.next_deadline_ms

    def unread(self, ids: frozenset[int]) -> frozenset[int]:
        """Those of the ids that others wrote and that have not been read."""
        return self.replica.unread(ids)

    def text_of(self, message_id: int) -> str | None:
        """The text of a message in the window."""
        held = self.replica.get(message_id)
        return held.message.content if held else None

    def view(self) -> ConversationView:
        """The conversation as it is drawn now."""
        replica = self.replica
        return ConversationView(
            room=self.room,
            messages=(*replica.messages(), *self._dues.posts.draw(self.room, self.name)),
            new_before=replica.new_before,
            at_start=replica.at_start,
            at_end=replica.at_end,
            below=replica.last_id - replica.last if replica.loaded else 0,
            loading=not replica.loaded,
        )

    def status(self) -> Status:
        """The connection and the room in short."""
        return Status(
            link=self._link,
            reason=self._dues.why or self._reason,
            retry_at_ms=self._dues.waits_until_ms if self._dues.why else self._retry_at_ms,
            name=self.name,
            room=self.room,
            members=len(self.replica.members),
            online=len(self.replica.online),
            queued=len(self._dues.posts.queued),
        )

    # The connection

    def _follow_link(self, event: Linked | Dialling | Cut) -> Iterator[Effect]:
        match event:
            case Linked():
                yield Say(self._hello())
            case Dialling():
                self._link, self._retry_at_ms = Link.CONNECTING, None
            case Cut(reason=reason, retry_at_ms=retry_at_ms):
                self._lose(reason, retry_at_ms)
            case _:
                assert_never(event)

    def _hello(self) -> Hello:
        resume = None
        if self.replica.loaded:
            resume = Resume(self._epoch, {self.room: self.replica.cursor()})
        return Hello(ref=HELLO, name=self.name, version=VERSION, client=self._dues.client, resume=resume)

    def _lose(self, reason: str, retry_at_ms: int | None) -> None:
        self._link = Link.WAITING if retry_at_ms is not None else Link.STOPPED
        self._reason, self._retry_at_ms = self._turned_away or reason, retry_at_ms
        self._turned_away = ""
        self._dues.cut()
        self._pages.cut()

    def _welcome(self, welcome: Welcome, now_ms: int) -> Iterator[Effect]:
        if self._epoch not in ("", welcome.epoch):
            yield from self._start_over()
        self._epoch = welcome.epoch
        self._link, self._reason, self._retry_at_ms = Link.ONLINE, "", None
        for summary in welcome.rooms:
            if summary.name == self.room:
                yield from self._open(summary)
                break
        else:
            self._begin_replica()
            yield from self._join()
        yield from map(Say, self._dues.send(now_ms))
        yield from self._inspect(self._inspected)

    def _join(self) -> Iterator[Effect]:
        yield Say(Join(ref=JOIN, room=self.room))

    def _start_over(self) -> Iterator[Effect]:
        """The server has another history: ids of the old one mean nothing in it, and nothing is owed for them."""
        self._dues.start_over()
        self._begin_replica()
        self.info = None
        yield Save()

    def _begin_replica(self) -> None:
        """Know nothing of the room but what is owed to it."""
        self.replica = Replica(self.room, self.name)
        self.replica.read = self._dues.receipts.owed.get(self.room, ())

    def _open(self, summary: RoomSummary) -> Iterator[Effect]:
        """Take the room as it is; where no page of it is held yet, ask for the one to begin with."""
        self._dues.admit()
        others = set(summary.members) != set(self.replica.members)
        self.replica.summarise(summary)
        if self.replica.loaded:
            yield from map(Say, self._pages.go_on(self.replica, changed=others))
        else:
            yield from map(Say, self._pages.begin(summary.first_unread))

    def _elapse(self, now_ms: int) -> Iterator[Effect]:
        if self._dues.elapse(now_ms) and not self._dues.may_send:
            yield from self._join()
        yield from map(Say, self._dues.send(now_ms))

    # What the server says

    def _hear(self, frame: AnyFrame, now_ms: int) -> Iterator[Effect]:
        match frame:
            case Welcome():
                yield from self._welcome(frame, now_ms)
            case Ok():
                yield from self._settle(frame, now_ms)
            case Refused():
                yield from self._take_refusal(frame, now_ms)
            case Rooms() | Members():
                pass
            case Message() | History() | Receipt() | Joined() | Left() | Presence() | Info():
                if frame.room == self.room:
                    yield from self._hear_of_room(frame)
            case _:
                assert_never(frame)

    def _hear_of_room(
        self, frame: Message | History | Receipt | Joined | Left | Presence | Info
    ) -> Iterator[Effect]:
        match frame:
            case Message():
                yield from self._hear_message(frame)
            case History():
                yield from self._hear_page(frame)
            case Receipt():
                yield from self._hear_receipt(frame)
            case Joined(name=name, back=back):
                self.replica.enter(name)
                if back:
                    yield from self._doubt_audiences()
            case Left(name=name):
                self.replica.leave(name)
                yield from self._doubt_audiences()
            case Presence(name=name, online=True):
                self.replica.online.add(name)
            case Presence(name=name):
                self.replica.online.discard(name)
            case Info(message_id=message_id):
                if message_id == self._inspected:
                    self.info = frame
            case _:
                assert_never(frame)

    def _hear_message(self, message: Message) -> Iterator[Effect]:
        self.replica.hear(message, following=self._following)
        self._notice_new([message])
        yield from self._arrive([message])

    def _hear_page(self, page: History) -> Iterator[Effect]:
        yield from map(Say, self._pages.take(page, self.replica, following=self._following))
        if page.ref is None:
            self._notice_new(page.messages)
        self._dues.posts.settle(self.replica.last)
        yield from self._arrive(page.messages)

    def _notice_new(self, messages: Sequence[Message]) -> None:
        """These have come by themselves; nobody saw them come who does not look."""
        if not self._attended:
            for each in messages:
                self.replica.mark_new(each)

    def _arrive(self, messages: Sequence[Message]) -> Iterator[Effect]:
        if self._dues.posts.arrive(messages):
            yield Save()
            yield from map(Say, self._dues.send_post())

    def _hear_receipt(self, receipt: Receipt) -> Iterator[Effect]:
        fresh = self.replica.note(receipt)
        if receipt.reader == self.name:
            return
        outside = rangesets.subtract(receipt.ranges, self.replica.extent)
        texts = {each: self.text_of(each) for each in (*fresh, *rangesets.ids(outside))}
        if texts and not self._attended:
            yield Announce(receipt.reader, texts)
        if self._inspected is not None and rangesets.contains(receipt.ranges, self._inspected):
            yield from self._inspect(self._inspected)
        if receipt.reader not in self.replica.members:
            yield from self._doubt_audiences()

    def _settle(self, ok: Ok, now_ms: int) -> Iterator[Effect]:
        if ok.room is not None:
            yield from self._open(ok.room)
        elif self._dues.take(ok):
            self._dues.posts.settle(self.replica.last)
            yield Save()
        yield from map(Say, self._dues.send(now_ms))

    def _take_refusal(self, refused: Refused, now_ms: int) -> Iterator[Effect]:
        ref = refused.ref or ""
        self._pages.refused(ref)
        if refused.code == DISK_FULL and ref == HELLO:
            self._turned_away = refused.reason
        elif refused.code == DISK_FULL:
            self._dues.hold(ref, now_ms)
        elif ref in (HELLO, JOIN):
            yield GiveUp(refused.reason)
        elif self._dues.refuse(refused):
            yield Save()
            yield from map(Say, self._dues.send_post())

    # Posts and receipts

    def _type(self, typed: Typed) -> Iterator[Effect]:
        self._dues.enter(OwedPost(self.room, typed.nonce, typed.content, typed.wall_ms))
        yield Save()
        yield from map(Say, self._dues.send_post())
        yield from self._seek(Part.NEWEST)

    def _retry(self, nonce: str) -> Iterator[Effect]:
        if self._dues.posts.retry(nonce) is not None:
            yield Save()
            yield from map(Say, self._dues.send_post())

    def _see(self, ids: frozenset[int], now_ms: int) -> Iterator[Effect]:
        told = self.replica.see(ids)
        if told:
            self._dues.see(self.room, told)
            yield Save()
            yield from map(Say, self._dues.send(now_ms))

    # History and info

    def _seek(self, part: Part) -> Iterator[Effect]:
        if self._link is Link.ONLINE and self.replica.loaded:
            yield from map(Say, self._pages.seek(self.replica, part))
        else:
            self._pages.want(part)

    def _doubt_audiences(self) -> Iterator[Effect]:
        """Somebody has come or gone: more or fewer may be missing from the readers of one's own messages."""
        yield from map(Say, self._pages.doubt_audiences(self.replica))
        yield from self._inspect(self._inspected)

    def _inspect(self, message_id: int | None) -> Iterator[Effect]:
        if message_id != self._inspected:
            self._inspected, self.info = message_id, None
        if message_id is not None and self._link is Link.ONLINE:
            yield Say(FetchInfo(ref=self._ref("info"), room=self.room, message_id=message_id))

    def _ref(self, kind: str) -> str:
        self._requests += 1
        return f"{kind}-{self._requests}"
