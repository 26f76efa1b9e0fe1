"""A secret key under a passphrase, as text that can be carried about.

    doubletick locked key 1
    public <43 characters>
    salt   <22 characters>         16 bytes
    box    <96 characters>         nonce, authenticator and the 32 bytes of the key (XSalsa20 and Poly1305)

All bytes are unpadded base64url. The box opens with argon2id (RFC 9106) of the salt and the passphrase, in UTF-8
and composed form (NFC): 3 passes over 256 MiB.
"""

import re
import unicodedata
from pathlib import Path
from typing import Final

from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.utils import random

from chat_server.protocol.proofs import bytes_of, text_of
from chat_tui.identity.keyfiles import KeyFileError, SecretKey, signer

HEAD: Final = "doubletick locked key 1"
PASSES: Final = argon2id.OPSLIMIT_MODERATE
MEMORY_BYTES: Final = argon2id.MEMLIMIT_MODERATE
_FILE: Final = re.compile(
    rf"{HEAD}\npublic ([\w-]{{43}})\nsalt   ([\w-]{{22}})\nbox    ([\w-]{{96}})\n?", re.ASCII
)


def is_locked(text: str) -> bool:
    """Whether the text is such a one, good or not."""
    return text.startswith(HEAD)


def lock(key: SecretKey, passphrase: str) -> str:
    """The key as such a text. It takes about a second."""
    salt = random(argon2id.SALTBYTES)
    box = SecretBox(_key(passphrase, salt)).encrypt(bytes_of(key.secret))
    return f"{HEAD}\npublic {key.public}\nsalt   {text_of(salt)}\nbox    {text_of(box)}\n"


def unlock(path: Path, text: str, passphrase: str) -> SecretKey:
    """The key in such a text, to be kept at `path`. Raises KeyFileError. It takes about a second."""
    found = _FILE.fullmatch(text)
    if found is None:
        raise KeyFileError("The locked key is damaged.")
    try:
        seed = SecretBox(_key(passphrase, bytes_of(found[2]))).decrypt(bytes_of(found[3]))
    except (CryptoError, ValueError):
        raise KeyFileError("That is not the passphrase of this key, or the locked key is damaged.") from None
    unlocked = SecretKey(path, found[1], text_of(seed))
    signer(unlocked)
    return unlocked


def _key(passphrase: str, salt: bytes) -> bytes:
    typed = unicodedata.normalize("NFC", passphrase).encode()
    return argon2id.kdf(SecretBox.KEY_SIZE, typed, salt, opslimit=PASSES, memlimit=MEMORY_BYTES)
