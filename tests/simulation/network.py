"""What lies between hub and sessions, modelled: connections that lose their ends, and the server's disk."""

from collections import deque
from copy import deepcopy
from random import Random

from msgspec import json

from chat_server.chat import AnyRecord, Chat, ChatState
from tests.simulation.oracle import Promise, broken


class Wire:
    """One connection: what is under way in either direction."""

    def __init__(self, number: int, name: str, holder: str) -> None:
        self.number = number
        self.name = name
        self.holder = holder
        """Whose secret key whoever is at the other end has."""
        self.up: deque[bytes | None] = deque()
        self.down: deque[bytes | None] = deque()
        self.cut = False

    def break_off(self, random: Random) -> None:
        """Lose some end of either direction."""
        if not self.cut:
            self.cut = True
            for queue in (self.up, self.down):
                for _ in range(random.randint(0, len(queue))):
                    queue.pop()
                queue.append(None)

    def close(self) -> None:
        """End it by the server: all that was sent before comes in, and what comes is not acted on."""
        if not self.cut:
            self.cut = True
            self.up.append(None)
            self.down.append(None)


class Disk:
    """What the server has synced: batches of records, and a snapshot of a number of them."""

    def __init__(self) -> None:
        self.batches: list[bytes] = []
        self.snapshot: ChatState | None = None
        self.snapshot_batches = 0
        self.full = False
        """Whether nothing can be synced; the batch that finds it so still can."""

    def sync(self, records: list[AnyRecord]) -> None:
        self.batches.append(json.encode(records))

    def recover(self, *, by_snapshot: bool) -> Chat:
        """Everything, from the snapshot and what came after it, or from the first record on."""
        snapshot = deepcopy(self.snapshot) if by_snapshot else None
        chat = Chat.thaw(snapshot) if snapshot is not None else Chat()
        for batch in self.batches[self.snapshot_batches if snapshot is not None else 0 :]:
            for record in json.decode(batch, type=list[AnyRecord]):
                try:
                    chat.apply(record)
                except AssertionError:
                    broken(Promise.RECOVERY_EQUALS_LIFE, f"{record} cannot be applied again")
        return chat
