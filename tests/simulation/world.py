"""One hub, a disk, a network and several sessions in one process: everything that can happen, from one seed.

    device ─Say→ encode → [frames up] → decode → Hub → effects ─Append→ disk ─sync→ Send → encode → [frames down]
              └ either queue loses any end of it at a cut; an end mark tells each side when it learns of it

Every frame goes through its bytes. Nothing of a batch that comes after an `Append` is told before the batch is
synced, and a crash takes what is not synced, the hub and all connections with it.
"""

from collections import deque
from random import Random
from typing import Final

from chat_server.chat import Chat
from chat_server.effects import Append, Close, Effect, Reply, Send
from chat_server.events import Connected, Filled, Freed, Garbled, Lost, Received
from chat_server.hub import Hub
from chat_server.people import Founded
from chat_server.protocol import (
    LOBBY,
    AnyFrame,
    CloseCode,
    ProtocolError,
    RoomSummary,
    Welcome,
    decode_frame,
    decode_request,
    encode,
)
from chat_server.protocol.proofs import text_of
from chat_server.room import Room
from chat_tui.model import events as client_events
from chat_tui.model.session import Session
from chat_tui.model.view import Link, TickState
from tests.identities import seed as seed_of
from tests.identities import signer
from tests.simulation.clients import (
    BOT_WEIGHTS,
    GESTURE_WEIGHTS,
    GESTURES,
    ROOM,
    SERVER,
    UNFIT,
    WALL_MS,
    Bot,
    Device,
    Intruder,
)
from tests.simulation.network import Disk, Wire
from tests.simulation.oracle import Oracle, Promise, check

START_MS: Final = 1_000_000
ROUNDS_MAX: Final = 1_000
"""Of delivering and waiting until all is quiet; few take more than twenty."""

SESSIONS: Final = (
    ("ann", ROOM),
    ("ann", ROOM),
    ("bob", ROOM),
    ("bob", LOBBY),
    ("carl", ROOM),
    ("eve", ROOM),
    ("eve", LOBBY),
)
BOTS: Final = ("dan", "fay")
"""These have no session: they come and go, and read what they like."""


