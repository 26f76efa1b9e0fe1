"""Who has acknowledged which message of a room, and which text of it, and when. Pure; knows ids and names.

Of each person the latest text is kept that they have acknowledged: once a message is edited, what was said of the
text before is still known as that. It is apart from `readings`, as it is said on purpose: whatever somebody shares
of what they read, this is for others to see. Messages that nobody has acknowledged cost nothing here.
"""

from collections.abc import Iterable, Iterator

AcknowledgementRow = tuple[int, str, int, int, int]
"""Message, who, edition (0 for the text that was posted), when (Unix ms), and the room's revision at that time."""

_Said = tuple[int, int, int]
"""Edition, when (Unix ms), and the room's revision at that time."""


class Acknowledgements:
    """The latest acknowledgement of each person for each message of a room. What cannot be fails an assertion."""

    __slots__ = ("_said",)

    def __init__(self, rows: Iterable[AcknowledgementRow] = ()) -> None:
        """Take rows as `rows()` gave them."""
        self._said: dict[int, dict[str, _Said]] = {}
        for message_id, reader, *said in rows:
            self._said.setdefault(message_id, {})[reader] = (said[0], said[1], said[2])

    # What changes it

    def add(self, message_id: int, reader: str, said: _Said) -> None:
        """Keep one of a later text than this one had acknowledged; as the newest of the message."""
        assert self.is_news(message_id, reader, said[0])
        readers = self._said.setdefault(message_id, {})
        readers.pop(reader, None)
        readers[reader] = said

    def forget(self, message_id: int) -> None:
        """Keep nothing of a message, which has been deleted."""
        self._said.pop(message_id, None)

    def rename(self, name: str, to: str) -> None:
        """Make all that is `name`'s `to`'s; the order stays as it was."""
        names = {name: to}
        self._said = {
            message_id: {names.get(reader, reader): said for reader, said in readers.items()}
            for message_id, readers in self._said.items()
        }

    # What is asked of it

    def is_news(self, message_id: int, reader: str, edition: int) -> bool:
        """Whether this one has acknowledged neither this text of the message nor a later one."""
        said = self._said.get(message_id, {}).get(reader)
        return said is None or said[0] < edition

    def of(self, message_id: int, edition: int) -> list[tuple[str, int]]:
        """Who has acknowledged this text of a message, the latest there is, and when, earliest first."""
        return self._among(message_id, range(edition, edition + 1))

    def of_earlier(self, message_id: int, edition: int) -> list[tuple[str, int]]:
        """Who has acknowledged only texts before this one, and when the latest of them, earliest first."""
        return self._among(message_id, range(edition))

    def _among(self, message_id: int, editions: range) -> list[tuple[str, int]]:
        readers = self._said.get(message_id, {}).items()
        found = [(reader, at_ms) for reader, (edition, at_ms, _) in readers if edition in editions]
        return sorted(found, key=lambda pair: pair[1])

    def told(self, ids: range, revision: int = -1) -> list[AcknowledgementRow]:
        """What was said of these messages after this revision, in the order of its being said."""
        some = [each for each in ids if each in self._said] if len(ids) < len(self._said) else self._said
        found = [row for each in some if each in ids for row in self._rows(each) if row[4] > revision]
        return sorted(found, key=lambda row: row[4])

    def rows(self) -> tuple[AcknowledgementRow, ...]:
        """Everything, in the order in which it goes on."""
        return tuple(row for each in self._said for row in self._rows(each))

    def _rows(self, message_id: int) -> Iterator[AcknowledgementRow]:
        return ((message_id, reader, *said) for reader, said in self._said[message_id].items())
