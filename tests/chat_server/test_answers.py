"""What members are told of a room: pages at every edge, receipts, and what a returning member lacks."""

from collections.abc import Iterable, Sequence

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from chat_server import answers
from chat_server.changes import CHANGES_MAX
from chat_server.protocol import (
    CONTENT_CHARS_MAX,
    FRAME_BYTES_MAX,
    ID_MAX,
    MEMBERS_MAX,
    PAGE_BYTES_MAX,
    PAGE_MAX,
    PAGE_RECEIPTS_BYTES_MAX,
    RANGES_MAX,
    Acknowledged,
    AcknowledgedBy,
    Changed,
    FetchHistory,
    History,
    Horizon,
    Horizons,
    Info,
    Members,
    Message,
    PageAcknowledgement,
    PageReceipt,
    Pins,
    ReadBy,
    Receipt,
    Renamed,
    RoomCursor,
    RoomListing,
    encode,
)
from chat_server.protocol import ranges as rangesets
from chat_server.room import Entered, Muted, Opened, Room, Tally
from tests.chat_server.rooms import DEEDS_AND_MODES, PEOPLE, Deed, Story, story_of

Known = dict[tuple[str, int], int]
"""Who has read which message when."""


def story(messages: int, *, content: str = "hi", name: str = "ann") -> Story:
    """A room of two with so many messages of one of them."""
    told = Story(name, "bob")
    for _ in range(messages):
        told.post(name, content=content)
    return told


def page(told: Story, asker: str = "bob", /, **wanted: int) -> History:
    """The page that somebody is sent who asks so."""
    fields = {"type": "history", "ref": "p", "room": "r", **wanted}
    return answers.history(told.room, asker, msgspec.convert(fields, FetchHistory))


def ids(history: History) -> list[int]:
    return [each.id for each in history.messages]


def known(receipts: Iterable[Receipt | PageReceipt]) -> Known:
    """What receipts say; that they say no message twice is checked on the way."""
    spread = [(each.reader, at, each.read_at) for each in receipts for at in rangesets.ids(each.ranges)]
    assert len({(reader, at) for reader, at, _ in spread}) == len(spread)
    return {(reader, at): read_at for reader, at, read_at in spread}


# Pages


@pytest.mark.parametrize(
    ("wanted", "limit", "expected", "more"),
    [
        ({"before": 11}, 3, [8, 9, 10], True),
        ({"before": 10}, 3, [7, 8, 9], True),
        ({"before": 99}, 3, [8, 9, 10], True),
        ({"before": 5}, 3, [2, 3, 4], True),
        ({"before": 4}, 3, [1, 2, 3], False),
        ({"before": 3}, 3, [1, 2], False),
        ({"before": 2}, 3, [1], False),
        ({"before": 1}, 3, [], False),
        ({"before": 0}, 3, [], False),
        ({"before": 11}, 10, list(range(1, 11)), False),
        ({"before": 11}, 9, list(range(2, 11)), True),
        ({"after": 0}, 3, [1, 2, 3], True),
        ({"after": 6}, 3, [7, 8, 9], True),
        ({"after": 7}, 3, [8, 9, 10], False),
        ({"after": 8}, 3, [9, 10], False),
        ({"after": 9}, 3, [10], False),
        ({"after": 10}, 3, [], False),
        ({"after": 99}, 3, [], False),
        ({"after": 0}, 10, list(range(1, 11)), False),
        ({"around": 5}, 4, [3, 4, 5, 6], True),
        ({"around": 5}, 3, [4, 5, 6], True),
        ({"around": 5}, 1, [5], True),
        ({"around": 1}, 4, [1, 2, 3, 4], True),
        ({"around": 0}, 4, [1, 2, 3, 4], True),
        ({"around": 3}, 4, [1, 2, 3, 4], True),
        ({"around": 9}, 4, [7, 8, 9, 10], True),
        ({"around": 10}, 4, [7, 8, 9, 10], True),
        ({"around": 99}, 4, [7, 8, 9, 10], True),
        ({"around": 5}, 10, list(range(1, 11)), False),
        ({"around": 5}, 200, list(range(1, 11)), False),
    ],
)
def test_pages_of_ten_messages(wanted: dict[str, int], limit: int, expected: list[int], *, more: bool) -> None:
    history = page(story(10), **wanted, limit=limit)
    assert (ids(history), history.more) == (expected, more)
    assert history.ref == "p"
    assert history.revision == 13


@pytest.mark.parametrize("wanted", [{"before": 1}, {"after": 0}, {"around": 1}])
def test_a_page_of_an_empty_room(wanted: dict[str, int]) -> None:
    assert page(story(0), **wanted) == History(room="r", messages=(), more=False, revision=3, ref="p")


