"""Reads, gathered into one sentence for an author who is not looking."""

import pytest

from chat_tui.notices import GATHER_MS, QUOTE_CHARS, Notices

Read = tuple[str, dict[int, str | None]]


def told(*reads: Read) -> str | None:
    notices = Notices()
    for reader, messages in reads:
        notices.add(reader, messages, 0)
    return notices.due(GATHER_MS)


@pytest.mark.parametrize(
    ("reads", "sentence"),
    [
        ([("ann", {1: "deploy at 5"})], "ann read “deploy at 5”"),
        ([("ann", {1: None})], "ann read your message"),
        ([("ann", {1: "a", 2: None})], "ann read 2 of your messages"),
        ([("ann", {1: "a"}), ("bob", {1: "a"})], "2 people read “a”"),
        ([("ann", {1: "a"}), ("ann", {1: "a"})], "ann read “a”"),
        ([("ann", {1: "a"}), ("bob", {2: "b"}), ("carl", {3: "c"})], "3 people read 3 of your messages"),
        ([("ann", {1: "two\nlines"})], "ann read “two lines”"),
        ([("ann\x1b", {1: "\x1b[2J"})], "ann\\x1b read “\\x1b[2J”"),
        ([("ann", {1: "x" * QUOTE_CHARS})], f"ann read “{'x' * QUOTE_CHARS}”"),
        ([("ann", {1: "x" * (QUOTE_CHARS + 1)})], f"ann read “{'x' * (QUOTE_CHARS - 1)}…”"),
    ],
)
def test_sentences(reads: list[Read], sentence: str) -> None:
    assert told(*reads) == sentence


def test_nothing_to_tell() -> None:
    notices = Notices()
    assert notices.next_deadline_ms is None
    assert notices.due(10**9) is None


def test_reads_are_gathered_from_the_first_one_on() -> None:
    notices = Notices()
    notices.add("ann", {1: "a"}, 100)
    notices.add("bob", {1: "a"}, 100 + GATHER_MS - 1)
    assert notices.next_deadline_ms == 100 + GATHER_MS
    assert notices.due(100 + GATHER_MS - 1) is None
    assert notices.due(100 + GATHER_MS) == "2 people read “a”"


def test_told_once_and_again_with_what_came_before() -> None:
    notices = Notices()
    notices.add("ann", {1: "a"}, 0)
    assert notices.due(GATHER_MS) == "ann read “a”"
    assert notices.next_deadline_ms is None
    assert notices.due(2 * GATHER_MS) is None
    notices.add("bob", {2: "b"}, 5_000)
    assert notices.due(5_000 + GATHER_MS) == "2 people read 2 of your messages"


def test_whoever_looks_is_not_told() -> None:
    notices = Notices()
    notices.add("ann", {1: "a"}, 0)
    notices.clear()
    assert notices.next_deadline_ms is None
    assert notices.due(GATHER_MS) is None
    notices.add("bob", {2: "b"}, 5_000)
    assert notices.due(5_000 + GATHER_MS) == "bob read “b”"


def test_the_same_id_in_two_rooms_is_two_messages() -> None:
    notices = Notices()
    notices.add("ann", {1: "a"}, 0, "tea")
    notices.add("ann", {1: "b"}, 0, "coffee")
    assert notices.due(GATHER_MS) == "ann read 2 of your messages"
