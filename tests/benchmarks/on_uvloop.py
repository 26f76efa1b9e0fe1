"""The server as it is, on uvloop: `python -m tests.benchmarks.on_uvloop serve ...`."""

import asyncio
import importlib

from chat_server.cli import main

if __name__ == "__main__":
    asyncio.set_event_loop_policy(importlib.import_module("uvloop").EventLoopPolicy())
    main()
