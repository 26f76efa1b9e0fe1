"""What one has asked to be done in a room, and the server's answer to it. Pure.

It decides nothing: the server knows who may do what, and its answer is told as it is.
"""

from collections.abc import Callable, Iterator
from typing import Final, assert_never

from msgspec.structs import replace

from chat_server.protocol import (
    Acknowledge,
    Ban,
    Bans,
    Delete,
    Edit,
    FetchBans,
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
KEPT: Final = " What you wrote is there again when you edit the message again."
GONE: Final = ("deleted", "no-such-message")
"""Why a message cannot be edited ever again."""

ACKNOWLEDGED: Final = "You have acknowledged the message."

DeedRequest = ModerationRequest | MessageRequest | Acknowledge | Topic | Pass | FetchBans
"""What is done in a room at once or not at all; it is answered by `ok`, and everybody hears of it.

Who is banned is only asked, and only some may: that is answered by `bans`.
"""


def request_of(command: Command, room: str) -> DeedRequest:
    """The request that a command stands for. Raises KeyError for one that is not about the room or its members."""
    if command.verb is Verb.TOPIC:
        return Topic(room=room, title=command.text)
    if command.verb is Verb.BANS:
        return FetchBans(room=room)
    kinds: dict[Verb, type[Kick | Ban | Unban | Mute | Unmute | Pass]] = {
        Verb.KICK: Kick,
        Verb.BAN: Ban,
        Verb.UNBAN: Unban,
        Verb.MUTE: Mute,
        Verb.UNMUTE: Unmute,
        Verb.PASS: Pass,
    }
    return kinds[command.verb](room=room, name=command.name)


class Deeds:
    """What one has asked for in a room and was not answered."""

    def __init__(self, ref: Callable[[str], str]) -> None:
        """Begin with nothing asked; `ref` makes a new ref of a kind of request."""
        self._ref = ref
        self._asked: dict[str, DeedRequest] = {}
        self.unsaved: dict[int, str] = {}
        """What messages of one's own were to say instead, by id, until the server has taken that."""

    def __contains__(self, ref: str) -> bool:
        """Whether this is the ref of something asked for."""
        return ref in self._asked

    def of(self, ref: str) -> DeedRequest:
        """What was asked for by this ref."""
        return self._asked[ref]

    def ask(self, request: DeedRequest, *, online: bool) -> Iterator[Effect]:
        """Ask for it now or not at all: what was meant for this moment is not put off."""
        if isinstance(request, Edit):
            self.unsaved[request.message_id] = request.content
        if not online:
            yield Show(OFFLINE + self._kept(request), is_warning=True)
            return
        ref = self._ref("deed")
        self._asked[ref] = request
        yield Say(replace(request, ref=ref))

    def answer(self, answer: Ok | Bans | Refused) -> Iterator[Effect]:
        """The server has done what was asked for, or says why not."""
        request = self._asked.pop(answer.ref or "")
        if isinstance(request, Edit) and (not isinstance(answer, Refused) or answer.code in GONE):
            self._forget(request)
        if isinstance(answer, Refused):
            yield Show(safe_line(answer.reason) + self._kept(request), is_warning=True)
        elif sentence := _done(request):
            yield Show(sentence)

    def cut(self) -> Iterator[Effect]:
        """The connection is gone, and with it every answer."""
        if self._asked:
            kept = "".join({self._kept(each) for each in self._asked.values()})
            self._asked.clear()
            yield Show(CUT + kept, is_warning=True)

    def _forget(self, edit: Edit) -> None:
        """This is not to be said any more, unless something else is by now."""
        if self.unsaved.get(edit.message_id) == edit.content:
            del self.unsaved[edit.message_id]

    def _kept(self, request: DeedRequest) -> str:
        """What to add to the news that something was not done."""
        return KEPT if isinstance(request, Edit) and request.message_id in self.unsaved else ""


def _done(request: DeedRequest) -> str:
    """What was done, as a sentence; empty where everybody sees it."""
    match request:
        case Delete() | Edit() | React() | Pin() | Unpin() | Topic() | FetchBans():
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
