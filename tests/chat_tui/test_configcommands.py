"""`chat-tui config`, and which of option, environment, profile, file and default counts."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from chat_tui import cli
from chat_tui.app import ChatApp, Options
from chat_tui.cli import main
from chat_tui.preferences.config import SETTINGS
from chat_tui.preferences.configsample import as_toml, literal

FILE = """\
name = "Filed"
room = "filed"
ascii = "on"
mouse = false
[notifications]
bell = false
[profiles.work]
name = "Worker"
server = "wss://work.example"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(FILE)
    return tmp_path


def run(config: Path, *arguments: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    env = {"DOUBLETICK_CONFIG_DIR": str(config), "DOUBLETICK_STATE_DIR": str(config / "state"), **(env or {})}
    result = CliRunner().invoke(main, arguments, env=env)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def shown(config: Path, *arguments: str, env: dict[str, str] | None = None) -> dict[str, tuple[str, str]]:
    """Per setting its value, and where it comes from."""
    code, said = run(config, *arguments, "config", "show", env=env)
    assert code == 0
    rows = (line.partition(" = ") for line in said.splitlines())
    return {name: (value.partition("  #")[0].rstrip(), value.rpartition("# ")[2]) for name, _, value in rows}


def test_where_each_value_comes_from(config: Path) -> None:
    plain = shown(config)
    assert plain["name"] == ('"Filed"', "file")
    assert plain["server"] == ('"ws://127.0.0.1:8080/ws"', "default")
    assert plain["ascii"] == ('"on"', "file")
    assert plain["notifications.bell"] == ("false", "file")
    assert plain["mouse"] == ("false", "file")
    work = shown(config, "--profile", "work")
    assert work["name"] == ('"Worker"', "profile work")
    assert work["server"] == ('"wss://work.example/ws"', "profile work")
    assert work["room"] == ('"filed"', "file")
    env = {"DOUBLETICK_NAME": "Environ", "DOUBLETICK_PROFILE": "work"}
    assert shown(config, env=env)["name"] == ('"Environ"', "environment")
    optional = shown(config, "--name", "Optional", "--no-ascii", "--bell", env=env)
    assert optional["name"] == ('"Optional"', "option")
    assert optional["ascii"] == ('"off"', "option")
    assert optional["notifications.bell"] == ("true", "option")


def test_keys_that_were_changed_are_shown(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[keys]\nhold = ["ctrl+x", "f12"]\n')
    keys = {name: said for name, said in shown(tmp_path).items() if name.startswith("keys.")}
    assert keys == {"keys.anywhere.hold": ('["ctrl+x", "f12"]', "file")}


def test_the_app_is_given_them(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[Options, object]] = []

    class Seen(ChatApp):
        def run(self, *, mouse: bool = True, **_: object) -> None:
            given.append((self._options, mouse))

    monkeypatch.setattr(cli, "_need_terminal", lambda: None)
    monkeypatch.setattr("chat_tui.app.ChatApp", Seen)
    assert run(config, "--profile", "work", "--room", "optional")[0] == 0
    ((options, mouse),) = given
    assert (options.name, options.server, options.room) == ("Worker", "wss://work.example/ws", "optional")
    assert (options.ascii_only, options.bell, mouse) == (True, False, False)
    assert run(config, "--no-ascii")[0] == 0
    assert given[1][0].ascii_only is False


async def test_the_app_dwells_as_it_is_told(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (config / "config.toml").write_text("dwell_ms = 1000\nidle_s = 20\n")
    given: list[ChatApp] = []
    monkeypatch.setattr(cli, "_need_terminal", lambda: None)
    monkeypatch.setattr("chat_tui.app.ChatApp.run", lambda app, **_: given.append(app))
    assert run(config, "--name", "John")[0] == 0
    assert (given[0].attention._dwell_ms, given[0].attention._idle_ms) == (1_000, 20_000)


def test_a_file_that_is_wrong_is_a_sentence_and_exit_code_2(config: Path) -> None:
    (config / "config.toml").write_text("thme = 'nord'")
    for arguments in (("--name", "John"), ("key", "show"), ("config", "show")):
        code, said = run(config, *arguments)
        assert code == 2
        assert said == f"Error: {config / 'config.toml'}:1: thme: there is no such setting; did you mean theme?\n"
    assert run(config, "--help")[0] == 0
    assert run(config, "config", "path") == (0, f"{config / 'config.toml'}\n")


def test_a_profile_that_is_not_there(config: Path) -> None:
    code, said = run(config, "--profile", "wrok")
    assert (code, said) == (
        2,
        f"Error: {config / 'config.toml'}: There is no profile 'wrok'; did you mean work?\n",
    )


def test_init_writes_once(tmp_path: Path) -> None:
    assert run(tmp_path / "new", "config", "init") == (0, f"{tmp_path / 'new' / 'config.toml'}\n")
    assert (tmp_path / "new" / "config.toml").read_text() == as_toml()
    code, said = run(tmp_path / "new", "config", "init")
    assert (code, "is there already" in said) == (1, True)


def test_edit_begins_the_file_and_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "thme = 1" >"$1"\n')
    editor.chmod(0o700)
    code, said = run(tmp_path / "new", "config", "edit", env={"VISUAL": str(editor)})
    assert code == 2
    assert "config.toml:1: thme: there is no such setting" in said
    code, said = run(tmp_path / "new", "config", "edit", env={"VISUAL": "true"})
    assert code == 2


def test_the_page_tells_of_every_setting() -> None:
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    for setting in SETTINGS:
        default = f"`{literal(setting.default)}`" if setting.default != "" else ""
        assert f"| `{setting.name}` | {default}".rstrip() in page


def test_a_theme_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_need_terminal", lambda: None)
    (tmp_path / "config.toml").write_text("room = 'a'\ntheme = 'nrod'\n")
    code, said = run(tmp_path, "--name", "John")
    assert (code, said) == (
        2,
        f"Error: {tmp_path / 'config.toml'}:2: theme: there is no theme 'nrod'; did you mean nord?\n",
    )
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "own.toml").write_text("dark = 1")
    code, said = run(tmp_path, "--name", "John")
    assert (code, said) == (2, f"Error: {tmp_path / 'themes' / 'own.toml'}: dark: it should be true or false.\n")
