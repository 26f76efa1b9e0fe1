"""The widget on a screen: what it says is visible is what is painted, and only rows that changed are painted."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC

import pytest
from rich.cells import cell_len
from textual import on
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.events import MouseScrollDown, MouseScrollUp
from textual.filter import Monochrome
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Input

from chat_tui.model.view import ConversationView, Tick, TickState
from chat_tui.widgets.conversation import Conversation
from tests.chat_tui.conversations import marks, message, queued, varied, view_of

SIZES = [(40, 15), (80, 24), (200, 60)]


class Stage(App[None]):
    """A conversation above an input, and a record of what it says."""

    CSS = "#box { height: 1fr; }"

    def __init__(self, view: ConversationView, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.view = view
        self.ascii_only = ascii_only
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Conversation(ascii_only=self.ascii_only, zone=UTC)
        yield Input(id="input", compact=True)

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.query_one(Conversation).show(self.view)

    @on(Conversation.Visible)
    @on(Conversation.NearStart)
    @on(Conversation.NearEnd)
    @on(Conversation.EndAsked)
    @on(Conversation.InfoAsked)
    @on(Conversation.FollowChanged)
    def keep(self, event: Message) -> None:
        self.said.append(event)

    def all_said(self, kind: type[Message]) -> int:
        return sum(isinstance(event, kind) for event in self.said)

    @property
    def told(self) -> frozenset[int]:
        """What was last said to be visible."""
        said = [event for event in self.said if isinstance(event, Conversation.Visible)]
        return said[-1].ids if said else frozenset()

    def painted(self) -> list[str]:
        """The whole screen's lines, as they are painted."""
        return [strip.text for strip in self.screen._compositor.render_strips()]


@asynccontextmanager
async def staged(
    view: ConversationView, size: tuple[int, int] = (80, 24), *, ascii_only: bool = False
) -> AsyncIterator[tuple[Stage, Conversation, Pilot[None]]]:
    app = Stage(view, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, app.query_one(Conversation), pilot


async def settled(pilot: Pilot[None]) -> None:
    """A change of layout takes a turn of the screen's, and saying what has come of it another."""
    await pilot.pause()
    await pilot.pause()


def assert_visible_is_what_is_painted(app: Stage, conversation: Conversation) -> None:
    painted = marks(app.painted())
    assert conversation.visible_ids() == painted
    assert app.told == painted


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(2))
async def test_visible_is_what_is_painted(size: tuple[int, int], seed: int) -> None:
    dice = random.Random(seed)
    first, last = 100, 160
    async with staged(view_of(first, last), size) as (app, conversation, pilot):
        assert_visible_is_what_is_painted(app, conversation)
        for _ in range(25):
            match dice.randrange(9):
                case 0:
                    first -= dice.randrange(20)
                    conversation.show(view_of(first, last, at_start=False))
                case 1:
                    first = min(first + dice.randrange(20), last - 30)
                    conversation.show(view_of(first, last, at_start=False))
                case 2:
                    last += dice.randrange(9)
                    conversation.show(view_of(first, last))
                case 3:
                    await pilot.resize_terminal(dice.randrange(36, 160), dice.randrange(3, 50))
                case 4:
                    getattr(conversation, f"action_{dice.choice(['page_up', 'page_down', 'home', 'end'])}")()
                case 5:
                    conversation.show_from(dice.randrange(first, last))
                case 6:
                    conversation.display = not conversation.display
                case 7:
                    app.query_one("#box").display = not app.query_one("#box").display
                case _:
                    conversation.viewport.scroll_by(dice.randrange(-30, 30))
                    conversation.redraw()
            await settled(pilot)
            assert_visible_is_what_is_painted(app, conversation)


async def test_hidden_means_nothing_is_visible() -> None:
    async with staged(view_of(1, 80)) as (app, conversation, pilot):
        for attribute in ("display", "visible"):
            setattr(conversation, attribute, False)
            await settled(pilot)
            assert app.told == frozenset()
            assert conversation.visible_ids() == frozenset()
            setattr(conversation, attribute, True)
            await settled(pilot)
            assert app.told
            assert_visible_is_what_is_painted(app, conversation)
    assert conversation.visible_ids() == frozenset()


