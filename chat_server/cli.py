"""`chat-server`: options and sentences, around `server`."""

import asyncio
import contextlib
import logging
import socket
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click
import platformdirs
from click.core import ParameterSource

from chat_server import administration, maintenance
from chat_server.administration import appointed
from chat_server.certificates import Certificate, CertificateError
from chat_server.entrance import CONNECTIONS_PER_ADDRESS, Entrance
from chat_server.listening import (
    AllowedOrigin,
    Host,
    TrustedProxy,
    bind,
    check_exposure,
    is_loopback,
    open_files,
    url,
)
from chat_server.policy import Joining
from chat_server.protocol import DEFAULT_PORT
from chat_server.proxies import Network
from chat_server.rates import DEFAULTS, Limits
from chat_server.stopping import reload_on_hangup, stop_at_end_of_input, stop_on_signals

if TYPE_CHECKING:
    from chat_server.store import Store

LOG_LEVELS = ("debug", "info", "warning", "error")
FILES_RESERVED = 320
"""Open files that are not connections: the data's own, and peers that come too many at once to be counted yet."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("doubletick"), prog_name="chat-server")
def main() -> None:
    """The server of doubletick, a terminal chat whose read receipts can be believed."""


for command in (*maintenance.COMMANDS, *administration.COMMANDS):
    main.add_command(command)


@main.command(context_settings={"show_default": True})
@click.option(
    "--host",
    type=Host(),
    default="127.0.0.1",
    envvar="DOUBLETICK_HOST",
    show_envvar=True,
    help="Which of this machine's addresses to listen on; 0.0.0.0 or :: for all.",
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
    "--tls-cert",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="DOUBLETICK_TLS_CERT",
    show_envvar=True,
    help="Certificate, with its chain, in PEM format; SIGHUP has it read again.",
)
@click.option(
    "--tls-key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="DOUBLETICK_TLS_KEY",
    show_envvar=True,
    help="The certificate's private key, in PEM format.",
)
@click.option(
    "--trusted-proxy",
    "trusted_proxies",
    type=TrustedProxy(),
    metavar="ADDRESS-OR-NETWORK",
    multiple=True,
    envvar="DOUBLETICK_TRUSTED_PROXY",
    show_envvar=True,
    help="A proxy of yours, which is believed about whom it speaks for (X-Forwarded-For). May be repeated.",
)
@click.option("--insecure", is_flag=True, help="Let others connect unencrypted.")
@click.option(
    "--allow-origin",
    "origins",
    type=AllowedOrigin(),
    metavar="ORIGIN",
    multiple=True,
    envvar="DOUBLETICK_ALLOW_ORIGIN",
    show_envvar=True,
    help="Let web pages from there connect, like https://chat.example; else none may. May be repeated.",
)
@click.option(
    "--connections-per-address",
    type=click.IntRange(min=0),
    metavar="NUMBER",
    default=CONNECTIONS_PER_ADDRESS,
    envvar="DOUBLETICK_CONNECTIONS_PER_ADDRESS",
    show_envvar=True,
    help="How many connections one address may have, apart from this machine's own; 0 for any number.",
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
    "--join",
    "joining",
    type=click.Choice([each.value for each in Joining]),
    envvar="DOUBLETICK_JOIN",
    show_envvar=True,
    show_default="open where only this machine can connect, else invite",
    help="Who may take a name that nobody has: anybody, whoever is invited, nobody.",
)
@click.option(
    "--admin",
    "admins",
    metavar="NAME",
    multiple=True,
    help="Make NAME an admin; shows a code where nobody has the name yet. May be repeated.",
)
@click.option(
    "--url",
    "public_url",
    metavar="URL",
    envvar="DOUBLETICK_URL",
    show_envvar=True,
    show_default="where it listens",
    help="Where people reach the server, for invitations.",
)
@click.option("--no-rate-limits", "unlimited", is_flag=True, help="Let everybody ask as fast as they can.")
@click.option(
    "--ephemeral",
    is_flag=True,
    help="Keep the data in a temporary directory, removed at the end, and end when standard input does.",
)
def serve(
    *,
    host: str,
    port: int,
    tls_cert: Path | None,
    tls_key: Path | None,
    trusted_proxies: tuple[Network, ...],
    origins: tuple[str, ...],
    connections_per_address: int,
    data_dir: Path,
    log_level: str,
    joining: str | None,
    admins: tuple[str, ...],
    public_url: str | None,
    unlimited: bool,
    insecure: bool,
    ephemeral: bool,
) -> None:
    """Serve the chat until Ctrl+C or SIGTERM."""
    source = click.get_current_context().get_parameter_source("data_dir")
    if ephemeral and source is ParameterSource.COMMANDLINE:
        raise click.UsageError("--ephemeral keeps nothing, so it takes no --data-dir.")
    certificate = _certificate(tls_cert, tls_key)
    warning = check_exposure(
        host, encrypted=certificate is not None, proxied=bool(trusted_proxies), insecure=insecure
    )
    _log(log_level)
    entrance = Entrance(certificate, trusted_proxies, origins, connections_per_address)
    if warning is not None:
        click.echo(warning, err=True)
    exposed = bool(trusted_proxies) or not is_loopback(host)
    with _temporary() if ephemeral else contextlib.nullcontext(data_dir) as directory, bind(host, port) as bound:
        asyncio.run(
            _serve(
                _Start(
                    bound=bound,
                    directory=directory,
                    entrance=entrance,
                    joining=Joining(joining) if joining else Joining.INVITE if exposed else Joining.OPEN,
                    admins=admins,
                    public_url=public_url or url(bound, tls=certificate is not None),
                    limits={} if unlimited else DEFAULTS,
                    ends_with_input=ephemeral,
                )
            )
        )


def _log(level: str) -> None:
    """Log to standard error from this level on, what was done to people in any case, and never what they write."""
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("chat_server.audit").setLevel(logging.INFO)
    # It can be made to fail in the middle of a handshake by anybody, as often as they like.
    logging.getLogger("websockets.server").addFilter(_brief)
    # At its debug level websockets logs what people write.
    logging.getLogger("websockets").setLevel(max(logging.INFO, logging.getLogger().level))


def _brief(record: logging.LogRecord) -> bool:
    """Have a record logged as one line, without a traceback."""
    record.exc_info = None
    return True


@contextlib.contextmanager
def _temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="doubletick-") as directory:
        yield Path(directory) / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """What a start was told."""

    bound: socket.socket
    directory: Path
    entrance: Entrance
    joining: Joining
    admins: Sequence[str]
    public_url: str
    limits: Limits
    ends_with_input: bool


async def _serve(start: _Start) -> None:
    # Imported here, so that --help and mistakes in options are answered at once.
    from chat_server.store import StorageError, Store

    stop: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop_on_signals(stop)
    if start.entrance.certificate is not None:
        reload_on_hangup(start.entrance.certificate)
    if start.ends_with_input:
        stop_at_end_of_input(stop)
    try:
        store = Store.open(start.directory)
        for warning in store.warnings:
            click.echo(f"Warning: {warning}", err=True)
        try:
            await _run(start, store, stop)
        finally:
            await store.close()
    except StorageError as error:
        raise click.ClickException(str(error)) from error


async def _run(start: _Start, store: "Store", stop: asyncio.Future[int]) -> None:
    from chat_server.admin import orders_taken
    from chat_server.server import CONNECTIONS_MAX, Server

    server = Server(
        store,
        joining=start.joining,
        limits=start.limits,
        entrance=start.entrance,
        connections_max=min(CONNECTIONS_MAX, _connections(open_files(CONNECTIONS_MAX + FILES_RESERVED))),
    )
    notes = [each async for each in appointed(store, start.admins, start.public_url)]
    if start.joining is Joining.INVITE and not store.chat.people.has_anybody:
        notes.append(f"Nobody can join yet; for an invitation: chat-server invite --data-dir {start.directory}")
    place = url(start.bound, tls=start.entrance.certificate is not None)

    def tell() -> None:
        click.echo("\n".join((f"Listening on {place}, data in {start.directory}", *notes)))

    async with orders_taken(start.directory, start.public_url, server.order):
        await server.run(start.bound, stop, tell)


def _connections(files: int) -> int:
    """How many there may be where so many files can be open."""
    return files - min(FILES_RESERVED, files * 3 // 4)


def _certificate(certificate: Path | None, key: Path | None) -> Certificate | None:
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        missing = "--tls-cert" if certificate is None else "--tls-key"
        raise click.UsageError(f"--tls-cert and --tls-key belong together; {missing} is missing.")
    try:
        return Certificate(certificate, key)
    except CertificateError as error:
        raise click.ClickException(str(error)) from error
