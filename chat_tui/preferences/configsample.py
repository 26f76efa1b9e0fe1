"""The file that `chat-tui config init` writes, made from the settings; and values as TOML writes them. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from chat_tui.preferences.config import SETTINGS, Value
from chat_tui.preferences.remapping import actions


def as_toml() -> str:
    """A file that says nothing yet and shows all that it could say."""
    lines = [
        "# What chat-tui starts with. Remove the # before what you want to change; `chat-tui config show`",
        *_HEAD,
    ]
    table = ""
    for setting in SETTINGS:
        head, _, name = setting.name.rpartition(".")
        if head != table:
            lines += [f"[{head}]", ""]
            table = head
        lines += [f"# {setting.help} It is {setting.allowed}.", f"# {name} = {literal(setting.default)}", ""]
    return "\n".join([*lines, *_keys_as_toml(), *_PROFILE, ""])


def _keys_as_toml() -> Iterator[str]:
    yield from ("[keys]", "", "# The keys of an action, the one to show first; an empty list takes them away.")
    for name, key in actions().items():
        yield f"# {name} = {literals(key.keys)}"
    yield ""


def literals(values: Iterable[str]) -> str:
    """A list of texts as TOML writes it."""
    return f"[{', '.join(map(literal, values))}]"


_HEAD: Final = ("# says what is in force, and where it comes from.", "")
_PROFILE: Final = (
    "# Who to be where: chat-tui --profile work",
    "# [profiles.work]",
    '# name = "JohnDoe"',
    '# server = "wss://chat.example"',
    '# room = "general"',
)


def literal(value: Value) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(character: str) -> str:
    if character in '\\"':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"
