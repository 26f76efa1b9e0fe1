"""Those who connect: sessions with their rims modelled, and programs that have no memory."""

from typing import TYPE_CHECKING, Final

from chat_server.protocol import (
    CONTENT_CHARS_MAX,
    Acknowledge,
    AnyRequest,
    Challenge,
    Join,
    Leave,
    Message,
    Ok,
    Post,
    Read,
    Welcome,
    decode_frame,
    encode,
)
from chat_server.protocol.proofs import is_signed, server_lines
from chat_tui.model import effects as client_effects
from chat_tui.model import events as client_events
from chat_tui.model import owed, replica
from chat_tui.model.session import Session
from chat_tui.model.view import MessageView, TickState
from tests import identities
from tests.simulation.network import Wire
from tests.simulation.oracle import Promise, Truth, Typing, broken, check, ids_of

if TYPE_CHECKING:
    from tests.simulation.world import World

ROOM: Final = "deploys"
SERVER: Final = "a server"
"""Whose key the server has."""
WALL_MS: Final = 1_700_000_000_000
RETRY_MS: Final = 100
UNFIT: Final = ("", "x" * (CONTENT_CHARS_MAX + 1))
"""Contents that the server refuses."""
BOT_WEIGHTS: Final = (5, 2, 2, 6, 3)
"""Of joining, leaving, posting, reading and acknowledging."""


