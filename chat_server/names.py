"""What can be a name of a person or a room, and which names a person could take for one another. Pure.

PRECIS UsernameCasePreserved (RFC 8265 §3.4) says which characters, then rules of our own refuse what it lets
through. Asked when a name is new; what the journal holds already is not judged again.
"""

import unicodedata
from functools import lru_cache
from typing import Final

import regex
from precis_i18n import get_profile

from chat_server.confusables import PROTOTYPES
from chat_server.protocol import NAME_CHARS_MAX

NAME_BYTES_MAX: Final = 255
"""In UTF-8: what most file systems allow for a file's name."""
MARKS_MAX: Final = 4
"""Marks in a row on one letter, decomposed (UTS #39 §5.4)."""
_CACHE: Final = 4096
"""Names whose judgement is remembered: several times the members of a full server."""

_PRECIS = get_profile("UsernameCasePreserved")

_SCRIPTS: Final = (
    # In everyday use (UAX #31, table 5).
    *("Latin", "Arabic", "Armenian", "Bengali", "Bopomofo", "Cyrillic", "Devanagari", "Ethiopic", "Georgian"),
    *("Greek", "Gujarati", "Gurmukhi", "Han", "Hangul", "Hebrew", "Hiragana", "Kannada", "Katakana", "Khmer"),
    *("Lao", "Malayalam", "Myanmar", "Oriya", "Sinhala", "Tamil", "Telugu", "Thaana", "Thai", "Tibetan"),
    # In limited use (UAX #31, table 7), and Mongolian.
    *("Adlam", "Balinese", "Bamum", "Batak", "Canadian_Aboriginal", "Chakma", "Cham", "Cherokee"),
    *("Hanifi_Rohingya", "Javanese", "Kayah_Li", "Lepcha", "Limbu", "Lisu", "Mandaic", "Meetei_Mayek", "Miao"),
    *("Mongolian", "New_Tai_Lue", "Newa", "Nko", "Nyiakeng_Puachue_Hmong", "Ol_Chiki", "Osage", "Saurashtra"),
    *("Sundanese", "Syloti_Nagri", "Syriac", "Tai_Le", "Tai_Tham", "Tai_Viet", "Tifinagh", "Vai", "Wancho", "Yi"),
)
_TOGETHER: Final = (
    ("Latin", "Han", "Hiragana", "Katakana"),
    ("Latin", "Han", "Bopomofo"),
    ("Latin", "Han", "Hangul"),
)
"""What one name may mix (UTS #39 §5.2, highly restrictive)."""


def _set(*scripts: str) -> str:
    """A set of the characters of these scripts, for a pattern."""
    return "[" + "".join(rf"\p{{scx={script}}}" for script in scripts) + "]"


_OF_SCRIPT = {script: regex.compile(_set(script)) for script in _SCRIPTS}
_OF_ANY = regex.compile(_set("Zyyy", "Zinh"))
_ONE_WRITING = regex.compile(
    "|".join(_set(*scripts, "Zyyy", "Zinh") + "++" for scripts in (*_TOGETHER, *((each,) for each in _SCRIPTS)))
)
_FIRST = regex.compile(r"[\p{L}\p{Nd}_]")
_UNSEEN = regex.compile(r"\p{Cf}")
_OTHER_ASCII = regex.compile(r"[!-~--[a-zA-Z0-9'+\-._]]", regex.VERSION1)
_STACKED = regex.compile(rf"[\p{{Mn}}\p{{Me}}]{{{MARKS_MAX + 1}}}|([\p{{Mn}}\p{{Me}}])\1")
_GRAPHEME = regex.compile(r"\X")
_DOTTED = regex.compile(r"(?<=[jl])\u0307+")

_KINDS: Final = {
    "controls": "a control character",
    "has_compat": "a variant form of a character",
    "precis_ignorable_properties": "a character that cannot be seen",
    "punctuation": "a punctuation mark",
    "spaces": "a space",
    "symbols": "a symbol",
    "unassigned": "a character that Unicode does not know yet",
    "zero_width_joiner": "a character that cannot be seen",
    "zero_width_nonjoiner": "a character that cannot be seen",
}
"""PRECIS's reasons (RFC 8264 §9, RFC 5892 appendix A) in words; the others share a vague one."""


def objection(name: str, *, what: str = "name") -> str | None:
    """Why a new name of a person or a room cannot be used, as a sentence that calls it `what`; None where it can.

    At most `NAME_CHARS_MAX` grapheme clusters and `NAME_BYTES_MAX` bytes of letters, marks and digits that PRECIS
    allows and of `'`, `+`, `-`, `.`, `_`, in the form that PRECIS would give it, all of one script or of scripts
    that one language mixes; beginning with a letter, a digit or `_`, so that it is no path, command or mention.
    """
    if len(name) > NAME_BYTES_MAX:
        return _too_long(what)
    return _objection(name, what)


