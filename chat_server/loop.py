"""The one loop that thinks: events in, one commit per batch, then frames out.

    bounded queue -> Hub -> one commit per batch -> fsync -> Fanout

It takes whatever has queued up as one batch, so a commit is shared by everybody who waits for it, and carries out
nothing of a batch before all its records are on disk.
"""

import asyncio
import itertools
import logging
import secrets
import time
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

import msgspec

from chat_server.audit import audit_line
from chat_server.chat import AnyRecord
from chat_server.effects import Append, Close, Effect, Reply, Send
from chat_server.events import Filled, Freed, Garbled, Ordered, PeerEvent, Received
from chat_server.fanout import Fanout
from chat_server.hub import Hub
from chat_server.orders import Answer, AnyOrder
from chat_server.people import Founded
from chat_server.protocol.proofs import SEED_BYTES, text_of
from chat_server.store import DiskFailed, Sealed, Store

QUEUE_MAX: Final = 1_024
"""Events that may wait for the loop; past it readers wait, and with them their peers."""
BATCH_MAX: Final = 256
"""Events of one commit: bounds how long the first of them waits for the last."""
BATCH_BYTES_MAX: Final = 1024 * 1024
"""Bytes of records after which a commit takes no more events: on a full disk it must fit in the ballast."""
SNAPSHOT_COMMITS: Final = 10_000
SNAPSHOT_S: Final = 300.0
"""A snapshot is written after so many commits, and this often if there has been any."""
SPACE_S: Final = 1.0
"""How often a full disk is asked for space."""

log = logging.getLogger(__name__)
audit = logging.getLogger("chat_server.audit")
_encode: Final = msgspec.json.Encoder().encode


class Cue(Enum):
    """What the loop is told besides events."""

    SNAPSHOT = auto()
    DRAIN = auto()
    """No request comes after it."""
    STOP = auto()


@dataclass(slots=True)
class Batch:
    """Events that were handled together, and what is to be done about them."""

    events: int = 0
    asked: list[int] = field(default_factory=list)
    """Whose requests were among them, once for each."""
    cues: list[Cue] = field(default_factory=list)
    records: list[AnyRecord] = field(default_factory=list)
    told: list[Send | Close | Reply] = field(default_factory=list)
    bytes: int = 0
    """What the records come to on disk."""

    @property
    def is_full(self) -> bool:
        """Whether no other event may share the commit."""
        return self.events >= BATCH_MAX or self.bytes >= BATCH_BYTES_MAX

    def add(self, effect: Effect) -> None:
        """Have this done with the others, in order."""
        if isinstance(effect, Append):
            self.records.append(effect.record)
            self.bytes += len(_encode(effect.record))
        else:
            self.told.append(effect)


