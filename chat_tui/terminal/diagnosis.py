"""What a terminal, tmux and a locale mean for the chat: facts in, findings out. Pure.

Each finding has a sentence for a person and, where something is off, the line to add.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from chat_tui.model.view import GLYPHS, TickState
from chat_tui.terminal import copying
from chat_tui.terminal.abilities import (
    EXTENDED_KEYS,
    FOCUS_EVENTS,
    MONITOR_BELL,
    PROFILE,
    Ability,
    Channel,
    Fix,
    Verdict,
    terminal_feature,
)
from chat_tui.terminal.channels import CHOICE, choose
from chat_tui.terminal.replies import CLIPBOARD, FOCUS, MOUSE, PASTE, PROBES, SYNCHRONIZED, Answers
from chat_tui.terminal.surroundings import Surroundings, shown

WIDE: Final = (60, 18)
"""Columns and rows from which on the screen shows everything, as in `ChatApp`'s breakpoints."""

OK, LIMITED, OFF, UNKNOWN = Verdict.OK, Verdict.LIMITED, Verdict.OFF, Verdict.UNKNOWN
_NARROW = Fix("characters of ambiguous width: narrow", "the terminal's settings")
_ASCII = Fix("chat-tui --ascii", "or start it as")
_NEEDS_KEYS = "a receipt needs a key press in the minute before"


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found out."""

    place: Surroundings
    encoding: str
    """In which the screen is drawn."""
    ascii_only: bool
    size: tuple[int, int] | None
    """Columns and rows; None without a terminal."""
    answers: Answers | None
    unasked: str = ""
    """Why the terminal was not asked, as a sentence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a chat needs, and how it stands with it."""

    topic: str
    ability: Ability


def diagnose(facts: Facts) -> tuple[Finding, ...]:
    """Everything there is to say, what matters most to the chat last."""
    found = ((topic, examine(facts)) for topic, examine in _EXAMINATIONS)
    return tuple(Finding(topic, ability) for topic, ability in found if ability is not None)


def _asking(facts: Facts) -> Ability | None:
    if facts.unasked:
        return Ability(UNKNOWN, f"{facts.unasked} This is what the environment tells.")
    return None if facts.answers else Ability(OFF, "The terminal answers no questions.")


def _terminal(facts: Facts) -> Ability:
    known, place = facts.place.terminal, facts.place
    told = place.tmux.client_version or place.tmux.client_term if place.tmux else place.version or place.term
    around = " around tmux" if place.in_tmux else ""
    said = f' ("{shown(told)}")' if told else ""
    if known is None:
        return Ability(UNKNOWN, f"The terminal{around} is none that is known by name{said}.")
    return Ability(OK, f"The terminal{around} is {known.name}{said}.")


def _size(facts: Facts) -> Ability | None:
    if facts.size is None:
        return None
    columns, rows = facts.size
    if columns < WIDE[0] or rows < WIDE[1]:
        return Ability(LIMITED, f"{columns} columns and {rows} rows: less is shown below {WIDE[0]} and {WIDE[1]}.")
    return Ability(OK, f"{columns} columns and {rows} rows.")


def _multiplexer(facts: Facts) -> Ability | None:
    if facts.place.in_screen:
        return Ability(LIMITED, "GNU screen passes on neither focus reports nor notifications nor copies.")
    if not facts.place.in_tmux:
        return None
    tmux = facts.place.tmux
    if tmux is None:
        return Ability(UNKNOWN, "tmux did not answer.")
    if not tmux.client_term:
        return Ability(UNKNOWN, f"tmux {tmux.version_text}, to which no terminal is attached.")
    return Ability(OK, f"tmux {tmux.version_text}.")


def _ssh(facts: Facts) -> Ability | None:
    if not facts.place.over_ssh:
        return None
    return Ability(OK, "You come over SSH: notifications and copies go through the terminal to your own machine.")


def _colours(facts: Facts) -> Ability:
    environ, term = facts.place.environ, facts.place.term
    if environ.get("NO_COLOR"):
        return Ability(LIMITED, "NO_COLOR is set: shades of grey only.")
    if term in ("", "dumb", "unknown"):
        return Ability(OFF, f'There are none: TERM is "{shown(term)}".')
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return _truecolour(facts)
    number = 256 if term.endswith(("256color", "kitty")) else 16
    fix = Fix("export COLORTERM=truecolor", PROFILE)
    return Ability(LIMITED, f"{number} colours; COLORTERM does not say that there are more.", (fix,))


def _truecolour(facts: Facts) -> Ability:
    tmux = facts.place.tmux
    if tmux is not None and tmux.client_term and "RGB" not in tmux.client_features:
        fix = terminal_feature(tmux.client_term, "RGB")
        return Ability(UNKNOWN, "16 million colours, if tmux knows that the terminal has them.", (fix,))
    return Ability(OK, "16 million colours.")


def _ticks(facts: Facts) -> Ability:
    form = int(facts.ascii_only)
    drawn = " ".join(GLYPHS[state][form] for state in (TickState.QUEUED, TickState.SENT, TickState.READ))
    encoding = shown(facts.encoding)
    if not facts.ascii_only:
        return Ability(OK, f"Ticks are drawn as {drawn} ({encoding}).")
    if facts.place.is_silent:
        return Ability(LIMITED, f"Ticks are drawn as {drawn}: this terminal has no others.")
    fix = Fix("export LANG=C.UTF-8", PROFILE)
    return Ability(LIMITED, f"Ticks are drawn as {drawn}: the locale is not one of UTF-8 ({encoding}).", (fix,))


def _widths(facts: Facts) -> Ability | None:
    if facts.ascii_only:
        return None
    if facts.answers is None or not facts.answers.columns:
        return Ability(UNKNOWN, "How wide characters are could not be measured.")
    measured = zip(PROBES, facts.answers.columns, strict=True)
    wrong = [f"{probe.name} ({cells} for {probe.cells})" for probe, cells in measured if cells != probe.cells]
    if not wrong:
        return Ability(OK, "Characters are as wide as they are drawn for, emoji included.")
    if facts.answers.columns[0] != PROBES[0].cells:
        sentence = f"Lines will be out of place; other widths than meant: {', '.join(wrong)}."
        return Ability(LIMITED, sentence, (_NARROW, _ASCII))
    return Ability(LIMITED, f"Lines with these will be out of place: {', '.join(wrong)}.")


def _focus(facts: Facts) -> Ability:
    place, answers = facts.place, facts.answers
    if place.in_screen:
        return Ability(OFF, f"GNU screen passes on no focus reports: {_NEEDS_KEYS}.")
    if place.in_tmux:
        return _focus_in_tmux(facts)
    can = answers.can(FOCUS) if answers else None
    if can or (answers is not None and answers.focused is not None):
        return Ability(OK, "The terminal reports when its window gets and loses the focus.")
    if can is False:
        return Ability(OFF, f"The terminal reports no focus: {_NEEDS_KEYS}.")
    if place.terminal is not None:
        return place.terminal.focus
    return Ability(UNKNOWN, f"Whether the terminal reports the focus is not known; until it does, {_NEEDS_KEYS}.")


def _focus_in_tmux(facts: Facts) -> Ability:
    tmux, known = facts.place.tmux, facts.place.terminal
    if tmux is None:
        return Ability(UNKNOWN, f"Whether tmux passes on focus reports is not known; if not, {_NEEDS_KEYS}.")
    if not tmux.focus_events:
        return Ability(OFF, f"tmux passes on no focus reports: {_NEEDS_KEYS}.", (FOCUS_EVENTS,))
    if known is None or known.focus.verdict is OK:
        return Ability(OK, "tmux passes on focus reports.")
    return known.focus


def _by_mode(mode: int, ok: str, off: str) -> Callable[[Facts], Ability]:
    """Something that all but the plainest terminals do, in tmux too."""

    def examine(facts: Facts) -> Ability:
        can = facts.answers.can(mode) if facts.answers else None
        if can is None and (facts.place.in_tmux or facts.place.terminal is not None):
            can = not facts.place.is_silent
        if can is None:
            return Ability(UNKNOWN, f"Nothing tells. If not: {off}")
        return Ability(OK, ok) if can else Ability(LIMITED, off)

    return examine


def _synchronized(facts: Facts) -> Ability:
    can = facts.answers.can(SYNCHRONIZED) if facts.answers else None
    if can:
        return Ability(OK, "What is drawn appears at once.")
    return Ability(LIMITED if facts.answers else UNKNOWN, "Drawing may flicker; nothing else depends on this.")


def _keys(facts: Facts) -> Ability:
    tmux = facts.place.tmux
    if tmux is not None:
        if tmux.extended_keys in ("on", "always"):
            return Ability(OK, "tmux tells Shift+Enter from Enter, if the terminal around it does.")
        return Ability(LIMITED, "Shift+Enter arrives as Enter; Ctrl+J begins a new line.", (EXTENDED_KEYS,))
    if facts.answers is not None and facts.answers.has_kitty_keys:
        return Ability(OK, "Shift+Enter begins a new line (kitty's keyboard protocol).")
    verdict = LIMITED if facts.answers else UNKNOWN
    return Ability(verdict, "Shift+Enter may arrive as Enter; Ctrl+J begins a new line.")


def _clipboard(facts: Facts) -> Ability:
    ability = copying.clipboard(facts.place)
    says_so = facts.answers is not None and CLIPBOARD in facts.answers.attributes
    if says_so and ability.verdict is not OK and not facts.place.in_tmux and not facts.place.in_screen:
        return Ability(OK, "The terminal says that it takes copies by OSC 52.")
    return ability


def _notifications(facts: Facts) -> Ability:
    place, answers = facts.place, facts.answers
    by_itself, best = choose(replace(place, version="")), choose(place)
    channel = best.channel
    if answers is not None and answers.has_kitty_notifications and not place.environ.get(CHOICE):
        channel = Channel.OSC99
    if channel is by_itself.channel:
        return by_itself.ability
    return Ability(
        LIMITED,
        f"The terminal knows {channel.value}; without being told, the chat uses {by_itself.channel.value}.",
        (Fix(f"export {CHOICE}={channel.value}", PROFILE), *best.ability.fixes),
    )


def _bell(facts: Facts) -> Ability | None:
    tmux = facts.place.tmux
    if tmux is None:
        return None
    if tmux.monitor_bell:
        return Ability(OK, "tmux passes on the bell of windows that are not in sight.")
    return Ability(LIMITED, "tmux swallows the bell of windows that are not in sight.", (MONITOR_BELL,))


_EXAMINATIONS: tuple[tuple[str, Callable[[Facts], Ability | None]], ...] = (
    ("questions", _asking),
    ("terminal", _terminal),
    ("size", _size),
    ("multiplexer", _multiplexer),
    ("ssh", _ssh),
    ("colours", _colours),
    ("ticks", _ticks),
    ("widths", _widths),
    ("paste", _by_mode(PASTE, "Pasted text is kept together.", "A pasted newline sends the message.")),
    ("mouse", _by_mode(MOUSE, "Clicks and the wheel arrive.", "There is no mouse; every place has its keys.")),
    ("drawing", _synchronized),
    ("keys", _keys),
    ("copying", _clipboard),
    ("notifications", _notifications),
    ("bell", _bell),
    ("focus", _focus),
)
