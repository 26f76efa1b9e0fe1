"""The server as it is, with small bounds for snapshots, so that restarts and compactions meet within seconds.

    python -m tests.faults.serving COMMITS serve --port 0 --data-dir DIR

It ends when standard input does, so it does not outlive who started it.
"""

import os
import signal
import sys
import threading

from chat_server import loop
from chat_server.cli import main


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    vars(loop)["SNAPSHOT_COMMITS"] = int(sys.argv.pop(1))
    threading.Thread(target=_end_with_input, daemon=True).start()
    main()
