"""`chat-server`: options and sentences, around `server`."""

import asyncio
import contextlib
import errno
import ipaddress
import logging
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click
import platformdirs

from chat_server.protocol import DEFAULT_PORT, PATH

LOG_LEVELS = ("debug", "info", "warning", "error")


class Loopback(click.ParamType[str]):
    """An address of this machine that no other machine can reach."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The value, unless somebody else could connect to it: names are not proven yet."""
        if not _is_loopback(value):
            self.fail(
                f"{value} is not a loopback address. Names are not proven by keys yet, so the server listens on "
                "this machine only; others reach it over SSH, by a forwarded port.",
                param,
                ctx,
            )
        return value


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("doubletick"), prog_name="chat-server")
def main() -> None:
    """The server of doubletick, a terminal chat whose read receipts can be believed."""


@main.command(context_settings={"show_default": True})
@click.option("--host", type=Loopback(), default="127.0.0.1", envvar="DOUBLETICK_HOST", show_envvar=True)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    envvar="DOUBLETICK_PORT",
    show_envvar=True,
    help="0 takes a free one.",
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
    default="warning",
    envvar="DOUBLETICK_LOG_LEVEL",
    show_envvar=True,
)
@click.option(
    "--ephemeral",
    is_flag=True,
    help="Keep the data in a temporary directory, removed at the end, and end when standard input does.",
)
def serve(host: str, port: int, data_dir: Path, log_level: str, *, ephemeral: bool) -> None:
    """Serve the chat until Ctrl+C or SIGTERM."""
    logging.basicConfig(level=log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # At this level websockets logs what people write.
    logging.getLogger("websockets").setLevel(max(logging.INFO, logging.getLogger().level))
    with _temporary() if ephemeral else contextlib.nullcontext(data_dir) as directory:
        asyncio.run(_serve(host, port, directory, ephemeral=ephemeral))


@contextlib.contextmanager
def _temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="doubletick-") as directory:
        yield Path(directory) / "data"


async def _serve(host: str, port: int, directory: Path, *, ephemeral: bool) -> None:
    # Imported here, so that --help and mistakes in options are answered at once.
    from chat_server.server import Server
    from chat_server.store import StorageError, Store

    stop = asyncio.Event()
    _stop_on_signals(stop)
    if ephemeral:
        _stop_at_end_of_input(stop)
    try:
        store = Store.open(directory)
    except StorageError as error:
        raise click.ClickException(str(error)) from error
    for warning in store.warnings:
        click.echo(f"Warning: {warning}", err=True)

    def ready(bound: int) -> None:
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"Listening on ws://{shown}:{bound}{PATH}, data in {directory}")

    try:
        await Server(store).run(host, port, stop, ready)
    except StorageError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(_address_error(host, port, error)) from error
    finally:
        await store.close()


def _address_error(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use by another program; choose another one with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} of {host} is for privileged programs; choose one above 1023 with --port."
    return f"Cannot listen on port {port} of {host}: {error.strerror}."


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        else:
            loop.add_signal_handler(number, stop.set)


def _stop_at_end_of_input(stop: asyncio.Event) -> None:
    """A thread, since a terminal or a file cannot be awaited on every platform; it ends with the process."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        while sys.stdin.buffer.read(4096):
            pass
        with contextlib.suppress(RuntimeError):  # the loop has ended before the input
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, name="input", daemon=True).start()
