"""The client as people start it, on a pseudo-terminal, with a key that a benchmark has too."""

import sys
from pathlib import Path
from typing import Final

from chat_server.protocol.proofs import text_of
from chat_tui.identity import keyfiles
from tests import identities
from tests.benchmarks.ptys import OnPty

ME: Final = "me"
PATIENCE_S: Final = 30.0


def client(port: int, folder: Path) -> OnPty:
    """Of `ME`, at a server on this machine; what it keeps is in the folder."""
    key = keyfiles.SecretKey(folder / "key", identities.signer(ME).public, text_of(identities.seed(ME)))
    if not key.path.exists():
        keyfiles.write(key.path, key.text)
    places = {"--state-dir": folder / "state", "--config-dir": folder / "config", "--key-file": key.path}
    arguments = (str(word) for pair in places.items() for word in pair)
    server = ("--name", ME, "--server", f"ws://127.0.0.1:{port}/ws")
    return OnPty([sys.executable, "-m", "chat_tui", *server, *arguments])


def memory_mb(pid: int) -> float:
    """What a process holds now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    held = next(line for line in lines if line.startswith("VmRSS:"))
    return int(held.split()[1]) / 1024
