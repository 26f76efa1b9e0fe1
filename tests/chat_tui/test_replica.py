"""The window of a room: what it takes, lets go of, counts and draws."""

import pytest
from msgspec.structs import replace

from chat_server.protocol import Changed, Muted, PageAcknowledgement, Renamed, RoomCursor
from chat_tui.model import replica as replica_module
from chat_tui.model.replica import Replica
from chat_tui.model.view import MessageView, ReplyView, Tick, TickState
from tests.chat_tui.frames import (
    ANN,
    BOB,
    ME,
    ROOM,
    acknowledged,
    covering,
    message,
    messages,
    page,
    page_receipt,
    receipt,
    summary,
)

WINDOW_MAX = 9


@pytest.fixture(autouse=True)
def small_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica_module, "WINDOW_MAX", WINDOW_MAX)


@pytest.fixture
def replica() -> Replica:
    return Replica(ROOM, ME)


def opened(first: int, last: int, last_id: int | None = None) -> Replica:
    """A replica whose window is [first, last], all Ann's."""
    replica = Replica(ROOM, ME)
    replica.summarise(summary(last if last_id is None else last_id))
    replica.replace(page(*messages(first, last)))
    return replica


def with_own(*told: int, last: int = 5, audience: int = 2) -> Replica:
    """A replica whose window is [1, last], of which these are one's own."""
    replica = Replica(ROOM, ME)
    replica.summarise(summary(last))
    replica.replace(
        page(*(message(each, ME if each in told else ANN, audience=audience) for each in range(1, last + 1)))
    )
    return replica


def window(replica: Replica) -> list[int]:
    ids = [each.id or 0 for each in replica.messages()]
    if ids:
        assert (replica.first, replica.last) == (ids[0], ids[-1])
    assert replica.extent == (((ids[0], ids[-1]),) if ids else ())
    return ids


def ids(first: int, last: int) -> list[int]:
    return list(range(first, last + 1))


def tick(replica: Replica, message_id: int) -> Tick:
    found = next(each.tick for each in replica.messages() if each.id == message_id)
    assert found is not None
    return found


# Opening


def test_nothing_is_known_at_first(replica: Replica) -> None:
    assert window(replica) == []
    assert not replica.loaded
    assert replica.at_start
    assert replica.cursor() == RoomCursor()
    assert replica.own_extent == ()
    assert replica.get(1) is None
    assert replica.get(0) is None


def test_a_summary(replica: Replica) -> None:
    replica.summarise(summary(7, first_unread=4, revision=9))
    assert (replica.title, replica.last_id, replica.revision, replica.new_before) == ("The deploys room", 7, 9, 4)
    assert replica.members == [ME, ANN, BOB]
    assert replica.online == {ME, ANN}
    assert not replica.loaded


def test_an_empty_room_is_loaded_at_once(replica: Replica) -> None:
    replica.summarise(summary(0))
    assert replica.loaded
    replica.hear(message(1), following=True)
    assert window(replica) == [1]


def test_a_later_summary_leaves_the_cursor(replica: Replica) -> None:
    replica.summarise(summary(2, revision=3))
    replica.replace(page(*messages(1, 2), revision=3))
    replica.summarise(summary(9, revision=12, first_unread=3))
    assert replica.cursor() == RoomCursor(message=2, revision=3)
    assert replica.new_before is None
    assert replica.last_id == 9
    assert not replica.at_end


# Hearing


def test_new_messages_join_the_end() -> None:
    replica = opened(1, 2)
    replica.hear(message(3), following=True)
    replica.hear(message(4), following=False)
    assert window(replica) == ids(1, 4)
    assert replica.at_end


def test_a_message_before_the_first_page_is_only_counted(replica: Replica) -> None:
    replica.summarise(summary(5))
    replica.hear(message(6), following=True)
    assert window(replica) == []
    assert replica.last_id == 6


def test_a_message_beyond_a_window_that_ends_earlier_is_only_counted() -> None:
    replica = opened(1, 2, last_id=5)
    replica.hear(message(6), following=True)
    assert window(replica) == [1, 2]
    assert replica.last_id == 6


def test_twice_is_once() -> None:
    replica = opened(1, 2)
    for _ in range(2):
        replica.hear(message(3), following=True)
    assert window(replica) == [1, 2, 3]