class Device:
    """A client's rim, modelled: a session, its outbox on disk, its end of a connection."""

    def __init__(self, world: "World", name: str, room: str) -> None:
        self.world = world
        self.name = name
        self.room = room
        self.wire: Wire | None = None
        self.session: Session | None = None
        self.saved = owed.encode(owed.Owed())
        self.attended = True
        self.asked: dict[str, AnyRequest] = {}
        """What was said on this connection, by ref."""
        self.gone: set[str] = set()
        """Nonces of what was drawn as queued or refused and is so no longer."""
        self.drawn: set[str] = set()
        self.acknowledged: set[str] = set()
        """Nonces that this session has heard to be on disk."""

    @property
    def truth(self) -> Truth:
        return self.world.oracle.rooms[self.room]

    def start(self) -> None:
        """A new session, with what the last one left."""
        key = identities.signer(self.name).public
        self.session = Session(self.name, self.room, owed.decode(self.saved), key)
        self.attended = True
        self.gone, self.drawn, self.acknowledged = set(), set(), set()

    def crash(self) -> None:
        """The session is gone with everything that it had not saved."""
        self.session = None
        if self.wire is not None:
            self.wire.break_off(self.world.random)
            self.wire = None

    def dial(self) -> None:
        """Open a connection, after a start where there is no session."""
        if self.session is None:
            self.start()
        self.wire = self.world.connect(self.name)
        self.asked = {}
        self.handle(client_events.Dialling())
        self.handle(client_events.Linked(identities.NONCE))

    def hear(self) -> None:
        """Take the next frame, or the end, from the connection."""
        assert self.wire is not None
        text = self.wire.down.popleft()
        if text is None:
            self.wire = None
            self.handle(client_events.Cut("cut", self.world.now_ms + RETRY_MS))
            return
        frame = decode_frame(text)
        assert frame is not None
        if isinstance(frame, Ok) and frame.ref in self.asked:
            self.world.oracle.hear_ok(self.name, self.asked[frame.ref], frame)
            self.acknowledged.add(frame.ref)
        self.handle(client_events.Heard(frame, self.world.now_ms))

    def handle(self, event: client_events.Event) -> None:
        """Pass an event to the session, do what it wants, and look at what it shows."""
        session = self.session
        if session is None:
            return
        before = session.replica.first
        effects = session.handle(event)
        done = len(effects)
        if self.world.faults and effects and self.world.random.random() < self.world.crash_chance:
            done = self.world.random.randint(0, len(effects) - 1)
        for effect in effects[:done]:
            self._perform(session, effect)
        if done < len(effects):
            self.crash()
        elif self.session is session:  # it may have crashed in what came of an effect
            self._check_view(session, event, before)

    def _perform(self, session: Session, effect: client_effects.Effect) -> None:
        match effect:
            case client_effects.Save():
                self.saved = owed.encode(session.owed)
                on_disk = owed.decode(self.saved)
                reads = {room: ids_of(ranges) for room, ranges in on_disk.reads.items()}
                self.world.oracle.save(self.name, (each.nonce for each in on_disk.posts), reads)
            case client_effects.Say(request):
                self.world.oracle.say(self.name, request)
                self.say(request)
            case client_effects.Answer(nonce, challenge):
                lines = server_lines(nonce, challenge.nonce, challenge.server)
                good = is_signed(lines, challenge.signature, identities.signer(SERVER).public)
                check(Promise.NAME_IS_PROVEN, good, "the server's own is not", challenge)
                signature = identities.signature(self.name, challenge.nonce, challenge.server)
                self.handle(client_events.Proved(signature))
            case client_effects.Announce(reader, messages, room):
                self.world.oracle.announce(room, reader, messages)
            case client_effects.Notice():
                pass
            case client_effects.GiveUp(reason):
                broken(Promise.FULL_IS_NO_REFUSAL, reason)

    def say(self, request: AnyRequest) -> None:
        if self.wire is not None and not self.wire.cut:
            if request.ref:
                self.asked[request.ref] = request
            self.wire.up.append(encode(request))

    # What a person does

    def type(self, content: str) -> None:
        world = self.world
        nonce = f"{self.name}-{world.count()}"
        world.oracle.type(nonce, Typing(self.room, self.name, content, fit=content not in UNFIT, device=self))
        self.handle(client_events.Typed(content, nonce, WALL_MS + world.now_ms))

    def look(self) -> None:
        """Have some messages in front of one, often from the first unread on, with gaps as after a jump."""
        assert self.session is not None
        random = self.world.random
        shown = [each.id for each in self.session.view().messages if each.id is not None]
        if not shown or not self.attended:
            return
        unread = self.session.unread(frozenset(shown))
        top = shown.index(min(unread)) if unread and random.random() < 0.5 else random.randrange(len(shown))
        ids = {each for each in shown[top : top + random.randint(1, 6)] if random.random() < 0.7}
        self.world.oracle.see(self.room, self.name, ids)
        self.handle(client_events.Seen(self.room, frozenset(ids), self.world.now_ms))
        if self.session is not None:
            kept = self.world.oracle.saved_reads[self.room, self.name] | self.truth.read_of(self.name)
            lost = (ids & self.truth.by_others(self.name)) - kept
            check(Promise.READ_IS_KEPT, not lost, self.name, "saw and did not save", lost)

    def look_up(self) -> None:
        """Come to the terminal, go, or scroll."""
        self.attended = self.world.random.random() < 0.75
        self.handle(client_events.Looked(attended=self.attended, following=self.world.random.random() < 0.6))

    def seek(self) -> None:
        self.handle(client_events.Sought(self.world.random.choice(list(client_events.Part))))

    def inspect(self) -> None:
        any_id = self.world.random.randint(0, self.truth.last_id) or None
        self.handle(client_events.Inspected(any_id))

    def settle_refused(self) -> None:
        """Retry or discard anything, refused or not: a key can come late."""
        assert self.session is not None
        mine = [each for each in self.session.view().messages if each.own]
        if not mine:
            return
        each = self.world.random.choice(mine)
        if self.world.random.random() < 0.5:
            self.handle(client_events.Retried(each.key))
            return
        if each.tick is not None and each.tick.state is TickState.REFUSED:
            self.world.oracle.typings[each.key].discarded = True
        self.handle(client_events.Discarded(each.key))

    def elapse(self) -> None:
        self.handle(client_events.Elapsed(self.world.now_ms))

    # What it shows

    def _check_view(self, session: Session, event: client_events.Event, before: int) -> None:
        view = session.view()
        ids = [each.id for each in view.messages if each.id is not None]
        whole = ids == list(range(ids[0], ids[-1] + 1)) if ids else True
        check(Promise.WINDOW_IS_WHOLE, whole, self.name, ids)
        check(Promise.WINDOW_IS_WHOLE, len(ids) <= replica.WINDOW_MAX, self.name, ids)
        pushed = isinstance(event, client_events.Heard) and isinstance(event.frame, Message)
        lets_go = pushed and ids and before < ids[0]
        check(
            Promise.WINDOW_IS_WHOLE, not lets_go or len(ids) == replica.WINDOW_MAX, self.name, "let go of", before
        )
        truth = self.truth
        shown = set()
        for each in view.messages:
            if each.id is not None:
                shown.add(truth.said[each.id - 1].nonce)
                self._check_message(truth, each, each.id)
        self._check_outgoing([each for each in view.messages if each.id is None], shown)

    def _check_message(self, truth: Truth, shown: MessageView, message_id: int) -> None:
        said = truth.said[message_id - 1]
        check(Promise.IDS_HAVE_NO_GAPS, (shown.sender, shown.text) == (said.sender, said.content), shown)
        if shown.tick is not None:
            readers = len(truth.readers(message_id))
            check(Promise.TICK_IS_READ_BY, shown.tick.read_by <= readers, shown, "read by", readers)

    def _check_outgoing(self, outgoing: list[MessageView], shown: set[str]) -> None:
        nonces = {each.key for each in outgoing}
        whole = len(nonces) == len(outgoing) and not nonces & shown
        check(Promise.WINDOW_IS_WHOLE, whole, self.name, "shows twice", nonces & shown)
        check(Promise.WINDOW_IS_WHOLE, not nonces & self.gone, self.name, "shows again", nonces & self.gone)
        self.gone |= self.drawn - nonces
        self.drawn = nonces
        for each in outgoing:
            assert each.tick is not None
            told = each.key not in self.acknowledged or each.tick.state is TickState.SENT
            check(Promise.WINDOW_IS_WHOLE, told, each.key, "is acknowledged and shown as", each.tick.state)
            fit = self.world.oracle.typings[each.key].fit
            wrong = fit and each.tick.state is TickState.REFUSED
            check(Promise.FULL_IS_NO_REFUSAL, not wrong, each.key, "is shown as refused")


