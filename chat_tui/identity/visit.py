"""A short visit to a server, without a screen: prove who one is, ask for one thing or for nothing, and go."""

import asyncio
import time
from typing import Final, assert_never

from chat_server.protocol import AnyFrame, AnyRequest, Ok, Refused, Welcome
from chat_tui.connection import Connection
from chat_tui.identity.passport import Passport
from chat_tui.model.effects import Answer, GiveUp
from chat_tui.model.events import Cut, Dialling, Heard, Linked, Proved
from chat_tui.model.greeting import Greeting, sentence_of

PATIENCE_S: Final = 20.0


class VisitError(Exception):
    """It came to nothing; a sentence."""


async def visit(
    url: str, name: str, passport: Passport, *, invite: str | None = None, ask: AnyRequest | None = None
) -> None:
    """Be let in, and have the request answered where there is one. Raises VisitError."""
    visitor = _Visitor(url, Greeting(name, passport.public, invite), passport, ask)
    reason = await visitor.run()
    if reason:
        raise VisitError(f"{url}: {reason}")


class _Visitor:
    def __init__(self, url: str, greeting: Greeting, passport: Passport, ask: AnyRequest | None) -> None:
        self._greeting = greeting
        self._passport = passport
        self._ask = ask
        self._connection = Connection(url, self._hear, lambda: time.monotonic_ns() // 1_000_000)
        self._ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Why it came to nothing; empty where it did not."""

    async def run(self) -> str:
        async with asyncio.TaskGroup() as tasks:
            connecting = tasks.create_task(self._connection.run())
            try:
                async with asyncio.timeout(PATIENCE_S):
                    reason = await self._ended
            except TimeoutError:
                reason = "no answer comes"
            connecting.cancel()
        return reason

    def _hear(self, event: Dialling | Linked | Heard | Cut) -> None:
        match event:
            case Linked(nonce=nonce):
                self._connection.say(self._greeting.begin(nonce, None))
            case Heard(frame=frame) if self._greeting.trusts(frame):
                self._take(frame)
            case Heard(frame=frame):
                self._meet(frame)
            case Cut(reason=reason):
                self._end(reason)
            case _:
                pass

    def _meet(self, frame: AnyFrame) -> None:
        for effect in self._greeting.hear(frame):
            match effect:
                case Answer(nonce=nonce, challenge=challenge):
                    answer = self._passport.answer(nonce, challenge)
                    if isinstance(answer, Proved):
                        for request in self._greeting.prove(answer.signature):
                            self._connection.say(request)
                    else:
                        self._end(answer.reason)
                case GiveUp(reason=reason):
                    self._end(reason)
                case _:
                    assert_never(effect)

    def _take(self, frame: AnyFrame) -> None:
        match frame:
            case Welcome() if self._ask is not None:
                self._connection.say(self._ask)
            case Welcome() | Ok():
                self._end("")
            case Refused():
                self._end(sentence_of(frame))
            case _:
                pass

    def _end(self, reason: str) -> None:
        if not self._ended.done():
            self._ended.set_result(reason)
