"""Data directories for tests: lives that are known commit by commit, on real files or in memory."""

import asyncio
import errno
from collections.abc import Iterator, Sequence
from pathlib import Path

from chat_server.journal import Head, commit_line, snapshot_chunks
from chat_server.room import Advanced, AnyRecord, Departed, Entered, Entry, Opened, Posted, Room
from chat_server.store import Store
from chat_server.store.layout import PREVIOUS, SNAPSHOT, segment_name
from tests.chat_server.rooms import as_values

EPOCH = "0123456789abcdef"


def life(count: int) -> list[tuple[AnyRecord, ...]]:
    """So many commits: a room with two members, posts, receipts, and somebody who leaves and comes back."""
    commits: list[tuple[AnyRecord, ...]] = [
        (
            Opened(room="general", title="General", at=1),
            Entered(room="general", name="ann", at=1),
            Entered(room="general", name="bob", at=1),
        )
    ]
    for at in range(1, count):
        entry = Entry(at, "ann", f"n{at}", f"message {at} — “✓✓”\n2nd", 1_700_000_000_000 + at, at - 1 or None)
        commits.append((Posted(room="general", entry=entry), *_beside(at)))
    return commits


def _beside(at: int) -> list[AnyRecord]:
    records: dict[int, list[AnyRecord]] = {
        0: [Advanced(room="general", reader="bob", ranges=((at, at),), read_at=at)],
        2: [Departed(room="general", name="bob", at=at)],
        3: [Entered(room="general", name="bob", at=at)],
    }
    return records.get(at % 5, [])


def apply(rooms: dict[str, Room], commit: Sequence[AnyRecord]) -> None:
    for record in commit:
        rooms.setdefault(record.room, Room(record.room)).apply(record)


def values(rooms: dict[str, Room]) -> list[object]:
    """Everything that the rooms are, comparable."""
    return [as_values(room.freeze()) for room in rooms.values()]


def truths(commits: Sequence[Sequence[AnyRecord]]) -> list[list[object]]:
    """What was there after each number of commits, 0 included."""
    rooms: dict[str, Room] = {}
    found = [values(rooms)]
    for commit in commits:
        apply(rooms, commit)
        found.append(values(rooms))
    return found


def build(directory: Path, *chapters: int) -> None:
    """A directory that a store has made: so many commits of a life, a snapshot, so many more, and so on."""
    asyncio.run(_build(directory, chapters))


async def _build(directory: Path, chapters: Sequence[int]) -> None:
    commits = iter(life(sum(chapters)))
    rooms: dict[str, Room] = {}
    store = Store.open(directory)
    for at, count in enumerate(chapters):
        if at:
            await store.snapshot([room.freeze() for room in rooms.values()])
        for _ in range(count):
            commit = next(commits)
            await store.commit(commit)
            apply(rooms, commit)
    await store.close()


class Memory:
    """A directory in memory, for those who only read."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def names(self, directory: Path) -> list[str]:  # noqa: ARG002
        return list(self.files)

    def blocks(self, path: Path) -> Iterator[bytes]:
        if path.name not in self.files:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))
        yield self.files[path.name]


def files_of(first: int, second: int, third: int) -> dict[str, bytes]:
    """The files after `first` commits, a snapshot, `second` more, another snapshot, and `third` more."""
    commits = life(first + second + third)
    files = {}
    rooms: dict[str, Room] = {}
    lines: list[bytes] = []
    for at, commit in enumerate(commits, 1):
        lines.append(commit_line(at, at - 1, commit))
        apply(rooms, commit)
        for generation, end in ((2, first), (3, first + second)):
            if at == end:
                head = Head(epoch=EPOCH, generation=generation, sequence=at, written_at=1_700_000_000_000)
                text = b"".join(snapshot_chunks(head, [room.freeze() for room in rooms.values()]))
                files[PREVIOUS if generation == 2 else SNAPSHOT] = text
    files[segment_name(first + 1)] = b"".join(lines[first : first + second])
    files[segment_name(first + second + 1)] = b"".join(lines[first + second :])
    return files
