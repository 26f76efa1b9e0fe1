"""A damaged directory's best beginning: the snapshot and the commits that are intact and follow without a gap.

Reads the damaged directory and fills another; what is lost is counted as well as what is intact allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chat_server.chat import Chat
from chat_server.journal import Commit, UnknownCommit, locate_intact
from chat_server.room import Advanced, Posted, Room
from chat_server.store.disk import Readable
from chat_server.store.errors import Damaged
from chat_server.store.explaining import explained
from chat_server.store.layout import PREVIOUS, SNAPSHOT, segment_firsts, segment_name
from chat_server.store.observing import require_chat
from chat_server.store.opening import new_head
from chat_server.store.recovery import Recovered, apply_commit, read_file, read_generation, unknown_record


@dataclass(frozen=True, slots=True)
class Unread:
    """Bytes of a journal file that are no intact commit."""

    name: str
    first: int
    last: int
    """Both offsets are of bytes that belong to it."""


@dataclass(slots=True)
class Journal:
    """Every intact commit of a directory, whatever stands between them."""

    commits: dict[int, Commit] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    traced: int = 0
    """The highest commit that anything intact tells of."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What cannot follow from what is kept; ranges are inclusive, and empty where the first is above the last."""

    commits: tuple[int, int]
    """Up to the last one of which there is a trace."""
    intact: int
    """How many of them are readable in the journal."""
    messages: dict[str, tuple[int, int]]
    """Per room the ids that were given, as far as intact commits tell."""
    receipts: int
    """In intact commits."""


@dataclass(frozen=True, slots=True)
class Salvage:
    """What a repair keeps and loses."""

    base: str
    """The snapshot's file; empty where none is intact and the journal begins with commit 1."""
    recovered: Recovered
    loss: Loss
    unusable: list[str]
    """The snapshots that cannot be read, each in a sentence."""
    unread: list[Unread]

    @property
    def loses(self) -> bool:
        """Whether there was a commit that is not kept."""
        return self.loss.commits[0] <= self.loss.commits[1]


def salvage(disk: Readable, directory: Path) -> Salvage:
    """The best that can be had of a directory, damaged or not, which no server uses. Changes nothing.

    Raises Damaged where neither a snapshot nor the journal's first commit is intact, WrongVersion where another
    version wrote in it, Unwritable where there is no chat, and DiskFailed.
    """
    with explained(directory):
        require_chat(disk, directory)
        names = disk.names(directory)
        journal = _read_journal(disk, directory, names)
        unusable: list[str] = []
        best: tuple[str, Recovered] | None = None
        for name in ("", PREVIOUS, SNAPSHOT):
            if name and name not in names:
                continue
            found = _advance(disk, directory, name, journal, unusable)
            if found is not None and (best is None or found.sequence >= best[1].sequence):
                best = name, found
    if best is None:
        raise Damaged(
            f"Nothing can be made of {directory}: no snapshot is intact, and commit 1 is not in the journal. "
            "Restore a backup with `chat-server restore`."
        )
    loss = _loss(best[1], journal)
    return Salvage(*best, loss=loss, unusable=unusable, unread=journal.unread)


# The journal


def _read_journal(disk: Readable, directory: Path, names: list[str]) -> Journal:
    journal = Journal()
    for first in segment_firsts(names):
        path = directory / segment_name(first)
        journal.traced = max(journal.traced, first - 1)
        try:
            _read_segment(journal, path.name, read_file(disk, path))
        except UnknownCommit as error:
            raise unknown_record(path, error) from None
    return journal


def _read_segment(journal: Journal, name: str, text: bytes) -> None:
    end = 0
    for start, after, commit in locate_intact(text, 0):
        if start > end:
            journal.unread.append(Unread(name, end, start - 1))
        journal.commits.setdefault(commit.sequence, commit)
        journal.traced = max(journal.traced, commit.sequence, commit.synced)
        end = after
    if end < len(text):
        journal.unread.append(Unread(name, end, len(text) - 1))


# What is kept


def _advance(
    disk: Readable, directory: Path, name: str, journal: Journal, unusable: list[str]
) -> Recovered | None:
    """This beginning with every commit that follows; None where it is none. Notes why in `unusable`."""
    limit: int | None = None
    while True:
        try:
            recovered = _base(disk, directory, name, journal)
        except Damaged as error:
            unusable.append(str(error))
            return None
        if recovered is None:
            return None
        limit = _follow(recovered, journal, limit)
        if limit is None:
            return recovered


def _base(disk: Readable, directory: Path, name: str, journal: Journal) -> Recovered | None:
    if name:
        return read_generation(disk, directory / name, advice="It was left out.")
    return Recovered(new_head(), Chat(), 0) if 1 in journal.commits else None


def _follow(recovered: Recovered, journal: Journal, limit: int | None) -> int | None:
    """Apply what follows, up to `limit`; return the last commit before one that does not fit, which spoils all."""
    for commit in _following(journal, recovered.sequence):
        if limit is not None and commit.sequence > limit:
            break
        try:
            apply_commit(recovered.chat, commit)
        except (AssertionError, OverflowError):
            return recovered.sequence
        recovered.sequence = commit.sequence
    return None


def _following(journal: Journal, sequence: int) -> Iterator[Commit]:
    while (commit := journal.commits.get(sequence + 1)) is not None:
        yield commit
        sequence += 1


# What is lost


def _loss(recovered: Recovered, journal: Journal) -> Loss:
    lost = [commit for at, commit in sorted(journal.commits.items()) if at > recovered.sequence]
    records = [record for commit in lost for record in commit.records]
    messages: dict[str, tuple[int, int]] = {}
    for record in records:
        if isinstance(record, Posted):
            kept = recovered.rooms.get(record.room, Room(record.room)).last_id
            messages[record.room] = (kept + 1, max(record.entry.id, messages.get(record.room, (0, 0))[1]))
    return Loss(
        commits=(recovered.sequence + 1, max(journal.traced, recovered.sequence)),
        intact=len(lost),
        messages=messages,
        receipts=sum(isinstance(record, Advanced) for record in records),
    )
