"""Deletions and new names reach a session however often its connection is cut, at any frame.

A hub and one session, joined by a wire that drops what comes after the cut. Pages are small, and few changes are
kept, so that the session is now and then told to start over. In the end it shows nothing but what one shows that
has just begun.
"""

from collections import deque
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server import answers, changes
from chat_server.effects import Effect
from chat_server.events import Lost, Ordered
from chat_server.orders import RenameName
from chat_server.protocol import LOBBY, AnyFrame, AnyRequest, Delete, Post, Read, decode_frame, encode
from chat_tui.model.effects import Answer, Say
from chat_tui.model.effects import Effect as ClientEffect
from chat_tui.model.events import Cut, Event, Heard, Linked, Proved, Typed
from chat_tui.model.owed import Owed
from chat_tui.model.session import Session
from chat_tui.model.view import Tick
from tests.chat_server.hubs import Scene, frames
from tests.identities import NONCE, signature, signer

ANN, BOB, CID = "ann", "bob", "cid"
PAGE_MAX = 4


class Device:
    """Ann's session at the end of a wire."""

    def __init__(self, scene: Scene) -> None:
        self.session = Session(ANN, LOBBY, Owed(), signer(ANN).public)
        self.connection = 0
        self._scene = scene
        self._coming: deque[AnyFrame] = deque()

    def connect(self, connection: int, *, frames_until_cut: int | None = None) -> None:
        """Begin anew, and hear no more than so many frames."""
        self.connection = connection
        self._scene.connect(connection)
        self.happen(Linked(NONCE))
        self.hear_all(frames_until_cut)

    def cut(self) -> None:
        """The connection is gone, and what was on it."""
        self._scene.tell(Lost(self.connection))
        self._coming.clear()
        self.happen(Cut("gone", 1))

    def happen(self, event: Event) -> None:
        """Have the session do what follows, up to what it says."""
        for effect in self.session.handle(event):
            self._perform(effect)

    def _perform(self, effect: ClientEffect) -> None:
        match effect:
            case Say(request=request):
                self.told(self._scene.say(self.connection, request))
            case Answer(challenge=challenge):
                self.happen(Proved(signature(ANN, challenge.nonce, challenge.server)))
            case _:
                pass

    def told(self, effects: list[Effect]) -> None:
        """The hub has said this to some."""
        self._coming.extend(frames(effects, self.connection))

    def hear_all(self, at_most: int | None = None) -> None:
        """Hear what is on the wire, and what that brings about."""
        while self._coming and at_most != 0:
            frame = decode_frame(encode(self._coming.popleft()))
            assert frame is not None
            self.happen(Heard(frame, 0))
            at_most = None if at_most is None else at_most - 1

    def shown(self) -> list[tuple[int, str, str, Tick | None]]:
        """What she sees of the room."""
        messages = self.session.view().messages
        return [(each.id, each.sender, each.text, each.tick) for each in messages if each.id is not None]


class World:
    """A hub with Bob, its admin, and Cid, who is called otherwise from time to time; and Ann's device."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.scene.greet(1, BOB)
        self.scene.greet(2, CID)
        self.connections = 2
        self.cid, self.cids_connection = CID, 2
        self.steps = 0
        self.device = Device(self.scene)
        self.reconnect(None)

    def reconnect(self, frames_until_cut: int | None) -> None:
        self.device.connect(self.next_connection(), frames_until_cut=frames_until_cut)

    def next_connection(self) -> int:
        self.connections += 1
        return self.connections

    def say(self, connection: int, request: AnyRequest) -> None:
        self.device.told(self.scene.say(connection, request, now_ms=self.steps))

    def step(self, kind: str, number: int) -> None:
        """Do one thing; what it makes the hub say waits on the wire until it is heard."""
        self.steps += 1
        match kind:
            case "ann writes":
                self.device.happen(Typed(f"text {self.steps}", f"n{self.steps}", 0))
            case "bob writes":
                self.say(1, Post(room=LOBBY, nonce=f"n{self.steps}", content=f"text {self.steps}"))
            case "cid writes":
                self.say(self.cids_connection, Post(room=LOBBY, nonce=f"n{self.steps}", content="hi"))
            case "bob reads":
                self.say(1, Read(room=LOBBY, ranges=((1, number),)))
            case "bob deletes":
                self.say(1, Delete(room=LOBBY, message_id=number))
            case "cid is renamed":
                old, self.cid = self.cid, f"cid-{self.steps}"
                order = RenameName(name=old, to=self.cid)
                self.device.told(self.scene.tell(Ordered(self.steps, order, self.steps)))
                self.scene.tell(Lost(self.cids_connection))
                self.cids_connection = self.next_connection()
                self.device.told(self.scene.greet(self.cids_connection, self.cid, key=CID))
            case "ann hears":
                self.device.hear_all(number)
            case "ann is cut":
                self.device.cut()
                self.reconnect(number)
            case _:
                raise AssertionError(kind)


KINDS = (
    *("ann writes", "bob writes", "cid writes", "bob reads", "bob deletes", "bob deletes", "bob deletes"),
    *("cid is renamed", "ann hears", "ann is cut", "ann is cut"),
)
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 9)), min_size=5, max_size=40)


@settings(max_examples=600, deadline=None)
@given(st.integers(1, 6), st.integers(1, 8), STEPS)
def test_what_is_shown_in_the_end_is_what_a_new_session_shows(
    written: int, kept: int, steps: list[tuple[str, int]]
) -> None:
    with patch.object(changes, "CHANGES_MAX", kept), patch.object(answers.returning, "PAGE_MAX", PAGE_MAX):
        world = World()
        for kind, number in [("bob writes", 1), ("ann writes", 1), ("cid writes", 1)] * written + steps:
            world.step(kind, number)
        world.device.cut()
        world.reconnect(None)
    fresh = Device(world.scene)
    fresh.connect(world.next_connection())
    shown, whole = world.device.shown(), fresh.shown()
    assert shown == whole[shown[0][0] - 1 :][: len(shown)] if shown else not whole
    assert world.device.session.replica.members == fresh.session.replica.members
    told = [each.deleted_at is not None for each in world.scene.hub.rooms[LOBBY].messages]
    assert [each.removed for each in fresh.session.view().messages] == told
