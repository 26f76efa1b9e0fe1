"""The load generator from Python: builds `drive.c` once with the machine's compiler, and runs plans through it."""

import ctypes
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tests.benchmarks.figures import Skipped
from tests.benchmarks.load.crowd import Crowd, masked

BUCKETS: Final = 100_000
BUCKET_US: Final = 10
NUMBER: Final = "#" * 10
NEVER: Final = -1.0


class _Plan(ctypes.Structure):
    """`struct plan` of drive.c."""

    _fields_ = [  # declared so by its base
        *((name, ctypes.c_int32) for name in ("connections", "rooms", "stalled", "authors", "window")),
        *(
            (name, ctypes.c_int64)
            for name in ("every_ns", "pause_ns", "duration_ns", "deadline_ns", "messages_max", "reads_every_ns")
        ),
        ("receipts_each", ctypes.c_int64),
        ("timed", ctypes.c_int32),
        ("sockets", ctypes.POINTER(ctypes.c_int32)),
        ("posts", ctypes.POINTER(ctypes.c_char_p)),
        ("reads", ctypes.POINTER(ctypes.c_char_p)),
        ("post_bytes", ctypes.POINTER(ctypes.c_int32)),
        *(
            (name, ctypes.c_int64)
            for name in ("posted", "delivered", "receipt_frames", "receipt_ids", "bytes", "closed", "elapsed_ns")
        ),
        ("latencies", ctypes.c_int64 * BUCKETS),
        ("completions", ctypes.c_int64 * BUCKETS),
    ]


@dataclass(frozen=True, slots=True)
class Load:
    """What a crowd does."""

    duration_s: float
    """Posts are made for so long; then what is outstanding is waited for, up to as long again and ten seconds."""
    window: int = 0
    """Messages outstanding at most; 0 where `rate` sets the pace."""
    rate: float = 0.0
    """Messages per second, at times set beforehand."""
    pause_s: float = 0.0
    """Between the end of a message and the next one, where the window is 1."""
    messages: int = 2_000_000
    reads_every_s: float = NEVER
    """Nobody reads; or one frame per message and reader (0); or reads joined for so long."""
    receipts_each: int = 0
    """How many receipts each message leads to, over all connections, that must arrive."""
    stalled: int = 0
    """So many, the last ones, read nothing and write nothing."""
    authors: int = 0
    """So many of each room write, in turn; 0 for everybody who reads."""
    timed: bool = False
    content: int = 56
    """Characters in a message; with so many the server's frames come to about 181 bytes."""


@dataclass(frozen=True, slots=True)
class Driven:
    """What came of a load."""

    posted: int
    delivered: int
    receipt_frames: int
    receipts: int
    bytes: int
    closed: int
    elapsed_s: float
    load_cpu: float
    """The load generator's share of its core."""
    latencies: Sequence[int]
    """How many deliveries took so many times 10 µs, from when the post was due."""
    completions: Sequence[int]
    """How many messages took so long until their last delivery."""
    lost: int
    """Deliveries and receipts that had not come when the time was up."""


def percentile_ms(histogram: Sequence[int], share: float) -> float:
    """The end of the bucket in which this share of all is reached; 0 where there is nothing."""
    wanted, seen = sum(histogram) * share, 0
    for bucket, number in enumerate(histogram):
        seen += number
        if number and seen >= wanted:
            return (bucket + 1) * BUCKET_US / 1_000
    return 0.0


@cache
def _library() -> ctypes.CDLL:
    """Raises Skipped where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise Skipped("the load generator needs a C compiler (cc)")
    source = Path(__file__).with_name("drive.c")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "drive.so"
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", target, source], check=True)
        return ctypes.CDLL(str(target))


def drive(crowd: Crowd, load: Load) -> Driven:
    """Have a crowd carry out a load; returns within twice its duration and ten seconds."""
    library = _library()
    rooms = [room for room, _ in crowd.rooms]
    sockets = [each.socket.fileno() for _, peers in crowd.rooms for each in peers]
    readers = len(sockets) // len(rooms) - load.stalled
    posts = [masked(_post(room, load.content)) for room in rooms]
    reads = [f'{{"type":"read","ref":"r","room":"{room}","ranges":[['.encode() for room in rooms]
    plan = _Plan(
        connections=len(sockets),
        rooms=len(rooms),
        stalled=load.stalled,
        authors=load.authors or readers,
        window=load.window,
        every_ns=round(1e9 / load.rate) if load.rate else 0,
        pause_ns=round(load.pause_s * 1e9),
        duration_ns=round(load.duration_s * 1e9),
        deadline_ns=round((2 * load.duration_s + 10) * 1e9),
        messages_max=load.messages,
        reads_every_ns=round(load.reads_every_s * 1e9),
        receipts_each=load.receipts_each,
        timed=load.timed or load.pause_s > 0,
        sockets=(ctypes.c_int32 * len(sockets))(*sockets),
        posts=(ctypes.c_char_p * len(rooms))(*posts),
        reads=(ctypes.c_char_p * len(rooms))(*reads),
        post_bytes=(ctypes.c_int32 * len(rooms))(*map(len, posts)),
    )
    cpu_s = time.process_time()
    library.drive(ctypes.byref(plan))
    cpu_s = time.process_time() - cpu_s
    missing = plan.posted * (readers + load.receipts_each) - plan.delivered - plan.receipt_ids
    return Driven(
        posted=plan.posted,
        delivered=plan.delivered,
        receipt_frames=plan.receipt_frames,
        receipts=plan.receipt_ids,
        bytes=plan.bytes,
        closed=plan.closed,
        elapsed_s=plan.elapsed_ns / 1e9,
        load_cpu=cpu_s / (plan.elapsed_ns / 1e9),
        latencies=plan.latencies[:],
        completions=plan.completions[:],
        lost=max(missing, 0)
        if load.receipts_each or load.reads_every_s < 0
        else plan.posted * readers - plan.delivered,
    )


def _post(room: str, content: int) -> bytes:
    text = f"@{NUMBER} {'lorem ipsum ' * (content // 12 + 1)}"[:content]
    return f'{{"type":"post","ref":"p","room":"{room}","nonce":"{_run()}{NUMBER}","content":"{text}"}}'.encode()


def _run() -> str:
    """Parts the nonces of one run from those of the runs before it in the same room."""
    return f"{time.monotonic_ns() % 10**8:08}-"
