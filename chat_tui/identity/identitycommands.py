"""`chat-tui key`, `link` and `forget`: who one is, on which devices, and whom one believes to be which server."""

import asyncio
import secrets
import shlex
import sys
from pathlib import Path
from typing import Final, TextIO

import click

from chat_server.protocol import LINK_MS, MakeLink
from chat_tui.identity import keyfiles
from chat_tui.identity.keyfiles import KeyFileError, SecretKey
from chat_tui.options import Given, after_its_name, ask_code

CODE_BYTES: Final = 13
TEXT_CHARS_MAX: Final = 10_000


# Keys


@click.group()
def key() -> None:
    """Show your key, take it elsewhere, or bring it here."""


@key.command()
@after_its_name
def show(given: Given) -> None:
    """Show by what servers know you: your public key, and its fingerprint to be compared aloud."""
    from chat_server.protocol.proofs import fingerprint

    held = _read(given)
    click.echo(f"name         {given.person}")
    click.echo(f"public key   {held.public}")
    click.echo(f"fingerprint  {fingerprint(held.public)}")
    click.echo(f"file         {held.path}")


@key.command()
@click.option(
    "--out", metavar="FILE", help="Where to write it; - is standard output, for a pipe.  [default: here]"
)
@click.option("--passphrase/--no-passphrase", "locked", default=True, help="Lock it with a passphrase.")
@after_its_name
def export(given: Given, *, out: str | None, locked: bool) -> None:
    """Write your secret key to a file, to keep it safe or to take it to another device.

    `chat-tui link` is the better way to another device: it gets a key of its own.
    """
    held = _read(given)
    if out == "-" and _shows():
        raise click.ClickException(
            "A terminal would show the secret to whoever looks; send it to a pipe or a file."
        )
    text = _text(held, locked=locked)
    if out == "-":
        click.echo(text, nl=False)
        return
    path = Path(out or held.path.name)
    try:
        keyfiles.write(path, text)
    except FileExistsError:
        raise click.ClickException(
            f"{path} is there already, and is not replaced; choose another file with --out."
        ) from None
    except KeyFileError as error:
        raise click.ClickException(str(error)) from error
    whoever = "has it and the passphrase" if locked else "has that file"
    click.echo(f"The key is in {path}. Whoever {whoever} can speak as {given.person}.", err=True)


@key.command("import")
@click.argument("file", type=click.File(encoding="utf-8", errors="replace"))
@click.option("--force", is_flag=True, help="Replace the key that is here, for good.")
@after_its_name
def import_(given: Given, *, file: TextIO, force: bool) -> None:
    """Take the secret key in FILE for your name; - is standard input."""
    from chat_server.protocol.proofs import fingerprint

    path = _path(given)
    try:
        brought = _unlocked(path, file.read(TEXT_CHARS_MAX))
        try:
            keyfiles.write(path, brought.text, replacing=force)
        except FileExistsError:
            _refuse_to_replace(given.person, path, brought)
    except KeyFileError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{given.person} has the key {fingerprint(brought.public)} here now, in {path}.")


def _refuse_to_replace(name: str, path: Path, brought: SecretKey) -> None:
    """Say what would be lost; nothing where it is the same key."""
    from chat_server.protocol.proofs import fingerprint

    held = keyfiles.read(path)
    if held != brought:
        raise click.ClickException(
            f"{name} has another key here, {fingerprint(held.public)}, in {path}. It would be lost for good, and "
            f"with it the name at every server that knows {name} by that key alone. Keep it with "
            "`chat-tui key export`, and then import with --force."
        )


def _shows() -> bool:
    """Whether somebody sees what is written."""
    return sys.stdout.isatty()


def _path(given: Given) -> Path:
    return given.key_file or keyfiles.path_of(given.config, given.person)


def _read(given: Given) -> SecretKey:
    path = _path(given)
    if not path.exists():
        raise click.ClickException(
            f"{given.person} has no key here; the first start makes it: chat-tui --name {given.person}"
        )
    try:
        return keyfiles.read(path)
    except KeyFileError as error:
        raise click.ClickException(str(error)) from error


def _text(held: SecretKey, *, locked: bool) -> str:
    from chat_tui.identity import lockedkeys

    try:
        keyfiles.signer(held)
    except KeyFileError as error:
        raise click.ClickException(str(error)) from error
    if not locked:
        return held.text
    passphrase = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True)
    return lockedkeys.lock(held, passphrase)


