"""What a server's address and a person's name look like, before a server has judged them. Pure."""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from chat_server.protocol import DEFAULT_PORT, NAME_CHARS_MAX, PATH

DEFAULT: Final = f"ws://127.0.0.1:{DEFAULT_PORT}{PATH}"


def complete(address: str) -> str | None:
    """The address, with the path that all servers have where it names none; None where it is no address."""
    try:
        parts = urlsplit(address)
        is_address = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    if not is_address:
        return None
    return address if parts.path else address + PATH


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine by its very name, so that nobody is on the way to it."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_open_to_others(address: str) -> bool:
    """Whether what is said to this server can be read on its way: unencrypted, and to another machine."""
    parts = urlsplit(address)
    return parts.scheme == "ws" and not is_this_machine(parts.hostname or "")


def mistake_in_name(name: str) -> str:
    """What is wrong with the name of a person or a room, as a sentence; empty where nothing is known to be.

    The server judges more strictly: see the protocol's page on names.
    """
    if not name:
        return "A name has at least one character."
    if len(name) > NAME_CHARS_MAX:
        return f"A name has at most {NAME_CHARS_MAX} characters; this has {len(name)}."
    if any(character.isspace() or not character.isprintable() for character in name):
        return "A name has no spaces in it, and nothing that cannot be seen."
    if not (name[0].isalnum() or name[0] == "_"):
        return "A name begins with a letter, a digit or an underscore."
    return ""
