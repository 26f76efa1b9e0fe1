"""The configurations in `docs/deploying.md`, as they stand there but for ports and paths, with a real client.

Proxies that are not installed are not tried.
"""

import os
import re
import shlex
import shutil
import signal
import socket as sockets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
import pytest
from websockets.exceptions import InvalidStatus

from chat_server.cli import main as chat_server
from chat_server.handshake import PING_S
from chat_server.protocol import CONTENT_CHARS_MAX
from chat_tui.cli import main as chat_tui
from tests.authorities import Authority, Pair
from tests.chat_server.peers import Peer, dial, hang_up
from tests.chat_tui.people import until

PAGE: Final = (Path(__file__).parents[2] / "docs/deploying.md").read_text(encoding="utf-8")
NAME: Final = "chat.example"
CLIENT: Final = "127.0.0.2"
"""Another address than the proxy's, that is this machine's, too."""
CERTIFICATE: Final = "/etc/doubletick/fullchain.pem"
KEY: Final = "/etc/doubletick/privkey.pem"
SERVER: Final = "127.0.0.1:8080"

NGINX: Final = """\
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    {block}
}}
"""
CADDY: Final = """\
{{
    admin off
    auto_https disable_redirects
    default_bind 127.0.0.1
}}
{block}
"""


def blocks(language: str) -> list[str]:
    """What the page has in this language."""
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found, language
    return [block.replace("\\\n", " ") for block in found]


def substitute(text: str, **by: str) -> str:
    """Replace each of these, which must be there."""
    for old, new in by.items():
        assert old in text
        text = text.replace(old, new)
    return text


def free_port() -> int:
    with sockets.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@contextmanager
def process(command: list[str], directory: Path, log: Path) -> Iterator["subprocess.Popen[str]"]:
    """Runs while this lasts; what it writes below its home is below the directory."""
    environment = {**os.environ, "HOME": str(directory)}
    environment |= {f"XDG_{each}_HOME": str(directory / each) for each in ("DATA", "CONFIG", "STATE")}
    with log.open("w") as errors:
        started = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.communicate()


class Site:
    """A server and the proxy before it."""

    def __init__(self, server: "subprocess.Popen[str]", log: Path, proxy_port: int, authority: Authority) -> None:
        self.server = server
        self._log = log
        self._port = proxy_port
        self._authority = authority

    async def dial(self, **options: Any) -> Peer:
        """Connect as a client does that finds the proxy under its name."""
        options = {"ssl": self._authority.context(), "local_addr": (CLIENT, 0), **options}
        return await dial(f"wss://{NAME}:{self._port}/ws", host="127.0.0.1", port=self._port, **options)

    def addresses(self) -> list[str]:
        """From where connections have come, as the server sees it."""
        return re.findall(r"connection \d+ is from (\S+)$", self._log.read_text(), re.MULTILINE)


def nginx(pair: Pair, directory: Path, port: int, server: str) -> list[str]:
    """The command that runs it as the page says."""
    (block,) = blocks("nginx")
    block = substitute(
        block,
        **{
            "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
            CERTIFICATE: str(pair.certificate),
            KEY: str(pair.key),
            SERVER: server,
        },
    )
    (directory / "nginx.conf").write_text(NGINX.format(directory=directory, block=block))
    return ["nginx", "-e", "stderr", "-p", str(directory), "-c", str(directory / "nginx.conf")]


def caddy(pair: Pair, directory: Path, port: int, server: str) -> list[str]:
    """The command that runs it as the page says."""
    (block,) = blocks("caddyfile")
    block = substitute(
        block,
        **{
            f"{NAME} {{": f"{NAME}:{port} {{",
            CERTIFICATE: str(pair.certificate),
            KEY: str(pair.key),
            SERVER: server,
        },
    )
    (directory / "Caddyfile").write_text(CADDY.format(block=block))
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(directory / "Caddyfile")]


