"""Which pages of the room to ask for, and how to take each into the replica when it comes. Pure.

A page is asked for to begin with, when somebody looks past an end of the window, and where audiences may have
changed: then one's own messages are asked for again, page after page. What a cut interrupts is asked for again.
"""

from collections.abc import Callable, Iterator
from typing import assert_never

from chat_server.protocol import ID_MAX, PAGE_MAX, FetchHistory, History
from chat_tui.model.events import Part
from chat_tui.model.fetches import Fetch, Fetches, Mode
from chat_tui.model.replica import Replica


class Pages:
    """The pages of one room on one connection after another."""

    def __init__(self, room: str, ref: Callable[[str], str]) -> None:
        """Begin with none asked for; `ref` makes a new ref of a kind of request."""
        self._room = room
        self._ref = ref
        self._fetches = Fetches()
        self._stale = False
        """Whether somebody has come back or gone since the window's audiences were last heard."""
        self._wanted: Part | None = None
        """What somebody looked for while it could not be asked for."""

    def begin(self, first_unread: int | None) -> Iterator[FetchHistory]:
        """The first page: around the first unread message, or the newest."""
        self._stale, self._wanted = False, None
        if first_unread is None:
            yield self._fetch(Fetch(Mode.REPLACE, Part.NEWEST), before=ID_MAX)
        else:
            yield self._fetch(Fetch(Mode.REPLACE), around=first_unread)

    def go_on(self, replica: Replica, *, changed: bool) -> Iterator[FetchHistory]:
        """What was interrupted; and where the members have `changed` meanwhile, the audiences."""
        self._stale |= changed
        yield from self._renew(replica)
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            yield from self.seek(replica, wanted)

    def seek(self, replica: Replica, part: Part) -> Iterator[FetchHistory]:
        """Somebody looks for a part of the history: ask for it, unless it is held or on its way."""
        if self._fetches.seeks(part):
            return
        if part is Part.OLDER and not replica.at_start:
            yield self._fetch(Fetch(Mode.JOIN, part), before=replica.first)
        elif part is Part.NEWER and not replica.at_end:
            yield self._fetch(Fetch(Mode.JOIN, part), after=replica.last)
        elif part is Part.OLDEST and not replica.at_start:
            yield self._fetch(Fetch(Mode.REPLACE, part), after=0)
        elif part is Part.NEWEST and not replica.at_end:
            yield self._fetch(Fetch(Mode.REPLACE, part), before=ID_MAX)

    def go_to(self, message_id: int) -> FetchHistory:
        """Somebody looks for a message that is not held: the page around it."""
        return self._fetch(Fetch(Mode.REPLACE), around=message_id)

    def want(self, part: Part) -> None:
        """Somebody looks for a part, and there is no connection to ask on: ask when there is one."""
        self._wanted = part

    def doubt_audiences(self, replica: Replica) -> Iterator[FetchHistory]:
        """Somebody has come or gone: more or fewer may be missing from the readers of one's own messages."""
        self._stale = True
        yield from self._renew(replica)

    def doubt(self) -> None:
        """Somebody has come or gone, and nobody looks: the audiences are asked for once somebody does."""
        self._stale = True

    def take(self, page: History, replica: Replica, *, following: bool) -> Iterator[FetchHistory]:
        """A page has come; what to ask for after it."""
        fetch = self._fetches.pop(page.ref)
        match fetch.mode:
            case Mode.UNASKED:
                replica.take(page, following=following)
            case Mode.JOIN:
                replica.take(page)
            case Mode.REPLACE:
                replica.replace(page)
            case Mode.RENEW:
                replica.renew(page)
                reached = page.messages[-1].id if page.messages else fetch.until
                yield from self._renew_from(replica, reached + 1, fetch.until)
            case _:
                assert_never(fetch.mode)

    def refused(self, ref: str) -> None:
        """The server will not give a page, or it is not asked for any more."""
        self._fetches.pop(ref)

    def overtaken(self, ref: str) -> bool:
        """Whether nobody waits for this page any more: another one will take its place."""
        return self._fetches.overtaken(ref)

    def cut(self) -> None:
        """The connection is gone, and with it every answer."""
        self._stale |= self._fetches.renews
        self._wanted = self._fetches.sought or self._wanted
        self._fetches.cut()

    def _renew(self, replica: Replica) -> Iterator[FetchHistory]:
        """Ask again for one's own messages where they may be stale, one page after another, and once at a time."""
        if self._stale and not self._fetches.renews:
            self._stale = False
            for first, last in replica.own_extent:
                yield from self._renew_from(replica, first, last)

    def _renew_from(self, replica: Replica, first: int, until: int) -> Iterator[FetchHistory]:
        if first <= until:
            yield self._fetch(Fetch(Mode.RENEW, until=until), after=first - 1)
        else:
            yield from self._renew(replica)

    def _fetch(
        self, fetch: Fetch, *, before: int | None = None, after: int | None = None, around: int | None = None
    ) -> FetchHistory:
        ref = self._ref("page")
        self._fetches.add(ref, fetch)
        return FetchHistory(ref=ref, room=self._room, before=before, after=after, around=around, limit=PAGE_MAX)
