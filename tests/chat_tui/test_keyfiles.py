"""Secret keys on disk: made once whoever comes first, shut for others, a sentence where one cannot be used."""

import multiprocessing
import stat
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from chat_server.protocol.proofs import SEED_BYTES, Signer, bytes_of
from chat_tui.identity import keyfiles
from chat_tui.identity.keyfiles import KeyFileError, SecretKey, find_or_make, path_of, read

PUBLIC, SECRET = "A" * 43, "b" * 43


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_made_at_the_first_start_and_found_at_the_next(tmp_path: Path) -> None:
    path = path_of(tmp_path / "config", "John")
    made = find_or_make(path)
    assert find_or_make(path) == made
    assert made.path == path
    assert len(bytes_of(made.secret)) == SEED_BYTES
    assert Signer(bytes_of(made.secret)).public == made.public
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_names_have_keys_of_their_own(tmp_path: Path) -> None:
    paths = {path_of(tmp_path, name) for name in ("John", "john", "Mary", "../../Mary")}
    assert {path.parent for path in paths} == {tmp_path / "keys"}
    assert len({find_or_make(path).secret for path in paths}) == 4


def test_the_file_can_be_read_by_people_and_its_secret_is_not_printed(tmp_path: Path) -> None:
    made = find_or_make(tmp_path / "key")
    assert (tmp_path / "key").read_text() == (
        f"doubletick secret key 1\npublic {made.public}\nsecret {made.secret}\n"
    )
    assert made.secret not in repr(made)


def _make(path: Path, barrier: Barrier) -> str:
    barrier.wait()
    return find_or_make(path).secret


def test_clients_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(4) as pool:
        barrier = manager.Barrier(4)
        for number in range(5):
            path = tmp_path / str(number) / "key"
            assert len(set(pool.starmap(_make, [(path, barrier)] * 4))) == 1


def test_who_comes_second_takes_the_key_of_who_was_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = find_or_make(tmp_path / "key")
    monkeypatch.setattr(keyfiles, "_is_there", lambda _: False)
    monkeypatch.setattr(keyfiles, "write", lambda *_: (_ for _ in ()).throw(FileExistsError()))
    assert find_or_make(tmp_path / "key") == first


@pytest.mark.parametrize("others", [0o640, 0o604, 0o620, 0o602, 0o610])
def test_a_key_that_others_can_read_or_change_is_refused(tmp_path: Path, others: int) -> None:
    find_or_make(tmp_path / "key")
    (tmp_path / "key").chmod(others)
    with pytest.raises(KeyFileError, match=rf"by others on this machine \(mode 0{others:o}\).*chmod 600 .*key"):
        find_or_make(tmp_path / "key")
    (tmp_path / "key").chmod(0o600)
    find_or_make(tmp_path / "key")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "doubletick secret key 1",
        f"doubletick secret key 2\npublic {PUBLIC}\nsecret {SECRET}\n",
        f"doubletick secret key 1\npublic {PUBLIC}\n",
        f"doubletick secret key 1\npublic {PUBLIC}\nsecret {SECRET[1:]}\n",
        f"doubletick secret key 1\npublic {PUBLIC}\nsecret {SECRET}\nmore\n",
        f"doubletick secret key 1\npublic {PUBLIC}\nsecret {SECRET[1:]}é\n",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n" + "x" * 5_000,
        "\x00" * 100,
    ],
)
def test_what_is_no_key_is_a_sentence_and_stays(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").touch(0o600)
    (tmp_path / "key").write_text(text)
    with pytest.raises(KeyFileError, match=r"key holds no secret key of doubletick\. .*move it away"):
        find_or_make(tmp_path / "key")
    assert (tmp_path / "key").read_text() == text


@pytest.mark.parametrize(
    ("public", "secret"),
    [(Signer(bytes(32)).public, "b" * 42 + "A"), (PUBLIC, "A" * 43), (PUBLIC, SECRET)],
    ids=["another's", "no key", "no bytes"],
)
def test_halves_that_do_not_belong_together_are_a_sentence(tmp_path: Path, public: str, secret: str) -> None:
    key = SecretKey(tmp_path / "key", public, secret)
    with pytest.raises(KeyFileError, match="key is damaged: its public half is another's"):
        keyfiles.signer(key)


def test_a_key_signs(tmp_path: Path) -> None:
    made = find_or_make(tmp_path / "key")
    assert keyfiles.signer(made).sign(b"lines") == Signer(bytes_of(made.secret)).sign(b"lines")


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir()
    with pytest.raises(KeyFileError, match=r"The key in .*key cannot be read: Is a directory\."):
        find_or_make(tmp_path / "key")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(KeyFileError, match=r"link cannot be read: No such file"):
        find_or_make(tmp_path / "link")
    with pytest.raises(KeyFileError, match=r"missing cannot be read: No such file"):
        read(tmp_path / "missing")


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(KeyFileError, match=r"Cannot keep a key in .*: .*keys is no folder\."):
        find_or_make(path_of(tmp_path, "John"))
    with pytest.raises(KeyFileError, match=r"Cannot keep a key in .*: Not a directory\."):
        find_or_make(path_of(tmp_path / "keys", "John"))


def test_a_disk_that_fails_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(KeyFileError, match=r"Cannot keep a key in .*: No space left on device\."):
        find_or_make(tmp_path / "key")
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_replaced_only_when_told_so(tmp_path: Path) -> None:
    first, second = keyfiles.new_key(tmp_path / "key"), keyfiles.new_key(tmp_path / "key")
    keyfiles.write(first.path, first.text)
    with pytest.raises(FileExistsError):
        keyfiles.write(first.path, second.text)
    assert read(first.path) == first
    keyfiles.write(first.path, second.text, replacing=True)
    assert read(first.path) == second
    assert mode(first.path) == 0o600
