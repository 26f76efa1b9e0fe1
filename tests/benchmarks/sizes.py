"""How much each benchmark does: as the goals want it, enough to see a change, or hardly anything."""

from dataclasses import dataclass
from typing import Final

from tests.benchmarks.subjects import ANCHORS, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Bounds of one run; every benchmark ends by itself within them. Goals are for the first ones of each."""

    name: str
    drive_s: float
    """How long each load lasts."""
    members: tuple[int, ...]
    """Of the room that is saturated."""
    rooms: tuple[int, int]
    """So many rooms, and so many members in each."""
    deliveries: int
    """Per second, in a room of the middle one of `members`: a load that is well below saturation."""
    readers: int
    """Members of the room in which everybody reads everything."""
    read_messages: int
    """How many they read."""
    read_rate: float
    """Messages per second where reads are joined."""
    naive_messages: int
    state_messages: int
    state_readers: int
    state_advances: int
    """Times that each reader has read on."""
    idle: int
    """Connections that only are there."""
    handshakes: int
    crowd: tuple[int, int]
    """So many members, of whom so many stop reading."""
    producers: int
    snapshots: tuple[int, ...]
    """Messages in the chat of which a snapshot is written."""
    recovered: int
    """Messages in the chat that is recovered."""
    checks: int
    """Checks of a limit."""
    histories: tuple[int, ...]
    """Messages in the room whose conversation is drawn."""
    repeats: int
    """Of each gesture."""
    settled_s: float
    """How long a client is left alone before it is measured."""
    pages: int
    """That are turned in it."""
    keys: int
    """Typed while the client is under load."""
    rates: tuple[int, ...]
    """Messages per second that it then shows, and as many receipts."""
    starts: int
    kept: tuple[int, ...]
    """Messages in the room that a client enters."""
    kinds: tuple[Kind, ...]
    """The anchors."""
    grown_members: tuple[int, ...]
    grown_messages: tuple[int, ...]

    @property
    def middle(self) -> int:
        """Of `members`."""
        return self.members[len(self.members) // 2]


FULL: Final = Sizes(
    name="full",
    drive_s=5.0,
    members=(10, 100, 1_000),
    rooms=(20, 50),
    deliveries=80_000,
    readers=1_000,
    read_messages=50,
    read_rate=100.0,
    naive_messages=1,
    state_messages=1_000_000,
    state_readers=1_000,
    state_advances=2_700,
    idle=9_900,
    handshakes=4_000,
    crowd=(200, 20),
    producers=256,
    snapshots=(100_000, 1_000_000),
    recovered=1_000_000,
    checks=300_000,
    histories=(100_000, 10_000_000),
    repeats=30,
    settled_s=2.0,
    pages=60,
    keys=200,
    rates=(1_000, 5_000),
    starts=7,
    kept=(1_000, 100_000),
    kinds=ANCHORS,
    grown_members=(10, 30, 100, 300, 1_000, 3_000, 9_900),
    grown_messages=(1_000, 10_000, 100_000, 1_000_000),
)
QUICK: Final = Sizes(
    name="quick",
    drive_s=1.0,
    members=(10, 100, 300),
    rooms=(20, 10),
    deliveries=40_000,
    readers=200,
    read_messages=20,
    read_rate=50.0,
    naive_messages=1,
    state_messages=100_000,
    state_readers=200,
    state_advances=500,
    idle=1_000,
    handshakes=500,
    crowd=(100, 10),
    producers=256,
    snapshots=(10_000, 100_000),
    recovered=100_000,
    checks=50_000,
    histories=(100_000, 10_000_000),
    repeats=10,
    settled_s=1.0,
    pages=30,
    keys=60,
    rates=(500, 1_000),
    starts=3,
    kept=(1_000, 10_000),
    kinds=ANCHORS,
    grown_members=(10, 100, 1_000),
    grown_messages=(1_000, 10_000, 100_000),
)
TINY: Final = Sizes(
    name="tiny",
    drive_s=0.1,
    members=(4,),
    rooms=(2, 2),
    deliveries=400,
    readers=4,
    read_messages=3,
    read_rate=50.0,
    naive_messages=1,
    state_messages=300,
    state_readers=5,
    state_advances=4,
    idle=110,
    handshakes=20,
    crowd=(6, 2),
    producers=4,
    snapshots=(300,),
    recovered=600,
    checks=100,
    histories=(1_000,),
    repeats=1,
    settled_s=0.2,
    pages=2,
    keys=3,
    rates=(40,),
    starts=1,
    kept=(300,),
    kinds=(Kind.BROADCAST,),
    grown_members=(2,),
    grown_messages=(300,),
)
