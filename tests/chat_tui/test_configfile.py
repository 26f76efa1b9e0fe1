"""The file on disk: comments stay, nothing is overwritten, and what goes wrong has a line."""

import re
from pathlib import Path

import pytest
from filelock import FileLock

from chat_tui.preferences import configfile
from chat_tui.preferences.config import Config
from chat_tui.preferences.configfile import FILE, ConfigFileError, change, changed, init, read
from chat_tui.preferences.configsample import as_toml


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "none") == Config()


def test_what_is_wrong_has_its_file_and_line(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("\nthme = 'nord'\n")
    with pytest.raises(ConfigFileError, match=re.escape(f"{tmp_path / FILE}:2: thme: there is no such setting")):
        read(tmp_path)
    (tmp_path / FILE).write_bytes(b"\xff")
    with pytest.raises(ConfigFileError, match="cannot be read"):
        read(tmp_path)


def test_init_never_overwrites(tmp_path: Path) -> None:
    path = init(tmp_path / "new")
    assert path.read_text() == as_toml()
    with pytest.raises(ConfigFileError, match="is there already, and is not replaced"):
        init(tmp_path / "new")
    (tmp_path / "file").touch()
    with pytest.raises(ConfigFileError, match="cannot be written"):
        init(tmp_path / "file")


def test_a_change_keeps_comments_and_order() -> None:
    before = 'room = "a" # mine\n\n[profiles.x] # who\nname = "x"\n\n[notifications]\nbell = true # ring\n'
    after = changed(before, {"theme": "nord", "notifications.osc": False, "profiles.y.name": "y", "room": "b"})
    lines = after.splitlines()
    assert 'room = "b" # mine' in lines
    assert lines.index('theme = "nord"') < lines.index("[profiles.x] # who")
    assert lines.index("[profiles.y]") < lines.index('name = "y"') < lines.index("[notifications]")
    assert lines[-2:] == ["bell = true # ring", "osc = false"]


def test_a_change_to_a_file_just_begun(tmp_path: Path) -> None:
    init(tmp_path)
    change(tmp_path, {"theme": "nord", "profiles.work.name": "John", "default_profile": "work"})
    assert read(tmp_path).values == {"theme": "nord", "default_profile": "work"}
    assert read(tmp_path).profiles == {"work": {"name": "John"}}
    assert set(as_toml().splitlines()) <= set((tmp_path / FILE).read_text().splitlines())


def test_a_change_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text("# elsewhere\n")
    (tmp_path / FILE).symlink_to("real.toml")
    change(tmp_path, {"theme": "nord"})
    assert (tmp_path / FILE).is_symlink()
    assert (tmp_path / "real.toml").read_text() == '# elsewhere\ntheme = "nord"\n'


def test_changes_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FILE).write_text("x y\n")
    with pytest.raises(ConfigFileError, match="This is no TOML"):
        change(tmp_path, {"theme": "nord"})
    (tmp_path / FILE).write_text("# mine\n")
    with pytest.raises(ConfigFileError, match="theme: it should be"):
        change(tmp_path, {"theme": 3})
    monkeypatch.setattr(configfile, "LOCK_S", 0.01)
    with (
        FileLock(tmp_path / "config.lock"),
        pytest.raises(ConfigFileError, match="held by another client"),
    ):
        change(tmp_path, {"theme": "nord"})
    assert (tmp_path / FILE).read_text() == "# mine\n"
    (tmp_path / "file").touch()
    with pytest.raises(ConfigFileError, match="cannot be written"):
        change(tmp_path / "file", {"theme": "nord"})
