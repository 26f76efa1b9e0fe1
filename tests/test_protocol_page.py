"""`docs/protocol.md` says what the code does: its examples decode, its numbers and words are the code's."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

import chat_server
from chat_server import answers, changes, fanout, handshake, marks, people, room, server
from chat_server.protocol import (
    AcknowledgedBy,
    AnyFrame,
    AnyRequest,
    CloseCode,
    Hit,
    Horizon,
    Limits,
    PageAcknowledgement,
    PageReceipt,
    ReadBy,
    Resume,
    RoomCursor,
    RoomListing,
    RoomSummary,
    decode_frame,
    decode_request,
    encode,
    limits,
)
from chat_server.protocol.proofs import (
    CODE_CHARS,
    Signer,
    client_lines,
    code_digest,
    is_signed,
    server_lines,
    text_of,
)

PAGE = (Path(__file__).parents[1] / "docs/protocol.md").read_text(encoding="utf-8")
EXAMPLES = [
    (arrow, example.strip())
    for block in re.findall(r"^```\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for arrow, example in re.findall(r"^([→←]) (.*?)(?=^[→←]|\Z)", block, re.DOTALL | re.MULTILINE)
]
REQUESTS = [example for arrow, example in EXAMPLES if arrow == "→"]
FRAMES = [example for arrow, example in EXAMPLES if arrow == "←"]
PARTS = [Hit, Horizon, Limits, PageReceipt, ReadBy, Resume, RoomCursor, RoomListing, RoomSummary]
PARTS += [AcknowledgedBy, PageAcknowledgement]


def tags(union: Any) -> set[Any]:
    return {msgspec.inspect.type_info(each).tag for each in get_args(union)}  # type: ignore[attr-defined]


def section(title: str) -> str:
    found = re.search(rf"^##+ {title}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, title
    return found[1]


def test_every_line_of_an_example_is_part_of_a_frame() -> None:
    blocks = re.findall(r"^```\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) == PAGE.count("```") // 2
    assert all(block[0] in "→←" for block in blocks)


@pytest.mark.parametrize("example", REQUESTS, ids=lambda each: each[:40])
def test_an_example_to_the_server_is_a_request(example: str) -> None:
    assert json.loads(encode(decode_request(example))) == json.loads(example)


@pytest.mark.parametrize("example", FRAMES, ids=lambda each: each[:40])
def test_an_example_from_the_server_is_a_frame_as_it_is_written(example: str) -> None:
    frame = decode_frame(example)
    assert frame is not None
    assert list(json.loads(encode(frame)).items()) == list(json.loads(example).items())


def test_the_first_conversation_is_truly_signed() -> None:
    frames = [json.loads(each) for _, each in EXAMPLES[:3]]
    greeting, challenge, proof = frames
    assert [each["type"] for each in frames] == ["hello", "challenge", "prove"]
    assert greeting["key"] == Signer(sha256(greeting["name"].encode()).digest()).public
    assert challenge["server"] == Signer(sha256(b"server").digest()).public
    said = (greeting["nonce"], challenge["nonce"], challenge["server"])
    assert is_signed(server_lines(*said), challenge["signature"], challenge["server"])
    assert is_signed(client_lines(*said, greeting["name"], greeting["key"]), proof["signature"], greeting["key"])


def test_what_is_signed_is_as_the_table_says() -> None:
    rows = re.findall(r"^\| \d \|(.*?)\|(.*?)\|$", section("hello and prove"), re.MULTILINE)
    words = {
        "the client's nonce": "cn",
        "the server's nonce": "sn",
        "`server`": "sk",
        "`name`, as sent in `hello`": "ann",
        "`key`": "k",
    }
    cells = zip(*((left.strip(), right.strip()) for left, right in rows), strict=True)
    server, client = ([words.get(each, each.strip("`")) for each in column if each] for column in cells)
    assert server_lines("cn", "sn", "sk") == "\n".join(server).encode()
    assert client_lines("cn", "sn", "sk", "ann", "k") == "\n".join(client).encode()


def test_the_codes_are_as_documented() -> None:
    (code,) = re.findall(r"written `([0-9A-Z-]+)`", PAGE)
    assert f'"digest":"{code_digest(code)}"' in PAGE
    assert len(code.replace("-", "")) == CODE_CHARS == 20
    assert code_digest(code) == text_of(sha256(code.replace("-", "").encode()).digest())


def test_every_type_has_an_example() -> None:
    assert {json.loads(each)["type"] for each in REQUESTS} == tags(AnyRequest)
    assert {json.loads(each)["type"] for each in FRAMES} == tags(AnyFrame)


@pytest.mark.parametrize("struct", [*get_args(AnyRequest), *get_args(AnyFrame), *PARTS])
def test_every_field_is_named(struct: Any) -> None:
    fields = {each.encode_name for each in msgspec.structs.fields(struct)}
    assert [each for each in fields if f"`{each}`" not in PAGE and f'"{each}"' not in PAGE] == []


def test_the_limits_are_the_codes() -> None:
    written = dict(re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", section("Limits"), re.MULTILINE))
    known = {
        **{name: value for name, value in vars(limits).items() if name.endswith("_MAX")},
        **{
            name: getattr(fanout, name)
            for name in ("PIPELINE_MAX", "OUTGOING_BYTES_MAX", "BACKLOG_BYTES_MAX", "STALL_S")
        },
        "CHANGES_MAX": changes.CHANGES_MAX,
        "HORIZON_SCAN_MAX": room.HORIZON_SCAN_MAX,
        "REACTORS_MAX": marks.REACTORS_MAX,
        "CHANGES_BYTES_MAX": answers.CHANGES_BYTES_MAX,
        **{name: getattr(handshake, name) for name in ("OPEN_S", "CLOSE_S", "PING_S")},
        **{
            name: getattr(server, name)
            for name in ("CONNECTIONS_MAX", "UNGREETED_BYTES_MAX", "UNGREETED_MAX", "HELLO_S")
        },
    }
    assert {name: int(value) for name, value in written.items()} == known


def test_the_limits_in_the_text_are_those_of_the_table() -> None:
    assert "at most 32 characters" in section("Names").lower()
    for words, value in (
        ("1\N{EN DASH}8,000 characters", limits.CONTENT_CHARS_MAX),
        ("1\N{EN DASH}1,000 pairs", limits.RANGES_MAX),
        ("has 1,000 members", limits.MEMBERS_MAX),
        ("there are 1,000 rooms", limits.ROOMS_MAX),
        ("1\N{EN DASH}200: how many", limits.PAGE_MAX),
        ("the last 1,000 deletions", changes.CHANGES_MAX),
        ("edited 1,000 times", limits.EDITIONS_MAX),
        ("1\N{EN DASH}16 characters", limits.EMOJI_CHARS_MAX),
        ("takes 20 different reactions", limits.REACTIONS_MAX),
        ("and 1,000 in all", marks.REACTORS_MAX),
        ("at most 50 pins", limits.PINS_MAX),
        ("more than 2 MiB\nof text", limits.PINS_BYTES_MAX),
        ("or more than\n   2 MiB", answers.CHANGES_BYTES_MAX),
        ("at most 1,000 pairs", limits.RANGES_MAX),
        ("before 9007199254740991", limits.ID_MAX),
        ("larger than 128 KiB", limits.REQUEST_BYTES_MAX),
        ("or than 16 KiB before `welcome`", server.UNGREETED_BYTES_MAX),
        ("after 512 KiB of content", limits.PAGE_BYTES_MAX),
        ("or 2 MiB of receipts", limits.PAGE_RECEIPTS_BYTES_MAX),
        ("as 8 MiB wait", fanout.OUTGOING_BYTES_MAX),
        ("as 256 MiB wait", fanout.BACKLOG_BYTES_MAX),
        ("While 8 of", fanout.PIPELINE_MAX),
        ("after 10 to 20 seconds", fanout.STALL_S),
        ("within 10 seconds of connecting", server.HELLO_S),
        ("has at most\n32 keys", people.KEYS_MAX),
        ("the name has 32 keys", people.KEYS_MAX),
        ("there are 10,000 codes", people.INVITATIONS_MAX),
    ):
        assert words in PAGE
        number, unit = re.findall(r"(?:\d\N{EN DASH})?([\d,]+)(?: (KiB|MiB))?", words)[0]
        assert int(number.replace(",", "")) * {"": 1, "KiB": 1024, "MiB": 1024**2}[unit] == value


def test_the_address_is_the_codes() -> None:
    assert f"ws://HOST:{limits.DEFAULT_PORT}{limits.PATH}" in PAGE
    assert f"`{limits.SUBPROTOCOL}`" in PAGE
    assert f"`{limits.LOBBY}`" in PAGE
    assert f"# Protocol, version {limits.VERSION}\n" in PAGE


def test_the_close_codes_are_the_codes() -> None:
    written = [int(code) for code in re.findall(r"^\| (\d{4}) \|", section("Close codes"), re.MULTILINE)]
    assert written == sorted(value for name, value in vars(CloseCode).items() if name.isupper())


def test_the_refusals_are_the_hubs() -> None:
    package = Path(chat_server.__file__).parent
    names = ("hub", "serving", "entering", "refusals", "admission", "moderation", "deeds", "directs", "settings")
    source = "".join((package / f"{name}.py").read_text(encoding="utf-8") for name in names)
    given = set(re.findall(r'(?:refuse\(connection, |return |Refusal\(\s*|code=)"([a-z-]+)"', source))
    written = re.findall(r"^\| `([a-z-]+)` \|", section("Requests and answers"), re.MULTILINE)
    assert set(written) == given
    assert len(written) == len(given)


def test_links_within_the_page_lead_somewhere() -> None:
    titles = re.findall(r"^##+ (.*)", PAGE, re.MULTILINE)
    headings = {re.sub(r"[^a-z -]", "", each.lower()).replace(" ", "-") for each in titles}
    assert set(re.findall(r"\]\(#([a-z-]+)\)", PAGE)) <= headings
