"""Foreign text made harmless for a terminal: the one place where that is done.

What comes out holds no control byte but the newline, nothing that is invisible or turns the line around, and
only characters on whose width rich, tmux and terminals agree. It has no markup meaning: it is put into
segments, never parsed.
"""

import re
import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size

MARKS_MAX = 4
"""How many characters without a cell of their own may sit on one base; Hebrew and Tibetan need up to four."""
TAB = "    "

_PLAIN = re.compile(
    r"[\n\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u0391-\u03a1\u03a3-\u0482\u048a-\u052f\u2010-\u2015\u2018-\u2026\u20ac"
    r"\u2190-\u22ff\u2500-\u25ff\u3001-\u3029\u3041-\u3096\u30a1-\u30fe\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]*"
)
"""Scripts and signs that pass as they are; nothing here is a mark, a control or unassigned."""

_BREAK = re.compile(r"\r\n?")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
"""A black flag with the name of its region in tag characters (UTS #51, "emoji tag sequence")."""
_JOINER = re.compile(r"(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])")
"""A joiner at work, between letters of scripts that need it or between emoji; elsewhere it only hides."""
_WIDTH_TRAPS = re.compile("[\u00ad\u20e3\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]")
"""Soft hyphen, keycap, variation selectors, skin tones: each is measured differently by somebody."""
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u3164\uffa0")
"""Letters and marks that by the standard are not to be seen (Default_Ignorable_Code_Point)."""
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_REGIONAL_A = 0x1F1E6


def safe_text(text: str) -> str:
    r"""Return `text` with all that is dangerous as visible ASCII escapes (`\x1b`, `\u202e`); idempotent.

    Lines are parted by `\n` alone. A tab becomes spaces. What makes widths differ is dropped: variation
    selectors, skin tones, joiners within emoji and words; a flag becomes its two letters. Marks without a
    base are escaped, and more than `MARKS_MAX` on one base are dropped.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = _BREAK.sub("\n", text)
    text = _FLAG.sub("\U0001f3f4", text)
    text = _WIDTH_TRAPS.sub("", text)
    text = _JOINER.sub("", text)
    return _bound_marks("".join([_shown(character) for character in text]))


def safe_line(text: str) -> str:
    """Return `safe_text` of it on one line, for names, titles and toasts: each newline becomes a space."""
    return safe_text(text).replace("\n", " ")


def bounded(text: str, chars_max: int) -> str:
    """Foreign text as one harmless line of at most that many characters."""
    line = safe_line(text[: chars_max * 4])
    return line if len(line) <= chars_max else f"{line[: chars_max - 1]}…"


def _bound_marks(text: str) -> str:
    """Escape marks that have nothing to sit on, and drop those that are too many."""
    kept: list[str] = []
    room = 0
    for character in text:
        if character == "\n":
            room = 0
        elif get_character_cell_size(character):
            room = MARKS_MAX
        elif not kept or kept[-1] == "\n":
            character = _escape(character)  # noqa: PLW2901
            room = MARKS_MAX
        elif room:
            room -= 1
        else:
            continue
        kept.append(character)
    return "".join(kept)


@lru_cache(maxsize=4096)
def _shown(character: str) -> str:
    """What stands for one character, whatever is beside it."""
    if character == "\n":
        return character
    if character == "\t":
        return TAB
    code = ord(character)
    if _REGIONAL_A <= code < _REGIONAL_A + 26:
        return chr(ord("A") + code - _REGIONAL_A)
    if character in _FILLERS or (unicodedata.category(character) in _HIDDEN and not _is_new_emoji(character)):
        return _escape(character)
    return character


def _is_new_emoji(character: str) -> bool:
    """Tell emoji that are younger than this Python's Unicode data from what is not assigned at all."""
    block = "\U0001fa70" <= character <= "\U0001faff" or character == "\U0001f6dc"
    return block and get_character_cell_size(character) == 2


def _escape(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
