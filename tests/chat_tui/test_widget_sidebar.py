"""The sidebar as it is drawn: what has room, what is cut, and what a click on it means."""

from textual.app import App, ComposeResult

from chat_tui.model.sidebar import PersonView, RoomsView, RoomView
from chat_tui.widgets.sidebar import Sidebar


def line(name: str, *, unread: int = 0, mentions: int = 0, current: bool = False, draft: bool = False) -> RoomView:
    return RoomView(
        key=name,
        name=name,
        title=name,
        unread=unread,
        mentions=mentions,
        online=1,
        members=2,
        silenced=False,
        current=current,
        draft=draft,
    )


class Stage(App[None]):
    """Nothing but a sidebar."""

    def __init__(self, rooms: RoomsView) -> None:
        super().__init__()
        self.sidebar = Sidebar(ascii_only=True)
        self.sidebar.styles.width = 20
        self.sidebar.rooms = rooms
        self.picked: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.sidebar

    def on_sidebar_picked(self, event: Sidebar.Picked) -> None:
        self.picked.append(event.room)

    @property
    def rows(self) -> list[str]:
        return [row.rstrip() for row in self.sidebar.render().plain.split("\n")]


async def test_counts_stand_at_the_right_and_names_give_way() -> None:
    rooms = (line("[/x]", unread=12), line("a-name-that-is-too-long", mentions=1), line("tea", draft=True))
    people = (PersonView("ann", online=True), PersonView("bob", online=False))
    app = Stage(RoomsView(rooms, people))
    async with app.run_test(size=(20, 12)):
        assert app.rows == [
            "Rooms",
            " #[/x]            12",
            " #a-name-that-is- @1",
            " #tea ...",
            "",
            "People",
            " * ann",
            " o bob",
        ]


async def test_the_shown_room_is_in_sight_however_many_there_are_and_people_have_their_place() -> None:
    rooms = tuple(line(f"room-{at}", current=at == 70) for at in range(100))
    people = tuple(PersonView(f"person-{at}", online=True) for at in range(100))
    app = Stage(RoomsView(rooms, people))
    async with app.run_test(size=(20, 12)) as pilot:
        assert ">#room-70" in app.rows
        assert " * person-0" in app.rows
        assert len(app.rows) == 12
        for at, row in enumerate(app.rows):
            await pilot.click(Sidebar, offset=(3, at))
            picked = app.picked.pop() if app.picked else ""
            assert picked == (row.strip(" >").removeprefix("#") if "#" in row else "")
