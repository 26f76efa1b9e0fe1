"""Outgoing messages, from typing to the window."""

import pytest

from chat_server.protocol import Post
from chat_tui.model.drawing import quote_unknown
from chat_tui.model.owed import OwedPost
from chat_tui.model.posts import POSTS_MAX, Posts, request
from chat_tui.model.view import MessageView, ReplyView, Tick, TickState
from tests.chat_tui.frames import ME, ROOM, message

HI = OwedPost(ROOM, "n1", "hi\x1b", 7)
YO = OwedPost(ROOM, "n2", "yo", 8)


@pytest.fixture
def posts() -> Posts:
    posts = Posts(())
    posts.add(HI)
    posts.add(YO)
    return posts


def draw(posts: Posts) -> list[MessageView]:
    return posts.draw(ROOM, ME, quote_unknown)


def states(posts: Posts) -> dict[str, TickState]:
    return {each.key: each.tick.state for each in draw(posts) if each.tick is not None}


def test_what_was_typed_is_owed_and_queued_in_order(posts: Posts) -> None:
    assert posts.owed == posts.queued == (HI, YO)
    assert "n1" in posts
    assert "n3" not in posts


def test_an_earlier_session_left_some() -> None:
    posts = Posts([HI, OwedPost(ROOM, "n2", "yo", 8, "too long")])
    assert posts.queued == (HI,)
    assert states(posts) == {"n1": TickState.QUEUED, "n2": TickState.REFUSED}


def test_so_many_may_wait_and_no_more() -> None:
    owed = [OwedPost("general", str(number), "hi", 1) for number in range(POSTS_MAX - 1)]
    posts = Posts(owed)
    assert posts.closed == ""
    posts.add(OwedPost("general", "last", "hi", 1))
    assert posts.closed == "1,000 messages wait already; send or discard some first."
    posts.acknowledge("last", 7)
    posts.arrive([message(7, ME, nonce="last")])
    assert posts.closed == ""


def test_how_it_is_drawn(posts: Posts) -> None:
    drawn, _ = draw(posts)
    assert (drawn.key, drawn.id, drawn.sender, drawn.text, drawn.at_ms) == ("n1", None, ME, "hi\\x1b", 7)
    assert drawn.own
    assert drawn.tick == Tick(TickState.QUEUED)
    assert posts.draw("general", ME, quote_unknown) == []


def test_the_same_look_is_the_same_object(posts: Posts) -> None:
    before = draw(posts)
    posts.refuse("n2", "no")
    after = draw(posts)
    assert after[0] is before[0]
    assert after[1] is not before[1]
    posts.retry("n2")
    assert draw(posts)[1].tick == Tick(TickState.QUEUED)


def test_acknowledged_is_owed_no_longer_and_shown_until_it_arrives(posts: Posts) -> None:
    draw(posts)
    posts.acknowledge("n1", 5)
    assert posts.owed == (YO,)
    assert states(posts) == {"n1": TickState.SENT, "n2": TickState.QUEUED}
    assert posts.arrive([message(5, ME, nonce="n1")])
    assert states(posts) == {"n2": TickState.QUEUED}


def test_it_can_arrive_before_it_is_acknowledged(posts: Posts) -> None:
    assert posts.arrive([message(4), message(5, ME, nonce="n1"), message(6, ME, nonce="n2")])
    assert posts.owed == ()


def test_nothing_of_ours_arrives(posts: Posts) -> None:
    assert not posts.arrive([message(4), message(5, ME, nonce="other device")])
    assert posts.owed == (HI, YO)


def test_settled_once_the_window_is_there(posts: Posts) -> None:
    posts.acknowledge("n1", 5)
    posts.acknowledge("n2", 6)
    posts.settle(ROOM, 4)
    assert set(states(posts)) == {"n1", "n2"}
    posts.settle(ROOM, 5)
    assert set(states(posts)) == {"n2"}


def test_what_is_not_acknowledged_does_not_settle(posts: Posts) -> None:
    posts.settle(ROOM, 10**9)
    assert posts.owed == (HI, YO)


def test_refused_waits_for_the_person(posts: Posts) -> None:
    posts.refuse("n1", "too\nlong")
    assert posts.queued == (YO,)
    assert [each.nonce for each in posts.owed] == ["n1", "n2"]
    assert draw(posts)[0].reason == "too long"
    assert posts.retry("n1") == HI
    assert [each.nonce for each in posts.queued] == ["n1", "n2"]


def test_refused_can_be_discarded(posts: Posts) -> None:
    posts.refuse("n1", "no")
    assert posts.discard("n1")
    assert posts.owed == (YO,)


