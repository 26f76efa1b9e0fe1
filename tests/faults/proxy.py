"""A loopback TCP proxy that treats each connection badly, as its seed says, while it is told to.

client ── Proxy ── server      per direction: pass, delay, stall, trickle byte by byte, cut at any byte
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections import Counter
from contextlib import suppress
from random import Random
from typing import Final

PIECE_BYTES: Final = 16 * 1024
TRICKLE_BYTES: Final = 100
"""What is passed on byte by byte, once that has begun."""


class Fate:
    """What one direction of one connection will suffer, drawn as its bytes come."""

    def __init__(self, random: Random, worse: float) -> None:
        """`worse` is the share of connections that are cut; 0 treats them all well."""
        self._random = random
        self._left = int(2 ** random.uniform(0, 17)) if random.random() < worse else None

    def cut_within(self, size: int) -> int | None:
        """How many of these bytes still pass before the cut; None where all do."""
        if self._left is None:
            return None
        if self._left < size:
            return self._left
        self._left -= size
        return None

    def deed(self) -> str:
        """What happens to the next bytes."""
        return self._random.choices(("pass", "delay", "trickle", "stall"), (80, 12, 5, 1))[0]

    def pause_s(self, longest_s: float) -> float:
        return self._random.uniform(0, longest_s)

    def is_rude(self) -> bool:
        """Whether a cut comes without the bytes that the system still holds."""
        return self._random.random() < 0.5


class Proxy:
    """Listens on a port of its own for as long as it is open."""

    def __init__(self, target_port: int, seed: int, worse: float = 0.6) -> None:
        """Take the server's port, and how bad things are to be."""
        self.worse = worse
        self.counts: Counter[str] = Counter()
        self.withholding = False
        """Whether nothing passes from the server to clients any more; what came meanwhile never will."""
        self._target_port = target_port
        self._seed = seed
        self._listener: asyncio.Server | None = None
        self._conversations: set[asyncio.Task[None]] = set()

    async def open(self) -> str:
        """Begin to listen; the address for clients."""
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return f"ws://127.0.0.1:{self._listener.sockets[0].getsockname()[1]}/ws"

    async def close(self) -> None:
        """Cut everybody off."""
        assert self._listener is not None
        self._listener.close()
        for each in tuple(self._conversations):
            each.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    async def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._conversations.add(task)
        self.counts["connections"] += 1
        try:
            await self._converse(reader, writer, Random(f"{self._seed} {self.counts['connections']}"))
        except (OSError, asyncio.CancelledError):  # no server, or the end
            writer.transport.abort()
        finally:
            self._conversations.discard(task)

    async def _converse(self, reader: StreamReader, writer: StreamWriter, random: Random) -> None:
        to_server, from_server = Fate(random, self.worse), Fate(Random(random.random()), self.worse)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        ways = [
            asyncio.create_task(self._pump(reader, far_writer, to_server)),
            asyncio.create_task(self._pump(far_reader, writer, from_server, back=True)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in ways:
                each.cancel()
            for end in (far_writer, writer):
                end.transport.abort() if to_server.is_rude() else end.close()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pump(self, reader: StreamReader, writer: StreamWriter, fate: Fate, *, back: bool = False) -> None:
        """Pass bytes on until there are no more, or they are cut; that ends both directions."""
        with suppress(OSError):
            while piece := await reader.read(PIECE_BYTES):
                if back and self.withholding:
                    self.counts["bytes withheld"] += len(piece)
                    continue
                cut = fate.cut_within(len(piece)) if self.worse else None
                await self._pass(piece[:cut], writer, fate)
                if cut is not None:
                    self.counts["cuts"] += 1
                    return

    async def _pass(self, piece: bytes, writer: StreamWriter, fate: Fate) -> None:
        deed = fate.deed() if self.worse else "pass"
        self.counts[deed] += 1
        match deed:
            case "delay":
                await asyncio.sleep(fate.pause_s(0.05))
            case "stall":
                await asyncio.sleep(fate.pause_s(1.0))
            case "trickle":
                for at in range(min(TRICKLE_BYTES, len(piece))):
                    writer.write(piece[at : at + 1])
                    await writer.drain()
                    await asyncio.sleep(0.0005)
                piece = piece[TRICKLE_BYTES:]
            case _:
                pass
        writer.write(piece)
        await writer.drain()
