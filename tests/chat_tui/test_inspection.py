"""The info pane's content: what the server said of this message and of no other, made safe to show."""

from chat_server.protocol import AcknowledgedBy, Info, ReadBy
from chat_tui.model.inspection import InfoView, inspect
from tests.chat_tui.conversations import message

MINE = message(7, own=True)


def info(message_id: int) -> Info:
    return Info(
        room="general",
        message_id=message_id,
        read_by=(ReadBy("Ada", 1_000), ReadBy("Gr\x1bace", 2_000)),
        missing=("Eds\u202eger",),
        unshared=("[b]Alan",),
        acknowledged=(AcknowledgedBy("B\x1bob", 3_000),),
        acknowledged_earlier=(AcknowledgedBy("C\x1bid", 4_000),),
        read_earlier=(ReadBy("Bar\x1bbara", 3_000),),
    )


def test_nothing_heard_yet() -> None:
    assert inspect(MINE, None) == InfoView(MINE, loading=True)


def test_what_was_said_of_another_message_is_not_of_this_one() -> None:
    assert inspect(MINE, info(6)) == InfoView(MINE, loading=True)


def test_names_are_safe_to_show() -> None:
    assert inspect(MINE, info(7)) == InfoView(
        MINE,
        loading=False,
        read_by=(("Ada", 1_000), ("Gr\\x1bace", 2_000)),
        missing=("Eds\\u202eger",),
        unshared=("[b]Alan",),
        acknowledged=(("B\\x1bob", 3_000),),
        acknowledged_earlier=(("C\\x1bid", 4_000),),
        read_earlier=(("Bar\\x1bbara", 3_000),),
    )


def test_the_audience_is_who_says_what_they_read() -> None:
    assert inspect(MINE, info(7)).audience == 4


def test_whoever_does_not_share_is_told_that_nothing_is_shown() -> None:
    told = Info(room="general", message_id=7, read_by=(), missing=(), unshared=(), hidden=True)
    assert inspect(MINE, told) == InfoView(MINE, loading=False, hidden=True)
