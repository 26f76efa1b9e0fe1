"""Who has acknowledged which text of a message."""

import pytest

from chat_server.acknowledgements import Acknowledgements

ROWS = ((7, "cid", 0, 30, 11), (7, "bob", 1, 20, 12), (3, "bob", 0, 40, 13))


def lived() -> Acknowledgements:
    said = Acknowledgements()
    said.add(7, "bob", (0, 10, 10))
    said.add(7, "cid", (0, 30, 11))
    said.add(7, "bob", (1, 20, 12))
    said.add(3, "bob", (0, 40, 13))
    return said


def test_of_each_person_the_latest_text_is_kept_and_the_newest_comes_last() -> None:
    assert lived().rows() == ROWS == Acknowledgements(ROWS).rows()


@pytest.mark.parametrize(
    ("message_id", "reader", "edition", "news"),
    [(7, "bob", 1, False), (7, "bob", 2, True), (7, "cid", 0, False), (7, "dan", 0, True), (8, "bob", 0, True)],
)
def test_what_is_said_again_is_no_news(message_id: int, reader: str, edition: int, *, news: bool) -> None:
    assert lived().is_news(message_id, reader, edition) == news


def test_what_is_no_news_is_not_to_be_added() -> None:
    with pytest.raises(AssertionError):
        lived().add(7, "bob", (1, 50, 14))


def test_who_has_acknowledged_this_text_is_apart_from_who_has_an_earlier_one() -> None:
    said = lived()
    assert (said.of(7, 0), said.of_earlier(7, 0)) == ([("cid", 30)], [])
    assert (said.of(7, 1), said.of_earlier(7, 1)) == ([("bob", 20)], [("cid", 30)])
    assert (said.of(7, 2), said.of_earlier(7, 2)) == ([], [("bob", 20), ("cid", 30)])
    assert (said.of(8, 0), said.of_earlier(8, 0)) == ([], [])


@pytest.mark.parametrize(
    ("ids", "revision", "told"),
    [
        (range(1, 9), 0, ROWS),
        (range(1, 9), 11, ROWS[1:]),
        (range(1, 9), 13, ()),
        (range(4, 9), -1, ROWS[:2]),
        (range(3, 4), -1, ROWS[2:]),
        (range(8, 9), -1, ()),
        (range(0), -1, ()),
    ],
)
def test_what_was_said_of_some_messages_since_then(ids: range, revision: int, told: tuple[object, ...]) -> None:
    assert lived().told(ids, revision) == list(told)


def test_what_is_forgotten_is_gone_and_can_be_forgotten_again() -> None:
    said = lived()
    for _ in range(2):
        said.forget(7)
        assert said.rows() == ROWS[2:]


def test_a_name_is_another_in_its_place() -> None:
    said = lived()
    said.rename("cid", "cy")
    assert said.rows() == ((7, "cy", 0, 30, 11), *ROWS[1:])
