"""What readers that stop reading cost all others: 1,000 connections in one room, without such readers and with 50.

    python -m tests.benchmarks.bench_stalled [ROUNDS]

Run it alone on a quiet machine with two cores or more, and take the ratios. The server is a process of its own on
a loopback port; a round ends by itself within three minutes.
"""

import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.listeners import Listener, listen
from tests.faults.processes import ServerProcess

CONNECTIONS: Final = 1_000
STALLED: Final = 50
RATE: Final = 8
"""Messages per second, all from one connection."""
MEASURED_S: Final = 45.0
GOAL_S: Final = 35.0
TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """What one scenario came to."""

    latencies_ms: list[float]
    """Of every delivery to those who read, ascending."""
    undisturbed_ms: list[float]
    """Those of them that were sent before the first one was gone: everybody is told of each who goes."""
    gone_s: list[float]
    """When those who had stopped reading were gone, ascending."""
    cpu: float
    """The server's share of a core."""
    rss_mb: float
    peak_mb: float


def percentile(ascending: list[float], share: float) -> float:
    return ascending[int(len(ascending) * share)]


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@asynccontextmanager
async def serving() -> AsyncIterator[ServerProcess]:
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(Path(folder) / "data", snapshot_commits=10_000)
        await server.start()
        try:
            yield server
        finally:
            await server.kill()


async def gather(port: int) -> list[Listener]:
    """Everybody connected and in the room."""
    listeners: list[Listener] = []
    async with asyncio.timeout(60):
        while len(listeners) < CONNECTIONS:
            listeners.append(await listen(port, f"n{len(listeners)}"))
            # Few at a time, as a server turns away who would be one too many without a hello.
            await listeners[max(len(listeners) - 100, 0)].greeted.wait()
        for each in listeners:
            await each.greeted.wait()
    await listeners[-1].quiet()
    return listeners


async def one_round() -> tuple[Measured, Measured]:
    """The same people one after the other: first all of them read, then some have stopped."""
    async with serving() as server:
        begun_s = time.monotonic()
        listeners = await gather(server.port)
        say(f"  {CONNECTIONS} connections made in {time.monotonic() - begun_s:.0f} s")
        without = await measure(server.process.pid, listeners, 0)
        stalled = await measure(server.process.pid, listeners, STALLED)
        await asyncio.gather(*(each.leave() for each in listeners))
    return without, stalled


async def measure(pid: int, listeners: list[Listener], stalled: int) -> Measured:
    """Write at a steady rate while so many do not read."""
    writer = listeners[-1]
    # Spread over all, since what ends them are pings, whose times are those of connecting.
    halted = listeners[:: CONNECTIONS // stalled] if stalled else []
    for each in halted:
        each.stall()
    for each in listeners:
        each.latencies.clear()
    cpu_s, begun_s = cpu_seconds(pid), time.monotonic()
    await write_steadily(writer, begun_s)
    cpu = (cpu_seconds(pid) - cpu_s) / (time.monotonic() - begun_s)
    gone_s = sorted(at_s - begun_s for at_s in writer.gone.values())
    latencies = [each for listener in listeners if listener not in halted for each in listener.latencies]
    # A second earlier, as what was sent then may have been on its way.
    first_s = begun_s + (gone_s[0] - 1 if gone_s else MEASURED_S)
    undisturbed_ms = sorted(ms for sent_s, ms in latencies if sent_s < first_s)
    return Measured(sorted(ms for _, ms in latencies), undisturbed_ms, gone_s, cpu, *memory_mb(pid))


async def write_steadily(writer: Listener, begun_s: float) -> None:
    """At times that are set beforehand, whatever the server does, so that no delay hides the next."""
    for number in range(int(MEASURED_S * RATE)):
        await asyncio.sleep(max(begun_s + number / RATE - time.monotonic(), 0))
        writer.post(f"number {number} of a conversation that is neither very short nor very long".ljust(120, "."))
    await writer.quiet()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid: int) -> tuple[float, float]:
    """What the process holds now, and what it has held at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    held = {name: words.split()[0] for name, _, words in (line.partition(":") for line in lines) if words.split()}
    return int(held["VmRSS"]) / 1024, int(held["VmHWM"]) / 1024


def report(title: str, measured: Measured) -> None:
    p50, p99 = (percentile(measured.latencies_ms, each) for each in (0.5, 0.99))
    say(
        f"{title:28} {len(measured.latencies_ms):9,} deliveries  "
        f"p50 {p50:6.2f}  p99 {p99:6.2f}  max {measured.latencies_ms[-1]:6.1f} ms   "
        f"server {measured.cpu:4.0%} of a core, {measured.rss_mb:.0f} MB, at most {measured.peak_mb:.0f} MB"
    )


def compare_latencies(when: str, stalled: list[float], without: list[float]) -> None:
    p50, p99 = (percentile(stalled, each) / percentile(without, each) for each in (0.5, 0.99))
    say(f"{when:28} p50 x {p50:.2f}, p99 x {p99:.2f} (goal: at most 1.20)")


async def compare(rounds: int) -> None:
    """Both scenarios and their ratio, so often."""
    say(f"{CONNECTIONS} connections in one room, {RATE} messages per second, twice for {MEASURED_S:.0f} s")
    for _ in range(rounds):
        without, stalled = await one_round()
        report("all read", without)
        report(f"{STALLED} stop reading", stalled)
        compare_latencies("before the first was gone", stalled.undisturbed_ms, without.latencies_ms)
        compare_latencies("over all", stalled.latencies_ms, without.latencies_ms)
        gone = " ".join(f"{each:.0f}" for each in stalled.gone_s)
        late = sum(each > GOAL_S for each in stalled.gone_s) + STALLED - len(stalled.gone_s)
        say(f"gone after, in s: {gone}; {late} of {STALLED} later than {GOAL_S:.0f} s or never")


def main() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(compare(int(sys.argv[1]) if len(sys.argv) > 1 else 1))


if __name__ == "__main__":
    main()