@given(st.integers(0, 12), st.integers(0, 14), st.integers(1, 14), st.sampled_from(["before", "after", "around"]))
def test_a_page_has_no_gaps_and_says_whether_there_is_more(size: int, at: int, limit: int, direction: str) -> None:
    history = page(story(size), **{direction: at}, limit=limit)
    shown = ids(history)
    assert shown == list(range(shown[0], shown[-1] + 1)) if shown else True
    wanted = {
        "before": [each for each in range(1, size + 1) if each < at],
        "after": [each for each in range(1, size + 1) if each > at],
        "around": list(range(1, size + 1)),
    }[direction]
    assert len(shown) == min(limit, len(wanted))
    assert set(shown) <= set(wanted)
    assert history.more == (len(shown) < len(wanted))


LARGE = "\x01" * CONTENT_CHARS_MAX
"""The content that takes most bytes on the wire: 48,002."""
FITTING = PAGE_BYTES_MAX // 48_002
FITTING_HALF = PAGE_BYTES_MAX // 2 // 48_002


def test_a_page_ends_early_at_its_bound_of_bytes() -> None:
    told = story(40, content=LARGE)
    older, newer, middle = page(told, before=41), page(told, after=0), page(told, around=20)
    assert (ids(older), older.more) == (list(range(41 - FITTING, 41)), True)
    assert (ids(newer), newer.more) == (list(range(1, FITTING + 1)), True)
    assert ids(middle) == list(range(21 - FITTING_HALF, 21 + FITTING_HALF))
    assert middle.more


@pytest.mark.parametrize(("spare", "expected"), [(0, [1, 2]), (-1, [1])])
def test_the_bound_of_bytes_to_the_byte(monkeypatch: pytest.MonkeyPatch, spare: int, expected: list[int]) -> None:
    told = story(3, content="é")  # Four bytes with its quotes.
    monkeypatch.setattr(answers.messages.bounded, "__defaults__", (8 + spare,))
    history = page(told, after=0)
    assert (ids(history), history.more) == (expected, True)
    history = page(told, before=4)
    assert (ids(history), history.more) == ([4 - each for each in reversed(expected)], True)


def test_a_page_holds_one_message_however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers.messages.bounded, "__defaults__", (1,))
    assert ids(page(story(3), before=3)) == [2]
    assert ids(page(story(3), after=1)) == [2]
    assert page(story(1), after=0).more is False


