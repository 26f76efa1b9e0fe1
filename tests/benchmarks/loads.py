"""A server under one load: its processor time, and what it delivered. Where any of it is lost is no figure."""

from dataclasses import dataclass

from tests.benchmarks.figures import Skipped
from tests.benchmarks.load.crowd import Crowd, crowd
from tests.benchmarks.load.driver import Driven, Load, drive
from tests.benchmarks.subjects import Kind, Subject, serving


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load cost a server."""

    driven: Driven
    cpu_s: float

    @property
    def delivery_us(self) -> float:
        """Of the server's processor time."""
        return self.cpu_s / self.driven.delivered * 1e6

    @property
    def message_ms(self) -> float:
        """As above, of all that followed from a message."""
        return self.cpu_s / self.driven.posted * 1e3

    @property
    def core(self) -> float:
        """The share of its core that the server used, in per cent."""
        return 100 * self.cpu_s / self.driven.elapsed_s

    @property
    def note(self) -> str:
        """What tells whether to believe it."""
        driven = self.driven
        rate = driven.posted / driven.elapsed_s
        return f"{rate:,.0f} messages/s; server {self.core:.0f} %, load {100 * driven.load_cpu:.0f} % of a core"


def loaded(subject: Subject, gathered: Crowd, load: Load) -> Loaded:
    """Raises Skipped if not everything has come."""
    cpu_s = subject.cpu_s
    driven = drive(gathered, load)
    cpu_s = subject.cpu_s - cpu_s
    if driven.lost or driven.closed or not driven.delivered:
        raise Skipped(
            f"of {driven.posted:,} messages {driven.lost:,} deliveries or receipts had not come after "
            f"{driven.elapsed_s:.0f} s, and {driven.closed} connections were closed"
        )
    return Loaded(driven, cpu_s)


def fresh(kind: Kind, members: int, load: Load, *, rooms: int = 1) -> Loaded:
    """A new server of this kind under this load."""
    with serving(kind) as subject, crowd(subject.port, members, rooms=rooms, ours=kind.is_ours) as gathered:
        return loaded(subject, gathered, load)