class Loop:
    """The hub, and all that happens to it one after the other."""

    def __init__(self, store: Store, fanout: Fanout, tasks: asyncio.TaskGroup, hub: Hub) -> None:
        """Take an open store, whose chat is the hub's, and the group that snapshots are written in."""
        self.drained = asyncio.Event()
        """Whether everything that came before `Cue.DRAIN` has been told."""
        self._store = store
        self._fanout = fanout
        self._tasks = tasks
        self._hub = hub
        self._queue: asyncio.Queue[PeerEvent | Ordered | Cue] = asyncio.Queue(QUEUE_MAX)
        self._snapshot: asyncio.Task[None] | None = None
        self._gave_up = False
        self._orders = itertools.count(1)
        self._replies: dict[int, asyncio.Future[Answer]] = {}

    async def put(self, event: PeerEvent | Cue) -> None:
        """Queue an event or a cue; waits while too many are queued."""
        await self._queue.put(event)

    async def order(self, order: AnyOrder) -> Answer:
        """Have an order of the server's admin carried out; what came of it, once that is on disk."""
        number = next(self._orders)
        self._replies[number] = asyncio.get_running_loop().create_future()
        await self._queue.put(Ordered(number, order, time.time_ns() // 1_000_000))
        return await self._replies[number]

    def is_greeted(self, connection: int) -> bool:
        """Whether this connection has said a good hello."""
        return self._hub.is_greeted(connection)

    async def run(self) -> None:
        """Handle events batch by batch, until told to stop; then leave a snapshot."""
        await self._found()
        while True:
            batch = await self._next_batch()
            await self._perform(batch)
            if Cue.DRAIN in batch.cues:
                self.drained.set()
            if Cue.STOP in batch.cues:
                break
            if batch.cues or (self._store.commits_since_snapshot >= SNAPSHOT_COMMITS and not self._gave_up):
                self._begin_snapshot()
        await self._end_snapshots()

    async def remind(self) -> None:
        """Have a snapshot written every now and then, until cancelled."""
        while True:
            await asyncio.sleep(SNAPSHOT_S)
            await self.put(Cue.SNAPSHOT)

    async def watch_space(self) -> None:
        """Ask a full disk for space every now and then, until cancelled."""
        while True:
            await asyncio.sleep(SPACE_S)
            if self._store.full:
                await self._store.make_space()

    async def _found(self) -> None:
        """Give the server a key of its own, the first time that it serves this chat."""
        if not self._store.chat.people.seed:
            if self._store.full:
                raise DiskFailed("The disk is full, and the server has no key of its own yet. Free some space.")
            founded = Founded(at=time.time_ns() // 1_000_000, seed=text_of(secrets.token_bytes(SEED_BYTES)))
            self._store.chat.apply(founded)
            await self._store.commit([founded])

    # One batch

    async def _next_batch(self) -> Batch:
        """Handle what has queued up: one event at least, and at most what a commit may hold."""
        batch = Batch()
        event = await self._queue.get()
        self._heed_space()
        self._take(batch, event)
        while not batch.is_full and not self._queue.empty():
            self._take(batch, self._queue.get_nowait())
        return batch

    def _take(self, batch: Batch, event: PeerEvent | Ordered | Cue) -> None:
        batch.events += 1
        if isinstance(event, Cue):
            batch.cues.append(event)
            return
        if isinstance(event, Received | Garbled):
            batch.asked.append(event.connection)
        for effect in self._hub.handle(event):
            batch.add(effect)

    def _heed_space(self) -> None:
        """Between two commits: tell the hub where the disk has become full, or has space again."""
        if self._store.full and not self._hub.full:
            log.warning("the disk is full: nothing new is taken until there is space")
            self._hub.handle(Filled())
        elif self._hub.full and not self._store.full:
            log.warning("the disk has space again")
            self._hub.handle(Freed())

    async def _perform(self, batch: Batch) -> None:
        if batch.records:
            await self._store.commit(batch.records)
            for line in filter(None, map(audit_line, batch.records)):
                audit.info(line)
        for each in batch.told:
            if isinstance(each, Reply):
                self._replies.pop(each.number).set_result(each.answer)
            else:
                self._fanout.perform(each)
        for connection in batch.asked:
            self._fanout.answered(connection)
        # Readers and writers have their turn even where nothing had to be waited for.
        await asyncio.sleep(0)

    # Snapshots

    def _begin_snapshot(self) -> None:
        """Between two commits: write what there is now to a snapshot while the loop goes on, one at a time."""
        running = self._snapshot is not None and not self._snapshot.done()
        if self._store.commits_since_snapshot and not running and not self._store.full:
            self._snapshot = self._tasks.create_task(self._write(self._store.seal(self._store.chat.freeze())))

    async def _write(self, sealed: Sealed) -> None:
        written = await self._store.write(sealed)
        if not written and not self._gave_up:
            log.warning("the disk has no space for a snapshot; the journal has everything")
        self._gave_up = not written

    async def _end_snapshots(self) -> None:
        """Leave all that there is in a snapshot, for a start without the journal, where there is space for it."""
        if self._snapshot is not None:
            await asyncio.wait([self._snapshot])
        if self._store.commits_since_snapshot:
            self._gave_up = False  # and if so, let it be said again
            await self._write(self._store.seal(self._store.chat.freeze()))
