"""From a directory's files to the rooms that were in memory, or a refusal that says which bytes are in the way.

Reads only; what has to be mended is returned for the store to do. The rules are those of `docs/storage.md`.
"""

from dataclasses import dataclass, field
from pathlib import Path

from chat_server.journal import (
    Commit,
    Head,
    OtherVersion,
    Snapshot,
    SnapshotError,
    UnknownCommit,
    find_intact,
    parse_snapshot,
    read_commits,
)
from chat_server.room import AnyRecord, Opened, Room
from chat_server.store.disk import Disk
from chat_server.store.errors import Damaged, WrongVersion
from chat_server.store.layout import PREVIOUS, SNAPSHOT, segment_firsts, segment_name

ADVICE = 'Nothing was changed. What can be done is in docs/storage.md under "When it will not start".'


@dataclass(slots=True)
class Recovered:
    """What a directory holds."""

    head: Head
    """Of the snapshot that was read."""
    rooms: dict[str, Room]
    sequence: int
    """The last commit there is."""
    segment: str = ""
    """The journal file that goes on."""
    size: int = 0
    """How many of its bytes are intact commits; what follows is `torn`."""
    torn: bytes = b""
    """The rest of a write that a crash cut off."""
    warnings: list[str] = field(default_factory=list)


def is_fresh(disk: Disk, directory: Path) -> bool:
    """Whether nothing was ever kept here; a first start that a crash cut short has left an empty journal."""
    names = disk.names(directory)
    if SNAPSHOT in names or PREVIOUS in names:
        return False
    firsts = segment_firsts(names)
    return not firsts or (firsts == [1] and not _read(disk, directory / segment_name(1)))


def recover(disk: Disk, directory: Path) -> Recovered:
    """Everything that was committed. Raises Damaged, WrongVersion, and OSError where a file cannot be read."""
    names = disk.names(directory)
    name = _newest_snapshot(directory, names)
    snapshot = read_snapshot(disk, directory / name)
    recovered = Recovered(snapshot.head, _thaw(directory / name, snapshot), snapshot.head.sequence)
    if name == PREVIOUS:
        recovered.warnings.append(f"{SNAPSHOT} is missing; {PREVIOUS} and the journal beside it made up for it.")
    firsts = [first for first in segment_firsts(names) if first > snapshot.head.sequence]
    _check_begin(directory, firsts, snapshot.head.sequence + 1)
    for first in firsts:
        _replay_segment(recovered, disk, directory, first, last=first == firsts[-1])
    return recovered


# The snapshot


def _newest_snapshot(directory: Path, names: list[str]) -> str:
    # A crash between the two renames of `compaction.publish` leaves the previous generation alone. The journal
    # reaches back to it, so nothing is missing.
    for name in (SNAPSHOT, PREVIOUS):
        if name in names:
            return name
    raise Damaged(f"{directory} has journal files and no {SNAPSHOT}. {ADVICE}")


def read_snapshot(disk: Disk, path: Path) -> Snapshot:
    """The snapshot in this file. Raises Damaged, WrongVersion, and OSError where it cannot be read."""
    try:
        return parse_snapshot(_read(disk, path))
    except OtherVersion as error:
        raise WrongVersion(
            f"{path} was written by another version of the server: {error}. Nothing was changed."
        ) from None
    except SnapshotError as error:
        raise Damaged(f"{path} is damaged: {error}. {ADVICE}") from None


def _thaw(path: Path, snapshot: Snapshot) -> dict[str, Room]:
    try:
        rooms = {state.name: Room.thaw(state) for state in snapshot.rooms}
        assert len(rooms) == len(snapshot.rooms)
    except AssertionError:
        raise Damaged(f"{path} is damaged: its rooms contradict themselves. {ADVICE}") from None
    return rooms


# The journal


def _check_begin(directory: Path, firsts: list[int], expected: int) -> None:
    """Refuse a journal that does not begin where the snapshot ends.

    A segment is made to last before the snapshot that it follows, so one that is not there was taken away.
    """
    if firsts[:1] != [expected]:
        raise Damaged(
            f"{directory / segment_name(expected)} is missing: commit {expected} and all later ones "
            f"belong there. {ADVICE}"
        )


def _replay_segment(recovered: Recovered, disk: Disk, directory: Path, first: int, *, last: bool) -> None:
    path = directory / segment_name(first)
    if first > recovered.sequence + 1:
        raise Damaged(
            f"Commits {recovered.sequence + 1} to {first - 1} are missing: no file holds them, or the one before "
            f"{path} is cut short. {ADVICE}"
        )
    text = _read(disk, path)
    end = _replay(recovered, path, text)
    if end < len(text):
        if not last:
            raise _damaged(path, end, f"commit {recovered.sequence + 1}, which was complete")
        _check_torn(recovered, path, text, end)
        recovered.torn = text[end:]
    recovered.segment, recovered.size = path.name, end


def _replay(recovered: Recovered, path: Path, text: bytes) -> int:
    """Apply what is intact from the beginning; return where that ends."""
    end = 0
    try:
        for after, commit in read_commits(text):
            if commit.sequence != recovered.sequence + 1:
                raise _damaged(path, end, f"commit {recovered.sequence + 1}; {commit.sequence} stands there")
            for record in commit.records:
                _apply(recovered.rooms, record)
            recovered.sequence, end = commit.sequence, after
    except UnknownCommit as error:
        raise _unknown(path, error) from None
    except (AssertionError, OverflowError):
        raise _damaged(
            path, end, f"commit {recovered.sequence + 1}, which does not follow from the rest"
        ) from None
    return end


def _apply(rooms: dict[str, Room], record: AnyRecord) -> None:
    room = rooms.get(record.room)
    if room is None:
        assert isinstance(record, Opened)
        room = rooms[record.room] = Room(record.room)
    room.apply(record)


def _check_torn(recovered: Recovered, path: Path, text: bytes, end: int) -> None:
    """Refuse where a later line proves that what is missing had been on disk: then it is no torn write."""
    missing = recovered.sequence + 1
    try:
        proof = next((each for each in find_intact(text, end + 1) if _proves(each, missing)), None)
    except UnknownCommit as error:
        raise _unknown(path, error) from None
    if proof is not None:
        raise _damaged(path, end, f"commits {missing} to {proof.sequence - 1}, which were complete")


def _proves(commit: Commit, missing: int) -> bool:
    return commit.synced >= missing


def _damaged(path: Path, offset: int, what: str) -> Damaged:
    return Damaged(f"{path} is damaged at byte {offset}, in {what}. {ADVICE}")


def _unknown(path: Path, error: UnknownCommit) -> WrongVersion:
    return WrongVersion(
        f"{path} holds at byte {error.offset} a record of another version of the server: {error}. "
        "Nothing was changed."
    )


def _read(disk: Disk, path: Path) -> bytes:
    return b"".join(disk.blocks(path))
