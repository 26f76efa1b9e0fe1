"""One room: what it is, who has read what of it, and the records that change it. Pure."""

from chat_server.membership import Sanction, Span
from chat_server.records import (
    Acknowledged,
    Advanced,
    AnyRoomRecord,
    Barred,
    Deleted,
    Departed,
    Edited,
    Entered,
    Entry,
    Muted,
    Opened,
    Passed,
    Pinned,
    Posted,
    Reacted,
    Record,
    Retitled,
    Shared,
    Unbarred,
    Unmuted,
    Unpinned,
)
from chat_server.room.audience import HORIZON_SCAN_MAX, Tally
from chat_server.room.room import Room
from chat_server.room.state import RoomState

__all__ = [
    "HORIZON_SCAN_MAX",
    "Acknowledged",
    "Advanced",
    "AnyRoomRecord",
    "Barred",
    "Deleted",
    "Departed",
    "Edited",
    "Entered",
    "Entry",
    "Muted",
    "Opened",
    "Passed",
    "Pinned",
    "Posted",
    "Reacted",
    "Record",
    "Retitled",
    "Room",
    "RoomState",
    "Sanction",
    "Shared",
    "Span",
    "Tally",
    "Unbarred",
    "Unmuted",
    "Unpinned",
]
