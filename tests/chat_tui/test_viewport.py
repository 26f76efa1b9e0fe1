"""What is on screen stays where it is, whatever happens around it, unless the end is followed."""

from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.model.view import Aim, ConversationView, Tick, TickState
from chat_tui.widgets.cursor import move_cursor, settle_cursor, turn_page
from chat_tui.widgets.layout import RowKind
from chat_tui.widgets.viewport import Viewport
from tests.chat_tui.conversations import message, queued, varied, view_of


def opened(view: ConversationView, width: int = 80, height: int = 24) -> Viewport:
    viewport = Viewport(UTC)
    viewport.resize(width, height)
    viewport.show(view)
    return viewport


def bodies(viewport: Viewport) -> dict[str, int]:
    """Where on screen each message begins whose first body row is there."""
    frame = viewport.frame(with_cursor=False)
    return {cell.row.message.key: y for y, cell in enumerate(frame) if cell.row.is_first and cell.row.message}


def texts(viewport: Viewport) -> list[tuple[RowKind, str]]:
    return [(cell.row.kind, cell.row.text) for cell in viewport.frame(with_cursor=False)]


class Room:
    """A window over an endless room, changed by the steps of a test."""

    def __init__(self) -> None:
        self.first, self.last = 500, 560
        self.ticks = 0
        self.deleted = 0
        self.waiting: tuple[int, ...] = ()
        self.made = {number: varied(number) for number in range(self.first, self.last + 1)}

    def view(self) -> ConversationView:
        numbers = range(self.first, self.last + 1)
        messages = [self.made.setdefault(number, varied(number)) for number in numbers]
        messages += [queued(number, f"nonce{number}") for number in self.waiting]
        return ConversationView("room", tuple(messages), at_start=False, at_end=True)

    def step(self, kind: str, amount: int) -> None:
        match kind:
            case "prepend":
                self.first -= amount
            case "trim":
                self.first = min(self.first + amount, self.last - 20)
            case "append":
                self.last += amount
                self.waiting = ()
            case "queue":
                self.waiting += (self.last + len(self.waiting) + 1,)
            case "acknowledge" if self.waiting:
                self.last, self.waiting = self.waiting[0], self.waiting[1:]
                self.made[self.last] = message(self.last, own=True)
            case "tick":
                self.ticks += 1
                number = self.first + amount % (self.last - self.first)
                ticked = replace(self.made[number], tick=Tick(TickState.READ, self.ticks, 99))
                self.made[number] = ticked
            case "delete":
                self.deleted = number = max(self.last - amount, self.first)
                self.made[number] = replace(self.made[number], text=f"removed end{number};", removed=True)
            case _:
                assert kind == "acknowledge"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["prepend", "trim", "append", "queue", "acknowledge", "tick", "delete", "scroll", "resize"]
        ),
        st.integers(1, 40),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 80), STEPS)
def test_what_is_read_does_not_move(back: int, steps: list[tuple[str, int]]) -> None:
    room = Room()
    viewport = opened(room.view())
    viewport.scroll_by(-back)
    for kind, amount in steps:
        if kind == "scroll":
            viewport.scroll_by(amount - 20)
            continue
        if kind == "resize":
            viewport.resize(40 + amount * 3, 5 + amount)
            continue
        before, top, followed = bodies(viewport), viewport.top, viewport.following
        top_id = next(row.message.id or 0 for row, *_ in viewport.frame(with_cursor=False) if row.message)
        at_end = top == viewport.lowest_top
        room.step(kind, amount)
        viewport.show(room.view())
        if followed or at_end:
            assert viewport.following
            assert viewport.top == viewport.lowest_top
            continue
        for key, y in before.items():
            # What is deleted on screen pulls up what is below it, and nothing else.
            pulled = kind == "delete" and key.isdigit() and top_id <= room.deleted < int(key)
            if key in viewport.rows.index and not pulled:
                should_be = viewport.rows.body(viewport.rows.index[key]) - y
                assert viewport.top == min(max(should_be, 0), viewport.lowest_top)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 200), st.lists(st.tuples(st.integers(1, 200), st.integers(1, 70)), max_size=8))
def test_resizes_leave_no_trace(back: int, sizes: list[tuple[int, int]]) -> None:
    viewport = opened(view_of(1, 80))
    viewport.scroll_by(-back)
    before = texts(viewport)
    for width, height in sizes:
        viewport.resize(width, height)
        assert len(viewport.frame(with_cursor=False)) == height
    viewport.resize(80, 24)
    assert texts(viewport) == before


