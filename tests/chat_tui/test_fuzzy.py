"""A few letters find a name, the closest first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.text.fuzzy import rank


@pytest.mark.parametrize(
    ("query", "names", "found"),
    [
        ("", ["b", "a"], ["b", "a"]),
        (" ", ["b", "a"], ["b", "a"]),
        ("dpl", ["general", "deploys"], ["deploys"]),
        ("GEN", ["general"], ["general"]),
        ("x", ["general"], []),
        ("ops", ["old-papers", "ops-night", "ops", "devops"], ["ops", "ops-night", "devops", "old-papers"]),
        ("aab", ["ab"], []),
        ("ab", ["axab"], ["axab"]),
        ("a b", ["ab"], ["ab"]),
    ],
)
def test_rank(query: str, names: list[str], found: list[str]) -> None:
    assert [names[at] for at in rank(query, names)] == found


@given(st.text(), st.lists(st.text()))
def test_each_name_is_found_at_most_once_and_a_whole_name_always(query: str, names: list[str]) -> None:
    found = rank(query, [*names, query])
    assert len(found) == len(set(found))
    assert len(names) in found
