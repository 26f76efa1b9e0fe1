"""The terminals that are known by name: how each is told, and what it does with what a chat writes. Pure.

What is said of a terminal holds for its default settings; `docs/terminals.md` is made from it.

    python -m chat_tui.terminal.terminals > docs/terminals.md
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from chat_tui.terminal.abilities import (
    EXTENDED_KEYS,
    FOCUS_EVENTS,
    MONITOR_BELL,
    PASSTHROUGH_ALL,
    PASSTHROUGH_ON,
    PROFILE,
    SET_CLIPBOARD,
    TMUX_CONF,
    Ability,
    Channel,
    Fix,
    Verdict,
    terminal_feature,
)


@dataclass(frozen=True, slots=True)
class Known:
    """A terminal and what it does."""

    name: str
    focus: Ability
    clipboard: Ability
    notifications: Ability
    channel: Channel = Channel.BELL
    programs: tuple[str, ...] = ()
    """Values of TERM_PROGRAM."""
    terms: tuple[str, ...] = ()
    """How TERM begins."""
    marks: tuple[str, ...] = ()
    """Variables that it sets in the environment of what it starts."""
    versions: tuple[str, ...] = ()
    """How its reply to XTVERSION begins."""


_REPORTS = Ability(Verdict.OK, "It reports when its window gets and loses the focus.")
_COPIES = Ability(Verdict.OK, "It takes copies by OSC 52.")
_NO_COPIES = "It takes no copies from programs; select with the mouse while holding Shift."
_SHOWS_777 = Ability(Verdict.OK, "It shows notifications by OSC 777.")
_RINGS = Ability(Verdict.LIMITED, "It shows no notifications from programs; the bell rings.")

TABLE: tuple[Known, ...] = (
    Known(
        "kitty",
        _REPORTS,
        _COPIES,
        Ability(Verdict.OK, "It shows notifications by OSC 99, and withdraws them."),
        Channel.OSC99,
        terms=("xterm-kitty",),
        marks=("KITTY_WINDOW_ID",),
        versions=("kitty",),
    ),
    Known(
        "Ghostty",
        _REPORTS,
        _COPIES,
        _SHOWS_777,
        Channel.OSC777,
        programs=("ghostty",),
        terms=("xterm-ghostty",),
        marks=("GHOSTTY_RESOURCES_DIR",),
        versions=("ghostty",),
    ),
    Known(
        "WezTerm",
        _REPORTS,
        _COPIES,
        _SHOWS_777,
        Channel.OSC777,
        programs=("WezTerm",),
        terms=("wezterm",),
        marks=("WEZTERM_PANE",),
        versions=("WezTerm",),
    ),
    Known(
        "foot",
        _REPORTS,
        _COPIES,
        Ability(Verdict.OK, "It shows notifications by OSC 777, from 1.18 on also by OSC 99."),
        Channel.OSC777,
        terms=("foot",),
        versions=("foot",),
    ),
    Known(
        "iTerm2",
        _REPORTS,
        Ability(
            Verdict.LIMITED,
            "It takes copies by OSC 52 once it is told to.",
            (Fix("General > Selection > Applications in terminal may access clipboard", "iTerm2's settings"),),
        ),
        Ability(
            Verdict.LIMITED,
            "It shows notifications by OSC 9 where the profile lets it.",
            (Fix("Profiles > Terminal > Notification Center Alerts", "iTerm2's settings"),),
        ),
        Channel.OSC9,
        programs=("iTerm.app",),
        marks=("ITERM_SESSION_ID",),
        versions=("iTerm2",),
    ),
    Known(
        "Windows Terminal",
        Ability(Verdict.OK, "It reports the focus, from 1.14 on."),
        _COPIES,
        Ability(
            Verdict.LIMITED,
            "Releases after 1.25 show notifications by OSC 777 once they are told to; else the bell rings.",
            (Fix('"compatibility.allowOSC777": true', "Windows Terminal's settings.json, profiles.defaults"),),
        ),
        Channel.OSC777,
        marks=("WT_SESSION", "WT_PROFILE_ID"),
    ),
    Known(
        "VS Code",
        _REPORTS,
        _COPIES,
        Ability(Verdict.OK, "It shows notifications by OSC 99 inside its window, from 1.111 on."),
        Channel.OSC99,
        programs=("vscode",),
        marks=("VSCODE_INJECTION",),
        versions=("xterm.js",),
    ),
    Known(
        "Alacritty",
        _REPORTS,
        _COPIES,
        Ability(
            _RINGS.verdict,
            _RINGS.sentence,
            (
                Fix(
                    '[bell]\ncommand = { program = "notify-send", args = ["doubletick"] }',
                    "~/.config/alacritty/alacritty.toml",
                ),
            ),
        ),
        programs=("Alacritty",),
        terms=("alacritty",),
        marks=("ALACRITTY_WINDOW_ID",),
    ),
    Known(
        "Konsole",
        _REPORTS,
        Ability(Verdict.LIMITED, "It takes copies by OSC 52 from 24.12 on."),
        _SHOWS_777,
        Channel.OSC777,
        terms=("konsole",),
        marks=("KONSOLE_VERSION",),
        versions=("Konsole",),
    ),
    Known(
        "macOS Terminal",
        _REPORTS,
        Ability(Verdict.OFF, _NO_COPIES),
        _RINGS,
        programs=("Apple_Terminal",),
        terms=("nsterm",),
    ),
    Known(
        "GNOME Terminal or another of VTE",
        _REPORTS,
        Ability(Verdict.OFF, _NO_COPIES),
        _RINGS,
        terms=("vte", "gnome"),
        marks=("VTE_VERSION",),
        versions=("VTE",),
    ),
    Known(
        "xterm",
        _REPORTS,
        Ability(
            Verdict.LIMITED,
            "It takes copies by OSC 52 once it is told to.",
            (Fix("XTerm*disallowedWindowOps: 20,21,SetXprop", "~/.Xresources"),),
        ),
        _RINGS,
        marks=("XTERM_VERSION",),
        versions=("XTerm",),
    ),
    Known(
        "urxvt",
        Ability(Verdict.UNKNOWN, "Not every version of it reports the focus."),
        Ability(
            Verdict.OFF,
            "It takes copies with an extension only.",
            (Fix("URxvt.perl-ext-common: default,osc-52", "~/.Xresources, with the extension osc-52"),),
        ),
        Ability(
            Verdict.LIMITED,
            "It shows notifications by OSC 777 with an extension only; else the bell rings.",
            (Fix("URxvt.perl-ext-common: default,notify", "~/.Xresources, with the extension notify"),),
        ),
        Channel.OSC777,
        terms=("rxvt",),
        versions=("rxvt-unicode",),
    ),
    Known(
        "a console of Linux",
        Ability(Verdict.OFF, "It has no windows, so it reports no focus."),
        Ability(Verdict.OFF, "It takes no copies from programs."),
        _RINGS,
        terms=("linux",),
    ),
)
"""The first that fits is meant: what is told by its own name stands before what others imitate."""


def recognise(environ: Mapping[str, str], term: str, version: str) -> Known | None:
    """The terminal, by its reply to XTVERSION, TERM_PROGRAM, `term`, or what else it leaves in the environment.

    In that order: a reply is of this very terminal, while variables are also inherited by terminals that were
    started from another. `version` is empty where nothing was asked.
    """
    program = environ.get("TERM_PROGRAM", "")
    for known in TABLE:
        if version and version.lower().startswith(tuple(each.lower() for each in known.versions)):
            return known
    for known in TABLE:
        if program in known.programs:
            return known
    for known in TABLE:
        if term.startswith(known.terms):
            return known
    if environ.get("LC_TERMINAL") == "iTerm2":
        return named("iTerm2")
    return next((known for known in TABLE if any(environ.get(mark) for mark in known.marks)), None)


def named(name: str) -> Known:
    """The terminal of that name."""
    return next(known for known in TABLE if known.name == name)


_CLIPBOARD = terminal_feature("TERM", "clipboard")
_TMUX = (
    ("focus reports, so that receipts need no key press", FOCUS_EVENTS),
    ("notifications (tmux 3.4 and newer)", PASSTHROUGH_ALL),
    ("notifications while the window is in sight (tmux 3.3)", PASSTHROUGH_ON),
    ("the bell of windows that are not in sight", MONITOR_BELL),
    ("copies, where neither `TERM` nor its terminfo tells that the terminal takes them", _CLIPBOARD),
    ("copies, where the chat cannot run `tmux load-buffer -w` (3.2 and newer)", SET_CLIPBOARD),
    ("more than 256 colours", terminal_feature("TERM", "RGB")),
    ("Shift+Enter", EXTENDED_KEYS),
)


_PAGE = """# Terminals

