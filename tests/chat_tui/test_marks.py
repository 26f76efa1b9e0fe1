"""What is pinned, as it is listed while somebody looks, and reactions by what is shown of them."""

from itertools import count

import pytest
from msgspec.structs import replace

from chat_server.protocol import Changed, FetchPins, Message, Pins, React
from chat_tui.model.marks import (
    ASKING,
    MORE,
    NONE,
    OFFLINE,
    TEXT_CHARS_MAX,
    Pinboard,
    PinsView,
    PinView,
    emoji_at,
    toggled,
)
from chat_tui.model.replica import Replica
from tests.chat_tui.frames import ANN, BOB, ME, ROOM, message, page, receipt, summary


def replica_of(*told: Message, pins: tuple[int, ...]) -> Replica:
    replica = Replica(ROOM, ME)
    replica.summarise(replace(summary(9), pins=pins))
    replica.take(page(*told))
    return replica


def board() -> Pinboard:
    refs = count(1)
    return Pinboard(ROOM, lambda kind: f"{kind}-{next(refs)}")


def pins(*messages: Message, more: bool = False) -> Pins:
    return Pins(room=ROOM, messages=messages, more=more, ref="pins-1")


def asked(number: int) -> FetchPins:
    return FetchPins(ref=f"pins-{number}", room=ROOM)


def test_it_is_asked_for_while_somebody_looks_and_there_is_a_connection() -> None:
    pinboard = board()
    assert list(pinboard.doubt()) == []
    assert list(pinboard.look(online=False)) == []
    assert list(pinboard.look(online=True)) == [asked(1)]
    assert list(pinboard.doubt()) == [asked(2)]
    pinboard.close()
    assert list(pinboard.doubt()) == []


def test_what_is_to_be_said_where_nothing_is_listed() -> None:
    pinboard, pinned = board(), replica_of(message(8), pins=(8,))
    assert pinboard.view(replica_of(message(8), pins=()), online=True) == PinsView(notice=NONE)
    assert pinboard.view(pinned, online=True) == PinsView(notice=ASKING)
    assert pinboard.view(pinned, online=False) == PinsView(notice=OFFLINE)
    pinboard.take(pins(message(8)))
    assert pinboard.view(pinned, online=True).notice == ASKING, "nobody looks"


def test_the_newest_pin_is_the_first_and_everything_is_safe_to_show() -> None:
    pinboard, replica = board(), replica_of(message(8), pins=(2, 8))
    list(pinboard.look(online=True))
    far = replace(message(2, "bo\x1bb", audience=3), content="**go**\n\u202e", read_by=1)
    near = replace(message(8, ANN, audience=5), read_by=4)
    pinboard.take(pins(far, near, more=True))
    assert pinboard.view(replica, online=True) == PinsView(
        (
            PinView(8, ANN, 1_008, "text 8", "4 of 5 have read this pin"),
            PinView(2, "bo\\x1bb", 1_002, "go\n\\u202e", "1 of 3 has read this pin"),
        ),
        MORE,
    )


def test_ticks_texts_and_pins_of_what_is_held_are_live() -> None:
    pinboard, replica = board(), replica_of(message(7, ME), message(8), pins=(7, 8))
    list(pinboard.look(online=True))
    pinboard.take(pins(message(7, ME), replace(message(8), read_by=1)))
    replica.note(receipt(BOB, (7, 8)))
    replica.change(Changed(room=ROOM, message_id=8, content="other", edition=1, audience=2))
    texts = [(each.text, each.read) for each in pinboard.view(replica, online=True).pins]
    assert texts == [("other", "1 of 2 has read this pin"), ("text 7", "1 of 2 has read this pin")]
    replica.change(Changed(room=ROOM, message_id=3, pinned=True))
    replica.change(Changed(room=ROOM, message_id=7, pinned=False))
    assert [each.id for each in pinboard.view(replica, online=True).pins] == [8]
    replica.change(Changed(room=ROOM, message_id=8, deleted_at=5, deleted_by=ANN))
    assert pinboard.view(replica, online=True) == PinsView(notice=ASKING), "of 3 nothing is known yet"
    replica.change(Changed(room=ROOM, message_id=3, pinned=False))
    assert pinboard.view(replica, online=True) == PinsView(notice=NONE)


def test_a_long_text_is_listed_in_part() -> None:
    pinboard, replica = board(), replica_of(message(7), pins=(2,))
    list(pinboard.look(online=True))
    pinboard.take(pins(replace(message(2), content="a" * 8_000)))
    assert [each.text for each in pinboard.view(replica, online=True).pins] == ["a" * TEXT_CHARS_MAX]


def test_where_nobody_is_counted_nothing_is_said_of_readers() -> None:
    pinboard, replica = board(), replica_of(message(7, ME, audience=0), pins=(2, 7))
    list(pinboard.look(online=True))
    pinboard.take(pins(message(2, audience=0), message(7, ME, audience=0)))
    assert [each.read for each in pinboard.view(replica, online=True).pins] == ["", ""]


@pytest.mark.parametrize(("emoji", "on"), [("+", False), ("!", True), ("?", True)])
def test_a_reaction_is_put_there_or_taken_away(emoji: str, on: bool) -> None:  # noqa: FBT001
    marked = replace(message(7), reactions={"+": (ANN, ME), "!": (ANN,)})
    assert toggled(marked, ME, emoji) == React(room=ROOM, message_id=7, emoji=emoji, on=on)


def test_what_was_clicked_is_what_was_sent_and_nothing_that_came_in_its_place() -> None:
    marked = replace(message(7), reactions={"\U0001f44d\U0001f3fd": (ANN,), "\U0001f44d": (BOB,)})
    replica = replica_of(marked, pins=())
    (shown,) = replica.messages()
    assert [emoji for emoji, _, _ in shown.reactions] == ["\U0001f44d"] * 2
    assert [emoji_at(marked, shown, number) for number in (0, 1)] == list(marked.reactions)
    assert emoji_at(replace(marked, reactions={"!": (ANN,)}), shown, 0) is None
    assert emoji_at(replace(marked, reactions={}), shown, 1) is None
