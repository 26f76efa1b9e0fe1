"""What people have put on messages of a room: pins and reactions. Pure; knows ids and names, not messages.

Messages that nobody has put anything on cost nothing here.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from chat_server.protocol import PINS_MAX, REACTIONS_MAX, is_reaction

REACTORS_MAX: Final = 1_000
"""Reactions of all people to one message, whose names are all told with it."""

PinRow = tuple[int, str, int]
"""Message, who pinned it, when (Unix ms)."""

ReactionRow = tuple[int, str, tuple[str, ...]]
"""Message, emoji, and who has put it there, in the order of their doing so."""


class Marks:
    """The pins and reactions of a room. What cannot be fails an assertion."""

    __slots__ = ("_pins", "_reactions")

    def __init__(self, pins: Iterable[PinRow] = (), reactions: Iterable[ReactionRow] = ()) -> None:
        """Take rows as `pin_rows` and `reaction_rows` gave them."""
        self._pins = {message_id: (by, at_ms) for message_id, by, at_ms in pins}
        self._reactions: dict[int, dict[str, list[str]]] = {}
        for message_id, emoji, names in reactions:
            self._reactions.setdefault(message_id, {})[emoji] = list(names)

    # What changes it

    def pin(self, message_id: int, by: str, at_ms: int) -> None:
        """Add one that was not pinned, as the newest pin."""
        assert message_id not in self._pins
        assert not self.is_pinned_full
        self._pins[message_id] = by, at_ms

    def unpin(self, message_id: int) -> None:
        """Take away a pin that is there."""
        assert message_id in self._pins
        del self._pins[message_id]

    def react(self, message_id: int, name: str, emoji: str) -> None:
        """Add somebody to those who have put this emoji there, whom there is room for."""
        assert self.takes(message_id, emoji)
        names = self._reactions.setdefault(message_id, {}).setdefault(emoji, [])
        assert name not in names
        names.append(name)

    def unreact(self, message_id: int, name: str, emoji: str) -> None:
        """Take away somebody's emoji that is there."""
        assert self.has_reacted(message_id, name, emoji)
        by_emoji = self._reactions[message_id]
        by_emoji[emoji].remove(name)
        if not by_emoji[emoji]:
            del by_emoji[emoji]
        if not by_emoji:
            del self._reactions[message_id]

    def forget(self, message_id: int) -> None:
        """Take everything from a message, which has been deleted."""
        self._pins.pop(message_id, None)
        self._reactions.pop(message_id, None)

    def rename(self, name: str, to: str) -> None:
        """Make all that is `name`'s `to`'s; the order stays as it was."""
        names = {name: to}
        self._pins = {each: (names.get(by, by), at_ms) for each, (by, at_ms) in self._pins.items()}
        for by_emoji in self._reactions.values():
            for emoji, reactors in by_emoji.items():
                by_emoji[emoji] = [names.get(each, each) for each in reactors]

    # What is asked of it

    @property
    def pinned(self) -> tuple[int, ...]:
        """The pinned messages, the newest pin last."""
        return tuple(self._pins)

    @property
    def is_pinned_full(self) -> bool:
        """Whether there are as many pins as there may be."""
        return len(self._pins) >= PINS_MAX

    def pinned_by(self, message_id: int) -> str | None:
        """Who pinned a message; None where nobody has."""
        pin = self._pins.get(message_id)
        return None if pin is None else pin[0]

    def reactions(self, message_id: int) -> dict[str, tuple[str, ...]]:
        """What has been put on a message, and by whom, in the order of their doing so."""
        return {emoji: tuple(names) for emoji, names in self._reactions.get(message_id, {}).items()}

    def has_reacted(self, message_id: int, name: str, emoji: str) -> bool:
        """Whether somebody has put this emoji on a message."""
        return name in self._reactions.get(message_id, {}).get(emoji, ())

    def takes(self, message_id: int, emoji: str) -> bool:
        """Whether a message has room for one more to put this emoji there."""
        by_emoji = self._reactions.get(message_id, {})
        if sum(map(len, by_emoji.values())) >= REACTORS_MAX:
            return False
        return emoji in by_emoji or len(by_emoji) < REACTIONS_MAX

    # What is kept of it

    def pin_rows(self) -> tuple[PinRow, ...]:
        """All pins, the newest last."""
        return tuple((message_id, *pin) for message_id, pin in self._pins.items())

    def reaction_rows(self) -> tuple[ReactionRow, ...]:
        """All reactions, in the order in which they go on."""
        return tuple(
            (message_id, emoji, tuple(names))
            for message_id, by_emoji in self._reactions.items()
            for emoji, names in by_emoji.items()
        )


def fits(pins: Sequence[PinRow], reactions: Sequence[ReactionRow], is_there: Callable[[int], bool]) -> bool:
    """Whether these can be a room's marks: within their bounds, each once, and on messages that are there."""
    marked = {message_id for message_id, *_ in (*pins, *reactions)}
    kinds: dict[int, dict[str, tuple[str, ...]]] = {}
    for message_id, emoji, names in reactions:
        kinds.setdefault(message_id, {})[emoji] = names
    return (
        all(map(is_there, marked))
        and len({message_id for message_id, *_ in pins}) == len(pins) <= PINS_MAX
        and sum(map(len, kinds.values())) == len(reactions)
        and all(len(each) <= REACTIONS_MAX and all(map(is_reaction, each)) for each in kinds.values())
        and all(names and len(set(names)) == len(names) for _, _, names in reactions)
        and all(sum(map(len, each.values())) <= REACTORS_MAX for each in kinds.values())
    )
