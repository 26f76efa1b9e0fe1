"""Going to a place in a room's history, looking for one, and the way back. Pure.

What is held is gone to at once. Else a page around it takes the window's place, once it has come and has the
message: until then, and where it has not, one stays where one is.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from chat_server.protocol import History, Refused
from chat_tui.model.deeds import OFFLINE
from chat_tui.model.effects import Effect, Show
from chat_tui.model.finding import Finder
from chat_tui.model.holdup import Question
from chat_tui.model.room import Room
from chat_tui.model.view import Aim
from chat_tui.text.safetext import safe_line

TRAIL_MAX: Final = 50
"""So many places of each room are kept to go back to."""
LOOKING: Final = "Looking for the message"
NO_SUCH: Final = "There is no such message in this room."
REMOVED: Final = "This message was removed."
NO_WAY_BACK: Final = "There is nowhere to go back to."
CUT: Final = "The connection was lost before the message was found."


@dataclass(frozen=True, slots=True)
class Place:
    """Where one is in a room."""

    room: str
    message_id: int | None
    """None for its end, which one follows."""


@dataclass(frozen=True, slots=True)
class Quest:
    """What is looked for, and has not come."""

    said: str
    """That it is looked for, as it is shown meanwhile."""
    origin: Place | None
    """Where one was, to go back to; None for who goes back."""
    finder: Finder | None = None
    """Who looks for the message; None once it is known."""
    message_id: int = 0
    """The message, once it is known."""
    allows_removed: bool = False
    ref: str = ""
    """Of the question that has not been answered."""


class Seeking:
    """Where one wants to be, and where one has been."""

    def __init__(self, ref: Callable[[str], str], ask: Callable[[Iterable[Question]], Iterator[Effect]]) -> None:
        """Begin with nothing looked for; `ref` and `ask` are as for a room."""
        self.aim: Aim | None = None
        """Where the view is to go, or has gone, last."""
        self._ref = ref
        self._ask = ask
        self._quest: Quest | None = None
        self._dropped: dict[str, bool] = {}
        """Pages that nobody waits for any more, by ref: whether they were only to be looked at."""
        self._trails: defaultdict[str, list[Place]] = defaultdict(list)
        """Of each room the places from which one has come to places in it, the last one last."""

    @property
    def said(self) -> str:
        """That something is looked for, as a sentence; empty where nothing is."""
        return self._quest.said if self._quest is not None else ""

    # What is wanted

    def jump(self, room: Room, message_id: int, origin: Place | None, *, online: bool) -> Iterator[Effect]:
        """Go to a message of the shown room."""
        self.abandon()
        if 1 <= message_id <= room.replica.last_id:
            yield from self._go(room, Quest(LOOKING, origin, message_id=message_id), online=online)
        else:
            yield Show(NO_SUCH, is_warning=True)

    def find(self, room: Room, finder: Finder, origin: Place, *, online: bool) -> Iterator[Effect]:
        """Go to the message of the shown room that is found."""
        self.abandon()
        yield from self._pursue(room, finder, Quest(finder.said, origin, finder), online=online)

    def back(self, room: str) -> Place | None:
        """Where one has come from to the last place in this room, which is then forgotten."""
        return self._trails[room].pop() if self._trails[room] else None

    def follow(self, room: str) -> None:
        """Go to the end of a room."""
        self.abandon()
        self._aim(room, None)

    def abandon(self) -> None:
        """What is looked for is not wanted any more."""
        if self._quest is not None:
            self._dropped[self._quest.ref] = self._quest.finder is not None
            self._quest = None

    def forget(self) -> None:
        """The history that all this speaks of is not the server's any more."""
        self._trails.clear()

    def _pursue(self, room: Room, finder: Finder, quest: Quest, *, online: bool) -> Iterator[Effect]:
        """Ask what is to be asked next, or go to what was found."""
        ref = self._ref("find")
        question = finder.question(room.name, ref)
        if question is not None and not online:
            yield Show(OFFLINE, is_warning=True)
        elif question is not None:
            self._quest = replace(quest, ref=ref)
            yield from self._ask([question])
        else:
            if finder.sentence:
                yield Show(finder.sentence)
            if finder.found is not None:
                known = replace(quest, finder=None, message_id=finder.found, allows_removed=finder.allows_removed)
                yield from self._go(room, known, online=online)

    def _go(self, room: Room, quest: Quest, *, online: bool) -> Iterator[Effect]:
        held = room.replica.get(quest.message_id)
        if held is not None:
            yield from self._arrive(room, quest, removed=held.deleted)
        elif online:
            question = room.pages.go_to(quest.message_id)
            self._quest = replace(quest, ref=question.ref or "")
            yield from self._ask([question])
        else:
            yield Show(OFFLINE, is_warning=True)

    def _arrive(self, room: Room, quest: Quest, *, removed: bool) -> Iterator[Effect]:
        if removed and not quest.allows_removed:
            yield Show(REMOVED)
            return
        self._aim(room.name, quest.message_id)
        if quest.origin is not None and quest.origin != Place(room.name, quest.message_id):
            trail = self._trails[room.name]
            trail.append(quest.origin)
            del trail[:-TRAIL_MAX]

    def _aim(self, room: str, message_id: int | None) -> None:
        self.aim = Aim(room, message_id, self.aim.number + 1 if self.aim is not None else 1)

    # What the server says

    def withholds(self, page: History, room: Room) -> bool:
        """Whether a page is not for the window: it was to be looked at, is not wanted, or has not what was."""
        ref = page.ref or ""
        quest = self._quest
        if quest is None or quest.ref != ref:
            return ref in self._dropped and (self._dropped[ref] or room.replica.loaded)
        return quest.finder is not None or (room.replica.loaded and _why_not(page, quest) != "")

    def hear(self, page: History, room: Room) -> Iterator[Effect]:
        """A page has come, and is in the window unless it was withheld; it may be what was asked for."""
        self._dropped.pop(page.ref or "", None)
        quest = self._quest
        if quest is None or quest.ref != page.ref:
            return
        self._quest = None
        if quest.finder is not None:
            quest.finder.take(page)
            yield from self._pursue(room, quest.finder, quest, online=True)
        elif why_not := _why_not(page, quest):
            yield Show(why_not, is_warning=True)
        else:
            yield from self._arrive(room, quest, removed=False)

    def refused(self, refused: Refused, room: Room) -> Iterator[Effect]:
        """The server will not say; where that was to begin the shown room with, that begins as it else would."""
        mine = self._dropped.pop(refused.ref or "", None) is not None
        if self._quest is not None and self._quest.ref == refused.ref:
            self._quest, mine = None, True
            yield Show(safe_line(refused.reason), is_warning=True)
        if mine and not room.replica.loaded:
            yield from room.begin_again()

    def cut(self) -> Iterator[Effect]:
        """The connection is gone, and with it every answer."""
        self._dropped.clear()
        if self._quest is not None:
            self._quest = None
            yield Show(CUT, is_warning=True)


def _why_not(page: History, quest: Quest) -> str:
    """Why this page is not what was wanted, as a sentence; empty where it is."""
    told = next((each for each in page.messages if each.id == quest.message_id), None)
    if told is None:
        return NO_SUCH
    return REMOVED if told.deleted_at is not None and not quest.allows_removed else ""