def test_a_page_has_fewer_messages_where_their_receipts_are_too_many() -> None:
    told = Story("ann")
    names = [f"{at:0>4}" + "🦊" * 28 for at in range(70)]
    told.enter(*names)
    for _ in range(PAGE_MAX):
        told.post("ann", content="x" * (PAGE_BYTES_MAX // PAGE_MAX - 2))
    assert len(page(told, "ann", before=PAGE_MAX + 1).messages) == PAGE_MAX
    for name in names:
        for at in range(PAGE_MAX):
            told.read(name, (at + 1, at + 1), at_ms=2**42)
    histories = {
        "before": page(told, "ann", before=PAGE_MAX + 1),
        "after": page(told, "ann", after=0),
        "around": page(told, "ann", around=100),
        "resumed": answers.resumed(told.room, "ann", RoomCursor())[0],
    }
    for history in histories.values():
        assert PAGE_RECEIPTS_BYTES_MAX // 4 < len(msgspec.json.encode(history.receipts)) <= PAGE_RECEIPTS_BYTES_MAX
        assert len(encode(history)) <= FRAME_BYTES_MAX
        assert history.more
    assert [ids(each)[0] for each in histories.values()] == [101, 1, 50, 101]
    assert [ids(each)[-1] for each in histories.values()] == [200, 100, 149, 200]
    alone = page(told, "ann", after=0, limit=1)
    assert (ids(alone), len(alone.receipts)) == ([1], 70)


def test_one_message_is_told_whatever_its_receipts(monkeypatch: pytest.MonkeyPatch) -> None:
    told = story(4)
    told.read("bob", (1, 4))
    monkeypatch.setattr(answers.pages, "PAGE_RECEIPTS_BYTES_MAX", 3)
    assert ids(page(told, "ann", after=1)) == [2]
    assert ids(page(told, "cid", after=1)) == [2, 3, 4]


@given(DEEDS_AND_MODES, st.integers(0, 12), st.integers(1, 8))
def test_a_page_tells_the_receipts_of_ones_own_messages_and_ones_own_reading(
    deeds: list[Deed], after: int, limit: int
) -> None:
    told = story_of(deeds)
    for asker in PEOPLE:
        history = page(told, asker, after=after, limit=limit)
        shown = ids(history)
        for message in history.messages:
            nothing = Tally(audience=0, read_by=0)
            tally = told.model.tally(message.id) if told.model.shares(asker) else nothing
            assert Tally(message.audience, message.read_by) == tally
            assert message.nonce == (f"n{message.id}" if message.sender == asker else None)
        mine = [each for each in history.receipts if each.reader == asker]
        others = [each for each in history.receipts if each.reader != asker]
        assert known(others) == {
            (reader, each): at_ms
            for each in shown
            if told.model.sender(each) == asker and told.model.shares(asker)
            for reader, at_ms in told.model.readers_of_any(each).items()
        }
        assert {each: at_ms for each, at_ms in known(mine).items() if told.model.sender(each[1]) != asker} == {
            each: at_ms for each, at_ms in told.model.times.items() if each[0] == asker and each[1] in shown
        }
        for receipt in others:
            said = {(receipt.reader, each) in told.model.late for each in rangesets.ids(receipt.ranges)}
            assert said == {receipt.late}


# Receipts


def test_late_messages_are_told_apart_and_only_the_last_receipt_has_the_revision() -> None:
    told = story(2)
    told.enter("cid")
    told.post("ann", "ann")
    told.read("cid", (1, 4), at_ms=100)
    receipts = answers.receipts(told.room, "cid", ((1, 4),), 100, advanced=told.room.revision, revision=9)
    assert receipts == [
        Receipt(room="r", reader="cid", ranges=((3, 4),), read_at=100),
        Receipt(room="r", reader="cid", ranges=((1, 2),), read_at=100, late=True, revision=9),
    ]
    assert answers.receipts(told.room, "cid", ((4, 4),), 100, advanced=told.room.revision, revision=9) == [
        Receipt(room="r", reader="cid", ranges=((4, 4),), read_at=100, revision=9)
    ]
    assert answers.receipts(told.room, "cid", (), 100, advanced=told.room.revision, revision=9) == []


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(RANGES_MAX, [RANGES_MAX]), (RANGES_MAX + 1, [RANGES_MAX, 1]), (2 * RANGES_MAX, [RANGES_MAX] * 2)],
)
def test_a_receipt_has_no_more_ranges_than_a_frame_may(count: int, sizes: list[int]) -> None:
    told = story(2 * count)
    every_second = tuple((each, each) for each in range(1, 2 * count, 2))
    receipts = answers.receipts(told.room, "bob", every_second, 100, advanced=told.room.revision, revision=7)
    assert [len(each.ranges) for each in receipts] == sizes
    assert [each.revision for each in receipts] == [0] * (len(sizes) - 1) + [7]
    assert rangesets.count(tuple(pair for each in receipts for pair in each.ranges)) == count


# What a returning member lacks


def resumed(told: Story, message: int, revision: int, asker: str = "bob") -> tuple[History, list[Receipt]]:
    """The page, and the receipts before it; before these only changes come."""
    history, before = returned(told, message, revision, asker)
    receipts = [each for each in before if isinstance(each, Receipt)]
    assert list(before[len(before) - len(receipts) :]) == receipts
    return history, receipts


def returned(
    told: Story, message: int, revision: int, asker: str = "bob"
) -> tuple[History, Sequence[answers.Missed]]:
    return answers.resumed(told.room, asker, RoomCursor(message=message, revision=revision))


@pytest.mark.parametrize(
    ("size", "held", "expected", "more"),
    [
        (5, 5, [], False),
        (5, 9, [], False),
        (5, 4, [5], False),
        (5, 0, [1, 2, 3, 4, 5], False),
        (PAGE_MAX + 1, 1, list(range(2, PAGE_MAX + 2)), False),
        (PAGE_MAX + 1, 0, list(range(2, PAGE_MAX + 2)), True),
        (0, 0, [], False),
    ],
)
def test_the_messages_after_the_cursor_or_the_newest_of_them(
    size: int, held: int, expected: list[int], *, more: bool
) -> None:
    history, receipts = resumed(story(size), held, 0)
    assert (ids(history), history.more, receipts) == (expected, more, [])
    assert history.revision == size + 3


def test_a_gap_before_a_page_that_ended_early() -> None:
    history, _ = resumed(story(FITTING + 2, content=LARGE), 1, 0)
    assert (ids(history), history.more) == (list(range(3, FITTING + 3)), True)