def test_a_resize_keeps_the_top_row_within_a_long_message() -> None:
    words = " ".join(f"w{number}" for number in range(3000))
    viewport = opened(ConversationView("r", (replace(message(1), text=words), message(2))))
    viewport.scroll_to(100)
    word = viewport.frame(with_cursor=False)[0].row.text.split()[0]
    viewport.resize(50, 24)
    assert word in viewport.frame(with_cursor=False)[0].row.text.split()


def test_few_messages_stand_at_the_bottom() -> None:
    viewport = opened(ConversationView("r", (message(1), message(2))))
    assert [kind.name for kind, _ in texts(viewport)[-4:]] == ["DAY", "HEADER", "BODY", "BODY"]
    assert {kind for kind, _ in texts(viewport)[:-4]} == {RowKind.BLANK}
    viewport.scroll_by(-10)
    assert viewport.following


def test_a_room_opens_at_what_is_new() -> None:
    viewport = opened(view_of(1, 80, new_before=40))
    frame = texts(viewport)
    assert frame[6][0] is RowKind.NEW
    assert not viewport.following
    viewport.show(view_of(1, 81, new_before=40))
    assert texts(viewport) == frame
    assert opened(view_of(1, 80, new_before=79)).following
    assert opened(view_of(1, 80, new_before=99)).following
    assert opened(view_of(1, 80)).following


def test_a_room_opens_at_what_is_new_when_its_messages_come_later() -> None:
    viewport = opened(ConversationView("room", loading=True))
    assert ("Loading messages" in [text for _, text in texts(viewport)]) is True
    viewport.show(view_of(1, 80, new_before=40))
    assert texts(viewport)[6][0] is RowKind.NEW


def test_another_room_begins_anew() -> None:
    viewport = opened(view_of(1, 80))
    viewport.scroll_to(10)
    viewport.cursor = "5"
    viewport.show(view_of(1, 80, room="other"))
    assert viewport.following
    assert viewport.current is None


def test_a_wish_waits_for_its_message_and_scrolling_cancels_it() -> None:
    viewport = opened(view_of(50, 90))
    viewport.wish(20)
    assert viewport.following
    viewport.show(view_of(10, 90))
    assert "20" in bodies(viewport)
    viewport.wish(5)
    viewport.scroll_by(1)
    seen = texts(viewport)
    viewport.show(view_of(1, 90))
    assert texts(viewport) == seen


def test_the_cursor_goes_along_with_a_wish_where_there_is_one() -> None:
    viewport = opened(view_of(50, 90))
    settle_cursor(viewport)
    viewport.wish(20)
    assert viewport.cursor == "90"
    viewport.show(view_of(10, 90))
    assert viewport.cursor == "20"


def test_messages_replaced_by_others_are_shown_from_their_end() -> None:
    viewport = opened(view_of(50, 90))
    viewport.scroll_to(3)
    viewport.show(view_of(100, 150))
    assert viewport.top == viewport.lowest_top


def test_the_end_of_a_window_is_not_the_end_of_the_room() -> None:
    viewport = opened(view_of(1, 50, at_end=False, below=70))
    viewport.scroll_by(-1)
    viewport.scroll_by(1)
    assert not viewport.following
    seen = bodies(viewport)
    viewport.show(view_of(1, 80, at_end=False, below=40))
    assert bodies(viewport) == seen
    viewport.follow()
    viewport.show(view_of(1, 90))
    assert viewport.top == viewport.lowest_top


def test_what_is_appended_after_a_resize_moves_nothing() -> None:
    viewport = opened(view_of(1, 50, at_end=False))
    viewport.scroll_by(-10)
    viewport.resize(80, 40)
    assert viewport.top == viewport.lowest_top
    seen = bodies(viewport)
    viewport.show(view_of(1, 80, at_end=False))
    assert bodies(viewport) == seen


def test_who_sees_the_end_after_a_resize_follows_it() -> None:
    viewport = opened(view_of(1, 50))
    viewport.scroll_by(-10)
    viewport.resize(80, 40)
    viewport.show(view_of(1, 60))
    assert viewport.following
    assert viewport.top == viewport.lowest_top


