"""`chat-server user …` and `chat-server invite`: what they say, and what they do to a running server."""

import asyncio
import re
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from chat_server import administration
from chat_server.administration import Lasting
from chat_server.cli import main
from tests.chat_server.peers import Peer, greet
from tests.chat_server.processes import Process, Starting
from tests.chat_server.stores import modes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="orders need a Unix socket")

CODE = r"[0-9A-HJKMNP-TV-Z]{5}(?:-[0-9A-HJKMNP-TV-Z]{5}){3}"
COMMANDS: list[Sequence[str]] = [
    ("user", "list"),
    ("user", "reset", "bob"),
    ("user", "remove", "--yes", "bob"),
    ("user", "rename", "bob", "ben"),
    ("user", "ban", "bob"),
    ("user", "unban", "bob"),
    ("user", "promote", "bob"),
    ("user", "demote", "bob"),
    ("invite",),
]


def run(*arguments: str, data: Path, answer: str | None = None) -> Result:
    return CliRunner(env={"DOUBLETICK_DATA_DIR": str(data)}).invoke(main, arguments, input=answer)


async def said(*arguments: str, data: Path, answer: str | None = None) -> str:
    """What a command that succeeds says on both outputs."""
    done = await asyncio.to_thread(run, *arguments, data=data, answer=answer)
    assert done.exit_code == 0, done.output
    return done.output


async def refused(*arguments: str, data: Path) -> str:
    """The one sentence of a command that fails."""
    done = await asyncio.to_thread(run, *arguments, data=data)
    assert (done.exit_code, done.stdout) == (1, "")
    assert isinstance(done.exception, SystemExit)
    assert re.fullmatch(r"Error: [^\n]+\.\n", done.stderr), done.stderr
    return done.stderr.removeprefix("Error: ").rstrip("\n")


async def listed(data: Path) -> dict[str, list[str]]:
    """The states of everybody, by name."""
    heading, *lines = (await said("user", "list", data=data)).splitlines()
    assert re.fullmatch(r"NAME +SINCE +KEYS +STATE", heading)
    rows = [re.fullmatch(r"(\S+) +(\d{4}-\d\d-\d\d) +(\d+) *(.*)", line) for line in lines]
    return {row[1]: [row[3], *filter(None, row[4].split(", "))] for row in rows if row}


def code_in(text: str, url: str, name: str) -> str:
    """The code of the one line that somebody is to type."""
    found = re.findall(rf"^ *chat-tui --server (\S+) --name (\S+) --invite ({CODE})$", text, re.MULTILINE)
    [(server, whose, code)] = found
    assert (server, whose) == (url, name)
    assert isinstance(code, str)
    return code


async def answer_to(url: str, name: str, *, key: str = "", invite: str | None = None) -> str:
    """What becomes of an attempt to get in: "welcome", or why not."""
    peer = await greet(url, name, key=key, invite=invite)
    told = peer.told[0]
    await peer.socket.close()
    return str(told.get("code", told["type"]))


async def expelled(peer: Peer) -> bool:
    """Whether this connection is ended by the host."""
    assert await peer.closed() == 1008
    return bool(peer.told[-1]["code"] == "expelled")


@pytest.fixture
def server(start: Starting, tmp_path: Path) -> Process:
    return start(tmp_path / "data")


# Without a server


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
async def test_without_a_server_it_is_a_sentence(tmp_path: Path, command: Sequence[str]) -> None:
    assert await refused(*command, data=tmp_path) == (
        f"No server is running on {tmp_path}. Start it with `chat-server serve --data-dir {tmp_path}`."
    )