async def test_rows_cut_off_by_a_container_are_not_visible() -> None:
    async with staged(view_of(1, 80)) as (app, conversation, pilot):
        conversation.styles.height = 40
        await settled(pilot)
        assert conversation.size.height == 40
        assert_visible_is_what_is_painted(app, conversation)
        conversation.styles.border = ("round", "red")
        conversation.styles.padding = 1
        for height in (40, "1fr"):
            conversation.styles.height = height
            for _ in range(6):
                conversation.action_page_up()
                await settled(pilot)
                assert_visible_is_what_is_painted(app, conversation)


async def test_a_resize_and_back_leaves_no_trace() -> None:
    async with staged(view_of(1, 80)) as (app, conversation, pilot):
        conversation.viewport.scroll_by(-5)
        conversation.redraw()
        await settled(pilot)
        before = app.painted()
        for width, height in ((40, 60), (200, 20), (80, 50), (80, 24)):
            await pilot.resize_terminal(width, height)
            await settled(pilot)
        assert app.painted() == before


async def test_a_tall_message_is_visible_once_its_end_is() -> None:
    tall = message(1, lines=100)
    async with staged(ConversationView("r", (tall, *(message(n) for n in range(2, 40))))) as (
        app,
        conversation,
        pilot,
    ):
        conversation.action_home()
        await pilot.pause()
        assert app.told == frozenset()
        for _ in range(4):
            conversation.action_page_down()
            await pilot.pause()
            assert_visible_is_what_is_painted(app, conversation)
        assert 1 in app.told


async def test_visible_names_the_room_and_ones_own() -> None:
    async with staged(view_of(1, 8)) as (app, conversation, pilot):
        conversation.show(view_of(1, 8, room="other"))
        await pilot.pause()
        said = [event for event in app.said if isinstance(event, Conversation.Visible)]
        assert [event.room for event in said] == ["room", "other"]
        assert said[-1].own == {4, 8} & said[-1].ids


async def test_it_follows_the_end_and_stays_elsewhere() -> None:
    async with staged(view_of(1, 80)) as (app, conversation, pilot):
        conversation.show(view_of(1, 85))
        await pilot.pause()
        assert 85 in app.told
        conversation.action_page_up()
        await pilot.pause()
        before = app.painted()[:-1]
        conversation.show(view_of(1, 90))
        await pilot.pause()
        assert [line[:-1] for line in app.painted()[:-1]] == [line[:-1] for line in before]
        assert not conversation.following
        below = conversation.below
        assert below >= 5
        said = [event for event in app.said if isinstance(event, Conversation.FollowChanged)][-1]
        assert (said.following, said.below) == (False, below)
        conversation.jump_to_end()
        await pilot.pause()
        assert 90 in app.told
        assert conversation.below == 0
        assert app.all_said(Conversation.EndAsked) == 0


async def test_it_asks_for_more_once_per_edge() -> None:
    async with staged(view_of(100, 200, at_start=False, at_end=False)) as (app, conversation, pilot):
        assert app.all_said(Conversation.NearEnd) == 1
        conversation.action_home()
        for _ in range(3):
            await pilot.pause()
            conversation.action_cursor_down()
        assert app.all_said(Conversation.NearStart) == 1
        conversation.show(view_of(60, 200, at_start=False, at_end=False))
        await pilot.pause()
        assert app.all_said(Conversation.NearStart) == 1
        conversation.action_home()
        await pilot.pause()
        assert app.all_said(Conversation.NearStart) == 2
        assert app.all_said(Conversation.NearEnd) == 1
        conversation.action_end()
        await pilot.pause()
        assert app.all_said(Conversation.NearEnd) == 2
        assert app.all_said(Conversation.EndAsked) == 1
        conversation.show(view_of(60, 300))
        await pilot.pause()
        assert 300 in app.told


async def test_only_rows_that_changed_are_painted() -> None:
    async with staged(view_of(1, 80)) as (_, conversation, pilot):
        height = conversation.size.height
        shadow = lines_of(conversation)
        painted = 0
        refresh = conversation.refresh

        def recording(*regions: Region, **rest: bool) -> Conversation:
            nonlocal painted
            fresh = lines_of(conversation)
            for region in regions or (Region(0, 0, 80, height),):
                painted += region.height
                shadow[region.y : region.bottom] = fresh[region.y : region.bottom]
            return refresh(*regions, **rest)

        conversation.refresh = recording  # type: ignore[method-assign]
        view = view_of(1, 80)
        for number in range(60, 80):
            ticked = replace(view.messages[number], tick=Tick(TickState.READ, number, 99))
            view = replace(view, messages=(*view.messages[:number], ticked, *view.messages[number + 1 :]))
            painted = 0
            conversation.show(view)
            assert shadow == lines_of(conversation)
            assert painted <= 20
        conversation.show(view)
        assert painted <= 20
        for step in range(30):
            conversation.viewport.scroll_by(step - 20)
            conversation.redraw()
            assert shadow == lines_of(conversation)
        conversation.focus()
        for _ in range(5):
            await pilot.pause()
            conversation.action_cursor_up()
            assert shadow == lines_of(conversation)