def test_a_late_key_changes_nothing(posts: Posts) -> None:
    posts.acknowledge("n2", 6)
    for nonce in ("n1", "n2", "unknown"):
        assert posts.retry(nonce) is None
        assert not posts.discard(nonce)
    assert states(posts) == {"n1": TickState.QUEUED, "n2": TickState.SENT}


def test_another_history_has_acknowledged_nothing(posts: Posts) -> None:
    posts.acknowledge("n1", 5)
    posts.forget_acknowledged()
    assert states(posts) == {"n2": TickState.QUEUED}


def up_next(posts: Posts) -> OwedPost | None:
    return posts.next({ROOM})


def test_one_is_on_its_way_at_a_time(posts: Posts) -> None:
    assert up_next(posts) == HI
    posts.sent("n1")
    assert up_next(posts) is None
    assert posts.queued == (HI, YO)
    posts.acknowledge("n1", 5)
    assert up_next(posts) == YO
    posts.sent("n2")
    posts.acknowledge("n1", 5)
    assert up_next(posts) is None
    posts.refuse("n2", "no")
    assert up_next(posts) is None
    posts.retry("n2")
    assert up_next(posts) == YO


def test_arriving_is_an_answer_too(posts: Posts) -> None:
    posts.sent("n1")
    posts.arrive([message(5, ME, nonce="n1")])
    assert up_next(posts) == YO


def test_what_is_held_stays_queued_and_first(posts: Posts) -> None:
    posts.sent("n1")
    posts.hold("n1")
    assert states(posts) == {"n1": TickState.QUEUED, "n2": TickState.QUEUED}
    assert up_next(posts) == HI


def test_what_was_refused_and_is_retried_is_in_its_old_place(posts: Posts) -> None:
    posts.sent("n1")
    posts.refuse("n1", "no")
    assert up_next(posts) == YO
    posts.retry("n1")
    assert up_next(posts) == HI


def test_after_a_cut_the_first_is_sent_again(posts: Posts) -> None:
    posts.sent("n1")
    posts.cut()
    assert up_next(posts) == HI


def test_the_request() -> None:
    assert request(HI) == Post(ref="n1", room=ROOM, nonce="n1", content="hi\x1b")


ANSWER = OwedPost(ROOM, "n3", "yes", 9, reply_to=4)


def test_an_answer_says_to_what_each_time_that_it_is_sent(posts: Posts) -> None:
    answers = Posts([ANSWER])
    assert request(ANSWER) == Post(ref="n3", room=ROOM, nonce="n3", content="yes", reply_to=4)
    answers.sent("n3")
    answers.refuse("n3", "no")
    assert answers.retry("n3") == ANSWER
    assert draw(posts)[0].reply is None


def test_what_is_answered_is_drawn_as_it_is_now() -> None:
    answers = Posts([ANSWER])
    said = ReplyView("ann", "at five?", 4)
    (before,) = draw(answers)
    assert before.reply == quote_unknown(4)
    (after,) = answers.draw(ROOM, ME, lambda _: said)
    assert after.reply == said
    assert answers.draw(ROOM, ME, lambda _: said)[0] is after


def test_in_another_history_nothing_is_answered() -> None:
    answers = Posts([ANSWER])
    draw(answers)
    answers.forget_acknowledged()
    assert answers.owed == (OwedPost(ROOM, "n3", "yes", 9),)
    assert draw(answers)[0].reply is None


def test_what_is_for_somebody_waits_for_its_room() -> None:
    whom = {"a": "ann", "b": "ann", "c": "bob"}
    to_ann, too, to_bob = (OwedPost("", each, each, 7, to=name) for each, name in whom.items())
    posts = Posts([HI, to_ann, too, to_bob, OwedPost("", "d", "d", 7, "no", to="cid")])
    assert posts.addressees == ("ann", "bob")
    assert posts.next({ROOM, ""}) == HI
    assert not posts.place("cid nobody", "@a")
    assert posts.place("ann", "@a")
    assert posts.queued == (HI, OwedPost("@a", "a", "a", 7), OwedPost("@a", "b", "b", 7), to_bob)
    assert [each.text for each in posts.draw("@a", ME, quote_unknown)] == ["a", "b"]


def test_what_is_for_nobody_is_taken_back() -> None:
    to_bob = OwedPost("", "c", "c", 7, to="bob")
    posts = Posts([HI, OwedPost("", "a", "a", 7, to="ann"), to_bob])
    assert posts.take_back("bob") == (to_bob,)
    assert posts.take_back("bob") == ()
    assert [each.nonce for each in posts.owed] == ["n1", "a"]
