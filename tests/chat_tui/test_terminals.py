"""Which terminal it is, by its traces in the environment and its reply; and the page about all of them."""

import re
import runpy
from pathlib import Path

import pytest

from chat_tui.terminal import terminals
from chat_tui.terminal.abilities import Channel, Verdict, terminal_feature
from chat_tui.terminal.terminals import TABLE, as_markdown, named, recognise

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("environ", "version", "name"),
    [
        ({"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"}, "", "kitty"),
        ({"TERM": "xterm-256color"}, "kitty(0.36.0)", "kitty"),
        ({"TERM": "xterm-ghostty", "TERM_PROGRAM": "ghostty"}, "", "Ghostty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "", "WezTerm"),
        ({"TERM": "xterm-256color"}, "WezTerm 20240203-110809", "WezTerm"),
        ({"TERM": "foot-extra"}, "", "foot"),
        ({"TERM": "xterm-256color"}, "foot(1.18.1)", "foot"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "", "iTerm2"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "", "iTerm2"),
        ({"TERM": "xterm-256color"}, "iTerm2 3.5.4", "iTerm2"),
        ({"TERM": "xterm-256color", "WT_SESSION": "2f"}, "", "Windows Terminal"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, "", "VS Code"),
        ({"TERM": "xterm-256color"}, "xterm.js(5.6.0)", "VS Code"),
        ({"TERM": "alacritty"}, "", "Alacritty"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "241200"}, "", "Konsole"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, "", "macOS Terminal"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "", "GNOME Terminal or another of VTE"),
        ({"TERM": "xterm-256color"}, "VTE(7600)", "GNOME Terminal or another of VTE"),
        ({"TERM": "xterm-256color"}, "XTerm(390)", "xterm"),
        ({"TERM": "rxvt-unicode-256color"}, "", "urxvt"),
        ({"TERM": "linux"}, "", "a console of Linux"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode", "KITTY_WINDOW_ID": "1"}, "", "VS Code"),
        ({"TERM": "alacritty", "WEZTERM_PANE": "0"}, "", "Alacritty"),
        ({"TERM": "xterm-kitty"}, "foot(1.18.1)", "foot"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": ""}, "", None),
        ({"TERM": "xterm-256color"}, "Brand New 1.0", None),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "tmux"}, "", None),
        ({}, "", None),
    ],
)
def test_recognised(environ: dict[str, str], version: str, name: str | None) -> None:
    assert recognise(environ, environ.get("TERM", ""), version) == (named(name) if name else None)


def test_each_is_recognised_by_each_of_its_marks() -> None:
    for known in TABLE:
        for program in known.programs:
            assert recognise({"TERM_PROGRAM": program}, "xterm-256color", "") is known
        for term in known.terms:
            assert recognise({}, term, "") is known
        for mark in known.marks:
            assert recognise({mark: "1"}, "xterm-256color", "") is known
        for version in known.versions:
            assert recognise({}, "xterm-256color", f"{version} 1.2") is known


def test_what_the_table_says_hangs_together() -> None:
    assert len({known.name for known in TABLE}) == len(TABLE)
    for known in TABLE:
        assert known.programs or known.terms or known.marks or known.versions
        is_shown = known.notifications.verdict is Verdict.OK
        assert not is_shown or known.channel is not Channel.BELL, known.name
        if known.channel is not Channel.BELL:
            number = known.channel.value.removeprefix("osc")
            assert f"OSC {number}" in known.notifications.sentence, known.name
        for ability in (known.focus, known.clipboard, known.notifications):
            assert ability.sentence.isascii()
            assert re.fullmatch(r"[A-Z].*\.", ability.sentence)


def test_a_feature_for_tmux() -> None:
    assert terminal_feature("alacritty", "RGB").line == "set -as terminal-features ',alacritty:RGB'"


def test_the_page_is_as_the_table_says() -> None:
    assert (DOCS / "terminals.md").read_text(encoding="utf-8") == as_markdown()


def test_the_module_writes_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(terminals.__file__, run_name="__main__")
    assert capsys.readouterr().out == as_markdown()


def test_the_page_names_every_terminal_and_every_line() -> None:
    page = as_markdown()
    for known in TABLE:
        assert f"| {known.name} |" in page
        for ability in (known.focus, known.clipboard, known.notifications):
            for fix in ability.fixes:
                assert all(f"`{line}`" in page for line in fix.line.split("\n"))
