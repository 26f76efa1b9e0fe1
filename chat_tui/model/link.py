"""The connection to the server as a session lives it: being made, greeted on, up, waited for, or over. Pure."""

from collections.abc import Iterator
from typing import assert_never

from chat_server.protocol import AnyFrame, Refused, Resume
from chat_tui.model.effects import Answer, Effect, GiveUp, Say
from chat_tui.model.events import Cut, Dialling, Distrusted, Linked, Linking, Proved
from chat_tui.model.greeting import HELLO, PROVE, Greeting
from chat_tui.model.view import Link


class Uplink:
    """One connection after another to the same server."""

    def __init__(self, name: str, key: str, invite: str | None) -> None:
        """Be connecting; the arguments are as for a `Greeting`."""
        self.state = Link.CONNECTING
        self.reason = ""
        """Why there is no connection; empty where there is one, or the first is being made."""
        self.retry_at_ms: int | None = None
        """When the next one is made; None where none is waited for."""
        self._greeting = Greeting(name, key, invite)
        self._turned_away = ""
        """Why the server ends this connection, where another one may go better."""

    @property
    def online(self) -> bool:
        """Whether one is let in, and may ask for something."""
        return self.state is Link.ONLINE

    def follow(self, event: Linking, resume: Resume | None) -> Iterator[Effect]:
        """Take what has become of the connection; `resume` says what is held of the rooms that are open."""
        match event:
            case Linked(nonce=nonce):
                yield Say(self._greeting.begin(nonce, resume))
            case Proved(signature=signature):
                yield from map(Say, self._greeting.prove(signature))
            case Distrusted(reason=reason):
                yield GiveUp(reason)
            case Dialling():
                self.state, self.retry_at_ms = Link.CONNECTING, None
            case Cut(reason=reason, retry_at_ms=retry_at_ms):
                self.state = Link.WAITING if retry_at_ms is not None else Link.STOPPED
                self.reason, self.retry_at_ms = self._turned_away or reason, retry_at_ms
                self._turned_away = ""
                self._greeting.cut()
            case _:
                assert_never(event)

    def trusts(self, frame: AnyFrame) -> bool:
        """Whether a frame may be acted on."""
        return self._greeting.trusts(frame)

    def hear(self, frame: AnyFrame) -> Iterator[Answer | GiveUp]:
        """Take a frame that is not trusted yet."""
        yield from self._greeting.hear(frame)

    def welcomed(self) -> None:
        """The server has let one in."""
        self._greeting.welcomed()
        self.state, self.reason, self.retry_at_ms = Link.ONLINE, "", None

    def postponed(self, refused: Refused) -> bool:
        """Whether what is refused for now is to let one in: then this connection comes to nothing."""
        of_greeting = refused.ref in (HELLO, PROVE)
        if of_greeting:
            self._turned_away = refused.reason
        return of_greeting