def test_when_the_top_message_is_deleted_those_below_stay() -> None:
    view = view_of(1, 80)
    viewport = opened(view)
    viewport.scroll_to(viewport.rows.body(16) + 1)
    seen = bodies(viewport)
    assert "17" not in seen
    viewport.show(replace(view, messages=view.messages[:16] + view.messages[17:]))
    assert bodies(viewport).items() >= seen.items()


def test_below_counts_what_ends_below_the_screen() -> None:
    viewport = opened(view_of(1, 50, at_end=False, below=70))
    for top in range(viewport.lowest_top, -1, -1):
        viewport.scroll_to(top)
        hidden = [end for end in viewport.rows.ends if end > top + 24]
        assert viewport.below == len(hidden) + 70


def test_near_the_edges() -> None:
    viewport = opened(view_of(1, 80, at_start=False, at_end=False))
    lowest = viewport.lowest_top
    assert [top for top in range(lowest + 1) if is_near_start(viewport, top)] == list(range(24))
    assert [top for top in range(lowest + 1) if is_near_end(viewport, top)] == list(range(lowest - 23, lowest + 1))
    viewport.show(view_of(1, 80))
    assert not is_near_start(viewport, 0)
    assert not is_near_end(viewport, lowest)


def is_near_start(viewport: Viewport, top: int) -> bool:
    viewport.scroll_to(top)
    return viewport.is_near_start


def is_near_end(viewport: Viewport, top: int) -> bool:
    viewport.scroll_to(top)
    return viewport.is_near_end


@pytest.mark.parametrize("height", [3, 24])
@pytest.mark.parametrize("step", [-1, 1])
def test_the_cursor_passes_every_message_and_every_row(height: int, step: int) -> None:
    viewport = opened(view_of(1, 60), height=height)
    viewport.scroll_to(viewport.rows.height if step < 0 else 0)
    settle_cursor(viewport)
    if step > 0:
        viewport.cursor = "1"
    seen, rows = [viewport.cursor], set(range(viewport.top, viewport.bottom))
    while viewport.cursor != ("1" if step < 0 else "60"):
        move_cursor(viewport, step)
        rows |= set(range(viewport.top, viewport.bottom))
        if viewport.cursor != seen[-1]:
            seen.append(viewport.cursor)
        assert any(cell.is_current for cell in viewport.frame(with_cursor=True))
    assert seen == [str(number) for number in range(1, 61)][::step]
    for _ in range(4):
        move_cursor(viewport, step)
        rows |= set(range(viewport.top, viewport.bottom))
    assert viewport.cursor == seen[-1]
    assert rows >= set(range(3, viewport.rows.height))


def test_pages_lose_no_distance_and_take_the_cursor_along() -> None:
    viewport = opened(view_of(1, 200))
    settle_cursor(viewport)
    top = viewport.top
    for page in range(1, 6):
        turn_page(viewport, -1)
        assert viewport.top == top - 23 * page
        assert any(cell.is_current for cell in viewport.frame(with_cursor=True))
    for _ in range(40):
        turn_page(viewport, -1)
    assert (viewport.top, viewport.cursor) == (0, "1")
    for _ in range(40):
        turn_page(viewport, 1)
    assert (viewport.following, viewport.cursor) == (True, "200")


def test_a_cursor_out_of_sight_is_fetched_back() -> None:
    viewport = opened(view_of(1, 200))
    settle_cursor(viewport)
    viewport.scroll_by(-100)
    assert viewport.current is not None
    seen = bodies(viewport)
    move_cursor(viewport, -1)
    assert viewport.cursor in seen
    cursor = viewport.cursor
    settle_cursor(viewport)
    assert viewport.cursor == cursor


def test_a_cursor_goes_with_its_message_when_that_gets_its_id() -> None:
    waiting = view_of(1, 10)
    viewport = opened(replace(waiting, messages=(*waiting.messages, queued(11, "n1"), queued(12, "n2"))))
    viewport.cursor = "n1"
    sent = (*waiting.messages, message(11, own=True), queued(12, "n2"))
    viewport.show(replace(waiting, messages=sent))
    assert viewport.cursor == "11"
    viewport.show(waiting)
    assert viewport.current is None


def test_revealing() -> None:
    viewport = opened(view_of(1, 100))
    viewport.reveal("nobody")
    viewport.reveal("40")
    first = viewport.rows.first(39)
    assert viewport.top == first
    viewport.reveal("45")
    assert viewport.top == max(first, viewport.rows.ends[44] - 24)