def test_receipts_since_the_cursor_of_held_messages_only() -> None:
    told = story(4)
    told.read("bob", (1, 1), at_ms=100)
    revision = told.room.revision
    told.read("bob", (2, 4), at_ms=200)
    history, receipts = resumed(told, 3, revision, asker="ann")
    assert receipts == [Receipt(room="r", reader="bob", ranges=((2, 3),), read_at=200)]
    assert history.receipts == (PageReceipt(reader="bob", ranges=((4, 4),), read_at=200),)
    assert history.revision == told.room.revision
    assert resumed(told, 1, revision, asker="ann")[1] == []
    assert resumed(told, 4, told.room.revision, asker="ann")[1] == []


def test_what_one_has_read_on_another_device() -> None:
    told = story(4)
    told.read("bob", (1, 2), at_ms=100)
    _, receipts = resumed(told, 4, 0)
    assert receipts == [Receipt(room="r", reader="bob", ranges=((1, 2),), read_at=100)]
    assert resumed(told, 4, 0, asker="cid")[1] == []


@given(DEEDS_AND_MODES, DEEDS_AND_MODES)
@example(
    [*[("post", "ann", (1, 1))] * 8, ("private", "ann", (1, 1))],
    [*[("post", "ann", (1, 1))] * 6, ("edit", "ann", (1, 1)), ("reread", "bob", (1, 2))],
)
def test_what_was_held_and_what_is_told_on_return_equal_the_truth(before: list[Deed], after: list[Deed]) -> None:
    then, now = story_of(before), story_of([*before, *after])
    for asker in PEOPLE:
        held = page(then, asker, after=0)
        history, told = returned(now, then.room.last_id, then.room.revision, asker)
        if now.room.sharing.since(asker) > then.room.revision:
            newest = page(now, asker, before=now.room.last_id + 1)
            assert (told, history) == ((), replace(newest, afresh=True, ref=None))
            continue
        assert [each.revision for each in told] == [0] * len(told)
        deleted = {each.message_id: each for each in told if isinstance(each, Changed)}
        whole = page(now, asker, after=0)
        assert [deletion(deleted.get(each.id, each)) for each in (*held.messages, *history.messages)] == [
            deletion(each) for each in whole.messages
        ]
        on = {each.id: each.reactions for each in (*held.messages, *history.messages)}
        on |= {each: told.reactions or {} for each, told in deleted.items()}
        assert on == {each.id: each.reactions for each in whole.messages}
        pins = {each for each in then.room.marks.pinned if each not in deleted}
        pins |= {each.message_id for each in deleted.values() if each.pinned}
        assert pins == {each for each in now.room.marks.pinned if each <= then.room.last_id}
        missed = [each for each in told if isinstance(each, Receipt)]
        receipts: list[Receipt | PageReceipt] = [*held.receipts, *missed, *history.receipts]
        mine = {each.id for each in whole.messages if each.sender == asker}
        others = {(reader, each) for reader, each in known(receipts) if reader != asker}
        gone = {(reader, each) for reader, each in others if each in now.model.deleted and each in mine}
        texts = {each.id: (each.edition, each.content) for each in whole.messages}
        assert {
            each.message_id: (each.edition, each.content)
            for each in told
            if isinstance(each, Changed) and each.edition
        }.items() <= texts.items()
        assert (
            texts.items()
            <= {
                **{each.id: (each.edition, each.content) for each in (*held.messages, *history.messages)},
                **dict.fromkeys(now.model.deleted, (0, "")),
                **{each: (told.edition, told.content) for each, told in deleted.items() if told.edition},
            }.items()
        )
        reread = {key: read for key, read in now.model.reread.items() if key[0] == asker}
        if now.model.shares(asker):
            reread |= {key: read for key, read in now.model.reshown.items() if key[0] != asker and key[1] in mine}
        assert {key: read for key, read in latest(receipts).items() if key[1] not in now.model.deleted} == {
            key: read for key, read in reread.items() if key[1] not in now.model.deleted
        }
        assert known(receipts).items() - known(whole.receipts).items() == {
            (each, at_ms) for each, at_ms in known(receipts).items() if each in gone
        }
        assert known(whole.receipts).items() <= known(receipts).items()
        said: list[Acknowledged | PageAcknowledgement] = [*held.acknowledged, *history.acknowledged]
        said += (each for each in told if isinstance(each, Acknowledged))
        told_of = {(each.reader, each.message_id): (each.edition, each.acknowledged_at) for each in said}
        heard = {asker} if not now.model.shares(asker) else {*PEOPLE}
        assert {key: found for key, found in told_of.items() if key[1] not in now.model.deleted} == {
            (reader, each): found
            for (reader, each), found in now.model.said.items()
            if each not in now.model.deleted and reader in heard and (reader == asker or each in mine)
        }
        assert late(receipts) - gone == late(whole.receipts)


