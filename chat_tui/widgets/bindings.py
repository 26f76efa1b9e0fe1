"""Textual's bindings, made from the one table of keys, and its keymap, made from a remapped one."""

from collections.abc import Collection
from typing import Final

from textual.binding import Binding, BindingType

from chat_tui.keys import TABLE, Key, Where, cap, for_place
from chat_tui.preferences.remapping import identity

UNBOUND: Final = "unbound"
"""A key that nobody has: Textual takes no key at all for a key that stays as it is."""


def bindings(where: Where, *, only: Collection[str] | None = None, priority: bool = False) -> list[BindingType]:
    """The bindings of a place, or those of some actions only.

    With `priority` they come before what the focused widget does with the same keys.
    """
    return [
        Binding(
            ",".join(key.keys),
            key.action,
            key.label,
            show=key.shown,
            key_display=cap(key.keys[0]),
            tooltip=key.help,
            priority=priority,
            id=identity(key),
        )
        for key in for_place(where)
        if only is None or key.action in only
    ]


def keymap(table: tuple[Key, ...]) -> dict[str, str]:
    """What `App.set_keymap` takes for a table: the rows that are not as they are built in."""
    return {
        identity(key): ",".join(key.keys) or UNBOUND
        for key, stock in zip(table, TABLE, strict=True)
        if key != stock
    }


def shown(keys: str) -> str:
    """The first of the keys that a keymap gives to a row, as people know it."""
    first = keys.split(",", maxsplit=1)[0]
    return "" if first == UNBOUND else cap(first)
