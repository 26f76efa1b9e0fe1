"""Bytes that nearly are what the server expects."""

from collections.abc import Sequence
from random import Random
from typing import Final

from tests.chat_server.mutations import change

TOKENS: Final = (
    *(b"null", b"true", b"-1", b"0", b"1e999", b"9007199254740992", b"18446744073709551616", b"1" * 400),
    *(
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\\",
        b"\n",
        b"\r\n",
        b"\0",
        b"\x1b[2J",
        b"\xff",
        b"\xed\xa0\x80",
    ),
    *(b'"\\ud800"', b"[" * 2_000, b'"type":', b'"ref":"r"', b'"room":"general"', b'"sender":"ann"', b"a" * 9_000),
)


def mutate(random: Random, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds with a few changes."""
    text = bytearray(random.choice(seeds))
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        change(random, text, seeds, TOKENS)
    return bytes(text)