def test_a_message_too_far_is_not_joined() -> None:
    replica = opened(1, 2)
    replica.hear(message(4), following=True)
    assert window(replica) == [1, 2]
    assert not replica.at_end


def test_the_window_grows_to_its_bound_and_then_follows() -> None:
    replica = opened(1, 1)
    for each in range(2, WINDOW_MAX + 1):
        replica.hear(message(each), following=True)
        assert window(replica) == ids(1, each)
    replica.hear(message(WINDOW_MAX + 1), following=True)
    assert window(replica) == ids(2, WINDOW_MAX + 1)
    assert not replica.at_start


def test_a_full_window_stays_with_who_does_not_follow() -> None:
    replica = opened(1, WINDOW_MAX)
    replica.hear(message(WINDOW_MAX + 1), following=False)
    assert window(replica) == ids(1, WINDOW_MAX)
    assert not replica.at_end


# Pages


@pytest.mark.parametrize(
    ("told", "result"),
    [
        ((11, 12), (5, 12)),
        ((9, 12), (5, 12)),
        ((3, 4), (3, 10)),
        ((3, 6), (3, 10)),
        ((6, 8), (5, 10)),
        ((4, 11), (4, 11)),
        ((12, 14), (5, 10)),
        ((1, 3), (5, 10)),
    ],
    ids=["after", "over the end", "before", "over the start", "within", "around", "gap after", "gap before"],
)
def test_a_page_joins_where_it_touches(told: tuple[int, int], result: tuple[int, int]) -> None:
    replica = opened(5, 10, last_id=20)
    replica.take(page(*messages(*told)))
    assert window(replica) == ids(*result)


def test_an_empty_page_changes_no_window() -> None:
    replica = opened(1, 2)
    replica.take(page(revision=7))
    assert window(replica) == [1, 2]
    assert replica.revision == 7


def test_a_page_into_an_empty_window_is_the_window(replica: Replica) -> None:
    replica.take(page(*messages(4, 6)))
    assert window(replica) == [4, 5, 6]
    assert replica.loaded
    assert replica.last_id == 6


def test_past_the_bound_the_far_end_is_let_go() -> None:
    replica = opened(11, 19, last_id=40)
    replica.take(page(*messages(20, 23)))
    assert window(replica) == ids(15, 23)
    replica.take(page(*messages(11, 14)))
    assert window(replica) == ids(11, 19)


def test_a_page_that_nobody_looks_for_pushes_nobody_off() -> None:
    replica = opened(1, 8)
    replica.take(page(*messages(9, 9)), following=False)
    assert window(replica) == ids(1, 9)
    replica.take(page(*messages(10, 12)), following=False)
    assert window(replica) == ids(1, 9)
    assert replica.last_id == 12
    replica.take(page(*messages(10, 12)), following=True)
    assert window(replica) == ids(4, 12)


def test_a_page_in_place_of_the_window() -> None:
    replica = opened(11, 15)
    replica.replace(page(*messages(1, 3), revision=4))
    assert window(replica) == [1, 2, 3]
    assert replica.last_id == 15
    assert replica.revision == 4
    replica.replace(page())
    assert window(replica) == []


def test_a_renewal_adds_nothing() -> None:
    replica = opened(5, 8)
    replica.renew(page(*messages(3, 10), revision=4))
    assert window(replica) == ids(5, 8)
    assert replica.last_id == 10
    assert replica.revision == 4


def test_old_pages_do_not_turn_back_what_is_known() -> None:
    replica = opened(1, 5)
    replica.take(page(*messages(1, 2), revision=7))
    replica.take(page(*messages(1, 2), revision=3))
    assert (replica.last_id, replica.revision) == (5, 7)


# Who has read


def test_a_receipt_of_ones_own_messages() -> None:
    replica = with_own(2, 4)
    assert tick(replica, 2) == Tick(TickState.SENT, 0, 2)
    assert replica.note(receipt(ANN, (1, 5), revision=3)) == [2, 4]
    assert tick(replica, 2) == Tick(TickState.READ, 1, 2)
    assert replica.note(receipt(BOB, (2, 2))) == [2]
    assert tick(replica, 2) == Tick(TickState.READ_BY_ALL, 2, 2)
    assert tick(replica, 4) == Tick(TickState.READ, 1, 2)
    assert replica.revision == 3