def is_listening(port: int) -> bool:
    try:
        sockets.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@pytest.fixture(params=[nginx, caddy], ids=lambda each: each.__name__)
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The page's server behind the page's proxy."""
    proxy: Callable[..., list[str]] = request.param
    if shutil.which(proxy.__name__) is None:
        pytest.skip(f"{proxy.__name__} is not installed")
    try:
        sockets.create_server((CLIENT, 0)).close()
    except OSError:
        pytest.skip(f"{CLIENT} is not this machine's")
    authority, log, port = Authority(tmp_path), tmp_path / "server.log", free_port()
    (said,) = [line for block in blocks("sh") for line in block.splitlines() if "serve --trusted-proxy" in line]
    options = ["--port", "0", "--data-dir", str(tmp_path / "data"), "--log-level", "info", "--join", "open"]
    command = [sys.executable, "-m", "chat_server", *shlex.split(said)[1:], *options]
    with process(command, tmp_path, log) as server:
        assert server.stdout is not None
        place = server.stdout.readline().split()[2].removeprefix("ws://").removesuffix("/ws,")
        before = proxy(authority.issue(NAME), tmp_path, port, place)
        with process(before, tmp_path, tmp_path / "proxy.log") as running:
            await until(lambda: is_listening(port) or running.poll() is not None)
            assert running.poll() is None, (tmp_path / "proxy.log").read_text()
            yield Site(server, log, port, authority)
            await hang_up()


async def test_the_server_sees_where_a_client_is_whatever_that_says_of_itself(site: Site) -> None:
    for invented in (None, "203.0.113.9", "203.0.113.9, 127.0.0.1", "[::1"):
        await (await site.dial(additional_headers={"X-Forwarded-For": invented} if invented else {})).fence()
    await (await site.dial(local_addr=("127.0.0.1", 0))).fence()
    assert site.addresses() == [*[CLIENT] * 4, "127.0.0.1"]


async def test_a_conversation_and_its_history_come_through(site: Site) -> None:
    ann, bob = await site.dial(subprotocols=["doubletick.v1"]), await site.dial()
    assert (await ann.greet("ann"))["type"] == "welcome"
    assert (await bob.greet("bob"))["type"] == "welcome"
    assert ann.socket.subprotocol == "doubletick.v1"
    content = "\N{GRINNING FACE}" * CONTENT_CHARS_MAX  # of which `json` makes the largest request there can be
    for _ in range(12):
        await ann.post(content)
    assert (await bob.hear("message", id=12))["content"] == content
    assert len((await bob.ask("history", room="general", after=0))["messages"]) == 12


async def test_pages_of_browsers_are_refused(site: Site) -> None:
    for origin in (f"https://{NAME}", "https://evil.example", "null"):
        with pytest.raises(InvalidStatus, match="403"):
            await site.dial(origin=origin)
    assert site.addresses() == []


async def test_the_end_of_the_server_comes_through(site: Site) -> None:
    ann = await site.dial()
    await ann.fence()
    site.server.send_signal(signal.SIGINT)
    assert await ann.closed() == 1001


def test_quiet_connections_stay_for_longer_than_a_ping_takes() -> None:
    (block,) = blocks("nginx")
    timeouts = [int(each) for each in re.findall(r"proxy_(?:read|send)_timeout (\d+)s;", block)]
    assert len(timeouts) == 2
    assert all(each > 2 * PING_S for each in timeouts)


def lines() -> list[str]:
    """The commands of the page, and those in its units."""
    said = [line for block in blocks("sh") for line in block.splitlines()]
    units = [
        line.removeprefix("ExecStart=/opt/doubletick/bin/")
        for block in blocks("ini")
        for line in block.splitlines()
    ]
    return [line for line in (*said, *units) if line.startswith(("chat-server", "chat-tui"))]


@pytest.mark.parametrize("line", lines())
def test_the_page_s_commands_are_understood(line: str) -> None:
    program, *arguments = shlex.split(line)
    if program == "chat-tui":
        chat_tui.make_context(program, arguments, resilient_parsing=False)
        return
    assert isinstance(chat_server, click.Group)
    command, *options = arguments
    chat_server.commands[command].make_context(command, options)


def test_all_of_the_page_s_commands_are_looked_at() -> None:
    assert len(lines()) == PAGE.count("chat-server serve ") + PAGE.count("chat-tui --name")
