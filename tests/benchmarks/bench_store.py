"""What the store costs: pauses of the loop, commits per second, and how long a start takes.

    python -m tests.benchmarks.bench_store [DIRECTORY]

Run it alone on an idle machine and take the ratios. The directory should be on the disk in question.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from chat_server.chat import AnyRecord, ChatState
from chat_server.journal import commit_line
from chat_server.people import People
from chat_server.room import Advanced, Entered, Entry, Opened, Posted, Room
from chat_server.store import Store
from chat_server.store.layout import segment_name

if TYPE_CHECKING:
    from collections.abc import Iterator

MESSAGES = 100_000
READERS = 100
CONTENT = "Deploy at four, unless somebody objects. " * 2


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def timed(what: str) -> "Iterator[None]":
    start, start_cpu = perf_counter(), process_time()
    yield
    say(f"{what:58} {perf_counter() - start:8.2f} s, of CPU {process_time() - start_cpu:.2f} s")


def message(at: int) -> Posted:
    return Posted(room="general", entry=Entry(at, f"member{at % READERS}", f"nonce-{at:012}", CONTENT, at))


def a_room(messages: int = MESSAGES) -> Room:
    """A room in which everybody has read all in a few hundred advances."""
    room = Room("general")
    room.apply(Opened(room="general", title="General", at=0))
    for reader in range(READERS):
        room.apply(Entered(room="general", name=f"member{reader}", at=0))
    for at in range(1, messages + 1):
        room.apply(message(at))
    step = messages // 300
    for reader in range(READERS):
        for first in range(1, messages - step, step):
            advanced = Advanced(
                room="general", reader=f"member{reader}", ranges=((first, first + step - 1),), read_at=first
            )
            room.apply(advanced)
    return room


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


async def pauses_while(work: "asyncio.Future[bool] | None", seconds: float = 0.5) -> float:
    """The longest pause in ms while this goes on, or of an idle loop."""
    pauses = Pauses()
    watching = asyncio.create_task(pauses.watch())
    await (work if work is not None else asyncio.sleep(seconds))
    watching.cancel()
    return pauses.longest_s * 1_000


async def commits_while(
    store: Store, room: Room, work: "asyncio.Future[bool] | asyncio.Future[None]"
) -> list[float]:
    """How long each of one commit after the other takes while this goes on, in seconds."""
    latencies: list[float] = []
    while not work.done():
        start = perf_counter()
        await store.commit([message(room.last_id + 1)])
        latencies.append(perf_counter() - start)
    await work
    return latencies


def percentiles(latencies: Sequence[float]) -> str:
    ranked = sorted(latencies)
    p50, p99 = ranked[len(ranked) // 2], ranked[len(ranked) * 99 // 100]
    return f"p50 {p50 * 1_000:.2f}  p99 {p99 * 1_000:.2f}  max {ranked[-1] * 1_000:.2f} ms"


async def snapshots(directory: Path) -> None:
    """Pauses of the loop, and of commits, while a snapshot is written."""
    room = a_room()
    store = Store.open(directory)
    say(f"longest pause, idle loop                                   {await pauses_while(None):8.2f} ms")
    start = perf_counter()
    state = ChatState(People().freeze(), [room.freeze()])
    say(f"freeze                                                     {(perf_counter() - start) * 1000:8.2f} ms")
    with timed(f"snapshot of {MESSAGES:,} messages, {READERS} readers"):
        pause = await pauses_while(asyncio.ensure_future(store.snapshot(state)))
    say(f"longest pause meanwhile                                    {pause:8.2f} ms")
    quiet = await commits_while(store, room, asyncio.ensure_future(asyncio.sleep(1)))
    say(f"commits without a snapshot   {percentiles(quiet)}")
    busy = await commits_while(store, room, asyncio.ensure_future(store.write(store.seal(state))))
    say(f"commits beside a snapshot    {percentiles(busy)}")
    await store.close()


async def loading(directory: Path) -> None:
    """How long a start takes from a snapshot alone."""
    room = a_room()
    store = Store.open(directory)
    await store.snapshot(ChatState(People().freeze(), [room.freeze()]))
    await store.close()
    with timed(f"start from a snapshot of {MESSAGES:,} messages"):
        store = Store.open(directory)
    await store.close()


async def throughput(directory: Path, producers: int, *, group: bool, seconds: float = 2.0) -> float:
    """Posts per second of so many that each wait for their last one, committed together or one by one."""
    store = Store.open(directory)
    queue: asyncio.Queue[tuple[AnyRecord, asyncio.Future[None]]] = asyncio.Queue()
    numbers = count(1)
    done = 0

    async def produce() -> None:
        nonlocal done
        while True:
            acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            queue.put_nowait((message(next(numbers)), acknowledged))
            await acknowledged
            done += 1

    async def serve() -> None:
        while True:
            batch = [await queue.get()]
            while group and not queue.empty():
                batch.append(queue.get_nowait())
            await store.commit([record for record, _ in batch])
            for _, acknowledged in batch:
                acknowledged.set_result(None)

    tasks = [asyncio.create_task(serve()), *(asyncio.create_task(produce()) for _ in range(producers))]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await store.close()
    return done / seconds


async def throughputs(directory: Path) -> None:
    """With and without group commit."""
    for producers in (1, 50, 500):
        alone = await throughput(directory / f"alone{producers}", producers, group=False)
        group = await throughput(directory / f"group{producers}", producers, group=True)
        rates = f"{alone:9,.0f} posts/s one by one, {group:9,.0f} in batches"
        say(f"{producers:4} producers: {rates}: x {group / alone:.1f}")


async def replay(directory: Path, records: int = 1_000_000) -> None:
    """A journal of a million lines."""
    await Store.open(directory).close()
    path = directory / segment_name(1)
    with path.open("ab") as file:
        file.write(commit_line(1, 0, [Opened(room="general", title="", at=0)]))
        for at in range(1, records):
            file.write(commit_line(at + 1, at, [message(at)]))
    with timed(f"replay of {records:,} commits, {path.stat().st_size / 1e6:.0f} MB"):
        store = Store.open(directory)
    await store.close()


def main() -> None:
    parent = Path(tempfile.mkdtemp(dir=sys.argv[1] if len(sys.argv) > 1 else None))
    try:
        asyncio.run(snapshots(parent / "snapshots"))
        asyncio.run(loading(parent / "loading"))
        asyncio.run(throughputs(parent))
        asyncio.run(replay(parent / "replay"))
    finally:
        shutil.rmtree(parent)


if __name__ == "__main__":
    main()
