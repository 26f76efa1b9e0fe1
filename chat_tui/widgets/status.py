"""The connection, the room, who is here, what is believed about receipts; and, while offline, why."""

from dataclasses import dataclass
from typing import Final

from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from chat_tui.model.attention import ReceiptState
from chat_tui.model.view import Link, Status
from chat_tui.model.writers import sentences
from chat_tui.text.safetext import safe_line

REASON_ROWS_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class StatusLine:
    """Everything that the bar says."""

    status: Status
    receipts: ReceiptState
    held: int
    """How many receipts wait for a release."""
    now_ms: int
    bell: bool
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
    room = (f"#{safe_line(status.room)}", "bold")
    muted = f"{'' if line.bell else '  bell off'}{'' if line.mouse else '  mouse off'}"
    queued = f"  {status.queued} waiting" if status.queued else ""
    elsewhere = f" +{status.elsewhere}" if status.elsewhere else ""
    if status.link is not Link.ONLINE:
        return [
            [Content.assemble(dot, f"{word}  ", room, f"{queued}{muted}")],
            [Content.assemble(dot, f"{word}{queued}")],
            [Content.assemble(dot, word)],
        ]
    here = f"  {status.online} of {status.members} online"
    whole, short = Content.assemble(dot, f"{word}  ", room, elsewhere), Content.assemble(dot, room, elsewhere)
    said = [
        Content.styled(f"  {each}", "$text-muted") for each in sentences(status.writers, ascii_only=ascii_only)
    ]
    return [
        _with_writers(whole, here, f"{queued}{muted}", said),
        _with_writers(short, here, f"{queued}{muted}", said),
        _with_writers(short, here, queued, said),
        _with_writers(short, f" {status.online}/{status.members}", queued, said),
        [Content.assemble(short, queued)],
    ]


def _with_writers(known: Content, here: str, rest: str, said: list[Content]) -> list[Content]:
    """Who is writing is said beside the count of who is here, or in its place; what is before that stays there."""
    return [
        *(Content.assemble(known, here, each, rest) for each in said[:1]),
        *(Content.assemble(known, each, rest) for each in said),
        Content.assemble(known, here, rest),
    ]


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
    text = line.receipts.value
    if line.held:
        text = f"{text} ({line.held})"
    style = "$text-success" if line.receipts is ReceiptState.LIVE else "bold $text-warning"
    return Content.styled(text, style)
