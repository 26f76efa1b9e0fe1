"""What a configuration may say, line by line, and which of several sayings counts."""

import re
from dataclasses import fields, replace

import pytest

from chat_tui.keys import TABLE
from chat_tui.preferences.config import SETTINGS, Config, ConfigError, Preferences, Taken, mistake, parse

FULL = """\
# mine
name = "John"
server = "ws://home.example"
idle_s = 60
default_profile = "work"

[notifications]
bell = false
osc = false

[profiles.work]
name = "JohnDoe"

["profiles"."at home"]
"""


def said(text: str) -> tuple[int | None, str]:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    return caught.value.line, str(caught.value)


def test_nothing_is_all_defaults() -> None:
    config = parse("")
    assert config == Config()
    assert config.choose(None) is None
    assert config.taken(None) == {each.name: Taken(each.default, "default") for each in SETTINGS}
    assert config.preferences() == Preferences()


def test_preferences_have_the_defaults_of_the_settings() -> None:
    defaults = {"keys": TABLE, **{each.name.rpartition(".")[2]: each.default for each in SETTINGS}}
    preferences = {each.name: getattr(Preferences(), each.name) for each in fields(Preferences)}
    assert {name: defaults[name] for name in preferences} == preferences


def test_a_profile_comes_before_the_file_and_the_file_before_defaults() -> None:
    config = parse(FULL.replace('["profiles"."at home"]\n', ""))
    assert config.choose(None) == "work"
    taken = config.taken("work")
    assert taken["name"] == Taken("JohnDoe", "profile work")
    assert taken["server"] == Taken("ws://home.example/ws", "file")
    assert taken["room"] == Taken("general", "default")
    assert config.taken(None)["name"] == Taken("John", "file")
    assert config.preferences() == Preferences(idle_s=60, osc=False)


def test_a_profile_that_is_asked_for() -> None:
    config = parse("[profiles.work]\n[profiles.home]\n")
    assert config.choose("home") == "home"
    with pytest.raises(ConfigError, match=re.escape("There is no profile 'hme'; did you mean home?")):
        config.choose("hme")
    with pytest.raises(ConfigError, match=re.escape("There is no profile 'x'; there are work, home.")):
        config.choose("x")
    with pytest.raises(ConfigError, match=re.escape("There is no profile 'x'.")):
        Config().choose("x")


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("room = 'a'\ntheme = 3", 2, "theme: it should be a theme's name."),
        ("thme = 'nord'", 1, "thme: there is no such setting; did you mean theme?"),
        ("\n[notifications]\nbel = true", 3, "notifications.bel: there is no such setting; did you mean notifi"),
        ("notifications.bell = 1", 1, "notifications.bell: it should be true or false."),
        ("notifications = true", 1, "notifications: there is no such setting"),
        ("name = ['a']", 1, "name: it should be a name of at most 32 characters, without spaces."),
        ("name = 'a b'", 1, "name: it should be a name"),
        ("server = 'http://a'", 1, "server: it should be like ws://127.0.0.1:8080/ws."),
        ("ascii = true", 1, 'ascii: it should be "auto", "on" or "off".'),
        ("dwell_ms = 99", 1, "dwell_ms: it should be a whole number from 100 to 60000."),
        ("dwell_ms = 60001", 1, "dwell_ms: it should be"),
        ("dwell_ms = true", 1, "dwell_ms: it should be"),
        ("dwell_ms = 500.0", 1, "dwell_ms: it should be"),
        ("[mouse]\n", 1, "mouse: it should be true or false."),
        ("# a\n[colours]\n", 2, "colours: there is no such setting; there are name, server, "),
        ("[a.b]\nc = 1", 2, "a.b.c: there is no such setting"),
        ("x =", None, "This is no TOML: Invalid value (at end of document)."),
        ("room = 'a'\nx y", 2, "This is no TOML: "),
        ("keys = 3", 1, "keys: it should be a table, [keys]."),
        ("[keys]\nhold = 'f12'", 2, 'keys.hold: it should be a list of keys, like ["ctrl+x", "f12"].'),
        ("[keys]\nhold = [5]", 2, "keys.hold: it should be a list of keys"),
        ("[keys]\n\nhodl = ['f12']", 3, "keys.hodl: there is no such action; did you mean hold?"),
        ("[keys.conversation]\nnewest = ['ctrl+h']", 2, "keys.conversation.newest: terminals send Backspace for"),
        ("profiles = 3", 1, "profiles: it should be tables, each like [profiles.work]."),
        ("[profiles]\nwork = 3", 2, "profiles.work: it should be a table, like [profiles.work]."),
        (
            "[profiles.work]\nserver = 'ws://a'\nnam = 'a'",
            3,
            "profiles.work.nam: there is no such setting; did you",
        ),
        ("[profiles.work]\nroom = 3", 2, "profiles.work.room: it should be a name"),
        ("default_profile = 'x'\n[profiles.work]", 1, "default_profile: There is no profile 'x'; there are work."),
        (FULL, 14, "profiles.at home: the name of a profile has letters, digits, - and _, 32 at most."),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int | None, sentence: str) -> None:
    found, what = said(text)
    assert what.startswith(sentence)
    assert found == line


def test_a_line_that_cannot_be_found_is_that_of_the_table_or_none() -> None:
    assert mistake("[a]\nb = 1", "a.c", "no").line == 1
    assert mistake("x = 1", "a.c", "no").line is None


def test_keys() -> None:
    config = parse("[keys]\nhold = ['f12', 'ctrl+x']\nconversation.newest = []\n")
    wanted = {("ANYWHERE", "hold"): ("f12", "ctrl+x"), ("CONVERSATION", "newest"): ()}
    expected = tuple(replace(key, keys=wanted.get((key.where.name, key.action), key.keys)) for key in TABLE)
    assert config.keys == config.preferences().keys == expected
