"""A message's text read as the small part of Markdown that people write in chats. Pure, in linear time.

    text      -> passages -> rows
    **bold**  *italic*  _italic_  ~~struck~~  `code`  [title](https://…)  https://…  mailto:…  @name
    # heading (bold, as it stands)      > quote      ``` language, code, ```

What is no such mark is text and stays as it is. No HTML, pictures or escapes; who copies gets the raw text.
A mark works at the border of a word only, so that `snake_case` and `2*3*4` are what they were.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import accumulate
from typing import Final

from chat_tui.links import CHARACTER, MAIL, cleaned, host_of, reads_like_one, whole


class Shape(Enum):
    """What a passage is."""

    TEXT = auto()
    QUOTE = auto()
    CODE = auto()


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of a passage that look different; runs ascend and do not overlap."""

    start: int
    end: int
    parts: tuple[str, ...]
    """Names of styles, laid one over another: `strong`, `emphasis`, `struck`, `code`, `link`, `host`, `person`."""
    target: str = ""
    """Of a link the cleaned address, of a person the name."""


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
        """It stands in the text as it is, so that whoever reads the text knows it."""
        return cleaned(self.shown) == self.target


_LINK_TEXT: Final = r"\[(?P<title>[^\[\]]+)\]"
_IN_BRACKETS: Final = CHARACTER.replace("[^", "[^()")
_MARK = re.compile(
    r"(?P<ticks>`+)|(?P<mark>\*+|_+|~+)"
    rf"|{_LINK_TEXT}\((?P<address>(?:https?://(?:{_IN_BRACKETS}|\({_IN_BRACKETS}*\))+|{MAIL}))\)"
    rf"|(?<![a-zA-Z0-9])(?P<bare>https?://{CHARACTER}+|{MAIL})"
    r"|(?<![\w@.+-])@(?P<name>\w[^\s!\"#$%&()*,/:;<=>?@\[\\\]^`{|}~\u2000-\u206f\u3000-\u303f\uff00-\uff0f]*)",
    re.IGNORECASE,
)
_ANY = re.compile(r"[*_~`@\[]|://|mailto:|^(?:>|#+ )", re.MULTILINE | re.IGNORECASE)
"""A text without any of these is one passage without runs."""
_HINT = re.compile(r"[*_~`@\[:>#]")
"""As `_ANY`, but sooner told."""
_FENCE = re.compile(r" {0,3}(`{3,})[ ]*([\w+#.-]*) *")
_HEADING = re.compile(r"#{1,6} +\S")
_TICKS = re.compile("`+")
_KINDS: Final = {"*": {1: "*", 2: "**"}, "_": {1: "_"}, "~": {2: "~~"}}
"""Per character and length of a run the mark that it is."""
_PARTS: Final = {"*": "emphasis", "**": "strong", "_": "emphasis", "~~": "struck"}


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
            text, found = _Line(line).read()
            runs += [Run(start + each.start, start + each.end, each.parts, each.target) for each in found]
        shown.append(text)
        start += len(text) + 1
    return Passage(shape, "\n".join(shown), tuple(runs))


