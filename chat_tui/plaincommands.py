"""What is entered in `--plain`, told apart: a message, a command of this mode, or one of `commands`. Pure."""

from dataclasses import dataclass
from typing import Final

from chat_server.protocol import CONTENT_CHARS_MAX
from chat_tui.text import commands
from chat_tui.text.commands import Command, Help, Mistake, Text, Verb

HELP: Final = (
    "* A line is a message. An empty line says that you have read everything above.",
    "* /read       the same as an empty line",
    "* /who        who is in the room, and who is here",
    "* /info N     who has read your last message but N - 1, and who has not",
    "* /quit       end, once your messages are sent",
    "* /msg NAME T say it to one person alone",
    "* /kick, /ban, /unban, /mute, /unmute, /pass NAME",
    "* /topic T    give the room another title",
    "* //text      the message /text",
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
class Quit:
    """End, once everything is sent."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Who has read the last message of one's own, or the `back`th from the end?"""

    back: int


Entered = Text | Command | Mistake | Read | Who | Help | Quit | Ask


def take(line: str) -> Entered:
    """What somebody at a terminal means by a line."""
    match line.split():
        case [] | ["/read"]:
            return Read()
        case ["/who"]:
            return Who()
        case ["/quit"]:
            return Quit()
        case ["/info"]:
            return Ask(1)
        case ["/info", number] if number.isdecimal() and len(number) <= 3 and int(number):
            return Ask(int(number))
        case ["/info", *_]:
            return Mistake("Write a number from 1 to 999 after /info: 1 is the last message of yours.")
        case _:
            return _of_any_mode(commands.parse(line))


def _of_any_mode(meant: Text | Command | Help | Mistake) -> Entered:
    if isinstance(meant, Command) and meant.verb is Verb.MSG and not meant.text:
        return Mistake("Write what to say after the name: /msg NAME TEXT.")
    if isinstance(meant, Command) and meant.verb not in VERBS:
        return Mistake(f"/{meant.verb.value} is not for this mode; /help shows what is.")
    return message(meant.content) if isinstance(meant, Text) else meant


def message(line: str) -> Text | Mistake:
    """A line as the message that it is, whatever it begins with; a pipe has no commands."""
    if len(line) > CONTENT_CHARS_MAX:
        return Mistake(
            f"A line has {len(line):,} characters; at most {CONTENT_CHARS_MAX:,} can be sent at a time."
        )
    return Text(line)
