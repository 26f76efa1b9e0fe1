"""A room against a naive model of it, and its rules one by one."""

from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import given

from chat_server.changes import CHANGES_MAX, Change
from chat_server.protocol import EDITIONS_MAX
from chat_server.protocol import ranges as rangesets
from chat_server.room import (
    Acknowledged,
    Advanced,
    AnyRoomRecord,
    Barred,
    Deleted,
    Departed,
    Edited,
    Entered,
    Entry,
    Muted,
    Opened,
    Passed,
    Pinned,
    Posted,
    Reacted,
    Retitled,
    Room,
    RoomState,
    Tally,
    Unbarred,
    Unmuted,
    Unpinned,
)
from tests.chat_server.rooms import DEEDS_AND_MODES, PEOPLE, Deed, Story, as_values, story_of


def replayed(records: list[AnyRoomRecord]) -> Room:
    room = Room("r")
    for record in records:
        room.apply(record)
    return room


# Against the model


@given(DEEDS_AND_MODES)
def test_who_has_read_and_who_is_missing_is_as_in_the_model(deeds: list[Deed]) -> None:
    story = story_of(deeds)
    room, model = story.room, story.model
    assert list(room.members) == model.members
    assert list(room.marks.pinned) == model.pins
    assert [room.shares(name) for name in PEOPLE] == [model.shares(name) for name in PEOPLE]
    for each in model.ids:
        readers = room.readers(each)
        assert dict(readers) == model.readers(each)
        assert [at_ms for _, at_ms in readers] == sorted(at_ms for _, at_ms in readers)
        assert room.missing(each) == model.missing(each)
        earlier = room.earlier_readers(each)
        assert dict(earlier) == model.earlier_readers(each)
        assert room.marks.reactions(each) == model.reactions_of(each)
        edition = room.messages[each - 1].edition
        assert dict(room.acknowledgements.of(each, edition)) == model.acknowledged(each)
        assert dict(room.acknowledgements.of_earlier(each, edition)) == model.acknowledged(each, earlier=True)
        assert [at_ms for _, at_ms in earlier] == sorted(at_ms for _, at_ms in earlier)
        assert room.messages[each - 1].edition == (0 if each in model.deleted else model.editions.get(each, 0))
        assert room.unshared(each) == model.unshared(each)


@given(DEEDS_AND_MODES)
def test_tallies_equal_brute_force_on_every_page(deeds: list[Deed]) -> None:
    story = story_of(deeds)
    for first in story.model.ids:
        for last in range(first, story.model.last_id + 1):
            wanted = [story.model.tally(each) for each in range(first, last + 1)]
            assert story.room.tallies(first, last) == wanted


@given(DEEDS_AND_MODES)
def test_tallies_of_any_messages_equal_brute_force(deeds: list[Deed]) -> None:
    story = story_of(deeds)
    for some in ([], [*story.model.ids][::2], [*story.model.ids][1::3]):
        assert story.room.tallies_of(some) == [story.model.tally(each) for each in some]


@given(DEEDS_AND_MODES)
def test_unread_is_what_was_sent_to_one_by_others(deeds: list[Deed]) -> None:
    story = story_of(deeds)
    for name in PEOPLE:
        unread = story.model.unread(name)
        assert story.room.unread_count(name) == len(unread)
        assert story.room.first_unread(name) == (unread[0] if unread else None)
        sent = [each for each in story.model.ids if story.model.was_sent(name, each)]
        assert story.room.sent_to(name) == rangesets.of_ids(sent)


def brief() -> AbstractContextManager[object]:
    """Blocks and chunks so small that some deeds fill several."""
    stack = ExitStack()
    stack.enter_context(patch("chat_server.room.counts.BLOCK", 2))
    stack.enter_context(patch("chat_server.room.messages.CHUNK", 3))
    return stack


def assert_counted(room: Room) -> None:
    """The counts are those of the lists, which are made of what everybody was sent and has read."""
    for each in range(1, room.last_id + 1):
        read, earlier, missing = room.readers(each), room.earlier_readers(each), room.missing(each)
        assert room.tallies(each, each) == [Tally(len(read) + len(earlier) + len(missing), len(read))]
    for name in room.members:
        unread = room.messages.alive(room.readings.of(name).uncovered(room.sent_to(name)))
        others = [each for each in rangesets.ids(unread) if room.messages[each - 1].sender != name]
        assert room.unread_count(name) == len(others)
        assert room.first_unread(name) == (others[0] if others else None)


