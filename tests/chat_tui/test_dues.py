"""What is owed, and when it may be sent: transcripts of refs, refusals and time."""

from collections.abc import Iterable
from itertools import count

import pytest

from chat_server.protocol import AnyRequest, Ok, Post, Read, Refused
from chat_tui.model.dues import DISK_FULL, RATE_LIMITED, Dues
from chat_tui.model.holdup import FIRST_MS
from chat_tui.model.owed import Mark, Owed, OwedPost
from chat_tui.model.receipts import ReadTexts
from tests.chat_tui.frames import ME, ROOM, message


def post(nonce: str) -> OwedPost:
    return OwedPost(ROOM, nonce, f"text {nonce}", 7)


def a_dues(*nonces: str, **owed: object) -> Dues:
    numbers = count(1)
    left = Owed(posts=tuple(map(post, nonces)), **owed)  # type: ignore[arg-type]
    return Dues(left, lambda kind: f"{kind}-{next(numbers)}")


def refs(requests: Iterable[AnyRequest]) -> list[str | None]:
    return [each.ref for each in requests]


def full(ref: str) -> Refused:
    return Refused(ref=ref, code="disk-full", reason="The disk is full.")


def limited(ref: str, wait_ms: int | None) -> Refused:
    return Refused(ref=ref, code="rate-limited", reason="Slow down.", retry_after_ms=wait_ms)


def why(dues: Dues) -> str:
    """Asked anew each time; mypy takes a property for something that stays."""
    return dues.why(ROOM)


def test_what_was_left_is_owed_still() -> None:
    dues = a_dues("a", "b", reads={ROOM: ((1, 3),)}, drafts={"tea": "I was"})
    assert dues.owed("first") == Owed(
        epoch="first",
        posts=(post("a"), post("b")),
        reads={ROOM: ((1, 3),)},
        drafts={"tea": "I was"},
    )


def test_nothing_is_sent_before_one_is_in_the_room_nor_after_a_cut() -> None:
    dues = a_dues("a", reads={ROOM: ((1, 3),)})
    assert (refs(dues.send(0)), dues.next_deadline_ms) == ([], None)
    dues.admit(ROOM)
    assert dues.next_deadline_ms == 0
    assert list(dues.send(0)) == [
        Post(ref="a", room=ROOM, nonce="a", content="text a"),
        Read(ref="read-1", room=ROOM, ranges=((1, 3),)),
    ]
    dues.cut()
    assert refs(dues.send(1)) == []
    dues.admit(ROOM)
    assert refs(dues.send(2)) == ["a", "read-2"]


def test_one_post_at_a_time() -> None:
    dues = a_dues("a", "b")
    dues.admit(ROOM)
    assert refs(dues.send_post()) == ["a"]
    assert refs(dues.send_post()) == []
    assert dues.take(Ok(ref="a", message_id=1))
    assert refs(dues.send_post()) == ["b"]


def test_what_is_taken_is_owed_no_longer() -> None:
    dues = a_dues("a", reads={ROOM: ((1, 3),)})
    dues.admit(ROOM)
    assert refs(dues.send(0)) == ["a", "read-1"]
    assert dues.take(Ok(ref="read-1"))
    assert dues.take(Ok(ref="a", message_id=4))
    assert dues.owed("") == Owed()


@pytest.mark.parametrize("ref", [None, "a", "read-9"])
def test_an_answer_to_something_else_is_let_pass(ref: str | None) -> None:
    dues = a_dues("a")
    assert not dues.take(Ok(ref=ref))
    assert not dues.refuse(Refused(ref="page-1", code="no", reason="No."))
    dues.hold(full("page-1"), 0)
    assert dues.owed("").posts == (post("a"),)


def test_what_is_refused_for_good_is_kept_with_the_reason_or_not_owed() -> None:
    dues = a_dues("a", reads={ROOM: ((1, 3),)})
    dues.admit(ROOM)
    assert refs(dues.send(0)) == ["a", "read-1"]
    assert dues.refuse(Refused(ref="a", code="no", reason="No."))
    assert dues.refuse(Refused(ref="read-1", code="no", reason="No."))
    assert dues.owed("").posts == (OwedPost(ROOM, "a", "text a", 7, "No."),)
    assert dues.owed("").reads == {}


