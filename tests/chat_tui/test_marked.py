"""How marked text is drawn: cells, styles and links, in colour, in ASCII and without colours."""

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style

from chat_tui.model.view import ConversationView, ReplyView
from chat_tui.widgets.conversation import Conversation
from tests.chat_tui.conversations import message
from tests.chat_tui.test_conversation import staged


def view(text: str) -> ConversationView:
    return ConversationView("r", (replace(message(1, sender="Ann"), text=text),))


def texts(conversation: Conversation) -> list[str]:
    """What is drawn, without the empty rows above."""
    lines = [conversation.render_line(y).text.rstrip() for y in range(conversation.size.height)]
    return lines[next(y for y, line in enumerate(lines) if line) :]


def style_of(conversation: Conversation, text: str) -> Style:
    """The style of the one segment that holds this text."""
    segments = [each for y in range(conversation.size.height) for each in conversation.render_line(y)]
    (segment,) = [each for each in segments if text in each.text]
    return segment.style or Style()


async def test_marks_are_drawn_as_styles() -> None:
    text = "plain **bold** _slant_ ~~struck~~ `code` https://x.org @Bob @me @ME [title](https://y.org)"
    async with staged(view(text), (120, 24)) as (_, conversation, pilot):
        conversation.me = "Me"
        await pilot.pause()
        assert (
            texts(conversation)[-1][10:] == "plain bold slant struck code https://x.org @Bob @me @ME title (y.org)"
        )
        plain, bold, code, link, titled, host, bob, me, also_me = (
            style_of(conversation, each)
            for each in ("plain", "bold", "code", "x.org", "title", "y.org", "@Bob", "@me", "@ME")
        )
        assert style_of(conversation, "slant").italic
        assert style_of(conversation, "struck").strike
        assert (bold.bold, bold.color, bold.bgcolor) == (True, plain.color, plain.bgcolor)
        assert code.bgcolor != plain.bgcolor
        assert (link.link, link.underline, titled.link, host.link) == (
            "https://x.org",
            True,
            "https://y.org",
            None,
        )
        assert (bob.bold, me.bold, also_me.bold) == (None, True, True)
        assert bob.color != plain.color
        assert me.bgcolor != plain.bgcolor


async def test_a_link_of_several_rows_is_one_link_with_clean_sequences() -> None:
    async with staged(view("https://x.org/é" + "a" * 60), (40, 15)) as (_, conversation, _pilot):
        drawn = "".join(
            conversation.render_line(y).render(Console(color_system="truecolor"))
            for y in range(conversation.size.height)
        )
    opened = re.findall("\x1b]8;id=(\\d+);([^\x1b]+)\x1b\\\\", drawn)
    assert len(opened) > 1
    assert len(set(opened)) == 1
    assert opened[0][1] == "https://x.org/%C3%A9" + "a" * 60
    assert drawn.count("\x1b]8;;\x1b\\") == len(opened)


@pytest.mark.parametrize(("ascii_only", "quote", "code"), [(False, "▎ ", "  "), (True, "| ", "| ")])
async def test_quotes_and_code(ascii_only: bool, quote: str, code: str) -> None:  # noqa: FBT001
    text = "> said\n```py\ndef  go():\n    x = 42\n```"
    async with staged(view(text), (80, 24), ascii_only=ascii_only) as (_, conversation, _pilot):
        assert [line[10:] for line in texts(conversation)[2:]] == [
            f"{quote}said",
            f"{code}def  go():",
            f"{code}    x = 42",
        ]
        keyword, number = style_of(conversation, "def"), style_of(conversation, "42")
        assert keyword.bold
        assert keyword.color != number.color
        # The block is a panel as wide as the text is.
        row = conversation.render_line(conversation.size.height - 1)
        panel = sum(len(each.text) for each in row if each.style and each.style.bgcolor == number.bgcolor)
        assert panel == conversation.viewport.rows.columns.text


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light"])
async def test_everything_is_told_apart_from_its_background(theme: str) -> None:
    text = "`code` @me @you https://x.org [t](https://y.org)\n> quoted\n```py\ndef go(): # say\n  'x', 1\n```"
    async with staged(view(text), (120, 24)) as (app, conversation, pilot):
        app.theme = theme
        conversation.me = "me"
        conversation.focus()
        await pilot.pause()
        for y in range(conversation.size.height):
            for each in conversation.render_line(y):
                if each.text.strip() and each.style is not None and each.style.bgcolor is not None:
                    by_default = each.style.bgcolor.is_default
                    assert by_default or each.style.color != each.style.bgcolor, each.text