@dataclass(slots=True)
class _Line:
    """Reads one line from left to right. Marks wait among the pieces, as text, until they are closed."""

    text: str
    pieces: list[str] = field(default_factory=list)
    begins: dict[int, list[str]] = field(default_factory=dict)
    """Per piece the parts that begin with it."""
    ends: dict[int, list[str]] = field(default_factory=dict)
    """Per piece the parts that end before it."""
    targets: dict[int, str] = field(default_factory=dict)
    opened: list[tuple[str, int]] = field(default_factory=list)
    """Marks that wait, and their pieces."""
    waiting: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_PARTS, 0))
    """How many of each wait."""
    ticks: dict[int, list[int]] | None = None
    """Per length where so many backticks stand."""

    def read(self) -> tuple[str, list[Run]]:
        """The line without its marks, and its runs."""
        place = 0
        while found := _MARK.search(self.text, place):
            self._plain(place, found.start())
            place = self._take(found)
        self._plain(place, len(self.text))
        if _HEADING.match(self.text):
            self._style(0, len(self.pieces), "strong")
        return "".join(self.pieces), list(self._runs())

    def _take(self, found: re.Match[str]) -> int:
        """Put what was found among the pieces; returns where to read on."""
        match found.lastgroup:
            case "ticks":
                return self._code(found)
            case "mark":
                self._mark(found)
            case "address":
                self._titled(found["title"], found["address"], found[0])
            case "bare":
                return self._bare(found)
            case _:
                return self._person(found)
        return found.end()

    def _plain(self, start: int, end: int) -> None:
        if start < end:
            self.pieces.append(self.text[start:end])

    def _add(self, text: str, part: str, target: str = "") -> None:
        number = len(self.pieces)
        self.pieces.append(text)
        self.targets[number] = target
        self._style(number, number + 1, part)

    def _style(self, start: int, end: int, part: str) -> None:
        self.begins.setdefault(start, []).append(part)
        self.ends.setdefault(end, []).append(part)

    def _code(self, found: re.Match[str]) -> int:
        if self.ticks is None:
            self.ticks = {}
            for each in _TICKS.finditer(self.text):
                self.ticks.setdefault(len(each[0]), []).append(each.start())
        alike = self.ticks[len(found[0])]
        number = bisect_right(alike, found.start())
        if number == len(alike):
            self.pieces.append(found[0])
            return found.end()
        inside = self.text[found.end() : alike[number]]
        if inside.startswith(" ") and inside.endswith(" ") and inside.strip():
            inside = inside[1:-1]
        self._add(inside, "code")
        return alike[number] + len(found[0])

    def _mark(self, found: re.Match[str]) -> None:
        run = found[0]
        before = self.text[found.start() - 1] if found.start() else " "
        after = self.text[found.end()] if found.end() < len(self.text) else " "
        if not before.isspace() and not _in_word(after):
            run = self._closed(run)
        if run and not after.isspace() and not _in_word(before) and self._opens(run):
            return
        if run:
            self.pieces.append(run)

    def _closed(self, run: str) -> str:
        """Close what a run of marks closes; returns what is left of it."""
        while run:
            lengths = (1, 2) if len(run) == 3 else (len(run),)
            fits = [kind for length, kind in _KINDS[run[0]].items() if length in lengths and self.waiting[kind]]
            # Of two that three marks could close, the one that was opened last.
            kind = self.opened[-1][0] if len(fits) > 1 and self.opened[-1][0] in fits else max(fits, default="")
            if not kind:
                break
            self._close(kind)
            run = run[len(kind) :]
        return run

    def _close(self, kind: str) -> None:
        while True:
            last, number = self.opened.pop()
            self.waiting[last] -= 1
            if last == kind:
                break
        self.pieces[number] = ""
        self._style(number, len(self.pieces), _PARTS[kind])

    def _opens(self, run: str) -> bool:
        kinds = ("**", "*") if run == "***" else (_KINDS[run[0]].get(len(run), ""),)
        for kind in filter(None, kinds):
            self.opened.append((kind, len(self.pieces)))
            self.waiting[kind] += 1
            self.pieces.append(kind)
        return bool(kinds[0])

    def _titled(self, title: str, address: str, raw: str) -> None:
        """A link by its title, never without saying where it leads."""
        target = cleaned(address)
        if target is None:
            self.pieces.append(raw)
            return
        self._add(title, "link", target)
        if title not in (address, target):
            place = target if reads_like_one(title) else host_of(target)
            self._add(f" ({place})", "host")

    def _bare(self, found: re.Match[str]) -> int:
        address = whole(found["bare"])
        target = cleaned(address)
        if target is None:
            self.pieces.append(found[0])
            return found.end()
        self._add(address, "link", target)
        return found.start() + len(address)

    def _person(self, found: re.Match[str]) -> int:
        name = found["name"].rstrip("'+.-_").removesuffix("'s")
        if not name:
            self.pieces.append(found[0])
            return found.end()
        self._add(f"@{name}", "person", name)
        return found.start() + 1 + len(name)

    def _runs(self) -> Iterator[Run]:
        active: dict[str, int] = {}
        starts = accumulate(map(len, self.pieces), initial=0)
        for number, (piece, start) in enumerate(zip(self.pieces, starts, strict=False)):
            for part in self.ends.get(number, ()):
                active[part] -= 1
            for part in self.begins.get(number, ()):
                active[part] = active.get(part, 0) + 1
            parts = tuple([part for part, times in active.items() if times])
            if piece and parts:
                yield Run(start, start + len(piece), parts, self.targets.get(number, ""))


def _in_word(character: str) -> bool:
    """Whether a mark beside this character stands within a word; scripts without spaces have no such place.

    A backslash counts: whoever writes one before a mark wants neither to vanish.
    """
    return (character.isalnum() and character < "\u2e80") or character in "_\\"
