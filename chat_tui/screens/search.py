"""Searching: words, and the messages that have them, the newest first. What is shown here is not read."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from chat_server.protocol import QUERY_CHARS_MAX
from chat_tui.keys import Where
from chat_tui.model.searching import HitView, Progress, SearchView
from chat_tui.text.safetext import safe_line
from chat_tui.widgets.bindings import bindings

TYPED_S: Final = 0.3
"""After so long without another key what is typed is searched."""
NEAR_END: Final = 3
"""With fewer than so many below the chosen one more are asked for."""
OTHER_ROWS: Final = 7
"""The border, the words, how far it is searched on two rows at most, and two between them."""
HIT_ROWS: Final = 2
HIT: Final = "bold underline $text-accent"
_AT_MS_MAX: Final = 253_402_000_000_000
"""Some day in December 9999: later days have no name here."""


@dataclass(frozen=True, slots=True)
class Target:
    """The message to go to."""

    room: str
    message_id: int


class SearchScreen(ModalScreen[Target | None]):
    """Asks: a message that was found, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.CHOOSING, priority=True),
        *bindings(Where.SEARCHING),
        ("pageup", "page(-1)", "Page up"),
        ("pagedown", "page(1)", "Page down"),
    ]

    class Wanted(Message):
        """Messages with these words are wanted."""

        def __init__(self, query: str, room: str | None) -> None:
            super().__init__()
            self.query = query
            self.room = room
            """Only of this room; None for all rooms."""

    class MoreWanted(Message):
        """Somebody has come to the end of what was found."""

    def __init__(self, room: str, words: str, *, ascii_only: bool) -> None:
        """Look in a room at first, for these words or for none yet."""
        super().__init__()
        self._room = room
        self._words = Input(
            words,
            placeholder="Words, from:NAME, has:link",
            max_length=QUERY_CHARS_MAX,
            select_on_focus=False,
            compact=True,
        )
        self._found = OptionList(markup=False, compact=True)
        self._progress = Label("", markup=False)
        self._ascii_only = ascii_only
        self._everywhere = False
        self._typing: Timer | None = None
        self._hits: tuple[HitView, ...] = ()
        self._view = SearchView()

    def compose(self) -> ComposeResult:
        """Where one types, what is found, and how far that is all."""
        with Vertical(id="search"):
            yield self._words
            yield self._found
            yield self._progress

    def on_mount(self) -> None:
        """Say where is searched, and search what was given."""
        self._found.display = False
        self.watch(self._found, "scroll_y", self._scrolled, init=False)
        self._name_box()
        self._draw_progress()
        if self._words.value:
            self._search()

    def on_resize(self) -> None:
        """What is found has the rows that everything else leaves."""
        self._found.styles.max_height = self._rows

    @property
    def _rows(self) -> int:
        return max(self.size.height - OTHER_ROWS, HIT_ROWS)

    def show(self, view: SearchView) -> None:
        """Take what has been found by now."""
        if view == self._view:
            return
        options = self._found
        known = len(self._hits)
        if view.hits[:known] != self._hits:
            options.clear_options()
            known = 0
        options.add_options(Option(self._line(each)) for each in view.hits[known:])
        options.display = bool(view.hits)
        self._view, self._hits = view, view.hits
        if view.hits and options.highlighted is None:
            options.highlighted = 0
        self._draw_progress()
        self._want_more()

    # What is typed

    @on(Input.Changed)
    def _typed(self) -> None:
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(TYPED_S, self._search)

    @on(Input.Submitted)
    def _entered(self) -> None:
        """Search at once, or go where is chosen what was found with these words."""
        if self._typing is not None:
            self._search()
        else:
            self._pick()

    def _search(self) -> None:
        if self._typing is not None:
            self._typing.stop()
            self._typing = None
        self.post_message(self.Wanted(self._words.value, None if self._everywhere else self._room))

    def action_widen(self) -> None:
        """Search in all rooms, or in this one again."""
        self._everywhere = not self._everywhere
        self._name_box()
        self.show(SearchView())  # the same messages are other lines now
        self._search()

    # What is found

    @on(OptionList.OptionSelected)
    def _pick(self) -> None:
        at = self._found.highlighted
        if at is not None:
            self.dismiss(Target(self._hits[at].room, self._hits[at].message_id))

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        self._want_more()

    def _scrolled(self) -> None:
        if self._found.max_scroll_y and self._found.is_vertical_scroll_end:
            self._ask_for_more()

    def _want_more(self) -> None:
        at = self._found.highlighted
        fills = len(self._hits) * HIT_ROWS > self._rows
        if at is None or at + NEAR_END >= len(self._hits) or not fills:
            self._ask_for_more()

    def _ask_for_more(self) -> None:
        if self._view.progress is Progress.PART:
            self.post_message(self.MoreWanted())

    def action_move_up(self) -> None:
        """Go up in what is found, while typing."""
        self._move(-1)

    def action_move_down(self) -> None:
        """Go down in what is found, while typing."""
        self._move(1)

    def _move(self, step: int) -> None:
        if self._hits:
            self._found.highlighted = min(max((self._found.highlighted or 0) + step, 0), len(self._hits) - 1)

    def action_page(self, step: int) -> None:
        """Go up or down by as much as is shown."""
        self._move(step * max(self._found.size.height // 2, 1))

    def action_close(self) -> None:
        """Go nowhere."""
        self.dismiss(None)

    # What is drawn

    def _name_box(self) -> None:
        box = self.query_one("#search")
        here = f"#{safe_line(self._room)}"
        box.border_title = Content("Search all your rooms" if self._everywhere else f"Search {here}")
        box.border_subtitle = f"Ctrl+R {'this room' if self._everywhere else 'all rooms'}, Esc closes"

    def _draw_progress(self) -> None:
        text = self._how_far()
        self._progress.update(text)
        self._progress.display = bool(text)
        self._progress.set_class(self._view.progress is Progress.FAILED, "-failed")

    def _how_far(self) -> str:
        """How far what is found is all that there is."""
        hits, more = self._view.hits, "..." if self._ascii_only else "…"
        match self._view.progress:
            case Progress.IDLE:
                return ""
            case Progress.FAILED:
                return self._view.error
            case Progress.WAITING:
                return f"The server wants a pause; the search goes on by itself {more}"
            case Progress.BUSY:
                return f"Searching further back {more}" if hits else f"Searching {more}"
            case Progress.PART:
                return f"Searched back to {_day(hits[-1].at_ms)}" if hits else f"Searching further back {more}"
            case Progress.DONE if hits:
                return f"{len(hits)} found. Enter goes there."
            case Progress.DONE:
                return f"No message {'' if self._everywhere else 'in this room '}has these words."

    def _line(self, hit: HitView) -> Content:
        """Where, who and when; below it the line with what was found in it."""
        place = f"#{hit.place}  " if self._everywhere else ""
        line = Content(hit.line)
        for first, last in hit.spans:
            line = line.stylize(HIT, first, last)
        cut = ("..." if self._ascii_only else "…") if hit.is_cut else ""
        return Content.assemble(
            (place, "$text-muted"), (hit.sender, "bold"), (f"  {_clock(hit.at_ms)}\n  {cut}", "$text-muted"), line
        )


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(min(max(at_ms, 0), _AT_MS_MAX) / 1000, UTC).astimezone()


def _day(at_ms: int) -> str:
    """A day of the local calendar, with the year where that is not this one."""
    moment, now = _moment(at_ms), datetime.now(UTC).astimezone()
    return f"{moment.day} {moment:%B}{'' if moment.year == now.year else f' {moment.year}'}"


def _clock(at_ms: int) -> str:
    """A local time, with the day where that is not today."""
    moment, now = _moment(at_ms), datetime.now(UTC).astimezone()
    return f"{moment:%H:%M}" if moment.date() == now.date() else f"{_day(at_ms)}, {moment:%H:%M}"
