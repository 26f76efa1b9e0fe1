"""A room against a naive model of it, and its rules one by one."""

import pytest
from hypothesis import given

from chat_server.protocol import ranges as rangesets
from chat_server.room import Advanced, AnyRecord, Departed, Entered, Entry, Opened, Posted, Room, Tally
from tests.chat_server.rooms import DEEDS, PEOPLE, Deed, Story, as_values, story_of


def replayed(records: list[AnyRecord]) -> Room:
    room = Room("r")
    for record in records:
        room.apply(record)
    return room


# Against the model


@given(DEEDS)
def test_who_has_read_and_who_is_missing_is_as_in_the_model(deeds: list[Deed]) -> None:
    story = story_of(deeds)
    room, model = story.room, story.model
    assert room.members == model.members
    for each in model.ids:
        readers = room.readers(each)
        assert dict(readers) == model.readers(each)
        assert [at_ms for _, at_ms in readers] == sorted(at_ms for _, at_ms in readers)
        assert room.missing(each) == model.missing(each)


@given(DEEDS)
def test_tallies_equal_brute_force_on_every_page(deeds: list[Deed]) -> None:
    story = story_of(deeds)
    for first in story.model.ids:
        for last in range(first, story.model.last_id + 1):
            wanted = [story.model.tally(each) for each in range(first, last + 1)]
            assert story.room.tallies(first, last) == wanted


@given(DEEDS)
def test_unread_is_what_was_sent_to_one_by_others(deeds: list[Deed]) -> None:
    story = story_of(deeds)
    for name in PEOPLE:
        unread = story.model.unread(name)
        assert story.room.unread_count(name) == len(unread)
        assert story.room.first_unread(name) == (unread[0] if unread else None)
        sent = [each for each in story.model.ids if story.model.was_sent(name, each)]
        assert story.room.sent_to(name) == rangesets.of_ids(sent)


@given(DEEDS)
def test_own_ids_and_senders_are_two_views_of_one_thing(deeds: list[Deed]) -> None:
    story = story_of(deeds)
    page = rangesets.normalise([(2, 5), (8, 9)])
    inside = rangesets.intersect(page, ((1, story.room.last_id),)) if story.room.last_id else ()
    senders = story.room.senders(inside)
    for name in PEOPLE:
        own = [each for each in rangesets.ids(inside) if story.model.sender(each) == name]
        assert list(story.room.own_ids(name, page)) == own
        assert senders.get(name, ()) == rangesets.of_ids(own)


@given(DEEDS)
def test_recovery_equals_life(deeds: list[Deed]) -> None:
    story = story_of(deeds)
    assert as_values(replayed(story.records).freeze()) == as_values(story.room.freeze())


@given(DEEDS, DEEDS)
def test_a_frozen_room_is_thawed_as_it_was_and_goes_on_alike(before: list[Deed], after: list[Deed]) -> None:
    story = story_of(before)
    state, then = story.room.freeze(), as_values(story.room.freeze())
    lived = len(story.records)
    whole = story_of([*before, *after])
    for record in whole.records[lived:]:
        story.room.apply(record)
    assert as_values(state) == then
    thawed = Room.thaw(state)
    assert as_values(thawed.freeze()) == then
    for record in whole.records[lived:]:
        thawed.apply(record)
    assert as_values(thawed.freeze()) == as_values(story.room.freeze())


# Ids and nonces


def test_ids_have_no_gaps() -> None:
    story = Story("ann", "bob")
    assert story.room.last_id == 0
    story.post("ann", "bob", "ann")
    assert [each.id for each in story.room.messages] == [1, 2, 3]
    assert story.room.last_id == 3


def test_between_leaves_out_what_does_not_exist() -> None:
    story = Story("ann")
    story.post("ann", "ann", "ann")
    windows = [(1, 3), (0, 1), (-5, 0), (3, 9), (4, 9), (2, 1), (-5, 9)]
    ids = [[each.id for each in story.room.between(first, last)] for first, last in windows]
    assert ids == [[1, 2, 3], [1], [], [3], [], [], [1, 2, 3]]


def test_a_nonce_is_known_in_life_in_replay_and_after_thawing() -> None:
    story = Story("ann", "bob")
    story.post("ann", "bob")
    for room in (story.room, replayed(story.records), Room.thaw(story.room.freeze())):
        assert [room.posted_as("ann", nonce) for nonce in ("n1", "n2")] == [1, None]
        assert room.posted_as("bob", "n2") == 2


def test_who_has_left_and_who_has_not() -> None:
    story = Story("ann", "bob")
    story.leave("bob")
    assert [story.room.has_left(name) for name in ("ann", "bob", "cid")] == [False, True, False]
    story.enter("bob")
    assert not story.room.has_left("bob")


# Receipts


