"""Who is, was, or must not be in a room, and since which message. Pure."""

from collections.abc import Mapping, Sequence

from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_server.records import Barred, Muted, Unbarred, Unmuted

Span = tuple[int, int | None]
"""One stay of a member, who is sent the messages after the first id up to the second, or all since (None)."""

Sanction = tuple[str, int]
"""Who barred or muted somebody, and when, Unix ms."""


class Membership:
    """The people of one room. What cannot be fails an assertion."""

    def __init__(
        self,
        stays: Mapping[str, Sequence[Span]] | None = None,
        barred: Mapping[str, Sanction] | None = None,
        muted: Mapping[str, Sanction] | None = None,
    ) -> None:
        """Take what is kept of people, which is copied; without it nobody has been here."""
        self._stays = {name: list(each) for name, each in (stays or {}).items()}
        self._barred = dict(barred or {})
        self._muted = dict(muted or {})
        self._members: tuple[str, ...] | None = None
        """See `members`; None until it is asked for again."""

    # What changes it

    def enter(self, name: str, last_id: int) -> None:
        """Send somebody what comes after this message."""
        assert not self.is_member(name)
        assert name not in self._barred
        self._stays.setdefault(name, []).append((last_id, None))
        self._members = None

    def leave(self, name: str, last_id: int) -> None:
        """Send somebody nothing after this message."""
        assert self.is_member(name)
        self._stays[name][-1] = (self._stays[name][-1][0], last_id)
        self._members = None

    def sanction(self, record: Barred | Unbarred | Muted | Unmuted, last_id: int) -> None:
        """Put a sanction on somebody who has been here, or take it off."""
        sanctions = self._barred if isinstance(record, Barred | Unbarred) else self._muted
        assert self.has_met(record.name)
        if isinstance(record, Unbarred | Unmuted):
            assert record.name in sanctions
            del sanctions[record.name]
            return
        assert record.name not in sanctions
        if isinstance(record, Barred) and self.is_member(record.name):
            self.leave(record.name, last_id)
        sanctions[record.name] = record.by, record.at

    def rename(self, name: str, to: str) -> None:
        """Make all that is `name`'s `to`'s; the order of people stays as it was."""
        assert not self.has_met(to)
        renamed = {name: to}
        self._stays = {renamed.get(each, each): stays for each, stays in self._stays.items()}
        self._barred, self._muted = (_renamed(each, renamed) for each in (self._barred, self._muted))
        self._members = None

    # What is asked of it

    @property
    def members(self) -> Sequence[str]:
        """Everybody who is a member now, in the order of their first joining."""
        if self._members is None:
            self._members = tuple(filter(self.is_member, self._stays))
        return self._members

    @property
    def known(self) -> Sequence[str]:
        """Everybody who is or was a member, in the order of their first joining."""
        return tuple(self._stays)

    def is_member(self, name: str) -> bool:
        """Whether messages are sent to this name now."""
        stays = self._stays.get(name)
        return stays is not None and stays[-1][1] is None

    def has_met(self, name: str) -> bool:
        """Whether this name is or was a member."""
        return name in self._stays

    def is_barred(self, name: str) -> bool:
        """Whether this name cannot become a member."""
        return name in self._barred

    def is_muted(self, name: str) -> bool:
        """Whether this name can read and not write."""
        return name in self._muted

    def sent_to(self, name: str, last_id: int) -> Ranges:
        """The ids up to the last one that this name was a member for, their own messages among them."""
        stays = self._stays.get(name, ())
        if len(stays) == 1 and stays[0][1] is None:
            return ((stays[0][0] + 1, last_id),) if stays[0][0] < last_id else ()
        ends = ((first, last_id if end is None else end) for first, end in stays)
        return rangesets.normalise((first + 1, last) for first, last in ends if last > first)

    def was_sent(self, name: str, message_id: int) -> bool:
        """Whether this name was a member when an existing message was sent."""
        stays = self._stays.get(name, ())
        return any(first < message_id and (end is None or message_id <= end) for first, end in stays)

    @property
    def muted_members(self) -> Sequence[str]:
        """Which members can read and not write, in the order of `members`."""
        return tuple(filter(self.is_muted, self.members)) if self._muted else ()

    # What is kept of it

    @property
    def stays(self) -> dict[str, list[Span]]:
        """A copy of everybody's stays, oldest first."""
        return {name: list(stays) for name, stays in self._stays.items()}

    @property
    def barred(self) -> dict[str, Sanction]:
        """A copy of who is barred."""
        return dict(self._barred)

    @property
    def muted(self) -> dict[str, Sanction]:
        """A copy of who is muted."""
        return dict(self._muted)


def _renamed(sanctions: dict[str, Sanction], names: dict[str, str]) -> dict[str, Sanction]:
    return {names.get(name, name): (names.get(by, by), at) for name, (by, at) in sanctions.items()}
