"""What surrounds an attack: honest people before, during and after it, the server's memory, and its report."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from tests.chat_server import peers
from tests.hostile.honest import ROOM
from tests.hostile.processes import ServerProcess, Started

SAMPLES: Final = 6
"""Exchanges of honest people before the attacks."""
SAMPLES_DURING: Final = 2
"""Exchanges that an attack is judged by at least; those that take long have many more."""
P99_RATIO_MAX: Final = 30.0
PATIENCE_MS: Final = 1_500.0
"""However fast it was before, this is never called slow: the machine is shared."""
MEMORY_MB: Final = 24.0
"""By how much the server's memory may grow during an attack, where a test does not say otherwise."""


class Scene:
    """A server, and the honest people on it."""

    def __init__(self, server: ServerProcess, company: Started) -> None:
        self.server = server
        self._company = company
        self._before_ms: list[float] = []

    async def _command(self, word: str) -> Any:
        return await asyncio.to_thread(self._company.ask, word)

    async def exchanges(self, count: int) -> list[float]:
        """How long honest people's exchanges have taken since the last time, so many of them at least."""
        found: list[float] = await self._command("mark")
        while len(found) < count:
            await asyncio.sleep(0.05)
            found += await self._command("mark")
        return found

    async def check(self) -> int:
        """Hold the server to what honest people have said and read; how many messages that was."""
        said = await self._command("ledger")
        bob = await peers.greet(self.server.url, "bob")
        told: list[Any] = []
        while not told or told[-1]["id"] < said[-1]["id"]:
            page = await patiently(bob, "history", room=ROOM, after=told[-1]["id"] if told else 0)
            told += page["messages"]
        assert [(each["id"], each["sender"], each["content"]) for each in told] == [
            (each["id"], each["sender"], each["content"]) for each in said
        ]
        assert [each["readBy"] for each in told] == [len(each["readers"]) for each in said]
        for each in said[-10:]:
            info = await patiently(bob, "info", room=ROOM, messageID=each["id"])
            assert sorted(reading["reader"] for reading in info["readBy"]) == each["readers"]
        await bob.socket.close()
        await self._command("go")
        return len(said)

    async def newcomers(self, prefix: str, count: int, **options: Any) -> None:
        """So many honest people whom nobody knows come one after the other, and are let in."""
        for number in range(count):
            peer = await peers.dial(self.server.url, **options)
            welcome = await peer.greet(f"{prefix}{number}")
            assert welcome["type"] == "welcome", welcome
            await peer.socket.close()

    @asynccontextmanager
    async def attacked(
        self, title: str, *, memory_mb: float = MEMORY_MB, patience_ms: float = PATIENCE_MS
    ) -> AsyncIterator[Counter[str]]:
        """An attack, which counts what it did; afterwards everything is as honest people left it."""
        if not self._before_ms:
            await self.exchanges(SAMPLES_DURING)  # the first ones load what is not loaded yet
            self._before_ms = await self.exchanges(SAMPLES)
        await self._command("mark")
        self.server.forget_peak()
        held_mb = self.server.memory_mb()
        counts: Counter[str] = Counter()
        yield counts
        during_ms = await self.exchanges(SAMPLES_DURING)
        messages = await self.check()
        await peers.hang_up()
        assert self.server.is_running, self.server.complaint
        grown_mb = self.server.peak_mb() - held_mb
        before, during = percentile(self._before_ms), percentile(during_ms)
        report(
            title,
            counts,
            f"memory {held_mb:.0f} MB, at most +{grown_mb:.1f}",
            f"honest p99 {before:.0f} -> {during:.0f} ms (x {during / before:.1f}, {len(during_ms)} exchanges)",
            f"{messages} messages and their readers as they were",
        )
        assert grown_mb <= memory_mb
        assert during <= max(patience_ms, P99_RATIO_MAX * before)


def percentile(values: list[float], share: float = 0.99) -> float:
    ascending = sorted(values)
    return ascending[min(int(len(ascending) * share), len(ascending) - 1)]


def report(title: str, counts: Counter[str], *figures: str) -> None:
    counted = ", ".join(f"{count:,} {what}" for what, count in counts.items())
    sys.stdout.write(f"\n  {title}: {counted}; {'; '.join(figures)}\n")


async def patiently(peer: peers.Peer, kind: str, **fields: object) -> peers.Json:
    """The answer to a request that is asked again whenever it was too soon."""
    while True:
        answer = await peer.ask(kind, **fields)
        if answer.get("code") != "rate-limited":
            return answer
        await asyncio.sleep(answer["retryAfterMs"] / 1000)


def outcome(answer: peers.Json) -> str:
    """What an answer is counted as."""
    return f"refused {answer['code']}" if answer["type"] == "refused" else str(answer["type"])
