"""A key under a passphrase: it comes out as it went in, and with nothing but the passphrase."""

from pathlib import Path

import pytest
from nacl.pwhash import argon2id

from chat_tui.identity import keyfiles, lockedkeys
from chat_tui.identity.keyfiles import KeyFileError

PATH = Path("key")
KEY = keyfiles.new_key(PATH)
FIGURES = (lockedkeys.PASSES, lockedkeys.MEMORY_BYTES)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guessing is cheap here."""
    monkeypatch.setattr(lockedkeys, "PASSES", argon2id.OPSLIMIT_MIN)
    monkeypatch.setattr(lockedkeys, "MEMORY_BYTES", argon2id.MEMLIMIT_MIN)


def test_what_is_locked_is_unlocked() -> None:
    text = lockedkeys.lock(KEY, "open sesame")
    assert lockedkeys.is_locked(text)
    assert not lockedkeys.is_locked(KEY.text)
    assert lockedkeys.unlock(PATH, text, "open sesame") == KEY
    assert KEY.secret not in text
    assert lockedkeys.lock(KEY, "open sesame") != text


def test_a_passphrase_is_one_however_its_letters_are_composed() -> None:
    text = lockedkeys.lock(KEY, "Schl\u00fcssel")
    assert lockedkeys.unlock(PATH, text, "Schlu\u0308ssel") == KEY


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(KeyFileError, match="not the passphrase of this key"):
        lockedkeys.unlock(PATH, lockedkeys.lock(KEY, "open sesame"), "open barley")


def test_damage_is_a_sentence() -> None:
    text = lockedkeys.lock(KEY, "open sesame")
    public, other = f"public {KEY.public}", f"public {keyfiles.new_key(PATH).public}"
    for damaged in (
        text[:-5],
        text.replace("box    ", "box    A", 1)[:-2] + "\n",
        text.replace(public, other),
        text + "more",
        lockedkeys.HEAD,
    ):
        with pytest.raises(KeyFileError, match="damaged"):
            lockedkeys.unlock(PATH, damaged, "open sesame")


def test_guessing_is_dear_elsewhere() -> None:
    """As the format says: a file that was locked by one version must be unlocked by the next."""
    assert FIGURES == (3, 256 * 1024 * 1024)