def latest(receipts: Iterable[Receipt | PageReceipt]) -> dict[tuple[str, int], tuple[int, int]]:
    """The latest edition that is told of each reader, and when."""
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for receipt in receipts:
        for each, edition in receipt.editions:
            pair = receipt.reader, each
            if pair not in found or found[pair][0] < edition:
                found[pair] = edition, receipt.read_at
    return found


def deletion(message: Message | Changed) -> tuple[int, int | None, str]:
    number = message.id if isinstance(message, Message) else message.message_id
    return number, message.deleted_at, message.deleted_by


def test_names_first_then_what_was_deleted_of_what_is_held_then_receipts() -> None:
    told = story(4)
    told.post("bob")
    told.read("bob", (1, 2), at_ms=100)
    revision = told.room.revision
    told.delete(2, 4, 5, by="bob", at_ms=200)
    told.room.rename("bob", "ben")
    told.room.readings.advance("ben", ((3, 3),), 300, told.room.revision)
    history, before = returned(told, 4, revision, asker="ann")
    assert before == [
        Renamed(room="r", name="bob", to="ben"),
        Changed(room="r", message_id=2, deleted_at=200, deleted_by="ben"),
        Changed(room="r", message_id=4, deleted_at=200, deleted_by="ben"),
        Receipt(room="r", reader="ben", ranges=((3, 3),), read_at=300),
    ]
    (gone,) = history.messages
    assert (gone.content, gone.deleted_at, gone.deleted_by) == ("", 200, "ben")
    assert returned(told, 5, told.room.revision, asker="ann")[1] == []
    assert not history.afresh


def test_a_deleted_message_is_told_as_such_without_text_or_counts() -> None:
    told = story(2)
    told.read("bob", (1, 2), at_ms=100)
    told.delete(1, by="bob", at_ms=200)
    gone, other = page(told, "ann", after=0).messages
    assert gone == Message(
        room="r",
        id=1,
        sender="ann",
        content="",
        sent_at=1_000,
        audience=0,
        read_by=0,
        nonce="n1",
        deleted_at=200,
        deleted_by="bob",
    )
    assert (other.audience, other.read_by) == (1, 1)
    assert page(told, "ann", after=0).receipts == (PageReceipt(reader="bob", ranges=((2, 2),), read_at=100),)
    nobody = Info(room="r", message_id=1, read_by=(), missing=(), unshared=(), ref="i")
    assert answers.info(told.room, "ann", 1, "i") == nobody


def test_where_not_all_changes_are_known_the_newest_page_is_taken_afresh() -> None:
    told = story(CHANGES_MAX + 1)
    told.read("bob", (1, 1), at_ms=100)
    revision = told.room.revision
    told.delete(*range(1, CHANGES_MAX + 1))
    history, before = returned(told, CHANGES_MAX + 1, revision, asker="ann")
    assert (len(before), history.messages, history.afresh) == (CHANGES_MAX, (), False)
    told.delete(CHANGES_MAX + 1)
    history, before = returned(told, CHANGES_MAX + 1, revision, asker="ann")
    assert (before, history.afresh, history.more) == ((), True, True)
    assert ids(history) == list(range(CHANGES_MAX + 2 - PAGE_MAX, CHANGES_MAX + 2))
    assert history.revision == told.room.revision
    history, before = returned(told, CHANGES_MAX + 1, revision + 1, asker="ann")
    assert (len(before), history.messages, history.afresh) == (CHANGES_MAX, (), False)


def late(receipts: Iterable[Receipt | PageReceipt]) -> set[tuple[str, int]]:
    return {(each.reader, at) for each in receipts if each.late for at in rangesets.ids(each.ranges)}


# Info, members, summary


def test_info_lists_who_has_read_it_and_who_is_missing() -> None:
    told = Story("ann", "bob", "cid", "dan", "eve")
    told.post("ann")
    told.read("cid", (1, 1), at_ms=300)
    told.read("bob", (1, 1), at_ms=200)
    told.leave("bob")
    told.leave("dan")
    told.enter("fay", "gus")
    told.read("fay", (1, 1), at_ms=100)
    assert answers.info(told.room, "ann", 1, "i") == Info(
        room="r",
        message_id=1,
        read_by=(ReadBy("fay", 100), ReadBy("bob", 200), ReadBy("cid", 300)),
        missing=("eve",),
        unshared=(),
        ref="i",
    )


