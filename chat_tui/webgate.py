"""Who may have the page of `chat-tui web`: only a browser that was given the address with its token. Pure.

Anything in any browser can send requests to 127.0.0.1, and any page can open a WebSocket to it. So a request must
name this server (else a name that was made to point here would do), must not come from another page, and must
show the token, or the cookie that the token was exchanged for.
"""

import hmac
from dataclasses import dataclass, field
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

SOCKET: Final = "/ws"
"""The one path that every request with must say which page it comes from."""


class Verdict(Enum):
    """What to do with a request."""

    ADMIT = "admit"
    ENTER = "enter"
    """Set the cookie, and send it on to the page, so that the token is not left in the address."""
    ELSEWHERE = "elsewhere"
    """It is for another server than this one."""
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Asked:
    """What counts of a request: each as the browser wrote it, None where it wrote nothing."""

    path: str
    host: str | None
    origin: str | None = None
    token: str | None = None
    cookie: str | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """What lets somebody in."""

    origin: str
    """The scheme, host and port by which browsers reach the page."""
    token: str = field(repr=False)
    secret: str = field(repr=False)
    """The cookie's value: another than the token, which stays in shell histories and chats."""

    @property
    def place(self) -> str:
        """The origin's host and port, as browsers write them in `Host`."""
        return urlsplit(self.origin).netloc

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies are shared by all ports of a host, and two people may have two of these."""
        return f"doubletick-{urlsplit(self.origin).port or 'web'}"

    @property
    def is_encrypted(self) -> bool:
        """Whether the cookie may travel by https alone."""
        return self.origin.startswith("https:")

    def judge(self, asked: Asked) -> Verdict:
        """What to do with a request; no comparison tells by its time how much of a guess was right."""
        if (asked.host or "").lower() != self.place:
            return Verdict.ELSEWHERE
        if asked.origin != self.origin and (asked.origin is not None or asked.path == SOCKET):
            return Verdict.STRANGER
        if asked.path == "/" and asked.token is not None and _same(asked.token, self.token):
            return Verdict.ENTER
        return Verdict.ADMIT if asked.cookie is not None and _same(asked.cookie, self.secret) else Verdict.STRANGER


def _same(given: str, held: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), held.encode())


def origin_of(url: str) -> str | None:
    """The origin that an address is: https, a host, perhaps a port, and nothing more; None where it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    is_bare = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme != "https" or not parts.hostname or not is_bare:
        return None
    return (
        f"https://{parts.netloc.lower()}" if port != 443 else f"https://{parts.netloc.lower().rpartition(':')[0]}"
    )
