"""Who may connect, and how many from one place: what a start was told, and the count of those who are there."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from chat_server.certificates import Certificate
from chat_server.proxies import Network

CONNECTIONS_PER_ADDRESS: Final = 32


@dataclass(frozen=True, slots=True)
class Entrance:
    """What was said about those who may connect. Without a word: unencrypted, without proxies and web pages."""

    certificate: Certificate | None = None
    """What is shown to them; None where they come unencrypted."""
    trusted_proxies: tuple[Network, ...] = ()
    """Who is believed about the address of somebody else."""
    origins: tuple[str, ...] = ()
    """Where a web page may come from."""
    connections_per_address: int = CONNECTIONS_PER_ADDRESS
    """0 for any number."""


class Present:
    """How many connections there are from each place, as `rates.origin` has it: None is not counted."""

    def __init__(self, most: int) -> None:
        """Take how many there may be from one place, 0 for any number."""
        self._most = most
        self._counts: Counter[str] = Counter()

    def is_full(self, place: str | None) -> bool:
        """Whether there may be no more from there now."""
        return place is not None and 0 < self._most <= self._counts[place]

    @contextmanager
    def counted(self, place: str | None) -> Iterator[None]:
        """Count one from there in for as long as this lasts."""
        if place is None:
            yield
            return
        self._counts[place] += 1
        try:
            yield
        finally:
            self._counts[place] -= 1
            if not self._counts[place]:
                del self._counts[place]
