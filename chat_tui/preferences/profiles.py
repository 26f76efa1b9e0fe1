"""The first question of all, who one is and where; and which profile was used last."""

import getpass
import re
import sys
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

import click

from chat_tui import addresses
from chat_tui.options import Address
from chat_tui.preferences import configfile
from chat_tui.preferences.configfile import ConfigFileError
from chat_tui.preferences.settings import Loaded

WITHOUT_A_NAME: Final = "Say who you are: chat-tui --name YOURNAME. To look around first: chat-tui demo"


def introduce(loaded: Loaded, server: str) -> tuple[str, str]:
    """Ask for a name and a server, and keep both as a profile. Raises UsageError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise click.UsageError(WITHOUT_A_NAME)
    click.echo("Who are you, and where is the chat? To look around first, press Ctrl+C and run: chat-tui demo")
    name: str = click.prompt("Your name", default=_login(), value_proc=_name)
    server = click.prompt("Server", default=server, type=Address())
    profile = loaded.profile or name_for(server, loaded.config.profiles)
    kept = {f"profiles.{profile}.name": name, f"profiles.{profile}.server": server, "default_profile": profile}
    try:
        configfile.change(loaded.folder, kept)
    except ConfigFileError as error:
        click.echo(f"This will be asked again: {error}", err=True)
    return name, server


def remember(loaded: Loaded) -> None:
    """Have the profile that is used now be the one that is used next."""
    if loaded.profile is None or loaded.profile == loaded.config.values.get("default_profile"):
        return
    try:
        configfile.change(loaded.folder, {"default_profile": loaded.profile})
    except ConfigFileError as error:
        click.echo(f"The next start will not know which profile was the last: {error}", err=True)


def name_for(server: str, taken: Collection[str]) -> str:
    """A name for a profile that is free: the server's own, or `local` for one on this machine."""
    host = urlsplit(server).hostname or ""
    near = not addresses.is_open_to_others(f"ws://{server.partition('://')[2]}")
    name = "local" if near else re.sub(r"[^A-Za-z0-9]+", "-", host).strip("-")[:24] or "chat"
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _login() -> str | None:
    """What the system calls this person, if that can be a name."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # the system knows no name for this process; KeyError before Python 3.13
        return None
    return None if addresses.mistake_in_name(name) else name


def _name(name: str) -> str:
    mistake = addresses.mistake_in_name(name)
    if mistake:
        raise click.UsageError(mistake)
    return name
