"""Cells of the viewport as strips of styled text.

mark   gutter (right-aligned)   text                                     names     bar
▌      ✓✓ 2/5                   Deploy is done.                          ← bob     ▐
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from zlib import crc32

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from chat_tui.model.view import GLYPHS, Tick, TickState, tick_text
from chat_tui.text.inline import Run
from chat_tui.widgets.layout import Columns, Row, RowKind
from chat_tui.widgets.margin import label, room_for_names
from chat_tui.widgets.syntax import within, words_of
from chat_tui.widgets.viewport import Cell
from chat_tui.widgets.wrapping import shorten


def _tick_part(state: TickState) -> str:
    return f"tick-{state.name.lower().replace('_', '-')}"


NAME_COLOURS = 8
PARTS = (
    "text",
    "time",
    "day",
    "new",
    "reason",
    "removed",
    "reply",
    "pinned",
    "notice",
    "mark",
    "bar",
    "horizon",
    *(f"name-{number}" for number in range(NAME_COLOURS)),
    *map(_tick_part, TickState),
)
"""Names of the styles that a painter asks for."""
OVERLAYS = (
    *("current", "quote", "block", "strong", "emphasis", "struck", "code", "link", "host", "person", "mention"),
    *("keyword", "string", "comment", "number", "function", "edited", "mine"),
)
"""Styles that are laid over others and say only what they change."""
_BODY_PARTS = {RowKind.REMOVED: "removed", RowKind.REASON: "reason", RowKind.REACTIONS: "time"}
STRIPS_KEPT = 4096
RULE_CELLS = 4
"""The rule on either side of a day."""
NEW_LABEL = "new since you left"
PINNED_LABEL = "pinned"
_RULE = ("─", "-")
_DOT = ("·", "-")
_MARK = ("▌", ">")
_THUMB = ("▐", "|")
_ELLIPSIS = ("…", "~")
_HOOK = ("╭ ", ",- ")
_QUOTE_BAR = ("▎", "|")
_CODE_BAR = (" ", "|")
"""Each a glyph and its ASCII form."""


@lru_cache(maxsize=STRIPS_KEPT)
def _laid(under: Style, over: Style) -> Style:
    """One style over another; the same object for the same two.

    Rich gives each new sum of a link an identity (OSC 8 `id`), by which terminals light up all of a link's rows.
    """
    return under + over


class Painter:
    """Draws cells with one set of styles, each cell once."""

    def __init__(
        self,
        style_of: Callable[[str], Style],
        overlay_of: Callable[[str], Style],
        columns: Columns,
        *,
        ascii_only: bool,
        me: str = "",
    ) -> None:
        self._styles = {part: style_of(part) for part in PARTS}
        self._overlays = {part: overlay_of(part) for part in OVERLAYS}
        self._current = Style(bgcolor=style_of("current").bgcolor)
        self._me = me.casefold()
        self._columns = columns
        self._ascii_only = ascii_only
        self._strips: LRUCache[Cell, Strip] = LRUCache(STRIPS_KEPT)

    def resize(self, columns: Columns) -> None:
        """Draw at this width from now on."""
        self._columns = columns
        self._strips.clear()

    def strip(self, cell: Cell) -> Strip:
        """The cell's strip, exactly as wide as the columns are."""
        strip = self._strips.get(cell)
        if strip is None:
            strip = self._strips[cell] = self._painted(cell)
        return strip

    def _painted(self, cell: Cell) -> Strip:
        width = self._columns.width
        segments = self._segments(cell.row, is_current=cell.is_current)
        base = self._styles["text"]
        strip = self._named(Strip(segments), cell).adjust_cell_length(max(0, width - 1), base)
        bar = Segment(_THUMB[self._ascii_only], self._styles["bar"]) if cell.has_thumb else Segment(" ", base)
        drawn = [segment for segment in (*strip, bar) if segment.text]
        if cell.is_current:
            # What has a background of its own keeps it.
            drawn = [
                Segment(text, _laid(style, self._current) if style.bgcolor == base.bgcolor else style)
                for text, style in ((text, style or base) for text, style, _ in drawn)
            ]
        return Strip(drawn, width).simplify()

    def _named(self, strip: Strip, cell: Cell) -> Strip:
        """With who has read so far at the right edge: as many as fit beside the text, and never over it."""
        text = label(cell.names, room_for_names(cell.row, self._columns), ascii_only=self._ascii_only)
        if not text:
            return strip
        before = strip.adjust_cell_length(self._columns.width - 2 - cell_len(text), self._styles["text"])
        return Strip([*before, Segment(text, self._styles["horizon"])])

    def _segments(self, row: Row, *, is_current: bool) -> list[Segment]:
        match row.kind:
            case RowKind.BLANK:
                return []
            case RowKind.DAY:
                return self._day(date.fromisoformat(row.text))
            case RowKind.NEW:
                return self._new()
            case RowKind.NOTICE:
                return self._centred(row.text, "notice")
            case RowKind.HEADER:
                return self._header(row)
            case RowKind.REPLY:
                return self._reply(row, is_current=is_current)
            case (
                RowKind.REACTIONS | RowKind.BODY | RowKind.QUOTE | RowKind.CODE | RowKind.REMOVED | RowKind.REASON
            ):
                return self._body(row, is_current=is_current)

    def _day(self, day: date) -> list[Segment]:
        spoken = f"{day:%A} {day.day} {day:%B} {day.year}"
        rule = _RULE[self._ascii_only] * RULE_CELLS
        for text in (f"{rule} {spoken} {rule}", spoken, day.isoformat()):
            if len(text) <= self._columns.width - 2:
                break
        return self._centred(text, "day")

    def _new(self) -> list[Segment]:
        """A rule right across, for this line is looked for."""
        room = max(0, self._columns.width - 3)
        label = f" {NEW_LABEL} " if len(NEW_LABEL) + 6 <= room else ""
        text = label.center(room, _RULE[self._ascii_only])
        return [Segment(" ", self._styles["text"]), Segment(text, self._styles["new"])]

    def _centred(self, text: str, part: str) -> list[Segment]:
        before = max(0, self._columns.width - 1 - len(text)) // 2
        return [Segment(" " * before, self._styles["text"]), Segment(text, self._styles[part])]

    def _header(self, row: Row) -> list[Segment]:
        """The sender's name; its time in the gutter, or after the name where the gutter is too narrow."""
        base, time = self._styles["text"], self._styles["time"]
        name_style = self._styles[f"name-{crc32(row.text.encode()) % NAME_COLOURS}"]
        is_wide = self._columns.is_wide
        clock = "" if is_wide else f"  {row.clock}"
        pinned = f"  {PINNED_LABEL}" if row.message is not None and row.message.pinned else ""
        name = shorten(row.text, max(1, self._columns.text - len(clock + pinned)), _ELLIPSIS[self._ascii_only])
        gutter = self._gutter(row.clock, time) if is_wide else self._gutter("", base)
        return [*gutter, Segment(name, name_style), Segment(clock, time), Segment(pinned, self._styles["pinned"])]

    def _reply(self, row: Row, *, is_current: bool) -> list[Segment]:
        """One row of what is answered, hooked to the message below."""
        hook, style = _HOOK[self._ascii_only], self._styles["reply"]
        text = shorten(row.text, self._columns.text - len(hook), _ELLIPSIS[self._ascii_only])
        gutter = self._gutter("", style, is_current=is_current)
        return [*gutter, Segment(hook, self._styles["bar"]), Segment(text, style)]

    def _body(self, row: Row, *, is_current: bool) -> list[Segment]:
        label, style = self._label(row)
        return [*self._gutter(label, style, is_current=is_current), *self._text(row)]

    def _text(self, row: Row) -> list[Segment]:
        base, indent = self._styles["text"], self._columns.indent
        if row.kind is RowKind.QUOTE:
            bar = Segment(_QUOTE_BAR[self._ascii_only].ljust(indent)[:indent], self._styles["bar"])
            return [bar, *self._marked(row, base + self._overlays["quote"])]
        if row.kind is RowKind.CODE:
            base += self._overlays["block"]
            bar = Segment(_CODE_BAR[self._ascii_only].ljust(indent)[:indent], base)
            padding = Segment(" " * max(0, self._columns.text - indent - cell_len(row.text)), base)
            return [bar, *self._marked(row, base), padding]
        return self._marked(row, self._styles[_BODY_PARTS.get(row.kind, "text")])

    def _marked(self, row: Row, base: Style) -> list[Segment]:
        """The row's text, what is marked in it laid over `base`."""
        runs: Sequence[Run] = ()
        if row.passage is not None:
            runs = words_of(row.passage) if row.kind is RowKind.CODE else row.passage.runs
        segments: list[Segment] = []
        place = 0
        for run in within(runs, row.offset, row.offset + len(row.text)) if runs else ():
            segments.append(Segment(row.text[place : run.start], base))
            segments.append(Segment(row.text[run.start : run.end], _laid(base, self._overlay(run))))
            place = run.end
        return [*segments, Segment(row.text[place:], base)]

    def _overlay(self, run: Run) -> Style:
        style = Style()
        for part in run.parts:
            style += self._overlays[part]
            if part == "person" and run.target.casefold() == self._me:
                style += self._overlays["mention"]
        return style + Style(link=run.target) if "link" in run.parts else style

    def _label(self, row: Row) -> tuple[str, Style]:
        """What the gutter shows beside a message: the tick, or a dot that parts it from the one above."""
        tick = None if row.message is None else row.message.tick
        if tick is not None and row.is_first:
            return self._tick(tick), self._styles[_tick_part(tick.state)]
        return _DOT[self._ascii_only] if row.continues else "", self._styles["time"]

    def _gutter(self, label: str, style: Style, *, is_current: bool = False) -> list[Segment]:
        base = self._styles["text"]
        mark = Segment(_MARK[self._ascii_only], self._styles["mark"]) if is_current else Segment(" ", base)
        padding = " " * (self._columns.gutter - cell_len(label))
        return [mark, Segment(padding, base), Segment(label, style), Segment(" ", base)]

    def _tick(self, tick: Tick) -> str:
        """As much of the tick as the gutter holds: with `n/m`, with `n`, or the glyph alone."""
        whole = tick_text(tick, ascii_only=self._ascii_only)
        for text in (whole, whole.partition("/")[0]):
            if len(text) <= self._columns.gutter:
                return text
        return GLYPHS[tick.state][self._ascii_only]
