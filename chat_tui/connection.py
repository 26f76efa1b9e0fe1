"""The connection to the server: kept up, told of in events, spoken on in requests.

Dialling -> Linked -> Heard … -> Cut(retry_at_ms) -> Dialling …   until a Cut that says no more
"""

import asyncio
import errno
import os
import random
import re
import secrets
import ssl
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from chat_server.protocol import (
    FRAME_BYTES_MAX,
    PATH,
    SUBPROTOCOL,
    AnyRequest,
    CloseCode,
    ProtocolError,
    decode_frame,
    encode,
)
from chat_tui.addresses import is_this_machine
from chat_tui.model.events import Cut, Dialling, Heard, Linked
from chat_tui.unreached import NOTHING_AT

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

RETRY_FIRST_S: Final = 0.5
RETRY_MAX_S: Final = 30.0
"""The pause doubles from the first to the longest; half of it is chance, lest all clients come at once."""
OPEN_S: Final = 10.0
PING_S: Final = 15.0
"""A server that answers no ping for this long is taken for gone."""

_FINAL = {
    CloseCode.NOT_ALLOWED: "the server does not let this connection be",
    CloseCode.NAME_TAKEN: "somebody else has this name",
    CloseCode.REPLACED: "another client of yours has taken over",
}
"""After these the server is not tried again."""
_REASONS = {
    CloseCode.GOING: "the server has been stopped",
    CloseCode.RESTARTING: "the server is restarting",
    CloseCode.OVERLOADED: "the server is overloaded",
    CloseCode.TOO_SLOW: "this connection was too slow",
}


class Connection:
    """One person's line to one server."""

    def __init__(
        self, url: str, tell: Callable[[Dialling | Linked | Heard | Cut], None], clock: Callable[[], int]
    ) -> None:
        """Take the server's address, who hears of events, and the steady clock in milliseconds."""
        self._url = url
        self._place = urlsplit(url).netloc.rpartition("@")[2]
        self._tell = tell
        self._clock = clock
        self._requests: asyncio.Queue[bytes | None] = asyncio.Queue()
        """None is where the connection is to be closed."""
        self._hurried = asyncio.Event()
        self._given_up = ""
        self._failures = 0

    def say(self, request: AnyRequest) -> None:
        """Send a request on the connection that is open; it is lost with it."""
        self._requests.put_nowait(encode(request))

    def hurry(self) -> None:
        """Do not wait for the next attempt: make it now."""
        self._hurried.set()

    def give_up(self, reason: str) -> None:
        """End the current connection, once what has been said is sent, and let it be the last one."""
        self._given_up = reason
        self._requests.put_nowait(None)

    async def run(self) -> None:
        """Connect, and connect again, until the server says not to."""
        while True:
            self._tell(Dialling())
            reason = await self._connect()
            if self._given_up:
                self._tell(Cut(self._given_up, None))
                return
            pause_s = self._pause_s()
            self._tell(Cut(reason, self._clock() + round(pause_s * 1000)))
            self._hurried.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._hurried.wait()

    async def _connect(self) -> str:
        """Hold one connection until it ends; why it did, in words."""
        # Imported here, since it takes as long as drawing the first screen.
        from websockets.asyncio.client import connect
        from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException
        from websockets.typing import Subprotocol

        try:
            async with connect(
                self._url,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                compression=None,
                max_size=FRAME_BYTES_MAX,
                open_timeout=OPEN_S,
                close_timeout=1,
                ping_interval=PING_S,
                ping_timeout=PING_S,
                proxy=None if is_local(self._url) else True,
            ) as socket:
                return await self._talk(socket)
        except ConnectionClosed as closed:
            return self._closed(closed.rcvd.code if closed.rcvd else None)
        except ProtocolError as error:
            return f"{self._place} sent what this program does not understand ({error.reason})"
        except TimeoutError:
            return f"{self._place} does not answer"
        except OSError as error:
            return _os_reason(self._place, error)
        except InvalidHandshake as error:
            return _handshake_reason(self._place, error)
        except (WebSocketException, ValueError, ImportError) as error:
            # An address that cannot be one, or a proxy of the environment that cannot be used.
            self._given_up = f"{self._url} cannot be reached ({error}); a server is at ws://HOST:PORT{PATH}"
        finally:
            self._failures += 1
        return self._given_up

    async def _talk(self, socket: "ClientConnection") -> str:
        self._requests = asyncio.Queue()
        # The 32 bytes of a nonce, written as all bytes are in the protocol.
        self._tell(Linked(secrets.token_urlsafe(32)))
        writing = asyncio.create_task(self._write(socket))
        try:
            while True:
                frame = decode_frame(await socket.recv(decode=False))
                if frame is not None:
                    self._failures = 0
                    self._tell(Heard(frame, self._clock()))
        finally:
            writing.cancel()

    async def _write(self, socket: "ClientConnection") -> None:
        from websockets.exceptions import ConnectionClosed

        with suppress(ConnectionClosed):  # the reader hears of it too, and says why
            while (request := await self._requests.get()) is not None:
                await socket.send(request, text=True)
            await socket.close()

    def _closed(self, code: int | None) -> str:
        reason = _REASONS.get(code or 0, "the connection was lost")
        if code in _FINAL and not self._given_up:
            self._given_up = _FINAL[code]
        if code == CloseCode.RESTARTING:
            self._failures = 0
        return reason

    def _pause_s(self) -> float:
        longest = min(RETRY_FIRST_S * 2 ** min(self._failures, 10), RETRY_MAX_S)
        return random.uniform(longest / 2, longest)  # noqa: S311  # no secret