def test_a_full_disk_holds_everything_until_it_is_tried_again() -> None:
    dues = a_dues("a", "b", reads={ROOM: ((1, 3),)})
    dues.admit(ROOM)
    assert refs(dues.send(0)) == ["a", "read-1"]
    assert not why(dues)
    dues.hold(full("a"), 10)
    dues.hold(full("read-1"), 11)
    assert why(dues) == "the server's disk is full; 2 messages wait"
    assert dues.next_deadline_ms == dues.waits_until_ms == 10 + FIRST_MS
    assert not dues.elapse(9 + FIRST_MS)
    assert refs(dues.send(9 + FIRST_MS)) == []
    assert dues.elapse(10 + FIRST_MS)
    assert refs(dues.send(10 + FIRST_MS)) == ["a", "read-2"]
    assert why(dues)
    assert dues.take(Ok(ref="a", message_id=1))
    assert not why(dues)


def test_what_waits_for_the_disk_is_said() -> None:
    assert (DISK_FULL, RATE_LIMITED) == ("disk-full", "rate-limited")
    one, none, outside = a_dues("a"), a_dues(reads={ROOM: ((1, 3),)}), a_dues("a")
    for dues in (one, none):
        dues.admit(ROOM)
        dues.hold(full(""), 0)
    outside.hold(full("join"), 0)
    assert why(one).endswith("; 1 message waits")
    assert why(none).endswith("; receipts wait")
    assert why(outside).endswith("; the room cannot be joined")
    outside.admit(ROOM)
    assert not why(outside)
    one.cut()
    assert not why(one)


def test_who_is_asked_to_slow_down_waits_as_long_as_told_and_keeps_the_order() -> None:
    dues = a_dues("a", "b", reads={ROOM: ((1, 3),)})
    dues.admit(ROOM)
    assert refs(dues.send(0)) == ["a", "read-1"]
    dues.hold(limited("a", 3_000), 10)
    assert why(dues) == "the server asks to slow down; 2 messages wait"
    assert dues.next_deadline_ms == dues.waits_until_ms == 3_010
    assert dues.take(Ok(ref="read-1"))
    assert refs(dues.send(3_009)) == []
    assert not dues.elapse(3_009)
    assert dues.elapse(3_010)
    assert refs(dues.send(3_010)) == ["a"]
    assert dues.owed("").posts == (post("a"), post("b"))


def test_it_is_said_until_all_that_waits_has_been_taken() -> None:
    dues = a_dues("a", "b", "c")
    dues.admit(ROOM)
    assert refs(dues.send(0)) == ["a"]
    dues.hold(limited("a", 200), 0)
    said = []
    for at, nonce in enumerate(("a", "b", "c"), 1):
        assert dues.elapse(200 * at)
        assert refs(dues.send(200 * at)) == [nonce]
        assert dues.take(Ok(ref=nonce, message_id=at))
        said.append(why(dues))
        if nonce != "c":
            assert refs(dues.send_post()) == ["bc"[at - 1]]
            dues.hold(limited("bc"[at - 1], 200), 200 * at)
            assert dues.waits_until_ms == 200 * at + 200
    assert said == [
        "the server asks to slow down; 2 messages wait",
        "the server asks to slow down; 1 message waits",
        "",
    ]


def test_a_receipt_that_comes_too_soon_stays_owed_until_the_time_told() -> None:
    dues = a_dues(reads={ROOM: ((1, 3),)})
    dues.admit(ROOM)
    assert refs(dues.send(0)) == ["read-1"]
    dues.hold(limited("read-1", 700), 100)
    assert why(dues) == "the server asks to slow down; receipts wait"
    assert dues.owed("").reads == {ROOM: ((1, 3),)}
    assert refs(dues.send(799)) == []
    assert dues.elapse(800)
    assert list(dues.send(800)) == [Read(ref="read-2", room=ROOM, ranges=((1, 3),))]
    assert dues.take(Ok(ref="read-2"))
    assert not why(dues)


@pytest.mark.parametrize("told_ms", [None, 0, -5])
def test_where_no_time_is_told_it_is_as_with_a_full_disk(told_ms: int | None) -> None:
    dues = a_dues("a")
    dues.admit(ROOM)
    assert refs(dues.send(0)) == ["a"]
    dues.hold(limited("a", told_ms), 0)
    assert dues.waits_until_ms == FIRST_MS


def test_nothing_is_said_where_nothing_waits_any_more() -> None:
    dues = a_dues("a")
    dues.admit(ROOM)
    assert refs(dues.send(0)) == ["a"]
    dues.hold(limited("a", 3_000), 0)
    assert why(dues)
    dues.posts.arrive([message(4, ME, nonce="a")])
    assert not why(dues)


