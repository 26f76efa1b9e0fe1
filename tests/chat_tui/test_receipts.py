"""Owed receipts: gathered, sent at most so often, and owed until they are acknowledged."""

import pytest

from chat_server.protocol import RANGES_MAX
from chat_tui.model.receipts import SEND_EVERY_MS, OwedReceipts, ReadTexts

ROOM, OTHER = "deploys", "general"
ROOMS = {ROOM, OTHER}


@pytest.fixture
def receipts() -> OwedReceipts:
    return OwedReceipts({}, {})


def send(receipts: OwedReceipts, ref: str, now_ms: int) -> None:
    """Send all that is due under one ref per room."""
    for at, (room, reading) in enumerate(receipts.due(now_ms, ROOMS)):
        receipts.sent(f"{ref}{at or ''}", room, reading)


def test_nothing_is_owed_at_first(receipts: OwedReceipts) -> None:
    assert receipts.owed == {}
    assert receipts.next_deadline_ms(ROOMS) is None
    assert receipts.due(0, ROOMS) == []


def test_what_an_earlier_session_left_is_due_at_once() -> None:
    receipts = OwedReceipts({ROOM: ((1, 3),)}, {})
    assert receipts.next_deadline_ms(ROOMS) == 0
    assert receipts.due(0, ROOMS) == [(ROOM, ReadTexts(((1, 3),)))]


def test_the_first_goes_at_once_and_the_next_are_gathered(receipts: OwedReceipts) -> None:
    receipts.add(ROOM, ReadTexts(((1, 1),)))
    send(receipts, "a", 1_000)
    receipts.add(ROOM, ReadTexts(((2, 2),)))
    receipts.add(ROOM, ReadTexts(((3, 4),)))
    assert receipts.due(1_000 + SEND_EVERY_MS - 1, ROOMS) == []
    assert receipts.next_deadline_ms(ROOMS) == 1_000 + SEND_EVERY_MS
    assert receipts.due(1_000 + SEND_EVERY_MS, ROOMS) == [(ROOM, ReadTexts(((2, 4),)))]


def test_nothing_due_does_not_put_off_what_comes_next(receipts: OwedReceipts) -> None:
    assert receipts.due(1_000, ROOMS) == []
    receipts.add(ROOM, ReadTexts(((1, 1),)))
    assert receipts.due(1_001, ROOMS) == [(ROOM, ReadTexts(((1, 1),)))]


def test_what_is_on_its_way_is_not_sent_twice_and_still_owed(receipts: OwedReceipts) -> None:
    receipts.add(ROOM, ReadTexts(((1, 3),)))
    send(receipts, "a", 0)
    assert "a" in receipts
    assert receipts.owed == {ROOM: ((1, 3),)}
    assert receipts.next_deadline_ms(ROOMS) is None
    receipts.add(ROOM, ReadTexts(((3, 5),)))
    assert receipts.due(SEND_EVERY_MS, ROOMS) == [(ROOM, ReadTexts(((4, 5),)))]


def test_an_answer_ends_the_debt(receipts: OwedReceipts) -> None:
    receipts.add(ROOM, ReadTexts(((1, 3),)))
    send(receipts, "a", 0)
    receipts.add(ROOM, ReadTexts(((4, 4),)))
    receipts.answered("a")
    assert "a" not in receipts
    assert receipts.owed == {ROOM: ((4, 4),)}
    send(receipts, "b", SEND_EVERY_MS)
    receipts.answered("b")
    assert receipts.owed == {}


def test_what_is_held_is_owed_and_sent_again(receipts: OwedReceipts) -> None:
    receipts.add(ROOM, ReadTexts(((1, 3),)))
    send(receipts, "a", 0)
    receipts.held("a")
    assert "a" not in receipts
    assert receipts.owed == {ROOM: ((1, 3),)}
    assert receipts.due(SEND_EVERY_MS, ROOMS) == [(ROOM, ReadTexts(((1, 3),)))]


def test_rooms_are_told_apart(receipts: OwedReceipts) -> None:
    receipts.add(ROOM, ReadTexts(((1, 1),)))
    receipts.add(OTHER, ReadTexts(((1, 1),)))
    assert receipts.due(0, ROOMS) == [(ROOM, ReadTexts(((1, 1),))), (OTHER, ReadTexts(((1, 1),)))]
    receipts.sent("a", ROOM, ReadTexts(((1, 1),)))
    assert receipts.due(SEND_EVERY_MS, ROOMS) == [(OTHER, ReadTexts(((1, 1),)))]
    receipts.sent("b", OTHER, ReadTexts(((1, 1),)))
    receipts.answered("b")
    assert receipts.owed == {ROOM: ((1, 1),)}


def test_after_a_cut_everything_is_due_at_once_again(receipts: OwedReceipts) -> None:
    receipts.add(ROOM, ReadTexts(((1, 3),)))
    send(receipts, "a", 1_000)
    receipts.cut()
    assert "a" not in receipts
    assert receipts.next_deadline_ms(ROOMS) == 0
    assert receipts.due(1_001, ROOMS) == [(ROOM, ReadTexts(((1, 3),)))]