@given(DEEDS_AND_MODES)
def test_counts_are_those_of_the_lists_after_every_record(deeds: list[Deed]) -> None:
    with brief():
        story, room = story_of(deeds), Room("r")
        for record in story.records:
            room.apply(record)
            assert_counted(room)
        thawed = Room.thaw(room.freeze())
        for each in (thawed, room):
            assert_counted(each)
            each.rename("bob", "zoe")
            assert_counted(each)


def test_a_deleted_message_waits_for_nobody_whether_they_had_read_it_or_not() -> None:
    story = Story("ann", "bob", "cid")
    story.post("ann", "ann", "cid")
    story.read("bob", (1, 1))
    story.read("cid", (2, 3))
    story.delete(1, 3)
    assert [story.room.unread_count(name) for name in ("ann", "bob", "cid")] == [0, 1, 0]
    assert_counted(story.room)


def test_one_who_has_left_and_reads_is_waited_for_no_more() -> None:
    story = Story("ann", "bob")
    story.post("ann")
    story.leave("bob")
    story.apply(Advanced(room="r", reader="bob", ranges=((1, 1),), read_at=9))
    assert story.room.tallies(1, 1) == [Tally(1, 1)]
    story.enter("bob")
    assert_counted(story.room)


@given(DEEDS_AND_MODES, DEEDS_AND_MODES)
def test_a_thawed_room_goes_on_counting(before: list[Deed], after: list[Deed]) -> None:
    with brief():
        lived = len(story_of(before).records)
        whole = story_of([*before, *after])
        thawed = Room.thaw(replayed(whole.records[:lived]).freeze())
        for record in whole.records[lived:]:
            thawed.apply(record)
        assert_counted(thawed)
        assert thawed.tallies(1, thawed.last_id) == whole.room.tallies(1, whole.room.last_id)


@given(DEEDS_AND_MODES)
def test_own_ids_and_senders_are_two_views_of_one_thing(deeds: list[Deed]) -> None:
    story = story_of(deeds)
    page = rangesets.normalise([(2, 5), (8, 9)])
    inside = rangesets.intersect(page, ((1, story.room.last_id),)) if story.room.last_id else ()
    senders = story.room.senders(inside)
    for name in PEOPLE:
        alive = [each for each in rangesets.ids(inside) if each not in story.model.deleted]
        own = [each for each in alive if story.model.sender(each) == name]
        assert list(story.room.own_ids(name, page)) == own
        assert senders.get(name, ()) == rangesets.of_ids(own)


@given(DEEDS_AND_MODES)
def test_recovery_equals_life(deeds: list[Deed]) -> None:
    story = story_of(deeds)
    assert as_values(replayed(story.records).freeze()) == as_values(story.room.freeze())


@given(DEEDS_AND_MODES, DEEDS_AND_MODES)
def test_a_frozen_room_is_thawed_as_it_was_and_goes_on_alike(before: list[Deed], after: list[Deed]) -> None:
    with brief():
        goes_on_as_frozen(before, after)


def goes_on_as_frozen(before: list[Deed], after: list[Deed]) -> None:
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


def test_the_first_message_is_the_first_in_the_list_and_none_is_before_it() -> None:
    story = Story("ann")
    story.post("ann", "ann", "ann")
    assert [each.id for each in story.room.messages[:2]] == [1, 2]
    assert [len(story.room.messages), story.room.messages[2].id] == [3, 3]
    for none in (-1, 3):
        with pytest.raises(IndexError):
            story.room.messages[none]


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
    assert story.room.members == ("ann", "bob")


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


