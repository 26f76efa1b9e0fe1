"""What one has asked to be done in a room, and the server's answer to it. Pure.

It decides nothing: the server knows who may do what, and its answer is told as it is.
"""

from collections.abc import Callable, Iterator
from typing import Final, assert_never

from msgspec.structs import replace

from chat_server.protocol import (
    Acknowledge,
    Ban,
    Delete,
    Edit,
    Kick,
    MessageRequest,
    ModerationRequest,
    Mute,
    Ok,
    Pass,
    Pin,
    React,
    Refused,
    Topic,
    Unban,
    Unmute,
    Unpin,
)
from chat_tui.model.effects import Effect, Say, Show
from chat_tui.text.commands import Command, Verb
from chat_tui.text.safetext import safe_line

OFFLINE: Final = "There is no connection, so nothing was done. Try again when there is one."
CUT: Final = "The connection was lost before the server answered. Look whether it was done."

ACKNOWLEDGED: Final = "You have acknowledged the message."

DeedRequest = ModerationRequest | MessageRequest | Acknowledge | Topic | Pass
"""What is done in a room at once or not at all; it is answered by `ok`, and everybody hears of it."""


def request_of(command: Command, room: str) -> DeedRequest:
    """The request that a command stands for."""
    kinds: dict[Verb, type[Kick | Ban | Unban | Mute | Unmute]] = {
        Verb.KICK: Kick,
        Verb.BAN: Ban,
        Verb.UNBAN: Unban,
        Verb.MUTE: Mute,
        Verb.UNMUTE: Unmute,
    }
    return kinds[command.verb](room=room, name=command.name)


class Deeds:
    """What one has asked for in a room and was not answered."""

    def __init__(self, ref: Callable[[str], str]) -> None:
        """Begin with nothing asked; `ref` makes a new ref of a kind of request."""
        self._ref = ref
        self._asked: dict[str, DeedRequest] = {}

    def __contains__(self, ref: str) -> bool:
        """Whether this is the ref of something asked for."""
        return ref in self._asked

    def of(self, ref: str) -> DeedRequest:
        """What was asked for by this ref."""
        return self._asked[ref]

    def ask(self, request: DeedRequest, *, online: bool) -> Iterator[Effect]:
        """Ask for it now or not at all: what was meant for this moment is not put off."""
        if not online:
            yield Show(OFFLINE, is_warning=True)
            return
        ref = self._ref("deed")
        self._asked[ref] = request
        yield Say(replace(request, ref=ref))

    def answer(self, answer: Ok | Refused) -> Iterator[Effect]:
        """The server has done what was asked for, or says why not."""
        request = self._asked.pop(answer.ref or "")
        if isinstance(answer, Refused):
            yield Show(safe_line(answer.reason), is_warning=True)
        elif sentence := _done(request):
            yield Show(sentence)

    def cut(self) -> Iterator[Effect]:
        """The connection is gone, and with it every answer."""
        if self._asked:
            self._asked.clear()
            yield Show(CUT, is_warning=True)


def _done(request: DeedRequest) -> str:
    """What was done, as a sentence; empty where everybody sees it."""
    match request:
        case Delete() | Edit() | React() | Pin() | Unpin() | Topic():
            return ""
        case Acknowledge():
            return ACKNOWLEDGED
        case Pass(name=name):
            return f"The room is {safe_line(name)}'s now."
        case Kick(name=name):
            return f"{safe_line(name)} was kicked."
        case Ban(name=name):
            return f"{safe_line(name)} was banned."
        case Unban(name=name):
            return f"{safe_line(name)} can come back."
        case Mute(name=name):
            return f"{safe_line(name)} was muted."
        case Unmute(name=name):
            return f"{safe_line(name)} can write again."
        case _:
            assert_never(request)
