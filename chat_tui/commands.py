"""What was written to the composer, told apart: a message, a command, or neither. Pure.

/kick NAME      a command
/help           the question of what there is
//kick NAME     the message "/kick NAME"
"""

from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Final

from chat_server.protocol import NAME_CHARS_MAX

SLASH: Final = "/"


class Verb(Enum):
    """The commands there are, each with one name after it; the value is what is written after the slash."""

    KICK = "kick"
    BAN = "ban"
    UNBAN = "unban"
    MUTE = "mute"
    UNMUTE = "unmute"


HELP: Final = {
    Verb.KICK: "Put somebody out of the room; they may come back.",
    Verb.BAN: "Put somebody out of the room for good.",
    Verb.UNBAN: "Let somebody come back.",
    Verb.MUTE: "Let somebody read and not write.",
    Verb.UNMUTE: "Let somebody write again.",
}
"""A sentence for each, as for a key."""
ASK: Final = "help"
"""The one word that needs no name."""
SENTENCES: Final = {
    **{verb.value: sentence for verb, sentence in HELP.items()},
    ASK: "Show all keys and commands.",
}
"""What each word after the slash does."""


@dataclass(frozen=True, slots=True)
class Text:
    """A message to send."""

    content: str


@dataclass(frozen=True, slots=True)
class Command:
    """Something to be done to somebody."""

    verb: Verb
    name: str


@dataclass(frozen=True, slots=True)
class Help:
    """Somebody asks for keys and commands."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """No message and no command."""

    sentence: str
    """What is wrong, and what to write instead; it repeats nothing of unbounded length."""


def parse(text: str) -> Text | Command | Help | Mistake:
    """What somebody means by what they have written; a message that begins with a slash is written with two."""
    if not text.startswith(SLASH):
        return Text(text)
    if text.startswith(2 * SLASH):
        return Text(text[1:])
    word, *names = text.split()[:3]
    if word == SLASH + ASK:
        return Help()
    verb = next((each for each in Verb if SLASH + each.value == word), None)
    if verb is None:
        return Mistake(f"There is no command {_short(word)}; {_instead(word)} {_AS_TEXT}")
    if len(names) != 1:
        return Mistake(f"Write one name after it: {SLASH}{verb.value} NAME. {_AS_TEXT}")
    if len(names[0]) > NAME_CHARS_MAX:
        return Mistake(f"Nobody has a name of more than {NAME_CHARS_MAX} characters.")
    return Command(verb, names[0])


_AS_TEXT: Final = "To send it as a message, begin with two slashes."


def _instead(word: str) -> str:
    """The command that looks most like it, or where none does all there are."""
    # What is compared is bounded: the time that it takes grows with the square.
    nearest = get_close_matches(word[1 : NAME_CHARS_MAX + 1].lower(), SENTENCES, n=1)
    if nearest:
        return f"did you mean {SLASH}{nearest[0]}?"
    *most, last = (f"{SLASH}{each}" for each in SENTENCES)
    return f"there are {', '.join(most)} and {last}."


def _short(word: str) -> str:
    return word if len(word) <= NAME_CHARS_MAX else f"{word[:NAME_CHARS_MAX]}…"