IMPOSSIBLE: dict[str, AnyRoomRecord] = {
    "an id that leaves a gap": Posted(room="r", entry=Entry(5, "ann", "n4", "hi", 1)),
    "an id again": Posted(room="r", entry=Entry(2, "ann", "n4", "hi", 1)),
    "a nonce again": Posted(room="r", entry=Entry(4, "ann", "n1", "hi", 1)),
    "nothing read": Advanced(room="r", reader="bob", ranges=(), read_at=1),
    "read beyond the last": Advanced(room="r", reader="bob", ranges=((4, 4),), read_at=1),
    "entered twice": Entered(room="r", name="ann", at=1),
    "left without having been there": Departed(room="r", name="cid", at=1),
    "opened twice": Opened(room="r", title="r", at=1),
    "posted as deleted": Posted(room="r", entry=Entry(4, "ann", "n4", "", 1, deleted_at=1)),
    "posted while muted": Posted(room="r", entry=Entry(4, "mia", "n4", "hi", 1)),
    "read a deleted message": Advanced(room="r", reader="bob", ranges=((1, 2),), read_at=1),
    "deleted twice": Deleted(room="r", id=2, by="ann", at=1),
    "deleted what is not there": Deleted(room="r", id=4, by="ann", at=1),
    "deleted what is nothing": Deleted(room="r", id=0, by="ann", at=1),
    "deleted by a stranger": Deleted(room="r", id=1, by="zoe", at=1),
    "put out by a stranger": Departed(room="r", name="bob", by="zoe", at=1),
    "entered while barred": Entered(room="r", name="max", at=1),
    "barred twice": Barred(room="r", name="max", by="ann", at=1),
    "barred a stranger": Barred(room="r", name="zoe", by="ann", at=1),
    "barred by a stranger": Barred(room="r", name="bob", by="zoe", at=1),
    "let in who was not barred": Unbarred(room="r", name="bob", by="ann", at=1),
    "muted twice": Muted(room="r", name="mia", by="ann", at=1),
    "edited what is not there": Edited(room="r", id=4, content="x", at=1),
    "edited what is nothing": Edited(room="r", id=0, content="x", at=1),
    "edited a deleted message": Edited(room="r", id=2, content="x", at=1),
    "edited while muted": Edited(room="r", id=3, content="x", at=1),
    "reacted to nothing": Reacted(room="r", id=4, name="ann", emoji="+", at=1),
    "reacted to no message": Reacted(room="r", id=0, name="ann", emoji="+", at=1),
    "reacted to a deleted message": Reacted(room="r", id=2, name="ann", emoji="+", at=1),
    "reacted as a stranger": Reacted(room="r", id=1, name="zoe", emoji="+", at=1),
    "took away what is not there": Reacted(room="r", id=1, name="ann", emoji="+", on=False, at=1),
    "acknowledged nothing": Acknowledged(room="r", id=4, reader="bob", at=1),
    "acknowledged no message": Acknowledged(room="r", id=0, reader="bob", at=1),
    "acknowledged a deleted message": Acknowledged(room="r", id=2, reader="bob", at=1),
    "acknowledged one's own": Acknowledged(room="r", id=1, reader="ann", at=1),
    "acknowledged as a stranger": Acknowledged(room="r", id=1, reader="zoe", at=1),
    "acknowledged a text that is not there": Acknowledged(room="r", id=1, reader="bob", edition=2, at=1),
    "acknowledged a text that cannot be": Acknowledged(room="r", id=1, reader="bob", edition=-1, at=1),
    "acknowledged twice": Acknowledged(room="r", id=3, reader="bob", at=1),
    "pinned by a stranger": Pinned(room="r", id=1, by="zoe", at=1),
    "unpinned by a stranger": Unpinned(room="r", id=3, by="zoe", at=1),
    "unpinned what was not pinned": Unpinned(room="r", id=1, by="ann", at=1),
    "pinned twice": Pinned(room="r", id=3, by="ann", at=1),
    "read an edition of nothing": Advanced(room="r", reader="bob", ranges=(), read_at=1, editions=((4, 1),)),
    "read an edition of no message": Advanced(room="r", reader="bob", ranges=(), read_at=1, editions=((0, 1),)),
    "read an edition that is not there": Advanced(
        room="r", reader="bob", ranges=((1, 1),), read_at=1, editions=((1, 2),)
    ),
    "read what was posted as an edition": Advanced(
        room="r", reader="bob", ranges=((1, 1),), read_at=1, editions=((1, 0),)
    ),
    "read an edition of a message not read": Advanced(
        room="r", reader="bob", ranges=(), read_at=1, editions=((1, 1),)
    ),
    "read an edition of one's own": Advanced(
        room="r", reader="ann", ranges=((1, 1),), read_at=1, editions=((1, 1),)
    ),
    "an owner by a stranger": Passed(room="r", name="bob", by="zoe", at=1),
    "an owner who is not here": Passed(room="r", name="max", by="ann", at=1),
    "a title by a stranger": Retitled(room="r", title="x", by="zoe", at=1),
    "let write who was not muted": Unmuted(room="r", name="bob", by="ann", at=1),
}


