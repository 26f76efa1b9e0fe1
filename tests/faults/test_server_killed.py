"""A server that is killed with -9 under load, again and again, loses and doubles nothing."""

import sys
from pathlib import Path

import pytest

from tests.faults.company import Company, company

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")


async def kill_the_server(everybody: Company, kills: int, longest_s: float) -> None:
    """Under load; and of every four kills one before everybody is back from the last."""
    for number in range(1, kills + 1):
        await everybody.load_for(longest_s)
        await everybody.restart_server()
        if number % 4:
            await everybody.until_back()


async def test_a_few_kills(tmp_path: Path) -> None:
    async with company(tmp_path, 5, pace_s=0.05, seed=1, listeners=1) as everybody:
        await kill_the_server(everybody, 5, 0.5)
        verdict = await everybody.judge()
    assert verdict.is_clean, verdict
    assert everybody.server.snapshots > 2


@pytest.mark.soak
async def test_two_hundred_kills(tmp_path: Path) -> None:
    async with company(tmp_path, 20, pace_s=0.4, seed=2) as everybody:
        await kill_the_server(everybody, 200, 0.6)
        verdict = await everybody.judge()
    assert verdict.is_clean, verdict
    assert everybody.server.snapshots > 50
