"""A room as its members find it, and what they ask about it and its messages. Pure."""

from collections.abc import Collection
from itertools import starmap

from chat_server.answers.messages import bounded, message, tallies_of
from chat_server.protocol import (
    PINS_BYTES_MAX,
    AcknowledgedBy,
    Horizon,
    Horizons,
    Info,
    Members,
    Pins,
    ReadBy,
    RoomListing,
    RoomSummary,
)
from chat_server.room import Room


def summary(room: Room, name: str, online: Collection[str]) -> RoomSummary:
    """The room as this member finds it on connecting."""
    members = room.members
    return RoomSummary(
        name=room.name,
        title=room.partner(name) if room.direct else room.title,
        last_id=room.last_id,
        revision=room.revision,
        first_unread=room.first_unread(name),
        unread=room.unread_count(name),
        members=tuple(members),
        online=tuple(each for each in members if each in online),
        owner=room.owner,
        muted=tuple(room.muted_members),
        pins=room.marks.pinned,
        sharing=room.mode_of(name),
        policy=policy(room),
        direct=room.direct,
    )


def listing(room: Room, name: str) -> RoomListing:
    """The room as anybody may see it, and whether this one is in it."""
    return RoomListing(room.name, room.title, len(room.members), room.is_member(name), policy(room))


def policy(room: Room) -> dict[str, str]:
    """What is asked of whoever is in the room."""
    return {"receipts": "required"} if room.receipts_required else {}


def info(room: Room, asker: str, message_id: int, ref: str | None) -> Info:
    """Who has read a message, earliest first, and who has not; nobody to who does not share the same.

    Who has acknowledged it is told whatever they share: they have said so for that.
    """
    if not room.shares(asker):
        return Info(
            room=room.name, message_id=message_id, read_by=(), missing=(), unshared=(), hidden=True, ref=ref
        )
    edition = room.messages[message_id - 1].edition
    return Info(
        room=room.name,
        message_id=message_id,
        read_by=tuple(ReadBy(reader, read_at) for reader, read_at in room.readers(message_id)),
        missing=tuple(room.missing(message_id)),
        unshared=tuple(room.unshared(message_id)),
        read_earlier=tuple(ReadBy(reader, read_at) for reader, read_at in room.earlier_readers(message_id)),
        acknowledged=tuple(starmap(AcknowledgedBy, room.acknowledgements.of(message_id, edition))),
        acknowledged_earlier=tuple(starmap(AcknowledgedBy, room.acknowledgements.of_earlier(message_id, edition))),
        ref=ref,
    )


def horizons(room: Room, asker: str, ref: str | None) -> Horizons:
    """How far each of the others has read who shares it; nobody to who does not. Costs O(members · log readings).

    It tells nothing that `info` of the same messages would not.
    """
    if not room.shares(asker):
        return Horizons(room=room.name, horizons=(), hidden=True, ref=ref)
    found = ((each, room.horizon(each)) for each in room.members if each != asker and room.shares(each))
    told = tuple(Horizon(name, *horizon) for name, horizon in found if horizon is not None)
    return Horizons(room=room.name, horizons=told, ref=ref)


def pins(room: Room, asker: str, ref: str | None) -> Pins:
    """The pinned messages, or the newest pins where all are too long for one frame."""
    entries = [room.messages[each - 1] for each in room.marks.pinned]
    told, more = bounded(room, entries, PINS_BYTES_MAX, from_end=True)
    ids = sorted(each.id for each in told)
    tallies = dict(zip(ids, tallies_of(room, asker, ids), strict=True))
    messages = tuple(message(room, each, tallies[each.id], to=asker) for each in told)
    return Pins(room=room.name, messages=messages, more=more, ref=ref)


def members(room: Room, online: Collection[str], ref: str | None) -> Members:
    """Everybody in the room, and who of them is connected."""
    names = room.members
    return Members(
        room=room.name, members=tuple(names), online=tuple(each for each in names if each in online), ref=ref
    )