@pytest.mark.parametrize("record", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_an_impossible_record_is_a_bug_of_ours(record: AnyRoomRecord) -> None:
    story = Story("ann", "bob", "max", "mia")
    story.post("ann", "ann", "mia")
    story.delete(2)
    story.edit(1)
    story.pin(3)
    story.acknowledge("bob", 3)
    story.apply(Barred(room="r", name="max", by="ann", at=1), Muted(room="r", name="mia", by="", at=1))
    with pytest.raises(AssertionError):
        story.room.apply(record)


def direct_room() -> Room:
    """Of Ann and Bob, and nobody else."""
    room = Room("@pair")
    room.apply(Opened(room="@pair", title="@pair", at=1, direct=True))
    for name in ("ann", "bob"):
        room.apply(Entered(room="@pair", name=name, at=1))
    return room


IMPOSSIBLE_IN_A_DIRECT_ONE: dict[str, AnyRoomRecord] = {
    "an owner": Passed(room="@pair", name="bob", by="ann", at=1),
    "a title": Retitled(room="@pair", title="x", by="ann", at=1),
    "a third": Entered(room="@pair", name="cid", at=1),
    "barred": Barred(room="@pair", name="bob", by="ann", at=1),
    "muted": Muted(room="@pair", name="bob", by="ann", at=1),
}


@pytest.mark.parametrize("record", IMPOSSIBLE_IN_A_DIRECT_ONE.values(), ids=IMPOSSIBLE_IN_A_DIRECT_ONE)
def test_a_conversation_of_two_stays_one(record: AnyRoomRecord) -> None:
    with pytest.raises(AssertionError):
        direct_room().apply(record)


def test_a_conversation_of_two_is_nobodys() -> None:
    with pytest.raises(AssertionError):
        Room("@pair").apply(Opened(room="@pair", title="@pair", at=1, by="ann", direct=True))


def test_each_of_two_talks_with_the_other_under_whatever_name() -> None:
    room = Room.thaw(direct_room().freeze())
    assert (room.direct, room.partner("ann"), room.partner("bob")) == (True, "bob", "ann")
    room.rename("bob", "ben")
    assert (room.partner("ann"), room.partner("ben")) == ("ben", "ann")
    assert not Story().room.direct


# Deleted messages


def test_a_deleted_message_leaves_its_text_and_all_counts() -> None:
    story = Story("ann", "bob", "cid")
    story.post("ann", "ann", "ann")
    story.read("bob", (1, 2), at_ms=100)
    story.delete(2, by="cid", at_ms=200)
    assert story.room.messages[1] == Entry(2, "ann", "n2", "", 2000, deleted_at=200, deleted_by="cid")
    assert (story.room.readers(2), story.room.missing(2)) == ([], [])
    assert story.room.tallies(1, 3) == [Tally(2, 1), Tally(0, 0), Tally(2, 0)]
    assert [story.room.unread_count(each) for each in ("ann", "bob", "cid")] == [0, 1, 2]
    assert story.room.unread("cid") == ((1, 1), (3, 3))
    assert story.room.senders(((1, 3),)) == {"ann": ((1, 1), (3, 3))}
    assert story.room.readings.of("bob").ranges() == ((1, 2),)


def test_a_deleted_message_is_not_waited_for_and_earns_no_receipt() -> None:
    story = Story("ann", "bob")
    story.post("ann", "ann", "ann")
    story.delete(1)
    assert story.room.first_unread("bob") == 2
    assert story.read("bob", (1, 1)) == ()
    assert story.read("bob", (1, 3)) == ((2, 3),)
    assert story.room.first_unread("bob") is None
    assert (story.room.is_deleted(1), story.room.is_deleted(2)) == (True, False)


def test_messages_are_deleted_in_any_order_and_stay_so_once_thawed() -> None:
    story = Story("ann", "bob")
    story.post("ann", "ann", "ann", "ann")
    story.delete(4, 1, 3)
    for room in (story.room, replayed(story.records), Room.thaw(story.room.freeze())):
        assert room.unread("bob") == ((2, 2),)
        assert (room.unread_count("bob"), room.first_unread("bob")) == (1, 2)
        assert [room.news("bob", ((each, each),)) for each in (1, 2, 3, 4)] == [(), ((2, 2),), (), ()]
        assert list(room.own_ids("ann", ((1, 4),))) == [2]


def test_the_nonce_of_a_deleted_message_still_posts_once() -> None:
    story = Story("ann", "bob")
    story.post("ann")
    story.delete(1)
    for room in (story.room, replayed(story.records), Room.thaw(story.room.freeze())):
        assert room.posted_as("ann", "n1") == 1


# Edited messages


def test_an_edit_makes_a_next_edition_and_is_not_unread_again() -> None:
    story = Story("ann", "bob", "cid")
    story.post("ann")
    story.read("bob", (1, 1), at_ms=100)
    story.edit(1, at_ms=200)
    assert story.room.messages[0] == Entry(1, "ann", "n1", "text 1", 1000, edition=1, edited_at=200)
    assert (story.room.unread_count("bob"), story.room.unread_count("cid")) == (0, 1)
    assert (story.room.readers(1), story.room.earlier_readers(1)) == ([], [("bob", 100)])
    assert (story.room.missing(1), story.room.tallies(1, 1)) == (["cid"], [Tally(2, 0)])
    assert story.room.posted_as("ann", "n1") == 1
    story.reread("bob", (1, 1), at_ms=300)
    story.reread("cid", (1, 1), at_ms=400)
    assert (story.room.readers(1), story.room.earlier_readers(1)) == ([("bob", 300), ("cid", 400)], [])
    assert story.room.unread_count("cid") == 0
    story.edit(1, at_ms=500)
    assert (story.room.readers(1), story.room.earlier_readers(1)) == ([], [("bob", 300), ("cid", 400)])
    assert story.room.tallies(1, 1) == [Tally(2, 0)]


def test_whoever_says_they_have_read_it_has_read_it_as_it_was_posted() -> None:
    story = Story("ann", "bob")
    story.post("ann")
    story.edit(1)
    story.read("bob", (1, 1), at_ms=100)
    assert (story.room.readers(1), story.room.earlier_readers(1)) == ([], [("bob", 100)])


@pytest.mark.parametrize(
    ("editions", "news"),
    [
        (((1, 1),), ()),
        (((1, 2),), ((1, 2),)),
        (((1, 3),), ()),
        (((1, 3), (1, 2), (1, 1)), ((1, 2),)),
        (((3, 1), (1, 2)), ((1, 2), (3, 1))),
        (((2, 1), (4, 1), (5, 0), (3, 0)), ()),
    ],
)
def test_what_of_editions_changes_something(
    editions: tuple[tuple[int, int], ...], news: tuple[tuple[int, int], ...]
) -> None:
    story = Story("ann", "bob")
    story.post("ann", "ann", "ann", "bob")
    for each in (1, 1, 2, 3, 4):
        story.edit(each)
    story.delete(2)
    story.reread("bob", (1, 1))
    assert story.room.edition_news("bob", editions) == news


def test_a_deleted_message_has_no_editions_left() -> None:
    story = Story("ann", "bob")
    story.post("ann")
    story.edit(1)
    story.reread("bob", (1, 1))
    story.delete(1, at_ms=9)
    assert story.room.messages[0] == Entry(1, "ann", "n1", "", 1000, deleted_at=9, deleted_by="ann")
    assert (story.room.freeze().editions, story.room.earlier_readers(1)) == ((), [])


def test_a_message_is_edited_so_often_and_no_more() -> None:
    story = Story("ann")
    story.post("ann")
    for _ in range(EDITIONS_MAX):
        story.edit(1)
    assert story.room.freeze().changes == (Change(3 + EDITIONS_MAX, altered=1),)
    with pytest.raises(AssertionError):
        story.edit(1)


def edited(**changes: object) -> RoomState:
    story = Story("ann", "bob")
    story.post("ann")
    story.edit(1)
    story.reread("bob", (1, 1))
    return replace(story.room.freeze(), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"editions": ((1, "bob", 1, 1, 1), (1, "bob", 1, 1, 1))},
        {"editions": ((0, "bob", 1, 1, 1),)},
        {"editions": ((2, "bob", 1, 1, 1),)},
        {"editions": ((1, "bob", 0, 1, 1),)},
        {"editions": ((1, "bob", 2, 1, 1),)},
        {"editions": ((1, "ann", 1, 1, 1),)},
        {"editions": ((1, "bob", 1, 1, 99),)},
        {"editions": ((1, "cid", 1, 1, 1),)},
        {"messages": [Entry(1, "ann", "n", "hi", 1, edition=1)]},
        {"messages": [Entry(1, "ann", "n", "hi", 1, edited_at=1)], "editions": ()},
        {"messages": [Entry(1, "ann", "n", "", 1, deleted_at=1, edition=1, edited_at=1)], "editions": ()},
        {"changes": [Change(5, altered=2)]},
        {"pins": ((2, "ann", 1),)},
        {"pins": ((0, "ann", 1),)},
        {"reactions": ((2, "+", ("ann",)),)},
    ],
)
def test_a_state_whose_editions_cannot_be_is_not_coherent(changes: dict[str, object]) -> None:
    assert edited().is_coherent
    assert not edited(**changes).is_coherent