def _unlocked(path: Path, text: str) -> SecretKey:
    from chat_tui.identity import lockedkeys

    if lockedkeys.is_locked(text):
        return lockedkeys.unlock(path, text, click.prompt("Passphrase", hide_input=True, err=True))
    brought = keyfiles.decode(path, text)
    keyfiles.signer(brought)
    return brought


# Devices and servers


@click.command()
@click.argument("code", required=False)
@after_its_name
def link(given: Given, *, code: str | None) -> None:
    """Let another device of yours speak for your name.

    \b
    On the device that has the name:  chat-tui link --name NAME
    On the other one, what that says: chat-tui link CODE --name NAME --server URL

    Each device has a key of its own; none leaves it. With - for CODE it is asked for, and not shown.
    """
    if code is None:
        _offer(given)
    else:
        _accept(given, ask_code() if code == "-" else code)


def _offer(given: Given) -> None:
    from chat_server.protocol.proofs import code_digest, code_of

    if not _path(given).exists():
        raise click.ClickException(
            f"{given.person} has no key here, so this is not the device to begin with. Run this on the device "
            "that speaks for the name, and here the line that it says."
        )
    code = code_of(secrets.token_bytes(CODE_BYTES))
    _visit(given, ask=MakeLink(ref="link", digest=code_digest(code)))
    words = ("chat-tui", "link", code, "--name", given.person, "--server", given.server)
    click.echo(f"Within {LINK_MS // 60_000} minutes, and once, type this on the other device:\n")
    click.echo(f"    {shlex.join(words)}\n")
    click.echo("Whoever has this code by then can speak as you. If the other device reaches the server under")
    click.echo("another address, put that one after --server.")
    _show_server(given)


def _accept(given: Given, code: str) -> None:
    _visit(given, invite=code)
    words = ("chat-tui", "--name", given.person, "--server", given.server)
    click.echo(f"This device may speak for {given.person} from now on:\n")
    click.echo(f"    {shlex.join(words)}\n")
    _show_server(given)


def _show_server(given: Given) -> None:
    """Let people see that both devices speak to the same server; for the second one it is the first contact."""
    from chat_server.protocol.proofs import fingerprint
    from chat_tui.identity.knownservers import KnownServers

    if (known := KnownServers(given.config).find(given.server)) is not None:
        click.echo(f"The server's fingerprint, on both devices: {fingerprint(known)}")


def _visit(
    given: Given, *, invite: str | None = None, ask: MakeLink | None = None, by_any_way: bool = False
) -> None:
    from chat_tui.identity.passport import Passport
    from chat_tui.identity.visit import VisitError, visit

    try:
        passport = Passport.open(given.config, given.person, given.server, given.key_file, by_any_way=by_any_way)
        asyncio.run(visit(given.server, given.person, passport, invite=invite, ask=ask))
    except (KeyFileError, VisitError) as error:
        raise click.ClickException(str(error)) from error


@click.command()
@after_its_name
def forget(given: Given) -> None:
    """Forget the key that a server had, because it has a new one and you know why.

    The next connection takes whatever key is shown. Ask whoever runs the server, by another way, for the new
    key's fingerprint, and compare it.
    """
    from chat_tui.identity.knownservers import KnownServers, KnownServersError, place_of

    try:
        known = KnownServers(given.config).forget(given.server)
    except KnownServersError as error:
        raise click.ClickException(str(error)) from error
    if known is None:
        raise click.ClickException(f"No key of {place_of(given.server)} is known, so there is nothing to forget.")
    from chat_server.protocol.proofs import fingerprint

    click.echo(f"The key of {place_of(given.server)} is forgotten: {fingerprint(known)}")


@click.command()
@after_its_name
def trust(given: Given) -> None:
    """Take a server that is known under another address for the same one, here too.

    Whoever sits between you and a server can show its key and pass on what you say. So a key that is known from
    elsewhere is refused until you say that you know this way to it, such as a forwarded port of yours.
    """
    _visit(given, by_any_way=True)
    _show_server(given)


COMMANDS: Final[dict[str, click.Command]] = {"forget": forget, "key": key, "link": link, "trust": trust}
"""By name, all that this module adds to `chat-tui`."""
