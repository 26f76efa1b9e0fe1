"""What can be completed at the cursor, and by what. Pure.

    seek:   text, cursor       -> Sought   what is being written there, if that is something to complete
    offer:  text, Sought, names -> Offer   what it could become, and which part of the text that replaces

    @ma         a name of somebody in the room
    :smi        an emoji by its name; `:smile:` becomes one by its last colon
    /ki         a command
    /kick ma    whom it is about

Nothing is completed within a word, a link or code, and the `@` of an e-mail address begins no name.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from chat_tui.text.commands import NAMING, SENTENCES, SLASH
from chat_tui.text.emojinames import emoji_names

SUGGESTIONS_MAX: Final = 50
_OPENERS: Final = "([{\"'*_~"
"""What may stand before a word without being a part of it."""
_GOES_ON: Final = re.compile(r"[^\s)\]}\"'*_~.,;:!?]")
"""A character that makes what is before it the inside of a word."""
_EMOJI: Final = re.compile(r":([A-Za-z0-9_+-]{2,})")
_COMMAND: Final = re.compile(rf"{SLASH}([A-Za-z]*)")
_WHOM: Final = re.compile(rf"{SLASH}({'|'.join(verb.value for verb in NAMING)}) +(\S+)")
_FENCE: Final = "```"


class Kind(Enum):
    """What is being written."""

    NAME = auto()
    EMOJI = auto()
    COMMAND = auto()


@dataclass(frozen=True, slots=True)
class Sought:
    """The beginning of something."""

    kind: Kind
    start: int
    """Where in the text it begins, with its `@`, `:` or `/`."""
    end: int
    """Where it ends: the cursor."""
    mark: str
    """What stands before what is typed of it and is kept: `@` or nothing; the others are replaced."""
    typed: str
    """What is there of it, folded for comparison, without its mark."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that it could become."""

    inserted: str
    shown: str
    """On one line."""
    hint: str = ""
    """A few words beside it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What can stand in place of a part of the text."""

    start: int
    end: int
    suggestions: tuple[Suggestion, ...]
    """The likeliest first; at least one, at most `SUGGESTIONS_MAX`."""


def seek(text: str, cursor: int) -> Sought | None:
    """What is being written before the cursor, an offset in the text; None where nothing can be completed."""
    before = text[:cursor]
    if _GOES_ON.match(text, cursor):
        return None
    if (command := _seek_command(before)) is not None:
        return command
    word = _last_word(before)
    start = cursor - len(word)
    if word[:1] == "@" and "@" not in word[1:] and not _in_code(before):
        return Sought(Kind.NAME, start, cursor, "@", word[1:].casefold())
    if (match := _EMOJI.fullmatch(word)) and not _in_code(before):
        return Sought(Kind.EMOJI, start, cursor, "", match[1].casefold())
    return None


def offer(text: str, sought: Sought, names: Iterable[str]) -> Offer | None:
    """What the beginning could become; `names` are those of people, the likeliest first, made safe to show.

    None where nothing begins so, and where what is typed is a name or command already: then Enter sends it.
    """
    if sought.kind is Kind.NAME:
        found = _names(text, sought, names)
    elif sought.kind is Kind.COMMAND:
        found = _commands(text, sought)
    else:
        found = list(emoji_like(sought.typed))
    written = text[sought.start : sought.end]
    if not found or any(each.inserted.rstrip() == written for each in found):
        return None
    return Offer(sought.start, sought.end, tuple(found[:SUGGESTIONS_MAX]))


def closed_emoji(text: str, cursor: int) -> Offer | None:
    """The emoji that a colon at the cursor would close the name of, as the only suggestion; None for none."""
    sought = seek(text, cursor)
    if sought is None or sought.kind is not Kind.EMOJI or sought.typed not in emoji_names():
        return None
    emoji = emoji_names()[sought.typed]
    return Offer(sought.start, sought.end, (Suggestion(emoji, emoji),))


def likeliest_first(members: Iterable[str], online: Collection[str], spoken: Iterable[str]) -> list[str]:
    """Members in the order in which somebody may want to name them: who is online, who spoke last, by the letter.

    `spoken` are names as they come, the last speaker first.
    """
    turns = {name: turn for turn, name in enumerate(dict.fromkeys(spoken))}
    silent = len(turns)
    return sorted(members, key=lambda name: (name not in online, turns.get(name, silent), name.casefold(), name))


def _seek_command(before: str) -> Sought | None:
    """A command, or whom it is about; both stand at the beginning of the text only."""
    if match := _COMMAND.fullmatch(before):
        return Sought(Kind.COMMAND, 0, len(before), "", match[1].casefold())
    if match := _WHOM.fullmatch(before):
        return Sought(Kind.NAME, match.start(2), len(before), "", match[2].casefold())
    return None


def _last_word(before: str) -> str:
    """What stands between the last space and the end, without brackets and quotes that open before it."""
    if not before or before[-1].isspace():
        return ""
    return before.rsplit(None, 1)[-1].lstrip(_OPENERS)


def _in_code(before: str) -> bool:
    """Whether the end of the text is within a fenced block or backticks."""
    lines = before.split("\n")
    fences = sum(line.lstrip().startswith(_FENCE) for line in lines)
    if fences % 2 or lines[-1].lstrip().startswith(_FENCE):
        return True
    return lines[-1].count("`") % 2 == 1


def _names(text: str, sought: Sought, names: Iterable[str]) -> list[Suggestion]:
    tail = _space_after(text, sought.end)
    found = (name for name in names if name.casefold().startswith(sought.typed))
    return [Suggestion(f"{sought.mark}{name}{tail}", f"{sought.mark}{name}") for name in found]


def _commands(text: str, sought: Sought) -> list[Suggestion]:
    tail = _space_after(text, sought.end)
    return [
        Suggestion(f"{SLASH}{word}{tail}", f"{SLASH}{word}", sentence)
        for word, sentence in SENTENCES.items()
        if word.startswith(sought.typed)
    ]


def emoji_like(typed: str) -> Iterator[Suggestion]:
    """Those whose names begin so, the shortest first, then those in whose names another word does; each once."""
    begin = [name for name in emoji_names() if name.startswith(typed)]
    within = [name for name in emoji_names() if f"_{typed}" in name]
    met: set[str] = set()
    for name in (*_shortest_first(begin), *_shortest_first(within)):
        emoji = emoji_names()[name]
        if emoji not in met:
            met.add(emoji)
            yield Suggestion(emoji, emoji, f":{name}:")


def _shortest_first(names: Sequence[str]) -> list[str]:
    return sorted(names, key=lambda name: (len(name), name))


def _space_after(text: str, end: int) -> str:
    """A space where nothing follows on the line, so that one can go on writing."""
    return " " if text[end : end + 1] in ("", "\n") else ""
