"""Servers in processes of their own."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.chat_server.peers import DEADLINE_S


def without_audit(stderr: str) -> str:
    """What a server has said besides who was given which power."""
    return re.sub(r"^\S+ \S+ INFO chat_server\.audit: [^\n]+\n", "", stderr, flags=re.MULTILINE)


class Process:
    """A server that takes connections."""

    def __init__(self, data: Path, *options: str, **variables: str) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "chat_server", "serve", "--port", "0"),
                *("--no-rate-limits", "--data-dir", str(data), *options),
            ],
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[2].rstrip(",")

    def said(self) -> str:
        """The next line."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    async def ended(self) -> tuple[int, str]:
        """The code and what it said on stderr, once it has ended."""
        _, said = await asyncio.to_thread(self.process.communicate, timeout=DEADLINE_S)
        return self.process.returncode, without_audit(said)

    async def end(self) -> tuple[int, str]:
        self.process.terminate()
        return await self.ended()


Starting = Callable[..., Process]
