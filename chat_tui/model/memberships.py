"""The rooms that one is in or looks at, one of them shown: entering, leaving, turning from one to another. Pure.

What one asks to enter or to leave is asked now or not at all: the answer is lost with the connection.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final, Literal, assert_never

from chat_server.protocol import Direct, FetchRooms, Join, Leave, Ok, Refused, RoomCursor, Rooms, RoomSummary
from chat_tui.model.deeds import CUT, OFFLINE
from chat_tui.model.dues import Dues
from chat_tui.model.effects import Confirm, Effect, Save, Say, Show
from chat_tui.model.entering import Entering
from chat_tui.model.events import Approached, Departed, Going, Listed, Marked, Silenced, Turned, Watched
from chat_tui.model.holdup import Question
from chat_tui.model.owed import OwedPost
from chat_tui.model.room import Room
from chat_tui.text.safetext import bounded, safe_line

JOIN: Final = "join"
"""The ref of the request that follows a welcome where one is not in the room that is shown."""
LATER: Final = "There is no connection: it is kept, and sent to {name} once there is one."
QUOTE_CHARS: Final = 40
DIRECT: Final = "@"
"""How the name of a conversation of two begins, and no other room's."""


class Memberships:
    """All rooms that one is in or looks at, by name."""

    def __init__(
        self,
        shown: str,
        me: str,
        dues: Dues,
        ref: Callable[[str], str],
        ask: Callable[[Iterable[Question]], Iterator[Effect]],
        turning: Callable[[], None],
    ) -> None:
        """Know of no room but the one that is `shown`; `turning` is called before another one is.

        The rest is as for a `Room`, and what is owed to all.
        """
        self._me = me
        self._dues = dues
        self._ref = ref
        self._ask = ask
        self._turning = turning
        self._errands: dict[str, Join | Leave | Direct] = {}
        """What the server has not answered for, by the ref of the request."""
        self._awaited: set[str] = set()
        """Refs of those that one waits for, to be in the room."""
        self._entering = Entering()
        self._rooms: dict[str, Room] = {}
        self.current = self._know(shown)

    def __getitem__(self, name: str) -> Room:
        """The room of this name. Raises KeyError for one that is not known."""
        return self._rooms[name]

    def get(self, name: str) -> Room | None:
        """The room of this name, if it is known."""
        return self._rooms.get(name)

    def values(self) -> Collection[Room]:
        """All of them, in the order of their becoming known."""
        return self._rooms.values()

    def asked(self, ref: str) -> Room | None:
        """Where something was asked for with this ref."""
        return next((room for room in self._rooms.values() if ref in room.deeds), None)

    def cursors(self) -> dict[str, RoomCursor]:
        """What is held of the rooms that are open."""
        return {name: room.replica.cursor() for name, room in self._rooms.items() if room.replica.loaded}

    # What one does with them

    def go_about(self, event: Going, *, online: bool) -> Iterator[Effect]:
        """Do what somebody wants done with rooms."""
        match event:
            case Turned(room=name):
                yield from self._turn_or_enter(event, online=online)
            case Departed(room=name):
                yield from self._run_errand(Leave(ref=self._ref("leave"), room=name), online=online)
            case Marked(message_id=message_id):
                self._dues.marks[self.current.name] = self.current.mark(message_id)
                yield Save()
            case Silenced(room=name):
                self._dues.silenced ^= {name}
                yield Save()
            case Watched(message_id=message_id):
                yield from self.current.watch(message_id)
            case Listed():
                if online:
                    yield from self._ask([FetchRooms(ref=self._ref("rooms"))])
            case _:
                assert_never(event)

    def _turn_or_enter(self, turned: Turned, *, online: bool) -> Iterator[Effect]:
        """Show a room, or ask to be let in first."""
        known = self._rooms.get(turned.room)
        if known is None or known.moderation.removed:
            yield from self._enter(turned, online=online)
        else:
            yield from self.turn(turned.room)

    def turn(self, name: str, at: int | None = None) -> Iterator[Effect]:
        """Show a room that one is in; `at` is as in `Room.show`."""
        if name == self.current.name:
            return
        self._turning()
        left, self.current = self.current, self._rooms[name]
        left.hide()
        if left.moderation.removed:
            del self._rooms[left.name]
        mark = self._dues.marks.pop(name, None)
        yield from self.current.show(mark, at)
        if mark is not None:
            yield Save()

    # Rooms that one is not in

    @property
    def listing(self) -> Rooms | None:
        """What the server last said of all its rooms."""
        return self._entering.listing

    def _enter(self, turned: Turned, *, online: bool) -> Iterator[Effect]:
        """Ask to be let in, once one knows whether everybody there is shown what one reads, and wants that."""
        known = self._rooms.get(turned.room)
        requires = self._entering.requires(turned.room) if known is None else known.replica.receipts_required
        if turned.required or turned.agreed or requires is False or not online:
            yield from self._run_errand(self._join_of(turned), online=online)
        elif requires:
            yield Confirm(turned.room)
        else:
            self._entering.want(turned)
            yield from self._ask([FetchRooms(ref=self._ref("rooms"))])

    def _join_of(self, turned: Turned) -> Join:
        receipts: Literal["required"] | None = "required" if turned.required else None
        return Join(ref=self._ref("join"), room=turned.room, title=turned.title or None, receipts=receipts)

    def hear_rooms(self, rooms: Rooms) -> Iterator[Effect]:
        """All rooms are known now, and so is the one that somebody wants into: where it is none, it is made."""
        if (wanted := self._entering.hear(rooms)) is not None:
            if self._entering.requires(wanted.room):
                yield Confirm(wanted.room)
            else:
                yield from self._run_errand(self._join_of(wanted), online=True)

    # Conversations of two

    def direct_with(self, name: str) -> Room | None:
        """The conversation with this person, if there is one."""
        directs = (each for each in self._rooms.values() if each.replica.direct)
        return next((each for each in directs if each.replica.title == name), None)

    def begin(self, event: Approached, *, online: bool) -> Iterator[Effect]:
        """Ask for a conversation where there is none; what is to be said in it is kept until it is there."""
        if event.content:
            self._dues.enter(OwedPost("", event.nonce, event.content, event.wall_ms, to=event.name))
            yield Save()
            if not online:
                yield Show(LATER.format(name=safe_line(event.name)))
            elif event.stays:
                yield from self.seek_addressees()
            if event.stays or not online:
                return
        yield from self._run_errand(Direct(ref=self._ref("direct"), name=event.name), online=online)

    def seek_addressees(self) -> Iterator[Effect]:
        """Find the conversations for what is to be said in them, or begin them; nobody waits to be shown them."""
        asked = {each.name for each in self._errands.values() if isinstance(each, Direct)}
        for name in self._dues.posts.addressees:
            if name not in asked:
                request = Direct(ref=self._ref("direct"), name=name)
                self._errands[request.ref or ""] = request
                yield Say(request)

    def postpone(self, ref: str) -> bool:
        """Whether it must be asked for again later what was refused for now, as something is to be said there."""
        postponed = self._keeps(self._errands[ref])
        if postponed:
            del self._errands[ref]
            self._awaited.discard(ref)
        return postponed

    def _keeps(self, request: Join | Leave | Direct) -> bool:
        return isinstance(request, Direct) and request.name in self._dues.posts.addressees

    def _place(self, name: str, room: str) -> Iterator[Effect]:
        if self._dues.posts.place(name, room):
            yield Save()

    def _take_refusal(self, request: Join | Leave | Direct, reason: str) -> Iterator[Effect]:
        """It is not to be: say so, and of everything that was to be said there that it is not."""
        back = self._dues.posts.take_back(request.name) if isinstance(request, Direct) else ()
        if not back:
            yield Show(safe_line(reason), is_warning=True)
        for post in back:
            yield Save()
            quoted = bounded(post.content, QUOTE_CHARS)
            yield Show(f"{safe_line(reason)} This was not sent: “{quoted}”", is_warning=True)

    def _run_errand(self, request: Join | Leave | Direct, *, online: bool) -> Iterator[Effect]:
        """Ask to enter or to leave a room, now or not at all."""
        if not online:
            yield Show(OFFLINE, is_warning=True)
            return
        self._errands[request.ref or ""] = request
        self._awaited.add(request.ref or "")
        yield Say(request)

    # What comes of it

    def awaits(self, ref: str) -> bool:
        """Whether this is the ref of what one has asked to enter or to leave."""
        return ref in self._errands

    def answer(self, answer: Ok | Refused) -> Iterator[Effect]:
        """One has entered the room or left it, or may not."""
        ref = answer.ref or ""
        request, awaited = self._errands.pop(ref), ref in self._awaited
        self._awaited.discard(ref)
        if isinstance(answer, Refused):
            yield from self._take_refusal(request, answer.reason)
        elif answer.room is not None:
            yield from self.take(answer.room)
            if isinstance(request, Direct):
                yield from self._place(request.name, answer.room.name)
            if awaited:
                yield from self.turn(answer.room.name)
        elif isinstance(request, Leave) and request.room == self.current.name and len(self._rooms) > 1:
            yield from self.turn(_first(self._rooms.keys() - {request.room}))

    def take(self, summary: RoomSummary) -> Iterator[Effect]:
        """One is in this room, and it is so."""
        self._dues.admit(summary.name)
        room = self._know(summary.name)
        current = room is self.current
        if (let_go := self._dues.turn(summary.name, summary.sharing)) is not None:
            room.replica.forget_read(let_go.ranges)
            yield Save()
        if summary.direct:
            yield from self._place(summary.title, summary.name)
        yield from room.summarise(summary, current=current, mark=self._dues.marks.get(summary.name))

    def take_all(self, summaries: Collection[RoomSummary]) -> Iterator[Effect]:
        """One is in these rooms and no others: join the one that is shown, unless one was put out of it."""
        for summary in summaries:
            yield from self.take(summary)
        known = {each.name for each in summaries}
        if known and self.current.name.startswith(DIRECT) and self.current.name not in known:
            yield from self.turn(_first(known))
        yield from self._miss(known)
        current = self.current
        if current.name not in known and not (current.moderation.removed and current.replica.loaded):
            owed = self._dues.receipts.of(current.name)
            current.start_over(owed.ranges, owed.editions)
            yield self.join()

    def _miss(self, known: set[str]) -> Iterator[Effect]:
        for name in [name for name, room in self._rooms.items() if name not in known and room is not self.current]:
            room = self._rooms.pop(name)
            yield Show(f"You are no longer in {room.label}.", is_warning=True)
        gone = self._dues.receipts.owed.keys() - known - {self.current.name}
        for name in gone:
            self._dues.expel(name)
        if gone:
            yield Save()

    def join(self) -> Say:
        """Ask to be let into the room that is shown."""
        return Say(Join(ref=JOIN, room=self.current.name))

    def lose(self, room: Room) -> Iterator[Effect]:
        """One is no member any more: it is shown, closed, until one turns away."""
        if self._dues.expel(room.name):
            yield Save()
        if room is not self.current:
            del self._rooms[room.name]

    def start_over(self) -> None:
        """The server has another history: nothing is known of any room but which one is shown."""
        self._rooms = {self.current.name: self.current}
        self.current.start_over((), {})

    def cut(self) -> Iterator[Effect]:
        """The connection is gone, and with it every answer."""
        for room in self._rooms.values():
            yield from room.cut()
        lost = [each for ref, each in self._errands.items() if ref in self._awaited and not self._keeps(each)]
        self._errands.clear()
        self._awaited.clear()
        if self._entering.cut() or lost:
            yield Show(CUT, is_warning=True)

    def _know(self, name: str) -> Room:
        """The room of this name, as far as it is known."""
        if name not in self._rooms:
            self._rooms[name] = room = Room(name, self._me, self._ref, self._ask)
            owed = self._dues.receipts.of(name)
            room.replica.read, room.replica.editions = owed.ranges, owed.editions
        return self._rooms[name]


def _first(names: Collection[str]) -> str:
    """Where to be when one can be no longer where one was: in a room, or else with somebody."""
    return min(names, key=lambda each: (each.startswith(DIRECT), each))


def placed(effects: Iterable[Effect], label: str) -> Iterator[Effect]:
    """What is to be shown of a room that is not in view says which one it is, by its label."""
    for effect in effects:
        if label and isinstance(effect, Show):
            yield replace(effect, sentence=f"{label}: {effect.sentence}")
        else:
            yield effect
