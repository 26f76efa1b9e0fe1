"""Has click take what `config.toml` says where neither an option nor the environment says it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from chat_tui.preferences import configfile
from chat_tui.preferences.config import Config, ConfigError, Preferences, Taken, Value, mistake
from chat_tui.preferences.configfile import ConfigFileError

if TYPE_CHECKING:
    from textual.theme import Theme

KEY: Final = "doubletick.settings"
CONFIG_COMMAND: Final = "config"
"""The command by which one mends a file that is wrong."""
_OPTIONS: Final = {
    "name": "name",
    "server": "server",
    "room": "room",
    "ascii": "force_ascii",
    "notifications.bell": "bell",
}
"""The settings that are options too, and what click calls those."""
_SOURCES: Final[dict[ParameterSource | None, str]] = {
    ParameterSource.COMMANDLINE: "option",
    ParameterSource.ENVIRONMENT: "environment",
}
_ASCII: Final = {"on": True, "off": False}


class SettingsError(click.ClickException):
    """What was set cannot be used."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Loaded:
    """The file, and the profile to use."""

    folder: Path
    config: Config
    profile: str | None
    error: str = ""
    """Why the file cannot be used; then the rest is as if there were none."""

    @property
    def preferences(self) -> Preferences:
        """What the file says that no option does."""
        return self.config.preferences()


def take(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """A callback of `--config-dir` and `--profile`, both eager: once both are known, the file gives defaults."""
    given = ctx.meta.setdefault(f"{KEY}.given", {})
    given[param.name] = value
    if len(given) == 2:
        loaded = ctx.meta[KEY] = load(given["config"], given["profile"])
        ctx.default_map = _default_map(loaded)
    return value


def load(folder: Path, profile: str | None) -> Loaded:
    """The file in a directory, with the profile that was asked for or else its own."""
    try:
        config = configfile.read(folder)
        return Loaded(folder, config, config.choose(profile))
    except ConfigFileError as error:
        return Loaded(folder, Config(), None, str(error))
    except ConfigError as error:
        return Loaded(folder, Config(), None, configfile.where(folder, error))


def of(ctx: click.Context) -> Loaded:
    """What was loaded. Raises SettingsError where it cannot be used, but for who is about to mend it."""
    loaded: Loaded = ctx.meta[KEY]
    if loaded.error and ctx.invoked_subcommand != CONFIG_COMMAND:
        raise SettingsError(loaded.error)
    return loaded


def themes(loaded: Loaded) -> "tuple[Theme, ...]":
    """The themes in the directory. Raises SettingsError where one is wrong or there is none of the name."""
    from chat_tui.preferences.themes import ThemeError, read, refuse_unknown

    try:
        own = tuple(read(loaded.folder))
    except ThemeError as error:
        raise SettingsError(str(error)) from error
    try:
        refuse_unknown(loaded.preferences.theme, own)
    except ThemeError as error:
        about = mistake(configfile.text_of(loaded.folder), "theme", str(error))
        raise SettingsError(configfile.where(loaded.folder, about)) from error
    return own


def effective(ctx: click.Context, loaded: Loaded) -> dict[str, Taken]:
    """All settings, as they are in force; `ctx` is that of `chat-tui` itself."""
    taken = loaded.config.taken(loaded.profile)
    for name, option in _OPTIONS.items():
        if (source := _SOURCES.get(ctx.get_parameter_source(option))) is not None:
            taken[name] = Taken(_shown(name, ctx.params[option]), source)
    return taken


def _shown(name: str, value: Any) -> Value:
    shown: Value = ("on" if value else "off") if name == "ascii" else value
    return shown


def _default_map(loaded: Loaded) -> dict[str, Any]:
    taken = loaded.config.taken(loaded.profile)
    said = {option: taken[name].value for name, option in _OPTIONS.items() if taken[name].source != "default"}
    if "force_ascii" in said:
        ascii_ = _ASCII.get(str(said.pop("force_ascii")))
        return said if ascii_ is None else {**said, "force_ascii": ascii_}
    return said