# Pins and reactions


def test_what_is_put_on_a_message_is_kept_in_order_and_goes_with_it() -> None:
    story = Story("ann", "bob")
    story.post("ann", "ann")
    story.pin(2)
    story.pin(1, by="bob")
    for name, emoji in (("bob", "+"), ("ann", "-"), ("ann", "+")):
        story.react(name, 1, emoji)
    for room in (story.room, replayed(story.records), Room.thaw(story.room.freeze())):
        assert (room.marks.pinned, room.marks.pinned_by(1)) == ((2, 1), "bob")
        assert room.marks.reactions(1) == {"+": ("bob", "ann"), "-": ("ann",)}
    assert story.room.changes.kept[-1] == Change(story.room.revision, altered=1)
    story.delete(1)
    assert (story.room.marks.pinned, story.room.marks.reactions(1)) == ((2,), {})


# Acknowledgements


def test_an_acknowledgement_is_of_a_text_and_goes_with_the_message() -> None:
    story = Story("ann", "bob", "cid")
    story.post("ann", "ann")
    story.acknowledge("bob", 1, at_ms=100)
    story.acknowledge("bob", 1, at_ms=200)
    story.acknowledge("ann", 1, at_ms=200)
    assert story.room.freeze().acknowledgements == ((1, "bob", 0, 100, 7),)
    story.edit(1)
    story.acknowledge("cid", 1, 1, at_ms=300)
    for room in (story.room, replayed(story.records), Room.thaw(story.room.freeze())):
        assert room.acknowledgements.of(1, 1) == [("cid", 300)]
        assert room.acknowledgements.of_earlier(1, 1) == [("bob", 100)]
        assert room.freeze().is_coherent
    assert (story.room.readers(1), story.room.missing(1)) == ([], ["bob", "cid"])
    story.delete(1)
    assert story.room.freeze().acknowledgements == ()


