"""Pages under way: what each is for, and when a part may be asked for again."""

import pytest

from chat_tui.model.events import Part
from chat_tui.model.fetches import Fetch, Fetches, Mode


@pytest.fixture
def fetches() -> Fetches:
    return Fetches()


def test_a_page_comes_for_what_it_was_asked(fetches: Fetches) -> None:
    fetches.add("page-1", Fetch(Mode.JOIN, Part.OLDER))
    fetches.add("page-2", Fetch(Mode.RENEW, until=9))
    assert fetches.pop("page-2") == Fetch(Mode.RENEW, until=9)
    assert fetches.pop("page-1") == Fetch(Mode.JOIN, Part.OLDER)


@pytest.mark.parametrize("ref", [None, "", "page-1", "read-7"])
def test_a_page_that_nobody_asked_for(fetches: Fetches, ref: str | None) -> None:
    assert fetches.pop(ref).mode is Mode.UNASKED


def test_a_part_is_on_its_way_until_it_comes(fetches: Fetches) -> None:
    fetches.add("page-1", Fetch(Mode.JOIN, Part.OLDER))
    assert fetches.seeks(Part.OLDER)
    assert not fetches.seeks(Part.NEWER)
    fetches.pop("page-1")
    assert not fetches.seeks(Part.OLDER)


def test_only_renewals_renew(fetches: Fetches) -> None:
    fetches.add("page-1", Fetch(Mode.REPLACE))
    assert not fetches.renews
    fetches.add("page-2", Fetch(Mode.RENEW, until=3))
    assert fetches.renews


def test_a_cut_ends_all(fetches: Fetches) -> None:
    fetches.add("page-1", Fetch(Mode.RENEW, Part.OLDER, until=3))
    fetches.cut()
    assert not fetches.renews
    assert not fetches.seeks(Part.OLDER)
    assert fetches.pop("page-1").mode is Mode.UNASKED


def test_what_was_looked_for_last_is_sought(fetches: Fetches) -> None:
    assert fetches.sought is None
    fetches.add("page-1", Fetch(Mode.JOIN, Part.OLDER))
    fetches.add("page-2", Fetch(Mode.JOIN, Part.NEWER))
    fetches.add("page-3", Fetch(Mode.RENEW, until=3))
    assert fetches.sought is Part.NEWER


def test_a_window_is_overtaken_by_one_that_was_asked_for_later(fetches: Fetches) -> None:
    fetches.add("page-1", Fetch(Mode.REPLACE, Part.OLDEST))
    fetches.add("page-2", Fetch(Mode.JOIN, Part.NEWER))
    assert not fetches.overtaken("page-1")
    fetches.add("page-3", Fetch(Mode.REPLACE, Part.NEWEST))
    assert [fetches.overtaken(f"page-{number}") for number in range(1, 5)] == [True, False, False, False]
    fetches.pop("page-3")
    assert not fetches.overtaken("page-1")
