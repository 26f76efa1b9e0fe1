"""The process of one client without a screen, which can be killed and started again.

    python -m tests.faults.clients --name ann --url ws://127.0.0.1:8080/ws --state DIR --ledger FILE

Standard input tells it to be `quiet` (write no more) and to `show` its window on standard output; its end ends the
client in good order, so none outlives who started it.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path

import msgspec

from chat_tui import connection as connecting
from chat_tui.identity.passport import Passport
from chat_tui.outbox import Outbox
from tests.faults.acting import Client, Script
from tests.faults.ledger import Ledger


async def _obey(client: Client) -> None:
    """Do what standard input says, until it ends."""
    loop = asyncio.get_running_loop()
    said = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(said), sys.stdin)
    while command := await said.readline():
        if command == b"quiet\n":
            client.quiet = True
        elif command == b"show\n":
            await asyncio.to_thread(_print, msgspec.json.encode(client.window()))


def _print(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


async def _first(*works: Awaitable[None]) -> None:
    """Do these until the first has ended; raise what it raised."""
    tasks = [asyncio.ensure_future(each) for each in works]
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for each in others:
        each.cancel()
        with suppress(asyncio.CancelledError):
            await each
    for each in done:
        each.result()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("--name", "--url"):
        parser.add_argument(option, required=True)
    parser.add_argument("--state", type=Path, required=True, help="where the outbox and the key are kept")
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--room", default="stage")
    parser.add_argument("--pace-s", type=float, default=0.5)
    parser.add_argument("--writes", type=float, default=0.7)
    retry_s = (connecting.RETRY_FIRST_S, connecting.RETRY_MAX_S)
    parser.add_argument("--retry-s", type=float, nargs=2, default=retry_s, help="the first and the longest pause")
    return parser.parse_args()


def main() -> None:
    """Live as the arguments say."""
    given = _arguments()
    vars(connecting).update(zip(("RETRY_FIRST_S", "RETRY_MAX_S"), given.retry_s, strict=True))
    outbox = Outbox.open(given.state, given.url, given.name)
    ledger = Ledger(given.ledger)
    passport = Passport.open(given.state, given.name, given.url)
    client = Client(
        Script(given.name, given.url, given.room, given.pace_s, given.writes), outbox, passport, ledger
    )
    try:
        asyncio.run(_first(client.run(), _obey(client)))
    finally:
        outbox.close()
        ledger.close()


if __name__ == "__main__":
    main()
