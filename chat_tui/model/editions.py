"""Which text of an edited message was read: 0 as it was posted, then 1, 2 … Pure.

Of each message only the greatest edition is kept, so hearing of one twice, late or out of order changes nothing.
"""

from collections.abc import Iterable, Mapping

Text = tuple[int, int]
"""A message's id, and the edition of the text that it had."""

Editions = Mapping[int, int]
"""Per id of an edited message the edition that was read; of all others, the text that was posted."""


def later(texts: Iterable[Text], known: Editions) -> dict[int, int]:
    """Of each message the greatest of these editions, where it is greater than the one that is known."""
    greatest: dict[int, int] = {}
    for message_id, edition in texts:
        if edition > max(known.get(message_id, 0), greatest.get(message_id, 0)):
            greatest[message_id] = edition
    return greatest


def merged(known: Editions, texts: Iterable[Text]) -> dict[int, int]:
    """What is known, and these: of each message the greatest edition."""
    return {**known, **later(texts, known)}
