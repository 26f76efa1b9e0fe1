"""The conversation as this client lives it: events in, effects out. Pure.

What is owed to the server, posts and receipts, is kept until it is acknowledged, and told again after each cut:
posts with their old nonces, receipts by union. Time and randomness arrive in the events.
"""

from collections.abc import Iterator
from typing import Final, assert_never

from chat_server.protocol import (
    PAGE_MAX,
    VERSION,
    AnyFrame,
    FetchHistory,
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
    Read,
    Receipt,
    Refused,
    Resume,
    Rooms,
    RoomSummary,
    Welcome,
)
from chat_server.protocol import ranges as rangesets
from chat_tui.effects import Announce, Effect, GiveUp, Save, Say
from chat_tui.events import (
    Cut,
    Dialling,
    Discarded,
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
from chat_tui.posts import Posts, request
from chat_tui.receipts import OwedReceipts
from chat_tui.replica import FreshlyRead, Replica
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
        self._client = owed.client
        self._posts = Posts(owed.posts)
        self._receipts = OwedReceipts(owed.reads)
        self._fetches: dict[str, tuple[Part | None, bool]] = {}
        self._epoch: str | None = None
        self._link = Link.CONNECTING
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
            case Elapsed(now_ms=now_ms):
                yield from self._tell_reads(now_ms)
            case Looked(attended=attended, following=following):
                self._attended, self._following = attended, following
            case Sought(part=part):
                yield from self._seek(part)
            case Inspected(message_id=message_id):
                yield from self._inspect(message_id)
            case Retried(nonce=nonce):
                yield from self._retry(nonce)
            case Discarded(nonce=nonce):
                self._posts.discard(nonce)
                yield Save()
            case Linked():
                yield Say(self._hello())
            case Dialling():
                self._link = Link.CONNECTING
            case Cut(reason=reason, retry_at_ms=retry_at_ms):
                self._lose(reason, retry_at_ms)
            case _:
                assert_never(event)

    # What is asked of it

    @property
    def owed(self) -> Owed:
        """What must be on disk now."""
        return Owed(client=self._client, posts=self._posts.owed, reads=self._receipts.owed)

    @property
    def next_deadline_ms(self) -> int | None:
        """When `Elapsed` would make it send receipts; None while there are none to send."""
        return self._receipts.next_deadline_ms if self._link is Link.ONLINE else None

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
            messages=(*replica.messages(), *self._posts.draw(self.room, self.name)),
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
            reason=self._reason,
            retry_at_ms=self._retry_at_ms,
            name=self.name,
            room=self.room,
            members=len(self.replica.members),
            online=len(self.replica.online),
            queued=len(self._posts.queued),
        )

    # The connection

    def _hello(self) -> Hello:
        resume = None
        if self._epoch is not None and self.replica.last:
            resume = Resume(self._epoch, {self.room: self.replica.cursor()})
        return Hello(ref=HELLO, name=self.name, version=VERSION, client=self._client, resume=resume)

    def _lose(self, reason: str, retry_at_ms: int | None) -> None:
        self._link = Link.WAITING if retry_at_ms is not None else Link.STOPPED
        self._reason, self._retry_at_ms = reason, retry_at_ms
        self._receipts.cut()
        self._fetches.clear()

    def _welcome(self, welcome: Welcome, now_ms: int) -> Iterator[Effect]:
        if self._epoch not in (None, welcome.epoch):
            self.replica = Replica(self.room, self.name)
        self._epoch, self._link, self._reason = welcome.epoch, Link.ONLINE, ""
        for summary in welcome.rooms:
            if summary.name == self.room:
                yield from self._open(summary)
                break
        else:
            yield Say(Join(ref=JOIN, room=self.room))
        yield from self._send_owed(now_ms)
        if self._inspected is not None:
            yield from self._inspect(self._inspected)

    def _open(self, summary: RoomSummary) -> Iterator[Effect]:
        """Take the room as it is; where no page of it is held yet, ask for the one to begin with."""
        self.replica.summarise(summary)
        if self.replica.loaded:
            return
        if summary.first_unread is None:
            yield self._fetch(Part.NEWEST, instead=True, before=summary.last_id + 1)
        else:
            yield self._fetch(None, instead=True, around=summary.first_unread)

    def _send_owed(self, now_ms: int) -> Iterator[Effect]:
        yield from (Say(request(post)) for post in self._posts.queued)
        yield from self._tell_reads(now_ms)

    # What the server says

    def _hear(self, frame: AnyFrame, now_ms: int) -> Iterator[Effect]:
        match frame:
            case Welcome():
                yield from self._welcome(frame, now_ms)
            case Ok():
                yield from self._settle(frame)
            case Refused():
                yield from self._take_refusal(frame)
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
                _, instead = self._fetches.pop(frame.ref or "", (None, False))
                self.replica.take(frame, instead=instead)
                self._posts.settle(self.replica.last)
                if self._posts.arrive(frame.messages):
                    yield Save()
            case Receipt():
                yield from self._hear_receipt(frame)
            case Joined(name=name):
                self.replica.enter(name)
            case Left(name=name):
                self.replica.leave(name)
                yield from self._refresh()
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
        if message.sender != self.name and not self._attended:
            self.replica.mark_new(message)
        if self._posts.arrive([message]):
            yield Save()

    def _hear_receipt(self, receipt: Receipt) -> Iterator[Effect]:
        known = self.replica.note(receipt)
        if receipt.reader == self.name:
            return
        fresh = known or FreshlyRead(receipt.reader, ())
        outside = rangesets.subtract(receipt.ranges, self.replica.extent)
        texts = {each: self.text_of(each) for each in (*fresh.ids, *rangesets.ids(outside))}
        if texts and not self._attended:
            yield Announce(receipt.reader, texts)
        if self._inspected is not None and rangesets.contains(receipt.ranges, self._inspected):
            yield from self._inspect(self._inspected)

    def _settle(self, ok: Ok) -> Iterator[Effect]:
        ref = ok.ref or ""
        if ok.room is not None:
            yield from self._open(ok.room)
        elif ref in self._posts and ok.message_id is not None:
            self._posts.acknowledge(ref, ok.message_id)
            self._posts.settle(self.replica.last)
            yield Save()
        elif ref in self._receipts:
            self._receipts.answered(ref)
            yield Save()

    def _take_refusal(self, refused: Refused) -> Iterator[Effect]:
        ref = refused.ref or ""
        self._fetches.pop(ref, None)
        if ref in (HELLO, JOIN):
            yield GiveUp(refused.reason)
        elif ref in self._posts:
            self._posts.refuse(ref, refused.reason)
            yield Save()
        elif ref in self._receipts:
            self._receipts.answered(ref)
            yield Save()

    # Posts and receipts

    def _type(self, typed: Typed) -> Iterator[Effect]:
        post = OwedPost(self.room, typed.nonce, typed.content, typed.wall_ms)
        self._posts.add(post)
        yield Save()
        yield from self._say_post(post)
        yield from self._seek(Part.NEWEST)

    def _retry(self, nonce: str) -> Iterator[Effect]:
        post = self._posts.retry(nonce)
        yield Save()
        yield from self._say_post(post)

    def _say_post(self, post: OwedPost) -> Iterator[Effect]:
        if self._link is Link.ONLINE:
            yield Say(request(post))

    def _see(self, ids: frozenset[int], now_ms: int) -> Iterator[Effect]:
        told = self.replica.see(ids)
        if told:
            self._receipts.add(self.room, told)
            yield Save()
            yield from self._tell_reads(now_ms)

    def _tell_reads(self, now_ms: int) -> Iterator[Effect]:
        if self._link is not Link.ONLINE:
            return
        for room, ranges in self._receipts.due(now_ms):
            ref = self._ref("read")
            self._receipts.sent(ref, room, ranges)
            yield Say(Read(ref=ref, room=room, ranges=ranges))

    # History and info

    def _seek(self, part: Part) -> Iterator[Effect]:
        replica = self.replica
        busy = any(part is each for each, _ in self._fetches.values())
        if self._link is not Link.ONLINE or not replica.loaded or busy:
            return
        if part is Part.OLDER and not replica.at_start:
            yield self._fetch(part, before=replica.first)
        elif part is Part.NEWER and not replica.at_end:
            yield self._fetch(part, after=replica.last)
        elif part is Part.OLDEST and not replica.at_start:
            yield self._fetch(part, instead=True, after=0)
        elif part is Part.NEWEST and not replica.at_end:
            yield self._fetch(part, instead=True, before=replica.last_id + 1)

    def _fetch(
        self,
        part: Part | None,
        *,
        instead: bool = False,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
    ) -> Say:
        ref = self._ref("page")
        self._fetches[ref] = part, instead
        return Say(FetchHistory(ref=ref, room=self.room, before=before, after=after, around=around))

    def _refresh(self) -> Iterator[Effect]:
        """Ask again for the window: somebody has left, so fewer may be missing from the readers."""
        for first in range(self.replica.first, self.replica.last + 1, PAGE_MAX):
            yield self._fetch(None, after=first - 1)

    def _inspect(self, message_id: int | None) -> Iterator[Effect]:
        if message_id != self._inspected:
            self._inspected, self.info = message_id, None
        if message_id is not None and self._link is Link.ONLINE:
            yield Say(FetchInfo(ref=self._ref("info"), room=self.room, message_id=message_id))

    def _ref(self, kind: str) -> str:
        self._requests += 1
        return f"{kind}-{self._requests}"
