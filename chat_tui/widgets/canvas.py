"""Draws a viewport row by row with Textual's line API: only rows that look different, from strips made once."""

from datetime import tzinfo
from typing import ClassVar

from rich.style import Style
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from chat_tui.widgets.colours import CONVERSATION_CSS
from chat_tui.widgets.painting import OVERLAYS, PARTS, Painter
from chat_tui.widgets.viewport import Cell, Viewport


class Canvas(ScrollView, can_focus=True, inherit_bindings=False):
    """A viewport on screen. Whoever changes `viewport` calls `redraw`.

    Textual's own scroll position only mirrors the viewport's: Textual clamps it against layouts that are out of
    date, animates it, and lays out the whole screen when the virtual size changes.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"conversation--{part}" for part in (*PARTS, *OVERLAYS)}
    DEFAULT_CSS = CONVERSATION_CSS

    ascii_only: reactive[bool] = reactive(default=False)
    """Draw with ASCII glyphs only."""
    me: reactive[str] = reactive("")
    """The name whose mentions stand out."""

    def __init__(self, *, ascii_only: bool, zone: tzinfo | None, id: str | None, classes: str | None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id, classes=classes)
        self.set_reactive(Canvas.ascii_only, ascii_only)
        self.viewport = Viewport(zone, ascii_only=ascii_only)
        self.frame: list[Cell] = []
        """What is on screen, from top to bottom, or will be with the next paint."""
        self.has_cursor = False
        """The current message is marked."""
        self._painter: Painter | None = None

    def render_line(self, y: int) -> Strip:
        if y >= len(self.frame):
            return Strip.blank(self.size.width, self.rich_style)
        if self._painter is None:
            columns = self.viewport.rows.columns
            self._painter = Painter(
                self._style_of, self._overlay_of, columns, ascii_only=self.ascii_only, me=self.me
            )
        return self._painter.strip(self.frame[y])

    def render_lines(self, crop: Region) -> list[Strip]:
        """Hand out the cached strips themselves, where no border or opacity has to be drawn around them."""
        self.fit()
        if self.styles.gutter or self.opacity != 1.0:
            return super().render_lines(crop)
        strips = [self.render_line(y) for y in crop.line_range]
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painter = None

    def watch_ascii_only(self) -> None:
        self.viewport.ascii_only = self.ascii_only
        self._painter = None

    def watch_me(self) -> None:
        self._painter = None

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:  # noqa: ARG002
        """Obey whoever scrolls by Textual's own means; `fit` sets the position without coming here."""
        if round(new_value) != max(0, self.viewport.top):
            self.viewport.scroll_to(round(new_value))
            self.redraw()

    def _scroll_update(self, virtual_size: Size) -> None:
        """Textual would clamp here against a layout that is out of date; `fit` knows better."""

    def _style_of(self, part: str) -> Style:
        return self.get_component_rich_style(f"conversation--{part}")

    def _overlay_of(self, part: str) -> Style:
        """Only what the part itself says, with colours as they come out on the background."""
        said = self.get_component_rich_style(f"conversation--{part}", partial=True)
        whole = self._style_of(part)
        colour, background = whole.color if said.color else None, whole.bgcolor if said.bgcolor else None
        return said.without_color + Style(color=colour, bgcolor=background)

    def fit(self) -> None:
        """Take the size that Textual has given; before anything is drawn, and before anything is said of it."""
        columns = self.viewport.rows.columns
        self.viewport.resize(*self.size)
        if self.viewport.rows.columns != columns and self._painter is not None:
            self._painter.resize(self.viewport.rows.columns)
        self.frame = self.viewport.frame(with_cursor=self.has_cursor)
        self.set_reactive(Widget.virtual_size, Size(self.size.width, self.viewport.rows.height))
        self.set_scroll(None, max(0, self.viewport.top))

    def redraw(self) -> None:
        """Have those rows drawn again that look different now."""
        before = self.frame
        self.fit()
        changed = [y for y, cell in enumerate(self.frame) if y >= len(before) or cell != before[y]]
        if changed:
            self.refresh(*_regions(changed, self.size.width))
        self.settle_later()

    def settle_later(self) -> None:
        """Have `settle` called once what has changed is drawn; every cause comes through here, none is dropped."""
        self.call_after_refresh(self.settle)

    def settle(self) -> None:
        """For subclasses: say what is on screen now."""


def _regions(rows: list[int], width: int) -> list[Region]:
    """Cover the rows, given ascending, with as few regions as there are runs of them."""
    regions: list[Region] = []
    for row in rows:
        if regions and regions[-1].bottom == row:
            regions[-1] = Region(0, regions[-1].y, width, regions[-1].height + 1)
        else:
            regions.append(Region(0, row, width, 1))
    return regions
