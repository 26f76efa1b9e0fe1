"""Directories and exports that earlier versions wrote are read as what they were; see `golden/README.md`."""

import shutil
from pathlib import Path

import msgspec
import pytest

from chat_server.chat import Chat
from chat_server.people import Invitation, PeopleState, Person
from chat_server.snapshot import parse_snapshot
from chat_server.store import LocalDisk, Store
from chat_server.store.exchange import export_lines
from chat_server.store.importing import read_export
from chat_server.store.layout import SNAPSHOT
from chat_server.store.recovery import recover
from tests.chat_server.chats import values
from tests.chat_server.conftest import Starting
from tests.chat_server.peers import greet
from tests.chat_server.rooms import as_values
from tests.chat_server.stores import contents
from tests.chat_server.test_maintenance import said

GOLDEN = Path(__file__).parent / "golden"
FIRST = ["fresh", "journal-tail", "previous-generation", "restored", "torn-tail", "unicode"]
"""As version 1 left them."""
SECOND = ["people", "upgraded"]
THIRD = ["messages", "sharing"]
NAMES = [*FIRST, *SECOND, *THIRD]
TORN = 249
"""Bytes of the commit that was cut short."""


def copied(name: str, to: Path) -> Path:
    """The directory, as a server that is going to write in it finds its own."""
    directory = shutil.copytree(GOLDEN / name, to)
    directory.chmod(0o700)
    return directory


def people_of(name: str) -> PeopleState:
    """Who is in the directory."""
    if name in FIRST:
        return Chat().people.freeze()
    text = (GOLDEN / f"{name}.people.json").read_bytes()

    class People(msgspec.Struct, forbid_unknown_fields=True):
        seed: str
        persons: dict[str, Person]
        invitations: dict[str, Invitation]

    told = msgspec.json.decode(text, type=People)
    return PeopleState(told.seed, told.persons, told.invitations)


def test_every_directory_is_among_them_and_small() -> None:
    assert sorted(path.name for path in GOLDEN.iterdir() if path.is_dir()) == sorted(NAMES)
    files = [path for path in GOLDEN.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 50_000


@pytest.mark.parametrize("name", NAMES)
def test_a_directory_opens_as_what_it_was(tmp_path: Path, name: str) -> None:
    directory = copied(name, tmp_path / name)
    expected = (GOLDEN / f"{name}.jsonl").read_bytes()
    store = Store.open(directory)
    store._close()
    assert [warning.split(" from byte")[0] for warning in store.warnings] == (
        [f"journal-{1:016}.jsonl: the {TORN} bytes"] if name == "torn-tail" else []
    )
    recovered = recover(LocalDisk(), directory)
    assert store.epoch == recovered.head.epoch
    states = [room.freeze() for room in recovered.rooms.values()]
    assert b"".join(export_lines(recovered.head, recovered.sequence, states)) == expected
    assert store.chat.people.freeze() == people_of(name)
    assert list(store.chat.people.freeze().persons) == list(people_of(name).persons)


@pytest.mark.parametrize("name", FIRST)
def test_an_export_of_version_1_is_read_as_the_directory(name: str) -> None:
    told = read_export(Path(f"{name}.jsonl"), [(GOLDEN / f"{name}.jsonl").read_bytes()])
    assert [as_values(state) for state in told] == values(recover(LocalDisk(), GOLDEN / name).chat)[1:]


@pytest.mark.parametrize("name", NAMES)
def test_whoever_only_looks_sees_the_same(tmp_path: Path, name: str) -> None:
    before = contents(GOLDEN / name)
    said("check", GOLDEN / name)
    said("export", GOLDEN / name, tmp_path / "export.jsonl")
    assert (tmp_path / "export.jsonl").read_bytes() == (GOLDEN / f"{name}.jsonl").read_bytes()
    assert contents(GOLDEN / name) == before


@pytest.mark.parametrize("name", NAMES)
def test_an_export_is_imported_as_what_it_was_exported_of(tmp_path: Path, name: str) -> None:
    file = GOLDEN / f"{name}.jsonl"
    said("import", file, tmp_path / "new")
    assert said("export", tmp_path / "new").splitlines()[1:] == file.read_text("utf-8").splitlines()[1:]
    assert recover(LocalDisk(), tmp_path / "new").chat.people.freeze() == Chat().people.freeze()


@pytest.mark.parametrize("name", NAMES)
async def test_a_server_goes_on_in_todays_version_and_has_a_key(
    starting: Starting, tmp_path: Path, name: str
) -> None:
    directory = copied(name, tmp_path / name)
    before = recover(LocalDisk(), directory).chat
    running = await starting(directory)
    ann = await greet(running.url, "ann")
    assert ann.told[0]["type"] == "welcome"
    last_id = before.rooms["general"].last_id if before.rooms else 0
    assert ann.told[0]["rooms"][0]["lastId"] == last_id
    await running.end()
    await running.store.close()
    snapshot = parse_snapshot((directory / SNAPSHOT).read_bytes())
    assert b'"version":3,' in (directory / SNAPSHOT).read_bytes()
    assert snapshot.chat.people.seed
    assert before.people.seed in ("", snapshot.chat.people.seed)
    assert snapshot.chat.people.persons["ann"].admin
    assert {each.name for each in snapshot.chat.rooms} == {*before.rooms, "general"}
    again = await starting(directory)
    assert (await greet(again.url, "ann")).told[0]["type"] == "welcome"


def test_a_text_that_was_hard_to_keep_is_there() -> None:
    message = recover(LocalDisk(), GOLDEN / "unicode").rooms["кафе"].messages[0]
    assert message.sender == "李雷"
    assert message.content == (
        "你好 世界 👩\u200d👩\u200d👧 — “quoted”\n\ttab, back\\slash, "
        "NUL \x00, ESC \x1b[31m, RLO \u202e, ZWSP \u200b, LS \u2028"
    )
