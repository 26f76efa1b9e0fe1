"""What one writes and reads becomes owed to the server, and what the server has of it is owed no more. Pure."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from chat_server.protocol import Message, Ok, Refused, Settings, TellTyping
from chat_tui.model.dues import Dues
from chat_tui.model.effects import Effect, Save, Say
from chat_tui.model.events import (
    Approached,
    Discarded,
    Drafted,
    Owing,
    Part,
    Retried,
    Seen,
    Typed,
    Wrote,
)
from chat_tui.model.looking import Outlook
from chat_tui.model.memberships import Memberships
from chat_tui.model.owed import OwedPost
from chat_tui.model.places import Places
from chat_tui.model.receipts import ReadTexts
from chat_tui.model.room import Room


class Owings:
    """What one does that the server is to be told of, in any room."""

    def __init__(self, dues: Dues, rooms: Memberships, places: Places, outlook: Outlook) -> None:
        """Take where it is kept, the rooms it is about, the way to their ends, and how they are looked at."""
        self._dues = dues
        self._rooms = rooms
        self._places = places
        self._outlook = outlook

    def owe(self, event: Owing, *, online: bool) -> Iterator[Effect]:
        """Keep what is owed now, and tell what of it may be told now."""
        match event:
            case Seen():
                yield from self._see(event)
            case Typed():
                yield from self._type(event, online=online)
            case Approached():
                yield from self._approach(event, online=online)
            case Wrote(room=name, now_ms=now_ms):
                yield from self._tell_writing(name, now_ms)
            case Drafted(text=text, room=name):
                if self._dues.write(name or self._rooms.current.name, text):
                    yield Save()
            case Retried(nonce=nonce):
                if self._dues.posts.retry(nonce) is not None:
                    yield from self._save_and_send()
            case Discarded(nonce=nonce):
                if self._dues.posts.discard(nonce):
                    yield Save()
            case _:
                assert_never(event)

    def closed(self, room: Room) -> str:
        """Why one cannot write in a room; empty where one can."""
        return room.moderation.closed(room.replica.muted) or self._dues.posts.closed

    def _see(self, seen: Seen) -> Iterator[Effect]:
        room = self._rooms.get(seen.room)
        if room is None or room.moderation.removed or self._dues.mode(seen.room) == "off":
            return
        told = ReadTexts(room.see(seen.ids), room.see_texts(seen.texts))
        if told.ranges or told.editions:
            self._dues.see(seen.room, told)
            yield Save()
            yield from map(Say, self._dues.send(seen.now_ms))

    def _type(self, typed: Typed, *, online: bool) -> Iterator[Effect]:
        current = self._rooms.current.name
        room = typed.room or current
        self._dues.enter(OwedPost(room, typed.nonce, typed.content, typed.wall_ms, reply_to=typed.reply_to))
        yield from self._save_and_send()
        if room == current:
            yield from self._places.seek(Part.NEWEST, online=online)

    def _approach(self, event: Approached, *, online: bool) -> Iterator[Effect]:
        """Be in the conversation with somebody, and say something there: now, or once there is one."""
        room = self._rooms.direct_with(event.name)
        if room is None:
            yield from self._rooms.begin(event, online=online)
            return
        if not event.stays:
            yield from self._rooms.turn(room.name)
        if event.content:
            yield from self._type(Typed(event.content, event.nonce, event.wall_ms, room.name), online=online)

    def _tell_writing(self, name: str, now_ms: int) -> Iterator[Effect]:
        """Others may know that one is writing, where what is written could be sent."""
        room = self._rooms.get(name)
        writable = room is not None and self._dues.is_in(name) and not self.closed(room)
        if room is not None and writable and room.writers.tell(now_ms):
            yield Say(TellTyping(room=name))

    def _save_and_send(self) -> Iterator[Effect]:
        yield Save()
        yield from map(Say, self._dues.send_post())

    # What the server says

    def arrive(self, messages: Sequence[Message]) -> Iterator[Effect]:
        """These messages are there: those of one's own are owed no more."""
        if self._dues.posts.arrive(messages):
            yield from self._save_and_send()

    def settle(self, ok: Ok) -> Iterator[Effect]:
        """The server has taken something."""
        if self._dues.take(ok):
            for room in self._rooms.values():
                self._dues.posts.settle(room.name, room.replica.last)
            yield Save()

    def refuse(self, refused: Refused) -> Iterator[Effect]:
        """The server will never take something."""
        if self._dues.refuse(refused):
            yield from self._save_and_send()

    def share(self, settings: Settings) -> Iterator[Effect]:
        """One may be shown other things than before, in each room in which something else holds now."""
        for room in [each for each in self._rooms.values() if self._dues.is_in(each.name)]:
            mode = settings.rooms.get(room.name, settings.receipts)
            if (let_go := self._dues.turn(room.name, mode)) is not None:
                yield Save()
                yield from room.turn_sharing(let_go.ranges, self._outlook.gaze(room))
