"""The table of keys as somebody wants it: which keys may do what, and which cannot be had. Pure.

An action is named alone, or with its place before it: `hold`, `conversation.newest`. Alone it means the first of
that name in the table.
"""

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from chat_tui.keys import TABLE, Key, Where, cap, for_place

KEPT: Final = (
    (Where.ANYWHERE, "help"),
    (Where.ANYWHERE, "quit"),
    (Where.ANYWHERE, "command_palette"),
    (Where.COMPOSER, "send"),
)
"""Without a key for each of these one would be stuck."""
_TYPING: Final = (
    *(Where.ANYWHERE, Where.COMPOSER, Where.ANSWERING),
    *(Where.CHOOSING, Where.SEARCHING, Where.PEOPLE),
)
_MODIFIERS: Final = ("alt", "ctrl", "shift")
_NAMED: Final = frozenset(
    {
        *("enter", "escape", "tab", "space", "backspace", "delete", "insert"),
        *("up", "down", "left", "right", "home", "end", "pageup", "pagedown"),
        *(f"f{number}" for number in range(1, 25)),
    }
)
_SAME: Final = {"ctrl+h": "Backspace", "ctrl+i": "Tab", "ctrl+m": "Enter", "ctrl+left_square_bracket": "Escape"}
"""What terminals send for keys that are none."""
_SHORTER: Final = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}


def _spelt(character: str) -> str:
    """A character as Textual names its key."""
    if character.isalnum():
        return character
    name = unicodedata.name(character).lower().replace("-", "_").replace(" ", "_")
    return _SHORTER.get(name, name)


_CHARACTERS: Final = {_spelt(character): character for character in string.ascii_letters + string.digits}
_CHARACTERS.update({_spelt(character): character for character in string.punctuation})


class RemapError(Exception):
    """It cannot be had: a sentence that says why."""

    def __init__(self, name: str, sentence: str) -> None:
        """Take the name of the action as it was written, and the sentence."""
        super().__init__(sentence)
        self.name = name


def identity(key: Key) -> str:
    """A row of the table, whatever its keys are: its place and its action."""
    return f"{key.where.name.lower()}.{key.action}"


def actions() -> dict[str, Key]:
    """All names of actions, in the order of the table: the short one where it is free, else the long one."""
    named: dict[str, Key] = {}
    for key in TABLE:
        named[identity(key) if key.action in named else key.action] = key
    return named


def remap(wanted: Mapping[str, Sequence[str]]) -> tuple[Key, ...]:
    """The table with these keys for these actions; an action without a key is had from the palette only.

    Raises RemapError.
    """
    said: dict[Key, str] = {}
    named = {**{identity(key): key for key in TABLE}, **actions()}
    new: dict[Key, tuple[str, ...]] = {}
    for name, keys in wanted.items():
        if name not in named:
            close = get_close_matches(name, named, n=1)
            hint = f"; did you mean {close[0]}?" if close else "; `chat-tui config init` writes them all."
            raise RemapError(name, f"there is no such action{hint}")
        key = named[name]
        said[key], new[key] = name, _keys(name, key, keys)
    table = tuple(replace(key, keys=new.get(key, key.keys)) for key in TABLE)
    _refuse_conflicts(table, {identity(key): name for key, name in said.items()})
    return table


def _keys(name: str, key: Key, wanted: Sequence[str]) -> tuple[str, ...]:
    if not wanted and (key.where, key.action) in KEPT:
        raise RemapError(name, "it needs a key.")
    return tuple(dict.fromkeys(_key(name, key.where, each) for each in wanted))


def _key(name: str, where: Where, wanted: str) -> str:
    """A key as Textual names it, if it is one and can be used in this place."""
    modifiers, last = _parted(wanted)
    if last is None or not set(modifiers) <= set(_MODIFIERS):
        raise RemapError(name, f"there is no key {wanted!r}; keys are like ctrl+x, alt+x, f12, pageup, G or ?.")
    if len(last) == 1 and "shift" in modifiers:
        raise RemapError(name, f"terminals do not tell {cap(wanted)} apart; a capital letter is a key of its own.")
    key = "+".join([*sorted(set(modifiers)), last])
    if key in _SAME:
        raise RemapError(name, f"terminals send {_SAME[key]} for {cap(wanted)}.")
    if where in _TYPING and not modifiers and (last in _CHARACTERS or last == "space"):
        raise RemapError(name, f"{cap(wanted)} could not be written any more; add ctrl+ or alt+, or take f12.")
    return key


def _parted(wanted: str) -> tuple[list[str], str | None]:
    """The modifiers, and the key itself as Textual names it; None where it is none."""
    found = re.fullmatch(r"((?:[A-Za-z]+\+)*)(.+)", wanted)
    if found is None:
        return [], None
    modifiers = found[1].lower().split("+")[:-1]
    if len(found[2]) == 1:
        letter = found[2].lower() if modifiers else found[2]
        last = _spelt(letter) if letter.isascii() and letter.isprintable() and letter != " " else None
    else:
        last = found[2].lower()
    return modifiers, last if last in _CHARACTERS or last in _NAMED else None


def _refuse_conflicts(table: tuple[Key, ...], said: Mapping[str, str]) -> None:
    for where in Where:
        does: dict[str, Key] = {}
        for key in (
            *for_place(Where.ANYWHERE, table),
            *(for_place(where, table) if where is not Where.ANYWHERE else ()),
        ):
            for each in key.keys:
                other = does.setdefault(each, key)
                if other is not key:
                    name = said.get(identity(key)) or said[identity(other)]
                    raise RemapError(
                        name, f"{cap(each)} would do two things: {identity(other)} and {identity(key)}."
                    )
