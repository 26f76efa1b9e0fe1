"""`chat-tui`: options and sentences, around `app` and `demo`."""

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import platformdirs

from chat_server.protocol import LOBBY
from chat_tui.options import DEFAULT_SERVER, Address, Given, ask_code
from chat_tui.preferences import profiles, settings
from chat_tui.terminal import environment as terminal

if TYPE_CHECKING:
    from chat_tui.app import Options

LATER = ("doctor", "forget", "key", "link", "trust")
SETTING = ("config", "profiles")
HINT_SEEN = "keys-seen"
"""In the state directory, once the keys for newcomers have been shown."""


class Commands(click.Group):
    """Those commands that are about who one is are loaded when they are asked for: a start does without them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in their order."""
        return sorted((*super().list_commands(ctx), *LATER, *SETTING))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        if cmd_name == "doctor":
            from chat_tui.doctor import doctor

            return doctor
        if cmd_name in LATER:
            from chat_tui.identity import identitycommands

            return identitycommands.COMMANDS[cmd_name]
        if cmd_name in SETTING:
            from chat_tui.preferences import configcommands

            return configcommands.COMMANDS[cmd_name]
        return super().get_command(ctx, cmd_name)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.option("--name", envvar="DOUBLETICK_NAME", show_envvar=True, help="Who you are.")
@click.option("--server", type=Address(), default=DEFAULT_SERVER, envvar="DOUBLETICK_SERVER", show_envvar=True)
@click.option(
    "--ca",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="DOUBLETICK_CA",
    show_envvar=True,
    help="The certificate of an authority of your own, in PEM format; servers that it vouches for are believed.",
)
@click.option("--room", default=LOBBY, envvar="DOUBLETICK_ROOM", show_envvar=True)
@click.option(
    "--invite",
    metavar="CODE",
    envvar="DOUBLETICK_INVITE",
    show_envvar=True,
    help="The code that lets you in the first time; with - you are asked for it.",
)
@click.option(
    "--ascii/--no-ascii",
    "force_ascii",
    default=None,
    help="Draw ticks and lines with ASCII characters only; without either, the terminal is asked.",
)
@click.option("--bell/--no-bell", default=True, help="Ring when your messages are read while you are away.")
@click.option(
    "--state-dir",
    type=click.Path(path_type=Path),
    default=lambda: platformdirs.user_state_path("doubletick", appauthor=False),
    envvar="DOUBLETICK_STATE_DIR",
    show_envvar=True,
    show_default="the user's state directory",
    help="Where unsent messages are kept.",
)
@click.option(
    "--config-dir",
    "config",
    type=click.Path(path_type=Path),
    default=lambda: platformdirs.user_config_path("doubletick", appauthor=False),
    envvar="DOUBLETICK_CONFIG_DIR",
    show_envvar=True,
    show_default="the user's configuration directory",
    is_eager=True,
    callback=settings.take,
    help="Where config.toml is, and where your keys are kept, and those of servers.",
)
@click.option(
    "--profile",
    metavar="NAME",
    envvar="DOUBLETICK_PROFILE",
    show_envvar=True,
    is_eager=True,
    expose_value=False,
    callback=settings.take,
    help="Who to be, and where: one of the profiles in config.toml.",
)
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    envvar="DOUBLETICK_KEY_FILE",
    show_envvar=True,
    help="Another key than the one that is kept for your name.",
)
@click.option("--plain", is_flag=True, help="Line by line, for screen readers, logs and pipes; see docs/plain.md.")
@click.option(
    "--mark-read",
    is_flag=True,
    help="With --plain: tell authors that you have read whatever is written, half a second later. It claims that "
    "all of it is in front of you, which nobody can check; leave it out for a log or a program.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0),
    default=30.0,
    metavar="SECONDS",
    help="With --plain: how long to wait at the end of the input for the server to take what is left.",
)
@click.version_option(package_name="doubletick", prog_name="chat-tui")
@click.pass_context
def main(
    ctx: click.Context,
    *,
    name: str | None,
    server: str,
    ca: Path | None,
    room: str,
    invite: str | None,
    state_dir: Path,
    config: Path,
    key_file: Path | None,
    force_ascii: bool | None,
    bell: bool,
    plain: bool,
    mark_read: bool,
    timeout_s: float,
) -> None:
    """A terminal chat whose read receipts can be believed.

    Try it alone, in one terminal: chat-tui demo
    """
    loaded = settings.of(ctx)
    _believe(ca)
    ctx.obj = Given(name, server, config, key_file)
    if ctx.invoked_subcommand is not None:
        return
    if not name:
        if plain:
            raise click.UsageError("Say who you are: chat-tui --plain --name YOURNAME")
        name, server = profiles.introduce(loaded, server)
    if plain:
        from chat_tui.plain import linear

        ascii_only = linear.ascii_only() if force_ascii is None else force_ascii
        places = (state_dir, config, key_file)
        code = _code(invite)
        sys.exit(linear.run(linear.Options(name, server, room, *places, ascii_only, mark_read, timeout_s, code)))
    if mark_read:
        raise click.UsageError("--mark-read is for --plain; otherwise what you look at is known.")
    _need_terminal()
    profiles.remember(loaded)
    from chat_tui.app import Options

    options = Options(
        name,
        server,
        room,
        ascii_only=_ascii_only() if force_ascii is None else force_ascii,
        bell=bell,
        invite=_code(invite),
        preferences=loaded.preferences,
        themes=settings.themes(loaded),
        config=loaded.folder,
        hint_seen=state_dir / HINT_SEEN,
    )
    sys.exit(_run(options, state_dir, config, key_file))


