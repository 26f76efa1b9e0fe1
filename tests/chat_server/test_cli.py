"""`chat-server` as a process: its options and sentences, how it ends, and what the next one finds."""

import asyncio
import os
import re
import shutil
import signal
import socket as sockets
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from chat_server.listening import OPEN_WARNING, PROXY_NOTE
from chat_server.protocol import CONTENT_CHARS_MAX
from tests.authorities import Authority, Pair
from tests.chat_server.peers import DEADLINE_S, Peer, deaf, dial, greet, hang_up
from tests.chat_server.processes import without_audit

COMMAND = (sys.executable, "-W", "error", "-m", "chat_server")
ENDS_WITHIN_S = 5.0


@dataclass
class Ended:
    """What is left of a process."""

    code: int
    stdout: str
    stderr: str


@dataclass
class Launched:
    """A server in a process of its own that takes connections."""

    process: subprocess.Popen[str]
    line: str

    @property
    def url(self) -> str:
        return self.line.split()[2].rstrip(",")

    @property
    def data(self) -> Path:
        return Path(self.line.partition("data in ")[2].rstrip("\n"))

    async def wait(self) -> Ended:
        stdout, stderr = await asyncio.to_thread(self.process.communicate, timeout=3 * ENDS_WITHIN_S)
        return Ended(self.process.returncode, self.line + stdout, without_audit(stderr))

    async def end(self, by: signal.Signals = signal.SIGTERM) -> Ended:
        self.process.send_signal(by)
        return await self.wait()


