"""`docs/security.md` names tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(test_\w+)`", PAGE)


def named_in(folder: Path) -> set[str]:
    """The names of all tests in the files of a folder and below it."""
    texts = (path.read_text(encoding="utf-8") for path in folder.rglob("test_*.py"))
    return {name for text in texts for name in re.findall(r"^(?:async )?def (test_\w+)\(", text, re.MULTILINE)}


def test_every_test_on_the_page_exists() -> None:
    assert sorted(set(NAMED) - named_in(ROOT / "tests")) == []


def test_every_hostile_test_is_on_the_page() -> None:
    """Those of one threat stand in its row; so a new one has to say what it is for."""
    assert sorted(named_in(ROOT / "tests/hostile") - set(NAMED)) == []


def test_every_threat_names_a_test() -> None:
    rows = re.findall(r"^\| (.+) \|$", PAGE.partition("## What stops them")[2], re.MULTILINE)
    threats = [row for row in rows if not set(row) <= set("-| ") and not row.startswith("threat")]
    assert len(threats) > 10
    assert [row for row in threats if not re.search(r"`test_\w+`", row.rpartition("|")[2])] == []


def test_how_to_report_is_said() -> None:
    page = (ROOT / ".github/SECURITY.md").read_text(encoding="utf-8")
    assert "docs/security.md" in page
    assert ".github/SECURITY.md" in PAGE
