"""The README's commands are the ones that are checked."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def commands() -> list[str]:
    """The lines of the README that set something up."""
    return [line.strip() for line in README.splitlines() if line.startswith("    python3 -m venv")]


def test_there_are_exactly_two_commands_to_set_up() -> None:
    assert len(commands()) == 2


def test_ci_runs_the_readme_s_test_command_as_it_stands() -> None:
    assert commands()[1] in (ROOT / ".ci" / "run").read_text().splitlines()


def test_every_page_that_the_readme_links_is_there() -> None:
    targets = [part.split(")")[0] for part in README.split("](")[1:]]
    assert targets
    missing = [target for target in targets if "://" not in target and not (ROOT / target).exists()]
    assert not missing