def lines_of(conversation: Conversation) -> list[Strip]:
    return [conversation.render_line(y) for y in range(conversation.size.height)]


def motley() -> ConversationView:
    """One of everything."""
    ticks = [*(Tick(state, 12, 40) for state in TickState), Tick(TickState.READ, 120, 4000)]
    own = [
        replace(
            message(number, own=True), tick=tick, reason="Not allowed." if tick.state is TickState.REFUSED else ""
        )
        for number, tick in enumerate(ticks, 20)
    ]
    texts = [
        "[bold]x[/bold] [/x] [@click=app.bell]bell[/] \\[b]",
        "漢字" * 90,
        "👍" * 70 + " e\u0301" * 40,
        "x" * 300,
        "",
        "\x1b]52;c;aGk=\x07\x1b[2J\u202eabc",
    ]
    others = [replace(message(number), text=text) for number, text in enumerate(texts, 1)]
    named = replace(message(19), sender="漢字" * 60)
    return ConversationView("r", (*others, named, *own, queued(40, "n")), new_before=3)


@pytest.mark.parametrize("size", [*SIZES, (12, 5), (3, 3), (1, 1)])
@pytest.mark.parametrize("ascii_only", [False, True])
async def test_every_strip_is_as_wide_as_the_widget(size: tuple[int, int], ascii_only: bool) -> None:  # noqa: FBT001
    async with staged(motley(), size, ascii_only=ascii_only) as (_, conversation, _pilot):
        conversation.focus()
        for top in range(conversation.viewport.rows.height):
            conversation.viewport.scroll_to(top)
            conversation.redraw()
            for strip in conversation.render_lines(conversation.size.region):
                assert cell_len(strip.text) == strip.cell_length == size[0]
                assert strip.text.isprintable()


async def test_markup_is_text() -> None:
    async with staged(motley(), (200, 60)) as (app, _, _pilot):
        assert any("[bold]x[/bold] [/x] [@click=app.bell]bell[/] \\[b]" in line for line in app.painted())


ASCII_VIEW = ConversationView(
    "r",
    (
        replace(message(1), text="hello", sender="ada"),
        replace(message(2), text="two", sender="ada"),
        replace(message(3, own=True), text="three", tick=Tick(TickState.READ_BY_ALL, 4, 4)),
        replace(message(4, own=True), text="four", tick=Tick(TickState.REFUSED), reason="No."),
    ),
    new_before=3,
)


async def test_how_it_looks_in_ascii() -> None:
    async with staged(ASCII_VIEW, (64, 15), ascii_only=True) as (app, conversation, pilot):
        conversation.focus()
        await pilot.pause()
        painted = app.painted()
        assert all(line.isascii() for line in painted)
        assert [line.rstrip() for line in painted[4:14]] == [
            "              ---- Tuesday 24 November 2026 ----",
            "    12:01 ada",
            "          hello",
            "        - two",
            "",
            " --------------------- new since you left --------------------",
            "    12:03 me",
            "   VV 4/4 three",
            ">       ! four",
            ">         No.",
        ]


async def test_how_it_looks_on_a_narrow_screen() -> None:
    async with staged(ASCII_VIEW, (40, 15)) as (app, _, _pilot):
        assert [line.rstrip() for line in app.painted()[4:14]] == [
            "  ──── Tuesday 24 November 2026 ────",
            "    ada  12:01",
            "    hello",
            "  · two",
            "",
            " ───────── new since you left ────────",
            "    me  12:03",
            " ✓✓ three",
            "  ! four",
            "    No.",
        ]


async def test_monochrome_tells_all_states_apart() -> None:
    async with staged(motley(), (80, 40), ascii_only=True) as (app, conversation, _pilot):
        app._filters.append(Monochrome())
        strips = conversation.render_lines(conversation.size.region)
        for strip in strips:
            for segment in strip:
                assert segment.style is not None
                for colour in (segment.style.color, segment.style.bgcolor):
                    assert colour is not None
                    assert colour.triplet is not None
                    assert len(set(colour.triplet)) == 1
        glyphs = {strip.text[1:9].strip() for strip in strips if strip.text[1:9].strip(" -:0123456789")}
        assert {".", "v", "vv 12/40", "VV 12/40", "!", "vv 120"} <= glyphs


