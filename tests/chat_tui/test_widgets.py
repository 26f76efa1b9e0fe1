"""The composer, the status bar and the keys of the conversation, each alone on a screen."""

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult
from textual.events import Paste
from textual.widget import Widget

from chat_server.protocol import CONTENT_CHARS_MAX
from chat_server.protocol.requests import Mode
from chat_tui.keys import TABLE, Where, for_place
from chat_tui.model.attention import ReceiptState
from chat_tui.model.view import ConversationView, Link, ReplyView, Status
from chat_tui.text.commands import Command, Verb
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.layout import RowKind
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.status import StatusBar, StatusLine
from tests.chat_tui.conversations import message, queued, view_of

ONLINE = Status(
    link=Link.ONLINE,
    reason="",
    retry_at_ms=None,
    name="John",
    room="general",
    members=5,
    online=3,
    queued=0,
    label="#general",
)
REASON = "nothing listens at 127.0.0.1:8080"


class Stage(App[None]):
    """One widget and what it said."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget
        self.said: list[object] = []

    def compose(self) -> ComposeResult:
        yield self._widget

    def on_composer_sent(self, event: Composer.Sent) -> None:
        self.said.append(event.text)

    def on_composer_left(self) -> None:
        self.said.append("left")

    def on_conversation_info_asked(self, event: Messages.InfoAsked) -> None:
        self.said.append(("info", event.message_id))

    def on_composer_commanded(self, event: Composer.Commanded) -> None:
        self.said.append(event.command)

    def on_messages_delete_asked(self, event: Messages.DeleteAsked) -> None:
        self.said.append(("delete", event.message.id))

    def on_conversation_parent_asked(self, event: Messages.ParentAsked) -> None:
        self.said.append(("parent", event.room, event.message_id))

    def on_messages_stop_asked(self) -> None:
        self.said.append("stop")

    def on_messages_oldest_asked(self) -> None:
        self.said.append("oldest")


# The composer


@pytest.mark.parametrize(
    ("keys", "sent", "left"),
    [
        ("h i enter", ["hi"], ""),
        ("a enter b enter", ["a", "b"], ""),
        ("a ctrl+j b enter", ["a\nb"], ""),
        ("a shift+enter b enter", ["a\nb"], ""),
        ("space space a space space enter", ["  a"], ""),
        ("ctrl+j a ctrl+j enter", ["a"], ""),
        ("enter", [], ""),
        ("space ctrl+j space enter", [], " \n "),
        ("a tab", ["left"], "a"),
        ("a escape", ["left"], "a"),
    ],
)
async def test_keys_of_the_composer(keys: str, sent: list[str], left: str) -> None:
    composer = Composer("", "deploys")
    app = Stage(composer)
    async with app.run_test() as pilot:
        composer.focus()
        await pilot.press(*keys.split())
        assert app.said == sent
        assert composer.text == left


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        ("ctrl+r", "b c"),
        ("ctrl+r ctrl+r", "/ban bob"),
        ("ctrl+r ctrl+r ctrl+r", "//a"),
        ("ctrl+r ctrl+r ctrl+r ctrl+r ctrl+r", "//a"),
        ("x ctrl+r", "x"),
        ("B ctrl+r ctrl+r ctrl+s", "b c"),
        ("B ctrl+r ctrl+r ctrl+s ctrl+s", "B"),
        ("ctrl+s", ""),
        ("ctrl+r d ctrl+r", "b cd"),
        ("B ctrl+r ctrl+z", "B"),
        ("B ctrl+r d", "b cd"),
    ],
)
async def test_what_was_sent_can_be_written_again(keys: str, left: str) -> None:
    composer = Composer("", "Write")
    app = Stage(composer)
    async with app.run_test() as pilot:
        composer.focus()
        for text in ("//a", "/ban bob", "b c"):
            composer.text = text
            await pilot.press("enter")
        await pilot.press(*keys.split())
        assert composer.text == left
        assert app.said == ["/a", Command(Verb.BAN, "bob"), "b c"]


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("one\ntwo", "one\ntwo"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\x1b[31mb\x9b", "a\\x1b[31mb\\x9b"),
        ("[bold]", "[bold]"),
        ("\t.", "    ."),
    ],
)
async def test_a_paste_is_text(pasted: str, text: str) -> None:
    composer = Composer("", "deploys")
    app = Stage(composer)
    async with app.run_test() as pilot:
        composer.focus()
        await pilot.press("x")
        app.post_message(Paste(pasted))
        await pilot.pause()
        assert composer.text == f"x{text}"
        assert app.said == []


async def test_too_long_a_message_stays_and_says_so() -> None:
    composer = Composer("", "deploys")
    app = Stage(composer)
    async with app.run_test(notifications=True) as pilot:
        composer.focus()
        composer.text = "x" * (CONTENT_CHARS_MAX + 1)
        await pilot.press("enter")
        assert app.said == []
        (toast,) = app._notifications
        assert toast.message == "The message has 8,001 characters; at most 8,000 can be sent at a time."
        composer.text = "x" * CONTENT_CHARS_MAX
        await pilot.press("enter")
        assert app.said == ["x" * CONTENT_CHARS_MAX]


def length_said(composer: Composer) -> str:
    return str(composer.border_subtitle or "")


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (7_499, ""),
        (7_500, "7,500 of 8,000 characters"),
        (8_000, "8,000 of 8,000 characters"),
        (8_001, "8,001 of 8,000: shorten by 1"),
        (9_120, "9,120 of 8,000: shorten by 1,120"),
    ],
)
async def test_the_length_is_said_where_it_matters(length: int, said: str) -> None:
    composer = Composer("x" * length, "Write")
    app = Stage(composer)
    async with app.run_test() as pilot:
        assert length_said(composer) == said
        composer.focus()
        composer.text = ""
        await pilot.pause()
        assert length_said(composer) == ""
        app.post_message(Paste("x" * length))
        await pilot.pause()
        assert length_said(composer) == said


async def test_a_command_is_none_until_it_is_right() -> None:
    composer = Composer("", "deploys")
    app = Stage(composer)
    async with app.run_test(notifications=True) as pilot:
        composer.focus()
        composer.text = "/kick"
        await pilot.press("enter")
        assert (app.said, composer.text) == ([], "/kick")
        (toast,) = app._notifications
        assert toast.message.startswith("Write one name after it: /kick NAME.")
        composer.text = "/kick bob"
        await pilot.press("enter")
        assert (app.said, composer.text) == ([Command(Verb.KICK, "bob")], "")
        composer.text = "//kick bob"
        await pilot.press("enter")
        assert app.said[1:] == ["/kick bob"]


async def test_where_nothing_can_be_sent_it_stays_and_commands_go() -> None:
    composer = Composer("", "deploys")
    app = Stage(composer)
    async with app.run_test(notifications=True) as pilot:
        composer.focus()
        composer.set_closed("You are [muted].")
        assert composer.placeholder == "You are [muted]."
        await pilot.press("enter", "h", "i", "enter")
        assert (app.said, composer.text) == ([], "hi")
        assert [each.message for each in app._notifications] == ["You are [muted]."]
        composer.text = "/unmute bob"
        await pilot.press("enter")
        assert app.said == [Command(Verb.UNMUTE, "bob")]
        composer.set_closed("")
        composer.set_closed("")
        assert composer.placeholder == "Write to #deploys"
        await pilot.press("h", "i", "enter")
        assert app.said[1:] == ["hi"]


def test_no_key_of_the_composer_is_taken_before_those_typed_earlier() -> None:
    """A priority binding overtakes keys that the text area has not handled yet."""
    assert not any(binding.priority for binding in Composer.BINDINGS)  # type: ignore[union-attr]


# The status bar


async def rows_of(line: StatusLine | None, width: int, *, ascii_only: bool = False) -> list[str]:
    bar = StatusBar(ascii_only=ascii_only)
    bar.styles.height = "auto"
    app = Stage(bar)
    async with app.run_test(size=(width, 10)) as pilot:
        bar.line = line
        await pilot.pause()
        rows = bar.render().plain.split("\n")
        assert bar.size.height == len(rows)
        assert all(len(row) <= width for row in rows)
        return rows


def line(
    status: Status = ONLINE, receipts: ReceiptState = ReceiptState.LIVE, *, held: int = 0, bell: bool = True
) -> StatusLine:
    return StatusLine(status, receipts, held, now_ms=10_000, bell=bell)


@pytest.mark.parametrize(
    ("width", "left"),
    [
        (120, " ● connected  #general  3 of 5 online"),
        (80, " ● connected  #general  3 of 5 online"),
        (52, " ● #general  3 of 5 online"),
        (40, " ● #general 3/5"),
    ],
)
async def test_online(width: int, left: str) -> None:
    (row,) = await rows_of(line(), width)
    assert row == f"{left}{'receipts: live ':>{width - len(left)}}"


@pytest.mark.parametrize(
    ("width", "pins", "ascii_only", "left"),
    [
        (80, 3, False, " ● connected  #general  3 of 5 online  📌 3 "),
        (40, 3, False, " ● #general 3/5  📌 3 "),
        (80, 3, True, " * connected  #general  3 of 5 online  3 pins "),
        (80, 1, True, " * connected  #general  3 of 5 online  1 pin "),
        (40, 12, True, " * #general 3/5    "),
        (30, 3, False, " ● #general "),
    ],
)
async def test_how_much_is_pinned(width: int, pins: int, ascii_only: bool, left: str) -> None:  # noqa: FBT001
    (row,) = await rows_of(line(replace(ONLINE, pins=pins)), width, ascii_only=ascii_only)
    assert row.startswith(left)


@pytest.mark.parametrize("state", ReceiptState)
@pytest.mark.parametrize("width", [30, 40, 80, 120])
async def test_what_is_believed_is_always_said(state: ReceiptState, width: int) -> None:
    offline = replace(ONLINE, link=Link.WAITING, reason=REASON, retry_at_ms=14_200, queued=3)
    for status in (ONLINE, offline, replace(ONLINE, room="a-room-with-a-long-name-for-a-room", queued=12)):
        rows = await rows_of(line(status, state, held=7), width)
        assert rows[0].endswith(f" {state.value} (7) ")


@pytest.mark.parametrize("width", [30, 40, 80, 120])
@pytest.mark.parametrize(
    ("mode", "state", "held", "said"),
    [
        ("private", ReceiptState.LIVE, 0, "receipts: private"),
        ("private", ReceiptState.AWAY, 0, f"{ReceiptState.AWAY.value}, private"),
        ("private", ReceiptState.HELD, 3, "held: you (3), private"),
        ("off", ReceiptState.LIVE, 0, "receipts: off"),
        ("off", ReceiptState.AWAY, 0, "receipts: off"),
        ("off", ReceiptState.HELD, 3, "held: you (3), off"),
    ],
)
async def test_who_does_not_share_is_told_so(
    mode: Mode, state: ReceiptState, held: int, said: str, width: int
) -> None:
    status = replace(ONLINE, sharing=mode)
    assert (await rows_of(line(status, state, held=held), width))[0].endswith(f" {said} ")


async def test_offline_says_why_and_when_it_is_tried_again() -> None:
    offline = replace(ONLINE, link=Link.WAITING, reason=REASON, retry_at_ms=14_200, queued=2)
    assert await rows_of(line(offline), 80) == [
        f" ○ offline  #general  2 waiting{'receipts: live ':>49}",
        "   Nothing listens at 127.0.0.1:8080; trying again in 4 s.",
    ]
    assert await rows_of(line(offline), 40) == [
        " ○ offline  2 waiting    receipts: live ",
        "   Nothing listens at 127.0.0.1:8080;",
        "   trying again in 4 s.",
    ]
    dialling = replace(offline, link=Link.CONNECTING, retry_at_ms=None)
    assert (await rows_of(line(dialling), 80))[1].endswith("; trying again now.")
    stopped = replace(offline, link=Link.STOPPED, reason="The name John is in use.", retry_at_ms=None)
    assert (await rows_of(line(stopped), 80))[1] == "   The name John is in use."


async def test_online_says_why_messages_wait() -> None:
    full = replace(ONLINE, reason="the server's disk is full; 2 messages wait", retry_at_ms=12_000, queued=2)
    assert (await rows_of(line(full), 80))[1] == (
        "   The server's disk is full; 2 messages wait; trying again in 2 s."
    )


@pytest.mark.parametrize(
    ("width", "left"),
    [
        (120, " ● connected  #general +4  Ships at ten  3 of 5 online"),
        (70, " ● #general +4  Ships at ten  3 of 5 online"),
        (52, " ● #general +4  3 of 5 online"),
        (40, " ● #general +4 3/5"),
    ],
)
async def test_a_title_is_said_where_there_is_room(width: int, left: str) -> None:
    (row,) = await rows_of(replace(line(replace(ONLINE, title="Ships at ten")), elsewhere=4), width)
    assert row == f"{left}{'receipts: live ':>{width - len(left)}}"
    (row,) = await rows_of(line(replace(ONLINE, title="x" * 200)), 120)
    assert f"#general  {'x' * 47}…  3 of 5 online" in row


async def test_of_a_conversation_of_two_it_says_whether_the_other_is_there() -> None:
    pair = replace(ONLINE, label="@ann", members=2, online=1, direct=True)
    assert (await rows_of(line(pair), 80))[0].startswith(" ● connected  @ann  not online  ")
    assert (await rows_of(line(replace(pair, online=2)), 40))[0].startswith(" ● @ann  online  ")


async def test_what_else_it_says() -> None:
    assert "bell off" in (await rows_of(line(bell=False), 80))[0]
    assert await rows_of(None, 80) == [""]
    assert (await rows_of(line(replace(ONLINE, link=Link.CONNECTING)), 80))[0].startswith(
        " ○ connecting  #general"
    )
    assert (await rows_of(line(), 80, ascii_only=True))[0].isascii()
    hostile = replace(ONLINE, label="#[bold]", link=Link.WAITING, reason="\x1b]0;x\x07[/x]", retry_at_ms=11_000)
    first, second = await rows_of(line(hostile), 80)
    assert "#[bold]" in first
    assert second == "   \\x1b]0;x\\x07[/x]; trying again in 1 s."


@pytest.mark.parametrize(
    ("width", "writers", "left"),
    [
        (120, ("Ann",), " ● connected  #general  3 of 5 online  Ann is writing…"),
        (80, ("Ann", "Bob"), " ● connected  #general  3 of 5 online  Ann and Bob are writing…"),
        (70, ("Ann", "Bob"), " ● connected  #general  Ann and Bob are writing…"),
        (80, ("Ann", "Bob", "Cid"), " ● connected  #general  3 of 5 online  3 people are writing…"),
        (80, ("A" * 32, "B" * 32), " ● connected  #general  2 people are writing…"),
        (60, ("Ann",), " ● connected  #general  Ann is writing…"),
        (52, ("Ann",), " ● #general  Ann is writing…"),
        (40, ("Ann",), " ● #general  writing…"),
        (34, ("Ann",), " ● #general 3/5"),
    ],
)
async def test_who_is_writing_takes_room_that_is_there(width: int, writers: tuple[str, ...], left: str) -> None:
    (row,) = await rows_of(line(replace(ONLINE, writers=writers)), width)
    assert row == f"{left}{'receipts: live ':>{width - len(left)}}"


async def test_nobody_writes_while_there_is_no_connection() -> None:
    offline = replace(ONLINE, link=Link.CONNECTING, writers=("Ann",))
    assert "writing" not in (await rows_of(line(offline), 120))[0]
    assert (await rows_of(line(replace(ONLINE, writers=("Ann",))), 80, ascii_only=True))[0].isascii()


# The keys of the conversation


async def test_keys_act_on_the_message_under_the_cursor() -> None:
    messages = Messages()
    app = Stage(messages)
    async with app.run_test(notifications=True) as pilot:
        messages.show(view_of(1, 9))
        messages.focus()
        await pilot.press("k", "i", "t")
        assert app.said == [("info", 8)]

        (toast,) = app._notifications
        assert toast.message == "Only a message that was refused (!) can be retried or discarded."
        app.said.clear()
        await pilot.press("g")
        assert app.said == ["oldest"]
        await pilot.press("tab")
        assert app.focused is None
        assert messages.current == message(1, words=7)


async def test_the_message_that_one_answers_is_asked_for_by_key_and_by_a_click_on_what_is_quoted() -> None:
    messages = Messages()
    app = Stage(messages)
    async with app.run_test(notifications=True) as pilot:
        messages.show(
            ConversationView(
                "tea", (message(1), replace(message(2), reply=ReplyView("ann", "Shall we?", 1)), message(3))
            )
        )
        messages.focus()
        await pilot.press("b")
        assert [each.message for each in app._notifications] == ["This message answers no other."]
        await pilot.press("k", "b")
        quoted = next(y for y, cell in enumerate(messages.frame) if cell.row.kind is RowKind.REPLY)
        await pilot.click(Messages, offset=(20, quoted + 1))
        assert app.said == [("parent", "tea", 1)]
        await pilot.click(Messages, offset=(20, quoted))
        assert app.said == 2 * [("parent", "tea", 1)]


async def test_while_something_is_looked_for_escape_and_going_elsewhere_stop_it() -> None:
    messages = Messages()
    app = Stage(messages)
    async with app.run_test() as pilot:
        messages.show(replace(view_of(1, 9), sought="Looking for 12 March"))
        messages.focus()
        await pilot.press("escape", "G", "g")
        assert app.said == ["stop", "stop", "stop", "oldest"]
        assert messages.has_focus


async def test_what_is_deleted_or_queued_is_neither_inspected_nor_deleted() -> None:
    messages = Messages()
    app = Stage(messages)
    async with app.run_test(notifications=True) as pilot:
        messages.focus()
        await pilot.press("d", "i")
        assert app.said == []
        gone = replace(message(2), text="message removed by ann", removed=True)
        messages.show(ConversationView("room", (message(1), gone, queued(3, "nonce"))))
        await pilot.press("G", "d", "i", "k", "d", "i", "k", "d", "i")
        assert app.said == [("delete", 1), ("info", 1)]
        told = [each.message for each in app._notifications]
        late, removed = "This message has not reached the server yet.", "This message was removed."
        assert told == [late, late, removed, removed]


# Bindings


@pytest.mark.parametrize("where", Where)
def test_bindings_are_the_table(where: Where) -> None:
    made = bindings(where)
    assert [(each.key, each.action) for each in made] == [  # type: ignore[union-attr]
        (",".join(key.keys), key.action) for key in for_place(where)
    ]
    assert not any(each.priority for each in made)  # type: ignore[union-attr]
    (one,) = bindings(Where.ANYWHERE, only={"help"}, priority=True)
    assert (one.key_display, one.priority) == ("F1", True)  # type: ignore[union-attr]
    assert {key.where for key in TABLE} == set(Where)
