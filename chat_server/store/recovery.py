"""From a directory's files to the rooms that were in memory, or a refusal that says which bytes are in the way.

Reads only; what has to be mended is returned for the store to do. The rules are those of `docs/storage.md`.
"""

from dataclasses import dataclass, field
from pathlib import Path

from chat_server.chat import Chat
from chat_server.journal import Commit, UnknownCommit, find_intact, read_commits
from chat_server.room import Room
from chat_server.snapshot import Head, OtherVersion, Snapshot, SnapshotError, parse_snapshot
from chat_server.store.disk import Readable
from chat_server.store.errors import Damaged, WrongVersion
from chat_server.store.layout import PREVIOUS, SNAPSHOT, segment_firsts, segment_name

ADVICE = (
    "Nothing was changed. `chat-server repair` makes a new directory of all that is intact; docs/storage.md says "
    'more under "When it will not start".'
)


@dataclass(slots=True)
class Recovered:
    """What a directory holds."""

    head: Head
    """Of the snapshot that was read."""
    chat: Chat
    sequence: int
    """The last commit there is."""
    segment: str = ""
    """The journal file that goes on."""
    size: int = 0
    """How many of its bytes are intact commits; what follows is `torn`."""
    torn: bytes = b""
    """The rest of a write that a crash cut off."""
    warnings: list[str] = field(default_factory=list)

    @property
    def rooms(self) -> dict[str, Room]:
        """The chat's rooms, by name."""
        return self.chat.rooms


def is_fresh(disk: Readable, directory: Path) -> bool:
    """Whether nothing was ever kept here; a first start that a crash cut short has left an empty journal."""
    names = disk.names(directory)
    if SNAPSHOT in names or PREVIOUS in names:
        return False
    firsts = segment_firsts(names)
    return not firsts or (firsts == [1] and not read_file(disk, directory / segment_name(1)))


def recover(disk: Readable, directory: Path) -> Recovered:
    """Everything that was committed. Raises Damaged, WrongVersion, and OSError where a file cannot be read."""
    names = disk.names(directory)
    _, recovered = newest_generation(disk, directory, names)
    replay_journal(recovered, disk, directory, names)
    return recovered


# The snapshot


def newest_generation(disk: Readable, directory: Path, names: list[str]) -> tuple[str, Recovered]:
    """The file to begin from, and what it holds. Raises as `recover` does."""
    if SNAPSHOT in names:
        return SNAPSHOT, read_generation(disk, directory / SNAPSHOT)
    # A crash between the two renames of `compaction.publish` leaves the previous generation alone. The journal
    # reaches back to it, so nothing is missing.
    if PREVIOUS in names:
        recovered = read_generation(disk, directory / PREVIOUS)
        recovered.warnings.append(f"{SNAPSHOT} is missing; {PREVIOUS} and the journal beside it made up for it.")
        return PREVIOUS, recovered
    raise Damaged(f"{directory} has journal files and no {SNAPSHOT}. {ADVICE}")


def read_snapshot(disk: Readable, path: Path, *, advice: str = ADVICE) -> Snapshot:
    """The snapshot in this file. Raises Damaged, WrongVersion, and OSError where it cannot be read.

    `advice` ends the sentence about damage: what can be done about this file.
    """
    try:
        return parse_snapshot(read_file(disk, path))
    except OtherVersion as error:
        raise WrongVersion(
            f"{path} was written by another version of the server: {error}. Nothing was changed."
        ) from None
    except SnapshotError as error:
        raise Damaged(f"{path} is damaged: {error}. {advice}") from None


def read_generation(disk: Readable, path: Path, *, advice: str = ADVICE) -> Recovered:
    """What this snapshot's file holds, with nothing of the journal yet. Raises as `read_snapshot` does."""
    snapshot = read_snapshot(disk, path, advice=advice)
    try:
        chat = Chat.thaw(snapshot.chat)
    except AssertionError:
        raise Damaged(f"{path} is damaged: its parts contradict themselves. {advice}") from None
    return Recovered(snapshot.head, chat, snapshot.head.sequence)


# The journal


def replay_journal(recovered: Recovered, disk: Readable, directory: Path, names: list[str]) -> None:
    """Apply every commit after those that have been recovered. Raises Damaged, WrongVersion and OSError."""
    firsts = [first for first in segment_firsts(names) if first > recovered.sequence]
    _check_begin(directory, firsts, recovered.sequence + 1)
    for first in firsts:
        replay_segment(recovered, disk, directory, first, last=first == firsts[-1])


def _check_begin(directory: Path, firsts: list[int], expected: int) -> None:
    """Refuse a journal that does not begin where the snapshot ends.

    A segment is made to last before the snapshot that it follows, so one that is not there was taken away.
    """
    if firsts[:1] != [expected]:
        raise Damaged(
            f"{directory / segment_name(expected)} is missing: commit {expected} and all later ones "
            f"belong there. {ADVICE}"
        )


def replay_segment(recovered: Recovered, disk: Readable, directory: Path, first: int, *, last: bool) -> None:
    """Apply one journal file; only the last one may end with a torn write."""
    path = directory / segment_name(first)
    if first > recovered.sequence + 1:
        raise Damaged(
            f"Commits {recovered.sequence + 1} to {first - 1} are missing: no file holds them, or the one before "
            f"{path} is cut short. {ADVICE}"
        )
    text = read_file(disk, path)
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
            apply_commit(recovered.chat, commit)
            recovered.sequence, end = commit.sequence, after
    except UnknownCommit as error:
        raise unknown_record(path, error) from None
    except (AssertionError, OverflowError):
        raise _damaged(
            path, end, f"commit {recovered.sequence + 1}, which does not follow from the rest"
        ) from None
    return end


def apply_commit(chat: Chat, commit: Commit) -> None:
    """Change the chat by all of its records. AssertionError or OverflowError: it does not follow from it."""
    for record in commit.records:
        chat.apply(record)


def _check_torn(recovered: Recovered, path: Path, text: bytes, end: int) -> None:
    """Refuse where a later line proves that what is missing had been on disk: then it is no torn write."""
    missing = recovered.sequence + 1
    try:
        proof = next((each for each in find_intact(text, end + 1) if _proves(each, missing)), None)
    except UnknownCommit as error:
        raise unknown_record(path, error) from None
    if proof is not None:
        raise _damaged(path, end, f"commits {missing} to {proof.sequence - 1}, which were complete")


def _proves(commit: Commit, missing: int) -> bool:
    return commit.synced >= missing


def _damaged(path: Path, offset: int, what: str) -> Damaged:
    return Damaged(f"{path} is damaged at byte {offset}, in {what}. {ADVICE}")


def unknown_record(path: Path, error: UnknownCommit) -> WrongVersion:
    """The refusal of a line that is as it was written, by another program."""
    return WrongVersion(
        f"{path} holds at byte {error.offset} a record of another version of the server: {error}. "
        "Nothing was changed."
    )


def read_file(disk: Readable, path: Path) -> bytes:
    """All of its bytes. Raises OSError."""
    return b"".join(disk.blocks(path))