def is_local(url: str) -> bool:
    """Whether the address is this machine's own, for which no proxy is asked."""
    try:
        return is_this_machine(urlsplit(url).hostname or "")
    except ValueError:
        return False


_CERTIFICATES = {
    10: "the certificate of {place} has expired; whoever runs that server must renew it",
    9: "the certificate of {place} is not valid yet; is this machine's clock right?",
    62: "the certificate of {place} was made for another name; ask for the name that it was made for",
    64: "the certificate of {place} was made for another address; ask for the name that it was made for",
}
"""By what OpenSSL finds wrong (X509_V_ERR_…)."""
_UNKNOWN_AUTHORITY = {18, 19, 20, 21}
"""It signed itself, or somebody did whom this machine does not know."""


def _tls_reason(place: str, error: ssl.SSLError) -> str:
    """What is wrong with a server's TLS; nothing has been said to it then."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        reason = (error.reason or str(error)).lower().replace("_", " ")
        return f"what answers at {place} does not speak TLS ({reason}); ask whoever runs it for its address"
    if error.verify_code in _UNKNOWN_AUTHORITY:
        return (
            f"the certificate of {place} is from nobody whom this machine knows, so this may be another server; "
            "if the authority is your own, give its certificate with --ca"
        )
    sentence = _CERTIFICATES.get(error.verify_code, "the certificate of {place} cannot be trusted ({why})")
    return sentence.format(place=place, why=error.verify_message)


def _os_reason(place: str, error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return _tls_reason(place, error)
    if isinstance(error, ConnectionError) and error.errno is None:  # asyncio's own, in the middle of TLS
        return f"{place} ended the connection before it was encrypted; ask whoever runs it for its address"
    # Where a host has several addresses, asyncio tells of all failures in one text.
    numbers = {int(number) for number in re.findall(r"\[Errno (\d+)\]", str(error))}
    if numbers == {errno.ECONNREFUSED}:
        return f"{NOTHING_AT} {place}"
    reason = error.strerror or (os.strerror(numbers.pop()) if len(numbers) == 1 else str(error))
    return f"{place} cannot be reached ({reason.lower()})"


def _handshake_reason(place: str, error: Exception) -> str:
    from websockets.exceptions import InvalidStatus

    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        phrase = HTTPStatus(status).phrase if status in list(HTTPStatus) else ""
        return f"what answers at {place} is no chat server: HTTP {status} {phrase}".rstrip()
    return f"what answers at {place} is no chat server ({error})"
