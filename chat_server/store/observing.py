"""A directory's contents for those who only look: no lock, nothing written, also beside a server that goes on."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from chat_server.room import Room
from chat_server.store.disk import LocalDisk, Readable
from chat_server.store.errors import Damaged, Unwritable
from chat_server.store.layout import PREVIOUS, SNAPSHOT, segment_firsts, segment_name
from chat_server.store.recovery import Recovered, is_fresh, recover

TRIES_MAX: Final = 10

Found = TypeVar("Found")

Tell = Callable[[int], None]
"""Takes how many more bytes that were to be read, or lines that were to be written, are done with."""


def untold(_: int) -> None:
    """For who does not want to know."""


class WatchedDisk(LocalDisk):
    """A disk that tells how far the reading has come.

    A file counts once the next one is begun, as it is read in no time and then taken in; `by_block` is for who
    takes it in as it is read.
    """

    def __init__(self, tell: Tell, *, by_block: bool = False) -> None:
        """Take whom to tell."""
        self._tell = tell
        self._by_block = by_block
        self._untold = 0

    def blocks(self, path: Path) -> Iterator[bytes]:
        self._catch_up()
        for block in super().blocks(path):
            yield block
            self._untold += len(block)
            if self._by_block:
                self._catch_up()

    def _catch_up(self) -> None:
        self._tell(self._untold)
        self._untold = 0


def size_of(path: Path) -> int:
    """How many bytes there are to read in this file, or in a directory's snapshots and journal; 0 if unknown."""
    try:
        if not path.is_dir():
            return path.stat().st_size
        names = [SNAPSHOT, PREVIOUS, *map(segment_name, segment_firsts([each.name for each in path.iterdir()]))]
        return sum((path / name).stat().st_size for name in names if (path / name).exists())
    except OSError:
        return 0


def observe(disk: Readable, directory: Path) -> Recovered:
    """Everything that was committed up to a moment of this call; `torn` may be a commit on its way.

    Raises Damaged, WrongVersion, Unwritable where there is no chat, and OSError.
    """
    return settled(lambda: _observe(disk, directory))


def _observe(disk: Readable, directory: Path) -> Recovered:
    require_chat(disk, directory)
    return recover(disk, directory)


def require_chat(disk: Readable, directory: Path) -> None:
    """Refuse a directory in which nothing was ever kept."""
    if is_fresh(disk, directory):
        raise Unwritable(f"{directory} holds no chat. Give the directory that the server keeps its data in.")


def settled(look: Callable[[], Found]) -> Found:
    """What `look` finds in files that a server may be changing.

    A file may be renamed or removed for a snapshot between its listing and its reading, and a write that did
    not fit may be taken back and written again while it is read. Damage stays as it is, so it counts once it
    has been found twice in a row in the same place.
    """
    before = ""
    for _ in range(TRIES_MAX - 1):
        try:
            return look()
        except (Damaged, FileNotFoundError) as error:
            if str(error) == before:
                raise
            before = str(error)
    return look()


@dataclass(frozen=True, slots=True)
class Figures:
    """How much some rooms hold."""

    rooms: int
    messages: int
    members: int
    """People who are a member of one of them now."""
    readers: int
    """People who have read something."""
    advances: int


def figures(rooms: Iterable[Room]) -> Figures:
    """Count what is there."""
    counted = list(rooms)
    readings = [(name, reading) for room in counted for name, reading in room.readings.items()]
    return Figures(
        rooms=len(counted),
        messages=sum(room.last_id for room in counted),
        members=len({name for room in counted for name in room.members}),
        readers=len({name for name, _ in readings}),
        advances=sum(1 for _, reading in readings for _ in reading.advances()),
    )
