"""All that a server durably is: who may speak, and the rooms; and the one way in which it changes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chat_server.people import AnyPeopleRecord, People, PeopleRecord, PeopleState, Renamed
from chat_server.room import AnyRoomRecord, Opened, Room, RoomState

AnyRecord = AnyRoomRecord | AnyPeopleRecord


@dataclass(frozen=True, slots=True)
class ChatState:
    """A chat at one moment, for a snapshot: nothing in it changes when the chat goes on."""

    people: PeopleState
    rooms: Sequence[RoomState]


@dataclass(slots=True)
class Chat:
    """People and rooms in memory."""

    people: People = field(default_factory=People)
    rooms: dict[str, Room] = field(default_factory=dict)

    def apply(self, record: AnyRecord) -> None:
        """Change what the record says, live and in replay alike; an impossible one fails an assertion."""
        if isinstance(record, PeopleRecord):
            self.people.apply(record)
            if isinstance(record, Renamed):
                for room in self.rooms.values():
                    room.rename(record.name, record.to)
            return
        if record.room not in self.rooms:
            assert isinstance(record, Opened)
            self.rooms[record.room] = Room(record.room)
        self.rooms[record.room].apply(record)

    def freeze(self) -> ChatState:
        """The chat as it is now, at the cost of copying lists and arrays but no message."""
        return ChatState(self.people.freeze(), [room.freeze() for room in self.rooms.values()])

    @classmethod
    def thaw(cls, state: ChatState) -> "Chat":
        """The chat that a state was taken of, which is used up. A room that is there twice fails an assertion."""
        rooms = {each.name: Room.thaw(each) for each in state.rooms}
        assert len(rooms) == len(state.rooms)
        return cls(People.thaw(state.people), rooms)
