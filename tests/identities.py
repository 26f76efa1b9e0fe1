"""People of tests: everybody has one key, made from their name, and greets with it."""

import hashlib
from functools import cache

from chat_server.protocol import VERSION, Challenge, Hello, Prove, Resume
from chat_server.protocol.proofs import Signer, client_lines, server_lines, text_of

NONCE = text_of(bytes(32))
"""A client's; nothing that a test asks for depends on how fresh it is."""


@cache
def signer(name: str) -> Signer:
    """This person's key. `ann 2` is a second key of nobody in particular."""
    return Signer(seed(name))


def seed(name: str) -> bytes:
    """What this person's key is made of."""
    return hashlib.sha256(name.encode()).digest()


def hello(
    name: str, *, key: str = "", invite: str | None = None, resume: Resume | None = None, ref: str = "hello"
) -> Hello:
    """Say who one is; by another key than one's own where the name of its owner is given as `key`."""
    return Hello(
        ref=ref,
        name=name,
        version=VERSION,
        key=signer(key or name).public,
        nonce=NONCE,
        invite=invite,
        resume=resume,
    )


def challenge(nonce: str, *, server: str = "a server", ref: str | None = "hello") -> Challenge:
    """What a server with the key of this name says to a hello with this nonce, for tests that are the server."""
    mine = signer(server)
    signed = mine.sign(server_lines(nonce, NONCE, mine.public))
    return Challenge(nonce=NONCE, server=mine.public, signature=signed, ref=ref)


def prove(name: str, challenge: Challenge, *, key: str = "", ref: str = "hello") -> Prove:
    """The answer to the server's challenge after `hello(name, key=key)`."""
    return Prove(ref=ref, signature=signature(name, challenge.nonce, challenge.server, key=key))


def signature(name: str, server_nonce: str, server_key: str, *, key: str = "") -> str:
    """What goes into `prove`."""
    mine = signer(key or name)
    return mine.sign(client_lines(NONCE, server_nonce, server_key, name, mine.public))
