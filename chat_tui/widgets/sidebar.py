"""The rooms one is in and who is in the shown one, at the left of the conversation."""

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


class Sidebar(Widget):
    """Draws a `RoomsView`; a click turns to a room."""

    rooms: reactive[RoomsView] = reactive(RoomsView())

    class Picked(Message):
        """A room was clicked."""

        def __init__(self, room: str) -> None:
            super().__init__()
            self.room = room

    def __init__(self, *, ascii_only: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        """Know of no rooms yet."""
        super().__init__(id=id)
        self._ascii_only = ascii_only

    def render(self) -> Content:
        """As many lines as there is room for."""
        return Content("\n").join(line.content for line in self._lines())

    def on_click(self, event: events.Click) -> None:
        """Turn to the room under the mouse."""
        offset = event.get_content_offset(self)
        lines = self._lines()
        if offset is not None and offset.y < len(lines) and lines[offset.y].key:
            self.post_message(self.Picked(lines[offset.y].key))

    def _lines(self) -> list[_Line]:
        """The rooms, and below them people, who get at least a third of the height."""
        height, width = self.content_size.height, self.content_size.width
        people = [_Line(self._person(each, width)) for each in self.rooms.people]
        for_people = min(len(people) + 2, height // 3)
        lines = [_Line(_heading("Rooms")), *self._rooms(width, max(height - for_people - 1, 1))]
        return [*lines, _Line(Content("")), _Line(_heading("People")), *people][:height]

    def _rooms(self, width: int, count: int) -> list[_Line]:
        """At most `count` of the rooms, the shown one among them."""
        rooms = self.rooms.rooms
        at = next((at for at, each in enumerate(rooms) if each.current), 0)
        first = max(min(at - count // 2, len(rooms) - count), 0)
        return [_Line(self._room(each, width), each.key) for each in rooms[first : first + count]]

    def _room(self, room: RoomView, width: int) -> Content:
        mark = ">" if room.current else " "
        count = f"@{room.mentions}" if room.mentions else str(room.unread) if room.unread else ""
        draft = " ..." if room.draft and not room.current else ""
        name = self._cut(f"{mark}#{room.name}{draft}", width - len(count) - 1)
        style = "bold" if room.current or count else "$text-muted" if room.silenced else ""
        gap = " " * max(width - name.cell_length - len(count), 1)
        return Content.assemble(name.stylize(style) if style else name, gap, (count, "bold $text-accent"))

    def _person(self, person: PersonView, width: int) -> Content:
        full, hollow = ("*", "o") if self._ascii_only else ("●", "○")
        dot = (f" {full} ", "$text-success") if person.online else (f" {hollow} ", "$text-muted")
        return Content.assemble(dot, self._cut(person.name, width - 3))

    def _cut(self, text: str, width: int) -> Content:
        return Content(text).truncate(max(width, 1), ellipsis=not self._ascii_only)


def _heading(text: str) -> Content:
    return Content.styled(text, "bold $text-muted")
