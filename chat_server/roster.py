"""Who is connected: connections by number, people by name. Pure; knows nothing of rooms or sockets."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from chat_server.protocol import Hello


@dataclass(slots=True)
class Arrival:
    """A connection that has not proved who it is."""

    address: str | None
    """Whose requests are counted together; see `rates.origin`."""
    nonce: str
    """What the proof must be of, 32 random bytes as base64url."""
    hello: Hello | None = None
    """What it wants to prove, once it has said so."""


class Roster:
    """All connections of a server."""

    def __init__(self) -> None:
        """Begin with none."""
        self._arrivals: dict[int, Arrival] = {}
        self._names: dict[int, str] = {}
        self._addresses: dict[int, str | None] = {}
        self._connections: dict[str, list[int]] = {}
        self._closing: set[int] = set()
        self.presence = 0
        """Changes whenever a connection becomes somebody's or somebody else's, or goes."""

    def arrive(self, connection: int, address: str | None, nonce: str) -> None:
        """A connection has come, of which nothing is known."""
        self._arrivals[connection] = Arrival(address, nonce)
        self._addresses[connection] = address

    def admit(self, connection: int, name: str) -> None:
        """The connection is this person's from now on."""
        del self._arrivals[connection]
        self._names[connection] = name
        self._connections.setdefault(name, []).append(connection)
        self.presence += 1

    def close(self, connection: int) -> None:
        """Nothing that still comes from the connection counts."""
        self._closing.add(connection)

    def forget(self, connection: int) -> str | None:
        """The connection has gone. Returns whose last one it was; None where it was nobody's or one of several."""
        self._closing.discard(connection)
        self._arrivals.pop(connection, None)
        self._addresses.pop(connection, None)
        name = self._names.pop(connection, None)
        if name is None:
            return None
        self._connections[name].remove(connection)
        self.presence += 1
        if self._connections[name]:
            return None
        del self._connections[name]
        return name

    def rename(self, name: str, to: str) -> None:
        """All connections of one name are another's, which had none."""
        if name in self._connections:
            renamed = self._connections[to] = self._connections.pop(name)
            self._names.update(dict.fromkeys(renamed, to))
            self.presence += 1

    def arrival(self, connection: int) -> Arrival:
        """What is known of a connection that has proved nothing."""
        return self._arrivals[connection]

    def name(self, connection: int) -> str | None:
        """Whose it is; None where nothing was proved."""
        return self._names.get(connection)

    def address(self, connection: int) -> str | None:
        """Where it comes from; see `Arrival.address`."""
        return self._addresses[connection]

    def is_closing(self, connection: int) -> bool:
        """Whether the connection is being closed."""
        return connection in self._closing

    @property
    def online(self) -> Collection[str]:
        """Everybody who has a connection."""
        return self._connections.keys()

    def of(self, name: str) -> tuple[int, ...]:
        """All connections of one person, oldest first."""
        return tuple(self._connections.get(name, ()))

    def connections(self, names: Iterable[str]) -> tuple[int, ...]:
        """All connections of these people."""
        return tuple(each for name in names for each in self._connections.get(name, ()))
