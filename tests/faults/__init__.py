"""Real processes that are killed, and a network that fails: what was acknowledged is there, once, and in order.

driver ── Company ─┬─ server process        killed with -9, started again on the same directory
                   ├─ Proxy (optional)      cuts, delays, stalls, trickles
                   └─ client processes ──── each with an outbox and a ledger; killed with -9, started again
at the end: Account (a fresh client that pages through everything) + ledgers + windows -> Verdict
"""
