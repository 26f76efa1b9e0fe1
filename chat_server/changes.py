"""What has become of a room's messages and names since they were told, as far back as is kept. Pure.

Who comes back is told what has changed after their revision. The newest `CHANGES_MAX` changes are kept; whoever
was away for longer starts over with the room, at the cost of one page.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Final

from msgspec import Meta, Struct

from chat_server.protocol.limits import ID_MAX

CHANGES_MAX: Final = 1_000
"""Changes of one room that are kept; each is one frame to whoever lacks it."""

_Count = Annotated[int, Meta(ge=1, le=ID_MAX)]


class Change(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One change: exactly one of these."""

    revision: _Count
    """The room's, with it."""
    deleted: _Count | None = None
    """The message whose text was taken away."""
    renamed: tuple[str, str] | None = None
    """What one is called no longer, and what instead."""
    altered: _Count | None = None
    """The message that is not as it was told, and not deleted by this; only its latest such change is kept."""


class Changes:
    """A room's latest changes, by ascending revisions."""

    def __init__(self, kept: Sequence[Change] = (), forgotten: int = 0) -> None:
        """Begin with none, or with what `kept` and `forgotten` were."""
        self._kept = list(kept)
        self.forgotten = forgotten
        """The revision of the newest change that is not kept; 0 while all are."""

    @property
    def kept(self) -> tuple[Change, ...]:
        """All that are kept, oldest first; it does not change any more."""
        return tuple(self._kept)

    def add(self, change: Change) -> None:
        """Keep one more, the newest, and let go of the oldest where that is one too many."""
        if change.altered is not None:
            self._kept = [each for each in self._kept if each.altered != change.altered]
        self._kept.append(change)
        if len(self._kept) > CHANGES_MAX:
            self.forgotten = self._kept.pop(0).revision

    def since(self, revision: int) -> Sequence[Change] | None:
        """Those after this revision, oldest first; None where not all of them are kept."""
        if revision < self.forgotten:
            return None
        return self._kept[bisect_right(self._kept, revision, key=lambda each: each.revision) :]


def follows(kept: Sequence[Change], forgotten: int, revision: int) -> bool:
    """Whether these can be the changes of a room of this revision: ascending, each of one kind, not too many."""
    revisions = [forgotten, *(each.revision for each in kept), revision + 1]
    return (
        len(kept) <= CHANGES_MAX
        and all((each.deleted, each.renamed, each.altered).count(None) == 2 for each in kept)
        and all(earlier < later for earlier, later in pairwise(revisions))
    )