class Bot:
    """A program with no memory: it joins, leaves, posts and reads, and forgets what is not answered."""

    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.name = name
        self.wire: Wire | None = None
        self.asked: dict[str, AnyRequest] = {}
        self.is_in = False

    def dial(self) -> None:
        self.wire = self.world.connect(self.name)
        self.asked, self.is_in = {}, False
        self._say(identities.hello(self.name))

    def hear(self) -> None:
        assert self.wire is not None
        text = self.wire.down.popleft()
        if text is None:
            self.wire = None
            return
        frame = decode_frame(text)
        if isinstance(frame, Challenge):
            self._say(identities.prove(self.name, frame))
        elif isinstance(frame, Welcome):
            self.is_in = True
        elif isinstance(frame, Ok) and frame.ref in self.asked:
            self.world.oracle.hear_ok(self.name, self.asked[frame.ref], frame)

    def act(self) -> None:
        """Do something at random, member or not, once it is let in."""
        if not self.is_in:
            return
        random, oracle = self.world.random, self.world.oracle
        last_id = oracle.rooms[ROOM].last_id
        match random.choices(("join", "leave", "post", "read", "acknowledge"), self.world.bot_weights)[0]:
            case "join":
                self._say(Join(room=ROOM))
            case "leave":
                self._say(Leave(room=ROOM))
            case "post":
                nonce = f"{self.name}-{self.world.count()}"
                oracle.type(nonce, Typing(ROOM, self.name, nonce, fit=True))
                self._say(Post(ref=nonce, room=ROOM, nonce=nonce, content=nonce))
            case "read" if last_id:
                first = random.randint(1, last_id)
                last = min(first + random.randint(0, 4), last_id)
                oracle.see(ROOM, self.name, range(first, last + 1))
                self._say(Read(ref=f"read-{self.world.count()}", room=ROOM, ranges=((first, last),)))
            case "acknowledge" if last_id:
                each = random.randint(1, last_id)
                oracle.see(ROOM, self.name, [each])
                self._say(Acknowledge(ref=f"note-{self.world.count()}", room=ROOM, message_id=each))
            case _:
                pass

    def _say(self, request: AnyRequest) -> None:
        if self.wire is not None and not self.wire.cut:
            if request.ref:
                self.asked[request.ref] = request
            self.wire.up.append(encode(request))


class Intruder:
    """Somebody who would speak for others: with a key of her own, or as if she had theirs."""

    NAME: Final = "mallory"

    def __init__(self, world: "World", name: str) -> None:
        """Take the name that she is after, which somebody has."""
        self._world = world
        self._name = name
        self._key = world.random.choice((self.NAME, name))
        self._wire = world.connect(name, self.NAME)
        self._wire.up.append(encode(identities.hello(name, key=self._key)))

    def go_on(self) -> bool:
        """Answer what has come; whether there is something to wait for."""
        while self._wire.down:
            text = self._wire.down.popleft()
            frame = decode_frame(text) if text is not None else None
            if isinstance(frame, Challenge) and not self._wire.cut:
                self._wire.up.append(encode(identities.prove(self._name, frame, key=self.NAME)))
        return not self._wire.cut

    def leave(self) -> None:
        self._wire.break_off(self._world.random)


GESTURES: Final = (
    Device.look,
    Device.look_up,
    Device.seek,
    Device.inspect,
    Device.settle_refused,
    Device.elapse,
)
GESTURE_WEIGHTS: Final = (16, 3, 5, 2, 2, 6)
