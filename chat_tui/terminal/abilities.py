"""Whether something works in a terminal, and the line to add where it does not: the words of `doctor`. Pure."""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """Whether something works here."""

    OK = "ok"
    LIMITED = "limited"
    OFF = "off"
    UNKNOWN = "unknown"
    """Nothing that could be asked tells."""


class Channel(Enum):
    """How a notification leaves a terminal; the value is what `DOUBLETICK_NOTIFY` takes."""

    BELL = "bell"
    OSC9 = "osc9"
    """One line of text; iTerm2's."""
    OSC777 = "osc777"
    """Title and body; urxvt's."""
    OSC99 = "osc99"
    """Title, body and an identifier, so that it can be replaced and withdrawn; kitty's."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A line to add, and where; for a program with windows, a setting and whose it is."""

    line: str
    where: str


@dataclass(frozen=True, slots=True)
class Ability:
    """Whether something works, in a sentence, and what would make it work."""

    verdict: Verdict
    sentence: str
    fixes: tuple[Fix, ...] = ()


TMUX_CONF = "~/.tmux.conf"
PROFILE = "~/.profile"
FOCUS_EVENTS = Fix("set -g focus-events on", TMUX_CONF)
PASSTHROUGH_ALL = Fix("set -g allow-passthrough all", TMUX_CONF)
PASSTHROUGH_ON = Fix("set -g allow-passthrough on", TMUX_CONF)
SET_CLIPBOARD = Fix("set -g set-clipboard on", TMUX_CONF)
EXTENDED_KEYS = Fix("set -s extended-keys on", TMUX_CONF)
MONITOR_BELL = Fix("set -g monitor-bell on", TMUX_CONF)
CHOOSE_CHANNEL = Fix("export DOUBLETICK_NOTIFY=osc777   # or osc9, osc99: whichever it shows", PROFILE)


def terminal_feature(term: str, feature: str) -> Fix:
    """What tells tmux (3.2 or newer) that the terminal around it can do something."""
    return Fix(f"set -as terminal-features ',{term}:{feature}'", TMUX_CONF)
