"""What was written to the composer, told apart: a message, a command, or neither. Pure.

/kick NAME      a command
/help           the question of what there is
/leave          one that takes nothing
//kick NAME     the message "/kick NAME"
"""

from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Final, get_args

from chat_server.protocol import NAME_CHARS_MAX
from chat_server.protocol.requests import Mode

SLASH: Final = "/"
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
"""What one can choose about one's receipts."""
AS_EVERYWHERE: Final = "as everywhere"
DEFAULT: Final = "default"
"""The word for a room that is to be as all others."""
REQUIRED: Final = "required"
"""The word for a room in which everybody shares what they read."""


class Verb(Enum):
    """The commands there are; the value is what is written after the slash, and `TAKES` what comes after it."""

    KICK = "kick"
    BAN = "ban"
    UNBAN = "unban"
    MUTE = "mute"
    UNMUTE = "unmute"
    JOIN = "join"
    LEAVE = "leave"
    ROOMS = "rooms"
    MEMBERS = "members"
    RECEIPTS = "receipts"


TAKES: Final = {
    Verb.JOIN: f"ROOM [{REQUIRED}]",
    Verb.LEAVE: "",
    Verb.ROOMS: "",
    Verb.MEMBERS: "",
    Verb.RECEIPTS: "[MODE]",
}
"""What each takes that takes something else than the NAME of somebody."""

HELP: Final = {
    Verb.KICK: "Put somebody out of the room; they may come back.",
    Verb.BAN: "Put somebody out of the room for good.",
    Verb.UNBAN: "Let somebody come back.",
    Verb.MUTE: "Let somebody read and not write.",
    Verb.UNMUTE: "Let somebody write again.",
    Verb.JOIN: "Go to a room; one that is not there yet is made, and requires receipts if you say so.",
    Verb.LEAVE: "Be no longer a member of this room.",
    Verb.ROOMS: "Show all rooms of the server.",
    Verb.MEMBERS: "Show who is in this room.",
    Verb.RECEIPTS: "Choose who sees what you read here: public, private, off or default; or look how it is.",
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
    """Something to be done, as a rule to somebody."""

    verb: Verb
    name: str
    """Of whom or of which room; empty where it takes none."""
    choice: str = ""
    """What of several was chosen; empty where nothing was."""


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
    word, *names = text.split()[:4]
    if word == SLASH + ASK:
        return Help()
    verb = next((each for each in Verb if SLASH + each.value == word), None)
    if verb is None:
        return Mistake(f"There is no command {_short(word)}; {_instead(word)} {_AS_TEXT}")
    if verb is Verb.RECEIPTS:
        return _receipts(names)
    choice = REQUIRED if verb is Verb.JOIN and names[1:] == [REQUIRED] else ""
    if choice:
        del names[1:]
    if len(names) != bool(takes := TAKES.get(verb, "NAME")):
        return Mistake(f"Write {'one name' if takes else 'nothing'} after it: {usage(verb)}. {_AS_TEXT}")
    if not names:
        return Command(verb, "")
    if len(names[0]) > NAME_CHARS_MAX:
        nothing = "No room" if verb is Verb.JOIN else "Nobody"
        return Mistake(f"{nothing} has a name of more than {NAME_CHARS_MAX} characters.")
    return Command(verb, names[0].removeprefix("#") if verb is Verb.JOIN else names[0], choice)


def _receipts(words: list[str]) -> Command | Mistake:
    match words:
        case []:
            return Command(Verb.RECEIPTS, "")
        case [choice] if choice in (*MODES, DEFAULT):
            return Command(Verb.RECEIPTS, "", choice)
        case _:
            return Mistake(f"Write {', '.join(MODES)} or {DEFAULT} after it, or nothing. {_AS_TEXT}")


def usage(verb: Verb) -> str:
    """How a command is written."""
    return f"{SLASH}{verb.value} {TAKES.get(verb, 'NAME')}".rstrip()


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
