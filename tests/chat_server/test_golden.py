"""Directories and exports that earlier versions wrote are read as what they were; see `golden/README.md`."""

import shutil
from pathlib import Path

import pytest

from chat_server.room import Room
from chat_server.store import LocalDisk, Store
from chat_server.store.exchange import export_lines
from chat_server.store.importing import read_export
from chat_server.store.recovery import recover
from tests.chat_server.chats import values
from tests.chat_server.stores import contents
from tests.chat_server.test_maintenance import said

GOLDEN = Path(__file__).parent / "golden"
NAMES = ["fresh", "journal-tail", "previous-generation", "restored", "torn-tail", "unicode"]
TORN = 249
"""Bytes of the commit that was cut short."""


def test_every_directory_is_among_them_and_small() -> None:
    assert sorted(path.name for path in GOLDEN.iterdir() if path.is_dir()) == NAMES
    files = [path for path in GOLDEN.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 50_000


@pytest.mark.parametrize("name", NAMES)
def test_a_directory_opens_as_what_it_was(tmp_path: Path, name: str) -> None:
    directory = shutil.copytree(GOLDEN / name, tmp_path / name)
    directory.chmod(0o700)
    expected = (GOLDEN / f"{name}.jsonl").read_bytes()
    store = Store.open(directory)
    store._close()
    assert [warning.split(" from byte")[0] for warning in store.warnings] == (
        [f"journal-{1:016}.jsonl: the {TORN} bytes"] if name == "torn-tail" else []
    )
    told = read_export(Path(f"{name}.jsonl"), [expected])
    assert values(store.rooms) == values({state.name: Room.thaw(state) for state in told})
    recovered = recover(LocalDisk(), directory)
    assert store.epoch == recovered.head.epoch
    states = [room.freeze() for room in recovered.rooms.values()]
    assert b"".join(export_lines(recovered.head, recovered.sequence, states)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_whoever_only_looks_sees_the_same(tmp_path: Path, name: str) -> None:
    before = contents(GOLDEN / name)
    said("check", GOLDEN / name)
    said("export", GOLDEN / name, tmp_path / "export.jsonl")
    assert (tmp_path / "export.jsonl").read_bytes() == (GOLDEN / f"{name}.jsonl").read_bytes()
    assert contents(GOLDEN / name) == before


def test_a_text_that_was_hard_to_keep_is_there() -> None:
    message = recover(LocalDisk(), GOLDEN / "unicode").rooms["кафе"].messages[0]
    assert message.sender == "李雷"
    assert message.content == (
        "你好 世界 👩\u200d👩\u200d👧 — “quoted”\n\ttab, back\\slash, "
        "NUL \x00, ESC \x1b[31m, RLO \u202e, ZWSP \u200b, LS \u2028"
    )
