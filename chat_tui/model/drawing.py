"""A message that the server has, as it is drawn. Pure.

Foreign text is made safe here, and a tick comes from the readers that are given and from nothing else.
"""

from typing import Final

from chat_server.protocol import Message
from chat_tui.model.view import MessageView, ReplyView, Tick, TickState
from chat_tui.text.safetext import safe_line, safe_text

SNIPPET_CHARS: Final = 100
"""Of a quoted message; no row is longer by much."""
FURTHER_UP: Final = "a message further up"
REMOVED: Final = "removed message"


def draw(
    message: Message, me: str, reply: ReplyView | None, *, read_by: int, late: int, pinned: bool
) -> MessageView:
    """As it is drawn for `me`; `reply` is what it answers, `read_by` and `late` are as for `tick_of`."""
    own, removed = message.sender == me, message.deleted_at is not None
    return MessageView(
        key=str(message.id),
        id=message.id,
        sender=safe_line(message.sender),
        text=_removal(message) if removed else safe_text(message.content),
        at_ms=message.sent_at,
        own=own,
        tick=tick_of(message.audience, read_by, late) if own and not removed else None,
        removed=removed,
        reply=reply,
        edited=message.edition > 0 and not removed,
        edition=message.edition,
        pinned=pinned and not removed,
        reactions=() if removed else _reactions(message, me),
    )


def tick_of(audience: int, read_by: int, late: int) -> Tick:
    """The tick of one's own message, which `read_by` have read, `late` of them on top of its audience."""
    # Somebody who comes back and reads can be heard of before the audience that counts them again.
    audience = max(audience + late, read_by)
    if not read_by:
        return Tick(TickState.SENT, 0, audience)
    state = TickState.READ_BY_ALL if read_by >= audience else TickState.READ
    return Tick(state, read_by, audience)


def quote(message: Message) -> ReplyView:
    """What is shown of a message where another one answers it."""
    text = snippet(safe_text(message.content)) if message.deleted_at is None else REMOVED
    return ReplyView(safe_line(message.sender), text, message.id)


def snippet(text: str) -> str:
    """The beginning of a safe text, on one line."""
    return " ".join(text.split())[:SNIPPET_CHARS]


def quote_unknown(message_id: int) -> ReplyView:
    """The same of a message that is not at hand."""
    return ReplyView("", FURTHER_UP, message_id)


def _reactions(message: Message, me: str) -> tuple[tuple[str, int, bool], ...]:
    """Each emoji with how many have put it there, and whether one has oneself."""
    return tuple((safe_line(each), len(names), me in names) for each, names in message.reactions.items())


def _removal(message: Message) -> str:
    by = f" by {safe_line(message.deleted_by)}" if message.deleted_by else ""
    return f"message removed{by}"
