"""Crashes at every step of the store, on a modelled disk, against an oracle that knows what was acknowledged."""

from random import Random

import pytest

from chat_server.chat import AnyRecord, Chat
from chat_server.people import Bound
from chat_server.room import Entry, Opened, Posted
from chat_server.store import DiskFailed, StorageError, ballast
from chat_server.store.errors import NoSpace
from chat_server.store.layout import PREVIOUS, SNAPSHOT, TEMPORARY
from tests.chat_server.modelled_disk import Crash, ModelledDisk, open_inline


class Lost(Exception):
    """The oracle's verdict."""


def posts(chat: Chat) -> list[str]:
    """All texts, of which each sender must have bound one as a key."""
    texts = [each.content for room in chat.rooms.values() for each in room.messages]
    if [key for _, person in chat.people for key in person.keys] != texts:
        raise Lost(f"{len(list(chat.people))} people for {len(texts)} texts")
    return texts


class Run:
    """One machine's life: a server that commits and snapshots, is killed, loses power, and starts again."""

    def __init__(self, seed: int, omitted: tuple[str, str] | None = None) -> None:
        self.random = Random(seed)
        self.disk = ModelledDisk(self.random, omitted)
        self.acknowledged: list[str] = []
        """Texts, each of them posted by somebody new in the same commit."""
        self.in_flight: list[str] = []
        self.posted = 0
        self.crashes = 0
        self.faulty = False
        """Whether fsync has been made to fail in this life of the server."""
        self.filled = 0
        """How many commits have found the disk full."""

    def live(self, crashes: int) -> None:
        """Go on until so many crashes are over."""
        while self.crashes < crashes:
            self._set_fuse()
            try:
                self._serve()
            except (Crash, DiskFailed):
                self.crashes += 1
                self.faulty = False
                if self.random.random() < 0.7:
                    self.disk.lose_power()
                else:
                    self.disk.come_back()
                if self.random.random() < 0.1:
                    self.disk.space = self.random.choice((0, 100, 1_000))

    def _set_fuse(self) -> None:
        self.disk.steps_left = self.random.choice((self.random.randint(0, 12), self.random.randint(0, 120)))

    def _serve(self) -> None:
        self._open()
        while True:
            dice = self.random.random()
            if self.store.full and dice < 0.3:
                self._free()
            elif dice < 0.72:
                self._commit()
            elif dice < 0.92:
                self._snapshot()
            elif dice < 0.98:
                self.disk.space = self.random.randint(0, 400)
            elif dice < 0.99:
                self.disk.failing = self.faulty = True
            else:
                self._open()

    def _free(self) -> None:
        """Let there be more space, or enough, and have the store look."""
        self.disk.space = self.random.choice((None, self.random.randint(0, 2 * ballast.RESERVE_BYTES)))
        enough = self.disk.space is None or self.disk.space >= ballast.RESERVE_BYTES
        taken = self.store._guarded(self.store._appender.ballast.make)
        if taken is not enough:
            raise Lost(f"takes commits: {taken}, with space for the ballast: {enough}")

    def _open(self) -> None:
        fresh = not {SNAPSHOT, PREVIOUS} & set(self.disk.names_now)
        try:
            self.store = open_inline(self.disk)
        except DiskFailed:
            if self.faulty or fresh:
                raise
            self._open_with_space()
        except StorageError as error:
            raise Lost(f"refused: {error}") from None
        self.chat = self.store.chat
        self._judge(posts(self.chat))

    def _open_with_space(self) -> None:
        """A start on a full disk was refused: only what a crash has torn may be why."""
        self.disk.come_back()
        self.store = open_inline(self.disk)
        if not any("unfinished write" in each for each in self.store.warnings):
            raise Lost("refused on a full disk without need")
        self._set_fuse()

    def _judge(self, recovered: list[str]) -> None:
        if recovered not in (self.acknowledged, self.acknowledged + self.in_flight):
            raise Lost(f"{recovered[-5:]} for {self.acknowledged[-5:]} and perhaps {self.in_flight}")
        # What has been recovered is shown to people, so from now on it must not go either.
        self.acknowledged = recovered
        self.in_flight = []

    def _commit(self) -> None:
        if self.store.full:
            return
        records = self._records()
        self.in_flight = [each.entry.content for each in records if isinstance(each, Posted)]
        try:
            self.store._guarded(self.store._appender.append, records)
        except DiskFailed:
            if not self.faulty:
                raise Lost("a commit has failed for lack of space") from None
            raise
        self.filled += self.store.full
        self.acknowledged = self.acknowledged + self.in_flight
        self.in_flight = []
        for record in records:
            self.chat.apply(record)

    def _records(self) -> list[AnyRecord]:
        records: list[AnyRecord] = [] if self.chat.rooms else [Opened(room="general", title="", at=0)]
        last_id = self.chat.rooms["general"].last_id if self.chat.rooms else 0
        for at in range(self.random.randint(1, 3)):
            self.posted += 1
            name = f"n{self.posted}"
            text = f"{name} " + "x" * self.random.choice((0, 10, 200))
            records.append(Bound(at=0, name=name, key=text))
            records.append(Posted(room="general", entry=Entry(last_id + 1 + at, name, "n", text, 0)))
        return records

    def _snapshot(self) -> None:
        left = TEMPORARY in self.disk.names_now  # by a crash
        try:
            sealed = self.store.seal(self.chat.freeze())
            self.disk.meanwhile = lambda: self._commit() if self.random.random() < 0.2 else None
            self.store._guarded(self.store._compact, sealed)
        except NoSpace:
            if TEMPORARY in self.disk.names_now and not left:
                raise Lost("a snapshot that was given up is still there") from None
        except DiskFailed:
            if not self.faulty:
                raise Lost("a snapshot has ended the server for lack of space") from None
            raise
        finally:
            self.disk.meanwhile = None


@pytest.fixture(autouse=True)
def small_ballast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several times what a commit takes here."""
    monkeypatch.setattr(ballast, "RESERVE_BYTES", 4_000)


def crash(runs: int, crashes: int, omitted: tuple[str, str] | None = None, seed: int = 0) -> int:
    """So many machines, with so many crashes each; how many commits found the disk full. Raises Lost."""
    filled = 0
    for each in range(runs):
        run = Run(seed + each, omitted)
        run.live(crashes)
        filled += run.filled
    return filled


def test_nothing_acknowledged_is_lost_and_nothing_is_refused() -> None:
    assert crash(runs=250, crashes=8) > 100


@pytest.mark.soak
def test_nothing_is_lost_in_many_crashes() -> None:
    crash(runs=10_000, crashes=12, seed=1_000_000)


@pytest.mark.parametrize(
    "omitted",
    [
        ("file", "append"),
        ("file", "_write_synced"),
        ("file", "_mend"),
        ("directory", "rotate"),
        ("directory", "publish"),
        ("directory", "found"),
        ("directory", "_mend"),
    ],
)
def test_each_fsync_is_needed(omitted: tuple[str, str]) -> None:
    with pytest.raises(Lost):
        crash(runs=2_000, crashes=8, omitted=omitted)
