"""Waiting for the server's disk."""

from chat_tui.holdup import FIRST_MS, LONGEST_MS, Holdup


def test_nothing_waits_at_first() -> None:
    holdup = Holdup()
    assert (holdup.until_ms, holdup.lasts) == (None, False)
    assert not holdup.elapse(10**9)


def test_what_was_refused_for_now_is_tried_once_the_pause_is_over() -> None:
    holdup = Holdup()
    holdup.begin(1_000)
    assert (holdup.until_ms, holdup.lasts) == (1_000 + FIRST_MS, True)
    assert not holdup.elapse(1_000 + FIRST_MS - 1)
    assert holdup.elapse(1_000 + FIRST_MS)
    assert (holdup.until_ms, holdup.lasts) == (None, True)
    assert not holdup.elapse(1_000 + FIRST_MS)


def test_of_several_refused_together_the_first_one_counts() -> None:
    holdup = Holdup()
    holdup.begin(1_000)
    holdup.begin(1_500)
    assert holdup.until_ms == 1_000 + FIRST_MS


def test_the_pause_doubles_up_to_the_longest_and_is_short_again_after_success() -> None:
    holdup = Holdup()
    now_ms, pauses = 0, []
    for _ in range(7):
        holdup.begin(now_ms)
        assert holdup.until_ms is not None
        pauses.append(holdup.until_ms - now_ms)
        now_ms = holdup.until_ms
        assert holdup.elapse(now_ms)
    assert pauses == [FIRST_MS, 2 * FIRST_MS, 4 * FIRST_MS, 8 * FIRST_MS, LONGEST_MS, LONGEST_MS, LONGEST_MS]
    holdup.end()
    assert (holdup.until_ms, holdup.lasts) == (None, False)
    holdup.begin(now_ms)
    assert holdup.until_ms == now_ms + FIRST_MS
