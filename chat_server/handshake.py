"""What a peer meets before its first frame: TLS, the paths, the subprotocol and the limits of a connection.

A browser sends the origin of its page; none is let in but those that the server was told of, so that no web page
can speak for whoever visits it. That holds for a page whose name was made to mean this machine (DNS rebinding) as
well: its origin is still its own. So `Host` is not looked at: it would have to be known behind every proxy and
forwarded port, and /health, which is answered without an origin, tells nobody anything.
"""

import socket as sockets
from collections.abc import Awaitable, Callable, Collection, Sequence
from http import HTTPStatus
from typing import Any, Final

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import NegotiationError
from websockets.http11 import Request, Response
from websockets.typing import Origin, Subprotocol

from chat_server.entrance import Entrance
from chat_server.protocol import FRAME_BYTES_MAX, PATH, REQUEST_BYTES_MAX, SUBPROTOCOL
from chat_server.proxies import Network, client_address

OPEN_S: Final = 5.0
"""How long a peer may take for the HTTP request that opens a connection, and for TLS before it."""
CLOSE_S: Final = 2.0
"""How long a peer that reads may take to answer a close."""
PING_S: Final = 15.0
"""How often a peer is pinged, and how long it may take to answer."""
SURPLUS_MAX: Final = 128
"""Connections past the cap that are opened, to be told that there are too many; others are cut at once."""
UNREAD_BYTES_MAX: Final = 2 * FRAME_BYTES_MAX
"""Bytes that may wait for a peer, whatever they are."""
FRAMES_MAX: Final = 8
"""Frames of one connection that have come in and wait to be taken; past it the peer waits."""


class Bounded(ServerConnection):
    """A connection that is cut where websockets would let a peer cost more and more.

    Those that are not open yet count as well, as each holds a file; and pings are answered whether anybody reads
    the pongs or not.
    """

    connections_max = 0

    def connection_made(self, transport: Any) -> None:
        """Take it if there are not too many, counting all that have not been opened."""
        super().connection_made(transport)
        if len(self.server.handler_tasks) > self.connections_max:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what has come, if the peer reads what that brings it."""
        super().data_received(data)
        if self.transport.get_write_buffer_size() > UNREAD_BYTES_MAX:
            self.transport.abort()


async def listen(
    handler: Callable[[ServerConnection], Awaitable[None]],
    bound: sockets.socket,
    entrance: Entrance,
    connections_max: int,
) -> Server:
    """Take connections on a bound socket from now on, and run the handler for each that is opened."""

    class Connection(Bounded):
        pass

    Connection.connections_max = connections_max + SURPLUS_MAX
    # Connections inherit it. asyncio sets it too, but not on those of a socket that was made without a protocol;
    # without it an answer waits up to 40 ms for the peer's acknowledgement of the one before.
    bound.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
    certificate = entrance.certificate
    return await serve(
        handler,
        sock=bound,
        ssl=certificate and certificate.context,
        ssl_handshake_timeout=OPEN_S if certificate else None,
        ssl_shutdown_timeout=CLOSE_S if certificate else None,
        create_connection=Connection,
        compression=None,
        max_size=REQUEST_BYTES_MAX,
        max_queue=FRAMES_MAX,
        open_timeout=OPEN_S,
        ping_interval=PING_S,
        ping_timeout=PING_S,
        close_timeout=CLOSE_S,
        origins=[None, *map(Origin, entrance.origins)],
        process_request=_answer_http,
        select_subprotocol=_choose_subprotocol,
        server_header=None,
    )


def address_of(socket: ServerConnection, trusted_proxies: Collection[Network]) -> str:
    """The address of whoever opened a connection, as far as trusted proxies tell it.

    Empty if they had gone before they could be asked.
    """
    assert socket.request is not None, "it has been opened"
    peer = socket.remote_address
    forwarded = socket.request.headers.get_all("X-Forwarded-For")
    return client_address(peer[0] if peer else "", forwarded, trusted_proxies)


def _answer_http(socket: ServerConnection, request: Request) -> Response | None:
    """Answer what is no WebSocket of ours: /health, and 404 for any other path."""
    path = request.path.partition("?")[0]
    if path == "/health":
        return socket.respond(HTTPStatus.OK, "ok\n")
    if path != PATH:
        return socket.respond(HTTPStatus.NOT_FOUND, f"The chat is at {PATH}.\n")
    return None


def _choose_subprotocol(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Ours, or none where the peer offers none. A peer that offers only others speaks something else."""
    if not offered:
        return None
    if SUBPROTOCOL not in offered:
        raise NegotiationError(f"this server speaks {SUBPROTOCOL}")
    return Subprotocol(SUBPROTOCOL)
