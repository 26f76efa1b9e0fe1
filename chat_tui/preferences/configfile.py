"""`config.toml` on disk: read, written with its comments kept, and begun.

CONFIG/config.toml              may be edited by hand; see `config`
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from chat_tui import disk
from chat_tui.preferences import config, configsample
from chat_tui.preferences.config import Config, ConfigError, Value

FILE: Final = "config.toml"
LOCK_S: Final = 5.0
"""How long another client may take to write the file; it takes no time."""


class ConfigFileError(Exception):
    """The file cannot be used; a sentence that says which, where and what to do."""


def read(folder: Path) -> Config:
    """What the file in a directory says; nothing where there is none. Raises ConfigFileError."""
    return parse(folder, text_of(folder))


def parse(folder: Path, text: str) -> Config:
    """What the file's text says. Raises ConfigFileError, with the file and the line."""
    try:
        return config.parse(text)
    except ConfigError as error:
        raise ConfigFileError(where(folder, error)) from error


def where(folder: Path, error: ConfigError) -> str:
    """An error with the file and the line that it is about."""
    line = "" if error.line is None else f":{error.line}"
    return f"{folder / FILE}{line}: {error}"


def text_of(folder: Path) -> str:
    """The file's text; empty where there is none. Raises ConfigFileError."""
    try:
        return (folder / FILE).read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise ConfigFileError(f"{folder / FILE} cannot be read ({_why(error)}).") from error


def init(folder: Path) -> Path:
    """Begin the file with all defaults, as comments. Raises ConfigFileError, also where it is there already."""
    path = folder / FILE
    try:
        disk.make_folder(folder)
        disk.write_new(path, configsample.as_toml().encode())
    except OSError as error:
        if path.exists():
            raise ConfigFileError(f"{path} is there already, and is not replaced.") from error
        raise ConfigFileError(f"{path} cannot be written ({_why(error)}).") from error
    return path


def change(folder: Path, values: Mapping[str, Value]) -> None:
    """Set these, with dots for tables, and keep everything else as it stands. Raises ConfigFileError."""
    path = folder / FILE
    try:
        disk.make_folder(folder)
        with FileLock(path.with_suffix(".lock"), timeout=LOCK_S):
            read(folder)  # what is wrong is for its owner to mend, not to be written on
            text = changed(text_of(folder), values)
            parse(folder, text)
            # The file itself, not a link to it: people keep such files elsewhere and link to them.
            disk.write_over(path.resolve(), text.encode())
    except Timeout:
        raise ConfigFileError(f"{path} is held by another client that does not end.") from None
    except OSError as error:
        raise ConfigFileError(f"{path} cannot be written ({_why(error)}).") from error


def changed(text: str, values: Mapping[str, Value]) -> str:
    """The text with these values set; a line that shows one as a comment is kept. The text must be TOML."""
    # Imported here: no start needs it, only the first change.
    import tomlkit

    document = tomlkit.parse(text)
    for name, value in values.items():
        *tables, key = name.split(".")
        here: tomlkit.TOMLDocument | tomlkit.items.Table = document
        for number, table in enumerate(tables):
            if table not in here:
                here.add(table, tomlkit.table(is_super_table=number + 1 < len(tables)))
            here = here[table]
        here[key] = value
    return tomlkit.dumps(document).rstrip("\n") + "\n"


def _why(error: Exception) -> str:
    return ((isinstance(error, OSError) and error.strerror) or str(error)).lower()
