"""A chat: which part a record changes, and that recovery equals life for all of it together."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server.chat import AnyRecord, Chat, ChatState
from chat_server.people import Banned, Bound, Founded, Invited, Promoted, Removed, Renamed
from chat_server.room import Advanced, Barred, Deleted, Departed, Entered, Entry, Muted, Opened, Posted
from tests.chat_server.chats import values


def chat_of(*records: AnyRecord) -> Chat:
    chat = Chat()
    for record in records:
        chat.apply(record)
    return chat


def opened(room: str = "tea", by: str = "") -> Opened:
    return Opened(room=room, title=room, at=1, by=by)


def entered(name: str, room: str = "tea") -> Entered:
    return Entered(room=room, name=name, at=1)


def posted(at: int, sender: str, room: str = "tea") -> Posted:
    return Posted(room=room, entry=Entry(at, sender, f"n{at}", "hi", at))


def test_a_record_of_a_room_changes_that_room_alone() -> None:
    chat = chat_of(opened("tea"), opened("milk"), entered("ann", "milk"))
    assert {name: list(room.members) for name, room in chat.rooms.items()} == {"tea": [], "milk": ["ann"]}
    assert list(chat.people) == []


def test_a_record_of_people_changes_them_alone() -> None:
    chat = chat_of(opened(), entered("ann"))
    before = values(chat)[1:]
    for record in (Founded(at=1, seed="s"), Bound(at=1, name="ann", key="k"), Banned(at=2, name="ann")):
        chat.apply(record)
    assert values(chat)[1:] == before
    assert [name for name, _ in chat.people] == ["ann"]


def test_whoever_is_renamed_is_so_in_every_room_that_knows_them() -> None:
    chat = chat_of(
        Bound(at=1, name="ann", key="k"),
        opened("tea", by="ann"),
        *(entered(name) for name in ("ann", "bob")),
        posted(1, "ann"),
        opened("milk"),
        entered("bob", "milk"),
    )
    revisions = {name: room.revision for name, room in chat.rooms.items()}
    chat.apply(Renamed(at=2, name="ann", to="anna"))
    tea = chat.rooms["tea"]
    assert (list(tea.members), tea.owner, tea.messages[0].sender) == (["anna", "bob"], "anna", "anna")
    assert {name: room.revision for name, room in chat.rooms.items()} == {**revisions, "tea": revisions["tea"] + 1}


@pytest.mark.parametrize(
    "record",
    [
        entered("ann", "nowhere"),
        posted(1, "ann", "nowhere"),
        opened("tea"),
        Renamed(at=2, name="nobody", to="bob"),
        Renamed(at=2, name="ann", to="bob"),
        Renamed(at=2, name="ann", to="olga"),
        Banned(at=2, name="nobody"),
    ],
)
def test_what_cannot_be_fails_an_assertion(record: AnyRecord) -> None:
    """Bob is nobody's name yet, and was in the room in a version without keys, like Olga, who owns another."""
    chat = chat_of(Bound(at=1, name="ann", key="k"), opened(), opened("milk", by="olga"), entered("ann"))
    chat.apply(entered("bob"))
    for room in ("milk",):
        chat.apply(entered("ann", room))
    with pytest.raises(AssertionError):
        chat.apply(record)


NAMES = st.sampled_from(["ann", "bob", "cid"])
ROOMS = st.sampled_from(["tea", "milk"])
RECORDS: st.SearchStrategy[AnyRecord] = st.one_of(
    st.builds(opened, ROOMS, NAMES),
    st.builds(entered, NAMES, ROOMS),
    st.builds(posted, st.integers(1, 4), NAMES, ROOMS),
    st.builds(Departed, room=ROOMS, name=NAMES, at=st.just(2)),
    st.builds(Advanced, room=ROOMS, reader=NAMES, ranges=st.just(((1, 1),)), read_at=st.just(3)),
    st.builds(Deleted, room=ROOMS, id=st.integers(1, 4), by=NAMES, at=st.just(4)),
    st.builds(Barred, room=ROOMS, name=NAMES, by=NAMES, at=st.just(5)),
    st.builds(Muted, room=ROOMS, name=NAMES, by=NAMES, at=st.just(6)),
    st.builds(Bound, at=st.just(7), name=NAMES, key=st.sampled_from("kl")),
    st.builds(Promoted, at=st.just(8), name=NAMES),
    st.builds(Removed, at=st.just(9), name=NAMES),
    st.builds(Renamed, at=st.just(10), name=NAMES, to=st.sampled_from(["dan", "eve"])),
    st.builds(Invited, at=st.just(11), digest=NAMES, uses=st.just(1), expires_at=st.just(99)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(RECORDS, min_size=10, max_size=60))
def test_any_records_are_taken_or_fail_an_assertion_and_recovery_equals_life(records: list[AnyRecord]) -> None:
    live, lived = Chat(), []
    for record in records:
        frozen = live.freeze()
        try:
            live.apply(record)
        except AssertionError:
            live = Chat.thaw(frozen)
        else:
            lived.append(record)
    told = values(live)
    assert values(chat_of(*lived)) == told
    assert values(Chat.thaw(live.freeze())) == told


def test_a_room_that_is_there_twice_is_none() -> None:
    chat = chat_of(opened())
    state = chat.freeze()
    with pytest.raises(AssertionError):
        Chat.thaw(ChatState(state.people, [*state.rooms, *chat.freeze().rooms]))
