"""Bytes that nearly are what the server expects."""

from collections.abc import Sequence
from random import Random
from typing import Final

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
        _change(random, text, seeds)
    return bytes(text)


def _change(random: Random, text: bytearray, seeds: Sequence[bytes]) -> None:
    at = random.randint(0, len(text))
    end = min(len(text), at + random.choice((1, 1, 4, 16, 64)))
    match random.randrange(6):
        case 0 if at < len(text):
            text[at] ^= 1 << random.randrange(8)
        case 1:
            text[at:at] = random.choice(TOKENS)
        case 2:
            text[at:end] = random.choice(TOKENS)
        case 3:
            del text[at:end]
        case 4:
            text[at:at] = text[at:end]
        case _:
            other = random.choice(seeds)
            start = random.randrange(len(other))
            text[at:end] = other[start : start + random.choice((1, 16, 64))]
