"""What people have put on messages: reactions to take up or away, and the list of what is pinned. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from chat_server.protocol import FetchPins, Message, Pins, React
from chat_tui.model.drawing import tick_of
from chat_tui.model.replica import Replica
from chat_tui.model.view import MessageView
from chat_tui.text.markup import read
from chat_tui.text.safetext import safe_line, safe_text

NONE: Final = "Nothing is pinned here. p pins the message under the cursor."
ASKING: Final = "Asking the server"
OFFLINE: Final = "There is no connection, so the pins cannot be shown."
MORE: Final = "Older pins are too long to list."
TEXT_CHARS_MAX: Final = 1_000
"""So much of a message is listed at most: the list is made anew at each drawing."""


@dataclass(frozen=True, slots=True)
class PinView:
    """A pinned message as it is listed; every text is safe to show."""

    id: int
    sender: str
    at_ms: int
    """When it was sent, Unix ms."""
    text: str
    """Its beginning, without marks."""
    read: str
    """How many have read it, as a sentence; empty where nobody says so."""


@dataclass(frozen=True, slots=True)
class PinsView:
    """The list of pinned messages, the newest pin first."""

    pins: tuple[PinView, ...] = ()
    notice: str = ""
    """What is to be said besides, as a sentence."""


class Pinboard:
    """What is known of a room's pinned messages while somebody looks at them."""

    def __init__(self, room: str, ref: Callable[[str], str]) -> None:
        """Nobody looks yet; `ref` makes a new ref of a kind of request."""
        self._room = room
        self._ref = ref
        self._is_open = False
        self._told: Pins | None = None

    def look(self, *, online: bool) -> Iterator[FetchPins]:
        """Somebody looks, or goes on looking: ask how it stands."""
        self._is_open = True
        if online:
            yield FetchPins(ref=self._ref("pins"), room=self._room)

    def close(self) -> None:
        """Nobody looks any more."""
        self._is_open, self._told = False, None

    def doubt(self) -> Iterator[FetchPins]:
        """What is pinned, or a pinned message, is not as it was: ask again if somebody looks."""
        if self._is_open:
            yield from self.look(online=True)

    def take(self, pins: Pins) -> None:
        """The server has said how it stands."""
        if self._is_open:
            self._told = pins

    def view(self, replica: Replica, *, online: bool) -> PinsView:
        """The list as it is known now: what is unpinned is gone at once, and ticks of one's own are live."""
        if not replica.pins:
            return PinsView(notice=NONE)
        told = self._told.messages if self._told is not None else ()
        listed = tuple(_view(each, replica) for each in reversed(told) if each.id in replica.pins)
        if not listed:
            return PinsView(notice=ASKING if online else OFFLINE)
        return PinsView(listed, MORE if self._told is not None and self._told.more else "")


def _view(told: Message, replica: Replica) -> PinView:
    held = replica.get(told.id)
    message = held.message if held is not None else told
    read_by, audience = told.read_by, told.audience
    if held is not None and message.sender == replica.me:
        tick = tick_of(held.message.audience, len(held.readers), held.late)
        read_by, audience = tick.read_by, tick.audience
    return PinView(
        told.id,
        safe_line(message.sender),
        message.sent_at,
        "\n".join(passage.text for passage in read(safe_text(message.content[:TEXT_CHARS_MAX]))),
        f"{read_by} of {audience} {'has' if read_by == 1 else 'have'} read this pin" if audience else "",
    )


def toggled(message: Message, me: str, emoji: str) -> React:
    """The request that puts an emoji on a message, or takes it away where it is one's own."""
    on = me not in message.reactions.get(emoji, ())
    return React(room=message.room, message_id=message.id, emoji=emoji, on=on)


def emoji_at(message: Message, shown: MessageView, number: int) -> str | None:
    """The emoji of a reaction as it was sent, by its number in what was shown; None where it is another by now.

    What is shown of an emoji has been made safe, and can be less than what was sent.
    """
    emoji = list(message.reactions)[number : number + 1]
    return emoji[0] if emoji and safe_line(emoji[0]) == shown.reactions[number][0] else None
