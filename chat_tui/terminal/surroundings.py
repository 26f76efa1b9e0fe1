"""Where this process runs: which terminal, in tmux or not, over SSH or not. Facts in, no asking. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chat_tui.terminal.environment import in_tmux
from chat_tui.terminal.terminals import Known, recognise
from chat_tui.text.safetext import safe_line

NEWEST = (99, 0)
"""The version of a tmux that tells none, as those built from its repository do."""
SHOWN_CHARS_MAX = 60
SILENT_TERMS = ("dumb", "unknown", "linux", "vt", "ansi", "cons")
"""How the names of terminals begin that might print what they do not understand."""

TMUX_FACTS = (
    "version",
    "focus-events",
    "set-clipboard",
    "allow-passthrough",
    "extended-keys",
    "monitor-bell",
    "client_termname",
    "client_termfeatures",
    "client_termtype",
)
TMUX_QUESTION = "|".join(f"#{{{fact}}}" for fact in TMUX_FACTS)
"""What to have tmux's `display-message -p` say."""


@dataclass(frozen=True, slots=True)
class Tmux:
    """What tmux says of itself and of the terminal around it."""

    version: tuple[int, int]
    version_text: str
    focus_events: bool
    set_clipboard: str
    """`on`, `external` or `off`."""
    allow_passthrough: str
    """`all`, `on`, `off`, or empty before 3.3, which has no such option and always passes."""
    extended_keys: str
    """`always`, `on`, `off`, or empty before 3.2."""
    monitor_bell: bool
    client_term: str
    """TERM outside of tmux; empty while no client is attached."""
    client_features: frozenset[str]
    client_version: str
    """The terminal's reply to XTVERSION, where tmux asked and was answered."""


def parse_tmux(answer: str) -> Tmux | None:
    """Read the answer to `TMUX_QUESTION`; None where it is none."""
    parts = answer.rstrip("\n").split("|", len(TMUX_FACTS) - 1)
    if len(parts) != len(TMUX_FACTS):
        return None
    version, focus, clipboard, passthrough, keys, bell, term, features, termtype = parts
    number = re.search(r"(\d+)\.(\d+)", version)
    is_release = number is not None and not version.startswith("openbsd")
    return Tmux(
        version=(int(number[1]), int(number[2])) if number is not None and is_release else NEWEST,
        version_text=shown(version),
        focus_events=_is_on(focus),
        set_clipboard=_word(clipboard),
        allow_passthrough=_word(passthrough),
        extended_keys=_word(keys),
        monitor_bell=_is_on(bell),
        client_term=shown(term),
        client_features=frozenset(filter(None, features.split(","))),
        client_version=shown(termtype),
    )


def _is_on(option: str) -> bool:
    return option in ("1", "on")


def _word(option: str) -> str:
    """The value of an option of three; formats give its first two as numbers where it once had two."""
    return {"0": "off", "1": "on"}.get(option, option)


def shown(value: str) -> str:
    """Something foreign for a sentence: ASCII, harmless, bounded."""
    line = safe_line(value).encode("ascii", "backslashreplace").decode()
    return line if len(line) <= SHOWN_CHARS_MAX else f"{line[: SHOWN_CHARS_MAX - 3]}..."


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is around this process."""

    environ: Mapping[str, str]
    tmux: Tmux | None = None
    """None outside of tmux, and where it did not answer."""
    version: str = ""
    """The reply to XTVERSION; tmux replies with its own."""

    @property
    def in_tmux(self) -> bool:
        """Whether this process runs in a pane of tmux."""
        return in_tmux(self.environ)

    @property
    def in_screen(self) -> bool:
        """Whether GNU screen is the innermost terminal."""
        return bool(self.environ.get("STY")) and not self.in_tmux

    @property
    def over_ssh(self) -> bool:
        """Whether the person sits at another machine."""
        return any(self.environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"))

    @property
    def term(self) -> str:
        """TERM, as the innermost terminal has it."""
        return self.environ.get("TERM", "")

    @property
    def is_silent(self) -> bool:
        """Whether the terminal is one that should be written nothing but text and colours."""
        return not self.term or self.term.startswith(SILENT_TERMS)

    @property
    def terminal(self) -> Known | None:
        """The terminal that a person sees; in tmux the one around it, as far as that is known.

        The environment in tmux is that of the terminal from which the server was started, so it comes last.
        """
        if not self.in_tmux:
            return recognise(self.environ, self.term, self.version)
        inherited = {name: value for name, value in self.environ.items() if name != "TERM_PROGRAM"}
        if self.tmux is None:
            return recognise(inherited, "", "")
        return recognise(inherited, self.tmux.client_term, self.tmux.client_version)
