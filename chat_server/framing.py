"""A text as one WebSocket frame, whole and unmasked, as servers send it. Pure.

    +---------+---------------------------+------------------+
    | FIN, 1  | 0, length below 126       | payload in UTF-8 |     RFC 6455 §5.2
    |         | 0, 126, length in 2 bytes |                  |
    |         | 0, 127, length in 8 bytes |                  |
    +---------+---------------------------+------------------+

It is the same for whoever receives it, as long as no connection agrees on an extension, such as compression.
"""

from typing import Final

WHOLE_TEXT: Final = 0x81
"""The first byte: the last and only frame (FIN) of a text (opcode 1)."""


def text_frame(payload: bytes) -> bytes:
    """The frame with this payload, which must be UTF-8."""
    length = len(payload)
    if length < 126:
        head = bytes((WHOLE_TEXT, length))
    elif length < 1 << 16:
        head = bytes((WHOLE_TEXT, 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((WHOLE_TEXT, 127)) + length.to_bytes(8, "big")
    return head + payload
