"""A chat while it is used: what it durably is, who is connected, and whether anything new can be kept. Pure."""

from collections.abc import Iterable, Iterator

from chat_server.chat import AnyRecord, Chat
from chat_server.effects import Append, Send
from chat_server.listeners import Listeners
from chat_server.protocol import AnyFrame
from chat_server.room import Room
from chat_server.roster import Roster


class Live:
    """What all parts of a hub share."""

    def __init__(self, chat: Chat, roster: Roster) -> None:
        """Take the chat, and who is connected."""
        self.chat = chat
        self.roster = roster
        self.listeners = Listeners(roster)
        self.full = False
        """Whether what would have to be put on disk is refused."""

    @property
    def rooms(self) -> dict[str, Room]:
        """All rooms, by name."""
        return self.chat.rooms

    @property
    def ordinary(self) -> Iterator[Room]:
        """The rooms that anybody may know of: all but those of two."""
        return (each for each in self.rooms.values() if not each.direct)

    def owned(self, name: str) -> int:
        """How many rooms are this one's."""
        return sum(each.owner == name for each in self.rooms.values())

    def append(self, record: AnyRecord) -> Append:
        """Change the chat, and have that put on disk."""
        self.chat.apply(record)
        return Append(record)

    def is_member(self, room: str, name: str) -> bool:
        """Whether there is such a room, and the name is in it."""
        return room in self.rooms and self.rooms[room].is_member(name)

    def send_to(self, names: Iterable[str], frame: AnyFrame) -> Send:
        """Tell all connections of these people."""
        return Send(self.roster.connections(names), frame)


def others(room: Room, name: str) -> list[str]:
    """All members but one."""
    return [each for each in room.members if each != name]
