"""The file that one begins with: it says nothing, shows everything, and can be read when it is uncommented."""

import re
import tomllib

import pytest

from chat_tui.keys import TABLE
from chat_tui.preferences.config import SETTINGS, Config, parse
from chat_tui.preferences.configsample import as_toml, literal, literals


def test_the_file_that_is_begun_with_says_nothing_and_shows_everything() -> None:
    assert parse(as_toml()) == Config()
    shown = re.sub(r"(?m)^# (?=[a-z_.]+ = |\[)", "", as_toml())
    document = tomllib.loads(shown)
    assert document.pop("profiles") == {
        "work": {"name": "JohnDoe", "server": "wss://chat.example", "room": "general"}
    }
    assert parse(shown.replace('""', '"work"')).keys == TABLE
    assert len(document.pop("keys")) > 1
    flat = {**document.pop("notifications")}
    assert {**document, **flat} == {each.name.rpartition(".")[2]: each.default for each in SETTINGS}
    assert all(each.help in as_toml() for each in SETTINGS)


@pytest.mark.parametrize("value", [True, False, 7, "plain", 'a "quoted" \\ one', "\x1b[31m\u202e"])
def test_literals_are_read_back(value: str | bool) -> None:  # noqa: FBT001  # a case
    written = literal(value)
    assert written.isprintable()
    assert tomllib.loads(f"x = {written}") == {"x": value}


def test_lists_are_read_back() -> None:
    assert tomllib.loads(f"x = {literals(['ctrl+x', 'G'])}\ny = {literals([])}") == {"x": ["ctrl+x", "G"], "y": []}
