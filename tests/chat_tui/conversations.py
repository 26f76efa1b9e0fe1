"""Conversations for tests: each message ends in a mark that is never broken, so a screen tells what it shows."""

import re
from dataclasses import replace

from chat_tui.model.view import ConversationView, MessageView, Tick, TickState

NOON_MS = 1_795_521_600_000
"""12:00 UTC on 24 November 2026."""
MINUTE_MS = 60_000
MARK = re.compile(r"end(\d+);")


def message(number: int, *, words: int = 3, own: bool = False, sender: str = "", lines: int = 1) -> MessageView:
    """A message with an id; every fifth minute another sender takes over."""
    body = "\n".join(["lorem ipsum " * (words // 2)] * lines)
    return MessageView(
        key=str(number),
        id=number,
        sender=sender or ("me" if own else f"member{number // 5 % 3}"),
        text=f"{body}end{number};",
        at_ms=NOON_MS + number * MINUTE_MS,
        own=own,
        tick=Tick(TickState.SENT, 0, 4) if own else None,
    )


def queued(number: int, nonce: str) -> MessageView:
    """The same as one's own `message`, before the server has given it its id."""
    sent = message(number, own=True)
    return replace(sent, key=nonce, id=None, tick=Tick(TickState.QUEUED))


def view_of(first: int, last: int, *, room: str = "room", **rest: object) -> ConversationView:
    """A window with the messages from `first` to `last`, of many heights, some of them one's own."""
    return ConversationView(room, tuple(varied(number) for number in range(first, last + 1)), **rest)  # type: ignore[arg-type]


def varied(number: int) -> MessageView:
    """A message whose height, length and sender depend on its number."""
    return message(number, words=number * 7 % 40, own=number % 4 == 0, lines=1 + 3 * (number % 11 == 0))


def marks(lines: list[str]) -> frozenset[int]:
    """The ids of the messages whose last row is among these lines."""
    return frozenset(int(found) for line in lines for found in MARK.findall(line))
