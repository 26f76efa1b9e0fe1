"""On which connections a room is heard, found once for as long as nobody comes, goes or chooses anew. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from chat_server.room import Room
from chat_server.roster import Roster


@dataclass(frozen=True, slots=True)
class Heard:
    """All connections of a room's members; those of one person follow one another."""

    sharing: tuple[int, ...]
    """Of those who let others see what they read."""
    hiding: tuple[int, ...]
    sharers: int
    """How many people share, whether they are connected or not."""

    def without(self, own: tuple[int, ...]) -> "Heard":
        """The same but for one person's connections, which are all that they have."""
        return Heard(_without(self.sharing, own), _without(self.hiding, own), self.sharers)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found, and of what: all three are replaced when they change, and never changed."""

    members: Sequence[str]
    hiding: frozenset[str]
    presence: int
    heard: Heard


class Listeners:
    """The connections of all rooms."""

    def __init__(self, roster: Roster) -> None:
        """Take who is connected."""
        self._roster = roster
        self._found: dict[str, _Found] = {}

    def of(self, room: Room) -> Heard:
        """Who hears this room now. Costs O(members) after a change, else nothing."""
        found = self._found.get(room.name)
        members, hiding, presence = room.members, room.sharing.hiding, self._roster.presence
        if (
            found is None
            or found.presence != presence
            or found.members is not members
            or found.hiding is not hiding
        ):
            found = _Found(members, hiding, presence, self._find(members, hiding))
            self._found[room.name] = found
        return found.heard

    def _find(self, members: Sequence[str], hiding: frozenset[str]) -> Heard:
        sharers = [each for each in members if each not in hiding] if hiding else members
        hidden = [each for each in members if each in hiding] if hiding else ()
        connections = self._roster.connections
        return Heard(connections(sharers), connections(hidden), len(sharers))


def _without(connections: tuple[int, ...], own: tuple[int, ...]) -> tuple[int, ...]:
    if not own or own[0] not in connections:
        return connections
    at = connections.index(own[0])
    return connections[:at] + connections[at + len(own) :]
