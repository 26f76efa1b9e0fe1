"""All rooms as this client lives them, one of them shown: events in, effects out. Pure.

What is owed to the server, posts and receipts, is kept until it is acknowledged, and told again after each cut:
posts with their old nonces, receipts by union. Time and randomness arrive in the events.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from chat_server.protocol import (
    AnyFrame,
    Bans,
    Challenge,
    Entered,
    Found,
    History,
    Horizons,
    Info,
    Left,
    Members,
    Message,
    Ok,
    Pins,
    Refused,
    Resume,
    Rooms,
    Settings,
    TellTyping,
    Typing,
    Welcome,
)
from chat_tui.model.dues import DISK_FULL, RATE_LIMITED, WHY, Dues
from chat_tui.model.editions import Text
from chat_tui.model.effects import Alert, Announce, Effect, GiveUp, Save, Say, Show
from chat_tui.model.events import (
    Abandoned,
    Approached,
    Asked,
    Chose,
    Cut,
    Departed,
    Dialling,
    Discarded,
    Distrusted,
    Drafted,
    Elapsed,
    Event,
    Heard,
    HorizonsDue,
    HorizonsToggled,
    Inspected,
    Jumped,
    Linked,
    Listed,
    Looked,
    Marked,
    MomentSought,
    Part,
    PinsViewed,
    Proved,
    Retried,
    Returned,
    Searched,
    SearchedOn,
    Seen,
    Silenced,
    Sought,
    Turned,
    Typed,
    UnreadSought,
    Watched,
    Wrote,
)
from chat_tui.model.finding import MomentFinder, UnreadFinder
from chat_tui.model.greeting import EXPELLED, HELLO, PROVE, Greeting, sentence_of
from chat_tui.model.holdup import Question, Questions
from chat_tui.model.margin import NOT_SHOWN, SHOWN, UNSEEN
from chat_tui.model.marks import PinsView
from chat_tui.model.memberships import JOIN, Memberships, placed
from chat_tui.model.owed import Owed, OwedPost
from chat_tui.model.receipts import ReadTexts
from chat_tui.model.replica import Replica, is_required
from chat_tui.model.room import Gaze, Room, RoomFrame
from chat_tui.model.searching import Searching, SearchView
from chat_tui.model.seeking import NO_WAY_BACK, Place, Seeking
from chat_tui.model.sharing import REQUIRED, Sharing, SharingView
from chat_tui.model.sidebar import PersonView, RoomsView, acquaintances, survey
from chat_tui.model.view import ConversationView, Link, ReplyView, Status
from chat_tui.model.writing import Original
from chat_tui.text.safetext import safe_line


class Session:
    """One person's rooms on one server, across any number of connections."""

    def __init__(self, name: str, room: str, owed: Owed, key: str, invite: str | None = None) -> None:
        """Begin where the last session of this person on this server ended: with what it still owed.

        `room` is the one to show at first. `key` is the public key that the name is proven with, and `invite` a
        one-time code that lets it be so.
        """
        self.name = name
        self.bans: Bans | None = None
        """What the server last said of who is banned from a room."""
        self._greeting = Greeting(name, key, invite)
        self._dues = Dues(owed, self._ref)
        self._questions = Questions()
        self._seeking = Seeking(self._ref, self._ask)
        self._searching = Searching(self._ref)
        self._sharing = Sharing(self._ref)
        self._epoch = owed.epoch
        self._link = Link.CONNECTING
        self._turned_away = ""
        """Why the server ends this connection, where another one may go better."""
        self._reason = ""
        self._retry_at_ms: int | None = None
        self._attended = True
        self._following = True
        self._requests = 0
        self._rooms = Memberships(room, name, self._dues, self._ref, self._ask, self._seeking.abandon)

    def handle(self, event: Event) -> list[Effect]:
        """Change what the event changes, and say what must be done about it, in order."""
        shown = self._current
        effects = list(self._handle(event))
        if self._current is not shown:
            effects += self._look_at_horizons()
        return effects

    def _handle(self, event: Event) -> Iterator[Effect]:
        match event:
            case Heard(frame=frame, now_ms=now_ms):
                yield from self._hear(frame, now_ms)
            case Elapsed(now_ms=now_ms):
                yield from self._elapse(now_ms)
            case Linked() | Proved() | Distrusted() | Dialling() | Cut():
                yield from self._follow_link(event)
            case Turned() | Departed() | Marked() | Silenced() | Listed() | Watched():
                yield from self._rooms.go_about(event, online=self._online)
            case Approached():
                yield from self._approach(event)
            case Seen() | Typed() | Drafted() | Retried() | Discarded():
                yield from self._owe(event)
            case Wrote(room=name, now_ms=now_ms):
                yield from self._tell_writing(name, now_ms)
            case Looked() | HorizonsToggled() | HorizonsDue() | Inspected() | PinsViewed():
                yield from self._look(event)
            case Sought(part=part):
                yield from self._seek(part)
            case Jumped() | Returned() | MomentSought() | UnreadSought() | Abandoned():
                yield from self._go_to(event)
            case Searched() | SearchedOn():
                yield from self._search(event)
            case Asked(request=request):
                if (room := self._rooms.get(request.room)) is not None:
                    yield from room.deeds.ask(request, online=self._online)
            case Chose(request=request, aloud=aloud):
                # What was read so far falls under what was chosen so far, if it comes first.
                yield from map(Say, self._dues.send_reads())
                yield from self._sharing.ask(request, online=self._online, aloud=aloud)
            case _:
                assert_never(event)

    # What is asked of it

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
            read_to=self._current.margin.read_to if self._shows_horizons else (),
            closed=self._closed(self._current),
            aim=self._seeking.aim,
            sought=self._seeking.said,
        )

    def _closed(self, room: Room) -> str:
        """Why one cannot write in a room; empty where one can."""
        return room.moderation.closed(room.replica.muted) or self._dues.posts.closed

    def pins(self) -> PinsView:
        """What is pinned in the shown room, as far as it is known while somebody looks."""
        return self._current.pinboard.view(self.replica, online=self._online)

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
            link=self._link,
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
        return self._reason, self._retry_at_ms

    @property
    def _current(self) -> Room:
        return self._rooms.current

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
        held = self._rooms.cursors()
        return Resume(self._epoch, held) if held else None

    def _lose(self, reason: str, retry_at_ms: int | None) -> Iterator[Effect]:
        self._link = Link.WAITING if retry_at_ms is not None else Link.STOPPED
        self._reason, self._retry_at_ms = self._turned_away or reason, retry_at_ms
        self._turned_away = ""
        self._greeting.cut()
        self._dues.cut()
        self._questions.cut()
        self._searching.cut()
        yield from self._seeking.cut()
        yield from self._sharing.cut()
        yield from self._rooms.cut()

    def _welcome(self, welcome: Welcome, now_ms: int) -> Iterator[Effect]:
        if self._epoch not in ("", welcome.epoch):
            yield from self._start_over()
        self._epoch = welcome.epoch
        self._greeting.welcomed()
        self._link, self._reason, self._retry_at_ms = Link.ONLINE, "", None
        yield from self._sharing.hear(welcome.settings)
        yield from self._rooms.take_all(welcome.rooms)
        yield from self._rooms.seek_addressees()
        yield from map(Say, self._dues.send(now_ms))
        yield from self._current.inspect(self._current.inspected, online=True)
        yield from self._ask(self._searching.go_on())
        yield from self._look_at_horizons()

    def _start_over(self) -> Iterator[Effect]:
        """The server has another history: ids of the old one mean nothing in it, and nothing is owed for them."""
        self._dues.start_over()
        self._seeking.forget()
        self._searching.forget()
        self._rooms.start_over()
        yield Save()

    def _elapse(self, now_ms: int) -> Iterator[Effect]:
        if self._dues.elapse(now_ms) and not self._dues.is_in(self.room) and not self._current.moderation.removed:
            yield self._rooms.join()
        if self._online and self._dues.may_send:
            yield from self._rooms.seek_addressees()
        yield from map(Say, self._dues.send(now_ms))
        yield from map(Say, self._questions.elapse(now_ms))
        for room in self._rooms.values():
            room.writers.elapse(now_ms)

    # What one looks at

    def _look(self, event: Looked | HorizonsToggled | HorizonsDue | Inspected | PinsViewed) -> Iterator[Effect]:
        match event:
            case Looked(attended=attended, following=following):
                self._attended, self._following = attended, following
            case HorizonsToggled(room=name):
                yield from self._toggle_horizons(name)
            case HorizonsDue():
                yield from self._look_at_horizons()
            case Inspected(message_id=message_id):
                yield from self._current.inspect(message_id, online=self._online)
            case PinsViewed(is_open=is_open):
                yield from self._current.view_pins(is_open=is_open, online=self._online)
            case _:
                assert_never(event)

    def _toggle_horizons(self, name: str) -> Iterator[Effect]:
        self._dues.horizons ^= {name}
        yield Save()
        if name not in self._dues.horizons:
            yield Show(NOT_SHOWN)
            return
        yield Show(SHOWN if self._dues.mode(name) == "public" else UNSEEN)
        yield from self._look_at_horizons()

    def _look_at_horizons(self) -> Iterator[Effect]:
        """Ask how far others have read in the shown room, where that is to be shown and may be."""
        if self._shows_horizons and self._dues.is_in(self.room):
            yield from self._current.look_at_horizons()

    @property
    def _shows_horizons(self) -> bool:
        return self.room in self._dues.horizons and self._dues.mode(self.room) == "public"

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
                yield from self._rooms.hear_rooms(frame)
            case Entered(room=summary):
                yield from self._rooms.take(summary)
                yield from map(Say, self._dues.send(now_ms))
            case Found():
                self._questions.answered(frame.ref)
                yield from self._ask(self._searching.hear(frame))
            case Bans():
                if (asked := self._rooms.asked(frame.ref or "")) is not None:
                    self.bans = frame
                    yield from asked.deeds.answer(frame)
            case Settings():
                yield from self._sharing.hear(frame)
                yield from self._take_settings(frame)
            case Typing(room=its, name=name):
                if (room := self._rooms.get(its)) is not None and name != room.me:
                    room.writers.hear(name, now_ms)
            case Members() | Challenge():
                pass
            case _:
                if (room := self._rooms.get(frame.room)) is not None:
                    yield from self._hear_of_room(room, frame)

    def _take_settings(self, settings: Settings) -> Iterator[Effect]:
        """One may be shown other things than before, in each room in which something else holds now."""
        for room in [each for each in self._rooms.values() if self._dues.is_in(each.name)]:
            mode = settings.rooms.get(room.name, settings.receipts)
            if (let_go := self._dues.turn(room.name, mode)) is not None:
                yield Save()
                yield from room.turn_sharing(let_go.ranges, self._gaze(room))

    def _gaze(self, room: Room) -> Gaze:
        return Gaze(current=room is self._current, attended=self._attended, following=self._following)

    def _hear_of_room(self, room: Room, frame: RoomFrame) -> Iterator[Effect]:
        current = room is self._current
        if isinstance(frame, History | Horizons | Info | Pins):
            self._questions.answered(frame.ref)
        if isinstance(frame, History) and self._seeking.withholds(frame, room):
            room.pages.refused(frame.ref or "")
            yield from self._seeking.hear(frame, room)
            return
        told = room.hear(frame, self._gaze(room))
        silenced = room.name in self._dues.silenced
        told = (each for each in told if not (silenced and _is_noise(each)))
        yield from placed(told, "" if current else room.label)
        match frame:
            case Message():
                yield from self._arrive([frame])
            case History():
                self._dues.posts.settle(room.name, room.replica.last)
                yield from self._arrive(frame.messages)
                yield from self._seeking.hear(frame, room)
            case Left(name=name) if name == room.me:
                yield from self._rooms.lose(room)
            case _:
                pass

    def _arrive(self, messages: Sequence[Message]) -> Iterator[Effect]:
        if self._dues.posts.arrive(messages):
            yield Save()
            yield from map(Say, self._dues.send_post())

    def _settle(self, ok: Ok, now_ms: int) -> Iterator[Effect]:
        ref = ok.ref or ""
        if self._rooms.awaits(ref):
            yield from self._rooms.answer(ok)
        elif ok.room is not None:
            if is_required(ok.room.policy):
                yield Show(f"#{safe_line(ok.room.name)}: {REQUIRED}")
            yield from self._rooms.take(ok.room)
        elif (asked := self._rooms.asked(ref)) is not None:
            yield from asked.done(ok)
        elif self._dues.take(ok):
            for room in self._rooms.values():
                self._dues.posts.settle(room.name, room.replica.last)
            yield Save()
        yield from map(Say, self._dues.send(now_ms))

    def _take_refusal(self, refused: Refused, now_ms: int) -> Iterator[Effect]:
        ref = refused.ref or ""
        if self._rooms.awaits(ref):
            if refused.code in (DISK_FULL, RATE_LIMITED) and self._rooms.postpone(ref):
                self._dues.hold(refused, now_ms)
            else:
                yield from self._rooms.answer(refused)
            return
        if (asked := self._rooms.asked(ref)) is not None:
            yield from asked.deeds.answer(refused)
            return
        if ref in self._sharing:
            yield from self._sharing.refuse(refused)
            return
        overtaken = any(room.pages.overtaken(ref) for room in self._rooms.values())
        if refused.code in (DISK_FULL, RATE_LIMITED) and not overtaken:
            self._postpone(refused, ref, now_ms)
            return
        self._questions.answered(ref)
        for room in self._rooms.values():
            room.pages.refused(ref)
            room.margin.refused(ref)
        self._searching.refused(refused)
        yield from self._seeking.refused(refused, self._current)
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
        self._dues.enter(OwedPost(room, typed.nonce, typed.content, typed.wall_ms, reply_to=typed.reply_to))
        yield Save()
        yield from map(Say, self._dues.send_post())
        if room == self.room:
            yield from self._seek(Part.NEWEST)

    def _approach(self, event: Approached) -> Iterator[Effect]:
        """Be in the conversation with somebody, and say something there: now, or once there is one."""
        room = self._rooms.direct_with(event.name)
        if room is None:
            yield from self._rooms.begin(event, online=self._online)
            return
        if not event.stays:
            yield from self._rooms.turn(room.name)
        if event.content:
            yield from self._type(Typed(event.content, event.nonce, event.wall_ms, room.name))

    def _tell_writing(self, name: str, now_ms: int) -> Iterator[Effect]:
        """Others may know that one is writing, where what is written could be sent."""
        room = self._rooms.get(name)
        writable = room is not None and self._dues.is_in(name) and not self._closed(room)
        if room is not None and writable and room.writers.tell(now_ms):
            yield Say(TellTyping(room=name))

    def _see(self, seen: Seen) -> Iterator[Effect]:
        room = self._rooms.get(seen.room)
        if room is None or room.moderation.removed or self._dues.mode(seen.room) == "off":
            return
        told = ReadTexts(room.see(seen.ids), room.see_texts(seen.texts))
        if told.ranges or told.editions:
            self._dues.see(seen.room, told)
            yield Save()
            yield from map(Say, self._dues.send(seen.now_ms))

    # Places

    def _go_to(self, event: Jumped | Returned | MomentSought | UnreadSought | Abandoned) -> Iterator[Effect]:
        match event:
            case Jumped(room=name, message_id=message_id, here=here):
                yield from self._jump(name, message_id, Place(self.room, here))
            case Returned():
                yield from self._return()
            case MomentSought(moment=moment, here=here):
                finder = MomentFinder(self.replica, moment)
                yield from self._seeking.find(self._current, finder, Place(self.room, here), online=self._online)
            case UnreadSought(below=below, here=here):
                unread = UnreadFinder(self.replica, self._current.tally, below)
                yield from self._seeking.find(self._current, unread, Place(self.room, here), online=self._online)
            case Abandoned():
                self._seeking.abandon()
            case _:
                assert_never(event)

    def _jump(self, name: str, message_id: int, origin: Place | None) -> Iterator[Effect]:
        """Go to a message of a room that one is in; turn to that only where one will get there."""
        room = self._rooms.get(name)
        if room is None or room.moderation.removed:
            yield Show(f"You are not in #{safe_line(name)}.", is_warning=True)
            return
        exists = 1 <= message_id <= room.replica.last_id
        if exists and (self._online or room.replica.get(message_id) is not None):
            yield from self._rooms.turn(name, message_id)
        yield from self._seeking.jump(room, message_id, origin, online=self._online)

    def _return(self) -> Iterator[Effect]:
        place = self._seeking.back(self.room)
        if place is None:
            yield Show(NO_WAY_BACK)
        elif place.message_id is not None:
            yield from self._jump(place.room, place.message_id, None)
        elif self._rooms.get(place.room) is None:
            yield Show(f"You are not in #{safe_line(place.room)}.", is_warning=True)
        else:
            yield from self._rooms.turn(place.room)
            self._seeking.follow(place.room)
            yield from self._seek(Part.NEWEST)

    # Search

    def _search(self, event: Searched | SearchedOn) -> Iterator[Effect]:
        match event:
            case Searched(query=query, room=name):
                yield from self._ask(self._searching.begin(query, name, online=self._online))
            case SearchedOn():
                yield from self._ask(self._searching.go_on())
            case _:
                assert_never(event)

    # Questions

    def _seek(self, part: Part) -> Iterator[Effect]:
        if part in (Part.OLDEST, Part.NEWEST):
            self._seeking.abandon()
        if self._online and self.replica.loaded:
            yield from self._current.seek(part)
        else:
            self._current.pages.want(part)

    def _ask(self, questions: Iterable[Question]) -> Iterator[Effect]:
        yield from map(Say, self._questions.ask(questions))

    def _ref(self, kind: str) -> str:
        self._requests += 1
        return f"{kind}-{self._requests}"


def _is_noise(effect: Effect) -> bool:
    """Whether a silenced room does not tell it: it tells only what names one, and what is done to one there."""
    return isinstance(effect, Announce) or (isinstance(effect, Alert) and effect.direct)
