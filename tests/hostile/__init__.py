"""Clients that mean harm, against a real server process on loopback with honest people beside them.

Each test counts what it did and what came of it, and ends by itself. Hard bounds: every attack is refused or cut,
the server's memory holds, and what honest people have said and read is exactly what the server tells afterwards.
How long honest people waited is printed, and judged with patience. Long runs carry the `soak` mark:

    .venv/bin/python -m pytest -m soak tests/hostile -s
"""
