"""Honest people in a process of their own, so that what attackers cost is not measured as what the server takes.

    python -m tests.hostile.honest URL [CODE...]

Ann, Bob and Cid talk in a room of theirs: one writes, the others hear it and read it, and the writer is told so.
Each line on standard input is answered by one line of JSON: `mark` by how long each such exchange has taken since
the last mark; `ledger` by all that was written and read; from then on nothing is written until `go`.
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

from tests.chat_server import peers
from tests.chat_server.peers import Peer

ROOM: Final = "parlour"
NAMES: Final = ("ann", "bob", "cid")
PACE_S: Final = 0.08
"""How often somebody writes: each of them less often than the server's limit for posts."""


class Company:
    """Three people in a room."""

    def __init__(self, people: dict[str, Peer]) -> None:
        self._people = people
        self._latencies_ms: list[float] = []
        self._said: list[dict[str, Any]] = []
        self._going = asyncio.Event()
        self._between = asyncio.Lock()

    @classmethod
    async def gather(cls, url: str, codes: Sequence[str] = ()) -> "Company":
        """Everybody in the room; Ann is the first on this server, and so its admin."""
        people = {
            name: await peers.greet(url, name, invite=code) for name, code in itertools.zip_longest(NAMES, codes)
        }
        for name, peer in people.items():
            assert peer.told[0]["type"] == "welcome", peer.told
            joined = await peer.ask("join", room=ROOM)
            assert joined["type"] == "ok", f"{name}: {joined}"
        return cls(people)

    async def talk(self) -> None:
        """Exchange messages until cancelled."""
        self._going.set()
        for number in itertools.count(1):
            await self._going.wait()
            async with self._between:
                await self._exchange(NAMES[number % len(NAMES)], number)
            await asyncio.sleep(PACE_S)

    async def _exchange(self, author: str, number: int) -> None:
        """One message, and the receipts of all others for it."""
        writer, others = self._people[author], [name for name in NAMES if name != author]
        content, begun_s = f"{number} from {author}", time.monotonic()
        message_id = await writer.post(content, room=ROOM, nonce=f"n{number}")
        for name in others:
            heard = await self._people[name].hear("message", room=ROOM, id=message_id)
            assert (heard["sender"], heard["content"]) == (author, content)
            answer = await self._people[name].ask("read", room=ROOM, ranges=[[message_id, message_id]])
            assert answer["type"] == "ok", answer
        for name in others:
            await writer.hear("receipt", room=ROOM, reader=name, ranges=[[message_id, message_id]])
        self._latencies_ms.append((time.monotonic() - begun_s) * 1000)
        self._said.append({"id": message_id, "sender": author, "content": content, "readers": sorted(others)})
        for peer in self._people.values():
            peer.told.clear()

    async def obey(self, command: str) -> object:
        """What to answer to a command."""
        match command:
            case "mark":
                latencies, self._latencies_ms = self._latencies_ms, []
                return latencies
            case "ledger":
                self._going.clear()
                async with self._between:
                    return self._said
            case "go":
                self._going.set()
                return None
            case _:
                raise ValueError(command)


async def _run(url: str, *codes: str) -> None:
    company = await Company.gather(url, codes)
    _say("ready")
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    talking = asyncio.create_task(company.talk())
    try:
        while (command := (await reader.readline()).decode().strip()) and not talking.done():
            _say(await company.obey(command))
        if talking.done():
            await talking
    finally:
        talking.cancel()


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_run(*sys.argv[1:]))
