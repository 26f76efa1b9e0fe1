"""How a notification or a title leaves this terminal: which channel, and the characters to write. Pure.

    OSC 9     ESC ] 9 ; title: body ESC \\
    OSC 777   ESC ] 777 ; notify ; title ; body ESC \\
    OSC 99    ESC ] 99 ; i=ID:d=0:e=1 ; base64 of the title ESC \\
              ESC ] 99 ; i=ID:d=1:e=1:p=body ; base64 of the body ESC \\
              ESC ] 99 ; i=ID:p=close ; ESC \\
    in tmux   ESC P tmux ; all of it, each ESC doubled ESC \\
    title     ESC ] 2 ; text ESC \\

OSC 99 is kitty's (https://sw.kovidgoyal.net/kitty/desktop-notifications/), the rest has no standard.
"""

import base64
from dataclasses import dataclass, replace
from typing import Final, assert_never

from chat_tui.terminal.abilities import (
    CHOOSE_CHANNEL,
    PASSTHROUGH_ALL,
    PASSTHROUGH_ON,
    Ability,
    Channel,
    Fix,
    Verdict,
)
from chat_tui.terminal.surroundings import Surroundings, Tmux
from chat_tui.text.safetext import bounded

CHOICE: Final = "DOUBLETICK_NOTIFY"
"""The variable by which a person says which channel it is."""
TITLE_CHARS_MAX: Final = 80
BODY_CHARS_MAX: Final = 200
TITLE_START: Final = "\x1b[22;2t"
"""The terminal remembers the window's title."""
TITLE_END: Final = "\x1b]2;\x1b\\\x1b[23;2t"
"""It has the remembered title again; one that remembers none has none."""


@dataclass(frozen=True, slots=True)
class Voice:
    """The channel to use here, and how well it serves."""

    channel: Channel
    ability: Ability
    through_tmux: bool = False


def choose(place: Surroundings) -> Voice:
    """The channel for notifications here; `BELL` where there is none but the bell."""
    voice = _outside(place)
    if voice.channel is Channel.BELL:
        return voice
    if place.in_screen:
        return _bell("GNU screen keeps notifications to itself; the bell rings.")
    return _through_tmux(voice, place.tmux) if place.in_tmux else voice


def _outside(place: Surroundings) -> Voice:
    """The channel of the terminal itself."""
    wish = place.environ.get(CHOICE, "")
    if wish in {each.value for each in Channel}:
        return Voice(Channel(wish), Ability(Verdict.OK, f"It is {wish}, as {CHOICE} says."))
    known = place.terminal
    if known is not None:
        return Voice(known.channel, known.notifications)
    reason = f"{CHOICE} names no channel" if wish else "It is not known what this terminal shows"
    return _bell(f"{reason}; the bell rings.", CHOOSE_CHANNEL, *_passthrough(place.tmux))


def _through_tmux(voice: Voice, tmux: Tmux | None) -> Voice:
    if tmux is None:
        return _bell("tmux did not say what it passes on; the bell rings.")
    if tmux.allow_passthrough == "off":
        return _bell("tmux keeps notifications to itself; the bell rings.", *_passthrough(tmux))
    if tmux.allow_passthrough == "all":
        return replace(voice, through_tmux=True)
    ability = Ability(
        Verdict.LIMITED,
        "tmux passes notifications on only while the window is in sight.",
        (*voice.ability.fixes, *_passthrough(tmux)),
    )
    return Voice(voice.channel, ability, through_tmux=True)


def _passthrough(tmux: Tmux | None) -> tuple[Fix, ...]:
    """What lets tmux pass on more than it does, if there is anything."""
    if tmux is None or tmux.allow_passthrough == "all":
        return ()
    if tmux.version >= (3, 4):
        return (PASSTHROUGH_ALL,)
    return (PASSTHROUGH_ON,) if tmux.allow_passthrough == "off" else ()


def _bell(sentence: str, *fixes: Fix) -> Voice:
    return Voice(Channel.BELL, Ability(Verdict.LIMITED, sentence, fixes))


def notification(voice: Voice, identifier: str, title: str, body: str) -> str:
    """What to write for a notification; empty for the bell, which is the caller's to ring.

    `identifier` is of `[a-zA-Z0-9_+.-]` and should be unique among all programs. Title and body may hold
    anything: they are made safe, put on one line and cut to `TITLE_CHARS_MAX` and `BODY_CHARS_MAX`.
    """
    title, body = bounded(title, TITLE_CHARS_MAX), bounded(body, BODY_CHARS_MAX)
    match voice.channel:
        case Channel.BELL:
            return ""
        case Channel.OSC9:
            return _wrapped(voice, f"\x1b]9;{_not_a_number(f'{title}: {body}')}\x1b\\")
        case Channel.OSC777:
            return _wrapped(voice, f"\x1b]777;notify;{_field(title)};{_field(body)}\x1b\\")
        case Channel.OSC99:
            first = f"\x1b]99;i={identifier}:d=0:e=1;{_encoded(title)}\x1b\\"
            return _wrapped(voice, f"{first}\x1b]99;i={identifier}:d=1:e=1:p=body;{_encoded(body)}\x1b\\")
        case _:
            assert_never(voice.channel)


def withdrawal(voice: Voice, identifier: str) -> str:
    """What to write for a notification to be gone; empty where that cannot be."""
    if voice.channel is not Channel.OSC99:
        return ""
    return _wrapped(voice, f"\x1b]99;i={identifier}:p=close;\x1b\\")


def window_title(text: str) -> str:
    """What to write for the window to be called that, whatever it holds."""
    return f"\x1b]2;{bounded(text, TITLE_CHARS_MAX)}\x1b\\"


def title_of(name: str, unread: int) -> str:
    """How to call a window: what is in it, and before that how much of it is unread."""
    return f"({unread}) {name}" if unread else name


def _field(text: str) -> str:
    """Some terminals part fields at every semicolon."""
    return text.replace(";", ",")


def _not_a_number(text: str) -> str:
    """ConEmu, Windows Terminal and Ghostty take OSC 9 with a number for other things, such as progress bars."""
    text = _field(text)
    return f"- {text}" if text[:1].isdigit() else text


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode(errors="replace")).decode()


def _wrapped(voice: Voice, sequence: str) -> str:
    return tmux_passthrough(sequence) if voice.through_tmux else sequence


def tmux_passthrough(sequence: str) -> str:
    r"""What makes tmux pass a sequence on to the terminal around it (tmux(1), `allow-passthrough`)."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"
