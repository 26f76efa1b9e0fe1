"""The certificate that the server shows and its key: read at the start, and again when it is told to."""

import logging
import ssl
from pathlib import Path

_OTHER_KEY = {"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"}
"""What OpenSSL calls it where the key is another one, or of another kind, than the certificate's."""

log = logging.getLogger(__name__)


class CertificateError(Exception):
    """The files cannot be used; the text is a sentence that says why."""


class _Encrypted(Exception):
    """A passphrase was asked for."""


class Certificate:
    """A pair of PEM files, and the TLS context that shows what they held when they were last read."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Read both. Raises CertificateError."""
        self._certificate = certificate
        self._key = key
        self.context = self._current = self._load()
        """For all connections: whoever begins one is shown what is current."""
        self.context.sni_callback = self._choose

    def reload(self) -> None:
        """Show what the files hold now to whoever connects from now on; where they cannot be used, log why not."""
        try:
            self._current = self._load()
        except CertificateError as error:
            log.error("the certificate is still the one from before: %s", error)
        else:
            log.info("the certificate was read again")

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        """What OpenSSL calls as soon as a client has said hello, whether or not it named a host."""
        connection.context = self._current

    def _load(self) -> ssl.SSLContext:
        _expect(self._certificate, "certificate", b"-----BEGIN CERTIFICATE-----")
        _expect(self._key, "private key", b"PRIVATE KEY-----")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self._certificate, self._key, password=_refuse)
        except _Encrypted:
            raise CertificateError(
                f"{self._key} is protected by a passphrase, for which nobody can be asked; "
                f"`openssl pkey -in {self._key} -out NEWKEY` writes it without one."
            ) from None
        except OSError as error:  # ssl.SSLError is one
            raise CertificateError(self._mistake(error)) from error
        return context

    def _mistake(self, error: OSError) -> str:
        reason = getattr(error, "reason", None) or str(error)
        if reason in _OTHER_KEY:
            return f"{self._key} is not the key of the certificate in {self._certificate}."
        return f"{self._certificate} and {self._key} cannot be used: {reason.lower().replace('_', ' ')}."


def _refuse() -> str:
    raise _Encrypted


def _expect(path: Path, what: str, mark: bytes) -> None:
    """See that a file can be read and holds such a thing: OpenSSL says neither which file it means nor why."""
    try:
        held = path.read_bytes()
    except OSError as error:
        raise CertificateError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from error
    if mark not in held:
        raise CertificateError(f"{path} holds no {what} in PEM format.")
