"""The first question, what is kept of the answer, and which profile comes next."""

import getpass
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from chat_tui import cli
from chat_tui.app import ChatApp, Options
from chat_tui.cli import main
from chat_tui.preferences.configfile import FILE, read
from chat_tui.preferences.profiles import name_for


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Options]:
    """The apps that would have run, on a terminal on which one can be asked."""
    options: list[Options] = []
    monkeypatch.setattr(cli, "_need_terminal", lambda: None)
    monkeypatch.setattr(
        "chat_tui.preferences.profiles.sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    )
    monkeypatch.setattr(ChatApp, "run", lambda app, **_: options.append(app._options))
    monkeypatch.setattr(getpass, "getuser", lambda: "jane")
    return options


def run(folder: Path, *arguments: str, typed: str = "") -> tuple[int, str]:
    env = {"DOUBLETICK_CONFIG_DIR": str(folder / "config"), "DOUBLETICK_STATE_DIR": str(folder / "state")}
    result = CliRunner().invoke(main, arguments, input=typed, env=env)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_a_start_without_a_name_asks_once(tmp_path: Path, started: list[Options]) -> None:
    code, said = run(tmp_path, typed="\nws://chat.example\n")
    assert code == 0
    assert "Your name [jane]" in said
    assert "Server [ws://127.0.0.1:8080/ws]" in said
    config = read(tmp_path / "config")
    assert config.profiles == {"chat-example": {"name": "jane", "server": "ws://chat.example/ws"}}
    assert config.values == {"default_profile": "chat-example"}
    assert run(tmp_path) == (0, "")
    assert [(each.name, each.server) for each in started] == [("jane", "ws://chat.example/ws")] * 2


def test_a_wrong_answer_is_asked_for_again(tmp_path: Path, started: list[Options]) -> None:
    code, said = run(tmp_path, typed="Jane Doe\nJaneDoe\nhttp://a\n\n")
    assert code == 0
    assert "Error: A name has no spaces in it" in said
    assert "Error: 'http://a' is no server's address" in said
    assert started[0].name == "JaneDoe"
    assert read(tmp_path / "config").profiles == {"local": {"name": "JaneDoe", "server": "ws://127.0.0.1:8080/ws"}}


@pytest.mark.parametrize("login", ["jane doe", OSError()])
def test_a_login_that_can_be_no_name(
    tmp_path: Path, started: list[Options], monkeypatch: pytest.MonkeyPatch, login: str | OSError
) -> None:
    def getuser() -> str:
        if isinstance(login, OSError):
            raise login
        return login

    monkeypatch.setattr(getpass, "getuser", getuser)
    code, said = run(tmp_path, typed="Jane\n\n")
    assert code == 0
    assert "Your name: " in said
    assert started[0].name == "Jane"


def test_a_profile_without_a_name_is_completed(tmp_path: Path, started: list[Options]) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / FILE).write_text('[profiles.work] # mine\nserver = "wss://a"\n')
    assert run(tmp_path, "--profile", "work", typed="\n\n")[0] == 0
    assert read(tmp_path / "config").profiles == {"work": {"name": "jane", "server": "wss://a/ws"}}
    assert "# mine" in (tmp_path / "config" / FILE).read_text()
    assert started[0].server == "wss://a/ws"


def test_an_answer_that_cannot_be_kept_is_used(tmp_path: Path, started: list[Options]) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.tmp").mkdir()  # in the way of what is written
    code, said = run(tmp_path, typed="\n\n")
    assert code == 0
    assert "This will be asked again: " in said
    assert started[0].name == "jane"


def test_the_last_profile_is_the_next(tmp_path: Path, started: list[Options]) -> None:
    (tmp_path / "config").mkdir()
    path = tmp_path / "config" / FILE
    path.write_text('# mine\n[profiles.work]\nname = "W"\n[profiles.home]\nname = "H"\n')
    assert run(tmp_path, "--profile", "home") == (0, "")
    assert run(tmp_path) == (0, "")
    assert [each.name for each in started] == ["H", "H"]
    assert path.read_text().startswith("# mine\n")
    said = run(tmp_path, "profiles")[1].splitlines()
    assert [line.split() for line in said] == [
        ["work", "W", "ws://127.0.0.1:8080/ws"],
        ["*", "home", "H", "ws://127.0.0.1:8080/ws"],
    ]
    (tmp_path / "config" / "config.tmp").mkdir()
    code, warned = run(tmp_path, "--profile", "work")
    assert (code, "will not know which profile was the last" in warned) == (0, True)


def test_no_profiles(tmp_path: Path) -> None:
    assert "There is no profile in" in run(tmp_path, "profiles")[1]


@pytest.mark.parametrize(
    ("server", "taken", "name"),
    [
        ("ws://127.0.0.1:8080/ws", (), "local"),
        ("wss://localhost/ws", ("local",), "local-2"),
        ("wss://chat.example/ws", (), "chat-example"),
        ("wss://chat.example/ws", ("chat-example", "chat-example-2"), "chat-example-3"),
        ("wss://\u0436/ws", (), "chat"),
        (f"wss://{'a' * 60}/ws", (), "a" * 24),
    ],
)
def test_what_a_profile_is_called(server: str, taken: tuple[str, ...], name: str) -> None:
    assert name_for(server, taken) == name
