"""What `config.toml` may say, what it means, and what it leaves to be as it is without it. Pure.

option > environment > profile > file > default; the first two are click's.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final, NoReturn

from chat_server.protocol import LOBBY
from chat_tui import addresses
from chat_tui.keys import TABLE, Key
from chat_tui.preferences.remapping import RemapError, remap

Value = str | int | bool
THEME: Final = "doubletick-dark"
PROFILE_NAMES: Final = "letters, digits, - and _"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")


class ConfigError(Exception):
    """The text cannot be used: a sentence that says what is allowed."""

    def __init__(self, sentence: str, line: int | None) -> None:
        """Take the sentence, and the line that it is about, from 1; None where that is not known."""
        super().__init__(sentence)
        self.line = line


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set."""

    name: str
    """As in the file; a dot stands for a table."""
    default: Value
    help: str
    """A sentence."""
    allowed: str
    """What follows upon "it should be"."""
    check: Callable[[Value], bool]


def _text(name: str, default: str, help_: str, allowed: str, is_good: Callable[[str], bool]) -> Setting:
    return Setting(name, default, help_, allowed, lambda value: isinstance(value, str) and is_good(value))


def _switch(name: str, help_: str, *, default: bool) -> Setting:
    return Setting(name, default, help_, "true or false", lambda value: isinstance(value, bool))


def _number(name: str, default: int, help_: str, least: int, most: int) -> Setting:
    return Setting(
        name,
        default,
        help_,
        f"a whole number from {least} to {most}",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most,
    )


def _is_name(name: str) -> bool:
    return not addresses.mistake_in_name(name)


def _is_plain(name: str) -> bool:
    return bool(_PLAIN.fullmatch(name))


def _is_address(address: str) -> bool:
    return addresses.complete(address) is not None


_NAME_ALLOWED: Final = "a name of at most 32 characters, without spaces"
_PROFILED: Final = (
    _text("name", "", "Who you are.", _NAME_ALLOWED, _is_name),
    _text("server", addresses.DEFAULT, "Where the chat is.", f"like {addresses.DEFAULT}", _is_address),
    _text("room", LOBBY, "The room to begin in.", _NAME_ALLOWED, _is_name),
)
SETTINGS: Final = (
    *_PROFILED,
    _text(
        "default_profile",
        "",
        "Which of the profiles below is used where none is named; --profile changes it.",
        "the name of a profile",
        _is_plain,
    ),
    _text("theme", THEME, "The colours; the command palette shows them all.", "a theme's name", _is_plain),
    _text(
        "ascii",
        "auto",
        "Draw with ASCII characters only; auto asks the terminal.",
        '"auto", "on" or "off"',
        lambda value: value in ("auto", "on", "off"),
    ),
    _number("dwell_ms", 500, "How long a message is on screen before it counts as read.", 100, 60_000),
    _number("idle_s", 300, "How long without a key or the mouse until nothing counts as read.", 10, 86_400),
    _switch("mouse", "Take the mouse; without it, the terminal selects text as ever.", default=True),
    _switch("sidebar", "Show the list of rooms, where there is one.", default=True),
    _switch("typing", "Tell others in the room while you are writing.", default=True),
    _switch("notifications.toast", "Show notices inside the window.", default=True),
    _switch("notifications.bell", "Ring when your messages are read while you are away.", default=True),
    _switch("notifications.osc", "Have the terminal show notices, where it can.", default=True),
    _switch("notifications.desktop", "Have the desktop show notices.", default=False),
)
"""In the order of the file that `configsample` writes."""
_BY_NAME: Final = {setting.name: setting for setting in SETTINGS}
_TABLES: Final = ("keys", "profiles")


@dataclass(frozen=True, slots=True)
class Taken:
    """A value, and where it comes from."""

    value: Value
    source: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the running client is told beside who, where and how to draw."""

    theme: str = THEME
    dwell_ms: int = 500
    idle_s: int = 300
    mouse: bool = True
    sidebar: bool = True
    typing: bool = True
    toast: bool = True
    osc: bool = True
    desktop: bool = False
    keys: tuple[Key, ...] = TABLE


@dataclass(frozen=True, slots=True)
class Config:
    """What a file says."""

    values: Mapping[str, Value] = field(default_factory=dict)
    """Only those that it names, in no profile."""
    profiles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Per profile its `name`, `server` and `room`, as far as it names them."""
    keys: tuple[Key, ...] = TABLE

    def choose(self, profile: str | None) -> str | None:
        """The profile to use; None where there is none. Raises ConfigError where there is none of that name."""
        name = profile or self.values.get("default_profile")
        if name is None:
            return None
        if name not in self.profiles:
            raise ConfigError(f"There is no profile {str(name)!r}{_instead(str(name), self.profiles)}", None)
        return str(name)

    def taken(self, profile: str | None) -> dict[str, Taken]:
        """All settings, in their order; `profile` is one that `choose` gave."""
        chosen = self.profiles[profile] if profile is not None else {}
        return {setting.name: self._taken(setting, chosen, profile) for setting in SETTINGS}

    def _taken(self, setting: Setting, chosen: Mapping[str, str], profile: str | None) -> Taken:
        if setting.name in chosen:
            return Taken(chosen[setting.name], f"profile {profile}")
        if setting.name in self.values:
            return Taken(self.values[setting.name], "file")
        return Taken(setting.default, "default")

    def preferences(self) -> Preferences:
        """What the running client is told; profiles say nothing of it."""
        names = ("theme", "dwell_ms", "idle_s", "mouse", "sidebar", "typing")
        asked = {name: self.values[name] for name in names if name in self.values}
        for name in ("toast", "osc", "desktop"):
            if (value := self.values.get(f"notifications.{name}")) is not None:
                asked[name] = value
        return Preferences(**asked, keys=self.keys)  # type: ignore[arg-type]  # each was checked by its setting


