"""What one can put on a message: a few characters that somebody can see."""

from typing import Final
from unicodedata import category

from chat_server.protocol.limits import EMOJI_CHARS_MAX

_JOINER: Final = "\u200d"
"""Within one emoji; the one format character that is of use there."""


def is_reaction(text: str) -> bool:
    """Whether this is one: few characters, none a space, control or format character, and one of them visible.

    Variation selectors are marks to Unicode, and a zero-width joiner is let through.
    """
    kinds = [category(each) for each in text if each != _JOINER]
    return (
        len(text) <= EMOJI_CHARS_MAX
        and not any(kind[0] == "Z" or kind in ("Cc", "Cf", "Cs") for kind in kinds)
        and any(kind[0] != "M" for kind in kinds)
    )
