"""Whether one is a member of a room and can write there, and what others do to members. Pure."""

from collections.abc import Collection, Iterator
from typing import Final, assert_never

from chat_server.protocol import Joined, Left, Muted
from chat_tui.model.effects import Effect, Show
from chat_tui.text.safetext import safe_line

MUTED: Final = "You are muted here: you can read and not write."


class Moderation:
    """What others did to one in a room."""

    def __init__(self, me: str) -> None:
        """Begin as a member who can write."""
        self.removed = ""
        """Why one is no member any more, as a sentence; empty while one is."""
        self._me = me

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
