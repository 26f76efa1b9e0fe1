"""A post whose answer is lost, then a restart and compactions: sent again, it is not there twice."""

import sys
from pathlib import Path

import pytest

from tests.chat_tui.people import Peer, until
from tests.faults.audit import known
from tests.faults.company import SNAPSHOT_COMMITS, Company, company
from tests.faults.ledger import lines
from tests.faults.processes import ClientProcess
from tests.faults.witness import ROOM

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")


def answered(client: ClientProcess) -> set[str]:
    """The nonces of what was acknowledged."""
    return {nonce for nonce, _ in known(lines(client.ledger)).acknowledged}


def unanswered(client: ClientProcess) -> set[str]:
    """The nonces of what was sent and not acknowledged."""
    return set(known(lines(client.ledger)).sent) - answered(client)


async def compact_twice(everybody: Company, scribe_name: str) -> None:
    """Until no journal file holds what is there now: two snapshots, and what the older one covers is removed."""
    before = {each.name for each in everybody.server.data.glob("journal-*")}
    async with Peer.on(everybody.server.url, scribe_name, ROOM) as scribe:
        for number in range(20 * SNAPSHOT_COMMITS):
            await scribe.post(f"filling {number}")
            if not before & {each.name for each in everybody.server.data.glob("journal-*")}:
                return
    raise AssertionError("the journal is never pruned")


@pytest.mark.parametrize("clients_killed", [False, True])
async def test_resends_after_a_restart_and_compactions_are_not_doubled(
    tmp_path: Path, *, clients_killed: bool
) -> None:
    async with company(tmp_path, 3, pace_s=0.03, seed=7, worse=1e-9) as everybody:
        assert everybody.proxy is not None
        await until(lambda: all(map(answered, everybody.clients)), "everybody under way")
        everybody.proxy.withholding = True
        await until(lambda: all(map(unanswered, everybody.clients)), "a post of each on its way")
        async with Peer.on(everybody.server.url, "hearer", ROOM) as hearer:
            await hearer.post("fence")
        for each in everybody.clients if clients_killed else ():
            await everybody.restart_client(each)
        await compact_twice(everybody, "scribe")
        await everybody.restart_server()
        await compact_twice(everybody, "clerk")
        everybody.proxy.withholding = False
        await everybody.restart_server()
        verdict = await everybody.judge(frozenset({"scribe", "clerk", "hearer"}))
    assert verdict.is_clean, verdict
    assert verdict.counts["of them already there"] >= 3