@pytest.mark.parametrize(
    "row",
    [
        (0, "bob", 0, 1, 1),
        (2, "bob", 0, 1, 1),
        (1, "bob", -1, 1, 1),
        (1, "bob", 2, 1, 1),
        (1, "ann", 0, 1, 1),
        (1, "zoe", 0, 1, 1),
        (1, "bob", 0, 1, 99),
    ],
)
def test_a_state_with_an_acknowledgement_that_cannot_be_is_not_coherent(
    row: tuple[int, str, int, int, int],
) -> None:
    possible = (1, "bob", 1, 1, 1)
    assert edited(acknowledgements=(possible,)).is_coherent
    assert not edited(acknowledgements=(row,)).is_coherent
    assert not edited(acknowledgements=(possible, possible)).is_coherent


# Who may not come, and who may not write


def test_one_who_is_barred_is_put_out_until_let_in_again() -> None:
    story = Story("ann", "bob")
    story.post("ann")
    story.apply(Barred(room="r", name="bob", by="ann", at=5))
    assert (story.room.is_barred("bob"), story.room.is_member("bob")) == (True, False)
    assert story.room.missing(1) == []
    story.apply(Unbarred(room="r", name="bob", by="ann", at=6))
    assert (story.room.is_barred("bob"), story.room.has_left("bob")) == (False, True)
    story.enter("bob")
    assert story.room.missing(1) == ["bob"]


def test_one_who_has_left_can_be_barred() -> None:
    story = Story("ann", "bob")
    story.leave("bob")
    story.apply(Barred(room="r", name="bob", by="ann", at=5))
    assert story.room.freeze().barred == {"bob": ("ann", 5)}
    assert story.room.has_left("bob")


