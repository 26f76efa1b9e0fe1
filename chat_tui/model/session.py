"""All rooms as this client lives them, one of them shown: events in, effects out. Pure.

What is owed to the server, posts and receipts, is kept until it is acknowledged, and told again after each cut:
posts with their old nonces, receipts by union. Time and randomness arrive in the events.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, assert_never

from chat_server.protocol import (
    AnyFrame,
    Bans,
    Challenge,
    Entered,
    FetchRooms,
    Found,
    History,
    Info,
    Join,
    Leave,
    Left,
    Members,
    Message,
    Ok,
    Pins,
    Refused,
    Resume,
    Rooms,
    RoomSummary,
    Settings,
    TellTyping,
    Typing,
    Welcome,
)
from chat_tui.model.deeds import CUT, OFFLINE, Deeds
from chat_tui.model.dues import DISK_FULL, RATE_LIMITED, WHY, Dues
from chat_tui.model.editions import Text
from chat_tui.model.effects import Announce, Effect, GiveUp, Save, Say, Show
from chat_tui.model.events import (
    Asked,
    Cut,
    Departed,
    Dialling,
    Discarded,
    Distrusted,
    Drafted,
    Elapsed,
    Event,
    Heard,
    Inspected,
    Linked,
    Listed,
    Looked,
    Marked,
    Part,
    Proved,
    Retried,
    Seen,
    Silenced,
    Sought,
    Turned,
    Typed,
    Watched,
    Wrote,
)
from chat_tui.model.greeting import EXPELLED, HELLO, PROVE, Greeting, sentence_of
from chat_tui.model.holdup import Question, Questions
from chat_tui.model.owed import Owed, OwedPost
from chat_tui.model.receipts import ReadTexts
from chat_tui.model.replica import Replica
from chat_tui.model.room import Gaze, Room, RoomFrame
from chat_tui.model.sidebar import RoomsView, lines, survey
from chat_tui.model.view import ConversationView, Link, Status
from chat_tui.text.safetext import safe_line

JOIN: Final = "join"
"""The ref of the request that follows a welcome where one is not in the room."""


class Session:
    """One person's rooms on one server, across any number of connections."""

    def __init__(self, name: str, room: str, owed: Owed, key: str, invite: str | None = None) -> None:
        """Begin where the last session of this person on this server ended: with what it still owed.

        `room` is the one to show at first. `key` is the public key that the name is proven with, and `invite` a
        one-time code that lets it be so.
        """
        self.name = name
        self.listing: Rooms | None = None
        """What the server last said of all its rooms."""
        self._greeting = Greeting(name, key, invite)
        self._dues = Dues(owed, self._ref)
        self._questions = Questions()
        self._epoch = owed.epoch
        self._link = Link.CONNECTING
        self._turned_away = ""
        """Why the server ends this connection, where another one may go better."""
        self._reason = ""
        self._retry_at_ms: int | None = None
        self._attended = True
        self._following = True
        self._requests = 0
        self._errands: dict[str, str] = {}
        """Rooms to enter or to leave that the server has not answered for, by the ref of the request."""
        self._rooms: dict[str, Room] = {}
        """All rooms that one is in or looks at, by name."""
        self._current = self._know(room)

    def handle(self, event: Event) -> list[Effect]:
        """Change what the event changes, and say what must be done about it, in order."""
        return list(self._handle(event))

    def _handle(self, event: Event) -> Iterator[Effect]:
        match event:
            case Heard(frame=frame, now_ms=now_ms):
                yield from self._hear(frame, now_ms)
            case Elapsed(now_ms=now_ms):
                yield from self._elapse(now_ms)
            case Linked() | Proved() | Distrusted() | Dialling() | Cut():
                yield from self._follow_link(event)
            case Turned() | Departed() | Marked() | Silenced() | Listed() | Watched():
                yield from self._go_about(event)
            case Seen() | Typed() | Drafted() | Retried() | Discarded():
                yield from self._owe(event)
            case Wrote(room=name, now_ms=now_ms):
                yield from self._tell_writing(name, now_ms)
            case Looked(attended=attended, following=following):
                self._attended, self._following = attended, following
            case Sought(part=part):
                yield from self._seek(part)
            case Inspected(message_id=message_id):
                yield from self._current.inspect(message_id, online=self._online)
            case Asked(request=request):
                if (room := self._rooms.get(request.room)) is not None:
                    yield from room.deeds.ask(request, online=self._online)
            case _:
                assert_never(event)

    # What is asked of it

    @property
    def room(self) -> str:
        """The name of the room that is shown."""
        return self._current.name

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
        """Those of the ids in the shown room that others wrote and that have not been read."""
        return self.replica.unread(ids)

    def unseen(self, texts: frozenset[Text]) -> frozenset[Text]:
        """Those of the texts in the shown room that others wrote and of which no text as late has been read."""
        return self.replica.unseen(texts)

    def text_of(self, message_id: int) -> str | None:
        """The text of a message in the shown window."""
        return self.replica.text_of(message_id)

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
            closed=self._closed(self._current),
        )

    def _closed(self, room: Room) -> str:
        """Why one cannot write in a room; empty where one can."""
        return room.moderation.closed(room.replica.muted) or self._dues.posts.closed

    def rooms(self) -> RoomsView:
        """The rooms that one is in, and who is in the shown one."""
        return survey(self._rooms.values(), self._current, self._dues)

    def status(self) -> Status:
        """The connection and the shown room in short."""
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
            writers=tuple(map(safe_line, self._current.writers.names)),
            elsewhere=RoomsView(lines(self._rooms.values(), self._current, self._dues)).elsewhere,
        )

    def _why(self) -> tuple[str, int | None]:
        """Why something waits, or there is no connection, and when it is tried again."""
        if why := self._dues.why(self.room):
            return why, self._dues.waits_until_ms
        if self._questions.holdup.lasts:
            return f"{WHY[RATE_LIMITED]}; the history waits", self._questions.holdup.until_ms
        return self._reason, self._retry_at_ms

    @property
    def _online(self) -> bool:
        return self._link is Link.ONLINE

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
                yield from self._lose(reason, retry_at_ms)
            case _:
                assert_never(event)

    def _resume(self) -> Resume | None:
        """What is held of the rooms that are open."""
        held = {name: room.replica.cursor() for name, room in self._rooms.items() if room.replica.loaded}
        return Resume(self._epoch, held) if held else None

    def _lose(self, reason: str, retry_at_ms: int | None) -> Iterator[Effect]:
        self._link = Link.WAITING if retry_at_ms is not None else Link.STOPPED
        self._reason, self._retry_at_ms = self._turned_away or reason, retry_at_ms
        self._turned_away = ""
        self._greeting.cut()
        self._dues.cut()
        self._questions.cut()
        for room in self._rooms.values():
            yield from room.cut()
        if self._errands:
            self._errands.clear()
            yield Show(CUT, is_warning=True)

    def _welcome(self, welcome: Welcome, now_ms: int) -> Iterator[Effect]:
        if self._epoch not in ("", welcome.epoch):
            yield from self._start_over()
        self._epoch = welcome.epoch
        self._greeting.welcomed()
        self._link, self._reason, self._retry_at_ms = Link.ONLINE, "", None
        for summary in welcome.rooms:
            yield from self._take_summary(summary)
        yield from self._miss({each.name for each in welcome.rooms})
        yield from map(Say, self._dues.send(now_ms))
        yield from self._current.inspect(self._current.inspected, online=True)

    def _miss(self, known: set[str]) -> Iterator[Effect]:
        """One is in these rooms and no others: join the one that is shown, unless one was put out of it."""
        for name in [
            name for name, room in self._rooms.items() if name not in known and room is not self._current
        ]:
            del self._rooms[name]
            yield Show(f"You are no longer in #{safe_line(name)}.", is_warning=True)
        current = self._current
        gone = self._dues.receipts.owed.keys() - known - {current.name}
        for name in gone:
            self._dues.expel(name)
        if gone:
            yield Save()
        if current.name not in known and not (current.moderation.removed and current.replica.loaded):
            owed = self._dues.receipts.of(current.name)
            current.start_over(owed.ranges, owed.editions)
            yield from self._join()

    def _join(self) -> Iterator[Effect]:
        yield Say(Join(ref=JOIN, room=self.room))

    def _start_over(self) -> Iterator[Effect]:
        """The server has another history: ids of the old one mean nothing in it, and nothing is owed for them."""
        self._dues.start_over()
        self._rooms = {self.room: self._current}
        self._current.start_over((), {})
        yield Save()

    def _elapse(self, now_ms: int) -> Iterator[Effect]:
        if self._dues.elapse(now_ms) and not self._dues.is_in(self.room) and not self._current.moderation.removed:
            yield from self._join()
        yield from map(Say, self._dues.send(now_ms))
        yield from map(Say, self._questions.elapse(now_ms))
        for room in self._rooms.values():
            room.writers.elapse(now_ms)

    # The rooms

    def _know(self, name: str) -> Room:
        """The room of this name, as far as it is known."""
        if name not in self._rooms:
            self._rooms[name] = room = Room(name, self.name, self._ref, self._ask)
            owed = self._dues.receipts.of(name)
            room.replica.read, room.replica.editions = owed.ranges, owed.editions
        return self._rooms[name]

    def _take_summary(self, summary: RoomSummary) -> Iterator[Effect]:
        """One is in this room, and it is so."""
        self._dues.admit(summary.name)
        room = self._know(summary.name)
        current = room is self._current
        yield from room.summarise(summary, current=current, mark=self._dues.marks.get(summary.name))

    def _go_about(self, event: Turned | Departed | Marked | Silenced | Listed | Watched) -> Iterator[Effect]:
        match event:
            case Turned(room=name):
                yield from self._turn(name)
            case Departed(room=name):
                yield from self._run_errand(Leave(ref=self._ref("leave"), room=name))
            case Marked(message_id=message_id):
                self._dues.marks[self.room] = self._current.mark(message_id)
                yield Save()
            case Silenced(room=name):
                self._dues.silenced ^= {name}
                yield Save()
            case Watched(message_id=message_id):
                yield from self._current.watch(message_id)
            case Listed():
                if self._online:
                    yield from self._ask([FetchRooms(ref=self._ref("rooms"))])
            case _:
                assert_never(event)

    def _turn(self, name: str) -> Iterator[Effect]:
        """Show a room, or ask to be let in first."""
        if name == self.room and not self._current.moderation.removed:
            return
        if name not in self._rooms or self._rooms[name].moderation.removed:
            yield from self._run_errand(Join(ref=self._ref("join"), room=name))
            return
        left, self._current = self._current, self._rooms[name]
        left.hide()
        if left.moderation.removed:
            del self._rooms[left.name]
        mark = self._dues.marks.pop(name, None)
        yield from self._current.show(mark)
        if mark is not None:
            yield Save()

    def _run_errand(self, request: Join | Leave) -> Iterator[Effect]:
        """Ask to enter or to leave a room, now or not at all."""
        if not self._online:
            yield Show(OFFLINE, is_warning=True)
            return
        self._errands[request.ref or ""] = request.room
        yield Say(request)

    def _end_errand(self, answer: Ok | Refused) -> Iterator[Effect]:
        """One has entered the room or left it, or may not."""
        name = self._errands.pop(answer.ref or "")
        if isinstance(answer, Refused):
            yield Show(safe_line(answer.reason), is_warning=True)
        elif answer.room is not None:
            yield from self._take_summary(answer.room)
            yield from self._turn(answer.room.name)
        elif name == self.room:
            others = sorted(each for each in self._rooms if each != name)
            if others:
                yield from self._turn(others[0])

    def _lose_room(self, room: Room) -> Iterator[Effect]:
        """One is no member any more: it is shown, closed, until one turns away."""
        if self._dues.expel(room.name):
            yield Save()
        if room is not self._current:
            del self._rooms[room.name]

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
            case Rooms():
                self._questions.answered(frame.ref)
                self.listing = frame
            case Entered(room=summary):
                yield from self._take_summary(summary)
                yield from map(Say, self._dues.send(now_ms))
            case Typing(room=its, name=name):
                if (room := self._rooms.get(its)) is not None and name != room.me:
                    room.writers.hear(name, now_ms)
            case Members() | Challenge() | Pins() | Settings() | Found() | Bans():
                pass
            case _:
                if (room := self._rooms.get(frame.room)) is not None:
                    yield from self._hear_of_room(room, frame)

    def _hear_of_room(self, room: Room, frame: RoomFrame) -> Iterator[Effect]:
        current = room is self._current
        if isinstance(frame, History | Info):
            self._questions.answered(frame.ref)
        told = room.hear(frame, Gaze(current=current, attended=self._attended, following=self._following))
        silenced = room.name in self._dues.silenced
        # A silenced room notifies of nothing; what is done to oneself in it is still said.
        told = (each for each in told if not (silenced and isinstance(each, Announce)))
        yield from _placed(told, "" if current else room.name)
        match frame:
            case Message():
                yield from self._arrive([frame])
            case History():
                self._dues.posts.settle(room.name, room.replica.last)
                yield from self._arrive(frame.messages)
            case Left(name=name) if name == room.me:
                yield from self._lose_room(room)
            case _:
                pass

    def _arrive(self, messages: Sequence[Message]) -> Iterator[Effect]:
        if self._dues.posts.arrive(messages):
            yield Save()
            yield from map(Say, self._dues.send_post())

    def _settle(self, ok: Ok, now_ms: int) -> Iterator[Effect]:
        ref = ok.ref or ""
        if ref in self._errands:
            yield from self._end_errand(ok)
        elif ok.room is not None:
            yield from self._take_summary(ok.room)
        elif (asked := self._deeds(ref)) is not None:
            yield from asked.answer(ok)
        elif self._dues.take(ok):
            for room in self._rooms.values():
                self._dues.posts.settle(room.name, room.replica.last)
            yield Save()
        yield from map(Say, self._dues.send(now_ms))

    def _deeds(self, ref: str) -> Deeds | None:
        return next((room.deeds for room in self._rooms.values() if ref in room.deeds), None)

    def _take_refusal(self, refused: Refused, now_ms: int) -> Iterator[Effect]:
        ref = refused.ref or ""
        if ref in self._errands:
            yield from self._end_errand(refused)
            return
        if (asked := self._deeds(ref)) is not None:
            yield from asked.answer(refused)
            return
        overtaken = any(room.pages.overtaken(ref) for room in self._rooms.values())
        if refused.code in (DISK_FULL, RATE_LIMITED) and not overtaken:
            self._postpone(refused, ref, now_ms)
            return
        self._questions.answered(ref)
        for room in self._rooms.values():
            room.pages.refused(ref)
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

    def _owe(self, event: Seen | Typed | Drafted | Retried | Discarded) -> Iterator[Effect]:
        match event:
            case Seen():
                yield from self._see(event)
            case Typed():
                yield from self._type(event)
            case Drafted(text=text, room=room):
                if self._dues.write(room or self.room, text):
                    yield Save()
            case Retried(nonce=nonce):
                if self._dues.posts.retry(nonce) is not None:
                    yield Save()
                    yield from map(Say, self._dues.send_post())
            case Discarded(nonce=nonce):
                if self._dues.posts.discard(nonce):
                    yield Save()
            case _:
                assert_never(event)

    def _type(self, typed: Typed) -> Iterator[Effect]:
        room = typed.room or self.room
        self._dues.enter(OwedPost(room, typed.nonce, typed.content, typed.wall_ms))
        yield Save()
        yield from map(Say, self._dues.send_post())
        if room == self.room:
            yield from self._seek(Part.NEWEST)

    def _tell_writing(self, name: str, now_ms: int) -> Iterator[Effect]:
        """Others may know that one is writing, where what is written could be sent."""
        room = self._rooms.get(name)
        writable = room is not None and self._dues.is_in(name) and not self._closed(room)
        if room is not None and writable and room.writers.tell(now_ms):
            yield Say(TellTyping(room=name))

    def _see(self, seen: Seen) -> Iterator[Effect]:
        room = self._rooms.get(seen.room)
        if room is None or room.moderation.removed:
            return
        told = ReadTexts(room.see(seen.ids), room.see_texts(seen.texts))
        if told.ranges or told.editions:
            self._dues.see(seen.room, told)
            yield Save()
            yield from map(Say, self._dues.send(seen.now_ms))

    # Questions

    def _seek(self, part: Part) -> Iterator[Effect]:
        if self._online and self.replica.loaded:
            yield from self._current.seek(part)
        else:
            self._current.pages.want(part)

    def _ask(self, questions: Iterable[Question]) -> Iterator[Effect]:
        yield from map(Say, self._questions.ask(questions))

    def _ref(self, kind: str) -> str:
        self._requests += 1
        return f"{kind}-{self._requests}"


def _placed(effects: Iterable[Effect], room: str) -> Iterator[Effect]:
    """What is to be shown of a `room` that is not in view says which one it is."""
    for effect in effects:
        if room and isinstance(effect, Show):
            yield replace(effect, sentence=f"#{safe_line(room)}: {effect.sentence}")
        else:
            yield effect
