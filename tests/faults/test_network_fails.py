"""Connections that are cut, delayed, stalled and trickled at any byte, while server and clients are killed too."""

import sys
from pathlib import Path

import pytest

from tests.faults.company import Company, company

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")


async def storm(everybody: Company, restarts: int, longest_s: float) -> None:
    """A bad network, and now and then a kill of somebody."""
    for number in range(restarts):
        await everybody.load_for(longest_s)
        if number % 3:
            await everybody.restart_client(everybody.random.choice(everybody.clients))
        else:
            await everybody.restart_server()


async def test_a_short_storm(tmp_path: Path) -> None:
    async with company(tmp_path, 5, pace_s=0.05, seed=5, worse=0.6) as everybody:
        await storm(everybody, 4, 1.0)
        verdict = await everybody.judge()
    assert verdict.is_clean, verdict
    assert everybody.proxy is not None
    assert everybody.proxy.counts["cuts"] > 0


@pytest.mark.soak
async def test_a_long_storm(tmp_path: Path) -> None:
    async with company(tmp_path, 20, pace_s=0.4, seed=6, worse=0.6) as everybody:
        await storm(everybody, 90, 2.5)
        verdict = await everybody.judge()
    assert verdict.is_clean, verdict
    assert verdict.counts["of them already there"] > 0
