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
from collections.abc import Iterator
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
class Part:
    """Something that a message says, of one kind, and not yet broken into rows."""

    kind: RowKind
    text: str
    start: int
    """As `Row.start`."""
    passage: Passage | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """All that a message says, and how many rows that is at one width."""

    words: tuple[object, ...]
    """What it was made of."""
    parts: tuple[Part, ...]
    columns: Columns
    height: int


class Block:
    """A message's rows at one width: counted at once, and made when somebody looks at them."""

    __slots__ = ("_rows", "_starts", "body", "content", "height", "lead", "message")

    def __init__(self, message: MessageView, lead: Lead, content: Body) -> None:
        self.message = message
        self.lead = lead
        self.content = content
        self.body = lead.parted + bool(lead.day) + lead.is_new + bool(lead.clock) + _is_reply(message)
        """Index of the first body row."""
        self.height = self.body + content.height
        """How many rows there are."""
        self._rows: tuple[Row, ...] | None = None
        self._starts: tuple[int, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """From top to bottom."""
        if self._rows is None:
            self._rows = (*_lead_rows(self.message, self.lead), *_body_rows(self.message, self.lead, self.content))
            self._starts = tuple([row.start for row in self._rows[self.body :]])
        return self._rows

    @property
    def starts(self) -> tuple[int, ...]:
        """`Row.start` from the body on; strictly ascending."""
        return self._starts if self.rows else ()

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


def lay_out(message: MessageView, lead: Lead, columns: Columns, old: Body | None = None) -> Block:
    """Break a message into rows, taking over from `old` what does not have to be read or counted again."""
    words = (message.text, message.removed, message.edited, message.reason, message.reactions)
    if old is not None and old.words == words and old.columns == columns:
        return Block(message, lead, old)
    parts = old.parts if old is not None and old.words == words else tuple(_parts(message))
    height = sum(len(_broken(part, columns)) for part in parts) + len(_reactions(message, columns))
    return Block(message, lead, Body(words, parts, columns, height))


def _parts(message: MessageView) -> Iterator[Part]:
    """What is said. Text is made safe once more: nothing else parts it from the terminal."""
    text = safe_text(message.text)
    if message.removed:
        yield Part(RowKind.REMOVED, text, 0)
        return
    end = 0
    for passage in _edited(read(text)) if message.edited else read(text):
        yield Part(_KINDS[passage.shape], passage.text, end, passage)
        end += len(passage.text) + 1
    if message.reason:
        yield Part(RowKind.REASON, safe_line(message.reason), end)


def _body_rows(message: MessageView, lead: Lead, body: Body) -> Iterator[Row]:
    """The body, and what stands below it, at the places that count on from its end."""
    pieces = [
        (part.kind, part.start + offset, text, part.passage, offset if part.passage is not None else 0)
        for part in body.parts
        for offset, text in _broken(part, body.columns)
    ]
    end = body.parts[-1].start + len(body.parts[-1].text) + 1
    for passage in _reactions(message, body.columns):
        pieces.append((RowKind.REACTIONS, end, passage.text, passage, 0))
        end += len(passage.text)
    last = len(pieces) - 1
    for index, piece in enumerate(pieces):
        is_first = index == 0
        yield Row(
            piece[0],
            piece[2],
            message,
            piece[1],
            piece[3],
            piece[4],
            "",
            is_first,
            is_first and not lead.clock,
            index == last,
        )


def _broken(part: Part, columns: Columns) -> list[tuple[int, str]]:
    """A part as rows, each with where in the part it begins."""
    is_indented = part.kind in (RowKind.QUOTE, RowKind.CODE)
    width = columns.text - columns.indent if is_indented else columns.text
    return (cut if part.kind is RowKind.CODE else wrap)(part.text, width)


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
    for number, (emoji, count, is_mine) in enumerate(() if message.removed else message.reactions):
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
    if message.reply is not None and _is_reply(message):
        rows.append(Row(RowKind.REPLY, safe_line(message.reply.line), message))
    return rows


def _is_reply(message: MessageView) -> bool:
    return message.reply is not None and not message.removed


def _moment(at_ms: int, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(min(max(at_ms, 0), _AT_MS_MAX) / 1000, UTC).astimezone(zone)
