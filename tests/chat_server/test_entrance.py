"""How many connections one place may have: what is counted, what is not, and that it is forgotten afterwards."""

from contextlib import ExitStack

import pytest

from chat_server.entrance import Present


def test_so_many_and_one_more() -> None:
    present = Present(2)
    with present.counted("192.0.2.1"):
        assert not present.is_full("192.0.2.1")
        with present.counted("192.0.2.1"):
            assert present.is_full("192.0.2.1")
            assert not present.is_full("192.0.2.2")
        assert not present.is_full("192.0.2.1")


@pytest.mark.parametrize(("most", "place"), [(1, None), (0, "192.0.2.1")])
def test_what_has_no_bound(most: int, place: str | None) -> None:
    present = Present(most)
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(present.counted(place))
        assert not present.is_full(place)


def test_nothing_is_kept_of_those_who_have_gone() -> None:
    present = Present(1)
    for at in range(100):
        with pytest.raises(ZeroDivisionError), present.counted(f"192.0.2.{at}"):
            raise ZeroDivisionError
    assert not present._counts
