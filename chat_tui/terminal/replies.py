"""What to ask a terminal, and what its replies say: characters out, bytes in. Pure.

    XTVERSION   CSI > q            DCS > | name ST           DECRQM  CSI ? mode $ p   CSI ? mode ; value $ y
    DA1         CSI c              CSI ? numbers c           CPR     CSI 6 n          CSI row ; column R
    kitty keys  CSI ? u            CSI ? flags u             focus   CSI ? 1004 h     CSI I or CSI O, at times
    kitty's notifications          OSC 99 ; i=doubletick:p=? ; ST, and the same with a payload

Terminals answer in order and every one answers DA1, so that what comes before its reply is all there will be.
"""

import re
from dataclasses import dataclass, field
from typing import Final

FOCUS: Final = 1004
MOUSE: Final = 1006
PASTE: Final = 2004
SYNCHRONIZED: Final = 2026
CLIPBOARD: Final = 52
"""Among the attributes that DA1 gives: OSC 52 is taken."""

FENCE: Final = "\x1b[c"
"""DA1: the last question of any lot."""
WHERE: Final = f"\x1b[6n{FENCE}"
"""Where the cursor is."""
_MODES: Final = "".join(f"\x1b[?{mode}$p" for mode in (FOCUS, MOUSE, PASTE, SYNCHRONIZED))
_QUESTIONS: Final = f"\x1b[>q{_MODES}\x1b[?u\x1b]99;i=doubletick:p=?;\x1b\\\x1b[?{FOCUS}h"


@dataclass(frozen=True, slots=True)
class Probe:
    """A text whose width is measured."""

    name: str
    text: str
    cells: int
    """As wide as it is drawn for."""


PROBES: Final = (
    Probe("ticks", "✓✓", 2),
    Probe("an ellipsis", "…", 1),
    Probe("dots", "●○", 2),
    Probe("lines", "─│", 2),
    Probe("quotation marks", "“”", 2),
    Probe("Chinese", "漢字", 4),
    Probe("emoji", "😀", 2),
    Probe("emoji of 2021", "🫠", 2),
)
"""What the chat draws, and what people write; without what `safetext` takes out of it."""


def questions(*, with_text: bool) -> str:
    """Everything to ask, `FENCE` last; `with_text` also measures how wide the probes are on an empty line."""
    widths = "".join(f"\r{probe.text}\x1b[6n" for probe in PROBES) if with_text else ""
    return f"\x1b[?25l{_QUESTIONS}{widths}\r\x1b[K{FENCE}"


def is_at_start(data: bytes) -> bool:
    """Whether the reply to `WHERE` says that the line is empty so far; if there is none, it is taken to be."""
    columns = _POSITION.findall(data)
    return not columns or int(columns[-1]) == 1


def farewell(*, reports_focus: bool) -> str:
    """What takes back all that `questions` changes, `FENCE` last; a mode that was on before stays on."""
    focus = "" if reports_focus else f"\x1b[?{FOCUS}l"
    return f"{focus}\r\x1b[K\x1b[?25h{FENCE}"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a terminal replied."""

    version: str = ""
    """To XTVERSION, in ASCII."""
    attributes: tuple[int, ...] = ()
    """To DA1."""
    modes: dict[int, int] = field(default_factory=dict)
    """To DECRQM: 0 is not known, 1 on, 2 off, 3 always on, 4 always off."""
    has_kitty_keys: bool = False
    has_kitty_notifications: bool = False
    columns: tuple[int, ...] = ()
    """The cells before the cursor, for each probe in order; empty unless there is one for each."""
    focused: bool | None = None
    """As reported when reports were turned on; None where nothing was."""

    def can(self, mode: int) -> bool | None:
        """Whether a mode can be turned on; None where nothing was said of it."""
        value = self.modes.get(mode)
        return None if value is None else value in (1, 2, 3)


_VERSION = re.compile(rb"\x1bP>\|([\x20-\x7e]{1,80})\x1b\\")
_ATTRIBUTES = re.compile(rb"\x1b\[\?(\d{1,5}(?:;\d{1,5}){0,40})c")
_MODE = re.compile(rb"\x1b\[\?(\d{1,5});(\d)\$y")
_KEYS = re.compile(rb"\x1b\[\?\d{1,5}u")
_NOTIFICATIONS = re.compile(
    rb"\x1b\]99;(?=[^;]*\bi=doubletick\b)(?=[^;]*\bp=\?)[^;\x07\x1b]*;[^\x07\x1b]*(?:\x07|\x1b\\)"
)
_POSITION = re.compile(rb"\x1b\[\d{1,5};(\d{1,5})R")
_FOCUS = re.compile(rb"\x1b\[([IO])")


def has_fence(data: bytes) -> bool:
    """Whether the reply to `FENCE` is among these bytes."""
    return _ATTRIBUTES.search(data) is not None


def read(data: bytes) -> Answers:
    """The replies among these bytes, whatever else is between them; keys, halves and rubbish are passed over."""
    version = _VERSION.search(data)
    attributes = _ATTRIBUTES.search(data)
    columns = tuple(int(column) - 1 for column in _POSITION.findall(data))
    focus = _FOCUS.findall(data)
    return Answers(
        version=version[1].decode().strip() if version else "",
        attributes=tuple(map(int, attributes[1].split(b";"))) if attributes else (),
        modes={int(mode): int(value) for mode, value in _MODE.findall(data)},
        has_kitty_keys=_KEYS.search(data) is not None,
        has_kitty_notifications=_NOTIFICATIONS.search(data) is not None,
        columns=columns if len(columns) == len(PROBES) else (),
        focused=focus[-1] == b"I" if focus else None,
    )
