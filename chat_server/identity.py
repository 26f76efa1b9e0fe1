"""Names and whose they are. Pure.

Until names are bound to keys, a name belongs to whoever holds a connection under it, and the owner's other
devices are told by the key, or else the client word, that they send with `hello`.
"""

import unicodedata
from dataclasses import dataclass

from chat_server.protocol import NAME_CHARS_MAX

_UNFIT = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
"""Unicode categories that a name cannot hold: what is invisible, moves the cursor or parts words."""

_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
"""Letters and marks that show nothing: fillers, variation selectors (Unicode, Default_Ignorable_Code_Point)."""


def objection(name: str, *, what: str = "name") -> str | None:
    """Why a name of a person or a room cannot be used, as a sentence; None where it can.

    Letters, digits, marks and punctuation of any script in composed form (NFC), without spaces, at most
    `NAME_CHARS_MAX` characters, beginning with no combining mark.
    """
    if not name:
        return f"The {what} is empty."
    if len(name) > NAME_CHARS_MAX:
        return f"The {what} is longer than {NAME_CHARS_MAX} characters."
    for char in name:
        if unicodedata.category(char) in _UNFIT or char in _INVISIBLE:
            return f"The {what} holds a character that cannot be shown in it: U+{ord(char):04X}."
    if unicodedata.normalize("NFC", name) != name:
        return f"The {what} is not in composed form (Unicode NFC)."
    if unicodedata.category(name[0]).startswith("M"):
        return f"The {what} begins with a combining mark."
    return None


@dataclass(frozen=True, slots=True)
class Claim:
    """Who a connection says it is, and what tells its owner from others of the same name."""

    name: str
    key: str | None
    client: str | None

    def same_owner(self, other: "Claim") -> bool:
        """Whether both are devices of one person: by key where either has one, else by client word."""
        if self.key is not None or other.key is not None:
            return self.key == other.key
        return self.client is not None and self.client == other.client