def test_one_who_is_muted_stays_and_stays_muted_when_they_come_back() -> None:
    story = Story("ann", "bob")
    story.apply(Muted(room="r", name="bob", by="ann", at=5))
    assert (story.room.is_muted("bob"), story.room.is_member("bob")) == (True, True)
    story.leave("bob")
    story.enter("bob")
    assert story.room.freeze().muted == {"bob": ("ann", 5)}
    assert story.room.muted_members == ("bob",)
    story.apply(Unmuted(room="r", name="bob", by="ann", at=6))
    assert not story.room.is_muted("bob")
    assert list(story.room.muted_members) == []


def test_the_owner_is_who_made_it() -> None:
    room = Room("r")
    room.apply(Opened(room="r", title="r", at=1, by="ann"))
    assert (room.owner, room.knows("ann"), room.has_met("ann")) == ("ann", True, False)
    assert (Story().room.owner, Story().room.knows("")) == ("", False)


def test_a_room_passed_on_is_the_others_under_whatever_name() -> None:
    story = Story("ann", "bob")
    story.apply(Passed(room="r", name="bob", by="ann", at=1))
    story.room.rename("bob", "ben")
    assert (story.room.owner, Room.thaw(story.room.freeze()).owner) == ("ben", "ben")


def test_who_is_barred_is_known_in_order() -> None:
    story = Story("ann", "bob", "cid")
    story.apply(*(Barred(room="r", name=name, by="ann", at=1) for name in ("cid", "bob")))
    assert story.room.barred == ("cid", "bob")


def test_a_title_and_what_was_asked_at_its_making_stay() -> None:
    room = Room("r")
    room.apply(Opened(room="r", title="First", at=1, by="ann", receipts_required=True))
    assert (room.title, room.receipts_required, Story().room.receipts_required) == ("First", True, False)
    room.apply(Retitled(room="r", title="Second", by="", at=2))
    later = Room.thaw(room.freeze())
    assert (later.title, later.receipts_required, later.revision) == ("Second", True, 2)


# Names


def test_a_message_with_another_name_in_it_is_another_only_in_what_goes_on() -> None:
    with brief():
        story = Story("ann", "bob")
        story.post("ann", "bob", "ann", "bob")
        state = story.room.freeze()
        story.room.rename("bob", "zoe")
        story.edit(1)
        story.post("ann")
        assert [each.sender for each in state.messages] == ["ann", "bob", "ann", "bob"]
        assert [each.sender for each in story.room.messages] == ["ann", "zoe", "ann", "zoe", "ann"]
        assert [each.edition for each in state.messages] == [0, 0, 0, 0]


@given(DEEDS_AND_MODES)
def test_after_a_renaming_it_is_as_if_the_name_had_always_been_so(deeds: list[Deed]) -> None:
    renamed = [(deed, "zoe" if name == "bob" else name, ids) for deed, name, ids in deeds]
    story, twin = story_of(deeds), story_of(renamed, "zoe")
    for each, bob in ((story, "bob"), (twin, "zoe")):
        each.apply(Muted(room="r", name=bob, by="ann", at=1), Barred(room="r", name="ann", by=bob, at=1))
    assert story.room.rename("bob", "zoe")
    told, wanted = story.room.freeze(), twin.room.freeze()
    revision = wanted.revision + 1
    changes = (*wanted.changes, Change(revision, renamed=("bob", "zoe")))
    assert as_values(told) == as_values(replace(wanted, revision=revision, changes=changes))
    for room in (story.room, Room.thaw(told)):
        assert not room.knows("bob")
        written = [each for each in room.messages if each.sender == "zoe"]
        assert [room.posted_as("zoe", each.nonce) for each in written] == [each.id for each in written]
        assert not any(room.posted_as("bob", each.nonce) for each in room.messages)
        assert list(room.own_ids("zoe", ((1, 99),))) == [each.id for each in written if each.deleted_at is None]


def test_an_owner_is_renamed_too() -> None:
    room = Room("r")
    room.apply(Opened(room="r", title="r", at=1, by="ann"))
    assert room.rename("ann", "anna")
    assert (room.owner, room.revision) == ("anna", 2)


def test_whom_the_room_does_not_know_changes_nothing_in_it() -> None:
    story = Story("ann", "bob")
    before = as_values(story.room.freeze())
    assert not story.room.rename("zoe", "zoey")
    assert as_values(story.room.freeze()) == before


def test_a_name_that_the_room_knows_is_nobody_elses() -> None:
    with pytest.raises(AssertionError):
        Story("ann", "bob").room.rename("ann", "bob")


# What has changed


