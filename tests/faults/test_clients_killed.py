"""A client that is killed with -9 loses nothing that was entered or read, and sends nothing twice."""

import sys
from pathlib import Path

import pytest

from tests.faults.company import Company, company

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")


async def kill_clients(everybody: Company, kills: int, longest_s: float) -> None:
    """One after the other, at random; the same one may come again before it is back.

    Every third time there is no server meanwhile: what is entered then is in the outbox and nowhere else.
    """
    for number in range(kills):
        await everybody.load_for(longest_s)
        client = everybody.random.choice(everybody.clients)
        if number % 3:
            await everybody.restart_client(client)
        else:
            await everybody.restart_both(client, longest_s)


async def test_a_few_kills(tmp_path: Path) -> None:
    async with company(tmp_path, 5, pace_s=0.03, seed=3) as everybody:
        await kill_clients(everybody, 12, 0.4)
        verdict = await everybody.judge()
    assert verdict.is_clean, verdict


@pytest.mark.soak
async def test_two_hundred_kills(tmp_path: Path) -> None:
    async with company(tmp_path, 20, pace_s=0.4, seed=4) as everybody:
        await kill_clients(everybody, 250, 0.8)
        verdict = await everybody.judge()
    assert verdict.is_clean, verdict
    assert verdict.counts["sent more than once"] > 0
