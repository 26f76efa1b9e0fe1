"""The server as it is, with times and counts that a test need not wait for.

    python -m tests.hostile.serving '{"link_ms": 600000, "snapshot_commits": 10000}' serve --port 0 --data-dir DIR

It ends when standard input does, so it does not outlive who started it.
"""

import json
import os
import signal
import sys
import threading

from chat_server import loop, serving
from chat_server.cli import main


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    given = json.loads(sys.argv.pop(1))
    vars(serving)["LINK_MS"] = given["link_ms"]
    vars(loop)["SNAPSHOT_COMMITS"] = given["snapshot_commits"]
    threading.Thread(target=_end_with_input, daemon=True).start()
    main()
