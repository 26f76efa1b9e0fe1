"""What a conversation shows that has never been heard of, while its server cannot be reached. Pure."""

from typing import Final

from chat_tui.model.view import Link, Status
from chat_tui.text.safetext import safe_line

NOTHING_AT: Final = "nothing listens at"
"""How the reason begins where a machine answers that nothing runs there."""


def notice(server: str, status: Status, now_ms: int) -> str:
    """Why there is nothing and what to do, in sentences; empty while there is nothing to explain."""
    if status.link is not Link.WAITING or not status.reason:
        return ""
    left_s = 0 if status.retry_at_ms is None else max(0, round((status.retry_at_ms - now_ms) / 1000))
    again = f"Trying again {f'in {left_s} s' if left_s else 'now'}."
    if status.reason.startswith(NOTHING_AT):
        return f"No server at {safe_line(server)} yet. Run there: chat-server serve. {again}"
    reason = safe_line(status.reason).rstrip(".")
    return f"No connection to {safe_line(server)} yet: {reason}. {again}"
