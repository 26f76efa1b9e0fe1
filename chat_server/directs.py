"""Conversations of exactly two people: what their rooms are called, and who may begin one. Pure.

The pair is found again by who is in the room, never by the room's name: people are renamed, rooms are not. The
name begins with a character that no other room's can begin with, and tells nobody who they are.
"""

import re
from collections.abc import Collection, Iterable
from hashlib import sha256
from itertools import count
from typing import Final

from chat_server.moderation import Refusal
from chat_server.people import People
from chat_server.protocol import DIRECTS_JOINED_MAX, DIRECTS_MAX
from chat_server.room import Room

_NAME: Final = re.compile(r"@[0-9a-f]{32}")


def room_name(seed: str, one: str, other: str, taken: Collection[str]) -> str:
    """What the room of these two is to be called, in whichever order they are named.

    `seed` is the server's secret, so that nobody can work out the name. It is another one where that is taken, as
    after an import, by whoever had these names then.
    """
    first, second = sorted((one, other))
    digests = (sha256("\n".join((seed, first, second, str(at))).encode()).hexdigest() for at in count())
    return next(name for name in (f"@{each[:32]}" for each in digests) if name not in taken)


def is_room_name(name: str) -> bool:
    """Whether a room of two is called so; no other room can be."""
    return _NAME.fullmatch(name) is not None


def found(rooms: Iterable[Room], one: str, other: str) -> Room | None:
    """The room of these two, who are different people, if there is one."""
    return next((each for each in rooms if each.direct and each.is_member(one) and each.is_member(other)), None)


def refusal_of_self(name: str, other: str) -> Refusal | None:
    """Why nobody can have a conversation with themselves."""
    return Refusal("not-allowed", "A direct conversation is with somebody else.") if name == other else None


def refusal(people: People, rooms: Collection[Room], name: str, other: str) -> Refusal | None:
    """Why these two cannot begin a conversation; None where they can."""
    person = people.of(other)
    if person is None or person.removed or person.banned or person.renamed_to:
        return Refusal("no-such-member", f"This server has nobody named {other!a}.")
    directs = [each for each in rooms if each.direct]
    if len(directs) >= DIRECTS_MAX:
        return Refusal("too-many-rooms", f"This server has {DIRECTS_MAX} direct conversations already.")
    for each, whose in ((name, "You are"), (other, f"{other} is")):
        if sum(room.is_member(each) for room in directs) >= DIRECTS_JOINED_MAX:
            reason = f"{whose} in {DIRECTS_JOINED_MAX} direct conversations already."
            return Refusal("too-many-rooms", reason)
    return None