def test_info_lists_who_has_acknowledged_it_whatever_they_share() -> None:
    told = Story("ann", "bob", "cid")
    told.post("ann")
    told.share("bob", "off")
    told.acknowledge("bob", 1, at_ms=200)
    told.acknowledge("cid", 1, at_ms=100)
    info = answers.info(told.room, "ann", 1, None)
    assert info.acknowledged == (AcknowledgedBy("cid", 100), AcknowledgedBy("bob", 200))
    assert (info.read_by, info.missing, info.unshared) == ((), ("cid",), ("bob",))
    told.edit(1)
    told.acknowledge("cid", 1, 1, at_ms=300)
    info = answers.info(told.room, "ann", 1, None)
    assert info.acknowledged == (AcknowledgedBy("cid", 300),)
    assert info.acknowledged_earlier == (AcknowledgedBy("bob", 200),)
    assert answers.info(told.room, "bob", 1, None).acknowledged == ()


def test_acknowledgements_come_with_a_page_and_to_who_returns() -> None:
    told = story(2)
    told.acknowledge("bob", 2, at_ms=100)
    revision = told.room.revision
    told.edit(1)
    told.acknowledge("bob", 1, 1, at_ms=200)
    first = PageAcknowledgement(message_id=2, reader="bob", acknowledged_at=100)
    second = PageAcknowledgement(message_id=1, reader="bob", acknowledged_at=200, edition=1)
    for asker, expected in (("ann", (first, second)), ("bob", (first, second)), ("cid", ())):
        assert page(told, asker, after=0).acknowledged == expected
    assert page(told, "ann", after=1).acknowledged == (first,)
    assert page(told, "ann", after=2).acknowledged == ()
    missed = Acknowledged(room="r", message_id=1, reader="bob", acknowledged_at=200, edition=1)
    history, before = returned(told, 1, revision, "ann")
    assert (history.acknowledged, before[-1]) == ((first,), missed)
    assert missed in returned(told, 1, revision, "bob")[1]
    assert missed not in returned(told, 1, revision, "cid")[1]
    told.share("ann", "private")
    assert page(told, "ann", after=0).acknowledged == ()


def test_a_page_has_fewer_messages_where_their_acknowledgements_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = story(4)
    for each in range(1, 5):
        told.acknowledge("bob", each)
    monkeypatch.setattr(
        answers.pages, "PAGE_RECEIPTS_BYTES_MAX", 2 * len(msgspec.json.encode(page(told, after=0).acknowledged[0]))
    )
    assert ids(page(told, "ann", after=0)) == [1]


def test_who_does_not_share_is_told_of_nobody() -> None:
    told = Story("ann", "bob", "cid")
    told.post("ann", "ann")
    told.read("cid", (1, 2), at_ms=100)
    told.share("bob", "private")
    told.share("ann", "off")
    nobody = Info(room="r", message_id=1, read_by=(), missing=(), unshared=(), hidden=True, ref="i")
    assert answers.info(told.room, "ann", 1, "i") == answers.info(told.room, "bob", 1, "i") == nobody
    told.share("ann", "public")
    assert answers.info(told.room, "ann", 1, "i") == Info(
        room="r", message_id=1, read_by=(ReadBy("cid", 100),), missing=(), unshared=("bob",), ref="i"
    )
    assert answers.summary(told.room, "bob", ()).sharing == "private"


def test_horizons_are_how_far_the_others_have_read_who_share() -> None:
    told = Story("ann", "bob", "cid", "dan", "eve")
    told.post("ann", "bob", "ann", "dan")
    told.read("cid", (1, 2), at_ms=100)
    told.read("dan", (2, 4), at_ms=200)
    told.read("ann", (1, 4), at_ms=300)
    told.read("eve", (1, 4), at_ms=400)
    told.share("eve", "private")
    horizons = (Horizon("ann", 4, 300), Horizon("cid", 2, 100), Horizon("dan", 3, 200))
    assert answers.horizons(told.room, "bob", "h") == Horizons(room="r", horizons=horizons, ref="h")
    assert answers.horizons(told.room, "ann", None) == Horizons(room="r", horizons=horizons[1:])
    assert answers.horizons(told.room, "eve", "h") == Horizons(room="r", horizons=(), hidden=True, ref="h")
    told.leave("cid")
    told.delete(3)
    assert answers.horizons(told.room, "ann", None).horizons == (Horizon("dan", 2, 200),)


def test_horizons_of_the_fullest_room_fit_into_a_frame() -> None:
    names = ["\U0001d49c" * 61 + f"{number:03x}" for number in range(MEMBERS_MAX)]
    horizons = Horizons(room="r" * 255, horizons=tuple(Horizon(each, ID_MAX, ID_MAX) for each in names))
    assert len(encode(horizons)) < FRAME_BYTES_MAX


