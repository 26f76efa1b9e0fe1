"""Code told apart into words that look different. Pygments is asked only here, once there is code to draw."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from chat_tui.text.inline import Run
from chat_tui.text.markup import Passage

CHARS_MAX: Final = 2_000
"""Longer code stays plain: some lexers take time that grows faster than the text does."""
LANGUAGES: Final = {
    **{name: name for name in ("css", "diff", "go", "html", "ini", "java", "json", "python", "rust", "sql")},
    **{name: name for name in ("bash", "javascript", "ruby", "toml", "typescript", "xml", "yaml")},
    "js": "javascript",
    "py": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "bash",
    "shell": "bash",
    "ts": "typescript",
    "yml": "yaml",
}
"""Per name that people write the lexer's; no other is tried, for each has been held to hostile text."""
_KEPT: Final = 64
_PARTS: Final = {
    "Comment": "comment",
    "Keyword": "keyword",
    "Name.Tag": "keyword",
    "Operator.Word": "keyword",
    "Literal.Number": "number",
    "Literal.String": "string",
    "Name.Attribute": "function",
    "Name.Builtin": "function",
    "Name.Class": "function",
    "Name.Decorator": "function",
    "Name.Function": "function",
    "Generic.Deleted": "keyword",
    "Generic.Inserted": "string",
    "Generic.Subheading": "function",
}
"""Per kind of token, the kinds below it included, the part."""


@lru_cache(maxsize=_KEPT)
def words_of(passage: Passage) -> tuple[Run, ...]:
    """The words of code that look different; none where the language is not known or there is too much of it."""
    name = LANGUAGES.get(passage.language.lower())
    if name is None or len(passage.text) > CHARS_MAX:
        return ()
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]

    runs: list[Run] = []
    for start, token, text in get_lexer_by_name(name).get_tokens_unprocessed(passage.text):
        if part := _part_of(tuple(token)):
            runs.append(Run(start, start + len(text), (part,)))
    return tuple(runs)


def within(runs: Sequence[Run], start: int, end: int) -> list[Run]:
    """What of the runs lies between two places, counted from the first of them."""
    first = max(0, bisect_right(runs, start, key=lambda run: run.start) - 1)
    clipped: list[Run] = []
    for run in runs[first:]:
        if run.start >= end:
            break
        if run.end > start:
            clipped.append(Run(max(run.start, start) - start, min(run.end, end) - start, run.parts, run.target))
    return clipped


def _part_of(token: tuple[str, ...]) -> str | None:
    for length in range(min(2, len(token)), 0, -1):
        if (part := _PARTS.get(".".join(token[:length]))) is not None:
            return part
    return None
