"""The command: sentences for people who get it wrong, and nothing slow before them."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from chat_tui import cli
from chat_tui.app import ChatApp, Options
from chat_tui.cli import main
from chat_tui.options import Address
from tests.authorities import Authority


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
    assert Address().convert(given, None, None) == taken


@pytest.mark.parametrize("arguments", [("--name", "John"), ("demo",)])
def test_a_pipe_is_no_terminal(arguments: tuple[str, ...]) -> None:
    code, said = run(*arguments)
    assert code == 1
    assert "This is a program for a terminal" in said


def test_an_authority_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    code, said = run("--name", "John", "--ca", str(tmp_path / "empty.pem"))
    assert (code, said) == (1, f"Error: {tmp_path / 'empty.pem'} holds no certificate in PEM format.\n")
    code, said = run("--name", "John", env={"DOUBLETICK_CA": str(tmp_path / "none.pem")})
    assert (code, said) == (1, f"Error: {tmp_path / 'none.pem'} cannot be read: no such file or directory.\n")


def test_an_authority_is_believed_by_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", "")
    monkeypatch.chdir(tmp_path)
    code, said = run("--name", "John", "--ca", authority.file.name)
    assert (code, "This is a program for a terminal" in said) == (1, True)
    assert os.environ["SSL_CERT_FILE"] == str(authority.file)


def test_a_code_can_be_typed_unseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Options] = []

    class Seen(ChatApp):
        def run(self, **_: object) -> None:
            given.append(self._options)

    monkeypatch.setattr(cli, "_need_terminal", lambda: None)
    monkeypatch.setattr("chat_tui.app.ChatApp", Seen)
    env = {"DOUBLETICK_STATE_DIR": str(tmp_path), "DOUBLETICK_CONFIG_DIR": str(tmp_path)}
    typed = CliRunner().invoke(main, ["--name", "John", "--invite", "-"], input="SECRET-CODE\n", env=env)
    assert typed.exit_code == 0
    assert "SECRET-CODE" not in typed.output
    assert run("--name", "John", env={**env, "DOUBLETICK_INVITE": "FROM-THERE"})[0] == 0
    assert run("--name", "John", env={**env, "DOUBLETICK_INVITE": ""})[0] == 0
    assert [each.invite for each in given] == ["SECRET-CODE", "FROM-THERE", None]


def test_a_key_that_cannot_be_used_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_need_terminal", lambda: None)
    (tmp_path / "key").write_text("nonsense")
    (tmp_path / "key").chmod(0o600)
    code, said = run("--name", "John", "--key-file", str(tmp_path / "key"))
    assert code == 1
    assert "holds no secret key of doubletick" in said


def test_help_and_version() -> None:
    said = run("--help")[1]
    assert all(f"\n  {command} " in said for command in ("demo", "forget", "key", "link"))
    assert "--no-bell" in run("--help")[1]
    assert run("--version")[1].startswith("chat-tui, version ")


def test_help_is_quick_since_it_imports_nothing_slow() -> None:
    script = (
        "import sys, chat_tui.cli\n"
        "slow = {'textual', 'rich', 'websockets', 'nacl', 'chat_tui.identity.identitycommands', 'msgspec'}\n"
        "print(*sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["msgspec"]


def test_a_damaged_outbox_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_need_terminal", lambda: None)
    (tmp_path / "state").write_text("a file")
    env = {"DOUBLETICK_STATE_DIR": str(tmp_path / "state"), "DOUBLETICK_CONFIG_DIR": str(tmp_path / "config")}
    code, said = run("--name", "John", env=env)
    assert code == 1
    assert "Cannot keep unsent messages in" in said


def test_what_is_served_to_others_is_served_by_a_proxy() -> None:
    code, said = run("--name", "John", "web", "--host", "0.0.0.0")
    assert code == 2
    assert "put a proxy that speaks TLS before it" in said
    code, said = run("--name", "John", "web", "--url", "http://chat.example")
    assert (code, "--url is https, a host, and nothing more" in said) == (2, True)
    code, said = run("web")
    assert (code, "Say who you are" in said) == (2, True)


def test_what_a_browser_needs_may_not_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    monkeypatch.delitem(sys.modules, "chat_tui.web", raising=False)
    code, said = run("--name", "John", "web")
    assert (code, "To have it: pip install 'doubletick[web]'" in said) == (1, True)


def test_a_port_that_is_taken_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            (sys.executable, "-m", "chat_tui", "--name", "John", "web", "--port", str(port)),
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert f"Error: 127.0.0.1:{port} cannot be listened at: " in done.stderr


def test_what_is_claimed_is_claimed_in_lines_only() -> None:
    code, said = run("--name", "John", "--mark-read")
    assert (code, "--mark-read is for --plain" in said) == (2, True)
