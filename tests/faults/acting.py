"""A client without its screen: the real connection, session and outbox, and a script instead of a person.

It writes numbered messages and sees what is in its window, but for a part that it never looks at; what it knows of
either goes to its ledger.
"""

import asyncio
import os
import secrets
import time
from dataclasses import dataclass
from random import Random
from typing import assert_never
from zlib import crc32

from msgspec import Struct

from chat_server.protocol import AnyFrame, AnyRequest, History, Message, Ok, Post, Read, Receipt, Refused
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_tui.connection import Connection
from chat_tui.identity.passport import Passport
from chat_tui.model import events as happened
from chat_tui.model.effects import Answer, Effect, GiveUp, Notice, Save, Say
from chat_tui.model.session import Session
from chat_tui.model.view import ConversationView, Link, Tick
from chat_tui.outbox import Outbox
from tests.faults.ledger import (
    Entered,
    Ledger,
    PostAcknowledged,
    ReadAcknowledged,
    Seeing,
    Seen,
    Sent,
    Started,
    Told,
    ToldRead,
    Troubled,
    Typing,
    digest,
)


@dataclass(frozen=True, slots=True)
class Script:
    """Who somebody is, and how they behave."""

    name: str
    url: str
    room: str
    pace_s: float
    """How long they wait between two things that they do, on average."""
    writes: float
    """How likely it is that such a thing is a message. With 0 they never look for the newest messages either:
    those must come by themselves."""


class Row(Struct, frozen=True):
    """A message as a window shows it."""

    id: int
    digest: str
    sender: str
    tick: tuple[int, int] | None
    """Read by so many of so many; of one's own messages only."""


class Window(Struct, frozen=True):
    """What a client shows, and whether it still has to say or to see something."""

    name: str
    owes: bool
    at_end: bool
    rows: tuple[Row, ...]


def steady_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def never_looks_at(name: str, message_id: int) -> bool:
    """Whether this person is the one in eight who leaves this message unread for good."""
    return crc32(f"{name} {message_id}".encode()) % 8 == 0


class Client:
    """One person at one device."""

    def __init__(self, script: Script, outbox: Outbox, passport: Passport, ledger: Ledger) -> None:
        """Begin with what an earlier process left in the outbox."""
        self._script = script
        self._outbox = outbox
        self._passport = passport
        self._ledger = ledger
        self._session = Session(script.name, script.room, outbox.owed, passport.public)
        self._connection = Connection(script.url, self._hear, steady_ms)
        self._random = Random(secrets.randbits(64))
        self._written = 0
        self._posts: set[str] = {each.nonce for each in outbox.owed.posts}
        self._reads: dict[str, Ranges] = {}
        """Receipts on their way on this connection, by ref."""
        self._alarm: asyncio.TimerHandle | None = None
        self.quiet = False

    async def run(self) -> None:
        """Live until cancelled, or until the server says not to come back."""
        self._ledger.write(Started())
        living = asyncio.create_task(self._live())
        try:
            await self._connection.run()
            self._ledger.write(Troubled("gave up"))
        finally:
            living.cancel()
            if self._alarm is not None:
                self._alarm.cancel()

    # The script

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(0.2, 1.8) * self._script.pace_s)
            if not self.quiet and self._random.random() < self._script.writes:
                self._type()
            self._look()

    def _type(self) -> None:
        self._written += 1
        filling = "x" * int(self._random.expovariate(1 / 100))
        content = f"{self._script.name} {os.getpid()} {self._written} {secrets.token_hex(4)} {filling}"
        nonce = secrets.token_urlsafe(16)
        self._ledger.write(Typing(nonce, digest(content)))
        self._posts.add(nonce)
        self._feed(happened.Typed(content, nonce, wall_ms()))
        self._ledger.write(Entered(nonce))

    def _look(self) -> None:
        view = self._session.view()
        if self._script.writes and not view.at_end:
            self._feed(happened.Sought(happened.Part.NEWEST))
        seen = [each for each in self._unseen(view) if self._has_time()]
        if seen:
            ranges = rangesets.of_ids(seen)
            self._ledger.write(Seeing(ranges))
            self._feed(happened.Seen(self._session.room, frozenset(seen), steady_ms()))
            self._ledger.write(Seen(ranges))

    def _unseen(self, view: ConversationView) -> list[int]:
        """What stands in the window and will be looked at sooner or later."""
        ids = self._session.unread(frozenset(each.id for each in view.messages if each.id is not None))
        return [each for each in ids if not never_looks_at(self._script.name, each)]

    def _has_time(self) -> bool:
        return self.quiet or self._random.random() < 0.7

    # The glue, as in the app

    def _hear(self, event: happened.Event) -> None:
        match event:
            case happened.Heard(frame=frame):
                self._note_heard(frame)
            case happened.Cut():
                self._reads.clear()
            case _:
                pass
        self._feed(event)

    def _feed(self, event: happened.Event) -> None:
        for effect in self._session.handle(event):
            self._perform(effect)
        self._arm()

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Say(request=request):
                self._note_said(request)
                self._connection.say(request)
            case Save():
                self._outbox.save(self._session.owed)
            case Answer(nonce=nonce, challenge=challenge):
                self._feed(self._passport.answer(nonce, challenge))
            case Notice():
                pass
            case GiveUp(reason=reason):
                self._ledger.write(Troubled(reason))
                self._connection.give_up(reason)
            case _:
                assert_never(effect)

    def _arm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        deadline_ms = self._session.next_deadline_ms
        if deadline_ms is not None:
            pause_s = max(deadline_ms - steady_ms(), 0) / 1000
            self._alarm = asyncio.get_running_loop().call_later(pause_s, self._wake)

    def _wake(self) -> None:
        self._feed(happened.Elapsed(steady_ms()))

    # The evidence

    def _note_said(self, request: AnyRequest) -> None:
        match request:
            case Post(nonce=nonce):
                self._ledger.write(Sent(nonce, wall_ms()))
            case Read(ref=ref, ranges=ranges):
                self._reads[ref or ""] = ranges
            case _:
                pass

    def _note_heard(self, frame: AnyFrame) -> None:
        match frame:
            case Ok(ref=str(nonce), message_id=int(message_id)) if nonce in self._posts:
                self._ledger.write(PostAcknowledged(nonce, message_id))
            case Ok(ref=str(ref)) if ref in self._reads:
                self._ledger.write(ReadAcknowledged(self._reads.pop(ref)))
            case Message() | History():
                for each in (frame,) if isinstance(frame, Message) else frame.messages:
                    self._ledger.write(Told(each.id, digest(each.content)))
            case Receipt(reader=reader, ranges=ranges):
                self._ledger.write(ToldRead(reader, ranges))
            case Refused(code=code, reason=reason):
                self._ledger.write(Troubled(f"{code}: {reason}"))
            case _:
                pass

    def window(self) -> Window:
        """What is shown now."""
        view, owed = self._session.view(), self._session.owed
        rows = tuple(
            Row(each.id, digest(each.text), each.sender, _counts(each.tick))
            for each in view.messages
            if each.id is not None
        )
        offline = self._session.status().link is not Link.ONLINE
        # What is yet to be seen would become a receipt between two looks at the server.
        unsaid = owed.posts or owed.reads or len(rows) < len(view.messages) or self._unseen(view)
        owes = bool(offline or unsaid)
        return Window(self._script.name, owes, view.at_end and not view.loading, rows)


def _counts(tick: Tick | None) -> tuple[int, int] | None:
    return (tick.read_by, tick.audience) if tick is not None else None
