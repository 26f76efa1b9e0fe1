"""The command: sentences for people who get it wrong, and nothing slow before them."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from chat_tui import cli
from chat_tui.cli import main


def run(*arguments: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments, env=env)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_without_a_name() -> None:
    code, said = run()
    assert code == 2
    assert "Say who you are: chat-tui --name YOURNAME. To look around first: chat-tui demo" in said


@pytest.mark.parametrize(
    "server", ["http://chat.example", "chat.example:8080", "ws://", "", "ws://[/ws", "ws://chat.example:99999"]
)
def test_an_address_that_is_none(server: str) -> None:
    code, said = run("--name", "John", "--server", server)
    assert code == 2
    assert "is no server's address; it should look like ws://127.0.0.1:8080/ws" in said


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("ws://127.0.0.1:9000", "ws://127.0.0.1:9000/ws"),
        ("wss://chat.example/", "wss://chat.example/"),
        ("wss://chat.example/other", "wss://chat.example/other"),
    ],
)
def test_the_path_is_added_where_there_is_none(given: str, taken: str) -> None:
    assert cli.Address().convert(given, None, None) == taken


@pytest.mark.parametrize("arguments", [("--name", "John"), ("demo",)])
def test_a_pipe_is_no_terminal(arguments: tuple[str, ...]) -> None:
    code, said = run(*arguments)
    assert code == 1
    assert "This is a program for a terminal" in said


def test_help_and_version() -> None:
    assert "--no-bell" in run("--help")[1]
    assert run("--version")[1].startswith("chat-tui, version ")


def test_help_is_quick_since_it_imports_nothing_slow() -> None:
    script = (
        "import sys, chat_tui.cli; print(*sorted({'textual', 'rich', 'websockets', 'msgspec'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["msgspec"]


def test_a_damaged_outbox_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_need_terminal", lambda: None)
    (tmp_path / "state").write_text("a file")
    code, said = run("--name", "John", env={"DOUBLETICK_STATE_DIR": str(tmp_path / "state")})
    assert code == 1
    assert "Cannot keep unsent messages in" in said