def test_another_history_is_owed_no_receipts() -> None:
    dues = a_dues("a", "b", reads={ROOM: ((1, 3),)})
    dues.admit(ROOM)
    assert refs(dues.send_post()) == ["a"]
    assert dues.take(Ok(ref="a", message_id=1))
    dues.start_over()
    assert dues.owed("second") == Owed(epoch="second", posts=(post("b"),))
    assert "a" not in dues.posts


def test_a_draft_is_no_draft_once_it_is_entered() -> None:
    dues = a_dues()
    assert [dues.write(ROOM, text) for text in ("h", "hi", "hi")] == [True, True, False]
    assert dues.draft(ROOM) == "hi"
    dues.enter(post("a"))
    assert (dues.draft(ROOM), dues.owed("").drafts) == ("", {})
    assert not dues.write(ROOM, "")


def test_what_is_seen_is_owed() -> None:
    dues = a_dues()
    dues.see(ROOM, ReadTexts(((1, 2),)))
    dues.see(ROOM, ReadTexts(((2, 3),), {3: 1}))
    assert dues.owed("").reads == {ROOM: ((1, 3),)}
    assert dues.owed("").editions == {ROOM: ((3, 1),)}
    dues.admit(ROOM)
    assert list(dues.send(0)) == [Read(ref="read-1", room=ROOM, ranges=((1, 3),), editions=((3, 1),))]
    assert dues.take(Ok(ref="read-1"))
    assert dues.owed("") == Owed()


def test_the_text_that_was_left_is_told_with_what_was_left() -> None:
    dues = a_dues(reads={ROOM: ((1, 3),)}, editions={ROOM: ((2, 4),)})
    dues.admit(ROOM)
    assert list(dues.send(0)) == [Read(ref="read-1", room=ROOM, ranges=((1, 3),), editions=((2, 4),))]


def test_what_is_owed_to_a_room_that_one_is_not_in_waits() -> None:
    dues = a_dues("a", reads={ROOM: ((1, 3),), "tea": ((2, 2),)})
    dues.admit("tea")
    assert (dues.is_in("tea"), dues.is_in(ROOM)) == (True, False)
    assert list(dues.send(0)) == [Read(ref="read-1", room="tea", ranges=((2, 2),))]
    assert dues.next_deadline_ms is None


def test_of_a_room_that_one_is_put_out_of_no_receipts_are_owed_and_posts_wait() -> None:
    dues = a_dues("a", reads={ROOM: ((1, 3),)}, marks={ROOM: Mark(2, 1)}, silenced=(ROOM,))
    dues.admit(ROOM)
    assert dues.expel(ROOM)
    assert not dues.expel(ROOM)
    assert refs(dues.send(0)) == []
    assert dues.owed("") == Owed(posts=(post("a"),), silenced=(ROOM,))


def test_marks_speak_of_one_history() -> None:
    dues = a_dues(marks={ROOM: Mark(2, 1)}, silenced=(ROOM,))
    dues.start_over()
    assert dues.owed("") == Owed(silenced=(ROOM,))


def test_another_mode_lets_go_of_what_would_come_to_light_and_of_all_where_nothing_is_recorded() -> None:
    dues = a_dues(reads={ROOM: ((1, 3),)})
    assert dues.mode(ROOM) == "public"
    assert dues.turn(ROOM, "public") is None
    assert (dues.turn(ROOM, "private"), dues.mode(ROOM)) == (ReadTexts(), "private")
    assert dues.owed("").reads == {ROOM: ((1, 3),)}
    assert dues.owed("").modes == {ROOM: "private"}
    assert (dues.turn(ROOM, "public"), dues.mode(ROOM)) == (ReadTexts(((1, 3),)), "public")
    assert dues.owed("") == Owed()
    dues.see(ROOM, ReadTexts(((4, 4),)))
    assert dues.turn(ROOM, "off") == ReadTexts(((4, 4),))
    assert dues.turn(ROOM, "private") == ReadTexts()
    dues.expel(ROOM)
    assert dues.owed("") == Owed()


def test_receipts_go_early_before_another_mode_is_asked_for() -> None:
    dues = a_dues(reads={ROOM: ((1, 3),)})
    assert list(dues.send_reads()) == []
    dues.admit(ROOM)
    assert refs(dues.send(0)) == ["read-1"]
    dues.see(ROOM, ReadTexts(((4, 4),)))
    assert list(dues.send(1)) == []
    assert list(dues.send_reads()) == [Read(ref="read-2", room=ROOM, ranges=((4, 4),))]
    dues.hold(full("read-2"), 2)
    assert list(dues.send_reads()) == []