async def test_after_a_killed_server_it_is_the_same_sentence_until_the_next_starts(
    start: Starting, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    killed = start(data)
    await (await greet(killed.url, "ann")).socket.close()
    killed.process.kill()
    await killed.ended()
    assert (data / "admin.sock").is_socket()
    assert "No server is running" in await refused("user", "list", data=data)
    start(data)
    assert await listed(data) == {"ann": ["1", "admin"]}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
async def test_nobody_has_the_name(server: Process, command: Sequence[str]) -> None:
    if "bob" in command and command[1] not in {"promote", "demote"}:
        assert await refused(*command, data=server.data) == (
            "Nobody here is named 'bob'; `chat-server user list` shows who is."
        )
    else:
        await said(*command, data=server.data)


async def test_a_directory_may_have_a_path_of_any_length(start: Starting, tmp_path: Path) -> None:
    data = tmp_path / ("d" * 200)
    start(data)
    assert await said("user", "list", "--data-dir", str(data), data=tmp_path) == (
        "NAME  SINCE  KEYS  STATE\nNobody has come yet.\n"
    )
    assert modes(data)["admin.sock"] == 0o600


# Who is there


async def test_everybody_is_listed(server: Process) -> None:
    ann = await greet(server.url, "ann")
    assert await answer_to(server.url, "Zo\u00eb") == "welcome"
    await ann.hear("presence", name="Zo\u00eb", online=False)
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    assert await said("user", "list", data=server.data) == (
        f"NAME  SINCE       KEYS  STATE\nann   {today}  1     online, admin\nZo\u00eb   {today}  1\n"
    )


# New people


async def test_an_invitation_lets_one_in(start: Starting, tmp_path: Path) -> None:
    server = start(tmp_path / "data", "--join", "invite")
    done = await asyncio.to_thread(run, "invite", data=server.data)
    assert done.stderr == "Good for one person, within 7 days:\n"
    assert done.stdout.count("\n") == 1
    code = code_in(done.stdout, server.url, "YOURNAME")
    assert await answer_to(server.url, "ann") == "invite-needed"
    assert await answer_to(server.url, "ann", invite=code.lower()) == "welcome"
    assert await answer_to(server.url, "bob", invite=code) == "invite-wrong"
    assert await answer_to(server.url, "ann") == "welcome"


async def test_an_invitation_for_several_or_for_one_name(start: Starting, tmp_path: Path) -> None:
    server = start(tmp_path / "data", "--join", "invite", "--url", "wss://chat.example/ws")
    told = await said("invite", "--uses", "2", "--expires", "36h", data=server.data)
    assert "Good for 2 people, within 36 hours:\n" in told
    code = code_in(told, "wss://chat.example/ws", "YOURNAME")
    for name in ("ann", "bob"):
        assert await answer_to(server.url, name, invite=code) == "welcome"
    assert await answer_to(server.url, "cid", invite=code) == "invite-wrong"
    told = await said("invite", "--name", "d'an", data=server.data)
    code = code_in(told, "wss://chat.example/ws", shlex.quote("d'an"))
    assert await answer_to(server.url, "cid", invite=code) == "invite-wrong"
    assert await answer_to(server.url, "d'an", invite=code) == "welcome"
    assert await refused("invite", "--name", "a b", data=server.data) == "The name holds a space: U+0020."


async def test_an_admin_is_appointed_at_the_start(start: Starting, tmp_path: Path) -> None:
    first = start(tmp_path / "data", "--join", "invite", "--admin", "ann")
    assert first.said() == "Whoever types this is ann, an admin, within 1 day, once:\n"
    code = code_in(first.said(), first.url, "ann")
    assert await listed(first.data) == {"ann": ["0", "admin", "waits for a code"]}
    assert await answer_to(first.url, "ann", key="eve") == "name-taken"
    assert await answer_to(first.url, "ann", invite=code) == "welcome"
    assert (await first.end())[0] == 0
    second = start(tmp_path / "data", "--join", "invite", "--admin", "ann")
    assert await listed(second.data) == {"ann": ["1", "admin"]}
    second.process.terminate()
    assert second.said() == ""
    await second.ended()


# What is done to a name


async def test_a_reset_name_waits_for_its_code(server: Process) -> None:
    ann, bob = await greet(server.url, "ann"), await greet(server.url, "bob")
    told = await said("user", "reset", "bob", "--expires", "30m", data=server.data)
    assert told.startswith("No key speaks for bob any more. Whoever types this does, within 30 minutes, once:\n")
    code = code_in(told, server.url, "bob")
    assert await expelled(bob)
    assert (await listed(server.data))["bob"] == ["0", "waits for a code"]
    assert await answer_to(server.url, "bob") == "name-taken"
    assert await answer_to(server.url, "bob", key="bob 2", invite=code) == "welcome"
    assert await answer_to(server.url, "bob", key="bob 2") == "welcome"
    assert await answer_to(server.url, "bob") == "name-taken"
    assert (await ann.ask("members", room="general"))["members"] == ["ann", "bob"]


async def test_a_removed_name_is_gone_for_good(server: Process) -> None:
    ann, bob = await greet(server.url, "ann"), await greet(server.url, "bob")
    asked = await asyncio.to_thread(run, "user", "remove", "bob", data=server.data, answer="n\n")
    assert asked.exit_code == 1
    assert "Remove bob for good? [y/N]: n\nAborted!" in asked.output
    assert (await bob.ask("rooms"))["type"] == "rooms"
    told = await said("user", "remove", "bob", data=server.data, answer="y\n")
    assert told.endswith("bob was removed.\n")
    assert await expelled(bob)
    await ann.hear("left", name="bob")
    assert await answer_to(server.url, "bob") == "removed"
    assert (await listed(server.data))["bob"] == ["0", "removed"]
    assert await refused("user", "ban", "bob", data=server.data) == "The name bob was removed."


async def test_a_renamed_one_comes_back_as_another(server: Process) -> None:
    ann, bob = await greet(server.url, "ann"), await greet(server.url, "bob")
    await bob.post("hi")
    assert await said("user", "rename", "bob", "ben", data=server.data) == "bob is ben now.\n"
    assert await expelled(bob)
    await ann.hear("renamed", room="general", name="bob", to="ben")
    assert await answer_to(server.url, "bob") == "renamed"
    assert await answer_to(server.url, "ben", key="bob") == "welcome"
    assert (await ann.ask("history", room="general", after=0))["messages"][0]["sender"] == "ben"
    people = await listed(server.data)
    assert (people["bob"], people["ben"]) == (["0", "now ben"], ["1"])


async def test_a_banned_one_stays_out_until_let_in(server: Process) -> None:
    _, bob = await greet(server.url, "ann"), await greet(server.url, "bob")
    for _ in range(2):
        assert await said("user", "ban", "bob", data=server.data) == "bob is banned.\n"
    assert await expelled(bob)
    assert await answer_to(server.url, "bob") == "banned"
    assert (await listed(server.data))["bob"] == ["1", "banned"]
    assert await said("user", "unban", "bob", data=server.data) == "bob is not banned.\n"
    assert await answer_to(server.url, "bob") == "welcome"


async def test_an_admin_is_made_and_unmade(server: Process) -> None:
    ann, bob = await greet(server.url, "ann"), await greet(server.url, "bob")
    await ann.post("hi")
    assert (await bob.ask("delete", room="general", messageID=1))["code"] == "not-allowed"
    assert await said("user", "promote", "bob", data=server.data) == "bob is an admin.\n"
    assert (await listed(server.data))["bob"] == ["1", "online", "admin"]
    assert (await bob.ask("delete", room="general", messageID=1))["type"] == "ok"
    assert await said("user", "demote", "bob", data=server.data) == "bob is no admin.\n"
    assert (await bob.ask("mute", room="general", name="ann"))["code"] == "not-allowed"


async def test_what_was_ordered_is_there_after_a_restart(start: Starting, tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = start(data)
    for name in ("ann", "bob", "cid"):
        assert await answer_to(first.url, name) == "welcome"
    await said("user", "ban", "bob", data=data)
    await said("user", "rename", "cid", "kit", data=data)
    code = code_in(await said("invite", "--name", "bob", data=data), first.url, "bob")
    first.process.kill()
    await first.ended()
    second = start(data)
    assert await listed(data) == {
        "ann": ["1", "admin"],
        "bob": ["1", "banned"],
        "cid": ["0", "now kit"],
        "kit": ["1"],
    }
    await said("user", "unban", "bob", data=data)
    assert await answer_to(second.url, "bob", key="bob 2", invite=code) == "welcome"


# The command line


@pytest.mark.parametrize(
    ("text", "lasts_ms"),
    [("1m", 60_000), ("90m", 5_400_000), ("12h", 43_200_000), ("7d", 604_800_000), ("52w", 31_449_600_000)],
)
def test_a_time_span(text: str, lasts_ms: int) -> None:
    assert Lasting().convert(text, None, None) == lasts_ms
    assert Lasting().convert(lasts_ms, None, None) == lasts_ms


@pytest.mark.parametrize("text", ["", "0m", "7", "d", "-1d", "1.5h", "7 d", "7D", "367d", "53w", "9999999m", "٣d"])
def test_what_is_no_time_span(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no time span; say 30m, 12h, 7d or 2w, up to a year"):
        Lasting().convert(text, None, None)


@pytest.mark.parametrize(
    ("lasts_ms", "words"),
    [
        (60_000, "1 minute"),
        (90 * 60_000, "90 minutes"),
        (3_600_000, "1 hour"),
        (36 * 3_600_000, "36 hours"),
        (86_400_000, "1 day"),
        (14 * 86_400_000, "14 days"),
    ],
)
def test_a_time_span_in_words(lasts_ms: int, words: str) -> None:
    assert administration._span(lasts_ms) == words


@pytest.mark.parametrize(
    "arguments",
    [
        ("invite", "--uses", "0"),
        ("invite", "--uses", "10001"),
        ("invite", "--expires", "soon"),
        ("user", "reset", "bob", "--expires", "2y"),
        ("user", "reset"),
        ("user", "rename", "bob"),
    ],
)
def test_a_mistake_is_explained(tmp_path: Path, arguments: Sequence[str]) -> None:
    done = run(*arguments, data=tmp_path)
    assert done.exit_code == 2
    assert "Error: " in done.stderr


@pytest.mark.parametrize(
    "command", [["invite"], ["user"], *(["user", each] for each in administration.user.commands)]
)
def test_each_help_says_what_it_does_in_whole_sentences(tmp_path: Path, command: list[str]) -> None:
    text = run(*command, "--help", data=tmp_path).output
    assert len(text.splitlines()) < 25
    summary = text.split("\n\n")[1].strip()
    assert summary.endswith((".", ":"))
    if command != ["user"]:
        assert "--data-dir" in text


def test_both_are_commands_of_the_server(tmp_path: Path) -> None:
    text = run("--help", data=tmp_path).output
    assert re.search(r"^  invite +Show a line", text, re.MULTILINE)
    assert re.search(r"^  user +See and change who", text, re.MULTILINE)
