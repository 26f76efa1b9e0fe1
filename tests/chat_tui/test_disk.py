"""Small files: whole or not at all, and nobody else's."""

import os
import stat
from pathlib import Path

import pytest

from chat_tui import disk


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_new_file_is_there_whole_and_shut_for_others(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    disk.make_folder(folder)
    disk.make_folder(folder)
    disk.write_new(folder / "file", b"text")
    assert (folder / "file").read_bytes() == b"text"
    assert (mode(folder), mode(folder / "file")) == (0o700, 0o600)
    assert names(folder) == ["file"]


def test_a_file_that_is_there_stays_where_a_new_one_is_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"first")
    with pytest.raises(FileExistsError):
        disk.write_new(tmp_path / "file", b"second")
    assert (tmp_path / "file").read_bytes() == b"first"
    assert names(tmp_path) == ["file"]


def test_a_file_is_replaced_and_shut_whatever_was_left_beside_it(tmp_path: Path) -> None:
    for name in ("file", "file.tmp"):
        (tmp_path / name).write_bytes(b"old")
        (tmp_path / name).chmod(0o644)
    disk.write_over(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    assert mode(tmp_path / "file") == 0o600
    assert names(tmp_path) == ["file"]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"old")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    for write in (disk.write_new, disk.write_over):
        with pytest.raises(OSError, match="No space left"):
            write(tmp_path / "other", b"new")
    assert not (tmp_path / "other").exists()
    assert (tmp_path / "file").read_bytes() == b"old"


def test_names_of_files_tell_facts_apart_and_fit_any_disk() -> None:
    assert disk.file_name("John", "John") == disk.file_name("John", "John")
    facts = [("John",), ("john",), ("John", "x"), ("../../etc", "x"), ("é" * 99,)]
    made = [disk.file_name(each[0], *each) for each in facts]
    assert len({each.lower() for each in made}) == len(facts)
    assert all(each.isascii() and "/" not in each and "." not in each and len(each) < 60 for each in made)
