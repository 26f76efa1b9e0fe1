"""Which text of a message was read: only ever a later one."""

from hypothesis import given
from hypothesis import strategies as st

from chat_tui.model.editions import later, merged

texts = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 4)))


@given(texts)
def test_of_each_message_the_greatest_is_kept_in_whatever_order_they_come(told: list[tuple[int, int]]) -> None:
    greatest = {each: max(edition for its, edition in told if its == each) for each, _ in told}
    expected = {each: edition for each, edition in greatest.items() if edition}
    assert merged({}, told) == merged({}, reversed(told)) == expected
    assert merged(merged({}, told), told) == expected
    assert later(told, expected) == {}


def test_only_what_is_greater_than_what_is_known_is_later() -> None:
    assert later([(1, 1), (2, 3), (3, 0), (4, 2), (4, 1)], {1: 1, 2: 2}) == {2: 3, 4: 2}
