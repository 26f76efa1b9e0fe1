"""What is found, where in it, in which order, and how far one request looks."""

import time
import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server import searching
from chat_server.protocol import (
    CONTENT_CHARS_MAX,
    SEARCH_HITS_MAX,
    SEARCH_MATCHES_MAX,
    SEARCH_SCAN_MAX,
    Found,
    Search,
)
from chat_server.room import Advanced, Deleted, Entered, Entry, Opened, Posted, Reacted, Room, Shared
from chat_server.searching import fold, matches, query_of, search

Said = tuple[str, str, int]
"""By whom, what and when."""


def room_of(*said: Said, name: str = "r", members: Sequence[str] = ("ann", "bob")) -> Room:
    room = Room(name)
    room.apply(Opened(room=name, title=name, at=1))
    for each in members:
        room.apply(Entered(room=name, name=each, at=1))
    for at, (sender, content, sent_at) in enumerate(said, 1):
        room.apply(Posted(room=name, entry=Entry(at, sender, f"n{at}", content, sent_at)))
    return room


def saying(*texts: str, name: str = "r") -> Room:
    """A room in which Ann has said this, at 1, 2 and so on."""
    return room_of(*(("ann", text, at) for at, text in enumerate(texts, 1)), name=name)


def find(query: str, *rooms: Room, before: dict[str, int] | None = None, limit: int = SEARCH_HITS_MAX) -> Found:
    asked = query_of(query)
    assert asked is not None
    return search(rooms, "ann", Search(query=query, before=before, limit=limit), asked)


def places(found: Found) -> list[tuple[str, int]]:
    return [(each.message.room, each.message.id) for each in found.hits]


def shown(content: str, query: str) -> list[str]:
    """The parts of a text that are told to be what was looked for."""
    asked = query_of(query)
    assert asked is not None
    return [content[first:end] for first, end in matches(content, asked.words)]


# What is found


@pytest.mark.parametrize(
    ("query", "content"),
    [
        ("deploy", "Deploy at five?"),
        ("FIVE deploy", "Deploy at five?"),
        ("ploy", "Deploy at five?"),
        ("\tfive?\n", "Deploy at five?"),
        ("STRASSE", "Die Straße ist gesperrt"),
        ("straße", "STRASSE"),
        ("привет", "Привет, мир"),
        ("é", "cafe\u0301"),
        ("cafe\u0301", "CAFÉ"),
        ("ガ", "ｶﾞ"),
        ("fi", "eﬃcient"),
        ("has:link", "see https://example.org"),
        ("has:LINK see", "SEE HTTP://EXAMPLE.ORG"),
        ("from:ann five", "at five"),
        ("from:ANN", "anything"),
        ("from:", "write from: and to:"),
        ("has:pictures", "it has:pictures"),
    ],
)
def test_what_is_found(query: str, content: str) -> None:
    assert places(find(query, saying(content))) == [("r", 1)]


@pytest.mark.parametrize(
    ("query", "content"),
    [
        ("deploy six", "Deploy at five?"),
        ("has:link", "example.org, or https:/example.org"),
        ("from:bob", "bob said so"),
        ("from:an", "anything"),
        ("from:ann from:bob", "anything"),
        ("from:ann six", "at five"),
        ("caf\u00e8", "café"),
    ],
)
def test_what_is_not_found(query: str, content: str) -> None:
    found = find(query, saying(content))
    assert (found.hits, found.next) == ((), None)


@pytest.mark.parametrize("text", ["", " ", "\t\n\u3000"])
def test_nothing_is_no_query(text: str) -> None:
    assert query_of(text) is None


def test_a_deleted_message_is_never_found() -> None:
    room = saying("one", "two", "one")
    room.apply(Deleted(room="r", id=3, by="ann", at=1))
    assert places(find("one", room)) == [("r", 1)]
    assert places(find("from:ann", room)) == [("r", 2), ("r", 1)]


