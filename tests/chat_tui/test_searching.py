"""A search: what is asked, what is let go, and how what was found is shown."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from chat_server.protocol import Found, Hit, Refused, Search
from chat_tui.model.searching import LEAD_CHARS, LINE_CHARS, OFFLINE, HitView, Progress, Searching, excerpt
from chat_tui.text.safetext import safe_text
from tests.chat_tui.frames import ANN, ROOM, message


@pytest.fixture
def searching() -> Searching:
    numbers = count(1)
    return Searching(lambda kind: f"{kind}-{next(numbers)}")


def found(ref: str, *ids: int, further: dict[str, int] | None = None) -> Found:
    hits = tuple(Hit(structs.replace(message(each), content=f"a deploy {each}"), ((2, 8),)) for each in ids)
    return Found(query="deploy", hits=hits, next=further, ref=ref)


def begin(searching: Searching, query: str = "deploy", *, online: bool = True) -> list[Search]:
    return list(searching.begin(query, ROOM, online=online))


def progress(searching: Searching, *, waits: bool = False) -> Progress:
    return searching.view(waits=waits).progress


def ids(searching: Searching) -> list[int]:
    return [each.message_id for each in searching.view(waits=False).hits]


def test_a_search_goes_on_from_where_the_last_answer_ended(searching: Searching) -> None:
    assert progress(searching) is Progress.IDLE
    assert begin(searching, "  deploy ") == [Search(ref="search-1", room=ROOM, query="deploy")]
    assert (progress(searching), progress(searching, waits=True)) == (Progress.BUSY, Progress.WAITING)
    assert list(searching.go_on()) == []
    assert list(searching.hear(found("search-1", 9, 7, further={ROOM: 7}))) == []
    assert progress(searching) is Progress.PART
    assert list(searching.go_on()) == [Search(ref="search-2", room=ROOM, query="deploy", before={ROOM: 7})]
    assert list(searching.hear(found("search-2", 3))) == []
    assert (progress(searching), ids(searching)) == (Progress.DONE, [9, 7, 3])
    assert list(searching.go_on()) == []


def test_an_answer_that_has_found_nothing_yet_is_followed_by_a_question(searching: Searching) -> None:
    begin(searching)
    asked = list(searching.hear(found("search-1", further={ROOM: 5_000})))
    assert asked == [Search(ref="search-2", room=ROOM, query="deploy", before={ROOM: 5_000})]
    assert list(searching.hear(found("search-2"))) == []
    assert (progress(searching), ids(searching)) == (Progress.DONE, [])


def test_answers_to_older_questions_are_let_go(searching: Searching) -> None:
    begin(searching, "deplo")
    begin(searching, "deploy")
    assert list(searching.hear(found("search-1", 1))) == []
    assert list(searching.hear(structs.replace(found("search-1", 1), ref=None))) == []
    assert (progress(searching), ids(searching)) == (Progress.BUSY, [])
    assert list(searching.hear(found("search-2", 2))) == []
    assert list(searching.hear(found("search-2", 2))) == []
    assert ids(searching) == [2]


def test_nothing_is_looked_for_with_nothing(searching: Searching) -> None:
    begin(searching)
    assert begin(searching, "  ") == []
    assert list(searching.hear(found("search-1", 1))) == []
    assert (progress(searching), ids(searching)) == (Progress.IDLE, [])
    assert begin(searching, "", online=False) == []
    assert progress(searching) is Progress.IDLE


def test_a_query_that_is_too_long_is_cut(searching: Searching) -> None:
    (asked,) = begin(searching, "x" * 300)
    assert asked.query == "x" * 200


def test_a_refusal_and_a_cut_are_shown_and_can_be_gone_on_from(searching: Searching) -> None:
    begin(searching)
    searching.refused(Refused(code="not-a-member", reason="You are not\nin a room.", ref="search-9"))
    assert progress(searching) is Progress.BUSY
    searching.refused(Refused(code="not-a-member", reason="You are not\nin a room.", ref="search-1"))
    assert searching.view(waits=False).error == "You are not in a room."
    assert progress(searching) is Progress.FAILED
    searching.cut()
    assert searching.view(waits=False).error == "You are not in a room."
    assert [each.ref for each in searching.go_on()] == ["search-2"]
    assert progress(searching) is Progress.BUSY
    searching.cut()
    assert searching.view(waits=False).error == OFFLINE


def test_what_is_looked_for_offline_is_asked_for_once_there_is_a_connection(searching: Searching) -> None:
    assert begin(searching, online=False) == []
    assert searching.view(waits=False).error == OFFLINE
    assert list(searching.go_on()) == [Search(ref="search-1", room=ROOM, query="deploy")]


def test_a_hit_is_safe_to_show(searching: Searching) -> None:
    begin(searching)
    told = structs.replace(message(4), content="\x1b[31m the deploy", sender="a\x1bnn", room="ro\nom")
    list(searching.hear(Found(query="deploy", hits=(Hit(told, ((10, 16),)),), ref="search-1")))
    (hit,) = searching.view(waits=False).hits
    assert hit == HitView(
        room="ro\nom",
        message_id=4,
        place="ro om",
        sender=r"a\x1bnn",
        at_ms=1_004,
        line=r"\x1b[31m the deploy",
        spans=((13, 19),),
        is_cut=False,
    )
    assert hit.sender != ANN


@pytest.mark.parametrize(
    ("content", "matches", "line", "marked"),
    [
        ("we deploy now", [(3, 9)], "we deploy now", ["deploy"]),
        ("one\nwe deploy\nnow", [(7, 13)], "we deploy", ["deploy"]),
        ("\n\n first", [], " first", []),
        ("", [], "", []),
        ("tab\tand deploy", [(8, 14)], "tab    and deploy", ["deploy"]),
        ("👍🏽 ok 👍🏽 deploy", [(3, 5), (9, 15)], "👍 ok 👍 deploy", ["ok", "deploy"]),
        ("🇩🇪 de", [(3, 5)], "DE de", ["de"]),
        ("de\nde", [(0, 2), (3, 5)], "de", ["de"]),
        ("a\nb c", [(0, 3)], "a", ["a"]),
        ("deploy", [(4, 2), (-1, 3), (0, 3), (2, 4), (5, 99)], "deploy", ["dep"]),
    ],
)
def test_the_line_around_a_hit(content: str, matches: list[tuple[int, int]], line: str, marked: list[str]) -> None:
    text, spans, is_cut = excerpt(content, matches)
    assert (text, [text[first:last] for first, last in spans], is_cut) == (line, marked, False)


def test_of_a_long_line_what_is_around_the_hit_is_shown() -> None:
    content = "x" * 500 + "deploy" + "y" * 500
    text, spans, is_cut = excerpt(content, [(500, 506), (900, 905)])
    assert is_cut
    assert spans == ((LEAD_CHARS, LEAD_CHARS + 6),)
    assert len(text) == LINE_CHARS


@given(
    content=st.text(st.sampled_from("ab \n\t\x1b\u202e\u0301🇩🇪👍🏽é\u200d"), max_size=60),
    matches=st.lists(st.tuples(st.integers(-1, 61), st.integers(-1, 61)), max_size=6).map(sorted),
)
def test_whatever_is_marked_the_line_is_safe(content: str, matches: list[tuple[int, int]]) -> None:
    text, spans, _ = excerpt(content, matches)
    assert safe_text(text) == text
    assert "\n" not in text
    ends = [each for span in spans for each in span]
    assert ends == sorted(ends)
    assert all(0 <= each <= len(text) for each in ends)