def _run(options: "Options", state_dir: Path, config: Path, key_file: Path | None) -> int:
    """Open what is kept for this person, and be the client until it ends; its exit code."""
    # Hardly anything of what a start makes goes away again: looking through it takes a tenth of the start.
    gc.disable()
    from chat_tui.app import ChatApp
    from chat_tui.identity.keyfiles import KeyFileError
    from chat_tui.identity.passport import Passport
    from chat_tui.outbox import Outbox, OutboxError

    try:
        passport = Passport.open(config, options.name, options.server, key_file)
        outbox = Outbox.open(state_dir, options.server, options.name)
    except (KeyFileError, OutboxError) as error:
        raise click.ClickException(str(error)) from error
    app = ChatApp(options, outbox, passport)
    try:
        app.run(mouse=options.preferences.mouse)
    finally:
        outbox.close()
    return app.return_code or 0


@main.command()
@click.option("--ascii", "force_ascii", is_flag=True, help="Draw ticks and lines with ASCII characters only.")
def demo(*, force_ascii: bool) -> None:
    """See your own tick double: a server and two scripted members, gone when you quit."""
    _need_terminal()
    from chat_tui.demo import DemoError, run

    try:
        sys.exit(run(ascii_only=force_ascii or _ascii_only()))
    except DemoError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--host", default="127.0.0.1", help="Any other than this machine's own needs --url.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="0 for any that is free.")
@click.option(
    "--url",
    metavar="https://…",
    help="Where a proxy that speaks TLS and hands the Host header on serves this; see docs/web.md.",
)
@click.pass_context
def web(ctx: click.Context, *, host: str, port: int, url: str | None) -> None:
    """Your own chat in your own browser: chat-tui --name YOURNAME web.

    Needs: pip install 'doubletick[web]'
    """
    from chat_tui.connection import is_local
    from chat_tui.webgate import origin_of

    name = ctx.ensure_object(Given).person
    origin = origin_of(url) if url else None
    if url and origin is None:
        raise click.UsageError("--url is https, a host, and nothing more: https://chat.example")
    if origin is None and not is_local(f"ws://{f'[{host}]' if ':' in host else host}"):
        raise click.UsageError(
            f"At {host} others could read along: put a proxy that speaks TLS before it, and say where with --url "
            "https://… (see docs/web.md). Without --host only this machine reaches it."
        )
    try:
        from chat_tui import web as served
    except ImportError as error:
        raise click.ClickException(
            f"{error.name} is not installed. To have it: pip install 'doubletick[web]'"
        ) from error
    assert ctx.parent is not None
    given = ctx.parent.params
    arguments = (*(["--ascii"] if given["force_ascii"] else []), "--bell" if given["bell"] else "--no-bell")
    settings = {
        "NAME": name,
        "SERVER": given["server"],
        "ROOM": given["room"],
        "STATE_DIR": given["state_dir"],
        "CONFIG_DIR": given["config"],
        "KEY_FILE": given["key_file"],
        "INVITE": _code(given["invite"]),
    }
    environ = {f"DOUBLETICK_{key}": str(value) for key, value in settings.items() if value is not None}
    try:
        served.run(name, served.Place(host, port, origin), arguments, environ)
    except served.WebError as error:
        raise click.ClickException(str(error)) from error


def _believe(authority: Path | None) -> None:
    """Add an authority to those that this process believes, for as long as it lasts."""
    if authority is None:
        return
    import ssl

    try:
        ssl.create_default_context(cafile=authority)
    except ssl.SSLError as error:
        raise click.ClickException(f"{authority} holds no certificate in PEM format.") from error
    except OSError as error:
        raise click.ClickException(f"{authority} cannot be read: {(error.strerror or '').lower()}.") from error
    # OpenSSL looks there whenever a connection is made, and in the system's directory of authorities as before.
    os.environ["SSL_CERT_FILE"] = str(authority.absolute())


def _need_terminal() -> None:
    """Refuse to draw into a pipe; and let Textual draw a key's effect at once, in the window's own size."""
    if _in_browser():
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise click.ClickException(
            "This is a program for a terminal; its input, its output and its errors must all be one."
        )
    os.environ.setdefault("TEXTUAL_FPS", "240")  # read when Textual is imported
    for size in ("COLUMNS", "LINES"):  # believed before the window is asked, and stale once it has been resized
        os.environ.pop(size, None)


def _code(invite: str | None) -> str | None:
    return ask_code() if invite == "-" else invite or None


def _in_browser() -> bool:
    """Whether this process was started for a page of `chat-tui web`."""
    return os.environ.get("TEXTUAL_DRIVER") == "textual.drivers.web_driver:WebDriver"


def _ascii_only() -> bool:
    if _in_browser():  # which has all characters, whatever the terminal that it was started from has
        return False
    encoding = getattr(sys.__stderr__, "encoding", None) or "ascii"
    return terminal.ascii_only(os.environ, encoding)
