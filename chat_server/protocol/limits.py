"""What is fixed: names, numbers and close codes that both sides keep to."""

from typing import Final

SUBPROTOCOL: Final = "doubletick.v1"
VERSION: Final = 1
PATH: Final = "/ws"
DEFAULT_PORT: Final = 8080
LOBBY: Final = "general"
"""The room that everybody is a member of from the first hello."""

ID_MAX: Final = 2**53 - 1
"""The largest integer that every JSON implementation holds exactly (RFC 8259 §6)."""
NAME_CHARS_MAX: Final = 32
CONTENT_CHARS_MAX: Final = 8_000
NONCE_CHARS_MAX: Final = 64
REF_CHARS_MAX: Final = 64
RANGES_MAX: Final = 1_000
"""Ranges in one `read` or `receipt`, and editions."""
EMOJI_CHARS_MAX: Final = 16
"""Characters in a reaction, which may be one emoji of several."""
REACTIONS_MAX: Final = 20
"""Different reactions to one message."""
PINS_MAX: Final = 50
"""Pinned messages of one room."""
PINS_BYTES_MAX: Final = 2 * 1024 * 1024
"""Bytes of content and reactions past which `pins` leaves older pins out."""
EDITIONS_MAX: Final = 1_000
"""Edits of one message."""
PAGE_MAX: Final = 200
"""Messages in one `history`."""
PAGE_BYTES_MAX: Final = 512 * 1024
"""Bytes of content after which a page ends early, with at least one message in it."""
PAGE_RECEIPTS_BYTES_MAX: Final = 2 * 1024 * 1024
"""Bytes of receipts past which a page has fewer messages, with at least one in it."""
REQUEST_BYTES_MAX: Final = 128 * 1024
"""Holds the longest legal post even where each character is written as twelve bytes, a `\\uXXXX` pair."""
FRAME_BYTES_MAX: Final = 4 * 1024 * 1024
"""What a client must be ready to receive: a full page with the receipts of a full room."""
LINK_MS: Final = 10 * 60 * 1000
"""How long the code for another device is good."""
MEMBERS_MAX: Final = 1_000
ROOMS_MAX: Final = 1_000
ROOMS_JOINED_MAX: Final = 200
"""Rooms of one member."""
ROOMS_OWNED_MAX: Final = 50
"""Rooms of one owner."""
DIRECTS_MAX: Final = 5_000
"""Direct conversations of a server; they do not count as its rooms, nor as anybody's."""
DIRECTS_JOINED_MAX: Final = 200
"""Direct conversations of one person, whoever began them."""
TITLE_CHARS_MAX: Final = 200
QUERY_CHARS_MAX: Final = 200
SEARCH_HITS_MAX: Final = 50
"""Messages in one answer to `search`."""
SEARCH_SCAN_MAX: Final = 4_000
"""Messages that one `search` looks at; fewer where they are long."""
SEARCH_MATCHES_MAX: Final = 100
"""Places in one found message that are told."""
SEARCH_ROOMS_MAX: Final = 500
"""Rooms in one `before`: more than anybody is in."""


class CloseCode:
    """Why a connection was closed (RFC 6455 §7.4), and what a client does about it."""

    LEAVING: Final = 1000
    GOING: Final = 1001
    """The server ends; reconnect."""
    BAD_DATA: Final = 1003
    BAD_UTF8: Final = 1007
    NOT_ALLOWED: Final = 1008
    """Do not reconnect."""
    TOO_LARGE: Final = 1009
    RESTARTING: Final = 1012
    OVERLOADED: Final = 1013
    PROTOCOL_ERROR: Final = 4000
    TOO_SLOW: Final = 4001
    """The peer did not read what it was sent; reconnect and resume."""
    NAME_TAKEN: Final = 4003
    """Do not reconnect under this name."""
    REPLACED: Final = 4004