@lru_cache(_CACHE)
def _objection(name: str, what: str) -> str | None:
    if not name:
        return f"The {what} is empty."
    if (unfit := _precis_objection(name, what)) is not None:
        return unfit
    if (unseen := _UNSEEN.search(name)) is not None:
        return _holds("a character that cannot be seen", unseen.group(), what)
    if not _FIRST.match(name):
        return f"The {what} begins with {_shown(name[0])}: it must begin with a letter, a digit or _."
    if (other := _OTHER_ASCII.search(name)) is not None:
        return f"The {what} holds {other.group()}: besides letters and digits it can hold ' + - . and _ only."
    if name.endswith("."):
        return f"The {what} ends with a full stop."
    if _STACKED.search(unicodedata.normalize("NFD", name)):
        return f"The {what} stacks marks on a letter: it can have {MARKS_MAX} at most, each once."
    if len(_GRAPHEME.findall(name)) > NAME_CHARS_MAX or len(name.encode()) > NAME_BYTES_MAX:
        return _too_long(what)
    if not _ONE_WRITING.fullmatch(name):
        return _script_objection(name, what)
    if (drawn := _drawn(name)).isascii() and skeleton(drawn) != skeleton(name):
        return f"The {what} looks like {drawn} in Latin letters: write it in lower case."
    return None


def _too_long(what: str) -> str:
    return f"The {what} is longer than {NAME_CHARS_MAX} characters or {NAME_BYTES_MAX} bytes."


def _holds(kind: str, char: str, what: str) -> str:
    return f"The {what} holds {kind}: U+{ord(char):04X}."


def _shown(char: str) -> str:
    return f"U+{ord(char):04X}" if unicodedata.category(char).startswith("M") else char


def _precis_objection(name: str, what: str) -> str | None:
    """What PRECIS refuses, or would change: then the form to write, where that can be used."""
    try:
        form = _PRECIS.enforce(name)
    except UnicodeEncodeError as error:
        reason = error.reason.removeprefix("DISALLOWED/")
        if reason == "bidi_rule":
            return (
                f"The {what} can be read in two orders: with right-to-left letters it must begin with one, "
                "end with one or a digit, and hold no left-to-right letters."
            )
        if reason == "has_compat":
            plain = unicodedata.normalize("NFKC", name)
            if _objection(plain, what) is None:
                return _to_be_written(plain, what)
        return _holds(_KINDS.get(reason, "a character unfit for it"), error.object[error.start], what)
    if form != name:
        return _objection(form, what) or _to_be_written(form, what)
    return None


def _to_be_written(form: str, what: str) -> str:
    return f"The {what} is in a variant form, not in plain composed characters (Unicode NFC): write {form}."


def _script_objection(name: str, what: str) -> str:
    scripts: list[str] = []
    for char in name:
        if _OF_ANY.fullmatch(char):
            continue
        of = [script for script, pattern in _OF_SCRIPT.items() if pattern.fullmatch(char)]
        if not of:
            return _holds("a character of a script that is out of use", char, what)
        if not set(of) & set(scripts):
            scripts.append(of[0])
    return f"The {what} mixes scripts: {' and '.join(script.replace('_', ' ') for script in scripts)}."


def skeleton(name: str) -> str:
    """The key that names have in common which a person could take for one another; for comparing, never shown.

    Folds case, width and compatibility forms (Unicode D146), then puts for each letter what it looks like
    (UTS #39 §4): `JohnDoe` has the key of `johndoe`, and of those that hold Cyrillic or Greek letters that look
    the same; `I`, `i`, `l` and `1` are one, `0` and `O`, `rn` and `m`. Idempotent. A letter that looks Latin as a
    capital alone goes with the capital. Greek capital nu and upsilon look like N and Y, but go with the small
    ones, which look like v and u: `objection` refuses the names where that would matter, unless accented.
    """
    seen = unicodedata.normalize("NFD", _folded(name).translate(_LOOKS))
    return _DOTTED.sub("", seen)


def _drawn(name: str) -> str:
    """What it looks like as it is written, capitals as capitals (UTS #39 §4)."""
    return "".join(PROTOTYPES.get(char, char) for char in unicodedata.normalize("NFD", name))


def _folded(text: str) -> str:
    for _ in range(2):  # A fold can bring forth what folds again.
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", text).casefold())
    return text


def _looks() -> dict[int, str]:
    """Folded letter to what it, or a capital of it, looks like, folded.

    Where those differ, what is ASCII goes first (Cyrillic Ve looks like B, the small one like a small capital B),
    then what is one character, then what the letter itself looks like.
    """
    ranked: dict[str, tuple[tuple[bool, int, bool], str]] = {}
    for source, prototype in PROTOTYPES.items():
        letter, look = _folded(source), _folded(prototype)
        if len(letter) == 1 and look != letter:
            rank = ((not look.isascii(), len(look), source != letter), look)
            ranked[letter] = min(rank, ranked.get(letter, rank))
    looks = {ord(letter): look for letter, (_, look) in ranked.items()}
    for _ in range(4):  # What a letter looks like can look like something else: 1 like I, I like l.
        looks = {letter: look.translate(looks) for letter, look in looks.items()}
    return looks


_LOOKS = _looks()