def parse(text: str) -> Config:
    """What a text in TOML says. Raises ConfigError at the first thing that is wrong."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        raise ConfigError(f"This is no TOML: {error}.", int(found[1]) if found else None) from error
    profiles = _profiles(text, document.pop("profiles", {}))
    keys = _remapped(text, document.pop("keys", {}))
    values = {name: _checked(text, name, value) for name, value in _flat("", document)}
    config = Config(values, profiles, keys)
    try:
        config.choose(None)
    except ConfigError as error:
        _fail(text, "default_profile", f"default_profile: {error}")
    return config


def mistake(text: str, name: str, sentence: str) -> ConfigError:
    """An error about what a file says of `name`, at the line where it does."""
    return ConfigError(sentence, _line_of(text, name))


def _fail(text: str, name: str, sentence: str) -> NoReturn:
    raise mistake(text, name, sentence)


def _flat(before: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and name not in _BY_NAME:
            yield from _flat(f"{name}.", value)
            if not any(each.startswith(f"{name}.") for each in _BY_NAME):
                yield name, value
        else:
            yield name, value


def _checked(text: str, name: str, value: Any) -> Value:
    setting = _BY_NAME.get(name)
    if setting is None:
        _fail(text, name, f"{name}: there is no such setting{_instead(name, [*_BY_NAME, *_TABLES])}")
    return _allowed(text, name, setting, value)


def _allowed(text: str, name: str, setting: Setting, value: Any) -> Value:
    if not isinstance(value, str | int) or not setting.check(value):
        _fail(text, name, f"{name}: it should be {setting.allowed}.")
    if setting.name == "server":
        return addresses.complete(str(value)) or value
    return value


def _remapped(text: str, wanted: Any) -> tuple[Key, ...]:
    if not isinstance(wanted, dict):
        _fail(text, "keys", "keys: it should be a table, [keys].")
    flat: dict[str, list[str]] = {}
    for name, keys in _leaves("", wanted):
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            _fail(text, f"keys.{name}", f'keys.{name}: it should be a list of keys, like ["ctrl+x", "f12"].')
        flat[name] = keys
    try:
        return remap(flat)
    except RemapError as error:
        raise mistake(text, f"keys.{error.name}", f"keys.{error.name}: {error}") from error


def _leaves(before: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """All that stands in a table and in those within, with dots for tables."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(f"{before}{key}.", value)
        else:
            yield f"{before}{key}", value


def _profiles(text: str, profiles: Any) -> dict[str, dict[str, str]]:
    if not isinstance(profiles, dict):
        _fail(text, "profiles", "profiles: it should be tables, each like [profiles.work].")
    return {name: _profile(text, name, table) for name, table in profiles.items()}


def _profile(text: str, name: str, table: Any) -> dict[str, str]:
    path = f"profiles.{name}"
    if not isinstance(table, dict):
        _fail(text, path, f"{path}: it should be a table, like [{path}].")
    if not _is_plain(name):
        _fail(text, path, f"{path}: the name of a profile has {PROFILE_NAMES}, 32 at most.")
    settings = {setting.name: setting for setting in _PROFILED}
    for key in table:
        if key not in settings:
            _fail(text, f"{path}.{key}", f"{path}.{key}: there is no such setting{_instead(key, settings)}")
    return {key: str(_allowed(text, f"{path}.{key}", settings[key], value)) for key, value in table.items()}


def _instead(name: str, names: Any) -> str:
    """The end of a sentence: what somebody may have meant, else all there is."""
    close = get_close_matches(name, names, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there are {', '.join(names)}." if names else "."


def _line_of(text: str, name: str) -> int | None:
    """The first line, from 1, that sets `name` or opens its table; else that of the nearest table around it."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            table = _bare(found[1])
            lines.setdefault(table, number)
        elif found := re.match(r"\s*([^=#]+?)\s*=", line):
            path = f"{table}.{_bare(found[1])}" if table else _bare(found[1])
            lines.setdefault(path, number)
    name = _bare(name)
    while name and name not in lines:
        name = name.rpartition(".")[0]
    return lines.get(name)


def _bare(key: str) -> str:
    return re.sub(r"[\s\"']", "", key)