def test_changes_are_kept_in_the_order_of_their_revisions() -> None:
    story = Story("ann", "bob")
    story.post("ann", "bob")
    story.delete(2)
    story.room.rename("bob", "ben")
    story.delete(1, by="ben")
    expected = (Change(6, deleted=2), Change(7, renamed=("bob", "ben")), Change(8, deleted=1))
    assert story.room.freeze().changes == expected
    assert story.room.changes.since(6) == list(expected[1:])


def test_what_is_kept_of_changes_is_thawed_with_what_is_not() -> None:
    story = Story("ann")
    story.post(*["ann"] * (CHANGES_MAX + 1))
    story.delete(*range(1, CHANGES_MAX + 2))
    thawed = Room.thaw(story.room.freeze())
    assert len(thawed.freeze().changes) == CHANGES_MAX
    assert thawed.changes.forgotten == story.room.changes.forgotten == 2 + CHANGES_MAX + 1 + 1


def moderated() -> RoomState:
    story = Story("ann", "bob", "cid")
    story.post("ann", "bob")
    story.delete(2)
    story.apply(Muted(room="r", name="bob", by="ann", at=5), Barred(room="r", name="cid", by="ann", at=5))
    return story.room.freeze()


INCOHERENT: dict[str, dict[str, object]] = {
    "a member is barred": {"barred": {"bob": ("ann", 5)}},
    "a stranger is barred": {"barred": {"zoe": ("ann", 5)}},
    "a stranger is muted": {"muted": {"zoe": ("ann", 5)}},
    "a deleted message has a text": {"messages": [Entry(1, "ann", "n", "hi", 1, deleted_at=1)]},
    "a message is told to be deleted and is not": {"changes": [Change(5, deleted=1)]},
    "a change is not of the past": {"changes": [Change(99, deleted=2)]},
    "a change is forgotten and kept": {"forgotten": 7},
}


def test_a_state_that_was_taken_of_a_room_is_coherent() -> None:
    assert moderated().is_coherent
    assert Story().room.freeze().is_coherent


@pytest.mark.parametrize("change", INCOHERENT.values(), ids=INCOHERENT)
def test_a_state_that_contradicts_itself_is_not(change: dict[str, object]) -> None:
    assert not replace(moderated(), **change).is_coherent  # type: ignore[arg-type]


def test_whoever_shares_a_later_text_alone_is_seen_by_it_and_by_nothing_before() -> None:
    story = Story("ann", "bob", "cid")
    story.post("ann")
    story.edit(1)
    room = story.room
    story.share("bob", "private")
    story.reread("bob", (1, 1), at_ms=100)
    story.share("bob", "public")
    assert room.sharing.turns["bob"][0][2] == "private"
    assert not room.is_seen("bob", 1)
    assert (room.readers(1), room.missing(1), room.unshared(1)) == ([], ["cid"], ["bob"])
    story.edit(1)
    story.reread("bob", (1, 2), at_ms=200)
    assert room.is_seen("bob", 1)
    assert (room.readers(1), room.unshared(1), room.tallies(1, 1)) == ([("bob", 200)], [], [Tally(2, 1)])
    story.share("bob", "private")
    story.edit(1)
    story.reread("bob", (1, 3), at_ms=300)
    assert (room.readers(1), room.earlier_readers(1)) == ([], [("bob", 200)])
    assert not room.is_seen("cid", 1)
    story.read("cid", (1, 1))
    assert room.is_seen("cid", 1)
    assert room.freeze().is_coherent


def test_a_horizon_is_the_newest_message_of_others_that_was_read_in_public() -> None:
    told = Story("ann", "bob")
    assert told.room.horizon("bob") is None
    told.post("ann", "ann", "ann", "bob")
    told.read("bob", (1, 2), at_ms=100)
    told.share("bob", "private")
    told.read("bob", (3, 3), at_ms=200)
    assert told.room.horizon("bob") == told.model.horizon("bob") == (2, 100)
    told.share("bob", "public")
    told.delete(2)
    assert told.room.horizon("bob") == (1, 100)
    told.delete(1)
    assert told.room.horizon("bob") is None


def test_a_horizon_is_not_looked_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat_server.room.audience.HORIZON_SCAN_MAX", 2)
    told = Story("ann", "bob")
    told.post("ann", "ann", "ann")
    told.read("bob", (1, 3), at_ms=100)
    told.delete(3)
    assert told.room.horizon("bob") == (2, 100)
    told.delete(2)
    assert told.room.horizon("bob") is None
