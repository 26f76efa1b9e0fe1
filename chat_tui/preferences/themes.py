"""The colours: two themes of our own beside Textual's, and those that somebody has written.

CONFIG/themes/NAME.toml         primary = "#7cb7ff", background = "#14161b" … and dark = true
"""

import re
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

FOLDER: Final = "themes"
DARK: Final = Theme(
    name="doubletick-dark",
    primary="#7cb7ff",
    secondary="#a9b8d0",
    accent="#5fd7c4",
    warning="#f2c063",
    error="#ff8f8f",
    success="#8fd18a",
    foreground="#e4e7ee",
    background="#14161b",
    surface="#1d2027",
    panel="#282c35",
    dark=True,
    variables={"text-muted": "#a2a9b6", "text-accent": "#5fd7c4", "footer-key-foreground": "#5fd7c4"},
)
LIGHT: Final = Theme(
    name="doubletick-light",
    primary="#1a5fb4",
    secondary="#4a5a75",
    accent="#006a60",
    warning="#855300",
    error="#b3261e",
    success="#1e6b2e",
    foreground="#1b1e24",
    background="#fbfbf9",
    surface="#f0f0ec",
    panel="#e4e4df",
    dark=False,
    variables={"text-muted": "#585e6a", "text-accent": "#006a60", "footer-key-foreground": "#006a60"},
)
OURS: Final = (DARK, LIGHT)
COLOURS: Final = (
    *("primary", "secondary", "accent", "warning", "error", "success"),
    *("foreground", "background", "surface", "panel", "boost"),
)
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")


class ThemeError(Exception):
    """A theme cannot be used: a sentence that says which and why."""


def parse(name: str, text: str) -> Theme:
    """The theme that a text in TOML describes. Raises ThemeError."""
    if not _NAME.fullmatch(name):
        raise ThemeError("the name of a theme has letters, digits, - and _, 32 at most.")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThemeError(f"this is no TOML: {error}.") from error
    is_dark = document.pop("dark", True)
    if not isinstance(is_dark, bool):
        raise ThemeError("dark: it should be true or false.")
    for key, value in document.items():
        if key not in COLOURS:
            raise ThemeError(f"{key}: a theme has no such colour; there are {', '.join(COLOURS)}, and dark.")
        _check(key, value)
    if "primary" not in document:
        raise ThemeError("primary: a theme needs at least this colour.")
    return Theme(name=name, dark=is_dark, **document)


def read(config: Path) -> list[Theme]:
    """All themes in a configuration directory, by name. Raises ThemeError, with the file."""
    return [_read(path) for path in sorted((config / FOLDER).glob("*.toml"))]


def _read(path: Path) -> Theme:
    try:
        return parse(path.stem, path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ThemeError(f"{path} cannot be read ({error}).") from error
    except ThemeError as error:
        raise ThemeError(f"{path}: {error}") from error


def refuse_unknown(name: str, own: Iterable[Theme]) -> None:
    """Raise ThemeError where there is no theme of this name."""
    names = [*(theme.name for theme in (*OURS, *own)), *BUILTIN_THEMES]
    if name not in names:
        close = get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}."
        raise ThemeError(f"theme: there is no theme {name!r}; {hint}")


def _check(key: str, value: Any) -> None:
    try:
        good = isinstance(value, str) and value != "auto" and Color.parse(value).a == 1
    except ColorParseError:
        good = False
    if not good:
        raise ThemeError(f'{key}: it should be a colour without transparency, like "#7cb7ff" or "ansi_blue".')
