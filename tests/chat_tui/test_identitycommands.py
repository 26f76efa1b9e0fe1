"""`key`, `link` and `forget`, as people type them, and what they are told."""

import re
import shlex
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from nacl.pwhash import argon2id

from chat_server.protocol.proofs import fingerprint
from chat_tui.cli import main
from chat_tui.identity import identitycommands, keyfiles, lockedkeys
from chat_tui.identity.keyfiles import SecretKey
from chat_tui.identity.knownservers import KnownServers
from tests.chat_tui.people import Host
from tests.identities import signer

PHRASE = "open sesame\n"


class Device:
    """A machine of somebody's, with a configuration of its own."""

    def __init__(self, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.config = config
        monkeypatch.setattr(lockedkeys, "PASSES", argon2id.OPSLIMIT_MIN)
        monkeypatch.setattr(lockedkeys, "MEMORY_BYTES", argon2id.MEMLIMIT_MIN)

    def run(self, *arguments: str, types: str = "") -> tuple[int, str]:
        """The exit code, and everything that is said."""
        env = {"DOUBLETICK_CONFIG_DIR": str(self.config)}
        result = CliRunner().invoke(main, arguments, input=types, env=env)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    def does(self, *arguments: str, types: str = "") -> str:
        """What is said when all goes well."""
        code, said = self.run(*arguments, types=types)
        assert code == 0, said
        return said

    def fails(self, *arguments: str, types: str = "") -> str:
        """What is said when it does not, on one line."""
        code, said = self.run(*arguments, types=types)
        assert code in (1, 2), said
        return " ".join(said.split())

    def key(self, name: str = "John") -> SecretKey:
        return keyfiles.read(keyfiles.path_of(self.config, name))

    def with_key(self, name: str = "John") -> SecretKey:
        return keyfiles.find_or_make(keyfiles.path_of(self.config, name))


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    monkeypatch.chdir(tmp_path)
    return Device(tmp_path / "config", monkeypatch)


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    return Device(tmp_path / "other", monkeypatch)


# Show


@pytest.mark.parametrize(
    "arguments", [("key", "show", "--name", "John"), ("--name", "John", "key", "show")], ids=["after", "before"]
)
def test_show_says_who_one_is_and_no_secret(device: Device, arguments: tuple[str, ...]) -> None:
    key = device.with_key()
    said = device.does(*arguments)
    for fact in ("John", key.public, fingerprint(key.public), str(key.path)):
        assert fact in said
    assert key.secret not in said


def test_show_takes_another_file(device: Device, tmp_path: Path) -> None:
    key = keyfiles.find_or_make(tmp_path / "elsewhere")
    assert key.public in device.does("key", "show", "--name", "John", "--key-file", str(key.path))
    assert key.public in device.does("--key-file", str(key.path), "--name", "John", "key", "show")


@pytest.mark.parametrize("command", [("show",), ("export", "--no-passphrase")])
def test_a_key_that_is_not_there_is_a_sentence_and_is_not_made(device: Device, command: tuple[str, ...]) -> None:
    said = device.fails("key", *command, "--name", "John")
    assert "John has no key here; the first start makes it: chat-tui --name John" in said
    assert not device.config.exists()


def test_a_key_that_cannot_be_used_is_a_sentence(device: Device) -> None:
    device.with_key().path.chmod(0o644)
    assert "chmod 600" in device.fails("key", "show", "--name", "John")
    assert "chmod 600" in device.fails("--name", "John", "link")


@pytest.mark.parametrize("command", [("key", "show"), ("key", "export"), ("link",), ("link", "CODE")])
def test_without_a_name(device: Device, command: tuple[str, ...]) -> None:
    assert "Say who you are: --name YOURNAME" in device.fails(*command)


# Export and import


@pytest.mark.parametrize("locked", [True, False])
def test_an_exported_key_is_imported(device: Device, other: Device, tmp_path: Path, *, locked: bool) -> None:
    key = device.with_key()
    lock = () if locked else ("--no-passphrase",)
    said = device.does("key", "export", "--name", "John", "--out", "taken", *lock, types=PHRASE * 2)
    assert f"has {'it and the passphrase' if locked else 'that file'} can speak as John." in said
    assert stat.S_IMODE((tmp_path / "taken").stat().st_mode) == 0o600
    assert (key.secret in (tmp_path / "taken").read_text()) is not locked
    assert PHRASE.strip() not in said
    said = other.does("key", "import", "taken", "--name", "John", types=PHRASE)
    assert fingerprint(key.public) in said
    assert (other.key().public, other.key().secret) == (key.public, key.secret)
    assert stat.S_IMODE(other.key().path.stat().st_mode) == 0o600


def test_it_is_exported_to_this_directory_unless_told_otherwise(device: Device, tmp_path: Path) -> None:
    key = device.with_key()
    device.does("key", "export", "--name", "John", "--no-passphrase")
    assert (tmp_path / key.path.name).read_text() == key.text


def test_an_export_replaces_no_file(device: Device, tmp_path: Path) -> None:
    device.with_key()
    (tmp_path / "taken").write_text("mine")
    said = device.fails("key", "export", "--name", "John", "--no-passphrase", "--out", "taken")
    assert "taken is there already, and is not replaced" in said
    assert (tmp_path / "taken").read_text() == "mine"
    said = device.fails("key", "export", "--name", "John", "--no-passphrase", "--out", "taken/below")
    assert "Cannot keep a key in taken/below" in said


def test_an_export_to_a_pipe_says_nothing_else(device: Device, other: Device) -> None:
    key = device.with_key()
    text = device.does("key", "export", "--name", "John", "--no-passphrase", "--out", "-")
    assert text == key.text
    other.does("key", "import", "-", "--name", "John", types=text)
    assert other.key().secret == key.secret


def test_a_terminal_is_shown_no_secret(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    device.with_key()
    monkeypatch.setattr(identitycommands, "_shows", lambda: True)
    said = device.fails("key", "export", "--name", "John", "--no-passphrase", "--out", "-")
    assert "A terminal would show the secret" in said


def test_an_import_replaces_no_other_key_unless_forced(device: Device, other: Device) -> None:
    key, lost = device.with_key(), other.with_key()
    device.does("key", "export", "--name", "John", "--no-passphrase", "--out", "taken")
    said = other.fails("key", "import", "taken", "--name", "John")
    assert f"John has another key here, {fingerprint(lost.public)}" in said
    assert "It would be lost for good, and with it the name at every server that knows John by that key" in said
    assert other.key() == lost
    other.does("key", "import", "taken", "--name", "John", "--force")
    assert other.key().secret == key.secret


def test_the_same_key_again_is_no_loss(device: Device) -> None:
    key = device.with_key()
    device.does("key", "export", "--name", "John", "--no-passphrase", "--out", "taken")
    assert fingerprint(key.public) in device.does("key", "import", "taken", "--name", "John")


def test_a_wrong_passphrase_is_a_sentence(device: Device, other: Device) -> None:
    device.with_key()
    device.does("key", "export", "--name", "John", "--out", "taken", types=PHRASE * 2)
    said = other.fails("key", "import", "taken", "--name", "John", types="open barley\n")
    assert "not the passphrase of this key" in said
    assert not other.config.exists()


@pytest.mark.parametrize("text", ["", "nonsense", "doubletick secret key 1\npublic x\nsecret y\n", "x" * 20_000])
def test_an_import_of_something_else_is_a_sentence(device: Device, tmp_path: Path, text: str) -> None:
    (tmp_path / "taken").write_text(text)
    assert "holds no secret key of doubletick" in device.fails("key", "import", "taken", "--name", "John")


def test_halves_that_do_not_belong_together_are_a_sentence(device: Device, other: Device, tmp_path: Path) -> None:
    key = device.with_key()
    for text in (key.text.replace(key.public, signer("Mary").public), key.text.replace(key.secret, "b" * 43)):
        (tmp_path / "taken").write_text(text)
        assert "damaged" in other.fails("key", "import", "taken", "--name", "John")
    key.path.write_text(key.text.replace(key.secret, "b" * 43))
    said = device.fails("key", "export", "--name", "John", "--out", "locked", types=PHRASE * 2)
    assert "damaged" in said


# Link


def line_of(said: str) -> list[str]:
    """The command that one is told to type."""
    (line,) = re.findall(r"^    chat-tui (.+)$", said, re.MULTILINE)
    return shlex.split(line)


def come(device: Device, host: Host) -> None:
    """Be known to the server: the name is the key's that comes first."""
    device.with_key()
    device.does("link", "--name", "John", "--server", host.url)


def test_a_second_device_speaks_for_the_name_with_a_key_of_its_own(
    host: Host, device: Device, other: Device
) -> None:
    come(device, host)
    said = device.does("link", "--name", "John", "--server", host.url)
    assert "Within 10 minutes, and once" in said
    words, server = line_of(said), said.splitlines()[-1]
    assert re.fullmatch(r"The server's fingerprint, on both devices:( \d{5}){6}", server)
    said = other.does(*words)
    assert server in said
    assert line_of(said) == ["--name", "John", "--server", host.url]
    assert "This device may speak for John from now on" in said
    assert other.key().secret != device.key().secret
    third = other.fails(*words, "--key-file", str(other.config / "third"))
    assert "unknown, used up or too old" in third
    other.does("link", "--name", "John", "--server", host.url)


def test_without_a_code_another_device_is_refused(host: Host, device: Device, other: Device) -> None:
    come(device, host)
    other.with_key()
    assert "belongs to another key" in other.fails("link", "--name", "John", "--server", host.url)
    assert "unknown, used up or too old" in other.fails(
        "link", "AAAAA-AAAAA", "--name", "John", "--server", host.url
    )


def test_a_code_can_be_typed_unseen(host: Host, device: Device, other: Device) -> None:
    come(device, host)
    _, code, *rest = line_of(device.does("link", "--name", "John", "--server", host.url))
    said = other.does("link", "-", *rest, types=f"{code.lower().replace('-', ' ')}\n")
    assert "may speak for John" in said
    assert code.lower() not in said


def test_a_device_without_a_key_is_not_the_one_to_begin_with(device: Device) -> None:
    said = device.fails("link", "--name", "John")
    assert "Run this on the device that speaks for the name, and here the line that it says." in said
    assert not device.config.exists()


def test_a_server_that_is_not_there_is_a_sentence(host: Host, device: Device) -> None:
    host.kill()
    device.with_key()
    assert "nothing listens at" in device.fails("link", "--name", "John", "--server", host.url)
    assert "nothing listens at" in device.fails("link", "CODE", "--name", "John", "--server", host.url)


# Forget


def test_a_server_with_a_new_key_is_believed_once_it_is_forgotten(host: Host, device: Device) -> None:
    pinned = signer("the one before").public
    KnownServers(device.config).recall(host.url, pinned)
    device.with_key()
    said = device.fails("link", "--name", "John", "--server", host.url)
    assert "THE SERVER HAS ANOTHER KEY THAN BEFORE" in said
    command = said[said.rindex("chat-tui forget") :].split()[1:]
    said = device.does(*command)
    assert said == f"The key of ws://127.0.0.1:{host.port} is forgotten: {fingerprint(pinned)}\n"
    device.does("link", "--name", "John", "--server", host.url)
    assert KnownServers(device.config).forget(host.url) != pinned


def test_what_is_not_known_cannot_be_forgotten(device: Device) -> None:
    said = device.fails("forget", "--server", "ws://chat.example:8080")
    assert "No key of ws://chat.example:8080 is known, so there is nothing to forget." in said


def test_a_file_of_servers_that_cannot_be_used_is_a_sentence(device: Device) -> None:
    device.config.mkdir()
    (device.config / "known-servers").write_text("nonsense")
    assert "is no server and its key" in device.fails("forget", "--server", "ws://chat.example:8080")


@pytest.mark.parametrize("command", [("key",), ("key", "show"), ("key", "import"), ("link",), ("forget",)])
def test_help(device: Device, command: tuple[str, ...]) -> None:
    assert "Usage: main" in device.does(*command, "--help")
