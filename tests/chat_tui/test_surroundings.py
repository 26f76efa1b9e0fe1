"""What is around a process, by its environment and by what tmux says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.terminal.surroundings import (
    NEWEST,
    SHOWN_CHARS_MAX,
    TMUX_QUESTION,
    Surroundings,
    Tmux,
    parse_tmux,
    shown,
)
from chat_tui.terminal.terminals import named

IN_TMUX = {"TMUX": "/tmp/tmux-0/default,1,0", "TMUX_PANE": "%0", "TERM": "tmux-256color", "TERM_PROGRAM": "tmux"}
ANSWER = "3.3a|0|external|0|off|1|xterm-256color|bpaste,clipboard|XTerm(390)\n"


def tmux(answer: str = ANSWER) -> Tmux:
    read = parse_tmux(answer)
    assert read is not None
    return read


def test_the_question() -> None:
    assert TMUX_QUESTION.startswith("#{version}|#{focus-events}|#{set-clipboard}|")


def test_an_answer() -> None:
    assert tmux() == Tmux(
        version=(3, 3),
        version_text="3.3a",
        focus_events=False,
        set_clipboard="external",
        allow_passthrough="off",
        extended_keys="off",
        monitor_bell=True,
        client_term="xterm-256color",
        client_features=frozenset(("bpaste", "clipboard")),
        client_version="XTerm(390)",
    )


def test_options_of_three_are_told_by_number_or_by_name() -> None:
    read = tmux("3.5|1|1|1|always|0|||")
    assert (read.focus_events, read.set_clipboard, read.allow_passthrough) == (True, "on", "on")
    assert (read.extended_keys, read.monitor_bell, read.client_features) == ("always", False, frozenset())
    assert tmux("3.5|on|off|all||on|||").allow_passthrough == "all"


def test_a_bar_in_the_name_of_a_terminal() -> None:
    assert tmux("3.5|1|on|on|on|1|x||a|b").client_version == "a|b"


@pytest.mark.parametrize(
    ("version", "number"),
    [
        ("3.3a", (3, 3)),
        ("2.9", (2, 9)),
        ("next-3.6", (3, 6)),
        ("openbsd-7.4", NEWEST),
        ("master", NEWEST),
        ("", NEWEST),
    ],
)
def test_versions(version: str, number: tuple[int, int]) -> None:
    assert tmux(f"{version}|0|0|0|0|0|||").version == number


@pytest.mark.parametrize("answer", ["", "\n", "3.3a", "no server running on /tmp/x"])
def test_no_answer(answer: str) -> None:
    assert parse_tmux(answer) is None


@given(st.text())
def test_any_answer(answer: str) -> None:
    parse_tmux(answer)
    read = parse_tmux(f"3.3|1|on|on|on|1|{answer.replace('|', '')}||{answer}")
    assert read is not None
    assert read.client_version.isascii()


@given(st.text())
def test_what_is_foreign_is_shown_harmless(text: str) -> None:
    line = shown(text)
    assert line.isascii()
    assert line.isprintable()
    assert len(line) <= SHOWN_CHARS_MAX


def test_long_is_shown_short() -> None:
    assert shown("x" * SHOWN_CHARS_MAX) == "x" * SHOWN_CHARS_MAX
    assert shown("x" * (SHOWN_CHARS_MAX + 1)) == "x" * (SHOWN_CHARS_MAX - 3) + "..."
    assert shown("\x1b[31mé") == "\\x1b[31m\\xe9"


def test_where() -> None:
    assert Surroundings(IN_TMUX).in_tmux
    assert not Surroundings({**IN_TMUX, "TMUX": ""}).in_tmux
    assert not Surroundings({"TMUX": "x"}).in_tmux
    assert Surroundings({"STY": "1.x"}).in_screen
    assert not Surroundings({"STY": "1.x", **IN_TMUX}).in_screen
    assert not Surroundings({}).in_screen
    assert Surroundings({"SSH_TTY": "/dev/pts/1"}).over_ssh
    assert not Surroundings({"SSH_TTY": ""}).over_ssh


@pytest.mark.parametrize(
    ("term", "is_silent"),
    [("", True), ("dumb", True), ("linux", True), ("vt100", True), ("xterm", False), ("tmux-256color", False)],
)
def test_terminals_that_are_better_not_asked(term: str, is_silent: bool) -> None:  # noqa: FBT001 - a case
    assert Surroundings({"TERM": term}).is_silent is is_silent


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (Surroundings({"TERM": "foot"}), "foot"),
        (Surroundings({"TERM": "xterm-256color"}, version="kitty(0.36)"), "kitty"),
        (Surroundings({"TERM": "xterm-256color"}), None),
        (Surroundings(IN_TMUX, tmux()), "xterm"),
        (Surroundings(IN_TMUX, tmux(), "tmux 3.3a"), "xterm"),
        (Surroundings(IN_TMUX, tmux("3.5|1|on|on|on|1|alacritty||")), "Alacritty"),
        (Surroundings(IN_TMUX, tmux("3.5|1|on|on|on|1|xterm-256color||")), None),
        (
            Surroundings({**IN_TMUX, "WT_SESSION": "x"}, tmux("3.5|1|on|on|on|1|xterm-256color||")),
            "Windows Terminal",
        ),
        (Surroundings({**IN_TMUX, "KITTY_WINDOW_ID": "1"}, tmux()), "xterm"),
        (Surroundings({**IN_TMUX, "KITTY_WINDOW_ID": "1"}), "kitty"),
        (Surroundings(IN_TMUX), None),
    ],
)
def test_the_terminal_that_a_person_sees(place: Surroundings, name: str | None) -> None:
    assert place.terminal == (named(name) if name else None)
