"""Rooms with a past: messages that people would write, and readers who have read them as people do."""

import random
from pathlib import Path
from typing import Final

from chat_server.chat import ChatState
from chat_server.people import People
from chat_server.protocol.ranges import Range
from chat_server.readings import Reading, Readings
from chat_server.room import Advanced, Entered, Entry, Opened, Posted, Room
from chat_server.store import Store

CONTENT: Final = "Deploy at four, unless somebody objects. " * 2
READERS: Final = 100
STEP_MS: Final = 40_000


def message(at: int) -> Posted:
    """The message with this id; no two have their text or nonce in common, as when they are read from a disk."""
    entry = Entry(at, f"member{at % READERS}", f"nonce-{at:012}", f"{CONTENT}{at}", at * STEP_MS)
    return Posted(room="general", entry=entry)


def room_of(messages: int, readers: int = READERS, advances: int = 300) -> Room:
    """A room in which everybody has read nearly all, in so many advances each."""
    room = Room("general")
    room.apply(Opened(room="general", title="General", at=0))
    for reader in range(readers):
        room.apply(Entered(room="general", name=f"member{reader}", at=0))
    for at in range(1, messages + 1):
        room.apply(message(at))
    step = max(messages // advances, 1)
    for reader in range(readers):
        for first in range(1, messages - step + 1, step):
            read: tuple[Range, ...] = ((first, first + step - 1),)
            room.apply(Advanced(room="general", reader=f"member{reader}", ranges=read, read_at=first))
    return room


def readings_of(messages: int, readers: int, advances: int) -> Readings:
    """Of a long past, without the messages: each reader comes, reads some, leaves some out, and goes again."""
    chance = random.Random(1)
    by_reader = {}
    for reader in range(readers):
        edges = sorted(chance.sample(range(1, messages), 2 * min(advances, messages // 3)))
        rows = (
            (first, last - 1, first * STEP_MS, at)
            for at, (first, last) in enumerate(zip(edges[::2], edges[1::2], strict=True))
        )
        by_reader[f"member{reader}"] = Reading(rows)
    return Readings(by_reader)


def state_of(room: Room) -> ChatState:
    """A chat that is this one room."""
    return ChatState(People().freeze(), [room.freeze()])


async def keep(directory: Path, room: Room) -> None:
    """A data directory with this room in it."""
    store = Store.open(directory)
    await store.snapshot(state_of(room))
    await store.close()
