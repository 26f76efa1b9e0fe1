"""What the server's host decides about who may join. Pure data."""

from enum import Enum


class Joining(Enum):
    """Who may take a name that nobody has."""

    OPEN = "open"
    """Anybody."""
    INVITE = "invite"
    """Whoever has a code."""
    CLOSED = "closed"
    """Nobody."""