def test_a_hit_is_the_message_as_its_room_tells_it() -> None:
    room = room_of(("ann", "one", 5), ("bob", "two", 6), ("ann", "one", 7), members=("ann", "bob", "cid"))
    room.apply(Advanced(room="r", reader="bob", ranges=((1, 1),), read_at=9))
    found = find("o", room)
    told = [
        (each.id, each.sender, each.sent_at, each.audience, each.read_by, each.nonce)
        for each in (hit.message for hit in found.hits)
    ]
    assert told == [(3, "ann", 7, 2, 0, "n3"), (2, "bob", 6, 2, 0, None), (1, "ann", 5, 2, 1, "n1")]
    assert found.query == "o"


# Where


@pytest.mark.parametrize(
    ("content", "query", "parts"),
    [
        ("Deploy at five, deploy!", "deploy", ["Deploy", "deploy"]),
        ("abcde", "bc cd", ["bcd"]),
        ("aaa", "a", ["aaa"]),
        ("Die Straße", "strasse", ["Straße"]),
        ("Straße", "s", ["S", "ß"]),
        ("cafe\u0301 café", "é", ["e\u0301", "é"]),
        ("👩\u200d👩\u200d👧 eﬃcient", "fi", ["ﬃ"]),
        ("ж✓", "✓", ["✓"]),
        ("anything", "from:ann has:link", []),
        ("nothing", "else", []),
    ],
)
def test_where_the_words_are(content: str, query: str, parts: list[str]) -> None:
    assert shown(content, query) == parts


def test_no_more_places_are_told_than_there_may_be() -> None:
    assert len(matches("a " * 3_000, ("a",))) == SEARCH_MATCHES_MAX
    assert len(matches("ж " * 3_000, ("ж",))) == SEARCH_MATCHES_MAX
    assert len(matches("ab " * 60, ("a", "b"))) == 60


LETTERS = st.text("aAßée\u0301ﬃ ж\u1112\u1161\u11abｶﾞ✓", max_size=30)


@given(LETTERS, LETTERS)
def test_what_is_shown_is_what_was_looked_for(content: str, word: str) -> None:
    asked = query_of(word)
    for first, end in matches(content, asked.words if asked else ()):
        assert 0 <= first < end <= len(content)
        assert any(each in fold(content[first:end]) for each in word and fold(word).split())


@given(LETTERS)
def test_folding_is_of_any_form_and_of_either_case(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)
    assert fold(unicodedata.normalize("NFC", text)) == fold(text)


# In which order, and how far


def test_the_newest_come_first_whichever_room_they_are_in() -> None:
    tea = room_of(*(("ann", "x", at) for at in (10, 30, 50)), name="tea")
    milk = room_of(*(("bob", "x", at) for at in (20, 40, 60)), name="milk")
    assert places(find("x", tea, milk)) == [
        ("milk", 3), ("tea", 3), ("milk", 2), ("tea", 2), ("milk", 1), ("tea", 1),
    ]  # fmt: skip


def test_where_the_clock_was_put_back_a_rooms_own_order_is_kept() -> None:
    room = room_of(*(("ann", "x", at) for at in (10, 90, 20)))
    other = room_of(("ann", "x", 50), name="other")
    assert places(find("x", room, other)) == [("other", 1), ("r", 3), ("r", 2), ("r", 1)]


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.tuples(st.sampled_from("xy"), st.integers(0, 9)), max_size=6), max_size=4),
    st.integers(1, 3),
    st.integers(1, 4),
)
def test_going_on_finds_each_once_and_all_of_them(
    told: list[list[tuple[str, int]]], limit: int, scanned: int
) -> None:
    rooms = [room_of(*(("ann", *each) for each in said), name=f"r{at}") for at, said in enumerate(told)]
    found: list[tuple[str, int]] = []
    before = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "SEARCH_SCAN_MAX", scanned)
        while True:
            page = find("x", *rooms, before=before, limit=limit)
            assert len(page.hits) <= limit
            found += places(page)
            if (before := page.next) is None:
                break
    assert len(found) == len(set(found))
    wanted = {(room.name, each.id) for room in rooms for each in room.messages if each.content == "x"}
    assert set(found) == wanted


