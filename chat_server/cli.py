"""`chat-server`: options and sentences, around `server`."""

import asyncio
import contextlib
import errno
import functools
import ipaddress
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click
import platformdirs
from click.core import ParameterSource

from chat_server import maintenance
from chat_server.protocol import DEFAULT_PORT, PATH, CloseCode

LOG_LEVELS = ("debug", "info", "warning", "error")
FILES_RESERVED = 64
"""Open files that are not connections: the data's own, and peers that are just coming or going."""
CLOSE_CODES = {signal.SIGINT: CloseCode.GOING, signal.SIGTERM: CloseCode.GOING}
"""What peers are told at the end, by the signal that brings it."""


class Loopback(click.ParamType[str]):
    """An address of this machine that no other machine can reach."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The numeric address, unless somebody else could connect to it: names are not proven yet."""
        address = "127.0.0.1" if value == "localhost" else value
        if not _is_loopback(address):
            self.fail(
                f"{value} is not a loopback address. Names are not proven by keys yet, so the server listens on "
                "this machine only; others reach it over SSH, by a forwarded port.",
                param,
                ctx,
            )
        return address


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    # An IPv4 address in an IPv6 one is loopback to some versions of Python, and to no socket.
    return parsed.is_loopback and getattr(parsed, "ipv4_mapped", None) is None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("doubletick"), prog_name="chat-server")
def main() -> None:
    """The server of doubletick, a terminal chat whose read receipts can be believed."""


for command in maintenance.COMMANDS:
    main.add_command(command)


@main.command(context_settings={"show_default": True})
@click.option(
    "--host",
    type=Loopback(),
    default="127.0.0.1",
    envvar="DOUBLETICK_HOST",
    show_envvar=True,
    help="Where to listen: a loopback address.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    default=DEFAULT_PORT,
    envvar="DOUBLETICK_PORT",
    show_envvar=True,
    help="0 takes a free one, which the first line of output names.",
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default=lambda: platformdirs.user_data_path("doubletick", appauthor=False),
    envvar="DOUBLETICK_DATA_DIR",
    show_envvar=True,
    show_default="the user's data directory",
    help="Where messages and read-by lists are kept.",
)
@click.option(
    "--log-level",
    type=click.Choice(LOG_LEVELS, case_sensitive=False),
    metavar="LEVEL",
    default="warning",
    envvar="DOUBLETICK_LOG_LEVEL",
    show_envvar=True,
    help=f"What to log to standard error: {', '.join(LOG_LEVELS)}. Never what people write.",
)
@click.option(
    "--ephemeral",
    is_flag=True,
    help="Keep the data in a temporary directory, removed at the end, and end when standard input does.",
)
def serve(host: str, port: int, data_dir: Path, log_level: str, *, ephemeral: bool) -> None:
    """Serve the chat until Ctrl+C or SIGTERM."""
    source = click.get_current_context().get_parameter_source("data_dir")
    if ephemeral and source is ParameterSource.COMMANDLINE:
        raise click.UsageError("--ephemeral keeps nothing, so it takes no --data-dir.")
    logging.basicConfig(level=log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # At its debug level websockets logs what people write.
    logging.getLogger("websockets").setLevel(max(logging.INFO, logging.getLogger().level))
    with _temporary() if ephemeral else contextlib.nullcontext(data_dir) as directory, _bind(host, port) as bound:
        asyncio.run(_serve(bound, directory, ephemeral=ephemeral))


@contextlib.contextmanager
def _temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="doubletick-") as directory:
        yield Path(directory) / "data"


async def _serve(bound: socket.socket, directory: Path, *, ephemeral: bool) -> None:
    # Imported here, so that --help and mistakes in options are answered at once.
    from chat_server.server import CONNECTIONS_MAX, Server
    from chat_server.store import StorageError, Store

    stop: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    _stop_on_signals(stop)
    if ephemeral:
        _stop_at_end_of_input(stop)
    connections_max = min(CONNECTIONS_MAX, _open_files(CONNECTIONS_MAX + FILES_RESERVED) - FILES_RESERVED)
    try:
        store = Store.open(directory)
        for warning in store.warnings:
            click.echo(f"Warning: {warning}", err=True)
        try:
            server = Server(store, connections_max=connections_max)
            await server.run(bound, stop, lambda: click.echo(f"Listening on {_url(bound)}, data in {directory}"))
        finally:
            await store.close()
    except StorageError as error:
        raise click.ClickException(str(error)) from error


def _bind(host: str, port: int) -> socket.socket:
    """Take the address before anything else is touched; who connects already waits until the data is read."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise click.ClickException(_address_error(host, port, error)) from error


def _address_error(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use by another program; choose another one with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} of {host} is for privileged programs; choose one above 1023 with --port."
    return f"Cannot listen on port {port} of {host}: {os.strerror(error.errno or 0)}."


def _url(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"ws://[{host}]:{port}{PATH}" if ":" in host else f"ws://{host}:{port}{PATH}"


def _open_files(wanted: int) -> int:
    """How many files may be open, after asking for so many: the limit that shells set is often 1,024."""
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else soft


def _stop(stop: asyncio.Future[int], code: int) -> None:
    if not stop.done():
        stop.set_result(code)


def _stop_on_signals(stop: asyncio.Future[int]) -> None:
    loop = asyncio.get_running_loop()
    for number, code in CLOSE_CODES.items():
        act = functools.partial(_stop, stop, code)
        if sys.platform == "win32":
            signal.signal(number, lambda *_, act=act: loop.call_soon_threadsafe(act))
        else:
            loop.add_signal_handler(number, act)


def _stop_at_end_of_input(stop: asyncio.Future[int]) -> None:
    """A thread, since a terminal or a file cannot be awaited on every platform; it ends with the process."""
    if sys.stdin is None:  # it was closed before we began
        _stop(stop, CloseCode.GOING)
        return
    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()

    def wait() -> None:
        with contextlib.suppress(OSError):  # a terminal that has gone
            # Not through `sys.stdin`, whose lock a thread that reads would hold while the interpreter ends.
            while os.read(descriptor, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended before the input
            loop.call_soon_threadsafe(_stop, stop, CloseCode.GOING)

    threading.Thread(target=wait, name="input", daemon=True).start()
