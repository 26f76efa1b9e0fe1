"""Addresses in text that a person may open: which they are, where they lead, and a form that hides nothing. Pure.

Only the web and mail: no other scheme ever leaves here, for it could start programs or open files.
"""

import re
from typing import Final
from urllib.parse import quote, unquote, urlsplit

CHARS_MAX: Final = 2048
"""Longer ones are text: no browser promises to take them, and nobody can judge them."""
HOST_CHARS_MAX: Final = 253
"""RFC 1035 §2.3.4, without the last dot."""
CHARACTER: Final = r"[^\s<>\"`{}|\\^]"
"""What an address may hold: RFC 3986 and letters of any script, but nothing that it must be quoted from."""
MAIL: Final = r"mailto:[\w.+-]{1,64}@[\w.-]{1,253}"
"""An address alone: the fields that may follow (RFC 6068 §2) could attach a file."""

_WEB = re.compile(rf"https?://{CHARACTER}+", re.IGNORECASE)
_MAIL = re.compile(MAIL, re.IGNORECASE)
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_RESERVED: Final = ":/?#[]@!$&'()*+,;=~%"
_LIKE_ADDRESS = re.compile(r"\w[.\u3002\uff0e]\w\w|://|@", re.IGNORECASE)
_NO_HOST = re.compile(r"[\x00-\x20!-,/;-@\[-^`{-\x7f]")
_TAIL: Final = ".,;:!?'*_~\u2026\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f"
_BRACKETS: Final = {")": "(", "]": "["}


def cleaned(address: str) -> str | None:
    """The address in the characters of RFC 3986, the others percent-encoded; None where it is not to be opened.

    What it gives back comes to the same when it is cleaned again.
    """
    if len(address) > CHARS_MAX:
        return None
    if _MAIL.fullmatch(address):
        return quote(address, safe=_RESERVED)
    if not _WEB.fullmatch(address) or not _web_host(address):
        return None
    return quote(_PERCENT.sub("%25", address), safe=_RESERVED)


def host_of(address: str) -> str:
    """Where an address that has been cleaned leads, in ASCII, so that no letter can pass for another."""
    host = _web_host(address) or address.rpartition("@")[2]
    return host.removeprefix("www.")


def whole(address: str) -> str:
    """The address with which the text begins, without what ends a sentence or closes a bracket around it."""
    end = len(address)
    while end:
        last = address[end - 1]
        opening = _BRACKETS.get(last)
        if opening is None and last not in _TAIL:
            break
        if opening is not None and address.count(opening, 0, end) >= address.count(last, 0, end):
            break
        end -= 1
    return address[:end]


def reads_like_one(text: str) -> bool:
    """Whether somebody could take the text for an address, and so for where a link leads."""
    return _LIKE_ADDRESS.search(text) is not None


def _web_host(address: str) -> str:
    """The host of an address, in ASCII; empty where there is none that could be."""
    try:
        parts = urlsplit(address)
        host = unquote(parts.hostname or "")
        _ = parts.port
    except ValueError:  # a bracket without its other, a port that is no number
        return ""
    if len(host) > HOST_CHARS_MAX or _NO_HOST.search(host) or not any(map(str.isalnum, host)):
        return ""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return quote(host)