@given(DEEDS_AND_MODES, st.sampled_from(PEOPLE))
def test_a_horizon_says_nothing_that_info_does_not(deeds: list[Deed], asker: str) -> None:
    told = story_of(deeds)
    for each in answers.horizons(told.room, asker, None).horizons:
        info = answers.info(told.room, asker, each.message_id, None)
        assert each.reader in {one.reader for one in (*info.read_by, *info.read_earlier)}
        later = range(each.message_id + 1, told.room.last_id + 1)
        assert all((each.reader, one) not in told.model.shown or told.room.is_deleted(one) for one in later)


def test_members_in_the_order_of_their_coming_and_who_is_connected() -> None:
    told = Story("bob", "ann", "cid")
    told.leave("ann")
    assert answers.members(told.room, {"cid", "ann", "zoe"}, "m") == Members(
        room="r", members=("bob", "cid"), online=("cid",), ref="m"
    )


def test_a_summary_counts_what_waits() -> None:
    told = story(3)
    told.post("bob", "ann")
    told.read("bob", (1, 2))
    summary = answers.summary(told.room, "bob", ["bob"])
    assert (summary.name, summary.title) == ("r", "The room")
    assert (summary.last_id, summary.revision) == (5, told.room.revision)
    assert (summary.first_unread, summary.unread) == (3, 2)
    assert (summary.members, summary.online) == (("ann", "bob"), ("bob",))
    told.read("bob", (3, 5))
    assert answers.summary(told.room, "bob", ()).first_unread is None


def test_a_summary_names_the_owner_and_who_is_muted() -> None:
    room = Room("r")
    room.apply(Opened(room="r", title="r", at=1, by="ann"))
    told = Story("ann", "bob", "cid")
    for name in ("cid", "bob"):
        told.apply(Muted(room="r", name=name, by="ann", at=5))
    told.leave("bob")
    assert answers.summary(room, "ann", ()).owner == "ann"
    summary = answers.summary(told.room, "ann", ())
    assert (summary.owner, summary.muted) == ("", ("cid",))


def test_an_edited_message_is_told_with_its_text_and_the_readers_of_that() -> None:
    told = Story("ann", "bob", "cid")
    told.post("ann")
    told.read("bob", (1, 1), at_ms=100)
    told.edit(1, at_ms=200)
    told.reread("cid", (1, 1), at_ms=300)
    changed = Changed(
        room="r",
        message_id=1,
        content="text 1",
        edited_at=200,
        edition=1,
        audience=2,
        read_by=1,
        revision=told.room.revision,
    )
    assert answers.changed(told.room, 1, revision=told.room.revision) == changed
    (message,) = page(told, "bob", after=0).messages
    assert (message.content, message.edition, message.edited_at) == ("text 1", 1, 200)
    assert (message.audience, message.read_by) == (2, 1)
    assert answers.info(told.room, "ann", 1, "i") == Info(
        room="r",
        message_id=1,
        read_by=(ReadBy("cid", 300),),
        missing=(),
        unshared=(),
        read_earlier=(ReadBy("bob", 100),),
        ref="i",
    )


def test_who_comes_back_is_told_texts_and_who_has_read_which() -> None:
    told = story(2)
    revision = told.room.revision
    told.edit(1, at_ms=200)
    told.reread("bob", (1, 1), at_ms=300)
    mine = Changed(
        room="r",
        message_id=1,
        content="text 1",
        edited_at=200,
        edition=1,
        reactions={},
        pinned=False,
    )
    history, before = returned(told, 2, revision, asker="ann")
    assert before == [
        mine,
        Receipt(room="r", reader="bob", ranges=((1, 1),), read_at=300),
        Receipt(room="r", reader="bob", ranges=(), read_at=300, editions=((1, 1),)),
    ]
    history, before = returned(told, 2, revision, asker="bob")
    assert before[0] == msgspec.structs.replace(mine, audience=1, read_by=1)
    told.enter("cid")
    assert returned(told, 2, revision, asker="cid")[1] == [before[0]]
    history = page(told, "ann", after=0)
    assert history.receipts == (
        PageReceipt(reader="bob", ranges=((1, 1),), read_at=300),
        PageReceipt(reader="bob", ranges=(), read_at=300, editions=((1, 1),)),
    )


def test_where_the_changes_are_too_large_the_newest_page_is_taken_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    told = story(3)
    revision = told.room.revision
    told.edit(1)
    size = len(encode(answers.resumed(told.room, "ann", RoomCursor(3, revision))[1][0]))
    for bound, afresh in ((size, False), (size - 1, True)):
        monkeypatch.setattr(answers.returning, "CHANGES_BYTES_MAX", bound)
        history, before = returned(told, 3, revision, asker="ann")
        assert (history.afresh, len(before), ids(history)) == ((True, 0, [1, 2, 3]) if afresh else (False, 1, []))


