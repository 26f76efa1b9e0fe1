"""The connection, the room, who is here, what is believed about receipts; and, while offline, why."""

from dataclasses import dataclass
from typing import Final

from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from chat_tui.model.attention import ReceiptState
from chat_tui.model.view import Link, Status
from chat_tui.model.writers import sentences
from chat_tui.text.safetext import safe_line

REASON_ROWS_MAX: Final = 3
TITLE_CELLS_MAX: Final = 50
"""What is shown of a title that says something else than the name of the room."""


@dataclass(frozen=True, slots=True)
class StatusLine:
    """Everything that the bar says."""

    status: Status
    receipts: ReceiptState
    held: int
    """How many receipts wait for a release."""
    now_ms: int
    bell: bool
    elsewhere: int = 0
    """Messages that wait in rooms that are not shown."""
    mouse: bool = True
    """Clicks come here, or never did."""


class StatusBar(Widget):
    """Draws a `StatusLine` in the room there is: what matters less goes first."""

    line: reactive[StatusLine | None] = reactive(None)

    def __init__(self, *, ascii_only: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        """Say nothing yet."""
        super().__init__(id=id)
        self._ascii_only = ascii_only

    def watch_line(self, old: StatusLine | None, new: StatusLine | None) -> None:
        """Give or take rows where the new line needs more or fewer."""
        if self._rows(old, self.size.width) != self._rows(new, self.size.width):
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As many rows as the line needs."""
        return self._rows(self.line, width)

    def render(self) -> Content:
        """The rows, as wide as the widget."""
        if self.line is None:
            return Content("")
        width = self.size.width
        return Content("\n").join([self._first(self.line, width), *self._reason(self.line, width)])

    async def on_click(self) -> None:
        """Offer everything that can be done: in a short terminal there is no row of keys to click."""
        await self.app.run_action("command_palette")

    def _rows(self, line: StatusLine | None, width: int) -> int:
        return 1 + (len(self._reason(line, width)) if line is not None else 0)

    def _first(self, line: StatusLine, width: int) -> Content:
        right = _receipts(line)
        room = width - 2 - right.cell_length
        left = Content("")
        for form in _lefts(line, ascii_only=self._ascii_only):
            fitting = [each for each in form if each.cell_length + 2 <= room]
            left = fitting[0] if fitting else form[-1]
            if form[-1] in fitting:
                break
        left = left.truncate(max(room - 1, 0), ellipsis=not self._ascii_only)
        return Content.assemble(" ", left, " " * max(room - left.cell_length, 1), right, " ")

    def _reason(self, line: StatusLine, width: int) -> list[Content]:
        """Why something waits, indented to stand below the word for the connection."""
        text = _why(line)
        if not text or width <= 4:
            return []
        rows = Content.styled(text, "$text-muted").wrap(width - 4)[:REASON_ROWS_MAX]
        return [Content.assemble("   ", row) for row in rows]


def _lefts(line: StatusLine, *, ascii_only: bool) -> list[list[Content]]:
    """The left part of the first row, from the longest form to the shortest.

    Of each form the last is the plain one. Those before it say more than that, the first of them the most.
    """
    status = line.status
    dot = _dot(status.link, ascii_only=ascii_only)
    word = status.link.value
    room = (status.label, "bold")
    muted = f"{'' if line.bell else '  bell off'}{'' if line.mouse else '  mouse off'}"
    queued = f"  {status.queued} waiting" if status.queued else ""
    elsewhere = f" +{line.elsewhere}" if line.elsewhere else ""
    pins = _pins(status.pins, ascii_only=ascii_only)
    if status.link is not Link.ONLINE:
        return [
            [Content.assemble(dot, f"{word}  ", room, f"{queued}{muted}")],
            [Content.assemble(dot, f"{word}{queued}")],
            [Content.assemble(dot, word)],
        ]
    here, short = f"  {status.online} of {status.members} online", f" {status.online}/{status.members}"
    if status.direct:
        here = short = "  online" if status.online > 1 else "  not online"
    title = Content(f"  {status.title}").truncate(TITLE_CELLS_MAX, ellipsis=not ascii_only).plain
    called, brief = Content.assemble(dot, f"{word}  ", room, elsewhere), Content.assemble(dot, room, elsewhere)
    said = [
        Content.styled(f"  {each}", "$text-muted") for each in sentences(status.writers, ascii_only=ascii_only)
    ]
    there, everything = Content.assemble(here, pins), f"{queued}{muted}"
    titled = [_with_writers(Content.assemble(each, title), there, everything, said) for each in (called, brief)]
    return [
        *(titled if status.title else []),
        _with_writers(called, there, everything, said),
        _with_writers(brief, there, everything, said),
        _with_writers(brief, there, queued, said),
        _with_writers(brief, Content.assemble(short, pins), queued, said),
        _with_writers(brief, Content(short), queued, said),
        [Content.assemble(brief, queued)],
    ]


def _with_writers(known: Content, here: Content, rest: str, said: list[Content]) -> list[Content]:
    """Who is writing is said beside the count of who is here, or in its place; what is before that stays there."""
    return [
        *(Content.assemble(known, here, each, rest) for each in said[:1]),
        *(Content.assemble(known, each, rest) for each in said),
        Content.assemble(known, here, rest),
    ]


def _pins(count: int, *, ascii_only: bool) -> Content:
    """How many messages are pinned; a click on it lists them."""
    if not count:
        return Content("")
    text = f"{count} pin{'' if count == 1 else 's'}" if ascii_only else f"\N{PUSHPIN} {count}"
    return Content.assemble("  ", Content.styled(text, Style.from_meta({"@click": "app.pins"})))


def _why(line: StatusLine) -> str:
    """The reason and the next try as a sentence; empty while there is nothing to explain."""
    status = line.status
    if not status.reason:
        return ""
    reason = safe_line(status.reason).rstrip(".")
    reason = reason[:1].upper() + reason[1:]
    if status.link is Link.STOPPED:
        return f"{reason}."
    left_s = 0 if status.retry_at_ms is None else max(0, round((status.retry_at_ms - line.now_ms) / 1000))
    return f"{reason}; trying again {f'in {left_s} s' if left_s else 'now'}."


def _dot(link: Link, *, ascii_only: bool) -> tuple[str, str]:
    full, hollow = ("*", "o") if ascii_only else ("●", "○")
    if link is Link.ONLINE:
        return f"{full} ", "$text-success"
    return f"{hollow} ", "$text-warning" if link is Link.CONNECTING else "$text-error"


def _receipts(line: StatusLine) -> Content:
    text, mode = line.receipts.value, line.status.sharing
    held = f" ({line.held})" if line.held else ""
    if mode == "off" and not held:
        return Content.styled("receipts: off", "bold $text-warning")
    if line.receipts is ReceiptState.LIVE:
        return Content.styled(f"{f'receipts: {mode}' if mode != 'public' else text}{held}", "$text-success")
    return Content.styled(f"{text}{held}{f', {mode}' if mode != 'public' else ''}", "bold $text-warning")
