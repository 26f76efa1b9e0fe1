"""All rooms as this client lives them, one of them shown: events in, effects out. Pure.

What is owed to the server, posts and receipts, is kept until it is acknowledged, and told again after each cut:
posts with their old nonces, receipts by union. Time and randomness arrive in the events.

event -> the part that takes it (see `events`): Uplink, Memberships, Outlook, Places, Owings, Searching, Sharing
frame -> the room that it is about; an answer -> the part that asked, by its ref
"""

from collections.abc import Iterable, Iterator
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
    Typing,
    Welcome,
)
from chat_tui.model.dues import DISK_FULL, RATE_LIMITED, Dues
from chat_tui.model.effects import Alert, Announce, Effect, GiveUp, Save, Say, Show
from chat_tui.model.events import (
    Asked,
    Chose,
    Cut,
    Elapsed,
    Event,
    Finding,
    Going,
    Heard,
    Linking,
    Looking,
    Owing,
    Roaming,
    Searched,
    SearchedOn,
)
from chat_tui.model.greeting import EXPELLED, HELLO, PROVE, sentence_of
from chat_tui.model.holdup import Question, Questions
from chat_tui.model.link import Uplink
from chat_tui.model.looking import Outlook
from chat_tui.model.memberships import JOIN, Memberships, placed
from chat_tui.model.overview import Overview
from chat_tui.model.owed import Owed
from chat_tui.model.owing import Owings
from chat_tui.model.places import Places
from chat_tui.model.replica import is_required
from chat_tui.model.room import Room, RoomFrame
from chat_tui.model.searching import Searching
from chat_tui.model.seeking import Seeking
from chat_tui.model.sharing import REQUIRED, Sharing
from chat_tui.text.safetext import safe_line


