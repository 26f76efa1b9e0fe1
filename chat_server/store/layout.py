"""The names of a data directory's files."""

import re
from typing import Final

LOCK: Final = "LOCK"
SNAPSHOT: Final = "snapshot.json"
PREVIOUS: Final = "snapshot.previous.json"
TEMPORARY: Final = "snapshot.json.tmp"
ADMIN: Final = "admin.sock"
"""Where a running server takes orders; see `chat_server.admin`."""
RESERVE: Final = "RESERVE"
RESERVE_TEMPORARY: Final = "RESERVE.tmp"

_SEGMENT: Final = re.compile(r"journal-(\d{16})\.jsonl")


def segment_name(first: int) -> str:
    """The journal file whose first line is this commit, padded so that names sort as numbers do."""
    return f"journal-{first:016}.jsonl"


def segment_firsts(names: list[str]) -> list[int]:
    """The first commit of each journal file among these names, ascending."""
    return sorted(int(match[1]) for name in names if (match := _SEGMENT.fullmatch(name)))


def torn_name(segment: str, offset: int, crc: int) -> str:
    """Where the end of a journal file is kept that was cut off; the same bytes get the same name again."""
    return f"torn-{segment.removesuffix('.jsonl')}-{offset}-{crc:08x}"
