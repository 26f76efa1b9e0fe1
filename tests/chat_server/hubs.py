"""A hub with its effects as a transcript, and people who say and prove who they are to it."""

from collections.abc import Iterable
from typing import Any

from chat_server.chat import Chat
from chat_server.effects import Close, Effect, Send
from chat_server.events import Connected, Event, Received
from chat_server.hub import Hub
from chat_server.people import Founded
from chat_server.protocol import (
    LOBBY,
    AnyFrame,
    AnyRequest,
    Challenge,
    Hello,
    Post,
    Read,
    Receipt,
    Refused,
    Resume,
)
from chat_server.protocol.proofs import text_of
from chat_server.protocol.ranges import Ranges
from tests import identities

SEED = text_of(bytes(range(32)))
"""The secret half of a server's key."""
FOUNDED = Founded(at=0, seed=SEED)


def nonce_of(connection: int) -> str:
    """The server's nonce for a connection."""
    return text_of(connection.to_bytes(32))


class Scene:
    """A hub with its effects as a transcript; sends to nobody are left out."""

    def __init__(self, chat: Chat | None = None, **options: Any) -> None:
        """Take what a server has recovered, or begin anew, with the options of `Hub`."""
        self.chat = chat or Chat()
        if not self.chat.people.seed:
            self.chat.apply(FOUNDED)
        self.hub = Hub("e", self.chat, **options)
        self._known: set[int] = set()

    def tell(self, event: Event) -> list[Effect]:
        return [each for each in self.hub.handle(event) if not (isinstance(each, Send) and not each.to)]

    def connect(self, connection: int, address: str | None = None) -> None:
        """Open a connection, unless it has been opened."""
        if connection not in self._known:
            self._known.add(connection)
            assert self.tell(Connected(connection, address, nonce_of(connection))) == []

    def say(self, connection: int, request: AnyRequest, now_ms: int = 0) -> list[Effect]:
        self.connect(connection)
        return self.tell(Received(connection, request, now_ms))

    def challenged(self, connection: int, hello: Hello, now_ms: int = 0) -> Challenge:
        """Say hello, against which nothing stands so far."""
        [challenge] = frames(self.say(connection, hello, now_ms), connection)
        assert isinstance(challenge, Challenge)
        return challenge

    def greet(
        self,
        connection: int,
        name: str,
        *,
        key: str = "",
        invite: str | None = None,
        resume: Resume | None = None,
        now_ms: int = 0,
    ) -> list[Effect]:
        """Say and prove who one is: what follows from the proof, or from the hello where that is turned away."""
        hello = identities.hello(name, key=key, invite=invite, resume=resume)
        effects = self.say(connection, hello, now_ms)
        [*_, told] = frames(effects, connection)
        if not isinstance(told, Challenge):
            return effects
        assert effects == [to(connection, told)]
        return self.say(connection, identities.prove(name, told, key=key), now_ms)

    def restarted(self, **options: Any) -> "Scene":
        """The same chat after a snapshot and a start, with nobody connected."""
        return Scene(Chat.thaw(self.chat.freeze()), **options)


def scene_of(*names: str, **options: Any) -> Scene:
    """One in whose lobby these are: the first on connection 1, the second on 2, and so on."""
    scene = Scene(**options)
    for connection, name in enumerate(names, 1):
        scene.greet(connection, name)
    return scene


def conversation() -> Scene:
    """Ann (1, 4), Bob (2, 5) and Cid (3), each on the connections named; Ann wrote 1 and 2, Bob 3, Ann 4."""
    scene = scene_of("ann", "bob", "cid")
    scene.greet(4, "ann")
    scene.greet(5, "bob")
    for nonce, connection in enumerate((1, 1, 2, 1)):
        scene.say(connection, post(str(nonce)))
    return scene


def post(nonce: str = "n", *, room: str = LOBBY, content: str = "hi", reply_to: int | None = None) -> Post:
    return Post(ref="p", room=room, nonce=nonce, content=content, reply_to=reply_to)


def read(*ranges: tuple[int, int], room: str = LOBBY) -> Read:
    return Read(ref="r", room=room, ranges=ranges)


def receipt(reader: str, ranges: Ranges, at_ms: int, *, revision: int, late: bool = False) -> Receipt:
    return Receipt(room=LOBBY, reader=reader, ranges=ranges, read_at=at_ms, late=late, revision=revision)


def to(connection: int, frame: AnyFrame) -> Send:
    return Send((connection,), frame)


def frames(effects: Iterable[Effect], connection: int) -> list[AnyFrame]:
    return [each.frame for each in effects if isinstance(each, Send) and connection in each.to]


def refusals(effects: Iterable[Effect]) -> list[tuple[str, str | None]]:
    """The codes and refs of an answer in which nothing is but refusals."""
    found = []
    for each in effects:
        assert isinstance(each, Send)
        assert isinstance(each.frame, Refused)
        assert each.frame.reason.endswith(".")
        found.append((each.frame.code, each.frame.ref))
    return found


def turned_away(connection: int, effects: list[Effect]) -> tuple[str, str | None, int]:
    """The code and ref of a refusal, and the close code after it."""
    *refused, closed = effects
    assert isinstance(closed, Close)
    assert closed.connection == connection
    [(code, ref)] = refusals(refused)
    return code, ref, closed.code
