"""What lasts: posts on disk per second, pauses for snapshots, how long a start takes, what a message weighs."""

import asyncio
import gc
import tempfile
import tracemalloc
from pathlib import Path
from time import perf_counter
from typing import Final

from chat_server.chat import AnyRecord
from chat_server.journal import commit_line
from chat_server.room import Opened
from chat_server.store import Store
from chat_server.store.layout import segment_name
from tests.benchmarks.anchors.appending import appends
from tests.benchmarks.figures import Figure, Gap, Measuring, Skipped, at_least, at_least_times, at_most
from tests.benchmarks.histories import keep, message, room_of, state_of
from tests.benchmarks.sizes import Sizes

PART: Final = "persistence"
PAUSES_MS: Final = (2.0, 5.0)
IDLE_S: Final = 0.5
JOINED: Final = "joined in commits"
APPENDERS: Final = 50


def run(sizes: Sizes) -> Measuring:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary:
        folder = Path(temporary)
        yield from _durable(folder, sizes)
        for messages, bound in zip(sizes.snapshots, PAUSES_MS, strict=False):
            pause_ms, idle_ms, took_s = asyncio.run(snapshot(folder / f"snapshot-{messages}", messages))
            note = f"{took_s:.1f} s in all; an idle loop pauses {idle_ms:.2f} ms"
            name = f"longest pause for a snapshot of {messages:,} messages"
            yield Figure(PART, name, pause_ms, "ms", at_most(bound), note=note)
        yield from _recovered(folder, sizes.recovered)
        yield Figure(
            PART, "a message in memory", weight(folder / f"snapshot-{sizes.snapshots[0]}"), "B", at_most(600)
        )


def _durable(folder: Path, sizes: Sizes) -> Measuring:
    name = f"durable posts of {sizes.producers} producers"
    rates = {
        how: asyncio.run(throughput(folder / how, sizes.producers, sizes.drive_s, group=how == JOINED))
        for how in (JOINED, "a commit each")
    }
    yield Figure(PART, f"{name}, {JOINED}", rates[JOINED], "posts/s", at_least(130_000))
    yield Figure(PART, f"{name}, a commit each", rates["a commit each"], "posts/s")
    beside = f"{name}, beside a store that syncs each answer"
    try:
        entry = commit_line(2, 1, [message(1)])
        theirs, core = appends(folder / "store", APPENDERS, entry, sizes.drive_s)
    except Skipped as why:
        yield Gap(PART, beside, str(why))
        return
    anchor = f"Valkey, appendfsync always, {APPENDERS} clients"
    note = f"asking it took {100 * core:.0f} % of a core"
    yield Figure(PART, beside, rates[JOINED], "posts/s", at_least_times(10), anchor, theirs, note)


def _recovered(folder: Path, messages: int) -> Measuring:
    taken_s = recovery_s(folder / "recovered", messages)
    yield Figure(PART, f"start with {messages:,} messages in a snapshot", taken_s, "s", at_most(3))
    asyncio.run(journal(folder / "journal", messages))
    taken_s, _ = asyncio.run(opened(folder / "journal"))
    yield Figure(PART, f"start with {messages:,} commits in the journal", taken_s, "s")


async def throughput(directory: Path, producers: int, seconds: float, *, group: bool) -> float:
    """Posts per second of so many that each wait for their last one, committed together or one by one."""
    store = Store.open(directory)
    waiting: list[tuple[AnyRecord, asyncio.Future[None]]] = []
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    done = 0

    async def produce(record: AnyRecord) -> None:
        while True:
            acknowledged: asyncio.Future[None] = loop.create_future()
            waiting.append((record, acknowledged))
            asked.set()
            await acknowledged

    async def serve() -> None:
        nonlocal waiting, done
        while await asked.wait():
            batch, waiting = (waiting, []) if group else (waiting[:1], waiting[1:])
            if not waiting:
                asked.clear()
            await store.commit([record for record, _ in batch])
            done += len(batch)
            for _, acknowledged in batch:
                acknowledged.set_result(None)

    # Each says the same again and again: to think of something new is not what is measured.
    tasks = [
        asyncio.create_task(serve()),
        *(asyncio.create_task(produce(message(at + 1))) for at in range(producers)),
    ]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await store.close()
    return done / seconds


class Pauses:
    """The longest time between two passes of the loop."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def watch(self) -> None:
        before = perf_counter()
        while True:
            await asyncio.sleep(0)
            now = perf_counter()
            self.longest_s = max(self.longest_s, now - before)
            before = now


async def snapshot(directory: Path, messages: int) -> tuple[float, float, float]:
    """The longest pause of the loop in ms while a snapshot is taken and written, and of an idle one; s in all."""
    room = room_of(messages)
    store = Store.open(directory)
    pauses = Pauses()
    watching = asyncio.create_task(pauses.watch())
    await asyncio.sleep(IDLE_S)
    idle_ms, pauses.longest_s = 1_000 * pauses.longest_s, 0.0
    began_s = perf_counter()
    await store.snapshot(state_of(room))
    await asyncio.sleep(0)
    took_s = perf_counter() - began_s
    watching.cancel()
    await store.close()
    return 1_000 * pauses.longest_s, idle_ms, took_s


def recovery_s(directory: Path, messages: int) -> float:
    """How long a start takes from a snapshot of so many messages alone."""
    asyncio.run(keep(directory, room_of(messages)))
    gc.collect()
    return asyncio.run(opened(directory))[0]


async def opened(directory: Path) -> tuple[float, int]:
    """How many seconds a start takes, and how many messages there are then."""
    began_s = perf_counter()
    store = Store.open(directory)
    taken_s = perf_counter() - began_s
    messages = sum(room.last_id for room in store.chat.rooms.values())
    await store.close()
    return taken_s, messages


async def journal(directory: Path, commits: int) -> None:
    """A data directory with nothing but so many commits, a message in each."""
    await Store.open(directory).close()
    with (directory / segment_name(1)).open("ab") as file:
        file.write(commit_line(1, 0, [Opened(room="general", title="", at=0)]))
        for at in range(1, commits):
            file.write(commit_line(at + 1, at, [message(at)]))


def weight(directory: Path) -> float:
    """Bytes in memory per message of a chat that has been recovered, readings included."""
    tracemalloc.start()
    try:
        return asyncio.run(_weight(directory))
    finally:
        tracemalloc.stop()


async def _weight(directory: Path) -> float:
    store = Store.open(directory)
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0]
    messages = sum(room.last_id for room in store.chat.rooms.values())
    await store.close()
    return taken / messages
