"""The socket in the data directory by which a running server takes orders from its own user's other programs.

One JSON object per line and direction: an order of `orders`, then what came of it. Who may open the socket is for
the file system to say: only its owner, as with all files beside it.
"""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from chat_server.orders import Answer, AnyOrder
from chat_server.store.layout import ADMIN

LINE_BYTES_MAX: Final = 16 * 1024 * 1024
"""A list of everybody on a large server."""
PATIENCE_S: Final = 30.0

log = logging.getLogger(__name__)
_orders: Final = msgspec.json.Decoder(AnyOrder)
_encode: Final = msgspec.json.Encoder().encode


class Told(Struct, frozen=True, kw_only=True):
    """What a server says to an order."""

    answer: Answer
    url: str
    """Where people reach it."""


_told: Final = msgspec.json.Decoder(Told)


class Unreachable(Exception):
    """No order can be given; a sentence that says why."""


# The server's end


@asynccontextmanager
async def orders_taken(
    directory: Path, url: str, obey: Callable[[AnyOrder], Awaitable[Answer]]
) -> AsyncIterator[None]:
    """Take orders for as long as this lasts. The directory is held, so a socket that is there is nobody's."""
    if sys.platform == "win32":
        yield  # asyncio has no such sockets there; see `ask`
        return
    with ExitStack() as stack:
        try:
            listening = stack.enter_context(_bound(directory))
        except OSError as error:  # a path that is too long here, a full disk, a file system without sockets
            log.warning("no orders can be taken (chat-server user, chat-server invite): %s", error)
            yield
            return

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _converse(reader, writer, url, obey)

        server = await asyncio.start_unix_server(converse, sock=listening, limit=LINE_BYTES_MAX)
        try:
            yield
        finally:
            server.close()


@contextmanager
def _bound(directory: Path) -> Iterator[socket.socket]:
    """The socket at its place, for its owner alone; gone afterwards."""
    with _reachable(directory) as path, socket.socket(socket.AF_UNIX) as bound:
        Path(path).unlink(missing_ok=True)
        bound.bind(path)
        Path(path).chmod(0o600)  # nobody can connect before it listens
        try:
            yield bound
        finally:
            Path(path).unlink(missing_ok=True)


async def _converse(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    url: str,
    obey: Callable[[AnyOrder], Awaitable[Answer]],
) -> None:
    """Answer one order after the other, until the other end is closed."""
    try:
        while line := await reader.readline():
            try:
                answer = await obey(_orders.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                answer = Answer(refused=f"The server does not understand this order: {error}.")
            writer.write(_encode(Told(answer=answer, url=url)) + b"\n")
            await writer.drain()
    except (ConnectionError, ValueError) as error:
        log.warning("an order could not be answered: %s", error)
    finally:
        writer.close()


# The other end


def ask(directory: Path, order: AnyOrder) -> Told:
    """Give an order to the server that runs on this directory. Raises Unreachable."""
    if sys.platform == "win32":
        raise Unreachable("Orders to a running server need a Unix socket, which Python lacks on Windows.")
    try:
        with _reachable(directory) as path, socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE_S)
            line.connect(path)
            line.sendall(_encode(order) + b"\n")
            with line.makefile("rb") as answers:
                return _told.decode(answers.readline())
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        raise Unreachable(
            f"No server is running on {directory}. Start it with `chat-server serve --data-dir {directory}`."
        ) from None
    except PermissionError:
        raise Unreachable(f"{directory} belongs to another user; only who runs the server can do this.") from None
    except (OSError, msgspec.DecodeError) as error:
        raise Unreachable(f"The server on {directory} does not answer: {error}.") from error


@contextmanager
def _reachable(directory: Path) -> Iterator[str]:
    """A path to the socket that is short enough: the system takes about a hundred bytes."""
    if not Path("/proc/self/fd").is_dir():
        yield str(directory / ADMIN)
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{ADMIN}"
    finally:
        with suppress(OSError):
            os.close(descriptor)
