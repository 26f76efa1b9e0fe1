"""A server, clients and perhaps a bad network, as processes; and how they are judged."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

from tests.chat_tui.people import Peer
from tests.faults.acting import Window
from tests.faults.audit import Verdict, Wrong, audit, known
from tests.faults.ledger import lines
from tests.faults.processes import PATIENCE_S, ClientProcess, ServerProcess
from tests.faults.proxy import Proxy
from tests.faults.witness import OVERSEER, ROOM, Account, online, testify

SNAPSHOT_COMMITS: Final = 60
WRITES: Final = 0.7
LOOK_S: Final = 0.02


class Company:
    """Everybody."""

    def __init__(self, folder: Path, clients: int, pace_s: float, seed: int) -> None:
        """Take a folder for all that is kept; nothing runs yet."""
        self.random = Random(seed)
        self.server = ServerProcess(folder / "server", SNAPSHOT_COMMITS)
        self.clients: list[ClientProcess] = []
        self.proxy: Proxy | None = None
        self.server_kills = 0
        self.client_kills = 0
        self._folder = folder
        self._size = clients
        self._pace_s = pace_s
        self._refs = map(str, count(1))

    async def start(self, worse: float, listeners: int) -> None:
        """Have everybody online, through a network that is this bad; so many of them never write."""
        await self.server.start()
        url = self.server.url
        if worse:
            self.proxy = Proxy(self.server.port, self.random.randrange(2**32), worse)
            url = await self.proxy.open()
        for at in range(self._size):
            writes = 0 if at < listeners else WRITES
            self.clients.append(ClientProcess(f"n{at}", self._folder, url, self._pace_s, writes))
        async with asyncio.TaskGroup() as tasks:
            for each in self.clients:
                tasks.create_task(each.start())
        await self.until_back()

    async def end(self) -> None:
        """End whatever still runs."""
        for each in (*self.clients, self.server):
            if each.is_running:
                await each.kill()
        if self.proxy is not None:
            await self.proxy.close()

    # What happens to them

    async def restart_server(self) -> None:
        """Kill it, and start it on the same directory."""
        await self.server.kill()
        self.server_kills += 1
        await self.server.start()

    async def restart_client(self, client: ClientProcess) -> None:
        """Kill it, and start it on the same state directory."""
        await client.kill()
        self.client_kills += 1
        await client.start()

    async def restart_both(self, client: ClientProcess, longest_s: float) -> None:
        """Kill the server, then a client that has gone on without it."""
        await self.server.kill()
        self.server_kills += 1
        await self.load_for(longest_s)
        await client.kill()
        self.client_kills += 1
        await self.server.start()
        await client.start()

    async def until_back(self) -> None:
        """Until the server says that all clients are connected and in the room; they come by themselves.

        All at a time, or where the network is bad, each at some time.
        """
        missing = names = {each.name for each in self.clients}
        bad = self.proxy is not None and self.proxy.worse > 0
        async with Peer.on(self.server.url, OVERSEER, ROOM) as peer:
            end_s = time.monotonic() + PATIENCE_S
            while missing := (missing if bad else names) - await online(peer, next(self._refs)):
                assert time.monotonic() < end_s, f"never came back: {missing}"
                await asyncio.sleep(LOOK_S)

    async def load_for(self, longest_s: float) -> None:
        """Let them write and read for a random time: when a kill comes is the point."""
        await asyncio.sleep(self.random.uniform(0, longest_s))

    # How they are judged

    async def judge(self, also: frozenset[str] = frozenset()) -> Verdict:
        """Let everybody finish, then compare all there is; before and after one more kill it must be the same.

        `also` are people without a ledger, who may have written as well.
        """
        if self.proxy is not None:
            self.proxy.worse = 0.0
        for each in self.clients:
            each.tell("quiet")
        await self.until_back()
        account, windows = await self._settled()
        ledgers = {each.name: known(lines(each.ledger)) for each in self.clients}
        verdict = audit(ledgers, account, windows, also)
        for each in self.clients:
            await each.leave()
        await self.restart_server()
        again = await testify(self.server.url, "newcomer")
        if again.facts != account.facts:
            verdict.accuse(Wrong.TAKEN_BACK, "after the last kill the room is another")
        self._report(verdict)
        return verdict

    async def _settled(self) -> tuple[Account, list[Window]]:
        """Once all windows equal the server, or when that has not come within bounds."""
        end_s = time.monotonic() + PATIENCE_S
        while True:
            async with asyncio.TaskGroup() as tasks:
                shown = [tasks.create_task(each.window()) for each in self.clients]
            windows = [each.result() for each in shown]
            account = await testify(self.server.url, OVERSEER)
            verdict = audit({}, account, windows)
            if not verdict.wrongs[Wrong.WINDOW] or time.monotonic() > end_s:
                return account, windows
            await asyncio.sleep(0.2)

    def _report(self, verdict: Verdict) -> None:
        kills = f"{self.server_kills} kills of the server, {self.client_kills} of clients"
        network = f"network: {dict(self.proxy.counts)}\n" if self.proxy is not None else ""
        told = f"\n{kills}, {len(self.clients)} clients, {self.server.snapshots} snapshots\n{network}{verdict}\n"
        sys.stdout.write(told)


@asynccontextmanager
async def company(
    folder: Path, clients: int, *, pace_s: float, seed: int, worse: float = 0.0, listeners: int = 0
) -> AsyncIterator[Company]:
    """Everybody online; nobody is left at the end."""
    everybody = Company(folder, clients, pace_s, seed)
    try:
        await everybody.start(worse, listeners)
        yield everybody
    finally:
        await everybody.end()
