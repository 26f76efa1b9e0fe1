"""Whether a directory would be recovered, and what is in it: both generations, and that they say the same."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chat_server.room import Room
from chat_server.snapshot import Head
from chat_server.store.disk import Readable
from chat_server.store.errors import Damaged
from chat_server.store.explaining import explained
from chat_server.store.layout import PREVIOUS, SNAPSHOT, segment_firsts, segment_name
from chat_server.store.observing import require_chat, settled
from chat_server.store.recovery import (
    ADVICE,
    Recovered,
    newest_generation,
    read_generation,
    replay_journal,
    replay_segment,
)

_SPARE = f"Nothing is missing, and the server starts without it: move {PREVIOUS} out of the directory."


@dataclass(frozen=True, slots=True)
class Generation:
    """A snapshot that is as it was written."""

    name: str
    head: Head
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What an intact directory holds, as of commit `recovered.sequence`."""

    recovered: Recovered
    generations: list[Generation]
    """The newest first."""
    segments: dict[str, int]
    """The journal files that count, with their bytes."""


class _Counting:
    """A disk that knows how many bytes were read of each file."""

    def __init__(self, disk: Readable) -> None:
        self._disk = disk
        self.sizes = Counter[str]()

    def names(self, directory: Path) -> list[str]:
        return self._disk.names(directory)

    def blocks(self, path: Path) -> Iterator[bytes]:
        self.sizes[path.name] = 0
        for block in self._disk.blocks(path):
            self.sizes[path.name] += len(block)
            yield block


def check(disk: Readable, directory: Path) -> Checked:
    """Read everything that recovery might ever rely on; also while a server runs. Changes nothing.

    Raises Damaged, WrongVersion, Unwritable where there is no chat or it may not be read, and DiskFailed.
    """
    with explained(directory):
        return settled(lambda: _check(_Counting(disk), directory))


def _check(disk: _Counting, directory: Path) -> Checked:
    require_chat(disk, directory)
    names = disk.names(directory)
    newest, recovered = newest_generation(disk, directory, names)
    generations = [Generation(newest, recovered.head, disk.sizes[newest])]
    if newest == SNAPSHOT and PREVIOUS in names:
        older = read_generation(disk, directory / PREVIOUS, advice=_SPARE)
        generations.append(Generation(PREVIOUS, older.head, disk.sizes[PREVIOUS]))
        _check_agreement(disk, directory, names, older, recovered)
    replay_journal(recovered, disk, directory, names)
    first = generations[-1].head.sequence + 1
    segments = {
        segment_name(each): disk.sizes[segment_name(each)] for each in segment_firsts(names) if each >= first
    }
    return Checked(recovered, generations, segments)


def _check_agreement(
    disk: Readable, directory: Path, names: list[str], older: Recovered, newer: Recovered
) -> None:
    """Whether the previous generation and its longer journal lead to the newest one."""
    if older.head.epoch != newer.head.epoch or older.sequence > newer.sequence:
        raise Damaged(f"{directory / PREVIOUS} is of another history than {SNAPSHOT}. {_SPARE}")
    for first in segment_firsts(names):
        if older.sequence < first <= newer.sequence:
            replay_segment(older, disk, directory, first, last=False)
    if older.sequence != newer.sequence:
        raise Damaged(
            f"Commits {older.sequence + 1} to {newer.sequence} are missing between {PREVIOUS} and {SNAPSHOT} in "
            f"{directory}. {_SPARE}"
        )
    if older.chat.people.freeze() != newer.chat.people.freeze():
        raise Damaged(
            f"{directory / SNAPSHOT} is damaged: its people are not what {PREVIOUS} and the journal make of them. "
            f"{ADVICE}"
        )
    for name in older.rooms.keys() | newer.rooms.keys():
        if _contents(older.rooms.get(name)) != _contents(newer.rooms.get(name)):
            raise Damaged(
                f"{directory / SNAPSHOT} is damaged: room {name!r} is not what {PREVIOUS} and the journal make of "
                f"it. {ADVICE}"
            )


def _contents(room: Room | None) -> object:
    """All that a room durably is, comparable."""
    if room is None:
        return None
    state = room.freeze()
    readings = {reader: list(reading.advances()) for reader, reading in state.readings.items()}
    marks = tuple(state.editions), tuple(state.pins), tuple(state.reactions)
    return state.title, state.revision, state.stays, readings, [*state.messages], marks