def test_a_receipt_twice_is_one() -> None:
    replica = with_own(2)
    assert replica.note(receipt(ANN, (2, 2), read_at=5)) == [2]
    assert replica.note(receipt(ANN, (2, 2), read_at=9, late=True)) == []
    held = replica.get(2)
    assert held is not None
    assert held.readers == {ANN: 5}
    assert tick(replica, 2) == Tick(TickState.READ, 1, 2)


def test_a_receipt_for_what_is_not_held_says_nothing() -> None:
    assert with_own(2).note(receipt(ANN, (6, 9))) == []


def test_an_acknowledgement_is_news_once_for_each_text() -> None:
    replica = with_own(2)
    assert replica.acknowledge(acknowledged(ANN, 2, revision=3))
    assert not replica.acknowledge(acknowledged(ANN, 2))
    assert replica.acknowledge(acknowledged(ANN, 2, edition=1))
    assert not replica.acknowledge(acknowledged(ANN, 2))
    held = replica.get(2)
    assert held is not None
    assert (held.acknowledged, replica.revision) == ({ANN: 1}, 3)
    assert tick(replica, 2) == Tick(TickState.SENT, 0, 2)


def test_an_acknowledgement_of_what_is_not_held_may_be_news() -> None:
    assert with_own(2).acknowledge(acknowledged(ANN, 9))


def test_ones_own_acknowledgement_and_one_of_what_is_deleted_is_no_news() -> None:
    replica = with_own(2)
    assert not replica.acknowledge(acknowledged(ME, 1))
    replica.change(deletion(2))
    assert not replica.acknowledge(acknowledged(ANN, 2))


def test_what_a_page_says_of_acknowledgements_is_known() -> None:
    replica = with_own(2)
    said = PageAcknowledgement(message_id=2, reader=ANN, acknowledged_at=5_000)
    replica.renew(replace(page(message(2, ME)), acknowledged=(said,)))
    assert not replica.acknowledge(acknowledged(ANN, 2))


def test_only_own_messages_have_ticks() -> None:
    replica = with_own(2)
    assert [each.id for each in replica.messages() if each.tick] == [2]
    assert [each.id for each in replica.messages() if each.own] == [2]


def test_a_late_reader_comes_on_top() -> None:
    replica = with_own(2, audience=1)
    replica.note(receipt("eve", (2, 2), late=True))
    assert tick(replica, 2) == Tick(TickState.READ, 1, 2)
    replica.note(receipt(ANN, (2, 2)))
    assert tick(replica, 2) == Tick(TickState.READ_BY_ALL, 2, 2)


def test_a_page_counts_late_readers_already(replica: Replica) -> None:
    told = message(1, ME, audience=2)
    replica.replace(page(told, receipts=(page_receipt("eve", (1, 1), late=True),)))
    assert tick(replica, 1) == Tick(TickState.READ, 1, 2)


def test_a_newer_page_sets_the_audience_anew() -> None:
    replica = with_own(2, audience=1)
    replica.note(receipt("eve", (2, 2), late=True))
    replica.renew(page(message(2, ME, audience=3), receipts=(page_receipt("eve", (2, 2), late=True),)))
    assert tick(replica, 2) == Tick(TickState.READ, 1, 3)


def test_the_same_page_again_leaves_what_came_since() -> None:
    replica = with_own(2, audience=1)
    replica.note(receipt("eve", (2, 2), late=True))
    before = list(replica.messages())
    replica.renew(page(message(2, ME, audience=1)))
    assert [id(each) for each in replica.messages()] == [id(each) for each in before]


def test_readers_are_never_more_than_the_audience() -> None:
    replica = with_own(2, audience=1)
    replica.note(receipt(ANN, (2, 2)))
    replica.note(receipt(BOB, (2, 2)))
    assert tick(replica, 2) == Tick(TickState.READ_BY_ALL, 2, 2)


def test_nobody_to_read_it() -> None:
    assert tick(with_own(1, last=1, audience=0), 1) == Tick(TickState.SENT, 0, 0)


def test_the_extent_of_ones_own() -> None:
    assert with_own(2, 4).own_extent == ((2, 4),)


# What one has read