Made from `chat_tui/terminal/terminals.py` by `python -m chat_tui.terminal.terminals`. `chat-tui doctor` says which
of this holds where you are, and asks the terminal what it can.

| terminal | focus reports | copying | notifications |
| --- | --- | --- | --- |
{rows}
In a terminal that is not in this table the bell rings. Over SSH most cannot be told from the environment: run
`chat-tui doctor`, which asks, and put the line that it gives into `{profile}`. `DOUBLETICK_NOTIFY` takes
{channels}.

## Lines to add

| terminal | where | line |
| --- | --- | --- |
{lines}
## In tmux

All of these go into `{tmux_conf}`; `TERM` stands for what that variable says outside of tmux. GNU screen passes on
neither focus reports nor notifications nor copies.

| for | line |
| --- | --- |
{tmux}"""


def as_markdown() -> str:
    """The page of documentation, ending in a newline."""
    return _PAGE.format(
        rows="".join(map(_row, TABLE)),
        profile=PROFILE,
        channels=", ".join(f"`{each.value}`" for each in Channel),
        lines="".join(map(_lines, TABLE)),
        tmux_conf=TMUX_CONF,
        tmux="".join(f"| {purpose} | `{fix.line}` |\n" for purpose, fix in _TMUX),
    )


def _row(known: Known) -> str:
    abilities = (known.focus, known.clipboard, known.notifications)
    cells = " | ".join(f"**{each.verdict.value}** {each.sentence}" for each in abilities)
    return f"| {known.name} | {cells} |\n"


def _lines(known: Known) -> str:
    fixes = [*known.focus.fixes, *known.clipboard.fixes, *known.notifications.fixes]
    return "".join(f"| {known.name} | {each.where} | {_code(each.line)} |\n" for each in fixes)


def _code(line: str) -> str:
    return "<br>".join(f"`{each}`" for each in line.split("\n"))


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