def test_no_request_is_too_long(receipts: OwedReceipts) -> None:
    apart = tuple((each, each) for each in range(2, 2 * RANGES_MAX + 4, 2))
    receipts.add(ROOM, ReadTexts(apart))
    assert receipts.due(0, ROOMS) == [(ROOM, ReadTexts(apart[:RANGES_MAX]))]
    receipts.sent("a", ROOM, ReadTexts(apart[:RANGES_MAX]))
    assert receipts.due(SEND_EVERY_MS, ROOMS) == [(ROOM, ReadTexts(apart[RANGES_MAX:]))]


def test_another_history_is_owed_nothing(receipts: OwedReceipts) -> None:
    receipts.add(ROOM, ReadTexts(((1, 3),)))
    receipts.forget()
    assert receipts.owed == {}
    assert receipts.next_deadline_ms(ROOMS) is None


def test_owed_is_a_copy(receipts: OwedReceipts) -> None:
    receipts.add(ROOM, ReadTexts(((1, 1),)))
    receipts.owed.clear()
    assert receipts.owed == {ROOM: ((1, 1),)}


def test_a_room_of_which_nothing_may_be_sent_waits_and_can_be_forgotten(receipts: OwedReceipts) -> None:
    receipts.add(ROOM, ReadTexts(((1, 1),)))
    receipts.add(OTHER, ReadTexts(((2, 2),)))
    assert receipts.due(0, {OTHER}) == [(OTHER, ReadTexts(((2, 2),)))]
    assert receipts.next_deadline_ms(()) is None
    assert receipts.forget_room(ROOM)
    assert not receipts.forget_room(ROOM)
    assert receipts.owed == {OTHER: ((2, 2),)}


def test_what_is_not_on_its_way_can_go_early(receipts: OwedReceipts) -> None:
    receipts.add(ROOM, ReadTexts(((1, 1),)))
    send(receipts, "a", 1_000)
    receipts.add(ROOM, ReadTexts(((2, 2),)))
    assert receipts.due(1_001, ROOMS) == []
    assert receipts.unsent(ROOMS) == [(ROOM, ReadTexts(((2, 2),)))]
    assert receipts.unsent({OTHER}) == []


def edited(**editions: int) -> ReadTexts:
    """Texts of messages by `m` and the id."""
    texts = {int(name[1:]): edition for name, edition in editions.items()}
    return ReadTexts(tuple((each, each) for each in texts), texts)


def test_of_an_edited_message_the_latest_text_that_was_read_is_owed(receipts: OwedReceipts) -> None:
    receipts.add(ROOM, ReadTexts(((1, 3),)))
    receipts.add(ROOM, edited(m2=2))
    receipts.add(ROOM, edited(m2=1))
    assert receipts.owed == {ROOM: ((1, 3),)}
    assert receipts.texts == {ROOM: ((2, 2),)}
    assert receipts.of(ROOM) == ReadTexts(((1, 3),), {2: 2})
    assert receipts.of(OTHER) == ReadTexts()
    assert receipts.due(0, ROOMS) == [(ROOM, ReadTexts(((1, 3),), {2: 2}))]


def test_a_text_that_is_read_while_an_earlier_one_is_on_its_way_is_sent_after_it(receipts: OwedReceipts) -> None:
    receipts.add(ROOM, ReadTexts(((1, 3),)))
    send(receipts, "a", 0)
    receipts.add(ROOM, edited(m2=1))
    assert receipts.due(SEND_EVERY_MS, ROOMS) == [(ROOM, edited(m2=1))]
    receipts.sent("b", ROOM, edited(m2=1))
    receipts.add(ROOM, edited(m2=1))
    assert receipts.next_deadline_ms(ROOMS) is None
    receipts.add(ROOM, edited(m2=2))
    receipts.answered("b")
    receipts.answered("a")
    assert (receipts.owed, receipts.texts) == ({ROOM: ((2, 2),)}, {ROOM: ((2, 2),)})
    send(receipts, "c", 2 * SEND_EVERY_MS)
    receipts.answered("c")
    assert (receipts.owed, receipts.texts) == ({}, {})


def test_after_a_cut_the_text_is_told_again_with_its_message(receipts: OwedReceipts) -> None:
    receipts.add(ROOM, edited(m2=1))
    send(receipts, "a", 0)
    receipts.add(ROOM, edited(m2=3))
    receipts.cut()
    assert receipts.due(0, ROOMS) == [(ROOM, edited(m2=3))]


def test_what_an_earlier_session_left_of_a_text_is_owed_with_its_message() -> None:
    receipts = OwedReceipts({ROOM: ((1, 1),)}, {ROOM: ((2, 1),), OTHER: ((5, 2),)})
    assert receipts.owed == {ROOM: ((1, 2),), OTHER: ((5, 5),)}
    assert receipts.texts == {ROOM: ((2, 1),), OTHER: ((5, 2),)}


def test_no_request_names_too_many_texts_nor_a_message_without_its_own(receipts: OwedReceipts) -> None:
    count = RANGES_MAX + 5
    receipts.add(ROOM, ReadTexts(((1, count + 1),), dict.fromkeys(range(1, count + 1), 1)))
    ((_, first),) = receipts.due(0, ROOMS)
    assert first == ReadTexts(((1, RANGES_MAX),), dict.fromkeys(range(1, RANGES_MAX + 1), 1))
    receipts.sent("a", ROOM, first)
    ((_, rest),) = receipts.due(SEND_EVERY_MS, ROOMS)
    assert rest == ReadTexts(((RANGES_MAX + 1, count + 1),), dict.fromkeys(range(RANGES_MAX + 1, count + 1), 1))
