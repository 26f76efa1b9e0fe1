"""One line of text and its marks: what is shown, and what of it looks different. Pure, in linear time."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from chat_tui.text.links import CHARACTER, MAIL, cleaned, host_of, reads_like_one, whole


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of a passage that look different; runs ascend and do not overlap."""

    start: int
    end: int
    parts: tuple[str, ...]
    """Names of styles, laid one over another: `strong`, `emphasis`, `struck`, `code`, `link`, `host`, `person`."""
    target: str = ""
    """Of a link the cleaned address, of a person the name, of a reaction its number."""


_LINK_TEXT: Final = r"\[(?P<title>[^\[\]]+)\]"
_IN_BRACKETS: Final = CHARACTER.replace("[^", "[^()")
_MARK = re.compile(
    r"(?P<ticks>`+)|(?P<mark>\*+|_+|~+)"
    rf"|{_LINK_TEXT}\((?P<address>(?:https?://(?:{_IN_BRACKETS}|\({_IN_BRACKETS}*\))+|{MAIL}))\)"
    rf"|(?<![a-zA-Z0-9])(?P<bare>https?://{CHARACTER}+|{MAIL})"
    r"|(?<![\w@.+-])@(?P<name>\w[^\s!\"#$%&()*,/:;<=>?@\[\\\]^`{|}~\u2000-\u206f\u3000-\u303f\uff00-\uff0f]*)",
    re.IGNORECASE,
)
_HEADING = re.compile(r"#{1,6} +\S")
_TICKS = re.compile("`+")
_KINDS: Final = {"*": {1: "*", 2: "**"}, "_": {1: "_"}, "~": {2: "~~"}}
"""Per character and length of a run the mark that it is."""
_PARTS: Final = {"*": "emphasis", "**": "strong", "_": "emphasis", "~~": "struck"}


def read_line(text: str) -> tuple[str, list[Run]]:
    """The line without its marks, and its runs."""
    return _Line(text).read()


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
