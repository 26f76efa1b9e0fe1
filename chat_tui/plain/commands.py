"""What is entered in `--plain`, told apart: a message, a command of this mode, or one of `commands`. Pure."""

from dataclasses import dataclass
from typing import Final

from chat_server.protocol import CONTENT_CHARS_MAX
from chat_tui.text import commands
from chat_tui.text.commands import Command, Help, Mistake, Text, Verb

HELP: Final = (
    "* A line is a message. An empty line says that you have read everything above.",
    "* /read          the same as an empty line",
    "* /who           who is in the room, and who is here",
    "* /info N        who has read your last message but N - 1, and who has not",
    "* /pins          what is pinned in the room, and how many have read it",
    "* /search W      which messages of the room have the words W; from:NAME and has:link too",
    "* /reply N TEXT  reply to the last message of others but N - 1",
    "* /edit N TEXT   have your last message but N - 1 say this instead",
    "* /delete N      delete your last message but N - 1 for everybody",
    "* /msg NAME TEXT say it to one person alone",
    "* /topic TITLE   give the room another title",
    "* /kick, /ban, /unban, /mute, /unmute, /pass NAME",
    "* /quit          end, once your messages are sent",
    "* //text         the message /text",
)
"""What `/help` says."""
VERBS: Final = frozenset(
    (Verb.KICK, Verb.BAN, Verb.UNBAN, Verb.MUTE, Verb.UNMUTE, Verb.TOPIC, Verb.PASS, Verb.MSG)
)
"""What can be done in this mode; everything else needs a screen, or another room to go to."""


@dataclass(frozen=True, slots=True)
class Read:
    """Everything that was written has been read."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who is in the room?"""


@dataclass(frozen=True, slots=True)
class Pinned:
    """What is pinned in the room?"""


@dataclass(frozen=True, slots=True)
class Quit:
    """End, once everything is sent."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Who has read the last message of one's own, or the `back`th from the end?"""

    back: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A message that answers the last one of others, or the `back`th from the end."""

    back: int
    content: str


@dataclass(frozen=True, slots=True)
class Change:
    """Another text for the last message of one's own, or the `back`th from the end."""

    back: int
    content: str


@dataclass(frozen=True, slots=True)
class Remove:
    """The last message of one's own, or the `back`th from the end, is to be deleted."""

    back: int


@dataclass(frozen=True, slots=True)
class Look:
    """Which messages of the room have these words?"""

    words: str


Entered = Text | Command | Mistake | Read | Who | Pinned | Help | Quit | Ask | Reply | Change | Remove | Look


def take(line: str) -> Entered:
    """What somebody at a terminal means by a line."""
    match line.split():
        case [] | ["/read"]:
            return Read()
        case ["/who"]:
            return Who()
        case ["/pins"]:
            return Pinned()
        case ["/quit"]:
            return Quit()
        case ["/info"]:
            return Ask(1)
        case ["/info", number] if _is_back(number):
            return Ask(int(number))
        case ["/info", *_]:
            return Mistake("Write a number from 1 to 999 after /info: 1 is the last message of yours.")
        case ["/delete", number] if _is_back(number):
            return Remove(int(number))
        case ["/delete", *_]:
            return Mistake("Write a number from 1 to 999 after /delete: 1 is the last message of yours.")
        case ["/reply" | "/edit" as word, number, _, *_] if _is_back(number):
            return _about(word, int(number), line.split(maxsplit=2)[2])
        case ["/reply" | "/edit" as word, *_]:
            return Mistake(f"Write a number from 1 to 999 and a text after {word}: 1 is the last message.")
        case _:
            return _of_any_mode(commands.parse(line))


def _of_any_mode(meant: Text | Command | Help | Mistake) -> Entered:
    match meant:
        case Text(content=content):
            return message(content)
        case Command(verb=Verb.SEARCH, name=words):
            return Look(words)
        case Command(verb=Verb.MSG, text=""):
            return Mistake("Write what to say after the name: /msg NAME TEXT.")
        case Command(verb=verb) if verb not in VERBS:
            return Mistake(f"/{verb.value} is not for this mode; /help shows what is.")
        case _:
            return meant


def _is_back(number: str) -> bool:
    return number.isdecimal() and len(number) <= 3 and int(number) > 0


def _about(word: str, back: int, content: str) -> Reply | Change | Mistake:
    """A text about a message."""
    meant = message(content)
    if isinstance(meant, Mistake):
        return meant
    return Reply(back, content) if word == "/reply" else Change(back, content)


def message(line: str) -> Text | Mistake:
    """A line as the message that it is, whatever it begins with; a pipe has no commands."""
    if len(line) > CONTENT_CHARS_MAX:
        return Mistake(
            f"A line has {len(line):,} characters; at most {CONTENT_CHARS_MAX:,} can be sent at a time."
        )
    return Text(line)
