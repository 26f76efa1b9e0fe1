"""What comes of a challenge: a proof for the server that it was, a sentence for any other."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from chat_server.protocol import Challenge
from chat_server.protocol.proofs import client_lines, fingerprint, is_signed, server_lines, text_of
from chat_tui.identity import keyfiles
from chat_tui.identity.keyfiles import KeyFileError, SecretKey
from chat_tui.identity.knownservers import KnownServers
from chat_tui.identity.passport import Passport
from chat_tui.model.events import Distrusted, Proved
from tests.chat_tui.people import passport
from tests.identities import NONCE, challenge, signer

URL = "ws://chat.example:8080/ws"


def test_the_proof_is_of_this_key_for_this_server_and_connection(tmp_path: Path) -> None:
    answer = passport("John", URL, tmp_path).answer(NONCE, challenge(NONCE))
    assert isinstance(answer, Proved)
    server, john = signer("a server").public, signer("John").public
    assert is_signed(client_lines(NONCE, NONCE, server, "John", john), answer.signature, john)


def test_the_server_s_key_is_pinned_at_first_contact(tmp_path: Path) -> None:
    passport("John", URL, tmp_path).answer(NONCE, challenge(NONCE))
    assert KnownServers(tmp_path).recall(URL, "another") == signer("a server").public
    assert isinstance(passport("Mary", URL, tmp_path).answer(NONCE, challenge(NONCE)), Proved)


def test_another_key_is_refused_loudly_until_the_first_is_forgotten(tmp_path: Path) -> None:
    passport("John", URL, tmp_path).answer(NONCE, challenge(NONCE))
    for _ in range(2):
        answer = passport("John", URL, tmp_path).answer(NONCE, challenge(NONCE, server="an impostor"))
        assert isinstance(answer, Distrusted)
        first, *lines = answer.reason.splitlines()
        assert first == "THE SERVER HAS ANOTHER KEY THAN BEFORE."
        assert "Somebody may sit between you and it" in answer.reason
        assert f"  before  {fingerprint(signer('a server').public)}" in lines
        assert f"  now     {fingerprint(signer('an impostor').public)}" in lines
        assert lines[-1] == "chat-tui forget --server ws://chat.example:8080"
    KnownServers(tmp_path).forget(URL)
    answer = passport("John", URL, tmp_path).answer(NONCE, challenge(NONCE, server="an impostor"))
    assert isinstance(answer, Proved)


def test_a_key_that_is_known_from_elsewhere_is_refused_until_this_way_is_trusted(tmp_path: Path) -> None:
    other = "ws://127.0.0.1:9000/ws"
    passport("John", URL, tmp_path).answer(NONCE, challenge(NONCE))
    answer = passport("John", other, tmp_path).answer(NONCE, challenge(NONCE))
    assert isinstance(answer, Distrusted)
    assert answer.reason.splitlines()[0].endswith("that you know under another address: ws://chat.example:8080")
    assert answer.reason.endswith("chat-tui trust --server ws://127.0.0.1:9000")
    key = keyfiles.find_or_make(keyfiles.path_of(tmp_path, "John"))
    trusting = Passport("John", key, KnownServers(tmp_path), other, by_any_way=True)
    assert isinstance(trusting.answer(NONCE, challenge(NONCE)), Proved)
    assert isinstance(passport("John", other, tmp_path).answer(NONCE, challenge(NONCE)), Proved)


SIGNED = challenge(NONCE)
BROKEN_NONCE = f"{NONCE}\n{NONCE}"


@pytest.mark.parametrize(
    "bad",
    [
        replace(SIGNED, signature="x"),
        replace(SIGNED, signature=challenge("another nonce").signature),
        replace(SIGNED, nonce=text_of(b"1" * 32)),
        replace(SIGNED, server=signer("another").public),
        replace(SIGNED, server=""),
        # Of small order: OpenSSL takes this signature under it for any message.
        Challenge(nonce=NONCE, server=text_of(b"\1" + bytes(31)), signature=text_of(b"\1" + bytes(63))),
        Challenge(
            nonce=BROKEN_NONCE,
            server=SIGNED.server,
            signature=signer("a server").sign(server_lines(NONCE, BROKEN_NONCE, SIGNED.server)),
        ),
    ],
    ids=["none", "of another time", "another nonce", "another key", "no key", "small order", "two lines"],
)
def test_a_bad_proof_is_refused_and_nothing_is_pinned(tmp_path: Path, bad: Challenge) -> None:
    answer = passport("John", URL, tmp_path).answer(NONCE, bad)
    assert answer == Distrusted("the server has not proven that it holds the key that it shows")
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_servers_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "known-servers").write_text("nonsense")
    answer = passport("John", URL, tmp_path).answer(NONCE, SIGNED)
    assert isinstance(answer, Distrusted)
    assert "is no server and its key" in answer.reason


def test_a_damaged_key_is_a_sentence(tmp_path: Path) -> None:
    key = SecretKey(tmp_path / "key", signer("John").public, text_of(bytes(32)))
    answer = Passport("John", key, KnownServers(tmp_path), URL).answer(NONCE, SIGNED)
    assert isinstance(answer, Distrusted)
    assert "is damaged" in answer.reason


def test_a_passport_is_opened_with_the_name_s_own_key_or_another(tmp_path: Path) -> None:
    own = Passport.open(tmp_path, "John", URL)
    assert own.public == keyfiles.read(keyfiles.path_of(tmp_path, "John")).public
    other = Passport.open(tmp_path, "John", URL, tmp_path / "elsewhere" / "key")
    assert other.public == keyfiles.read(tmp_path / "elsewhere" / "key").public
    assert own.public != other.public
    (tmp_path / "elsewhere" / "key").chmod(0o644)
    with pytest.raises(KeyFileError):
        Passport.open(tmp_path, "John", URL, tmp_path / "elsewhere" / "key")
