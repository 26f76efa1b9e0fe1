"""Who of one room lets others see what they read, and since when. Pure.

Readings are one store, whoever may see them. Per name there are turns: from a revision of the room on, and for the
messages after an id, a mode holds; before the first turn it is public. A reading is judged by the mode at its own
revision, for good, so what was read in private never comes to light, and what was read in public stays seen.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from chat_server.protocol import Mode

Turn = tuple[int, int, Mode]
"""The room's revision with which the mode came, the last message before it, and the mode."""


class Sharing:
    """The modes of all names of a room."""

    def __init__(self, turns: Mapping[str, Sequence[Turn]] | None = None, chosen: Iterable[str] = ()) -> None:
        """Take what is kept, which is copied; without it everybody shares."""
        self._turns = {name: list(each) for name, each in (turns or {}).items()}
        self._chosen = set(chosen)
        self.hiding = frozenset[str]()
        """Whose mode is not public now; replaced when it changes, so that whoever keeps it can tell."""
        self._find_hiding()

    def choose(self, name: str, turn: Turn, *, chosen: bool, has_read: bool) -> None:
        """Let a mode hold from now on; `chosen` if it was chosen for this room, whatever holds elsewhere.

        `has_read`: whether the name has read anything since the last turn. Where they have not, and nobody has
        written anything, that turn has decided nothing and is replaced, so that turns never outgrow what was
        said and read.
        """
        self._chosen.discard(name)
        if chosen:
            self._chosen.add(name)
        if turn[2] == self.mode(name):
            return
        turns = self._turns.setdefault(name, [])
        if turns and turns[-1][1] == turn[1] and not has_read:
            turns.pop()
        turns.append(turn)
        self._find_hiding()

    def rename(self, name: str, to: str) -> None:
        """Make all that is `name`'s `to`'s, of whom nothing is kept."""
        self._turns = {to if each == name else each: turns for each, turns in self._turns.items()}
        self._chosen = {to if each == name else each for each in self._chosen}
        self._find_hiding()

    def _find_hiding(self) -> None:
        self.hiding = frozenset(name for name, turns in self._turns.items() if turns[-1][2] != "public")

    def mode(self, name: str) -> Mode:
        """What holds for this name now."""
        turns = self._turns.get(name)
        return turns[-1][2] if turns else "public"

    def is_chosen(self, name: str) -> bool:
        """Whether the mode was chosen for this room."""
        return name in self._chosen

    def since(self, name: str) -> int:
        """The revision with which the mode came that holds now; 0 where it never changed."""
        turns = self._turns.get(name)
        return turns[-1][0] if turns else 0

    def is_public_at(self, name: str, revision: int) -> bool:
        """Whether what this name read at this revision is for others to see."""
        turn = self._turn_at(name, revision)
        return turn is None or turn[2] == "public"

    def counts_after(self, name: str, revision: int) -> int | None:
        """The id after which messages waited, at this revision, to be seen read by this name; None if none did.

        Of what was sent before somebody turned public, nobody can say that they have not read it.
        """
        turn = self._turn_at(name, revision)
        if turn is None:
            return 0
        return turn[1] if turn[2] == "public" else None

    def _turn_at(self, name: str, revision: int) -> Turn | None:
        turns = self._turns.get(name)
        if turns is None:
            return None
        at = bisect_right(turns, revision, key=lambda turn: turn[0])
        return turns[at - 1] if at else None

    # What is kept of it

    @property
    def turns(self) -> dict[str, list[Turn]]:
        """A copy of everybody's turns, oldest first; whoever has always shared has none."""
        return {name: list(turns) for name, turns in self._turns.items()}

    @property
    def chosen(self) -> tuple[str, ...]:
        """Whose mode was chosen for this room, by name."""
        return tuple(sorted(self._chosen))


def turns_follow(turns: Sequence[Turn], revision: int, last_id: int) -> bool:
    """Whether these can be somebody's turns in a room of this revision and last message."""
    revisions = [0, *(turn[0] for turn in turns), revision + 1]
    ids = [0, *(turn[1] for turn in turns), last_id]
    return all(earlier < later for earlier, later in pairwise(revisions)) and all(
        earlier <= later for earlier, later in pairwise(ids)
    )


def is_coherent(
    turns: Mapping[str, Sequence[Turn]],
    chosen: Collection[str],
    known: Collection[str],
    revision: int,
    last_id: int,
) -> bool:
    """Whether this can be kept of a room with these people."""
    return {*turns, *chosen} <= {*known} and all(turns_follow(each, revision, last_id) for each in turns.values())