async def test_the_cursor_leaves_panels_as_they_are() -> None:
    async with staged(view("plain\n```\ncode\n```"), (80, 24)) as (_, conversation, pilot):
        before, plain = style_of(conversation, "code"), style_of(conversation, "plain")
        conversation.focus()
        await pilot.pause()
        assert style_of(conversation, "code").bgcolor == before.bgcolor
        assert style_of(conversation, "plain").bgcolor != plain.bgcolor


async def test_hostile_text_stays_text() -> None:
    text = "**\x1b[2J** [x\x1b]0;t\x07](https://x.org/\x1b) `\x9b2J` @\u202eann"
    async with staged(view(text), (120, 24)) as (_, conversation, _pilot):
        drawn = "".join(
            conversation.render_line(y).render(Console(color_system="truecolor"))
            for y in range(conversation.size.height)
        )
    rest = re.sub("\x1b\\[[\\d;]*m|\x1b]8;[^\x1b\x07]*\x1b\\\\", "", drawn)
    assert rest.isprintable()


ANSWER = replace(
    message(7, sender="Grace"),
    text="yes **indeed**",
    reply=ReplyView("Ann", "is it done? I would like to begin with the next one as soon as it is", 1),
    edited=True,
    pinned=True,
    reactions=(("\U0001f44d", 3, True), ("\U0001f389", 1, False)),
)


MARKS = ("\U0001f44d 3", "\U0001f389 1", "(edited)", "pinned")


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("width", [40, 80, 120])
async def test_what_stands_around_the_body(width: int, ascii_only: bool, theme: str) -> None:  # noqa: FBT001
    hook, more = (",- ", "~") if ascii_only else ("╭ ", "…")
    async with staged(ConversationView("r", (message(1), ANSWER)), (width, 24), ascii_only=ascii_only) as (
        app,
        conversation,
        pilot,
    ):
        app.theme = theme
        await pilot.pause()
        header, reply, body, reactions = texts(conversation)[-4:]
        indent = conversation.viewport.rows.columns.gutter + 2
        assert header.split() == (["Grace", "12:07", "pinned"] if width < 60 else ["12:07", "Grace", "pinned"])
        assert reply[indent:].startswith(f"{hook}Ann: is it done?")
        assert reply.endswith(more) == (width < 120)
        assert cell_len(reply) <= width - 2
        assert body[indent:] == "yes indeed (edited)"
        shown = (":thumbsup: 3", ":tada: 1") if ascii_only else MARKS[:2]
        assert reactions[indent:] == "  ".join(shown)
        mine, others, edited, pinned = (style_of(conversation, each) for each in (*shown, *MARKS[2:]))
        assert (mine.bold, others.bold) == (True, None)
        assert len({mine.color, others.color, style_of(conversation, "indeed").color}) == 3
        assert edited.color == others.color
        assert pinned.color == mine.color
        # All of it is the message: its last row makes it read, and the cursor is on all of it.
        assert conversation.frame[-1].row.is_last
        conversation.focus()
        await pilot.pause()
        assert [cell.is_current for cell in conversation.frame[-4:]] == [False, True, True, True]


async def test_a_message_is_seen_once_its_reactions_are() -> None:
    view = ConversationView("r", (ANSWER, *(message(number) for number in range(8, 60))))
    async with staged(view) as (app, conversation, pilot):
        end = conversation.viewport.rows.ends[0]
        for last, is_seen in ((end - 1, False), (end, True)):
            await pilot.resize_terminal(80, last + 1)  # one row is the input's
            conversation.action_home()
            await pilot.pause()
            await pilot.pause()
            assert (7 in app.told) is is_seen


async def test_a_long_name_leaves_room_for_the_mark() -> None:
    long = replace(ANSWER, sender="G" * 100)
    async with staged(ConversationView("r", (long,)), (40, 24)) as (_, conversation, _pilot):
        assert texts(conversation)[1].endswith("…  12:07  pinned")