def aimed(view: ConversationView, message_id: int | None, number: int = 1) -> ConversationView:
    return replace(view, aim=Aim(view.room, message_id, number))


def middle(viewport: Viewport, key: str) -> tuple[int, int]:
    """How many rows of the screen are above a message and below it."""
    number = viewport.rows.index[key]
    return viewport.rows.body(number) - viewport.top, viewport.bottom - viewport.rows.ends[number]


def test_what_is_aimed_at_is_in_the_middle_under_the_cursor_once() -> None:
    viewport = opened(view_of(1, 200))
    viewport.show(aimed(view_of(1, 200), 90))
    above, below = middle(viewport, "90")
    assert abs(above - below) <= 1
    assert (viewport.cursor, viewport.following) == ("90", False)
    viewport.scroll_by(-7)
    top = viewport.top
    viewport.show(aimed(view_of(1, 201), 90))
    assert viewport.top == top
    viewport.show(aimed(view_of(1, 201), 90, 2))
    assert middle(viewport, "90") == (above, below)


def test_what_is_taller_than_the_screen_is_shown_from_its_beginning() -> None:
    tall = ConversationView("room", tuple(message(each, lines=40) for each in range(1, 9)))
    viewport = opened(tall)
    viewport.show(aimed(tall, 4))
    assert middle(viewport, "4")[0] == 0


@pytest.mark.parametrize(("held", "grown"), [((100, 150), (50, 150)), ((50, 100), (50, 150))])
def test_what_is_at_the_window_s_edge_comes_to_the_middle_when_the_window_grows(
    held: tuple[int, int], grown: tuple[int, int]
) -> None:
    viewport = opened(view_of(*held, at_start=False, at_end=False))
    viewport.show(aimed(view_of(*held, at_start=False, at_end=False), 100))
    above, below = middle(viewport, "100")
    assert abs(above - below) > 1
    viewport.show(aimed(view_of(*grown, at_start=False, at_end=False), 100))
    above, below = middle(viewport, "100")
    assert abs(above - below) <= 1


def test_scrolling_ends_the_wait_for_the_middle_and_the_room_s_edges_need_none() -> None:
    viewport = opened(view_of(100, 150, at_start=False, at_end=False))
    viewport.show(aimed(view_of(100, 150, at_start=False, at_end=False), 100))
    viewport.scroll_by(1)
    before = bodies(viewport)
    viewport.show(aimed(view_of(50, 150, at_start=False, at_end=False), 100))
    assert bodies(viewport) == before
    viewport.show(aimed(view_of(50, 150, at_start=True, at_end=False), 50, 2))
    assert viewport.top == 0
    viewport.show(aimed(view_of(50, 160, at_start=True, at_end=True), 160, 3))
    assert viewport.following


def test_the_end_can_be_aimed_at_and_another_room_s_message_cannot() -> None:
    viewport = opened(view_of(1, 100))
    viewport.scroll_to(5)
    viewport.show(replace(view_of(1, 100), aim=Aim("tea", 50, 1)))
    assert (viewport.top, viewport.cursor) == (5, None)
    viewport.show(aimed(view_of(1, 100), None))
    assert viewport.following
    assert viewport.top == viewport.lowest_top


def test_a_room_that_opens_with_an_aim_opens_there_and_not_at_what_is_new() -> None:
    viewport = opened(view_of(1, 100))
    viewport.show(ConversationView("tea", loading=True))
    viewport.show(aimed(view_of(1, 100, room="tea", new_before=20), 60))
    assert viewport.cursor == "60"
    assert abs(middle(viewport, "60")[0] - middle(viewport, "60")[1]) <= 1


def test_the_thumb_shows_where_one_is() -> None:
    viewport = opened(view_of(1, 200))
    thumb = [cell.has_thumb for cell in viewport.frame(with_cursor=False)]
    assert thumb[-1]
    assert not thumb[0]
    viewport.scroll_to(0)
    assert viewport.frame(with_cursor=False)[0].has_thumb
    assert not any(cell.has_thumb for cell in opened(view_of(1, 2)).frame(with_cursor=False))


def test_nothing_is_laid_out_before_there_is_a_size() -> None:
    viewport = Viewport(UTC)
    viewport.show(view_of(1, 80, new_before=40))
    assert viewport.frame(with_cursor=True) == []
    settle_cursor(viewport)
    move_cursor(viewport, 1)
    viewport.resize(80, 24)
    assert texts(viewport)[6][0] is RowKind.NEW
