"""What is owed, and when it may be sent: transcripts of refs, refusals and time."""

from collections.abc import Iterable
from itertools import count

import pytest

from chat_server.protocol import AnyRequest, Ok, Post, Read, Refused
from chat_tui.dues import DISK_FULL, Dues
from chat_tui.holdup import FIRST_MS
from chat_tui.owed import Owed, OwedPost
from tests.chat_tui.frames import ROOM


def post(nonce: str) -> OwedPost:
    return OwedPost(ROOM, nonce, f"text {nonce}", 7)


def a_dues(*nonces: str, **owed: object) -> Dues:
    numbers = count(1)
    left = Owed(client="word", posts=tuple(map(post, nonces)), **owed)  # type: ignore[arg-type]
    return Dues(left, lambda kind: f"{kind}-{next(numbers)}")


def refs(requests: Iterable[AnyRequest]) -> list[str | None]:
    return [each.ref for each in requests]


def why(dues: Dues) -> str:
    """Asked anew each time; mypy takes a property for something that stays."""
    return dues.why


def test_what_was_left_is_owed_still() -> None:
    dues = a_dues("a", "b", reads={ROOM: ((1, 3),)}, drafts={"tea": "I was"})
    assert dues.owed("first") == Owed(
        client="word",
        epoch="first",
        posts=(post("a"), post("b")),
        reads={ROOM: ((1, 3),)},
        drafts={"tea": "I was"},
    )


def test_nothing_is_sent_before_one_is_in_the_room_nor_after_a_cut() -> None:
    dues = a_dues("a", reads={ROOM: ((1, 3),)})
    assert (refs(dues.send(0)), dues.next_deadline_ms) == ([], None)
    dues.admit()
    assert dues.next_deadline_ms == 0
    assert list(dues.send(0)) == [
        Post(ref="a", room=ROOM, nonce="a", content="text a"),
        Read(ref="read-1", room=ROOM, ranges=((1, 3),)),
    ]
    dues.cut()
    assert refs(dues.send(1)) == []
    dues.admit()
    assert refs(dues.send(2)) == ["a", "read-2"]


def test_one_post_at_a_time() -> None:
    dues = a_dues("a", "b")
    dues.admit()
    assert refs(dues.send_post()) == ["a"]
    assert refs(dues.send_post()) == []
    assert dues.take(Ok(ref="a", message_id=1))
    assert refs(dues.send_post()) == ["b"]


def test_what_is_taken_is_owed_no_longer() -> None:
    dues = a_dues("a", reads={ROOM: ((1, 3),)})
    dues.admit()
    assert refs(dues.send(0)) == ["a", "read-1"]
    assert dues.take(Ok(ref="read-1"))
    assert dues.take(Ok(ref="a", message_id=4))
    assert dues.owed("") == Owed(client="word")


@pytest.mark.parametrize("ref", [None, "a", "read-9"])
def test_an_answer_to_something_else_is_let_pass(ref: str | None) -> None:
    dues = a_dues("a")
    assert not dues.take(Ok(ref=ref))
    assert not dues.refuse(Refused(ref="page-1", code="no", reason="No."))
    dues.hold("page-1", 0)
    assert dues.owed("").posts == (post("a"),)


def test_what_is_refused_for_good_is_kept_with_the_reason_or_not_owed() -> None:
    dues = a_dues("a", reads={ROOM: ((1, 3),)})
    dues.admit()
    assert refs(dues.send(0)) == ["a", "read-1"]
    assert dues.refuse(Refused(ref="a", code="no", reason="No."))
    assert dues.refuse(Refused(ref="read-1", code="no", reason="No."))
    assert dues.owed("").posts == (OwedPost(ROOM, "a", "text a", 7, "No."),)
    assert dues.owed("").reads == {}


def test_a_full_disk_holds_everything_until_it_is_tried_again() -> None:
    dues = a_dues("a", "b", reads={ROOM: ((1, 3),)})
    dues.admit()
    assert refs(dues.send(0)) == ["a", "read-1"]
    assert not why(dues)
    dues.hold("a", 10)
    dues.hold("read-1", 11)
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
    assert DISK_FULL == "disk-full"
    one, none, outside = a_dues("a"), a_dues(reads={ROOM: ((1, 3),)}), a_dues("a")
    for dues in (one, none):
        dues.admit()
        dues.hold("", 0)
    outside.hold("join", 0)
    assert why(one).endswith("; 1 message waits")
    assert why(none).endswith("; receipts wait")
    assert why(outside).endswith("; the room cannot be joined")
    outside.admit()
    assert not why(outside)
    one.cut()
    assert not why(one)


def test_another_history_is_owed_no_receipts() -> None:
    dues = a_dues("a", "b", reads={ROOM: ((1, 3),)})
    dues.admit()
    assert refs(dues.send_post()) == ["a"]
    assert dues.take(Ok(ref="a", message_id=1))
    dues.start_over()
    assert dues.owed("second") == Owed(client="word", epoch="second", posts=(post("b"),))
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
    dues.see(ROOM, ((1, 2),))
    dues.see(ROOM, ((2, 3),))
    assert dues.owed("").reads == {ROOM: ((1, 3),)}