class Session(Overview):
    """One person's rooms on one server, across any number of connections."""

    def __init__(self, name: str, room: str, owed: Owed, key: str, invite: str | None = None) -> None:
        """Begin where the last session of this person on this server ended: with what it still owed.

        `room` is the one to show at first. `key` is the public key that the name is proven with, and `invite` a
        one-time code that lets it be so.
        """
        self.name = name
        self._epoch = owed.epoch
        self._requests = 0
        self._link = Uplink(name, key, invite)
        self._dues = Dues(owed, self._ref)
        self._questions = Questions()
        self._searching = Searching(self._ref)
        self._sharing = Sharing(self._ref)
        self._seeking = Seeking(self._ref, self._ask)
        self._rooms = Memberships(room, name, self._dues, self._ref, self._ask, self._seeking.abandon)
        self._outlook = Outlook(self._rooms, self._dues)
        self._places = Places(self._rooms, self._seeking)
        self._owings = Owings(self._dues, self._rooms, self._places, self._outlook)

    def handle(self, event: Event) -> list[Effect]:
        """Change what the event changes, and say what must be done about it, in order."""
        shown = self._current
        effects = list(self._handle(event))
        if self._current is not shown:
            effects += self._outlook.ask_horizons()
        return effects

    def _handle(self, event: Event) -> Iterator[Effect]:
        online = self._link.online
        if isinstance(event, Heard):
            yield from self._hear(event.frame, event.now_ms)
        elif isinstance(event, Elapsed):
            yield from self._elapse(event.now_ms)
        elif isinstance(event, Linking):
            yield from self._follow_link(event)
        elif isinstance(event, Going):
            yield from self._rooms.go_about(event, online=online)
        elif isinstance(event, Looking):
            yield from self._outlook.look(event, online=online)
        elif isinstance(event, Roaming):
            yield from self._places.roam(event, online=online)
        elif isinstance(event, Owing):
            yield from self._owings.owe(event, online=online)
        elif isinstance(event, Finding):
            yield from self._search(event)
        elif isinstance(event, Asked):
            if (room := self._rooms.get(event.request.room)) is not None:
                yield from room.deeds.ask(event.request, online=online)
        elif isinstance(event, Chose):
            # What was read so far falls under what was chosen so far, if it comes first.
            yield from map(Say, self._dues.send_reads())
            yield from self._sharing.ask(event.request, online=online, aloud=event.aloud)
        else:
            assert_never(event)

    # The connection

    def _follow_link(self, event: Linking) -> Iterator[Effect]:
        held = self._rooms.cursors()
        yield from self._link.follow(event, Resume(self._epoch, held) if held else None)
        if isinstance(event, Cut):
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
        self._link.welcomed()
        yield from self._sharing.hear(welcome.settings)
        yield from self._rooms.take_all(welcome.rooms)
        yield from self._rooms.seek_addressees()
        yield from map(Say, self._dues.send(now_ms))
        yield from self._current.inspect(self._current.inspected, online=True)
        yield from self._ask(self._searching.go_on())
        yield from self._outlook.ask_horizons()

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
        if self._link.online and self._dues.may_send:
            yield from self._rooms.seek_addressees()
        yield from map(Say, self._dues.send(now_ms))
        yield from map(Say, self._questions.elapse(now_ms))
        for room in self._rooms.values():
            room.writers.elapse(now_ms)

    # What the server says

    def _hear(self, frame: AnyFrame, now_ms: int) -> Iterator[Effect]:
        if not self._link.trusts(frame):
            yield from self._link.hear(frame)
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
                yield from self._owings.share(frame)
            case Typing(room=its, name=name):
                if (room := self._rooms.get(its)) is not None and name != room.me:
                    room.writers.hear(name, now_ms)
            case Members() | Challenge():
                pass
            case _:
                if (room := self._rooms.get(frame.room)) is not None:
                    yield from self._hear_of_room(room, frame)

    def _hear_of_room(self, room: Room, frame: RoomFrame) -> Iterator[Effect]:
        current = room is self._current
        if isinstance(frame, History | Horizons | Info | Pins):
            self._questions.answered(frame.ref)
        if isinstance(frame, History) and self._seeking.withholds(frame, room):
            room.pages.refused(frame.ref or "")
            yield from self._seeking.hear(frame, room)
            return
        told = room.hear(frame, self._outlook.gaze(room))
        silenced = room.name in self._dues.silenced
        told = (each for each in told if not (silenced and _is_noise(each)))
        yield from placed(told, "" if current else room.label)
        match frame:
            case Message():
                yield from self._owings.arrive([frame])
            case History():
                self._dues.posts.settle(room.name, room.replica.last)
                yield from self._owings.arrive(frame.messages)
                yield from self._seeking.hear(frame, room)
            case Left(name=name) if name == room.me:
                yield from self._rooms.lose(room)
            case _:
                pass

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
        else:
            yield from self._owings.settle(ok)
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
        else:
            yield from self._owings.refuse(refused)

    def _postpone(self, refused: Refused, ref: str, now_ms: int) -> None:
        """The server will have something later."""
        if self._link.postponed(refused):
            return
        if ref in self._questions:
            self._questions.hold(ref, now_ms, refused.retry_after_ms)
        else:
            self._dues.hold(refused, now_ms)

    # Search

    def _search(self, event: Finding) -> Iterator[Effect]:
        match event:
            case Searched(query=query, room=name):
                yield from self._ask(self._searching.begin(query, name, online=self._link.online))
            case SearchedOn():
                yield from self._ask(self._searching.go_on())
            case _:
                assert_never(event)

    # Questions

    def _ask(self, questions: Iterable[Question]) -> Iterator[Effect]:
        yield from map(Say, self._questions.ask(questions))

    def _ref(self, kind: str) -> str:
        self._requests += 1
        return f"{kind}-{self._requests}"


def _is_noise(effect: Effect) -> bool:
    """Whether a silenced room does not tell it: it tells only what names one, and what is done to one there."""
    return isinstance(effect, Announce) or (isinstance(effect, Alert) and effect.direct)
