"""Who has read which later text of an edited message."""

import pytest

from chat_server.editions import Editions

ROWS = ((7, "bob", 2, 30, 12), (7, "cid", 1, 20, 11), (3, "bob", 1, 30, 12))


def lived() -> Editions:
    editions = Editions()
    editions.advance("bob", [(7, 1)], 10, 10)
    editions.advance("cid", [(7, 1)], 20, 11)
    editions.advance("bob", [(7, 2), (3, 1)], 30, 12)
    return editions


def test_of_each_reader_the_latest_is_kept() -> None:
    editions = lived()
    assert editions.rows() == ROWS
    assert [editions.of(7, name) for name in ("bob", "cid", "dan")] == [2, 1, 0]
    assert editions.of(8, "bob") == 0
    assert editions.read(7) == {"bob": (2, 30), "cid": (1, 20)}
    assert editions.read(8) == {}


def test_it_goes_on_from_its_rows_as_it_was() -> None:
    assert Editions(ROWS).rows() == ROWS


@pytest.mark.parametrize("edition", [1, 2])
def test_what_is_no_news_is_a_bug_of_ours(edition: int) -> None:
    with pytest.raises(AssertionError):
        lived().advance("bob", [(7, edition)], 40, 13)


def test_what_is_told_is_what_was_read_together_of_these_since_then() -> None:
    editions = lived()
    cid, bob = ("cid", 20, ((7, 1),)), ("bob", 30, ((3, 1), (7, 2)))
    assert list(editions.told(range(1, 9))) == [cid, bob]
    assert list(editions.told(range(1, 9), 11)) == [bob]
    assert list(editions.told(range(1, 7))) == [("bob", 30, ((3, 1),))]
    assert list(editions.told(range(1, 9), 12)) == []


def test_what_is_forgotten_is_gone_and_can_be_forgotten_again() -> None:
    editions = lived()
    for _ in range(2):
        editions.forget(7)
        assert editions.rows() == ROWS[2:]


def test_a_name_is_another_in_its_place() -> None:
    editions = lived()
    editions.rename("bob", "ben")
    assert editions.rows() == ((7, "ben", 2, 30, 12), ROWS[1], (3, "ben", 1, 30, 12))