def test_seeing_tells_ranges_and_only_what_is_new() -> None:
    replica = opened(1, 8)
    assert replica.see([2, 3, 5]) == ((2, 3), (5, 5))
    assert replica.see([2, 3, 5]) == ()
    assert replica.see([3, 4]) == ((4, 4),)
    assert replica.read == ((2, 5),)


def test_ranges_reach_across_own_messages_but_never_across_unseen_ones() -> None:
    replica = with_own(2, 4, 5, last=7)
    assert replica.see([1, 3]) == ((1, 3),)
    assert replica.see([7]) == ((7, 7),)
    replica = with_own(2, last=5)
    assert replica.see([1, 4, 5]) == ((1, 2), (4, 5))


def test_no_range_is_of_own_messages_alone() -> None:
    replica = with_own(1, 4, 8, last=8)
    assert replica.see([1, 2, 4, 6, 8]) == ((2, 2), (6, 6))


def test_own_and_unknown_messages_are_not_read() -> None:
    replica = with_own(2)
    assert replica.unread([1, 2, 3, 6, 0, -1]) == {1, 3}
    assert replica.see([2, 6, 0]) == ()


def test_another_device_has_read() -> None:
    replica = opened(1, 5)
    assert replica.note(receipt(ME, (1, 2), revision=4)) == []
    replica.take(page(receipts=(page_receipt(ME, *covering(5, 3)),)))
    assert replica.read == ((1, 3), (5, 5))
    assert replica.unread(range(1, 6)) == {4}


# New


def test_new_begins_with_the_first_that_nobody_saw() -> None:
    replica = opened(1, 2)
    replica.see([1, 2])
    for each in (3, 4):
        replica.hear(message(each), following=True)
        replica.mark_new(message(each))
    assert replica.new_before == 3


def test_new_begins_again_when_all_before_is_read() -> None:
    replica = opened(1, 2)
    replica.new_before = 1
    replica.mark_new(message(3))
    assert replica.new_before == 1
    replica.see([1, 2])
    replica.mark_new(message(3))
    assert replica.new_before == 3


def test_nothing_of_ones_own_is_new() -> None:
    replica = opened(1, 2)
    replica.mark_new(message(3, ME))
    assert replica.new_before is None


def test_nothing_read_elsewhere_is_new() -> None:
    replica = opened(1, 2)
    replica.note(receipt(ME, (3, 3)))
    replica.mark_new(message(3))
    assert replica.new_before is None


def test_new_far_below_a_window_costs_no_more_than_the_window(replica: Replica) -> None:
    replica.new_before = 1
    replica.mark_new(message(2**52))
    assert replica.new_before == 2**52


# Members


def test_members_come_and_go(replica: Replica) -> None:
    replica.summarise(summary(0, members=(ME,)))
    replica.enter(ANN)
    replica.enter(ANN)
    assert (replica.members, replica.online) == ([ME, ANN], {ME, ANN})
    replica.leave(ANN)
    replica.leave(BOB)
    assert (replica.members, replica.online) == ([ME], {ME})


# Drawing


def test_foreign_text_is_made_safe(replica: Replica) -> None:
    replica.replace(page(message(1, "an\x1bn")))
    (drawn,) = replica.messages()
    assert (drawn.key, drawn.id, drawn.sender, drawn.text, drawn.at_ms) == ("1", 1, "an\\x1bn", "text 1", 1_001)
    assert drawn.tick is None


def test_the_same_look_is_the_same_object() -> None:
    replica = with_own(2, 4)
    before = list(replica.messages())
    replica.note(receipt(ANN, (4, 4)))
    after = list(replica.messages())
    assert [a is b for a, b in zip(before, after, strict=True)] == [True, True, True, False, True]


# What others change


def deletion(message_id: int, *, by: str = ANN, revision: int = 0) -> Changed:
    return Changed(room=ROOM, message_id=message_id, deleted_at=9, deleted_by=by, revision=revision)


def removed(replica: Replica) -> list[int]:
    return [each.id or 0 for each in replica.messages() if each.removed]


def test_a_deleted_message_has_neither_text_nor_readers_nor_a_tick() -> None:
    replica = with_own(2)
    replica.note(receipt(ANN, (2, 2), late=True))
    replica.change(deletion(2, by=BOB, revision=7))
    held = replica.get(2)
    assert held is not None
    assert (held.message.content, held.readers, held.late, held.deleted) == ("", {}, 0, True)
    assert replica.revision == 7
    assert removed(replica) == [2]
    drawn = list(replica.messages())[1]
    assert (drawn.text, drawn.tick, drawn.own) == ("message removed by bob", None, True)
    assert replica.note(receipt(BOB, (2, 2))) == []
    assert held.readers == {}


