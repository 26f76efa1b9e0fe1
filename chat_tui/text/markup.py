"""A message's text read as the small part of Markdown that people write in chats. Pure, in linear time.

    text      -> passages -> rows
    **bold**  *italic*  _italic_  ~~struck~~  `code`  [title](https://…)  https://…  mailto:…  @name
    # heading (bold, as it stands)      > quote      ``` language, code, ```

What is no such mark is text and stays as it is. No HTML, pictures or escapes; who copies gets the raw text.
A mark works at the border of a word only, so that `snake_case` and `2*3*4` are what they were.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from chat_tui.text.inline import Run, read_line


class Shape(Enum):
    """What a passage is."""

    TEXT = auto()
    QUOTE = auto()
    CODE = auto()


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """Lines of one shape, without their marks; compared by identity, so what is drawn of it can be looked up."""

    shape: Shape
    text: str
    runs: tuple[Run, ...] = ()
    language: str = ""
    """Of code, as it was written; empty for none."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a text links to."""

    target: str
    """Cleaned; see `links.cleaned`."""
    shown: str
    """What stands in the text for it."""

    @property
    def is_plain(self) -> bool:
        """It stands in the text as it is, and no letter of it could pass for another."""
        return self.shown == self.target


_ANY = re.compile(r"[*_~`@\[]|://|mailto:|^(?:>|#+ )", re.MULTILINE | re.IGNORECASE)
"""A text without any of these is one passage without runs."""
_HINT = re.compile(r"[*_~`@\[:>#]")
"""As `_ANY`, but sooner told."""
_FENCE = re.compile(r" {0,3}(`{3,})[ ]*([\w+#.-]*) *")


def read(text: str) -> tuple[Passage, ...]:
    """Read a text that has been made safe to show; at least one passage, in order, together one line or more."""
    if not _HINT.search(text) or not _ANY.search(text):
        return (Passage(Shape.TEXT, text),)
    return tuple(_passages(text.split("\n")))


def addresses(text: str) -> tuple[Address, ...]:
    """All links of a text, in order, each address once."""
    found: dict[str, Address] = {}
    for passage in read(text):
        for run in passage.runs:
            if "link" in run.parts:
                found.setdefault(run.target, Address(run.target, passage.text[run.start : run.end]))
    return tuple(found.values())


def _passages(lines: list[str]) -> Iterator[Passage]:
    closings = _closings(lines)
    gathered: list[str] = []
    shape = Shape.TEXT
    number = 0
    while number < len(lines):
        line = lines[number]
        closing = closings.get(number)
        quote = None if closing is not None else _quoted(line)
        now = Shape.TEXT if quote is None else Shape.QUOTE
        if gathered and (closing is not None or now is not shape):
            yield _passage(shape, gathered)
            gathered = []
        if closing is not None:
            opening = _FENCE.fullmatch(line)
            assert opening is not None
            yield Passage(Shape.CODE, "\n".join(lines[number + 1 : closing]), language=opening[2])
            number = closing + 1
            continue
        gathered.append(line if quote is None else quote)
        shape = now
        number += 1
    if gathered:
        yield _passage(shape, gathered)


def _closings(lines: list[str]) -> dict[int, int]:
    """Per line that could open code the next one that would close it: as many backticks, and nothing else."""
    closings: dict[int, int] = {}
    nearest: dict[str, int] = {}
    for number in range(len(lines) - 1, -1, -1):
        if "```" not in lines[number] or not (fence := _FENCE.fullmatch(lines[number])):
            continue
        if fence[1] in nearest:
            closings[number] = nearest[fence[1]]
        if not fence[2]:
            nearest[fence[1]] = number
    return closings


def _quoted(line: str) -> str | None:
    """What a line quotes; None where it quotes nothing, as `>_<` does not."""
    if not line.startswith(">") or (len(line) > 1 and line[1] != " "):
        return None
    return line[2:]


def _passage(shape: Shape, lines: list[str]) -> Passage:
    runs: list[Run] = []
    shown: list[str] = []
    start = 0
    for line in lines:
        text = line
        if _HINT.search(line):
            text, found = read_line(line)
            runs += [Run(start + each.start, start + each.end, each.parts, each.target) for each in found]
        shown.append(text)
        start += len(text) + 1
    return Passage(shape, "\n".join(shown), tuple(runs))
