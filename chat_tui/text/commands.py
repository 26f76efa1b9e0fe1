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

from chat_server.protocol import CONTENT_CHARS_MAX, NAME_CHARS_MAX, TITLE_CHARS_MAX
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
    DATE = "date"
    SEARCH = "search"
    MSG = "msg"
    TOPIC = "topic"
    PASS = "pass"  # noqa: S105  # a word that is written, and no secret
    BANS = "bans"
    RECEIPTS = "receipts"


TAKES: Final = {
    Verb.JOIN: f"ROOM [{REQUIRED}] [TITLE]",
    Verb.LEAVE: "",
    Verb.ROOMS: "",
    Verb.MEMBERS: "",
    Verb.DATE: "WHEN",
    Verb.SEARCH: "WORDS",
    Verb.MSG: "NAME [TEXT]",
    Verb.TOPIC: "TITLE",
    Verb.BANS: "",
    Verb.RECEIPTS: "[MODE]",
}
"""What each takes that takes something else than the NAME of somebody; what is in brackets may be left out."""
NAMING: Final = tuple(verb for verb in Verb if TAKES.get(verb, "NAME").startswith("NAME"))
"""Those that are done to somebody, or said to them."""

LOOSE: Final = (Verb.DATE, Verb.SEARCH)
"""Those that take all that is written after them."""

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
    Verb.DATE: "Go to a day or a time: 2026-11-24, yesterday, monday, 14:30, 3 days ago.",
    Verb.SEARCH: "Find messages by their words, in this room or in all.",
    Verb.MSG: "Go to the conversation with one person, and say something there.",
    Verb.TOPIC: "Give this room another title.",
    Verb.PASS: "Make somebody the owner of this room.",
    Verb.BANS: "Show who is banned from this room, to let them come back.",
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
    """Of whom or of which room, or what else it takes; empty where it takes nothing."""
    text: str = ""
    """What is to be said, or the title of the room."""
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
    word, *rest = text.split(maxsplit=1)
    if word == SLASH + ASK:
        return Help()
    verb = next((each for each in Verb if SLASH + each.value == word), None)
    if verb is None:
        return Mistake(f"There is no command {_short(word)}; {_instead(word)} {_AS_TEXT}")
    return _command(verb, "".join(rest).rstrip())


def _command(verb: Verb, rest: str) -> Command | Mistake:
    takes = TAKES.get(verb, "NAME")
    if verb is Verb.RECEIPTS:
        return _receipts(rest)
    if verb is Verb.TOPIC and rest:
        return _titled(verb, "", rest)
    if verb in LOOSE and rest:
        return Command(verb, rest)
    name, *texts = rest.split(maxsplit=1) or [""]
    if bool(name) != bool(takes) or (texts and "[" not in takes):
        wanted = ("one name" if takes == "NAME" else "something") if takes else "nothing"
        return Mistake(f"Write {wanted} after it: {usage(verb)}. {_AS_TEXT}")
    if len(name) > NAME_CHARS_MAX:
        nothing = "No room" if verb is Verb.JOIN else "Nobody"
        return Mistake(f"{nothing} has a name of more than {NAME_CHARS_MAX} characters.")
    if verb is Verb.JOIN:
        return _entered(name.removeprefix("#"), "".join(texts))
    if verb is Verb.MSG and len("".join(texts)) > CONTENT_CHARS_MAX:
        return Mistake(f"At most {CONTENT_CHARS_MAX:,} characters can be sent at a time.")
    return Command(verb, name.removeprefix("@") if verb is Verb.MSG else name, "".join(texts))


def _titled(verb: Verb, name: str, title: str, choice: str = "") -> Command | Mistake:
    """With the title of a room: one line, whatever it was written on."""
    line = " ".join(title.split())
    if len(line) > TITLE_CHARS_MAX:
        return Mistake(f"A title has at most {TITLE_CHARS_MAX} characters.")
    return Command(verb, name, line, choice)


def _entered(name: str, rest: str) -> Command | Mistake:
    """Into a room: with a word that receipts are required there, and with its title, if it is made."""
    word, *titles = rest.split(maxsplit=1) or [""]
    if word != REQUIRED:
        return _titled(Verb.JOIN, name, rest)
    return _titled(Verb.JOIN, name, "".join(titles), REQUIRED)


def _receipts(choice: str) -> Command | Mistake:
    if choice and choice not in (*MODES, DEFAULT):
        return Mistake(f"Write {', '.join(MODES)} or {DEFAULT} after it, or nothing. {_AS_TEXT}")
    return Command(Verb.RECEIPTS, "", choice=choice)


def usage(verb: Verb) -> str:
    """How a command is written."""
    return f"{SLASH}{verb.value} {TAKES.get(verb, 'NAME')}".rstrip()


_AS_TEXT: Final = "To send it as a message, begin with two slashes."


def _instead(word: str) -> str:
    """The command that looks most like it, or where none does how to see them all."""
    # What is compared is bounded: the time that it takes grows with the square.
    nearest = get_close_matches(word[1 : NAME_CHARS_MAX + 1].lower(), SENTENCES, n=1)
    if nearest:
        return f"did you mean {SLASH}{nearest[0]}?"
    return f"{SLASH}{ASK} shows all there are."


def _short(word: str) -> str:
    return word if len(word) <= NAME_CHARS_MAX else f"{word[:NAME_CHARS_MAX]}…"
