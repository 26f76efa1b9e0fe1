"""Copying text to the clipboard of whoever sits before the terminal: how, and whether it will arrive. Pure.

OSC 52      ESC ] 52 ; c ; base64 BEL          xterm's; nothing is ever said in return
in tmux     tmux load-buffer -w -               3.2 and newer: into its buffer, and OSC 52 outside, whatever
                                                `set-clipboard` says
"""

import base64
import re
from dataclasses import dataclass
from typing import Final

from chat_tui.terminal.abilities import SET_CLIPBOARD, Ability, Verdict, terminal_feature
from chat_tui.terminal.channels import tmux_passthrough
from chat_tui.terminal.surroundings import Surroundings

TEXT_BYTES_MAX: Final = 74_994
"""What fits: many terminals take sequences of up to 100,000 bytes, of which base64 leaves three quarters."""

_LOAD_BUFFER_SINCE: Final = (3, 2)
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What may end a line early, turn it around, or be taken for a key where it is pasted."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What to do for a text to be copied, in this order, and what to say then."""

    ability: Ability
    """Whether it will arrive; the sentence is for a toast."""
    text: str = ""
    """For tmux's buffer; empty where tmux is not asked."""
    sequence: str = ""
    """To write to the terminal; where there is a `text` too, only if tmux did not take that."""


def clipboard(place: Surroundings) -> Ability:
    """Whether a copy arrives here, as far as can be known."""
    if place.in_screen:
        return Ability(Verdict.OFF, "GNU screen keeps copies to itself.")
    if place.terminal is not None and place.terminal.clipboard.verdict is Verdict.OFF:
        return place.terminal.clipboard
    if place.in_tmux and place.tmux is None:
        return Ability(Verdict.UNKNOWN, "tmux did not say what it does with copies.", (SET_CLIPBOARD,))
    if place.terminal is not None:
        return place.terminal.clipboard
    sentence = "Whether this terminal takes copies is not known."
    if place.tmux is None or not place.tmux.client_term or "clipboard" in place.tmux.client_features:
        return Ability(Verdict.UNKNOWN, sentence)
    return Ability(Verdict.UNKNOWN, sentence, (terminal_feature(place.tmux.client_term, "clipboard"),))


def copy(text: str, place: Surroundings) -> Copy:
    """How to copy a text here. Control characters but tabs and newlines are left out, and so are bidi marks."""
    text = _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    data = text.encode()
    if not data:
        return Copy(Ability(Verdict.OFF, "There is nothing to copy."))
    if len(data) > TEXT_BYTES_MAX:
        sentence = f"Not copied: {len(data):,} bytes are more than terminals take ({TEXT_BYTES_MAX:,})."
        return Copy(Ability(Verdict.OFF, sentence))
    ability = clipboard(place)
    sequence = f"\x1b]52;c;{base64.b64encode(data).decode()}\x07"
    if place.in_tmux:
        return _in_tmux(text, sequence, place, ability)
    if ability.verdict is Verdict.OFF:
        return Copy(Ability(Verdict.OFF, f"Not copied. {ability.sentence}", ability.fixes))
    return Copy(_told(ability), sequence=sequence)


def untaken(copied: Copy) -> Ability:
    """What to say instead where tmux did not take the text: what is written to it arrives only if it lets it."""
    if copied.sequence:
        return Ability(Verdict.UNKNOWN, "Copied, if it arrives: tmux did not take it into its buffer.")
    return Ability(Verdict.OFF, "Not copied: tmux did not take it into its buffer.")


def _in_tmux(text: str, sequence: str, place: Surroundings, ability: Ability) -> Copy:
    if place.tmux is not None and place.tmux.version < _LOAD_BUFFER_SINCE:
        # Before 3.3 everything is passed through.
        return Copy(_told(ability), sequence=tmux_passthrough(sequence))
    if ability.verdict is Verdict.OFF:
        sentence = f"Copied to tmux's buffer only (prefix ] pastes it). {ability.sentence}"
        return Copy(Ability(Verdict.LIMITED, sentence, ability.fixes), text=text)
    return Copy(_told(ability), text=text, sequence=sequence)


def _told(ability: Ability) -> Ability:
    """What to say of a copy that has been sent."""
    if ability.verdict is Verdict.OK:
        return Ability(Verdict.OK, "Copied.")
    hint = "".join(f" {fix.where}: {fix.line}" for fix in ability.fixes)
    return Ability(ability.verdict, f"Copied, if it arrives. {ability.sentence}{hint}", ability.fixes)
