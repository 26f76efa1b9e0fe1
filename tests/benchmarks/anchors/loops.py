"""How an anchor in Python is run: on asyncio's own loop or on uvloop, until its standard input ends."""

import asyncio
import importlib
import os
import sys
from collections.abc import Coroutine


def say_port(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


def run(main: Coroutine[object, object, None]) -> None:
    """Run on uvloop if the command line says so."""
    factory = importlib.import_module("uvloop").new_event_loop if "uvloop" in sys.argv else None
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_until_input_ends(main))


async def _until_input_ends(main: Coroutine[object, object, None]) -> None:
    """So no server outlives who started it."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(0, lambda: ended.set() if not os.read(0, 4096) else None)
    serving = asyncio.ensure_future(main)
    await asyncio.wait([serving, asyncio.ensure_future(ended.wait())], return_when=asyncio.FIRST_COMPLETED)
    serving.cancel()
