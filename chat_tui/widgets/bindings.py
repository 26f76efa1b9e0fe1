"""Textual's bindings, made from the one table of keys."""

from collections.abc import Collection

from textual.binding import Binding, BindingType

from chat_tui.keys import Where, cap, for_place


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
        )
        for key in for_place(where)
        if only is None or key.action in only
    ]
