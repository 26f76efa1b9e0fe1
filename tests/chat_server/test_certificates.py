"""The certificate: a sentence for each mistake in its files, and what is shown after it has been read again."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from chat_server.certificates import Certificate, CertificateError
from tests.authorities import Authority, Pair


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def pair(authority: Authority) -> Pair:
    return authority.issue("chat.example")


def encrypt(key: Path, form: serialization.PrivateFormat) -> None:
    """Protect it by a passphrase."""
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    encryption = serialization.BestAvailableEncryption(b"secret")
    key.write_bytes(private.private_bytes(serialization.Encoding.PEM, form, encryption))


def mistake(pair: Pair) -> str:
    """The sentence about these files."""
    with pytest.raises(CertificateError) as raised:
        Certificate(pair.certificate, pair.key)
    said = str(raised.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


def test_a_file_that_is_not_there(pair: Pair) -> None:
    for path in (pair.key, pair.certificate):
        path.unlink()
        assert mistake(pair) == f"{path} cannot be read: no such file or directory."


def test_a_directory(pair: Pair, tmp_path: Path) -> None:
    assert mistake(Pair(tmp_path, pair.key)) == f"{tmp_path} cannot be read: is a directory."


def test_files_in_each_others_place(pair: Pair) -> None:
    assert mistake(Pair(pair.key, pair.certificate)) == f"{pair.key} holds no certificate in PEM format."
    assert mistake(Pair(pair.certificate, pair.certificate)) == (
        f"{pair.certificate} holds no private key in PEM format."
    )


def test_an_empty_file(pair: Pair) -> None:
    pair.certificate.write_bytes(b"")
    assert mistake(pair) == f"{pair.certificate} holds no certificate in PEM format."


@pytest.mark.parametrize("kind", [trustme.KeyType.ECDSA, trustme.KeyType.RSA])
def test_the_key_of_another_certificate(pair: Pair, kind: trustme.KeyType) -> None:
    trustme.CA().issue_cert("chat.example", key_type=kind).private_key_pem.write_to_path(pair.key)
    assert mistake(pair) == f"{pair.key} is not the key of the certificate in {pair.certificate}."


@pytest.mark.parametrize(
    "form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL]
)
def test_a_key_that_is_protected_by_a_passphrase(pair: Pair, form: serialization.PrivateFormat) -> None:
    encrypt(pair.key, form)
    assert mistake(pair).startswith(f"{pair.key} is protected by a passphrase, for which nobody can be asked; ")


def test_what_only_looks_like_a_certificate(pair: Pair) -> None:
    pair.certificate.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert mistake(pair).startswith(f"{pair.certificate} and {pair.key} cannot be used: ")


# What is shown


@asynccontextmanager
async def showing(certificate: Certificate) -> AsyncIterator[int]:
    """A server that says nothing, on this port."""

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(wait, "127.0.0.1", 0, ssl=certificate.context) as listener:
        yield listener.sockets[0].getsockname()[1]


async def shown(port: int, context: ssl.SSLContext, name: str | None = "chat.example") -> str:
    """What the server shows to a client that asks for this name."""
    context.check_hostname = name is not None
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name or "")
    held = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return ssl.DER_cert_to_PEM_cert(held).partition("-----END")[0]


@pytest.mark.parametrize("name", ["chat.example", None])
async def test_what_is_read_again_is_shown_to_whoever_comes_then(
    authority: Authority, pair: Pair, caplog: pytest.LogCaptureFixture, name: str | None
) -> None:
    caplog.set_level(logging.INFO, "chat_server.certificates")
    certificate, first, second = (
        Certificate(pair.certificate, pair.key),
        pair.text,
        authority.issue("chat.example"),
    )
    async with showing(certificate) as port:
        assert await shown(port, authority.context(), name) == first
        pair.take(second)
        assert await shown(port, authority.context(), name) == first
        for _ in range(3):
            certificate.reload()
            assert await shown(port, authority.context(), name) == second.text != first
    assert caplog.messages == ["the certificate was read again"] * 3


async def test_what_cannot_be_used_leaves_what_was(
    authority: Authority, pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    certificate, first, second = (
        Certificate(pair.certificate, pair.key),
        pair.text,
        authority.issue("chat.example"),
    )
    async with showing(certificate) as port:
        pair.certificate.write_bytes(second.certificate.read_bytes())  # and the key is still the old one
        certificate.reload()
        assert await shown(port, authority.context()) == first
        (said,) = caplog.messages
        assert said == (
            "the certificate is still the one from before: "
            f"{pair.key} is not the key of the certificate in {pair.certificate}."
        )
        pair.take(second)
        certificate.reload()
        assert await shown(port, authority.context()) == second.text


async def test_versions_of_tls(authority: Authority, pair: Pair) -> None:
    assert Certificate(pair.certificate, pair.key).context.minimum_version is ssl.TLSVersion.TLSv1_2
    async with showing(Certificate(pair.certificate, pair.key)) as port:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = authority.context()
            context.minimum_version = context.maximum_version = version
            assert await shown(port, context) == pair.text
        old = authority.context()
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await shown(port, old)
