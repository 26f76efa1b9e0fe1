"""Telling the author, who is not looking, that messages have been read: gathered into one sentence. Pure."""

from typing import Final

from chat_tui.safetext import safe_line

GATHER_MS: Final = 1_000
"""How long reads are gathered before the first sentence about them."""
QUOTE_CHARS: Final = 40


class Notices:
    """Reads that the author has not been told of, or was told of while still away."""

    def __init__(self) -> None:
        """Begin with nothing to tell."""
        self._readers: dict[str, None] = {}
        self._messages: dict[tuple[str, int], str | None] = {}
        self._due_ms: int | None = None

    def add(self, reader: str, messages: dict[int, str | None], now_ms: int, room: str = "") -> None:
        """Somebody has read messages of a room: per id its text, or None where that is not at hand."""
        self._readers[reader] = None
        self._messages |= {(room, each): text for each, text in messages.items()}
        if self._due_ms is None:
            self._due_ms = now_ms + GATHER_MS

    @property
    def next_deadline_ms(self) -> int | None:
        """When `due` has something to say; None where there is nothing new."""
        return self._due_ms

    def due(self, now_ms: int) -> str | None:
        """The sentence about everything since the author last looked, once per gathering; else None."""
        if self._due_ms is None or now_ms < self._due_ms:
            return None
        self._due_ms = None
        return f"{self._who()} read {self._what()}"

    def clear(self) -> None:
        """The author is looking: ticks say it all."""
        self._readers.clear()
        self._messages.clear()
        self._due_ms = None

    def _who(self) -> str:
        first, *others = self._readers
        return f"{1 + len(others)} people" if others else safe_line(first)

    def _what(self) -> str:
        (text, *others) = self._messages.values()
        if others:
            return f"{1 + len(others)} of your messages"
        if text is None:
            return "your message"
        line = safe_line(text)
        return f"“{line}”" if len(line) <= QUOTE_CHARS else f"“{line[: QUOTE_CHARS - 1]}…”"
