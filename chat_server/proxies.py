"""Whose address a connection has behind proxies: what they say is believed as far as they are trusted. Pure."""

import ipaddress
import re
from collections.abc import Collection, Iterable
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_WITH_PORT: Final = re.compile(r"\A(?:\[(.*)\](?::[0-9]+)?|([^:]*):[0-9]+)\Z")
"""An address in brackets, or an IPv4 address with a port."""
_MAPPED_BITS: Final = 96
"""The prefix of an IPv6 address that holds an IPv4 one (RFC 4291 §2.5.5.2)."""


def client_address(peer: str, forwarded_headers: Iterable[str], trusted_networks: Collection[Network]) -> str:
    """The address of whoever speaks through `peer`, which may be a proxy that one trusts.

    Each proxy adds to the end of `X-Forwarded-For` from where it was spoken to, so the headers, in the order in
    which they came, are read from the end: as long as an address is a trusted one, what it said is believed. What
    stands before the first other address may be anybody's invention. Where something is no address, it is the
    last proxy's that is known. A `peer` that is no address comes back as it is.
    """
    nearest = address(peer)
    if nearest is None:
        return peer
    hops = [hop for header in forwarded_headers for hop in header.split(",")]
    while hops and any(nearest in network for network in trusted_networks):
        said = address(_WITH_PORT.sub(r"\1\2", hops.pop().strip(" \t")))
        if said is None:
            break
        nearest = said
    return str(nearest)


def address(text: str) -> Address | None:
    """The address that this is, without a scope, and an IPv4 one where that is mapped into IPv6; None if none."""
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv4Address):
        return parsed
    return parsed.ipv4_mapped or ipaddress.IPv6Address(int(parsed))


def network(text: str) -> Network:
    """The network that this is, or the one of a single address. Raises ValueError, which says what is wrong."""
    parsed = ipaddress.ip_network(text)
    if isinstance(parsed, ipaddress.IPv6Network) and (mapped := parsed.network_address.ipv4_mapped):
        parsed = ipaddress.IPv4Network((mapped, parsed.prefixlen - _MAPPED_BITS))
    if not parsed.prefixlen:
        raise ValueError(f"{text!r} is everybody")
    return parsed