def test_only_rooms_with_something_left_are_named_and_only_named_ones_are_gone_on_in() -> None:
    tea, milk, jam = (saying("x", "x", name=name) for name in ("tea", "milk", "jam"))
    page = find("x", tea, milk, limit=3)
    assert (places(page), page.next) == ([("tea", 2), ("milk", 2), ("tea", 1)], {"milk": 2})
    assert places(find("x", tea, milk, jam, before={"milk": 2})) == [("milk", 1)]
    assert places(find("x", tea, before={"nowhere": 7})) == []
    assert places(find("x", tea, before={"tea": 999})) == [("tea", 2), ("tea", 1)]


def test_so_many_are_looked_at_and_no_more() -> None:
    room = saying(*["y"] * (SEARCH_SCAN_MAX + 1))
    assert find("x", room).next == {"r": 2}
    assert find("x", saying(*["y"] * SEARCH_SCAN_MAX)).next is None


def test_long_messages_are_fewer() -> None:
    assert _looked_at("a" * CONTENT_CHARS_MAX, 300) > 150
    assert 10 < _looked_at("ж" * CONTENT_CHARS_MAX, 300) < 40


def _looked_at(content: str, count: int) -> int:
    left = find("x", saying(*[content] * count)).next
    return count - (left["r"] - 1 if left else 0) + (left is None)


def test_a_page_of_long_messages_ends_early() -> None:
    page = find("a", saying(*["a" * CONTENT_CHARS_MAX] * 90))
    assert (len(page.hits), page.next) == (SEARCH_HITS_MAX, {"r": 41})
    quotes = find('"', saying(*['"' * CONTENT_CHARS_MAX] * 90))
    assert 30 < len(quotes.hits) < SEARCH_HITS_MAX


def test_the_counts_of_few_large_rooms_are_told_at_once() -> None:
    crowd = tuple(f"n{at}" for at in range(600))
    rooms = [room_of(*(("ann", "x", at) for at in (1, 2)), name=name, members=crowd) for name in ("tea", "milk")]
    page = find("x", *rooms)
    assert (places(page), page.next) == ([("tea", 2)], {"tea": 2, "milk": 3})
    assert places(find("x", rooms[0])) == [("tea", 2), ("tea", 1)]


HOSTILE = {
    "marks out of order": "e" + "\u0301\u0323" * 3_999,
    "marks after letters": "ж" * 200 + "e" + "\u0301\u0323" * 3_800,
    "what grows": "\ufdfa" * 8_000,
    "half-width": "ｶﾞ" * 4_000,
    "one letter": "a" * 8_000,
    "spaces": " " * 8_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("query", ["zzz", "a" * 60 + "b" + "a" * 60, "e", "\u0627"])
def test_no_text_makes_others_wait(content: str, query: str) -> None:
    rooms = [saying(*[content] * 20)]
    spent = []
    for _ in range(3):
        began = time.process_time()
        find(query, *rooms)
        spent.append(time.process_time() - began)
    assert min(spent) < 0.1, "sorting the marks of twenty such messages takes a second"


def test_what_is_found_has_the_counts_that_its_asker_is_shown() -> None:
    room = saying("tea", "coffee", "tea")
    room.apply(Advanced(room="r", reader="bob", ranges=((1, 1),), read_at=5))
    assert [(each.message.audience, each.message.read_by) for each in find("tea", room).hits] == [(1, 0), (1, 1)]
    room.apply(Shared(room="r", name="ann", mode="private"))
    assert [(each.message.audience, each.message.read_by) for each in find("tea", room).hits] == [(0, 0), (0, 0)]


def test_reactions_count_in_what_an_answer_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    room = saying("tea", "tea", "tea")
    monkeypatch.setattr(searching, "PAGE_BYTES_MAX", 21)
    assert len(find("tea", room).hits) == 3
    room.apply(Reacted(room="r", id=3, name="bob", emoji="+", at=9))
    assert len(find("tea", room).hits) == 2
