"""One line: the connection, the room, who is here, and what is believed about receipts."""

from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_tui.attention import ReceiptState
from chat_tui.safetext import safe_line
from chat_tui.view import Link, Status


@dataclass(frozen=True, slots=True)
class StatusLine:
    """Everything that the line says."""

    status: Status
    receipts: ReceiptState
    held: int
    """How many receipts wait for a release."""
    now_ms: int
    bell: bool


class StatusBar(Widget):
    """Draws a `StatusLine` in the room there is: what matters less goes first."""

    line: reactive[StatusLine | None] = reactive(None)

    def __init__(self, *, ascii_only: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        """Say nothing yet."""
        super().__init__(id=id)
        self._ascii_only = ascii_only

    def render(self) -> Content:
        """The line, as wide as the widget."""
        if self.line is None:
            return Content("")
        right = _receipts(self.line)
        width = self.size.width - 2
        for left in _lefts(self.line, ascii_only=self._ascii_only):
            gap = width - left.cell_length - right.cell_length
            if gap >= 2:
                break
        left = left.truncate(max(width - right.cell_length - 1, 0), ellipsis=not self._ascii_only)
        padding = " " * max(width - left.cell_length - right.cell_length, 1)
        return Content.assemble(" ", left, padding, right, " ")


def _lefts(line: StatusLine, *, ascii_only: bool) -> list[Content]:
    """The left part, from the longest form to the shortest."""
    status = line.status
    dot = _dot(status.link, ascii_only=ascii_only)
    room = f"#{safe_line(status.room)}"
    queued = f", {status.queued} waiting" if status.queued else ""
    if status.link is Link.ONLINE:
        here = f"{status.online} of {status.members} online"
        muted = "" if line.bell else "  bell off"
        return [
            Content.assemble(dot, ("connected  ", "$text-muted"), (room, "bold"), f"  {here}{queued}{muted}"),
            Content.assemble(dot, (room, "bold"), f"  {here}{queued}"),
            Content.assemble(dot, (room, "bold"), f" {status.online}/{status.members}{queued}"),
        ]
    if status.link is Link.CONNECTING:
        return [
            Content.assemble(dot, f"connecting{queued}  ", (room, "bold")),
            Content.assemble(dot, "connecting"),
        ]
    retry = ""
    if status.retry_at_ms is not None:
        retry = f"next try in {max(0, round((status.retry_at_ms - line.now_ms) / 1000))} s"
    reason = safe_line(status.reason)
    return [
        Content.assemble(dot, f"{status.link.value}{queued}: {reason}" + (f"; {retry}" if retry else "")),
        Content.assemble(dot, f"{status.link.value}{queued}; {retry}" if retry else reason),
    ]


def _dot(link: Link, *, ascii_only: bool) -> tuple[str, str]:
    full, hollow = ("*", "o") if ascii_only else ("●", "○")
    if link is Link.ONLINE:
        return f"{full} ", "$success"
    return f"{hollow} ", "$warning" if link is Link.CONNECTING else "$error"


def _receipts(line: StatusLine) -> Content:
    text = line.receipts.value
    if line.held:
        text = f"{text} ({line.held})"
    style = "$success" if line.receipts is ReceiptState.LIVE else "bold $warning"
    return Content.styled(text, style)
