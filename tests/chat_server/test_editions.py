"""Who has read which later text of an edited message."""

import pytest

from chat_server.editions import EditionRow, Editions, could_be_kept

ROWS = ((7, "bob", 2, 30, 12), (7, "cid", 1, 20, 11), (3, "bob", 1, 30, 12))


def always(_: int) -> bool:
    return True


def until_11(revision: int) -> bool:
    return revision <= 11


def lived() -> Editions:
    editions = Editions()
    editions.advance("bob", [(7, 1)], 10, 10, always)
    editions.advance("cid", [(7, 1)], 20, 11, always)
    editions.advance("bob", [(7, 2), (3, 1)], 30, 12, always)
    return editions


def test_of_each_reader_the_latest_is_kept() -> None:
    editions = lived()
    assert editions.rows() == ROWS
    assert [editions.of(7, name) for name in ("bob", "cid", "dan")] == [2, 1, 0]
    assert editions.of(8, "bob") == 0
    assert list(editions.read(7)) == [("bob", 2, 30, 12), ("cid", 1, 20, 11)]
    assert list(editions.read(8)) == []


def test_beside_the_latest_the_latest_is_kept_that_others_may_see() -> None:
    editions = Editions()
    for at, revision in enumerate((10, 11, 12, 13), 1):
        editions.advance("bob", [(7, at)], 10 * at, revision, until_11)
    kept = ((7, "bob", 2, 20, 11), (7, "bob", 4, 40, 13))
    assert editions.rows() == kept == Editions(kept).rows()
    assert editions.of(7, "bob") == 4
    editions.advance("bob", [(7, 5)], 50, 14, lambda revision: revision <= 11 or revision == 14)
    assert editions.rows() == ((7, "bob", 5, 50, 14),)


def test_who_has_read_a_later_text_since_a_revision() -> None:
    editions = lived()
    assert [editions.has_read("cid", since) for since in (10, 11)] == [True, False]
    assert [editions.has_read("bob", since) for since in (11, 12)] == [True, False]
    assert not editions.has_read("dan", 0)


@pytest.mark.parametrize(
    ("rows", "possible"),
    [
        (ROWS, True),
        (((7, "bob", 1, 1, 11), (7, "bob", 2, 1, 12)), True),
        (((7, "bob", 1, 1, 11), (8, "bob", 2, 1, 10)), True),
        (((7, "bob", 1, 1, 10), (7, "bob", 2, 1, 11)), False),
        (((7, "bob", 1, 1, 12), (7, "bob", 2, 1, 13)), False),
        (((7, "bob", 2, 1, 11), (7, "bob", 2, 1, 12)), False),
        (((7, "bob", 1, 1, 12), (7, "bob", 2, 1, 11)), False),
        (((7, "bob", 1, 1, 10), (7, "bob", 2, 1, 12), (7, "bob", 3, 1, 13)), False),
    ],
)
def test_of_each_reader_no_more_is_kept_than_that(rows: tuple[EditionRow, ...], possible: bool) -> None:  # noqa: FBT001
    assert could_be_kept(rows, lambda _, revision: until_11(revision)) == possible


def test_it_goes_on_from_its_rows_as_it_was() -> None:
    assert Editions(ROWS).rows() == ROWS


@pytest.mark.parametrize("edition", [1, 2])
def test_what_is_no_news_is_a_bug_of_ours(edition: int) -> None:
    with pytest.raises(AssertionError):
        lived().advance("bob", [(7, edition)], 40, 13, always)


def test_what_is_told_is_what_was_read_together_of_these_since_then() -> None:
    editions = lived()
    cid, bob = ("cid", 20, 11, ((7, 1),)), ("bob", 30, 12, ((3, 1), (7, 2)))
    assert list(editions.told(range(1, 9))) == [cid, bob]
    assert list(editions.told(range(1, 9), 11)) == [bob]
    assert list(editions.told(range(1, 7))) == [("bob", 30, 12, ((3, 1),))]
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
