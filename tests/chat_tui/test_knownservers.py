"""The servers that are known: the first key stays, whoever comes at once; a bad file makes no server a new one."""

import multiprocessing
import stat
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from chat_tui.identity import knownservers
from chat_tui.identity.knownservers import KnownServers, KnownServersError, place_of
from tests.identities import signer

URL = "ws://chat.example:8080/ws"
ONE, TWO = signer("one").public, signer("two").public


def file(config: Path) -> Path:
    return config / "known-servers"


def test_the_first_key_stays(tmp_path: Path) -> None:
    config = tmp_path / "config"
    assert KnownServers(config).recall(URL, ONE) == ONE
    assert KnownServers(config).recall(URL, TWO) == ONE
    assert KnownServers(config).recall("ws://other.example/ws", TWO) == TWO
    assert file(config).read_text().splitlines()[1:] == [
        f"ws://chat.example:8080 {ONE}",
        f"ws://other.example:80 {TWO}",
    ]
    assert stat.S_IMODE(file(config).stat().st_mode) == 0o600
    assert stat.S_IMODE(config.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (URL, "ws://chat.example:8080"),
        ("WS://Chat.Example:8080/other?x=1", "ws://chat.example:8080"),
        ("ws://somebody:secret@chat.example:8080/ws", "ws://chat.example:8080"),
        ("ws://chat.example/ws", "ws://chat.example:80"),
        ("wss://chat.example", "wss://chat.example:443"),
        ("ws://[::1]:8080/ws", "ws://[::1]:8080"),
        ("wss://chat.example:8080/ws", "wss://chat.example:8080"),
    ],
)
def test_a_server_is_one_however_its_address_is_written(url: str, place: str) -> None:
    assert place_of(url) == place


def test_a_forgotten_server_is_new_again(tmp_path: Path) -> None:
    servers = KnownServers(tmp_path)
    servers.recall(URL, ONE)
    servers.recall("ws://other.example/ws", ONE)
    assert servers.forget(URL.upper()) == ONE
    assert servers.forget(URL) is None
    assert servers.recall(URL, TWO) == TWO
    assert servers.recall("ws://other.example/ws", TWO) == ONE


def test_what_people_write_into_it_stays(tmp_path: Path) -> None:
    file(tmp_path).write_text(f"# ours\n\n  ws://chat.example:8080 {ONE}  \n# the end")
    servers = KnownServers(tmp_path)
    assert servers.recall(URL, TWO) == ONE
    assert servers.recall("ws://other.example/ws", TWO) == TWO
    assert servers.forget(URL) == ONE
    assert file(tmp_path).read_text() == f"# ours\n\n# the end\nws://other.example:80 {TWO}\n"


@pytest.mark.parametrize("line", ["nonsense", f"ws://chat.example:8080 {ONE[1:]}", f"{URL} {ONE} more"])
def test_a_damaged_line_is_a_sentence_and_nothing_is_pinned(tmp_path: Path, line: str) -> None:
    text = f"# known\n{line}\n"
    file(tmp_path).write_text(text)
    sentence = r"Line 2 of .*known-servers is no server and its key\. Mend"
    with pytest.raises(KnownServersError, match=sentence):
        KnownServers(tmp_path).recall(URL, ONE)
    with pytest.raises(KnownServersError, match=sentence):
        KnownServers(tmp_path).forget(URL)
    assert file(tmp_path).read_text() == text


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    file(tmp_path).write_bytes(b"\xff\xfe")
    with pytest.raises(KnownServersError, match=r"known-servers cannot be read \(.*codec"):
        KnownServers(tmp_path).recall(URL, ONE)
    file(tmp_path).unlink()
    file(tmp_path).mkdir()
    with pytest.raises(KnownServersError, match=r"known-servers cannot be read \(Is a directory\)"):
        KnownServers(tmp_path).recall(URL, ONE)


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file")
    with pytest.raises(KnownServersError, match=r"cannot be read \(Not a directory\)"):
        KnownServers(tmp_path / "config").recall(URL, ONE)


def test_a_disk_that_fails_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(KnownServersError, match=r"Cannot keep a server's key in .*: No space left on device\."):
        KnownServers(tmp_path).recall(URL, ONE)
    assert not file(tmp_path).exists()


def test_a_lock_that_is_not_let_go_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knownservers, "LOCK_S", 0.05)
    with (
        KnownServers(tmp_path)._changing(),
        pytest.raises(KnownServersError, match="is held by another client that does not end"),
    ):
        KnownServers(tmp_path).recall(URL, ONE)


def test_who_waited_for_the_lock_takes_the_key_of_who_was_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    KnownServers(tmp_path).recall(URL, ONE)
    find, asked = KnownServers.find, []

    def miss_once(self: KnownServers, url: str) -> str | None:
        asked.append(url)
        return find(self, url) if len(asked) > 1 else None

    monkeypatch.setattr(KnownServers, "find", miss_once)
    assert KnownServers(tmp_path).recall(URL, TWO) == ONE


def _recall(config: Path, key: str, barrier: Barrier) -> tuple[str, str]:
    barrier.wait()
    servers = KnownServers(config)
    return servers.recall(URL, key), servers.recall(f"ws://{key[:5].lower()}x/ws", key)


def test_clients_at_once_agree_and_lose_no_line(tmp_path: Path) -> None:
    keys = [signer(str(each)).public for each in range(4)]
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(4) as pool:
        barrier = manager.Barrier(4)
        for number in range(5):
            config = tmp_path / str(number)
            told = pool.starmap(_recall, [(config, key, barrier) for key in keys])
            assert len({shared for shared, _ in told}) == 1
            assert [own for _, own in told] == keys
            assert len(file(config).read_text().splitlines()) == 1 + 1 + len(keys)