def test_a_deletion_again_or_of_what_is_not_held_changes_nothing_more() -> None:
    replica = opened(3, 5)
    replica.change(deletion(4, by=""))
    drawn = list(replica.messages())
    assert drawn[1].text == "message removed"
    replica.change(deletion(2))
    replica.change(deletion(6))
    replica.change(Changed(room=ROOM, message_id=5, revision=3))
    assert list(replica.messages()) == drawn
    assert (removed(replica), replica.revision) == ([4], 3)


def test_a_page_tells_of_deletions_too() -> None:
    replica = with_own(2)
    replica.note(receipt(ANN, (2, 2)))
    gone = replace(message(2, ME, audience=0), content="", deleted_at=9, deleted_by=ANN)
    replica.renew(page(gone))
    assert removed(replica) == [2]
    held = replica.get(2)
    assert held is not None
    assert held.readers == {}


def test_a_deleted_message_is_neither_unread_nor_new() -> None:
    replica = opened(1, 3)
    replica.change(deletion(2))
    assert replica.unread([1, 2, 3]) == {1, 3}
    assert replica.see([1, 2, 3]) == ((1, 1), (3, 3))
    gone = replace(message(4), content="", deleted_at=9, deleted_by=ANN)
    replica.mark_new(gone)
    assert replica.new_before is None
    replica.mark_new(message(5))
    assert replica.new_before == 5


def test_what_was_new_and_is_deleted_is_waited_for_no_more() -> None:
    replica = opened(1, 2)
    replica.see([1])
    replica.new_before = 2
    replica.change(deletion(2))
    replica.mark_new(message(3))
    assert replica.new_before == 3


def test_a_page_to_be_taken_afresh_replaces_the_window() -> None:
    replica = opened(1, 5)
    replica.take(replace(page(*messages(4, 6), revision=9), afresh=True))
    assert window(replica) == ids(4, 6)


def test_a_new_name_is_everywhere_and_again_changes_nothing() -> None:
    replica = with_own(2)
    replica.summarise(replace(summary(5), owner=ANN, muted=(ANN,)))
    replica.note(receipt(ANN, (2, 2)))
    replica.acknowledge(acknowledged(ANN, 2))
    replica.change(deletion(4, by=ANN))
    for _ in range(2):
        replica.rename(Renamed(room=ROOM, name=ANN, to="anna", revision=8))
        assert (replica.owner, replica.muted, replica.revision) == ("anna", {"anna"}, 8)
        assert (replica.members, replica.online) == ([ME, "anna", BOB], {ME, "anna"})
        drawn = list(replica.messages())
        assert [each.sender for each in drawn] == ["anna", ME, "anna", "anna", "anna"]
        assert drawn[3].text == "message removed by anna"
        held = replica.get(2)
        assert held is not None
        assert (held.readers, held.acknowledged) == ({"anna": 5_000}, {"anna": 0})


def test_ones_own_new_name_leaves_ones_own_messages_ones_own() -> None:
    replica = with_own(2)
    replica.rename(Renamed(room=ROOM, name=ME, to="mine"))
    assert replica.me == "mine"
    assert [each.id for each in replica.messages() if each.own] == [2]


def test_who_is_muted(replica: Replica) -> None:
    replica.summarise(replace(summary(0), muted=(BOB,)))
    replica.mute(Muted(room=ROOM, name=ANN, muted=True, by=BOB))
    replica.mute(Muted(room=ROOM, name=BOB, muted=False, by=ANN))
    replica.mute(Muted(room=ROOM, name=BOB, muted=False, by=ANN))
    assert replica.muted == {ANN}


def test_what_there_is_to_read_is_neither_ones_own_nor_deleted() -> None:
    replica = with_own(2, 4)
    replica.change(Changed(room=ROOM, message_id=3, deleted_at=1, deleted_by=ANN))
    assert replica.uncounted(((2, 9),)) == [2, 3, 4]
    assert (replica.text_of(1), replica.text_of(9)) == ("text 1", None)