class World:
    """Everything, and the dice."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.oracle = Oracle()
        self.now_ms = START_MS
        self.faults = True
        self.crash_chance = self.random.choice((0, 0.005, 0.03))
        self.disk = Disk()
        self.disk.sync([Founded(at=0, seed=text_of(seed_of(SERVER)))])
        self.hub = Hub("epoch", self.disk.recover(by_snapshot=False))
        self.wires: dict[int, Wire] = {}
        self.devices = [Device(self, name, room) for name, room in SESSIONS if self.random.random() < 0.8]
        self.bots = [Bot(self, name) for name in BOTS]
        self.events = 0
        self._counted = 0
        self._weights = self._swarm(WEIGHTS)
        self._gesture_weights = self._swarm(GESTURE_WEIGHTS)
        self.bot_weights = self._swarm(BOT_WEIGHTS)

    def _swarm(self, weights: tuple[int, ...]) -> list[float]:
        """Each schedule does more of some things and less of others: rare meetings become likely in some."""
        return [weight * self.random.choice((0.1, 1, 1, 4)) for weight in weights]

    def count(self) -> int:
        """A number that was not there before."""
        self._counted += 1
        return self._counted

    # The network

    def connect(self, name: str, holder: str = "") -> Wire:
        """A new connection of somebody of this name, or of a holder of another key who says so."""
        wire = Wire(self.count(), name, holder or name)
        self.wires[wire.number] = wire
        self.hub.handle(Connected(wire.number, None, signer(str(wire.number)).public))
        return wire

    @property
    def clients(self) -> list[Device | Bot]:
        """Whoever connects."""
        return [*self.devices, *self.bots]

    # The server

    def serve(self, batch_max: int) -> None:
        """Take one batch from connections at random, handle it, put it on disk and tell."""
        self._heed_space()
        effects: list[Effect] = []
        for _ in range(batch_max):
            ready = [wire for wire in self.wires.values() if wire.up]
            if not ready:
                break
            effects += self._receive(self.random.choice(ready))
        first = next((at for at, each in enumerate(effects) if isinstance(each, Append)), len(effects))
        self._tell(effects[:first])
        records = [each.record for each in effects if isinstance(each, Append)]
        check(Promise.FULL_TAKES_NOTHING, not (records and self.disk.full), records)
        if records and self._crashes():
            return
        if records:
            self.disk.sync(records)
            for record in records:
                self.oracle.sync(record)
            if self._crashes():
                return
        self._tell(effects[first:])

    def _heed_space(self) -> None:
        """As the loop does: tell the hub between two batches."""
        if self.disk.full is not self.hub.full:
            self.hub.handle(Filled() if self.disk.full else Freed())

    def _receive(self, wire: Wire) -> list[Effect]:
        self.events += 1
        text = wire.up.popleft()
        if text is None:
            del self.wires[wire.number]
            return self.hub.handle(Lost(wire.number))
        try:
            request = decode_request(text)
        except ProtocolError as error:
            return self.hub.handle(Garbled(wire.number, error.reason, error.ref))
        return self.hub.handle(Received(wire.number, request, WALL_MS + self.now_ms))

    def _tell(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(to, frame):
                    # A connection may have been lost in the same batch, after it was sent something.
                    for wire in filter(None, map(self.wires.get, to)):
                        self._send(wire, frame)
                case Close(connection=connection, code=code):
                    if closed := self.wires.get(connection):
                        assert code == CloseCode.OVERLOADED or closed.holder == Intruder.NAME, effect
                        closed.close()
                case Append() | Reply():
                    pass

    def _send(self, wire: Wire, frame: AnyFrame) -> None:
        told = decode_frame(encode(frame))
        assert told is not None
        if isinstance(told, Welcome):
            self.oracle.welcome(wire.name, signer(wire.holder).public)
        self.oracle.tell(wire.name, told)
        if not wire.cut:
            wire.down.append(encode(told))

    def _crashes(self) -> bool:
        if self.faults and self.random.random() < self.crash_chance:
            self.crash()
            return True
        return False

    def crash(self) -> None:
        """The server dies and comes back with what is on disk."""
        for wire in self.wires.values():
            wire.break_off(self.random)
        self.wires.clear()
        self.hub = Hub("epoch", self.disk.recover(by_snapshot=self.random.random() < 0.5))

    def take_snapshot(self) -> None:
        self.disk.snapshot = self.hub.chat.freeze()
        self.disk.snapshot_batches = len(self.disk.batches)

    def space_comes_or_goes(self) -> None:
        """The commit that finds the disk full goes into the ballast, so it is full from the next batch on."""
        self.disk.full = not self.disk.full

    # What happens

    def run(self, steps: int) -> None:
        """So many random things, then quiet, then every check."""
        for _ in range(steps):
            self._step()
        self.settle()
        self.oracle.check_quiet()
        self._check_recovery()
        for device in self.devices:
            self._check_device(device)
        for name, room in sorted({(each.name, each.room) for each in self.devices}):
            self._check_newcomer(name, room)

    def _step(self) -> None:
        self.events += 1
        self.now_ms += self.random.choice((0, 1, 10, 100))
        action = self.random.choices(ACTIONS, self._weights)[0]
        action(self)

    def one_serves(self) -> None:
        self.serve(self.random.randint(1, 4))

    def one_hears(self) -> None:
        ready = [each for each in self.clients if each.wire is not None and each.wire.down]
        if ready:
            self.random.choice(ready).hear()

    def one_dials(self) -> None:
        idle = [each for each in self.clients if each.wire is None]
        if idle:
            self.random.choice(idle).dial()

    def one_acts(self) -> None:
        up = [each for each in self.devices if each.session is not None]
        if not up:
            return
        device = self.random.choice(up)
        act = self.random.choices(GESTURES, self._gesture_weights)[0]
        act(device)

    def one_types(self) -> None:
        up = [each for each in self.devices if each.session is not None]
        if up:
            unfit = self.random.random() < 0.05
            content = self.random.choice(UNFIT) if unfit else f"text {self.count()}"
            self.random.choice(up).type(content)

    def bot_acts(self) -> None:
        self.random.choice(self.bots).act()

    def one_is_cut(self) -> None:
        wires = [each for each in self.wires.values() if not each.cut]
        if wires:
            self.random.choice(wires).break_off(self.random)

    def one_flaps(self) -> None:
        """Somebody is cut, comes back, and is cut again before having heard everything."""
        device = self.random.choice(self.clients)
        self._cut_off(device)
        device.dial()
        for frames in (1, self.random.randint(0, 4)):  # the challenge, then the welcome and more
            self.serve(8)
            for _ in range(frames):
                if device.wire is not None and device.wire.down:
                    device.hear()
        self._cut_off(device)

    def _cut_off(self, device: Device | Bot) -> None:
        if device.wire is not None:
            device.wire.break_off(self.random)
        while device.wire is not None:
            device.hear()

    def one_intrudes(self) -> None:
        """Somebody asks to be taken for somebody else, and says what she can."""
        if self.oracle.keys:
            intruder = Intruder(self, self.random.choice(sorted(self.oracle.keys)))
            for _ in range(4):
                self.serve(8)
                if not intruder.go_on():
                    return
            intruder.leave()

    def one_crashes(self) -> None:
        self.random.choice([self.crash, *(each.crash for each in self.devices)])()

    def wait(self) -> None:
        self.now_ms += self.random.randint(1, 1_000)

    # Quiet

    def settle(self) -> None:
        """Connect everybody, and deliver and answer until nothing is under way."""
        self.faults = self.disk.full = False
        busy = True
        rounds = 0
        while busy:
            busy = False
            rounds += 1
            check(Promise.FULL_IS_NO_REFUSAL, rounds < ROUNDS_MAX, "something is tried again for ever")
            for each in self.clients:
                if each.wire is None:
                    each.dial()
            while self._drain():
                busy = True
            for device in self.devices:
                assert device.session is not None
                deadline = device.session.next_deadline_ms
                if deadline is not None:
                    self.now_ms = max(self.now_ms, deadline)
                    device.elapse()
                    busy = True

    def _drain(self) -> bool:
        busy = False
        while any(wire.up for wire in self.wires.values()):
            self.serve(8)
            busy = True
        for each in self.clients:
            while each.wire is not None and each.wire.down:
                each.hear()
                busy = True
        return busy

    def _deliver(self) -> None:
        while self._drain():
            pass

    def _check_recovery(self) -> None:
        """What is on disk, by either way, is what is in memory, and what the oracle has."""
        lived = _all_told(self.hub.chat)
        for by_snapshot in (True, False):
            recovered = _all_told(self.disk.recover(by_snapshot=by_snapshot))
            check(Promise.RECOVERY_EQUALS_LIFE, recovered == lived, recovered, lived)

    def _check_device(self, device: Device) -> None:
        """Page a session through its whole room and compare all that it shows."""
        session = device.session
        assert session is not None
        truth = device.truth
        check(Promise.POSTED_ONCE, session.status().queued == 0, device.name, "has something queued")
        self._check_ticks(device, session)
        device.handle(client_events.Sought(client_events.Part.OLDEST))
        self._deliver()
        paged = self._check_ticks(device, session)
        while not session.view().at_end:
            device.handle(client_events.Sought(client_events.Part.NEWER))
            self._deliver()
            more = self._check_ticks(device, session)
            check(Promise.WINDOW_IS_WHOLE, more[-1:] > paged[-1:], device.name, "does not come on from", paged)
            paged += [each for each in more if each > paged[-1]]
        everything = list(range(1, truth.last_id + 1))
        check(Promise.IDS_HAVE_NO_GAPS, paged == everything, device.name, paged, everything)
        for each in everything:
            if truth.sender(each) == device.name:
                self._check_info(device, session, each)
        left = [each for each in session.view().messages if each.id is None]
        refused = all(each.tick is not None and each.tick.state is TickState.REFUSED for each in left)
        check(Promise.WINDOW_IS_WHOLE, refused, device.name, "still shows", left)

    def _check_ticks(self, device: Device, session: Session) -> list[int]:
        """Compare each tick of the window with the truth; the window's ids."""
        truth = device.truth
        view = session.view()
        ids = [each.id for each in view.messages if each.id is not None]
        check(Promise.WINDOW_IS_WHOLE, view.below == truth.last_id - (ids[-1] if ids else 0), "below", view.below)
        unread = session.unread(frozenset(ids))
        truly = {each for each in ids if each in truth.by_others(device.name) - truth.read_of(device.name)}
        check(Promise.UNREAD_IS_RIGHT, unread == truly, device.name, "has not read", unread, truly)
        for each in view.messages:
            if each.id is not None and each.tick is not None:
                readers, audience = len(truth.readers(each.id)), truth.audience(each.id)
                told = (each.tick.read_by, each.tick.audience)
                check(Promise.TICK_IS_READ_BY, told == (readers, audience), each, "of", readers, audience)
                check(Promise.TICK_IS_READ_BY, each.tick.state is _state(readers, audience), each)
        return ids

    def _check_info(self, device: Device, session: Session, message_id: int) -> None:
        truth = device.truth
        device.handle(client_events.Inspected(message_id))
        self._deliver()
        info = session.info
        assert info is not None
        read_by = {each.reader: each.read_at for each in info.read_by}
        same = read_by == truth.readers(message_id) and set(info.missing) == truth.missing(message_id)
        check(Promise.TICK_IS_READ_BY, same, device.name, "is told", info)

    def _check_newcomer(self, name: str, room: str) -> None:
        """A new device of this person is welcomed with the right counts, and sees the same."""
        device = Device(self, name, room)
        self.devices.append(device)
        device.dial()
        assert device.wire is not None
        self.serve(1)
        device.hear()
        self.serve(1)
        summary = _summary_in(device.wire.down, room)
        unread = device.truth.unread(name)
        told = (summary.unread, summary.first_unread, summary.last_id)
        truly = (len(unread), min(unread, default=None), device.truth.last_id)
        check(Promise.UNREAD_IS_RIGHT, told == truly, name, "is welcomed with", told, truly)
        self._deliver()
        assert device.session is not None
        assert device.session.status().link is Link.ONLINE
        self._check_device(device)
        self.devices.pop()
        device.crash()
        self._deliver()


