"""`chat-tui`: options and sentences, around `app` and `demo`."""

import os
import sys
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import click
import platformdirs

from chat_server.protocol import DEFAULT_PORT, LOBBY, PATH
from chat_tui import terminal

DEFAULT_SERVER = f"ws://127.0.0.1:{DEFAULT_PORT}{PATH}"


class Address(click.ParamType[str]):
    """A server's WebSocket address."""

    name = "url"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address, with the path that all servers have where it names none."""
        try:
            parts = urlsplit(value)
            is_address = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_address = False
        if not is_address:
            self.fail(f"{value!r} is no server's address; it should look like {DEFAULT_SERVER}", param, ctx)
        return value if parts.path else value + PATH


@click.group(
    invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "show_default": True}
)
@click.option("--name", envvar="DOUBLETICK_NAME", show_envvar=True, help="Who you are.")
@click.option("--server", type=Address(), default=DEFAULT_SERVER, envvar="DOUBLETICK_SERVER", show_envvar=True)
@click.option("--room", default=LOBBY, envvar="DOUBLETICK_ROOM", show_envvar=True)
@click.option("--ascii", "force_ascii", is_flag=True, help="Draw ticks and lines with ASCII characters only.")
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
@click.version_option(version("doubletick"), prog_name="chat-tui")
@click.pass_context
def main(
    ctx: click.Context, name: str | None, server: str, room: str, state_dir: Path, *, force_ascii: bool, bell: bool
) -> None:
    """A terminal chat whose read receipts can be believed.

    Try it alone, in one terminal: chat-tui demo
    """
    if ctx.invoked_subcommand is not None:
        return
    if not name:
        raise click.UsageError("Say who you are: chat-tui --name YOURNAME. To look around first: chat-tui demo")
    _need_terminal()
    from chat_tui.app import ChatApp, Options
    from chat_tui.outbox import Outbox, OutboxError

    try:
        outbox = Outbox.open(state_dir, server, name)
    except OutboxError as error:
        raise click.ClickException(str(error)) from error
    app = ChatApp(Options(name, server, room, ascii_only=force_ascii or _ascii_only(), bell=bell), outbox)
    try:
        app.run()
    finally:
        outbox.close()
    sys.exit(app.return_code or 0)


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


def _need_terminal() -> None:
    """Refuse to draw into a pipe; and let Textual draw a key's effect at once (it reads this when imported)."""
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise click.ClickException("This is a program for a terminal; its input and output must be one.")
    os.environ.setdefault("TEXTUAL_FPS", "240")


def _ascii_only() -> bool:
    encoding = getattr(sys.__stderr__, "encoding", None) or "ascii"
    return terminal.ascii_only(os.environ, encoding)
