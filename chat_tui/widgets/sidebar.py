"""The rooms one is in and who is in the shown one, at the left of the conversation."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from chat_tui.model.sidebar import PersonView, RoomsView, RoomView


@dataclass(frozen=True, slots=True)
class _Line:
    content: Content
    key: str = ""
    """The room that a click on it turns to."""
    person: str = ""
    """Whom a click on it goes to."""
    is_members: bool = False
    """A click on it shows all members."""


class Sidebar(Widget):
    """Draws a `RoomsView`; a click turns to a room or a person."""

    rooms: reactive[RoomsView] = reactive(RoomsView())

    class Picked(Message):
        """A room was clicked."""

        def __init__(self, room: str) -> None:
            super().__init__()
            self.room = room

    class PersonPicked(Message):
        """A person was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class MembersAsked(Message):
        """The heading of the people was clicked."""

    def __init__(self, *, ascii_only: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        """Know of no rooms yet."""
        super().__init__(id=id)
        self._ascii_only = ascii_only

    def render(self) -> Content:
        """As many lines as there is room for."""
        return Content("\n").join(line.content for line in self._lines())

    def on_click(self, event: events.Click) -> None:
        """Turn to the room or the person under the mouse."""
        offset = event.get_content_offset(self)
        lines = self._lines()
        line = lines[offset.y] if offset is not None and offset.y < len(lines) else _Line(Content(""))
        if line.key:
            self.post_message(self.Picked(line.key))
        elif line.person:
            self.post_message(self.PersonPicked(line.person))
        elif line.is_members:
            self.post_message(self.MembersAsked())

    def _lines(self) -> list[_Line]:
        """The rooms, below them conversations of two, and people, who get at least a third of the height."""
        height, width = self.content_size.height, self.content_size.width
        people = [_Line(self._person(each, width), person=each.key) for each in self.rooms.people]
        for_people = min(len(people) + 2, height // 3)
        above = self._above(width, height - for_people)
        shown = _fitting(people, height - len(above) - 2)
        return [*above, _Line(Content("")), _Line(_heading("People"), is_members=True), *shown][:height]

    def _above(self, width: int, height: int) -> list[_Line]:
        """The rooms, and the conversations of two, which get half of the height where there are too many rooms."""
        rooms = [each for each in self.rooms.rooms if not each.direct]
        directs = [each for each in self.rooms.rooms if each.direct]
        if not directs:
            return [_Line(_heading("Rooms")), *self._rooms(rooms, width, max(height - 1, 1))]
        for_directs = min(len(directs) + 2, max(height // 2, height - len(rooms) - 1))
        return [
            _Line(_heading("Rooms")),
            *self._rooms(rooms, width, max(height - for_directs - 1, 1)),
            _Line(Content("")),
            _Line(_heading("Direct")),
            *self._rooms(directs, width, max(for_directs - 2, 1)),
        ]

    def _rooms(self, rooms: Sequence[RoomView], width: int, count: int) -> list[_Line]:
        """At most `count` of the rooms, the shown one among them if it is one of them."""
        at = next((at for at, each in enumerate(rooms) if each.current), 0)
        first = max(min(at - count // 2, len(rooms) - count), 0)
        return [_Line(self._room(each, width), each.key) for each in rooms[first : first + count]]

    def _room(self, room: RoomView, width: int) -> Content:
        mark = ">" if room.current else " "
        count = f"@{room.mentions}" if room.mentions else str(room.unread) if room.unread else ""
        draft = " ..." if room.draft and not room.current else ""
        before = Content.assemble(mark, self._dot(there=room.there)) if room.direct else Content(f"{mark}#")
        name = self._cut(f"{room.name}{draft}", width - before.cell_length - len(count) - 1)
        style = "bold" if room.current or count else "$text-muted" if room.silenced else ""
        left = Content.assemble(before, name)
        gap = " " * max(width - left.cell_length - len(count), 1)
        return Content.assemble(left.stylize(style) if style else left, gap, (count, "bold $text-accent"))

    def _person(self, person: PersonView, width: int) -> Content:
        return Content.assemble(" ", self._dot(there=person.online), self._cut(person.name, width - 3))

    def _dot(self, *, there: bool) -> tuple[str, str]:
        full, hollow = ("*", "o") if self._ascii_only else ("●", "○")
        return (f"{full} ", "$text-success") if there else (f"{hollow} ", "$text-muted")

    def _cut(self, text: str, width: int) -> Content:
        return Content(text).truncate(max(width, 1), ellipsis=not self._ascii_only)


def _fitting(people: list[_Line], count: int) -> list[_Line]:
    """At most `count` lines: where that is not everybody, the last one says how many more there are."""
    if len(people) <= count or count < 1:
        return people
    more = Content.styled(f" and {len(people) - count + 1} more", "$text-muted")
    return [*people[: count - 1], _Line(more, is_members=True)]


def _heading(text: str) -> Content:
    return Content.styled(text, "bold $text-muted")
