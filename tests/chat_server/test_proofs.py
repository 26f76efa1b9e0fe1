"""Proofs of identity: what is signed, which signatures are good, and one-time codes."""

import hashlib
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol.proofs import (
    CODE_CHARS,
    Signer,
    bytes_of,
    client_lines,
    code_digest,
    code_of,
    fingerprint,
    is_signed,
    server_lines,
    text_of,
)

ANN, EVE, SERVER, OTHER = (Signer(hashlib.sha256(name).digest()) for name in (b"ann", b"eve", b"server", b"other"))
MINE, THEIRS = text_of(bytes(32)), text_of(bytes(range(32)))


# What is signed


def test_the_lines_are_as_documented() -> None:
    assert server_lines("c", "s", "k") == b"doubletick.v1 server\nc\ns\nk"
    assert client_lines("c", "s", "k", "Zo\u00eb", "a") == b"doubletick.v1 client\nc\ns\nk\nZo\xc3\xab\na"


def test_a_key_signs_as_rfc_8032_says() -> None:
    # §7.1, test 2.
    signer = Signer(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert bytes_of(signer.public).hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert bytes_of(signer.sign(b"\x72")).hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_a_proof_is_good_for_what_was_signed_and_for_nothing_else() -> None:
    lines = client_lines(MINE, THEIRS, SERVER.public, "ann", ANN.public)
    signature = ANN.sign(lines)
    assert is_signed(lines, signature, ANN.public)
    for other in (
        client_lines(MINE, MINE, SERVER.public, "ann", ANN.public),
        client_lines(THEIRS, THEIRS, SERVER.public, "ann", ANN.public),
        client_lines(THEIRS, MINE, SERVER.public, "ann", ANN.public),
        client_lines(MINE, THEIRS, OTHER.public, "ann", ANN.public),
        client_lines(MINE, THEIRS, SERVER.public, "bob", ANN.public),
        client_lines(MINE, THEIRS, SERVER.public, "Ann", ANN.public),
        client_lines(MINE, THEIRS, SERVER.public, "ann", EVE.public),
        server_lines(MINE, THEIRS, SERVER.public),
        b"",
    ):
        assert other != lines
        assert not is_signed(other, signature, ANN.public)
    assert not is_signed(lines, signature, EVE.public)
    assert not is_signed(lines, EVE.sign(lines), ANN.public)


def test_a_servers_proof_is_none_of_a_client() -> None:
    """Whoever has a server sign lines of their choosing has no proof of a client."""
    lines = server_lines(MINE, THEIRS, SERVER.public)
    assert is_signed(lines, SERVER.sign(lines), SERVER.public)
    assert not lines.startswith(client_lines("", "", "", "", "")[:20])


# What is no key and no signature


SMALL = [
    bytes.fromhex(each)
    for each in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
]
"""Every encoding of a y-coordinate of a point of small order, canonical or not."""
SMALL_ORDER = [*SMALL, *(each[:-1] + bytes([each[-1] | 0x80]) for each in SMALL)]


@pytest.mark.parametrize("key", SMALL_ORDER, ids=bytes.hex)
def test_a_key_of_small_order_proves_nothing(key: bytes) -> None:
    """With one of them as key, R of small order and S = 0, some signature fits any message."""
    for message in (b"", b"hi", client_lines(MINE, THEIRS, SERVER.public, "ann", text_of(key))):
        for point in SMALL_ORDER:
            assert not is_signed(message, text_of(point + bytes(32)), text_of(key))


def test_a_point_of_small_order_in_a_signature_proves_nothing() -> None:
    for point in SMALL_ORDER:
        assert not is_signed(b"hi", text_of(point + bytes(32)), ANN.public)


def test_a_signature_has_one_form() -> None:
    """S is below the order of the group, so nobody makes a second signature of the first (RFC 8032 §5.1.7)."""
    order = 2**252 + 27742317777372353535851937790883648493
    signature = bytes_of(ANN.sign(b"hi"))
    scalar = int.from_bytes(signature[32:], "little")
    shifted = signature[:32] + (scalar + order).to_bytes(32, "little")
    assert is_signed(b"hi", text_of(signature), ANN.public)
    assert not is_signed(b"hi", text_of(shifted), ANN.public)


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_a_key_of_another_length_proves_nothing(length: int) -> None:
    assert not is_signed(b"hi", ANN.sign(b"hi"), text_of(b"k" * length))


@pytest.mark.parametrize("length", [0, 1, 32, 63, 65, 128])
def test_a_signature_of_another_length_proves_nothing(length: int) -> None:
    assert not is_signed(b"hi", text_of((bytes_of(ANN.sign(b"hi")) * 2)[:length]), ANN.public)


@given(st.binary(min_size=64, max_size=64), st.binary(min_size=32, max_size=32))
def test_noise_proves_nothing(signature: bytes, key: bytes) -> None:
    assert not is_signed(b"hi", text_of(signature), text_of(key))
    assert not is_signed(b"hi", text_of(signature), ANN.public)


@given(st.text(max_size=100), st.text(max_size=50))
def test_any_text_is_a_proof_or_none_and_no_failure(signature: str, key: str) -> None:
    assert not is_signed(b"hi", signature, key)
    assert not is_signed(b"hi", signature, ANN.public)


# base64url


@given(st.binary(max_size=100))
def test_bytes_come_back(value: bytes) -> None:
    text = text_of(value)
    assert bytes_of(text) == value
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(st.sampled_from("AQgw-_+/= \n"), max_size=9))
def test_a_text_is_the_one_way_to_write_its_bytes_or_refused(text: str) -> None:
    try:
        value = bytes_of(text)
    except ValueError:
        return
    assert text_of(value) == text


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AB",
        "AAB",
        "AA==",
        "AA=",
        "AA\n",
        "\nAA",
        " AA",
        "A A",
        "+/+/",
        "-_-/",
        "ÄÄ",
        "AA\0",
        "٣٣",
        "=",
        "\ud800",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        bytes_of(text)


