"""How a connection begins: each side proves who it is, and nothing else that comes before that counts. Pure.

Linked -> hello ... challenge -> Answer -> Proved -> prove ... welcome
                                    └---> Distrusted -> GiveUp
"""

from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

from chat_server.protocol import VERSION, AnyFrame, Challenge, Hello, Prove, Refused, Resume, Welcome
from chat_tui.model.effects import Answer, GiveUp
from chat_tui.text.safetext import safe_line

HELLO: Final = "hello"
PROVE: Final = "prove"
"""Refs of the requests that a connection begins with."""
EXPELLED: Final = "expelled"
"""The code of a refusal that answers nothing: it ends a connection that one has been let in on."""
UNPROVEN: Final = "the server has not proven who it is: it is older than this program, or not what it seems"


_ADVICE: Final = {"invite-needed": "Start with it: chat-tui --invite CODE"}
"""Per code of a refusal what a server cannot know: how this program is told."""


class _Phase(Enum):
    SILENT = auto()
    GREETED = auto()
    """The hello is said; its challenge has not come."""
    ANSWERING = auto()
    """The challenge is being looked at."""
    PROVED = auto()
    """The server is the one that it should be, and has been given the proof that it asked for."""


class Greeting:
    """The beginning of one connection after another."""

    def __init__(self, name: str, key: str, invite: str | None) -> None:
        """Take the name, the public key that will prove it, and a one-time code that lets the key do so."""
        self._name = name
        self._key = key
        self._invite = invite
        self._nonce = ""
        self._phase = _Phase.SILENT

    def begin(self, nonce: str, resume: Resume | None) -> Hello:
        """The first request on a connection; `nonce` is of fresh random bytes, so that the answer is of now."""
        self._nonce, self._phase = nonce, _Phase.GREETED
        return Hello(
            ref=HELLO,
            name=self._name,
            version=VERSION,
            key=self._key,
            nonce=nonce,
            invite=self._invite,
            resume=resume,
        )

    def trusts(self, frame: AnyFrame) -> bool:
        """Whether it may be acted on: it comes from a server that has proven itself, or refuses the hello."""
        return self._phase is _Phase.PROVED or (isinstance(frame, Refused) and frame.ref == HELLO)

    def hear(self, frame: AnyFrame) -> Iterator[Answer | GiveUp]:
        """Take a frame that is not trusted yet: the one challenge is answered, a welcome is too early for good."""
        match frame:
            case Challenge() if self._phase is _Phase.GREETED:
                self._phase = _Phase.ANSWERING
                yield Answer(self._nonce, frame)
            case Welcome():
                yield GiveUp(UNPROVEN)
            case _:
                pass

    def prove(self, signature: str) -> Iterator[Prove]:
        """The server is to be trusted, and this is its proof; nothing where the connection is another by now."""
        if self._phase is _Phase.ANSWERING:
            self._phase = _Phase.PROVED
            yield Prove(ref=PROVE, signature=signature)

    def welcomed(self) -> None:
        """The name is the key's: the one-time code has done what it could."""
        self._invite = None

    def cut(self) -> None:
        """The connection is gone, and with it all trust."""
        self._phase = _Phase.SILENT


def sentence_of(refused: Refused) -> str:
    """Why one is not let in, on one line, and safe to show."""
    return safe_line(" ".join(filter(None, (refused.reason, _ADVICE.get(refused.code)))))
