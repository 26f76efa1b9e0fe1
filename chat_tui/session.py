"""The conversation as this client lives it: events in, effects out. Pure.

What is owed to the server, posts and receipts, is kept until it is acknowledged, and told again after each cut:
posts with their old nonces, receipts by union. Time and randomness arrive in the events.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, assert_never

from chat_server.protocol import (
    AnyFrame,
    Bans,
    Challenge,
    Changed,
    Entered,
    FetchInfo,
    Found,
    History,
    Info,
    Join,
    Joined,
    Left,
    Members,
    Message,
    Muted,
    Ok,
    Passed,
    Pins,
    Presence,
    Receipt,
    Refused,
    Renamed,
    Resume,
    Retitled,
    Rooms,
    RoomSummary,
    Settings,
    Typing,
    Welcome,
)
from chat_server.protocol import ranges as rangesets
from chat_tui.dues import DISK_FULL, RATE_LIMITED, WHY, Dues
from chat_tui.effects import Announce, Effect, GiveUp, Save, Say
from chat_tui.events import (
    Cut,
    Dialling,
    Discarded,
    Distrusted,
    Drafted,
    Elapsed,
    Event,
    Heard,
    Inspected,
    Linked,
    Looked,
    Moderated,
    Part,
    Proved,
    Retried,
    Seen,
    Sought,
    Typed,
)
from chat_tui.greeting import EXPELLED, HELLO, PROVE, Greeting, sentence_of
from chat_tui.holdup import Question, Questions
from chat_tui.moderation import Moderation
from chat_tui.owed import Owed, OwedPost
from chat_tui.pages import Pages
from chat_tui.replica import Replica
from chat_tui.view import ConversationView, Link, Status

JOIN: Final = "join"
"""The ref of the request that follows a welcome where one is not in the room."""


class Session:
    """One person's conversation in one room, across any number of connections."""

    def __init__(self, name: str, room: str, owed: Owed, key: str, invite: str | None = None) -> None:
        """Begin where the last session of this person on this server ended: with what it still owed.

        `key` is the public key that the name is proven with, and `invite` a one-time code that lets it be so.
        """
        self.name = name
        self.room = room
        self.replica = Replica(room, name)
        self.info: Info | None = None
        """What the server last said of the message under inspection."""
        self._greeting = Greeting(name, key, invite)
        self._dues = Dues(owed, self._ref)
        self._pages = Pages(room, self._ref)
        self._moderation = Moderation(name, self._ref)
        self._questions = Questions()
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
            case Moderated(request=request):
                yield from self._moderation.ask(request, online=self._link is Link.ONLINE)
            case Linked() | Proved() | Distrusted() | Dialling() | Cut():
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
        deadlines = (self._dues.next_deadline_ms, self._questions.holdup.until_ms)
        return min((each for each in deadlines if each is not None), default=None)

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
            closed=self._moderation.closed(replica.muted) or self._dues.posts.closed,
        )

    def status(self) -> Status:
        """The connection and the room in short."""
        reason, retry_at_ms = self._why()
        return Status(
            link=self._link,
            reason=reason,
            retry_at_ms=retry_at_ms,
            name=self.name,
            room=self.room,
            members=len(self.replica.members),
            online=len(self.replica.online),
            queued=len(self._dues.posts.queued),
        )

    def _why(self) -> tuple[str, int | None]:
        """Why something waits, or there is no connection, and when it is tried again."""
        if why := self._dues.why:
            return why, self._dues.waits_until_ms
        if self._questions.holdup.lasts:
            return f"{WHY[RATE_LIMITED]}; the history waits", self._questions.holdup.until_ms
        return self._reason, self._retry_at_ms

    # The connection

    def _follow_link(self, event: Linked | Proved | Distrusted | Dialling | Cut) -> Iterator[Effect]:
        match event:
            case Linked(nonce=nonce):
                yield Say(self._greeting.begin(nonce, self._resume()))
            case Proved(signature=signature):
                yield from map(Say, self._greeting.prove(signature))
            case Distrusted(reason=reason):
                yield GiveUp(reason)
            case Dialling():
                self._link, self._retry_at_ms = Link.CONNECTING, None
            case Cut(reason=reason, retry_at_ms=retry_at_ms):
                self._lose(reason, retry_at_ms)
                yield from self._moderation.cut()
            case _:
                assert_never(event)

    def _resume(self) -> Resume | None:
        return Resume(self._epoch, {self.room: self.replica.cursor()}) if self.replica.loaded else None

    def _lose(self, reason: str, retry_at_ms: int | None) -> None:
        self._link = Link.WAITING if retry_at_ms is not None else Link.STOPPED
        self._reason, self._retry_at_ms = self._turned_away or reason, retry_at_ms
        self._turned_away = ""
        self._greeting.cut()
        self._dues.cut()
        self._pages.cut()
        self._questions.cut()

    def _welcome(self, welcome: Welcome, now_ms: int) -> Iterator[Effect]:
        if self._epoch not in ("", welcome.epoch):
            yield from self._start_over()
        self._epoch = welcome.epoch
        self._greeting.welcomed()
        self._link, self._reason, self._retry_at_ms = Link.ONLINE, "", None
        for summary in welcome.rooms:
            if summary.name == self.room:
                yield from self._open(summary)
                break
        else:
            if not (self._moderation.removed and self.replica.loaded):
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
        self._moderation.removed = ""
        others = set(summary.members) != set(self.replica.members)
        self.replica.summarise(summary)
        if self.replica.loaded:
            yield from self._ask(self._pages.go_on(self.replica, changed=others))
        else:
            yield from self._ask(self._pages.begin(summary.first_unread))

    def _elapse(self, now_ms: int) -> Iterator[Effect]:
        if self._dues.elapse(now_ms) and not self._dues.may_send:
            yield from self._join()
        yield from map(Say, self._dues.send(now_ms))
        yield from map(Say, self._questions.elapse(now_ms))

    # What the server says

    def _hear(self, frame: AnyFrame, now_ms: int) -> Iterator[Effect]:
        if not self._greeting.trusts(frame):
            yield from self._greeting.hear(frame)
            return
        match frame:
            case Welcome():
                yield from self._welcome(frame, now_ms)
            case Ok():
                yield from self._settle(frame, now_ms)
            case Refused():
                yield from self._take_refusal(frame, now_ms)
            case Rooms() | Members() | Challenge() | Pins() | Typing() | Settings() | Found() | Bans():
                pass
            case Entered(room=room):
                if room.name == self.room:
                    yield from self._hear_of_people(Joined(room=room.name, name=self.name, back=True))
            case Message() | History() | Receipt() | Changed() | Info():
                if frame.room == self.room:
                    yield from self._hear_of_messages(frame)
            case Joined() | Left() | Muted() | Renamed() | Presence() | Retitled() | Passed():
                if frame.room == self.room:
                    yield from self._hear_of_people(frame)
            case _:
                assert_never(frame)

    def _hear_of_messages(self, frame: Message | History | Receipt | Changed | Info) -> Iterator[Effect]:
        match frame:
            case Message():
                yield from self._hear_message(frame)
            case History():
                yield from self._hear_page(frame)
            case Receipt():
                yield from self._hear_receipt(frame)
            case Changed():
                self.replica.change(frame)
            case Info(message_id=message_id, ref=ref):
                self._questions.answered(ref)
                if message_id == self._inspected:
                    self.info = frame
            case _:
                assert_never(frame)

    def _hear_of_people(
        self, frame: Joined | Left | Muted | Renamed | Presence | Retitled | Passed
    ) -> Iterator[Effect]:
        match frame:
            case Joined(name=name, back=back):
                self.replica.enter(name)
                yield from self._moderation.hear(frame)
                if back:
                    yield from self._doubt_audiences()
            case Left(name=name):
                self.replica.leave(name)
                yield from self._moderation.hear(frame)
                if name != self.name:
                    yield from self._doubt_audiences()
            case Muted():
                self.replica.mute(frame)
                yield from self._moderation.hear(frame)
            case Renamed():
                self.replica.rename(frame)
            case Retitled(title=title):
                self.replica.title = title
            case Passed(owner=owner):
                self.replica.owner = owner
            case Presence(name=name, online=True):
                self.replica.online.add(name)
            case Presence(name=name):
                self.replica.online.discard(name)
            case _:
                assert_never(frame)

    def _hear_message(self, message: Message) -> Iterator[Effect]:
        self.replica.hear(message, following=self._following)
        self._notice_new([message])
        yield from self._arrive([message])

    def _hear_page(self, page: History) -> Iterator[Effect]:
        self._questions.answered(page.ref)
        yield from self._ask(self._pages.take(page, self.replica, following=self._following))
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
        elif (ok.ref or "") in self._moderation:
            yield from self._moderation.answer(ok)
        elif self._dues.take(ok):
            self._dues.posts.settle(self.replica.last)
            yield Save()
        yield from map(Say, self._dues.send(now_ms))

    def _take_refusal(self, refused: Refused, now_ms: int) -> Iterator[Effect]:
        ref = refused.ref or ""
        if ref in self._moderation:
            yield from self._moderation.answer(refused)
            return
        if refused.code in (DISK_FULL, RATE_LIMITED) and not self._pages.overtaken(ref):
            self._postpone(refused, ref, now_ms)
            return
        self._questions.answered(ref)
        self._pages.refused(ref)
        if ref in (HELLO, PROVE, JOIN) or refused.code == EXPELLED:
            yield GiveUp(sentence_of(refused))
        elif self._dues.refuse(refused):
            yield Save()
            yield from map(Say, self._dues.send_post())

    def _postpone(self, refused: Refused, ref: str, now_ms: int) -> None:
        """The server will have something later."""
        if ref in (HELLO, PROVE):
            self._turned_away = refused.reason
        elif ref in self._questions:
            self._questions.hold(ref, now_ms, refused.retry_after_ms)
        else:
            self._dues.hold(refused, now_ms)

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
            yield from self._ask(self._pages.seek(self.replica, part))
        else:
            self._pages.want(part)

    def _doubt_audiences(self) -> Iterator[Effect]:
        """Somebody has come or gone: more or fewer may be missing from the readers of one's own messages."""
        yield from self._ask(self._pages.doubt_audiences(self.replica))
        yield from self._inspect(self._inspected)

    def _inspect(self, message_id: int | None) -> Iterator[Effect]:
        if message_id != self._inspected:
            self._inspected, self.info = message_id, None
        if message_id is not None and self._link is Link.ONLINE:
            yield from self._ask([FetchInfo(ref=self._ref("info"), room=self.room, message_id=message_id)])

    def _ask(self, questions: Iterable[Question]) -> Iterator[Effect]:
        yield from map(Say, self._questions.ask(questions))

    def _ref(self, kind: str) -> str:
        self._requests += 1
        return f"{kind}-{self._requests}"
