"""Proofs of identity: what each side signs, and whether a signature is good. Pure.

Keys are Ed25519 (RFC 8032). Keys, nonces and signatures travel as unpadded base64url (RFC 4648 §5). A proof names
the protocol, both nonces and the server's key: it is worth nothing in another conversation or at another server.

PyNaCl verifies: OpenSSL takes keys of small order, with which any signature fits any message. A client imports
this module only when it is asked to prove who it is, since it takes a while to load.
"""

import base64
import binascii
import hashlib
import re
from typing import Final

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from chat_server.protocol.limits import SUBPROTOCOL

SEED_BYTES: Final = 32
NONCE_BYTES: Final = 32
CODE_CHARS: Final = 20
"""Characters of a one-time code: 100 bits, which nobody guesses, so nothing else has to slow a guesser down."""

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32, without letters that look like digits."""
_MISREAD: Final = str.maketrans("OIL", "011", "- ")


class Signer:
    """A secret key."""

    def __init__(self, seed: bytes) -> None:
        """Take `SEED_BYTES` random bytes, from which the pair of keys is made."""
        self._key = SigningKey(seed)
        self.public = text_of(bytes(self._key.verify_key))
        """The public key as it travels."""

    def sign(self, lines: bytes) -> str:
        """The signature as it travels."""
        return text_of(self._key.sign(lines).signature)


def server_lines(client_nonce: str, server_nonce: str, server_key: str) -> bytes:
    """What a server signs in its `challenge`."""
    return "\n".join((f"{SUBPROTOCOL} server", client_nonce, server_nonce, server_key)).encode()


def client_lines(client_nonce: str, server_nonce: str, server_key: str, name: str, key: str) -> bytes:
    """What a client signs in its `prove`."""
    return "\n".join((f"{SUBPROTOCOL} client", client_nonce, server_nonce, server_key, name, key)).encode()


def is_signed(lines: bytes, signature: str, key: str) -> bool:
    """Whether the holder of this key has signed these lines; False as well for what is no key or no signature."""
    try:
        VerifyKey(bytes_of(key)).verify(lines, bytes_of(signature))
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True


def text_of(value: bytes) -> str:
    """Bytes as they travel: unpadded base64url."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """The bytes that were written so. Raises ValueError for any other text, another way to write them among it."""
    try:
        value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if text_of(value) != text:
        raise ValueError("it is not how these bytes are written")
    return value


def code_of(value: bytes) -> str:
    """A one-time code made of at least 13 random bytes, in groups of five to be read out and typed."""
    number = int.from_bytes(value)
    chars = "".join(_ALPHABET[number >> 5 * at & 31] for at in range(CODE_CHARS))
    return "-".join(re.findall(".{5}", chars))


def code_digest(code: str) -> str:
    """What a server keeps of a one-time code; however it was typed, it is the same."""
    typed = code.upper().translate(_MISREAD)
    return text_of(hashlib.sha256(typed.encode(errors="replace")).digest())


def fingerprint(key: str) -> str:
    """A public key in thirty digits, in groups of five, for comparing it aloud: 99 bits of its SHA-256."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()) % 10**30
    return " ".join(re.findall(".{5}", f"{number:030}"))
