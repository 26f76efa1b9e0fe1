"""The sidebar as it is drawn: what has room, what is cut, and what a click on it means."""

from textual.app import App, ComposeResult

from chat_tui.model.sidebar import PersonView, RoomsView, RoomView
from chat_tui.widgets.sidebar import Sidebar


def line(
    name: str,
    *,
    unread: int = 0,
    mentions: int = 0,
    current: bool = False,
    draft: bool = False,
    direct: bool = False,
) -> RoomView:
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
        direct=direct,
        there=direct and unread > 0,
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

    def on_sidebar_person_picked(self, event: Sidebar.PersonPicked) -> None:
        self.picked.append(f"@{event.name}")

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


async def test_conversations_of_two_have_a_part_of_their_own_and_people_are_clicked_too() -> None:
    rooms = (line("tea"), line("ann", direct=True, unread=3, current=True), line("bob", direct=True, draft=True))
    people = (PersonView("cid", online=True, key="cid"), PersonView("dan", online=False, key="dan"))
    app = Stage(RoomsView(rooms, people))
    async with app.run_test(size=(20, 14)) as pilot:
        assert app.rows == [
            "Rooms",
            " #tea",
            "",
            "Direct",
            ">* ann             3",
            " o bob ...",
            "",
            "People",
            " * cid",
            " o dan",
        ]
        for at in range(len(app.rows) + 1):
            await pilot.click(Sidebar, offset=(3, at))
        assert app.picked == ["tea", "ann", "bob", "@cid", "@dan"]


async def test_many_of_each_share_the_height() -> None:
    rooms = tuple(line(f"room-{at}") for at in range(100))
    directs = tuple(line(f"person-{at}", direct=True, current=at == 70) for at in range(100))
    people = tuple(PersonView(f"member-{at}", online=True) for at in range(100))
    app = Stage(RoomsView((*rooms, *directs), people))
    async with app.run_test(size=(20, 24)) as pilot:
        assert app.rows.index("Direct") == 9
        assert app.rows.index("People") == 17
        assert ">o person-70" in app.rows
        await pilot.resize_terminal(20, 6)
        assert len(app.rows) == 6
        assert app.rows[:2] == ["Rooms", " #room-0"]


async def test_of_too_many_people_it_is_said_how_many_more_there_are_and_a_click_there_shows_all() -> None:
    people = tuple(PersonView(f"p{number}", online=True) for number in range(30))
    stage = Stage(RoomsView((line("tea", current=True),), people))
    asked: list[object] = []
    async with stage.run_test(size=(40, 10), message_hook=asked.append) as pilot:
        await pilot.pause()
        assert stage.rows[-3:] == [" * p3", " * p4", " and 25 more"]
        await pilot.click(Sidebar, offset=(3, 9))
        assert any(isinstance(each, Sidebar.MembersAsked) for each in asked)