def test_a_window_that_is_let_go_is_fetched_again() -> None:
    replica = opened(1, 5)
    replica.close()
    assert window(replica) == []
    assert not replica.loaded


# What else changes a message


def drawn(replica: Replica, message_id: int) -> MessageView:
    return next(each for each in replica.messages() if each.id == message_id)


def edited(message_id: int, edition: int, content: str = "other", **more: object) -> Changed:
    told: dict[str, object] = {"content": content, "edition": edition, "edited_at": 9, **more}
    return Changed(room=ROOM, message_id=message_id, revision=20, **told)  # type: ignore[arg-type]


def test_an_edit_changes_the_text_and_its_readers_are_counted_anew() -> None:
    replica = with_own(1, last=2)
    replica.note(receipt(ANN, (1, 1)))
    assert drawn(replica, 1).tick == Tick(TickState.READ, 1, 2)
    replica.change(edited(1, 1, audience=2, read_by=0))
    view = drawn(replica, 1)
    assert (view.text, view.edited, view.tick) == ("other", True, Tick(TickState.SENT, 0, 2))
    replica.note(receipt(BOB, (1, 1)))
    assert drawn(replica, 1).tick == Tick(TickState.SENT, 0, 2), "the first text was read, not this one"
    replica.note(replace(receipt(BOB, (1, 1)), editions=((1, 1), (7, 1), (2, 3))))
    assert drawn(replica, 1).tick == Tick(TickState.READ, 1, 2)
    replica.change(edited(1, 1, "again"))
    assert drawn(replica, 1).text == "other", "that edit is known"
    replica.change(edited(1, 2, "third"))
    assert (drawn(replica, 1).text, drawn(replica, 1).tick) == ("third", Tick(TickState.SENT, 0, 2))


def test_reactions_and_pins_are_drawn_until_the_message_is_deleted() -> None:
    replica = opened(1, 2)
    replica.change(Changed(room=ROOM, message_id=1, reactions={"+": (ANN, ME), "!": (ANN,)}))
    replica.change(Changed(room=ROOM, message_id=1, pinned=True))
    replica.change(Changed(room=ROOM, message_id=9, pinned=True))
    view = drawn(replica, 1)
    assert (view.reactions, view.pinned) == ((("+", 2, True), ("!", 1, False)), True)
    replica.change(Changed(room=ROOM, message_id=1, pinned=False))
    assert not drawn(replica, 1).pinned
    replica.summarise(replace(summary(2), pins=(2,)))
    assert drawn(replica, 2).pinned
    replica.change(Changed(room=ROOM, message_id=1, deleted_at=5, deleted_by=ANN))
    replica.change(Changed(room=ROOM, message_id=1, reactions={"+": (ANN,)}))
    assert (drawn(replica, 1).reactions, drawn(replica, 1).removed) == ((), True)
    replica.change(Changed(room=ROOM, message_id=2, deleted_at=5, deleted_by=ANN))
    assert replica.pins == set(), "it is unpinned by that"


# Replies


def answered(last: int = 4, *, answer: int = 4, reply_to: int = 2) -> Replica:
    """A replica whose window is [1, last], in which one message answers another."""
    replica = Replica(ROOM, ME)
    replica.summarise(summary(last))
    told = (replace(each, reply_to=reply_to if each.id == answer else None) for each in messages(1, last))
    replica.replace(page(*told))
    return replica


def reply(replica: Replica, message_id: int = 4) -> ReplyView | None:
    return drawn(replica, message_id).reply


def test_a_reply_shows_what_it_answers_and_stays_the_same_object() -> None:
    replica = answered()
    before = list(replica.messages())
    assert [each.reply for each in before] == [None, None, None, ReplyView(ANN, "text 2", 2)]
    assert all(a is b for a, b in zip(before, replica.messages(), strict=True))
    replica.change(Changed(room=ROOM, message_id=2, reactions={"+": (ANN,)}))
    assert drawn(replica, 4) is before[3], "the answered message's words are the same"


def test_a_reply_follows_what_becomes_of_the_message_that_it_answers() -> None:
    replica = answered()
    assert reply(replica) == ReplyView(ANN, "text 2", 2)
    replica.change(edited(2, 1, "in other words"))
    assert reply(replica) == ReplyView(ANN, "in other words", 2)
    replica.rename(Renamed(room=ROOM, name=ANN, to="anna"))
    assert reply(replica) == ReplyView("anna", "in other words", 2)
    replica.change(deletion(2))
    assert reply(replica) == ReplyView("anna", "removed message", 2)


