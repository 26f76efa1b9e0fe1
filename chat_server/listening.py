"""Where the server listens: addresses, who else can reach them, and what stands in the way, in sentences."""

import errno
import os
import socket
import sys
from typing import Final
from urllib.parse import urlsplit

import click

from chat_server import proxies
from chat_server.protocol import PATH

OPEN_WARNING: Final = """\
************************************************************************************************
* WARNING: this server listens where others can reach it, and all that it sends and receives
* travels UNENCRYPTED. Whoever is on the way reads every message, and can change it.
*
* Give it a certificate with --tls-cert and --tls-key, or put a proxy in front that has one and
* name it with --trusted-proxy. docs/deploying.md shows both.
************************************************************************************************"""
PROXY_NOTE: Final = (
    "Note: this server has no certificate, so what goes between it and the proxy is unencrypted; "
    "let nobody but the proxy reach its port."
)


class Host(click.ParamType[str]):
    """An address to listen on, as numbers: a name could come to mean another one."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address in its usual form."""
        parsed = proxies.address("127.0.0.1" if value == "localhost" else value)
        if parsed is None:
            self.fail(
                f"{value!r} is no IP address; give one of this machine's, or 0.0.0.0 or :: for all of them.",
                param,
                ctx,
            )
        return str(parsed)


class TrustedProxy(click.ParamType[proxies.Network]):
    """An address or a network; several in an environment variable are parted by commas."""

    name = "network"
    envvar_list_splitter = ","

    def convert(
        self, value: str | proxies.Network, param: click.Parameter | None, ctx: click.Context | None
    ) -> proxies.Network:
        """The network."""
        if not isinstance(value, str):
            return value
        try:
            return proxies.network(value.strip())
        except ValueError as error:
            self.fail(
                f"{error}; name proxies that you run, by addresses like 192.0.2.5 or networks like 192.0.2.0/24.",
                param,
                ctx,
            )


class AllowedOrigin(click.ParamType[str]):
    """What a browser says of where a page is from (RFC 6454 §7); in a variable several are parted by commas."""

    name = "origin"
    envvar_list_splitter = ","

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The origin as browsers write it."""
        origin = value.strip().lower()
        try:
            parts = urlsplit(origin)
            is_origin = bool(parts.hostname) and parts.port != 0 and parts.username is None
            is_origin = is_origin and origin == f"{parts.scheme}://{parts.netloc}"
        except ValueError:
            is_origin = False
        if not is_origin:
            self.fail(
                f"{value!r} is no origin; it should look like https://chat.example or http://localhost:3000.",
                param,
                ctx,
            )
        return origin


def is_loopback(host: str) -> bool:
    """Whether this address can be reached from this machine only."""
    parsed = proxies.address(host)
    return parsed is not None and parsed.is_loopback


def check_exposure(host: str, *, encrypted: bool, proxied: bool, insecure: bool) -> str | None:
    """What has to be said to whoever starts a server on this address; None if nothing.

    Raises UsageError where others could reach it, unencrypted, and nobody has said that this is meant.
    """
    if encrypted or is_loopback(host):
        return None
    if proxied:
        return PROXY_NOTE
    if insecure:
        return OPEN_WARNING
    raise click.UsageError(
        f"Others can reach {host}, and what they send would travel unencrypted: give --tls-cert and --tls-key, "
        "or --trusted-proxy if a proxy in front does the encryption, or --insecure if you mean it."
    )


def bind(host: str, port: int) -> socket.socket:
    """Take the address; who connects already waits until the server is ready. Raises ClickException."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    try:
        return socket.create_server((host, port), family=family, dualstack_ipv6=both)
    except OSError as error:
        raise click.ClickException(_address_error(host, port, error)) from error


def _address_error(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use by another program; choose another one with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} of {host} is for privileged programs; choose one above 1023 with --port."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine; choose another one with --host."
    return f"Cannot listen on port {port} of {host}: {os.strerror(error.errno or 0)}."


def url(bound: socket.socket, *, tls: bool) -> str:
    """Where clients find a server that listens here."""
    host, port = bound.getsockname()[:2]
    return f"{'wss' if tls else 'ws'}://{f'[{host}]' if ':' in host else host}:{port}{PATH}"


def open_files(wanted: int) -> int:
    """How many files may be open, after asking for so many: the limit that shells set is often 1,024."""
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else soft
