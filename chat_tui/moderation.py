"""Moderation as this client lives it: what one has asked for, and what others do to one. Pure.

It decides nothing: the server knows who may do what, and its answer is told as it is.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Final, assert_never

from msgspec.structs import replace

from chat_server.protocol import (
    Ban,
    Delete,
    Joined,
    Kick,
    Left,
    ModerationRequest,
    Mute,
    Muted,
    Ok,
    Refused,
    Unban,
    Unmute,
)
from chat_tui.commands import Command, Verb
from chat_tui.effects import Effect, Say, Show
from chat_tui.safetext import safe_line

OFFLINE: Final = "There is no connection, so nothing was done. Try again when there is one."
CUT: Final = "The connection was lost before the server answered. Look whether it was done."
MUTED: Final = "You are muted here: you can read and not write."


def request_of(command: Command, room: str) -> ModerationRequest:
    """The request that a command stands for."""
    kinds: dict[Verb, type[Kick | Ban | Unban | Mute | Unmute]] = {
        Verb.KICK: Kick,
        Verb.BAN: Ban,
        Verb.UNBAN: Unban,
        Verb.MUTE: Mute,
        Verb.UNMUTE: Unmute,
    }
    return kinds[command.verb](room=room, name=command.name)


class Moderation:
    """What one has asked for in a room and was not answered, and whether one is still a member."""

    def __init__(self, me: str, ref: Callable[[str], str]) -> None:
        """Begin with nothing asked; `ref` makes a new ref of a kind of request."""
        self.removed = ""
        """Why one is no member any more, as a sentence; empty while one is."""
        self._me = me
        self._ref = ref
        self._asked: dict[str, ModerationRequest] = {}

    def __contains__(self, ref: str) -> bool:
        """Whether this is the ref of something asked for."""
        return ref in self._asked

    # What one asks for

    def ask(self, request: ModerationRequest, *, online: bool) -> Iterator[Effect]:
        """Ask for it now or not at all: what somebody is angry about is not put off."""
        if not online:
            yield Show(OFFLINE, is_warning=True)
            return
        ref = self._ref("moderate")
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

    # What others do

    def hear(self, frame: Joined | Left | Muted) -> Iterator[Effect]:
        """Somebody has come, gone or been muted; what was done to somebody is told, once, by whoever knows it."""
        match frame:
            case Joined(name=name):
                if name == self._me:
                    self.removed = ""
            case Left(name=name, by=by):
                if name == self._me:
                    self.removed = _removed(frame)
                    yield Show(self.removed, is_warning=True)
                elif by and by != self._me:
                    done = "banned" if frame.barred else "removed"
                    yield Show(f"{safe_line(name)} was {done} by {safe_line(by)}.")
            case Muted(name=name, by=by):
                if by != self._me:
                    yield Show(_muted(frame, me=self._me), is_warning=name == self._me)
            case _:
                assert_never(frame)

    def closed(self, muted: Collection[str]) -> str:
        """Why one cannot write here, as a sentence; empty where one can."""
        return self.removed or (MUTED if self._me in muted else "")


def _done(request: ModerationRequest) -> str:
    """What was done, as a sentence; empty where everybody sees it."""
    match request:
        case Delete():
            return ""
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


def _removed(left: Left) -> str:
    if not left.by:
        return "You have left this room."
    return f"{safe_line(left.by)} has {'banned' if left.barred else 'removed'} you from this room."


def _muted(muted: Muted, me: str) -> str:
    by = safe_line(muted.by)
    if muted.name == me:
        does = "has muted you: you can read and not write" if muted.muted else "lets you write again"
        return f"{by} {does}."
    return f"{safe_line(muted.name)} was {'muted' if muted.muted else 'unmuted'} by {by}."
