"""Authorities and certificates that are made for one test."""

import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Pair:
    """A certificate with its chain, and its key, as files."""

    certificate: Path
    key: Path

    @property
    def text(self) -> str:
        """The certificate itself, to be compared with what a server shows."""
        return self.certificate.read_text().partition("-----END")[0]

    def take(self, other: "Pair") -> None:
        """Become what the other one is."""
        self.certificate.write_bytes(other.certificate.read_bytes())
        self.key.write_bytes(other.key.read_bytes())


class Authority:
    """Whoever believes `file` believes the certificates that it issues."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._ca = trustme.CA()
        self._issued = 0
        self.file = directory / "authority.pem"
        self._ca.cert_pem.write_to_path(self.file)

    def issue(self, *names: str, expires: datetime | None = None) -> Pair:
        """A certificate for these names and addresses."""
        leaf = self._ca.issue_cert(*names, not_after=expires)
        self._issued += 1
        pair = Pair(self._directory / f"{self._issued}.pem", self._directory / f"{self._issued}.key")
        for at, part in enumerate(leaf.cert_chain_pems):
            part.write_to_path(pair.certificate, append=at > 0)
        leaf.private_key_pem.write_to_path(pair.key)
        return pair

    def context(self) -> ssl.SSLContext:
        """What a client needs that believes this authority alone."""
        return ssl.create_default_context(cafile=self.file)
