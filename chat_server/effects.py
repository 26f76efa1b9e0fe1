"""What a hub wants done, in the imperative. The rim carries effects out in their order, with one rule.

Whatever is told after an `Append` is told only once that record is on disk.
"""

from dataclasses import dataclass

from chat_server.chat import AnyRecord
from chat_server.orders import Answer
from chat_server.protocol import AnyFrame


@dataclass(frozen=True, slots=True)
class Append:
    """Put a record, which the hub has applied already, on disk."""

    record: AnyRecord


@dataclass(frozen=True, slots=True)
class Send:
    """Tell these connections."""

    to: tuple[int, ...]
    frame: AnyFrame


@dataclass(frozen=True, slots=True)
class Close:
    """End a connection, after what was sent to it before."""

    connection: int
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Tell the server's admin what came of an order."""

    number: int
    answer: Answer


Effect = Append | Send | Close | Reply