def test_a_reply_to_what_is_not_held_says_so_until_it_is() -> None:
    replica = opened(4, 6)
    replica.renew(page(replace(message(5), reply_to=2)))
    assert reply(replica, 5) == ReplyView("", "a message further up", 2)
    replica.take(page(*messages(2, 3)))
    assert reply(replica, 5) == ReplyView(ANN, "text 2", 2)
    for number in range(7, 4 + WINDOW_MAX):
        replica.hear(message(number), following=True)
    assert window(replica)[0] == 4
    assert reply(replica, 5) == ReplyView("", "a message further up", 2)


def test_a_deleted_reply_answers_nothing_any_more() -> None:
    replica = answered()
    replica.change(deletion(4))
    assert reply(replica) is None


def test_what_is_quoted_is_not_read() -> None:
    replica = answered()
    assert replica.see([4]) == ((4, 4),)
    assert replica.unread([2]) == {2}


def test_a_message_that_answers_itself_or_a_later_one_is_drawn() -> None:
    assert reply(answered(reply_to=4)) == ReplyView(ANN, "text 4", 4)
    assert reply(answered(reply_to=9)) == ReplyView("", "a message further up", 9)


def test_the_newest_of_ones_own_is_the_last_that_is_not_deleted() -> None:
    assert opened(1, 3).newest_own is None
    replica = with_own(2, 4)
    assert replica.newest_own == 4
    replica.change(deletion(4))
    assert replica.newest_own == 2


def test_the_readers_and_counts_that_one_may_not_see_any_more_are_forgotten() -> None:
    replica = with_own(2, 3)
    replica.note(receipt(ANN, (1, 5), late=True))
    assert tick(replica, 2).read_by == 1
    replica.forget_readers()
    assert tick(replica, 2) == tick(replica, 3) == Tick(TickState.SENT, 0, 0)
    assert window(replica) == ids(1, 5)


def test_what_is_not_told_is_unread_again() -> None:
    replica = opened(1, 5)
    replica.see(ids(1, 4))
    replica.forget_read(((2, 3),))
    assert replica.unread(ids(1, 5)) == {2, 3, 5}


def test_a_room_may_require_receipts() -> None:
    replica = Replica(ROOM, ME)
    replica.summarise(replace(summary(3), policy={"receipts": "required"}))
    assert replica.receipts_required
    replica.summarise(summary(3))
    assert not replica.receipts_required


def test_an_edited_message_is_unseen_and_not_unread() -> None:
    replica = opened(1, 3)
    assert replica.unseen([(1, 0), (2, 0)]) == {(1, 0), (2, 0)}
    replica.see([1, 2, 3])
    replica.change(edited(1, 1))
    assert replica.unread([1, 2, 3]) == frozenset()
    assert replica.unseen([(1, 0), (1, 1), (2, 0), (9, 1)]) == {(1, 1)}
    assert replica.see_texts([(1, 1), (2, 0), (9, 1)]) == {1: 1}
    assert replica.see_texts([(1, 1)]) == {}
    assert replica.unseen([(1, 0), (1, 1)]) == frozenset()
    replica.mark_new(message(4))
    assert replica.new_before == 4


def test_ones_own_and_deleted_messages_have_no_text_to_be_seen() -> None:
    replica = with_own(2)
    replica.change(edited(2, 1))
    replica.change(edited(3, 1))
    replica.change(deletion(3))
    assert replica.unseen([(2, 1), (3, 1)]) == frozenset()
    assert replica.see_texts([(2, 1), (3, 1)]) == {}


def test_another_device_has_read_a_later_text() -> None:
    replica = opened(1, 4)
    replica.change(edited(2, 2))
    replica.note(replace(receipt(ME), editions=((2, 1),)))
    assert replica.read == ((2, 2),)
    assert replica.unseen([(2, 2)]) == {(2, 2)}
    replica.take(page(receipts=(replace(page_receipt(ME, (2, 2)), editions=((2, 2),)),)))
    assert replica.unseen([(2, 2)]) == frozenset()
