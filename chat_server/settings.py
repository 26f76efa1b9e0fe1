"""What a person has chosen about being shown, and what follows from choosing anew. Pure; changes nothing.

What holds in a room is, in this order: that everybody shares, where the room requires it; what was chosen for the
room; what was chosen for all rooms.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from chat_server.chat import AnyRecord, Chat
from chat_server.people import Chose
from chat_server.protocol import ChangeSettings, Mode, Settings
from chat_server.room import Room, Shared


@dataclass(frozen=True, slots=True)
class Choice:
    """What comes of a request: a refusal, or records, which are none where all is so already."""

    refusal: tuple[str, str] | None = None
    """A code of those in `docs/protocol.md`, and a sentence for a person."""
    records: tuple[AnyRecord, ...] = ()
    """To be applied in this order."""


def settings_of(chat: Chat, name: str, ref: str | None = None) -> Settings:
    """What holds for this person, in all rooms and in those where it is not the same."""
    receipts = chat.people.receipts_of(name)
    rooms = {
        room.name: room.mode_of(name)
        for room in _rooms_of(chat, name)
        if room.sharing.is_chosen(name) or room.mode_of(name) != receipts
    }
    return Settings(receipts=receipts, rooms=rooms, ref=ref)


def choose(chat: Chat, name: str, request: ChangeSettings, now_ms: int) -> Choice:
    """What follows from what somebody has chosen: all of it, or a refusal."""
    for room_name, mode in request.rooms.items():
        if (refusal := _against(chat, name, room_name, mode)) is not None:
            return Choice(refusal)
    return Choice(records=tuple(_records(chat, name, request, now_ms)))


def on_entering(chat: Chat, room: Room, name: str) -> Shared | None:
    """What is to be said of somebody who has just become a member; None where it is said already."""
    return _shared(room, name, None, chat.people.receipts_of(name)) if not room.sharing.is_chosen(name) else None


def _against(chat: Chat, name: str, room_name: str, mode: Mode | None) -> tuple[str, str] | None:
    room = chat.rooms.get(room_name)
    if room is None or not room.is_member(name):
        return "not-a-member", f"You are not in a room named {room_name!a}."
    if room.receipts_required and mode not in (None, "public"):
        return "not-allowed", f"In {room_name} everybody shares what they read; leave it if you do not want to."
    return None


def _records(chat: Chat, name: str, request: ChangeSettings, now_ms: int) -> Iterator[AnyRecord]:
    general = chat.people.receipts_of(name)
    if request.receipts is not None and request.receipts != general:
        general = request.receipts
        yield Chose(at=now_ms, name=name, receipts=general)
    for room in _rooms_of(chat, name):
        if room.name in request.rooms:
            wanted = request.rooms[room.name]
        else:
            wanted = room.mode_of(name) if room.sharing.is_chosen(name) else None
        # Only what the request speaks of changes; what an import has left otherwise stays until then.
        if (room.name in request.rooms or request.receipts is not None) and (
            shared := _shared(room, name, wanted, general)
        ):
            yield shared


def _shared(room: Room, name: str, wanted: Mode | None, general: Mode) -> Shared | None:
    """The record by which this holds for somebody in a room: what they want there, or else the general mode."""
    if room.receipts_required:
        return None
    mode, chosen = wanted or general, wanted is not None
    if (mode, chosen) == (room.mode_of(name), room.sharing.is_chosen(name)):
        return None
    return Shared(room=room.name, name=name, mode=mode, chosen=chosen)


def _rooms_of(chat: Chat, name: str) -> Iterator[Room]:
    return (room for room in chat.rooms.values() if room.is_member(name))