Launching = Callable[..., Launched]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """One in which all that is written is below `tmp_path`."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    (tmp_path / "tmp").mkdir()
    return {**kept, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "xdg"), "TMPDIR": str(tmp_path / "tmp")}


@pytest.fixture
async def launch(environment: dict[str, str]) -> AsyncIterator[Launching]:
    """Starts servers on a free port; what still runs at the end is killed, after all peers have gone."""
    processes = []

    def start(*args: str, command: tuple[str, ...] = COMMAND, **variables: str) -> Launched:
        process = subprocess.Popen(
            [
                *(*command, "serve", "--no-rate-limits"),
                *(() if "DOUBLETICK_PORT" in variables else ("--port", "0")),
                *args,
            ],
            env={**environment, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        assert line, process.stderr.read()
        return Launched(process, line)

    yield start
    await hang_up()
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def run(environment: dict[str, str]) -> Callable[..., Ended]:
    """Runs a command that ends by itself."""

    def run(*args: str, command: tuple[str, ...] = COMMAND, **variables: str) -> Ended:
        done = subprocess.run(
            [*command, *args],
            env={**environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=3 * ENDS_WITHIN_S,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


def sentence(ended: Ended) -> str:
    """The one line that a server which could not go on leaves on stderr."""
    assert ended.code == 1, ended
    assert re.fullmatch(r"Error: [^\n]+\.\n", ended.stderr), ended.stderr
    return ended.stderr.removeprefix("Error: ").rstrip("\n")


# Options


def test_help_names_all_that_can_be_set(run: Callable[..., Ended]) -> None:
    ended = run("serve", "--help")
    assert ended.code == 0
    for word in ("--host", "--port", "--data-dir", "--log-level", "--ephemeral", "--insecure"):
        assert word in ended.stdout
    for word in ("--tls-cert", "--tls-key", "--trusted-proxy", "--allow-origin", "--connections-per-address"):
        assert word in ended.stdout
        variable = "DOUBLETICK" + word.removeprefix("-").upper().replace("-", "_")
        assert f"envvar:{variable}" in re.sub(r"\s+", "", ended.stdout)
    for word in ("HOST", "PORT", "DATA_DIR", "LOG_LEVEL"):
        assert f"DOUBLETICK_{word};" in re.sub(r"\s+", " ", ended.stdout)
    assert "8080" in ended.stdout
    assert re.search(r"\n  serve +Serve the chat", run("--help").stdout)
    assert re.fullmatch(r"chat-server, version \d+\.\d+\.\d+\n", run("--version").stdout)


def test_help_loads_nothing_that_only_a_server_needs(run: Callable[..., Ended]) -> None:
    program = (
        "import sys; from chat_server.cli import main; main(['serve', '--help'], standalone_mode=False); "
        "print({'websockets', 'filelock', 'chat_server.server', 'chat_server.hub'} & set(sys.modules))"
    )
    assert run("-c", program, command=(sys.executable,)).stdout.endswith("\nset()\n")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_an_address_that_others_can_reach_is_refused(run: Callable[..., Ended], host: str) -> None:
    ended = run("serve", "--host", host)
    assert ended.code == 2
    assert f"Error: Others can reach {host}, and what they send would travel unencrypted: give" in ended.stderr


@pytest.mark.parametrize("host", ["example.org", "127.0.0", ""])
def test_a_host_that_is_none_is_refused(run: Callable[..., Ended], host: str) -> None:
    ended = run("serve", "--host", host)
    assert ended.code == 2
    assert f"{host!r} is no IP address" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "warning"), [(["--insecure"], OPEN_WARNING), (["--trusted-proxy", "192.0.2.2"], PROXY_NOTE)]
)
def test_an_address_that_others_can_reach_unencrypted_is_warned_of(
    run: Callable[..., Ended], arguments: list[str], warning: str
) -> None:
    ended = run("serve", "--host", "192.0.2.1", *arguments)  # which is an example's, and no machine's
    assert ended.code == 1
    assert (
        ended.stderr
        == f"{warning}\nError: 192.0.2.1 is no address of this machine; choose another one with --host.\n"
    )


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_refused(run: Callable[..., Ended], port: str) -> None:
    assert run("serve", f"--port={port}").code == 2


async def test_one_line_says_where_it_listens_and_where_its_data_is(launch: Launching, tmp_path: Path) -> None:
    launched = launch("--host", "localhost")
    assert re.fullmatch(r"Listening on ws://127\.0\.0\.1:\d+/ws, data in \S+\n", launched.line)
    assert launched.data == tmp_path / "xdg/doubletick"
    assert (launched.data / "snapshot.json").exists()
    assert await launched.end() == Ended(0, launched.line, "")


async def test_an_ipv6_address_is_written_in_brackets(launch: Launching, tmp_path: Path) -> None:
    try:
        sockets.create_server(("::1", 0), family=sockets.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no ::1")
    launched = launch("--host", "::1", "--data-dir", str(tmp_path / "data"))
    assert launched.url.startswith("ws://[::1]:")
    await (await greet(launched.url, "ann")).socket.close()


async def test_options_by_environment(launch: Launching, run: Callable[..., Ended], tmp_path: Path) -> None:
    with sockets.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    launched = launch(
        DOUBLETICK_HOST="localhost",
        DOUBLETICK_PORT=str(port),
        DOUBLETICK_DATA_DIR=str(tmp_path / "data"),
        DOUBLETICK_LOG_LEVEL="info",
    )
    assert launched.line == f"Listening on ws://127.0.0.1:{port}/ws, data in {tmp_path / 'data'}\n"
    assert "INFO websockets.server: server listening" in (await launched.end()).stderr
    assert run("serve", DOUBLETICK_HOST="0.0.0.0").code == 2


async def test_lists_by_environment_are_parted_by_commas(launch: Launching, run: Callable[..., Ended]) -> None:
    launched = launch(
        DOUBLETICK_TRUSTED_PROXY="192.0.2.0/24,127.0.0.1",
        DOUBLETICK_ALLOW_ORIGIN="https://chat.example, http://localhost:3000",
        DOUBLETICK_CONNECTIONS_PER_ADDRESS="1",
    )
    far = {"X-Forwarded-For": "203.0.113.9"}
    await (await dial(launched.url, additional_headers=far, origin="https://chat.example")).fence()
    await (await dial(launched.url, origin="http://localhost:3000")).fence()
    assert await (await dial(launched.url, additional_headers=far)).closed() == 1013
    assert run("serve", DOUBLETICK_TRUSTED_PROXY="127.0.0.1,0.0.0.0/0").code == 2
    assert run("serve", DOUBLETICK_ALLOW_ORIGIN="https://chat.example,*").code == 2


async def test_lists_by_options_are_given_one_by_one(launch: Launching) -> None:
    launched = launch(
        *("--trusted-proxy", "192.0.2.0/24", "--trusted-proxy", "127.0.0.1", "--connections-per-address", "2"),
        *("--allow-origin", "https://a.example", "--allow-origin", "https://b.example"),
    )
    far = {"X-Forwarded-For": "203.0.113.9, 192.0.2.7"}
    for origin in ("https://a.example", "https://b.example"):
        await (await dial(launched.url, additional_headers=far, origin=origin)).fence()
    assert await (await dial(launched.url, additional_headers=far)).closed() == 1013
    with pytest.raises(InvalidStatus, match="403"):
        await dial(launched.url, origin="https://c.example")


# TLS


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def pair(authority: Authority) -> Pair:
    return authority.issue("127.0.0.1")


def shown(peer: Peer) -> str:
    """The certificate that the server showed to this peer."""
    held = peer.socket.transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
    return ssl.DER_cert_to_PEM_cert(held).partition("-----END")[0]


async def until_shown(url: str, authority: Authority, pair: Pair) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while shown(await dial(url, ssl=authority.context())) != pair.text:
            pass


async def test_tls_from_the_first_line_to_the_end(launch: Launching, authority: Authority, pair: Pair) -> None:
    launched = launch("--tls-cert", str(pair.certificate), "--tls-key", str(pair.key))
    assert re.fullmatch(r"Listening on wss://127\.0\.0\.1:\d+/ws, data in \S+\n", launched.line)
    ann = await dial(launched.url, ssl=authority.context())
    with sockets.create_connection(("127.0.0.1", int(launched.url.split(":")[2].removesuffix("/ws")))) as silent:
        silent.send(b"GET / HTTP/1.1\r\n\r\n")  # which is no TLS
        await ann.fence()
    with sockets.create_connection(("127.0.0.1", int(launched.url.split(":")[2].removesuffix("/ws")))):
        await ann.fence()
        begun = time.monotonic()
        ended, code = await asyncio.gather(launched.end(), ann.closed())
        assert time.monotonic() - begun < ENDS_WITHIN_S
    assert code in (1001, 1012)
    assert ended == Ended(0, launched.line, "")


async def test_tls_by_environment(launch: Launching, authority: Authority, pair: Pair) -> None:
    launched = launch(DOUBLETICK_TLS_CERT=str(pair.certificate), DOUBLETICK_TLS_KEY=str(pair.key))
    await (await dial(launched.url, ssl=authority.context())).fence()


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
async def test_a_new_certificate_is_taken_by_sighup_and_nobody_is_cut(
    launch: Launching, authority: Authority, pair: Pair
) -> None:
    launched = launch("--tls-cert", str(pair.certificate), "--tls-key", str(pair.key))
    ann = await dial(launched.url, ssl=authority.context())
    assert shown(ann) == pair.text
    pair.take(authority.issue("127.0.0.1"))
    launched.process.send_signal(signal.SIGHUP)
    await until_shown(launched.url, authority, pair)
    await ann.fence()
    assert await launched.end() == Ended(0, launched.line, "")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
async def test_a_new_certificate_that_cannot_be_used_is_not_taken(
    launch: Launching, authority: Authority, pair: Pair
) -> None:
    launched = launch("--tls-cert", str(pair.certificate), "--tls-key", str(pair.key))
    old = pair.text
    pair.key.write_text("")
    launched.process.send_signal(signal.SIGHUP)
    assert launched.process.stderr is not None
    said = await asyncio.to_thread(launched.process.stderr.readline)
    assert said.endswith(
        f" ERROR chat_server.certificates: the certificate is still the one from before: {pair.key} "
        "holds no private key in PEM format.\n"
    )
    ann = await dial(launched.url, ssl=authority.context())
    assert shown(ann) == old
    new = authority.issue("127.0.0.1")
    pair.take(new)
    launched.process.send_signal(signal.SIGHUP)
    await until_shown(launched.url, authority, new)
    await ann.fence()


def test_files_of_tls_that_cannot_be_used(run: Callable[..., Ended], authority: Authority, pair: Pair) -> None:
    certificate, key = str(pair.certificate), str(pair.key)
    assert sentence(run("serve", "--tls-cert", certificate, "--tls-key", f"{key}.none")) == (
        f"{key}.none cannot be read: no such file or directory."
    )
    pair.key.write_bytes(authority.issue("127.0.0.1").key.read_bytes())
    assert sentence(run("serve", "--tls-cert", certificate, "--tls-key", key)) == (
        f"{key} is not the key of the certificate in {certificate}."
    )


@pytest.mark.parametrize(("given", "missing"), [("--tls-cert", "--tls-key"), ("--tls-key", "--tls-cert")])
def test_a_certificate_and_a_key_belong_together(
    run: Callable[..., Ended], pair: Pair, given: str, missing: str
) -> None:
    ended = run("serve", given, str(pair.certificate))
    assert ended.code == 2
    assert f"Error: --tls-cert and --tls-key belong together; {missing} is missing.\n" in ended.stderr


# What stands in the way


async def test_a_port_in_use(launch: Launching, run: Callable[..., Ended], tmp_path: Path) -> None:
    port = launch("--data-dir", str(tmp_path / "data")).url.split(":")[2].removesuffix("/ws")
    other = tmp_path / "other"
    assert sentence(run("serve", "--port", port, "--data-dir", str(other))) == (
        f"Port {port} of 127.0.0.1 is in use by another program; choose another one with --port."
    )
    assert not other.exists()


async def test_a_directory_in_use(launch: Launching, run: Callable[..., Ended], tmp_path: Path) -> None:
    launched = launch("--data-dir", str(tmp_path / "data"))
    assert sentence(run("serve", "--port", "0", "--data-dir", str(tmp_path / "data"))) == (
        f"{tmp_path / 'data'} is in use by process {launched.process.pid}. "
        "Stop that server, or choose another directory."
    )
    await (await greet(launched.url, "ann")).socket.close()


def test_a_file_in_the_directorys_place(run: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file/data"):
        assert sentence(run("serve", "--port", "0", "--data-dir", str(path))) == (
            f"{path} is not a directory. Choose another path for the data."
        )


def test_a_directory_that_may_not_be_written(run: Callable[..., Ended], tmp_path: Path) -> None:
    # To root all directories are writable, unless it gives up the capabilities that make them so.
    unprivileged = () if os.getuid() else ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
    if unprivileged and shutil.which("setpriv") is None:
        pytest.skip("needs another user than root, or setpriv")
    (tmp_path / "closed").mkdir(0o500)
    for path in (tmp_path / "closed", tmp_path / "closed/data"):
        ended = run("serve", "--port", "0", "--data-dir", str(path), command=(*unprivileged, *COMMAND))
        assert sentence(ended).startswith(f"{path} cannot be read and written by this user: ")


def test_a_damaged_snapshot(run: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "snapshot.json").write_text("{}")
    assert str(tmp_path / "snapshot.json") in sentence(run("serve", "--port", "0", "--data-dir", str(tmp_path)))


async def test_a_torn_journal_is_warned_of(launch: Launching, tmp_path: Path) -> None:
    launched = launch("--data-dir", str(tmp_path / "data"))
    await (await greet(launched.url, "ann")).socket.close()
    await launched.end(signal.SIGKILL)
    (journal,) = (tmp_path / "data").glob("journal-*.jsonl")
    journal.write_bytes(journal.read_bytes() + b'0badc0de {"seq')
    ended = await launch("--data-dir", str(tmp_path / "data")).end()
    assert ended.code == 0
    assert re.fullmatch(r"Warning: journal-\d+\.jsonl: the 14 bytes [^\n]+\n", ended.stderr)


# The end


@pytest.mark.parametrize(("by", "code"), [(signal.SIGTERM, 1012), (signal.SIGINT, 1001)])
async def test_a_signal_ends_it_cleanly(launch: Launching, tmp_path: Path, by: signal.Signals, code: int) -> None:
    launched = launch("--data-dir", str(tmp_path / "data"))
    ann, bob = await greet(launched.url, "ann"), await greet(launched.url, "bob")
    await ann.post("the last word")
    ended, *codes = await asyncio.gather(launched.end(by), ann.closed(), bob.closed())
    assert codes == [code, code]
    assert ended == Ended(0, launched.line, "")
    assert b"the last word" in (tmp_path / "data/snapshot.json").read_bytes()


async def test_a_signal_ends_it_soon_whatever_peers_do(launch: Launching, tmp_path: Path) -> None:
    launched = launch("--data-dir", str(tmp_path / "data"))
    ann, silent = await greet(launched.url, "ann"), await dial(launched.url)
    await deaf(launched.url, "deaf")
    port = int(launched.url.split(":")[2].removesuffix("/ws"))
    with sockets.create_connection(("127.0.0.1", port)):  # does not even ask for a WebSocket
        await ann.flood(800, "x" * CONTENT_CHARS_MAX)
        begun = time.monotonic()
        ended, *codes = await asyncio.gather(launched.end(), ann.closed(), silent.closed())
    assert time.monotonic() - begun < ENDS_WITHIN_S
    assert codes == [1012, 1012]
    assert (ended.code, ended.stdout) == (0, launched.line)


async def test_an_ephemeral_one_ends_with_its_input_and_leaves_nothing(launch: Launching, tmp_path: Path) -> None:
    launched = launch("--ephemeral")
    assert launched.data.is_relative_to(tmp_path / "tmp")
    ann = await greet(launched.url, "ann")
    await ann.post("hi")
    assert launched.process.stdin is not None
    launched.process.stdin.write("typed, and of no meaning\n")
    launched.process.stdin.close()
    launched.process.stdin = None
    ended, code = await asyncio.gather(launched.wait(), ann.closed())
    assert (ended, code) == (Ended(0, launched.line, ""), 1001)
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not (tmp_path / "xdg").exists()


async def test_an_ephemeral_one_ends_by_a_signal_while_its_input_is_open(
    launch: Launching, tmp_path: Path
) -> None:
    launched = launch("--ephemeral", DOUBLETICK_DATA_DIR=str(tmp_path / "data"))
    launched.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(launched.process.wait, ENDS_WITHIN_S) == 0
    assert await launched.wait() == Ended(0, launched.line, "")
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not (tmp_path / "data").exists()


def test_an_ephemeral_one_without_input_ends_at_once(run: Callable[..., Ended]) -> None:
    closed = ("sh", "-c", 'exec "$@" <&-', "sh", *COMMAND)
    for command in (COMMAND, closed):
        ended = run("serve", "--port", "0", "--ephemeral", command=command)
        assert (ended.code, ended.stderr) == (0, "")


def test_an_ephemeral_one_takes_no_directory(run: Callable[..., Ended], tmp_path: Path) -> None:
    ended = run("serve", "--ephemeral", "--data-dir", str(tmp_path))
    assert ended.code == 2
    assert "--ephemeral keeps nothing" in ended.stderr


# What is left


async def all_there_is(peer: Peer) -> list[Any]:
    answers = [
        peer.told[0],
        await peer.ask("history", room="general", after=0),
        await peer.ask("info", room="general", messageID=1),
        await peer.ask("members", room="attic"),
    ]
    return [{key: value for key, value in each.items() if key not in {"ref", "online"}} for each in answers]


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
async def test_the_next_one_gives_back_what_was(launch: Launching, tmp_path: Path, by: signal.Signals) -> None:
    launched = launch("--data-dir", str(tmp_path / "data"))
    ann, bob = await greet(launched.url, "ann"), await greet(launched.url, "bob")
    await ann.ask("join", room="attic")
    await ann.flood(20, "hi")
    kept = await ann.ask("post", room="general", nonce="kept", content="again")
    await bob.ask("read", room="general", ranges=[[1, 3], [7, 7]])
    await bob.socket.close()
    await ann.hear("presence", name="bob", online=False)
    again = await greet(launched.url, "ann")
    before = await all_there_is(again)
    await asyncio.gather(launched.end(by), ann.closed(), again.closed())

    ann = await greet(launch("--data-dir", str(tmp_path / "data")).url, "ann")
    assert await all_there_is(ann) == before
    assert (await ann.ask("post", room="general", nonce="kept", content="again"))["messageID"] == kept["messageID"]
    assert await ann.post("new") == kept["messageID"] + 1


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process's file size, by prlimit(2)")
async def test_a_limit_of_file_size_ends_it_and_loses_nothing_that_was_acknowledged(
    launch: Launching, tmp_path: Path
) -> None:
    import resource

    launched = launch("--data-dir", str(tmp_path / "data"))
    ann = await greet(launched.url, "ann")
    resource.prlimit(launched.process.pid, resource.RLIMIT_FSIZE, (50_000, 50_000))
    acknowledged = 0
    with suppress(ConnectionClosed):
        while True:
            acknowledged = await ann.post("x" * CONTENT_CHARS_MAX)
    assert 0 < acknowledged < 7
    assert ann.socket.close_code == 1001
    ended = await launched.wait()
    said = sentence(ended)
    assert said.startswith("The disk failed, so the server stops: journal-")
    assert "File too large (EFBIG). All that was acknowledged is in" in said

    ann = await greet(launch("--data-dir", str(tmp_path / "data")).url, "ann")
    history = await ann.ask("history", room="general", after=0)
    assert len(history["messages"]) >= acknowledged


async def test_a_bug_leaves_a_traceback_and_what_was_acknowledged(launch: Launching, tmp_path: Path) -> None:
    program = (
        "from chat_server.serving import Serving\n"
        "def fail(*_): raise AssertionError('planted')\n"
        "Serving._listings = fail\n"
        "from chat_server.cli import main\n"
        "main()"
    )
    launched = launch("--data-dir", str(tmp_path / "data"), command=(sys.executable, "-c", program))
    ann = await greet(launched.url, "ann")
    await ann.post("hi")
    await ann.send("rooms")
    ended, code = await asyncio.gather(launched.wait(), ann.closed())
    assert (ended.code, code) == (1, 1001)
    assert ended.stderr.startswith("Traceback")
    assert ended.stderr.endswith("AssertionError: planted\n")
    ann = await greet(launch("--data-dir", str(tmp_path / "data")).url, "ann")
    assert ann.told[0]["rooms"][0]["lastId"] == 1


async def test_no_log_holds_what_people_write(launch: Launching, tmp_path: Path) -> None:
    launched = launch("--data-dir", str(tmp_path / "data"), "--log-level", "debug")
    ann = await greet(launched.url, "ann")
    await ann.post("a secret word")
    await ann.ask("dance", content="a secret word")
    await ann.socket.send('{"a secret word"')
    await ann.closed()
    ended = await launched.end()
    assert "DEBUG" in ended.stderr
    assert "secret" not in ended.stderr


@pytest.mark.skipif(os.name != "posix", reason="limits open files by the shell's ulimit")
async def test_fewer_open_files_mean_fewer_connections_and_no_failure(launch: Launching, tmp_path: Path) -> None:
    limited = ("sh", "-c", 'ulimit -n 100 && exec "$@"', "sh", *COMMAND)
    launched = launch("--data-dir", str(tmp_path / "data"), command=limited)
    everybody = [await greet(launched.url, f"n{at}") for at in range(100 - 75)]
    late = [await dial(launched.url) for _ in range(10)]
    assert [await each.closed() for each in late] == [1013] * 10
    await everybody[0].post("hi")
    ended = await launched.end()
    assert (ended.code, ended.stderr) == (0, "")
