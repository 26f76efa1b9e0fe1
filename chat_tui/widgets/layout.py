"""One message as rows of text: what stands above it, its body, what stands below. Pure, without colours.

BLANK                  parts groups
DAY                    a day has begun
NEW                    what follows is new since you left
HEADER     time, name  the sender or the day has changed, time has passed, or the message is pinned
REPLY      text        the message answers this one
BODY       tick, text  one or more, of these three; the last one ends in "(edited)"
QUOTE      tick, text  the message quotes
CODE       tick, text  the message shows code
REMOVED    text        in their place, where the message was deleted
REASON     text        why it was refused
REACTIONS  text        one or more
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import Enum, auto

from rich.cells import cell_len

from chat_tui.model.view import ConversationView, MessageView
from chat_tui.text.emojinames import name_of
from chat_tui.text.inline import Run
from chat_tui.text.markup import Passage, Shape, read
from chat_tui.text.safetext import safe_line, safe_text
from chat_tui.widgets.wrapping import cut, shorten, wrap

PAUSE_MS = 5 * 60 * 1000
"""After a silence this long the sender is named again."""
WIDE_FROM_CELLS = 60
GUTTER_WIDE_CELLS = 8
"""Holds `✓✓ 12/40`."""
GUTTER_NARROW_CELLS = 2
"""Holds `✓✓`."""
INDENT_CELLS = 2
"""Before what is quoted and before code."""
INDENT_FROM_CELLS = 8
"""With less for the text nothing is indented."""
EMOJI_CELLS_MAX = 16
"""A reaction may be several letters, but not a message of its own."""
EDITED = "(edited)"
EMPTY = "No messages yet. Write the first one."
LOADING = "Loading messages"
_AT_MS_MAX = 253_402_000_000_000
"""Some day in December 9999: a peer's clock may say anything, and later days have no name here."""


class RowKind(Enum):
    """What a row is; see the module's diagram."""

    BLANK = auto()
    DAY = auto()
    NEW = auto()
    HEADER = auto()
    REPLY = auto()
    BODY = auto()
    QUOTE = auto()
    CODE = auto()
    REMOVED = auto()
    REASON = auto()
    REACTIONS = auto()
    NOTICE = auto()
    """Says why there is nothing else."""


@dataclass(frozen=True, slots=True)
class Columns:
    """How a row's cells are shared out: mark (1), gutter, space (1), text, space (1), scrollbar (1)."""

    width: int
    """All of them."""
    ascii_only: bool = False
    """Emoji are named, as they cannot be drawn."""

    @property
    def is_wide(self) -> bool:
        """There is room for times and counts in the gutter."""
        return self.width >= WIDE_FROM_CELLS

    @property
    def gutter(self) -> int:
        return GUTTER_WIDE_CELLS if self.is_wide else GUTTER_NARROW_CELLS

    @property
    def text(self) -> int:
        return max(1, self.width - self.gutter - 4)

    @property
    def indent(self) -> int:
        return INDENT_CELLS if self.text >= INDENT_FROM_CELLS else 0


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row of the conversation; compared by identity, so what has been drawn can be looked up by it."""

    kind: RowKind
    text: str = ""
    message: MessageView | None = None
    start: int = 0
    """Where in the message's text, without its marks, a body row begins; later rows count on from its end."""
    passage: Passage | None = None
    """What of the message's text a body row is a part of."""
    offset: int = 0
    """Where in the passage's text it begins."""
    clock: str = ""
    """In a header: when the message was sent, local time."""
    is_first: bool = False
    """The first row of the message's body."""
    continues: bool = False
    """That first row, when no header parts it from what its sender wrote before."""
    is_last: bool = False
    """The message's last row: when this has been seen, the message has."""

    @property
    def is_body(self) -> bool:
        """It is the message itself, and not what stands above it."""
        return self.kind in _BODY


_KINDS = {Shape.TEXT: RowKind.BODY, Shape.QUOTE: RowKind.QUOTE, Shape.CODE: RowKind.CODE}
_BODY = frozenset((RowKind.REPLY, *_KINDS.values(), RowKind.REMOVED, RowKind.REASON, RowKind.REACTIONS))
BLANK_ROW = Row(RowKind.BLANK)


@dataclass(frozen=True, slots=True)
class Lead:
    """What stands above a message, and depends on its predecessor."""

    day: str = ""
    """The day that begins with it, as `2026-11-24`; empty within a day."""
    is_new: bool = False
    """The "new since you left" line stands above it."""
    clock: str = ""
    """In the header; empty for none."""
    parted: bool = False
    """A blank row parts it from its predecessor."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A message's rows at one width."""

    message: MessageView
    lead: Lead
    rows: tuple[Row, ...]
    body: int
    """Index of the first body row."""
    starts: tuple[int, ...]
    """`Row.start` from the body on; strictly ascending."""

    def row_at(self, place: int) -> int:
        """Index of the row in which the character at `place` stands."""
        return self.body + max(0, bisect_right(self.starts, place) - 1)


def lead_of(
    message: MessageView, previous: MessageView | None, *, is_new: bool, zone: tzinfo | None = None
) -> Lead:
    """Decide what stands above `message`; days and times are those of `zone`, by default the local one."""
    at = _moment(message.at_ms, zone)
    clock = at.strftime("%H:%M")
    if previous is None:
        return Lead(day=at.strftime("%Y-%m-%d"), is_new=is_new, clock=clock)
    if at.date() != _moment(previous.at_ms, zone).date():
        return Lead(day=at.strftime("%Y-%m-%d"), is_new=is_new, clock=clock, parted=True)
    paused = message.at_ms - previous.at_ms > PAUSE_MS
    if is_new or paused or message.pinned or message.sender != previous.sender or message.own != previous.own:
        return Lead(is_new=is_new, clock=clock, parted=True)
    return Lead()