def test_a_key_in_another_form_proves_nothing() -> None:
    signature = ANN.sign(b"hi")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same_bytes = ANN.public[:-1] + alphabet[alphabet.index(ANN.public[-1]) + 1]
    for key in (ANN.public + "=", same_bytes, ANN.public + "\n", f" {ANN.public}"):
        assert key != ANN.public
        assert not is_signed(b"hi", signature, key)
        assert not is_signed(b"hi", key * 2, ANN.public)


# Codes


def test_a_code_is_twenty_characters_that_cannot_be_misread() -> None:
    codes = {code_of(secrets.token_bytes(16)) for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert [len(each) for each in code.split("-")] == [5, 5, 5, 5]
        assert len(code.replace("-", "")) == CODE_CHARS
    assert {*"".join(codes)} == {*"0123456789ABCDEFGHJKMNPQRSTVWXYZ-"}


def test_a_code_is_all_of_its_bits() -> None:
    assert code_of(bytes(13)) == "00000-00000-00000-00000"
    assert code_of(b"\xff" * 13) == "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ"
    assert len({code_of((1 << at).to_bytes(13)) for at in range(100)}) == 100


@pytest.mark.parametrize(
    "typed",
    ["ABCDE-01234-01156-789ZZ", "abcde-01234-01156-789zz", "ABCDE01234 01156789ZZ", " ABCDE-o1234-oil56-789ZZ "],
)
def test_a_code_is_the_same_however_it_is_typed(typed: str) -> None:
    assert code_digest(typed) == code_digest("ABCDE-01234-01156-789ZZ")


def test_the_digest_is_of_the_bare_code_and_another_codes_is_another() -> None:
    assert code_digest("ABCDE-FGHJK") == text_of(hashlib.sha256(b"ABCDEFGHJK").digest())
    assert code_digest("ABCDE-FGHJK") != code_digest("ABCDE-FGHJM")


def test_a_digest_is_had_of_whatever_is_typed() -> None:
    assert len({code_digest(each) for each in ("", "\0", "ß", "\N{GRINNING FACE}")}) == 4


# Fingerprints


def test_a_fingerprint_is_six_groups_of_five_digits() -> None:
    seen = {fingerprint(Signer(bytes([at]) * 32).public) for at in range(50)}
    assert len(seen) == 50
    assert all([len(group) for group in each.split(" ")] == [5] * 6 for each in seen)
    assert all(each.replace(" ", "").isdecimal() for each in seen)


def test_a_fingerprint_is_of_the_keys_text() -> None:
    number = int.from_bytes(hashlib.sha256(ANN.public.encode()).digest()) % 10**30
    assert fingerprint(ANN.public).replace(" ", "") == f"{number:030}"