def _all_told(chat: Chat) -> object:
    """Everything that a chat consists of."""
    return chat.people.freeze(), {name: _told(room) for name, room in chat.rooms.items()}


def _told(room: Room) -> object:
    """Everything that a room consists of."""
    state = room.freeze()
    readings = {name: list(each.advances()) for name, each in state.readings.items()}
    nonces = [room.posted_as(each.sender, each.nonce) for each in state.messages]
    return state.title, state.revision, state.stays, readings, list(state.messages), nonces


def _state(readers: int, audience: int) -> TickState:
    if not readers:
        return TickState.SENT
    return TickState.READ_BY_ALL if readers == audience else TickState.READ


def _summary_in(frames: deque[bytes | None], room: str) -> RoomSummary:
    for text in frames:
        frame = decode_frame(text) if text is not None else None
        if isinstance(frame, Welcome):
            return next(each for each in frame.rooms if each.name == room)
    raise AssertionError("no welcome")


ACTIONS: Final = (
    World.one_serves,
    World.one_hears,
    World.one_dials,
    World.one_acts,
    World.one_types,
    World.bot_acts,
    World.one_is_cut,
    World.one_flaps,
    World.one_intrudes,
    World.one_crashes,
    World.wait,
    World.take_snapshot,
    World.space_comes_or_goes,
)
WEIGHTS: Final = (60, 100, 30, 35, 14, 14, 6, 4, 1, 1, 4, 1, 2)
