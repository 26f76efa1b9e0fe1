"""Messages of one's own on their way into the window: queued, acknowledged, refused. Pure."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from chat_server.protocol import Message, Post
from chat_tui.model.owed import OwedPost
from chat_tui.model.view import MessageView, ReplyView, Tick, TickState
from chat_tui.text.safetext import safe_line, safe_text

POSTS_MAX: Final = 1_000
"""Messages that may wait on this machine."""
FULL: Final = f"{POSTS_MAX:,} messages wait already; send or discard some first."


@dataclass(slots=True)
class Outgoing:
    """A post, until its message is in the window."""

    post: OwedPost
    message_id: int | None = None
    """Once the server has acknowledged it."""
    shown: MessageView | None = None
    """As it is drawn; None when it has to be made anew."""

    @property
    def state(self) -> TickState:
        """How far it has come."""
        if self.post.refused:
            return TickState.REFUSED
        return TickState.QUEUED if self.message_id is None else TickState.SENT

    def draw(self, me: str, quote: Callable[[int], ReplyView]) -> MessageView:
        """As it is shown below the window: the same object as before where it looks as before."""
        reply = None if self.post.reply_to is None else quote(self.post.reply_to)
        if self.shown is None or self.shown.reply != reply:
            self.shown = self._draw(me, reply)
        return self.shown

    def _draw(self, me: str, reply: ReplyView | None) -> MessageView:
        return MessageView(
            key=self.post.nonce,
            id=None,
            sender=safe_line(me),
            text=safe_text(self.post.content),
            at_ms=self.post.typed_at,
            own=True,
            tick=Tick(self.state),
            reason=safe_line(self.post.refused),
            reply=reply,
        )


class Posts:
    """All outgoing posts, by nonce, in the order of typing."""

    def __init__(self, owed: Iterable[OwedPost]) -> None:
        """Begin with what an earlier session left."""
        self._outgoing = {post.nonce: Outgoing(post) for post in owed}
        self._flying = ""
        """The nonce of the one that was sent and not answered."""

    def __contains__(self, nonce: str) -> bool:
        """Whether this post is still on its way."""
        return nonce in self._outgoing

    @property
    def owed(self) -> tuple[OwedPost, ...]:
        """Those that the server has not acknowledged: what must be on disk."""
        return tuple(each.post for each in self._outgoing.values() if each.message_id is None)

    @property
    def closed(self) -> str:
        """Why nothing more can be typed; empty where it can."""
        return FULL if len(self._outgoing) >= POSTS_MAX else ""

    @property
    def queued(self) -> tuple[OwedPost, ...]:
        """Those that are to be sent when there is a connection, or have been and were not answered."""
        return tuple(post for post in self.owed if not post.refused)

    def next(self, rooms: Collection[str]) -> OwedPost | None:
        """What to send now: the first that is queued for one of these rooms, once what was sent is answered.

        The server numbers messages as they arrive, and may refuse one for now and take the next: only so does
        none overtake another.
        """
        if self._flying:
            return None
        return next((post for post in self.queued if post.room in rooms), None)

    def sent(self, nonce: str) -> None:
        """This one is on its way."""
        self._flying = nonce

    def hold(self, nonce: str) -> None:
        """The server will have it later: it stays queued, and all that was typed after it waits."""
        self._land(nonce)

    def cut(self) -> None:
        """The connection is gone, and with it the answer."""
        self._flying = ""

    def add(self, post: OwedPost) -> None:
        """Something was typed."""
        self._outgoing[post.nonce] = Outgoing(post)

    @property
    def addressees(self) -> tuple[str, ...]:
        """Whom there is something for that has no room yet, each once."""
        return tuple({each.to: None for each in self.queued if not each.room})

    def place(self, name: str, room: str) -> bool:
        """What is for this person is for this room from now on. Whether anything was."""
        placed = [each for each in self._outgoing.values() if not each.post.room and each.post.to == name]
        for each in placed:
            each.post, each.shown = replace(each.post, room=room, to=""), None
        return bool(placed)

    def take_back(self, name: str) -> tuple[OwedPost, ...]:
        """What was for this person and has no room, which is owed no more."""
        back = tuple(each.post for each in self._outgoing.values() if not each.post.room and each.post.to == name)
        for each in back:
            del self._outgoing[each.nonce]
        return back

    def acknowledge(self, nonce: str, message_id: int) -> None:
        """The server has it on disk, as this message."""
        outgoing = self._outgoing[nonce]
        outgoing.message_id, outgoing.shown = message_id, None
        self._land(nonce)

    def arrive(self, messages: Iterable[Message]) -> bool:
        """These messages are in the room: those of them that were on their way no longer are. Whether any were."""
        nonces = [each.nonce for each in messages if each.nonce in self._outgoing]
        for nonce in nonces:
            self._outgoing.pop(nonce or "")
            self._land(nonce or "")
        return bool(nonces)

    def settle(self, room: str, last_id: int) -> None:
        """A room's window has come to this id: what is acknowledged as one up to it is in it, or above it."""
        for nonce, each in list(self._outgoing.items()):
            if each.post.room == room and each.message_id is not None and each.message_id <= last_id:
                del self._outgoing[nonce]

    def refuse(self, nonce: str, reason: str) -> None:
        """The server will not have it."""
        self._mark(self._outgoing[nonce], reason)
        self._land(nonce)

    def retry(self, nonce: str) -> OwedPost | None:
        """Queue a refused post again; what is to be sent. None for any other: a key may come late."""
        outgoing = self._refused(nonce)
        return self._mark(outgoing, "") if outgoing else None

    def discard(self, nonce: str) -> bool:
        """Forget a refused post, and no other: it may be in the room. Whether it was one."""
        refused = self._refused(nonce) is not None
        if refused:
            del self._outgoing[nonce]
        return refused

    def forget_acknowledged(self) -> None:
        """The history in which they were acknowledged is the server's no more, nor is what the others answer."""
        self._outgoing = {post.nonce: Outgoing(replace(post, reply_to=None)) for post in self.owed}

    def _land(self, nonce: str) -> None:
        if self._flying == nonce:
            self._flying = ""

    def _refused(self, nonce: str) -> Outgoing | None:
        outgoing = self._outgoing.get(nonce)
        return outgoing if outgoing and outgoing.post.refused else None

    def _mark(self, outgoing: Outgoing, refused: str) -> OwedPost:
        outgoing.post, outgoing.shown = replace(outgoing.post, refused=refused), None
        return outgoing.post

    def draw(self, room: str, me: str, quote: Callable[[int], ReplyView]) -> list[MessageView]:
        """Those of a room as they are shown below the window; `quote` is of messages of that room."""
        return [each.draw(me, quote) for each in self._outgoing.values() if each.post.room == room]


def request(post: OwedPost) -> Post:
    """The request that sends a post; its nonce is its ref too."""
    return Post(ref=post.nonce, room=post.room, nonce=post.nonce, content=post.content, reply_to=post.reply_to)
