"""Data directories for tests: lives that are known commit by commit, on real files or in memory."""

import asyncio
import errno
from collections.abc import Iterator, Sequence
from pathlib import Path

from chat_server.chat import AnyRecord, Chat
from chat_server.journal import commit_line
from chat_server.people import Banned, Bound, Chose, Founded, Invited, Promoted, Reset
from chat_server.protocol import Mode
from chat_server.room import Advanced, Departed, Entered, Entry, Opened, Posted, Shared
from chat_server.snapshot import Head, snapshot_chunks
from chat_server.store import Store
from chat_server.store.layout import PREVIOUS, SNAPSHOT, segment_name
from tests.chat_server.rooms import as_values

EPOCH = "0123456789abcdef"


def life(count: int) -> list[tuple[AnyRecord, ...]]:
    """So many commits: a room with two members, posts, receipts, and somebody who leaves and comes back.

    Ann is an admin; others are let in by codes, get new keys, and are banned for a while.
    """
    commits: list[tuple[AnyRecord, ...]] = [
        (
            Founded(at=1, seed="seed"),
            Bound(at=1, name="ann", key="ann's", admin=True),
            Opened(room="general", title="General", at=1),
            Entered(room="general", name="ann", at=1),
            Bound(at=1, name="bob", key="bob's"),
            Entered(room="general", name="bob", at=1),
        )
    ]
    for at in range(1, count):
        entry = Entry(at, "ann", f"n{at}", f"message {at} — “✓✓”\n2nd", 1_700_000_000_000 + at, at - 1 or None)
        commits.append((Posted(room="general", entry=entry), *_beside(at)))
    return commits


def _beside(at: int) -> list[AnyRecord]:
    newcomer = f"newcomer {at - at % 5}"
    records: dict[int, list[AnyRecord]] = {
        0: [Advanced(room="general", reader="bob", ranges=((at, at),), read_at=at)],
        1: [Invited(at=at, digest=f"code {at}", uses=2, expires_at=at + 7)],
        2: [
            Departed(room="general", name="bob", at=at),
            Bound(at=at, name=f"guest {at}", key="k", code=f"code {at - 1}"),
        ],
        3: [Entered(room="general", name="bob", at=at), Promoted(at=at, name=newcomer)],
        4: [Banned(at=at, name="bob", banned=at % 2 == 0), Reset(at=at, name="bob"), *_turned(at)],
    }
    return records[at % 5]


def _turned(at: int) -> list[AnyRecord]:
    mode: Mode = "public" if at % 2 else "private"
    return [Chose(at=at, name="bob", receipts=mode), Shared(room="general", name="bob", mode=mode)]


def apply(chat: Chat, commit: Sequence[AnyRecord]) -> None:
    for record in commit:
        chat.apply(record)


def values(chat: Chat) -> list[object]:
    """Everything that a chat is, comparable, the order of names included: its people, then each room."""
    state = chat.freeze()
    return [(state.people, list(state.people.persons)), *map(as_values, state.rooms)]


def truths(commits: Sequence[Sequence[AnyRecord]]) -> list[list[object]]:
    """What was there after each number of commits, 0 included."""
    chat = Chat()
    found = [values(chat)]
    for commit in commits:
        apply(chat, commit)
        found.append(values(chat))
    return found


def build(directory: Path, *chapters: int) -> None:
    """A directory that a store has made: so many commits of a life, a snapshot, so many more, and so on."""
    asyncio.run(_build(directory, chapters))


async def _build(directory: Path, chapters: Sequence[int]) -> None:
    commits = iter(life(sum(chapters)))
    chat = Chat()
    store = Store.open(directory)
    for at, count in enumerate(chapters):
        if at:
            await store.snapshot(chat.freeze())
        for _ in range(count):
            commit = next(commits)
            await store.commit(commit)
            apply(chat, commit)
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
    chat = Chat()
    lines: list[bytes] = []
    for at, commit in enumerate(commits, 1):
        lines.append(commit_line(at, at - 1, commit))
        apply(chat, commit)
        for generation, end in ((2, first), (3, first + second)):
            if at == end:
                head = Head(epoch=EPOCH, generation=generation, sequence=at, written_at=1_700_000_000_000)
                text = b"".join(snapshot_chunks(head, chat.freeze()))
                files[PREVIOUS if generation == 2 else SNAPSHOT] = text
    files[segment_name(first + 1)] = b"".join(lines[first : first + second])
    files[segment_name(first + second + 1)] = b"".join(lines[first + second :])
    return files
