"""What this terminal and tmux can do, and what to write to it; it draws nothing and writes nothing itself.

Textual itself asks for focus reports and rings the bell, so neither is here.
"""

from collections.abc import Mapping

Environ = Mapping[str, str]
"""As `os.environ`."""

_TERMS_WITHOUT_TICKS = ("linux", "dumb", "vt", "ansi", "cons")
"""How the names of terminals without ticks begin: the machine's own consoles, and hardware."""


def ascii_only(environ: Environ, encoding: str) -> bool:
    """Whether ticks must be drawn in ASCII; `encoding` is that of `sys.__stderr__`, on which Textual draws."""
    if encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
        return True
    return _locale(environ) in ("C", "POSIX") or environ.get("TERM", "").startswith(_TERMS_WITHOUT_TICKS)


def _locale(environ: Environ) -> str:
    """The locale that a person set for characters, "" for none (POSIX.1-2017, Base Definitions §8.2)."""
    overall, characters, fallback = (environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    if characters == "C.UTF-8":
        # Python writes this in the environment itself where the locale is C (PEP 538); tmux and the terminal
        # were started without it.
        characters = fallback
    return overall or characters or fallback


def in_tmux(environ: Environ) -> bool:
    """Whether this process runs in a pane of tmux."""
    return bool(environ.get("TMUX") and environ.get("TMUX_PANE"))


def extended_keys(environ: Environ) -> tuple[str, str]:
    """What to write at the start and at the end for Shift+Enter to arrive as such; twice nothing outside of tmux.

    tmux takes no note of the kitty protocol that Textual asks for, only of xterm's modifyOtherKeys, and it drops
    a Shift+Enter that a pane has not asked for. The user's own terminal is tmux's to ask: `extended-keys on`.
    Not written elsewhere, as terminals without modifyOtherKeys may take it for underlined text.
    """
    return ("\x1b[>4;2m", "\x1b[>4m") if in_tmux(environ) else ("", "")