async def test_mouse() -> None:
    async with staged(view_of(1, 80)) as (app, conversation, pilot):
        top = conversation.viewport.top
        wheel = {"up": MouseScrollUp, "down": MouseScrollDown}
        for scroll, moved in (("up", -3), ("up", -6), ("down", -3)):
            await pilot._post_mouse_events([wheel[scroll]], conversation, offset=(5, 5))
            assert conversation.viewport.top == top + moved
        y, line = next((y, line) for y, line in enumerate(app.painted()) if marks([line]))
        (number,) = marks([line])
        await pilot.click(conversation, offset=(20, y))
        assert conversation.current is not None
        assert conversation.current.id == number
        assert conversation.has_focus
        await pilot.click(conversation, offset=(20, y), times=2)
        assert [event.message_id for event in app.said if isinstance(event, Conversation.InfoAsked)] == [number]


async def test_a_click_beside_all_messages_selects_nothing() -> None:
    async with staged(view_of(1, 2)) as (app, conversation, pilot):
        conversation.styles.padding = (0, 0, 2, 0)
        await settled(pilot)
        for y in (0, 22):
            await pilot.click(conversation, offset=(20, y), times=2)
        assert conversation.current == varied(2)
        assert app.all_said(Conversation.InfoAsked) == 0
        conversation.reveal("nobody")
        assert conversation.current == varied(2)


async def test_a_part_is_cut_from_the_whole() -> None:
    async with staged(view_of(1, 80)) as (_, conversation, _pilot):
        whole = conversation.render_lines(conversation.size.region)
        part = conversation.render_lines(Region(5, 3, 20, 4))
        assert [strip.text for strip in part] == [strip.text[5:25] for strip in whole[3:7]]
        assert conversation.render_line(99).text == " " * 80


async def test_the_cursor_is_marked_while_focused() -> None:
    async with staged(view_of(1, 80)) as (app, conversation, pilot):
        assert not any("▌" in line for line in app.painted())
        conversation.focus()
        await pilot.pause()
        assert conversation.current is not None
        assert conversation.current.id == 80
        (current,) = [strip for strip in lines_of(conversation) if strip.text.startswith("▌")]
        tints = {segment.style.bgcolor for segment in current if segment.style}
        others = {segment.style.bgcolor for segment in conversation.render_line(0) if segment.style}
        assert len(tints) == 1
        assert not tints & others
        conversation.reveal("20")
        await pilot.pause()
        assert 20 in app.told
        assert conversation.current.id == 20
        app.query_one(Input).focus()
        await pilot.pause()
        assert not any("▌" in line for line in app.painted())


async def test_a_theme_and_glyphs_can_change() -> None:
    async with staged(view_of(1, 80)) as (app, conversation, pilot):
        before = conversation.render_line(0)
        app.theme = "textual-light"
        await pilot.pause()
        after = conversation.render_line(0)
        assert (before.text, before == after) == (after.text, False)
        conversation.ascii_only = True
        await pilot.pause()
        assert all(line.isascii() for line in app.painted())


async def test_others_may_scroll_by_textuals_means() -> None:
    async with staged(view_of(1, 80)) as (app, conversation, pilot):
        assert conversation.max_scroll_y == conversation.viewport.lowest_top
        conversation.scroll_y = 10
        await pilot.pause()
        assert conversation.viewport.top == 10
        assert_visible_is_what_is_painted(app, conversation)


@pytest.mark.parametrize(("loading", "text"), [(True, "Loading messages"), (False, "No messages yet. Write the")])
async def test_notices(loading: bool, text: str) -> None:  # noqa: FBT001
    async with staged(ConversationView("r", loading=loading), (40, 15)) as (app, conversation, pilot):
        assert any(text in line for line in app.painted())
        conversation.focus()
        await pilot.pause()
        for action in ("cursor_up", "cursor_down", "page_up", "page_down", "home", "end"):
            getattr(conversation, f"action_{action}")()
        conversation.show(view_of(1, 30))
        await pilot.pause()
        assert conversation.current == varied(30)
        assert_visible_is_what_is_painted(app, conversation)