def test_a_receipt_again_or_out_of_order_changes_nothing() -> None:
    story = Story("ann", "bob")
    story.post("ann", "ann", "ann", "ann")
    assert story.read("bob", (2, 3), at_ms=100) == ((2, 3),)
    assert story.read("bob", (2, 3), at_ms=200) == ()
    assert story.read("bob", (1, 4), at_ms=300) == ((1, 1), (4, 4))
    assert [story.room.readers(each) for each in (1, 2, 3, 4)] == [
        [("bob", 300)],
        [("bob", 100)],
        [("bob", 100)],
        [("bob", 300)],
    ]


def test_a_receipt_is_for_messages_that_exist() -> None:
    story = Story("ann", "bob")
    assert story.read("bob", (1, 1)) == ()
    story.post("ann", "ann")
    assert story.read("bob", (3, 9)) == ()
    assert story.read("bob", (2, 3)) == ((2, 2),)


def test_ones_own_messages_alone_are_not_read() -> None:
    story = Story("ann", "bob")
    story.post("ann", "ann", "bob")
    assert story.read("ann", (1, 2)) == ()
    assert story.read("ann", (1, 3)) == ((1, 3),)
    assert [story.room.readers(each) for each in (1, 2, 3)] == [[], [], [("ann", 0)]]
    assert story.room.tallies(1, 3) == [Tally(1, 0), Tally(1, 0), Tally(1, 1)]


# Who comes, goes and comes back


def test_one_who_leaves_unread_is_no_longer_missing() -> None:
    story = Story("ann", "bob", "cid")
    story.post("ann")
    assert story.room.missing(1) == ["bob", "cid"]
    story.leave("cid")
    assert story.room.missing(1) == ["bob"]
    assert story.room.tallies(1, 1) == [Tally(audience=1, read_by=0)]


def test_one_who_had_read_stays_listed_after_leaving() -> None:
    story = Story("ann", "bob", "cid")
    story.post("ann")
    story.read("cid", (1, 1), at_ms=100)
    story.leave("cid")
    assert story.room.readers(1) == [("cid", 100)]
    assert story.room.tallies(1, 1) == [Tally(audience=2, read_by=1)]


def test_one_who_came_later_is_not_missing_but_is_listed_once_they_read() -> None:
    story = Story("ann", "bob")
    story.post("ann")
    story.enter("cid")
    assert story.room.missing(1) == ["bob"]
    assert story.room.unread_count("cid") == 0
    story.read("cid", (1, 1), at_ms=100)
    assert story.room.readers(1) == [("cid", 100)]
    assert story.room.tallies(1, 1) == [Tally(audience=2, read_by=1)]


def test_one_who_comes_back_is_sent_what_was_said_while_here() -> None:
    story = Story("ann", "bob")
    story.post("ann")
    story.leave("bob")
    story.post("ann")
    story.enter("bob")
    story.post("ann")
    assert story.room.sent_to("bob") == ((1, 1), (3, 3))
    assert [story.room.missing(each) for each in (1, 2, 3)] == [["bob"], [], ["bob"]]


def test_a_stay_that_ends_as_the_next_begins_is_one_range() -> None:
    story = Story("ann", "bob")
    story.post("ann")
    story.leave("bob")
    story.enter("bob")
    story.post("ann")
    assert story.room.sent_to("bob") == ((1, 2),)
    assert story.room.members == ["ann", "bob"]


def test_an_author_who_has_left_is_neither_missing_nor_a_reader() -> None:
    story = Story("ann", "bob")
    story.post("ann")
    story.leave("ann")
    assert (story.room.readers(1), story.room.missing(1)) == ([], ["bob"])


# Records


def test_the_title_comes_with_the_opening() -> None:
    assert Room("r").title == "r"
    assert Story().room.title == "The room"


def test_every_record_is_one_revision() -> None:
    story = Story("ann", "bob")
    story.post("ann")
    story.read("bob", (1, 1))
    story.leave("bob")
    assert story.room.revision == len(story.records) == 6


IMPOSSIBLE: dict[str, AnyRecord] = {
    "an id that leaves a gap": Posted(room="r", entry=Entry(3, "ann", "n3", "hi", 1)),
    "an id again": Posted(room="r", entry=Entry(1, "ann", "n3", "hi", 1)),
    "a nonce again": Posted(room="r", entry=Entry(2, "ann", "n1", "hi", 1)),
    "nothing read": Advanced(room="r", reader="bob", ranges=(), read_at=1),
    "read beyond the last": Advanced(room="r", reader="bob", ranges=((1, 2),), read_at=1),
    "entered twice": Entered(room="r", name="ann", at=1),
    "left without having been there": Departed(room="r", name="cid", at=1),
    "opened twice": Opened(room="r", title="r", at=1),
}


@pytest.mark.parametrize("record", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_an_impossible_record_is_a_bug_of_ours(record: AnyRecord) -> None:
    story = Story("ann", "bob")
    story.post("ann")
    with pytest.raises(AssertionError):
        story.room.apply(record)
