"""What is owed to the server, posts and receipts, and when it may be sent; and what is kept beside it. Pure.

Nothing is sent before the server has said on this connection that one is in its room: it would refuse it for good.
What it refuses for now stays owed, and everything that comes after it waits with it.
"""

from collections.abc import Callable, Iterator
from typing import Final

from chat_server.protocol import AnyRequest, Ok, Read, Refused
from chat_server.protocol.requests import Mode
from chat_tui.model.holdup import Holdup
from chat_tui.model.owed import Owed, OwedPost
from chat_tui.model.posts import Posts, request
from chat_tui.model.receipts import OwedReceipts, ReadTexts

DISK_FULL: Final = "disk-full"
RATE_LIMITED: Final = "rate-limited"
"""Codes of refusals that will not last."""

WHY: Final = {DISK_FULL: "the server's disk is full", RATE_LIMITED: "the server asks to slow down"}
"""What each says, as the beginning of a sentence."""


class Dues:
    """Everything that must survive the client's end, on one connection after another."""

    def __init__(self, owed: Owed, ref: Callable[[str], str]) -> None:
        """Begin with what an earlier session left; `ref` makes a new ref of a kind of request."""
        self.posts = Posts(owed.posts)
        self.receipts = OwedReceipts(owed.reads, owed.editions)
        self.marks = dict(owed.marks)
        """Per room where it was marked as unread."""
        self.silenced = set(owed.silenced)
        """Rooms that tell only of mentions."""
        self.horizons = set(owed.horizons)
        """Rooms in which one wants to see how far others have read."""
        self._modes = dict(owed.modes)
        self._drafts = dict(owed.drafts)
        self._ref = ref
        self._holdup = Holdup()
        self._why = ""
        """Why something was refused for now."""
        self._entered: set[str] = set()
        """The rooms that the server has said on this connection that one is in."""

    def owed(self, epoch: str) -> Owed:
        """What must be on disk now, in this history of the server's."""
        return Owed(
            epoch=epoch,
            posts=self.posts.owed,
            reads=self.receipts.owed,
            editions=self.receipts.texts,
            drafts=dict(self._drafts),
            marks=dict(self.marks),
            silenced=tuple(sorted(self.silenced)),
            horizons=tuple(sorted(self.horizons)),
            modes=dict(self._modes),
        )

    # What is written

    def draft(self, room: str) -> str:
        """What is written to a room and not yet entered."""
        return self._drafts.get(room, "")

    def write(self, room: str, text: str) -> bool:
        """This is written to a room now. Whether that is news."""
        news = text != self.draft(room)
        self._drafts.pop(room, None)
        if text:
            self._drafts[room] = text
        return news

    def enter(self, post: OwedPost) -> None:
        """What was written is to be sent, and is no draft any more."""
        self._drafts.pop(post.room, None)
        self.posts.add(post)

    def see(self, room: str, reading: ReadTexts) -> None:
        """These messages have been read."""
        self.receipts.add(room, reading)

    # Who is shown what was read

    def mode(self, room: str) -> Mode:
        """Who is shown what one reads in a room, as the server last said."""
        return self._modes.get(room, "public")

    def turn(self, room: str, mode: Mode) -> ReadTexts | None:
        """This holds in a room from now on. What was read and is not told any more; None where nothing is new.

        What was read in private and is still owed would be told to everybody once it is public: it is let go. So
        is all where nothing is to be recorded.
        """
        old = self.mode(room)
        if mode == old:
            return None
        if mode == "public":
            del self._modes[room]
        else:
            self._modes[room] = mode
        if mode == "private" and old == "public":
            return ReadTexts()
        let_go = self.receipts.of(room)
        self.receipts.forget_room(room)
        return let_go

    def send_reads(self) -> Iterator[AnyRequest]:
        """All receipts that are not on their way, early or not: before another mode holds for what is read."""
        if self.may_send:
            yield from self._tell(self.receipts.unsent(self._entered))

    # When it may be sent

    @property
    def may_send(self) -> bool:
        """Whether the server takes what is owed to any room, as far as is known."""
        return bool(self._entered) and self._holdup.until_ms is None

    @property
    def next_deadline_ms(self) -> int | None:
        """When something may be sent that may not be sent now; None while there is nothing."""
        if self._holdup.until_ms is not None:
            return self._holdup.until_ms
        return self.receipts.next_deadline_ms(self._entered)

    @property
    def waits_until_ms(self) -> int | None:
        """When what waits is tried again; None while that is being done, and where nothing waits."""
        return self._holdup.until_ms

    def why(self, room: str) -> str:
        """What the server will not have yet, and why, for who looks at `room`; empty where nothing is."""
        count = len(self.posts.queued)
        if not self._holdup.lasts:
            return ""
        if room not in self._entered:
            return f"{self._why}; the room cannot be joined"
        if count:
            return f"{self._why}; {count} message{'s wait' if count > 1 else ' waits'}"
        return f"{self._why}; receipts wait" if self.receipts.owed else ""

    def is_in(self, room: str) -> bool:
        """Whether the server has said on this connection that one is in this room."""
        return room in self._entered

    def admit(self, room: str) -> None:
        """The server has said that one is in the room."""
        self._entered.add(room)
        self._holdup.end()

    def expel(self, room: str) -> bool:
        """One is in the room no more: what is written to it waits, its receipts do not. Whether that is news."""
        self._entered.discard(room)
        self._modes.pop(room, None)
        marked = self.marks.pop(room, None) is not None
        return self.receipts.forget_room(room) or marked

    def elapse(self, now_ms: int) -> bool:
        """Whether it is now time to try what waits again; true once."""
        return self._holdup.elapse(now_ms)

    def cut(self) -> None:
        """The connection is gone, and with it every answer."""
        self._entered.clear()
        self._holdup.end()
        self.posts.cut()
        self.receipts.cut()

    def start_over(self) -> None:
        """The server has another history: what speaks of the old one is not owed any more."""
        self.marks.clear()
        self.receipts.forget()
        self.posts.forget_acknowledged()

    # What is sent, and answered

    def send(self, now_ms: int) -> Iterator[AnyRequest]:
        """Everything that may be sent now; it is on its way then."""
        yield from self.send_post()
        if self.may_send:
            yield from self._tell(self.receipts.due(now_ms, self._entered))

    def _tell(self, reads: list[tuple[str, ReadTexts]]) -> Iterator[AnyRequest]:
        for room, reading in reads:
            ref = self._ref("read")
            self.receipts.sent(ref, room, reading)
            yield Read(ref=ref, room=room, ranges=reading.ranges, editions=reading.texts)

    def send_post(self) -> Iterator[AnyRequest]:
        """The next post, if it may be sent now."""
        post = self.posts.next(self._entered) if self.may_send else None
        if post is not None:
            self.posts.sent(post.nonce)
            yield request(post)

    def take(self, ok: Ok) -> bool:
        """The server has done something. Whether it was something owed."""
        ref = ok.ref or ""
        if ref in self.posts and ok.message_id is not None:
            self.posts.acknowledge(ref, ok.message_id)
        elif ref in self.receipts:
            self.receipts.answered(ref)
        else:
            return False
        self._holdup.ease(more=bool(self.posts.queued))
        return True

    def refuse(self, refused: Refused) -> bool:
        """The server will never have something. Whether it was something owed."""
        ref = refused.ref or ""
        if ref in self.posts:
            self.posts.refuse(ref, refused.reason)
        elif ref in self.receipts:
            self.receipts.answered(ref)
        else:
            return False
        return True

    def hold(self, refused: Refused, now_ms: int) -> None:
        """The server will have something later: keep it, and all that comes after it, until then."""
        self._why = WHY[refused.code]
        self._holdup.begin(now_ms, refused.retry_after_ms)
        ref = refused.ref or ""
        if ref in self.posts:
            self.posts.hold(ref)
        elif ref in self.receipts:
            self.receipts.held(ref)