def lay_out(message: MessageView, lead: Lead, columns: Columns) -> Block:
    """Break a message into rows. Text is made safe once more: nothing else parts it from the terminal."""
    rows = _lead_rows(message, lead)
    body = len(rows)
    pieces = _pieces(message, columns)
    last = len(pieces) - 1
    continues = not lead.clock
    for index, (kind, start, text, passage, offset) in enumerate(pieces):
        is_first = index == 0
        rows.append(
            Row(kind, text, message, start, passage, offset, "", is_first, is_first and continues, index == last)
        )
    return Block(message, lead, tuple(rows), body, tuple([piece[1] for piece in pieces]))


_Piece = tuple[RowKind, int, str, Passage | None, int]
"""A body row in the making: kind, start, text, passage, offset."""


def _pieces(message: MessageView, columns: Columns) -> list[_Piece]:
    """The body, and what stands below it, at the places that count on from its end."""
    text = safe_text(message.text)
    if message.removed:
        return [(RowKind.REMOVED, start, piece, None, 0) for start, piece in wrap(text, columns.text)]
    pieces: list[_Piece] = []
    end = 0
    for passage in _edited(read(text)) if message.edited else read(text):
        pieces += _wrapped(passage, end, columns)
        end += len(passage.text) + 1
    if message.reason:
        reason = safe_line(message.reason)
        pieces += [(RowKind.REASON, end + start, piece, None, 0) for start, piece in wrap(reason, columns.text)]
        end += len(reason) + 1
    for passage in _reactions(message, columns):
        pieces.append((RowKind.REACTIONS, end, passage.text, passage, 0))
        end += len(passage.text)
    return pieces


def _edited(passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
    """The passages with a word after the last one, or below it where that is no plain text."""
    *others, last = passages
    text = f"{last.text} " if last.shape is Shape.TEXT and last.text else ""
    run = Run(len(text), len(text) + len(EDITED), ("edited",))
    if last.shape is Shape.TEXT:
        return (*others, Passage(Shape.TEXT, text + EDITED, (*last.runs, run)))
    return (*passages, Passage(Shape.TEXT, EDITED, (run,)))


def _reactions(message: MessageView, columns: Columns) -> list[Passage]:
    """The reactions, as many to a row as there is room for; none is broken, and each is a run of its number."""
    rows: list[Passage] = []
    for number, (emoji, count, is_mine) in enumerate(message.reactions):
        shown = name_of(safe_line(emoji)) if columns.ascii_only else safe_line(emoji)
        item = f"{shorten(shown, EMOJI_CELLS_MAX, '~')} {count}"
        before = f"{rows[-1].text}  " if rows else ""
        if rows and cell_len(before + item) <= columns.text:
            runs = rows.pop().runs
        else:
            before, runs = "", ()
        runs = (*runs, Run(len(before), len(before + item), ("mine",) if is_mine else (), str(number)))
        rows.append(Passage(Shape.TEXT, before + item, runs))
    return rows


def reaction_at(row: Row, columns: Columns, x: int) -> int | None:
    """The number of the reaction that is drawn in a cell of a row, counted from the left edge; None for none."""
    if row.kind is not RowKind.REACTIONS or row.passage is None:
        return None
    place = x - columns.gutter - 2
    for run in row.passage.runs:
        if cell_len(row.text[: run.start]) <= place < cell_len(row.text[: run.end]):
            return int(run.target)
    return None


def _wrapped(passage: Passage, start: int, columns: Columns) -> list[_Piece]:
    """A passage as rows; `start` is its own place."""
    kind = _KINDS[passage.shape]
    width = columns.text if kind is RowKind.BODY else columns.text - columns.indent
    rows = (cut if kind is RowKind.CODE else wrap)(passage.text, width)
    return [(kind, start + offset, piece, passage, offset) for offset, piece in rows]


def notice_rows(view: ConversationView, columns: Columns, height: int) -> list[Row]:
    """A screen that says why there are no messages."""
    text = view.notice or (LOADING if view.loading else EMPTY)
    notice = [Row(RowKind.NOTICE, piece) for _, piece in wrap(text, max(1, columns.width - 2))][:height]
    above = (height - len(notice)) // 2
    return [BLANK_ROW] * above + notice + [BLANK_ROW] * (height - above - len(notice))


def _lead_rows(message: MessageView, lead: Lead) -> list[Row]:
    rows: list[Row] = []
    if lead.parted:
        rows.append(BLANK_ROW)
    if lead.day:
        rows.append(Row(RowKind.DAY, lead.day))
    if lead.is_new:
        rows.append(Row(RowKind.NEW))
    if lead.clock:
        rows.append(Row(RowKind.HEADER, safe_line(message.sender), message, clock=lead.clock))
    if message.reply is not None and not message.removed:
        rows.append(Row(RowKind.REPLY, safe_line(message.reply.line), message))
    return rows


def _moment(at_ms: int, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(min(max(at_ms, 0), _AT_MS_MAX) / 1000, UTC).astimezone(zone)