def test_pins_are_told_with_how_many_have_read_each_the_newest_pin_last() -> None:
    told = story(3)
    told.read("bob", (1, 1))
    told.pin(3)
    told.pin(1)
    pins = answers.pins(told.room, "bob", "p")
    assert (pins.room, pins.more, pins.ref) == ("r", False, "p")
    assert [(each.id, each.audience, each.read_by, each.nonce) for each in pins.messages] == [
        (3, 1, 0, None),
        (1, 1, 1, None),
    ]
    assert answers.summary(told.room, "bob", ()).pins == (3, 1)
    assert answers.pins(story(1).room, "bob", None) == Pins(room="r", messages=())


def test_older_pins_are_left_out_where_all_are_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    told = story(3, content="x" * 98)
    for each in (3, 1, 2):
        told.pin(each)
    monkeypatch.setattr(answers.rooms, "PINS_BYTES_MAX", 299)
    pins = answers.pins(told.room, "ann", None)
    assert ([each.id for each in pins.messages], pins.more) == ([1, 2], True)


def test_reactions_are_told_with_their_revision() -> None:
    told = story(1)
    told.react("bob", 1)
    expected = Changed(room="r", message_id=1, reactions={"+": ("bob",)}, revision=9)
    assert answers.reacted(told.room, 1, revision=9) == expected


def test_reactions_count_in_what_a_page_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    told = story(3, content="x" * 98)
    told.react("bob", 2)
    (reacted,) = page(told, "ann", after=1, limit=1).messages
    assert reacted.reactions == {"+": ("bob",)}
    monkeypatch.setattr(answers.pages, "PAGE_BYTES_MAX", 200)
    monkeypatch.setattr(answers.messages.bounded, "__defaults__", (200,))
    assert ids(page(told, "ann", after=0)) == [1]
    assert ids(page(told, "ann", after=2)) == [3]


def test_editions_come_with_the_last_receipt_or_alone() -> None:
    told = story(3)
    told.edit(1)
    alone = Receipt(room="r", reader="bob", ranges=(), read_at=100, revision=9, editions=((1, 1),))
    assert answers.receipts(told.room, "bob", (), 100, advanced=9, revision=9, editions=((1, 1),)) == [alone]
    told.enter("cid")
    told.post("ann")
    first, last = answers.receipts(told.room, "cid", ((1, 4),), 100, advanced=9, revision=9, editions=((1, 1),))
    assert (first.editions, last.editions) == ((), ((1, 1),))


def test_a_summary_of_a_conversation_of_two_is_called_after_the_other() -> None:
    room = Room("@pair")
    room.apply(Opened(room="@pair", title="@pair", at=1, direct=True))
    for name in ("ann", "bob"):
        room.apply(Entered(room="@pair", name=name, at=1))
    told = [answers.summary(room, name, ()) for name in ("ann", "bob")]
    assert [(each.name, each.title, each.direct) for each in told] == [
        ("@pair", "bob", True),
        ("@pair", "ann", True),
    ]


def test_what_is_required_is_seen_before_and_after_joining() -> None:
    room = Room("r")
    room.apply(Opened(room="r", title="Strict", at=1, receipts_required=True))
    required = {"receipts": "required"}
    assert answers.listing(room, "ann") == RoomListing("r", "Strict", 0, joined=False, policy=required)
    room.apply(Entered(room="r", name="ann", at=1))
    assert answers.listing(room, "ann") == RoomListing("r", "Strict", 1, joined=True, policy=required)
    assert answers.summary(room, "ann", ()).policy == required
    assert answers.summary(Story("ann").room, "ann", ()).policy == {}


def test_a_change_is_told_with_its_revision() -> None:
    told = story(1)
    told.delete(1, by="bob", at_ms=200)
    expected = Changed(room="r", message_id=1, deleted_at=200, deleted_by="bob", revision=told.room.revision)
    assert answers.changed(told.room, 1, revision=told.room.revision) == expected


def test_who_does_not_share_is_told_the_text_and_no_counts() -> None:
    told = Story("ann", "bob")
    told.post("ann")
    deletion = Changed(room="r", message_id=1, deleted_at=5, deleted_by="ann")
    assert answers.uncounted(deletion) == deletion
    told.edit(1)
    changed = answers.changed(told.room, 1, revision=9)
    assert (changed.audience, changed.read_by) == (1, 0)
    assert answers.uncounted(changed) == msgspec.structs.replace(changed, audience=0)
    told.pin(1)
    told.share("bob", "off")
    assert [each.audience for each in answers.pins(told.room, "bob", None).messages] == [0]
    assert [each.audience for each in returned(told, 1, told.room.revision - 1, asker="bob")[0].messages] == [0]
